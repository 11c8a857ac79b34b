//! Layers with a forward and an input-only backward, and their CPU kernels.
//!
//! An explanation never needs a weight's gradient, so no layer computes one. What a layer's forward leaves on the
//! [`Tape`], its backward takes off again: for most layers that is one bit an activation, because the input
//! gradient of a linear layer needs its weights only. Smooth activations leave their derivative, four bytes a value.
//!
//! A network is a list of [`Layer`]s, one description with two executors. [`Network`] takes one sample through kernels
//! of our own on the CPU, channels last, one sample a thread. [`TensorNetwork`] takes batches through Candle's tensors
//! on any device it knows, and is the plain reference that the kernels are tested against.
//!
//! A [`graph`] is the other description: of networks from elsewhere, as operations of several inputs. It becomes layers where
//! layers can say it, and else has two executors of its own.
//!
//! `layers` has the operations, one a file, `kernels` the loops that they are made of on the CPU, `candle` the same
//! operations on tensors.

#![allow(unsafe_code, reason = "kernels read and write vector registers, each block with its safety argument")]

mod activation;
mod buffer;
mod candle;
mod feature_map;
pub mod graph;
mod kernels;
mod layer;
mod layers;
mod network;
mod outline;
mod rule;
mod shuffle;
mod tape;
mod threads;

pub use activation::Activation;
pub use buffer::{Buffer, BufferPool, Number};
pub use candle::{TensorNetwork, TensorTape, Weights};
pub use feature_map::FeatureMap;
pub use kernels::simd::without_simd;
pub use layer::Layer;
pub use layers::{
    affine::Affine,
    attention::Attention,
    average_pool::AveragePool2d,
    batch_norm::BatchNorm,
    concat::Concat,
    conv::Conv2d,
    depthwise::DepthwiseConv2d,
    grouped::GroupedConv2d,
    layer_norm::LayerNorm,
    linear::Linear,
    max_pool::MaxPool2d,
    padding::Padding,
    residual::Residual,
    squeeze_excite::SqueezeExcite,
    tokens::{TokenPool, Tokens},
};
pub use network::Network;
pub use rule::Rule;
pub use shuffle::shuffle_weights;
pub use tape::{AttentionSeen, Tape};
pub use threads::{compute_pool, flush_denormals, lower_priority};
