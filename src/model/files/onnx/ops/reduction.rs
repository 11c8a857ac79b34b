//! One number for many, along axes.

use super::{
    super::{
        call::{Call, Results, Value, axes, axis},
        constant::Constant,
        fold,
    },
    Row,
};
use crate::nn::graph::{Op, Reduction, Unary};

pub(super) const TABLE: &[Row] = &[
    ("ReduceMean", |call| reduce(call, Reduction::Mean)),
    ("ReduceSum", |call| reduce(call, Reduction::Sum)),
    ("ReduceMax", |call| reduce(call, Reduction::Max)),
    ("ReduceMin", |call| reduce(call, Reduction::Min)),
    ("ReduceL1", |call| reduce(call, Reduction::L1)),
    ("ReduceL2", |call| reduce(call, Reduction::L2)),
    ("ReduceSumSquare", |call| reduce(call, Reduction::SumSquare)),
    ("ReduceProd", |call| reduce(call, Reduction::Product)),
    ("ReduceLogSumExp", |call| reduce(call, Reduction::LogSumExp)),
    ("ReduceLogSum", |call| {
        let sum = reduce(call, Reduction::Sum)?.pop().ok_or("it has no result")?;
        let sum = call.put(sum)?;
        call.finish(Op::Unary(Unary::Log), &[sum])
    }),
    ("CumSum", cumulated),
];

fn reduce(call: &mut Call<'_>, kind: Reduction) -> Results {
    let shape = call.shape_of(0)?;
    let given = call.axes(1)?.filter(|axes| !axes.is_empty());
    let axes = match given {
        Some(given) => axes(&given, shape.len())?,
        None if call.node.is_on("noop_with_empty_axes") => return Ok(vec![call.input(0)?]),
        None => (0..shape.len()).collect(),
    };
    let keep = call.node.int("keepdims").unwrap_or(1) != 0;
    if let Value::Known(constant) = call.input(0)?
        && let Some(folded) = fold::reduced(&call.node.operation(), &constant, &axes)
    {
        let kept = folded?;
        let left = kept.shape.iter().enumerate().filter(|(axis, _)| keep || !axes.contains(axis));
        let shape = left.map(|(_, &size)| size).collect();
        return Ok(vec![Constant { shape, ..kept }.into()]);
    }
    let input = call.take(0)?;
    call.finish(Op::Reduce { kind, axes, keep }, &[input])
}

fn cumulated(call: &mut Call<'_>) -> Results {
    let rank = call.shape_of(0)?.len();
    let along = *call.ints(1)?.first().ok_or("it does not say along which axis")?;
    let (exclusive, reverse) = (call.node.is_on("exclusive"), call.node.is_on("reverse"));
    let op = Op::CumSum { axis: axis(along, rank)?, exclusive, reverse };
    let input = call.take(0)?;
    call.finish(op, &[input])
}
