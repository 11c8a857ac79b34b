//! A saliency as a picture: alone, or laid over the photo it explains.

use image::{Rgb, RgbImage};

use super::colormap::Colormap;

/// The picture of a grid `[height, width]` of values in [0, 1] ([−1, 1] for a signed colour map), one pixel a cell, in the colours of `colormap`.
/// Cells that `values` is too short for are drawn as 0.
pub fn heatmap(values: &[f32], width: usize, height: usize, colormap: Colormap) -> RgbImage {
    assert_eq!(values.len(), width * height, "values are [{height}, {width}]");
    let mut image = RgbImage::from_pixel(width as u32, height as u32, Rgb(colormap.rgb(0.0)));
    for (pixel, &value) in image.pixels_mut().zip(values) {
        pixel.0 = colormap.rgb(value);
    }
    image
}

/// `picture` with the colours of `values` over it: `(1 − opacity)·picture + opacity·colour`.
///
/// `values` in [0, 1] are as many as the picture has pixels, row by row; a pixel without one stays as it is.
/// `opacity` is clamped to [0, 1]; NaN counts as 0.
pub fn overlay(picture: &RgbImage, values: &[f32], colormap: Colormap, opacity: f32) -> RgbImage {
    assert_eq!(values.len(), picture.pixels().len(), "one value a pixel");
    let opacity = if opacity.is_nan() { 0.0 } else { opacity.clamp(0.0, 1.0) };
    let mut image = picture.clone();
    for (pixel, &value) in image.pixels_mut().zip(values) {
        for (level, colour) in pixel.0.iter_mut().zip(colormap.rgb(value)) {
            let mixed = (1.0 - opacity) * f32::from(*level) + opacity * f32::from(colour);
            *level = mixed.round() as u8;
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_heatmap_has_the_maps_colours_row_by_row() {
        let image = heatmap(&[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 3, 2, Colormap::Grey);
        let levels: Vec<u8> = image.pixels().map(|pixel| pixel.0[0]).collect();
        assert_eq!(levels, [0, 51, 102, 153, 204, 255]);
        assert_eq!(image.dimensions(), (3, 2));
    }

    #[test]
    fn opacity_mixes_picture_and_colour() {
        let picture = RgbImage::from_pixel(1, 1, Rgb([100, 0, 255]));
        let mixed = |opacity| overlay(&picture, &[1.0], Colormap::Grey, opacity).get_pixel(0, 0).0;
        assert_eq!(mixed(0.25), [139, 64, 255]);
        assert_eq!(mixed(1.0), [255; 3]);
        assert_eq!(mixed(9.0), [255; 3]);
        assert_eq!(mixed(f32::NAN), [100, 0, 255]);
    }

    proptest! {
        #[test]
        fn an_overlay_of_no_opacity_is_the_picture(value in 0.0..1.0_f32, level: u8) {
            let picture = RgbImage::from_pixel(2, 1, Rgb([level, 7, 200]));
            prop_assert_eq!(overlay(&picture, &[value; 2], Colormap::Jet, 0.0), picture);
        }
    }
}
