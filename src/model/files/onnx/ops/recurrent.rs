//! Memories that go through a sequence step by step.

use super::{
    super::call::{Call, Results, Value},
    Row,
};
use crate::{
    files::parts::lstm::{Direction, Memory},
    nn::graph::{Op, ValueId},
};

pub(super) const TABLE: &[Row] = &[("LSTM", lstm)];

/// Gates of a cell.
const GATES: usize = 4;

/// Inputs of a node.
const BIAS: usize = 3;
const LENGTHS: usize = 4;
const FIRST_STATE: usize = 5;
const FIRST_CELL: usize = 6;
const PEEPHOLES: usize = 7;

fn lstm(call: &mut Call<'_>) -> Results {
    check(call)?;
    let batch_first = call.node.is_on("layout");
    let directions: &[bool] = match call.node.text("direction").unwrap_or("forward") {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => return Err(format!("its direction cannot be “{other}”")),
    };
    let (weight, state) = (call.shape_of(1)?, call.shape_of(2)?);
    let (&[count, wide, inner], &[_, _, hidden]) = (&weight[..], &state[..]) else {
        return Err(format!("its weights have the shapes {weight:?} and {state:?} where three axes are wanted"));
    };
    let is_whole = hidden.checked_mul(GATES) == Some(wide) && state == [count, wide, hidden];
    if count != directions.len() || !is_whole {
        return Err(format!("its weights have the shapes {weight:?} and {state:?}, which do not fit"));
    }
    if let Some(bias) = call.optional(BIAS).filter(|bias| call.shape(bias) != [count, 2 * wide]) {
        return Err(format!("its bias has the shape {:?}, which does not fit its weights", call.shape(&bias)));
    }
    let [weight, state] = [call.known(1)?.floats(), call.known(2)?.floats()];
    let bias = call.known_if_there(BIAS)?.map(|bias| bias.floats());
    let mut all = Vec::new();
    for (number, &reverse) in directions.iter().enumerate() {
        let part = |values: &[f32], len: usize| values[number * len..][..len].to_vec();
        let input = call.put_floats(&[wide, inner], part(&weight, wide * inner))?;
        let state = call.put_floats(&[wide, hidden], part(&state, wide * hidden))?;
        // Of the input and of the state.
        let summed = bias.as_ref().map(|bias| {
            let (first, second) = bias[number * 2 * wide..][..2 * wide].split_at(wide);
            first.iter().zip(second).map(|(first, second)| first + second).collect()
        });
        let biases = summed.map(|bias| call.put_floats(&[wide], bias)).transpose()?.into_iter().collect();
        all.push(Direction { reverse, input, state, biases });
    }
    let mut input = call.take(0)?;
    if batch_first {
        input = turned(call, input, &[1, 0, 2])?;
    }
    let memory = Memory::of(call.builder, call.node.name(), input, &all).map_err(|error| error.to_string())?;
    let mut results = [memory.states, memory.last_state, memory.last_cell];
    if batch_first {
        let [states, state, cell] = results;
        results =
            [turned(call, states, &[2, 0, 1, 3])?, turned(call, state, &[1, 0, 2])?, turned(call, cell, &[1, 0, 2])?];
    }
    Ok(results.map(Value::Computed).to_vec())
}

/// That it is a memory as the paper has it, which begins with nothing.
fn check(call: &Call<'_>) -> Result<(), String> {
    for state in [FIRST_STATE, FIRST_CELL] {
        if call.optional(state).is_some() && !call.known(state)?.floats().iter().all(|value| *value == 0.0) {
            return Err("its first state is not 0, which igoscope does not compute".to_owned());
        }
    }
    if call.optional(PEEPHOLES).is_some() {
        return Err("it has peepholes, which igoscope does not compute".to_owned());
    }
    let steps = call.shape_of(0)?.get(usize::from(call.node.is_on("layout"))).copied();
    if let Some(lengths) = call.ints_if_there(LENGTHS)?
        && lengths.iter().any(|len| usize::try_from(*len).ok() != steps)
    {
        return Err(format!("its rows have different lengths, {lengths:?}, which igoscope does not compute"));
    }
    if call.node.has("clip") || call.node.is_on("input_forget") || call.node.has("activations") && !is_usual(call) {
        return Err("its gates have other functions than sigmoid and tanh, or limits".to_owned());
    }
    Ok(())
}

/// Whether the gates' functions are those that they have where nothing is said.
fn is_usual(call: &Call<'_>) -> bool {
    let said = call.node.texts("activations");
    said.is_some_and(|said| said.chunks(3).all(|three| three == ["Sigmoid", "Tanh", "Tanh"]))
}

/// A value with its axes in another order.
fn turned(call: &mut Call<'_>, value: ValueId, axes: &[usize]) -> Result<ValueId, String> {
    call.add(Op::Transpose { axes: axes.to_vec() }, &[value])
}
