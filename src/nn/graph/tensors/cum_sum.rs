//! Sums of all values before each along an axis: a product with a triangle of ones.

use candle_core::{Result, Tensor};

use super::step::{Made, Map, Matrix, Operand, Target};
use crate::candle::network::Saved;

#[derive(Debug)]
pub(super) struct CumSum(Matrix);

impl CumSum {
    pub fn new(axis: usize, exclusive: bool, reverse: bool, operand: Operand<'_>, target: &Target) -> Made<Self> {
        let len = operand.shape[axis];
        Matrix::check(len, len)?;
        let own = usize::from(!exclusive);
        let sum = |index: usize| -> Vec<(usize, f32)> {
            let range = if reverse { index + 1 - own..len } else { 0..index + own };
            range.map(|place| (place, 1.0)).collect()
        };
        let sums: Vec<Vec<(usize, f32)>> = (0..len).map(sum).collect();
        Ok(Self(Matrix::new(axis, len, &sums, target.dtype, &target.device)?))
    }
}

impl Map for CumSum {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        self.0.apply(x)
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        self.0.transposed(gradient)
    }
}
