//! Average pooling: the mean of each window.

use std::ops::Range;

use pulp::Simd;

use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    kernels::simd::{self, Kernel},
    tape::{Saved, Tape},
};

/// The mean of each window, channel by channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AveragePool2d {
    /// Windows of `kernel × kernel` pixels, `stride` pixels from one to the next, neither 0.
    Windows {
        /// Width and height of a window in pixels.
        kernel: usize,
        /// Pixels from one window to the next.
        stride: usize,
    },
    /// `side × side` windows that cover the input, whatever its size (PyTorch's adaptive pooling).
    Adaptive {
        /// Windows in a row, and in a column; not 0.
        side: usize,
    },
}

impl AveragePool2d {
    /// The pixels of each window along a side of `size` pixels.
    pub(crate) fn windows(self, size: usize) -> Vec<Range<usize>> {
        match self {
            Self::Windows { kernel, stride } => (0..=size.saturating_sub(kernel) / stride)
                .map(|window| window * stride..size.min(window * stride + kernel))
                .collect(),
            Self::Adaptive { side } => {
                (0..side).map(|window| window * size / side..((window + 1) * size).div_ceil(side)).collect()
            }
        }
    }

    pub(crate) fn forward(self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [rows, columns] = [input.height, input.width].map(|size| self.windows(size));
        let (height, width, channels) = (rows.len(), columns.len(), input.channels);
        tape.push(Saved::Shape(input.shape()));
        if (height, width) == (input.height, input.width) && self.is_adaptive() {
            return input;
        }
        let mut values = tape.pool.take(height * width * channels);
        values.fill(0.0);
        each_pixel(&rows, &columns, input.width, |window, pixel, share| {
            let sum = &mut values[window * channels..][..channels];
            simd::run(AddShare { sum, source: &input.values[pixel * channels..], share });
        });
        tape.pool.put(input.values);
        FeatureMap { height, width, channels, values }
    }

    /// Every pixel of a window contributed the same share.
    pub(crate) fn backward(self, mut gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        if (height, width) == (gradient.height, gradient.width) && self.is_adaptive() {
            multiply_derivative(&mut gradient.values, tape);
            return gradient;
        }
        let [rows, columns] = [height, width].map(|size| self.windows(size));
        let mut values = tape.pool.take(height * width * channels);
        values.fill(0.0);
        each_pixel(&rows, &columns, width, |window, pixel, share| {
            let sum = &mut values[pixel * channels..][..channels];
            simd::run(AddShare { sum, source: &gradient.values[window * channels..], share });
        });
        multiply_derivative(&mut values, tape);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }

    /// Whether as many windows as there are pixels are the pixels.
    fn is_adaptive(self) -> bool {
        matches!(self, Self::Adaptive { .. })
    }
}

/// Calls `visit(window, pixel, share of the window)` for every pixel of every window, row after row.
fn each_pixel(rows: &[Range<usize>], columns: &[Range<usize>], width: usize, mut visit: impl FnMut(usize, usize, f32)) {
    for (row, ys) in rows.iter().enumerate() {
        for (column, xs) in columns.iter().enumerate() {
            let share = 1.0 / (ys.len() * xs.len()) as f32;
            for y in ys.clone() {
                xs.clone().for_each(|x| visit(row * columns.len() + column, y * width + x, share));
            }
        }
    }
}

struct AddShare<'a> {
    sum: &'a mut [f32],
    source: &'a [f32],
    share: f32,
}

impl Kernel for AddShare<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (sum, value) in self.sum.iter_mut().zip(self.source) {
            *sum += self.share * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adaptive_windows_cover_every_pixel_and_are_pytorchs() {
        let windows = |size, side| AveragePool2d::Adaptive { side }.windows(size);
        assert_eq!(windows(7, 3), [0..3, 2..5, 4..7]);
        assert_eq!(windows(2, 3), [0..1, 0..2, 1..2]);
        assert_eq!(windows(1, 2), [0..1, 0..1]);
    }

    #[test]
    fn a_window_past_the_last_pixel_does_not_count() {
        assert_eq!(AveragePool2d::Windows { kernel: 2, stride: 2 }.windows(5), [0..2, 2..4]);
    }
}
