//! A network as a graph: operations on tensors of f32, any number of inputs and results each, with the gradient with
//! respect to the graph's input and no other.
//!
//! A [`GraphBuilder`] takes operations one after the other and knows every shape at once; a [`Plan`] is the graph made
//! ready for the CPU; a [`State`] is what a thread needs to run a plan for one sample after the other.

mod builder;
mod chain;
mod convert;
mod fuse;
mod layout;
mod lower;
mod op;
mod ops;
mod plan;
mod shape;
mod step;
#[cfg(test)]
mod tests;
mod walk;

pub use builder::{Graph, GraphBuilder, GraphError, MOST_VALUES, NodeSeen, ValueId};
pub use op::{
    Binary, Conv, ConvTranspose, Coordinates, Margins, Nearest, Op, PadMode, Pool, Reduction, Resize, ResizeMode, Span,
    Unary,
};
pub use plan::{Plan, State};
