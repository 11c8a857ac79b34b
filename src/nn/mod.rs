//! Layers with a forward and an input-only backward, and their CPU kernels.
//!
//! An explanation never needs a weight's gradient, so no layer computes one. What a layer's forward leaves on the
//! [`Pass`], its backward takes off again: for most layers that is one bit an activation, because the input
//! gradient of a linear layer needs its weights only. Smooth activations leave their slopes, four bytes a value.
//!
//! A network is a list of [`Layer`]s, one description with two executors: `forward` and
//! `backward` here take one sample through kernels of our own on the CPU, channels last, one sample a thread;
//! [`TensorNetwork`] takes batches through Candle's tensors on any device it knows, and is the plain reference that
//! the kernels are tested against.

mod activation;
mod affine;
mod attention;
mod average;
mod batch_norm;
mod bottleneck;
mod buffer;
mod concat;
mod conv;
mod curve;
mod depthwise;
mod elementary;
mod ending;
mod exp;
mod gelu;
mod grouped;
mod layer;
mod layer_norm;
mod linear;
mod map;
mod outline;
mod packed;
mod padding;
mod pass;
mod pool;
mod residual;
mod simd;
mod slopes;
mod squeeze_excite;
mod strided;
mod sweep;
mod tensor;
mod tensor_conv;
mod tensor_pool;
mod tensor_tokens;
mod threads;
mod tokens;
mod winograd;

pub use activation::Activation;
pub use affine::Affine;
pub use attention::Attention;
pub use average::AveragePool2d;
pub use batch_norm::BatchNorm;
pub use buffer::{Buffer, Number};
pub use concat::Concat;
pub use conv::Conv2d;
pub use depthwise::DepthwiseConv2d;
pub use grouped::GroupedConv2d;
pub use layer::{Layer, backward, forward};
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use map::Map;
pub use outline::outline;
pub use padding::Padding;
pub use pass::Pass;
pub use pool::MaxPool2d;
pub use residual::Residual;
pub use simd::without_simd;
pub use squeeze_excite::SqueezeExcite;
pub use tensor::{TensorNetwork, TensorTape};
pub use threads::{compute_pool, flush_denormals, give_way};
pub use tokens::{TokenPool, Tokens};
