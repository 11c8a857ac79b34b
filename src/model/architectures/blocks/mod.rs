//! Blocks that several architectures are made of.

pub mod convolution;
pub mod inverted_residual;
