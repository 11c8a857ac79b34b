//! The block of MobileNetV3 and EfficientNet: expand, filter each channel, weigh the channels, project.
//!
//! Source: Sandler et al., *MobileNetV2*, CVPR 2018 (arXiv 1801.04381), with the squeeze-and-excite of Hu, Shen, Sun,
//! CVPR 2018 (arXiv 1709.01507).

use super::convolution::Convolution;
use crate::{
    ModelError,
    architectures::tensors::Tensors,
    nn::{Activation, Layer, Padding, Residual, SqueezeExcite},
};

/// Where a network was trained: how its convolutions are padded, and its batch normalisations computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Training {
    /// TensorFlow's padding, which at stride 2 is not symmetric.
    pub same: bool,
    /// Added to the variance in every batch normalisation.
    pub epsilon: f64,
}

/// In TensorFlow.
pub(crate) const TENSORFLOW: Training = Training { same: true, epsilon: 1e-3 };

impl Training {
    /// A convolution, padded to keep the map's size at stride 1, with the tensors of these names: its own and those of
    /// the batch normalisation after it.
    pub fn layer(
        self,
        weights: &dyn Tensors,
        [name, norm]: [String; 2],
        shape: Convolution,
    ) -> Result<Layer, ModelError> {
        let padding = if self.same { Padding::Same } else { Padding::Symmetric(shape.kernel / 2) };
        Convolution { padding, ..shape }.normalised(weights, &name, &norm, self.epsilon)
    }
}

/// One convolution of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// To more channels.
    Expand,
    /// Each channel on its own.
    Filter,
    /// From the channels' means to fewer numbers.
    Squeeze,
    /// And to each channel's factor.
    Excite,
    /// To fewer channels, without an activation.
    Project,
}

/// A block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub kernel: usize,
    pub stride: usize,
    pub inputs: usize,
    /// Channels inside; if they are as many as `inputs`, nothing is expanded.
    pub inner: usize,
    pub outputs: usize,
    pub activation: Activation,
    pub squeeze: Option<Squeeze>,
}

/// A block's squeeze-and-excite.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Squeeze {
    pub channels: usize,
    pub activation: Activation,
    /// What makes factors of numbers.
    pub gate: Activation,
}

impl Block {
    /// The block's layers, with the way around them where the shape stays. `names` gives what a part is called, and the
    /// batch normalisation after it.
    pub fn build(
        &self,
        weights: &dyn Tensors,
        training: Training,
        names: impl Fn(Part) -> [String; 2],
    ) -> Result<Vec<Layer>, ModelError> {
        let Self { kernel, stride, inputs, inner, outputs, activation, squeeze } = *self;
        let part = |part: Part, shape: Convolution| training.layer(weights, names(part), shape);
        let mut layers = Vec::with_capacity(4);
        if inner != inputs {
            layers.push(part(Part::Expand, Convolution { activation, ..Convolution::new([inner, inputs, 1]) })?);
        }
        let filter = Convolution { stride, groups: inner, activation, ..Convolution::new([inner, inner, kernel]) };
        layers.push(part(Part::Filter, filter)?);
        if let Some(Squeeze { channels, activation, gate }) = squeeze {
            let reduce = Convolution { activation, ..Convolution::new([channels, inner, 1]) };
            let expand = Convolution { activation: gate, ..Convolution::new([inner, channels, 1]) };
            let [[reduce_name, _], [expand_name, _]] = [Part::Squeeze, Part::Excite].map(&names);
            layers.push(Layer::SqueezeExcite(SqueezeExcite::new(
                reduce.plain(weights, &reduce_name)?,
                expand.plain(weights, &expand_name)?,
            )));
        }
        let project = Convolution { activation: Activation::None, ..Convolution::new([outputs, inner, 1]) };
        layers.push(part(Part::Project, project)?);
        if stride == 1 && inputs == outputs {
            return Ok(vec![Layer::Residual(Residual::new(layers, Vec::new(), Activation::None))]);
        }
        Ok(layers)
    }

    /// What torchvision calls the parts, below the block.
    pub fn torchvision(&self, part: Part) -> [String; 2] {
        let filter = usize::from(self.inner != self.inputs);
        let project = filter + 1 + usize::from(self.squeeze.is_some());
        let normalised = |place: usize| [format!("block.{place}.0"), format!("block.{place}.1")];
        match part {
            Part::Expand => normalised(0),
            Part::Filter => normalised(filter),
            Part::Squeeze => [format!("block.{}.fc1", filter + 1), String::new()],
            Part::Excite => [format!("block.{}.fc2", filter + 1), String::new()],
            Part::Project => normalised(project),
        }
    }

    /// Which part timm means by a layer's name below the block, and whether its convolution (0) or its batch
    /// normalisation (1).
    pub fn part_in_timm(&self, layer: &str) -> Option<(Part, usize)> {
        let expands = self.inner != self.inputs;
        Some(match layer {
            "conv_pw" => (if expands { Part::Expand } else { Part::Project }, 0),
            "conv_dw" => (Part::Filter, 0),
            "conv_pwl" => (Part::Project, 0),
            "bn1" => (if expands { Part::Expand } else { Part::Filter }, 1),
            "bn2" => (if expands { Part::Filter } else { Part::Project }, 1),
            "bn3" => (Part::Project, 1),
            "se.conv_reduce" => (Part::Squeeze, 0),
            "se.conv_expand" => (Part::Excite, 0),
            _ => return None,
        })
    }
}

/// Stage, block and layer of timm's `blocks.1.0.conv_pw`.
pub(crate) fn place_in_timm(layer: &str) -> Option<(usize, usize, &str)> {
    let (stage, rest) = layer.strip_prefix("blocks.")?.split_once('.')?;
    let (block, layer) = rest.split_once('.')?;
    Some((stage.parse().ok()?, block.parse().ok()?, layer))
}
