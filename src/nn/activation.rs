//! Activations, fused with the bias before them.

use std::ops::Range;

use pulp::Simd;

use super::{
    curve::{Bend, HardSigmoid, HardSwish, Sigmoid, Silu},
    pass::{Pass, Saved},
    simd::{self, Kernel},
    slopes::{Notes, Slopes},
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
    /// x / (1 + e⁻ˣ), also known as swish.
    Silu,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// x · min(max(x + 3, 0), 6) / 6.
    HardSwish,
    /// min(max(x + 3, 0), 6) / 6.
    HardSigmoid,
}

impl Activation {
    /// The open interval in which the slope is 1, if it is 0 everywhere else and the value stays at the nearer end.
    pub(crate) fn passes(self) -> Option<(f32, f32)> {
        match self {
            Self::None => Some((f32::NEG_INFINITY, f32::INFINITY)),
            Self::Relu => Some((0.0, f32::INFINITY)),
            Self::Relu6 => Some((0.0, 6.0)),
            Self::Silu | Self::Sigmoid | Self::HardSwish | Self::HardSigmoid => None,
        }
    }

    /// Slopes to fill in a forward of `len` values, if they are needed.
    pub(crate) fn slopes(self, len: usize, pass: &mut Pass) -> Option<Slopes> {
        if self == Self::None || !pass.is_recording() {
            return None;
        }
        Some(match self.passes() {
            Some(_) => Slopes::Marks(pass.bytes(len)),
            None => Slopes::Values(pass.buffer(len)),
        })
    }

    /// Leaves the slopes for the backward of the layer that follows.
    pub(crate) fn save(slopes: Option<Slopes>, pass: &mut Pass) {
        if let Some(slopes) = slopes {
            pass.save(Saved::Slopes(slopes));
        }
    }

    /// `values ← activation(values)`; notes the slopes.
    pub(crate) fn apply_to_sum(self, values: &mut [f32], slopes: Option<&mut Slopes>) {
        /// Values at a time, so that no bias as long as the map is needed.
        const ROW: usize = 64;
        let whole = values.len() / ROW * ROW;
        let mut notes = Notes::new(slopes);
        for (part, row) in [(0..whole, ROW), (whole..values.len(), values.len() - whole)] {
            let bias = &[0.0; ROW][..row];
            let notes = notes.part(part.clone());
            if !part.is_empty() {
                Finish::Activate { activation: self, bias, notes }.apply(&mut values[part]);
            }
        }
    }
}

/// What is done to the values of a map once they are summed up, while they are in cache.
#[derive(Debug)]
pub(crate) enum Finish<'a> {
    /// Nothing.
    Nothing,
    /// `activation(sum + bias)`, in rows of as many values as there are biases; notes the slopes.
    Activate { activation: Activation, bias: &'a [f32], notes: Notes<'a> },
    /// `gradient · slope` where slopes are 0 or 1.
    Mask(&'a [u8]),
    /// `gradient · slope`.
    Scale(&'a [f32]),
}

impl<'a> Finish<'a> {
    /// For the sums that an activation is of.
    pub fn activate(activation: Activation, bias: &'a [f32], slopes: Option<&'a mut Slopes>) -> Self {
        Self::Activate { activation, bias, notes: Notes::new(slopes) }
    }

    /// For the gradient of an activation that left these slopes, or of something else.
    pub fn slopes(slopes: Option<&'a Slopes>) -> Self {
        match slopes {
            None => Self::Nothing,
            Some(Slopes::Marks(marks)) => Self::Mask(marks),
            Some(Slopes::Values(values)) => Self::Scale(values),
        }
    }

    /// The same for a part of the values; whole rows, if there is a bias.
    pub fn part(&mut self, values: Range<usize>) -> Finish<'_> {
        match self {
            Self::Nothing => Finish::Nothing,
            Self::Activate { activation, bias, notes } => {
                Finish::Activate { activation: *activation, bias, notes: notes.part(values) }
            }
            Self::Mask(marks) => Finish::Mask(&marks[values]),
            Self::Scale(slopes) => Finish::Scale(&slopes[values]),
        }
    }

    /// Says that a part will be done soon: slopes were written long ago, and are no longer in cache.
    pub fn prepare(&self, values: Range<usize>) {
        match self {
            Self::Nothing | Self::Activate { .. } => {}
            Self::Mask(marks) => simd::prefetch(&marks[values]),
            Self::Scale(slopes) => simd::prefetch(&slopes[values]),
        }
    }

    /// Does it.
    pub fn apply(self, values: &mut [f32]) {
        match self {
            Self::Nothing => {}
            Self::Activate { activation, bias, notes } => match activation {
                Activation::None | Activation::Relu | Activation::Relu6 => {
                    let passes = activation.passes().unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
                    simd::run(Clamp { passes, values, bias, marks: notes.marks() });
                }
                Activation::Silu => simd::run(Bend { curve: Silu, values, bias, slopes: notes.values() }),
                Activation::Sigmoid => simd::run(Bend { curve: Sigmoid, values, bias, slopes: notes.values() }),
                Activation::HardSwish => simd::run(Bend { curve: HardSwish, values, bias, slopes: notes.values() }),
                Activation::HardSigmoid => simd::run(Bend { curve: HardSigmoid, values, bias, slopes: notes.values() }),
            },
            Self::Mask(marks) => simd::run(Mask { gradient: values, marks }),
            Self::Scale(slopes) => simd::run(Scale { gradient: values, slopes }),
        }
    }
}

struct Clamp<'a> {
    passes: (f32, f32),
    values: &'a mut [f32],
    bias: &'a [f32],
    marks: Option<&'a mut [u8]>,
}

impl Kernel for Clamp<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (low, high) = self.passes;
        let channels = self.bias.len();
        match self.marks {
            Some(marks) => {
                for (row, marks) in self.values.chunks_exact_mut(channels).zip(marks.chunks_exact_mut(channels)) {
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

/// Multiplies a gradient with the slopes that the layer before left, if it has an activation.
pub(crate) fn mask_gradient(gradient: &mut [f32], pass: &mut Pass) {
    let slopes = pass.take_slopes();
    Finish::slopes(slopes.as_ref()).apply(gradient);
    pass.give_slopes(slopes);
}

struct Mask<'a> {
    gradient: &'a mut [f32],
    marks: &'a [u8],
}

impl Kernel for Mask<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (gradient, mark) in self.gradient.iter_mut().zip(self.marks) {
            *gradient *= f32::from(*mark);
        }
    }
}

struct Scale<'a> {
    gradient: &'a mut [f32],
    slopes: &'a [f32],
}

impl Kernel for Scale<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (gradient, slope) in self.gradient.iter_mut().zip(self.slopes) {
            *gradient *= slope;
        }
    }
}
