//! DenseNet: every layer sees the channels of all layers before it.
//!
//! Source: Huang, Liu, van der Maaten, Weinberger, *Densely Connected Convolutional Networks*, CVPR 2017
//! (arXiv 1608.06993). Tensors have torchvision's names, which are timm's too.

use super::{
    Architecture, BILINEAR_224, Build, IMAGENET, Layers,
    blocks::{Blocks, convolution::Convolution},
    tensors::Tensors,
};
use crate::{
    ModelError,
    nn::{Activation, Affine, AveragePool2d, Concat, Layer, Linear, MaxPool2d, Padding},
};

/// Table 1 of the paper, and the wide one of the authors' programs: layers in each block, growth.
pub(crate) const ALL: [Architecture; 4] = [
    member("densenet121", "DenseNet-121", |weights, classes| build(weights, classes, [6, 12, 24, 16], 32)),
    member("densenet161", "DenseNet-161", |weights, classes| build(weights, classes, [6, 12, 36, 24], 48)),
    member("densenet169", "DenseNet-169", |weights, classes| build(weights, classes, [6, 12, 32, 32], 32)),
    member("densenet201", "DenseNet-201", |weights, classes| build(weights, classes, [6, 12, 48, 32], 32)),
];

/// Added to the variance in every batch normalisation.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// Channels between the two convolutions of a layer, as a multiple of those that it adds.
const BOTTLENECK: usize = 4;

const fn member(name: &'static str, title: &'static str, build: Build) -> Architecture {
    Architecture {
        name,
        title,
        // After its activation.
        feature_layer: "features.norm5",
        classifier: "classifier.weight",
        least_side: 29,
        heads: None,
        lookalikes: &[],
        crop: BILINEAR_224,
        normalisation: IMAGENET,
        presets: &[],
        rename,
        build,
    }
}

/// The names in the files that torchvision offers: `norm.1` for `norm1`.
fn rename(name: &str) -> Option<String> {
    name.contains(".denselayer").then(|| name.replace(".norm.", ".norm").replace(".conv.", ".conv"))
}

/// Four blocks of so many `layers`, each of which adds `growth` channels.
fn build(weights: &dyn Tensors, classes: usize, layers: [usize; 4], growth: usize) -> Result<Layers, ModelError> {
    let mut channels = 2 * growth;
    let stem = Convolution { stride: 2, ..Convolution::new([channels, 3, 7]) };
    let mut features = vec![
        stem.normalised(weights, "features.conv0", "features.norm0", BATCH_NORM_EPSILON)?,
        Layer::MaxPool2d(MaxPool2d::new(3, 2, Padding::Symmetric(1))),
    ];
    let mut blocks = Blocks::default();
    for (block, layers) in (1..).zip(layers) {
        for layer in 1..=layers {
            let name = format!("features.denseblock{block}.denselayer{layer}");
            features.push(dense_layer(weights, &name, channels, growth)?);
            channels += growth;
        }
        blocks.end_of(&features, format!("features.denseblock{block}"));
        if block < 4 {
            let name = format!("features.transition{block}");
            features.extend(transition(weights, &name, channels)?);
            blocks.end_of(&features, name);
            channels /= 2;
        }
    }
    features.push(norm(weights, "features.norm5", channels)?);
    blocks.end_of(&features, "features.norm5");
    let classifier = Linear::new(
        weights.factors("classifier.weight", &[classes, channels])?,
        weights.get("classifier.bias", &[classes])?,
    );
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)], blocks })
}

/// The channels before it, and `growth` new ones made of them.
fn dense_layer(weights: &dyn Tensors, name: &str, inputs: usize, growth: usize) -> Result<Layer, ModelError> {
    let inner = BOTTLENECK * growth;
    let filter = Convolution { activation: Activation::None, ..Convolution::new([growth, inner, 3]) };
    let filters = weights.factors(&format!("{name}.conv2.weight"), &filter.filter_shape())?;
    let new = vec![
        norm(weights, &format!("{name}.norm1"), inputs)?,
        Convolution::new([inner, inputs, 1]).normalised(
            weights,
            &format!("{name}.conv1"),
            &format!("{name}.norm2"),
            BATCH_NORM_EPSILON,
        )?,
        filter.layer(filters, vec![0.0; growth]),
    ];
    Ok(Layer::Concat(Concat::new(vec![Vec::new(), new])))
}

/// Half as many channels, of half as many rows and columns. The mean is taken first, of a quarter of the products: it
/// and the convolution may change places.
fn transition(weights: &dyn Tensors, name: &str, inputs: usize) -> Result<[Layer; 3], ModelError> {
    let reduce = Convolution { activation: Activation::None, ..Convolution::new([inputs / 2, inputs, 1]) };
    let filters = weights.factors(&format!("{name}.conv.weight"), &reduce.filter_shape())?;
    Ok([
        norm(weights, &format!("{name}.norm"), inputs)?,
        Layer::AveragePool2d(AveragePool2d::Windows { kernel: 2, stride: 2 }),
        reduce.layer(filters, vec![0.0; inputs / 2]),
    ])
}

/// A normalisation that comes before its convolution, and its activation.
fn norm(weights: &dyn Tensors, name: &str, channels: usize) -> Result<Layer, ModelError> {
    let norm = weights.batch_norm(name, channels, BATCH_NORM_EPSILON)?;
    Ok(Layer::Affine(Affine::from_norm(&norm, Activation::Relu)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_torchvisions_files_are_its_networks() {
        let own = |name: &str| ALL[0].canonical_name(name);
        let layer = "features.denseblock3.denselayer12";
        assert_eq!(own(&format!("{layer}.norm.1.running_mean")), format!("{layer}.norm1.running_mean"));
        assert_eq!(own(&format!("{layer}.conv.2.weight")), format!("{layer}.conv2.weight"));
        for name in ["features.transition1.norm.weight", "features.denseblock1.denselayer1.norm1.bias"] {
            assert_eq!(own(name), name);
        }
    }
}
