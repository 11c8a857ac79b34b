//! Superpixels by SLIC: pixels gathered around centres that are near in place and colour.
//!
//! Source: Achanta, Shaji, Smith, Lucchi, Fua, Süsstrunk, *SLIC Superpixels Compared to State-of-the-Art Superpixel
//! Methods*, IEEE Transactions on Pattern Analysis and Machine Intelligence 34, 2012. Colours are CIELAB's. Where a picture
//! has other bands than red, green and blue, each spans its own range, and all together as much as lightness.

use crate::{
    imaging::{MAX_CHANNELS, Size},
    model::Input,
};

/// How much places count beside colours: the paper's usual value.
const COMPACTNESS: f32 = 10.0;

/// Times that the centres move; the paper found ten to be enough for most pictures.
const ITERATIONS: usize = 10;

/// A piece smaller than this share of the usual size is made a part of its neighbour.
const SMALLEST: f32 = 0.25;

/// How far black is from white in CIELAB.
const LIGHTNESS: f32 = 100.0;

/// The values of a pixel's bands, or CIELAB's three; 0 beyond.
type Color = [f32; MAX_CHANNELS];

/// A pixel's colour and place, or a centre's.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    color: Color,
    x: f32,
    y: f32,
}

/// The superpixel of each pixel, row by row: about `per_side²` of them, each in one piece.
pub(super) fn superpixels(input: &Input, per_side: usize) -> Vec<usize> {
    let Size { width, height } = input.size;
    let points = points(input);
    let [across, down] = [width, height].map(|side| side as f32 / per_side as f32);
    let mut centres: Vec<Point> = (0..per_side * per_side)
        .map(|cell| {
            let at = |index: usize, step: f32, side: usize| (((index as f32 + 0.5) * step) as usize).min(side - 1);
            points[at(cell / per_side, down, height) * width + at(cell % per_side, across, width)]
        })
        .collect();
    let mut labels = vec![0; points.len()];
    for _ in 0..ITERATIONS {
        assign(&points, &centres, input.size, [across, down], &mut labels);
        centres = means(&points, &labels, &centres);
    }
    let least = (SMALLEST * across * down).max(1.0) as usize;
    in_one_piece(&labels, input.size, least)
}

fn points(input: &Input) -> Vec<Point> {
    let width = input.size.width;
    let colors = if input.normalisation.channels() == 3 { lab_colors(input) } else { band_colors(input) };
    let point = |(pixel, color): (usize, Color)| Point { color, x: (pixel % width) as f32, y: (pixel / width) as f32 };
    colors.into_iter().enumerate().map(point).collect()
}

fn lab_colors(input: &Input) -> Vec<Color> {
    let pixels = input.size.area();
    let value = |channel: usize, pixel: usize| {
        let value = input.planar[channel * pixels + pixel];
        (value * input.normalisation.std[channel] + input.normalisation.mean[channel]).clamp(0.0, 1.0)
    };
    let color = |pixel: usize| {
        let mut color = Color::default();
        color[..3].copy_from_slice(&lab([0, 1, 2].map(|channel| value(channel, pixel))));
        color
    };
    (0..pixels).map(color).collect()
}

/// The bands, each from its least value in the picture to its largest.
fn band_colors(input: &Input) -> Vec<Color> {
    let mut colors = vec![Color::default(); input.size.area()];
    let planes = input.planar.chunks_exact(input.size.area().max(1));
    let most = LIGHTNESS / (planes.len().max(1) as f32).sqrt();
    for (band, plane) in planes.enumerate() {
        let ends = (f32::INFINITY, f32::NEG_INFINITY);
        let (low, high) = plane.iter().fold(ends, |(low, high), value| (low.min(*value), high.max(*value)));
        let range = (high - low).max(f32::MIN_POSITIVE);
        for (color, value) in colors.iter_mut().zip(plane) {
            color[band] = most * ((value - low) / range);
        }
    }
    colors
}

/// CIELAB of sRGB, for the white of daylight (D65).
fn lab(srgb: [f32; 3]) -> [f32; 3] {
    let [r, g, b] =
        srgb.map(|value| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) });
    let x = (0.412_456 * r + 0.357_576 * g + 0.180_438 * b) / 0.950_47;
    let y = 0.212_673 * r + 0.715_152 * g + 0.072_175 * b;
    let z = (0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83;
    let [x, y, z] = [x, y, z].map(|t| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Gives each pixel to the nearest of the centres that are no further than a step away.
fn assign(points: &[Point], centres: &[Point], size: Size, [across, down]: [f32; 2], labels: &mut [usize]) {
    let mut nearest = vec![f32::INFINITY; points.len()];
    let place_weight = (COMPACTNESS / across) * (COMPACTNESS / down);
    for (number, centre) in centres.iter().enumerate() {
        let span = |at: f32, step: f32, side: usize| {
            ((at - step).floor().max(0.0) as usize)..((at + step).ceil() as usize + 1).min(side)
        };
        let columns = span(centre.x, across, size.width);
        let rows = span(centre.y, down, size.height);
        for pixel in rows.flat_map(|row| columns.clone().map(move |column| row * size.width + column)) {
            let point = points[pixel];
            let colors = point.color.iter().zip(&centre.color).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
            let places = (point.x - centre.x).powi(2) + (point.y - centre.y).powi(2);
            let distance = colors + place_weight * places;
            if distance < nearest[pixel] {
                (nearest[pixel], labels[pixel]) = (distance, number);
            }
        }
    }
}

/// The mean of the pixels of each centre; one without pixels stays.
fn means(points: &[Point], labels: &[usize], before: &[Point]) -> Vec<Point> {
    const NUMBERS: usize = MAX_CHANNELS + 2;
    let mut sums = vec![([0.0_f64; NUMBERS], 0_u32); before.len()];
    for (point, label) in points.iter().zip(labels) {
        let (sum, count) = &mut sums[*label];
        for (sum, value) in sum.iter_mut().zip(point.color.iter().chain([&point.x, &point.y])) {
            *sum += f64::from(*value);
        }
        *count += 1;
    }
    let mean = |((sums, count), before): (([f64; NUMBERS], u32), &Point)| {
        let [color @ .., x, y] = sums.map(|sum| (sum / f64::from(count)) as f32);
        if count == 0 { *before } else { Point { color, x, y } }
    };
    sums.into_iter().zip(before).map(mean).collect()
}

/// Every piece as a superpixel of its own, but for those smaller than `least`, which become a part of the piece beside
/// them.
fn in_one_piece(labels: &[usize], size: Size, least: usize) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let mut pieces = vec![NONE; labels.len()];
    let mut count = 0;
    for first in 0..labels.len() {
        if pieces[first] != NONE {
            continue;
        }
        // A pixel before this one, to the left or above, is of another piece by now.
        let beside = neighbours(first, size).find_map(|other| Some(pieces[other]).filter(|piece| *piece != NONE));
        let mut members = vec![first];
        pieces[first] = count;
        let mut seen = 0;
        while let Some(&pixel) = members.get(seen) {
            seen += 1;
            for other in neighbours(pixel, size) {
                if pieces[other] == NONE && labels[other] == labels[first] {
                    pieces[other] = count;
                    members.push(other);
                }
            }
        }
        match beside.filter(|_| members.len() < least) {
            Some(piece) => members.iter().for_each(|pixel| pieces[*pixel] = piece),
            None => count += 1,
        }
    }
    pieces
}

/// The pixels beside a pixel.
fn neighbours(pixel: usize, Size { width, height }: Size) -> impl Iterator<Item = usize> {
    let (row, column) = (pixel / width, pixel % width);
    let left = (column > 0).then(|| pixel - 1);
    let above = (row > 0).then(|| pixel - width);
    let right = (column + 1 < width).then_some(pixel + 1);
    let below = (row + 1 < height).then_some(pixel + width);
    [left, above, right, below].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::imaging::{Crop, Normalisation, Region};

    /// A square with a slanted edge between black and white.
    fn two_colours(side: usize) -> Input {
        let normalisation = Normalisation::new([0.5; 3], [0.25; 3]);
        let plane = (0..side * side).map(|pixel| if 2 * (pixel % side) + pixel / side < side { 2.0 } else { -2.0 });
        let planar = plane.clone().chain(plane.clone()).chain(plane).collect();
        let region = Region { x: 0.0, y: 0.0, width: side as f32, height: side as f32 };
        let crop = Crop { image: RgbImage::new(side as u32, side as u32), bands: None, region };
        Input { planar, size: Size::square(side), crop, normalisation }
    }

    #[test]
    fn a_superpixel_is_of_one_colour_in_one_piece_and_about_as_large_as_the_others() {
        let (side, per_side) = (60, 5);
        let input = two_colours(side);
        let labels = superpixels(&input, per_side);
        let count = labels.iter().max().unwrap() + 1;
        assert!((18..=40).contains(&count), "{count}");
        for label in 0..count {
            let members: Vec<usize> = (0..side * side).filter(|pixel| labels[*pixel] == label).collect();
            assert!((30..=500).contains(&members.len()), "{}", members.len());
            let white = members.iter().filter(|pixel| input.planar[**pixel] > 0.0).count();
            let mixed = white.min(members.len() - white);
            assert!(mixed * 20 <= members.len(), "{white} of {}", members.len());
        }
        // One piece each: as many pieces as there are labels.
        let pieces = in_one_piece(&labels, Size::square(side), 0);
        assert_eq!(pieces.iter().max().unwrap() + 1, count);
    }

    #[test]
    fn white_and_black_are_the_ends_of_lightness() {
        let [white, black] = [[1.0; 3], [0.0; 3]].map(lab);
        assert!((white[0] - 100.0).abs() < 0.01 && black[0].abs() < 0.01, "{white:?} {black:?}");
        assert!(white[1].abs() < 0.01 && white[2].abs() < 0.01, "{white:?}");
    }
}
