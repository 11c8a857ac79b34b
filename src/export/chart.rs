//! A chart as a figure: SVG by a few lines of our own, PNG rendered from it, and its numbers as CSV.

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use image::{Rgb, RgbImage};
use resvg::{tiny_skia::Pixmap, usvg};

use super::{ExportError, palette::on_light};

/// Width and height of a figure in points: a column of a paper.
const SIZE: [f64; 2] = [480.0, 320.0];
/// Room for the numbers and the name beside the vertical axis, in points.
const LEFT: f64 = 56.0;
/// Room at the right of the horizontal axis, for half of its last number, in points.
const RIGHT: f64 = 20.0;
/// Room for the title, in points.
const TOP: f64 = 30.0;
/// Room for the numbers and the name below the horizontal axis, in points.
const BOTTOM: f64 = 44.0;
/// Height of a row of the legend, in points.
const LEGEND_ROW: f64 = 16.0;
/// Width of a letter in the legend, in points: the widest one on average, as a figure does not know its font.
const LETTER: f64 = 6.0;
/// Length of the line before a name in the legend, in points.
const LEGEND_LINE: f64 = 16.0;
/// About how many numbers an axis has.
const TICKS: f64 = 5.0;
/// More numbers than this are never written, whatever the axis.
const MOST_TICKS: usize = 50;
/// Pixels of a PNG picture a point: sharp in print at a column's width.
const PNG_SCALE: f32 = 3.0;
/// Radius of a dot, in points.
const DOT: f64 = 2.5;

/// A chart, with everything a figure of it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What is written above it.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The lines, the lowest first.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub title: String,
    /// Where it begins and ends; one without a length shows nothing.
    pub range: [f64; 2],
    /// How its numbers are spread and written.
    pub scale: Scale,
}

/// A kind of file that a chart can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Lines.
    Svg,
    /// Numbers.
    Csv,
}

impl Format {
    /// Every format, in the order to offer them.
    pub const ALL: [Self; 3] = [Self::Png, Self::Svg, Self::Csv];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Svg => "SVG",
            Self::Csv => "CSV",
        }
    }

    /// The ending of its files' names.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Csv => "csv",
        }
    }
}

/// How the numbers of an axis are spread and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly, as they are.
    Linear,
    /// Evenly, 1 as 100 %.
    Percent,
    /// By their logarithm; numbers that are not above 0 are left out.
    Logarithmic,
}

/// A line or a row of dots.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend and above its column.
    pub name: String,
    /// Red, green, blue.
    pub color: [u8; 3],
    /// How it is drawn.
    pub mark: Mark,
    /// `x` and `y` of its points, in order.
    pub points: Vec<[f64; 2]>,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A line through its points.
    Line,
    /// A broken line through its points.
    Dashes,
    /// A dot at each point.
    Dots,
}

impl Scale {
    /// Where on the axis a number is, before the axis is stretched to its length; nowhere if it cannot be shown.
    fn place(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear | Self::Percent => value.is_finite().then_some(value),
            Self::Logarithmic => (value > 0.0 && value.is_finite()).then(|| value.log10()),
        }
    }
}

impl Axis {
    /// An axis from `low` to `high`.
    pub fn new(title: impl Into<String>, low: f64, high: f64, scale: Scale) -> Self {
        Self { title: title.into(), range: [low, high], scale }
    }

    /// Where on the axis a number is, from 0 at its beginning to 1 at its end.
    fn share(&self, value: f64) -> Option<f64> {
        let [low, high] = self.range.map(|end| self.scale.place(end));
        let share = (self.scale.place(value)? - low?) / (high? - low?);
        share.is_finite().then_some(share)
    }

    /// The round numbers on it, with what is written at each.
    fn ticks(&self) -> Vec<(f64, String)> {
        let [Some(low), Some(high)] = self.range.map(|end| self.scale.place(end)) else { return Vec::new() };
        let step = round_step(high - low, TICKS);
        let step = if self.scale == Scale::Logarithmic { step.max(1.0) } else { step };
        let value = |place: f64| match self.scale {
            Scale::Linear => (place, written(place, step)),
            Scale::Percent => (place, format!("{} %", written(place * 100.0, step * 100.0))),
            Scale::Logarithmic => (10_f64.powf(place), format!("1e{place:.0}")),
        };
        multiples(low, high, step).into_iter().map(value).collect()
    }
}

/// A round number that goes into `length` about `parts` times: 1, 2 or 5, times a power of ten.
pub fn round_step(length: f64, parts: f64) -> f64 {
    let rough = (length / parts).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| round * power >= rough * 0.999);
    round.unwrap_or(10.0) * power
}

/// The multiples of `step` from `low` to `high`, at most some 50 of them.
pub fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    // A thousandth of a step is rounding.
    let (first, last) = ((low / step - 1e-3).ceil(), high / step + 1e-3);
    (0..MOST_TICKS).map(|number| first + number as f64).take_while(|number| *number <= last).map(|n| n * step).collect()
}

/// A number with the decimals that `step` has.
fn written(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    // No minus before a zero.
    format!("{:.decimals$}", if value.abs() < step * 1e-3 { 0.0 } else { value })
}

impl Chart {
    /// The chart as an SVG picture of its own; it can also stand within a larger one.
    pub fn svg(&self) -> String {
        let legend = self.legend();
        let rows = legend.last().map_or(0.0, |(_, row, _)| row + 1.0);
        let [width, height] = SIZE;
        let (left, right, top, bottom) = (LEFT, width - RIGHT, TOP + rows * LEGEND_ROW, height - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Ubuntu, Helvetica, Arial, sans-serif\" font-size=\"11\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        );
        let x_of = |value| self.x.share(value).map(|share| left + share * (right - left));
        let y_of = |value| self.y.share(value).map(|share| bottom - share * (bottom - top));
        let mut line = |text: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            let _ = svg.write_fmt(text);
            svg.push('\n');
        };
        line(format_args!("<text x=\"{left}\" y=\"20\" font-size=\"14\">{}</text>", escaped(&self.title)));
        for (series, row, x) in &legend {
            let (x, y) = (left + x, TOP + row * LEGEND_ROW + 4.0);
            let (middle, color) = (x + LEGEND_LINE / 2.0, hex(on_light(series.color)));
            match series.mark {
                Mark::Dots => line(format_args!("<circle cx=\"{middle}\" cy=\"{y}\" r=\"{DOT}\" fill=\"{color}\"/>")),
                Mark::Line | Mark::Dashes => line(format_args!(
                    "<line x1=\"{x}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" {}/>",
                    x + LEGEND_LINE,
                    stroke(series)
                )),
            }
            let x = x + LEGEND_LINE + 5.0;
            line(format_args!("<text x=\"{x}\" y=\"{}\">{}</text>", y + 4.0, escaped(&series.name)));
        }
        for (value, text) in self.x.ticks() {
            let Some(x) = x_of(value) else { continue };
            line(format_args!("<line x1=\"{x:.2}\" x2=\"{x:.2}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#e4e4e4\"/>"));
            let y = bottom + 15.0;
            line(format_args!("<text x=\"{x:.2}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#444444\">{text}</text>"));
        }
        for (value, text) in self.y.ticks() {
            let Some(y) = y_of(value) else { continue };
            line(format_args!("<line x1=\"{left}\" x2=\"{right}\" y1=\"{y:.2}\" y2=\"{y:.2}\" stroke=\"#e4e4e4\"/>"));
            let (x, y) = (left - 6.0, y + 4.0);
            line(format_args!("<text x=\"{x}\" y=\"{y:.2}\" text-anchor=\"end\" fill=\"#444444\">{text}</text>"));
        }
        let (middle, low) = (f64::midpoint(left, right), height - 10.0);
        line(format_args!("<text x=\"{middle}\" y=\"{low}\" text-anchor=\"middle\">{}</text>", escaped(&self.x.title)));
        let middle = f64::midpoint(top, bottom);
        line(format_args!(
            "<text transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            escaped(&self.y.title)
        ));
        for series in &self.series {
            let places = series.points.iter().filter_map(|point| Some([x_of(point[0])?, y_of(point[1])?]));
            if series.mark == Mark::Dots {
                let color = hex(on_light(series.color));
                for [x, y] in places {
                    line(format_args!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{DOT}\" fill=\"{color}\"/>"));
                }
            } else {
                let points: Vec<String> = places.map(|[x, y]| format!("{x:.2},{y:.2}")).collect();
                line(format_args!("<polyline points=\"{}\" fill=\"none\" {}/>", points.join(" "), stroke(series)));
            }
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// The numbers of the chart: a column for the horizontal axis and one a series, empty where a series has no point.
    pub fn csv(&self) -> String {
        let mut at: Vec<f64> = self.series.iter().flat_map(|series| series.points.iter().map(|[x, _]| *x)).collect();
        at.sort_unstable_by(f64::total_cmp);
        at.dedup();
        let names = std::iter::once(&self.x.title).chain(self.series.iter().map(|series| &series.name));
        let mut text = names.map(|name| quoted(name)).collect::<Vec<_>>().join(",") + "\n";
        for x in at {
            text.push_str(&x.to_string());
            for series in &self.series {
                text.push(',');
                if let Some([_, y]) = series.points.iter().find(|point| point[0] == x) {
                    text.push_str(&y.to_string());
                }
            }
            text.push('\n');
        }
        text
    }

    /// Writes the chart into a file; one that is there is replaced.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path, format: Format) -> Result<(), ExportError> {
        let failed = |reason: String| ExportError::File { path: path.to_owned(), reason };
        match format {
            Format::Svg => fs::write(path, self.svg()).map_err(|error| failed(error.to_string())),
            Format::Csv => fs::write(path, self.csv()).map_err(|error| failed(error.to_string())),
            Format::Png => {
                let picture = png_from_svg(&self.svg(), PNG_SCALE).map_err(failed)?;
                picture.save_with_format(path, image::ImageFormat::Png).map_err(|error| failed(error.to_string()))
            }
        }
    }

    /// The series with the row of the legend each is in and where in it, in points.
    fn legend(&self) -> Vec<(&Series, f64, f64)> {
        let (mut row, mut x) = (0.0, 0.0);
        let mut places = Vec::with_capacity(self.series.len());
        for series in &self.series {
            let width = LEGEND_LINE + 5.0 + series.name.chars().count() as f64 * LETTER + 12.0;
            if x > 0.0 && x + width > SIZE[0] - LEFT - RIGHT {
                (row, x) = (row + 1.0, 0.0);
            }
            places.push((series, row, x));
            x += width;
        }
        places
    }
}

/// An SVG picture in pixels, `scale` of them a point; text is written in the window's own fonts.
///
/// # Errors
/// It is no SVG picture, or one without pixels; the reason in words.
pub fn png_from_svg(svg: &str, scale: f32) -> Result<RgbImage, String> {
    let mut options = usvg::Options { font_family: "Ubuntu".to_owned(), ..usvg::Options::default() };
    let fonts = Arc::make_mut(&mut options.fontdb);
    for font in [epaint_default_fonts::UBUNTU_LIGHT, epaint_default_fonts::HACK_REGULAR] {
        fonts.load_font_data(font.to_vec());
    }
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let side = |points: f32| (points * scale).round().max(0.0) as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let mut pixels = Pixmap::new(width, height).ok_or("a figure of such a size cannot be drawn")?;
    pixels.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(&tree, usvg::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    // On white nothing is transparent.
    Ok(RgbImage::from_fn(width, height, |x, y| {
        let pixel = pixels.pixel(x, y).map_or([255; 3], |pixel| [pixel.red(), pixel.green(), pixel.blue()]);
        Rgb(pixel)
    }))
}

fn stroke(series: &Series) -> String {
    let dashes = if series.mark == Mark::Dashes { " stroke-dasharray=\"6 4\"" } else { "" };
    format!("stroke=\"{}\" stroke-width=\"1.75\" stroke-linejoin=\"round\"{dashes}", hex(on_light(series.color)))
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text as it may stand between SVG's tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A name as it may stand in a line of CSV.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chart() -> Chart {
        let line = |name: &str, mark, points: &[[f64; 2]]| Series {
            name: name.to_owned(),
            color: [230, 159, 0],
            mark,
            points: points.to_vec(),
        };
        Chart {
            title: "Deletion of <a> & b".to_owned(),
            x: Axis::new("changed", 0.0, 1.0, Scale::Percent),
            y: Axis::new("probability", 0.0, 1.0, Scale::Linear),
            series: vec![
                line("one, two", Mark::Line, &[[0.0, 1.0], [0.5, 0.25], [1.0, 0.0]]),
                line("λ₁", Mark::Dots, &[[0.5, 0.5]]),
            ],
        }
    }

    #[test]
    fn points_lie_where_the_axes_say() {
        let svg = chart().svg();
        assert!(svg.contains("points=\"56.00,46.00 258.00,218.50 460.00,276.00\""), "{svg}");
        assert!(svg.contains("Deletion of &lt;a&gt; &amp; b") && svg.contains(">40 %<") && svg.contains(">0.4<"));
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten_and_leaves_out_what_has_no_logarithm() {
        let axis = Axis::new("step", 1e-2, 1e2, Scale::Logarithmic);
        let ticks: Vec<String> = axis.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(ticks, ["1e-2", "1e-1", "1e0", "1e1", "1e2"]);
        assert_eq!(axis.share(1.0), Some(0.5));
        assert_eq!(axis.share(0.0), None);
        assert_eq!(Axis::new("none", 1.0, 1.0, Scale::Linear).share(1.0), None);
    }

    #[test]
    fn csv_has_a_column_a_series_and_no_invented_numbers() {
        assert_eq!(chart().csv(), "changed,\"one, two\",λ₁\n0,1,\n0.5,0.25,0.5\n1,0,\n");
    }

    #[test]
    fn the_picture_has_the_lines_colour_and_every_letter() {
        let picture = png_from_svg(&chart().svg(), 2.0).unwrap();
        assert_eq!(picture.dimensions(), (960, 640));
        assert!(picture.pixels().any(|pixel| pixel.0 == on_light([230, 159, 0])));
        let title = (0..60).flat_map(|y| (112..400).map(move |x| (x, y)));
        assert!(title.into_iter().any(|(x, y)| picture.get_pixel(x, y).0[0] < 100), "the title is written");
        assert!(png_from_svg("no picture", 1.0).is_err());
    }

    #[test]
    fn numbers_on_an_axis_are_round() {
        assert_eq!(
            [0.93, 15.0, 3.0, 1000.0, 0.02].map(|length| round_step(length, 5.0)),
            [0.2, 5.0, 1.0, 200.0, 0.005]
        );
        assert_eq!(multiples(-0.03, 1.03, 0.25), [0.0, 0.25, 0.5, 0.75, 1.0]);
    }
}
