//! The picture on the wall at the size of the wall: sharper than what the model sees, lighter than the photo.

use std::sync::Arc;

use image::{Rgb, RgbImage};

use crate::imaging::{CropMode, CropRule, Photo, Region, thumbnail};

/// Longer side of the whole picture, in pixels: fills a tile on a large screen, and fits the texture of any graphics card.
const WHOLE_SIDE: u32 = 1024;
/// What the model sees is enlarged by whole factors up to about this side, in pixels.
const CROP_SIDE: u32 = 672;

/// A picture at the size of the wall.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The picture it was made from.
    pub photo: Arc<Photo>,
    /// The whole picture.
    pub whole: RgbImage,
    /// The part the model sees, with more pixels where the photo has more.
    crop: RgbImage,
    /// How that was cut.
    mode: CropMode,
}

impl Preview {
    /// Reads the photo once; slow for a large one.
    pub fn new(photo: Arc<Photo>, rule: CropRule, mode: CropMode, bars: Rgb<u8>) -> Self {
        let (width, height) = photo.image.dimensions();
        let whole = thumbnail(&photo.image, WHOLE_SIDE);
        let factor = magnification(rule, rule.region_of(mode, width, height));
        let rule = CropRule { resize: rule.resize * factor, crop: rule.crop.times(factor as usize), ..rule };
        let crop = rule.cut(&photo.image, mode, bars).image;
        Self { photo, whole, crop, mode }
    }

    /// What the model sees of a picture that is cut like this, if the preview was.
    pub fn cut(&self, mode: CropMode) -> Option<&RgbImage> {
        (self.mode == mode).then_some(&self.crop)
    }
}

/// How many pixels of the preview one of the model's pixels gets along a side.
fn magnification(rule: CropRule, region: Region) -> u32 {
    let [across, down] = [rule.crop.width, rule.crop.height].map(|side| side.max(1) as f32);
    let useful = (region.width / across).max(region.height / down).ceil() as u32;
    let affordable = CROP_SIDE / rule.crop.longer().max(1) as u32;
    useful.min(affordable).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: CropRule = CropRule::new(256, 224);

    #[test]
    fn a_preview_has_no_more_pixels_than_help() {
        let factor = |rule: CropRule, side| magnification(rule, rule.region(side, side));
        assert_eq!(factor(RULE, 100), 1);
        assert_eq!(factor(RULE, 400), 2);
        assert_eq!(factor(RULE, 4000), 3);
        assert_eq!(factor(CropRule::new(0, 0), 4000), 672);
    }

    #[test]
    fn a_large_picture_keeps_its_shape() {
        let photo = Photo::new(RgbImage::new(2048, 512), "", crate::imaging::Origin::Sample);
        let preview = Preview::new(Arc::new(photo), RULE, CropMode::Center, Rgb([0; 3]));
        assert_eq!(preview.whole.dimensions(), (1024, 256));
        assert_eq!(preview.cut(CropMode::Center).map(RgbImage::dimensions), Some((448, 448)));
        assert_eq!(preview.cut(CropMode::Squash), None);
    }
}
