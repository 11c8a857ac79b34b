//! The same layers through Candle's tensors, on any device it knows: the way to a GPU, and the plain reference of
//! the CPU kernels.

mod conv;
mod excitation;
mod network;
mod pool;
mod tokens;

pub use excitation::Weights;
pub use network::{TensorNetwork, TensorTape};
