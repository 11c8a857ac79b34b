//! ResNet with bottleneck blocks.
//!
//! Source: He, Zhang, Ren, Sun, *Deep Residual Learning for Image Recognition*, CVPR 2016 (arXiv 1512.03385). As in
//! torchvision, a stage's stride is in the 3×3 convolution of its first block, and tensors have torchvision's names.

use super::{ModelError, architecture::Layers, weights::Weights};
use crate::nn::{Activation, Conv2d, Layer, Linear, MaxPool2d, Padding, Residual};

/// Added to the variance in every batch normalisation.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// Channels after the stem, and inside the blocks of the first stage.
const STEM: usize = 64;

/// Channels after a block, as a multiple of those inside.
const EXPANSION: usize = 4;

/// Builds a ResNet of four stages with so many `blocks` each (Table 1 of the paper), and `classes` classes.
pub(crate) fn build(weights: &Weights, blocks: [usize; 4], classes: usize) -> Result<Layers, ModelError> {
    let mut features = vec![
        conv(weights, "conv1", "bn1", [STEM, 3, 7], 2, Activation::Relu)?,
        Layer::MaxPool2d(MaxPool2d::new(3, 2, Padding::Symmetric(1))),
    ];
    let mut channels = STEM;
    for (stage, blocks) in blocks.into_iter().enumerate() {
        let inner = STEM << stage;
        for block in 0..blocks {
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            let name = format!("layer{}.{block}", stage + 1);
            features.push(bottleneck(weights, &name, channels, inner, stride)?);
            channels = inner * EXPANSION;
        }
    }
    let classifier = Linear::new(&weights.get("fc.weight", &[classes, channels])?, weights.get("fc.bias", &[classes])?);
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)] })
}

/// Reduce, filter, expand; projected around where the shape changes.
fn bottleneck(weights: &Weights, name: &str, inputs: usize, inner: usize, stride: usize) -> Result<Layer, ModelError> {
    let outputs = inner * EXPANSION;
    let named = |number: usize| (format!("{name}.conv{number}"), format!("{name}.bn{number}"));
    let shapes = [
        ([inner, inputs, 1], 1, Activation::Relu),
        ([inner, inner, 3], stride, Activation::Relu),
        ([outputs, inner, 1], 1, Activation::None),
    ];
    let branch = shapes
        .into_iter()
        .enumerate()
        .map(|(index, (shape, stride, activation))| {
            let (filters, norm) = named(index + 1);
            conv(weights, &filters, &norm, shape, stride, activation)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let shortcut = if stride == 1 && inputs == outputs {
        Vec::new()
    } else {
        let (filters, norm) = (format!("{name}.downsample.0"), format!("{name}.downsample.1"));
        vec![conv(weights, &filters, &norm, [outputs, inputs, 1], stride, Activation::None)?]
    };
    Ok(Layer::Residual(Residual::new(branch, shortcut, Activation::Relu)))
}

/// A convolution with its batch normalisation folded in.
fn conv(
    weights: &Weights,
    name: &str,
    norm: &str,
    [outputs, inputs, kernel]: [usize; 3],
    stride: usize,
    activation: Activation,
) -> Result<Layer, ModelError> {
    let shape = [outputs, inputs, kernel, kernel];
    let (filters, bias) = weights.normalised_filters(name, norm, shape, BATCH_NORM_EPSILON)?;
    let padding = Padding::Symmetric(kernel / 2);
    Ok(Layer::Conv2d(Conv2d::new(&filters, bias, inputs, kernel, stride, padding, activation)))
}
