//! Long short-term memories: what depends on the step before. The input's share of the gates is a product of its own.

use pulp::Simd;

use super::add_to;
use crate::{
    buffer::Buffer,
    graph::{
        layout::Layout,
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, Work, first_of, mismatch},
    },
    kernels::{
        exp::exp_all,
        gemm::{Packed, Rows},
        simd::{self, Kernel},
    },
};

/// Gates of a cell: input, output, forget, and what may be added to it.
const GATES: usize = 4;

/// Shapes of the states and the cells.
pub(super) fn shapes(inputs: &[&[usize]]) -> Result<Vec<Shape>, String> {
    let (gates, weight) = (inputs[0], inputs[1]);
    match (gates, weight) {
        (&[steps, rows, wide], &[columns, hidden]) if wide == columns && hidden.checked_mul(GATES) == Some(wide) => {
            Ok(vec![vec![steps, rows, hidden]; 2])
        }
        _ => Err(format!("its gates have the shape {gates:?} and its weight {weight:?}, which do not fit")),
    }
}

pub(super) fn compile(reverse: bool, ports: &[Port]) -> Compiled {
    let (&[steps, rows, wide], weight) = (ports[0].shape(), ports[1].values()) else {
        mismatch("gates of three axes", "others");
    };
    let hidden = wide / GATES;
    let at = |gate: usize, unit: usize| weight[gate * hidden + unit];
    let step = Lstm {
        steps,
        rows,
        hidden,
        reverse,
        forward: Packed::new(hidden, wide, |unit, gate| at(gate, unit)),
        backward: Packed::new(wide, hidden, at),
    };
    Compiled {
        wanted: vec![Some(Layout::plain(3)), None],
        outputs: vec![Layout::plain(3); 2],
        work: Work::Step(Box::new(step)),
    }
}

#[derive(Debug)]
struct Lstm {
    steps: usize,
    /// Of every step.
    rows: usize,
    hidden: usize,
    reverse: bool,
    /// `[hidden, 4 · hidden]`.
    forward: Packed,
    /// `[4 · hidden, hidden]`.
    backward: Packed,
}

impl Lstm {
    /// The place of a step of the memory in the tensors.
    fn place(&self, step: usize) -> usize {
        if self.reverse { self.steps - 1 - step } else { step }
    }
}

impl Step for Lstm {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let Some(gates) = inputs.into_iter().next() else { mismatch("gates", "none") };
        let (size, wide) = (self.rows * self.hidden, self.rows * self.hidden * GATES);
        let mut gates = context.own(gates);
        let [mut states, mut cells] = [0; 2].map(|_| context.pool.take(self.steps * size));
        let mut shares = context.pool.take(wide);
        let mut before = context.zeros(size);
        for step in 0..self.steps {
            let place = self.place(step);
            let gates = &mut gates[place * wide..][..wide];
            if step > 0 {
                let last = self.place(step - 1) * size;
                self.forward.multiply(&mut shares, Rows::whole(&states[last..][..size], self.rows, self.hidden));
                add_to(gates, &shares);
                before.copy_from_slice(&cells[last..][..size]);
            }
            let (states, cells) = (&mut states[place * size..][..size], &mut cells[place * size..][..size]);
            simd::run(Forward { hidden: self.hidden, gates, before: &before, cells, states });
        }
        context.pool.put(shares);
        context.pool.put(before);
        let cells = Shared::from(cells);
        let record = if context.recording {
            Record::Kept(vec![Some(gates.into()), Some(Shared::clone(&cells))])
        } else {
            context.pool.put(gates);
            Record::Nothing
        };
        (vec![states.into(), cells], record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let [Some(gates), Some(cells)] = record.kept() else { mismatch("gates and cells", "none") };
        let mut gates = context.own(gates);
        let (size, wide) = (self.rows * self.hidden, self.rows * self.hidden * GATES);
        // What the step after sends to the state and the cell.
        let [mut state, mut cell, none] = [0; 3].map(|_| context.zeros(size));
        for step in (0..self.steps).rev() {
            let place = self.place(step);
            for (sum, own) in [&mut state, &mut cell].into_iter().zip(&gradients) {
                if let Some(own) = own {
                    add_to(sum, &own[place * size..][..size]);
                }
            }
            let before = if step > 0 { &cells[self.place(step - 1) * size..][..size] } else { &none };
            let gates = &mut gates[place * wide..][..wide];
            let cells = &cells[place * size..][..size];
            simd::run(Backward { hidden: self.hidden, gates, before, cells, state: &state, cell: &mut cell });
            self.backward.multiply(&mut state, Rows::whole(gates, self.rows, self.hidden * GATES));
        }
        for buffer in [state, cell, none].into_iter().chain(gradients.into_iter().flatten()) {
            context.pool.put(buffer);
        }
        context.release(cells);
        first_of(2, gates)
    }
}

/// The gates, cells and states of a step, from the sums that the gates are functions of.
struct Forward<'a> {
    hidden: usize,
    /// Sums before, gates after.
    gates: &'a mut [f32],
    /// The cells of the step before.
    before: &'a [f32],
    cells: &'a mut [f32],
    states: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { hidden, gates, before, cells, states } = self;
        // The hyperbolic tangent is 2 σ(2x) − 1.
        for gates in gates.chunks_exact_mut(GATES * hidden) {
            let (sigmoids, tangents) = gates.split_at_mut((GATES - 1) * hidden);
            sigmoids.iter_mut().for_each(|sum| *sum = -*sum);
            tangents.iter_mut().for_each(|sum| *sum *= -2.0);
        }
        exp_all(simd, gates);
        let rows = gates.chunks_exact_mut(GATES * hidden).zip(before.chunks_exact(hidden));
        for ((gates, before), cells) in rows.zip(cells.chunks_exact_mut(hidden)) {
            gates.iter_mut().for_each(|power| *power = 1.0 / (1.0 + *power));
            let (input, rest) = gates.split_at_mut(hidden);
            let forget = &rest[hidden..2 * hidden];
            let (_, added) = rest.split_at(2 * hidden);
            for ((((cell, input), forget), added), before) in
                cells.iter_mut().zip(input.iter()).zip(forget).zip(added).zip(before)
            {
                *cell = forget * before + input * (2.0 * added - 1.0);
            }
            rest[2 * hidden..].iter_mut().for_each(|added| *added = 2.0 * *added - 1.0);
        }
        tangents(simd, states, cells);
        for (states, gates) in states.chunks_exact_mut(hidden).zip(gates.chunks_exact(GATES * hidden)) {
            for (state, output) in states.iter_mut().zip(&gates[hidden..2 * hidden]) {
                *state *= output;
            }
        }
    }
}

/// `tangents ← tanh(values)`.
#[inline(always)]
fn tangents<S: Simd>(simd: S, tangents: &mut [f32], values: &[f32]) {
    for (tangent, value) in tangents.iter_mut().zip(values) {
        *tangent = -2.0 * value;
    }
    exp_all(simd, tangents);
    for tangent in tangents {
        *tangent = 2.0 / (1.0 + *tangent) - 1.0;
    }
}

/// The gradients with respect to the gates' sums and to the cells of the step before.
struct Backward<'a> {
    hidden: usize,
    /// Gates before, gradients with respect to their sums after.
    gates: &'a mut [f32],
    /// The cells of the step before.
    before: &'a [f32],
    cells: &'a [f32],
    /// The gradient with respect to the states.
    state: &'a [f32],
    /// That with respect to the cells before, to those of the step before after.
    cell: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { hidden, gates, before, cells, state, cell } = self;
        let rows = gates.chunks_exact_mut(GATES * hidden).zip(before.chunks_exact(hidden));
        let rows = rows.zip(cells.chunks_exact(hidden)).zip(state.chunks_exact(hidden));
        for ((((gates, before), cells), state), cell) in rows.zip(cell.chunks_exact_mut(hidden)) {
            let (input, rest) = gates.split_at_mut(hidden);
            let (output, rest) = rest.split_at_mut(hidden);
            let (forget, added) = rest.split_at_mut(hidden);
            for unit in 0..hidden {
                let (i, o, f, g) = (input[unit], output[unit], forget[unit], added[unit]);
                let tangent = cells[unit].tanh();
                let to_cell = cell[unit] + state[unit] * o * (1.0 - tangent * tangent);
                input[unit] = to_cell * g * i * (1.0 - i);
                output[unit] = state[unit] * tangent * o * (1.0 - o);
                forget[unit] = to_cell * before[unit] * f * (1.0 - f);
                added[unit] = to_cell * i * (1.0 - g * g);
                cell[unit] = to_cell * f;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, refusal, scattered},
    };

    #[test]
    fn a_memory_is_what_its_equations_say() {
        let (steps, rows, hidden) = (3, 2, 3);
        let shapes: [&[usize]; 2] = [&[steps, rows, 4 * hidden], &[4 * hidden, hidden]];
        let (gates, weight) = (scattered(72, 1), scattered(36, 2));
        for reverse in [false, true] {
            let found = forward(&Op::Lstm { reverse }, &shapes, &[gates.clone(), weight.clone()]);
            let mut expected = vec![0.0; found.len()];
            for row in 0..rows {
                let (mut state, mut cell) = ([0.0_f64; 3], [0.0_f64; 3]);
                for step in 0..steps {
                    let place = if reverse { steps - 1 - step } else { step };
                    let sum = |gate: usize, unit: usize| {
                        let wide = gate * hidden + unit;
                        let share = |other: usize| f64::from(weight[wide * hidden + other]) * state[other];
                        f64::from(gates[(place * rows + row) * 12 + wide]) + (0..hidden).map(share).sum::<f64>()
                    };
                    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
                    let next: Vec<[f64; 2]> = (0..hidden)
                        .map(|unit| {
                            let [input, output, forget] = [0, 1, 2].map(|gate| sigmoid(sum(gate, unit)));
                            let cell = forget * cell[unit] + input * sum(3, unit).tanh();
                            [output * cell.tanh(), cell]
                        })
                        .collect();
                    for (unit, [new_state, new_cell]) in next.into_iter().enumerate() {
                        (state[unit], cell[unit]) = (new_state, new_cell);
                        expected[(place * rows + row) * hidden + unit] = new_state as f32;
                    }
                }
            }
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-5, "{reverse}: {found} {expected}");
            }
        }
    }

    #[test]
    fn gradients_through_steps() {
        for reverse in [false, true] {
            check(&Op::Lstm { reverse }, &[&[4, 3, 8], &[8, 2]]);
            check(&Op::Lstm { reverse }, &[&[1, 1, 20], &[20, 5]]);
        }
    }

    #[test]
    fn weights_that_do_not_fit_are_refused() {
        let op = Op::Lstm { reverse: false };
        for shapes in [[&[4, 3, 8][..], &[8, 3]], [&[4, 3, 9], &[9, 2]], [&[3, 8], &[8, 2]], [&[4, 3, 8], &[2, 8]]] {
            assert!(refusal(&op, &shapes).contains("do not fit"), "{shapes:?}");
        }
    }
}
