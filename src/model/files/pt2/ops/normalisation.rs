//! Normalisations.

use super::{
    super::call::{Call, Made, Results},
    Row,
};
use crate::nn::graph::{Binary, Op, Reduction, Unary, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("batch_norm", batch_norm),
    ("_native_batch_norm_legit", batch_norm),
    ("_native_batch_norm_legit_no_training", batch_norm),
    ("_batch_norm_no_update", batch_norm),
    ("native_batch_norm", batch_norm),
    ("cudnn_batch_norm", batch_norm),
    ("instance_norm", instance_norm),
    ("layer_norm", layer_norm),
    ("native_layer_norm", layer_norm),
    ("group_norm", |call| group_norm(call, "num_groups")),
    ("native_group_norm", |call| group_norm(call, "group")),
    ("rms_norm", rms_norm),
];

/// The value, and the statistics that nobody reads.
fn alone(value: ValueId) -> Results {
    Ok(vec![Made::Tensor(value), Made::Nothing, Made::Nothing])
}

/// The numbers of a tensor, or the same `unset` so many times.
fn row(call: &mut Call<'_>, name: &str, count: usize, unset: f32) -> Result<Vec<f32>, String> {
    let Some(value) = call.maybe_tensor(name)? else { return Ok(vec![unset; count]) };
    let found = call.known(value)?;
    if found.len() == count {
        Ok(found)
    } else {
        Err(format!("its “{name}” has {} values, and there are {count} channels", found.len()))
    }
}

fn batch_norm(call: &mut Call<'_>) -> Results {
    let input = call.tensor("input")?;
    let shape = call.shape(input);
    let channels = *shape.get(1).ok_or("it normalises what has no channels")?;
    let epsilon = call.float_or("eps", 1e-5)?;
    if call.is_on("training", false)? || call.argument("running_mean").is_none() {
        return of_own_statistics(call, input, channels, epsilon);
    }
    let (mean, variance) = (row(call, "running_mean", channels, 0.0)?, row(call, "running_var", channels, 1.0)?);
    let (weight, bias) = (row(call, "weight", channels, 1.0)?, row(call, "bias", channels, 0.0)?);
    let scale: Vec<f32> = weight
        .iter()
        .zip(&variance)
        .map(|(weight, variance)| (f64::from(*weight) / (f64::from(*variance) + f64::from(epsilon)).sqrt()) as f32)
        .collect();
    let shift = bias.iter().zip(&mean).zip(&scale).map(|((bias, mean), scale)| bias - mean * scale).collect();
    let (scale, shift) = (call.put(&[channels], scale)?, call.put(&[channels], shift)?);
    alone(call.add(Op::Affine { axis: 1 }, &[input, scale, shift])?)
}

/// By the mean and the variance of what comes: of one picture, or of weights that a network standardises so.
fn of_own_statistics(call: &mut Call<'_>, input: ValueId, channels: usize, epsilon: f32) -> Results {
    let shape = call.shape(input);
    if shape[0] != 1 || call.builder.values_of(input).is_none() && call.is_on("training", false)? {
        return Err("it is exported for training: `model.eval()` before the export".to_owned());
    }
    let affine = affine(call, channels)?;
    alone(call.add(Op::GroupNorm { groups: channels, epsilon }, &[vec![input], affine].concat())?)
}

/// Scale and shift as far as they are there.
fn affine(call: &mut Call<'_>, channels: usize) -> Result<Vec<ValueId>, String> {
    if call.argument("weight").is_none() && call.argument("bias").is_none() {
        return Ok(Vec::new());
    }
    let (scale, shift) = (row(call, "weight", channels, 1.0)?, row(call, "bias", channels, 0.0)?);
    Ok(vec![call.put(&[channels], scale)?, call.put(&[channels], shift)?])
}

fn instance_norm(call: &mut Call<'_>) -> Results {
    if !call.is_on("use_input_stats", true)? {
        return batch_norm(call);
    }
    let input = call.tensor("input")?;
    let channels = *call.shape(input).get(1).ok_or("it normalises what has no channels")?;
    let epsilon = call.float_or("eps", 1e-5)?;
    let affine = affine(call, channels)?;
    alone(call.add(Op::GroupNorm { groups: channels, epsilon }, &[vec![input], affine].concat())?)
}

fn group_norm(call: &mut Call<'_>, groups: &str) -> Results {
    let input = call.tensor("input")?;
    let channels = *call.shape(input).get(1).ok_or("it normalises what has no channels")?;
    let (groups, epsilon) = (call.size(groups)?, call.float_or("eps", 1e-5)?);
    if groups == 0 || channels % groups != 0 {
        return Err(format!("{channels} channels are not {groups} groups"));
    }
    let affine = affine(call, channels)?;
    alone(call.add(Op::GroupNorm { groups, epsilon }, &[vec![input], affine].concat())?)
}

/// The first of the axes that are normalised over, which are the last ones.
fn first_axis(call: &Call<'_>, input: ValueId) -> Result<usize, String> {
    let (shape, normalised) = (call.shape(input), call.sizes("normalized_shape")?);
    if normalised.is_empty() || !shape.ends_with(&normalised) {
        return Err(format!("it normalises over {normalised:?} of a tensor of the shape {shape:?}"));
    }
    Ok(shape.len() - normalised.len())
}

fn layer_norm(call: &mut Call<'_>) -> Results {
    let input = call.tensor("input")?;
    let axis = first_axis(call, input)?;
    let epsilon = call.float_or("eps", 1e-5)?;
    let (weight, bias) = (call.maybe_tensor("weight")?, call.maybe_tensor("bias")?);
    let weight = match (weight, bias) {
        (None, Some(_)) => {
            let shape = call.shape(input)[axis..].to_vec();
            Some(call.filled(&shape, 1.0)?)
        }
        (weight, _) => weight,
    };
    let inputs: Vec<ValueId> = [input].into_iter().chain(weight).chain(bias).collect();
    alone(call.add(Op::LayerNorm { axis, epsilon }, &inputs)?)
}

fn rms_norm(call: &mut Call<'_>) -> Results {
    let input = call.tensor("input")?;
    let axis = first_axis(call, input)?;
    let axes = (axis..call.shape(input).len()).collect();
    let epsilon = call.maybe_float("eps")?.map_or(f32::EPSILON, |epsilon| epsilon as f32);
    let squares = call.add(Op::Unary(Unary::Pow(2.0)), &[input])?;
    let mean = call.add(Op::Reduce { kind: Reduction::Mean, axes, keep: true }, &[squares])?;
    let epsilon = call.number(epsilon)?;
    let sum = call.add(Op::Binary(Binary::Add), &[mean, epsilon])?;
    let scale = call.add(Op::Unary(Unary::Pow(-0.5)), &[sum])?;
    let result = call.add(Op::Binary(Binary::Mul), &[input, scale])?;
    match call.maybe_tensor("weight")? {
        Some(weight) => call.finish(Op::Binary(Binary::Mul), &[result, weight]),
        None => Ok(vec![Made::Tensor(result)]),
    }
}
