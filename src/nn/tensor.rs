//! The same layers through Candle's tensors, on any device it knows: the way to a GPU, and the plain reference of
//! the CPU kernels.

use candle_core::{Device, Result, Tensor};

use super::{
    activation::Activation,
    average::AveragePool2d,
    conv::Conv2d,
    layer::Layer,
    padding::Padding,
    pool::MaxPool2d,
    tensor_pool::{PoolTaps, WindowMeans},
};

/// Layers whose weights live on a device.
#[derive(Debug)]
pub struct TensorNetwork {
    layers: Vec<TensorLayer>,
}

/// What forward leaves for backward, in the order of the layers.
#[derive(Debug, Default)]
pub struct TensorTape {
    saved: Vec<Tensor>,
}

#[derive(Debug)]
enum TensorLayer {
    Affine { scale: Tensor, bias: Tensor, activation: Activation },
    AveragePool(AveragePool2d),
    Concat(Vec<Vec<TensorLayer>>),
    Conv { weight: Tensor, bias: Tensor, stride: usize, padding: Padding, groups: usize, activation: Activation },
    GlobalAveragePool,
    Linear { weight: Tensor, bias: Tensor },
    MaxPool(MaxPool2d),
    Residual { branch: Vec<TensorLayer>, shortcut: Vec<TensorLayer>, activation: Activation },
    SqueezeExcite { gate: Vec<TensorLayer> },
}

impl TensorNetwork {
    /// Copies the weights of `layers` to `device`.
    ///
    /// # Errors
    /// The device has no room for them.
    pub fn new(layers: &[Layer], device: &Device) -> Result<Self> {
        Ok(Self { layers: upload(layers, device)? })
    }

    /// `[n, c, h, w]` → the last layer's result, `[n, c, h, w]`. What backward needs is left on `tape`, if there is one.
    ///
    /// # Errors
    /// The device failed.
    pub fn forward(&self, input: &Tensor, tape: Option<&mut TensorTape>) -> Result<Tensor> {
        forward(&self.layers, input, &mut tape.map(|tape| &mut tape.saved))
    }

    /// The gradient with respect to the input, `[n, c, h, w]`, from the one with respect to the result.
    ///
    /// # Errors
    /// The device failed, or `tape` is not that of a forward through this network.
    pub fn backward(&self, gradient: &Tensor, tape: &mut TensorTape) -> Result<Tensor> {
        backward(&self.layers, gradient, &mut tape.saved)
    }
}

fn upload(layers: &[Layer], device: &Device) -> Result<Vec<TensorLayer>> {
    layers
        .iter()
        .map(|layer| {
            Ok(match layer {
                Layer::Affine(affine) => {
                    let channels = |values: &[f32]| Tensor::from_slice(values, (1, values.len(), 1, 1), device);
                    let (scale, bias) = (channels(&affine.scale)?, channels(&affine.bias)?);
                    TensorLayer::Affine { scale, bias, activation: affine.activation }
                }
                Layer::AveragePool2d(pool) => TensorLayer::AveragePool(*pool),
                Layer::Concat(block) => {
                    let branches = block.branches.iter().map(|branch| upload(branch, device));
                    TensorLayer::Concat(branches.collect::<Result<_>>()?)
                }
                Layer::Conv2d(conv) => {
                    let Conv2d { bias, inputs, kernel, stride, padding, activation, .. } = conv;
                    let shape = (*kernel, *kernel, *inputs, bias.len());
                    TensorLayer::Conv {
                        weight: Tensor::from_vec(conv.filters(), shape, device)?.permute((3, 2, 0, 1))?.contiguous()?,
                        bias: Tensor::from_slice(bias, (1, bias.len(), 1, 1), device)?,
                        stride: *stride,
                        padding: *padding,
                        groups: 1,
                        activation: *activation,
                    }
                }
                Layer::DepthwiseConv2d(conv) => {
                    let channels = conv.bias.len();
                    let shape = (conv.kernel, conv.kernel, channels, 1);
                    TensorLayer::Conv {
                        weight: Tensor::from_slice(&conv.weight, shape, device)?.permute((2, 3, 0, 1))?.contiguous()?,
                        bias: Tensor::from_slice(&conv.bias, (1, channels, 1, 1), device)?,
                        stride: conv.stride,
                        padding: conv.padding,
                        groups: channels,
                        activation: conv.activation,
                    }
                }
                Layer::GroupedConv2d(conv) => {
                    let Conv2d { kernel, stride, padding, .. } = conv.bundle();
                    let (bias, filters) = (conv.bias(), conv.filters());
                    let outputs = bias.len();
                    let shape = (outputs, filters.len() / (outputs * kernel * kernel), *kernel, *kernel);
                    TensorLayer::Conv {
                        weight: Tensor::from_vec(filters, shape, device)?,
                        bias: Tensor::from_vec(bias, (1, outputs, 1, 1), device)?,
                        stride: *stride,
                        padding: *padding,
                        groups: conv.groups(),
                        activation: conv.activation,
                    }
                }
                Layer::GlobalAveragePool => TensorLayer::GlobalAveragePool,
                Layer::Linear(linear) => TensorLayer::Linear {
                    weight: Tensor::from_vec(
                        linear.backward.to_rows(),
                        (linear.bias.len(), linear.backward.columns()),
                        device,
                    )?,
                    bias: Tensor::from_slice(&linear.bias, (1, linear.bias.len()), device)?,
                },
                Layer::MaxPool2d(pool) => TensorLayer::MaxPool(*pool),
                Layer::Residual(block) => TensorLayer::Residual {
                    branch: upload(&block.branch, device)?,
                    shortcut: upload(&block.shortcut, device)?,
                    activation: block.activation,
                },
                Layer::SqueezeExcite(block) => TensorLayer::SqueezeExcite { gate: upload(&block.gate, device)? },
            })
        })
        .collect()
}

type Saved<'a> = Option<&'a mut Vec<Tensor>>;

fn forward(layers: &[TensorLayer], input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
    layers.iter().try_fold(input.clone(), |map, layer| layer.forward(&map, tape))
}

fn backward(layers: &[TensorLayer], gradient: &Tensor, tape: &mut Vec<Tensor>) -> Result<Tensor> {
    layers.iter().rev().try_fold(gradient.clone(), |gradient, layer| layer.backward(&gradient, tape))
}

fn save(tape: &mut Saved<'_>, tensor: impl FnOnce() -> Result<Tensor>) -> Result<()> {
    if let Some(saved) = tape {
        saved.push(tensor()?);
    }
    Ok(())
}

fn take(tape: &mut Vec<Tensor>) -> Result<Tensor> {
    tape.pop().ok_or_else(|| candle_core::Error::Msg("backward without the forward before it".to_owned()))
}

impl TensorLayer {
    fn forward(&self, input: &Tensor, tape: &mut Saved<'_>) -> Result<Tensor> {
        match self {
            Self::Affine { scale, bias, activation } => {
                activate(*activation, input.broadcast_mul(scale)?.broadcast_add(bias)?, tape)
            }
            Self::AveragePool(pool) => {
                let (_, _, height, width) = input.dims4()?;
                save(tape, || Tensor::new(&[height as u32, width as u32], &Device::Cpu))?;
                WindowMeans::new(*pool, [height, width], input)?.means(input)
            }
            Self::Concat(branches) => {
                let parts = branches.iter().map(|branch| forward(branch, input, tape)).collect::<Result<Vec<_>>>()?;
                let channels = parts.iter().map(|part| Ok(part.dim(1)? as u32)).collect::<Result<Vec<_>>>()?;
                save(tape, || Tensor::new(channels, &Device::Cpu))?;
                Tensor::cat(&parts, 1)
            }
            Self::Conv { weight, bias, stride, padding, groups, activation } => {
                let (_, _, height, width) = input.dims4()?;
                let kernel = weight.dim(2)?;
                let (top, bottom) = zeros(*padding, height, kernel, *stride);
                let (left, right) = zeros(*padding, width, kernel, *stride);
                let padded = input.pad_with_zeros(2, top, bottom)?.pad_with_zeros(3, left, right)?;
                let sums = padded.conv2d(weight, 0, *stride, 1, *groups)?.broadcast_add(bias)?;
                // Only its size is needed: a convolution's input gradient does not depend on its input.
                save(tape, || Tensor::new(&[height as u32, width as u32], &Device::Cpu))?;
                activate(*activation, sums, tape)
            }
            Self::GlobalAveragePool => {
                let (_, _, height, width) = input.dims4()?;
                save(tape, || Tensor::new(&[height as u32, width as u32], &Device::Cpu))?;
                input.mean_keepdim((2, 3))
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
        }
    }

    fn backward(&self, gradient: &Tensor, tape: &mut Vec<Tensor>) -> Result<Tensor> {
        match self {
            Self::Affine { scale, activation, .. } => deactivate(*activation, gradient, tape)?.broadcast_mul(scale),
            Self::AveragePool(pool) => {
                let size = take(tape)?.to_vec1::<u32>()?;
                WindowMeans::new(*pool, [size[0] as usize, size[1] as usize], gradient)?.spread(gradient)
            }
            Self::Concat(branches) => {
                let channels = take(tape)?.to_vec1::<u32>()?;
                let mut end = gradient.dim(1)?;
                let mut sum: Option<Tensor> = None;
                for (branch, channels) in branches.iter().zip(channels).rev() {
                    end -= channels as usize;
                    let part = gradient.narrow(1, end, channels as usize)?.contiguous()?;
                    let own = backward(branch, &part, tape)?;
                    sum = Some(match sum {
                        Some(sum) => (sum + own)?,
                        None => own,
                    });
                }
                sum.ok_or_else(|| candle_core::Error::Msg("a block without branches".to_owned()))
            }
            Self::Conv { weight, stride, padding, groups, activation, .. } => {
                let gradient = deactivate(*activation, gradient, tape)?;
                let size = take(tape)?.to_vec1::<u32>()?;
                let [height, width] = [size[0] as usize, size[1] as usize];
                let kernel = weight.dim(2)?;
                let (top, bottom) = zeros(*padding, height, kernel, *stride);
                let (left, right) = zeros(*padding, width, kernel, *stride);
                // Rows past the last window saw no filter: the transposed convolution adds them as zeros.
                let unseen = (height + top + bottom - kernel) % stride;
                let unseen_right = (width + left + right - kernel) % stride;
                let whole = gradient.conv_transpose2d_grouped(weight, *stride, *groups)?;
                let whole = whole.pad_with_zeros(2, 0, unseen)?.pad_with_zeros(3, 0, unseen_right)?;
                whole.narrow(2, top, height)?.narrow(3, left, width)?.contiguous()
            }
            Self::GlobalAveragePool => {
                let size = take(tape)?.to_vec1::<u32>()?;
                let [height, width] = [size[0] as usize, size[1] as usize];
                let (n, channels, _, _) = gradient.dims4()?;
                (gradient / (height * width) as f64)?.broadcast_as((n, channels, height, width))?.contiguous()
            }
            Self::Linear { weight, .. } => gradient.flatten_from(1)?.matmul(weight)?.unsqueeze(2)?.unsqueeze(3),
            Self::MaxPool(pool) => {
                let input = take(tape)?;
                PoolTaps::new(*pool, &input)?.spread(&input, gradient)
            }
            Self::Residual { branch, shortcut, activation } => {
                let gradient = deactivate(*activation, gradient, tape)?;
                let through = backward(branch, &gradient, tape)?;
                through + backward(shortcut, &gradient, tape)?
            }
            Self::SqueezeExcite { gate } => {
                let (factors, input) = (take(tape)?, take(tape)?);
                let (_, _, height, width) = input.dims4()?;
                let through = backward(gate, &(gradient * input)?.sum_keepdim((2, 3))?, tape)?;
                gradient.broadcast_mul(&factors)?.broadcast_add(&(through / (height * width) as f64)?)
            }
        }
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

fn deactivate(activation: Activation, gradient: &Tensor, tape: &mut Vec<Tensor>) -> Result<Tensor> {
    match activation {
        Activation::None => Ok(gradient.clone()),
        _ => gradient * take(tape)?.to_dtype(gradient.dtype())?,
    }
}

/// Zeros before and after a side of `size` pixels.
pub(super) fn zeros(padding: Padding, size: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let (before, out) = padding.along(size, kernel, stride);
    let reach = (out - 1) * stride + kernel;
    match padding {
        Padding::Symmetric(pad) => (pad, pad),
        Padding::Same | Padding::Ceiling(_) => (before, reach.saturating_sub(size + before)),
    }
}

/// The transposed convolution, group by group: Candle's own takes one group only on some devices.
trait ConvTranspose {
    fn conv_transpose2d_grouped(&self, weight: &Tensor, stride: usize, groups: usize) -> Result<Tensor>;
}

impl ConvTranspose for Tensor {
    fn conv_transpose2d_grouped(&self, weight: &Tensor, stride: usize, groups: usize) -> Result<Tensor> {
        if groups == 1 {
            return self.conv_transpose2d(weight, 0, 0, stride, 1);
        }
        let gradients = self.chunk(groups, 1)?;
        let filters = weight.chunk(groups, 0)?;
        let parts = gradients
            .iter()
            .zip(&filters)
            .map(|(gradient, filter)| gradient.contiguous()?.conv_transpose2d(filter, 0, 0, stride, 1))
            .collect::<Result<Vec<_>>>()?;
        Tensor::cat(&parts, 1)
    }
}
