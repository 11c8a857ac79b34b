//! A signed map as a picture: blue below zero, orange above, the picture itself where it is zero.

use image::RgbImage;

/// Below zero. With [`ABOVE`] a pair that people with any kind of colour vision tell apart (Okabe and Ito, 2008).
const BELOW: [f32; 3] = [0.0, 114.0, 218.0];
/// Above zero.
const ABOVE: [f32; 3] = [245.0, 130.0, 0.0];
/// Zero, where there is no picture to show.
const ZERO: [f32; 3] = [32.0; 3];
/// How much of the picture's brightness is left, so that the colours stand out.
const DIMMED: f32 = 0.55;
/// Exponent of a value's strength: small differences are seen too, and zero stays zero.
const LIFT: f32 = 0.7;

/// The colour (red, green, blue) of a value in [−1, 1], which is clamped to it; NaN counts as 0.
pub fn signed_rgb(value: f32) -> [u8; 3] {
    mixed(ZERO, value)
}

/// `picture` in dim grey with the colours of `values` over it, the more of them the larger a value is.
///
/// `values` in [−1, 1] are as many as the picture has pixels, row by row; a pixel without one counts as zero.
pub fn signed_overlay(picture: &RgbImage, values: &[f32]) -> RgbImage {
    assert_eq!(values.len(), picture.pixels().len(), "one value a pixel");
    let mut image = picture.clone();
    for (index, pixel) in image.pixels_mut().enumerate() {
        let [red, green, blue] = pixel.0.map(f32::from);
        // Luma of Rec. 601.
        let grey = DIMMED * (0.299 * red + 0.587 * green + 0.114 * blue);
        pixel.0 = mixed([grey; 3], values.get(index).copied().unwrap_or_default());
    }
    image
}

fn mixed(ground: [f32; 3], value: f32) -> [u8; 3] {
    let value = if value.is_nan() { 0.0 } else { value.clamp(-1.0, 1.0) };
    let colour = if value < 0.0 { BELOW } else { ABOVE };
    let strength = value.abs().powf(LIFT);
    std::array::from_fn(|channel| (ground[channel] + (colour[channel] - ground[channel]) * strength).round() as u8)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_sign_is_the_hue_and_the_size_its_strength() {
        let [red, _, blue] = signed_rgb(1.0);
        assert!(red > 200 && blue < 50);
        let [red, _, blue] = signed_rgb(-1.0);
        assert!(red < 50 && blue > 200);
        assert_eq!(signed_rgb(0.0), signed_rgb(f32::NAN));
        assert_eq!(signed_rgb(7.0), signed_rgb(1.0));
        assert!(signed_rgb(0.2)[0] < signed_rgb(0.6)[0]);
    }

    #[test]
    fn where_nothing_differs_the_picture_is_seen_without_its_colours() {
        let picture = RgbImage::from_fn(2, 1, |x, _| Rgb([200, 100, if x == 0 { 0 } else { 250 }]));
        let drawn = signed_overlay(&picture, &[0.0, 0.0]);
        for pixel in drawn.pixels() {
            assert!(pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2] && pixel.0[0] > 40);
        }
        assert_ne!(drawn.get_pixel(0, 0), drawn.get_pixel(1, 0));
    }
}
