//! MobileNetV3, large and small: hard swish, and squeeze-and-excite in some of the blocks.
//!
//! Source: Howard et al., *Searching for MobileNetV3*, ICCV 2019 (arXiv 1905.02244). Tensors have torchvision's names,
//! or timm's in the networks that have timm's names: its own training has another ε, and the weights that were trained
//! in TensorFlow (`tf_`) other padding too.

use super::{
    Architecture, BILINEAR_224, Build, CENTRE_224, HALF, IMAGENET, Layers,
    blocks::{
        Blocks,
        convolution::{Convolution, dense},
        inverted_residual::{self, TENSORFLOW, Training, place_in_timm},
    },
    tensors::Tensors,
};
use crate::{
    ModelError,
    nn::{Activation, Layer, Linear},
};

/// torchvision's, then timm's, each large and small.
pub(crate) const ALL: [Architecture; 6] = [
    Architecture {
        rename: |_| None,
        crop: BILINEAR_224,
        ..member("mobilenet_v3_large", "MobileNetV3-Large", |w, n| build(w, n, &LARGE, TORCHVISION))
    },
    Architecture {
        rename: |_| None,
        feature_layer: "features.12",
        crop: BILINEAR_224,
        ..member("mobilenet_v3_small", "MobileNetV3-Small", |w, n| build(w, n, &SMALL, TORCHVISION))
    },
    member("mobilenetv3_large_100", "MobileNetV3-Large (timm)", |w, n| build(w, n, &LARGE, TIMM)),
    Architecture {
        rename: |name| from_timm(name, &SMALL),
        feature_layer: "features.12",
        ..member("mobilenetv3_small_100", "MobileNetV3-Small (timm)", |w, n| build(w, n, &SMALL, TIMM))
    },
    Architecture {
        crop: BILINEAR_224,
        normalisation: HALF,
        ..member("tf_mobilenetv3_large_100", "MobileNetV3-Large (TensorFlow)", |w, n| build(w, n, &LARGE, TENSORFLOW))
    },
    Architecture {
        rename: |name| from_timm(name, &SMALL),
        feature_layer: "features.12",
        crop: BILINEAR_224,
        normalisation: HALF,
        ..member("tf_mobilenetv3_small_100", "MobileNetV3-Small (TensorFlow)", |w, n| build(w, n, &SMALL, TENSORFLOW))
    },
];

const fn member(name: &'static str, title: &'static str, build: Build) -> Architecture {
    Architecture {
        name,
        title,
        feature_layer: "features.16",
        classifier: "classifier.3.weight",
        least_side: 1,
        heads: None,
        lookalikes: &[],
        crop: CENTRE_224,
        normalisation: IMAGENET,
        presets: &[],
        rename: |name| from_timm(name, &LARGE),
        build,
    }
}

/// By torchvision.
const TORCHVISION: Training = Training { same: false, epsilon: 1e-3 };

/// By timm's author.
const TIMM: Training = Training { same: false, epsilon: 1e-5 };

/// Channels after the stem.
const STEM: usize = 16;

/// A network: a row of the paper's tables a block, in the groups that timm numbers.
struct Table {
    stages: &'static [&'static [Block]],
    /// Channels of the features.
    features: usize,
    /// Width of the head's hidden layer.
    hidden: usize,
}

struct Block {
    kernel: usize,
    /// Channels inside.
    inner: usize,
    outputs: usize,
    squeezes: bool,
    activation: Activation,
    stride: usize,
}

const RE: Activation = Activation::Relu;
const HS: Activation = Activation::HardSwish;

const fn block(
    kernel: usize,
    inner: usize,
    outputs: usize,
    squeezes: bool,
    activation: Activation,
    stride: usize,
) -> Block {
    Block { kernel, inner, outputs, squeezes, activation, stride }
}

/// Table 1 of the paper.
const LARGE: Table = Table {
    stages: &[
        &[block(3, 16, 16, false, RE, 1)],
        &[block(3, 64, 24, false, RE, 2), block(3, 72, 24, false, RE, 1)],
        &[block(5, 72, 40, true, RE, 2), block(5, 120, 40, true, RE, 1), block(5, 120, 40, true, RE, 1)],
        &[
            block(3, 240, 80, false, HS, 2),
            block(3, 200, 80, false, HS, 1),
            block(3, 184, 80, false, HS, 1),
            block(3, 184, 80, false, HS, 1),
        ],
        &[block(3, 480, 112, true, HS, 1), block(3, 672, 112, true, HS, 1)],
        &[block(5, 672, 160, true, HS, 2), block(5, 960, 160, true, HS, 1), block(5, 960, 160, true, HS, 1)],
    ],
    features: 960,
    hidden: 1280,
};

/// Table 2 of the paper.
const SMALL: Table = Table {
    stages: &[
        &[block(3, 16, 16, true, RE, 2)],
        &[block(3, 72, 24, false, RE, 2), block(3, 88, 24, false, RE, 1)],
        &[block(5, 96, 40, true, HS, 2), block(5, 240, 40, true, HS, 1), block(5, 240, 40, true, HS, 1)],
        &[block(5, 120, 48, true, HS, 1), block(5, 144, 48, true, HS, 1)],
        &[block(5, 288, 96, true, HS, 2), block(5, 576, 96, true, HS, 1), block(5, 576, 96, true, HS, 1)],
    ],
    features: 576,
    hidden: 1024,
};

impl Table {
    /// All blocks in order, each with the channels before it.
    fn blocks(&self) -> impl Iterator<Item = inverted_residual::Block> {
        let blocks = || self.stages.iter().copied().flatten();
        let inputs = std::iter::once(STEM).chain(blocks().map(|block| block.outputs));
        blocks().zip(inputs).map(|(block, inputs)| inverted_residual::Block {
            kernel: block.kernel,
            stride: block.stride,
            inputs,
            inner: block.inner,
            outputs: block.outputs,
            activation: block.activation,
            squeeze: block.squeezes.then(|| inverted_residual::Squeeze {
                channels: squeezed(block.inner),
                activation: Activation::Relu,
                gate: Activation::HardSigmoid,
            }),
        })
    }
}

/// A quarter of the channels, as a multiple of 8 that is less than a tenth fewer.
fn squeezed(channels: usize) -> usize {
    let quarter = channels / 4;
    let nearest = ((quarter + 4) / 8 * 8).max(8);
    if 10 * nearest < 9 * quarter { nearest + 8 } else { nearest }
}

fn build(weights: &dyn Tensors, classes: usize, table: &Table, training: Training) -> Result<Layers, ModelError> {
    let layer = |number: usize, shape: Convolution| {
        let names = [format!("features.{number}.0"), format!("features.{number}.1")];
        training.layer(weights, names, Convolution { activation: HS, ..shape })
    };
    let mut features = vec![layer(0, Convolution { stride: 2, ..Convolution::new([STEM, 3, 3]) })?];
    let mut blocks = Blocks::default();
    let (mut channels, mut number) = (STEM, 1);
    for block in table.blocks() {
        let below = |name: String| format!("features.{number}.{name}");
        features.extend(block.build(weights, training, |part| block.torchvision(part).map(below))?);
        blocks.end_of(&features, format!("features.{number}"));
        (channels, number) = (block.outputs, number + 1);
    }
    features.push(layer(number, Convolution::new([table.features, channels, 1]))?);
    blocks.end_of(&features, format!("features.{number}"));
    let hidden = dense(weights, "classifier.0", [table.hidden, table.features, 1], HS)?;
    let classifier = Linear::new(
        weights.factors("classifier.3.weight", &[classes, table.hidden])?,
        weights.get("classifier.3.bias", &[classes])?,
    );
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, hidden, Layer::Linear(classifier)], blocks })
}

/// torchvision's name of a tensor that timm calls `name`.
fn from_timm(name: &str, table: &Table) -> Option<String> {
    let (layer, tensor) = name.rsplit_once('.')?;
    let blocks: usize = table.stages.iter().map(|stage| stage.len()).sum();
    let layer = match layer {
        "conv_stem" => "features.0.0".to_owned(),
        "bn1" => "features.0.1".to_owned(),
        "conv_head" => "classifier.0".to_owned(),
        "classifier" => "classifier.3".to_owned(),
        _ => {
            let (stage, index, layer) = place_in_timm(layer)?;
            if stage == table.stages.len() {
                // The last convolution of the features is a stage of its own.
                let which = ["conv", "bn1"].iter().position(|name| *name == layer).filter(|_| index == 0)?;
                format!("features.{}.{which}", blocks + 1)
            } else {
                table.stages.get(stage)?.get(index)?;
                let number = table.stages[..stage].iter().map(|stage| stage.len()).sum::<usize>() + index;
                let block = table.blocks().nth(number)?;
                let (part, which) = block.part_in_timm(layer)?;
                format!("features.{}.{}", number + 1, block.torchvision(part)[which])
            }
        }
    };
    Some(format!("{layer}.{tensor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_squeezed_to_multiples_of_eight() {
        assert_eq!([16, 72, 96, 120, 576, 960].map(squeezed), [8, 24, 24, 32, 144, 240]);
    }

    #[test]
    fn timms_names_become_torchvisions() {
        for (table, timm, torchvision) in [
            (&LARGE, "blocks.0.0.conv_dw.weight", "features.1.block.0.0.weight"),
            (&LARGE, "blocks.1.1.conv_pwl.weight", "features.3.block.2.0.weight"),
            (&LARGE, "blocks.2.0.se.conv_expand.bias", "features.4.block.2.fc2.bias"),
            (&LARGE, "blocks.6.0.bn1.running_mean", "features.16.1.running_mean"),
            (&SMALL, "blocks.5.0.conv.weight", "features.12.0.weight"),
            (&SMALL, "conv_head.bias", "classifier.0.bias"),
            (&SMALL, "classifier.weight", "classifier.3.weight"),
        ] {
            assert_eq!(from_timm(timm, table).as_deref(), Some(torchvision));
        }
        for other in
            ["classifier.3.weight", "blocks.9.0.conv_dw.weight", "blocks.0.1.conv_dw.weight", "blocks.6.1.conv.weight"]
        {
            assert_eq!(from_timm(other, &LARGE), None, "{other}");
        }
    }
}
