//! Grouped convolution: the channels are in groups, and a filter sees those of its own group only.

use super::{
    conv::{Conv2d, Conv2dStage},
    padding::Padding,
};
use crate::{
    activation::{Activation, multiply_derivative},
    feature_map::FeatureMap,
    kernels::gemm::NR,
    tape::{Saved, Tape},
};

/// A convolution in groups, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct GroupedConv2d {
    /// `[out, in / groups, kernel, kernel]`.
    pub(crate) filters: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
    /// Groups of channels that do not meet; it divides inputs and outputs.
    pub(crate) groups: usize,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

impl GroupedConv2d {
    /// From filters as PyTorch keeps them: `filters` is `[out, inputs / groups, kernel, kernel]`, `bias` is `[out]`;
    /// `groups` divides inputs and outputs. Without filters it is a description, which cannot be compiled.
    pub fn new(
        filters: Vec<f32>,
        bias: Vec<f32>,
        groups: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        assert!(groups > 0 && bias.len().is_multiple_of(groups), "as many outputs in every group");
        let filter = bias.len() * kernel * kernel;
        assert!(filter > 0 && filters.len().is_multiple_of(filter), "filters are [out, in / groups, kernel, kernel]");
        Self { filters, bias, groups, kernel, stride, padding, activation }
    }

    /// Input channels of a group.
    pub(crate) fn inputs(&self) -> usize {
        self.filters.len() / (self.bias.len() * self.kernel * self.kernel)
    }
}

/// A [`GroupedConv2d`] as dense convolutions over some neighbouring groups each, with zeros where their channels would
/// meet: with fewer outputs than a panel has columns, the products with the zeros cost nothing.
#[derive(Debug)]
pub(crate) struct GroupedConv2dStage {
    /// Each over its own channels: outputs and inputs are in the order of the groups.
    bundles: Vec<Conv2dStage>,
    activation: Activation,
}

impl From<GroupedConv2d> for GroupedConv2dStage {
    fn from(conv: GroupedConv2d) -> Self {
        let inputs = conv.inputs();
        let GroupedConv2d { filters, bias, groups, kernel, stride, padding, activation } = conv;
        let (outputs, taps) = (bias.len() / groups, kernel * kernel);
        let fill = |count: &usize| groups.is_multiple_of(*count) && count * outputs >= NR;
        let together = (1..=groups).find(fill).unwrap_or(groups);
        let bundles = filters
            .chunks_exact(together * outputs * inputs * taps)
            .zip(bias.chunks_exact(together * outputs))
            .map(|(filters, bias)| {
                let mut dense = vec![0.0; together * filters.len()];
                for (output, filter) in filters.chunks_exact(inputs * taps).enumerate() {
                    let own = (output * together + output / outputs) * inputs * taps;
                    dense[own..own + filter.len()].copy_from_slice(filter);
                }
                let (bias, inputs) = (bias.to_vec(), together * inputs);
                Conv2d::new(dense, bias, inputs, kernel, stride, padding, Activation::None).into()
            })
            .collect();
        Self { bundles, activation }
    }
}

impl GroupedConv2dStage {
    /// The layer that it was made of: the zeros where groups do not meet stay, and each bundle is a group.
    pub fn described(&self) -> GroupedConv2d {
        let dense: Vec<Conv2d> = self.bundles.iter().map(Conv2dStage::described).collect();
        let filters = dense.iter().flat_map(|bundle| &bundle.filters).copied().collect();
        let bias = dense.iter().flat_map(|bundle| &bundle.bias).copied().collect();
        let Conv2dStage { kernel, stride, padding, .. } = *self.bundle();
        GroupedConv2d::new(filters, bias, self.bundles.len(), kernel, stride, padding, self.activation)
    }

    /// One of the dense convolutions, all of which have the same shape.
    fn bundle(&self) -> &Conv2dStage {
        &self.bundles[0]
    }

    pub fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        // The derivative of the layer before is for all channels, so no bundle takes it.
        tape.push(Saved::Start);
        let Conv2dStage { inputs, kernel, stride, padding, bias, .. } = self.bundle();
        let (_, height) = padding.along(input.height, *kernel, *stride);
        let (_, width) = padding.along(input.width, *kernel, *stride);
        let channels = self.bundles.len() * bias.len();
        let values = tape.pool.take(height * width * channels);
        let mut result = FeatureMap { height, width, channels, values };
        for (index, bundle) in self.bundles.iter().enumerate() {
            let part = input.some_channels(index * inputs..(index + 1) * inputs, &mut tape.pool);
            let sums = bundle.forward(part, tape);
            result.set_channels(index * bias.len(), &sums);
            tape.pool.put(sums.values);
        }
        let derivative = self.activation.apply(&mut result, tape);
        tape.push_activated(Saved::Shape(input.shape()), derivative);
        tape.pool.put(input.values);
        result
    }

    pub fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        let (inputs, outputs) = (self.bundle().inputs, self.bundle().bias.len());
        let values = tape.pool.take(height * width * channels);
        let mut result = FeatureMap { height, width, channels, values };
        for (index, bundle) in self.bundles.iter().enumerate().rev() {
            let part = gradient.some_channels(index * outputs..(index + 1) * outputs, &mut tape.pool);
            let own = bundle.backward(part, tape);
            result.set_channels(index * inputs, &own);
            tape.pool.put(own.values);
        }
        tape.pool.put(gradient.values);
        tape.pop_start();
        multiply_derivative(&mut result.values, tape);
        result
    }
}
