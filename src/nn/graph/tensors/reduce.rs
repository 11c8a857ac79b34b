//! One number for all values along some axes, in single precision.

use candle_core::{DType, Result, Tensor};

use super::step::{Map, Operand, fault, mask, shaped};
use crate::{
    candle::network::{Saved, save, take},
    graph::op::Reduction,
};

#[derive(Debug)]
pub(super) struct Reduce {
    kind: Reduction,
    /// Of the input, without the samples.
    from: Vec<usize>,
    /// Of the result.
    to: Vec<usize>,
    /// The axes behind that of the samples: those that stay, then those that are reduced.
    order: Vec<usize>,
    /// Values that become one.
    count: usize,
}

impl Reduce {
    pub fn new(kind: Reduction, axes: &[usize], operand: Operand<'_>, result: &[usize]) -> Self {
        let shape = operand.shape;
        let stay = (0..shape.len()).filter(|axis| !axes.contains(axis));
        Self {
            kind,
            from: shape.to_vec(),
            to: result.to_vec(),
            order: stay.chain(axes.iter().copied()).collect(),
            count: axes.iter().map(|axis| shape[*axis]).product(),
        }
    }

    /// `[numbers, values that become one]`, in single precision.
    fn rows(&self, x: &Tensor) -> Result<Tensor> {
        let order: Vec<usize> = [0].into_iter().chain(self.order.iter().map(|axis| axis + 1)).collect();
        let rows = x.elem_count().checked_div(self.count).ok_or_else(|| fault("rows without values"))?;
        x.to_dtype(DType::F32)?.permute(order)?.contiguous()?.reshape((rows, self.count))
    }

    /// From rows to the input's shape.
    fn spread(&self, rows: &Tensor, samples: usize) -> Result<Tensor> {
        let turned: Vec<usize> = [samples].into_iter().chain(self.order.iter().map(|axis| self.from[*axis])).collect();
        let mut back = vec![0; turned.len()];
        for (place, axis) in self.order.iter().enumerate() {
            back[axis + 1] = place + 1;
        }
        rows.reshape(turned)?.permute(back)?.contiguous()
    }

    fn number(&self, rows: &Tensor) -> Result<Tensor> {
        match self.kind {
            Reduction::Mean => rows.sum_keepdim(1)? / self.count as f64,
            Reduction::Sum => rows.sum_keepdim(1),
            Reduction::Max => rows.max_keepdim(1),
            Reduction::Min => rows.min_keepdim(1),
            Reduction::L1 => rows.abs()?.sum_keepdim(1),
            Reduction::L2 => rows.sqr()?.sum_keepdim(1)?.sqrt(),
            Reduction::SumSquare => rows.sqr()?.sum_keepdim(1),
            Reduction::Product => product(rows),
            Reduction::LogSumExp => {
                let largest = rows.max_keepdim(1)?;
                largest.broadcast_add(&rows.broadcast_sub(&largest)?.exp()?.sum_keepdim(1)?.log()?)
            }
        }
    }

    /// The derivative of every number with respect to the values it is of.
    fn slopes(&self, rows: &Tensor) -> Result<Tensor> {
        let is = |holds: Tensor| mask(holds, DType::F32);
        match self.kind {
            Reduction::Mean => rows.ones_like()? / self.count as f64,
            Reduction::Sum => rows.ones_like(),
            Reduction::Max | Reduction::Min => {
                // Equals share.
                let equals = is(rows.broadcast_eq(&self.number(rows)?)?)?;
                equals.broadcast_div(&equals.sum_keepdim(1)?.maximum(1.0)?)
            }
            Reduction::L1 => is(rows.gt(0.0)?)? - is(rows.lt(0.0)?)?,
            Reduction::L2 => {
                let length = self.number(rows)?;
                // Nothing has no direction.
                let length = (&length + is(length.eq(0.0)?)?)?;
                rows.broadcast_div(&length)
            }
            Reduction::SumSquare => rows * 2.0,
            Reduction::LogSumExp => rows.broadcast_sub(&self.number(rows)?)?.exp(),
            Reduction::Product => {
                // Of a product with a zero, only the zero has a gradient, unless there are two.
                let zeros = is(rows.eq(0.0)?)?;
                let others = (rows + &zeros)?;
                let all = product(&others)?;
                let count = zeros.sum_keepdim(1)?;
                let (no_zero, one_zero) = (is(count.eq(0.0)?)?, is(count.eq(1.0)?)?);
                let usual = others.recip()?.broadcast_mul(&(&all * no_zero)?)?;
                usual + zeros.broadcast_mul(&(all * one_zero)?)?
            }
        }
    }
}

/// The product of every row's values, `[rows, 1]`: of one half and the other, as often as there are halves.
fn product(rows: &Tensor) -> Result<Tensor> {
    let mut rows = rows.clone();
    while rows.dim(1)? > 1 {
        let len = rows.dim(1)?;
        let half = len / 2;
        let products = (rows.narrow(1, 0, half)? * rows.narrow(1, half, half)?)?;
        rows = if len % 2 == 1 { Tensor::cat(&[products, rows.narrow(1, len - 1, 1)?], 1)? } else { products };
    }
    Ok(rows)
}

impl Map for Reduce {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        if !matches!(self.kind, Reduction::Mean | Reduction::Sum) {
            save(saved, || Ok(x.clone()))?;
        }
        let numbers = self.number(&self.rows(x)?)?;
        numbers.reshape([&[x.dim(0)?], &*self.to].concat())?.to_dtype(x.dtype())
    }

    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        let samples = gradient.dim(0)?;
        let numbers = gradient.elem_count();
        let rows = gradient.to_dtype(DType::F32)?.contiguous()?.reshape((numbers, 1))?;
        let sent = match self.kind {
            Reduction::Sum => rows.broadcast_as((numbers, self.count))?,
            Reduction::Mean => (rows / self.count as f64)?.broadcast_as((numbers, self.count))?,
            _ => self.slopes(&self.rows(&take(saved)?)?)?.broadcast_mul(&rows)?,
        };
        shaped(&self.spread(&sent.contiguous()?, samples)?, &self.from)?.to_dtype(gradient.dtype())
    }
}
