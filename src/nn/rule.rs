//! Rules of going back through a network: what an activation does to what is sent back, where that is not its
//! derivative. A rule is chosen for a whole pass; layers without an activation send back their gradient by every rule
//! but the last.

use super::{activation::Activation, layer::Layer};

/// What is sent back through a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// The gradient.
    #[default]
    Gradient,
    /// Guided backpropagation: the gradient, but where it is below 0 at an activation nothing goes on.
    ///
    /// Source: Springenberg, Dosovitskiy, Brox, Riedmiller, *Striving for Simplicity: The All Convolutional Net*, ICLR
    /// workshop 2015 (arXiv 1412.6806).
    Guided,
    /// DeconvNet: an activation lets through what is above 0, whatever it did on the way forwards.
    ///
    /// Source: Zeiler, Fergus, *Visualizing and Understanding Convolutional Networks*, ECCV 2014 (arXiv 1311.2901).
    Deconvolution,
    /// Excitation backprop: the probability with which a unit wins, shared out among the units before it by their
    /// activation times their weight, where that is above 0. It has a pass of its own (`candle/excitation.rs`).
    ///
    /// Source: Zhang, Lin, Brandt, Shen, Sclaroff, *Top-down Neural Attention by Excitation Backprop*, ECCV 2016
    /// (arXiv 1608.00507).
    Excitation,
}

impl Rule {
    /// Why the rule has nothing to say of a network of these layers, if it has not. All but the gradient's are rules for
    /// ReLU, and for ReLU6, which is one that stops at 6.
    pub fn refuses(self, layers: &[Layer]) -> Option<&'static str> {
        if self == Self::Gradient { None } else { layers.iter().find_map(|layer| self.refuses_layer(layer)) }
    }

    fn refuses_layer(self, layer: &Layer) -> Option<&'static str> {
        let is_excitation = self == Self::Excitation;
        match layer {
            Layer::Affine(affine) => refuses_activation(affine.activation),
            Layer::Conv2d(conv) => refuses_activation(conv.activation),
            Layer::DepthwiseConv2d(conv) => refuses_activation(conv.activation),
            Layer::GroupedConv2d(conv) => refuses_activation(conv.activation),
            Layer::Concat(block) => block.branches.iter().find_map(|branch| self.refuses(branch)),
            Layer::Residual(block) => self
                .refuses(&block.branch)
                .or_else(|| self.refuses(&block.shortcut))
                .or_else(|| refuses_activation(block.activation)),
            Layer::SqueezeExcite(block) => self.refuses(&block.gate).or_else(|| {
                is_excitation.then_some("its rule is one for sums, and this network multiplies (squeeze and excite)")
            }),
            Layer::Gelu => Some("its rule is one for ReLU, and this network has GELU"),
            Layer::Attention(_) if is_excitation => Some("its rule is one for sums, and this network has attention"),
            Layer::LayerNorm(_) if is_excitation => {
                Some("its rule is one for sums, and this network has layer normalisation")
            }
            Layer::Tokens(_) | Layer::TokenPool(_) if is_excitation => {
                Some("its rule is one for maps, and this network has tokens")
            }
            Layer::AveragePool2d(_)
            | Layer::GlobalAveragePool
            | Layer::MaxPool2d(_)
            | Layer::Linear(_)
            | Layer::LayerNorm(_)
            | Layer::Attention(_)
            | Layer::Tokens(_)
            | Layer::TokenPool(_) => None,
        }
    }
}

fn refuses_activation(activation: Activation) -> Option<&'static str> {
    match activation {
        Activation::None | Activation::Relu | Activation::Relu6 => None,
        Activation::Silu => Some("its rule is one for ReLU, and this network has SiLU"),
        Activation::Sigmoid => Some("its rule is one for ReLU, and this network has a sigmoid"),
        Activation::HardSwish => Some("its rule is one for ReLU, and this network has hard swish"),
        Activation::HardSigmoid => Some("its rule is one for ReLU, and this network has a hard sigmoid"),
    }
}
