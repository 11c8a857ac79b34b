//! Tensors that are known before a picture is there.

use super::{
    super::call::{Call, Made, Results},
    Row,
};
use crate::nn::graph::{Op, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("zeros", |call| of_size(call, 0.0)),
    ("ones", |call| of_size(call, 1.0)),
    // What is in it is written before it is read.
    ("empty", |call| of_size(call, 0.0)),
    ("new_zeros", |call| of_size(call, 0.0)),
    ("new_ones", |call| of_size(call, 1.0)),
    ("new_empty", |call| of_size(call, 0.0)),
    ("full", full),
    ("new_full", full),
    ("zeros_like", |call| alike(call, 0.0)),
    ("ones_like", |call| alike(call, 1.0)),
    ("empty_like", |call| alike(call, 0.0)),
    ("zero", |call| alike(call, 0.0)),
    ("full_like", |call| {
        let number = call.float("fill_value")? as f32;
        alike(call, number)
    }),
    ("fill", |call| {
        let (input, value) = (call.tensor("self")?, call.operand("value")?);
        let shape = call.shape(input);
        Ok(vec![Made::Tensor(call.expanded(value, &shape)?)])
    }),
    ("copy", |call| {
        let (input, from) = (call.tensor("self")?, call.tensor("src")?);
        let shape = call.shape(input);
        Ok(vec![Made::Tensor(call.expanded(from, &shape)?)])
    }),
    ("scalar_tensor", |call| {
        let number = call.float("s")? as f32;
        Ok(vec![Made::Tensor(call.number(number)?)])
    }),
    ("arange", arange),
    ("linspace", linspace),
    ("eye", eye),
    ("tril", |call| triangle(call, |row, column, diagonal| column - row <= diagonal)),
    ("triu", |call| triangle(call, |row, column, diagonal| column - row >= diagonal)),
    ("meshgrid", meshgrid),
];

/// The most values that are made one by one.
const MAX_MADE: usize = 1 << 24;

fn of_size(call: &mut Call<'_>, number: f32) -> Results {
    let shape = call.sizes("size")?;
    Ok(vec![Made::Tensor(call.filled(&shape, number)?)])
}

fn full(call: &mut Call<'_>) -> Results {
    let number = call.float("fill_value")? as f32;
    of_size(call, number)
}

fn alike(call: &mut Call<'_>, number: f32) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    Ok(vec![Made::Tensor(call.filled(&shape, number)?)])
}

fn made(call: &mut Call<'_>, count: f64, value: impl Fn(usize) -> f64) -> Results {
    if !(1.0..=MAX_MADE as f64).contains(&count) {
        return Err(format!("it would have {count} values"));
    }
    let count = count as usize;
    let values = (0..count).map(|at| value(at) as f32).collect();
    Ok(vec![Made::Tensor(call.put(&[count], values)?)])
}

fn arange(call: &mut Call<'_>) -> Results {
    let start = call.maybe_float("start")?.unwrap_or(0.0);
    let (end, step) = (call.float("end")?, call.maybe_float("step")?.unwrap_or(1.0));
    made(call, ((end - start) / step).ceil(), |at| start + at as f64 * step)
}

fn linspace(call: &mut Call<'_>) -> Results {
    let (start, end, steps) = (call.float("start")?, call.float("end")?, call.float("steps")?);
    let step = (end - start) / (steps - 1.0).max(1.0);
    made(call, steps, |at| start + at as f64 * step)
}

fn eye(call: &mut Call<'_>) -> Results {
    let rows = call.size("n")?;
    let columns = call.maybe_int("m")?.map_or(Ok(rows), super::super::call::size)?;
    if rows == 0 || columns == 0 || rows.saturating_mul(columns) > MAX_MADE {
        return Err(format!("it would have {rows} × {columns} values"));
    }
    let values = (0..rows * columns).map(|at| f32::from(u8::from(at / columns == at % columns))).collect();
    Ok(vec![Made::Tensor(call.put(&[rows, columns], values)?)])
}

/// A part of each matrix, and 0 elsewhere.
fn triangle(call: &mut Call<'_>, is_part: fn(i64, i64, i64) -> bool) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let Some(&[rows, columns]) = shape.last_chunk() else { return Err(format!("{shape:?} is no matrix")) };
    let diagonal = call.maybe_int("diagonal")?.unwrap_or(0);
    if rows.saturating_mul(columns) > MAX_MADE {
        return Err(format!("its matrix has {rows} × {columns} values"));
    }
    let part = |at: usize| is_part((at / columns) as i64, (at % columns) as i64, diagonal.clamp(-(1 << 32), 1 << 32));
    let mask = (0..rows * columns).map(|at| f32::from(u8::from(part(at)))).collect();
    let (mask, zero) = (call.put(&[rows, columns], mask)?, call.number(0.0)?);
    call.finish(Op::Where, &[mask, input, zero])
}

fn meshgrid(call: &mut Call<'_>) -> Results {
    let lines: Vec<ValueId> = call.tensors("tensors")?.into_iter().flatten().collect();
    let is_xy = call.text("indexing") == Some("xy");
    if is_xy && lines.len() > 2 {
        return Err("it turns more than two axes".to_owned());
    }
    let lens: Vec<usize> = lines.iter().map(|line| call.shape(*line).iter().product()).collect();
    let place = |axis: usize| if is_xy && lens.len() == 2 { 1 - axis } else { axis };
    let mut shape = vec![1; lens.len()];
    for (axis, len) in lens.iter().enumerate() {
        shape[place(axis)] = *len;
    }
    let mut made = Vec::new();
    for (axis, line) in lines.iter().enumerate() {
        let mut own = vec![1; lens.len()];
        own[place(axis)] = lens[axis];
        let line = call.reshaped(*line, &own)?;
        made.push(Made::Tensor(call.expanded(line, &shape)?));
    }
    Ok(made)
}
