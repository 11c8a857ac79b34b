//! The ways to host a network behind the one [`Classifier`](super::Classifier) trait.

pub mod assembled;
pub mod autograd;
pub mod candle;
pub mod cpu;
pub mod excitation;
pub mod graph;
pub mod layers;
pub mod maps;
pub mod named;
pub mod tensor_graph;
pub mod token_grid;
mod workers;
