//! The operations of networks, one a file: what each is, its forward and its input-only backward on the CPU.

pub(crate) mod affine;
pub(crate) mod attention;
pub(crate) mod average_pool;
pub(crate) mod batch_norm;
pub(crate) mod concat;
pub(crate) mod conv;
pub(crate) mod depthwise;
pub(crate) mod fused_inverted_residual;
pub(crate) mod gelu;
pub(crate) mod global_average;
pub(crate) mod grouped;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod max_pool;
pub(crate) mod padding;
pub(crate) mod pointwise;
pub(crate) mod residual;
pub(crate) mod squeeze_excite;
pub(crate) mod tokens;
