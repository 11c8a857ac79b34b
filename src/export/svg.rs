//! Drawings as SVG text: what every exported figure is first, whatever it becomes.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use image::{ImageEncoder as _, RgbImage};

use super::{ExportError, chart::png_from_svg};

/// The fonts a viewer may have, the one that pictures are drawn with first.
const FONTS: &str = "Ubuntu, 'Helvetica Neue', Arial, sans-serif";

/// Of 100: no blocks to be seen, beside a colour map's smooth colours too.
const JPEG_QUALITY: u8 = 92;

/// Words that should be read first.
pub const STRONG: &str = "#1a1a1a";
/// Words that can wait.
pub const WEAK: &str = "#5c5c5c";

/// Which end of a line of text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The beginning.
    Start,
    /// The end.
    End,
}

/// A drawing, on white.
#[derive(Debug, Clone)]
pub struct Svg {
    width: f32,
    height: f32,
    body: String,
}

// Writing to a string cannot fail, so its results are dropped.
impl Svg {
    /// Nothing yet, `width` wide and `height` high.
    pub fn new(width: f32, height: f32) -> Self {
        Self { width, height, body: String::new() }
    }

    /// A line of text with its baseline at `y`.
    pub fn text(&mut self, x: f32, y: f32, size: f32, color: &str, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::End => " text-anchor=\"end\"",
        };
        let text = escaped(text);
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{color}\"{anchor}>{text}</text>"
        );
    }

    /// A picture, stretched to its place.
    pub fn picture(&mut self, [x, y, width, height]: [f32; 4], name: &str, picture: &RgbImage) {
        let name = escaped(name);
        let data = png_data_uri(picture);
        let _ = writeln!(
            self.body,
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
             xlink:href=\"{data}\"><title>{name}</title></image>"
        );
    }

    /// A whole drawing, as SVG text, with its corner at a place and enlarged by `scale`.
    pub fn drawing(&mut self, x: f32, y: f32, scale: f32, svg: &str) {
        let _ = write!(self.body, "<g transform=\"translate({x} {y}) scale({scale})\">\n{svg}</g>\n");
    }

    /// The drawing as a picture, `scale` pixels for each unit.
    ///
    /// # Errors
    /// It is empty or too large.
    pub fn picture_of(self, scale: u32) -> Result<RgbImage, ExportError> {
        rasterise(&self.finish(), scale)
    }

    /// The whole drawing.
    pub fn finish(self) -> String {
        let Self { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{FONTS}\" font-weight=\"300\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
        )
    }
}

/// A drawing as a picture, `scale` pixels for each of its units, with the fonts that are part of the program.
///
/// # Errors
/// It is empty or too large.
pub fn rasterise(svg: &str, scale: u32) -> Result<RgbImage, ExportError> {
    png_from_svg(svg, scale as f32).map_err(|reason| ExportError::Drawing { reason })
}

/// `text` as it is written in SVG and HTML, between tags or in quotes. What XML cannot hold becomes a question mark.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => safe.push('?'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A picture as the text of a PNG, to be written where its address is asked for.
pub fn png_data_uri(picture: &RgbImage) -> String {
    let mut bytes = Vec::new();
    // An encoder that writes to memory has nothing that could fail.
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    let _ = encoder.write_image(picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8);
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(bytes))
}

/// A picture as the text of a JPEG, some ten times shorter than its PNG.
pub fn jpeg_data_uri(picture: &RgbImage) -> String {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    let _ = encoder.write_image(picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8);
    format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ink(text: &str) -> usize {
        let mut svg = Svg::new(100.0, 20.0);
        svg.text(2.0, 15.0, 12.0, STRONG, Anchor::Start, text);
        svg.picture_of(2).unwrap().pixels().filter(|pixel| pixel.0[0] < 128).count()
    }

    #[test]
    fn every_letter_that_igoscope_writes_has_a_shape() {
        for letter in ["a", "λ", "₁", "η", "α", "β", "×", "·", "…", "é"] {
            assert!(ink(letter) > 0, "{letter} is blank");
        }
        assert_eq!(ink(""), 0);
    }

    #[test]
    fn a_picture_drawn_at_its_own_size_keeps_its_pixels() {
        let picture = RgbImage::from_fn(8, 8, |x, y| image::Rgb([x as u8 * 30, y as u8 * 30, 7]));
        let mut svg = Svg::new(6.0, 6.0);
        svg.picture([1.0, 1.0, 4.0, 4.0], "", &picture);
        let drawn = svg.picture_of(2).unwrap();
        assert_eq!(drawn.dimensions(), (12, 12));
        assert_eq!(drawn.get_pixel(0, 0).0, [255; 3]);
        for (x, y, pixel) in picture.enumerate_pixels() {
            let off = drawn.get_pixel(x + 2, y + 2).0.iter().zip(pixel.0).map(|(a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(2), "({x}, {y})");
        }
    }

    #[test]
    fn names_with_angles_quotes_and_controls_stay_names() {
        assert_eq!(escaped("a<b> & \"c\"\u{0}"), "a&lt;b&gt; &amp; &quot;c&quot;?");
    }
}
