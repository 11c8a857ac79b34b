//! The picture on the wall at the size of the wall: sharper than what the model sees, lighter than the photo.

use std::sync::Arc;

use image::{RgbImage, imageops};

use crate::imaging::{CropRule, Photo};

/// Longer side of the whole picture, in pixels: fills a tile on a large screen, and fits the texture of any graphics card.
const WHOLE_SIDE: u32 = 1024;
/// The model's square is enlarged by whole factors up to about this side, in pixels.
const CROP_SIDE: u32 = 672;

/// A picture at the size of the wall.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The picture it was made from.
    pub photo: Arc<Photo>,
    /// The whole picture.
    pub whole: RgbImage,
    /// The part the model sees, as `rule` cuts it, with more pixels where the photo has more.
    pub crop: RgbImage,
}

impl Preview {
    /// Reads the photo once; slow for a large one.
    pub fn new(photo: Arc<Photo>, rule: CropRule) -> Self {
        let (width, height) = photo.image.dimensions();
        let longer = width.max(height);
        let whole = if longer > WHOLE_SIDE {
            let side = |length: u32| (u64::from(length) * u64::from(WHOLE_SIDE) / u64::from(longer)).max(1) as u32;
            imageops::thumbnail(&photo.image, side(width), side(height))
        } else {
            photo.image.clone()
        };
        let factor = magnification(rule, width.min(height));
        let crop = CropRule { resize: rule.resize * factor, crop: rule.crop * factor }.apply(&photo.image).image;
        Self { photo, whole, crop }
    }
}

/// How many pixels of the preview one of the model's pixels gets along a side.
fn magnification(rule: CropRule, shorter_side: u32) -> u32 {
    let useful = shorter_side.div_ceil(rule.resize.max(1));
    let affordable = CROP_SIDE / rule.crop.max(1);
    useful.min(affordable).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: CropRule = CropRule { resize: 256, crop: 224 };

    #[test]
    fn a_preview_has_no_more_pixels_than_help() {
        assert_eq!(magnification(RULE, 100), 1);
        assert_eq!(magnification(RULE, 400), 2);
        assert_eq!(magnification(RULE, 4000), 3);
        assert_eq!(magnification(CropRule { resize: 0, crop: 0 }, 4000), 672);
    }

    #[test]
    fn a_large_picture_keeps_its_shape() {
        let photo =
            Photo { image: RgbImage::new(2048, 512), name: String::new(), origin: crate::imaging::Origin::Sample };
        let preview = Preview::new(Arc::new(photo), RULE);
        assert_eq!(preview.whole.dimensions(), (1024, 256));
        assert_eq!(preview.crop.dimensions(), (448, 448));
    }
}
