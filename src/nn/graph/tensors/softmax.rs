//! Shares that add up to 1 along an axis, and their logarithms, in single precision.

use candle_core::{DType, Result, Tensor};

use super::step::Map;
use crate::candle::network::{Saved, save, take};

#[derive(Debug)]
pub(super) struct Softmax {
    /// Behind that of the samples.
    axis: usize,
    /// Whether it is the shares' logarithms.
    is_log: bool,
}

impl Softmax {
    pub fn new(axis: usize, is_log: bool) -> Self {
        Self { axis: axis + 1, is_log }
    }
}

impl Map for Softmax {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        let values = x.to_dtype(DType::F32)?;
        let below = values.broadcast_sub(&values.max_keepdim(self.axis)?)?;
        let powers = below.exp()?;
        let sum = powers.sum_keepdim(self.axis)?;
        let shares = powers.broadcast_div(&sum)?;
        let result = if self.is_log { below.broadcast_sub(&sum.log()?)? } else { shares.clone() };
        save(saved, || Ok(shares))?;
        result.to_dtype(x.dtype())
    }

    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        let (shares, single) = (take(saved)?, gradient.to_dtype(DType::F32)?);
        let sent = if self.is_log {
            (&single - shares.broadcast_mul(&single.sum_keepdim(self.axis)?)?)?
        } else {
            let mean = (&single * &shares)?.sum_keepdim(self.axis)?;
            (single.broadcast_sub(&mean)? * shares)?
        };
        sent.to_dtype(gradient.dtype())
    }
}
