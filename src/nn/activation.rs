//! Activations, fused with the bias before them.

use std::ops::Range;

use crate::nn::{
    feature_map::Map,
    kernels::{
        derivative::{Slopes, row_bytes},
        epilogue::Ending,
        simd,
        smooth_activation::{Bend, HardSigmoid, HardSwish, Sigmoid, Silu},
    },
    tape::{Pass, Saved},
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

    /// Slopes to fill in a forward of `rows` rows of values, if they are needed.
    pub(crate) fn slopes(self, rows: usize, channels: usize, pass: &mut Pass) -> Option<Slopes> {
        if self == Self::None || !pass.is_recording() {
            return None;
        }
        Some(match self.passes() {
            Some(_) => Slopes::Marks { marks: pass.bytes(rows * row_bytes(channels)), channels },
            None => Slopes::Values { slopes: pass.buffer(rows * channels), channels },
        })
    }

    /// Leaves the slopes for the backward of the layer that follows.
    pub(crate) fn save(slopes: Option<Slopes>, pass: &mut Pass) {
        if let Some(slopes) = slopes {
            pass.save(Saved::Slopes(slopes));
        }
    }

    /// `sum ← activation(sum)`, for sums that were written; leaves the slopes.
    pub(crate) fn apply_to_sum(self, sum: &mut Map, pass: &mut Pass) {
        if self == Self::None {
            return;
        }
        let mut slopes = self.slopes(sum.pixels(), sum.channels, pass);
        let mut bias = pass.buffer(sum.channels);
        bias.fill(0.0);
        Finish::activate(self, &bias, slopes.as_mut()).apply_to(0..sum.pixels(), &mut sum.values);
        pass.give(bias);
        Self::save(slopes, pass);
    }
}

/// What is done to the values of a map, `[rows, channels]`, once they are summed up.
#[derive(Debug)]
pub(crate) enum Finish<'a> {
    /// What is done to sums in registers.
    Ending(Ending<'a>),
    /// `activation(sum + bias)` along a curve, done while the sums are in cache; notes the slopes.
    Bend { activation: Activation, bias: &'a [f32], slopes: Option<&'a mut [f32]> },
}

impl<'a> Finish<'a> {
    /// For the sums that an activation is of.
    pub fn activate(activation: Activation, bias: &'a [f32], slopes: Option<&'a mut Slopes>) -> Self {
        match (activation.passes(), slopes) {
            (Some((low, high)), Some(Slopes::Marks { marks, .. })) => {
                Self::Ending(Ending::Clamp { low, high, bias, marks: Some(marks) })
            }
            (Some((low, high)), _) => Self::Ending(Ending::Clamp { low, high, bias, marks: None }),
            (None, Some(Slopes::Values { slopes, .. })) => Self::Bend { activation, bias, slopes: Some(slopes) },
            (None, _) => Self::Bend { activation, bias, slopes: None },
        }
    }

    /// For the gradient of an activation that left these slopes, or of something else.
    pub fn slopes(slopes: Option<&'a Slopes>) -> Self {
        Self::Ending(match slopes {
            None => Ending::Nothing,
            Some(Slopes::Marks { marks, channels }) => Ending::Mask { marks, channels: *channels },
            Some(Slopes::Values { slopes, channels }) => Ending::Scale { slopes, channels: *channels },
        })
    }

    /// What is done to the sums of some rows before they are written.
    pub fn ending(&mut self, rows: Range<usize>) -> Ending<'_> {
        match self {
            Self::Ending(ending) => ending.part(rows),
            Self::Bend { .. } => Ending::Nothing,
        }
    }

    /// What is left to do to some rows once their sums are written.
    pub fn rest(&mut self, rows: Range<usize>, values: &mut [f32]) {
        let Self::Bend { activation, bias, slopes } = self else { return };
        let slopes = slopes.as_deref_mut().map(|slopes| &mut slopes[rows.start * bias.len()..rows.end * bias.len()]);
        match activation {
            Activation::Sigmoid => simd::run(Bend { curve: Sigmoid, values, bias, slopes }),
            Activation::HardSwish => simd::run(Bend { curve: HardSwish, values, bias, slopes }),
            Activation::HardSigmoid => simd::run(Bend { curve: HardSigmoid, values, bias, slopes }),
            _ => simd::run(Bend { curve: Silu, values, bias, slopes }),
        }
    }

    /// Does all of it to some rows whose sums are written.
    pub fn apply_to(&mut self, rows: Range<usize>, values: &mut [f32]) {
        let channels = values.len() / rows.len().max(1);
        self.ending(rows.clone()).apply(values, channels);
        self.rest(rows, values);
    }
}

/// Multiplies a gradient with the slopes that the layer before left, if it has an activation.
pub(crate) fn mask_gradient(gradient: &mut [f32], pass: &mut Pass) {
    if let Some(slopes) = pass.take_slopes() {
        let channels = slopes.channels();
        Finish::slopes(Some(&slopes)).apply_to(0..gradient.len() / channels, gradient);
        pass.give_slopes(Some(slopes));
    }
}
