//! One number for many: means, sums, variances, norms.

use super::{
    super::call::{Call, Made, Results},
    Row,
};
use crate::nn::graph::{Binary, Op, Reduction, Unary, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("mean", |call| reduce(call, Reduction::Mean)),
    ("sum", |call| reduce(call, Reduction::Sum)),
    ("amax", |call| reduce(call, Reduction::Max)),
    ("amin", |call| reduce(call, Reduction::Min)),
    ("max", |call| extreme(call, Reduction::Max, Binary::Max)),
    ("min", |call| extreme(call, Reduction::Min, Binary::Min)),
    ("prod", |call| reduce(call, Reduction::Product)),
    ("logsumexp", |call| reduce(call, Reduction::LogSumExp)),
    ("any", |call| reduce(call, Reduction::Max)),
    ("all", |call| reduce(call, Reduction::Min)),
    ("linalg_vector_norm", norm),
    ("norm", norm),
    ("var", |call| variance(call, false, false)),
    ("std", |call| variance(call, true, false)),
    ("var_mean", |call| variance(call, false, true)),
    ("std_mean", |call| variance(call, true, true)),
    ("cumsum", |call| {
        let input = call.tensor("self")?;
        let axis = call.axis("dim", call.shape(input).len(), 0)?;
        call.finish(Op::CumSum { axis, exclusive: false, reverse: false }, &[input])
    }),
];

fn reduced(call: &mut Call<'_>, input: ValueId, kind: Reduction) -> Result<ValueId, String> {
    let axes = call.axes("dim", call.shape(input).len())?;
    let keep = call.is_on("keepdim", false)?;
    call.add(Op::Reduce { kind, axes, keep }, &[input])
}

fn reduce(call: &mut Call<'_>, kind: Reduction) -> Results {
    let input = call.tensor("self")?;
    Ok(vec![Made::Tensor(reduced(call, input, kind)?), Made::Nothing])
}

/// The largest or smallest along an axis, or of two tensors.
fn extreme(call: &mut Call<'_>, kind: Reduction, of_two: Binary) -> Results {
    if call.argument("other").is_some() {
        let inputs = [call.tensor("self")?, call.tensor("other")?];
        return call.finish(Op::Binary(of_two), &inputs);
    }
    reduce(call, kind)
}

fn norm(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let order = call.maybe_float("ord")?.or(call.maybe_float("p")?).unwrap_or(2.0);
    let (kind, input) = match order {
        1.0 => (Reduction::L1, input),
        2.0 => (Reduction::L2, input),
        f64::INFINITY => (Reduction::Max, call.add(Op::Unary(Unary::Abs), &[input])?),
        other => return Err(format!("its order is {other}, and igoscope computes 1, 2 and ∞")),
    };
    Ok(vec![Made::Tensor(reduced(call, input, kind)?)])
}

/// The mean of squares about the mean, or with one less in its denominator, as PyTorch has it unless it is told otherwise.
fn variance(call: &mut Call<'_>, is_root: bool, with_mean: bool) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axes = call.axes("dim", shape.len())?;
    let keep = call.is_on("keepdim", false)?;
    let less = match call.maybe_float("correction")? {
        Some(correction) => correction,
        None => f64::from(u8::from(call.is_on("unbiased", true)?)),
    };
    let count = axes.iter().map(|axis| shape[*axis] as f64).product::<f64>();
    if count - less <= 0.0 {
        return Err(format!("it is the variance of {count} values, less {less}"));
    }
    let mean = call.add(Op::Reduce { kind: Reduction::Mean, axes: axes.clone(), keep: true }, &[input])?;
    let apart = call.add(Op::Binary(Binary::Sub), &[input, mean])?;
    let squares = call.add(Op::Reduce { kind: Reduction::SumSquare, axes: axes.clone(), keep }, &[apart])?;
    let share = call.number((1.0 / (count - less)) as f32)?;
    let mut result = call.add(Op::Binary(Binary::Mul), &[squares, share])?;
    if is_root {
        result = call.add(Op::Unary(Unary::Sqrt), &[result])?;
    }
    let mut made = vec![Made::Tensor(result)];
    if with_mean {
        let shape = call.shape(result);
        made.push(Made::Tensor(call.reshaped(mean, &shape)?));
    }
    Ok(made)
}
