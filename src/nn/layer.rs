//! One layer of a network, as it is described.

use super::layers::{
    affine::Affine,
    attention::Attention,
    average_pool::AveragePool2d,
    concat::Concat,
    conv::Conv2d,
    depthwise::DepthwiseConv2d,
    grouped::GroupedConv2d,
    layer_norm::LayerNorm,
    linear::Linear,
    max_pool::MaxPool2d,
    residual::Residual,
    squeeze_excite::SqueezeExcite,
    tokens::{TokenPool, Tokens},
};

/// One layer, or a block of them: plain data, with weights as PyTorch keeps them. It computes nothing:
/// [`Network::compile`](super::Network::compile) makes CPU kernels of it, [`TensorNetwork`](super::TensorNetwork)
/// tensors on a device.
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
