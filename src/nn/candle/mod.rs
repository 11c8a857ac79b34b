//! The same layers through Candle's tensors, on any device it knows: the way to a GPU, and the plain reference of
//! the CPU kernels.

pub(crate) mod conv;
mod excitation;
pub(crate) mod network;
mod pool;
mod tokens;

pub use excitation::Weights;
pub use network::{TensorNetwork, TensorTape};
