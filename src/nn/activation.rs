//! Activations, fused with the bias before them.

use std::ops::Range;

use pulp::Simd;

use super::{
    buffer::Buffer,
    pass::{Pass, Saved},
    simd::{self, Kernel},
};

/// What follows a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
}

impl Activation {
    /// The open interval in which the derivative is 1; outside it is 0.
    pub(crate) fn passes(self) -> (f32, f32) {
        match self {
            Self::None => (f32::NEG_INFINITY, f32::INFINITY),
            Self::Relu => (0.0, f32::INFINITY),
            Self::Relu6 => (0.0, 6.0),
        }
    }

    /// A mask to fill in a forward of `len` values, if one is needed.
    pub(crate) fn mask(self, len: usize, pass: &mut Pass) -> Option<Buffer<u8>> {
        (self != Self::None && pass.is_recording()).then(|| pass.bytes(len))
    }

    /// Leaves the mask for the backward of the layer that follows.
    pub(crate) fn save(mask: Option<Buffer<u8>>, pass: &mut Pass) {
        if let Some(mask) = mask {
            pass.save(Saved::Mask(mask));
        }
    }

    /// `values ← activation(values)`; notes where the derivative is 1.
    pub(crate) fn apply_to_sum(self, values: &mut [f32], mask: Option<&mut [u8]>) {
        /// Values at a time, so that no bias as long as the map is needed.
        const ROW: usize = 64;
        let whole = values.len() / ROW * ROW;
        let (rows, rest) = values.split_at_mut(whole);
        let (row_marks, rest_marks) = match mask {
            Some(mask) => {
                let (rows, rest) = mask.split_at_mut(whole);
                (Some(rows), Some(rest))
            }
            None => (None, None),
        };
        Finish::Activate { activation: self, bias: &[0.0; ROW], marks: row_marks }.apply(rows);
        if !rest.is_empty() {
            Finish::Activate { activation: self, bias: &[0.0; ROW][..rest.len()], marks: rest_marks }.apply(rest);
        }
    }
}

/// What is done to the values of a map once they are summed up, while they are in cache.
#[derive(Debug)]
pub(crate) enum Finish<'a> {
    /// Nothing.
    Nothing,
    /// `activation(sum + bias)`, in rows of as many values as there are biases; marks where the derivative is 1.
    Activate { activation: Activation, bias: &'a [f32], marks: Option<&'a mut [u8]> },
    /// `gradient · mask`.
    Mask(&'a [u8]),
}

impl<'a> Finish<'a> {
    /// For the gradient of an activation that left this mask, or of something else.
    pub fn mask(mask: Option<&'a Buffer<u8>>) -> Self {
        mask.map_or(Self::Nothing, |mask| Self::Mask(mask))
    }

    /// The same for a part of the values; whole rows, if there is a bias.
    pub fn part(&mut self, values: Range<usize>) -> Finish<'_> {
        match self {
            Self::Nothing => Finish::Nothing,
            Self::Activate { activation, bias, marks } => {
                let marks = marks.as_mut().map(|marks| &mut marks[values]);
                Finish::Activate { activation: *activation, bias, marks }
            }
            Self::Mask(mask) => Finish::Mask(&mask[values]),
        }
    }

    /// Says that a part will be done soon: a mask was written long ago, and is no longer in cache.
    pub fn prepare(&self, values: Range<usize>) {
        if let Self::Mask(mask) = self {
            simd::prefetch(&mask[values]);
        }
    }

    /// Does it.
    pub fn apply(self, values: &mut [f32]) {
        match self {
            Self::Nothing => {}
            Self::Activate { activation, bias, marks } => simd::run(Apply { activation, values, bias, mask: marks }),
            Self::Mask(mask) => simd::run(ApplyMask { gradient: values, mask }),
        }
    }
}

struct Apply<'a> {
    activation: Activation,
    values: &'a mut [f32],
    bias: &'a [f32],
    mask: Option<&'a mut [u8]>,
}

impl Kernel for Apply<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (low, high) = self.activation.passes();
        let channels = self.bias.len();
        match self.mask {
            Some(mask) => {
                for (row, marks) in self.values.chunks_exact_mut(channels).zip(mask.chunks_exact_mut(channels)) {
                    for ((value, bias), mark) in row.iter_mut().zip(self.bias).zip(marks) {
                        let sum = *value + bias;
                        *mark = u8::from(sum > low) & u8::from(sum < high);
                        *value = clamp(sum, low, high);
                    }
                }
            }
            None => {
                for row in self.values.chunks_exact_mut(channels) {
                    for (value, bias) in row.iter_mut().zip(self.bias) {
                        *value = clamp(*value + bias, low, high);
                    }
                }
            }
        }
    }
}

/// As `f32::clamp`, but a NaN stays one without a branch, so that damaged weights are noticed.
#[inline(always)]
fn clamp(value: f32, low: f32, high: f32) -> f32 {
    let raised = if value < low { low } else { value };
    if raised > high { high } else { raised }
}

/// Multiplies a gradient with the mask that the layer before left, if it has an activation.
pub(crate) fn mask_gradient(gradient: &mut [f32], pass: &mut Pass) {
    if let Some(mask) = pass.take_mask() {
        Finish::Mask(&mask).apply(gradient);
        pass.give_bytes(mask);
    }
}

struct ApplyMask<'a> {
    gradient: &'a mut [f32],
    mask: &'a [u8],
}

impl Kernel for ApplyMask<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (gradient, mark) in self.gradient.iter_mut().zip(self.mask) {
            *gradient *= f32::from(*mark);
        }
    }
}
