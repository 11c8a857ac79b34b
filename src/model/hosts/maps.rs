//! Which values of a graph are maps of features that class activation maps can read.
//!
//! A value can be read if all that the network makes of a picture passes through it, as at the end of a block: what is
//! beside it would be missed otherwise. Of several in a row between which pixels do not meet, it is the last one.

use std::collections::{BTreeSet, HashMap};

use crate::nn::graph::{Graph, NodeSeen, Op, ValueId};

/// The most layers that are listed.
const MAX_MAPS: usize = 48;

/// The most tokens that stand for no patch: a class's, a teacher's and some registers.
const MAX_CLASS_TOKENS: usize = 8;

/// How a map's values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `[1, channels, side, side]`.
    ChannelsFirst,
    /// `[1, side, side, channels]`, or `[1, side², channels]`.
    ChannelsLast,
    /// `[1, before + side², channels]`: first tokens that stand for no patch.
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
    pub side: usize,
    /// Channels.
    pub channels: usize,
    /// How the values lie.
    pub form: Form,
}

/// The maps of a graph, the deepest first.
pub(crate) fn maps(graph: &Graph) -> Vec<Map> {
    let nodes: Vec<NodeSeen<'_>> = graph.nodes().collect();
    let areas = areas(graph, &nodes);
    let last_attention = nodes.iter().rposition(|node| is_attention(graph, node)).unwrap_or(nodes.len());
    let cuts = cuts(graph, &nodes);
    let mut found: Vec<(usize, Map)> = Vec::new();
    for (at, value) in cuts {
        let Some((side, channels, form)) = form_of(graph.shape(value), &areas) else { continue };
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
            && map.side == side
            && nodes[before + 1..=at].iter().all(|node| keeps_pixels_apart(node.op))
        {
            found.pop();
        }
        let name = nodes[at].name.to_owned();
        found.push((at, Map { name, value, side, channels, form }));
    }
    if found.is_empty() {
        // There are ways around every map: the last one is still the best there is.
        let last = nodes.iter().rev().find_map(|node| {
            let &value = node.outputs.first()?;
            let (side, channels, form) = form_of(graph.shape(value), &areas)?;
            let is_whole = !matches!(form, Form::Tokens { .. });
            is_whole.then(|| Map { name: node.name.to_owned(), value, side, channels, form })
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

/// Numbers of pixels that the maps of a graph have.
fn areas(graph: &Graph, nodes: &[NodeSeen<'_>]) -> BTreeSet<usize> {
    let shapes = nodes.iter().flat_map(|node| node.outputs).map(|value| graph.shape(*value));
    shapes.filter_map(|shape| square(shape).map(|(side, _, _)| side * side)).collect()
}

/// Side, channels and form of a square map.
fn square(shape: &[usize]) -> Option<(usize, usize, Form)> {
    match *shape {
        [1, channels, rows, columns] if rows == columns && rows > 1 => Some((rows, channels, Form::ChannelsFirst)),
        [1, rows, columns, channels] if rows == columns && rows > 1 => Some((rows, channels, Form::ChannelsLast)),
        _ => None,
    }
}

fn form_of(shape: &[usize], areas: &BTreeSet<usize>) -> Option<(usize, usize, Form)> {
    if let Some(square) = square(shape) {
        return Some(square);
    }
    let [1, tokens, channels] = *shape else { return None };
    let side = tokens.isqrt();
    let before = tokens - side * side;
    if side < 2 || before > MAX_CLASS_TOKENS || !areas.contains(&(side * side)) {
        return None;
    }
    Some((side, channels, if before == 0 { Form::ChannelsLast } else { Form::Tokens { before } }))
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
