//! A chart as a drawing: title, legend, grid, and the lines over it.

use super::{
    chart::{Chart, Mark, Ribbon, Series},
    palette::on_light,
    svg::{Anchor, Color, Lettering, Point, Stroke, Svg},
    typeset,
};
use crate::explain::Band;

/// Width and height of a chart in points: a column of a paper.
pub const SIZE: Point = [480.0, 320.0];
/// Room for the numbers and the name beside the vertical axis, in points.
const LEFT: f32 = 56.0;
/// Room at the right of the horizontal axis, for half of its last number, in points.
const RIGHT: f32 = 20.0;
/// Room for the title, in points.
const TOP: f32 = 30.0;
/// Room for the numbers and the name below the horizontal axis, in points.
const BOTTOM: f32 = 44.0;
/// Height of a row of the legend, in points.
const LEGEND_ROW: f32 = 16.0;
/// Length of the line before a name in the legend, and of the space after it, in points.
const LEGEND_LINE: [f32; 2] = [16.0, 5.0];
/// Space between one name in the legend and the next line, in points.
const LEGEND_GAP: f32 = 14.0;
/// Radius of a dot, in points.
const DOT: f32 = 2.5;
/// Width of a series's line, in points.
const LINE: f32 = 1.75;
/// Width of a ribbon's line, in points: it is what the others are held against, and not one of them.
const THIN_LINE: f32 = 1.0;
/// How much of what is below it a ribbon's area hides.
const AREA: f32 = 0.15;
/// Half of the height of an area in the legend, in points.
const LEGEND_AREA: f32 = 5.0;

/// How the grid is drawn. The report's style sheet knows it by its colour.
const GRID: Stroke = Stroke { color: [0xe4; 3], width: 1.0, is_dashed: false };
/// How the title is written.
const TITLE: Lettering = Lettering { size: 14.0, color: BLACK, anchor: Anchor::Start };
/// How names are written: those in the legend, and those of the axes.
const NAME: Lettering = Lettering { size: 11.0, color: BLACK, anchor: Anchor::Start };
/// How the numbers of an axis are written.
const NUMBER: Lettering = Lettering { size: 11.0, color: [0x44; 3], anchor: Anchor::Middle };
const BLACK: Color = [0; 3];

impl Chart {
    /// The chart as an SVG picture of its own; it can also stand within a larger one.
    pub fn svg(&self) -> String {
        let mut svg = Svg::new(SIZE);
        svg.text([LEFT, 20.0], TITLE, &self.title);
        let legend = self.legend();
        let rows = legend.last().map_or(0.0, |entry| entry.row + 1.0);
        for entry in &legend {
            entry.draw(&mut svg);
        }
        let frame = Frame { chart: self, top: TOP + rows * LEGEND_ROW };
        frame.draw_axes(&mut svg);
        for ribbon in &self.ribbons {
            frame.draw_ribbon(&mut svg, ribbon);
        }
        for series in &self.series {
            frame.draw_series(&mut svg, series);
        }
        svg.finish()
    }

    /// The legend: as many entries in a row as fit.
    fn legend(&self) -> Vec<LegendEntry<'_>> {
        let (mut row, mut left) = (0.0, 0.0);
        let series = self.series.iter().map(|series| (&*series.name, Sign::Series(series)));
        let ribbons = self.ribbons.iter().map(|ribbon| (&*ribbon.name, Sign::Ribbon(ribbon)));
        let mut entries = Vec::with_capacity(self.series.len() + self.ribbons.len());
        for (name, sign) in series.chain(ribbons) {
            let width = LEGEND_LINE[0] + LEGEND_LINE[1] + typeset::width(name, NAME.size);
            if left > 0.0 && left + width > SIZE[0] - LEFT - RIGHT {
                (row, left) = (row + 1.0, 0.0);
            }
            entries.push(LegendEntry { name, sign, row, left });
            left += width + LEGEND_GAP;
        }
        entries
    }
}

/// What is before a name in the legend.
enum Sign<'a> {
    /// The mark of a series.
    Series(&'a Series),
    /// A ribbon's line and area.
    Ribbon(&'a Ribbon),
}

/// A series or a ribbon in the legend.
struct LegendEntry<'a> {
    name: &'a str,
    sign: Sign<'a>,
    /// Number of its row.
    row: f32,
    /// Where in the row it begins, in points.
    left: f32,
}

impl LegendEntry<'_> {
    fn draw(&self, svg: &mut Svg) {
        let [length, space] = LEGEND_LINE;
        let (x, y) = (LEFT + self.left, self.row.mul_add(LEGEND_ROW, TOP + 4.0));
        let ends = [[x, y], [x + length, y]];
        match self.sign {
            Sign::Series(series) => match series.mark {
                Mark::Dots => svg.dot([x + length / 2.0, y], DOT, on_light(series.color)),
                Mark::Line | Mark::Dashes => svg.line(ends[0], ends[1], stroke(series)),
            },
            Sign::Ribbon(ribbon) => {
                let edge = |height: f32| ends.map(|[x, y]| [x, y + height]);
                let ([above, above_right], [below, below_right]) = (edge(-LEGEND_AREA), edge(LEGEND_AREA));
                svg.area([above, above_right, below_right, below], ribbon.color, AREA);
                svg.line(ends[0], ends[1], thin(ribbon));
            }
        }
        svg.text([x + length + space, y + 4.0], NAME, self.name);
    }
}

/// The part of a chart that its axes span.
struct Frame<'a> {
    chart: &'a Chart,
    top: f32,
}

impl Frame<'_> {
    const LEFT: f32 = LEFT;
    const RIGHT: f32 = SIZE[0] - RIGHT;
    const BOTTOM: f32 = SIZE[1] - BOTTOM;

    /// Where a number of the horizontal axis is; nowhere if it cannot be shown.
    fn x(&self, value: f64) -> Option<f32> {
        self.chart.x.share(value).map(|share| (share as f32).mul_add(Self::RIGHT - Self::LEFT, Self::LEFT))
    }

    /// Where a number of the vertical axis is; nowhere if it cannot be shown.
    fn y(&self, value: f64) -> Option<f32> {
        self.chart.y.share(value).map(|share| (share as f32).mul_add(self.top - Self::BOTTOM, Self::BOTTOM))
    }

    /// The grid with its numbers, and what the axes measure.
    fn draw_axes(&self, svg: &mut Svg) {
        for (value, text) in self.chart.x.ticks() {
            let Some(x) = self.x(value) else { continue };
            svg.line([x, self.top], [x, Self::BOTTOM], GRID);
            svg.text([x, Self::BOTTOM + 15.0], NUMBER, &text);
        }
        for (value, text) in self.chart.y.ticks() {
            let Some(y) = self.y(value) else { continue };
            svg.line([Self::LEFT, y], [Self::RIGHT, y], GRID);
            svg.text([Self::LEFT - 6.0, y + 4.0], Lettering { anchor: Anchor::End, ..NUMBER }, &text);
        }
        let centred = Lettering { anchor: Anchor::Middle, ..NAME };
        svg.text([f32::midpoint(Self::LEFT, Self::RIGHT), SIZE[1] - 10.0], centred, &self.chart.x.title);
        svg.text_upwards([14.0, f32::midpoint(self.top, Self::BOTTOM)], centred, &self.chart.y.title);
    }

    fn draw_ribbon(&self, svg: &mut Svg, ribbon: &Ribbon) {
        let line = |of: fn(&Band) -> f32| -> Vec<Point> {
            let points = ribbon.points.iter();
            points.filter_map(|(x, band)| Some([self.x(*x)?, self.y(f64::from(of(band)))?])).collect()
        };
        let edge = line(|band| band.high).into_iter().chain(line(|band| band.low).into_iter().rev());
        svg.area(edge, ribbon.color, AREA);
        svg.polyline(line(|band| band.mean), thin(ribbon));
    }

    fn draw_series(&self, svg: &mut Svg, series: &Series) {
        let places = series.points.iter().filter_map(|point| Some([self.x(point[0])?, self.y(point[1])?]));
        match series.mark {
            Mark::Dots => places.for_each(|place| svg.dot(place, DOT, on_light(series.color))),
            Mark::Line | Mark::Dashes => svg.polyline(places, stroke(series)),
        }
    }
}

fn thin(ribbon: &Ribbon) -> Stroke {
    Stroke { color: ribbon.color, width: THIN_LINE, is_dashed: false }
}

fn stroke(series: &Series) -> Stroke {
    Stroke { color: on_light(series.color), width: LINE, is_dashed: series.mark == Mark::Dashes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{
        chart::tests::{chart, ribbon},
        rasterise,
    };

    #[test]
    fn points_lie_where_the_axes_say() {
        let svg = chart().svg();
        assert!(svg.contains("points=\"56.00,46.00 258.00,218.50 460.00,276.00\""), "{svg}");
        assert!(svg.contains("Deletion of &lt;a&gt; &amp; b") && svg.contains(">40 %<") && svg.contains(">0.4<"));
    }

    #[test]
    fn the_picture_has_the_lines_colour_and_every_letter() {
        let picture = rasterise(&chart().svg(), 2).unwrap();
        assert_eq!(picture.dimensions(), (960, 640));
        assert!(picture.pixels().any(|pixel| pixel.0 == on_light([230, 159, 0])));
        let title = (0..60).flat_map(|y| (112..400).map(move |x| (x, y)));
        assert!(title.into_iter().any(|(x, y)| picture.get_pixel(x, y).0[0] < 100), "the title is written");
    }

    #[test]
    fn a_spread_is_a_thin_line_in_an_area_with_a_name_in_the_legend() {
        let svg = Chart { ribbons: vec![ribbon()], ..chart() }.svg();
        assert!(svg.contains("points=\"56.00,46.00 460.00,46.00 460.00,218.50 56.00,218.50\""), "{svg}");
        assert!(svg.contains("points=\"56.00,161.00 460.00,161.00\"") && svg.contains(">random<"), "{svg}");
        assert_eq!(svg.matches("<polygon").count(), 2, "the area, and that in the legend");
    }

    #[test]
    fn names_in_the_legend_take_the_room_that_their_letters_do() {
        let mut wide = chart();
        wide.series = vec![wide.series[0].clone(); 3];
        wide.series[0].name = "i".repeat(60);
        assert_eq!(wide.legend().iter().map(|entry| entry.row).collect::<Vec<_>>(), [0.0, 0.0, 0.0]);
        wide.series[0].name = "m".repeat(60);
        let entries = wide.legend();
        assert_eq!(entries.iter().map(|entry| entry.row).collect::<Vec<_>>(), [0.0, 1.0, 1.0]);
        assert!(entries[2].left > typeset::width("one, two", NAME.size) && entries[1].left == 0.0);
    }
}
