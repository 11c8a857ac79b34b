//! Interpolation to another size: along one axis after the other, a product with the shares of the values it is a sum of,
//! or, where each is one value, those values.

use candle_core::{Result, Tensor};

use super::{
    picked::{Picks, along},
    step::{Made, Map, Matrix, Operand, Target},
};
use crate::{
    candle::network::Saved,
    graph::{
        op::{Resize, ResizeMode},
        ops::resize::{stays, taps},
    },
};

#[derive(Debug)]
pub(super) struct Interpolation(Vec<Pass>);

#[derive(Debug)]
enum Pass {
    Sums(Matrix),
    Nearest(Picks),
}

impl Interpolation {
    pub fn new(resize: &Resize, operand: Operand<'_>, result: &[usize], target: &Target) -> Made<Self> {
        let from = operand.shape;
        let mut axes: Vec<usize> = (0..from.len()).filter(|axis| !stays(resize, *axis, from)).collect();
        // What becomes shorter goes first, so that nothing between is larger than both the input and the result.
        axes.sort_by_key(|axis| result[*axis] >= from[*axis]);
        let pass = |axis: usize| -> Made<Pass> {
            let taps = taps(resize, axis, from[axis], result[axis]);
            Ok(match resize.mode {
                ResizeMode::Nearest(_) => {
                    let places: Vec<usize> = taps.iter().flatten().map(|(place, _)| *place).collect();
                    Pass::Nearest(along(axis, &places, from[axis], target)?)
                }
                _ => Pass::Sums(Matrix::new(axis, from[axis], &taps, target.dtype, &target.device)?),
            })
        };
        Ok(Self(axes.into_iter().map(pass).collect::<Made<_>>()?))
    }
}

impl Map for Interpolation {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        self.0.iter().try_fold(x.clone(), |x, pass| match pass {
            Pass::Sums(matrix) => matrix.apply(&x),
            Pass::Nearest(picks) => picks.pick(&x),
        })
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        self.0.iter().rev().try_fold(gradient.clone(), |gradient, pass| match pass {
            Pass::Sums(matrix) => matrix.transposed(&gradient),
            Pass::Nearest(picks) => picks.put_back(&gradient),
        })
    }
}
