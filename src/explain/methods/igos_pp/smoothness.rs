//! The half of iGOS++'s smoothness that is over pixels: a total variation that counts little where the picture itself has
//! an edge.

use crate::{Mask, imaging::Size, upsampling::Upsampling};

/// How much the difference of a mask's neighbouring pixels counts, for every pair of them.
pub(super) struct Smoothness {
    size: Size,
    /// Of each pixel but those of the last row and the one below it: `[height − 1, width]`.
    down: Vec<f32>,
    /// Of each pixel but those of the last column and the one right of it: `[height, width]`, the last column unused.
    right: Vec<f32>,
}

impl Smoothness {
    /// The mean over channels of exp(−(Δ/edge)²), Δ the difference of two neighbours of `planar`, `[channels, height, width]`, in
    /// shares of white: `stds` are the normalisation's.
    pub fn of(planar: &[f32], size: Size, stds: &[f32], edge: f64) -> Self {
        let (pixels, width) = (size.area(), size.width);
        let counts = |one: usize, other: usize| {
            let colour = |(plane, std): (&[f32], &f32)| {
                let difference = f64::from((plane[one] - plane[other]) * std) / edge;
                (-difference * difference).exp()
            };
            (planar.chunks_exact(pixels).zip(stds).map(colour).sum::<f64>() / stds.len() as f64) as f32
        };
        let down = (0..pixels - width).map(|pixel| counts(pixel, pixel + width)).collect();
        let right =
            (0..pixels).map(|pixel| if pixel % width + 1 < width { counts(pixel, pixel + 1) } else { 0.0 }).collect();
        Self { size, down, right }
    }

    /// Both neighbours of every pixel, with how much they count.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize, f32)> + '_ {
        let width = self.size.width;
        let down = self.down.iter().enumerate().map(move |(pixel, counts)| (pixel, pixel + width, *counts));
        let right = self.right.iter().enumerate().filter(move |(pixel, _)| pixel % width + 1 < width);
        down.chain(right.map(|(pixel, counts)| (pixel, pixel + 1, *counts)))
    }

    /// Pairs in one direction, on average of both.
    fn count(&self) -> f64 {
        let Size { width, height } = self.size;
        ((width * (height - 1) + height * (width - 1)) as f64 / 2.0).max(1.0)
    }

    /// The mean over vertical neighbours of what their squared difference counts, plus that over horizontal ones, of
    /// the mask spread over the pixels.
    pub fn of_mask(&self, mask: &Mask, upsampling: &Upsampling) -> f64 {
        let mut pixels = vec![0.0; self.size.area()];
        upsampling.up(&mask.values, &mut pixels);
        let term = |(a, b, counts): (usize, usize, f32)| f64::from(counts * (pixels[a] - pixels[b]).powi(2));
        self.pairs().map(term).sum::<f64>() / self.count()
    }

    /// Adds `weight` times the gradient of [`Smoothness::of_mask`] by the mask's cells.
    pub fn add_gradient(&self, mask: &Mask, upsampling: &Upsampling, weight: f64, gradient: &mut [f64]) {
        let mut pixels = vec![0.0; self.size.area()];
        upsampling.up(&mask.values, &mut pixels);
        let scale = (2.0 * weight / self.count()) as f32;
        let mut by_pixel = vec![0.0; pixels.len()];
        for (a, b, counts) in self.pairs() {
            let slope = scale * counts * (pixels[a] - pixels[b]);
            by_pixel[a] += slope;
            by_pixel[b] -= slope;
        }
        for (sum, by_cell) in gradient.iter_mut().zip(upsampling.down(&by_pixel)) {
            *sum += f64::from(by_cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_of_the_mask_costs_little_where_the_picture_has_one() {
        // A step in the middle of the picture, between columns 7 and 8 of 16.
        let side = 16;
        let planar: Vec<f32> = (0..3 * side * side).map(|place| if place % side < 8 { 0.0 } else { 1.0 }).collect();
        let smoothness = Smoothness::of(&planar, Size::square(side), &[0.2; 3], 0.02);
        let upsampling = Upsampling::new(side, Size::square(side));
        let edge_at = |column: usize| {
            let values = (0..side * side).map(|cell| if cell % side < column { 0.0 } else { 1.0 }).collect();
            smoothness.of_mask(&Mask { size: side, values }, &upsampling)
        };
        // One pair of neighbours in each of 16 rows, of 15 pairs.
        assert!((edge_at(4) - 1.0 / 15.0).abs() < 1e-6, "{}", edge_at(4));
        assert!(edge_at(8) < 1e-6, "{}", edge_at(8));
    }
}
