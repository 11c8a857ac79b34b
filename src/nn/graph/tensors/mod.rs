//! A graph on Candle's tensors: batches, on any device that Candle knows.
//!
//! An operation here is its forward and its input gradient, as in `ops`, one close family a file with the same name.
//! Gradients are written out, not Candle's own: those have weights' gradients computed, which nobody asks for, go
//! through a network by recursion, and are wrong for some operations.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};
use thiserror::Error;

use self::step::{Made, Operand, Step, Target, Unmade, fault, shaped};
use super::{
    builder::{Graph, GraphError, Node, ValueId},
    fuse,
    op::{Op, PadMode},
    ops::is_parameter,
};

mod affine;
mod arranged;
mod binary;
mod concat;
mod conv;
mod cum_sum;
mod layer_norm;
mod lrn;
mod lstm;
mod matmul;
mod picked;
mod pool;
mod quantize;
mod reduce;
mod resize;
mod select;
mod softmax;
mod step;
#[cfg(test)]
mod tests;
mod unary;

/// A graph whose weights live on a device, for batches of samples.
#[derive(Debug)]
pub struct TensorGraph {
    steps: Vec<Placed>,
    /// Shape of a sample, as the graph has it.
    input: Vec<usize>,
    /// Slots of the graph's outputs.
    outputs: Vec<usize>,
    /// Shapes of all values.
    shapes: Vec<Vec<usize>>,
    /// Of the graph's input.
    first: usize,
    readable: Vec<ValueId>,
}

/// A step in its place. Slots are the values' numbers.
#[derive(Debug)]
struct Placed {
    work: Box<dyn Step>,
    inputs: Vec<Source>,
    outputs: Vec<usize>,
    /// Inputs that nobody takes after it.
    last: Vec<usize>,
}

/// Where an input comes from.
#[derive(Debug)]
enum Source {
    Slot(usize),
    /// `[1, its shape]`: the same for all samples.
    Constant(Tensor),
}

/// Why a graph is not on tensors.
#[derive(Debug, Error)]
pub enum TensorGraphError {
    /// An operation cannot be said on them.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The device failed.
    #[error(transparent)]
    Device(#[from] candle_core::Error),
}

/// What a forward leaves for a backward, and to be read.
#[derive(Debug, Default)]
pub struct GraphTape {
    /// One a step.
    records: Vec<Vec<Tensor>>,
    readable: HashMap<ValueId, Tensor>,
    samples: usize,
}

impl TensorGraph {
    /// Copies the constants of a graph to `device`, as numbers of type `dtype`, in which most values are computed, too;
    /// sums and functions that rounding would harm are taken in single precision. `readable` are values whose activations
    /// and gradients can be asked for.
    ///
    /// # Errors
    /// An operation cannot be said on tensors; or the device has no room, or does not know such numbers.
    pub fn new(
        graph: &Graph,
        readable: &[ValueId],
        device: &Device,
        dtype: DType,
    ) -> std::result::Result<Self, TensorGraphError> {
        Self::of(&fuse::fused(graph.clone(), readable)?, readable, device, dtype)
    }

    /// The same, node by node.
    pub(super) fn of(
        graph: &Graph,
        readable: &[ValueId],
        device: &Device,
        dtype: DType,
    ) -> std::result::Result<Self, TensorGraphError> {
        let target = Target { device: device.clone(), dtype };
        let mut constants: HashMap<ValueId, Tensor> = HashMap::new();
        let mut steps = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            let work = made(graph, node, &target).map_err(|unmade| match unmade {
                Unmade::Refused(problem) => {
                    GraphError::Node { node: node.name.clone(), operation: node.op.name(), problem }.into()
                }
                Unmade::Device(error) => TensorGraphError::Device(error),
            })?;
            let mut inputs = Vec::new();
            for (_, input) in node.inputs.iter().enumerate().filter(|(index, _)| !is_taken_in(&node.op, *index)) {
                let Some(values) = graph.constant(*input) else {
                    inputs.push(Source::Slot(input.0));
                    continue;
                };
                let placed = match constants.get(input) {
                    Some(placed) => placed.clone(),
                    None => target.place(values, &[&[1], graph.shape(*input)].concat())?,
                };
                constants.insert(*input, placed.clone());
                inputs.push(Source::Constant(placed));
            }
            let outputs = node.outputs.iter().map(|output| output.0).collect();
            steps.push(Placed { work, inputs, outputs, last: Vec::new() });
        }
        let mut is_taken = vec![false; graph.values.len()];
        graph.outputs.iter().for_each(|output| is_taken[output.0] = true);
        for step in steps.iter_mut().rev() {
            let slots = step.inputs.iter().filter_map(Source::slot);
            step.last = slots.filter(|slot| !std::mem::replace(&mut is_taken[*slot], true)).collect();
        }
        Ok(Self {
            steps,
            input: graph.shape(graph.input).to_vec(),
            outputs: graph.outputs.iter().map(|output| output.0).collect(),
            shapes: graph.values.iter().map(|value| value.shape.clone()).collect(),
            first: graph.input.0,
            readable: readable.to_vec(),
        })
    }

    /// `n` samples to the graph's outputs. The input has any shape of `n` times the values of the graph's input, the
    /// samples one behind the other, as `[n, 3, height, width]`; outputs are `[n, shape of the output]`. What a backward
    /// needs is left on `tape`, if there is one.
    ///
    /// # Errors
    /// The device failed, or the input is no number of samples.
    pub fn forward(&self, input: &Tensor, tape: Option<&mut GraphTape>) -> Result<Vec<Tensor>> {
        let size = self.input.iter().product::<usize>();
        let samples = input.elem_count().checked_div(size).unwrap_or_default();
        let mut slots: Vec<Option<Tensor>> = vec![None; self.shapes.len()];
        slots[self.first] = Some(input.contiguous()?.reshape([&[samples], &*self.input].concat())?);
        let mut tape = tape;
        if let Some(tape) = &mut tape {
            **tape = GraphTape { samples, ..GraphTape::default() };
        }
        for step in &self.steps {
            let inputs = step.inputs.iter().map(|source| match source {
                Source::Slot(slot) => slots[*slot].clone().ok_or_else(|| fault("a value is not there")),
                Source::Constant(tensor) => Ok(tensor.clone()),
            });
            let inputs = inputs.collect::<Result<Vec<_>>>()?;
            let mut record = Vec::new();
            let results = step.work.forward(&inputs, &mut tape.is_some().then_some(&mut record))?;
            if let Some(tape) = &mut tape {
                tape.records.push(record);
            }
            drop(inputs);
            for slot in &step.last {
                if let Some(tape) = &mut tape {
                    self.note(*slot, slots[*slot].as_ref(), tape);
                }
                slots[*slot] = None;
            }
            for (slot, result) in step.outputs.iter().zip(results) {
                debug_assert_eq!(result.dims(), [&[samples], &*self.shapes[*slot]].concat(), "{step:?}");
                slots[*slot] = Some(result);
            }
        }
        if let Some(tape) = &mut tape {
            for value in &self.readable {
                self.note(value.0, slots.get(value.0).and_then(Option::as_ref), tape);
            }
        }
        self.outputs.iter().map(|slot| slots[*slot].clone().ok_or_else(|| fault("an output is not there"))).collect()
    }

    /// Keeps a value that may be read.
    fn note(&self, slot: usize, value: Option<&Tensor>, tape: &mut GraphTape) {
        if let Some(value) = value.filter(|_| self.readable.contains(&ValueId(slot))) {
            tape.readable.insert(ValueId(slot), value.clone());
        }
    }

    /// What the forward that left `tape` had at one of the readable values, `[n, its shape]`; `None` if it is not one of
    /// them.
    pub fn activations(&self, value: ValueId, tape: &GraphTape) -> Option<Tensor> {
        tape.readable.get(&value).cloned()
    }

    /// The gradient with respect to the input, `[n, its shape]`, from those with respect to the outputs, one an output.
    /// Takes off what the forward has left.
    ///
    /// # Errors
    /// The device failed, or `tape` is not that of a forward through this graph.
    pub fn backward(&self, gradients: &[Tensor], tape: &mut GraphTape) -> Result<Tensor> {
        self.backward_until(self.first, gradients, tape)
    }

    /// The gradient with respect to any value of the graph, instead of that with respect to the input; 0 if no output
    /// depends on it, or it was fused away, as none of the readable ones is.
    ///
    /// # Errors
    /// As for [`TensorGraph::backward`].
    pub fn backward_to(&self, value: ValueId, gradients: &[Tensor], tape: &mut GraphTape) -> Result<Tensor> {
        self.backward_until(value.0, gradients, tape)
    }

    fn backward_until(&self, end: usize, gradients: &[Tensor], tape: &mut GraphTape) -> Result<Tensor> {
        let shape = self.shapes.get(end).ok_or_else(|| fault("there is no such value"))?;
        if tape.records.len() != self.steps.len() || gradients.len() != self.outputs.len() {
            return Err(fault("backward without the forward before it"));
        }
        let mut slots: Vec<Option<Tensor>> = vec![None; self.shapes.len()];
        for (slot, gradient) in self.outputs.iter().zip(gradients) {
            add(&mut slots[*slot], shaped(gradient, &self.shapes[*slot])?)?;
        }
        let like = gradients.first().ok_or_else(|| fault("a graph without outputs"))?;
        for step in self.steps.iter().rev() {
            let mut record = tape.records.pop().ok_or_else(|| fault("backward without the forward before it"))?;
            if step.outputs.contains(&end) {
                break;
            }
            let gradients: Vec<Option<Tensor>> = step.outputs.iter().map(|slot| slots[*slot].take()).collect();
            if gradients.iter().all(Option::is_none) {
                continue;
            }
            let sent = step.work.backward(&gradients, &mut record)?;
            for (source, gradient) in step.inputs.iter().zip(sent) {
                if let (Source::Slot(slot), Some(gradient)) = (source, gradient) {
                    add(&mut slots[*slot], gradient)?;
                }
            }
        }
        let samples = tape.samples;
        *tape = GraphTape::default();
        match slots[end].take() {
            Some(gradient) => Ok(gradient),
            None => Tensor::zeros([&[samples], &**shape].concat(), like.dtype(), like.device()),
        }
    }
}

impl Source {
    fn slot(&self) -> Option<usize> {
        match self {
            Self::Slot(slot) => Some(*slot),
            Self::Constant(_) => None,
        }
    }
}

/// One gradient more of a value.
fn add(sum: &mut Option<Tensor>, gradient: Tensor) -> Result<()> {
    *sum = Some(match sum.take() {
        Some(sum) => (sum + gradient)?,
        None => gradient,
    });
    Ok(())
}

/// Whether a step has taken an input in, which must be constant.
fn is_taken_in(op: &Op, input: usize) -> bool {
    is_parameter(op, input) || matches!(op, Op::Gemm { .. }) && input > 0
}

/// The step of a node.
fn made(graph: &Graph, node: &Node, target: &Target) -> Made<Box<dyn Step>> {
    let operand = |input: &ValueId| Operand { shape: graph.shape(*input), constant: graph.constant(*input) };
    let operands: Vec<Operand<'_>> = node.inputs.iter().map(operand).collect();
    let x = *operands.first().ok_or_else(|| Unmade::Refused("it takes nothing".to_owned()))?;
    let result = node.outputs.first().map_or(&[][..], |output| graph.shape(*output));
    Ok(match &node.op {
        Op::Conv(conv) => Box::new(conv::Convolution::new(conv, &operands, result, target)?),
        Op::ConvTranspose(conv) => Box::new(conv::Convolution::transposed(conv, &operands, result, target)?),
        Op::Affine { axis } => Box::new(affine::Affine::new(*axis, &operands, target)?),
        Op::LayerNorm { axis, epsilon } => Box::new(layer_norm::Norm::of_layers(*axis, *epsilon, &operands, target)?),
        Op::GroupNorm { groups, epsilon } => {
            Box::new(layer_norm::Norm::of_groups(*groups, *epsilon, &operands, target)?)
        }
        Op::Unary(function) => Box::new(unary::Function(*function)),
        Op::PRelu => Box::new(binary::PRelu::new(&operands, target)?),
        Op::Binary(function) => Box::new(binary::Elementwise::new(*function, &operands, result)),
        Op::MaxPool(pool) => Box::new(pool::MaxPool::new(pool, x, result, target)?),
        Op::AveragePool { pool, count_padding } => {
            Box::new(pool::AveragePool::new(pool, *count_padding, x, result, target)?)
        }
        Op::Reduce { kind, axes, .. } => Box::new(reduce::Reduce::new(*kind, axes, x, result)),
        Op::Lrn { size, alpha, beta, bias } => Box::new(lrn::Lrn::new(*size, [*alpha, *beta, *bias], x, target)?),
        Op::MatMul => Box::new(matmul::Product::new(&operands, result)),
        Op::Gemm { alpha, beta, transpose_right, .. } => {
            Box::new(matmul::Linear::new([*alpha, *beta], *transpose_right, &operands, target)?)
        }
        Op::Softmax { axis } => Box::new(softmax::Softmax::new(*axis, false)),
        Op::LogSoftmax { axis } => Box::new(softmax::Softmax::new(*axis, true)),
        Op::Concat { axis } => Box::new(concat::Concat::new(*axis, &operands)),
        Op::Split { axis, sizes } => Box::new(concat::Split::new(*axis, sizes)),
        Op::Slice(spans) => Box::new(picked::Picked::slice(spans, x, target)?),
        Op::Gather { axis, indices, .. } => Box::new(picked::Picked::gather(*axis, indices, x, target)?),
        Op::Reshape { .. } => Box::new(arranged::Reshaped::new(x, result)),
        Op::Transpose { axes } => Box::new(arranged::Transposed::new(axes)),
        Op::Expand { .. } => Box::new(picked::Expanded::new(x, result)),
        Op::Tile { .. } => Box::new(picked::Picked::tile(x, result, target)?),
        Op::Pad { before, after, mode: PadMode::Constant(number) } => {
            Box::new(picked::Surrounded::new(before, after, *number))
        }
        Op::Pad { before, mode, .. } => Box::new(picked::Picked::pad(before, *mode, x, result, target)?),
        Op::Resize(resize) => Box::new(resize::Interpolation::new(resize, x, result, target)?),
        Op::Where => Box::new(select::Select::new(&operands, result)),
        Op::CumSum { axis, exclusive, reverse } => {
            Box::new(cum_sum::CumSum::new(*axis, *exclusive, *reverse, x, target)?)
        }
        Op::Quantize { axis, low, high } => {
            Box::new(quantize::Grid::new(*axis, Some([*low, *high]), &operands, target)?)
        }
        Op::Dequantize { axis } => Box::new(quantize::Grid::new(*axis, None, &operands, target)?),
        Op::Lstm { reverse } => Box::new(lstm::Lstm::new(*reverse, &operands, target)?),
        Op::Identity | Op::DepthToSpace { .. } | Op::SpaceToDepth { .. } | Op::Im2col(_) | Op::Col2im { .. } => {
            return Err(Unmade::Refused("it is made of other operations".to_owned()));
        }
    })
}
