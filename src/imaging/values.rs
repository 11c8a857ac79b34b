//! What the numbers of a decoded picture say, before they become 8 bits a channel.

use image::{DynamicImage, ImageBuffer, Pixel, Primitive, Rgba};

/// How far beyond 0 and 1 a float may be: half a level of 8 bits, which rounding and resampling come to.
const TOLERANCE: f32 = 0.5 / 255.0;

/// The most steps of 16 bits that a picture may span to be warned of: a sixteenth, as of 12 bits stored in 16.
const NARROW: u16 = u16::MAX / 16;

/// Why a picture's floats cannot be shown: 1 is white and 0 is black, and whatever is beyond would be cut off.
pub(super) fn refused_floats(picture: &DynamicImage) -> Option<String> {
    let floats: &[f32] = match picture {
        DynamicImage::ImageRgb32F(picture) => picture.as_raw(),
        DynamicImage::ImageRgba32F(picture) => picture.as_raw(),
        _ => return None,
    };
    if floats.iter().any(|float| !float.is_finite()) {
        return Some(String::from("not all numbers (NaN or infinity)"));
    }
    let (least, most) = range(floats.iter().copied(), f32::INFINITY, f32::NEG_INFINITY);
    let is_beyond = least < -TOLERANCE || most > 1.0 + TOLERANCE;
    is_beyond.then(|| format!("from {least} to {most}, and 0 is black and 1 is white"))
}

/// What to know of a picture whose 16 bits a channel span a sixteenth of their range or less: it was probably stored
/// with fewer bits, and looks like one level.
pub(super) fn narrow_range(picture: &DynamicImage) -> Option<String> {
    let (least, most) = match picture {
        DynamicImage::ImageLuma16(picture) => colours(picture),
        DynamicImage::ImageLumaA16(picture) => colours(picture),
        DynamicImage::ImageRgb16(picture) => colours(picture),
        DynamicImage::ImageRgba16(picture) => colours(picture),
        _ => return None,
    };
    (most - least <= NARROW).then(|| {
        format!(
            "The picture's values are from {least} to {most} of {}, a sixteenth of that or less, so that it looks the \
             same nearly everywhere. Stretch them if it should not",
            u16::MAX
        )
    })
}

/// The least and the largest value of the colour channels.
fn colours<P: Pixel<Subpixel = u16>>(picture: &ImageBuffer<P, Vec<u16>>) -> (u16, u16) {
    let channels = usize::from(P::CHANNEL_COUNT);
    let coloured = if P::HAS_ALPHA { channels - 1 } else { channels };
    let values = picture.as_raw().chunks_exact(channels).flat_map(|pixel| pixel[..coloured].iter().copied());
    range(values, u16::MAX, u16::MIN)
}

fn range<T: PartialOrd + Copy>(values: impl Iterator<Item = T>, least: T, most: T) -> (T, T) {
    values.fold((least, most), |(least, most), value| {
        (if value < least { value } else { least }, if value > most { value } else { most })
    })
}

/// Takes alpha out of the colours that it is multiplied into.
pub(super) fn divide_by_alpha(picture: &mut DynamicImage) {
    match picture {
        DynamicImage::ImageRgba8(picture) => divide(picture, |colour, alpha| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            ((255 * colour + alpha / 2) / alpha).min(255) as u8
        }),
        DynamicImage::ImageRgba16(picture) => divide(picture, |colour, alpha| {
            let (colour, alpha) = (u64::from(colour), u64::from(alpha));
            ((65535 * colour + alpha / 2) / alpha).min(65535) as u16
        }),
        DynamicImage::ImageRgba32F(picture) => divide(picture, |colour, alpha| (colour / alpha).min(1.0)),
        _ => {}
    }
}

fn divide<T: Primitive>(picture: &mut ImageBuffer<Rgba<T>, Vec<T>>, quotient: impl Fn(T, T) -> T)
where
    Rgba<T>: Pixel<Subpixel = T>,
{
    for Rgba([red, green, blue, alpha]) in picture.pixels_mut() {
        if *alpha > T::zero() {
            for colour in [red, green, blue] {
                *colour = quotient(*colour, *alpha);
            }
        }
    }
}
