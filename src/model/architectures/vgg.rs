//! VGG, with and without batch normalisation.
//!
//! Source: Simonyan, Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, ICLR 2015
//! (arXiv 1409.1556). Tensors have torchvision's names.

use super::{
    Architecture, BILINEAR_224, Build, IMAGENET, Layers,
    blocks::{
        Blocks,
        convolution::{Convolution, dense},
    },
    tensors::Tensors,
};
use crate::{
    ModelError,
    nn::{Activation, AveragePool2d, Layer, MaxPool2d, Padding},
};

/// Table 1 of the paper (A, B, D and E): convolutions in each of the five stages.
pub(crate) const ALL: [Architecture; 8] = [
    member("vgg11", "VGG-11", |weights, classes| build(weights, classes, [1, 1, 2, 2, 2], false)),
    member("vgg13", "VGG-13", |weights, classes| build(weights, classes, [2, 2, 2, 2, 2], false)),
    member("vgg16", "VGG-16", |weights, classes| build(weights, classes, [2, 2, 3, 3, 3], false)),
    member("vgg19", "VGG-19", |weights, classes| build(weights, classes, [2, 2, 4, 4, 4], false)),
    member("vgg11_bn", "VGG-11 BN", |weights, classes| build(weights, classes, [1, 1, 2, 2, 2], true)),
    member("vgg13_bn", "VGG-13 BN", |weights, classes| build(weights, classes, [2, 2, 2, 2, 2], true)),
    member("vgg16_bn", "VGG-16 BN", |weights, classes| build(weights, classes, [2, 2, 3, 3, 3], true)),
    member("vgg19_bn", "VGG-19 BN", |weights, classes| build(weights, classes, [2, 2, 4, 4, 4], true)),
];

/// Added to the variance in every batch normalisation.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// Output channels of the five stages.
const CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

/// Rows and columns that the classifier takes: the features for an input of 224 pixels have as many.
const FEATURE_SIDE: usize = 7;

/// Width of the two hidden layers of the classifier.
const HIDDEN: usize = 4096;

const fn member(name: &'static str, title: &'static str, build: Build) -> Architecture {
    Architecture {
        name,
        title,
        feature_layer: "features",
        classifier: "classifier.6.weight",
        least_side: 32,
        heads: None,
        lookalikes: &[],
        crop: BILINEAR_224,
        normalisation: IMAGENET,
        presets: &[],
        rename,
        build,
    }
}

/// timm's names of the classifier's layers.
fn rename(name: &str) -> Option<String> {
    [("pre_logits.fc1", "classifier.0"), ("pre_logits.fc2", "classifier.3"), ("head.fc", "classifier.6")]
        .into_iter()
        .find_map(|(timms, own)| Some(format!("{own}{}", name.strip_prefix(timms)?)))
}

/// Five stages of so many `convolutions` each, `normalised` or not.
fn build(
    weights: &dyn Tensors,
    classes: usize,
    convolutions: [usize; 5],
    normalised: bool,
) -> Result<Layers, ModelError> {
    let (mut features, mut blocks) = (Vec::new(), Blocks::default());
    let mut inputs = 3;
    // torchvision counts convolutions, normalisations, activations and pools as one sequence.
    let mut number = 0;
    for (stage, (convolutions, outputs)) in convolutions.into_iter().zip(CHANNELS).enumerate() {
        for _ in 0..convolutions {
            let convolution = Convolution::new([outputs, inputs, 3]);
            let name = format!("features.{number}");
            if normalised {
                let mut filters = weights.factors(&format!("{name}.weight"), &convolution.filter_shape())?;
                let own = weights.get(&format!("{name}.bias"), &[outputs])?;
                let norm = weights.batch_norm(&format!("features.{}", number + 1), outputs, BATCH_NORM_EPSILON)?;
                let bias = if weights.is_shape_only() { own } else { norm.fold(&mut filters, Some(&own)) };
                features.push(convolution.layer(filters, bias));
            } else {
                features.push(convolution.plain(weights, &name)?);
            }
            inputs = outputs;
            number += if normalised { 3 } else { 2 };
            // After its activation.
            blocks.end_of(&features, format!("features.{}", number - 1));
        }
        features.push(Layer::MaxPool2d(MaxPool2d::new(2, 2, Padding::Symmetric(0))));
        let is_last = stage + 1 == CHANNELS.len();
        blocks.end_of(&features, if is_last { "features".to_owned() } else { format!("features.{number}") });
        number += 1;
    }
    let head = vec![
        Layer::AveragePool2d(AveragePool2d::Adaptive { side: FEATURE_SIDE }),
        dense(weights, "classifier.0", [HIDDEN, inputs, FEATURE_SIDE], Activation::Relu)?,
        dense(weights, "classifier.3", [HIDDEN, HIDDEN, 1], Activation::Relu)?,
        dense(weights, "classifier.6", [classes, HIDDEN, 1], Activation::None)?,
    ];
    Ok(Layers { features, head, blocks })
}
