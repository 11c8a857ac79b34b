//! Depthwise convolution: one filter a channel.
//!
//! Forward and backward are the same loop: a pixel of the result is a weighted sum of some pixels of the source,
//! channel by channel, with the channels in the vector unit's lanes.

use super::{
    activation::{Activation, apply_mask, clamp},
    map::Map,
    padding::Padding,
    pass::{Pass, Saved},
    simd::{self, Kernel},
};

/// A depthwise convolution, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct DepthwiseConv2d {
    /// `[kernel, kernel, channels]`.
    pub(crate) weight: Vec<f32>,
    /// `[channels]`.
    pub(crate) bias: Vec<f32>,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

/// One term of a pixel's sum: where the source pixel and the filter's row begin.
#[derive(Debug, Clone, Copy)]
struct Tap {
    source: usize,
    weight: usize,
}

impl DepthwiseConv2d {
    /// From filters as PyTorch keeps them: `filters` is `[channels, 1, kernel, kernel]`, `bias` is `[channels]`.
    pub fn new(
        filters: &[f32],
        bias: Vec<f32>,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let channels = bias.len();
        let taps = kernel * kernel;
        assert_eq!(filters.len(), channels * taps, "filters are [channels, 1, kernel, kernel]");
        let weight = (0..taps * channels).map(|i| filters[(i % channels) * taps + i / channels]).collect();
        Self { weight, bias, kernel, stride, padding, activation }
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let channels = input.channels;
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        let mut mask = self.activation.mask(values.len(), pass);
        simd::run(Sum {
            source: &input.values,
            weight: &self.weight,
            bias: Some(&self.bias),
            passes: self.activation.passes(),
            result: &mut values,
            mask: mask.as_deref_mut(),
            width,
            channels,
            taps: |y: usize, x: usize, taps: &mut Vec<Tap>| {
                for ky in 0..self.kernel {
                    let Some(sy) = inside(y * self.stride + ky, top, input.height) else { continue };
                    for kx in 0..self.kernel {
                        let Some(sx) = inside(x * self.stride + kx, left, input.width) else { continue };
                        taps.push(Tap {
                            source: (sy * input.width + sx) * channels,
                            weight: (ky * self.kernel + kx) * channels,
                        });
                    }
                }
            },
        });
        pass.save(Saved::Shape([input.height, input.width, channels]));
        Activation::save(mask, pass);
        pass.give(input.values);
        Map { height, width, channels, values }
    }

    pub(crate) fn backward(&self, mut gradient: Map, pass: &mut Pass) -> Map {
        if let Some(mask) = self.activation.saved(pass) {
            apply_mask(&mut gradient.values, &mask);
            pass.give_mask(mask);
        }
        let channels = gradient.channels;
        let [height, width, _] =
            pass.take_shape().unwrap_or([gradient.height * self.stride, gradient.width * self.stride, channels]);
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        simd::run(Sum {
            source: &gradient.values,
            weight: &self.weight,
            bias: None,
            passes: Activation::None.passes(),
            result: &mut values,
            mask: None,
            width,
            channels,
            taps: |y: usize, x: usize, taps: &mut Vec<Tap>| {
                for ky in 0..self.kernel {
                    let Some(sy) = window(y + top, ky, self.stride, gradient.height) else { continue };
                    for kx in 0..self.kernel {
                        let Some(sx) = window(x + left, kx, self.stride, gradient.width) else { continue };
                        taps.push(Tap {
                            source: (sy * gradient.width + sx) * channels,
                            weight: (ky * self.kernel + kx) * channels,
                        });
                    }
                }
            },
        });
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }
}

/// The pixel at `padded`, a position counted from the first zero, if it lies on a side of `size` pixels.
fn inside(padded: usize, before: usize, size: usize) -> Option<usize> {
    padded.checked_sub(before).filter(|position| *position < size)
}

/// The window of whose tap `offset` the input pixel at `padded` is under, if there is one.
fn window(padded: usize, offset: usize, stride: usize, windows: usize) -> Option<usize> {
    let start = padded.checked_sub(offset)?;
    (start.is_multiple_of(stride) && start / stride < windows).then_some(start / stride)
}

struct Sum<'a, F> {
    source: &'a [f32],
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    passes: (f32, f32),
    result: &'a mut [f32],
    mask: Option<&'a mut [u8]>,
    width: usize,
    channels: usize,
    taps: F,
}

impl<F: Fn(usize, usize, &mut Vec<Tap>)> Kernel for Sum<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let channels = self.channels;
        let mut taps = Vec::with_capacity(64);
        for pixel in 0..self.result.len() / channels.max(1) {
            taps.clear();
            (self.taps)(pixel / self.width, pixel % self.width, &mut taps);
            let mut channel = 0;
            while channel + 64 <= channels {
                self.lanes::<64, FUSED>(&taps, pixel, channel);
                channel += 64;
            }
            while channel + 16 <= channels {
                self.lanes::<16, FUSED>(&taps, pixel, channel);
                channel += 16;
            }
            while channel < channels {
                self.lanes::<1, FUSED>(&taps, pixel, channel);
                channel += 1;
            }
        }
    }
}

impl<F> Sum<'_, F> {
    /// `N` neighbouring channels of one pixel: their sums stay in registers.
    #[inline(always)]
    fn lanes<const N: usize, const FUSED: bool>(&mut self, taps: &[Tap], pixel: usize, channel: usize) {
        let mut sums = [0.0_f32; N];
        if let Some(bias) = self.bias {
            sums.copy_from_slice(&bias[channel..channel + N]);
        }
        for tap in taps {
            let source = &self.source[tap.source + channel..][..N];
            let weight = &self.weight[tap.weight + channel..][..N];
            for lane in 0..N {
                sums[lane] = simd::mul_add::<FUSED>(source[lane], weight[lane], sums[lane]);
            }
        }
        let (low, high) = self.passes;
        let start = pixel * self.channels + channel;
        if let Some(mask) = &mut self.mask {
            for (mark, sum) in mask[start..start + N].iter_mut().zip(&sums) {
                *mark = u8::from(*sum > low) & u8::from(*sum < high);
            }
        }
        for (result, sum) in self.result[start..start + N].iter_mut().zip(&sums) {
            *result = clamp(*sum, low, high);
        }
    }
}
