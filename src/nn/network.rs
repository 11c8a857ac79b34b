//! A network ready to run on the CPU: what its layers are was looked at once, when it was loaded.

use std::ops::Range;

use super::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    layer::Layer,
    layers::{
        affine::Affine,
        attention::Attention,
        average_pool::AveragePool2d,
        concat::Concat,
        conv::Conv2dStage,
        depthwise::DepthwiseConv2d,
        fused_inverted_residual::FusedInvertedResidual,
        gelu::{gelu_backward, gelu_forward},
        global_average::{global_average_backward, global_average_forward},
        grouped::GroupedConv2dStage,
        layer_norm::LayerNorm,
        linear::LinearStage,
        max_pool::MaxPool2d,
        pointwise::PointwiseStage,
        residual::Residual,
        squeeze_excite::SqueezeExcite,
        tokens::{TokenPool, Tokens},
    },
    tape::{Saved, Tape},
};

/// Layers compiled for the CPU: weights are packed for the kernels, and layers that are quicker together are fused.
#[derive(Debug)]
pub struct Network {
    stages: Vec<Stage>,
    /// Of every stage, how many layers end with it.
    ends: Vec<usize>,
}

/// A layer with its weights packed, or some layers fused. Forward and backward go through the same stages.
#[derive(Debug)]
enum Stage {
    Affine(Affine),
    AveragePool2d(AveragePool2d),
    Concat(Concat<Network>),
    Conv2d(Conv2dStage),
    DepthwiseConv2d(DepthwiseConv2d),
    FusedInvertedResidual(Box<FusedInvertedResidual>),
    GroupedConv2d(GroupedConv2dStage),
    GlobalAveragePool,
    MaxPool2d(MaxPool2d),
    Linear(LinearStage),
    Pointwise(PointwiseStage),
    Residual(Residual<Network>),
    SqueezeExcite(SqueezeExcite<Network>),
    LayerNorm(LayerNorm),
    Gelu,
    Attention(Attention),
    Tokens(Tokens),
    TokenPool(TokenPool),
}

impl Network {
    /// Packs the weights of layers and fuses what can be fused, in blocks within blocks too.
    pub fn compile(layers: Vec<Layer>) -> Self {
        let mut stages = Vec::with_capacity(layers.len());
        let mut ends = Vec::with_capacity(layers.len());
        for (layer, end) in layers.into_iter().zip(1..) {
            push_fused(&mut stages, layer.into());
            ends.resize(stages.len(), end);
            if let Some(last) = ends.last_mut() {
                *last = end;
            }
        }
        Self { stages, ends }
    }

    /// How many stages the first `layers` layers are; none where the last of them is fused with the next one.
    pub fn stages_of(&self, layers: usize) -> Option<usize> {
        if layers == 0 { Some(0) } else { self.ends.iter().position(|end| *end == layers).map(|last| last + 1) }
    }

    /// How many stages there are.
    pub fn stages(&self) -> usize {
        self.stages.len()
    }

    /// Its stages.
    pub fn len(&self) -> usize {
        self.stages.len()
    }

    /// Whether it has no stages.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// The layers that a stage was made of, up to the rounding of packed weights: for passes that no stage has.
    pub fn stage_described(&self, stage: usize) -> Vec<Layer> {
        self.stages.get(stage).map(Stage::described).unwrap_or_default()
    }

    /// The layers that it was made of, up to the rounding of packed weights.
    pub fn described(&self) -> Vec<Layer> {
        self.stages.iter().flat_map(Stage::described).collect()
    }

    /// One sample through the layers. What backward needs is left on a tape that is recording.
    pub fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        self.forward_part(0..self.stages.len(), input, tape)
    }

    /// The same through some of the stages, as if they were a network of their own.
    pub fn forward_part(&self, stages: Range<usize>, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        tape.push(Saved::Start);
        self.stages[stages].iter().fold(input, |map, stage| stage.forward(map, tape))
    }

    /// The gradient with respect to the input, from that with respect to the result. Takes off the tape what the last
    /// recorded [`Network::forward`] has left there: of two networks one after the other, the second comes first.
    ///
    /// # Panics
    /// The last entries of the tape are not of a forward through this network.
    pub fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        self.backward_part(0..self.stages.len(), gradient, tape)
    }

    /// The same through some of the stages, after [`Network::forward_part`] through them.
    ///
    /// # Panics
    /// The last entries of the tape are not of a forward through them.
    pub fn backward_part(&self, stages: Range<usize>, mut gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        multiply_derivative(&mut gradient.values, tape);
        let stages = self.stages[stages].iter().rev();
        let gradient = stages.fold(gradient, |gradient, stage| stage.backward(gradient, tape));
        tape.pop_start();
        gradient
    }
}

/// Adds a stage to those before it, or fuses it with the last one: a depthwise convolution with the convolutions of one
/// pixel before and after it.
fn push_fused(stages: &mut Vec<Stage>, next: Stage) {
    let fused = match (stages.pop(), next) {
        (Some(Stage::Pointwise(expand)), Stage::DepthwiseConv2d(filter)) if FusedInvertedResidual::takes(&filter) => {
            Box::new(FusedInvertedResidual { expand: Some(expand), filter, project: None })
        }
        (Some(Stage::DepthwiseConv2d(filter)), Stage::Pointwise(project)) if FusedInvertedResidual::takes(&filter) => {
            Box::new(FusedInvertedResidual { expand: None, filter, project: Some(project) })
        }
        (Some(Stage::FusedInvertedResidual(mut block)), Stage::Pointwise(project)) if block.project.is_none() => {
            block.project = Some(project);
            block
        }
        (last, next) => {
            stages.extend(last);
            stages.push(next);
            return;
        }
    };
    stages.push(Stage::FusedInvertedResidual(fused));
}

/// Whether a stage ends after so many of the layers: nothing before is fused with anything after.
pub(crate) fn is_end_of_stage(layers: &[Layer], end: usize) -> bool {
    let is_filter = |at: Option<usize>| matches!(at.and_then(|at| layers.get(at)), Some(Layer::DepthwiseConv2d(filter)) if FusedInvertedResidual::takes(filter));
    let is_product = |at: Option<usize>| matches!(at.and_then(|at| layers.get(at)), Some(Layer::Conv2d(conv)) if PointwiseStage::is(conv));
    let (before, last, next) = (end.checked_sub(2), end.checked_sub(1), Some(end));
    let projects = is_filter(last) && is_product(next);
    // The product after a filter ends its block, even if another filter follows.
    let expands = is_product(last) && is_filter(next) && !is_filter(before);
    !projects && !expands
}

impl From<Layer> for Stage {
    fn from(layer: Layer) -> Self {
        match layer {
            Layer::Affine(layer) => Self::Affine(layer),
            Layer::AveragePool2d(layer) => Self::AveragePool2d(layer),
            Layer::Concat(block) => Self::Concat(block.compile()),
            Layer::Conv2d(conv) if PointwiseStage::is(&conv) => Self::Pointwise(PointwiseStage::new(conv)),
            Layer::Conv2d(conv) => Self::Conv2d(conv.into()),
            Layer::DepthwiseConv2d(layer) => Self::DepthwiseConv2d(layer),
            Layer::GroupedConv2d(layer) => Self::GroupedConv2d(layer.into()),
            Layer::GlobalAveragePool => Self::GlobalAveragePool,
            Layer::MaxPool2d(layer) => Self::MaxPool2d(layer),
            Layer::Linear(layer) => Self::Linear(layer.into()),
            Layer::Residual(block) => Self::Residual(block.compile()),
            Layer::SqueezeExcite(block) => Self::SqueezeExcite(block.compile()),
            Layer::LayerNorm(layer) => Self::LayerNorm(layer),
            Layer::Gelu => Self::Gelu,
            Layer::Attention(layer) => Self::Attention(layer),
            Layer::Tokens(layer) => Self::Tokens(layer),
            Layer::TokenPool(layer) => Self::TokenPool(layer),
        }
    }
}

impl Stage {
    fn described(&self) -> Vec<Layer> {
        vec![match self {
            Self::FusedInvertedResidual(block) => return block.described(),
            Self::Affine(layer) => Layer::Affine(layer.clone()),
            Self::AveragePool2d(layer) => Layer::AveragePool2d(*layer),
            Self::Concat(block) => Layer::Concat(block.described()),
            Self::Conv2d(layer) => Layer::Conv2d(layer.described()),
            Self::DepthwiseConv2d(layer) => Layer::DepthwiseConv2d(layer.clone()),
            Self::GroupedConv2d(layer) => Layer::GroupedConv2d(layer.described()),
            Self::GlobalAveragePool => Layer::GlobalAveragePool,
            Self::MaxPool2d(layer) => Layer::MaxPool2d(*layer),
            Self::Linear(layer) => Layer::Linear(layer.described()),
            Self::Pointwise(layer) => Layer::Conv2d(layer.described()),
            Self::Residual(block) => Layer::Residual(block.described()),
            Self::SqueezeExcite(block) => Layer::SqueezeExcite(block.described()),
            Self::LayerNorm(layer) => Layer::LayerNorm(layer.clone()),
            Self::Gelu => Layer::Gelu,
            Self::Attention(layer) => Layer::Attention(*layer),
            Self::Tokens(layer) => Layer::Tokens(layer.clone()),
            Self::TokenPool(layer) => Layer::TokenPool(*layer),
        }]
    }

    fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        match self {
            Self::Affine(layer) => layer.forward(input, tape),
            Self::AveragePool2d(layer) => layer.forward(input, tape),
            Self::Concat(block) => block.forward(input, tape),
            Self::Conv2d(layer) => layer.forward(input, tape),
            Self::DepthwiseConv2d(layer) => layer.forward(input, tape),
            Self::FusedInvertedResidual(block) => block.forward(input, tape),
            Self::GroupedConv2d(layer) => layer.forward(input, tape),
            Self::GlobalAveragePool => global_average_forward(input, tape),
            Self::MaxPool2d(layer) => layer.forward(input, tape),
            Self::Linear(layer) => layer.forward(input, tape),
            Self::Pointwise(layer) => layer.forward(input, tape),
            Self::Residual(block) => block.forward(input, tape),
            Self::SqueezeExcite(block) => block.forward(input, tape),
            Self::LayerNorm(layer) => layer.forward(input, tape),
            Self::Gelu => gelu_forward(input, tape),
            Self::Attention(layer) => layer.forward(input, tape),
            Self::Tokens(layer) => layer.forward(input, tape),
            Self::TokenPool(layer) => layer.forward(input, tape),
        }
    }

    /// The gradient with respect to what the stage before this one gave to its activation, from that with respect to
    /// what this one gave to its own: the derivative of an activation is multiplied with while the gradient that it is
    /// for is in cache.
    fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        match self {
            Self::Affine(layer) => layer.backward(gradient, tape),
            Self::AveragePool2d(layer) => layer.backward(gradient, tape),
            Self::Concat(block) => block.backward(gradient, tape),
            Self::Conv2d(layer) => layer.backward(gradient, tape),
            Self::DepthwiseConv2d(layer) => layer.backward(gradient, tape),
            Self::FusedInvertedResidual(block) => block.backward(gradient, tape),
            Self::GroupedConv2d(layer) => layer.backward(gradient, tape),
            Self::GlobalAveragePool => global_average_backward(gradient, tape),
            Self::MaxPool2d(layer) => layer.backward(gradient, tape),
            Self::Linear(layer) => layer.backward(gradient, tape),
            Self::Pointwise(layer) => layer.backward(gradient, tape),
            Self::Residual(block) => block.backward(gradient, tape),
            Self::SqueezeExcite(block) => block.backward(gradient, tape),
            Self::LayerNorm(layer) => layer.backward(gradient, tape),
            Self::Gelu => gelu_backward(gradient, tape),
            Self::Attention(layer) => layer.backward(gradient, tape),
            Self::Tokens(layer) => layer.backward(gradient, tape),
            Self::TokenPool(layer) => layer.backward(gradient, tape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Buffer, Conv2d, Padding};

    fn values(len: usize, step: f32) -> Vec<f32> {
        (0..len).map(|index| (index as f32 * step).sin()).collect()
    }

    fn conv(outputs: usize, inputs: usize, kernel: usize) -> Layer {
        let filters = values(outputs * inputs * kernel * kernel, 0.37);
        let padding = Padding::Symmetric(kernel / 2);
        Layer::Conv2d(Conv2d::new(filters, values(outputs, 0.11), inputs, kernel, 1, padding, Activation::Relu6))
    }

    fn depthwise(channels: usize, kernel: usize, stride: usize) -> Layer {
        let filters = values(channels * kernel * kernel, 0.29);
        let bias = values(channels, 0.13);
        Layer::DepthwiseConv2d(DepthwiseConv2d::new(&filters, bias, kernel, stride, Padding::Same, Activation::Relu6))
    }

    /// Of every stage, how many layers it is of.
    fn grouping(layers: Vec<Layer>) -> Vec<usize> {
        let layers_of = |stage: &Stage| match stage {
            Stage::FusedInvertedResidual(block) => {
                1 + usize::from(block.expand.is_some()) + usize::from(block.project.is_some())
            }
            _ => 1,
        };
        Network::compile(layers).stages.iter().map(layers_of).collect()
    }

    #[test]
    fn a_depthwise_convolution_is_fused_with_the_products_beside_it() {
        let (wide, narrow, filter) = (|| conv(24, 8, 1), || conv(8, 24, 1), || depthwise(24, 3, 2));
        assert_eq!(grouping(vec![wide(), filter(), narrow()]), [3]);
        assert_eq!(grouping(vec![wide(), filter()]), [2]);
        assert_eq!(grouping(vec![filter(), narrow()]), [2]);
        assert_eq!(grouping(vec![filter(), narrow(), wide(), filter(), narrow()]), [2, 3]);
        assert_eq!(grouping(vec![narrow(), wide(), filter(), filter(), narrow()]), [1, 2, 2]);
        assert_eq!(grouping(vec![conv(24, 8, 3), filter(), conv(8, 24, 3)]), [1, 1, 1], "windows are no products");
        assert_eq!(grouping(vec![wide(), depthwise(24, 1, 2), narrow()]), [1, 1, 1], "rows that no window sees");
    }

    #[test]
    fn where_stages_end_is_known_before_they_are_compiled() {
        let kinds = [|| conv(8, 8, 1), || depthwise(8, 3, 1), || conv(8, 8, 3)];
        for mut code in 0..3_usize.pow(6) {
            let layers: Vec<Layer> = (0..6)
                .map(|_| {
                    let kind = code % 3;
                    code /= 3;
                    kinds[kind]()
                })
                .collect();
            let ends: Vec<bool> = (0..=6).map(|end| is_end_of_stage(&layers, end)).collect();
            let network = Network::compile(layers);
            let compiled: Vec<bool> = (0..=6).map(|end| network.stages_of(end).is_some()).collect();
            assert_eq!(ends, compiled);
        }
    }

    #[test]
    fn blocks_within_blocks_are_compiled_too() {
        let branch = vec![conv(24, 8, 1), depthwise(24, 3, 1), conv(8, 24, 1)];
        let outer = Residual::new(vec![Layer::Concat(Concat::new(vec![branch]))], Vec::new(), Activation::None);
        let network = Network::compile(vec![Layer::Residual(outer)]);
        let [Stage::Residual(outer)] = network.stages.as_slice() else { unreachable!() };
        let [Stage::Concat(inner)] = outer.branch.stages.as_slice() else { unreachable!() };
        assert!(matches!(inner.branches[0].stages.as_slice(), [Stage::FusedInvertedResidual(_)]));
    }

    /// Forward and backward, bit by bit.
    fn run(networks: &[Network], side: usize) -> (Vec<u32>, Vec<u32>) {
        let mut tape = Tape::default();
        tape.begin(true);
        let input = FeatureMap::from_planar(&values(8 * side * side, 0.7), 8, side, side, Buffer::default());
        let result = networks.iter().fold(input, |map, network| network.forward(map, &mut tape));
        let bits = |map: &FeatureMap| map.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let forward = bits(&result);
        let gradient = networks.iter().rev().fold(result, |map, network| network.backward(map, &mut tape));
        assert!(tape.is_empty());
        (forward, bits(&gradient))
    }

    #[test]
    fn fusing_changes_no_bit() {
        let layers = || vec![conv(160, 8, 1), depthwise(160, 5, 2), conv(8, 160, 1)];
        let alone: Vec<Network> = layers().into_iter().map(|layer| Network::compile(vec![layer])).collect();
        assert_eq!(run(&[Network::compile(layers())], 45), run(&alone, 45));
    }

    #[test]
    #[should_panic(expected = "on the tape")]
    fn a_backward_without_its_forward_is_no_gradient() {
        let network = Network::compile(vec![conv(8, 8, 3)]);
        let map = FeatureMap { height: 4, width: 4, channels: 8, values: values(128, 0.1).as_slice().into() };
        network.backward(map, &mut Tape::default());
    }

    #[test]
    #[should_panic(expected = "on the tape")]
    fn a_backward_through_another_network_is_no_gradient() {
        let (first, second) = (Network::compile(vec![conv(8, 8, 3)]), Network::compile(vec![conv(8, 8, 1)]));
        let mut tape = Tape::default();
        tape.begin(true);
        let map = FeatureMap { height: 4, width: 4, channels: 8, values: values(128, 0.1).as_slice().into() };
        let result = first.forward(map, &mut tape);
        second.backward(result, &mut tape);
    }
}
