//! Some of a tensor's values, and several tensors as one.

use super::{
    super::{
        alias::{View, put_back},
        archive::BOOL,
        call::{Call, Made, Results, axis},
        program::Argument,
    },
    Row,
};
use crate::nn::graph::{Op, PadMode, Span, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("slice", slice),
    ("select", select),
    ("narrow", narrow),
    ("slice_scatter", slice_scatter),
    ("select_scatter", select_scatter),
    ("split", split),
    ("unsafe_split", split),
    ("split_with_sizes", split_with_sizes),
    ("chunk", chunk),
    ("unsafe_chunk", chunk),
    ("unbind", unbind),
    ("cat", concat),
    ("concat", concat),
    ("stack", stack),
    ("index", index),
    ("index_select", |call| {
        let (input, places) = (call.tensor("self")?, call.tensor("index")?);
        let shape = call.shape(input);
        let axis = call.axis("dim", shape.len(), 0)?;
        let of = call.shape(places);
        let indices = call.places(places, shape[axis])?;
        call.finish(Op::Gather { axis, indices, shape: of }, &[input])
    }),
    ("embedding", |call| {
        let (input, places) = (call.tensor("weight")?, call.tensor("indices")?);
        let of = call.shape(places);
        let indices = call.places(places, *call.shape(input).first().ok_or("it has no rows")?)?;
        call.finish(Op::Gather { axis: 0, indices, shape: of }, &[input])
    }),
    ("roll", roll),
    ("flip", flip),
    ("pad", pad),
    ("constant_pad_nd", pad),
    ("reflection_pad2d", |call| padded(call, "padding", PadMode::Reflect)),
    ("replication_pad2d", |call| padded(call, "padding", PadMode::Edge)),
    ("channel_shuffle", channel_shuffle),
];

/// The most tensors that one is cut into: each is a value of its own.
const MAX_PARTS: usize = 4096;

/// Values from `start` to before `end` of an axis, as Python counts them.
fn span(call: &Call<'_>, len: usize) -> Result<Span, String> {
    let place = |number: i64| {
        let from_start = if number < 0 { number.saturating_add(len as i64) } else { number };
        from_start.clamp(0, len as i64) as usize
    };
    let step = call.maybe_int("step")?.unwrap_or(1);
    let step =
        usize::try_from(step).ok().filter(|step| *step > 0).ok_or_else(|| format!("its step cannot be {step}"))?;
    let start = place(call.maybe_int("start")?.unwrap_or(0));
    let end = place(call.maybe_int("end")?.unwrap_or(i64::MAX));
    let len = end.saturating_sub(start).div_ceil(step);
    Ok(Span { start, step: step as isize, len })
}

fn slice(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axis = call.axis("dim", shape.len(), 0)?;
    let span = span(call, shape[axis])?;
    call.view("self", View::Slice { axis, span }, false)
}

/// An axis and a place along it.
fn selected(call: &mut Call<'_>) -> Result<View, String> {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let at = call.axis("dim", shape.len(), 0)?;
    let place =
        axis(call.int("index")?, shape[at]).map_err(|_| format!("it takes a place that {:?} does not have", shape))?;
    Ok(View::Select { axis: at, at: place })
}

fn select(call: &mut Call<'_>) -> Results {
    let view = selected(call)?;
    call.view("self", view, false)
}

fn narrow(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axis = call.axis("dim", shape.len(), 0)?;
    let (start, len) = (call.size("start")?, call.size("length")?);
    if start.saturating_add(len) > shape[axis] {
        return Err(format!("it takes {len} values from {start} on, of {}", shape[axis]));
    }
    call.view("self", View::Slice { axis, span: Span { start, step: 1, len } }, false)
}

fn slice_scatter(call: &mut Call<'_>) -> Results {
    let (input, part) = (call.tensor("self")?, call.tensor("src")?);
    let shape = call.shape(input);
    let axis = call.axis("dim", shape.len(), 0)?;
    let span = span(call, shape[axis])?;
    written(call, input, part, View::Slice { axis, span })
}

fn select_scatter(call: &mut Call<'_>) -> Results {
    let (input, part) = (call.tensor("self")?, call.tensor("src")?);
    let view = selected(call)?;
    written(call, input, part, view)
}

fn written(call: &mut Call<'_>, input: ValueId, part: ValueId, view: View) -> Results {
    Ok(vec![Made::Tensor(put_back(call.builder, input, part, &view)?)])
}

/// Views that lie one behind the other along an axis.
fn parts(call: &mut Call<'_>, axis: usize, sizes: &[usize]) -> Results {
    let input = call.tensor("self")?;
    let all = call.shape(input)[axis];
    if sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size)) != Some(all) || sizes.len() > all {
        return Err(format!("{all} values do not split into {} parts", sizes.len()));
    }
    let of = call.tensor_name("self")?.to_owned();
    if let [_] = sizes {
        return Ok(vec![Made::View { value: input, of, view: View::Same, may_be_copy: false }]);
    }
    let made = call.builder.add_all(call.name, Op::Split { axis, sizes: sizes.to_vec() }, &[input]);
    let mut start = 0;
    let view = |(value, len): (ValueId, &usize)| {
        let span = Span { start, step: 1, len: *len };
        start += len;
        Made::View { value, of: of.clone(), view: View::Slice { axis, span }, may_be_copy: false }
    };
    Ok(made.map_err(|error| error.to_string())?.into_iter().zip(sizes).map(view).collect())
}

/// As many of a size as there are, and the rest.
fn pieces(len: usize, size: usize) -> Result<Vec<usize>, String> {
    if size == 0 || len.div_ceil(size) > MAX_PARTS {
        return Err(format!("its parts cannot be of {size} of {len} values"));
    }
    Ok((0..len).step_by(size).map(|start| size.min(len - start)).collect())
}

fn axis_and_len(call: &mut Call<'_>) -> Result<(usize, usize), String> {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axis = call.axis("dim", shape.len(), 0)?;
    Ok((axis, shape[axis]))
}

fn split(call: &mut Call<'_>) -> Results {
    let (axis, len) = axis_and_len(call)?;
    // A list of sizes where it is one, as one overload has it.
    let sizes = match call.argument("split_size") {
        Some(Argument::Ints(_) | Argument::Symbols(_)) => call.sizes("split_size")?,
        _ => pieces(len, call.size("split_size")?)?,
    };
    parts(call, axis, &sizes)
}

fn split_with_sizes(call: &mut Call<'_>) -> Results {
    let (axis, _) = axis_and_len(call)?;
    let sizes = call.sizes("split_sizes")?;
    parts(call, axis, &sizes)
}

fn chunk(call: &mut Call<'_>) -> Results {
    let (axis, len) = axis_and_len(call)?;
    let chunks = call.size("chunks")?.max(1);
    let sizes = pieces(len, len.div_ceil(chunks))?;
    parts(call, axis, &sizes)
}

fn unbind(call: &mut Call<'_>) -> Results {
    let (axis, len) = axis_and_len(call)?;
    if len > MAX_PARTS {
        return Err(format!("it takes {len} tensors from one"));
    }
    let mut made = Vec::new();
    for at in 0..len {
        made.extend(call.view("self", View::Select { axis, at }, false)?);
    }
    Ok(made)
}

fn concat(call: &mut Call<'_>) -> Results {
    let all: Vec<ValueId> = call.tensors("tensors")?.into_iter().flatten().collect();
    let first = *all.first().ok_or("it puts nothing together")?;
    let axis = call.axis("dim", call.shape(first).len(), 0)?;
    call.finish(Op::Concat { axis }, &all)
}

fn stack(call: &mut Call<'_>) -> Results {
    let all: Vec<ValueId> = call.tensors("tensors")?.into_iter().flatten().collect();
    let first = *all.first().ok_or("it puts nothing together")?;
    let axis = call.axis("dim", call.shape(first).len() + 1, 0)?;
    let mut parts = Vec::new();
    for value in all {
        let mut shape = call.shape(value);
        if axis > shape.len() {
            return Err(format!("it stacks a tensor of the shape {shape:?} along axis {axis}"));
        }
        shape.insert(axis, 1);
        parts.push(call.reshaped(value, &shape)?);
    }
    call.finish(Op::Concat { axis }, &parts)
}

/// `x[:, i, j]` of tensors of places, which are known, for axes side by side.
fn index(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    if let Some(Argument::Tensors(names)) = call.argument("indices")
        && names.iter().flatten().any(|name| (call.types)(name) == Some(BOOL))
    {
        return Err("it takes the values where something is true, whose number is not known".to_owned());
    }
    let all = call.tensors("indices")?;
    let axes: Vec<usize> = (0..all.len()).filter(|axis| all[*axis].is_some()).collect();
    let (Some(&first), Some(&last)) = (axes.first(), axes.last()) else {
        return Ok(vec![Made::Tensor(input)]);
    };
    if last >= shape.len() || last - first + 1 != axes.len() {
        return Err("its places are not of axes side by side".to_owned());
    }
    // One place in all of these axes together.
    let mut places: Option<ValueId> = None;
    for axis in first..=last {
        let Some(own) = all[axis] else { continue };
        let of = call.shape(own);
        let own = call.places(own, shape[axis])?.into_iter().map(|place| place as f32).collect();
        let own = call.put(&of, own)?;
        places = Some(match places {
            None => own,
            Some(before) => {
                let len = call.number(shape[axis] as f32)?;
                let before = call.add(Op::Binary(crate::nn::graph::Binary::Mul), &[before, len])?;
                call.add(Op::Binary(crate::nn::graph::Binary::Add), &[before, own])?
            }
        });
    }
    let Some(places) = places else { return Ok(vec![Made::Tensor(input)]) };
    let merged: usize = shape[first..=last].iter().product();
    // Places are kept as numbers in single precision.
    if merged > 1 << 24 {
        return Err(format!("it takes places of {merged}"));
    }
    let flat = call.reshaped(input, &[&shape[..first], &[merged], &shape[last + 1..]].concat())?;
    let (of, indices) = (call.shape(places), call.places(places, merged)?);
    call.finish(Op::Gather { axis: first, indices, shape: of }, &[flat])
}

fn roll(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let (shifts, dims) = (call.ints("shifts")?, call.maybe_ints("dims")?.unwrap_or_default());
    if shifts.len() != dims.len() {
        return Err(format!("it rolls {} axes by {} numbers", dims.len(), shifts.len()));
    }
    let mut value = input;
    for (shift, dim) in shifts.into_iter().zip(dims) {
        let axis = axis(dim, shape.len())?;
        let len = shape[axis];
        let shift = shift.rem_euclid(len as i64) as usize;
        if shift == 0 {
            continue;
        }
        let mut part = |start: usize, len: usize| {
            let view = View::Slice { axis, span: Span { start, step: 1, len } };
            call.view_of(value, &view)
        };
        let parts = [part(len - shift, shift)?, part(0, len - shift)?];
        value = call.add(Op::Concat { axis }, &parts)?;
    }
    Ok(vec![Made::Tensor(value)])
}

fn flip(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axes = call.ints("dims")?.into_iter().map(|dim| axis(dim, shape.len())).collect::<Result<Vec<usize>, _>>()?;
    let one = |(at, len): (usize, &usize)| match axes.contains(&at) {
        true => Span { start: len.saturating_sub(1), step: -1, len: *len },
        false => Span::all(*len),
    };
    call.finish(Op::Slice(shape.iter().enumerate().map(one).collect()), &[input])
}

fn pad(call: &mut Call<'_>) -> Results {
    let value = call.float_or("value", 0.0)?;
    let mode = match call.text("mode").unwrap_or("constant") {
        "constant" => PadMode::Constant(value),
        "reflect" => PadMode::Reflect,
        "replicate" => PadMode::Edge,
        "circular" => PadMode::Wrap,
        other => return Err(format!("its mode cannot be “{other}”")),
    };
    padded(call, "pad", mode)
}

/// Numbers before and behind of each axis, from the last one on.
fn padded(call: &mut Call<'_>, name: &str, mode: PadMode) -> Results {
    let input = call.tensor("self")?;
    let rank = call.shape(input).len();
    let pads = call.ints(name)?;
    if !pads.len().is_multiple_of(2) || pads.len() > 2 * rank {
        return Err(format!("its padding cannot be {pads:?}"));
    }
    let (mut before, mut after) = (vec![0_isize; rank], vec![0_isize; rank]);
    let number = |number: i64| {
        let found =
            isize::try_from(number).ok().filter(|number| number.unsigned_abs() <= crate::nn::graph::MOST_VALUES);
        found.ok_or_else(|| format!("its padding cannot be {number}"))
    };
    for (at, pair) in pads.chunks_exact(2).enumerate() {
        before[rank - 1 - at] = number(pair[0])?;
        after[rank - 1 - at] = number(pair[1])?;
    }
    if before.iter().chain(&after).all(|number| *number == 0) {
        return Ok(vec![Made::Tensor(input)]);
    }
    call.finish(Op::Pad { before, after, mode }, &[input])
}

fn channel_shuffle(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let (shape, groups) = (call.shape(input), call.size("groups")?);
    let &[n, c, ref rest @ ..] = shape.as_slice() else { return Err(format!("its map has the shape {shape:?}")) };
    if groups == 0 || !c.is_multiple_of(groups) {
        return Err(format!("{c} channels are not {groups} groups"));
    }
    let parted = call.reshaped(input, &[&[n, groups, c / groups], rest].concat())?;
    let axes = [vec![0, 2, 1], (3..rest.len() + 3).collect()].concat();
    let turned = call.transposed(parted, axes)?;
    Ok(vec![Made::Tensor(call.reshaped(turned, &shape)?)])
}
