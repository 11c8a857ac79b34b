//! Parts of tensors, and values at places.

use super::{
    super::{
        call::{Call, Results, Value, axis, one, size, whole},
        constant::{Constant, Data, MAX_DIMENSIONS, count},
        fold,
    },
    Row,
};
use crate::nn::graph::{Op, Span, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("Slice", slice),
    ("Split", split),
    ("Gather", gather),
    ("GatherElements", gather_elements),
    ("GatherND", gather_nd),
    ("ScatterND", scatter_nd),
    ("ScatterElements", scatter_elements),
    ("Trilu", trilu),
    ("NonZero", non_zero),
    ("DepthToSpace", |call| {
        let (block, is_crd) = (block(call)?, call.node.text("mode") == Some("CRD"));
        let input = call.take(0)?;
        call.finish(Op::DepthToSpace { block, channels_first: is_crd }, &[input])
    }),
    ("SpaceToDepth", |call| {
        let block = block(call)?;
        let input = call.take(0)?;
        call.finish(Op::SpaceToDepth { block }, &[input])
    }),
];

fn block(call: &Call<'_>) -> Result<usize, String> {
    let block = size(call.node.int("blocksize").unwrap_or(0))?;
    if block == 0 { Err("its blocks cannot be 0 pixels wide".to_owned()) } else { Ok(block) }
}

/// Starts and ends may lie beyond an axis, and count from its end.
fn slice(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let list = |call: &Call<'_>, name: &str, number: usize| match call.node.ints(name) {
        Some(given) => Ok(Some(given.to_vec())),
        None => call.ints_if_there(number),
    };
    let starts = list(call, "starts", 1)?.ok_or("it does not say where it starts")?;
    let ends = list(call, "ends", 2)?.ok_or("it does not say where it ends")?;
    let along = list(call, "axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call.ints_if_there(4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), along.len(), steps.len()].iter().any(|&len| len != starts.len()) {
        return Err("it has not as many starts as ends, axes and steps".to_owned());
    }
    let mut parts: Vec<(usize, i64, usize)> = shape.iter().map(|&size| (0, 1, size)).collect();
    for (number, &along) in along.iter().enumerate() {
        let axis = axis(along, shape.len())?;
        let size = shape[axis] as i64;
        let step = steps[number];
        let from_start = |place: i64| if place < 0 { place.saturating_add(size) } else { place };
        let (start, end) = (from_start(starts[number]), from_start(ends[number]));
        let (start, len) = match step {
            0 => return Err("its step cannot be 0".to_owned()),
            1.. => {
                let (start, end) = (start.clamp(0, size), end.clamp(0, size));
                (start, (end - start).max(0).unsigned_abs().div_ceil(step.unsigned_abs()))
            }
            _ => {
                let (start, end) = (start.clamp(-1, size - 1), end.clamp(-1, size - 1));
                (start.max(0), (start - end).max(0).unsigned_abs().div_ceil(step.unsigned_abs()))
            }
        };
        parts[axis] = (start as usize, step, len as usize);
    }
    if let Value::Known(constant) = call.input(0)? {
        if parts.iter().any(|part| part.2 == 0) {
            let shape = parts.iter().map(|part| part.2).collect();
            let data = if constant.as_ints().is_some() { Data::Int(Vec::new()) } else { Data::Float(Vec::new()) };
            return one(Constant::new(shape, data));
        }
        return one(fold::sliced(&constant, &parts));
    }
    if parts.iter().zip(&shape).all(|(part, &size)| *part == (0, 1, size)) {
        return Ok(vec![call.input(0)?]);
    }
    if parts.iter().any(|part| part.2 == 0) {
        // Nothing is left: a constant without values, which a concatenation leaves out.
        let shape: Vec<usize> = parts.iter().map(|part| part.2).collect();
        return one(Constant::new(shape, Data::Float(Vec::new())));
    }
    let input = call.take(0)?;
    let span = |&(start, step, len): &(usize, i64, usize)| Span { start, step: step as isize, len };
    call.finish(Op::Slice(parts.iter().map(span).collect()), &[input])
}

fn split(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let axis = axis(call.node.int("axis").unwrap_or(0), shape.len())?;
    let given = match call.node.ints("split") {
        Some(given) => Some(given.to_vec()),
        None => call.ints_if_there(1)?,
    };
    let parts = call.node.outputs().len();
    let sizes = match given {
        Some(given) => given.into_iter().map(size).collect::<Result<Vec<_>, _>>()?,
        None if parts == 0 => return Err("it has no parts".to_owned()),
        None => {
            let each = shape[axis].div_ceil(parts);
            (0..parts).map(|part| each.min(shape[axis].saturating_sub(part * each))).collect()
        }
    };
    if sizes.iter().try_fold(0_usize, |sum, &size| sum.checked_add(size)) != Some(shape[axis]) {
        return Err(format!("its parts {sizes:?} do not add up to the {} of its input", shape[axis]));
    }
    if let Value::Known(constant) = call.input(0)? {
        let mut results = Vec::new();
        let mut start = 0;
        for &len in &sizes {
            let part =
                |(dimension, &size): (usize, &usize)| if dimension == axis { (start, 1, len) } else { (0, 1, size) };
            let parts: Vec<(usize, i64, usize)> = shape.iter().enumerate().map(part).collect();
            results.push(fold::sliced(&constant, &parts)?.into());
            start += len;
        }
        return Ok(results);
    }
    let input = call.take(0)?;
    let ids = call.builder.add_all(call.node.name(), Op::Split { axis, sizes }, &[input]);
    Ok(ids.map_err(|error| error.to_string())?.into_iter().map(Value::Computed).collect())
}

fn gather(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let axis = axis(call.node.int("axis").unwrap_or(0), shape.len())?;
    let indices = call.known(1)?;
    let indices = Constant { shape: indices.shape.clone(), data: Data::Int(whole(&indices)?), kind: indices.kind };
    if let Value::Known(constant) = call.input(0)? {
        return one(fold::gathered(&constant, axis, &indices).map(|found| Constant { kind: constant.kind, ..found }));
    }
    if shape.len() + indices.shape.len() > 2 * MAX_DIMENSIONS {
        return Err(format!("its result would have {} axes", shape.len() + indices.shape.len() - 1));
    }
    let places = places(indices.as_ints().unwrap_or_default(), shape[axis])?;
    let input = call.take(0)?;
    call.finish(Op::Gather { axis, indices: places, shape: indices.shape }, &[input])
}

/// Indices that may count from the end.
fn places(indices: &[i64], size: usize) -> Result<Vec<usize>, String> {
    let place = |&index: &i64| fold::wrapped(index, size).ok_or_else(|| format!("it reads entry {index} of {size}"));
    indices.iter().map(place).collect()
}

/// The values at flat places of an input, in a shape.
fn flat(call: &mut Call<'_>, number: usize, places: Vec<usize>, shape: Vec<usize>) -> Results {
    let total = count(&call.shape_of(number)?)?;
    if let Value::Known(constant) = call.input(number)? {
        let flat = Constant { shape: vec![total], ..(*constant).clone() };
        let indices = Constant::new(shape, Data::Int(places.into_iter().map(|place| place as i64).collect()))?;
        return one(fold::gathered(&flat, 0, &indices).map(|found| Constant { kind: constant.kind, ..found }));
    }
    let input = call.take(number)?;
    let input = call.reshaped(input, &[total])?;
    call.finish(Op::Gather { axis: 0, indices: places, shape }, &[input])
}

fn gather_elements(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let axis = axis(call.node.int("axis").unwrap_or(0), shape.len())?;
    let indices = call.known(1)?;
    let numbers = places(&whole(&indices)?, shape[axis])?;
    let found = element_places(&shape, &indices.shape, axis, &numbers)?;
    flat(call, 0, found, indices.shape.clone())
}

/// Where the elements lie that indices name along an axis, each in its own row.
fn element_places(shape: &[usize], of: &[usize], axis: usize, indices: &[usize]) -> Result<Vec<usize>, String> {
    let fits = of.len() == shape.len() && (0..of.len()).all(|at| at == axis || of[at] <= shape[at]);
    if !fits {
        return Err(format!("its indices of shape {of:?} do not fit {shape:?}"));
    }
    let (strides, own) = (fold::strides(shape), fold::strides(of));
    let place = |(at, &index): (usize, &usize)| {
        let along = |dimension: usize| {
            let number = if dimension == axis { index } else { at / own[dimension] % of[dimension] };
            number * strides[dimension]
        };
        (0..of.len()).map(along).sum()
    };
    Ok(indices.iter().enumerate().map(place).collect())
}

fn gather_nd(call: &mut Call<'_>) -> Results {
    if call.node.int("batch_dims").unwrap_or(0) != 0 {
        return Err("its batch_dims must be 0".to_owned());
    }
    let shape = call.shape_of(0)?;
    let indices = call.known(1)?;
    let (starts, inner) = starts(&shape, &indices)?;
    let found: Vec<usize> = starts.iter().flat_map(|&start| (0..inner).map(move |at| start + at)).collect();
    let depth = indices.shape.last().copied().unwrap_or_default();
    let result = [&indices.shape[..indices.shape.len() - 1], &shape[depth..]].concat();
    count(&result)?;
    flat(call, 0, found, result)
}

/// Where the parts begin that rows of indices point at, and how long they are.
fn starts(shape: &[usize], indices: &Constant) -> Result<(Vec<usize>, usize), String> {
    let depth = indices.shape.last().copied().filter(|depth| *depth <= shape.len());
    let depth = depth.ok_or_else(|| format!("its indices of shape {:?} do not fit {shape:?}", indices.shape))?;
    let strides = fold::strides(shape);
    let inner = shape[depth..].iter().product();
    if depth == 0 {
        return Ok((vec![0; indices.shape[..indices.shape.len() - 1].iter().product()], inner));
    }
    let numbers = whole(indices)?;
    let start = |row: &[i64]| -> Result<usize, String> {
        let mut place = 0;
        for (dimension, &index) in row.iter().enumerate() {
            let index = fold::wrapped(index, shape[dimension]);
            place += index.ok_or("it points past a tensor's end")? * strides[dimension];
        }
        Ok(place)
    };
    Ok((numbers.chunks_exact(depth).map(start).collect::<Result<_, _>>()?, inner))
}

/// Puts updates at flat places of the data: what is in a place is taken from the two, one behind the other.
fn scattered(call: &mut Call<'_>, places: &[usize]) -> Results {
    let (shape, of) = (call.shape_of(0)?, call.shape_of(2)?);
    let (total, updates) = (count(&shape)?, count(&of)?);
    if places.len() != updates {
        return Err(format!("it has {updates} new values for {} places", places.len()));
    }
    let mut from: Vec<usize> = (0..total).collect();
    for (update, &place) in places.iter().enumerate() {
        *from.get_mut(place).ok_or("it points past a tensor's end")? = total + update;
    }
    let flat = |constant: &Constant| Constant { shape: vec![constant.data.len()], ..constant.clone() };
    if let (Value::Known(data), Value::Known(new)) = (call.input(0)?, call.input(2)?) {
        let both = fold::concatenated(&[&flat(&data), &flat(&new)], 0)?;
        let indices = Constant::new(shape, Data::Int(from.into_iter().map(|place| place as i64).collect()))?;
        return one(fold::gathered(&both, 0, &indices).map(|found| Constant { kind: data.kind, ..found }));
    }
    let mut parts: Vec<ValueId> = Vec::new();
    for (number, total) in [(0, total), (2, updates)] {
        let id = call.take(number)?;
        parts.push(call.reshaped(id, &[total])?);
    }
    let both = call.add(Op::Concat { axis: 0 }, &parts)?;
    call.finish(Op::Gather { axis: 0, indices: from, shape }, &[both])
}

fn check_reduction(call: &Call<'_>) -> Result<(), String> {
    match call.node.text("reduction") {
        None | Some("none") => Ok(()),
        Some(other) => Err(format!("its reduction “{other}” is not computed")),
    }
}

fn scatter_nd(call: &mut Call<'_>) -> Results {
    check_reduction(call)?;
    let (starts, inner) = starts(&call.shape_of(0)?, &*call.known(1)?)?;
    count(&[starts.len(), inner])?;
    let places: Vec<usize> = starts.iter().flat_map(|&start| (0..inner).map(move |at| start + at)).collect();
    scattered(call, &places)
}

fn scatter_elements(call: &mut Call<'_>) -> Results {
    check_reduction(call)?;
    let shape = call.shape_of(0)?;
    let axis = axis(call.node.int("axis").unwrap_or(0), shape.len())?;
    let indices = call.known(1)?;
    let numbers = places(&whole(&indices)?, shape[axis])?;
    let places = element_places(&shape, &indices.shape, axis, &numbers)?;
    scattered(call, &places)
}

/// One triangle of matrices: the other one becomes 0.
fn trilu(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let [.., rows, columns] = shape[..] else { return Err(format!("its input is of shape {shape:?}, no matrix")) };
    let shift = call.ints_if_there(1)?.and_then(|shift| shift.first().copied()).unwrap_or(0);
    let is_upper = call.node.int("upper").unwrap_or(1) != 0;
    let stays = |at: usize| {
        let (row, column) = ((at / columns) as i64, (at % columns) as i64);
        let diagonal = row.saturating_add(shift);
        i64::from(if is_upper { column >= diagonal } else { column <= diagonal })
    };
    let mask = Constant::new(vec![rows, columns], Data::Int((0..count(&[rows, columns])?).map(stays).collect()))?;
    if let Value::Known(constant) = call.input(0)? {
        let zero = Constant {
            shape: Vec::new(),
            data: if constant.as_ints().is_some() { Data::Int(vec![0]) } else { Data::Float(vec![0.0]) },
            kind: constant.kind,
        };
        return one(fold::chosen(&mask, &constant, &zero).map(|found| Constant { kind: constant.kind, ..found }));
    }
    let inputs = [call.put(mask.into())?, call.take(0)?, call.put_number(0.0)?];
    call.finish(Op::Where, &inputs)
}

/// Places of the values that are not 0: one row an axis.
fn non_zero(call: &mut Call<'_>) -> Results {
    let constant = call.known(0)?;
    let numbers = constant.floats();
    let found: Vec<usize> = numbers.iter().enumerate().filter(|(_, value)| **value != 0.0).map(|(at, _)| at).collect();
    let strides = fold::strides(&constant.shape);
    let row = |(&size, &stride): (&usize, &usize)| found.iter().map(move |at| (at / stride % size) as i64).collect();
    let rows: Vec<Vec<i64>> = constant.shape.iter().zip(&strides).map(row).collect();
    one(Constant::new(vec![rows.len(), found.len()], Data::Int(rows.concat())))
}
