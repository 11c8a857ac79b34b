//! Smooth masks of a certain area: each pixel of a mask is a smooth maximum of the cells around it, every one weighted by
//! how near it is, so that a mask has round pieces of at least a certain size, whatever its cells are.
//!
//! Source: Fong, Patrick, Vedaldi, *Understanding Deep Networks via Extremal Perturbations and Smooth Masks*, ICCV 2019
//! (arXiv 1910.08485), equation 7, as <https://github.com/facebookresearch/TorchRay> computes it: with a margin around
//! the picture, so that pieces may reach beyond its edge.

use crate::imaging::Size;

/// How sharply the smooth maximum favours the largest: the reciprocal of its temperature.
const COLDNESS: f32 = 20.0;

/// From the cells of a mask to its pixels and back.
pub(super) struct Generator {
    /// Of the picture.
    picture: Size,
    /// Pixels from one cell to the next.
    step: usize,
    /// Cells across and down.
    pub size: Size,
    /// Pixels around the picture.
    margin: usize,
    /// Pixels across and down of the mask with its margin.
    pub outer: Size,
    /// Cells around the mask's own that count as 0.
    padding: usize,
    /// Taps along a side: cells that a pixel sees.
    taps: usize,
    /// Weight of each tap for every place of a pixel within its step: `[step, step, taps, taps]`.
    weights: Vec<f32>,
}

/// A mask with what its gradient needs.
pub(super) struct Generated {
    /// `[height, width]` of the mask with its margin, in `[0, 1]`.
    pub outer: Vec<f32>,
    /// Derivative of each pixel by each of its taps: `[height, width, taps, taps]`.
    slopes: Vec<f32>,
}

impl Generator {
    /// For a picture of a size, of cells that are `step` pixels apart and seen `3 · step` pixels far.
    pub fn new(picture: Size, step: usize) -> Self {
        let step = step.max(1);
        let reach = 3 * step;
        let margin = reach;
        let size = Size { width: picture.width.div_ceil(step), height: picture.height.div_ceil(step) };
        let padding = 1 + (margin + reach).div_ceil(step);
        let radius = 1 + reach.div_ceil(step);
        let taps = 2 * radius + 1;
        let with_margin = |cells: usize| step * (cells + 2 * padding - taps + 1) - step + 1;
        let outer = Size { width: with_margin(size.width), height: with_margin(size.height) };
        let weight = |place: usize, tap: usize| {
            let along =
                |place: usize, tap: usize| place as f32 - margin as f32 - step as f32 * (tap as f32 - padding as f32);
            let (y, x) = (along(place / step, tap / taps), along(place % step, tap % taps));
            let distance = y.hypot(x) / reach as f32;
            (-2.0 * (distance - 0.5).max(0.0).powi(2)).exp()
        };
        let weights = (0..step * step).flat_map(|place| (0..taps * taps).map(move |tap| weight(place, tap))).collect();
        Self { picture, step, size, margin, outer, padding, taps, weights }
    }

    /// The cells that a pixel's taps see, tap by tap; none for those around the mask.
    fn seen(&self, pixel: usize) -> impl Iterator<Item = Option<usize>> + '_ {
        let (y, x) = (pixel / self.outer.width / self.step, pixel % self.outer.width / self.step);
        let cell = move |at: usize, tap: usize, cells: usize| {
            (at + tap).checked_sub(self.padding).filter(|cell| *cell < cells)
        };
        (0..self.taps * self.taps).map(move |tap| {
            let (row, column) =
                (cell(y, tap / self.taps, self.size.height)?, cell(x, tap % self.taps, self.size.width)?);
            Some(row * self.size.width + column)
        })
    }

    fn weights_of(&self, pixel: usize) -> &[f32] {
        let place = pixel / self.outer.width % self.step * self.step + pixel % self.outer.width % self.step;
        let count = self.taps * self.taps;
        &self.weights[place * count..(place + 1) * count]
    }

    /// The mask of some cells, `[height, width]`, each in `[0, 1]`.
    pub fn generate(&self, cells: &[f32]) -> Generated {
        let count = self.taps * self.taps;
        let pixels = self.outer.area();
        let (mut outer, mut slopes) = (vec![0.0; pixels], vec![0.0; pixels * count]);
        let mut values = vec![0.0; count];
        for (pixel, (result, slopes)) in outer.iter_mut().zip(slopes.chunks_exact_mut(count)).enumerate() {
            let weights = self.weights_of(pixel);
            for ((value, weight), cell) in values.iter_mut().zip(weights).zip(self.seen(pixel)) {
                *value = cell.map_or(0.0, |cell| weight * cells[cell]);
            }
            let largest = values.iter().copied().fold(0.0, f32::max);
            let mut sum = 0.0;
            for (share, value) in slopes.iter_mut().zip(&values) {
                *share = (COLDNESS * (value - largest)).exp();
                sum += *share;
            }
            let mean = slopes.iter().zip(&values).map(|(share, value)| share * value).sum::<f32>() / sum;
            for ((slope, value), weight) in slopes.iter_mut().zip(&values).zip(weights) {
                *slope *= weight * (1.0 + COLDNESS * (value - mean)) / sum;
            }
            *result = mean.clamp(0.0, 1.0);
        }
        Generated { outer, slopes }
    }

    /// The gradient by the cells, from that by the pixels with their margin.
    pub fn by_cells(&self, generated: &Generated, by_pixel: &[f32]) -> Vec<f32> {
        let count = self.taps * self.taps;
        let mut by_cell = vec![0.0; self.size.area()];
        for (pixel, (slopes, by)) in generated.slopes.chunks_exact(count).zip(by_pixel).enumerate() {
            for (slope, cell) in slopes.iter().zip(self.seen(pixel)) {
                if let Some(cell) = cell {
                    by_cell[cell] += slope * by;
                }
            }
        }
        by_cell
    }

    /// What of a mask lies over the picture: `[height, width]`.
    pub fn over_picture(&self, generated: &Generated) -> Vec<f32> {
        let rows = generated.outer.chunks_exact(self.outer.width).skip(self.margin).take(self.picture.height);
        rows.flat_map(|row| &row[self.margin..self.margin + self.picture.width]).copied().collect()
    }

    /// Adds a gradient by the pixels over the picture to one by all pixels.
    pub fn add_over_picture(&self, by_pixel: &[f32], by_outer: &mut [f32]) {
        let rows = by_outer.chunks_exact_mut(self.outer.width).skip(self.margin);
        for (row, by) in rows.zip(by_pixel.chunks_exact(self.picture.width)) {
            for (sum, by) in row[self.margin..].iter_mut().zip(by) {
                *sum += by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_by_cells_is_the_slope() {
        let generator = Generator::new(Size { width: 20, height: 13 }, 4);
        let mut cells: Vec<f32> =
            (0..generator.size.area()).map(|cell| 0.5 + 0.4 * (cell as f32 * 1.7).sin()).collect();
        let weights: Vec<f32> = (0..generator.outer.area()).map(|pixel| (pixel as f32 * 0.37).cos()).collect();
        let by_cell = generator.by_cells(&generator.generate(&cells), &weights);
        let mut value = |cell: usize, by: f32| {
            cells[cell] += by;
            let outer = generator.generate(&cells).outer;
            cells[cell] -= by;
            outer.iter().zip(&weights).map(|(a, b)| f64::from(a * b)).sum::<f64>()
        };
        let length = by_cell.iter().map(|by| by * by).sum::<f32>().sqrt();
        for cell in [0, 3, 12, 19] {
            let slope = (value(cell, 1e-2) - value(cell, -1e-2)) / 2e-2;
            assert!((slope - f64::from(by_cell[cell])).abs() < 0.02 * f64::from(length), "{slope} {}", by_cell[cell]);
        }
    }

    #[test]
    fn the_shape_is_torchrays() {
        let generator = Generator::new(Size::square(224), 7);
        assert_eq!((generator.size, generator.outer, generator.taps), (Size::square(32), Size::square(260), 9));
    }
}
