//! MobileNetV2: inverted residuals with linear bottlenecks.
//!
//! Source: Sandler et al., *MobileNetV2*, CVPR 2018 (arXiv 1801.04381). Tensors have torchvision's names.

use super::{
    Architecture, BILINEAR_224, CENTRE_224, IMAGENET, Layers, Preset,
    blocks::{Blocks, convolution::Convolution},
    tensors::Tensors,
};
use crate::{
    ModelError,
    nn::{Activation, Layer, Linear, Residual},
};

/// The one of width 1.
pub(crate) const ALL: [Architecture; 1] = [Architecture {
    name: "mobilenet_v2",
    title: "MobileNetV2",
    feature_layer: "features.18",
    classifier: "classifier.1.weight",
    least_side: 1,
    heads: None,
    lookalikes: &[],
    crop: BILINEAR_224,
    normalisation: IMAGENET,
    presets: &[Preset { known_by: "conv_stem.weight", crop: CENTRE_224, normalisation: IMAGENET }],
    rename,
    build,
}];

/// Several inverted-residual blocks of one shape.
struct Stage {
    /// Channels inside a block, as a multiple of those before it.
    expansion: usize,
    outputs: usize,
    blocks: usize,
    /// Stride of the first block; the others have 1.
    stride: usize,
}

/// Table 2 of the paper.
const STAGES: [Stage; 7] = [
    Stage { expansion: 1, outputs: 16, blocks: 1, stride: 1 },
    Stage { expansion: 6, outputs: 24, blocks: 2, stride: 2 },
    Stage { expansion: 6, outputs: 32, blocks: 3, stride: 2 },
    Stage { expansion: 6, outputs: 64, blocks: 4, stride: 2 },
    Stage { expansion: 6, outputs: 96, blocks: 3, stride: 1 },
    Stage { expansion: 6, outputs: 160, blocks: 3, stride: 2 },
    Stage { expansion: 6, outputs: 320, blocks: 1, stride: 1 },
];

/// Channels after the stem.
const STEM: usize = 32;

/// Channels of the features.
const HEAD: usize = 1280;

/// Added to the variance in every batch normalisation.
const BATCH_NORM_EPSILON: f64 = 1e-5;

fn build(weights: &dyn Tensors, classes: usize) -> Result<Layers, ModelError> {
    let stem = Convolution { stride: 2, ..Convolution::new([STEM, 3, 3]) };
    let mut features = vec![conv(weights, "features.0.0", "features.0.1", stem)?];
    let mut blocks = Blocks::default();
    let mut channels = STEM;
    // torchvision counts the stem, the blocks and the head as one sequence.
    let mut number = 1;
    for stage in &STAGES {
        for block in 0..stage.blocks {
            let stride = if block == 0 { stage.stride } else { 1 };
            let layers = inverted_residual(weights, &format!("features.{number}.conv"), channels, stride, stage)?;
            if stride == 1 && channels == stage.outputs {
                features.push(Layer::Residual(Residual::new(layers, Vec::new(), Activation::None)));
            } else {
                features.extend(layers);
            }
            blocks.end_of(&features, format!("features.{number}"));
            channels = stage.outputs;
            number += 1;
        }
    }
    let (filters, norm) = (format!("features.{number}.0"), format!("features.{number}.1"));
    features.push(conv(weights, &filters, &norm, Convolution::new([HEAD, channels, 1]))?);
    blocks.end_of(&features, format!("features.{number}"));
    let classifier = Linear::new(
        weights.factors("classifier.1.weight", &[classes, HEAD])?,
        weights.get("classifier.1.bias", &[classes])?,
    );
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)], blocks })
}

/// Expand, filter each channel, project: without an activation at the end.
fn inverted_residual(
    weights: &dyn Tensors,
    name: &str,
    inputs: usize,
    stride: usize,
    stage: &Stage,
) -> Result<Vec<Layer>, ModelError> {
    let inner = inputs * stage.expansion;
    let mut layers = Vec::with_capacity(3);
    if stage.expansion != 1 {
        let expand = Convolution::new([inner, inputs, 1]);
        layers.push(conv(weights, &format!("{name}.0.0"), &format!("{name}.0.1"), expand)?);
    }
    let filter = Convolution { stride, groups: inner, ..Convolution::new([inner, inner, 3]) };
    let number = layers.len();
    layers.push(conv(weights, &format!("{name}.{number}.0"), &format!("{name}.{number}.1"), filter)?);
    let project = Convolution { activation: Activation::None, ..Convolution::new([stage.outputs, inner, 1]) };
    let (filters, norm) = (format!("{name}.{}", number + 1), format!("{name}.{}", number + 2));
    layers.push(project.normalised(weights, &filters, &norm, BATCH_NORM_EPSILON)?);
    Ok(layers)
}

/// A normalised convolution with a ReLU6.
fn conv(weights: &dyn Tensors, name: &str, norm: &str, shape: Convolution) -> Result<Layer, ModelError> {
    Convolution { activation: Activation::Relu6, ..shape }.normalised(weights, name, norm, BATCH_NORM_EPSILON)
}

/// From timm's names, which number the blocks stage by stage, and their layers by what they do.
fn rename(name: &str) -> Option<String> {
    let (layer, tensor) = name.rsplit_once('.')?;
    let blocks: usize = STAGES.iter().map(|stage| stage.blocks).sum();
    let own = match layer {
        "conv_stem" => "features.0.0".to_owned(),
        "bn1" => "features.0.1".to_owned(),
        "conv_head" => format!("features.{}.0", blocks + 1),
        "bn2" => format!("features.{}.1", blocks + 1),
        "classifier" => "classifier.1".to_owned(),
        _ => {
            let mut parts = layer.strip_prefix("blocks.")?.split('.');
            let (stage, block, part) = (parts.next()?.parse::<usize>().ok()?, parts.next()?, parts.next()?);
            let before: usize = STAGES.get(..stage)?.iter().map(|stage| stage.blocks).sum();
            let number = 1 + before + block.parse::<usize>().ok()?;
            let place = match (STAGES.get(stage)?.expansion, part) {
                (1, "conv_dw") | (2.., "conv_pw") => "0.0",
                (_, "bn1") => "0.1",
                (2.., "conv_dw") => "1.0",
                (2.., "bn2") => "1.1",
                (1, "conv_pw") => "1",
                (1, "bn2") | (2.., "conv_pwl") => "2",
                (2.., "bn3") => "3",
                _ => return None,
            };
            format!("features.{number}.conv.{place}")
        }
    };
    Some(format!("{own}.{tensor}"))
}
