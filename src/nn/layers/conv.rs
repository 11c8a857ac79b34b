//! Dense convolution.

use super::padding::Padding;
use crate::{
    activation::{Activation, multiply_derivative},
    buffer::BufferPool,
    feature_map::FeatureMap,
    kernels::{epilogue::Epilogue, gemm::Packed, im2col::Windows, winograd::Winograd},
    tape::{Saved, Tape},
};

/// Input channels from which the gradient of a convolution that keeps its input's size is computed as a convolution:
/// with fewer, most of a vector register would be empty.
const LEAST_LANES: usize = 16;

/// A convolution, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct Conv2d {
    /// `[out, in, kernel, kernel]`.
    pub(crate) filters: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
    /// Input channels.
    pub(crate) inputs: usize,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

impl Conv2d {
    /// From filters as PyTorch keeps them: `filters` is `[out, inputs, kernel, kernel]`, `bias` is `[out]`. Without
    /// filters it is a description, which cannot be compiled.
    pub fn new(
        filters: Vec<f32>,
        bias: Vec<f32>,
        inputs: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let values = bias.len() * inputs * kernel * kernel;
        assert!(filters.is_empty() || filters.len() == values, "filters are [out, in, kernel, kernel]");
        Self { filters, bias, inputs, kernel, stride, padding, activation }
    }

    /// Whether a map has as many pixels after it as before.
    pub(crate) fn keeps_size(&self) -> bool {
        let centred = self.padding == Padding::Same || self.padding == Padding::Symmetric((self.kernel - 1) / 2);
        self.stride == 1 && self.kernel % 2 == 1 && centred
    }

    /// The weight of an output, an input and a tap.
    fn at(&self, output: usize, input: usize, tap: usize) -> f32 {
        self.filters[(output * self.inputs + input) * self.kernel * self.kernel + tap]
    }
}

/// A [`Conv2d`] whose filters are packed for the products that it and its gradient are.
#[derive(Debug)]
pub(crate) struct Conv2dStage {
    forward: Filters,
    backward: Backward,
    pub bias: Vec<f32>,
    pub inputs: usize,
    pub kernel: usize,
    pub stride: usize,
    pub padding: Padding,
    activation: Activation,
}

/// What windows are multiplied with.
#[derive(Debug)]
enum Filters {
    /// `[kernel, kernel, in] × [out]`, for im2col.
    Direct(Packed),
    /// For windows of 3 × 3 that keep the map's size.
    Winograd(Winograd),
}

/// What the gradient is multiplied with.
#[derive(Debug)]
enum Backward {
    /// Flipped filters, from outputs to inputs and turned by half a turn: the gradient of a convolution that keeps its
    /// input's size is the convolution with these. It reads patches, where a transposed product would write them and
    /// add them up.
    Flipped(Filters),
    /// `[out] × [kernel, kernel, in]`: the transposed product, and col2im.
    Transposed(Packed),
}

impl From<Conv2d> for Conv2dStage {
    fn from(conv: Conv2d) -> Self {
        let (inputs, outputs, taps) = (conv.inputs, conv.bias.len(), conv.kernel * conv.kernel);
        let (kernel, keeps_size) = (conv.kernel, conv.keeps_size());
        let forward = |tap: usize, input: usize, output: usize| conv.at(output, input, tap);
        let forward = Filters::new(kernel, inputs, outputs, keeps_size, forward);
        let backward = if keeps_size && (kernel == 1 || inputs >= LEAST_LANES) {
            let flipped = |tap: usize, output: usize, input: usize| conv.at(output, input, taps - 1 - tap);
            Backward::Flipped(Filters::new(kernel, outputs, inputs, keeps_size, flipped))
        } else {
            let transposed = |output: usize, column: usize| conv.at(output, column % inputs, column / inputs);
            Backward::Transposed(Packed::new(outputs, taps * inputs, transposed))
        };
        let Conv2d { bias, stride, padding, activation, .. } = conv;
        Self { forward, backward, bias, inputs, kernel, stride, padding, activation }
    }
}

impl Conv2dStage {
    /// The layer that it was made of, up to rounding.
    pub fn described(&self) -> Conv2d {
        let Self { inputs, kernel, stride, padding, activation, .. } = *self;
        let taps = kernel * kernel;
        let place = |index: usize| (index % taps, index / taps % inputs, index / taps / inputs);
        let weight = |index: usize| {
            let (tap, input, output) = place(index);
            match &self.forward {
                Filters::Direct(weights) => weights.at(tap * inputs + input, output),
                Filters::Winograd(filters) => filters.at(tap, input, output),
            }
        };
        let filters = (0..self.bias.len() * inputs * taps).map(weight);
        Conv2d::new(filters.collect(), self.bias.clone(), inputs, kernel, stride, padding, activation)
    }

    pub fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let outputs = self.bias.len();
        let mut values = tape.pool.take(height * width * outputs);
        let mut derivative = self.activation.new_derivative(height * width, outputs, tape);
        let windows = Windows {
            kernel: self.kernel,
            stride: self.stride,
            channels: input.channels,
            height: input.height,
            width: input.width,
            top,
            left,
            columns: width,
        };
        let epilogue = Epilogue::forward(self.activation, &self.bias, derivative.as_mut());
        self.forward.convolve(windows, &input.values, &mut values, &mut tape.pool, epilogue);
        tape.push_activated(Saved::Shape(input.shape()), derivative);
        tape.pool.put(input.values);
        FeatureMap { height, width, channels: outputs, values }
    }

    pub fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let mut values = tape.pool.take(height * width * channels);
        let windows = Windows {
            kernel: self.kernel,
            stride: self.stride,
            channels,
            height,
            width,
            top,
            left,
            columns: gradient.width,
        };
        match &self.backward {
            Backward::Flipped(filters) => {
                let (top, left) = (self.kernel - 1 - top, self.kernel - 1 - left);
                let windows = Windows { channels: gradient.channels, top, left, ..windows };
                let derivative = tape.take_derivative();
                let epilogue = Epilogue::backward(derivative.as_ref());
                filters.convolve(windows, &gradient.values, &mut values, &mut tape.pool, epilogue);
                tape.recycle_derivative(derivative);
            }
            Backward::Transposed(weights) => {
                windows.convolve_transposed(&gradient.values, weights, &mut values, &mut tape.pool);
                multiply_derivative(&mut values, tape);
            }
        }
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }
}

impl Filters {
    /// Takes the weight at a tap, an input and an output from `at`.
    fn new(
        kernel: usize,
        inputs: usize,
        outputs: usize,
        keeps_size: bool,
        at: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        if keeps_size && kernel == 3 && Winograd::fits(inputs, outputs) {
            Self::Winograd(Winograd::new(inputs, outputs, at))
        } else {
            let weight = |row: usize, output: usize| at(row / inputs, row % inputs, output);
            Self::Direct(Packed::new(kernel * kernel * inputs, outputs, weight))
        }
    }

    /// `result ← epilogue(patches · filters)`, `[windows, outputs]`.
    fn convolve(
        &self,
        windows: Windows,
        source: &[f32],
        result: &mut [f32],
        pool: &mut BufferPool,
        epilogue: Epilogue<'_>,
    ) {
        match self {
            Self::Direct(weights) => windows.convolve(source, weights, result, pool, epilogue),
            Self::Winograd(filters) => {
                filters.convolve(source, [windows.height, windows.width], result, pool, epilogue);
            }
        }
    }
}
