//! Local response normalisation, in single precision: the sums over neighbours are products with a matrix of ones.

use candle_core::{DType, Result, Tensor};

use super::step::{Made, Map, Matrix, Operand, Target};
use crate::candle::network::{Saved, save, take};

#[derive(Debug)]
pub(super) struct Lrn {
    /// From channels to the sums around them.
    neighbours: Matrix,
    /// Of one square.
    alpha: f64,
    beta: f64,
    bias: f64,
}

impl Lrn {
    pub fn new(size: usize, [alpha, beta, bias]: [f32; 3], operand: Operand<'_>, target: &Target) -> Made<Self> {
        let channels = operand.shape[1];
        Matrix::check(channels, channels)?;
        let (before, after) = ((size - 1) / 2, size / 2);
        let around = |channel: usize| {
            let end = channels.min(channel.saturating_add(after).saturating_add(1));
            (channel.saturating_sub(before)..end).map(|neighbour| (neighbour, 1.0)).collect()
        };
        let sums: Vec<Vec<(usize, f32)>> = (0..channels).map(around).collect();
        Ok(Self {
            neighbours: Matrix::new(1, channels, &sums, DType::F32, &target.device)?,
            alpha: f64::from(alpha / size as f32),
            beta: beta.into(),
            bias: bias.into(),
        })
    }

    fn sums(&self, x: &Tensor) -> Result<Tensor> {
        self.neighbours.apply(&x.sqr()?)?.affine(self.alpha, self.bias)
    }
}

impl Map for Lrn {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        save(saved, || Ok(x.clone()))?;
        let values = x.to_dtype(DType::F32)?;
        (&values * self.sums(&values)?.powf(-self.beta)?)?.to_dtype(x.dtype())
    }

    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        let (x, single) = (take(saved)?.to_dtype(DType::F32)?, gradient.to_dtype(DType::F32)?);
        let sums = self.sums(&x)?;
        // What goes through each sum.
        let through = ((&single * &x)? * sums.powf(-self.beta - 1.0)?)?;
        let around = (self.neighbours.transposed(&through)? * x)?;
        ((single * sums.powf(-self.beta)?)? - (around * (2.0 * self.alpha * self.beta))?)?.to_dtype(gradient.dtype())
    }
}
