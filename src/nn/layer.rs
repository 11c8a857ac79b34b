//! A network as a list of layers.

use super::{conv::Conv2d, depthwise::DepthwiseConv2d, linear::Linear, map::Map, pass::Pass, pool};

/// One layer, or a block of them.
#[derive(Debug, Clone)]
pub enum Layer {
    /// A dense convolution with its activation.
    Conv2d(Conv2d),
    /// A depthwise convolution with its activation.
    DepthwiseConv2d(DepthwiseConv2d),
    /// The mean over all pixels.
    GlobalAveragePool,
    /// A fully connected layer.
    Linear(Linear),
    /// The layers' result, added to what they were given.
    Residual(Vec<Layer>),
}

impl Layer {
    /// One sample through this layer.
    pub fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        match self {
            Self::Conv2d(layer) => layer.forward(input, pass),
            Self::DepthwiseConv2d(layer) => layer.forward(input, pass),
            Self::GlobalAveragePool => pool::global_average_forward(input, pass),
            Self::Linear(layer) => layer.forward(input, pass),
            Self::Residual(layers) => {
                let shortcut = copy(&input, pass);
                let result = forward(layers, input, pass);
                add(result, shortcut, pass)
            }
        }
    }

    /// The gradient with respect to this layer's input, from the one with respect to its result.
    ///
    /// Takes off `pass` what the same layer's forward left there: call it after a recorded forward, last layer first.
    pub fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        match self {
            Self::Conv2d(layer) => layer.backward(gradient, pass),
            Self::DepthwiseConv2d(layer) => layer.backward(gradient, pass),
            Self::GlobalAveragePool => pool::global_average_backward(gradient, pass),
            Self::Linear(layer) => layer.backward(gradient, pass),
            Self::Residual(layers) => {
                let shortcut = copy(&gradient, pass);
                let result = backward(layers, gradient, pass);
                add(result, shortcut, pass)
            }
        }
    }
}

/// One sample through layer after layer.
pub fn forward(layers: &[Layer], input: Map, pass: &mut Pass) -> Map {
    layers.iter().fold(input, |map, layer| layer.forward(map, pass))
}

/// The gradient with respect to the first layer's input.
pub fn backward(layers: &[Layer], gradient: Map, pass: &mut Pass) -> Map {
    layers.iter().rev().fold(gradient, |gradient, layer| layer.backward(gradient, pass))
}

fn copy(map: &Map, pass: &mut Pass) -> Map {
    let mut values = pass.buffer(map.values.len());
    values.copy_from_slice(&map.values);
    Map { values, ..*map }
}

fn add(mut map: Map, other: Map, pass: &mut Pass) -> Map {
    for (sum, value) in map.values.iter_mut().zip(&other.values) {
        *sum += value;
    }
    pass.give(other.values);
    map
}
