//! EfficientNet-B0 to B4: one table, scaled in width, depth and resolution together.
//!
//! Source: Tan, Le, *EfficientNet*, ICML 2019 (arXiv 1905.11946). Tensors have torchvision's names, or timm's. The
//! networks whose names begin with `tf_` are timm's of weights that were trained in TensorFlow: the same tensors, other
//! padding and another ε, so that one's weights in the other give wrong answers.

use super::{
    Architecture, Build, HALF, IMAGENET, Layers, Preset,
    blocks::{
        Blocks,
        convolution::Convolution,
        inverted_residual::{Block, Squeeze, TENSORFLOW, Training, place_in_timm},
    },
    tensors::Tensors,
};
use crate::{
    ModelError,
    imaging::{CropRule, Normalisation},
    nn::{Activation, Layer, Linear},
};

/// Crops are torchvision's (`EfficientNet_B*_Weights.IMAGENET1K_V1`) and timm's (`tf_efficientnet_b*`), in whole pixels.
pub(crate) const ALL: [Architecture; 10] = [
    member("efficientnet_b0", "EfficientNet-B0", [256, 224], |w, n| build(w, n, B0, PYTORCH)),
    Architecture {
        presets: &[timms(266, 240, HALF)],
        ..member("efficientnet_b1", "EfficientNet-B1", [256, 240], |w, n| build(w, n, B1, PYTORCH))
    },
    Architecture {
        presets: &[timms(292, 256, IMAGENET)],
        ..member("efficientnet_b2", "EfficientNet-B2", [288, 288], |w, n| build(w, n, B2, PYTORCH))
    },
    Architecture {
        presets: &[timms(329, 288, IMAGENET)],
        ..member("efficientnet_b3", "EfficientNet-B3", [320, 300], |w, n| build(w, n, B3, PYTORCH))
    },
    Architecture {
        presets: &[timms(365, 320, IMAGENET)],
        ..member("efficientnet_b4", "EfficientNet-B4", [384, 380], |w, n| build(w, n, B4, PYTORCH))
    },
    member("tf_efficientnet_b0", "EfficientNet-B0 (TensorFlow)", [256, 224], |w, n| build(w, n, B0, TENSORFLOW)),
    member("tf_efficientnet_b1", "EfficientNet-B1 (TensorFlow)", [272, 240], |w, n| build(w, n, B1, TENSORFLOW)),
    member("tf_efficientnet_b2", "EfficientNet-B2 (TensorFlow)", [292, 260], |w, n| build(w, n, B2, TENSORFLOW)),
    member("tf_efficientnet_b3", "EfficientNet-B3 (TensorFlow)", [331, 300], |w, n| build(w, n, B3, TENSORFLOW)),
    member("tf_efficientnet_b4", "EfficientNet-B4 (TensorFlow)", [412, 380], |w, n| build(w, n, B4, TENSORFLOW)),
];

const fn member(name: &'static str, title: &'static str, [resize, crop]: [u32; 2], build: Build) -> Architecture {
    Architecture {
        name,
        title,
        feature_layer: "features.8",
        classifier: "classifier.1.weight",
        least_side: 1,
        heads: None,
        lookalikes: &[],
        crop: CropRule::new(resize, crop),
        normalisation: IMAGENET,
        presets: &[],
        rename: from_timm,
        build,
    }
}

/// What timm's weights were trained to see, by its names of tensors.
const fn timms(resize: u32, crop: u32, normalisation: Normalisation) -> Preset {
    Preset { known_by: "conv_stem.weight", crop: CropRule::new(resize, crop), normalisation }
}

/// In PyTorch.
const PYTORCH: Training = Training { same: false, epsilon: 1e-5 };

/// Channels after the stem, before scaling.
const STEM: usize = 32;

/// Channels of the features, before scaling.
pub(crate) const HEAD: usize = 1280;

/// Several blocks of one shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    pub blocks: usize,
    pub kernel: usize,
    /// Stride of the first block; the others have 1.
    pub stride: usize,
    /// Channels inside a block, as a multiple of those before it.
    pub expansion: usize,
    pub outputs: usize,
}

/// Table 1 of the paper, scaled by 1.
pub(crate) const STAGES: [Stage; 7] = [
    Stage { blocks: 1, kernel: 3, stride: 1, expansion: 1, outputs: 16 },
    Stage { blocks: 2, kernel: 3, stride: 2, expansion: 6, outputs: 24 },
    Stage { blocks: 2, kernel: 5, stride: 2, expansion: 6, outputs: 40 },
    Stage { blocks: 3, kernel: 3, stride: 2, expansion: 6, outputs: 80 },
    Stage { blocks: 3, kernel: 5, stride: 1, expansion: 6, outputs: 112 },
    Stage { blocks: 4, kernel: 5, stride: 2, expansion: 6, outputs: 192 },
    Stage { blocks: 1, kernel: 3, stride: 1, expansion: 6, outputs: 320 },
];

/// By what a network is wider and deeper than the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scaling {
    pub width: f64,
    pub depth: f64,
}

/// The authors' coefficients, which the Lite variants share.
pub(crate) const B0: Scaling = Scaling { width: 1.0, depth: 1.0 };
pub(crate) const B1: Scaling = Scaling { width: 1.0, depth: 1.1 };
pub(crate) const B2: Scaling = Scaling { width: 1.1, depth: 1.2 };
pub(crate) const B3: Scaling = Scaling { width: 1.2, depth: 1.4 };
pub(crate) const B4: Scaling = Scaling { width: 1.4, depth: 1.8 };

impl Scaling {
    /// So many channels, made wider: a multiple of 8, and less than a tenth fewer than asked for.
    pub fn channels(self, channels: usize) -> usize {
        let wide = channels as f64 * self.width;
        let nearest = ((wide + 4.0) as usize / 8 * 8).max(8);
        if (nearest as f64) < 0.9 * wide { nearest + 8 } else { nearest }
    }

    /// So many blocks, made deeper.
    pub fn blocks(self, blocks: usize) -> usize {
        (blocks as f64 * self.depth).ceil() as usize
    }
}

impl Stage {
    /// The block of a stage, the first one or another, after `inputs` channels.
    pub fn block(&self, first: bool, inputs: usize, activation: Activation) -> Block {
        let stride = if first { self.stride } else { 1 };
        let inner = inputs * self.expansion;
        Block { kernel: self.kernel, stride, inputs, inner, outputs: self.outputs, activation, squeeze: None }
    }
}

/// Squeezes to a quarter of the channels before the block.
fn squeezing(block: Block) -> Block {
    let squeeze = Squeeze { channels: block.inputs / 4, activation: Activation::Silu, gate: Activation::Sigmoid };
    Block { squeeze: Some(squeeze), ..block }
}

fn build(weights: &dyn Tensors, classes: usize, scaling: Scaling, training: Training) -> Result<Layers, ModelError> {
    let layer = |number: usize, shape: Convolution| {
        let names = [format!("features.{number}.0"), format!("features.{number}.1")];
        training.layer(weights, names, Convolution { activation: Activation::Silu, ..shape })
    };
    let mut blocks = Blocks::default();
    let mut channels = scaling.channels(STEM);
    let mut features = vec![layer(0, Convolution { stride: 2, ..Convolution::new([channels, 3, 3]) })?];
    for (number, stage) in STAGES.iter().enumerate() {
        let stage = Stage { outputs: scaling.channels(stage.outputs), ..*stage };
        let repeats = scaling.blocks(stage.blocks);
        for index in 0..repeats {
            let block = squeezing(stage.block(index == 0, channels, Activation::Silu));
            let below = |name: String| format!("features.{}.{index}.{name}", number + 1);
            features.extend(block.build(weights, training, |part| block.torchvision(part).map(below))?);
            let stage_name = format!("features.{}", number + 1);
            blocks.end_in_stage(&features, &stage_name, &index.to_string(), index + 1 == repeats);
            channels = stage.outputs;
        }
    }
    let head = scaling.channels(HEAD);
    features.push(layer(8, Convolution::new([head, channels, 1]))?);
    blocks.end_of(&features, "features.8");
    let classifier = Linear::new(
        weights.factors("classifier.1.weight", &[classes, head])?,
        weights.get("classifier.1.bias", &[classes])?,
    );
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)], blocks })
}

/// torchvision's name of a tensor that timm calls `name`.
fn from_timm(name: &str) -> Option<String> {
    let (layer, tensor) = name.rsplit_once('.')?;
    let layer = match layer {
        "conv_stem" => "features.0.0".to_owned(),
        "bn1" => "features.0.1".to_owned(),
        "conv_head" => "features.8.0".to_owned(),
        "bn2" => "features.8.1".to_owned(),
        "classifier" => "classifier.1".to_owned(),
        _ => {
            let (stage, index, layer) = place_in_timm(layer)?;
            // Whether a block expands is all that its numbers decide here.
            let block = squeezing(STAGES.get(stage)?.block(index == 0, STEM, Activation::Silu));
            let (part, which) = block.part_in_timm(layer)?;
            format!("features.{}.{index}.{}", stage + 1, block.torchvision(part)[which])
        }
    };
    Some(format!("{layer}.{tensor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_blocks_are_scaled_as_in_the_authors_program() {
        let channels = |scaling: Scaling| STAGES.map(|stage| scaling.channels(stage.outputs));
        assert_eq!(channels(B0), [16, 24, 40, 80, 112, 192, 320]);
        assert_eq!(channels(B2), [16, 24, 48, 88, 120, 208, 352]);
        assert_eq!(channels(B4), [24, 32, 56, 112, 160, 272, 448]);
        assert_eq!((B3.channels(STEM), B4.channels(STEM), B4.channels(HEAD)), (40, 48, 1792));
        assert_eq!(STAGES.map(|stage| B4.blocks(stage.blocks)), [2, 4, 4, 6, 6, 8, 2]);
    }

    #[test]
    fn timms_names_become_torchvisions() {
        for (timm, torchvision) in [
            ("conv_stem.weight", "features.0.0.weight"),
            ("bn2.running_var", "features.8.1.running_var"),
            ("blocks.0.0.conv_pw.weight", "features.1.0.block.2.0.weight"),
            ("blocks.0.0.se.conv_reduce.bias", "features.1.0.block.1.fc1.bias"),
            ("blocks.5.3.conv_pwl.weight", "features.6.3.block.3.0.weight"),
            ("classifier.bias", "classifier.1.bias"),
        ] {
            assert_eq!(from_timm(timm).as_deref(), Some(torchvision));
        }
        for other in ["classifier.1.weight", "blocks.7.0.conv_pw.weight", "blocks.0.0.conv.weight", "weight"] {
            assert_eq!(from_timm(other), None, "{other}");
        }
    }
}
