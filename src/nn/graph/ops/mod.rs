//! What each operation does: its shape, its forward, and the gradient with respect to its inputs.

use pulp::Simd;

use super::{
    builder::Value,
    convert,
    layout::Form,
    op::Op,
    shape::{self, Shape},
    step::{Compiled, Context, Port, Shared, Work},
};
use crate::kernels::simd::{self, Kernel};

mod affine;
mod arranged;
mod binary;
mod concat;
pub(super) mod conv;
mod cum_sum;
mod group_norm;
mod layer_norm;
mod lrn;
mod lstm;
mod matmul;
pub(super) mod picked;
pub(super) mod pool;
mod quantize;
mod reduce;
pub(super) mod resize;
mod select;
mod softmax;
pub(super) mod unary;

/// The shapes of an operation's results, once its inputs are found to be right.
pub(super) fn shapes(op: &Op, inputs: &[&Value]) -> Result<Vec<Shape>, String> {
    let given: Vec<&[usize]> = inputs.iter().map(|value| value.shape.as_slice()).collect();
    let (least, most) = arity(op);
    if given.len() < least || given.len() > most {
        let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
        return Err(format!("it takes {wanted} inputs and is given {}", given.len()));
    }
    for (index, value) in inputs.iter().enumerate() {
        if is_parameter(op, index) && value.constant.is_none() {
            return Err(format!("its input {index}, of shape {:?}, depends on the graph's input", value.shape));
        }
    }
    let one = |shape: Result<Shape, String>| shape.map(|shape| vec![shape]);
    match op {
        Op::Conv(conv) => one(conv::shape(conv, &given)),
        Op::ConvTranspose(conv) => one(conv::transposed_shape(conv, &given)),
        Op::Affine { axis } => one(affine::shape(*axis, &given)),
        Op::LayerNorm { axis, epsilon } => one(layer_norm::shape(*axis, *epsilon, &given)),
        Op::GroupNorm { groups, epsilon } => one(group_norm::shape(*groups, *epsilon, &given)),
        Op::Unary(_) | Op::Identity => Ok(vec![given[0].to_vec()]),
        Op::PRelu => one(binary::prelu_shape(given[0], given[1])),
        Op::Binary(_) => one(shape::broadcast(given[0], given[1])),
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => one(pool::shape(pool, given[0])),
        Op::Reduce { axes, keep, .. } => one(reduce::shape(axes, *keep, given[0])),
        Op::Lrn { size, .. } => one(lrn::shape(*size, given[0])),
        Op::MatMul => one(matmul::shape(given[0], given[1])),
        Op::Softmax { axis } | Op::LogSoftmax { axis } | Op::CumSum { axis, .. } => {
            one(same_with_axis(*axis, given[0]))
        }
        Op::Concat { axis } => one(concat::shape(*axis, &given)),
        Op::Split { axis, sizes } => concat::split_shapes(*axis, sizes, given[0]),
        Op::Slice(spans) => one(picked::slice_shape(spans, given[0])),
        Op::Gather { axis, indices, shape } => one(picked::gather_shape(*axis, indices, shape, given[0])),
        Op::Reshape { shape } => one(arranged::reshape_shape(shape, given[0])),
        Op::Transpose { axes } => one(arranged::transpose_shape(axes, given[0])),
        Op::Expand { shape } => one(shape::broadcast(given[0], shape)),
        Op::Tile { repeats } => one(picked::tile_shape(repeats, given[0])),
        Op::Pad { before, after, mode } => one(picked::pad_shape(before, after, *mode, given[0])),
        Op::Resize(resize) => one(resize::shape(resize, given[0])),
        Op::Where => one(shape::broadcast(given[1], given[2]).and_then(|ab| shape::broadcast(given[0], &ab))),
        Op::Quantize { axis, .. } | Op::Dequantize { axis } => one(quantize::shape(*axis, &given)),
        Op::Gemm { transpose_right, .. } => one(matmul::linear_shape(*transpose_right, &given)),
        Op::Lstm { .. } => lstm::shapes(&given),
        Op::DepthToSpace { .. } | Op::SpaceToDepth { .. } | Op::Im2col(_) | Op::Col2im { .. } => {
            Err("it is made of other operations".to_owned())
        }
    }
}

/// An operation for inputs that were found to be right, and results of these shapes.
pub(super) fn compile(op: &Op, ports: &[Port], results: &[&[usize]]) -> Result<Compiled, String> {
    Ok(match op {
        Op::Conv(conv) => conv::compile(conv, ports, results[0]),
        Op::ConvTranspose(conv) => conv::compile_transposed(conv, ports, results[0]),
        Op::Affine { axis } => affine::compile(*axis, ports),
        Op::LayerNorm { axis, epsilon } => layer_norm::compile(*axis, *epsilon, ports),
        Op::GroupNorm { groups, epsilon } => group_norm::compile(*groups, *epsilon, ports),
        Op::Unary(function) => unary::compile(*function, &ports[0]),
        Op::PRelu => binary::compile_prelu(ports, results[0]),
        Op::Binary(function) => binary::compile(*function, ports, results[0]),
        Op::MaxPool(pool) => pool::compile_max(pool, &ports[0], results[0]),
        Op::AveragePool { pool, count_padding } => pool::compile_average(pool, *count_padding, &ports[0], results[0]),
        Op::Reduce { kind, axes, keep } => reduce::compile(*kind, axes, *keep, &ports[0], results[0]),
        Op::Lrn { size, alpha, beta, bias } => lrn::compile(*size, [*alpha, *beta, *bias], &ports[0]),
        Op::MatMul => matmul::compile(ports, results[0]),
        Op::Softmax { axis } => softmax::compile(*axis, false, &ports[0]),
        Op::LogSoftmax { axis } => softmax::compile(*axis, true, &ports[0]),
        Op::CumSum { axis, exclusive, reverse } => cum_sum::compile(*axis, *exclusive, *reverse, &ports[0]),
        Op::Concat { axis } => concat::compile(*axis, ports, results[0]),
        Op::Split { axis, .. } => concat::compile_split(*axis, &ports[0], results),
        Op::Slice(spans) => picked::compile_slice(spans, &ports[0], results[0]),
        Op::Gather { axis, indices, .. } => picked::compile_gather(*axis, indices, &ports[0], results[0]),
        Op::Reshape { .. } => arranged::compile_reshape(&ports[0], results[0]),
        Op::Transpose { axes } => arranged::compile_transpose(axes, &ports[0], results[0]),
        Op::Expand { .. } => picked::compile_expand(&ports[0], results[0]),
        Op::Tile { .. } => picked::compile_tile(&ports[0], results[0]),
        Op::Pad { before, mode, .. } => picked::compile_pad(before, *mode, &ports[0], results[0]),
        Op::Resize(resize) => resize::compile(resize, &ports[0], results[0]),
        Op::Where => select::compile(ports, results[0]),
        Op::Quantize { axis, low, high } => quantize::compile(*axis, Some([*low, *high]), ports),
        Op::Dequantize { axis } => quantize::compile(*axis, None, ports),
        Op::Gemm { alpha, beta, transpose_right, .. } => {
            matmul::compile_linear([*alpha, *beta], *transpose_right, ports, results[0])
        }
        Op::Lstm { reverse } => lstm::compile(*reverse, ports),
        Op::Identity | Op::DepthToSpace { .. } | Op::SpaceToDepth { .. } | Op::Im2col(_) | Op::Col2im { .. } => {
            return Err("it is made of other operations".to_owned());
        }
    })
}

/// Computes an operation on constants.
pub(super) fn fold(op: &Op, inputs: &[&Value], results: &[Shape]) -> Result<Vec<Vec<f32>>, String> {
    let port = |value: &&Value| Port { form: Form::plain(&value.shape), constant: value.constant.clone() };
    let ports: Vec<Port> = inputs.iter().map(port).collect();
    let shapes: Vec<&[usize]> = results.iter().map(Vec::as_slice).collect();
    let Compiled { wanted, outputs, work } = compile(op, &ports, &shapes)?;
    let inputs = ports.iter().zip(wanted).map(|(port, wanted)| match wanted {
        Some(layout) => convert::constant(port.values(), port.shape(), &layout),
        None => Shared::default(),
    });
    let inputs: Vec<Shared> = inputs.collect();
    let values = match work {
        Work::Relabel => inputs,
        Work::Step(step) => step.forward(inputs, &mut Context::default()).0,
    };
    let plain = values.iter().zip(results).zip(outputs);
    Ok(plain.map(|((values, shape), layout)| convert::to_plain(values, &Form::new(shape, layout))).collect())
}

/// About how many products, or steps as quick as one, it takes to compute an operation once.
pub(super) fn products(op: &Op, inputs: &[&Value], results: &[Shape]) -> usize {
    let input = |number: usize| inputs.get(number).map_or(&[][..], |value| value.shape.as_slice());
    let made: usize = results.iter().map(|shape| shape::size(shape)).sum();
    let (taps, values) = match op {
        Op::Conv(_) => (input(1).iter().skip(1).product(), made),
        Op::ConvTranspose(_) => (input(1).iter().skip(1).product(), shape::size(input(0))),
        Op::MatMul | Op::Gemm { .. } => (input(0).last().copied().unwrap_or(1), made),
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => (pool.kernel[0].saturating_mul(pool.kernel[1]), made),
        Op::Resize(resize) => (resize::products_each(resize), made.max(shape::size(input(0)))),
        Op::Lstm { .. } => (input(1).last().copied().unwrap_or(1), shape::size(input(0))),
        Op::Lrn { size, .. } => (input(0).get(1).copied().unwrap_or(1).min(*size), made),
        _ => (1, made.max(shape::size(input(0)))),
    };
    values.saturating_mul(taps)
}

/// How many inputs it takes at least and at most.
fn arity(op: &Op) -> (usize, usize) {
    match op {
        Op::Conv(_) | Op::ConvTranspose(_) | Op::Gemm { .. } => (2, 3),
        Op::LayerNorm { .. } | Op::GroupNorm { .. } => (1, 3),
        Op::Affine { .. } | Op::Where | Op::Quantize { .. } | Op::Dequantize { .. } => (3, 3),
        Op::PRelu | Op::Binary(_) | Op::MatMul | Op::Lstm { .. } => (2, 2),
        Op::Concat { .. } => (1, usize::MAX),
        _ => (1, 1),
    }
}

/// Whether an input must be a constant.
pub(super) fn is_parameter(op: &Op, input: usize) -> bool {
    match op {
        Op::Conv(_)
        | Op::ConvTranspose(_)
        | Op::Affine { .. }
        | Op::LayerNorm { .. }
        | Op::GroupNorm { .. }
        | Op::Lstm { .. }
        | Op::PRelu
        | Op::Quantize { .. }
        | Op::Dequantize { .. } => input > 0,
        _ => false,
    }
}

/// The shape itself, if it has the axis.
fn same_with_axis(axis: usize, shape: &[usize]) -> Result<Shape, String> {
    check_axis(axis, shape).map(|()| shape.to_vec())
}

fn check_axis(axis: usize, shape: &[usize]) -> Result<(), String> {
    if axis < shape.len() { Ok(()) } else { Err(format!("there is no axis {axis} in the shape {shape:?}")) }
}

/// That a parameter has one value for each of `len`.
fn check_row(what: &str, found: &[usize], len: usize) -> Result<(), String> {
    if found == [len] { Ok(()) } else { Err(format!("its {what} has the shape {found:?} where {:?} is wanted", [len])) }
}

/// The four axes of a map.
fn map_shape(shape: &[usize]) -> Result<[usize; 4], String> {
    shape.try_into().map_err(|_| format!("its input has the shape {shape:?} where [n, c, h, w] is wanted"))
}

/// `sum ← sum + values`.
pub(super) fn add_to(sum: &mut [f32], values: &[f32]) {
    simd::run(Add { sum, values });
}

struct Add<'a> {
    sum: &'a mut [f32],
    values: &'a [f32],
}

impl Kernel for Add<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (sum, value) in self.sum.iter_mut().zip(self.values) {
            *sum += value;
        }
    }
}

/// `values ← values · by`.
fn scale_by(values: &mut [f32], by: &[f32]) {
    simd::run(Scale { values, by });
}

struct Scale<'a> {
    values: &'a mut [f32],
    by: &'a [f32],
}

impl Kernel for Scale<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (value, by) in self.values.iter_mut().zip(self.by) {
            *value *= by;
        }
    }
}
