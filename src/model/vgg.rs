//! VGG without batch normalisation.
//!
//! Source: Simonyan, Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, ICLR 2015
//! (arXiv 1409.1556). Tensors have torchvision's names.

use super::{ModelError, architecture::Layers, weights::Weights};
use crate::nn::{Activation, Conv2d, Layer, MaxPool2d, Padding};

/// Output channels of the five stages.
const CHANNELS: [usize; 5] = [64, 128, 256, 512, 512];

/// Rows and columns of the features for an input of 224 pixels.
const FEATURE_SIDE: usize = 7;

/// Width of the two hidden layers of the classifier.
const HIDDEN: usize = 4096;

/// Builds a VGG of five stages with so many `convolutions` each (Table 1 of the paper), and `classes` classes.
pub(crate) fn build(weights: &Weights, convolutions: [usize; 5], classes: usize) -> Result<Layers, ModelError> {
    let mut features = Vec::new();
    let mut inputs = 3;
    // torchvision counts convolutions, activations and pools as one sequence.
    let mut number = 0;
    for (convolutions, outputs) in convolutions.into_iter().zip(CHANNELS) {
        for _ in 0..convolutions {
            let name = format!("features.{number}");
            let filters = weights.get(&format!("{name}.weight"), &[outputs, inputs, 3, 3])?;
            let bias = weights.get(&format!("{name}.bias"), &[outputs])?;
            let padding = Padding::Symmetric(1);
            features.push(Layer::Conv2d(Conv2d::new(&filters, bias, inputs, 3, 1, padding, Activation::Relu)));
            inputs = outputs;
            number += 2;
        }
        features.push(Layer::MaxPool2d(MaxPool2d::new(2, 2, Padding::Symmetric(0))));
        number += 1;
    }
    let head = vec![
        dense(weights, "classifier.0", [HIDDEN, inputs, FEATURE_SIDE], Activation::Relu)?,
        dense(weights, "classifier.3", [HIDDEN, HIDDEN, 1], Activation::Relu)?,
        dense(weights, "classifier.6", [classes, HIDDEN, 1], Activation::None)?,
    ];
    Ok(Layers { features, head })
}

/// A fully connected layer over a whole map is a convolution whose window is the map.
fn dense(
    weights: &Weights,
    name: &str,
    [outputs, inputs, side]: [usize; 3],
    activation: Activation,
) -> Result<Layer, ModelError> {
    let filters = weights.get(&format!("{name}.weight"), &[outputs, inputs * side * side])?;
    let bias = weights.get(&format!("{name}.bias"), &[outputs])?;
    Ok(Layer::Conv2d(Conv2d::new(&filters, bias, inputs, side, 1, Padding::Symmetric(0), activation)))
}
