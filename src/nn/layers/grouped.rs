//! Grouped convolution: the channels are in groups, and a filter sees those of its own group only.

use super::{conv::Conv2d, padding::Padding};
use crate::nn::activation::{Activation, mask_gradient};
use crate::nn::{
    feature_map::Map,
    kernels::gemm::PANEL,
    tape::{Pass, Saved},
};

/// A convolution in groups, its bias and the activation after it.
///
/// Some neighbouring groups at a time are one dense convolution, with zeros where their channels would meet: with
/// fewer outputs than a panel has columns, the products with the zeros cost nothing.
#[derive(Debug, Clone)]
pub struct GroupedConv2d {
    /// Each over its own channels: outputs and inputs are in the order of the groups.
    bundles: Vec<Conv2d>,
    /// Groups in each bundle.
    together: usize,
    /// What follows.
    pub(crate) activation: Activation,
}

impl GroupedConv2d {
    /// From filters as PyTorch keeps them: `filters` is `[out, inputs / groups, kernel, kernel]`, `bias` is `[out]`;
    /// `groups` divides inputs and outputs.
    pub fn new(
        filters: &[f32],
        bias: &[f32],
        groups: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let taps = kernel * kernel;
        assert!(groups > 0 && bias.len().is_multiple_of(groups), "as many outputs in every group");
        let outputs = bias.len() / groups;
        let inputs = filters.len() / (bias.len() * taps).max(1);
        assert_eq!(filters.len(), bias.len() * inputs * taps, "filters are [out, in / groups, kernel, kernel]");
        let fill = |count: &usize| groups.is_multiple_of(*count) && count * outputs >= PANEL;
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
                Conv2d::new(&dense, bias.to_vec(), together * inputs, kernel, stride, padding, Activation::None)
            })
            .collect();
        Self { bundles, together, activation }
    }

    /// How many groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.bundles.len() * self.together
    }

    /// One of the dense convolutions, all of which have the same shape.
    pub(crate) fn bundle(&self) -> &Conv2d {
        &self.bundles[0]
    }

    /// `[out]`.
    pub(crate) fn bias(&self) -> Vec<f32> {
        self.bundles.iter().flat_map(|bundle| bundle.bias.iter().copied()).collect()
    }

    /// `[out, inputs / groups, kernel, kernel]`, up to rounding.
    pub(crate) fn filters(&self) -> Vec<f32> {
        let Conv2d { inputs, kernel, bias, .. } = self.bundle();
        let (all_inputs, all_outputs, taps) = (*inputs, bias.len(), kernel * kernel);
        let (inputs, outputs) = (all_inputs / self.together, all_outputs / self.together);
        let mut filters = Vec::with_capacity(self.bundles.len() * all_outputs * inputs * taps);
        for rows in self.bundles.iter().map(Conv2d::filters) {
            for output in 0..all_outputs {
                for input in (0..inputs).map(|input| output / outputs * inputs + input) {
                    filters.extend((0..taps).map(|tap| rows[(tap * all_inputs + input) * all_outputs + output]));
                }
            }
        }
        filters
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        pass.save(Saved::Fence);
        let Conv2d { inputs, kernel, stride, padding, bias, .. } = self.bundle();
        let (_, height) = padding.along(input.height, *kernel, *stride);
        let (_, width) = padding.along(input.width, *kernel, *stride);
        let channels = self.bundles.len() * bias.len();
        let values = pass.buffer(height * width * channels);
        let mut result = Map { height, width, channels, values };
        for (index, bundle) in self.bundles.iter().enumerate() {
            let part = input.some_channels(index * inputs..(index + 1) * inputs, pass);
            let sums = bundle.forward(part, pass);
            result.set_channels(index * bias.len(), &sums);
            pass.give(sums.values);
        }
        pass.give(input.values);
        self.activation.apply_to_sum(&mut result, pass);
        result
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let (inputs, outputs) = (self.bundle().inputs, self.bundle().bias.len());
        let channels = self.bundles.len() * inputs;
        let mut result = Map { height: 0, width: 0, channels, values: pass.buffer(0) };
        for (index, bundle) in self.bundles.iter().enumerate().rev() {
            let part = gradient.some_channels(index * outputs..(index + 1) * outputs, pass);
            let own = bundle.backward(part, pass);
            if result.values.is_empty() {
                let values = pass.buffer(own.pixels() * channels);
                result = Map { height: own.height, width: own.width, channels, values };
            }
            result.set_channels(index * inputs, &own);
            pass.give(own.values);
        }
        pass.give(gradient.values);
        pass.take_fence();
        mask_gradient(&mut result.values, pass);
        result
    }
}
