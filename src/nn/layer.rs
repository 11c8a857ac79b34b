//! A network as a list of layers.

use super::layers::{
    affine::Affine,
    attention::Attention,
    average_pool::AveragePool2d,
    concat::Concat,
    conv::Conv2d,
    depthwise::DepthwiseConv2d,
    fused_inverted_residual::Bottleneck,
    gelu::{gelu_backward, gelu_forward},
    grouped::GroupedConv2d,
    layer_norm::LayerNorm,
    linear::Linear,
    max_pool::{self, MaxPool2d},
    residual::Residual,
    squeeze_excite::SqueezeExcite,
    tokens::{TokenPool, Tokens},
};
use super::{feature_map::Map, tape::Pass};
use crate::nn::activation::mask_gradient;

/// One layer, or a block of them.
#[derive(Debug, Clone)]
pub enum Layer {
    /// A scale, a shift and an activation.
    Affine(Affine),
    /// The mean of each window.
    AveragePool2d(AveragePool2d),
    /// Several ways through the network, side by side.
    Concat(Concat),
    /// A dense convolution with its activation.
    Conv2d(Conv2d),
    /// A depthwise convolution with its activation.
    DepthwiseConv2d(DepthwiseConv2d),
    /// A convolution in groups with its activation.
    GroupedConv2d(GroupedConv2d),
    /// The mean over all pixels.
    GlobalAveragePool,
    /// The largest of each window.
    MaxPool2d(MaxPool2d),
    /// A fully connected layer.
    Linear(Linear),
    /// Two ways through the network, added up.
    Residual(Residual),
    /// Channels scaled by what their means say.
    SqueezeExcite(SqueezeExcite),
    /// Layer normalisation over channels.
    LayerNorm(LayerNorm),
    /// The Gaussian error linear unit.
    Gelu,
    /// Self-attention between the projections before and after it.
    Attention(Attention),
    /// Patches become tokens.
    Tokens(Tokens),
    /// Tokens become one.
    TokenPool(TokenPool),
}

impl Layer {
    /// One sample through this layer.
    pub fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        match self {
            Self::Affine(layer) => layer.forward(input, pass),
            Self::AveragePool2d(layer) => layer.forward(input, pass),
            Self::Concat(block) => block.forward(input, pass),
            Self::Conv2d(layer) => layer.forward(input, pass),
            Self::DepthwiseConv2d(layer) => layer.forward(input, pass),
            Self::GroupedConv2d(layer) => layer.forward(input, pass),
            Self::GlobalAveragePool => max_pool::global_average_forward(input, pass),
            Self::Linear(layer) => layer.forward(input, pass),
            Self::MaxPool2d(layer) => layer.forward(input, pass),
            Self::Residual(block) => block.forward(input, pass),
            Self::SqueezeExcite(block) => block.forward(input, pass),
            Self::LayerNorm(layer) => layer.forward(input, pass),
            Self::Gelu => gelu_forward(input, pass),
            Self::Attention(layer) => layer.forward(input, pass),
            Self::Tokens(layer) => layer.forward(input, pass),
            Self::TokenPool(layer) => layer.forward(input, pass),
        }
    }

    /// The gradient with respect to what the layer before this one gave to its activation, from that with respect to
    /// what this one gave to its own: the derivative of an activation is multiplied with while the gradient that it is
    /// for is in cache.
    ///
    /// Takes off `pass` what the same layer's forward left there: call it after a recorded forward, last layer first.
    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        match self {
            Self::Affine(layer) => layer.backward(gradient, pass),
            Self::AveragePool2d(layer) => layer.backward(gradient, pass),
            Self::Concat(block) => block.backward(gradient, pass),
            Self::Conv2d(layer) => layer.backward(gradient, pass),
            Self::DepthwiseConv2d(layer) => layer.backward(gradient, pass),
            Self::GroupedConv2d(layer) => layer.backward(gradient, pass),
            Self::GlobalAveragePool => max_pool::global_average_backward(gradient, pass),
            Self::Linear(layer) => layer.backward(gradient, pass),
            Self::MaxPool2d(layer) => layer.backward(gradient, pass),
            Self::Residual(block) => block.backward(gradient, pass),
            Self::SqueezeExcite(block) => block.backward(gradient, pass),
            Self::LayerNorm(layer) => layer.backward(gradient, pass),
            Self::Gelu => gelu_backward(gradient, pass),
            Self::Attention(layer) => layer.backward(gradient, pass),
            Self::Tokens(layer) => layer.backward(gradient, pass),
            Self::TokenPool(layer) => layer.backward(gradient, pass),
        }
    }
}

/// One sample through layer after layer.
pub fn forward(layers: &[Layer], input: Map, pass: &mut Pass) -> Map {
    let (mut map, mut rest) = (input, layers);
    while let Some((layer, others)) = rest.split_first() {
        (map, rest) = match Bottleneck::first_of(rest) {
            Some((block, count)) => (block.forward(map, pass), &rest[count..]),
            None => (layer.forward(map, pass), others),
        };
    }
    map
}

/// The gradient with respect to the first layer's input, from that with respect to the last layer's result: call it
/// after a recorded [`forward`], and for parts of a network the last one first. If the part before the first layer
/// ended with an activation, its derivative is in it.
pub fn backward(layers: &[Layer], mut gradient: Map, pass: &mut Pass) -> Map {
    mask_gradient(&mut gradient.values, pass);
    let mut rest = layers;
    while let Some((layer, others)) = rest.split_last() {
        (gradient, rest) = match Bottleneck::last_of(rest) {
            Some((block, count)) => (block.backward(gradient, pass), &rest[..rest.len() - count]),
            None => (layer.backward(gradient, pass), others),
        };
    }
    gradient
}
