//! Memories that go through a sequence step by step.

use super::{
    super::call::{Call, Made, Results, problem},
    Row,
};
use crate::{
    files::parts::lstm::{Direction, Memory},
    nn::graph::{Op, ValueId},
};

pub(super) const TABLE: &[Row] = &[("lstm", lstm)];

/// Gates of a cell, by their places in PyTorch's weights, which have input, forget, cell, output.
const GATES: [usize; 4] = [0, 3, 1, 2];

fn lstm(call: &mut Call<'_>) -> Results {
    if call.argument("data").is_some() {
        return Err("its rows have different lengths, which igoscope does not compute".to_owned());
    }
    let mut input = call.tensor("input")?;
    if call.shape(input).len() != 3 {
        return Err(format!("it goes through the shape {:?}, where rows of steps are wanted", call.shape(input)));
    }
    for first in call.tensors("hx")?.into_iter().flatten() {
        if !call.known(first)?.iter().all(|value| *value == 0.0) {
            return Err("its first state is not 0, which igoscope does not compute".to_owned());
        }
    }
    let both = call.is_on("bidirectional", false)?;
    let batch_first = call.is_on("batch_first", false)?;
    let weights: Vec<ValueId> = call.tensors("params")?.into_iter().flatten().collect();
    let each = if call.is_on("has_biases", true)? { 4 } else { 2 };
    let directions: &[bool] = if both { &[false, true] } else { &[false] };
    let layers = call.size("num_layers")?;
    if layers == 0 || layers.checked_mul(each * directions.len()) != Some(weights.len()) {
        return Err(format!("it has {} weights for {layers} layers: projections are not computed", weights.len()));
    }
    if batch_first {
        input = call.transposed(input, vec![1, 0, 2])?;
    }
    let (mut states, mut cells) = (Vec::new(), Vec::new());
    for layer in weights.chunks_exact(each * directions.len()) {
        let mut all = Vec::new();
        for (weights, &reverse) in layer.chunks_exact(each).zip(directions) {
            let ordered = weights.iter().map(|weight| by_gates(call, *weight)).collect::<Result<Vec<_>, _>>()?;
            let &[of_input, state, ref biases @ ..] = &ordered[..] else {
                return Err(format!("it has {} weights", ordered.len()));
            };
            all.push(Direction { reverse, input: of_input, state, biases: biases.to_vec() });
        }
        let memory = Memory::of(call.builder, call.name, input, &all).map_err(problem)?;
        // Of every row, the states of both directions one behind the other.
        let apart = call.transposed(memory.states, vec![0, 2, 1, 3])?;
        let &[steps, rows, count, hidden] = &call.shape(apart)[..] else {
            return Err("its states have not four axes".to_owned());
        };
        input = call.reshaped(apart, &[steps, rows, count * hidden])?;
        states.push(memory.last_state);
        cells.push(memory.last_cell);
    }
    if batch_first {
        input = call.transposed(input, vec![1, 0, 2])?;
    }
    let [states, cells] = [states, cells].map(|last| call.add(Op::Concat { axis: 0 }, &last));
    Ok(vec![Made::Tensor(input), Made::Tensor(states?), Made::Tensor(cells?)])
}

/// A weight with its rows in the order of the graph's gates.
fn by_gates(call: &mut Call<'_>, weight: ValueId) -> Result<ValueId, String> {
    if call.builder.values_of(weight).is_none() {
        return Err("one of its weights depends on the picture, which is not possible here".to_owned());
    }
    let rows = call.shape(weight).first().copied().unwrap_or_default();
    if rows == 0 || !rows.is_multiple_of(GATES.len()) {
        return Err(format!("a weight with {rows} rows is not that of four gates"));
    }
    let hidden = rows / GATES.len();
    let indices: Vec<usize> = GATES.iter().flat_map(|gate| gate * hidden..(gate + 1) * hidden).collect();
    call.add(Op::Gather { axis: 0, indices, shape: vec![rows] }, &[weight])
}
