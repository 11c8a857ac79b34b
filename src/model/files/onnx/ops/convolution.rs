//! Convolutions and their transposes.

use super::{
    super::call::{Call, Results, Value, size},
    Row,
    windows::{Windows, as_line, as_map},
};
use crate::nn::graph::{Conv, ConvTranspose, Op, Unary};

pub(super) const TABLE: &[Row] = &[("Conv", conv), ("FusedConv", fused_conv), ("ConvTranspose", conv_transpose)];

pub(super) fn conv(call: &mut Call<'_>) -> Results {
    let (shape, weight) = (call.shape_of(0)?, call.shape_of(1)?);
    let windows = Windows::of(call.node, &shape, weight.get(2..))?;
    let groups = groups(call)?;
    let Windows { strides, dilations, padding, is_line, .. } = windows;
    let conv = Conv { groups, strides, dilations, padding };
    let mut inputs = vec![call.take(0)?, call.take(1)?];
    if is_line {
        for input in &mut inputs {
            *input = as_map(call, *input)?;
        }
    }
    if call.optional(2).is_some() {
        inputs.push(call.take(2)?);
    }
    let map = call.add(Op::Conv(conv), &inputs)?;
    Ok(vec![Value::Computed(if is_line { as_line(call, map)? } else { map })])
}

fn groups(call: &Call<'_>) -> Result<usize, String> {
    let groups = size(call.node.int("group").unwrap_or(1))?;
    if groups == 0 { Err("it cannot have 0 groups".to_owned()) } else { Ok(groups) }
}

/// A convolution with the activation that onnxruntime put into it.
fn fused_conv(call: &mut Call<'_>) -> Results {
    let parameters = call.node.floats("activation_params").unwrap_or_default().to_vec();
    let function = match (call.node.text("activation").unwrap_or_default(), parameters[..].as_ref()) {
        ("", _) => None,
        ("Relu", _) => Some(Unary::Relu),
        ("Sigmoid", _) => Some(Unary::Sigmoid),
        ("Tanh", _) => Some(Unary::Tanh),
        ("LeakyRelu", &[slope, ..]) => Some(Unary::LeakyRelu(slope)),
        ("Clip", &[low, high, ..]) => Some(Unary::Clip { low, high }),
        ("HardSigmoid", &[alpha, beta, ..]) => Some(Unary::HardSigmoid { alpha, beta }),
        (other, _) => return Err(format!("its activation “{other}” is not known")),
    };
    if call.optional(3).is_some() {
        return Err(
            "it adds a fourth input, which is not known: export the network without onnxruntime's optimisations"
                .to_owned(),
        );
    }
    let map = conv(call)?;
    match (function, &map[..]) {
        (Some(function), [Value::Computed(map)]) => call.finish(Op::Unary(function), &[*map]),
        _ => Ok(map),
    }
}

fn conv_transpose(call: &mut Call<'_>) -> Results {
    let (shape, weight) = (call.shape_of(0)?, call.shape_of(1)?);
    let windows = Windows::of(call.node, &shape, weight.get(2..))?;
    let Windows { kernel, strides, dilations, mut padding, is_line, .. } = windows;
    let pair = |call: &Call<'_>, name: &str| -> Result<Option<[usize; 2]>, String> {
        let Some(given) = call.node.ints(name) else { return Ok(None) };
        let all = given.iter().map(|&value| size(value)).collect::<Result<Vec<usize>, _>>()?;
        match all[..] {
            [columns] if is_line => Ok(Some([if name == "output_shape" { 1 } else { 0 }, columns])),
            [rows, columns] if !is_line => Ok(Some([rows, columns])),
            _ => Err(format!("its {name} cannot be {given:?}")),
        }
    };
    let output_padding = pair(call, "output_padding")?.unwrap_or_default();
    let same = call.node.text("auto_pad").filter(|auto| auto.starts_with("SAME"));
    let map = if is_line { [1, shape[2]] } else { [shape[2], shape[3]] };
    let wanted = match (pair(call, "output_shape")?, same) {
        (Some(wanted), _) => Some(wanted),
        (None, Some(_)) => Some([map[0] * strides[0], map[1] * strides[1]]),
        (None, None) => None,
    };
    if let Some(wanted) = wanted {
        let missing = |axis: usize| {
            let full = strides[axis] * map[axis].saturating_sub(1)
                + output_padding[axis]
                + (kernel[axis] - 1) * dilations[axis]
                + 1;
            full.checked_sub(wanted[axis]).ok_or_else(|| format!("its output cannot be {wanted:?}"))
        };
        let (rows, columns) = (missing(0)?, missing(1)?);
        let split = |total: usize| if same == Some("SAME_UPPER") { total / 2 } else { total - total / 2 };
        padding.top = split(rows);
        padding.bottom = rows - split(rows);
        padding.left = split(columns);
        padding.right = columns - split(columns);
    }
    let conv = Conv { groups: groups(call)?, strides, dilations, padding };
    let mut inputs = vec![call.take(0)?, call.take(1)?];
    if is_line {
        for input in &mut inputs {
            *input = as_map(call, *input)?;
        }
    }
    if call.optional(2).is_some() {
        inputs.push(call.take(2)?);
    }
    let map = call.add(Op::ConvTranspose(ConvTranspose { conv, output_padding }), &inputs)?;
    Ok(vec![Value::Computed(if is_line { as_line(call, map)? } else { map })])
}
