//! The part of a photo a model sees: the shorter side resized, then a square cut from the middle.

use image::RgbImage;

use super::bicubic::{Window, resize_window};

/// How a photo becomes a model's square: the shorter side is resized to `resize` (antialiased bicubic), then
/// `crop`×`crop` is cut from the middle.
///
/// The same as torchvision's `Resize(resize, BICUBIC)` and `CenterCrop(crop)` on a Pillow image, its roundings
/// included. Where `crop` exceeds `resize` torchvision pads with black; here the shorter side is resized to `crop`
/// instead, for black borders would be explained like a part of the photo. A rule of 0 counts as 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CropRule {
    /// Length of the shorter side after resizing, in pixels.
    pub resize: u32,
    /// Side of the square that is cut, in pixels.
    pub crop: u32,
}

/// A rectangle in a photo, in its pixels; `(0, 0)` is the outer corner of the top left pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// What the model sees, and where in the photo it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Crop {
    /// The square, `crop`×`crop`.
    pub image: RgbImage,
    /// The part of the photo the square shows.
    pub region: Region,
}

impl CropRule {
    /// Cuts the model's square from `photo`; a photo without pixels gives black.
    ///
    /// Only the square is computed, not the whole resized photo, so a picture of extreme aspect takes no more memory
    /// than another of as many pixels.
    pub fn apply(self, photo: &RgbImage) -> Crop {
        let (width, height) = photo.dimensions();
        let region = self.region(width, height);
        let image = match self.placement(width, height) {
            Some(Placement { full, window }) => resize_window(photo, full, window),
            None => RgbImage::new(self.crop.max(1), self.crop.max(1)),
        };
        Crop { image, region }
    }

    /// The part of a `width`×`height` photo that [`CropRule::apply`] would show.
    pub fn region(self, width: u32, height: u32) -> Region {
        let Some(Placement { full, window }) = self.placement(width, height) else {
            return Region { x: 0.0, y: 0.0, width: 0.0, height: 0.0 };
        };
        // Two ratios, for the longer side is rounded to whole pixels.
        let x_ratio = f64::from(width) / full.0 as f64;
        let y_ratio = f64::from(height) / full.1 as f64;
        Region {
            x: (window.left as f64 * x_ratio) as f32,
            y: (window.top as f64 * y_ratio) as f32,
            width: (f64::from(window.width) * x_ratio) as f32,
            height: (f64::from(window.height) * y_ratio) as f32,
        }
    }

    /// The size of the whole resized photo and the square in it; nothing for a photo without pixels.
    fn placement(self, width: u32, height: u32) -> Option<Placement> {
        let crop = self.crop.max(1);
        let short_side = u64::from(self.resize.max(crop));
        let (short, long) = (u64::from(width.min(height)), u64::from(width.max(height)));
        let long_side = (short_side * long).checked_div(short)?;
        let full = if width <= height { (short_side, long_side) } else { (long_side, short_side) };
        let window = Window { left: centred(full.0, crop), top: centred(full.1, crop), width: crop, height: crop };
        Some(Placement { full, window })
    }
}

struct Placement {
    full: (u64, u64),
    window: Window,
}

/// Where a stretch of `crop` begins in the middle of `full` pixels; halves round to even, as Python's `round` does.
fn centred(full: u64, crop: u32) -> u64 {
    let doubled = full.saturating_sub(u64::from(crop));
    let floor = doubled / 2;
    floor + (doubled & floor & 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const VGG: CropRule = CropRule { resize: 256, crop: 224 };

    #[test]
    fn region_of_a_landscape_photo_is_centred() {
        let region = VGG.region(512, 256);
        assert_eq!(region, Region { x: 144.0, y: 16.0, width: 224.0, height: 224.0 });
    }

    #[test]
    fn region_of_a_portrait_photo_is_centred_and_in_photo_pixels() {
        let region = VGG.region(512, 1024);
        assert_eq!(region, Region { x: 32.0, y: 288.0, width: 448.0, height: 448.0 });
    }

    #[test]
    fn the_longer_side_is_cut_to_whole_pixels_and_half_offsets_round_to_even() {
        // torchvision: int(256·500/375) = 341; round((341 − 224)/2 = 58.5) = 58.
        let placement = VGG.placement(500, 375).unwrap();
        assert_eq!(placement.full, (341, 256));
        assert_eq!((placement.window.left, placement.window.top), (58, 16));
        // int(256·1001/333 = 769.5…) = 769.
        assert_eq!(VGG.placement(333, 1001).unwrap().full, (256, 769));
        // round(59.5) = 60.
        assert_eq!(centred(343, 224), 60);
    }

    #[test]
    fn a_line_of_pixels_is_cropped_without_a_picture_of_its_resized_length() {
        for (width, height) in [(1, 10_000), (10_000, 1)] {
            let crop = VGG.apply(&RgbImage::from_pixel(width, height, image::Rgb([1, 2, 3])));
            assert!(crop.image.pixels().all(|pixel| pixel.0 == [1, 2, 3]));
            assert_eq!(crop.image.dimensions(), (224, 224));
        }
    }

    #[test]
    fn a_crop_larger_than_the_resize_shows_the_whole_shorter_side() {
        let region = CropRule { resize: 10, crop: 20 }.region(40, 80);
        assert_eq!(region, Region { x: 0.0, y: 20.0, width: 40.0, height: 40.0 });
    }

    #[test]
    fn a_photo_without_pixels_gives_black() {
        let crop = CropRule { resize: 4, crop: 2 }.apply(&RgbImage::new(0, 7));
        assert_eq!(crop.image, RgbImage::new(2, 2));
    }

    proptest! {
        #[test]
        fn the_region_lies_inside_the_photo(
            width in 1..5000_u32, height in 1..5000_u32, resize in 1..600_u32, crop in 1..600_u32,
        ) {
            let region = CropRule { resize, crop }.region(width, height);
            let slack = 1e-3;
            prop_assert!(region.x >= 0.0 && region.y >= 0.0);
            prop_assert!(region.x + region.width <= width as f32 + slack);
            prop_assert!(region.y + region.height <= height as f32 + slack);
            prop_assert!(region.width > 0.0 && region.height > 0.0);
        }

        #[test]
        fn the_square_has_the_side_the_rule_says(
            width in 1..60_u32, height in 1..60_u32, resize in 0..40_u32, crop in 0..40_u32,
        ) {
            let side = crop.max(1);
            let image = CropRule { resize, crop }.apply(&RgbImage::new(width, height)).image;
            prop_assert_eq!(image.dimensions(), (side, side));
        }
    }
}
