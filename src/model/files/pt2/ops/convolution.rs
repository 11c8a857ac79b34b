//! Convolutions and their transposes, of maps and of lines.

use super::{
    super::call::{Call, Made, Results},
    Row,
};
use crate::nn::graph::{Conv, ConvTranspose, Margins, Op, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("conv1d", |call| conv(call, false)),
    ("conv2d", |call| conv(call, false)),
    ("conv_transpose1d", |call| conv(call, true)),
    ("conv_transpose2d", |call| conv(call, true)),
    ("convolution", either),
    ("_convolution", either),
];

/// The one that decompositions leave.
fn either(call: &mut Call<'_>) -> Results {
    let is_transposed = call.is_on("transposed", false)?;
    conv(call, is_transposed)
}

fn conv(call: &mut Call<'_>, is_transposed: bool) -> Results {
    let (mut input, mut weight) = (call.tensor("input")?, call.tensor("weight")?);
    let bias = call.maybe_tensor("bias")?;
    let is_line = call.shape(input).len() == 3;
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
    let groups = call.maybe_int("groups")?.map_or(Ok(1), super::super::call::size)?;
    if groups == 0 {
        return Err("it cannot have 0 groups".to_owned());
    }
    let conv = Conv { groups, strides, dilations, padding };
    let op = if is_transposed {
        Op::ConvTranspose(ConvTranspose { conv, output_padding: pair(call, "output_padding", 0)? })
    } else {
        Op::Conv(conv)
    };
    let inputs: Vec<ValueId> = [input, weight].into_iter().chain(bias).collect();
    let map = call.add(op, &inputs)?;
    Ok(vec![Made::Tensor(if is_line { as_line(call, map)? } else { map })])
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
