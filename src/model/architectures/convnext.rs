//! ConvNeXt: convolutions built like a transformer.
//!
//! Source: Liu et al., *A ConvNet for the 2020s*, CVPR 2022 (arXiv 2201.03545). Tensors have timm's names; torchvision's,
//! the authors' and those of Hugging Face's transformers are known.

use super::{
    Architecture, BILINEAR_224, CENTRE_224, IMAGENET, Layers, Preset,
    blocks::Blocks,
    tensors::Tensors,
    vit::{linear, norm},
};
use crate::{
    ModelError,
    files::renames::rename,
    imaging::CropRule,
    nn::{Activation, Conv2d, DepthwiseConv2d, Layer, Linear, Padding, Residual},
};

/// Side of the depthwise window in a block, in pixels.
const KERNEL: usize = 7;

/// Width of the perceptron in a block, as a multiple of that of its input.
const EXPANSION: usize = 4;

/// Blocks in the four stages of the larger ones.
const DEEP: [usize; 4] = [3, 3, 27, 3];

/// Section 3.7 of the paper: blocks, and channels of the first stage; every stage doubles them.
pub(crate) const ALL: [Architecture; 3] = [
    TINY,
    Architecture {
        name: "convnext_small",
        title: "ConvNeXt-S",
        presets: &[torchvisions(230)],
        build: |weights, classes| build(weights, DEEP, 96, classes),
        ..TINY
    },
    Architecture {
        name: "convnext_base",
        title: "ConvNeXt-B",
        presets: &[torchvisions(232)],
        build: |weights, classes| build(weights, DEEP, 128, classes),
        ..TINY
    },
];

const TINY: Architecture = Architecture {
    name: "convnext_tiny",
    title: "ConvNeXt-T",
    feature_layer: "stages.3",
    classifier: "head.fc.weight",
    least_side: 32,
    heads: None,
    lookalikes: &[],
    crop: CENTRE_224,
    normalisation: IMAGENET,
    presets: &[torchvisions(236)],
    rename: canonical_name,
    build: |weights, classes| build(weights, [3, 3, 9, 3], 96, classes),
};

/// What torchvision's weights were trained to see: the shorter side to so many pixels, and the middle 224.
const fn torchvisions(resize: u32) -> Preset {
    let crop = CropRule { resize, ..BILINEAR_224 };
    Preset { known_by: "features.0.0.weight", crop, normalisation: IMAGENET }
}

/// Others' names of tensors, and timm's. `#` is a number; torchvision's stages are counted in [`canonical_name`].
const RENAMES: [(&str, &str); 33] = [
    // The authors'.
    ("downsample_layers.0.0", "stem.0"),
    ("downsample_layers.0.1", "stem.1"),
    ("downsample_layers.1", "stages.1.downsample"),
    ("downsample_layers.2", "stages.2.downsample"),
    ("downsample_layers.3", "stages.3.downsample"),
    ("stages.#.#.dwconv", "stages.#.blocks.#.conv_dw"),
    ("stages.#.#.norm", "stages.#.blocks.#.norm"),
    ("stages.#.#.pwconv1", "stages.#.blocks.#.mlp.fc1"),
    ("stages.#.#.pwconv2", "stages.#.blocks.#.mlp.fc2"),
    ("stages.#.#.gamma", "stages.#.blocks.#.gamma"),
    ("norm.weight", "head.norm.weight"),
    ("norm.bias", "head.norm.bias"),
    ("head.weight", "head.fc.weight"),
    ("head.bias", "head.fc.bias"),
    // Hugging Face's transformers.
    ("convnext.embeddings.patch_embeddings", "stem.0"),
    ("convnext.embeddings.layernorm", "stem.1"),
    ("convnext.encoder.stages.#.downsampling_layer.#", "stages.#.downsample.#"),
    ("convnext.encoder.stages.#.layers.#.dwconv", "stages.#.blocks.#.conv_dw"),
    ("convnext.encoder.stages.#.layers.#.layernorm", "stages.#.blocks.#.norm"),
    ("convnext.encoder.stages.#.layers.#.pwconv1", "stages.#.blocks.#.mlp.fc1"),
    ("convnext.encoder.stages.#.layers.#.pwconv2", "stages.#.blocks.#.mlp.fc2"),
    ("convnext.encoder.stages.#.layers.#.layer_scale_parameter", "stages.#.blocks.#.gamma"),
    ("convnext.layernorm", "head.norm"),
    ("classifier.weight", "head.fc.weight"),
    ("classifier.bias", "head.fc.bias"),
    // torchvision's: blocks before the stem, which the first stage's names begin like.
    ("features.#.#.block.0", "stages.#.blocks.#.conv_dw"),
    ("features.#.#.block.2", "stages.#.blocks.#.norm"),
    ("features.#.#.block.3", "stages.#.blocks.#.mlp.fc1"),
    ("features.#.#.block.5", "stages.#.blocks.#.mlp.fc2"),
    ("features.0.0", "stem.0"),
    ("features.0.1", "stem.1"),
    ("classifier.0", "head.norm"),
    ("classifier.2", "head.fc"),
];

fn canonical_name(name: &str) -> Option<String> {
    let Some((stage, rest)) = name.strip_prefix("features.").and_then(|rest| rest.split_once('.')) else {
        return rename(&RENAMES, name);
    };
    // torchvision counts the stem, stages and what is between them as one sequence.
    match (stage.parse::<usize>(), rest.split_once('.')) {
        (Ok(number @ 2..), Some((part, of))) if number % 2 == 0 => {
            Some(format!("stages.{}.downsample.{part}.{of}", number / 2))
        }
        (Ok(number @ 1..), Some((block, "layer_scale"))) => Some(format!("stages.{}.blocks.{block}.gamma", number / 2)),
        (Ok(number @ 1..), _) => rename(&RENAMES, &format!("features.{}.{rest}", number / 2)),
        _ => rename(&RENAMES, name),
    }
}

/// Builds a ConvNeXt of four stages with so many `blocks` each, and `classes` classes.
fn build(weights: &dyn Tensors, blocks: [usize; 4], stem: usize, classes: usize) -> Result<Layers, ModelError> {
    let mut channels = stem;
    let mut features = vec![patches(weights, "stem.0", [channels, 3, 4])?, norm(weights, "stem.1", channels)?];
    let mut ends = Blocks::default();
    for (stage, blocks) in blocks.into_iter().enumerate() {
        let name = format!("stages.{stage}");
        if stage > 0 {
            features.push(norm(weights, &format!("{name}.downsample.0"), channels)?);
            features.push(patches(weights, &format!("{name}.downsample.1"), [2 * channels, channels, 2])?);
            channels *= 2;
        }
        for block in 0..blocks {
            features.push(convnext_block(weights, &format!("{name}.blocks.{block}"), channels)?);
            ends.end_in_stage(&features, &name, &format!("blocks.{block}"), block + 1 == blocks);
        }
    }
    let classifier =
        Linear::new(weights.factors("head.fc.weight", &[classes, channels])?, weights.get("head.fc.bias", &[classes])?);
    let head = vec![Layer::GlobalAveragePool, norm(weights, "head.norm", channels)?, Layer::Linear(classifier)];
    Ok(Layers { features, head, blocks: ends })
}

/// Filter each channel, normalise, and a perceptron for every pixel.
fn convnext_block(weights: &dyn Tensors, name: &str, channels: usize) -> Result<Layer, ModelError> {
    let filters = weights.get(&format!("{name}.conv_dw.weight"), &[channels, 1, KERNEL, KERNEL])?;
    let bias = weights.get(&format!("{name}.conv_dw.bias"), &[channels])?;
    let padding = Padding::Symmetric(KERNEL / 2);
    let scale = weights.get(&format!("{name}.gamma"), &[channels])?;
    let inner = EXPANSION * channels;
    let branch = vec![
        Layer::DepthwiseConv2d(DepthwiseConv2d::new(&filters, bias, KERNEL, 1, padding, Activation::None)),
        norm(weights, &format!("{name}.norm"), channels)?,
        linear(weights, &format!("{name}.mlp.fc1"), [inner, channels], None)?,
        Layer::Gelu,
        linear(weights, &format!("{name}.mlp.fc2"), [channels, inner], Some(scale))?,
    ];
    Ok(Layer::Residual(Residual::new(branch, Vec::new(), Activation::None)))
}

/// A convolution whose windows touch.
fn patches(weights: &dyn Tensors, name: &str, [outputs, inputs, kernel]: [usize; 3]) -> Result<Layer, ModelError> {
    let filters = weights.factors(&format!("{name}.weight"), &[outputs, inputs, kernel, kernel])?;
    let bias = weights.get(&format!("{name}.bias"), &[outputs])?;
    let padding = Padding::Symmetric(0);
    Ok(Layer::Conv2d(Conv2d::new(filters, bias, inputs, kernel, kernel, padding, Activation::None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_has_one_name_whoever_wrote_the_file() {
        let names = [
            ["stem.1.bias", "downsample_layers.0.1.bias", "convnext.embeddings.layernorm.bias", "features.0.1.bias"],
            [
                "stages.2.downsample.1.weight",
                "downsample_layers.2.1.weight",
                "convnext.encoder.stages.2.downsampling_layer.1.weight",
                "features.4.1.weight",
            ],
            [
                "stages.3.blocks.2.mlp.fc2.weight",
                "stages.3.2.pwconv2.weight",
                "convnext.encoder.stages.3.layers.2.pwconv2.weight",
                "features.7.2.block.5.weight",
            ],
            [
                "stages.0.blocks.1.gamma",
                "stages.0.1.gamma",
                "convnext.encoder.stages.0.layers.1.layer_scale_parameter",
                "features.1.1.layer_scale",
            ],
            [
                "stages.0.blocks.0.conv_dw.bias",
                "stages.0.0.dwconv.bias",
                "convnext.encoder.stages.0.layers.0.dwconv.bias",
                "features.1.0.block.0.bias",
            ],
            ["head.norm.weight", "norm.weight", "convnext.layernorm.weight", "classifier.0.weight"],
            ["head.fc.bias", "head.bias", "classifier.bias", "classifier.2.bias"],
        ];
        for [ours, others @ ..] in names {
            assert_eq!(TINY.canonical_name(ours), ours);
            for other in others {
                assert_eq!(TINY.canonical_name(other), ours, "{other}");
            }
        }
    }
}
