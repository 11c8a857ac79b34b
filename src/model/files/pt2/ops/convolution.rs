//! Convolutions and their transposes, of maps and of lines.

use super::{
    super::call::{Call, Made, Results, problem},
    Row,
};
use crate::{
    files::parts::volume::Volume,
    nn::graph::{Conv, ConvTranspose, Margins, Op, Patches, ValueId},
};

pub(super) const TABLE: &[Row] = &[
    ("conv1d", |call| conv(call, false)),
    ("conv2d", |call| conv(call, false)),
    ("conv3d", |call| conv(call, false)),
    ("conv_transpose1d", |call| conv(call, true)),
    ("conv_transpose2d", |call| conv(call, true)),
    ("convolution", either),
    ("_convolution", either),
    ("im2col", im2col),
    ("col2im", col2im),
];

/// The one that decompositions leave.
fn either(call: &mut Call<'_>) -> Results {
    let is_transposed = call.is_on("transposed", false)?;
    conv(call, is_transposed)
}

fn conv(call: &mut Call<'_>, is_transposed: bool) -> Results {
    let (mut input, mut weight) = (call.tensor("input")?, call.tensor("weight")?);
    let bias = call.maybe_tensor("bias")?;
    if call.shape(weight).len() == 5 && !is_transposed {
        return conv_of_volume(call, input, weight, bias);
    }
    let is_line = call.shape(input).len() == 3 && call.shape(weight).len() == 3;
    if is_line {
        (input, weight) = (as_map(call, input)?, as_map(call, weight)?);
    }
    let kernel: [usize; 2] = match call.shape(weight)[..] {
        [_, _, rows, columns] => [rows, columns],
        ref other => return Err(format!("its weight has the shape {other:?}, and igoscope convolves maps and lines")),
    };
    // Of a line there is one number, for its columns.
    let pair = |call: &Call<'_>, name: &str, unset: usize| {
        let [rows, columns] = call.pair(name, [unset; 2])?;
        Ok::<_, String>(if is_line { [unset, columns] } else { [rows, columns] })
    };
    let (strides, dilations) = (pair(call, "stride", 1)?, pair(call, "dilation", 1)?);
    if strides.contains(&0) || dilations.contains(&0) {
        return Err("its windows cannot be 0 pixels apart".to_owned());
    }
    let padding = match call.text("padding") {
        Some("valid") => Margins::default(),
        Some("same") => {
            let of = |axis: usize| kernel[axis].saturating_sub(1).saturating_mul(dilations[axis]);
            let before = [of(0) / 2, of(1) / 2];
            Margins { top: before[0], left: before[1], bottom: of(0) - before[0], right: of(1) - before[1] }
        }
        Some(other) => return Err(format!("its padding cannot be “{other}”")),
        None => {
            let [rows, columns] = pair(call, "padding", 0)?;
            Margins { top: rows, left: columns, bottom: rows, right: columns }
        }
    };
    let conv = Conv { groups: groups(call)?, strides, dilations, padding };
    let op = if is_transposed {
        Op::ConvTranspose(ConvTranspose { conv, output_padding: pair(call, "output_padding", 0)? })
    } else {
        Op::Conv(conv)
    };
    let inputs: Vec<ValueId> = [input, weight].into_iter().chain(bias).collect();
    let map = call.add(op, &inputs)?;
    Ok(vec![Made::Tensor(if is_line { as_line(call, map)? } else { map })])
}

fn groups(call: &Call<'_>) -> Result<usize, String> {
    match call.maybe_int("groups")?.map_or(Ok(1), super::super::call::size)? {
        0 => Err("it cannot have 0 groups".to_owned()),
        groups => Ok(groups),
    }
}

/// A convolution of a volume, along one of whose axes every window is one value: the same of maps, one a place along it.
fn conv_of_volume(call: &mut Call<'_>, input: ValueId, weight: ValueId, bias: Option<ValueId>) -> Results {
    let three = |call: &Call<'_>, name: &str, unset: usize| -> Result<[usize; 3], String> {
        let said = if call.argument(name).is_some() { call.sizes(name)? } else { Vec::new() };
        match said[..] {
            [] => Ok([unset; 3]),
            [all] => Ok([all; 3]),
            [first, second, third] => Ok([first, second, third]),
            _ => Err(format!("its {name} cannot be {said:?}")),
        }
    };
    if call.text("padding").is_some_and(|padding| padding != "valid") {
        return Err("the padding of its three axes has a name, which igoscope does not know for pictures".to_owned());
    }
    let padding = if call.text("padding").is_some() { [0; 3] } else { three(call, "padding", 0)? };
    let (strides, dilations) = (three(call, "stride", 1)?, three(call, "dilation", 1)?);
    let kernel = call.shape(weight);
    let is_single = |axis: &usize| kernel[axis + 2] == 1 && strides[*axis] == 1 && padding[*axis] == 0;
    let Some(single) = (0..3).find(is_single) else {
        return Err(format!("its windows have three axes, {:?}, and igoscope computes pictures: 2 axes", &kernel[2..]));
    };
    let others = [usize::from(single == 0), if single == 2 { 1 } else { 2 }];
    let of = |all: [usize; 3]| others.map(|axis| all[axis]);
    let [rows, columns] = of(padding);
    let padding = Margins { top: rows, left: columns, bottom: rows, right: columns };
    let conv = Conv { groups: groups(call)?, strides: of(strides), dilations: of(dilations), padding };
    if conv.strides.contains(&0) || conv.dilations.contains(&0) {
        return Err("its windows cannot be 0 pixels apart".to_owned());
    }
    let volume = Volume { input, weight, bias, single };
    let convolved = volume.convolved(call.builder, call.name, conv).map_err(problem)?;
    Ok(vec![Made::Tensor(convolved)])
}

/// What `unfold` and `fold` say of their windows.
fn patches(call: &Call<'_>) -> Result<Patches, String> {
    let [rows, columns] = call.pair("padding", [0; 2])?;
    Ok(Patches {
        kernel: call.pair("kernel_size", [0; 2])?,
        strides: call.pair("stride", [1; 2])?,
        dilations: call.pair("dilation", [1; 2])?,
        padding: Margins { top: rows, left: columns, bottom: rows, right: columns },
    })
}

fn im2col(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let patches = patches(call)?;
    call.finish(Op::Im2col(patches), &[input])
}

fn col2im(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let (patches, size) = (patches(call)?, call.pair("output_size", [0; 2])?);
    call.finish(Op::Col2im { patches, size }, &[input])
}

/// A map of one axis as one of one row.
pub(super) fn as_map(call: &mut Call<'_>, line: ValueId) -> Result<ValueId, String> {
    match call.shape(line)[..] {
        [n, c, w] => call.reshaped(line, &[n, c, 1, w]),
        _ => Ok(line),
    }
}

/// A map of one row as one of one axis.
pub(super) fn as_line(call: &mut Call<'_>, map: ValueId) -> Result<ValueId, String> {
    match call.shape(map)[..] {
        [n, c, _, w] => call.reshaped(map, &[n, c, w]),
        _ => Ok(map),
    }
}
