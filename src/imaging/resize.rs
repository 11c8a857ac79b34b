//! Antialiased resizing that computes only a window of the result.
//!
//! The same numbers as Pillow's `Image.resize` (`Resample.c`), to the last bit, because the published
//! accuracies of the models rest on that preprocessing: when shrinking, the filter is widened by the ratio; weights
//! are fixed-point; the horizontal pass comes first and is rounded to 8 bits before the vertical one. Bands of other pictures
//! are not rounded.
//! (Pillow 13 takes the vertical pass first for some tall pictures; the models were measured with the order before.)

use std::f64::consts::PI;

use image::RgbImage;
use serde::{Deserialize, Serialize};

/// The part of the resized picture that is wanted, in its pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub left: u64,
    pub top: u64,
    pub width: u32,
    pub height: u32,
}

/// The part of a photo that is resized, in whole pixels; it lies inside the photo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// How a pixel is made of those around it, as Pillow calls its filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resampling {
    /// Of 2 × 2, by their distance.
    Bilinear,
    /// Of 4 × 4, by cubics.
    #[default]
    Bicubic,
    /// Of 6 × 6, by a windowed sinc.
    Lanczos,
}

impl Resampling {
    /// Every filter.
    pub const ALL: [Self; 3] = [Self::Bilinear, Self::Bicubic, Self::Lanczos];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
            Self::Lanczos => "lanczos",
        }
    }

    /// Half the width of the filter, in source pixels when enlarging.
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    /// The weight of what is so far away.
    fn weight(self, x: f64) -> f64 {
        match self {
            Self::Bilinear => (1.0 - x.abs()).max(0.0),
            Self::Bicubic => cubic(x),
            Self::Lanczos if x.abs() < self.support() => sinc(x) * sinc(x / self.support()),
            Self::Lanczos => 0.0,
        }
    }
}

/// The parameter of the cubic (Keys, 1981): −0.5, as in Pillow.
const A: f64 = -0.5;
/// Bits after the point in a weight: 32, less 8 for the pixel and 2 for sums beyond [0, 1], as in Pillow.
const WEIGHT_BITS: u32 = 32 - 8 - 2;
const ROUND: i32 = 1 << (WEIGHT_BITS - 1);
const CHANNELS: usize = 3;

/// The `window` of a `part` of `photo`, of at least one pixel, resized to `full` (width, height), both at least 1, and
/// the window inside `full`. What is beside the part plays no part.
///
/// Beside the result it takes memory for `window.width` times the source rows the window depends on.
pub(super) fn resize_window(
    photo: &RgbImage,
    part: Part,
    full: (u64, u64),
    window: Window,
    resampling: Resampling,
) -> RgbImage {
    let columns = fixed(taps(part.width, full.0, window.left, window.width, resampling));
    let rows = fixed(taps(part.height, full.1, window.top, window.height, resampling));
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return RgbImage::new(window.width, window.height);
    };

    let source_stride = CHANNELS * photo.width() as usize;
    let stride = CHANNELS * window.width as usize;
    let (first_row, end_row) = (first.start, last.start + last.weights.len());
    let mut narrowed = vec![0; stride * (end_row - first_row)];
    let source_rows = photo.as_raw().chunks_exact(source_stride).skip(part.y as usize + first_row);
    for (to, from) in narrowed.chunks_exact_mut(stride.max(1)).zip(source_rows) {
        narrow_row(&from[CHANNELS * part.x as usize..], &columns, to);
    }

    let mut result = RgbImage::new(window.width, window.height);
    let mut sums = vec![0; stride];
    for (to, row) in result.chunks_exact_mut(stride.max(1)).zip(&rows) {
        sums.fill(ROUND);
        let sources = narrowed.chunks_exact(stride).skip(row.start - first_row);
        for (&weight, source) in row.weights.iter().zip(sources) {
            for (sum, &level) in sums.iter_mut().zip(source) {
                *sum += weight * i32::from(level);
            }
        }
        for (level, &sum) in to.iter_mut().zip(&sums) {
            *level = to_level(sum);
        }
    }
    result
}

/// The same of one band of numbers, `[height, width]`, `width` of them a row: nothing is rounded to levels or kept between
/// them, as in Pillow's mode “F”.
pub(super) fn resize_plane(
    plane: &[f32],
    width: usize,
    part: Part,
    full: (u64, u64),
    window: Window,
    resampling: Resampling,
) -> Vec<f32> {
    let columns = taps(part.width, full.0, window.left, window.width, resampling);
    let rows = taps(part.height, full.1, window.top, window.height, resampling);
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
    let (first_row, end_row) = (first.start, last.start + last.weights.len());
    let weighed = |weights: &[f64], values: &mut dyn Iterator<Item = &f32>| {
        weights.iter().zip(values).map(|(weight, value)| weight * f64::from(*value)).sum::<f64>() as f32
    };
    let source_rows = plane.chunks_exact(width.max(1)).skip(part.y as usize + first_row).take(end_row - first_row);
    let narrowed: Vec<f32> = source_rows
        .flat_map(|row| {
            let row = &row[part.x as usize..];
            columns.iter().map(move |column| weighed(&column.weights, &mut row.iter().skip(column.start)))
        })
        .collect();
    let stride = columns.len();
    let value = |(row, x): (&Taps<f64>, usize)| {
        let from = (row.start - first_row) * stride + x;
        weighed(&row.weights, &mut narrowed.iter().skip(from).step_by(stride.max(1)))
    };
    rows.iter().flat_map(|row| (0..stride).map(move |x| (row, x))).map(value).collect()
}

fn narrow_row(from: &[u8], columns: &[Taps<i32>], to: &mut [u8]) {
    for (pixel, column) in to.chunks_exact_mut(CHANNELS).zip(columns) {
        let mut sums = [ROUND; CHANNELS];
        let sources = from.chunks_exact(CHANNELS).skip(column.start);
        for (&weight, source) in column.weights.iter().zip(sources) {
            for (sum, &level) in sums.iter_mut().zip(source) {
                *sum += weight * i32::from(level);
            }
        }
        for (level, sum) in pixel.iter_mut().zip(sums) {
            *level = to_level(sum);
        }
    }
}

fn to_level(sum: i32) -> u8 {
    (sum >> WEIGHT_BITS).clamp(0, 255) as u8
}

/// The source pixels, from `start` on, that make one pixel of the result, and their weights, which add up to 1.
struct Taps<W> {
    start: usize,
    weights: Vec<W>,
}

/// The taps of `count` pixels from `offset` on, of an axis resized from `source` to `full` pixels.
fn taps(source: u32, full: u64, offset: u64, count: u32, resampling: Resampling) -> Vec<Taps<f64>> {
    let ratio = f64::from(source) / full as f64;
    let stretch = ratio.max(1.0);
    let reach = resampling.support() * stretch;
    (0..u64::from(count))
        .map(|pixel| {
            let centre = ((offset + pixel) as f64 + 0.5) * ratio;
            let start = (centre - reach + 0.5).max(0.0) as usize;
            let end = ((centre + reach + 0.5) as usize).min(source as usize);
            let weights: Vec<f64> =
                (start..end).map(|x| resampling.weight((x as f64 - centre + 0.5) / stretch)).collect();
            let sum: f64 = weights.iter().sum();
            Taps { start, weights: weights.into_iter().map(|weight| weight / sum).collect() }
        })
        .collect()
}

/// The same in fixed-point numbers.
fn fixed(taps: Vec<Taps<f64>>) -> Vec<Taps<i32>> {
    let in_fixed =
        |Taps { start, weights }: Taps<f64>| Taps { start, weights: weights.into_iter().map(to_fixed).collect() };
    taps.into_iter().map(in_fixed).collect()
}

fn to_fixed(weight: f64) -> i32 {
    (weight * f64::from(1 << WEIGHT_BITS)).round() as i32
}

fn cubic(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

/// sin(πx)/(πx).
fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

#[cfg(test)]
mod tests {
    use super::{Resampling::Bicubic, *};

    /// A picture without symmetry, the same as the one Pillow was given for the numbers below.
    fn pattern(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * x * 7 + y * 13) as u8, (x * 31 + y * y * 3) as u8, (x * y * 11 + 5) as u8])
        })
    }

    fn whole(width: u32, height: u32) -> Window {
        Window { left: 0, top: 0, width, height }
    }

    fn all(photo: &RgbImage) -> Part {
        Part { x: 0, y: 0, width: photo.width(), height: photo.height() }
    }

    #[test]
    fn the_numbers_are_pillows() {
        // Pillow 12: Image.fromarray(pattern(13, 9)).resize(size, Image.BICUBIC), shrinking both ways, then mixed.
        let small = resize_window(&pattern(13, 9), all(&pattern(13, 9)), (5, 3), whole(5, 3), Bicubic);
        let expected = [
            21, 31, 15, 103, 109, 47, 129, 202, 84, 144, 103, 96, 139, 84, 102, 59, 77, 45, 143, 162, 140, 132, 141,
            129, 150, 64, 133, 117, 142, 135, 100, 177, 79, 156, 141, 130, 116, 72, 114, 90, 158, 114, 108, 150, 114,
        ];
        assert_eq!(small.as_raw()[..], expected);
        let wide = resize_window(&pattern(13, 9), all(&pattern(13, 9)), (16, 2), whole(16, 2), Bicubic);
        assert_eq!(wide.as_raw()[..18], [25, 15, 4, 29, 36, 19, 41, 62, 38, 63, 90, 57, 95, 119, 78, 135, 146, 96]);
    }

    #[test]
    fn other_filters_are_pillows_too() {
        // The same with Image.BILINEAR and Image.LANCZOS.
        let bilinear = [
            30, 41, 20, 103, 112, 51, 124, 185, 85, 142, 107, 97, 138, 91, 104, 66, 85, 52, 139, 152, 131, 129, 139,
            123, 147, 77, 130, 119, 135, 134, 102, 168, 80, 150, 140, 127, 114, 85, 118, 96, 150, 114, 110, 149, 115,
        ];
        let lanczos = [
            15, 27, 13, 102, 103, 44, 132, 216, 85, 144, 103, 95, 139, 74, 101, 53, 71, 44, 146, 169, 146, 131, 141,
            131, 150, 55, 137, 117, 148, 138, 100, 184, 81, 157, 144, 133, 117, 59, 107, 87, 165, 115, 109, 153, 111,
        ];
        let wide_bilinear = [28, 21, 5, 33, 43, 22, 46, 68, 42, 68, 94, 61, 99, 119, 80, 138, 144, 97];
        let wide_lanczos = [24, 11, 4, 28, 32, 18, 41, 61, 37, 62, 86, 55, 92, 120, 79, 133, 150, 98];
        let photo = pattern(13, 9);
        for (resampling, small, wide) in
            [(Resampling::Bilinear, bilinear, wide_bilinear), (Resampling::Lanczos, lanczos, wide_lanczos)]
        {
            let resized = |width: u32, height: u32| {
                resize_window(&photo, all(&photo), (width.into(), height.into()), whole(width, height), resampling)
            };
            assert_eq!(resized(5, 3).as_raw()[..], small, "{resampling:?}");
            assert_eq!(resized(16, 2).as_raw()[..18], wide, "{resampling:?}");
        }
    }

    #[test]
    fn resizing_to_the_same_size_changes_nothing() {
        let photo = pattern(13, 9);
        assert_eq!(resize_window(&photo, all(&photo), (13, 9), whole(13, 9), Bicubic), photo);
    }

    #[test]
    fn a_window_is_the_same_pixels_as_in_the_whole() {
        let photo = pattern(37, 23);
        let full = resize_window(&photo, all(&photo), (20, 51), whole(20, 51), Bicubic);
        let window = Window { left: 3, top: 11, width: 9, height: 30 };
        let part = resize_window(&photo, all(&photo), (20, 51), window, Bicubic);
        for (x, y, pixel) in part.enumerate_pixels() {
            assert_eq!(pixel, full.get_pixel(x + 3, y + 11));
        }
    }

    #[test]
    fn a_flat_picture_stays_flat() {
        let photo = RgbImage::from_pixel(50, 31, image::Rgb([3, 128, 252]));
        let result = resize_window(&photo, all(&photo), (17, 90), whole(17, 90), Bicubic);
        assert!(result.pixels().all(|pixel| pixel.0 == [3, 128, 252]));
    }
}
