//! The same values in another shape or order.

use super::{
    super::{
        alias::View,
        call::{Call, Made, Results, axis},
    },
    Row,
};
use crate::nn::graph::Op;

pub(super) const TABLE: &[Row] = &[
    ("view", |call| to_size(call, "size", false)),
    ("_unsafe_view", |call| to_size(call, "size", false)),
    ("reshape", |call| to_size(call, "shape", true)),
    ("view_as", |call| {
        let other = call.tensor("other")?;
        let shape = call.shape(other);
        call.view("self", View::Reshape(shape), false)
    }),
    ("flatten", flatten),
    ("unflatten", unflatten),
    ("squeeze", squeeze),
    ("unsqueeze", unsqueeze),
    ("permute", |call| {
        let rank = rank(call)?;
        let axes: Vec<usize> = call.ints("dims")?.into_iter().map(|dim| axis(dim, rank)).collect::<Result<_, _>>()?;
        transposed(call, rank, axes)
    }),
    ("transpose", |call| exchanged(call, "dim0", "dim1")),
    ("swapaxes", |call| exchanged(call, "axis0", "axis1")),
    ("t", turned),
    ("numpy_T", |call| {
        let rank = rank(call)?;
        transposed(call, rank, (0..rank).rev().collect())
    }),
    ("movedim", movedim),
    ("expand", expand),
    ("expand_as", |call| {
        let (input, other) = (call.tensor("self")?, call.tensor("other")?);
        let shape = call.shape(other);
        expanded_to(call, input, &shape)
    }),
    ("repeat", repeat),
    ("as_strided", as_strided),
    ("alias", |call| call.view("self", View::Same, false)),
    ("detach", |call| call.view("self", View::Same, false)),
    ("contiguous", |call| call.view("self", View::Same, true)),
    ("dropout", |call| dropout(call, "input")),
    ("feature_dropout", |call| dropout(call, "input")),
    ("alpha_dropout", |call| dropout(call, "input")),
    ("native_dropout", |call| dropout(call, "input")),
    ("clone", same),
    ("lift_fresh_copy", same),
    ("lift_fresh", same),
    ("lift", same),
];

/// A copy, which what is written to the first one does not change.
fn same(call: &mut Call<'_>) -> Results {
    Ok(vec![Made::Tensor(call.tensor("self")?)])
}

fn dropout(call: &mut Call<'_>, name: &str) -> Results {
    let is_on = call.is_on("train", false)? && call.float_or("p", 0.5)? > 0.0;
    if is_on {
        return Err(
            "it drops values at random, as it does while a network is trained: `model.eval()` before the export"
                .to_owned(),
        );
    }
    // In place it is `self`.
    call.view(if call.argument(name).is_some() { name } else { "self" }, View::Same, false)
}

fn rank(call: &mut Call<'_>) -> Result<usize, String> {
    let input = call.tensor("self")?;
    Ok(call.shape(input).len())
}

fn to_size(call: &mut Call<'_>, name: &str, may_be_copy: bool) -> Results {
    if call.argument(name).is_none() && call.argument("dtype").is_some() {
        return Err("it reads bits as numbers of another type, which igoscope does not".to_owned());
    }
    let input = call.tensor("self")?;
    let wanted = call.ints(name)?;
    let shape = filled_in(&call.shape(input), &wanted)?;
    call.view("self", View::Reshape(shape), may_be_copy)
}

/// A shape in which one length may be −1: what is left.
fn filled_in(shape: &[usize], wanted: &[i64]) -> Result<Vec<usize>, String> {
    let refused = || format!("a tensor of the shape {shape:?} cannot have the shape {wanted:?}");
    let count: usize = shape.iter().product();
    let known = wanted.iter().filter(|len| **len != -1);
    let mut known = known.map(|len| usize::try_from(*len).ok());
    let known = known.try_fold(1_usize, |product, len| product.checked_mul(len?)).ok_or_else(refused)?;
    let open = wanted.iter().filter(|len| **len == -1).count();
    let fits = if open == 1 { known > 0 && count.is_multiple_of(known) } else { open == 0 && known == count };
    if !fits {
        return Err(refused());
    }
    Ok(wanted.iter().map(|len| usize::try_from(*len).unwrap_or(count / known.max(1))).collect())
}

fn flatten(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let (start, end) = (call.axis("start_dim", shape.len(), 0)?, call.axis("end_dim", shape.len(), -1)?);
    if start > end {
        return Err(format!("it flattens from axis {start} to axis {end}"));
    }
    let mut flat = shape[..start].to_vec();
    flat.push(shape[start..=end].iter().product());
    flat.extend(&shape[end + 1..]);
    call.view("self", View::Reshape(flat), true)
}

fn unflatten(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let at = call.axis("dim", shape.len(), 0)?;
    let parts = filled_in(&shape[at..=at], &call.ints("sizes")?)?;
    let shape = [&shape[..at], &parts, &shape[at + 1..]].concat();
    call.view("self", View::Reshape(shape), false)
}

fn squeeze(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axes = call.axes("dim", shape.len())?;
    let kept = shape.iter().enumerate().filter(|(axis, len)| **len != 1 || !axes.contains(axis));
    let shape = kept.map(|(_, len)| *len).collect();
    call.view("self", View::Reshape(shape), false)
}

fn unsqueeze(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let mut shape = call.shape(input);
    let at = call.axis("dim", shape.len() + 1, 0)?;
    shape.insert(at, 1);
    call.view("self", View::Reshape(shape), false)
}

fn transposed(call: &mut Call<'_>, rank: usize, axes: Vec<usize>) -> Results {
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(format!("{axes:?} is no order of {rank} axes"));
    }
    call.view("self", View::Transpose(axes), false)
}

fn exchanged(call: &mut Call<'_>, first: &str, second: &str) -> Results {
    let rank = rank(call)?;
    let (first, second) = (axis(call.int(first)?, rank)?, axis(call.int(second)?, rank)?);
    let mut axes: Vec<usize> = (0..rank).collect();
    axes.swap(first, second);
    transposed(call, rank, axes)
}

fn turned(call: &mut Call<'_>) -> Results {
    let rank = rank(call)?;
    if rank > 2 {
        return Err(format!("it turns a tensor of {rank} axes"));
    }
    transposed(call, rank, (0..rank).rev().collect())
}

fn movedim(call: &mut Call<'_>) -> Results {
    let rank = rank(call)?;
    let places = |call: &Call<'_>, name: &str| -> Result<Vec<usize>, String> {
        call.ints(name)?.into_iter().map(|dim| axis(dim, rank)).collect()
    };
    let (from, to) = (places(call, "source")?, places(call, "destination")?);
    let mut axes: Vec<Option<usize>> = vec![None; rank];
    for (from, to) in from.iter().zip(&to) {
        axes[*to] = Some(*from);
    }
    let mut rest = (0..rank).filter(|axis| !from.contains(axis));
    let axes: Option<Vec<usize>> = axes.into_iter().map(|axis| axis.or_else(|| rest.next())).collect();
    transposed(call, rank, axes.ok_or("it moves an axis twice")?)
}

fn expand(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let (shape, wanted) = (call.shape(input), call.ints("size")?);
    let before = wanted.len().checked_sub(shape.len());
    let before = before.ok_or_else(|| format!("a tensor of the shape {shape:?} cannot be broadcast to {wanted:?}"))?;
    let len = |(at, wanted): (usize, &i64)| match *wanted {
        -1 => at.checked_sub(before).and_then(|at| shape.get(at).copied()),
        wanted => usize::try_from(wanted).ok(),
    };
    let to: Option<Vec<usize>> = wanted.iter().enumerate().map(len).collect();
    let to = to.ok_or_else(|| format!("a shape cannot be {wanted:?}"))?;
    expanded_to(call, input, &to)
}

/// Nothing can be written to it, as several of its values are the same one, unless it is no larger than before.
fn expanded_to(call: &mut Call<'_>, input: crate::nn::graph::ValueId, shape: &[usize]) -> Results {
    let value = call.expanded(input, shape)?;
    let view = if value == input { View::Same } else { View::Lost };
    Ok(vec![Made::View { value, of: call.tensor_name("self")?.to_owned(), view, may_be_copy: false }])
}

fn repeat(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let (shape, repeats) = (call.shape(input), call.sizes("repeats")?);
    let before = repeats.len().checked_sub(shape.len()).ok_or("it repeats fewer axes than there are")?;
    let input = call.reshaped(input, &[vec![1; before], shape].concat())?;
    if repeats.iter().all(|times| *times == 1) {
        return Ok(vec![Made::Tensor(input)]);
    }
    call.finish(Op::Tile { repeats }, &[input])
}

/// Only where it is another shape of the same values, as it is in what decompositions leave.
fn as_strided(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let (shape, strides) = (call.sizes("size")?, call.ints("stride")?);
    let mut dense = 1_i64;
    let is_dense = strides.len() == shape.len()
        && shape.iter().zip(&strides).rev().all(|(len, stride)| {
            let fits = *len == 1 || *stride == dense;
            dense = dense.saturating_mul(*len as i64);
            fits
        });
    if !is_dense || call.maybe_int("storage_offset")?.unwrap_or(0) != 0 {
        return Err("it reads values in an order that igoscope does not follow".to_owned());
    }
    let wanted: Vec<i64> = shape.iter().map(|len| *len as i64).collect();
    let shape = filled_in(&call.shape(input), &wanted)?;
    Ok(vec![Made::Tensor(call.reshaped(input, &shape)?)])
}
