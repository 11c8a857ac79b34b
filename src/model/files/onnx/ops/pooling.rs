//! Pools: the largest or the mean of windows, or of whole maps.

use super::{
    super::call::{Call, Results, Value, size},
    Row,
    windows::{Windows, as_line, as_map},
};
use crate::nn::graph::{Margins, Op, Pool, Reduction};

pub(super) const TABLE: &[Row] = &[
    ("MaxPool", |call| pool(call, Op::MaxPool)),
    ("AveragePool", |call| {
        let count_padding = call.node.is_on("count_include_pad");
        pool(call, |pool| Op::AveragePool { pool, count_padding })
    }),
    ("GlobalAveragePool", |call| global(call, Reduction::Mean)),
    ("GlobalMaxPool", |call| global(call, Reduction::Max)),
    ("LRN", lrn),
];

fn pool(call: &mut Call<'_>, op: impl Fn(Pool) -> Op) -> Results {
    let shape = call.shape_of(0)?;
    if shape.len() == 5 {
        return along_one_axis(call, &shape, op);
    }
    let windows = Windows::of(call.node, &shape, None)?;
    if call.node.outputs().get(1).is_some_and(|name| !name.is_empty()) {
        return Err("it also tells where the largest values are, which igoscope does not compute".to_owned());
    }
    let Windows { mut kernel, strides, dilations, padding, is_line } = windows;
    if call.node.is_on("ceil_mode") && dilations == [1; 2] {
        let map = if is_line { [1, shape[2]] } else { [shape[2], shape[3]] };
        let around = [padding.top + padding.bottom, padding.left + padding.right];
        // A single window that reaches past the map counts nothing there: it is the map's own size.
        for (((kernel, stride), map), around) in kernel.iter_mut().zip(strides).zip(map).zip(around) {
            let all = map + around;
            if *kernel > all && *kernel - all < stride {
                *kernel = all;
            }
        }
    }
    let pool = Pool { kernel, strides, dilations, padding, ceil: call.node.is_on("ceil_mode") };
    let mut map = call.take(0)?;
    if is_line {
        map = as_map(call, map)?;
    }
    let map = call.add(op(pool), &[map])?;
    Ok(vec![Value::Computed(if is_line { as_line(call, map)? } else { map })])
}

/// A pool of solids whose windows are longer than 1 along their first axis only, as PyTorch writes the sums over channels of a
/// local response normalisation: the same of maps, with the other two axes as one.
fn along_one_axis(call: &mut Call<'_>, shape: &[usize], op: impl Fn(Pool) -> Op) -> Results {
    let refusal = || format!("its input has {} axes, and igoscope computes pictures: 4 axes", shape.len());
    let first_of_three = |name: &str, rest: i64| match call.node.ints(name) {
        None => Some(1),
        Some(&[first, second, third]) if second == rest && third == rest => size(first).ok(),
        Some(_) => None,
    };
    let pads = match call.node.ints("pads") {
        None => Some((0, 0)),
        Some(&[before, 0, 0, after, 0, 0]) => size(before).ok().zip(size(after).ok()),
        Some(_) => None,
    };
    let kernel = first_of_three("kernel_shape", 1).filter(|kernel| (1..1 << 16).contains(kernel));
    let strides = first_of_three("strides", 1).filter(|stride| (1..1 << 16).contains(stride));
    let dilations = first_of_three("dilations", 1).filter(|dilation| (1..1 << 16).contains(dilation));
    let pads = pads.filter(|(before, after)| before.max(after) < &(1 << 16));
    let is_padded_by_name = !matches!(call.node.text("auto_pad"), None | Some("NOTSET"));
    let (Some(kernel), Some(stride), Some(dilation), Some((top, bottom))) = (kernel, strides, dilations, pads) else {
        return Err(refusal());
    };
    let [n, c, first, second, third] = *shape else { return Err(refusal()) };
    if is_padded_by_name {
        return Err(refusal());
    }
    let padding = Margins { top, bottom, ..Margins::default() };
    let (kernel, strides, dilations) = ([kernel, 1], [stride, 1], [dilation, 1]);
    let pool = Pool { kernel, strides, dilations, padding, ceil: call.node.is_on("ceil_mode") };
    let solid = call.take(0)?;
    let map = call.reshaped(solid, &[n, c, first, second * third])?;
    let map = call.add(op(pool), &[map])?;
    let pooled = call.builder.shape(map).get(2).copied().unwrap_or_default();
    Ok(vec![Value::Computed(call.reshaped(map, &[n, c, pooled, second, third])?)])
}

fn global(call: &mut Call<'_>, kind: Reduction) -> Results {
    let rank = call.shape_of(0)?.len();
    if rank < 3 {
        return Err(format!("its input has {rank} axes, and none to be pooled"));
    }
    let input = call.take(0)?;
    call.finish(Op::Reduce { kind, axes: (2..rank).collect(), keep: true }, &[input])
}

fn lrn(call: &mut Call<'_>) -> Results {
    let op = Op::Lrn {
        size: size(call.node.int("size").unwrap_or(1))?,
        alpha: call.node.float("alpha", 1e-4),
        beta: call.node.float("beta", 0.75),
        bias: call.node.float("bias", 1.0),
    };
    let input = call.take(0)?;
    call.finish(op, &[input])
}
