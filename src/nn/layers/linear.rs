//! The fully connected layer.

use crate::nn::activation::{Activation, Finish, mask_gradient};
use crate::nn::{
    feature_map::Map,
    kernels::gemm::{Packed, Rows},
    tape::{Pass, Saved},
};

/// A fully connected layer over the values of a map, taken as one row.
#[derive(Debug, Clone)]
pub struct Linear {
    /// `[in, out]`.
    forward: Packed,
    /// `[out, in]`.
    pub(crate) backward: Packed,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
}

impl Linear {
    /// `weight` is `[out, in]`, `bias` is `[out]`.
    pub fn new(weight: &[f32], bias: Vec<f32>) -> Self {
        assert!(!bias.is_empty() && weight.len().is_multiple_of(bias.len()), "weight is [out, in]");
        let (outputs, inputs) = (bias.len(), weight.len() / bias.len());
        let forward = Packed::new(inputs, outputs, |input, output| weight[output * inputs + input]);
        let backward = Packed::new(outputs, inputs, |output, input| weight[output * inputs + input]);
        Self { forward, backward, bias }
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let outputs = self.bias.len();
        let mut values = pass.buffer(outputs);
        self.forward.multiply(&mut values, Rows::one(&input.values));
        Finish::activate(Activation::None, &self.bias, None).apply_to(0..1, &mut values);
        // Also keeps the slopes below for this layer's backward, where it is the last one.
        pass.save(Saved::Shape([input.height, input.width, input.channels]));
        pass.give(input.values);
        Map { height: 1, width: 1, channels: outputs, values }
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let inputs = self.backward.columns();
        let [height, width, channels] = pass.take_shape().unwrap_or([1, 1, inputs]);
        let mut values = pass.buffer(inputs);
        self.backward.multiply(&mut values, Rows::one(&gradient.values));
        mask_gradient(&mut values, pass);
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }
}
