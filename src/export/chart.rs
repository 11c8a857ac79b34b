//! A chart as data, and as a file: drawn (`plot.rs`), or its numbers as CSV.

use std::{fs, path::Path};

pub use super::axis::{Axis, Scale, multiples, round_step};
use super::{ExportError, folder::write_whole, pdf, raster::rasterise};
use crate::explain::Band;

/// Pixels of a PNG picture a point: sharp in print at a column's width.
const PNG_SCALE: u32 = 3;

/// A chart, with everything a figure of it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What is written above it.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What lies below the lines: means with what is around them.
    pub ribbons: Vec<Ribbon>,
    /// The lines, the lowest first.
    pub series: Vec<Series>,
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

/// A thin line of means, within the area from the lowest to the highest.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbon {
    /// Its name in the legend and above its columns.
    pub name: String,
    /// Red, green, blue, as it is drawn.
    pub color: [u8; 3],
    /// What is known at each `x`, in order.
    pub points: Vec<(f64, Band)>,
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

/// A kind of file that a chart can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Lines.
    Svg,
    /// A page of its size, with its fonts.
    Pdf,
    /// Numbers.
    Csv,
}

impl Format {
    /// Every format, in the order to offer them.
    pub const ALL: [Self; 4] = [Self::Png, Self::Svg, Self::Pdf, Self::Csv];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Svg => "SVG",
            Self::Pdf => "PDF",
            Self::Csv => "CSV",
        }
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }
}

impl Chart {
    /// The numbers of the chart: a column for the horizontal axis, one a series and three a ribbon, empty where there is
    /// no point.
    pub fn csv(&self) -> String {
        let columns = self.columns();
        let mut at: Vec<f64> = columns.iter().flat_map(|(_, points)| points.iter().map(|[x, _]| *x)).collect();
        at.sort_unstable_by(f64::total_cmp);
        at.dedup();
        let names = std::iter::once(&self.x.title).chain(columns.iter().map(|(name, _)| name));
        let mut text = names.map(|name| quoted(name)).collect::<Vec<_>>().join(",") + "\n";
        for x in at {
            text.push_str(&x.to_string());
            for (_, points) in &columns {
                text.push(',');
                if let Some([_, y]) = points.iter().find(|point| point[0] == x) {
                    text.push_str(&y.to_string());
                }
            }
            text.push('\n');
        }
        text
    }

    /// The columns of the table beside that of the horizontal axis: each with its name and its points.
    fn columns(&self) -> Vec<(String, Vec<[f64; 2]>)> {
        let of_series = self.series.iter().map(|series| (series.name.clone(), series.points.clone()));
        let part = |ribbon: &Ribbon, of: fn(&Band) -> f32| {
            ribbon.points.iter().map(|(x, band)| [*x, f64::from(of(band))]).collect::<Vec<_>>()
        };
        let of_ribbon = |ribbon: &Ribbon| {
            let name = &ribbon.name;
            [
                (name.clone(), part(ribbon, |band| band.mean)),
                (format!("{name}, lowest"), part(ribbon, |band| band.low)),
                (format!("{name}, highest"), part(ribbon, |band| band.high)),
            ]
        };
        of_series.chain(self.ribbons.iter().flat_map(of_ribbon)).collect()
    }

    /// Writes the chart into a file; one that is there is replaced once it is whole.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path, format: Format) -> Result<(), ExportError> {
        match format {
            Format::Csv => write_whole(path, |path| Ok(fs::write(path, self.csv())?)),
            Format::Png | Format::Svg | Format::Pdf => write_drawing(&self.svg(), path, format, PNG_SCALE),
        }
    }
}

/// Writes a drawing into a file: as it is, as a page, or as pixels, `scale` a unit.
pub(super) fn write_drawing(svg: &str, path: &Path, format: Format, scale: u32) -> Result<(), ExportError> {
    write_whole(path, |path| match format {
        Format::Svg | Format::Csv => Ok(fs::write(path, svg)?),
        Format::Pdf => Ok(fs::write(path, pdf(svg)?)?),
        Format::Png => Ok(rasterise(svg, scale)?.save_with_format(path, image::ImageFormat::Png)?),
    })
}

/// A name as it may stand in a line of CSV.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A chart with every kind of thing that can go wrong in a name.
    pub fn chart() -> Chart {
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
            ribbons: Vec::new(),
            series: vec![
                line("one, two", Mark::Line, &[[0.0, 1.0], [0.5, 0.25], [1.0, 0.0]]),
                line("λ₁", Mark::Dots, &[[0.5, 0.5]]),
            ],
        }
    }

    #[test]
    fn csv_has_a_column_a_series_and_no_invented_numbers() {
        assert_eq!(chart().csv(), "changed,\"one, two\",λ₁\n0,1,\n0.5,0.25,0.5\n1,0,\n");
    }

    /// A mean of a half, from a quarter to all.
    pub fn ribbon() -> Ribbon {
        let band = Band { mean: 0.5, low: 0.25, high: 1.0 };
        Ribbon { name: "random".to_owned(), color: [118; 3], points: vec![(0.0, band), (1.0, band)] }
    }

    #[test]
    fn csv_has_a_spreads_mean_and_its_ends() {
        let ribbon = Chart { ribbons: vec![ribbon()], series: Vec::new(), ..chart() };
        let head = "changed,random,\"random, lowest\",\"random, highest\"";
        assert_eq!(ribbon.csv(), format!("{head}\n0,0.5,0.25,1\n1,0.5,0.25,1\n"));
    }

    #[test]
    fn what_is_there_is_replaced_only_by_a_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chart");
        // Where a file is filled before it takes its name, nothing can be.
        fs::create_dir(folder.path().join(".chart.part")).unwrap();
        for format in [Format::Csv, Format::Svg, Format::Pdf, Format::Png] {
            fs::write(&file, "before").unwrap();
            assert!(matches!(chart().write(&file, format), Err(ExportError::File { .. })), "{format:?}");
            assert_eq!(fs::read_to_string(&file).unwrap(), "before", "{format:?}");
        }
    }
}
