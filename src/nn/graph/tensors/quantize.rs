//! Numbers on a grid, in single precision: whole numbers of eight bits are none in half of it.

use candle_core::{DType, Result, Tensor};

use super::{
    affine::along,
    step::{Map, Operand, Target, mask},
    unary::round_ties_even,
};
use crate::candle::network::{Saved, save, take};

#[derive(Debug)]
pub(super) struct Grid {
    /// From real numbers to the grid between these two; else from it.
    range: Option<[f32; 2]>,
    scale: Tensor,
    zero: Tensor,
}

impl Grid {
    pub fn new(axis: usize, range: Option<[f32; 2]>, operands: &[Operand<'_>], target: &Target) -> Result<Self> {
        let shape = operands[0].shape;
        let placed = |input: usize| {
            let values = operands[input].values();
            let single = vec![1; shape.len() + 1];
            target.place_single(values, &if values.len() > 1 { along(axis, shape) } else { single })
        };
        Ok(Self { range, scale: placed(1)?, zero: placed(2)? })
    }

    /// Where numbers fall, on the grid and beyond it.
    fn place(&self, x: &Tensor) -> Result<Tensor> {
        round_ties_even(&x.to_dtype(DType::F32)?.broadcast_div(&self.scale)?)?.broadcast_add(&self.zero)
    }
}

impl Map for Grid {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        let result = match self.range {
            Some([low, high]) => {
                save(saved, || Ok(x.clone()))?;
                self.place(x)?.maximum(f64::from(low))?.minimum(f64::from(high))?
            }
            None => x.to_dtype(DType::F32)?.broadcast_sub(&self.zero)?.broadcast_mul(&self.scale)?,
        };
        result.to_dtype(x.dtype())
    }

    /// Straight through the rounding.
    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        let single = gradient.to_dtype(DType::F32)?;
        let sent = match self.range {
            Some([low, high]) => {
                let place = self.place(&take(saved)?)?;
                let above = mask(place.ge(f64::from(low))?, DType::F32)?;
                let below = mask(place.le(f64::from(high))?, DType::F32)?;
                (single * (above * below)?)?.broadcast_div(&self.scale)?
            }
            None => single.broadcast_mul(&self.scale)?,
        };
        sent.to_dtype(gradient.dtype())
    }
}
