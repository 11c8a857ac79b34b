//! The fully connected layer.

use crate::{
    activation::{Activation, multiply_derivative},
    feature_map::FeatureMap,
    kernels::{
        epilogue::Epilogue,
        gemm::{Packed, Rows},
    },
    tape::{Saved, Tape},
};

/// A fully connected layer over the values of a map, taken as one row.
#[derive(Debug, Clone)]
pub struct Linear {
    /// `[out, in]`.
    pub(crate) weight: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
}

impl Linear {
    /// `weight` is `[out, in]`, `bias` is `[out]`. Without a weight it is a description, which cannot be compiled.
    pub fn new(weight: Vec<f32>, bias: Vec<f32>) -> Self {
        assert!(!bias.is_empty() && weight.len().is_multiple_of(bias.len()), "weight is [out, in]");
        Self { weight, bias }
    }

    /// Length of the row that it takes.
    pub(crate) fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }
}

/// A [`Linear`] whose weights are packed.
#[derive(Debug)]
pub(crate) struct LinearStage {
    /// `[in, out]`.
    forward: Packed,
    /// `[out, in]`.
    backward: Packed,
    bias: Vec<f32>,
}

impl From<Linear> for LinearStage {
    fn from(linear: Linear) -> Self {
        let (outputs, inputs) = (linear.bias.len(), linear.inputs());
        let Linear { weight, bias } = linear;
        let forward = Packed::new(inputs, outputs, |input, output| weight[output * inputs + input]);
        let backward = Packed::new(outputs, inputs, |output, input| weight[output * inputs + input]);
        Self { forward, backward, bias }
    }
}

impl LinearStage {
    /// The layer that it was made of.
    pub fn described(&self) -> Linear {
        let (outputs, inputs) = (self.bias.len(), self.forward.depth());
        let weight = (0..outputs * inputs).map(|index| self.forward.at(index % inputs, index / inputs));
        Linear::new(weight.collect(), self.bias.clone())
    }

    pub fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let outputs = self.bias.len();
        let mut values = tape.pool.take(outputs);
        self.forward.multiply(&mut values, Rows::one(&input.values));
        Epilogue::forward(Activation::None, &self.bias, None).apply(0..1, &mut values);
        tape.push(Saved::Shape(input.shape()));
        tape.pool.put(input.values);
        FeatureMap { height: 1, width: 1, channels: outputs, values }
    }

    pub fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        let mut values = tape.pool.take(self.backward.columns());
        self.backward.multiply(&mut values, Rows::one(&gradient.values));
        multiply_derivative(&mut values, tape);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }
}
