//! Long short-term memories, step by step.

use candle_core::{DType, Result, Tensor};

use super::step::{Made, Operand, Step, Target, fault, taken};
use crate::candle::network::Saved;

#[derive(Debug)]
pub(super) struct Lstm {
    hidden: usize,
    reverse: bool,
    /// `[hidden, 4 · hidden]`, in single precision.
    forward: Tensor,
    /// `[4 · hidden, hidden]`.
    backward: Tensor,
}

impl Lstm {
    pub fn new(reverse: bool, operands: &[Operand<'_>], target: &Target) -> Made<Self> {
        let [_, weight] = taken(operands)?;
        let backward = target.place_single(weight.values(), weight.shape)?;
        let forward = backward.t()?.contiguous()?;
        Ok(Self { hidden: backward.dim(1)?, reverse, forward, backward })
    }

    /// The places of the steps, the memory's first one first.
    fn order(&self, steps: usize) -> Vec<usize> {
        if self.reverse { (0..steps).rev().collect() } else { (0..steps).collect() }
    }

    /// One of the four gates.
    fn gate(&self, gates: &Tensor, gate: usize) -> Result<Tensor> {
        gates.narrow(1, gate * self.hidden, self.hidden)?.contiguous()
    }

    /// Tensors of the steps, `[samples · rows, wide]` each, as one.
    fn joined(mut steps: Vec<(usize, Tensor)>, samples: usize, dtype: DType) -> Result<Tensor> {
        steps.sort_by_key(|(place, _)| *place);
        let steps = steps.into_iter().map(|(_, step)| {
            let (rows, wide) = step.dims2()?;
            step.reshape((samples, 1, rows / samples, wide))
        });
        Tensor::cat(&steps.collect::<Result<Vec<_>>>()?, 1)?.to_dtype(dtype)
    }
}

/// A step's values, `[samples · rows, wide]`, in single precision.
fn step_of(all: &Tensor, place: usize) -> Result<Tensor> {
    let (samples, _, rows, wide) = all.dims4()?;
    all.narrow(1, place, 1)?.contiguous()?.reshape((samples * rows, wide))?.to_dtype(DType::F32)
}

/// `(1 + e⁻ˣ)⁻¹`.
fn sigmoid(x: &Tensor) -> Result<Tensor> {
    (x.neg()?.exp()? + 1.0)?.recip()
}

/// `x (1 − x)`.
fn slope(x: &Tensor) -> Result<Tensor> {
    x - x.sqr()?
}

impl Step for Lstm {
    fn forward(&self, inputs: &[Tensor], saved: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let [gates] = taken(inputs)?;
        let (samples, steps, _, _) = gates.dims4()?;
        let mut before: Option<[Tensor; 2]> = None;
        let [mut states, mut cells, mut kept] = [const { Vec::new() }; 3];
        for place in self.order(steps) {
            let own = step_of(gates, place)?;
            let sums = match &before {
                Some([state, _]) => (own + state.matmul(&self.forward)?)?,
                None => own,
            };
            let sigmoids = sigmoid(&sums.narrow(1, 0, 3 * self.hidden)?.contiguous()?)?;
            let added = self.gate(&sums, 3)?.tanh()?;
            let mut cell = (self.gate(&sigmoids, 0)? * &added)?;
            if let Some([_, last]) = &before {
                cell = (cell + (self.gate(&sigmoids, 2)? * last)?)?;
            }
            let state = (self.gate(&sigmoids, 1)? * cell.tanh()?)?;
            if saved.is_some() {
                kept.push((place, Tensor::cat(&[&sigmoids, &added], 1)?));
            }
            states.push((place, state.clone()));
            cells.push((place, cell.clone()));
            before = Some([state, cell]);
        }
        let results = [states, cells].map(|steps| Self::joined(steps, samples, DType::F32));
        let [states, cells] = results;
        let (states, cells) = (states?, cells?);
        if let Some(saved) = saved {
            saved.push(Self::joined(kept, samples, DType::F32)?);
            saved.push(cells.clone());
        }
        Ok(vec![states.to_dtype(gates.dtype())?, cells.to_dtype(gates.dtype())?])
    }

    fn backward(&self, gradients: &[Option<Tensor>], saved: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        let missing = || fault("a memory's backward without its forward");
        let cells = saved.pop().ok_or_else(missing)?;
        let gates = saved.pop().ok_or_else(missing)?;
        let like = gradients.iter().flatten().next().ok_or_else(missing)?;
        let (samples, steps, _, _) = gates.dims4()?;
        // What the step after sends to the state and the cell.
        let mut sent: [Option<Tensor>; 2] = [None, None];
        let mut sums = Vec::with_capacity(steps);
        let order = self.order(steps);
        for (number, &place) in order.iter().enumerate().rev() {
            for (sum, own) in sent.iter_mut().zip(gradients) {
                if let Some(own) = own {
                    super::add(sum, step_of(own, place)?)?;
                }
            }
            let (own_gates, cell) = (step_of(&gates, place)?, step_of(&cells, place)?);
            let [input, output, forget, added] = [0, 1, 2, 3].map(|gate| self.gate(&own_gates, gate));
            let (input, output, forget, added) = (input?, output?, forget?, added?);
            let tangent = cell.tanh()?;
            let zeros = || cell.zeros_like();
            let to_state = sent[0].take().map_or_else(zeros, Ok)?;
            let through = (&to_state * &output)?.mul(&tangent.sqr()?.affine(-1.0, 1.0)?)?;
            let to_cell = (sent[1].take().map_or_else(zeros, Ok)? + through)?;
            let before = match number.checked_sub(1) {
                Some(last) => step_of(&cells, order[last])?,
                None => zeros()?,
            };
            let of_gates = [
                (&to_cell * &added)?.mul(&slope(&input)?)?,
                (&to_state * &tangent)?.mul(&slope(&output)?)?,
                (&to_cell * &before)?.mul(&slope(&forget)?)?,
                (&to_cell * &input)?.mul(&added.sqr()?.affine(-1.0, 1.0)?)?,
            ];
            let of_sums = Tensor::cat(&of_gates, 1)?;
            sent = [Some(of_sums.matmul(&self.backward)?), Some((&to_cell * &forget)?)];
            sums.push((place, of_sums));
        }
        Ok(vec![Some(Self::joined(sums, samples, like.dtype())?)])
    }
}
