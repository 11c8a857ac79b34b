//! Nodes that the layers of [`Network`](crate::Network) do, one after the other: convolutions with their
//! activations, and pools. The network fuses what is quicker together.

use std::collections::HashMap;

use super::{
    builder::{Graph, ValueId},
    layout::Layout,
    op::Op,
    ops::{conv, pool, unary},
    step::{Compiled, Context, Record, Shared, Step, only},
};
use crate::{
    Affine, activation::Activation, buffer::Buffer, feature_map::FeatureMap, layer::Layer, network::Network, tape::Tape,
};

/// Some nodes, each of which takes the result of the one before, and nobody else does.
pub(super) struct Chain {
    pub nodes: Vec<usize>,
    pub input: ValueId,
    pub output: ValueId,
    pub compiled: Compiled,
}

/// The chain that begins with a node, if it is one that layers do. No value within it is taken by anybody else, is an
/// output, or is to be read.
pub(super) fn from(
    graph: &Graph,
    first: usize,
    takers: &HashMap<ValueId, Vec<usize>>,
    readable: &[ValueId],
) -> Option<Chain> {
    let mut layers = Vec::new();
    let mut nodes = Vec::new();
    let mut next = Some(first);
    while let Some(index) = next {
        let node = &graph.nodes[index];
        match (&node.op, layers.last_mut()) {
            (Op::Unary(function), Some(last)) => {
                let (Some(activation), Some(place)) = (unary::activation(*function), activation_of(last)) else {
                    break;
                };
                if *place != Activation::None {
                    break;
                }
                *place = activation;
            }
            _ => match layer(graph, index) {
                Some(layer) => layers.push(layer),
                None => break,
            },
        }
        nodes.push(index);
        let output = node.outputs.first()?;
        let is_seen = graph.outputs.contains(output) || readable.contains(output);
        next = match takers.get(output).map(Vec::as_slice) {
            Some([only]) if !is_seen => Some(*only),
            _ => None,
        };
    }
    let input = *graph.nodes[*nodes.first()?].inputs.first()?;
    let output = *graph.nodes[*nodes.last()?].outputs.first()?;
    let [from, to] = [input, output].map(|value| graph.shape(value));
    let ([_, channels, height, width], [_, outputs, rows, columns]) =
        (<[usize; 4]>::try_from(from).ok()?, <[usize; 4]>::try_from(to).ok()?);
    let compiled = Compiled::step(
        vec![Some(Layout::channels_last(from))],
        Layout::channels_last(to),
        step(layers, [height, width, channels], [rows, columns, outputs], 1),
    );
    Some(Chain { nodes, input, output, compiled })
}

/// The layer that a node is, if there is one that does the same.
pub(super) fn layer(graph: &Graph, node: usize) -> Option<Layer> {
    let node = &graph.nodes[node];
    let [1, _, height, width] = *graph.shape(*node.inputs.first()?) else { return None };
    let [_, _, rows, columns] = *graph.shape(*node.outputs.first()?) else { return None };
    match &node.op {
        Op::Conv(conv) => {
            let shape = graph.shape(*node.inputs.get(1)?).try_into().ok()?;
            let weight = graph.constant(*node.inputs.get(1)?)?;
            let bias = node.inputs.get(2).map(|bias| graph.constant(*bias));
            let bias = bias.map_or_else(|| Some(vec![0.0; shape_outputs(shape)]), |bias| bias.map(<[f32]>::to_vec))?;
            conv::layer(conv, weight, shape, bias, [height, width], [rows, columns])
        }
        Op::Affine { axis: 1 } => {
            let row = |input: usize| Some(graph.constant(*node.inputs.get(input)?)?.to_vec());
            Some(Layer::Affine(Affine::new(row(1)?, row(2)?, Activation::None)))
        }
        Op::MaxPool(pool) => pool::max_layer(pool, [height, width], [rows, columns]),
        _ => None,
    }
}

fn shape_outputs([outputs, ..]: [usize; 4]) -> usize {
    outputs
}

/// Where a layer's activation is, if it has a place for one.
pub(super) fn activation_of(layer: &mut Layer) -> Option<&mut Activation> {
    match layer {
        Layer::Affine(affine) => Some(&mut affine.activation),
        Layer::Conv2d(conv) => Some(&mut conv.activation),
        Layer::DepthwiseConv2d(conv) => Some(&mut conv.activation),
        Layer::GroupedConv2d(conv) => Some(&mut conv.activation),
        Layer::Residual(block) => Some(&mut block.activation),
        _ => None,
    }
}

/// Layers that make a map of a map, both of a height, a width, and channels. Of `inputs` inputs, all but the first were
/// taken in.
pub(super) fn step(layers: Vec<Layer>, input: [usize; 3], result: [usize; 3], inputs: usize) -> impl Step + 'static {
    Layers { network: Network::compile(layers), input, result, inputs }
}

struct Layers {
    network: Network,
    input: [usize; 3],
    result: [usize; 3],
    inputs: usize,
}

impl std::fmt::Debug for Layers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Layers({} stages, {:?} → {:?})", self.network.stages(), self.input, self.result)
    }
}

impl Step for Layers {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let [height, width, channels] = self.input;
        let mut record = Record::Nothing;
        // Constants were taken in.
        let results = inputs.into_iter().take(1).map(|input| {
            let map = FeatureMap { height, width, channels, values: context.own(input) };
            let mut tape = Tape::default();
            tape.begin(context.recording);
            let (result, tape) = context.with_tape(tape, |tape| self.network.forward(map, tape));
            if context.recording {
                record = Record::Tape(Box::new(tape));
            }
            result.values.into()
        });
        (results.collect(), record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let [height, width, channels] = self.result;
        let gradient = FeatureMap { height, width, channels, values: only(gradients) };
        let (gradient, _) = context.with_tape(record.tape(), |tape| self.network.backward(gradient, tape));
        let mut results = vec![Some(gradient.values)];
        results.resize_with(self.inputs, || None);
        results
    }
}
