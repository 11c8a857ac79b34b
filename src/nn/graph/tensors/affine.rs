//! A scale and a shift along an axis.

use candle_core::{Result, Tensor};

use super::step::{Map, Operand, Target};
use crate::candle::network::Saved;

#[derive(Debug)]
pub(super) struct Affine {
    /// Both with all axes of what they are of.
    scale: Tensor,
    shift: Tensor,
}

impl Affine {
    pub fn new(axis: usize, operands: &[Operand<'_>], target: &Target) -> Result<Self> {
        let row = along(axis, operands[0].shape);
        let placed = |input: usize| target.place(operands[input].values(), &row);
        Ok(Self { scale: placed(1)?, shift: placed(2)? })
    }
}

/// The shape of a row of parameters along an axis of a tensor of a graph's shape.
pub(super) fn along(axis: usize, shape: &[usize]) -> Vec<usize> {
    let mut row = vec![1; shape.len() + 1];
    row[axis + 1] = shape[axis];
    row
}

impl Map for Affine {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        x.broadcast_mul(&self.scale)?.broadcast_add(&self.shift)
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        gradient.broadcast_mul(&self.scale)
    }
}
