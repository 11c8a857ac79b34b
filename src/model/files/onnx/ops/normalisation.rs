//! Normalisations and softmax.

use super::{
    super::{
        call::{Call, Results, Value, axis, size},
        fold,
    },
    Row,
};
use crate::nn::graph::{Binary, Op, Reduction, Unary};

pub(super) const TABLE: &[Row] = &[
    ("BatchNormalization", batch_norm),
    ("LayerNormalization", layer_norm),
    ("SkipLayerNormalization", skip_layer_norm),
    ("RMSNormalization", rms_norm),
    ("SimplifiedLayerNormalization", rms_norm),
    ("GroupNormalization", group_norm),
    ("InstanceNormalization", instance_norm),
    ("LpNormalization", lp_norm),
    ("Softmax", |call| softmax(call, |axis| Op::Softmax { axis })),
    ("LogSoftmax", |call| softmax(call, |axis| Op::LogSoftmax { axis })),
];

/// With fixed statistics it is one factor and one summand a channel.
fn batch_norm(call: &mut Call<'_>) -> Results {
    if call.node.is_on("training_mode") {
        // Some networks normalise their weights so: of one sample, by its own statistics.
        let input = call.input(0)?;
        if call.constant(&input).is_some() {
            return instance_norm(call);
        }
        return Err("it was exported as in training: call `model.eval()` before the export".to_owned());
    }
    let numbers = |call: &Call<'_>, number: usize| call.known(number).map(|constant| constant.floats());
    let (scale, bias) = (numbers(call, 1)?, numbers(call, 2)?);
    let (mean, variance) = (numbers(call, 3)?, numbers(call, 4)?);
    let channels = scale.len();
    if [&bias, &mean, &variance].iter().any(|other| other.len() != channels) {
        return Err("its statistics are of different lengths".to_owned());
    }
    let epsilon = f64::from(call.node.float("epsilon", 1e-5));
    let factors: Vec<f64> = scale
        .iter()
        .zip(&variance)
        .map(|(&scale, &variance)| f64::from(scale) / (f64::from(variance) + epsilon).sqrt())
        .collect();
    let shift = |channel: usize| (f64::from(bias[channel]) - f64::from(mean[channel]) * factors[channel]) as f32;
    let shifts: Vec<f32> = (0..channels).map(shift).collect();
    let input = call.take(0)?;
    let scale = call.put_floats(&[channels], factors.into_iter().map(|factor| factor as f32).collect())?;
    let shift = call.put_floats(&[channels], shifts)?;
    call.finish(Op::Affine { axis: 1 }, &[input, scale, shift])
}

fn layer_norm(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let axis = axis(call.node.int("axis").unwrap_or(-1), shape.len())?;
    let epsilon = call.node.float("epsilon", 1e-5);
    let input = call.take(0)?;
    let mut inputs = vec![input];
    for number in [1, 2] {
        if call.optional(number).is_some() {
            let constant = fold::expanded(&*call.known(number)?, &shape[axis..])?;
            inputs.push(call.put(constant.into())?);
        }
    }
    call.finish(Op::LayerNorm { axis, epsilon }, &inputs)
}

/// onnxruntime's: the sum of two inputs, normalised.
fn skip_layer_norm(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let axis = shape.len().checked_sub(1).ok_or("its input has no axes")?;
    let epsilon = call.node.float("epsilon", 1e-5);
    let mut sum = call.take(0)?;
    for number in [1, 4] {
        if call.optional(number).is_some() {
            let other = call.take(number)?;
            sum = call.add(Op::Binary(Binary::Add), &[sum, other])?;
        }
    }
    let mut inputs = vec![sum, call.take(2)?];
    if call.optional(3).is_some() {
        inputs.push(call.take(3)?);
    }
    let result = call.add(Op::LayerNorm { axis, epsilon }, &inputs)?;
    // The mean, the deviation and the sum are its other results.
    Ok([result, result, result, sum].map(Value::Computed).to_vec())
}

/// x / √(mean of x² + ε), times a scale.
fn rms_norm(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let axis = axis(call.node.int("axis").unwrap_or(-1), shape.len())?;
    let input = call.take(0)?;
    let squares = call.add(Op::Binary(Binary::Mul), &[input, input])?;
    let axes = (axis..shape.len()).collect();
    let mean = call.add(Op::Reduce { kind: Reduction::Mean, axes, keep: true }, &[squares])?;
    let epsilon = call.put_number(call.node.float("epsilon", 1e-5))?;
    let sum = call.add(Op::Binary(Binary::Add), &[mean, epsilon])?;
    let root = call.add(Op::Unary(Unary::Sqrt), &[sum])?;
    let mut result = call.add(Op::Binary(Binary::Div), &[input, root])?;
    if call.optional(1).is_some() {
        let scale = call.take(1)?;
        result = call.add(Op::Binary(Binary::Mul), &[result, scale])?;
    }
    Ok(vec![Value::Computed(result)])
}

/// Scale and bias are one a group before version 21, and one a channel from then on.
fn group_norm(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let channels = *shape.get(1).ok_or("its input has no channels")?;
    let groups = size(call.node.int("num_groups").ok_or("it does not say how many groups there are")?)?;
    let epsilon = call.node.float("epsilon", 1e-5);
    let mut inputs = vec![call.take(0)?];
    for number in [1, 2] {
        let numbers = call.known(number)?.floats();
        let repeats = if numbers.len() == groups && groups > 0 { channels / groups } else { 1 };
        let numbers: Vec<f32> = numbers.into_iter().flat_map(|value| std::iter::repeat_n(value, repeats)).collect();
        inputs.push(call.put_floats(&[numbers.len()], numbers)?);
    }
    call.finish(Op::GroupNorm { groups, epsilon }, &inputs)
}

fn instance_norm(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let groups = *shape.get(1).ok_or("its input has no channels")?;
    let inputs = [call.take(0)?, call.take(1)?, call.take(2)?];
    call.finish(Op::GroupNorm { groups, epsilon: call.node.float("epsilon", 1e-5) }, &inputs)
}

fn lp_norm(call: &mut Call<'_>) -> Results {
    let rank = call.shape_of(0)?.len();
    let axis = axis(call.node.int("axis").unwrap_or(-1), rank)?;
    let kind = match call.node.int("p").unwrap_or(2) {
        1 => Reduction::L1,
        2 => Reduction::L2,
        other => return Err(format!("its p cannot be {other}")),
    };
    let input = call.take(0)?;
    let norm = call.add(Op::Reduce { kind, axes: vec![axis], keep: true }, &[input])?;
    call.finish(Op::Binary(Binary::Div), &[input, norm])
}

/// Before version 13 it is over all axes from one on, and from then on over one.
fn softmax(call: &mut Call<'_>, op: impl Fn(usize) -> Op) -> Results {
    let shape = call.shape_of(0)?;
    let unset = if call.opset < 13 { 1 } else { -1 };
    let axis = axis(call.node.int("axis").unwrap_or(unset), shape.len())?;
    let input = call.take(0)?;
    if call.opset >= 13 || axis + 1 == shape.len() {
        return call.finish(op(axis), &[input]);
    }
    let flat = [shape[..axis].iter().product(), shape[axis..].iter().product()];
    let input = call.reshaped(input, &flat)?;
    let result = call.add(op(1), &[input])?;
    Ok(vec![Value::Computed(call.reshaped(result, &shape)?)])
}
