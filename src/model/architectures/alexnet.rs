//! AlexNet, in the version for one processor.
//!
//! Source: Krizhevsky, *One weird trick for parallelizing convolutional neural networks*, 2014 (arXiv 1404.5997).
//! Tensors have torchvision's names.

use super::{
    Architecture, BILINEAR_224, IMAGENET, Layers,
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

/// The one there is.
pub(crate) const ALL: [Architecture; 1] = [Architecture {
    name: "alexnet",
    title: "AlexNet",
    feature_layer: "features",
    classifier: "classifier.6.weight",
    least_side: 63,
    heads: None,
    lookalikes: &[],
    crop: BILINEAR_224,
    normalisation: IMAGENET,
    presets: &[],
    rename: |_| None,
    build,
}];

/// Rows and columns that the classifier takes: the features for an input of 224 pixels have as many.
const FEATURE_SIDE: usize = 6;

/// Width of the two hidden layers of the classifier.
const HIDDEN: usize = 4096;

fn build(weights: &dyn Tensors, classes: usize) -> Result<Layers, ModelError> {
    let pool = Layer::MaxPool2d(MaxPool2d::new(3, 2, Padding::Symmetric(0)));
    let conv = |number: usize, convolution: Convolution| convolution.plain(weights, &format!("features.{number}"));
    let stem = Convolution { stride: 4, padding: Padding::Symmetric(2), ..Convolution::new([64, 3, 11]) };
    let features = vec![
        conv(0, stem)?,
        pool.clone(),
        conv(3, Convolution::new([192, 64, 5]))?,
        pool.clone(),
        conv(6, Convolution::new([384, 192, 3]))?,
        conv(8, Convolution::new([256, 384, 3]))?,
        conv(10, Convolution::new([256, 256, 3]))?,
        pool,
    ];
    let head = vec![
        Layer::AveragePool2d(AveragePool2d::Adaptive { side: FEATURE_SIDE }),
        dense(weights, "classifier.1", [HIDDEN, 256, FEATURE_SIDE], Activation::Relu)?,
        dense(weights, "classifier.4", [HIDDEN, HIDDEN, 1], Activation::Relu)?,
        dense(weights, "classifier.6", [classes, HIDDEN, 1], Activation::None)?,
    ];
    let mut blocks = Blocks::default();
    // Convolutions after their activations, and pools, by torchvision's numbers.
    let names =
        ["features.1", "features.2", "features.4", "features.5", "features.7", "features.9", "features.11", "features"];
    for (layers, name) in (1..).zip(names) {
        blocks.end_of(&features[..layers], name);
    }
    Ok(Layers { features, head, blocks })
}
