//! Between 8-bit pixels and the numbers a model is trained on.

use image::{Rgb, RgbImage};

use super::{
    Bands, Drawing, Size,
    channels::{Channels, MAX_CHANNELS},
};

const LEVELS: f32 = 255.0;
/// Red, green and blue.
const COLOURS: usize = 3;

/// The mean and standard deviation a model's inputs are normalised by, per channel: red, green and blue for pixels in
/// [0, 1], or the bands of a picture that has others. There are as many of one as of the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalisation {
    /// Subtracted from a pixel.
    pub mean: Channels,
    /// What the difference is divided by; not 0.
    pub std: Channels,
}

impl Normalisation {
    /// By these numbers.
    pub const fn new<const N: usize>(mean: [f32; N], std: [f32; N]) -> Self {
        Self { mean: Channels::of(mean), std: Channels::of(std) }
    }

    /// By the same numbers in so many channels.
    pub fn all(mean: f32, std: f32, channels: usize) -> Self {
        Self { mean: Channels::all(mean, channels), std: Channels::all(std, channels) }
    }

    /// With the numbers of its first channel in so many.
    pub fn repeated(self, channels: usize) -> Self {
        Self::all(self.mean[0], self.std[0], channels)
    }

    /// Channels of what it normalises.
    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// The same for a network of so many channels: one number that stands for all is repeated.
    ///
    /// # Errors
    /// They are others in number, in words.
    pub fn for_channels(self, channels: usize) -> Result<Self, String> {
        let fitted =
            |name: &str, numbers: Channels| numbers.for_channels(channels).map_err(|why| format!("{name} has {why}"));
        Ok(Self { mean: fitted("mean", self.mean)?, std: fitted("std", self.std)? })
    }

    /// A mean that is written as numbers, one a channel, or one for all.
    ///
    /// # Errors
    /// It is not, in words.
    pub fn mean_from_text(text: &str) -> Result<Channels, String> {
        let parts = text.split(|letter: char| letter == ',' || letter == ';' || letter.is_whitespace());
        let number = |part: &str| match part.parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("“{part}” is no number")),
        };
        let numbers: Vec<f32> = parts.filter(|part| !part.is_empty()).map(number).collect::<Result<_, _>>()?;
        let refusal = |_| {
            format!(
                "give a number a channel, such as three for red, green and blue, or one for all; at most {MAX_CHANNELS}"
            )
        };
        numbers.try_into().map_err(refusal)
    }

    /// The same of a standard deviation.
    ///
    /// # Errors
    /// As [`Normalisation::mean_from_text`], or a number is not above 0.
    pub fn std_from_text(text: &str) -> Result<Channels, String> {
        let std = Self::mean_from_text(text)?;
        match std.iter().find(|std| **std <= 0.0) {
            Some(std) => Err(format!("{std} is not above 0, and pixels are divided by it")),
            None => Ok(std),
        }
    }

    /// Mean and standard deviation of each channel.
    pub fn pairs(&self) -> impl Iterator<Item = (f32, f32)> + '_ {
        self.mean.iter().copied().zip(self.std.iter().copied())
    }

    /// `(value − mean) / std` of bands, `[channels, h, w]`, of as many channels.
    pub fn planar_from_bands(&self, bands: &Bands) -> Vec<f32> {
        let planes = bands.planes().zip(self.pairs());
        planes.flat_map(|(plane, (mean, std))| plane.iter().map(move |value| (value - mean) / std)).collect()
    }

    /// The picture of `[channels, height, width]`, drawn as bands are: what [`Normalisation::planar_from_bands`] does, undone.
    pub fn draw(&self, drawing: Drawing, planes: &[f32], size: Size) -> RgbImage {
        let of_channels = planes.chunks_exact(size.area().max(1)).zip(self.pairs());
        let values = of_channels.flat_map(|(plane, (mean, std))| plane.iter().map(move |value| value * std + mean));
        drawing.picture(&values.collect::<Vec<f32>>(), size)
    }

    /// `(pixel/255 − mean) / std` as planes `[3, h, w]`, for three channels.
    pub fn planar_from_image(&self, image: &RgbImage) -> Vec<f32> {
        let mut planes = Vec::with_capacity(image.as_raw().len());
        for (channel, (mean, std)) in self.pairs().take(COLOURS).enumerate() {
            planes.extend(image.pixels().map(|pixel| (f32::from(pixel.0[channel]) / LEVELS - mean) / std));
        }
        planes
    }

    /// The mean as a colour, to the nearest of 256 levels a channel: what normalises to 0, or nearly. Black where there is no
    /// such channel.
    pub fn mean_color(&self) -> Rgb<u8> {
        // A cast from float saturates.
        let level = |channel: usize| self.mean.get(channel).map_or(0, |mean| (mean * LEVELS).round() as u8);
        Rgb([0, 1, 2].map(level))
    }

    /// The picture of planes `[3, height, width]`: what [`Normalisation::planar_from_image`] does, undone.
    /// Values beyond black and white are clamped; pixels that `planes` is too short for are black.
    pub fn image_from_planar(&self, planes: &[f32], size: Size) -> RgbImage {
        let (area, Size { width, height }) = (size.area(), size);
        assert_eq!(planes.len(), COLOURS * area, "planes are [3, {height}, {width}]");
        let mut image = RgbImage::new(width as u32, height as u32);
        for (channel, (mean, std)) in self.pairs().take(COLOURS).enumerate() {
            let plane = planes.iter().skip(channel * area).take(area);
            for (pixel, value) in image.pixels_mut().zip(plane) {
                // A cast from float saturates, and takes NaN to 0.
                pixel.0[channel] = ((value * std + mean) * LEVELS).round() as u8;
            }
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IMAGENET: Normalisation = Normalisation::new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!(Normalisation::mean_from_text(" 0.485, 0.456,0.406 ").unwrap(), IMAGENET.mean);
        assert_eq!(Normalisation::mean_from_text("-1").unwrap(), [-1.0]);
        assert_eq!(Normalisation::std_from_text("0.1 0.2;0.3").unwrap(), [0.1, 0.2, 0.3]);
        assert_eq!(Normalisation::mean_from_text("1,2,3,4").unwrap(), [1.0, 2.0, 3.0, 4.0]);
        for wrong in ["", "a", &"1,".repeat(17), "inf", "0.1,x,2"] {
            Normalisation::mean_from_text(wrong).unwrap_err();
        }
        assert!(Normalisation::std_from_text("1,0,1").unwrap_err().contains("above 0"));
    }

    #[test]
    fn white_is_its_distance_from_the_mean_in_deviations() {
        let planes = IMAGENET.planar_from_image(&RgbImage::from_pixel(1, 1, Rgb([255; 3])));
        for (value, expected) in planes.iter().zip([2.248_908_3, 2.428_571_5, 2.64]) {
            assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
        }
    }

    #[test]
    fn planes_are_one_channel_after_another_row_by_row() {
        let unit = Normalisation::new([0.0; 3], [1.0 / 255.0; 3]);
        let image = RgbImage::from_fn(2, 2, |x, y| {
            let level = (2 * y + x) as u8;
            Rgb([level, 10 + level, 20 + level])
        });
        let planes: Vec<u32> = unit.planar_from_image(&image).iter().map(|v| v.round() as u32).collect();
        assert_eq!(planes, [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]);
    }

    #[test]
    fn values_beyond_white_and_black_are_clamped() {
        let image = IMAGENET.image_from_planar(&[99.0, f32::NAN, -99.0], Size::square(1));
        assert_eq!(image.get_pixel(0, 0).0, [255, 0, 0]);
    }

    proptest! {
        #[test]
        fn an_image_comes_back_exactly(levels in prop::collection::vec(any::<u8>(), 3 * 4 * 5)) {
            let image = RgbImage::from_fn(4, 5, |x, y| {
                let at = 3 * (4 * y + x) as usize;
                Rgb([levels[at], levels[at + 1], levels[at + 2]])
            });
            let planes = IMAGENET.planar_from_image(&image);
            prop_assert_eq!(IMAGENET.image_from_planar(&planes, Size { width: 4, height: 5 }), image);
        }
    }
}
