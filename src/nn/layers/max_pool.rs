//! Pooling: the mean over all pixels, and the largest of a window.

use pulp::Simd;

use super::padding::Padding;
use crate::nn::activation::mask_gradient;
use crate::nn::{
    feature_map::Map,
    kernels::simd::{self, Kernel},
    tape::{Pass, Saved},
};

/// `[h, w, channels]` → `[1, 1, channels]`.
pub(crate) fn mean(input: &Map, pass: &mut Pass) -> Map {
    let mut values = pass.buffer(input.channels);
    values.fill(0.0);
    simd::run(Sum { pixels: &input.values, sums: &mut values });
    let share = 1.0 / input.pixels() as f32;
    for sum in values.iter_mut() {
        *sum *= share;
    }
    Map { height: 1, width: 1, channels: input.channels, values }
}

/// [`mean`], with what its backward needs.
pub(crate) fn global_average_forward(input: Map, pass: &mut Pass) -> Map {
    let mean = mean(&input, pass);
    pass.save(Saved::Shape([input.height, input.width, input.channels]));
    pass.give(input.values);
    mean
}

/// Every pixel contributed the same share.
pub(crate) fn global_average_backward(gradient: Map, pass: &mut Pass) -> Map {
    let [height, width, channels] = pass.take_shape().unwrap_or([1, 1, gradient.channels]);
    let mut values = pass.buffer(height * width * channels);
    let share = 1.0 / (height * width) as f32;
    for pixel in values.chunks_exact_mut(channels) {
        for (value, gradient) in pixel.iter_mut().zip(gradient.values.iter()) {
            *value = gradient * share;
        }
    }
    mask_gradient(&mut values, pass);
    pass.give(gradient.values);
    Map { height, width, channels, values }
}

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

    /// Leaves the number of each window's largest pixel on the pass: one byte a value.
    pub(crate) fn forward(self, input: Map, pass: &mut Pass) -> Map {
        let channels = input.channels;
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        let mut winners = pass.bytes(if pass.is_recording() { values.len() } else { channels });
        let reuse = !pass.is_recording();
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
        pass.save(Saved::Shape([input.height, input.width, channels]));
        if pass.is_recording() {
            pass.save(Saved::Winners(winners));
        } else {
            pass.give_bytes(winners);
        }
        pass.give(input.values);
        Map { height, width, channels, values }
    }

    /// Each window's gradient goes to its largest pixel; to the first, where several are equal.
    pub(crate) fn backward(self, gradient: Map, pass: &mut Pass) -> Map {
        let winners = pass.take_winners().unwrap_or_default();
        let channels = gradient.channels;
        let [height, width, _] = pass.take_shape().unwrap_or([1, 1, channels]);
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        values.fill(0.0);
        let windows = gradient.values.chunks_exact(channels).zip(winners.chunks_exact(channels));
        for (pixel, (gradient, winners)) in windows.enumerate() {
            let (y, x) = (pixel / self.out_width(width) * self.stride, pixel % self.out_width(width) * self.stride);
            for (channel, (gradient, winner)) in gradient.iter().zip(winners).enumerate() {
                let (ky, kx) = (usize::from(*winner) / self.kernel, usize::from(*winner) % self.kernel);
                values[((y + ky - top) * width + x + kx - left) * channels + channel] += gradient;
            }
        }
        pass.give_bytes(winners);
        mask_gradient(&mut values, pass);
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }

    fn out_width(self, width: usize) -> usize {
        self.padding.along(width, self.kernel, self.stride).1
    }
}

/// `sums += pixels`, summed up.
struct Sum<'a> {
    pixels: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for Sum<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for pixel in self.pixels.chunks_exact(self.sums.len()) {
            for (sum, value) in self.sums.iter_mut().zip(pixel) {
                *sum += value;
            }
        }
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
