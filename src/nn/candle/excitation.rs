//! Excitation backprop: the probability that a unit wins is shared out among the units before it.
//!
//! A unit i of a sum passes its probability on to the units j that it sums, in the shares a_j·w_ij⁺ / Σ_k a_k·w_ik⁺ of
//! their activation times the positive part of their weight. A mean is a sum of equal weights; a maximum passes all on to
//! the winner; a scale, a shift and an activation pass it on as it is; two ways that are added up share it by their
//! values. Units below 0, which the paper does not have, are taken as 0: they excite nobody.
//!
//! One pass, and a rare one: it works on tensors, and computes each layer's input again where it needs it, so that the
//! other passes save nothing for it.
//!
//! Source: Zhang, Lin, Brandt, Shen, Sclaroff, *Top-down Neural Attention by Excitation Backprop*, ECCV 2016
//! (arXiv 1608.00507).

use candle_core::{DType, Error, Result, Tensor};

use super::{
    network::{TensorLayer, TensorNetwork, forward},
    pool::{PoolTaps, WindowMeans},
};

/// Which weights share out a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Those above 0: what speaks for a unit.
    Excitatory,
    /// Those below 0, with the other sign: what speaks against it.
    Inhibitory,
}

impl Weights {
    /// These of some weights, and 0 for the others.
    fn of(self, weights: &Tensor) -> Result<Tensor> {
        match self {
            Self::Excitatory => weights.relu(),
            Self::Inhibitory => weights.neg()?.relu(),
        }
    }
}

impl TensorNetwork {
    /// The probabilities of the input's values, from those of the result's: both `[n, c, h, w]`, for the forward of
    /// `input`. `last` are the weights of the last of the layers that has some.
    ///
    /// # Errors
    /// The device failed, or [`Rule::refuses`](crate::Rule::refuses) one of the layers.
    pub fn winning(&self, input: &Tensor, winning: &Tensor, last: Weights) -> Result<Tensor> {
        let place = self.layers().iter().rposition(TensorLayer::has_weights);
        back(self.layers(), input, winning, |index| if Some(index) == place { last } else { Weights::Excitatory })
    }

    /// Whether there are weights in it.
    pub fn has_weights(&self) -> bool {
        self.layers().iter().any(TensorLayer::has_weights)
    }
}

fn back(
    layers: &[TensorLayer],
    input: &Tensor,
    winning: &Tensor,
    weights: impl Fn(usize) -> Weights,
) -> Result<Tensor> {
    let mut inputs = vec![input.clone()];
    for layer in layers.iter().take(layers.len().saturating_sub(1)) {
        let next = layer.forward(inputs.last().unwrap_or(input), &mut None)?;
        inputs.push(next);
    }
    let mut winning = winning.clone();
    for (index, (layer, input)) in layers.iter().zip(&inputs).enumerate().rev() {
        winning = layer.winning(input, &winning, weights(index))?;
    }
    Ok(winning)
}

impl TensorLayer {
    fn has_weights(&self) -> bool {
        match self {
            Self::Conv { .. } | Self::Linear { .. } => true,
            Self::Concat(branches) => branches.iter().flatten().any(Self::has_weights),
            Self::Residual { branch, shortcut, .. } => branch.iter().chain(shortcut).any(Self::has_weights),
            _ => false,
        }
    }

    fn winning(&self, input: &Tensor, winning: &Tensor, weights: Weights) -> Result<Tensor> {
        let excited = input.relu()?;
        let (_, _, height, width) = input.dims4()?;
        match self {
            Self::Affine { .. } => Ok(winning.clone()),
            Self::Conv { filters, .. } => {
                let filters = filters.with_filters(|filters| weights.of(filters))?;
                let shares = share(winning, &filters.forward(&excited)?)?;
                excited * filters.backward(&shares, height, width)?
            }
            Self::Linear { weight, .. } => {
                let weight = weights.of(weight)?;
                let row = excited.flatten_from(1)?;
                let shares = share(&winning.flatten_from(1)?, &row.matmul(&weight.t()?)?)?;
                (row * shares.matmul(&weight)?)?.reshape(input.shape())
            }
            Self::GlobalAveragePool => {
                let shares = share(winning, &excited.sum_keepdim((2, 3))?)?;
                excited.broadcast_mul(&shares)
            }
            Self::AveragePool(pool) => {
                let means = WindowMeans::new(*pool, [height, width], input)?;
                let shares = share(winning, &means.means(&excited)?)?;
                excited * means.spread(&shares)?
            }
            Self::MaxPool(pool) => PoolTaps::new(*pool, input)?.spread(input, winning),
            Self::Concat(branches) => {
                let mut first = 0;
                let mut sum = input.zeros_like()?;
                for branch in branches {
                    let channels = forward(branch, input, &mut None)?.dim(1)?;
                    let own = winning.narrow(1, first, channels)?.contiguous()?;
                    sum = (sum + back(branch, input, &own, |_| weights)?)?;
                    first += channels;
                }
                Ok(sum)
            }
            Self::Residual { branch, shortcut, .. } => {
                let through = forward(branch, input, &mut None)?.relu()?;
                let around = forward(shortcut, input, &mut None)?.relu()?;
                let shares = share(winning, &(&through + &around)?)?;
                let through = back(branch, input, &(through * &shares)?, |_| weights)?;
                through + back(shortcut, input, &(around * shares)?, |_| weights)?
            }
            Self::SqueezeExcite { .. }
            | Self::LayerNorm(_)
            | Self::Gelu
            | Self::Attention(_)
            | Self::Tokens(_)
            | Self::TokenPool(_) => Err(Error::Msg("a layer without a rule for winning".to_owned())),
        }
    }
}

/// `winning / sum`, and 0 where nothing is summed.
fn share(winning: &Tensor, sum: &Tensor) -> Result<Tensor> {
    let sum = sum.to_dtype(DType::F32)?;
    let none = sum.le(0.0)?;
    let shares = (winning.to_dtype(DType::F32)? / none.where_cond(&sum.ones_like()?, &sum)?)?;
    none.where_cond(&shares.zeros_like()?, &shares)?.to_dtype(winning.dtype())
}
