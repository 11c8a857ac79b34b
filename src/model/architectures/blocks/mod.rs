//! Blocks that several architectures are made of, and where the blocks of a network end.

pub mod convolution;
pub mod ends;
pub mod inverted_residual;

pub(crate) use ends::Blocks;
