//! Depthwise convolution: one filter a channel. Forward and backward are the same loop.

use super::padding::Padding;
use crate::nn::activation::{Activation, Finish};
use crate::nn::{
    buffer::Buffer,
    feature_map::Map,
    kernels::depthwise_direct::Sweep,
    tape::{Pass, Saved},
};

/// A depthwise convolution, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct DepthwiseConv2d {
    /// `[kernel, kernel, channels]`.
    pub(crate) weight: Buffer,
    /// `[channels]`.
    pub(crate) bias: Vec<f32>,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

impl DepthwiseConv2d {
    /// From filters as PyTorch keeps them: `filters` is `[channels, 1, kernel, kernel]`, `bias` is `[channels]`.
    pub fn new(
        filters: &[f32],
        bias: Vec<f32>,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let channels = bias.len();
        let taps = kernel * kernel;
        assert_eq!(filters.len(), channels * taps, "filters are [channels, 1, kernel, kernel]");
        let weight: Vec<f32> = (0..taps * channels).map(|i| filters[(i % channels) * taps + i / channels]).collect();
        let weight = weight.as_slice().into();
        Self { weight, bias, kernel, stride, padding, activation }
    }

    /// The way to the sums of an input of so many pixels down and across.
    pub(crate) fn sweep(&self, input: [usize; 2]) -> Sweep<'_> {
        let [(top, height), (left, width)] = input.map(|size| self.padding.along(size, self.kernel, self.stride));
        Sweep {
            weight: &self.weight,
            channels: self.bias.len(),
            kernel: self.kernel,
            stride: self.stride,
            before: [top, left],
            source: input,
            result: [height, width],
            back: false,
        }
    }

    /// The way back from their gradient.
    pub(crate) fn sweep_back(&self, input: [usize; 2], gradient: [usize; 2]) -> Sweep<'_> {
        Sweep { source: gradient, result: input, back: true, ..self.sweep(input) }
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let sweep = self.sweep([input.height, input.width]);
        let Sweep { channels, result: [height, width], .. } = sweep;
        let mut values = pass.buffer(height * width * channels);
        let mut slopes = self.activation.slopes(height * width, channels, pass);
        let mut finish = Finish::activate(self.activation, &self.bias, slopes.as_mut());
        sweep.run(&input.values, 0, 0..height, &mut values, &mut finish);
        pass.save(Saved::Shape([input.height, input.width, channels]));
        Activation::save(slopes, pass);
        pass.give(input.values);
        Map { height, width, channels, values }
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let channels = gradient.channels;
        let [height, width, _] =
            pass.take_shape().unwrap_or([gradient.height * self.stride, gradient.width * self.stride, channels]);
        let mut values = pass.buffer(height * width * channels);
        let slopes = pass.take_slopes();
        let sweep = self.sweep_back([height, width], [gradient.height, gradient.width]);
        sweep.run(&gradient.values, 0, 0..height, &mut values, &mut Finish::slopes(slopes.as_ref()));
        pass.give_slopes(slopes);
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }
}
