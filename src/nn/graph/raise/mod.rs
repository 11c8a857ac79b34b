//! A graph as the list of [`Layer`]s that computes the same, where there is one (compilers call this raising).
//!
//! Layers know more than operations: every device, every rule of going back, and kernels that take several of them at
//! once. It is looked for from the output to the input. A sum, a product or a concatenation of several values is a
//! block: it begins at the last value that all of them pass through (their nearest common dominator), and each way from
//! there is a list of layers again. `tokens.rs` has a transformer's.

mod tokens;

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
};

use tokens::Found;

use super::{
    builder::{Graph, GraphError, Node, ValueId},
    chain, fuse,
    op::{Binary, Margins, Op, Pool, Reduction, Unary},
    ops::unary,
};
use crate::{
    activation::Activation,
    layer::Layer,
    layers::{
        affine::Affine, average_pool::AveragePool2d, concat::Concat, conv::Conv2d, depthwise::DepthwiseConv2d,
        layer_norm::LayerNorm, linear::Linear, padding::Padding, residual::Residual, squeeze_excite::SqueezeExcite,
    },
    network::is_end_of_stage,
};

/// Blocks within blocks at most: a bound for the stack.
const MOST_NESTED: usize = 16;

/// Nodes at most: a bound for how long is looked. Networks that layers can say have some hundreds.
const MOST_NODES: usize = 10_000;

/// A graph as layers.
#[derive(Debug)]
pub struct Raised {
    /// One after the other, they compute the graph's output.
    pub layers: Vec<Layer>,
    /// Of the values that were asked for, those that lie between two layers: how many layers come before each.
    pub ends: Vec<(ValueId, usize)>,
}

impl Graph {
    /// The layers from the graph's input to its only output, if layers can say all that it computes. Between which of
    /// them `readable` values are is said too.
    ///
    /// # Errors
    /// A node cannot be fused.
    pub fn raised(&self, readable: &[ValueId]) -> Result<Option<Raised>, GraphError> {
        if self.nodes.len() > MOST_NODES {
            return Ok(None);
        }
        let graph = fuse::fused(self.clone(), readable)?;
        Ok(Raising::new(&graph, readable).and_then(Raising::raised))
    }
}

/// How the axes of a tensor are those of a map, whose channels are always the innermost in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// `[1, channels, height, width]`.
    ChannelsFirst,
    /// `[1, …, channels]`.
    ChannelsLast,
    /// `[1, values]`: a whole map as one row, as it lies in the view that it has before.
    Row {
        /// Whether that is channels last.
        channels_last: bool,
    },
}

impl View {
    /// The axis of the channels.
    fn axis(self, shape: &[usize]) -> usize {
        match self {
            Self::ChannelsFirst => 1,
            Self::ChannelsLast | Self::Row { .. } => shape.len().saturating_sub(1),
        }
    }

    /// The axes of the pixels, for a map of rows and columns.
    fn pixels(self) -> &'static [usize] {
        match self {
            Self::ChannelsFirst => &[2, 3],
            Self::ChannelsLast => &[1, 2],
            Self::Row { .. } => &[],
        }
    }
}

/// A value as a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    value: ValueId,
    view: View,
}

/// A layer, and the value that it makes.
struct Made {
    layer: Layer,
    value: ValueId,
}

/// What a node is, seen from its result.
enum Back {
    /// The same map under another shape.
    Same(Seen),
    /// An activation.
    Activation(Activation, Seen),
    /// A layer without an activation, and what it takes.
    Layer(Layer, Seen),
}

struct Raising<'a> {
    graph: &'a Graph,
    readable: &'a [ValueId],
    output: ValueId,
    /// Numbers of the nodes that values are results of.
    makers: HashMap<ValueId, usize>,
    /// Of every value that depends on the input, the last one that it depends on by every way, and how many of those
    /// there are.
    dominators: HashMap<ValueId, (ValueId, usize)>,
    /// Nodes that are part of a layer. Each is part of one: what several ways share lies before their block.
    done: HashSet<usize>,
    /// Values that were followed back to where they come from.
    followed: Cell<usize>,
}

impl<'a> Raising<'a> {
    fn new(graph: &'a Graph, readable: &'a [ValueId]) -> Option<Self> {
        let [output] = *graph.outputs.as_slice() else { return None };
        let mut raising = Self {
            graph,
            readable,
            output,
            makers: HashMap::new(),
            dominators: HashMap::from([(graph.input, (graph.input, 0))]),
            done: HashSet::new(),
            followed: Cell::new(0),
        };
        for (index, node) in graph.nodes.iter().enumerate() {
            let varying = node.inputs.iter().copied().filter(|input| raising.dominators.contains_key(input));
            let dominator = varying.reduce(|a, b| raising.meet(a, b))?;
            let depth = raising.dominators.get(&dominator)?.1 + 1;
            for output in &node.outputs {
                raising.makers.insert(*output, index);
                raising.dominators.insert(*output, (dominator, depth));
            }
        }
        Some(raising)
    }

    /// The last value that two depend on by every way, themselves among these.
    fn meet(&self, mut a: ValueId, mut b: ValueId) -> ValueId {
        let above = |value: ValueId| self.dominators.get(&value).copied().unwrap_or((self.graph.input, 0));
        while a != b {
            let ((over_a, depth_a), (over_b, depth_b)) = (above(a), above(b));
            if depth_a >= depth_b {
                a = over_a;
            }
            if depth_b >= depth_a {
                b = over_b;
            }
        }
        a
    }

    fn raised(mut self) -> Option<Raised> {
        let view = match self.graph.shape(self.output).len() {
            4 => View::ChannelsFirst,
            _ => View::ChannelsLast,
        };
        let (made, view) = self.way(self.graph.input, Seen { value: self.output, view }, 0)?;
        if view != View::ChannelsFirst || self.done.len() != self.graph.nodes.len() {
            return None;
        }
        let values: Vec<ValueId> = made.iter().map(|made| made.value).collect();
        let layers: Vec<Layer> = made.into_iter().map(|made| made.layer).collect();
        let place = |value: &ValueId| values.iter().rposition(|made| made == value).map(|last| (*value, last + 1));
        let ends = self.readable.iter().filter_map(place).filter(|(_, end)| is_end_of_stage(&layers, *end)).collect();
        Some(Raised { layers, ends })
    }

    /// The layers from one value to another, and how the first one is seen.
    fn way(&mut self, from: ValueId, to: Seen, nested: usize) -> Option<(Vec<Made>, View)> {
        if nested > MOST_NESTED {
            return None;
        }
        let mut made = Vec::new();
        let mut seen = to;
        // What follows the next layer that is found.
        let mut follows: Option<(Activation, ValueId)> = None;
        while seen.value != from {
            let index = *self.makers.get(&seen.value)?;
            if !self.done.insert(index) {
                return None;
            }
            let value = seen.value;
            let back = match self.node(index, seen, follows.is_some()) {
                Some(back) => back,
                None => match self.block(index, seen, nested) {
                    Some(back) => back,
                    None => {
                        self.settle(&mut made, follows.take(), seen);
                        seen = self.tokens(index, seen, &mut made)?;
                        continue;
                    }
                },
            };
            match back {
                Back::Same(input) => seen = input,
                Back::Activation(activation, input) => {
                    self.settle(&mut made, follows.take(), seen);
                    (follows, seen) = (Some((activation, value)), input);
                    // What is to be read is made before the activation.
                    if nested == 0 && self.readable.contains(&seen.value) {
                        self.settle(&mut made, follows.take(), seen);
                    }
                }
                Back::Layer(mut layer, input) => {
                    let value = match (follows.take(), chain::activation_of(&mut layer)) {
                        (Some((activation, value)), Some(place)) if *place == Activation::None => {
                            *place = activation;
                            value
                        }
                        (follows, _) => {
                            self.settle(&mut made, follows, seen);
                            value
                        }
                    };
                    let is_read = nested == 0 && self.readable.contains(&value);
                    match made.pop_if(|after| !is_read && scales(&mut layer, &after.layer)) {
                        Some(Made { value, .. }) => made.push(Made { layer, value }),
                        None => made.push(Made { layer, value }),
                    }
                    seen = input;
                }
            }
        }
        self.settle(&mut made, follows, seen);
        made.reverse();
        Some((made, seen.view))
    }

    /// A transformer's layers that end with a value; what the first of them takes.
    fn tokens(&mut self, index: usize, seen: Seen, made: &mut Vec<Made>) -> Option<Seen> {
        let Found { layers, input, nodes } = tokens::found(self, seen)?;
        for node in nodes.into_iter().collect::<HashSet<usize>>() {
            if node != index && !self.done.insert(node) {
                return None;
            }
        }
        // Nobody can ask for what lies between them.
        made.extend(layers.into_iter().rev().map(|layer| Made { layer, value: seen.value }));
        Some(input)
    }

    /// An activation that no layer has room for is a layer of its own.
    fn settle(&self, made: &mut Vec<Made>, follows: Option<(Activation, ValueId)>, seen: Seen) {
        if let Some((activation, value)) = follows {
            let channels = self.channels(seen);
            let layer = Layer::Affine(Affine::new(vec![1.0; channels], vec![0.0; channels], activation));
            made.push(Made { layer, value });
        }
    }

    fn shape(&self, value: ValueId) -> &'a [usize] {
        self.graph.shape(value)
    }

    fn channels(&self, Seen { value, view }: Seen) -> usize {
        let shape = self.shape(value);
        shape.get(view.axis(shape)).copied().unwrap_or(1)
    }

    /// What a node is that takes one value that depends on the graph's input; whether an activation follows it is known.
    fn node(&self, index: usize, seen: Seen, is_activated: bool) -> Option<Back> {
        let graph = self.graph;
        let node = &graph.nodes[index];
        let &value = node.inputs.first()?;
        let (from, to) = (self.shape(value), self.shape(seen.value));
        if let View::Row { channels_last } = seen.view {
            let view = if channels_last { View::ChannelsLast } else { View::ChannelsFirst };
            return matches!(node.op, Op::Reshape { .. }).then_some(Back::Same(Seen { value, view }));
        }
        let same_view = Seen { value, view: seen.view };
        let row = |input: usize| Some(graph.constant(*node.inputs.get(input)?)?.to_vec());
        let layer = |layer: Layer| Some(Back::Layer(layer, same_view));
        match &node.op {
            Op::Unary(Unary::Gelu) => layer(Layer::Gelu),
            Op::Unary(function) => Some(Back::Activation(unary::activation(*function)?, same_view)),
            Op::Affine { axis } if *axis == seen.view.axis(from) => {
                layer(Layer::Affine(Affine::new(row(1)?, row(2)?, Activation::None)))
            }
            Op::Conv(_) | Op::MaxPool(_) if seen.view == View::ChannelsFirst => layer(chain::layer(graph, index)?),
            Op::AveragePool { pool, count_padding } if seen.view == View::ChannelsFirst => {
                layer(average(pool, *count_padding, from, to)?)
            }
            Op::Reduce { kind: Reduction::Mean, axes, keep } if from.len() == 4 => {
                let view = match (keep, axes.as_slice()) {
                    (true, _) => seen.view,
                    (false, [2, 3]) => View::ChannelsFirst,
                    (false, _) => View::ChannelsLast,
                };
                let mut axes = axes.clone();
                axes.sort_unstable();
                (axes == view.pixels()).then_some(Back::Layer(Layer::GlobalAveragePool, Seen { value, view }))
            }
            Op::LayerNorm { axis, epsilon } if seen.view == View::ChannelsLast && axis + 1 == from.len() => {
                let channels = *from.last()?;
                let weight = row(1).unwrap_or_else(|| vec![1.0; channels]);
                let bias = row(2).unwrap_or_else(|| vec![0.0; channels]);
                layer(Layer::LayerNorm(LayerNorm { weight, bias, epsilon: *epsilon }))
            }
            Op::Transpose { axes } => match (axes.as_slice(), seen.view) {
                ([0, 2, 3, 1], View::ChannelsLast) => Some(Back::Same(Seen { value, view: View::ChannelsFirst })),
                ([0, 3, 1, 2], View::ChannelsFirst) => Some(Back::Same(Seen { value, view: View::ChannelsLast })),
                _ => None,
            },
            Op::Reshape { .. } => self.reshaped(value, seen),
            Op::Gemm { .. } | Op::MatMul => self.product(node, seen, is_activated),
            Op::Binary(function) => self.with_row(*function, node, seen),
            _ => None,
        }
    }

    /// A map of one pixel under another shape.
    fn reshaped(&self, value: ValueId, seen: Seen) -> Option<Back> {
        let (from, to) = (self.shape(value), self.shape(seen.value));
        let channels = self.channels(seen);
        let is_one_pixel = |shape: &[usize]| shape.iter().product::<usize>() == channels;
        if !is_one_pixel(from) || !is_one_pixel(to) {
            return None;
        }
        let view = [View::ChannelsLast, View::ChannelsFirst].into_iter().find(|view| {
            from.get(view.axis(from)) == Some(&channels) && (from.len() == 4 || *view != View::ChannelsFirst)
        })?;
        Some(Back::Same(Seen { value, view }))
    }

    /// A product with constant weights: of every pixel's channels, or of a whole map as one row. An activation has a place
    /// in convolutions only.
    fn product(&self, node: &Node, seen: Seen, is_activated: bool) -> Option<Back> {
        let [value, weight, rest @ ..] = node.inputs.as_slice() else { return None };
        let (alpha, beta, is_turned) = match node.op {
            Op::Gemm { alpha, beta, transpose_left: false, transpose_right } => (alpha, beta, transpose_right),
            Op::MatMul => (1.0, 0.0, false),
            _ => return None,
        };
        let &[rows, columns] = self.shape(*weight) else { return None };
        let (inputs, outputs) = if is_turned { (columns, rows) } else { (rows, columns) };
        let from = self.shape(*value);
        if seen.view != View::ChannelsLast || self.channels(seen) != outputs || from.last() != Some(&inputs) {
            return None;
        }
        let weights = self.graph.constant(*weight)?;
        let at = |output: usize, input: usize| {
            alpha * weights[if is_turned { output * columns + input } else { input * columns + output }]
        };
        let filters = |place: &dyn Fn(usize) -> usize| -> Vec<f32> {
            (0..outputs).flat_map(|output| (0..inputs).map(move |input| at(output, place(input)))).collect()
        };
        let bias = match rest.first() {
            Some(bias) => self.graph.constant(*bias)?.iter().map(|bias| beta * bias).collect(),
            None => vec![0.0; outputs],
        };
        let dense = |filters: Vec<f32>, bias: Vec<f32>, inputs: usize, kernel: usize| {
            let padding = Padding::Symmetric(0);
            Layer::Conv2d(Conv2d::new(filters, bias, inputs, kernel, 1, padding, Activation::None))
        };
        let is_row = matches!(from, [1, _]);
        // A whole map as one row is a window of all of it: in which order its values lie is then nobody's matter.
        let (layer, view) = match self.flattened(*value).filter(|_| is_row) {
            Some(([channels, height, width], channels_last)) => {
                if height != width {
                    return None;
                }
                let area = height * width;
                let filters = match channels_last {
                    false => filters(&|place| place),
                    true => filters(&|place| place % area * channels + place / area),
                };
                (dense(filters, bias, channels, height), View::Row { channels_last })
            }
            None if is_row && !is_activated => {
                (Layer::Linear(Linear::new(filters(&|input| input), bias)), View::ChannelsLast)
            }
            None => (dense(filters(&|input| input), bias, inputs, 1), View::ChannelsLast),
        };
        Some(Back::Layer(layer, Seen { value: *value, view }))
    }

    /// The map of more than one pixel that a value is as one row: channels, height and width, and whether it is seen with
    /// its channels last.
    fn flattened(&self, value: ValueId) -> Option<([usize; 3], bool)> {
        let maker = |value: ValueId| Some(&self.graph.nodes[*self.makers.get(&value)?]);
        let Node { op: Op::Reshape { .. }, inputs, .. } = maker(value)? else { return None };
        let &map = inputs.first()?;
        let &[1, a, b, c] = self.shape(map) else { return None };
        let is_turned = maker(map).is_some_and(|node| node.op == Op::Transpose { axes: vec![0, 2, 3, 1] });
        let (shape, pixels) = if is_turned { ([c, a, b], a * b) } else { ([a, b, c], b * c) };
        (pixels > 1).then_some((shape, is_turned))
    }

    /// A sum, or a product, with a constant for every channel.
    fn with_row(&self, function: Binary, node: &Node, seen: Seen) -> Option<Back> {
        let [a, b] = *node.inputs.as_slice() else { return None };
        let (value, constant, is_first) = match (self.graph.constant(a), self.graph.constant(b)) {
            (None, Some(_)) => (a, b, true),
            (Some(_), None) => (b, a, false),
            _ => return None,
        };
        let to = self.shape(seen.value);
        if self.shape(value) != to {
            return None;
        }
        let row = fuse::row_along(self.graph, constant, seen.view.axis(to), to)?;
        let channels = row.len();
        let (scale, bias) = match (function, is_first) {
            (Binary::Mul, _) => (row, vec![0.0; channels]),
            (Binary::Add, _) => (vec![1.0; channels], row),
            (Binary::Sub, true) => (vec![1.0; channels], row.iter().map(|value| -value).collect()),
            (Binary::Sub, false) => (vec![-1.0; channels], row),
            (Binary::Div, true) => (row.iter().map(|value| 1.0 / value).collect(), vec![0.0; channels]),
            _ => return None,
        };
        let layer = Layer::Affine(Affine::new(scale, bias, Activation::None));
        Some(Back::Layer(layer, Seen { value, view: seen.view }))
    }

    /// A node that several ways lead to.
    fn block(&mut self, index: usize, seen: Seen, nested: usize) -> Option<Back> {
        let node = &self.graph.nodes[index];
        let ways = node.inputs.as_slice();
        if !ways.iter().all(|way| self.dominators.contains_key(way)) {
            return None;
        }
        let start = ways.iter().copied().reduce(|a, b| self.meet(a, b))?;
        match (&node.op, ways) {
            (Op::Binary(Binary::Add), _) if ways.iter().all(|way| self.shape(*way) == self.shape(seen.value)) => {
                let (layers, view) = self.ways(start, ways, seen.view, nested)?;
                let [one, other] = <[_; 2]>::try_from(layers).ok()?;
                // The way with more layers is what the block is about.
                let (branch, shortcut) = if other.len() > one.len() { (other, one) } else { (one, other) };
                let block = Residual::new(branch, shortcut, Activation::None);
                Some(Back::Layer(Layer::Residual(block), Seen { value: start, view }))
            }
            (Op::Binary(Binary::Mul), [a, b]) => {
                let (value, gate) = if *a == start { (*a, *b) } else { (*b, *a) };
                let pixels = |value: ValueId| {
                    self.shape(value).iter().product::<usize>() / self.channels(Seen { value, ..seen })
                };
                if value != start || self.shape(value) != self.shape(seen.value) || pixels(gate) != 1 {
                    return None;
                }
                let (layers, view) = self.ways(start, &[gate], seen.view, nested)?;
                let mut gate = layers.into_iter().next()?;
                if view != seen.view || !matches!(gate.first(), Some(Layer::GlobalAveragePool)) {
                    return None;
                }
                gate.remove(0);
                Some(Back::Layer(Layer::SqueezeExcite(SqueezeExcite { gate }), Seen { value: start, view }))
            }
            (Op::Concat { axis }, _) if *axis == seen.view.axis(self.shape(seen.value)) => {
                let (branches, view) = self.ways(start, ways, seen.view, nested)?;
                Some(Back::Layer(Layer::Concat(Concat::new(branches)), Seen { value: start, view }))
            }
            _ => None,
        }
    }

    /// The layers of each way from a value to others, and how the first one is seen by all of them.
    fn ways(&mut self, from: ValueId, to: &[ValueId], view: View, nested: usize) -> Option<(Vec<Vec<Layer>>, View)> {
        let mut all = Vec::with_capacity(to.len());
        let mut views = Vec::with_capacity(to.len());
        for value in to {
            let (made, view) = self.way(from, Seen { value: *value, view }, nested + 1)?;
            all.push(made.into_iter().map(|made| made.layer).collect());
            views.push(view);
        }
        let first = *views.first()?;
        views.iter().all(|view| *view == first).then_some((all, first))
    }
}

/// Whether a scale and a shift after a convolution without an activation have become part of it.
fn scales(layer: &mut Layer, after: &Layer) -> bool {
    let (Layer::Conv2d(conv), Layer::Affine(affine)) = (layer, after) else { return false };
    if conv.activation != Activation::None || conv.bias.len() != affine.bias.len() {
        return false;
    }
    let filter = conv.filters.len() / conv.bias.len();
    for (filter, scale) in conv.filters.chunks_exact_mut(filter).zip(&affine.scale) {
        filter.iter_mut().for_each(|weight| *weight *= scale);
    }
    for ((bias, scale), shift) in conv.bias.iter_mut().zip(&affine.scale).zip(&affine.bias) {
        *bias = *bias * scale + shift;
    }
    conv.activation = affine.activation;
    true
}

/// Windows that each have as many pixels, zeros around the map among them.
fn average(pool: &Pool, count_padding: bool, from: &[usize], to: &[usize]) -> Option<Layer> {
    let Pool { kernel: [kernel, across], strides: [stride, along], dilations, padding, .. } = *pool;
    let (&[_, channels, height, width], &[_, _, rows, columns]) = (from, to) else { return None };
    if kernel != across || stride != along || dilations != [1; 2] || padding != Margins::all(padding.top) {
        return None;
    }
    let fits = |size: usize, result: usize| (result - 1) * stride + kernel <= size + 2 * padding.top;
    if !fits(height, rows) || !fits(width, columns) {
        return None;
    }
    if padding.top > 0 {
        // The mean of a window with zeros in it is a filter with the same weight everywhere.
        let taps = kernel * kernel;
        let (weight, bias) = (vec![1.0 / taps as f32; channels * taps], vec![0.0; channels]);
        let padding = Padding::Symmetric(padding.top);
        return count_padding.then(|| {
            Layer::DepthwiseConv2d(DepthwiseConv2d::new(&weight, bias, kernel, stride, padding, Activation::None))
        });
    }
    Some(if [height, width] == [kernel; 2] {
        Layer::GlobalAveragePool
    } else {
        Layer::AveragePool2d(AveragePool2d::Windows { kernel, stride })
    })
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::{
        Rule, TensorNetwork, TensorTape,
        feature_map::FeatureMap,
        graph::{
            Conv, GraphBuilder, Plan, Span, State,
            tests::{numbers, scattered},
        },
        network::Network,
        tape::Tape,
    };

    /// A builder with a value that operations are put behind, one after the other.
    struct Chain {
        builder: GraphBuilder,
        last: ValueId,
        seed: usize,
    }

    impl Chain {
        fn new(channels: usize, side: usize) -> Self {
            let mut builder = GraphBuilder::default();
            let last = builder.input(&[1, channels, side, side]).unwrap();
            Self { builder, last, seed: 0 }
        }

        fn constant(&mut self, shape: &[usize]) -> ValueId {
            self.seed += 1;
            let values = scattered(shape.iter().product(), self.seed);
            self.builder.constant(shape, values).unwrap()
        }

        fn op(&mut self, op: Op, others: &[ValueId]) -> ValueId {
            self.seed += 1;
            let inputs: Vec<ValueId> = [self.last].iter().chain(others).copied().collect();
            self.last = self.builder.add(&format!("{} {}", op.name(), self.seed), op, &inputs).unwrap();
            self.last
        }

        fn conv(&mut self, outputs: usize, kernel: usize, groups: usize) -> ValueId {
            let inputs = self.builder.shape(self.last)[1];
            let weight = self.constant(&[outputs, inputs / groups, kernel, kernel]);
            let bias = self.constant(&[outputs]);
            let conv = Conv { groups, padding: Margins::all(kernel / 2), ..Conv::default() };
            self.op(Op::Conv(conv), &[weight, bias])
        }

        fn relu(&mut self) -> ValueId {
            self.op(Op::Unary(Unary::Relu), &[])
        }

        fn linear(&mut self, outputs: usize) -> ValueId {
            let inputs = *self.builder.shape(self.last).last().unwrap();
            let (weight, bias) = (self.constant(&[outputs, inputs]), self.constant(&[outputs]));
            self.op(Op::Gemm { alpha: 0.5, beta: 2.0, transpose_left: false, transpose_right: true }, &[weight, bias])
        }

        fn mean(&mut self) -> ValueId {
            self.op(Op::Reduce { kind: Reduction::Mean, axes: vec![2, 3], keep: false }, &[])
        }

        fn add(&mut self, other: ValueId) -> ValueId {
            self.op(Op::Binary(Binary::Add), &[other])
        }

        fn graph(self) -> Graph {
            self.builder.finish(&[self.last]).unwrap()
        }
    }

    /// Logits and input gradient of a plan without fusions, and of the layers.
    fn check(graph: &Graph, readable: &[ValueId]) -> Raised {
        let raised = graph.raised(readable).unwrap().expect("layers can say it");
        let &[_, channels, height, width] = graph.shape(graph.input) else { unreachable!() };
        let input = scattered(channels * height * width, 3);
        let plan = Plan::unfused(graph, &[]).unwrap();
        let mut state = State::default();
        let expected = plan.forward_recording(&input, &mut state).concat();
        let weights = scattered(expected.len(), 5);
        let mut slopes = vec![0.0; input.len()];
        plan.backward(&[&weights], &mut state, &mut slopes);

        let network = Network::compile(raised.layers.clone());
        let mut tape = Tape::default();
        tape.begin(true);
        let map = FeatureMap::from_planar(&input, channels, height, width, Default::default());
        let result = network.forward(map, &mut tape);
        let found = result.values.to_vec();
        let gradient = network.backward(FeatureMap { values: weights.as_slice().into(), ..result }, &mut tape);
        let area = height * width;
        let planar = (0..input.len()).map(|place| gradient.values[place % area * channels + place / area]);
        // The same on tensors, as on a GPU.
        let device = Device::Cpu;
        let tensors = TensorNetwork::new(&raised.layers, &device).unwrap();
        let picture = Tensor::from_slice(&input, (1, channels, height, width), &device).unwrap();
        let mut tape = TensorTape::default();
        let logits = tensors.forward(&picture, Some(&mut tape)).unwrap();
        let weights = Tensor::from_slice(&weights, logits.shape(), &device).unwrap();
        let back = tensors.backward_by(Rule::Gradient, &weights, &mut tape).unwrap();
        let [logits, back] = [logits, back].map(|tensor| tensor.flatten_all().unwrap().to_vec1().unwrap());
        let kernels = [(found, expected.clone()), (planar.collect(), slopes.clone())];
        for (found, expected) in kernels.into_iter().chain([(logits, expected), (back, slopes)]) {
            let largest = expected.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() <= 1e-4 * largest, "{found} {expected} of {largest}");
            }
        }
        raised
    }

    /// What the layers are.
    fn kinds(layers: &[Layer]) -> Vec<String> {
        let kind = |layer: &Layer| match layer {
            Layer::Residual(block) => {
                format!("{:?} + {:?} {:?}", kinds(&block.branch), kinds(&block.shortcut), block.activation)
            }
            Layer::SqueezeExcite(block) => format!("× {:?}", kinds(&block.gate)),
            Layer::Concat(block) => format!("{:?}", block.branches.iter().map(|one| kinds(one)).collect::<Vec<_>>()),
            Layer::Conv2d(conv) => format!("conv {} {:?}", conv.kernel, conv.activation),
            other => format!("{other:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect(),
        };
        layers.iter().map(kind).collect()
    }

    #[test]
    fn blocks_with_a_way_around_are_residual() {
        let mut chain = Chain::new(3, 5);
        chain.conv(4, 3, 1);
        let start = chain.relu();
        chain.conv(6, 1, 1);
        chain.relu();
        let branch = chain.conv(6, 3, 1);
        chain.last = start;
        let shortcut = chain.conv(6, 1, 1);
        chain.last = branch;
        chain.add(shortcut);
        let block = chain.relu();
        chain.conv(6, 3, 6);
        chain.add(block);
        chain.mean();
        chain.linear(3);
        let raised = check(&chain.graph(), &[start, block]);
        let first = "[\"conv 1 Relu\", \"conv 3 None\"] + [\"conv 1 None\"] Relu";
        let second = "[\"DepthwiseConv2d\"] + [] None";
        assert_eq!(kinds(&raised.layers), ["conv 3 Relu", first, second, "GlobalAveragePool", "Linear"]);
        assert_eq!(raised.ends, [(start, 1), (block, 2)]);
    }

    #[test]
    fn gates_and_branches_are_blocks() {
        let mut chain = Chain::new(3, 5);
        let map = chain.conv(4, 3, 1);
        chain.op(Op::Reduce { kind: Reduction::Mean, axes: vec![2, 3], keep: true }, &[]);
        chain.conv(2, 1, 1);
        chain.relu();
        chain.conv(4, 1, 1);
        let gate = chain.op(Op::Unary(Unary::Sigmoid), &[]);
        chain.last = map;
        let scaled = chain.op(Op::Binary(Binary::Mul), &[gate]);
        let first = chain.conv(3, 1, 1);
        chain.last = scaled;
        chain.conv(2, 1, 1);
        let second = chain.relu();
        chain.last = scaled;
        chain.op(Op::Concat { axis: 1 }, &[first, second]);
        chain.relu();
        chain.mean();
        let raised = check(&chain.graph(), &[]);
        let gate = "× [\"conv 1 Relu\", \"conv 1 Sigmoid\"]";
        let branches = "[[], [\"conv 1 None\"], [\"conv 1 Relu\"]]";
        assert_eq!(kinds(&raised.layers), ["conv 3 None", gate, branches, "Affine", "GlobalAveragePool"]);
    }

    #[test]
    fn channels_that_lie_last_for_a_while_are_the_same_map() {
        let mut chain = Chain::new(4, 3);
        let start = chain.conv(4, 3, 4);
        chain.op(Op::Transpose { axes: vec![0, 2, 3, 1] }, &[]);
        let (weight, bias) = (chain.constant(&[4]), chain.constant(&[4]));
        chain.op(Op::LayerNorm { axis: 3, epsilon: 1e-3 }, &[weight, bias]);
        chain.linear(8);
        chain.op(Op::Unary(Unary::Gelu), &[]);
        let weight = chain.constant(&[8, 4]);
        chain.op(Op::MatMul, &[weight]);
        let scale = chain.constant(&[4]);
        chain.op(Op::Binary(Binary::Mul), &[scale]);
        chain.op(Op::Transpose { axes: vec![0, 3, 1, 2] }, &[]);
        chain.add(start);
        chain.mean();
        chain.linear(2);
        let branch = "[\"LayerNorm\", \"conv 1 None\", \"Gelu\", \"conv 1 None\"] + [] None";
        assert_eq!(
            kinds(&check(&chain.graph(), &[]).layers),
            ["DepthwiseConv2d", branch, "GlobalAveragePool", "Linear"]
        );
    }

    #[test]
    fn a_whole_map_is_one_row_in_its_own_order() {
        for is_last in [false, true] {
            let mut chain = Chain::new(2, 3);
            chain.conv(4, 3, 1);
            if is_last {
                chain.op(Op::Transpose { axes: vec![0, 2, 3, 1] }, &[]);
            }
            chain.op(Op::Reshape { shape: vec![1, 36] }, &[]);
            chain.linear(5);
            chain.relu();
            chain.linear(2);
            assert_eq!(kinds(&check(&chain.graph(), &[]).layers), ["conv 3 None", "conv 3 Relu", "Linear"]);
        }
    }

    #[test]
    fn sums_and_products_with_constants_are_affine() {
        let mut chain = Chain::new(3, 2);
        for function in [Binary::Mul, Binary::Sub, Binary::Div, Binary::Add] {
            let row = chain.constant(&[3, 1, 1]);
            chain.op(Op::Binary(function), &[row]);
        }
        let one = chain.builder.constant(&[], vec![1.0]).unwrap();
        chain.last = chain.builder.add("turned", Op::Binary(Binary::Sub), &[one, chain.last]).unwrap();
        chain.mean();
        assert_eq!(kinds(&check(&chain.graph(), &[]).layers).len(), 6);
    }

    /// One product for queries, keys and values, or one each; softmax over keys, scaled before or after the product.
    fn transformer(is_one: bool, scale: f32, heads: usize) -> Graph {
        const TOKENS: usize = 5;
        let (channels, width) = (6, 6 / heads);
        let mut chain = Chain::new(3, 4);
        let weight = chain.constant(&[channels, 3, 2, 2]);
        let conv = Conv { strides: [2; 2], ..Conv::default() };
        chain.op(Op::Conv(conv), &[weight]);
        chain.op(Op::Reshape { shape: vec![1, channels, 4] }, &[]);
        let patches = chain.op(Op::Transpose { axes: vec![0, 2, 1] }, &[]);
        chain.last = chain.constant(&[1, 1, channels]);
        chain.op(Op::Concat { axis: 1 }, &[patches]);
        let places = chain.constant(&[1, TOKENS, channels]);
        let start = chain.add(places);
        let weight = chain.constant(&[channels]);
        chain.op(Op::LayerNorm { axis: 2, epsilon: 1e-4 }, &[weight]);
        let normal = chain.last;
        let mut parts = Vec::new();
        if is_one {
            chain.linear(3 * channels);
            chain.op(Op::Reshape { shape: vec![1, TOKENS, 3, heads, width] }, &[]);
            let all = chain.op(Op::Transpose { axes: vec![2, 0, 3, 1, 4] }, &[]);
            for part in 0..3 {
                chain.last = all;
                chain.op(Op::Gather { axis: 0, indices: vec![part], shape: Vec::new() }, &[]);
                parts.push(chain.last);
            }
        } else {
            for _ in 0..3 {
                chain.last = normal;
                chain.linear(channels);
                chain.op(Op::Reshape { shape: vec![1, TOKENS, heads, width] }, &[]);
                parts.push(chain.op(Op::Transpose { axes: vec![0, 2, 1, 3] }, &[]));
            }
        }
        chain.last = parts[1];
        let keys = chain.op(Op::Transpose { axes: vec![0, 1, 3, 2] }, &[]);
        chain.last = parts[0];
        let factor = chain.builder.constant(&[], vec![scale]).unwrap();
        if is_one {
            chain.op(Op::Binary(Binary::Mul), &[factor]);
        }
        chain.op(Op::MatMul, &[keys]);
        if !is_one {
            chain.op(Op::Binary(Binary::Mul), &[factor]);
        }
        chain.op(Op::Softmax { axis: 3 }, &[]);
        chain.op(Op::MatMul, &[parts[2]]);
        chain.op(Op::Transpose { axes: vec![0, 2, 1, 3] }, &[]);
        chain.op(Op::Reshape { shape: vec![1, TOKENS, channels] }, &[]);
        chain.linear(channels);
        chain.add(start);
        chain.op(Op::Slice(vec![Span::all(1), Span { len: 1, ..Span::all(1) }, Span::all(channels)]), &[]);
        chain.op(Op::Reshape { shape: vec![1, channels] }, &[]);
        chain.linear(2);
        chain.graph()
    }

    #[test]
    fn attention_is_found_however_it_is_written() {
        for heads in [1, 2, 3] {
            for is_one in [true, false] {
                let scale = ((6 / heads) as f32).sqrt().recip();
                let raised = check(&transformer(is_one, scale, heads), &[]);
                let branch = "[\"LayerNorm\", \"conv 1 None\", \"Attention\", \"conv 1 None\"] + [] None";
                assert_eq!(kinds(&raised.layers), ["conv 2 None", "Tokens", branch, "TokenPool", "Linear"]);
                // With another scale it is none that the layer computes.
                assert!(transformer(is_one, 0.9 * scale, heads).raised(&[]).unwrap().is_none());
            }
        }
    }

    #[test]
    fn means_of_windows_are_pools_or_filters() {
        let pool = |kernel: usize, stride: usize, pad: usize| Pool {
            kernel: [kernel; 2],
            strides: [stride; 2],
            dilations: [1; 2],
            padding: Margins::all(pad),
            ceil: false,
        };
        let chain = |pool: Pool, count_padding: bool| {
            let mut chain = Chain::new(2, 5);
            chain.op(Op::AveragePool { pool, count_padding }, &[]);
            chain.conv(3, 1, 1);
            chain.mean();
            chain.graph()
        };
        for (pool, kind) in
            [(pool(2, 2, 0), "AveragePool2d"), (pool(3, 1, 1), "DepthwiseConv2d"), (pool(5, 1, 0), "GlobalAveragePool")]
        {
            assert_eq!(kinds(&check(&chain(pool, true), &[]).layers)[0], kind);
        }
        assert!(chain(pool(3, 2, 1), false).raised(&[]).unwrap().is_none(), "windows of unlike numbers of pixels");
    }

    #[test]
    fn what_layers_cannot_say_stays_a_graph() {
        let is_raised = |chain: Chain| chain.graph().raised(&[]).unwrap().is_some();
        // A function that is none of the activations.
        let mut chain = Chain::new(2, 3);
        chain.op(Op::Unary(Unary::Tanh), &[]);
        assert!(!is_raised(chain));
        // What is within a block is taken beside it.
        let mut chain = Chain::new(2, 3);
        let start = chain.relu();
        let within = chain.conv(2, 3, 1);
        chain.conv(2, 3, 1);
        chain.add(start);
        chain.conv(2, 1, 1);
        chain.add(within);
        assert!(!is_raised(chain));
        // A map flattened for anything but a product.
        let mut chain = Chain::new(2, 3);
        chain.op(Op::Reshape { shape: vec![1, 18] }, &[]);
        chain.relu();
        assert!(!is_raised(chain));
        // A constant for every pixel.
        let mut chain = Chain::new(2, 3);
        let plane = chain.builder.constant(&[3, 3], numbers(9)).unwrap();
        chain.add(plane);
        assert!(!is_raised(chain));
        // Two outputs.
        let mut chain = Chain::new(2, 3);
        let first = chain.relu();
        let second = chain.conv(2, 3, 1);
        assert!(chain.builder.finish(&[first, second]).unwrap().raised(&[]).unwrap().is_none());
    }
}
