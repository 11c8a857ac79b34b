//! Shapes: what they are, and the same values in others.

use super::{
    super::{
        call::{Call, Results, Value, axes, axis, one, size, whole},
        constant::{Constant, Data, MAX_DIMENSIONS, count},
        fold,
    },
    Row,
};
use crate::nn::graph::{Op, PadMode};

pub(super) const TABLE: &[Row] = &[
    ("Constant", constant),
    ("ConstantOfShape", constant_of_shape),
    ("Shape", shape),
    ("Size", |call| {
        let values = call.shape_of(0)?.iter().product::<usize>();
        Ok(vec![Constant::new(Vec::new(), Data::Int(vec![values as i64]))?.into()])
    }),
    ("Range", range),
    ("EyeLike", eye_like),
    ("Reshape", reshape),
    ("Flatten", flatten),
    ("Squeeze", squeeze),
    ("Unsqueeze", unsqueeze),
    ("Transpose", transpose),
    ("Expand", expand),
    ("Tile", tile),
    ("Concat", concat),
    ("Pad", pad),
];

fn constant(call: &mut Call<'_>) -> Results {
    let node = call.node;
    if let Some(constant) = node.constant("value", call.reader) {
        return one(constant.map_err(|error| error.to_string()));
    }
    let constant = if let Some(value) = node.int("value_int") {
        Constant::new(Vec::new(), Data::Int(vec![value]))
    } else if let Some(values) = node.ints("value_ints") {
        Ok(Constant::ints(values.to_vec()))
    } else if let Some(values) = node.floats("value_floats") {
        Constant::new(vec![values.len()], Data::Float(values.to_vec()))
    } else if node.has("value_float") {
        Ok(Constant::scalar(node.float("value_float", 0.0)))
    } else {
        Err("it holds neither numbers nor a tensor".to_owned())
    };
    one(constant)
}

fn constant_of_shape(call: &mut Call<'_>) -> Results {
    let shape = call.ints(0)?.into_iter().map(size).collect::<Result<Vec<_>, _>>()?;
    check_rank(shape.len())?;
    let total = count(&shape)?;
    let value = match call.node.constant("value", call.reader) {
        Some(value) => value.map_err(|error| error.to_string())?,
        None => Constant::scalar(0.0),
    };
    let data = match &value.data {
        Data::Float(values) => Data::Float(vec![values.first().copied().unwrap_or_default(); total]),
        Data::Int(values) => Data::Int(vec![values.first().copied().unwrap_or_default(); total]),
    };
    Ok(vec![Constant { kind: value.kind, ..Constant::new(shape, data)? }.into()])
}

fn check_rank(rank: usize) -> Result<(), String> {
    if rank > MAX_DIMENSIONS { Err(format!("it makes a tensor of {rank} axes")) } else { Ok(()) }
}

/// The shape of an input, or a part of it.
fn shape(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let rank = shape.len() as i64;
    let place = |name: &str, unset: i64| {
        let given = call.node.int(name).unwrap_or(unset);
        (if given < 0 { given.saturating_add(rank) } else { given }).clamp(0, rank) as usize
    };
    let (start, end) = (place("start", 0), place("end", rank));
    let part = shape.get(start..end).unwrap_or_default();
    Ok(vec![Constant::ints(part.iter().map(|&size| size as i64).collect()).into()])
}

fn range(call: &mut Call<'_>) -> Results {
    let [start, end, step] = [call.known(0)?, call.known(1)?, call.known(2)?];
    let number = |constant: &Constant| constant.single().map(f64::from).ok_or("it is not from one number to another");
    let too_long = |length: f64| !(0.0..=1e8).contains(&length);
    if let (Some(&[start]), Some(&[end]), Some(&[step])) = (start.as_ints(), end.as_ints(), step.as_ints()) {
        let length = ((end as f64 - start as f64) / step as f64).ceil().max(0.0);
        if step == 0 || too_long(length) {
            return Err(format!("it cannot go from {start} to {end} by {step}"));
        }
        let values = (0..length as i64).map(|index| start.wrapping_add(index.wrapping_mul(step))).collect();
        return Ok(vec![Constant::ints(values).into()]);
    }
    let (start, end, step) = (number(&start)?, number(&end)?, number(&step)?);
    let length = ((end - start) / step).ceil().max(0.0);
    if step == 0.0 || too_long(length) {
        return Err(format!("it cannot go from {start} to {end} by {step}"));
    }
    let values: Vec<f32> = (0..length as usize).map(|index| (start + index as f64 * step) as f32).collect();
    one(Constant::new(vec![values.len()], Data::Float(values)))
}

fn eye_like(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let [rows, columns] = shape[..] else { return Err(format!("its input is of shape {shape:?}, no matrix")) };
    let shift = call.node.int("k").unwrap_or(0);
    count(&shape)?;
    let is_on = |at: usize| (at % columns) as i64 == ((at / columns) as i64).saturating_add(shift);
    let values = (0..rows * columns).map(|at| f32::from(is_on(at))).collect();
    one(Constant::new(shape, Data::Float(values)))
}

/// The same values, row after row, in another shape.
fn as_shape(call: &mut Call<'_>, shape: Vec<usize>) -> Results {
    check_rank(shape.len())?;
    match call.input(0)? {
        Value::Known(constant) => {
            Ok(vec![Constant { kind: constant.kind, ..Constant::new(shape, constant.data.clone())? }.into()])
        }
        Value::Computed(id) if call.builder.shape(id) == shape => Ok(vec![Value::Computed(id)]),
        Value::Computed(id) => call.finish(Op::Reshape { shape }, &[id]),
    }
}

fn reshape(call: &mut Call<'_>) -> Results {
    let own = call.shape_of(0)?;
    // Before version 5 the shape is an attribute.
    let wanted = match call.node.ints("shape") {
        Some(shape) => shape.to_vec(),
        None => call.ints(1)?,
    };
    let keeps_zero = call.node.is_on("allowzero");
    let mut shape = Vec::new();
    let mut open = None;
    for (axis, &wanted_size) in wanted.iter().enumerate() {
        shape.push(match wanted_size {
            -1 if open.is_none() => {
                open = Some(axis);
                1
            }
            0 if !keeps_zero => *own.get(axis).ok_or_else(|| format!("{own:?} cannot become {wanted:?}"))?,
            other => size(other)?,
        });
    }
    if let Some(axis) = open {
        let (total, others) = (count(&own)?, count(&shape)?);
        if others == 0 || total % others != 0 {
            return Err(format!("a tensor of shape {own:?} cannot become {wanted:?}"));
        }
        shape[axis] = total / others;
    }
    if count(&shape)? != count(&own)? {
        return Err(format!("a tensor of shape {own:?} cannot become {wanted:?}"));
    }
    as_shape(call, shape)
}

fn flatten(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let given = call.node.int("axis").unwrap_or(1);
    let at = if given == shape.len() as i64 { shape.len() } else { axis(given, shape.len())? };
    as_shape(call, vec![shape[..at].iter().product(), shape[at..].iter().product()])
}

fn squeeze(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let gone = match call.axes(1)? {
        Some(given) => axes(&given, shape.len())?,
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
    };
    if let Some(&axis) = gone.iter().find(|&&axis| shape[axis] != 1) {
        return Err(format!("axis {axis} of {shape:?} is longer than 1 and cannot be left out"));
    }
    as_shape(call, (0..shape.len()).filter(|axis| !gone.contains(axis)).map(|axis| shape[axis]).collect())
}

fn unsqueeze(call: &mut Call<'_>) -> Results {
    let own = call.shape_of(0)?;
    let given = call.axes(1)?.ok_or("it does not say where axes are added")?;
    check_rank(own.len().saturating_add(given.len()))?;
    let rank = own.len() + given.len();
    let added = axes(&given, rank)?;
    if added.len() != given.len() {
        return Err("it adds an axis twice".to_owned());
    }
    let mut rest = own.into_iter();
    let shape = (0..rank).map(|axis| if added.contains(&axis) { 1 } else { rest.next().unwrap_or(1) }).collect();
    as_shape(call, shape)
}

fn transpose(call: &mut Call<'_>) -> Results {
    let rank = call.shape_of(0)?.len();
    let order = match call.node.ints("perm").filter(|perm| !perm.is_empty()) {
        Some(perm) => perm.iter().map(|&one| axis(one, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).rev().collect(),
    };
    let is_whole = order.len() == rank && (0..rank).all(|axis| order.contains(&axis));
    if !is_whole {
        return Err(format!("its order {order:?} has not each of {rank} axes once"));
    }
    if let Value::Known(constant) = call.input(0)? {
        return one(fold::transposed(&constant, &order));
    }
    let input = call.take(0)?;
    call.finish(Op::Transpose { axes: order }, &[input])
}

fn expand(call: &mut Call<'_>) -> Results {
    let own = call.shape_of(0)?;
    let wanted = call.ints(1)?.into_iter().map(size).collect::<Result<Vec<_>, _>>()?;
    check_rank(wanted.len())?;
    let shape = fold::broadcast_shape(&own, &wanted)?;
    if let Value::Known(constant) = call.input(0)? {
        return one(fold::expanded(&constant, &shape));
    }
    let input = call.take(0)?;
    call.finish(Op::Expand { shape }, &[input])
}

fn tile(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let repeats = call.ints(1)?.into_iter().map(size).collect::<Result<Vec<_>, _>>()?;
    if repeats.len() != shape.len() {
        return Err(format!("it repeats {} axes of {}", repeats.len(), shape.len()));
    }
    if let Value::Known(constant) = call.input(0)? {
        let mut constant = (*constant).clone();
        for (axis, &times) in repeats.iter().enumerate() {
            let mut shape = constant.shape.clone();
            shape[axis] = shape[axis].max(1).saturating_mul(times);
            count(&shape)?;
            constant = if times == 0 {
                let mut shape = constant.shape;
                shape[axis] = 0;
                let data =
                    if matches!(constant.data, Data::Int(_)) { Data::Int(Vec::new()) } else { Data::Float(Vec::new()) };
                Constant::new(shape, data)?
            } else {
                fold::concatenated(&vec![&constant; times], axis)?
            };
        }
        return Ok(vec![constant.into()]);
    }
    let input = call.take(0)?;
    call.finish(Op::Tile { repeats }, &[input])
}

fn concat(call: &mut Call<'_>) -> Results {
    let rank = call.shape_of(0)?.len();
    let axis = axis(call.node.int("axis").unwrap_or(1), rank)?;
    if let Some(parts) = call.all_known() {
        let parts: Vec<&Constant> = parts.iter().map(|part| &**part).collect();
        if parts.iter().any(|part| part.shape.len() != rank) {
            return Err("its inputs have different numbers of axes".to_owned());
        }
        return one(fold::concatenated(&parts, axis));
    }
    // What has no values, as exporters leave it, adds none.
    let mut inputs = Vec::new();
    for number in 0..call.inputs.len() {
        let shape = call.shape_of(number)?;
        if shape.get(axis) != Some(&0) {
            inputs.push(call.take(number)?);
        }
    }
    match inputs[..] {
        [only] => Ok(vec![Value::Computed(only)]),
        _ => call.finish(Op::Concat { axis }, &inputs),
    }
}

fn pad(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let rank = shape.len();
    let pads = match call.node.ints("pads") {
        Some(pads) => pads.to_vec(),
        None => call.ints(1)?,
    };
    let along = match call.ints_if_there(3)? {
        Some(given) => given.iter().map(|&one| axis(one, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * along.len() {
        return Err(format!("it has {} numbers of values to add for {} axes", pads.len(), along.len()));
    }
    let value = match call.known_if_there(2)? {
        Some(value) if value.data.len() == 0 => 0.0,
        Some(value) => value.single().ok_or("what it adds is no single number")?,
        None => call.node.float("value", 0.0),
    };
    let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
    for (number, &axis) in along.iter().enumerate() {
        let amount = |value: i64| isize::try_from(value).ok().filter(|_| value.abs() < 1 << 31);
        let amounts = amount(pads[number]).zip(amount(pads[number + along.len()]));
        (before[axis], after[axis]) = amounts.ok_or_else(|| format!("it cannot add {pads:?} values"))?;
    }
    if before.iter().chain(&after).all(|&amount| amount == 0) {
        return Ok(vec![call.input(0)?]);
    }
    let mode = match call.node.text("mode").unwrap_or("constant") {
        "constant" => PadMode::Constant(value),
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Edge,
        "wrap" => PadMode::Wrap,
        other => return Err(format!("its mode cannot be “{other}”")),
    };
    // Whole numbers stay whole: exporters make the masks of shifted windows so.
    let kind = match call.input(0)? {
        Value::Known(constant) if constant.as_ints().is_some() => Some(constant.kind),
        _ => None,
    };
    let input = call.take(0)?;
    let padded = call.add(Op::Pad { before, after, mode }, &[input])?;
    match (kind, call.constant(&Value::Computed(padded))) {
        (Some(kind), Some(constant)) => {
            let values = whole(&constant)?;
            Ok(vec![Constant { shape: constant.shape.clone(), data: Data::Int(values), kind }.into()])
        }
        _ => Ok(vec![Value::Computed(padded)]),
    }
}
