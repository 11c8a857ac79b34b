//! Depthwise convolution: one filter a channel.

use super::padding::Padding;
use crate::{
    activation::Activation,
    buffer::Buffer,
    feature_map::FeatureMap,
    kernels::{
        depthwise_direct::{DepthwiseKernel, Direction},
        epilogue::Epilogue,
    },
    tape::{Saved, Tape},
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
    /// From filters as PyTorch keeps them: `filters` is `[channels, 1, kernel, kernel]`, `bias` is `[channels]`. Without
    /// filters it is a description, which cannot be run.
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
        let is_whole = filters.is_empty() || filters.len() == channels * taps;
        assert!(is_whole, "filters are [channels, 1, kernel, kernel]");
        let weight: Vec<f32> = (0..filters.len()).map(|i| filters[(i % channels) * taps + i / channels]).collect();
        let weight = weight.as_slice().into();
        Self { weight, bias, kernel, stride, padding, activation }
    }

    /// The kernel that makes sums of an input of so many pixels down and across.
    pub(crate) fn forward_kernel(&self, input: [usize; 2]) -> DepthwiseKernel<'_> {
        let [(top, height), (left, width)] = input.map(|size| self.padding.along(size, self.kernel, self.stride));
        DepthwiseKernel {
            weight: &self.weight,
            channels: self.bias.len(),
            kernel: self.kernel,
            stride: self.stride,
            before: [top, left],
            source: input,
            result: [height, width],
            direction: Direction::Forward,
        }
    }

    /// The kernel that makes the input's gradient of that of the sums.
    pub(crate) fn backward_kernel(&self, input: [usize; 2], gradient: [usize; 2]) -> DepthwiseKernel<'_> {
        DepthwiseKernel {
            source: gradient,
            result: input,
            direction: Direction::Backward,
            ..self.forward_kernel(input)
        }
    }

    pub(crate) fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let kernel = self.forward_kernel([input.height, input.width]);
        let DepthwiseKernel { channels, result: [height, width], .. } = kernel;
        let mut values = tape.pool.take(height * width * channels);
        let mut derivative = self.activation.new_derivative(height * width, channels, tape);
        let mut epilogue = Epilogue::forward(self.activation, &self.bias, derivative.as_mut());
        kernel.run(&input.values, 0, 0..height, &mut values, &mut epilogue);
        tape.push_activated(Saved::Shape(input.shape()), derivative);
        tape.pool.put(input.values);
        FeatureMap { height, width, channels, values }
    }

    pub(crate) fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        let mut values = tape.pool.take(height * width * channels);
        let derivative = tape.take_derivative();
        let kernel = self.backward_kernel([height, width], [gradient.height, gradient.width]);
        let mut epilogue = Epilogue::backward(derivative.as_ref());
        kernel.run(&gradient.values, 0, 0..height, &mut values, &mut epilogue);
        tape.recycle_derivative(derivative);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }
}
