//! Pictures of other bands than red, green and blue: their numbers, and which of them are drawn.

use std::{fmt, str::FromStr, sync::Arc};

use image::{RgbImage, metadata::Orientation};
use serde::{Deserialize, Serialize};

use super::{Size, channels::MAX_CHANNELS};

const LEVELS: f32 = 255.0;

/// What share of a band's values is drawn black, and what share white: satellites' pictures have few pixels that are much
/// lighter than the others.
const CLIPPED: f64 = 0.02;

/// About how many of a band's values are looked at to find those.
const LOOKED_AT: usize = 1 << 20;

/// The bands of a picture as numbers, and how they are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Bands {
    size: Size,
    count: usize,
    /// `[count, height, width]`, all finite.
    values: Arc<[f32]>,
    drawing: Drawing,
    /// Whether the first three are red, green and blue, and drawn.
    are_colours: bool,
}

/// No value is NaN.
impl Eq for Bands {}

impl Bands {
    /// Bands of a size, `[count, height, width]`, all finite. The first three are drawn, or the first alone as grey, each
    /// stretched between what nearly all of its values lie between. If the first three are said to be red, green and blue,
    /// and to have been drawn elsewhere, they are drawn as they are: 0 is black and 1 is white.
    ///
    /// # Errors
    /// There is no band or more than [`MAX_CHANNELS`], a number is not finite, or they are others in number: in words.
    pub fn new(size: Size, values: Vec<f32>, are_colours: bool) -> Result<Self, String> {
        let area = size.area().max(1);
        let count = values.len() / area;
        if !(1..=MAX_CHANNELS).contains(&count) || values.len() != count * area {
            return Err(format!("there are {count} of them, and igoscope shows networks 1 to {MAX_CHANNELS}"));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err("some of their numbers are not finite".to_owned());
        }
        let are_colours = are_colours && count >= 3;
        let drawn = if count >= 3 { DrawnBands([0, 1, 2]) } else { DrawnBands([0; 3]) };
        let (low, high) = ([0.0; 3], [1.0; 3]);
        let drawing = Drawing { bands: drawn.0.map(usize::from), low, high };
        let own = Self { size, count, values: values.into(), drawing, are_colours };
        if are_colours { Ok(own) } else { own.drawn_as(drawn) }
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        self.size
    }

    /// How many there are, from 1 to [`MAX_CHANNELS`].
    pub fn count(&self) -> usize {
        self.count
    }

    /// `[count, height, width]`, all finite.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Each, `[height, width]`.
    pub fn planes(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.size.area().max(1))
    }

    /// How they are drawn.
    pub fn drawing(&self) -> Drawing {
        self.drawing
    }

    /// Whether the picture is in colour, so that it can be shown to a network of three channels as any other.
    pub fn are_colours(&self) -> bool {
        self.are_colours
    }

    /// Which are drawn.
    pub fn shown(&self) -> DrawnBands {
        // There are fewer than 256.
        DrawnBands(self.drawing.bands.map(|band| band as u8))
    }

    /// The same, unless those are the colours of a picture that is in colour.
    pub fn drawn(&self) -> Option<DrawnBands> {
        Some(self.shown()).filter(|_| !self.are_colours)
    }

    /// Whether it has these.
    ///
    /// # Errors
    /// One of them is not there, in words.
    pub fn check(&self, drawn: DrawnBands) -> Result<(), String> {
        match drawn.0.into_iter().find(|band| usize::from(*band) >= self.count) {
            Some(band) => Err(format!("there is no band {}: the picture has {}", band + 1, self.count)),
            None => Ok(()),
        }
    }

    /// The same, drawn by other bands.
    ///
    /// # Errors
    /// One of them is not there, in words.
    pub fn drawn_as(&self, drawn: DrawnBands) -> Result<Self, String> {
        self.check(drawn)?;
        let bands = drawn.0.map(usize::from);
        let ranges = bands.map(|band| self.planes().nth(band).map_or((0.0, 1.0), stretch));
        let drawing = Drawing { bands, low: ranges.map(|(low, _)| low), high: ranges.map(|(_, high)| high) };
        Ok(Self { drawing, are_colours: false, ..self.clone() })
    }

    /// The same of a picture that is not in colour.
    pub(super) fn without_colours(self) -> Self {
        // It has what it shows.
        self.drawn_as(self.shown()).unwrap_or(self)
    }

    /// Bands of another size that are drawn like these, `[count, height, width]`.
    pub(super) fn like(&self, size: Size, values: Vec<f32>) -> Self {
        Self { size, values: values.into(), ..self.clone() }
    }

    /// As they are drawn.
    pub fn picture(&self) -> RgbImage {
        self.drawing.picture(&self.values, self.size)
    }

    /// Turned as a picture's metadata ask.
    pub(super) fn turned(self, orientation: Orientation) -> Self {
        use Orientation as To;
        let Size { width, height } = self.size;
        let is_across = matches!(orientation, To::Rotate90 | To::Rotate270 | To::Rotate90FlipH | To::Rotate270FlipH);
        let size = if is_across { Size { width: height, height: width } } else { self.size };
        // Where the value of a place in the turned picture comes from.
        let source = |x: usize, y: usize| {
            let (x, y) = match orientation {
                To::NoTransforms => (x, y),
                To::FlipHorizontal => (width - 1 - x, y),
                To::FlipVertical => (x, height - 1 - y),
                To::Rotate180 => (width - 1 - x, height - 1 - y),
                To::Rotate90 => (y, height - 1 - x),
                To::Rotate270 => (width - 1 - y, x),
                To::Rotate90FlipH => (y, x),
                To::Rotate270FlipH => (width - 1 - y, height - 1 - x),
            };
            y * width + x
        };
        let turned = |plane: &[f32]| -> Vec<f32> {
            let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
            places.map(|(x, y)| plane[source(x, y)]).collect()
        };
        let values = self.planes().flat_map(turned).collect();
        self.like(size, values)
    }
}

/// The values that are drawn black and white: all but a few lie between them.
fn stretch(plane: &[f32]) -> (f32, f32) {
    let mut some: Vec<f32> = plane.iter().copied().step_by((plane.len() / LOOKED_AT).max(1)).collect();
    let last = some.len().saturating_sub(1) as f64;
    let mut at = |share: f64| {
        let place = (share * last).round() as usize;
        if some.is_empty() { 0.0 } else { *some.select_nth_unstable_by(place, f32::total_cmp).1 }
    };
    (at(CLIPPED), at(1.0 - CLIPPED))
}

/// How numbers of bands become a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawing {
    /// The bands that are drawn as red, green and blue.
    bands: [usize; 3],
    /// What is black in each.
    low: [f32; 3],
    /// What is white in each.
    high: [f32; 3],
}

impl Drawing {
    /// Bands of a size, `[count, height, width]`, as a picture. What is beyond black and white is clamped; a band that is not
    /// there is black.
    pub fn picture(&self, values: &[f32], size: Size) -> RgbImage {
        let mut image = RgbImage::new(size.width as u32, size.height as u32);
        let area = size.area();
        for (colour, ((band, low), high)) in self.bands.iter().zip(self.low).zip(self.high).enumerate() {
            let plane = values.iter().skip(band * area).take(area);
            let range = (high - low).max(f32::MIN_POSITIVE);
            for (pixel, value) in image.pixels_mut().zip(plane) {
                // A cast from float saturates, and takes NaN to 0.
                pixel.0[colour] = ((value - low) / range * LEVELS).round() as u8;
            }
        }
        image
    }
}

/// The bands that are drawn as red, green and blue, from 0; all the same for grey.
///
/// In text they are counted from 1: `4,3,2`, or `1` for grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DrawnBands([u8; 3]);

/// Text that names no bands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” names no bands: give the numbers of three, from 1 to {MAX_CHANNELS}, to draw as red, green and blue, such as \
     4,3,2, or of one to draw as grey"
)]
pub struct NoBands(String);

impl FromStr for DrawnBands {
    type Err = NoBands;

    fn from_str(text: &str) -> Result<Self, NoBands> {
        let number = |part: &str| {
            let number = part.trim().parse().ok().filter(|number: &u8| usize::from(*number) <= MAX_CHANNELS);
            number.and_then(|number| number.checked_sub(1))
        };
        match text.split(',').map(number).collect::<Option<Vec<u8>>>().as_deref() {
            Some(&[grey]) => Ok(Self([grey; 3])),
            Some(&[red, green, blue]) => Ok(Self([red, green, blue])),
            _ => Err(NoBands(text.to_owned())),
        }
    }
}

impl fmt::Display for DrawnBands {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0.map(|band| band + 1);
        if red == green && green == blue {
            write!(formatter, "{red}")
        } else {
            write!(formatter, "{red},{green},{blue}")
        }
    }
}

impl TryFrom<String> for DrawnBands {
    type Error = NoBands;

    fn try_from(text: String) -> Result<Self, NoBands> {
        text.parse()
    }
}

impl From<DrawnBands> for String {
    fn from(drawn: DrawnBands) -> Self {
        drawn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb};

    use super::*;

    /// Each value is its place.
    fn counted(size: Size, count: usize) -> Bands {
        Bands::new(size, (0..count * size.area()).map(|place| place as f32).collect(), false).unwrap()
    }

    #[test]
    fn each_drawn_band_spans_black_to_white_but_for_a_fiftieth_at_each_end() {
        let size = Size { width: 101, height: 1 };
        let bands = counted(size, 4).drawn_as("4,1,2".parse().unwrap()).unwrap();
        let picture = bands.picture();
        // Of 101 values the third is black and the 99th is white: 96 steps between.
        for (x, level) in [(0, 0), (2, 0), (50, 128), (98, 255), (100, 255), (3, 3)] {
            assert_eq!(picture.get_pixel(x, 0), &Rgb([level; 3]), "column {x}");
        }
        assert_eq!(bands.drawn().unwrap().to_string(), "4,1,2");
        assert!(bands.drawn_as("1,5,2".parse().unwrap()).unwrap_err().contains("no band 5: the picture has 4"));
    }

    #[test]
    fn colours_are_drawn_as_they_are_until_other_bands_are_chosen() {
        let values = vec![0.2, 0.4, 0.6, 0.8];
        let bands = Bands::new(Size::square(1), values, true).unwrap();
        assert_eq!((bands.picture().get_pixel(0, 0), bands.drawn()), (&Rgb([51, 102, 153]), None));
        let chosen = bands.drawn_as("4".parse().unwrap()).unwrap();
        assert_eq!((chosen.are_colours(), chosen.drawn().unwrap().to_string()), (false, "4".to_owned()));
    }

    #[test]
    fn bands_are_turned_as_pictures_are() {
        let size = Size { width: 3, height: 2 };
        let bands = counted(size, 2);
        for number in 1..=8 {
            let orientation = Orientation::from_exif(number).unwrap();
            let turned = bands.clone().turned(orientation);
            let mut picture = DynamicImage::ImageLuma8(image::GrayImage::from_raw(3, 2, (0..6).collect()).unwrap());
            picture.apply_orientation(orientation);
            let expected: Vec<f32> = picture.to_luma8().iter().map(|level| f32::from(*level)).collect();
            assert_eq!(turned.values()[..6], expected, "{orientation:?}");
            assert_eq!((turned.size.width, turned.size.height), (picture.width() as usize, picture.height() as usize));
            assert_eq!(turned.values()[6] - turned.values()[0], 6.0);
        }
    }

    #[test]
    fn what_are_no_bands_is_refused() {
        let size = Size::square(2);
        for (values, said) in [
            (vec![], "0 of them"),
            (vec![0.0; 7], "1 of them"),
            (vec![0.0; 68], "17 of them"),
            (vec![f32::INFINITY; 4], "not finite"),
        ] {
            let why = Bands::new(size, values, false).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
        for wrong in ["", "0", "17", "1,2", "1,2,3,4", "a", "-1", "1,2,x"] {
            wrong.parse::<DrawnBands>().unwrap_err();
        }
        let drawn: DrawnBands = serde_json::from_str("\"4,3,2\"").unwrap();
        assert_eq!(serde_json::to_string(&drawn).unwrap(), "\"4,3,2\"");
    }
}
