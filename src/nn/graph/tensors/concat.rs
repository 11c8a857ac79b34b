//! Several tensors as one, and one as several.

use candle_core::{Result, Tensor};

use super::step::{Operand, Step, fault, only};
use crate::candle::network::Saved;

#[derive(Debug)]
pub(super) struct Concat {
    /// Behind that of the samples.
    axis: usize,
    /// Of every part.
    lens: Vec<usize>,
    varies: Vec<bool>,
}

impl Concat {
    pub fn new(axis: usize, operands: &[Operand<'_>]) -> Self {
        Self {
            axis: axis + 1,
            lens: operands.iter().map(|one| one.shape[axis]).collect(),
            varies: operands.iter().map(Operand::varies).collect(),
        }
    }
}

impl Step for Concat {
    fn forward(&self, inputs: &[Tensor], _: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let samples = inputs.iter().filter_map(|part| part.dims().first().copied()).max().unwrap_or(1);
        let for_all = |part: &Tensor| {
            let mut dims = part.dims().to_vec();
            dims[0] = samples;
            part.broadcast_as(dims)?.contiguous()
        };
        let parts = inputs.iter().map(for_all).collect::<Result<Vec<_>>>()?;
        Ok(vec![Tensor::cat(&parts, self.axis)?.contiguous()?])
    }

    fn backward(&self, gradients: &[Option<Tensor>], _: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        let gradient = only(gradients)?;
        let mut start = 0;
        let part = |(len, varies): (&usize, &bool)| {
            start += len;
            varies.then(|| gradient.narrow(self.axis, start - len, *len)?.contiguous()).transpose()
        };
        self.lens.iter().zip(&self.varies).map(part).collect()
    }
}

#[derive(Debug)]
pub(super) struct Split {
    /// Behind that of the samples.
    axis: usize,
    /// Of every part.
    lens: Vec<usize>,
}

impl Split {
    pub fn new(axis: usize, sizes: &[usize]) -> Self {
        Self { axis: axis + 1, lens: sizes.to_vec() }
    }
}

impl Step for Split {
    fn forward(&self, inputs: &[Tensor], _: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let [whole] = inputs else { return Err(fault("one tensor is split")) };
        let mut start = 0;
        let part = |len: &usize| {
            start += len;
            whole.narrow(self.axis, start - len, *len)?.contiguous()
        };
        self.lens.iter().map(part).collect()
    }

    /// Of a part that nobody takes, it is 0.
    fn backward(&self, gradients: &[Option<Tensor>], _: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        let like = gradients.iter().flatten().next().ok_or_else(|| fault("no gradient where one is taken"))?;
        let part = |(gradient, len): (&Option<Tensor>, &usize)| match gradient {
            Some(gradient) => Ok(gradient.clone()),
            None => {
                let mut dims = like.dims().to_vec();
                dims[self.axis] = *len;
                Tensor::zeros(dims, like.dtype(), like.device())
            }
        };
        let parts = gradients.iter().zip(&self.lens).map(part).collect::<Result<Vec<_>>>()?;
        Ok(vec![Some(Tensor::cat(&parts, self.axis)?.contiguous()?)])
    }
}
