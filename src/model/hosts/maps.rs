//! Which values of a graph are maps of features that class activation maps can read.
//!
//! A value can be read if all that the network makes of a picture passes through it, as at the end of a block: what is
//! beside it would be missed otherwise. Of several in a row between which pixels do not meet, it is the last one.

use std::collections::{BTreeSet, HashMap};

use crate::{
    imaging::Size,
    nn::graph::{Graph, NodeSeen, Op, ValueId},
};

/// The most layers that are listed.
const MAX_MAPS: usize = 48;

/// The most tokens that stand for no patch: a class's, a teacher's and some registers.
const MAX_CLASS_TOKENS: usize = 8;

/// How a map's values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `[1, channels, height, width]`.
    ChannelsFirst,
    /// `[1, height, width, channels]`, or `[1, height · width, channels]`.
    ChannelsLast,
    /// `[1, before + height · width, channels]`: first tokens that stand for no patch.
    Tokens {
        /// How many those are.
        before: usize,
    },
}

/// A map of features.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Map {
    /// The name of the node that makes it.
    pub name: String,
    /// The value in the graph.
    pub value: ValueId,
    /// Width and height.
    pub size: Size,
    /// Channels.
    pub channels: usize,
    /// How the values lie.
    pub form: Form,
}

/// The maps of a graph, the deepest first.
pub(crate) fn maps(graph: &Graph) -> Vec<Map> {
    let nodes: Vec<NodeSeen<'_>> = graph.nodes().collect();
    let picture = picture(graph);
    let areas = areas(graph, &nodes, picture);
    let last_attention = nodes.iter().rposition(|node| is_attention(graph, node)).unwrap_or(nodes.len());
    let cuts = cuts(graph, &nodes);
    let mut found: Vec<(usize, Map)> = Vec::new();
    for (at, value) in cuts {
        let Some((size, channels, form)) = form_of(graph.shape(value), picture, &areas) else { continue };
        // A map with zeros around it is what the next convolution takes, and part of it.
        if matches!(nodes[at].op, Op::Pad { .. }) {
            continue;
        }
        // What the last attention gathers for the class's token is what the class is made of: nothing comes from the
        // other tokens any more.
        if matches!(form, Form::Tokens { .. }) && at >= last_attention {
            continue;
        }
        if let Some((before, map)) = found.last()
            && map.size == size
            && nodes[before + 1..=at].iter().all(|node| keeps_pixels_apart(node.op))
        {
            found.pop();
        }
        let name = nodes[at].name.to_owned();
        found.push((at, Map { name, value, size, channels, form }));
    }
    if found.is_empty() {
        // There are ways around every map: the last one is still the best there is.
        let last = nodes.iter().rev().find_map(|node| {
            let &value = node.outputs.first()?;
            let (size, channels, form) = form_of(graph.shape(value), picture, &areas)?;
            let is_whole = !matches!(form, Form::Tokens { .. });
            is_whole.then(|| Map { name: node.name.to_owned(), value, size, channels, form })
        });
        return last.into_iter().collect();
    }
    let mut names = BTreeSet::new();
    found.into_iter().rev().map(|(_, map)| map).filter(|map| names.insert(map.name.clone())).take(MAX_MAPS).collect()
}

/// Nodes after which all that is still to be read is one value.
fn cuts(graph: &Graph, nodes: &[NodeSeen<'_>]) -> Vec<(usize, ValueId)> {
    let mut readers: HashMap<ValueId, usize> = HashMap::new();
    for value in nodes.iter().flat_map(|node| node.inputs).chain(graph.outputs()) {
        *readers.entry(*value).or_default() += 1;
    }
    let mut open: BTreeSet<ValueId> = BTreeSet::from([graph.input()]);
    let mut cuts = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        for input in node.inputs {
            if let Some(left) = readers.get_mut(input) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    open.remove(input);
                }
            }
        }
        open.extend(node.outputs.iter().filter(|output| readers.get(output).is_some_and(|left| *left > 0)));
        if open.len() == 1
            && let Some(&only) = open.first()
            && node.outputs.contains(&only)
        {
            cuts.push((at, only));
        }
    }
    cuts
}

/// The size of the picture that a graph begins with.
fn picture(graph: &Graph) -> Size {
    match *graph.shape(graph.input()) {
        [1, _, height, width] => Size { width, height },
        _ => Size::square(1),
    }
}

/// Numbers of pixels that the maps of a graph have.
fn areas(graph: &Graph, nodes: &[NodeSeen<'_>], picture: Size) -> BTreeSet<usize> {
    let shapes = nodes.iter().flat_map(|node| node.outputs).map(|value| graph.shape(*value));
    shapes.filter_map(|shape| map_of(shape, picture).map(|(size, _, _)| size.area())).collect()
}

/// Size, channels and form of a map in the shape of the picture.
fn map_of(shape: &[usize], picture: Size) -> Option<(Size, usize, Form)> {
    let &[1, first, second, third] = shape else { return None };
    let is_of_picture = |size: &Size| {
        let expected = (size.width * picture.height) / picture.width.max(1);
        // Windows that do not fit leave out a row or a column.
        let is_alike = if picture.is_square() { size.is_square() } else { size.height.abs_diff(expected) <= 1 };
        is_alike && size.shorter() > 1
    };
    let sized = |width: usize, height: usize| Some(Size { width, height }).filter(is_of_picture);
    let channels_first = sized(third, second).map(|size| (size, first, Form::ChannelsFirst));
    channels_first.or_else(|| sized(second, first).map(|size| (size, third, Form::ChannelsLast)))
}

fn form_of(shape: &[usize], picture: Size, areas: &BTreeSet<usize>) -> Option<(Size, usize, Form)> {
    if let Some(map) = map_of(shape, picture) {
        return Some(map);
    }
    let [1, tokens, channels] = *shape else { return None };
    let size = picture.patches(tokens);
    let before = tokens - size.area();
    if size.shorter() < 2 || before > MAX_CLASS_TOKENS || !areas.contains(&size.area()) {
        return None;
    }
    Some((size, channels, if before == 0 { Form::ChannelsLast } else { Form::Tokens { before } }))
}

/// Whether a node multiplies two values that both depend on the picture.
fn is_attention(graph: &Graph, node: &NodeSeen<'_>) -> bool {
    matches!(node.op, Op::MatMul) && node.inputs.iter().all(|input| graph.constant(*input).is_none())
}

/// Whether an operation makes each pixel of the same one only.
fn keeps_pixels_apart(op: &Op) -> bool {
    matches!(
        op,
        Op::Affine { .. }
            | Op::LayerNorm { .. }
            | Op::Unary(_)
            | Op::PRelu
            | Op::Binary(_)
            | Op::Lrn { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Identity
            | Op::Where
            | Op::Quantize { .. }
            | Op::Dequantize { .. }
    )
}
