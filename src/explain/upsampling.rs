//! From the mask's cells to the picture's pixels and back: bilinear with aligned corners, and its transpose.

use crate::imaging::Size;

/// Where a pixel lies between two cells.
#[derive(Debug, Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    /// Share of the second cell, in `[0, 1]`.
    share: f32,
}

/// The linear map `up`: U · M · Vᵀ, from m × m cells to the picture's rows and columns.
#[derive(Debug, Clone)]
pub(crate) struct Upsampling {
    size: usize,
    /// Of each row of pixels.
    rows: Vec<Between>,
    /// Of each column of pixels.
    columns: Vec<Between>,
}

impl Upsampling {
    pub fn new(size: usize, picture: Size) -> Self {
        let along = |side: usize| {
            let ratio = if side > 1 { (size - 1) as f32 / (side - 1) as f32 } else { 0.0 };
            let between = |pixel: usize| {
                let position = pixel as f32 * ratio;
                let first = (position as usize).min(size - 1);
                Between { first, second: (first + 1).min(size - 1), share: position - first as f32 }
            };
            (0..side).map(between).collect()
        };
        Self { size, rows: along(picture.height), columns: along(picture.width) }
    }

    /// `cells` is `[m, m]`; fills `pixels`, `[height, width]`.
    pub fn up(&self, cells: &[f32], pixels: &mut [f32]) {
        let mut row = vec![0.0; self.size];
        for (line, y) in pixels.chunks_exact_mut(self.columns.len()).zip(&self.rows) {
            let upper = &cells[y.first * self.size..][..self.size];
            let lower = &cells[y.second * self.size..][..self.size];
            for ((value, upper), lower) in row.iter_mut().zip(upper).zip(lower) {
                *value = upper + (lower - upper) * y.share;
            }
            for (pixel, x) in line.iter_mut().zip(&self.columns) {
                *pixel = row[x.first] + (row[x.second] - row[x.first]) * x.share;
            }
        }
    }

    /// The transpose: `pixels` is `[height, width]`; gives `[m, m]`.
    pub fn down(&self, pixels: &[f32]) -> Vec<f32> {
        let mut cells = vec![0.0; self.size * self.size];
        let mut row = vec![0.0; self.size];
        for (line, y) in pixels.chunks_exact(self.columns.len()).zip(&self.rows) {
            row.fill(0.0);
            for (pixel, x) in line.iter().zip(&self.columns) {
                let second = pixel * x.share;
                row[x.first] += pixel - second;
                row[x.second] += second;
            }
            for (cell, value) in row.iter().enumerate() {
                let second = value * y.share;
                cells[y.first * self.size + cell] += value - second;
                cells[y.second * self.size + cell] += second;
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::{Interpolation, resample};

    fn values(len: usize) -> Vec<f32> {
        (0..len).map(|i| (i as f32 * 2.3).sin()).collect()
    }

    #[test]
    fn up_is_the_drawing_interpolation_with_aligned_corners() {
        let cells = values(49);
        let mut pixels = vec![0.0; 31 * 19];
        Upsampling::new(7, Size { width: 31, height: 19 }).up(&cells, &mut pixels);
        let expected = resample(&cells, (7, 7), (31, 19), Interpolation::AlignCorners);
        assert!(pixels.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn down_is_the_transpose_of_up() {
        let upsampling = Upsampling::new(6, Size { width: 23, height: 31 });
        let (cells, pixels) = (values(36), values(23 * 31));
        let mut up = vec![0.0; 23 * 31];
        upsampling.up(&cells, &mut up);
        let left: f32 = up.iter().zip(&pixels).map(|(a, b)| a * b).sum();
        let right: f32 = cells.iter().zip(&upsampling.down(&pixels)).map(|(a, b)| a * b).sum();
        assert!((left - right).abs() < 1e-3, "{left} {right}");
    }
}
