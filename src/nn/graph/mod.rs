//! A network as a graph: operations on tensors of f32, any number of inputs and results each, with the gradient with
//! respect to the graph's input and no other.
//!
//! A [`GraphBuilder`] takes operations one after the other and knows every shape at once; a [`Plan`] is the graph made
//! ready for the CPU; a [`State`] is what a thread needs to run a plan for one sample after the other. A [`TensorGraph`] is
//! the graph on Candle's tensors, for batches on any device.
//!
//! ```text
//! GraphBuilder ─lower─▶ Graph ─fuse─▶ Graph ─chain, ops─▶ Plan of steps, each for shapes and layouts that are known
//!                                      └───tensors───▶ TensorGraph of steps, each for a batch
//! ```
//!
//! `op` has the operations as they are described, `ops` what each of them does, one or a close family a file: its shape,
//! its forward, its input gradient and their tests. Convolutions and pools that [`Network`](super::Network) has layers
//! for become its stages, as long a chain of them as there is. The layout of a value is settled when the plan is
//! made, so that to transpose is nothing to do; where an operation needs another one, a step between converts it.
//!
//! `tensors` has the operations again, in files of the same names.
//!
//! `raise` is the other way: a graph that is nothing but layers, as these.

mod builder;
mod chain;
mod convert;
mod fuse;
mod layout;
mod lower;
mod op;
mod ops;
mod plan;
mod raise;
mod shape;
mod step;
mod tensors;
#[cfg(test)]
mod tests;
mod walk;

pub use builder::{Graph, GraphBuilder, GraphError, MOST_VALUES, NodeSeen, ValueId};
pub use op::{
    Binary, Conv, ConvTranspose, Coordinates, Margins, Nearest, Op, PadMode, Patches, Pool, Reduction, Resize,
    ResizeMode, Span, Unary,
};
pub use plan::{Plan, State};
pub use raise::Raised;
pub use tensors::{GraphTape, TensorGraph, TensorGraphError};
