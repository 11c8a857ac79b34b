//! A convolution as the tables of architectures give it, and the layer that it is with its tensors.

use crate::{
    ModelError,
    architectures::tensors::Tensors,
    nn::{Activation, Conv2d, DepthwiseConv2d, GroupedConv2d, Layer, Padding},
};

/// The shape of a convolution. `..Convolution::new(…)` is what most of them have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Convolution {
    pub outputs: usize,
    pub inputs: usize,
    /// Width and height of the window in pixels.
    pub kernel: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    pub padding: Padding,
    /// Groups of channels that do not meet.
    pub groups: usize,
    /// What follows.
    pub activation: Activation,
}

impl Convolution {
    /// Dense, with stride 1, as many pixels as before if `kernel` is odd, and a ReLU.
    pub const fn new([outputs, inputs, kernel]: [usize; 3]) -> Self {
        let padding = Padding::Symmetric(kernel / 2);
        Self { outputs, inputs, kernel, stride: 1, padding, groups: 1, activation: Activation::Relu }
    }

    /// Filters as PyTorch keeps them: `[out, inputs / groups, kernel, kernel]`.
    pub fn filter_shape(self) -> [usize; 4] {
        [self.outputs, self.inputs / self.groups, self.kernel, self.kernel]
    }

    /// With the tensors `name.weight` and `name.bias`.
    pub fn plain(self, weights: &dyn Tensors, name: &str) -> Result<Layer, ModelError> {
        let filters = weights.factors(&format!("{name}.weight"), &self.filter_shape())?;
        Ok(self.layer(filters, weights.get(&format!("{name}.bias"), &[self.outputs])?))
    }

    /// With the filters `name.weight`, no bias of its own, and the batch normalisation `norm` folded in.
    pub fn normalised(self, weights: &dyn Tensors, name: &str, norm: &str, epsilon: f64) -> Result<Layer, ModelError> {
        let (filters, bias) = weights.normalised_filters(name, norm, self.filter_shape(), epsilon)?;
        Ok(self.layer(filters, bias))
    }

    /// With these filters and bias.
    pub fn layer(self, filters: Vec<f32>, bias: Vec<f32>) -> Layer {
        let Self { outputs, inputs, kernel, stride, padding, groups, activation } = self;
        if groups == 1 {
            Layer::Conv2d(Conv2d::new(filters, bias, inputs, kernel, stride, padding, activation))
        } else if groups == inputs && groups == outputs {
            Layer::DepthwiseConv2d(DepthwiseConv2d::new(&filters, bias, kernel, stride, padding, activation))
        } else {
            Layer::GroupedConv2d(GroupedConv2d::new(filters, bias, groups, kernel, stride, padding, activation))
        }
    }
}

/// A fully connected layer over a whole map of `side × side` pixels is a convolution whose window is the map; its
/// weights may be kept as either.
pub(crate) fn dense(
    weights: &dyn Tensors,
    name: &str,
    [outputs, inputs, side]: [usize; 3],
    activation: Activation,
) -> Result<Layer, ModelError> {
    let weight = format!("{name}.weight");
    let filters = match weights.factors(&weight, &[outputs, inputs * side * side]) {
        Err(why @ ModelError::TensorShape { .. }) => {
            weights.factors(&weight, &[outputs, inputs, side, side]).map_err(|_| why)?
        }
        result => result?,
    };
    let bias = weights.get(&format!("{name}.bias"), &[outputs])?;
    let shape = [outputs, inputs, side];
    Ok(Convolution { padding: Padding::Symmetric(0), activation, ..Convolution::new(shape) }.layer(filters, bias))
}
