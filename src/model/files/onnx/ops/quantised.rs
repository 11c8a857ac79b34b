//! Networks in whole numbers of few bits, computed in single precision.

use super::{
    super::{
        call::{Call, Results, Value, axis},
        proto::data_type,
    },
    Row,
    convolution::conv,
};
use crate::nn::graph::{Binary, Op, Reduction, Unary, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("QuantizeLinear", quantize),
    ("DequantizeLinear", dequantize),
    ("QLinearConv", q_conv),
    ("QLinearMatMul", q_matmul),
    ("QLinearAdd", |call| q_binary(call, Binary::Add)),
    ("QLinearMul", |call| q_binary(call, Binary::Mul)),
    ("QGemm", q_gemm),
    ("QLinearConcat", q_concat),
    ("QLinearGlobalAveragePool", q_global_average),
    ("QLinearSigmoid", |call| q_unary(call, Unary::Sigmoid)),
    ("QLinearLeakyRelu", |call| q_unary(call, Unary::LeakyRelu(call.node.float("alpha", 0.01)))),
];

/// Least and largest number of a kind.
fn range(kind: i32) -> Result<(f32, f32), String> {
    Ok(match kind {
        data_type::UINT8 => (0.0, 255.0),
        data_type::INT8 => (-128.0, 127.0),
        data_type::UINT16 => (0.0, 65_535.0),
        data_type::INT16 => (-32_768.0, 32_767.0),
        data_type::INT32 => (i32::MIN as f32, i32::MAX as f32),
        other => return Err(format!("it quantises to numbers of a kind ({other}) that igoscope does not read")),
    })
}

/// Scale and zero of an operation, in the graph.
fn scale_and_zero(call: &mut Call<'_>, scale: usize, zero: usize) -> Result<[ValueId; 2], String> {
    let numbers = call.known(scale)?;
    if numbers.floats().contains(&0.0) {
        return Err("its scale is 0".to_owned());
    }
    let zeros = match call.known_if_there(zero)? {
        Some(zeros) => zeros.floats(),
        None => vec![0.0; numbers.data.len()],
    };
    if zeros.len() != numbers.data.len() {
        return Err("it has not as many zeros as scales".to_owned());
    }
    let flat = |numbers: &[f32]| if numbers.len() == 1 { Vec::new() } else { vec![numbers.len()] };
    let numbers = numbers.floats();
    Ok([call.put_floats(&flat(&numbers), numbers)?, call.put_floats(&flat(&zeros), zeros)?])
}

fn along(call: &Call<'_>, unset: i64) -> Result<usize, String> {
    if call.node.int("block_size").unwrap_or(0) != 0 {
        return Err("scales of blocks are not computed".to_owned());
    }
    let rank = call.shape_of(0)?.len();
    Ok(axis(call.node.int("axis").unwrap_or(unset), rank).unwrap_or(0))
}

fn quantize(call: &mut Call<'_>) -> Results {
    let kind = match (call.known_if_there(2)?, call.node.int("output_dtype").unwrap_or(0)) {
        (Some(zero), _) => zero.kind,
        (None, 0) => data_type::UINT8,
        (None, kind) => i32::try_from(kind).unwrap_or_default(),
    };
    let (low, high) = range(kind)?;
    let axis = along(call, 1)?;
    let [scale, zero] = scale_and_zero(call, 1, 2)?;
    let input = call.take(0)?;
    call.finish(Op::Quantize { axis, low, high }, &[input, scale, zero])
}

fn dequantize(call: &mut Call<'_>) -> Results {
    let axis = along(call, 1)?;
    let [scale, zero] = scale_and_zero(call, 1, 2)?;
    let input = call.take(0)?;
    call.finish(Op::Dequantize { axis }, &[input, scale, zero])
}

/// Puts a result back on the grid of inputs `scale` and `zero`.
fn requantized(call: &mut Call<'_>, value: ValueId, scale: usize, zero: usize) -> Results {
    let (low, high) = range(call.known(zero)?.kind)?;
    let [scale, zero] = scale_and_zero(call, scale, zero)?;
    call.finish(Op::Quantize { axis: 0, low, high }, &[value, scale, zero])
}

/// An input on a grid, as numbers.
fn dequantized(call: &mut Call<'_>, number: usize, axis: usize) -> Result<ValueId, String> {
    let [scale, zero] = scale_and_zero(call, number + 1, number + 2)?;
    let input = call.take(number)?;
    call.add(Op::Dequantize { axis }, &[input, scale, zero])
}

/// `x, x scale, x zero, w, w scale, w zero, y scale, y zero, [bias on the grid of x scale · w scale]`.
fn q_conv(call: &mut Call<'_>) -> Results {
    let bias = match call.known_if_there(8)? {
        None => None,
        Some(bias) => {
            let x_scale = call.known(1)?.single().ok_or("its input has several scales")?;
            let w_scales = call.known(4)?.floats();
            let scale = |at: usize| w_scales.get(if w_scales.len() == 1 { 0 } else { at }).copied().unwrap_or(1.0);
            let values = bias.floats().into_iter().enumerate().map(|(at, value)| value * x_scale * scale(at)).collect();
            Some(call.put_floats(&[bias.data.len()], values)?)
        }
    };
    let (x, w) = (dequantized(call, 0, 1)?, dequantized(call, 3, 0)?);
    let own = std::mem::take(&mut call.inputs);
    call.inputs = [Some(x), Some(w), bias].into_iter().map(|id| id.map(Value::Computed)).collect();
    let result = conv(call)?.pop().ok_or("it has no result")?;
    call.inputs = own;
    let result = call.put(result)?;
    requantized(call, result, 6, 7)
}

fn q_matmul(call: &mut Call<'_>) -> Results {
    let inputs = [dequantized(call, 0, 0)?, dequantized(call, 3, 1)?];
    let product = call.add(Op::MatMul, &inputs)?;
    requantized(call, product, 6, 7)
}

/// onnxruntime's: `a, a scale, a zero, b, b scale, b zero, [c on the grid of a scale · b scale], [y scale, y zero]`.
fn q_gemm(call: &mut Call<'_>) -> Results {
    let bias = match call.known_if_there(6)? {
        None => None,
        Some(bias) => {
            let a_scale = call.known(1)?.single().ok_or("its input has several scales")?;
            let b_scales = call.known(4)?.floats();
            let scale = |at: usize| b_scales.get(if b_scales.len() == 1 { 0 } else { at }).copied().unwrap_or(1.0);
            let width = bias.shape.last().copied().unwrap_or(1).max(1);
            let values = bias.floats().into_iter().enumerate();
            let values = values.map(|(at, value)| value * a_scale * scale(at % width)).collect();
            Some(call.put_floats(&bias.shape, values)?)
        }
    };
    let transposes_right = call.node.is_on("transB");
    let op = Op::Gemm {
        alpha: call.node.float("alpha", 1.0),
        beta: 1.0,
        transpose_left: call.node.is_on("transA"),
        transpose_right: transposes_right,
    };
    let mut inputs = vec![dequantized(call, 0, 0)?, dequantized(call, 3, if transposes_right { 0 } else { 1 })?];
    inputs.extend(bias);
    let product = call.add(op, &inputs)?;
    if call.optional(7).is_some() { requantized(call, product, 7, 8) } else { Ok(vec![Value::Computed(product)]) }
}

/// onnxruntime's: `y scale, y zero`, and then each part with its scale and zero.
fn q_concat(call: &mut Call<'_>) -> Results {
    let rank = call.shape_of(2)?.len();
    let axis = axis(call.node.int("axis").unwrap_or(1), rank)?;
    let parts = (2..call.inputs.len().saturating_sub(2)).step_by(3).map(|number| dequantized(call, number, 0));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let all = call.add(Op::Concat { axis }, &parts)?;
    requantized(call, all, 0, 1)
}

/// onnxruntime's: `x, x scale, x zero, y scale, y zero`.
fn q_global_average(call: &mut Call<'_>) -> Results {
    let rank = call.shape_of(0)?.len();
    let axes =
        if call.node.is_on("channels_last") { (1..rank.saturating_sub(1)).collect() } else { (2..rank).collect() };
    let input = dequantized(call, 0, 0)?;
    let mean = call.add(Op::Reduce { kind: Reduction::Mean, axes, keep: true }, &[input])?;
    requantized(call, mean, 3, 4)
}

/// onnxruntime's: `x, x scale, x zero, y scale, y zero`.
fn q_unary(call: &mut Call<'_>, function: Unary) -> Results {
    let input = dequantized(call, 0, 0)?;
    let result = call.add(Op::Unary(function), &[input])?;
    requantized(call, result, 3, 4)
}

/// onnxruntime's: `a, a scale, a zero, b, b scale, b zero, y scale, y zero`.
fn q_binary(call: &mut Call<'_>, function: Binary) -> Results {
    let inputs = [dequantized(call, 0, 0)?, dequantized(call, 3, 0)?];
    let result = call.add(Op::Binary(function), &inputs)?;
    requantized(call, result, 6, 7)
}
