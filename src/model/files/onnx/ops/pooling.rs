//! Pools: the largest or the mean of windows, or of whole maps.

use super::{
    super::call::{Call, Results, Value, size},
    Row,
    windows::{Windows, as_line, as_map},
};
use crate::nn::graph::{Op, Pool, Reduction};

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
    let windows = Windows::of(call.node, &call.shape_of(0)?, None)?;
    if call.node.outputs().get(1).is_some_and(|name| !name.is_empty()) {
        return Err("it also tells where the largest values are, which igoscope does not compute".to_owned());
    }
    let Windows { kernel, strides, dilations, padding, is_line } = windows;
    let pool = Pool { kernel, strides, dilations, padding, ceil: call.node.is_on("ceil_mode") };
    let mut map = call.take(0)?;
    if is_line {
        map = as_map(call, map)?;
    }
    let map = call.add(op(pool), &[map])?;
    Ok(vec![Value::Computed(if is_line { as_line(call, map)? } else { map })])
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
