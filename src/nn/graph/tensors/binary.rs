//! Functions of two values, with broadcasting.

use candle_core::{DType, Result, Tensor};

use super::step::{Map, Operand, Step, Target, gathered, lifted, mask, only, taken};
use crate::{
    candle::network::{Saved, save, take},
    graph::op::Binary,
};

#[derive(Debug)]
pub(super) struct Elementwise {
    function: Binary,
    /// Of the graph, without the samples.
    shapes: [Vec<usize>; 2],
    varies: [bool; 2],
    /// Axes of the result.
    rank: usize,
}

impl Elementwise {
    pub fn new(function: Binary, operands: &[Operand<'_>], result: &[usize]) -> Self {
        Self {
            function,
            shapes: [0, 1].map(|input| operands[input].shape.to_vec()),
            varies: [0, 1].map(|input| operands[input].varies()),
            rank: result.len(),
        }
    }

    /// Whether a derivative is a function of the inputs.
    fn bends(&self) -> bool {
        matches!(self.function, Binary::Mul | Binary::Div | Binary::Pow | Binary::Min | Binary::Max)
    }

    /// The derivative with respect to an input, times the gradient.
    fn sent(&self, input: usize, [a, b]: [&Tensor; 2], gradient: &Tensor) -> Result<Tensor> {
        let dtype = gradient.dtype();
        // What the one that is it gets, and each of equals.
        let share = |own: &Tensor, other: &Tensor, is_larger: bool| {
            let is_it = if is_larger { own.broadcast_gt(other)? } else { own.broadcast_lt(other)? };
            gradient * (mask(is_it, dtype)? + (mask(own.broadcast_eq(other)?, dtype)? * 0.5)?)?
        };
        match (self.function, input) {
            (Binary::Mul, 0) => gradient.broadcast_mul(b),
            (Binary::Mul, _) => gradient.broadcast_mul(a),
            (Binary::Div, 0) => gradient.broadcast_div(b),
            (Binary::Div, _) => (gradient * a.broadcast_div(&b.sqr()?)?)?.neg(),
            (Binary::Pow, _) => {
                let (a, b) = (a.to_dtype(DType::F32)?, b.to_dtype(DType::F32)?);
                let slope = if input == 0 {
                    let slope = power(&a, &(&b - 1.0)?)?.broadcast_mul(&b)?;
                    let is_constant = b.eq(0.0)?.broadcast_as(slope.shape())?.contiguous()?;
                    is_constant.where_cond(&slope.zeros_like()?, &slope)?
                } else {
                    let slope = power(&a, &b)?.broadcast_mul(&a.log()?)?;
                    let is_above = a.gt(0.0)?.broadcast_as(slope.shape())?.contiguous()?;
                    is_above.where_cond(&slope, &slope.zeros_like()?)?
                };
                gradient * slope.to_dtype(dtype)?
            }
            (Binary::Max, 0) => share(a, b, true),
            (Binary::Max, _) => share(b, a, true),
            (Binary::Min, 0) => share(a, b, false),
            (Binary::Min, _) => share(b, a, false),
            (Binary::Sub, 1) => gradient.neg(),
            _ => Ok(gradient.clone()),
        }
    }
}

/// a to the power of b, of negative numbers too.
fn power(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let size = a.abs()?.log()?.broadcast_mul(b)?.exp()?;
    let like = |holds: Tensor| holds.broadcast_as(size.shape())?.contiguous();
    let half = (b * 0.5)?;
    let is_odd = half.ne(&half.floor()?)?;
    let is_whole = b.eq(&b.floor()?)?;
    let below = like(is_odd)?.where_cond(&size.neg()?, &size)?;
    let nothing = (size.zeros_like()? / 0.0)?;
    let below = like(is_whole)?.where_cond(&below, &nothing)?;
    let signed = like(a.lt(0.0)?)?.where_cond(&below, &size)?;
    // Also of 0, whose logarithm is no number.
    like(b.eq(0.0)?)?.where_cond(&size.ones_like()?, &signed)
}

impl Step for Elementwise {
    fn forward(&self, inputs: &[Tensor], saved: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let [a, b] = taken(inputs)?;
        let (a, b) = (lifted(a, &self.shapes[0], self.rank)?, lifted(b, &self.shapes[1], self.rank)?);
        let holds = |holds: Result<Tensor>| mask(holds?, a.dtype());
        let result = match self.function {
            Binary::Add => a.broadcast_add(&b),
            Binary::Sub => a.broadcast_sub(&b),
            Binary::Mul => a.broadcast_mul(&b),
            Binary::Div => a.broadcast_div(&b),
            Binary::Pow => power(&a.to_dtype(DType::F32)?, &b.to_dtype(DType::F32)?)?.to_dtype(a.dtype()),
            Binary::Min => a.broadcast_minimum(&b),
            Binary::Max => a.broadcast_maximum(&b),
            Binary::Greater => holds(a.broadcast_gt(&b)),
            Binary::GreaterOrEqual => holds(a.broadcast_ge(&b)),
            Binary::Less => holds(a.broadcast_lt(&b)),
            Binary::LessOrEqual => holds(a.broadcast_le(&b)),
            Binary::Equal => holds(a.broadcast_eq(&b)),
        };
        if self.bends() {
            save(saved, || Ok(a))?;
            save(saved, || Ok(b))?;
        }
        Ok(vec![result?])
    }

    fn backward(&self, gradients: &[Option<Tensor>], saved: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        let gradient = only(gradients)?;
        let is_flat = matches!(
            self.function,
            Binary::Greater | Binary::GreaterOrEqual | Binary::Less | Binary::LessOrEqual | Binary::Equal
        );
        if is_flat {
            return Ok(vec![None, None]);
        }
        let (b, a) = if self.bends() { (take(saved)?, take(saved)?) } else { (gradient.clone(), gradient.clone()) };
        let one = |input: usize| {
            let sent = || gathered(&self.sent(input, [&a, &b], gradient)?, &self.shapes[input]);
            self.varies[input].then(sent).transpose()
        };
        Ok(vec![one(0)?, one(1)?])
    }
}

/// The value, times a slope where it is not above 0.
#[derive(Debug)]
pub(super) struct PRelu {
    /// With as many axes as what it is multiplied with.
    slope: Tensor,
}

impl PRelu {
    pub fn new(operands: &[Operand<'_>], target: &Target) -> Result<Self> {
        let (rank, own) = (operands[0].shape.len(), operands[1].shape);
        let slope = target.place(operands[1].values(), &[&vec![1; rank + 1 - own.len()], own].concat())?;
        Ok(Self { slope })
    }

    fn slopes(&self, x: &Tensor) -> Result<Tensor> {
        x.gt(0.0)?.where_cond(&x.ones_like()?, &self.slope.broadcast_as(x.shape())?.contiguous()?)
    }
}

impl Map for PRelu {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        save(saved, || Ok(x.clone()))?;
        x * self.slopes(x)?
    }

    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        gradient * self.slopes(&take(saved)?)?
    }
}
