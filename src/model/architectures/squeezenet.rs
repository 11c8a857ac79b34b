//! SqueezeNet: AlexNet's accuracy with fifty times fewer weights.
//!
//! Source: Iandola et al., *SqueezeNet*, 2016 (arXiv 1602.07360), and the authors' version 1.1. Tensors have
//! torchvision's names.

use super::{
    Architecture, BILINEAR_224, Build, IMAGENET, Layers,
    blocks::{Blocks, convolution::Convolution},
    tensors::Tensors,
};
use crate::{
    ModelError,
    nn::{Concat, Layer, MaxPool2d, Padding},
};

/// The paper's, and the lighter one that pools earlier.
pub(crate) const ALL: [Architecture; 2] = [
    member("squeezenet1_0", "SqueezeNet 1.0", 21, |weights, classes| build(weights, classes, [96, 7], &VERSION_1_0)),
    member("squeezenet1_1", "SqueezeNet 1.1", 17, |weights, classes| build(weights, classes, [64, 3], &VERSION_1_1)),
];

/// What follows the stem.
#[derive(Clone, Copy)]
enum Step {
    /// The largest of 3 × 3 pixels, at every second one.
    Pool,
    /// So many 1 × 1 filters, and from them so many of 1 × 1 and as many of 3 × 3.
    Fire(usize, usize),
}

use Step::{Fire, Pool};

/// Table 1 of the paper.
const VERSION_1_0: [Step; 11] = [
    Pool,
    Fire(16, 64),
    Fire(16, 64),
    Fire(32, 128),
    Pool,
    Fire(32, 128),
    Fire(48, 192),
    Fire(48, 192),
    Fire(64, 256),
    Pool,
    Fire(64, 256),
];

const VERSION_1_1: [Step; 11] = [
    Pool,
    Fire(16, 64),
    Fire(16, 64),
    Pool,
    Fire(32, 128),
    Fire(32, 128),
    Pool,
    Fire(48, 192),
    Fire(48, 192),
    Fire(64, 256),
    Fire(64, 256),
];

/// The place of the first step: the stem and its activation are counted too.
const FIRST: usize = 2;

const fn member(name: &'static str, title: &'static str, least_side: u32, build: Build) -> Architecture {
    Architecture {
        name,
        title,
        feature_layer: "features",
        classifier: "classifier.1.weight",
        least_side,
        heads: None,
        lookalikes: &[],
        crop: BILINEAR_224,
        normalisation: IMAGENET,
        presets: &[],
        rename: |_| None,
        build,
    }
}

/// A stem of `[outputs, kernel]`, the steps, and a classifier in every pixel, averaged.
fn build(
    weights: &dyn Tensors,
    classes: usize,
    [mut channels, kernel]: [usize; 2],
    steps: &[Step],
) -> Result<Layers, ModelError> {
    let stem = Convolution { stride: 2, padding: Padding::Symmetric(0), ..Convolution::new([channels, 3, kernel]) };
    let mut features = vec![stem.plain(weights, "features.0")?];
    let mut blocks = Blocks::default();
    blocks.end_of(&features, "features.1");
    for (number, step) in (FIRST..).zip(steps) {
        match *step {
            Pool => features.push(Layer::MaxPool2d(MaxPool2d::new(3, 2, Padding::Ceiling(0)))),
            Fire(squeezed, expanded) => {
                let conv =
                    |part: &str, shape| Convolution::new(shape).plain(weights, &format!("features.{number}.{part}"));
                features.push(conv("squeeze", [squeezed, channels, 1])?);
                features.push(Layer::Concat(Concat::new(vec![
                    vec![conv("expand1x1", [expanded, squeezed, 1])?],
                    vec![conv("expand3x3", [expanded, squeezed, 3])?],
                ])));
                channels = 2 * expanded;
            }
        }
        let is_last = number + 1 == FIRST + steps.len();
        blocks.end_of(&features, if is_last { "features".to_owned() } else { format!("features.{number}") });
    }
    let classifier = Convolution::new([classes, channels, 1]).plain(weights, "classifier.1")?;
    Ok(Layers { features, head: vec![classifier, Layer::GlobalAveragePool], blocks })
}
