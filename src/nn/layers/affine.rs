//! A scale and a shift for every channel: a batch normalisation that no convolution comes before.

use pulp::Simd;

use super::batch_norm::BatchNorm;
use crate::{
    activation::{Activation, multiply_derivative},
    feature_map::FeatureMap,
    kernels::{
        epilogue::Epilogue,
        simd::{self, Kernel},
    },
    tape::{Saved, Tape},
};

/// Values that are worked on together: they stay in a core's first-level cache.
const STRIP_VALUES: usize = 4 * 1024;

/// `activation(scale · x + bias)`, channel by channel.
#[derive(Debug, Clone)]
pub struct Affine {
    /// `[channels]`.
    pub(crate) scale: Vec<f32>,
    /// `[channels]`.
    pub(crate) bias: Vec<f32>,
    /// What follows.
    pub(crate) activation: Activation,
}

impl Affine {
    /// `scale` and `bias` have one value a channel.
    pub fn new(scale: Vec<f32>, bias: Vec<f32>, activation: Activation) -> Self {
        assert!(!scale.is_empty() && scale.len() == bias.len(), "one scale and one bias a channel");
        Self { scale, bias, activation }
    }

    /// What a batch normalisation does.
    pub fn from_norm(norm: &BatchNorm, activation: Activation) -> Self {
        let mut scale = vec![1.0; norm.weight.len()];
        let bias = norm.fold(&mut scale, None);
        Self::new(scale, bias, activation)
    }

    pub(crate) fn forward(&self, mut input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let mut derivative = self.activation.new_derivative(input.pixels(), input.channels, tape);
        let Self { scale, bias, activation } = self;
        let mut epilogue = Epilogue::forward(*activation, bias, derivative.as_mut());
        let strip = (STRIP_VALUES / scale.len()).max(1);
        for (index, values) in input.values.chunks_mut(strip * scale.len()).enumerate() {
            let first = index * strip;
            simd::run(Scale { values, scale });
            epilogue.apply(first..first + values.len() / scale.len(), values);
        }
        tape.push_activated(Saved::Nothing, derivative);
        input
    }

    pub(crate) fn backward(&self, mut gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        tape.pop_nothing();
        simd::run(Scale { values: &mut gradient.values, scale: &self.scale });
        multiply_derivative(&mut gradient.values, tape);
        gradient
    }
}

struct Scale<'a> {
    values: &'a mut [f32],
    scale: &'a [f32],
}

impl Kernel for Scale<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for row in self.values.chunks_exact_mut(self.scale.len()) {
            for (value, scale) in row.iter_mut().zip(self.scale) {
                *value *= scale;
            }
        }
    }
}
