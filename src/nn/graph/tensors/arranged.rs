//! The same values in another shape, reshaped or transposed.

use candle_core::{Result, Tensor};

use super::step::{Map, Operand, shaped};
use crate::candle::network::Saved;

#[derive(Debug)]
pub(super) struct Reshaped {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Reshaped {
    pub fn new(operand: Operand<'_>, result: &[usize]) -> Self {
        Self { from: operand.shape.to_vec(), to: result.to_vec() }
    }
}

impl Map for Reshaped {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        shaped(x, &self.to)
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        shaped(gradient, &self.from)
    }
}

/// Row after row at once, as most of what follows wants it.
#[derive(Debug)]
pub(super) struct Transposed {
    /// Behind that of the samples.
    axes: Vec<usize>,
    /// The way back.
    back: Vec<usize>,
}

impl Transposed {
    pub fn new(axes: &[usize]) -> Self {
        let axes: Vec<usize> = [0].into_iter().chain(axes.iter().map(|axis| axis + 1)).collect();
        let mut back = vec![0; axes.len()];
        axes.iter().enumerate().for_each(|(place, axis)| back[*axis] = place);
        Self { axes, back }
    }
}

impl Map for Transposed {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        x.permute(self.axes.clone())?.contiguous()
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        gradient.permute(self.back.clone())?.contiguous()
    }
}
