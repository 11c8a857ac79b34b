//! Layer and group normalisation: rows of values with a mean of 0 and a variance of 1. In single precision, in which
//! squares of large numbers are numbers still.

use candle_core::{DType, Result, Tensor};

use super::step::{Map, Operand, Target, fault};
use crate::candle::network::{Saved, save, take};

/// What is normalised together, and what it is scaled and shifted by.
#[derive(Debug)]
pub(super) struct Norm {
    /// Values of a row.
    len: usize,
    epsilon: f64,
    /// With all axes of what is normalised, in single precision.
    scale: Option<Tensor>,
    shift: Option<Tensor>,
}

impl Norm {
    /// Over the axes from `axis` on.
    pub fn of_layers(axis: usize, epsilon: f32, operands: &[Operand<'_>], target: &Target) -> Result<Self> {
        let shape = operands[0].shape;
        let row: Vec<usize> = (0..=shape.len()).map(|own| if own > axis { shape[own - 1] } else { 1 }).collect();
        Self::new(shape[axis..].iter().product(), epsilon, operands, &row, target)
    }

    /// Over groups of channels, which are the axis 1.
    pub fn of_groups(groups: usize, epsilon: f32, operands: &[Operand<'_>], target: &Target) -> Result<Self> {
        let shape = operands[0].shape;
        let row: Vec<usize> = (0..=shape.len()).map(|own| if own == 2 { shape[1] } else { 1 }).collect();
        Self::new(shape[1..].iter().product::<usize>() / groups, epsilon, operands, &row, target)
    }

    fn new(len: usize, epsilon: f32, operands: &[Operand<'_>], row: &[usize], target: &Target) -> Result<Self> {
        let placed = |input: usize| operands.get(input).map(|one| target.place_single(one.values(), row)).transpose();
        Ok(Self { len, epsilon: epsilon.into(), scale: placed(1)?, shift: placed(2)? })
    }

    /// `[rows, values of a row]`.
    fn rows(&self, x: &Tensor) -> Result<Tensor> {
        let rows = x.elem_count().checked_div(self.len).ok_or_else(|| fault("rows without values"))?;
        x.to_dtype(DType::F32)?.contiguous()?.reshape((rows, self.len))
    }
}

impl Map for Norm {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        let rows = self.rows(x)?;
        let centred = rows.broadcast_sub(&rows.mean_keepdim(1)?)?;
        let factor = (centred.sqr()?.mean_keepdim(1)? + self.epsilon)?.sqrt()?.recip()?;
        let normal = centred.broadcast_mul(&factor)?;
        save(saved, || Ok(normal.clone()))?;
        save(saved, || Ok(factor))?;
        let mut result = normal.reshape(x.shape())?;
        if let Some(scale) = &self.scale {
            result = result.broadcast_mul(scale)?;
        }
        if let Some(shift) = &self.shift {
            result = result.broadcast_add(shift)?;
        }
        result.to_dtype(x.dtype())
    }

    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        let (factor, normal) = (take(saved)?, take(saved)?);
        let single = gradient.to_dtype(DType::F32)?;
        let values = match &self.scale {
            Some(scale) => self.rows(&single.broadcast_mul(scale)?)?,
            None => self.rows(&single)?,
        };
        let along = normal.broadcast_mul(&(&values * &normal)?.mean_keepdim(1)?)?;
        let rest = (values.broadcast_sub(&values.mean_keepdim(1)?)? - along)?;
        rest.broadcast_mul(&factor)?.reshape(gradient.shape())?.to_dtype(gradient.dtype())
    }
}
