//! Pools.

use super::{
    super::call::{Call, Made, Results},
    Row,
    convolution::{as_line, as_map},
};
use crate::nn::graph::{Margins, Op, Pool, Reduction, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("max_pool1d", max_pool),
    ("max_pool2d", max_pool),
    ("max_pool2d_with_indices", max_pool),
    ("avg_pool1d", average_pool),
    ("avg_pool2d", average_pool),
    ("adaptive_avg_pool1d", adaptive_average),
    ("adaptive_avg_pool2d", adaptive_average),
    ("_adaptive_avg_pool2d", adaptive_average),
    ("adaptive_max_pool2d", adaptive_max),
];

/// Something that is done to maps, done to a map or a line.
fn on_map(call: &mut Call<'_>, of: impl Fn(&mut Call<'_>, ValueId, bool) -> Result<ValueId, String>) -> Results {
    let input = call.tensor("self")?;
    let is_line = call.shape(input).len() == 3;
    let map = if is_line { as_map(call, input)? } else { input };
    let result = of(call, map, is_line)?;
    // What has two results has places as its second, which are not computed.
    Ok(vec![Made::Tensor(if is_line { as_line(call, result)? } else { result }), Made::Nothing])
}

fn windows(call: &Call<'_>, is_line: bool) -> Result<Pool, String> {
    let pair = |name: &str, unset: [usize; 2], of_line: usize| {
        let [rows, columns] = call.pair(name, unset)?;
        Ok::<_, String>([if is_line { of_line } else { rows }, columns])
    };
    let kernel = pair("kernel_size", [0; 2], 1)?;
    let strides = pair("stride", kernel, 1)?;
    let dilations = pair("dilation", [1; 2], 1)?;
    if kernel.contains(&0) || strides.contains(&0) || dilations.contains(&0) {
        return Err("its windows cannot be of 0 pixels, nor 0 pixels apart".to_owned());
    }
    let [rows, columns] = pair("padding", [0; 2], 0)?;
    let padding = Margins { top: rows, left: columns, bottom: rows, right: columns };
    Ok(Pool { kernel, strides, dilations, padding, ceil: call.is_on("ceil_mode", false)? })
}

fn max_pool(call: &mut Call<'_>) -> Results {
    on_map(call, |call, map, is_line| {
        let pool = windows(call, is_line)?;
        call.add(Op::MaxPool(pool), &[map])
    })
}

fn average_pool(call: &mut Call<'_>) -> Results {
    if call.maybe_int("divisor_override")?.is_some() {
        return Err("it divides by another number than that of its pixels, which igoscope does not compute".to_owned());
    }
    on_map(call, |call, map, is_line| {
        let pool = windows(call, is_line)?;
        let count_padding = call.is_on("count_include_pad", true)?;
        call.add(Op::AveragePool { pool, count_padding }, &[map])
    })
}

/// Rows and columns of a map, and those that it is to have.
fn sizes(call: &Call<'_>, map: ValueId, is_line: bool) -> Result<[[usize; 2]; 2], String> {
    let shape = call.shape(map);
    let &[_, _, rows, columns] = shape.as_slice() else { return Err(format!("its map has the shape {shape:?}")) };
    let [wanted_rows, wanted_columns] = call.pair("output_size", [1; 2])?;
    let wanted = [if is_line { 1 } else { wanted_rows }, wanted_columns];
    if wanted.contains(&0) { Err("its map cannot have 0 pixels".to_owned()) } else { Ok([[rows, columns], wanted]) }
}

/// Windows that lie side by side, if the sizes divide.
fn side_by_side([rows, columns]: [usize; 2], wanted: [usize; 2]) -> Option<Pool> {
    let kernel = [rows / wanted[0], columns / wanted[1]];
    let divides = rows % wanted[0] == 0 && columns % wanted[1] == 0;
    divides.then_some(Pool { kernel, strides: kernel, dilations: [1; 2], padding: Margins::default(), ceil: false })
}

fn adaptive_average(call: &mut Call<'_>) -> Results {
    on_map(call, |call, map, is_line| {
        let [own, wanted] = sizes(call, map, is_line)?;
        if own == wanted {
            return Ok(map);
        }
        if wanted == [1; 2] {
            return call.add(Op::Reduce { kind: Reduction::Mean, axes: vec![2, 3], keep: true }, &[map]);
        }
        if let Some(pool) = side_by_side(own, wanted) {
            return call.add(Op::AveragePool { pool, count_padding: false }, &[map]);
        }
        // Windows that overlap, along one axis and then along the other.
        let mut map = map;
        for (own, wanted) in [(own[1], wanted[1]), (own[0], wanted[0])] {
            let shares = shares(call, own, wanted)?;
            let product = call.add(Op::MatMul, &[map, shares])?;
            map = call.turned(product)?;
        }
        Ok(map)
    })
}

/// How much of each of `own` pixels is in each of `wanted`: `[own, wanted]`, as PyTorch cuts them.
fn shares(call: &mut Call<'_>, own: usize, wanted: usize) -> Result<ValueId, String> {
    let count = own.checked_mul(wanted).filter(|count| *count <= 1 << 24);
    let mut values = vec![0.0; count.ok_or_else(|| format!("{own} pixels cannot become {wanted}"))?];
    for to in 0..wanted {
        let (start, end) = (to * own / wanted, ((to + 1) * own).div_ceil(wanted));
        for from in start..end {
            values[from * wanted + to] = 1.0 / (end - start) as f32;
        }
    }
    call.put(&[own, wanted], values)
}

fn adaptive_max(call: &mut Call<'_>) -> Results {
    on_map(call, |call, map, is_line| {
        let [own, wanted] = sizes(call, map, is_line)?;
        let pool = side_by_side(own, wanted);
        let pool = pool.ok_or_else(|| format!("{own:?} pixels do not divide into {wanted:?}"))?;
        call.add(Op::MaxPool(pool), &[map])
    })
}
