//! A graph ready to run on the CPU.

use super::builder::{Graph, GraphError, ValueId};

/// A graph made ready for the CPU: weights packed, nodes fused, an order and a layout for every value.
///
/// It may be run by several threads at once, each with its own [`State`].
#[derive(Debug)]
pub struct Plan {}

/// What a thread needs to run a plan, and what a forward leaves for a backward. Use it for one sample after the other.
#[derive(Debug, Default)]
pub struct State {}

impl Plan {
    /// Makes a graph ready. `readable` are values whose activations and gradients can be asked for; nodes are not fused
    /// across them, so that a plan with fewer of them may be quicker.
    ///
    /// # Errors
    /// A node cannot be computed.
    pub fn new(_graph: &Graph, _readable: &[ValueId]) -> Result<Self, GraphError> {
        todo!()
    }

    /// One sample, row after row, to the graph's outputs. Nothing is kept for a backward.
    ///
    /// # Panics
    /// The input has not as many values as its shape says.
    pub fn forward(&self, _input: &[f32], _state: &mut State) -> Vec<Vec<f32>> {
        todo!()
    }

    /// The same, for a backward that follows.
    ///
    /// # Panics
    /// As for [`Plan::forward`].
    pub fn forward_recording(&self, _input: &[f32], _state: &mut State) -> Vec<Vec<f32>> {
        todo!()
    }

    /// What the last forward had at one of the readable values, row after row; `None` if it is not one of them.
    pub fn activations(&self, _value: ValueId, _state: &State) -> Option<Vec<f32>> {
        todo!()
    }

    /// The gradient with respect to the input, into `result`, row after row: from those with respect to the outputs, one
    /// an output. Takes off what the last [`Plan::forward_recording`] has left.
    ///
    /// # Panics
    /// No recorded forward came before, or the gradients have not as many values as the outputs, or the result as the
    /// input.
    pub fn backward(&self, _gradients: &[&[f32]], _state: &mut State, _result: &mut [f32]) {
        todo!()
    }

    /// The gradient with respect to one of the readable values, row after row, instead of that with respect to the input;
    /// `None` if it is not one of them.
    ///
    /// # Panics
    /// As for [`Plan::backward`].
    pub fn backward_to(&self, _value: ValueId, _gradients: &[&[f32]], _state: &mut State) -> Option<Vec<f32>> {
        todo!()
    }
}
