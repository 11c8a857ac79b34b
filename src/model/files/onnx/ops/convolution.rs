//! Convolutions and their transposes.

use super::{
    super::call::{Call, Results, Value, size},
    Row,
    windows::{Along, Windows, along, as_line, as_map},
};
use crate::{
    files::parts::volume::Volume,
    nn::graph::{Conv, ConvTranspose, Margins, Op, Patches, Unary},
};

pub(super) const TABLE: &[Row] =
    &[("Conv", conv), ("FusedConv", fused_conv), ("ConvTranspose", conv_transpose), ("Col2Im", col2im)];

pub(super) fn conv(call: &mut Call<'_>) -> Results {
    let (shape, weight) = (call.shape_of(0)?, call.shape_of(1)?);
    if shape.len() == 5 {
        return conv_of_volume(call, &shape, &weight);
    }
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

/// A convolution of a volume, along one of whose axes every window is one value: the same of maps, one a place along it.
fn conv_of_volume(call: &mut Call<'_>, shape: &[usize], weight: &[usize]) -> Results {
    let along = along(call.node, shape, weight.get(2..))?;
    let Some(single) = along.iter().position(Along::is_single) else {
        let kernel: Vec<usize> = along.iter().map(|along| along.kernel).collect();
        return Err(format!("its windows have three axes, {kernel:?}, and igoscope computes pictures: 2 axes"));
    };
    let mut flat = along;
    flat.remove(single);
    let Windows { strides, dilations, padding, .. } = Windows::of_axes(flat[0], flat[1]);
    let conv = Conv { groups: groups(call)?, strides, dilations, padding };
    let inputs = (0..2).map(|number| call.take(number)).collect::<Result<Vec<_>, _>>()?;
    let bias = call.optional(2).map(|_| call.take(2)).transpose()?;
    let volume = Volume { input: inputs[0], weight: inputs[1], bias, single };
    let name = call.node.name();
    let convolved = volume.convolved(call.builder, name, conv).map_err(|error| error.to_string())?;
    Ok(vec![Value::Computed(convolved)])
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

/// Windows as columns, added up to a map again.
fn col2im(call: &mut Call<'_>) -> Results {
    let two = |numbers: Vec<i64>, what: &str| match numbers[..] {
        [rows, columns] => Ok([size(rows)?, size(columns)?]),
        _ => Err(format!("its {what} cannot be {numbers:?}: igoscope computes pictures, of 2 axes")),
    };
    let map = two(call.ints(1)?, "image_shape")?;
    let kernel = two(call.ints(2)?, "block_shape")?;
    let pair = |name: &str| two(call.node.ints(name).unwrap_or(&[1, 1]).to_vec(), name);
    let (strides, dilations) = (pair("strides")?, pair("dilations")?);
    let pads = call.node.ints("pads").unwrap_or(&[0; 4]);
    let padding = match pads.iter().map(|&pad| size(pad)).collect::<Result<Vec<_>, _>>()?[..] {
        [top, left, bottom, right] => Margins { top, left, bottom, right },
        _ => return Err(format!("its pads cannot be {pads:?}")),
    };
    let columns = call.take(0)?;
    let patches = Patches { kernel, strides, dilations, padding };
    call.finish(Op::Col2im { patches, size: map }, &[columns])
}
