//! A network on a device: layers with their weights there, and what forward leaves for backward.

use std::{ops::Range, sync::Arc};

use candle_core::{DType, Device, Result, Tensor};

use super::{
    conv::TensorConv,
    pool::{PoolTaps, WindowMeans},
    tokens::{
        TensorAttention, TensorLayerNorm, TensorTokens, gelu_backward, gelu_forward, pool_backward, pool_forward,
    },
};
use crate::{
    activation::Activation,
    layer::Layer,
    layers::{
        average_pool::AveragePool2d, conv::Conv2d, grouped::GroupedConv2d, max_pool::MaxPool2d, padding::Padding,
        tokens::TokenPool,
    },
    rule::Rule,
};

/// Layers whose weights live on a device. Clones share them.
#[derive(Debug, Clone)]
pub struct TensorNetwork {
    layers: Arc<[TensorLayer]>,
    /// Which of them are its own.
    part: Range<usize>,
}

/// What forward leaves for backward, in the order of the layers.
#[derive(Debug, Default)]
pub struct TensorTape {
    saved: Vec<Tensor>,
}

#[derive(Debug)]
pub(super) enum TensorLayer {
    Affine { scale: Tensor, bias: Tensor, activation: Activation },
    AveragePool(AveragePool2d),
    Concat(Vec<Vec<TensorLayer>>),
    Conv { filters: TensorConv, bias: Tensor, activation: Activation },
    GlobalAveragePool,
    Linear { weight: Tensor, bias: Tensor },
    MaxPool(MaxPool2d),
    Residual { branch: Vec<TensorLayer>, shortcut: Vec<TensorLayer>, activation: Activation },
    SqueezeExcite { gate: Vec<TensorLayer> },
    LayerNorm(TensorLayerNorm),
    Gelu,
    Attention(TensorAttention),
    Tokens(TensorTokens),
    TokenPool(TokenPool),
}

impl TensorNetwork {
    /// Copies the weights of `layers` to `device`, in single precision.
    ///
    /// # Errors
    /// The device has no room for them.
    pub fn new(layers: &[Layer], device: &Device) -> Result<Self> {
        Self::with_precision(layers, device, DType::F32)
    }

    /// Copies the weights of `layers` to `device`, as numbers of type `dtype`, in which maps are computed, too.
    ///
    /// # Errors
    /// The device has no room for them, or does not know such numbers.
    pub fn with_precision(layers: &[Layer], device: &Device, dtype: DType) -> Result<Self> {
        Ok(Self { layers: upload(layers, device, dtype)?.into(), part: 0..layers.len() })
    }

    pub(super) fn layers(&self) -> &[TensorLayer] {
        &self.layers[self.part.clone()]
    }

    /// Each of its layers, or blocks of them, as a network of its own with the same weights.
    pub fn each(&self) -> impl DoubleEndedIterator<Item = Self> + use<> {
        let layers = self.layers.clone();
        self.part.clone().map(move |layer| Self { layers: layers.clone(), part: layer..layer + 1 })
    }

    /// `[n, c, h, w]` → the last layer's result, `[n, c, h, w]`. What backward needs is left on `tape`, if there is one.
    ///
    /// # Errors
    /// The device failed.
    pub fn forward(&self, input: &Tensor, tape: Option<&mut TensorTape>) -> Result<Tensor> {
        self.forward_part(0..self.count(), input, tape)
    }

    /// The same through some of the layers.
    ///
    /// # Errors
    /// The device failed.
    pub fn forward_part(&self, layers: Range<usize>, input: &Tensor, tape: Option<&mut TensorTape>) -> Result<Tensor> {
        forward(&self.layers()[layers], input, &mut tape.map(|tape| &mut tape.saved))
    }

    /// The gradient with respect to the input, `[n, c, h, w]`, from the one with respect to the result.
    ///
    /// # Errors
    /// The device failed, or `tape` is not that of a forward through this network.
    pub fn backward(&self, gradient: &Tensor, tape: &mut TensorTape) -> Result<Tensor> {
        self.backward_part(0..self.count(), gradient, tape)
    }

    /// The same through some of the layers, after [`TensorNetwork::forward_part`] through them.
    ///
    /// # Errors
    /// The device failed, or `tape` is not that of a forward through them.
    pub fn backward_part(&self, layers: Range<usize>, gradient: &Tensor, tape: &mut TensorTape) -> Result<Tensor> {
        backward(&self.layers()[layers], gradient, &mut tape.saved, Rule::Gradient)
    }

    /// How many layers there are.
    pub fn count(&self) -> usize {
        self.layers().len()
    }

    /// The same by another rule than the gradient's; [`Rule::Excitation`] has another pass.
    ///
    /// # Errors
    /// As for [`TensorNetwork::backward`].
    pub fn backward_by(&self, rule: Rule, gradient: &Tensor, tape: &mut TensorTape) -> Result<Tensor> {
        backward(self.layers(), gradient, &mut tape.saved, rule)
    }
}

fn upload(layers: &[Layer], device: &Device, dtype: DType) -> Result<Vec<TensorLayer>> {
    // Filters are taken apart on the CPU, once.
    let on_cpu = |values: &[f32], shape: [usize; 4]| Tensor::from_slice(values, &shape, &Device::Cpu);
    let place = |values: &[f32], shape: &[usize]| place(values, shape, device, dtype);
    layers
        .iter()
        .map(|layer| {
            Ok(match layer {
                Layer::Affine(affine) => {
                    let channels = |values: &[f32]| place(values, &[1, values.len(), 1, 1]);
                    let (scale, bias) = (channels(&affine.scale)?, channels(&affine.bias)?);
                    TensorLayer::Affine { scale, bias, activation: affine.activation }
                }
                Layer::AveragePool2d(pool) => TensorLayer::AveragePool(*pool),
                Layer::Concat(block) => {
                    let branches = block.branches.iter().map(|branch| upload(branch, device, dtype));
                    TensorLayer::Concat(branches.collect::<Result<_>>()?)
                }
                Layer::Conv2d(conv) => {
                    let Conv2d { filters, bias, inputs, kernel, stride, padding, activation } = conv;
                    let filters = on_cpu(filters, [bias.len(), *inputs, *kernel, *kernel])?;
                    TensorLayer::Conv {
                        filters: TensorConv::dense(&filters, *stride, *padding)?.to(device, dtype)?,
                        bias: place(bias, &[1, bias.len(), 1, 1])?,
                        activation: *activation,
                    }
                }
                Layer::DepthwiseConv2d(conv) => {
                    let channels = conv.bias.len();
                    let filters = on_cpu(&conv.weight, [conv.kernel, conv.kernel, channels, 1])?;
                    let filters = filters.permute((2, 3, 0, 1))?.contiguous()?;
                    TensorLayer::Conv {
                        filters: TensorConv::depthwise(&filters, conv.stride, conv.padding)?.to(device, dtype)?,
                        bias: place(&conv.bias, &[1, channels, 1, 1])?,
                        activation: conv.activation,
                    }
                }
                Layer::GroupedConv2d(conv) => {
                    let GroupedConv2d { filters, bias, groups, kernel, stride, padding, activation } = conv;
                    let filters = on_cpu(filters, [bias.len(), conv.inputs(), *kernel, *kernel])?;
                    TensorLayer::Conv {
                        filters: TensorConv::grouped(&filters, *groups, *stride, *padding)?.to(device, dtype)?,
                        bias: place(bias, &[1, bias.len(), 1, 1])?,
                        activation: *activation,
                    }
                }
                Layer::GlobalAveragePool => TensorLayer::GlobalAveragePool,
                Layer::Linear(linear) => TensorLayer::Linear {
                    weight: place(&linear.weight, &[linear.bias.len(), linear.inputs()])?,
                    bias: place(&linear.bias, &[1, linear.bias.len()])?,
                },
                Layer::MaxPool2d(pool) => TensorLayer::MaxPool(*pool),
                Layer::Residual(block) => TensorLayer::Residual {
                    branch: upload(&block.branch, device, dtype)?,
                    shortcut: upload(&block.shortcut, device, dtype)?,
                    activation: block.activation,
                },
                Layer::SqueezeExcite(block) => TensorLayer::SqueezeExcite { gate: upload(&block.gate, device, dtype)? },
                Layer::LayerNorm(norm) => TensorLayer::LayerNorm(TensorLayerNorm::new(norm, device)?),
                Layer::Gelu => TensorLayer::Gelu,
                Layer::Attention(attention) => TensorLayer::Attention(TensorAttention(*attention)),
                Layer::Tokens(tokens) => TensorLayer::Tokens(TensorTokens::new(tokens, device, dtype)?),
                Layer::TokenPool(pool) => TensorLayer::TokenPool(*pool),
            })
        })
        .collect()
}

/// Values as a tensor on a device.
pub(crate) fn place(values: &[f32], shape: &[usize], device: &Device, dtype: DType) -> Result<Tensor> {
    Tensor::from_slice(values, shape, &Device::Cpu)?.to_dtype(dtype)?.to_device(device)
}

pub(crate) type Saved<'a> = Option<&'a mut Vec<Tensor>>;

pub(super) fn forward(layers: &[TensorLayer], input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
    layers.iter().try_fold(input.clone(), |map, layer| layer.forward(&map, tape))
}

fn backward(layers: &[TensorLayer], gradient: &Tensor, tape: &mut Vec<Tensor>, rule: Rule) -> Result<Tensor> {
    layers.iter().rev().try_fold(gradient.clone(), |gradient, layer| layer.backward(&gradient, tape, rule))
}

pub(crate) fn save(tape: &mut Saved<'_>, tensor: impl FnOnce() -> Result<Tensor>) -> Result<()> {
    if let Some(saved) = tape {
        saved.push(tensor()?);
    }
    Ok(())
}

pub(crate) fn take(tape: &mut Vec<Tensor>) -> Result<Tensor> {
    tape.pop().ok_or_else(|| candle_core::Error::Msg("backward without the forward before it".to_owned()))
}

impl TensorLayer {
    pub(super) fn forward(&self, input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
        match self {
            Self::Affine { scale, bias, activation } => {
                activate(*activation, input.broadcast_mul(scale)?.broadcast_add(bias)?, tape)
            }
            Self::AveragePool(pool) => {
                let (_, _, height, width) = input.dims4()?;
                save_size(tape, input)?;
                WindowMeans::new(*pool, [height, width], input)?.means(input)
            }
            Self::Concat(branches) => {
                let parts = branches.iter().map(|branch| forward(branch, input, tape)).collect::<Result<Vec<_>>>()?;
                let channels = parts.iter().map(|part| Ok(part.dim(1)? as u32)).collect::<Result<Vec<_>>>()?;
                save(tape, || Tensor::new(channels, &Device::Cpu))?;
                Tensor::cat(&parts, 1)
            }
            Self::Conv { filters, bias, activation } => {
                save_size(tape, input)?;
                activate(*activation, filters.forward(input)?.broadcast_add(bias)?, tape)
            }
            Self::GlobalAveragePool => {
                save_size(tape, input)?;
                input.to_dtype(DType::F32)?.mean_keepdim((2, 3))?.to_dtype(input.dtype())
            }
            Self::Linear { weight, bias } => {
                input.flatten_from(1)?.matmul(&weight.t()?)?.broadcast_add(bias)?.unsqueeze(2)?.unsqueeze(3)
            }
            Self::MaxPool(pool) => {
                let taps = PoolTaps::new(*pool, input)?;
                let largest = taps.largest(input)?;
                save(tape, || Ok(input.clone()))?;
                Ok(largest)
            }
            Self::Residual { branch, shortcut, activation } => {
                let around = forward(shortcut, input, tape)?;
                let sums = (forward(branch, input, tape)? + around)?;
                activate(*activation, sums, tape)
            }
            Self::SqueezeExcite { gate } => {
                let factors = forward(gate, &input.mean_keepdim((2, 3))?, tape)?;
                save(tape, || Ok(input.clone()))?;
                save(tape, || Ok(factors.clone()))?;
                input.broadcast_mul(&factors)
            }
            Self::LayerNorm(norm) => norm.forward(input, tape),
            Self::Gelu => gelu_forward(input, tape),
            Self::Attention(attention) => attention.forward(input, tape),
            Self::Tokens(tokens) => {
                save_size(tape, input)?;
                tokens.forward(input)
            }
            Self::TokenPool(pool) => {
                save_size(tape, input)?;
                pool_forward(*pool, input)
            }
        }
    }

    fn backward(&self, gradient: &Tensor, tape: &mut Vec<Tensor>, rule: Rule) -> Result<Tensor> {
        match self {
            Self::Affine { scale, activation, .. } => {
                deactivate(*activation, gradient, tape, rule)?.broadcast_mul(scale)
            }
            Self::AveragePool(pool) => WindowMeans::new(*pool, take_size(tape)?, gradient)?.spread(gradient),
            Self::Concat(branches) => {
                let channels = take(tape)?.to_vec1::<u32>()?;
                let mut end = gradient.dim(1)?;
                let mut sum: Option<Tensor> = None;
                for (branch, channels) in branches.iter().zip(channels).rev() {
                    end -= channels as usize;
                    let part = gradient.narrow(1, end, channels as usize)?.contiguous()?;
                    let own = backward(branch, &part, tape, rule)?;
                    sum = Some(match sum {
                        Some(sum) => (sum + own)?,
                        None => own,
                    });
                }
                sum.ok_or_else(|| candle_core::Error::Msg("a block without branches".to_owned()))
            }
            Self::Conv { filters, activation, .. } => {
                let gradient = deactivate(*activation, gradient, tape, rule)?;
                let [height, width] = take_size(tape)?;
                filters.backward(&gradient, height, width)
            }
            Self::GlobalAveragePool => {
                let [height, width] = take_size(tape)?;
                let (n, channels, _, _) = gradient.dims4()?;
                (gradient / (height * width) as f64)?.broadcast_as((n, channels, height, width))?.contiguous()
            }
            Self::Linear { weight, .. } => gradient.flatten_from(1)?.matmul(weight)?.unsqueeze(2)?.unsqueeze(3),
            Self::MaxPool(pool) => {
                let input = take(tape)?;
                PoolTaps::new(*pool, &input)?.spread(&input, gradient)
            }
            Self::Residual { branch, shortcut, activation } => {
                let gradient = deactivate(*activation, gradient, tape, rule)?;
                let through = backward(branch, &gradient, tape, rule)?;
                through + backward(shortcut, &gradient, tape, rule)?
            }
            Self::SqueezeExcite { gate } => {
                let (factors, input) = (take(tape)?, take(tape)?);
                let (_, _, height, width) = input.dims4()?;
                let through = backward(gate, &(gradient * input)?.sum_keepdim((2, 3))?, tape, rule)?;
                gradient.broadcast_mul(&factors)?.broadcast_add(&(through / (height * width) as f64)?)
            }
            Self::LayerNorm(norm) => norm.backward(gradient, tape),
            Self::Gelu => gelu_backward(gradient, tape),
            Self::Attention(attention) => attention.backward(gradient, tape),
            Self::Tokens(tokens) => {
                let [height, width] = take_size(tape)?;
                tokens.backward(gradient, height, width)
            }
            Self::TokenPool(pool) => {
                let [height, width] = take_size(tape)?;
                pool_backward(*pool, gradient, height * width)
            }
        }
    }
}

/// Leaves the size of a map: the gradient of a linear layer does not depend on more.
fn save_size(tape: &mut Saved<'_>, input: &Tensor) -> Result<()> {
    let (_, _, height, width) = input.dims4()?;
    save(tape, || Tensor::new(&[height as u32, width as u32], &Device::Cpu))
}

/// Height and width of the map whose size was left last.
fn take_size(tape: &mut Vec<Tensor>) -> Result<[usize; 2]> {
    match take(tape)?.to_vec1::<u32>()?[..] {
        [height, width] => Ok([height as usize, width as usize]),
        _ => Err(candle_core::Error::Msg("backward of another network than the forward before it".to_owned())),
    }
}

fn activate(activation: Activation, sums: Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
    match activation {
        Activation::None => Ok(sums),
        Activation::Relu => {
            save(tape, || sums.gt(0.0))?;
            sums.relu()
        }
        Activation::Relu6 => {
            save(tape, || sums.gt(0.0)? * sums.lt(6.0)?)?;
            sums.clamp(0.0, 6.0)
        }
        Activation::Sigmoid => {
            let values = candle_nn::ops::sigmoid(&sums)?;
            save(tape, || &values * (1.0 - &values)?)?;
            Ok(values)
        }
        Activation::Silu => {
            let shares = candle_nn::ops::sigmoid(&sums)?;
            let values = (&sums * &shares)?;
            save(tape, || &shares + (&values * (1.0 - &shares)?)?)?;
            Ok(values)
        }
        Activation::HardSigmoid => {
            save(tape, || rises(&sums)? / 6.0)?;
            hard_sigmoid(&sums)
        }
        Activation::HardSwish => {
            save(tape, || {
                let above = sums.ge(3.0)?.to_dtype(sums.dtype())?;
                (rises(&sums)? * ((&sums / 3.0)? + 0.5)?)? + above
            })?;
            &sums * hard_sigmoid(&sums)?
        }
    }
}

fn hard_sigmoid(sums: &Tensor) -> Result<Tensor> {
    ((sums / 6.0)? + 0.5)?.clamp(0.0, 1.0)
}

/// 1 where the hard sigmoid rises, else 0.
fn rises(sums: &Tensor) -> Result<Tensor> {
    (sums.gt(-3.0)? * sums.lt(3.0)?)?.to_dtype(sums.dtype())
}

fn deactivate(activation: Activation, gradient: &Tensor, tape: &mut Vec<Tensor>, rule: Rule) -> Result<Tensor> {
    if activation == Activation::None {
        return Ok(gradient.clone());
    }
    let derivative = take(tape)?.to_dtype(gradient.dtype())?;
    match rule {
        Rule::Guided if activation.clamp().is_some() => (gradient * derivative)?.relu(),
        Rule::Deconvolution if activation.clamp().is_some() => gradient.relu(),
        Rule::Gradient | Rule::Guided | Rule::Deconvolution | Rule::Excitation => gradient * derivative,
    }
}

/// Zeros before and after a side of `size` pixels.
pub(crate) fn zeros(padding: Padding, size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let (before, out) = padding.along(size, kernel, stride);
    let reach = (out - 1) * stride + kernel;
    match padding {
        Padding::Symmetric(pad) => (pad, pad),
        Padding::Same | Padding::Ceiling(_) => (before, reach.saturating_sub(size + before)),
    }
}
