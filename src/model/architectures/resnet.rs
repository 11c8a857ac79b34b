//! ResNet, with its grouped (ResNeXt) and wide relatives.
//!
//! Source: He, Zhang, Ren, Sun, *Deep Residual Learning for Image Recognition*, CVPR 2016 (arXiv 1512.03385); Xie et
//! al., *Aggregated Residual Transformations*, CVPR 2017 (arXiv 1611.05431); Zagoruyko, Komodakis, *Wide Residual
//! Networks*, BMVC 2016 (arXiv 1605.07146). As in torchvision, a stage's stride is in the 3×3 convolution of its first
//! block, and tensors have torchvision's names, which are timm's too; those of Hugging Face's transformers are known.

use super::{
    Architecture, BILINEAR_224, Build, CENTRE_224, IMAGENET, Layers, Lookalike, Preset,
    blocks::{Blocks, convolution::Convolution},
    tensors::Tensors,
};
use crate::{
    ModelError,
    files::renames::rename,
    nn::{Activation, Layer, Linear, MaxPool2d, Padding, Residual},
};

/// Table 1 of the first paper, of the second, and the third's as ImageNet has them.
pub(crate) const ALL: [Architecture; 9] = [
    Architecture {
        lookalikes: &[alike("resnetblur18")],
        ..member("resnet18", "ResNet-18", |weights, classes| build(weights, classes, [2, 2, 2, 2], Block::Basic))
    },
    member("resnet34", "ResNet-34", |weights, classes| build(weights, classes, [3, 4, 6, 3], Block::Basic)),
    Architecture {
        lookalikes: &[alike("resnetaa50"), alike("resnetblur50")],
        ..member("resnet50", "ResNet-50", |weights, classes| build(weights, classes, [3, 4, 6, 3], BOTTLENECK))
    },
    member("resnet101", "ResNet-101", |weights, classes| build(weights, classes, [3, 4, 23, 3], BOTTLENECK)),
    member("resnet152", "ResNet-152", |weights, classes| build(weights, classes, [3, 8, 36, 3], BOTTLENECK)),
    member("resnext50_32x4d", "ResNeXt-50 32×4d", |weights, classes| {
        build(weights, classes, [3, 4, 6, 3], Block::Bottleneck { widening: 2, groups: 32 })
    }),
    member("resnext101_32x8d", "ResNeXt-101 32×8d", |weights, classes| {
        build(weights, classes, [3, 4, 23, 3], Block::Bottleneck { widening: 4, groups: 32 })
    }),
    member("wide_resnet50_2", "Wide ResNet-50-2", |weights, classes| {
        build(weights, classes, [3, 4, 6, 3], Block::Bottleneck { widening: 2, groups: 1 })
    }),
    member("wide_resnet101_2", "Wide ResNet-101-2", |weights, classes| {
        build(weights, classes, [3, 4, 23, 3], Block::Bottleneck { widening: 2, groups: 1 })
    }),
];

/// With other pooling, and timm's names, which are torchvision's too.
const fn alike(name: &'static str) -> Lookalike {
    Lookalike { name, known_by: "conv1.weight" }
}

/// What a block consists of.
#[derive(Clone, Copy)]
enum Block {
    /// Two 3×3 convolutions.
    Basic,
    /// Reduce, filter, expand: inside it there are `widening` times as many channels as ResNet has, in so many groups.
    Bottleneck { widening: usize, groups: usize },
}

const BOTTLENECK: Block = Block::Bottleneck { widening: 1, groups: 1 };

/// Added to the variance in every batch normalisation.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// Channels after the stem, and inside the blocks of the first stage.
const STEM: usize = 64;

/// Channels after a bottleneck, as a multiple of ResNet's inside.
const EXPANSION: usize = 4;

const fn member(name: &'static str, title: &'static str, build: Build) -> Architecture {
    Architecture {
        name,
        title,
        feature_layer: "layer4",
        classifier: "fc.weight",
        least_side: 1,
        heads: None,
        lookalikes: &[],
        crop: BILINEAR_224,
        normalisation: IMAGENET,
        presets: &[Preset {
            known_by: "resnet.embedder.embedder.convolution.weight",
            crop: CENTRE_224,
            normalisation: IMAGENET,
        }],
        rename: canonical_name,
        build,
    }
}

/// The names that Hugging Face's transformers has for tensors outside the stages, and torchvision's.
const RENAMES: [(&str, &str); 3] = [
    ("resnet.embedder.embedder.convolution", "conv1"),
    ("resnet.embedder.embedder.normalization", "bn1"),
    ("classifier.1", "fc"),
];

/// Stages and convolutions are counted from 1 by torchvision, and from 0 by transformers.
fn canonical_name(name: &str) -> Option<String> {
    let Some((stage, rest)) = name.strip_prefix("resnet.encoder.stages.").and_then(|rest| rest.split_once('.')) else {
        return rename(&RENAMES, name);
    };
    let stage = stage.parse::<usize>().ok()?.checked_add(1)?;
    let (block, rest) = rest.strip_prefix("layers.")?.split_once('.')?;
    let (of, rest) = match rest.strip_prefix("shortcut.") {
        Some(rest) => (None, rest),
        None => rest.strip_prefix("layer.")?.split_once('.').map(|(number, rest)| (Some(number), rest))?,
    };
    let (kind, rest) = rest.split_once('.')?;
    let own = match (of, kind) {
        (None, "convolution") => "downsample.0".to_owned(),
        (None, "normalization") => "downsample.1".to_owned(),
        (Some(number), "convolution") => format!("conv{}", number.parse::<usize>().ok()?.checked_add(1)?),
        (Some(number), "normalization") => format!("bn{}", number.parse::<usize>().ok()?.checked_add(1)?),
        _ => return None,
    };
    Some(format!("layer{stage}.{block}.{own}.{rest}"))
}

/// Four stages of so many `blocks` each.
fn build(weights: &dyn Tensors, classes: usize, blocks: [usize; 4], block: Block) -> Result<Layers, ModelError> {
    let stem = Convolution { stride: 2, ..Convolution::new([STEM, 3, 7]) };
    let mut features = vec![
        stem.normalised(weights, "conv1", "bn1", BATCH_NORM_EPSILON)?,
        Layer::MaxPool2d(MaxPool2d::new(3, 2, Padding::Symmetric(1))),
    ];
    let mut ends = Blocks::default();
    let mut channels = STEM;
    for (stage, blocks) in blocks.into_iter().enumerate() {
        for index in 0..blocks {
            let stride = if index == 0 && stage > 0 { 2 } else { 1 };
            let name = format!("layer{}.{index}", stage + 1);
            let (layer, outputs) = residual(weights, &name, channels, STEM << stage, stride, block)?;
            features.push(layer);
            ends.end_in_stage(&features, &format!("layer{}", stage + 1), &index.to_string(), index + 1 == blocks);
            channels = outputs;
        }
    }
    let classifier =
        Linear::new(weights.factors("fc.weight", &[classes, channels])?, weights.get("fc.bias", &[classes])?);
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)], blocks: ends })
}

/// One block of a stage of so many `planes`, projected around where the shape changes; and its output channels.
fn residual(
    weights: &dyn Tensors,
    name: &str,
    inputs: usize,
    planes: usize,
    stride: usize,
    block: Block,
) -> Result<(Layer, usize), ModelError> {
    let convolutions = match block {
        Block::Basic => {
            vec![Convolution { stride, ..Convolution::new([planes, inputs, 3]) }, Convolution::new([planes, planes, 3])]
        }
        Block::Bottleneck { widening, groups } => {
            let inner = planes * widening;
            vec![
                Convolution::new([inner, inputs, 1]),
                Convolution { stride, groups, ..Convolution::new([inner, inner, 3]) },
                Convolution::new([planes * EXPANSION, inner, 1]),
            ]
        }
    };
    let last = convolutions.len();
    let outputs = convolutions[last - 1].outputs;
    let branch = (1..=last)
        .zip(convolutions)
        .map(|(number, convolution)| {
            let activation = if number == last { Activation::None } else { Activation::Relu };
            let (filters, norm) = (format!("{name}.conv{number}"), format!("{name}.bn{number}"));
            Convolution { activation, ..convolution }.normalised(weights, &filters, &norm, BATCH_NORM_EPSILON)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let shortcut = if stride == 1 && inputs == outputs {
        Vec::new()
    } else {
        let projection = Convolution { stride, activation: Activation::None, ..Convolution::new([outputs, inputs, 1]) };
        let (filters, norm) = (format!("{name}.downsample.0"), format!("{name}.downsample.1"));
        vec![projection.normalised(weights, &filters, &norm, BATCH_NORM_EPSILON)?]
    };
    Ok((Layer::Residual(Residual::new(branch, shortcut, Activation::Relu)), outputs))
}
