//! Pictures for eyes, made larger or smaller. What a model sees is cut by [`CropRule`](crate::CropRule) instead, as its
//! authors do.

use image::{
    RgbImage,
    imageops::{self, FilterType},
};

/// `picture`, `width` pixels wide and `height` high, by Catmull-Rom's cubic.
pub fn scaled(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    imageops::resize(picture, width, height, FilterType::CatmullRom)
}

/// The part of `picture` at `x` and `y` and so many pixels `across` and `down`, as large as `width` × `height` by the
/// same cubic; what lies outside the picture is left out.
pub fn scaled_part(picture: &RgbImage, [x, y, across, down]: [u32; 4], width: u32, height: u32) -> RgbImage {
    scaled(&imageops::crop_imm(picture, x, y, across, down).to_image(), width, height)
}

/// `picture` with a longer side of at most `side` pixels, by averages.
pub fn thumbnail(picture: &RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= side {
        return picture.clone();
    }
    let along = |length: u32| (u64::from(length) * u64::from(side) / u64::from(longer)).max(1) as u32;
    imageops::thumbnail(picture, along(width), along(height))
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_longer_side_is_bounded_and_none_vanishes() {
        let sides = |width, height| thumbnail(&RgbImage::from_pixel(width, height, Rgb([9; 3])), 100).dimensions();
        assert_eq!([sides(400, 200), sides(200, 400), sides(90, 30)], [(100, 50), (50, 100), (90, 30)]);
        assert_eq!([sides(1000, 1), sides(0, 0)], [(100, 1), (0, 0)]);
    }

    #[test]
    fn a_part_at_its_own_size_is_its_pixels() {
        let picture = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 20, y as u8 * 20, 0]));
        let part = scaled_part(&picture, [4, 2, 3, 2], 3, 2);
        assert_eq!(part, RgbImage::from_fn(3, 2, |x, y| Rgb([(x + 4) as u8 * 20, (y + 2) as u8 * 20, 0])));
    }
}
