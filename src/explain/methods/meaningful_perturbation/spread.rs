//! From the cells of a coarse mask to the picture's pixels and back: each pixel is a mean of the cells, weighted by a
//! Gaussian of how far they are from it.

use crate::{Mask, imaging::Size};

/// The linear map from m × m cells to pixels, U · m₀ · Vᵀ.
pub(super) struct Spread {
    size: usize,
    /// U: `[height, size]`, each row of sum 1.
    to_rows: Vec<f64>,
    /// V: `[width, size]`, the same.
    to_columns: Vec<f64>,
    /// The same down and across to as many places as there are cells, the first and last on the corners: `[size, size]`.
    to_cells: [Vec<f64>; 2],
}

impl Spread {
    /// Of Gaussians whose standard deviation is `blur` times what a cell covers.
    pub fn new(size: usize, picture: Size, blur: f64) -> Self {
        let weights = |place: f64, side: usize| {
            let pixels_of_cell = side as f64 / size as f64;
            let std = blur * pixels_of_cell;
            let weight = |cell: usize| {
                let distance = (place - ((cell as f64 + 0.5) * pixels_of_cell - 0.5)) / std;
                (-0.5 * distance * distance).exp()
            };
            let weights: Vec<f64> = (0..size).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(move |weight| weight / sum)
        };
        let to_pixels = |side: usize| (0..side).flat_map(|pixel| weights(pixel as f64, side)).collect();
        let to_cells = |side: usize| {
            let corner = |cell: usize| cell as f64 * (side - 1) as f64 / (size - 1).max(1) as f64;
            (0..size).flat_map(|cell| weights(corner(cell), side)).collect()
        };
        let Size { width, height } = picture;
        Self {
            size,
            to_rows: to_pixels(height),
            to_columns: to_pixels(width),
            to_cells: [to_cells(height), to_cells(width)],
        }
    }

    /// `[size, size]` → `[height, width]`.
    pub fn up(&self, cells: &[f64]) -> Vec<f32> {
        both_ways([&self.to_rows, &self.to_columns], cells, self.size).into_iter().map(|value| value as f32).collect()
    }

    /// The mask as it lies over the picture, with as many cells, for drawing with aligned corners.
    pub fn seen(&self, cells: &[f64]) -> Mask {
        let [down, across] = &self.to_cells;
        let values = both_ways([down, across], cells, self.size).into_iter().map(|value| value as f32).collect();
        Mask { size: self.size, values }
    }

    /// The transpose of [`Spread::up`].
    pub fn down(&self, pixels: &[f32]) -> Vec<f64> {
        let Self { size, to_rows, to_columns, .. } = self;
        let width = (to_columns.len() / size).max(1);
        let mut rows = vec![0.0; to_rows.len()];
        for (row, line) in rows.chunks_exact_mut(*size).zip(pixels.chunks_exact(width)) {
            for (pixel, weights) in line.iter().zip(to_columns.chunks_exact(*size)) {
                add(row, f64::from(*pixel), weights);
            }
        }
        let mut cells = vec![0.0; size * size];
        for (row, weights) in rows.chunks_exact(*size).zip(to_rows.chunks_exact(*size)) {
            for (cells, weight) in cells.chunks_exact_mut(*size).zip(weights) {
                add(cells, *weight, row);
            }
        }
        cells
    }
}

/// U · cells · Vᵀ for weights U and V of `size` columns.
fn both_ways([down, across]: [&Vec<f64>; 2], cells: &[f64], size: usize) -> Vec<f64> {
    let mut result = Vec::with_capacity(down.len() / size * (across.len() / size));
    for own in down.chunks_exact(size) {
        let mut row = vec![0.0; size];
        for (cells, weight) in cells.chunks_exact(size).zip(own) {
            add(&mut row, *weight, cells);
        }
        let across = across.chunks_exact(size);
        result.extend(across.map(|weights| row.iter().zip(weights).map(|(cell, weight)| cell * weight).sum::<f64>()));
    }
    result
}

/// `sums += factor · values`.
fn add(sums: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn down_is_the_transpose_of_up_and_a_whole_mask_stays_whole() {
        let spread = Spread::new(6, Size { width: 23, height: 31 }, 0.6);
        let cells: Vec<f64> = (0..36).map(|cell| (f64::from(cell) * 2.3).sin()).collect();
        let pixels: Vec<f32> = (0..23 * 31).map(|pixel| (pixel as f32 * 1.1).cos()).collect();
        let left: f64 = spread.up(&cells).iter().zip(&pixels).map(|(a, b)| f64::from(a * b)).sum();
        let right: f64 = cells.iter().zip(spread.down(&pixels)).map(|(a, b)| a * b).sum();
        assert!((left - right).abs() < 1e-4, "{left} {right}");
        assert!(spread.up(&[1.0; 36]).iter().all(|pixel| (pixel - 1.0).abs() < 1e-6));
        assert!(spread.seen(&[1.0; 36]).values.iter().all(|cell| (cell - 1.0).abs() < 1e-6));
    }
}
