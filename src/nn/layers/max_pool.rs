//! Max pooling: the largest of each window.

use pulp::Simd;

use super::padding::Padding;
use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    kernels::simd::{self, Kernel},
    tape::{Saved, Tape},
};

/// The largest value of each window, channel by channel. Zeros around the input are never the largest: they are no
/// values at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxPool2d {
    /// Width and height of the window in pixels, at most 15.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Pixels around the input that a window may reach out to.
    pub(crate) padding: Padding,
}

impl MaxPool2d {
    /// Windows of `kernel × kernel` pixels, `kernel` from 1 to 15, each with at least one pixel on the input.
    pub fn new(kernel: usize, stride: usize, padding: Padding) -> Self {
        assert!((1..=15).contains(&kernel), "a tap's number fits a byte");
        Self { kernel, stride, padding }
    }

    /// Leaves the number of each window's largest pixel on the tape: one byte a value.
    pub(crate) fn forward(self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let channels = input.channels;
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let mut values = tape.pool.take(height * width * channels);
        let mut winners = tape.pool.take_bytes(if tape.is_recording() { values.len() } else { channels });
        let reuse = !tape.is_recording();
        for (pixel, largest) in values.chunks_exact_mut(channels).enumerate() {
            let from = if reuse { 0 } else { pixel * channels };
            let winners = &mut winners[from..from + channels];
            largest.fill(f32::NEG_INFINITY);
            winners.fill(0);
            for tap in 0..self.kernel * self.kernel {
                let y = (pixel / width * self.stride + tap / self.kernel).checked_sub(top);
                let x = (pixel % width * self.stride + tap % self.kernel).checked_sub(left);
                let (Some(y), Some(x)) = (y.filter(|y| *y < input.height), x.filter(|x| *x < input.width)) else {
                    continue;
                };
                let source = &input.values[(y * input.width + x) * channels..][..channels];
                simd::run(Larger { largest, winners, source, tap: tap as u8 });
            }
        }
        tape.push(Saved::Winners(input.shape(), winners));
        tape.pool.put(input.values);
        FeatureMap { height, width, channels, values }
    }

    /// Each window's gradient goes to its largest pixel; to the first, where several are equal.
    pub(crate) fn backward(self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let ([height, width, channels], winners) = tape.pop_winners();
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let mut values = tape.pool.take(height * width * channels);
        values.fill(0.0);
        let windows = gradient.values.chunks_exact(channels).zip(winners.chunks_exact(channels));
        for (pixel, (gradient, winners)) in windows.enumerate() {
            let (y, x) = (pixel / self.out_width(width) * self.stride, pixel % self.out_width(width) * self.stride);
            for (channel, (gradient, winner)) in gradient.iter().zip(winners).enumerate() {
                let (ky, kx) = (usize::from(*winner) / self.kernel, usize::from(*winner) % self.kernel);
                values[((y + ky - top) * width + x + kx - left) * channels + channel] += gradient;
            }
        }
        tape.pool.put_bytes(winners);
        multiply_derivative(&mut values, tape);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }

    fn out_width(self, width: usize) -> usize {
        self.padding.along(width, self.kernel, self.stride).1
    }
}

struct Larger<'a> {
    largest: &'a mut [f32],
    winners: &'a mut [u8],
    source: &'a [f32],
    tap: u8,
}

impl Kernel for Larger<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for ((largest, winner), value) in self.largest.iter_mut().zip(self.winners).zip(self.source) {
            // A NaN is larger than anything, so that damaged weights are noticed.
            let wins = *value > *largest || value.is_nan();
            *winner = if wins { self.tap } else { *winner };
            *largest = if wins { *value } else { *largest };
        }
    }
}
