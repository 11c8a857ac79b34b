//! One value or another, as a condition says.

use candle_core::{Result, Tensor};

use super::step::{Operand, Step, gathered, lifted, only, taken};
use crate::candle::network::{Saved, save, take};

#[derive(Debug)]
pub(super) struct Select {
    /// Of the condition and both values, without the samples.
    shapes: [Vec<usize>; 3],
    /// Whether the values depend on the graph's input.
    varies: [bool; 2],
    /// Of the result.
    result: Vec<usize>,
}

impl Select {
    pub fn new(operands: &[Operand<'_>], result: &[usize]) -> Self {
        Self {
            shapes: [0, 1, 2].map(|input| operands[input].shape.to_vec()),
            varies: [1, 2].map(|input| operands[input].varies()),
            result: result.to_vec(),
        }
    }
}

impl Step for Select {
    fn forward(&self, inputs: &[Tensor], saved: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let inputs: [&Tensor; 3] = taken(inputs)?;
        // Constants are of one sample: the others say how many there are.
        let mut samples = 1;
        for input in inputs {
            samples = samples.max(input.dim(0)?);
        }
        let shape = [&[samples], &*self.result].concat();
        let whole = |input: usize| {
            let lifted = lifted(inputs[input], &self.shapes[input], self.result.len())?;
            lifted.broadcast_as(shape.as_slice())?.contiguous()
        };
        let condition = whole(0)?.ne(0.0)?;
        let result = condition.where_cond(&whole(1)?, &whole(2)?)?;
        save(saved, || Ok(condition))?;
        Ok(vec![result])
    }

    fn backward(&self, gradients: &[Option<Tensor>], saved: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        let (gradient, condition) = (only(gradients)?.contiguous()?, take(saved)?);
        let nothing = gradient.zeros_like()?;
        let one = |input: usize| {
            let (a, b) = if input == 0 { (&gradient, &nothing) } else { (&nothing, &gradient) };
            let sent = || gathered(&condition.where_cond(a, b)?, &self.shapes[input + 1]);
            self.varies[input].then(sent).transpose()
        };
        Ok(vec![None, one(0)?, one(1)?])
    }
}
