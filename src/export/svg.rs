//! Drawings as SVG text: what every exported figure is first, whatever it becomes.
//!
//! The only place that writes SVG. Lengths are in units of the drawing (points where it is a chart), to a hundredth.

use std::fmt::{Arguments, Write as _};

use image::RgbImage;

use super::{data_uri, typeset::FAMILY, xml::escaped};

/// A place, x before y.
pub type Point = [f32; 2];

/// Red, green, blue.
pub type Color = [u8; 3];

/// Words that should be read first.
pub const STRONG: Color = [0x1a; 3];
/// Words that can wait.
pub const WEAK: Color = [0x5c; 3];

/// Which part of a line of text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The beginning.
    Start,
    /// The middle.
    Middle,
    /// The end.
    End,
}

impl Anchor {
    /// SVG's name for it.
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// How a line of text is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lettering {
    /// Size of its letters.
    pub size: f32,
    /// Their colour.
    pub color: Color,
    /// What of it is at its place.
    pub anchor: Anchor,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub color: Color,
    /// Its width.
    pub width: f32,
    /// Whether it is broken.
    pub is_dashed: bool,
}

impl Stroke {
    /// The attributes that say so.
    fn attributes(self) -> String {
        let dashes = if self.is_dashed { " stroke-dasharray=\"6 4\"" } else { "" };
        format!("stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dashes}", hex(self.color), self.width)
    }
}

/// A drawing, on white.
#[derive(Debug, Clone)]
pub struct Svg {
    size: Point,
    body: String,
}

impl Svg {
    /// Nothing yet, of this width and height.
    pub fn new(size: Point) -> Self {
        Self { size, body: String::new() }
    }

    /// A line of text with its baseline at a place.
    pub fn text(&mut self, [x, y]: Point, lettering: Lettering, text: &str) {
        self.text_placed(format_args!("x=\"{x:.2}\" y=\"{y:.2}\""), lettering, text);
    }

    /// A line of text that is read from below, with its baseline at a place.
    pub fn text_upwards(&mut self, [x, y]: Point, lettering: Lettering, text: &str) {
        self.text_placed(format_args!("transform=\"translate({x:.2} {y:.2}) rotate(-90)\""), lettering, text);
    }

    fn text_placed(&mut self, place: Arguments<'_>, Lettering { size, color, anchor }: Lettering, text: &str) {
        self.element(format_args!(
            "<text {place} font-size=\"{size}\" fill=\"{}\" text-anchor=\"{}\">{}</text>",
            hex(color),
            anchor.name(),
            escaped(text)
        ));
    }

    /// A line from one place to another.
    pub fn line(&mut self, [x1, y1]: Point, [x2, y2]: Point, stroke: Stroke) {
        self.element(format_args!(
            "<line x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\" {}/>",
            stroke.attributes()
        ));
    }

    /// A line through places.
    pub fn polyline(&mut self, points: impl IntoIterator<Item = Point>, stroke: Stroke) {
        let points = places(points);
        self.element(format_args!("<polyline points=\"{points}\" fill=\"none\" {}/>", stroke.attributes()));
    }

    /// The area between places, seen through: 0 of `opacity` is not there, 1 hides what is below it.
    pub fn area(&mut self, points: impl IntoIterator<Item = Point>, color: Color, opacity: f32) {
        let (points, color) = (places(points), hex(color));
        self.element(format_args!("<polygon points=\"{points}\" fill=\"{color}\" fill-opacity=\"{opacity}\"/>"));
    }

    /// A dot around a place.
    pub fn dot(&mut self, [x, y]: Point, radius: f32, color: Color) {
        self.element(format_args!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius}\" fill=\"{}\"/>", hex(color)));
    }

    /// A picture with its upper left corner at a place, stretched to a width and height.
    pub fn picture(&mut self, [x, y]: Point, [width, height]: Point, name: &str, picture: &RgbImage) {
        self.element(format_args!(
            "<image x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
             xlink:href=\"{}\"><title>{}</title></image>",
            data_uri::png(picture),
            escaped(name)
        ));
    }

    /// A picture in its own shape in the middle of a place.
    pub fn picture_within(&mut self, [x, y]: Point, [width, height]: Point, name: &str, picture: &RgbImage) {
        let shape = picture.width() as f32 / picture.height().max(1) as f32;
        let (across, down) = (width.min(height * shape), height.min(width / shape));
        self.picture([x + (width - across) / 2.0, y + (height - down) / 2.0], [across, down], name, picture);
    }

    /// A whole drawing, as SVG text, with its upper left corner at a place and enlarged by `scale`.
    pub fn drawing(&mut self, [x, y]: Point, scale: f32, svg: &str) {
        self.element(format_args!("<g transform=\"translate({x:.2} {y:.2}) scale({scale})\">\n{svg}</g>"));
    }

    /// The whole drawing: a file of its own, or a part of a page or of another drawing.
    pub fn finish(self) -> String {
        let Self { size: [width, height], body } = self;
        // After the program's own font come those that a viewer's computer has.
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"{FAMILY}, 'Helvetica Neue', Arial, sans-serif\" font-weight=\"300\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
        )
    }

    fn element(&mut self, element: Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

/// Places as SVG lists them.
fn places(points: impl IntoIterator<Item = Point>) -> String {
    points.into_iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect::<Vec<_>>().join(" ")
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
