//! EfficientNet-Lite0: EfficientNet without squeeze-and-excite, with ReLU6, for processors without a GPU.
//!
//! Source: Tan, Le, *EfficientNet*, ICML 2019 (arXiv 1905.11946), and the Lite variants of TensorFlow's TPU
//! repository. Tensors are named as in the PyTorch conversion `efficientnet-lite-pytorch`.

use super::{
    ModelError,
    architecture::{Architecture, CENTRE_224, Layers},
    tensors::Tensors,
};
use crate::imaging::Normalisation;
use crate::nn::{Activation, Conv2d, DepthwiseConv2d, Layer, Linear, Padding, Residual};

/// The one there is.
pub(super) const ALL: [Architecture; 1] = [Architecture {
    name: "efficientnet-lite0",
    title: "EfficientNet-Lite0",
    feature_layer: "_conv_head",
    classifier: "_fc.weight",
    least_side: 1,
    crop: CENTRE_224,
    normalisation: Normalisation { mean: [0.498; 3], std: [0.502; 3] },
    rename: |_| None,
    build,
}];

/// Added to the variance in every batch normalisation.
const BATCH_NORM_EPSILON: f64 = 1e-3;

/// Channels after the stem.
const STEM: usize = 32;

/// Channels of the features.
const HEAD: usize = 1280;

/// Several inverted-residual blocks of one shape.
struct Stage {
    blocks: usize,
    kernel: usize,
    /// Stride of the first block; the others have 1.
    stride: usize,
    /// Channels inside a block, as a multiple of those before it.
    expansion: usize,
    outputs: usize,
}

/// Table 1 of the paper, scaled by 1.
const STAGES: [Stage; 7] = [
    Stage { blocks: 1, kernel: 3, stride: 1, expansion: 1, outputs: 16 },
    Stage { blocks: 2, kernel: 3, stride: 2, expansion: 6, outputs: 24 },
    Stage { blocks: 2, kernel: 5, stride: 2, expansion: 6, outputs: 40 },
    Stage { blocks: 3, kernel: 3, stride: 2, expansion: 6, outputs: 80 },
    Stage { blocks: 3, kernel: 5, stride: 1, expansion: 6, outputs: 112 },
    Stage { blocks: 4, kernel: 5, stride: 2, expansion: 6, outputs: 192 },
    Stage { blocks: 1, kernel: 3, stride: 1, expansion: 6, outputs: 320 },
];

/// Builds EfficientNet-Lite0 with `classes` classes.
fn build(weights: &dyn Tensors, classes: usize) -> Result<Layers, ModelError> {
    let mut features = vec![conv(weights, "_conv_stem", "_bn0", [STEM, 3, 3], 2, Activation::Relu6)?];
    let mut channels = STEM;
    let mut index = 0;
    for stage in &STAGES {
        for block in 0..stage.blocks {
            let stride = if block == 0 { stage.stride } else { 1 };
            let layers = inverted_residual(weights, &format!("_blocks.{index}"), channels, stride, stage)?;
            if stride == 1 && channels == stage.outputs {
                features.push(Layer::Residual(Residual::new(layers, Vec::new(), Activation::None)));
            } else {
                features.extend(layers);
            }
            channels = stage.outputs;
            index += 1;
        }
    }
    features.push(conv(weights, "_conv_head", "_bn1", [HEAD, channels, 1], 1, Activation::Relu6)?);
    let classifier = Linear::new(&weights.get("_fc.weight", &[classes, HEAD])?, weights.get("_fc.bias", &[classes])?);
    Ok(Layers { features, head: vec![Layer::GlobalAveragePool, Layer::Linear(classifier)] })
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
        let (filters, norm) = (format!("{name}._expand_conv"), format!("{name}._bn0"));
        layers.push(conv(weights, &filters, &norm, [inner, inputs, 1], 1, Activation::Relu6)?);
    }
    let (filters, norm) = (format!("{name}._depthwise_conv"), format!("{name}._bn1"));
    let shape = [inner, 1, stage.kernel, stage.kernel];
    let (filters, bias) = weights.normalised_filters(&filters, &norm, shape, BATCH_NORM_EPSILON)?;
    let depthwise = DepthwiseConv2d::new(&filters, bias, stage.kernel, stride, Padding::Same, Activation::Relu6);
    layers.push(Layer::DepthwiseConv2d(depthwise));
    let (filters, norm) = (format!("{name}._project_conv"), format!("{name}._bn2"));
    layers.push(conv(weights, &filters, &norm, [stage.outputs, inner, 1], 1, Activation::None)?);
    Ok(layers)
}

/// A convolution with its batch normalisation folded in.
fn conv(
    weights: &dyn Tensors,
    name: &str,
    norm: &str,
    [outputs, inputs, kernel]: [usize; 3],
    stride: usize,
    activation: Activation,
) -> Result<Layer, ModelError> {
    let shape = [outputs, inputs, kernel, kernel];
    let (filters, bias) = weights.normalised_filters(name, norm, shape, BATCH_NORM_EPSILON)?;
    Ok(Layer::Conv2d(Conv2d::new(&filters, bias, inputs, kernel, stride, Padding::Same, activation)))
}
