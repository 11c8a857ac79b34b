//! Activations: what follows a sum, and their derivative.

use super::{
    feature_map::FeatureMap,
    kernels::{
        derivative::{Derivative, row_bytes},
        epilogue::Epilogue,
    },
    rule::Rule,
    tape::Tape,
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
    /// The open interval in which the derivative is 1, if it is 0 everywhere else and the value stays at the nearer end.
    pub(crate) fn clamp(self) -> Option<(f32, f32)> {
        match self {
            Self::None => Some((f32::NEG_INFINITY, f32::INFINITY)),
            Self::Relu => Some((0.0, f32::INFINITY)),
            Self::Relu6 => Some((0.0, 6.0)),
            Self::Silu | Self::Sigmoid | Self::HardSwish | Self::HardSigmoid => None,
        }
    }

    /// The derivative to note in a forward of `rows` rows of values, if a backward needs it.
    pub(crate) fn new_derivative(self, rows: usize, channels: usize, tape: &mut Tape) -> Option<Derivative> {
        if self == Self::None || !tape.is_recording() {
            return None;
        }
        let rule = tape.rule();
        let mut bits = || tape.pool.take_bytes(rows * row_bytes(channels));
        Some(match (self.clamp(), rule) {
            (Some(_), Rule::Gradient | Rule::Excitation) => Derivative::Bits { bits: bits(), channels },
            (Some(_), Rule::Guided) => Derivative::Rectified { bits: Some(bits()), channels },
            (Some(_), Rule::Deconvolution) => Derivative::Rectified { bits: None, channels },
            (None, _) => Derivative::Values { values: tape.pool.take(rows * channels), channels },
        })
    }

    /// `sum ← activation(sum)`, for sums that were written; gives the derivative, if a backward needs it.
    pub(crate) fn apply(self, sum: &mut FeatureMap, tape: &mut Tape) -> Option<Derivative> {
        if self == Self::None {
            return None;
        }
        let mut derivative = self.new_derivative(sum.pixels(), sum.channels, tape);
        let mut bias = tape.pool.take(sum.channels);
        bias.fill(0.0);
        Epilogue::forward(self, &bias, derivative.as_mut()).apply(0..sum.pixels(), &mut sum.values);
        tape.pool.put(bias);
        derivative
    }
}

/// Multiplies a gradient with the derivative that the layer before left, if it has an activation.
pub(crate) fn multiply_derivative(gradient: &mut [f32], tape: &mut Tape) {
    if let Some(derivative) = tape.take_derivative() {
        let channels = derivative.channels();
        Epilogue::backward(Some(&derivative)).apply(0..gradient.len() / channels, gradient);
        tape.recycle_derivative(Some(derivative));
    }
}
