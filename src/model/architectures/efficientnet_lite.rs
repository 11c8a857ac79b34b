//! EfficientNet-Lite0 to Lite4: EfficientNet without squeeze-and-excite, with ReLU6, for processors without a GPU.
//!
//! Source: Tan, Le, *EfficientNet*, ICML 2019 (arXiv 1905.11946), and the Lite variants of TensorFlow's TPU
//! repository. Tensors are named as in the PyTorch conversion `efficientnet-lite-pytorch`, or as timm's
//! `tf_efficientnet_lite0` to `4`.

use super::{
    Architecture, Build, Layers, Lookalike,
    blocks::{
        Blocks,
        convolution::Convolution,
        inverted_residual::{Part, TENSORFLOW, place_in_timm},
    },
    efficientnet::{B0, B1, B2, B3, B4, HEAD, STAGES, Scaling, Stage},
    tensors::Tensors,
};
use crate::{
    ModelError,
    imaging::{CropRule, Normalisation},
    nn::{Activation, Layer, Linear},
};

/// Sides of the inputs are those of the TPU repository's `efficientnet_lite_builder`.
pub(crate) const ALL: [Architecture; 5] = [
    member(
        "efficientnet-lite0",
        "EfficientNet-Lite0",
        &[alike("efficientnet_lite0")],
        224,
        |n| from_timm(n, B0),
        |w, n| build(w, n, B0),
    ),
    member(
        "efficientnet-lite1",
        "EfficientNet-Lite1",
        &[alike("efficientnet_lite1")],
        240,
        |n| from_timm(n, B1),
        |w, n| build(w, n, B1),
    ),
    member(
        "efficientnet-lite2",
        "EfficientNet-Lite2",
        &[alike("efficientnet_lite2")],
        260,
        |n| from_timm(n, B2),
        |w, n| build(w, n, B2),
    ),
    member(
        "efficientnet-lite3",
        "EfficientNet-Lite3",
        &[alike("efficientnet_lite3")],
        280,
        |n| from_timm(n, B3),
        |w, n| build(w, n, B3),
    ),
    member(
        "efficientnet-lite4",
        "EfficientNet-Lite4",
        &[alike("efficientnet_lite4")],
        300,
        |n| from_timm(n, B4),
        |w, n| build(w, n, B4),
    ),
];

/// timm's own training of the same network, which pads otherwise, by timm's names.
const fn alike(name: &'static str) -> Lookalike {
    Lookalike { name, known_by: "conv_stem.weight" }
}

/// Pixels by which the shorter side is longer than the crop (`CROP_PADDING` in the TPU repository's preprocessing).
const CROP_PADDING: u32 = 32;

const fn member(
    name: &'static str,
    title: &'static str,
    lookalikes: &'static [Lookalike],
    side: u32,
    rename: fn(&str) -> Option<String>,
    build: Build,
) -> Architecture {
    Architecture {
        name,
        title,
        feature_layer: "_conv_head",
        classifier: "_fc.weight",
        least_side: 1,
        heads: None,
        lookalikes,
        crop: CropRule::new(side + CROP_PADDING, side),
        normalisation: Normalisation::new([0.498; 3], [0.502; 3]),
        presets: &[],
        rename,
        build,
    }
}

/// Channels after the stem; they and [`HEAD`] are not scaled.
const STEM: usize = 32;

/// How often a stage's block is repeated: the first and the last stage are not scaled.
fn repeats(number: usize, scaling: Scaling) -> usize {
    let blocks = STAGES[number].blocks;
    if number == 0 || number + 1 == STAGES.len() { blocks } else { scaling.blocks(blocks) }
}

/// What the conversion calls a part of a block, and the batch normalisation after it.
fn names(part: Part) -> [&'static str; 2] {
    match part {
        Part::Expand => ["_expand_conv", "_bn0"],
        Part::Filter => ["_depthwise_conv", "_bn1"],
        Part::Squeeze => ["_se_reduce", ""],
        Part::Excite => ["_se_expand", ""],
        Part::Project => ["_project_conv", "_bn2"],
    }
}

fn build(weights: &dyn Tensors, classes: usize, scaling: Scaling) -> Result<Layers, ModelError> {
    let layer = |names: [&str; 2], shape: Convolution| {
        let shape = Convolution { activation: Activation::Relu6, ..shape };
        TENSORFLOW.layer(weights, names.map(str::to_owned), shape)
    };
    let stem = Convolution { stride: 2, ..Convolution::new([STEM, 3, 3]) };
    let mut features = vec![layer(["_conv_stem", "_bn0"], stem)?];
    let mut blocks = Blocks::default();
    let mut channels = STEM;
    let mut number = 0;
    for (stage_number, stage) in STAGES.iter().enumerate() {
        let stage = Stage { outputs: scaling.channels(stage.outputs), ..*stage };
        for index in 0..repeats(stage_number, scaling) {
            let block = stage.block(index == 0, channels, Activation::Relu6);
            let below = |name: &str| format!("_blocks.{number}.{name}");
            features.extend(block.build(weights, TENSORFLOW, |part| names(part).map(below))?);
            blocks.end_of(&features, format!("_blocks.{number}"));
            channels = stage.outputs;
            number += 1;
        }
    }
    features.push(layer(["_conv_head", "_bn1"], Convolution::new([HEAD, channels, 1]))?);
    blocks.end_of(&features, "_conv_head");
    let classifier =
        Linear::new(weights.factors("_fc.weight", &[classes, HEAD])?, weights.get("_fc.bias", &[classes])?);
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)], blocks })
}

/// The conversion's name of a tensor that timm calls `name`.
fn from_timm(name: &str, scaling: Scaling) -> Option<String> {
    let (layer, tensor) = name.rsplit_once('.')?;
    let layer = match layer {
        "conv_stem" => "_conv_stem".to_owned(),
        "bn1" => "_bn0".to_owned(),
        "conv_head" => "_conv_head".to_owned(),
        "bn2" => "_bn1".to_owned(),
        "classifier" => "_fc".to_owned(),
        _ => {
            let (stage, index, layer) = place_in_timm(layer)?;
            let (part, which) = STAGES.get(stage)?.block(index == 0, STEM, Activation::Relu6).part_in_timm(layer)?;
            let before: usize = (0..stage).map(|stage| repeats(stage, scaling)).sum();
            format!("_blocks.{}.{}", before.checked_add(index)?, names(part)[which])
        }
    };
    Some(format!("{layer}.{tensor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timms_names_become_the_conversions() {
        for (scaling, timm, conversion) in [
            (B0, "conv_stem.weight", "_conv_stem.weight"),
            (B0, "bn1.bias", "_bn0.bias"),
            (B0, "blocks.0.0.conv_pw.weight", "_blocks.0._project_conv.weight"),
            (B0, "blocks.1.0.conv_pw.weight", "_blocks.1._expand_conv.weight"),
            (B4, "blocks.2.0.bn3.running_mean", "_blocks.5._bn2.running_mean"),
            (B1, "classifier.weight", "_fc.weight"),
        ] {
            assert_eq!(from_timm(timm, scaling).as_deref(), Some(conversion));
        }
        let largest = usize::MAX;
        for other in ["_fc.weight".to_owned(), format!("blocks.6.{largest}.conv_dw.weight")] {
            assert_eq!(from_timm(&other, B0), None, "{other}");
        }
    }
}
