//! A transformer's layers through Candle's tensors: tokens are the pixels of `[n, channels, 1, tokens]`.
//!
//! Candle-nn's layer norm and softmax have no gradient; these bring their own. Sums that rounding would harm are taken
//! in single precision, whatever the maps' numbers are.

use candle_core::{DType, Device, Result, Tensor};

use super::network::{Saved, place, save, take};
use crate::layers::{
    attention::Attention,
    layer_norm::LayerNorm,
    tokens::{TokenPool, Tokens},
};

/// Layer normalisation over channels.
#[derive(Debug)]
pub(crate) struct TensorLayerNorm {
    /// `[1, channels, 1, 1]`, in single precision.
    weight: Tensor,
    /// `[1, channels, 1, 1]`, in single precision.
    bias: Tensor,
    epsilon: f64,
}

impl TensorLayerNorm {
    pub fn new(norm: &LayerNorm, device: &Device) -> Result<Self> {
        let shape = [1, norm.weight.len(), 1, 1];
        Ok(Self {
            weight: place(&norm.weight, &shape, device, DType::F32)?,
            bias: place(&norm.bias, &shape, device, DType::F32)?,
            epsilon: f64::from(norm.epsilon),
        })
    }

    pub fn forward(&self, input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
        let values = input.to_dtype(DType::F32)?;
        let centred = values.broadcast_sub(&values.mean_keepdim(1)?)?;
        let scale = (centred.sqr()?.mean_keepdim(1)? + self.epsilon)?.sqrt()?.recip()?;
        let normal = centred.broadcast_mul(&scale)?;
        save(tape, || Ok(normal.clone()))?;
        save(tape, || Ok(scale))?;
        normal.broadcast_mul(&self.weight)?.broadcast_add(&self.bias)?.to_dtype(input.dtype())
    }

    pub fn backward(&self, gradient: &Tensor, tape: &mut Vec<Tensor>) -> Result<Tensor> {
        let (scale, normal) = (take(tape)?, take(tape)?);
        let values = gradient.to_dtype(DType::F32)?.broadcast_mul(&self.weight)?;
        let along = normal.broadcast_mul(&(&values * &normal)?.mean_keepdim(1)?)?;
        let rest = (values.broadcast_sub(&values.mean_keepdim(1)?)? - along)?;
        rest.broadcast_mul(&scale)?.to_dtype(gradient.dtype())
    }
}

/// x · Φ(x).
pub(crate) fn gelu_forward(input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
    save(tape, || Ok(input.clone()))?;
    input.gelu_erf()
}

/// Φ(x) + x · φ(x), with Φ the normal distribution and φ its density.
pub(crate) fn gelu_backward(gradient: &Tensor, tape: &mut Vec<Tensor>) -> Result<Tensor> {
    let input = take(tape)?.to_dtype(DType::F32)?;
    let below = ((&input * std::f64::consts::FRAC_1_SQRT_2)?.erf()? * 0.5)?.affine(1.0, 0.5)?;
    let density = ((input.sqr()? * -0.5)?.exp()? / (2.0 * std::f64::consts::PI).sqrt())?;
    gradient * (below + (input * density)?)?.to_dtype(gradient.dtype())?
}

/// [`Attention`], head by head in one product.
#[derive(Debug)]
pub(crate) struct TensorAttention(pub Attention);

impl TensorAttention {
    pub fn forward(&self, input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
        let (n, channels, height, width) = input.dims4()?;
        let channels = channels / 3;
        let [query, key, value] = self.parts(input)?;
        let scores = (query.transpose(1, 2)?.contiguous()?.matmul(&key)? * self.scale(channels))?;
        let scores = scores.to_dtype(DType::F32)?;
        let largest = scores.max_keepdim(2)?;
        let shares = scores.broadcast_sub(&largest)?.exp()?;
        let shares = shares.broadcast_div(&shares.sum_keepdim(2)?)?.to_dtype(input.dtype())?;
        save(tape, || Ok(input.clone()))?;
        save(tape, || Ok(shares.clone()))?;
        value.matmul(&shares.t()?)?.reshape((n, channels, height, width))
    }

    pub fn backward(&self, gradient: &Tensor, tape: &mut Vec<Tensor>) -> Result<Tensor> {
        let (shares, input) = (take(tape)?, take(tape)?);
        let (n, channels, height, width) = gradient.dims4()?;
        let (heads, tokens) = (self.0.heads, height * width);
        let [query, key, value] = self.parts(&input)?;
        let upstream = gradient.contiguous()?.reshape((n * heads, channels / heads, tokens))?;
        let values = upstream.matmul(&shares)?;
        let slopes = upstream.transpose(1, 2)?.contiguous()?.matmul(&value)?.to_dtype(DType::F32)?;
        let shares = shares.to_dtype(DType::F32)?;
        let mean = (&slopes * &shares)?.sum_keepdim(2)?;
        let slopes = (slopes.broadcast_sub(&mean)? * shares)?.to_dtype(gradient.dtype())?;
        let queries = (key.matmul(&slopes.t()?)? * self.scale(channels))?;
        let keys = (query.matmul(&slopes)? * self.scale(channels))?;
        let parts = [queries, keys, values].map(|part| part.reshape((n, 1, channels, tokens)));
        let [queries, keys, values] = parts;
        Tensor::cat(&[queries?, keys?, values?], 1)?.reshape((n, 3 * channels, height, width))
    }

    fn scale(&self, channels: usize) -> f64 {
        1.0 / ((channels / self.0.heads) as f64).sqrt()
    }

    /// Queries, keys and values, each `[n · heads, channels / heads, tokens]`.
    fn parts(&self, input: &Tensor) -> Result<[Tensor; 3]> {
        let (n, channels, height, width) = input.dims4()?;
        let (heads, channels) = (self.0.heads, channels / 3);
        let input = input.contiguous()?.reshape((n, 3, heads, channels / heads, height * width))?;
        let part = |number: usize| {
            input.narrow(1, number, 1)?.contiguous()?.reshape((n * heads, channels / heads, height * width))
        };
        Ok([part(0)?, part(1)?, part(2)?])
    }
}

/// [`Tokens`] on a device.
#[derive(Debug)]
pub(crate) struct TensorTokens {
    tokens: Tokens,
    /// `[1, channels, 1, first]`, if there are any.
    first: Option<Tensor>,
}

impl TensorTokens {
    pub fn new(tokens: &Tokens, device: &Device, dtype: DType) -> Result<Self> {
        let (count, channels) = (tokens.first.len() / tokens.channels, tokens.channels);
        let first = match count {
            0 => None,
            _ => {
                let first = Tensor::from_slice(&tokens.first, (1, 1, count, channels), &Device::Cpu)?;
                Some(first.permute((0, 3, 1, 2))?.contiguous()?.to_dtype(dtype)?.to_device(device)?)
            }
        };
        Ok(Self { tokens: tokens.clone(), first })
    }

    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let (n, channels, height, width) = input.dims4()?;
        let positions =
            Tensor::from_slice(&self.tokens.positions(height, width), (height, width, channels), &Device::Cpu)?;
        let positions =
            positions.permute((2, 0, 1))?.contiguous()?.to_dtype(input.dtype())?.to_device(input.device())?;
        let patches = input.broadcast_add(&positions.unsqueeze(0)?)?.reshape((n, channels, 1, height * width))?;
        match &self.first {
            Some(first) => {
                let first = first.broadcast_as((n, channels, 1, first.dim(3)?))?.contiguous()?;
                Tensor::cat(&[first, patches], 3)
            }
            None => Ok(patches),
        }
    }

    pub fn backward(&self, gradient: &Tensor, height: usize, width: usize) -> Result<Tensor> {
        let (n, channels, _, tokens) = gradient.dims4()?;
        let patches = height * width;
        gradient.narrow(3, tokens - patches, patches)?.contiguous()?.reshape((n, channels, height, width))
    }
}

/// [`TokenPool`]'s forward.
pub(crate) fn pool_forward(pool: TokenPool, input: &Tensor) -> Result<Tensor> {
    let class = input.narrow(3, 0, 1)?.contiguous()?;
    match pool {
        TokenPool::Class => Ok(class),
        TokenPool::ClassAndMean { patches } => {
            let patches = input.narrow(3, patches, input.dim(3)? - patches)?.to_dtype(DType::F32)?;
            Tensor::cat(&[class, patches.mean_keepdim(3)?.to_dtype(input.dtype())?], 1)
        }
    }
}

/// The gradient with respect to `tokens` tokens.
pub(crate) fn pool_backward(pool: TokenPool, gradient: &Tensor, tokens: usize) -> Result<Tensor> {
    match pool {
        TokenPool::Class => gradient.pad_with_zeros(3, 0, tokens - 1),
        TokenPool::ClassAndMean { patches } => {
            let (n, channels, _, _) = gradient.dims4()?;
            let (channels, count) = (channels / 2, tokens - patches);
            let class = gradient.narrow(1, 0, channels)?.contiguous()?.pad_with_zeros(3, 0, tokens - 1)?;
            let mean = (gradient.narrow(1, channels, channels)? / count as f64)?;
            let mean = mean.broadcast_as((n, channels, 1, count))?.contiguous()?.pad_with_zeros(3, patches, 0)?;
            class + mean
        }
    }
}
