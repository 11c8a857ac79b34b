//! The CPU's loops: they know numbers and registers, no network.

pub(crate) mod depthwise_direct;
pub(crate) mod derivative;
pub(crate) mod elementary;
pub(crate) mod epilogue;
pub(crate) mod exp;
pub(crate) mod gemm;
pub(crate) mod im2col;
pub(crate) mod simd;
pub(crate) mod smooth_activation;
pub(crate) mod strided_gemm;
pub(crate) mod winograd;
