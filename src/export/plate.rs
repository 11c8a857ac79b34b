//! A figure for a paper: pictures in rows, methods in columns, equal widths, and a width in millimetres.

use std::{fs, path::Path};

use image::{Rgb, RgbImage};

use super::{
    ExportError,
    chart::{Format, write_drawing},
    folder::write_whole,
    outlined,
    raster::rasterise,
    svg::{Anchor, Lettering, STRONG, Svg, WEAK},
    typeset,
};
use crate::imaging::Colormap;

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;

/// Size of the letters, in points: what journals ask for at least.
const SIZE: f32 = 7.0;
/// Size of the numbers below maps, in points.
const SMALL: f32 = 6.0;
/// Height of a line, in points.
const LINE: f32 = 9.0;
/// Space between pictures, in points.
const GAP: f32 = 3.0;
/// Height of the bar of colours, in points.
const BAR: f32 = 4.0;

/// The figure. Nothing is in it but what it is told.
#[derive(Debug, Clone)]
pub struct Plate {
    /// What stands above each column.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// The bars of colours below its columns.
    pub bars: Vec<Bar>,
    /// The colours of the maps.
    pub colormap: Colormap,
    /// Its width, in millimetres.
    pub width: f32,
}

/// A row of the figure.
#[derive(Debug, Clone)]
pub struct Row {
    /// What stands beside it.
    pub label: String,
    /// What stands beside that in small letters; empty for nothing.
    pub note: String,
    /// A cell a column.
    pub cells: Vec<Cell>,
}

/// A bar of colours, below the columns whose maps share its scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The first of those columns, and the last.
    pub columns: [usize; 2],
    /// The numbers at both of its ends.
    pub ends: [String; 2],
}

/// Pixels a point of a figure that is a PNG: 360 dots an inch.
pub const PNG_SCALE: u32 = 5;

/// A picture in the figure.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The picture.
    pub picture: RgbImage,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// A line below it; empty for none.
    pub below: String,
}

impl Plate {
    /// The figure, as SVG in points.
    pub fn svg(&self) -> String {
        let columns = self.columns.len().max(1) as f32;
        let whole = self.width * MM;
        let has_labels = self.rows.iter().any(|row| !row.label.is_empty());
        let has_notes = self.rows.iter().any(|row| !row.note.is_empty());
        let notes = if has_notes { LINE } else { 0.0 };
        let left = if has_labels || has_notes { LINE + notes + GAP } else { 0.0 };
        let side = (whole - left - (columns - 1.0) * GAP) / columns;
        let has_lines = self.rows.iter().flat_map(|row| &row.cells).any(|cell| !cell.below.is_empty());
        let row_height = side + if has_lines { LINE } else { 0.0 } + GAP;
        let bars = if self.bars.is_empty() { 0.0 } else { BAR + LINE + GAP };
        let heads: Vec<Vec<String>> = self.columns.iter().map(|title| typeset::broken(title, SIZE, side)).collect();
        let head = heads.iter().map(Vec::len).max().unwrap_or_default() as f32 * LINE;
        let height = (self.rows.len() as f32).mul_add(row_height, head + GAP) + bars;
        let mut svg = Svg::new([whole, height]);
        let lettering = |size, color, anchor| Lettering { size, color, anchor };
        let x = |column: usize| (column as f32).mul_add(side + GAP, left);
        for (column, lines) in heads.iter().enumerate() {
            for (number, line) in lines.iter().enumerate() {
                // The last line of each is just above its pictures.
                let above = (lines.len() - number) as f32 * LINE;
                let place = [x(column) + side / 2.0, head - above + SIZE];
                svg.text(place, lettering(SIZE, STRONG, Anchor::Middle), line);
            }
        }
        for (number, Row { label, note, cells }) in self.rows.iter().enumerate() {
            let top = (number as f32).mul_add(row_height, head + GAP);
            let middle = top + side / 2.0;
            let (label, note) = (typeset::fitted(label, SIZE, side), typeset::fitted(note, SMALL, side));
            svg.text_upwards([SIZE, middle], lettering(SIZE, STRONG, Anchor::Middle), &label);
            if has_notes {
                svg.text_upwards([SIZE + notes, middle], lettering(SMALL, WEAK, Anchor::Middle), &note);
            }
            for (column, cell) in cells.iter().enumerate() {
                svg.picture_within([x(column), top], [side; 2], &cell.alt, &cell.picture);
                let below = typeset::fitted(&cell.below, SMALL, side);
                let place = [x(column) + side / 2.0, top + side + SMALL + 0.5];
                svg.text(place, lettering(SMALL, WEAK, Anchor::Middle), &below);
            }
        }
        let top = height - bars;
        let strip = RgbImage::from_fn(256, 1, |x, _| Rgb(self.colormap.rgb(x as f32 / 255.0)));
        for Bar { columns: [first, last], ends: [low, high] } in &self.bars {
            let (from, to) = (x(*first), x(*last) + side);
            svg.picture([from, top], [to - from, BAR], "Colours", &strip);
            let below = top + BAR + SMALL + 1.0;
            svg.text([from, below], lettering(SMALL, WEAK, Anchor::Start), low);
            svg.text([to, below], lettering(SMALL, WEAK, Anchor::End), high);
        }
        svg.finish()
    }

    /// The figure as pixels.
    ///
    /// # Errors
    /// It is too large.
    pub fn picture(&self) -> Result<RgbImage, ExportError> {
        rasterise(&self.svg(), PNG_SCALE)
    }

    /// Writes the figure into a file; one that is there is replaced once it is whole. It has no numbers for CSV.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path, format: Format) -> Result<(), ExportError> {
        match format {
            // A width in millimetres, and letters that need no font.
            Format::Svg | Format::Csv => write_whole(path, |path| Ok(fs::write(path, outlined(&self.svg())?)?)),
            Format::Png | Format::Pdf => write_drawing(&self.svg(), path, format, PNG_SCALE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{outlined, pdf, rasterise};

    /// By how much two pictures of one size differ, of 255 in the mean.
    fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
        let apart = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b)));
        apart.sum::<f64>() / one.as_raw().len() as f64
    }

    fn plate(width: f32) -> Plate {
        let cell = |shade: u8| Cell {
            picture: RgbImage::from_pixel(8, 8, Rgb([shade, 20, 200])),
            alt: "A map".to_owned(),
            below: "0 to 0.72".to_owned(),
        };
        let row = |label: &str| Row {
            label: label.to_owned(),
            note: String::new(),
            cells: (0..4).map(|column| cell(40 * column)).collect(),
        };
        Plate {
            columns: ["Picture", "Grad-CAM", "I-GOS", "Curve descent"].map(str::to_owned).to_vec(),
            rows: ["espresso", "tabby", "tripod"].map(row).to_vec(),
            bars: vec![Bar { columns: [1, 1], ends: ["0".to_owned(), "0.5".to_owned()] }],
            colormap: Colormap::default(),
            width,
        }
    }

    #[test]
    fn columns_are_equally_wide_and_fill_the_width_that_was_asked_for() {
        for width in [89.0, 183.0] {
            let svg = plate(width).svg();
            let document = roxmltree::Document::parse(&svg).unwrap();
            let number =
                |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f32>().unwrap();
            assert!((number(&document.root_element(), "width") - width * MM).abs() < 0.1);
            let pictures: Vec<_> = document.descendants().filter(|node| node.has_tag_name("image")).collect();
            assert_eq!(pictures.len(), 3 * 4 + 1);
            let sides: Vec<f32> = pictures[..12].iter().map(|picture| number(picture, "width")).collect();
            assert!(sides.iter().all(|side| (side - sides[0]).abs() < 1e-3));
            let end = pictures[..12].iter().map(|picture| number(picture, "x") + sides[0]).fold(0.0, f32::max);
            assert!((end - width * MM).abs() < 0.1, "{end}");
        }
    }

    #[test]
    fn a_bar_spans_its_columns_and_notes_make_room_for_themselves() {
        let number = |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f32>().unwrap();
        let mut plate = plate(89.0);
        plate.bars[0].columns = [1, 3];
        let drawn = |plate: &Plate| {
            let svg = plate.svg();
            let document = roxmltree::Document::parse(&svg).unwrap();
            let images: Vec<_> = document.descendants().filter(|node| node.has_tag_name("image")).collect();
            let [first, second] = [images[0], images[1]].map(|image| number(&image, "x"));
            let bar = images.last().unwrap();
            assert!((number(bar, "x") - second).abs() < 1e-3);
            let end = number(bar, "x") + number(bar, "width");
            assert!((end - 89.0 * MM).abs() < 0.1, "from the second column to the edge: {end}");
            first
        };
        let left = drawn(&plate);
        plate.rows[1].note = "cats/3.jpg".to_owned();
        assert!((drawn(&plate) - left - LINE).abs() < 1e-3 && plate.svg().contains(">cats/3.jpg<"));
    }

    #[test]
    fn it_is_a_page_of_its_size_and_needs_no_fonts() {
        let svg = plate(89.0).svg();
        let page = pdf(&svg).unwrap();
        assert!(page.starts_with(b"%PDF-") && page.len() > 1000);
        let box_of = String::from_utf8_lossy(&page);
        assert!(box_of.contains("/FontFile"), "its letters are in it");
        let media = box_of.split("/MediaBox").nth(1).unwrap();
        assert!(media.trim_start().starts_with("[0 0 252.2"), "89 mm are 252.28 points: {}", &media[..40]);
        let outlined = outlined(&svg).unwrap();
        assert!(outlined.contains("width=\"89.000mm\"") && !outlined.contains("<text"));
        assert!(outlined.matches("<path").count() > 10);
        // The same picture, whichever of them is drawn.
        let one = rasterise(&svg, 2).unwrap();
        // In millimetres it has other pixels a point.
        let other = rasterise(&outlined, 2).unwrap();
        let other = image::imageops::resize(&other, one.width(), one.height(), image::imageops::FilterType::Triangle);
        let apart = difference(&one, &other);
        assert!(apart < 2.0, "{apart}");
    }
}
