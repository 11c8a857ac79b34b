//! Convolution with windows of one pixel: a matrix product.

use super::{conv::Conv2d, padding::Padding};
use crate::{
    activation::Activation,
    feature_map::FeatureMap,
    kernels::{epilogue::Epilogue, gemm::Packed, im2col::multiply_pixels},
    tape::{Saved, Tape},
};

/// A [`Conv2d`] of one pixel at stride 1, packed. It is what stands before and after depthwise convolutions, and what
/// the projections of a transformer are.
#[derive(Debug)]
pub(crate) struct PointwiseStage {
    /// `[in, out]`.
    pub forward: Packed,
    /// `[out, in]`.
    pub backward: Packed,
    pub bias: Vec<f32>,
    pub activation: Activation,
}

impl PointwiseStage {
    /// Whether a convolution is one.
    pub fn is(conv: &Conv2d) -> bool {
        conv.kernel == 1 && conv.keeps_size()
    }

    /// Packs a convolution that [is](Self::is) one.
    pub fn new(conv: Conv2d) -> Self {
        let Conv2d { filters, bias, inputs, activation, .. } = conv;
        let at = |output: usize, input: usize| filters[output * inputs + input];
        let forward = Packed::new(inputs, bias.len(), |input, output| at(output, input));
        let backward = Packed::new(bias.len(), inputs, at);
        Self { forward, backward, bias, activation }
    }

    /// The layer that it was made of.
    pub fn described(&self) -> Conv2d {
        let inputs = self.inputs();
        let filters = (0..self.outputs() * inputs).map(|index| self.forward.at(index % inputs, index / inputs));
        Conv2d::new(filters.collect(), self.bias.clone(), inputs, 1, 1, Padding::Symmetric(0), self.activation)
    }

    pub fn inputs(&self) -> usize {
        self.forward.depth()
    }

    pub fn outputs(&self) -> usize {
        self.forward.columns()
    }

    pub fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let FeatureMap { height, width, .. } = input;
        let channels = self.outputs();
        let mut values = tape.pool.take(input.pixels() * channels);
        let mut derivative = self.activation.new_derivative(input.pixels(), channels, tape);
        let mut epilogue = Epilogue::forward(self.activation, &self.bias, derivative.as_mut());
        multiply_pixels(&self.forward, &input.values, &mut values, 0, &mut epilogue, &mut tape.pool);
        tape.push_activated(Saved::Nothing, derivative);
        tape.pool.put(input.values);
        FeatureMap { height, width, channels, values }
    }

    pub fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        tape.pop_nothing();
        let FeatureMap { height, width, .. } = gradient;
        let channels = self.inputs();
        let mut values = tape.pool.take(gradient.pixels() * channels);
        let derivative = tape.take_derivative();
        let mut epilogue = Epilogue::backward(derivative.as_ref());
        multiply_pixels(&self.backward, &gradient.values, &mut values, 0, &mut epilogue, &mut tape.pool);
        tape.recycle_derivative(derivative);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }
}
