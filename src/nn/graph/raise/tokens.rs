//! A transformer's layers: attention and tokens as exporters write them out, in many ways.
//!
//! What lies between products is moved only: reshaped, transposed, cut, picked, scaled by a number. So it is not looked
//! for by names: each value of a queries' tensor is followed back to where it comes from, and if all come from where
//! [`Attention`] takes them, it is one.

use std::sync::Arc;

use super::{Back, Raising, Seen, View};
use crate::{
    activation::Activation,
    graph::{
        builder::{Node, Value, ValueId},
        op::{Binary, Op},
        ops,
    },
    layer::Layer,
    layers::{
        attention::Attention,
        conv::Conv2d,
        padding::Padding,
        tokens::{TokenPool, Tokens},
    },
};

/// Nodes between two products at most: a bound for how long is looked.
const MOST_MOVES: usize = 16;

/// Values of a tensor that are followed at most: places up to here are exact in f32.
const MOST_PLACES: usize = 1 << 22;

/// Values of all tensors together that are followed at most: some seconds.
const MOST_FOLLOWED: usize = 1 << 31;

/// Where the values of a tensor come from.
struct Moved {
    /// The tensor that they are values of.
    source: ValueId,
    /// Of each value, row after row, its place in the source, row after row.
    places: Vec<usize>,
    /// What they were multiplied with.
    factor: f32,
    /// The nodes in between.
    nodes: Vec<usize>,
}

/// Layers from the first to the last, what the first takes, and the nodes that they are.
pub(super) struct Found {
    pub layers: Vec<Layer>,
    pub input: Seen,
    pub nodes: Vec<usize>,
}

impl Found {
    fn new(layers: Vec<Layer>, value: ValueId, view: View, nodes: Vec<usize>) -> Self {
        Self { layers, input: Seen { value, view }, nodes }
    }
}

/// The layers of a transformer that end with a value.
pub(super) fn found(raising: &Raising<'_>, seen: Seen) -> Option<Found> {
    if seen.view != View::ChannelsLast {
        return None;
    }
    let ways = [renamed, attention, tokens, class];
    ways.into_iter().find_map(|way| way(raising, seen))
}

/// The same tokens, in the same order, by other axes.
fn renamed(raising: &Raising<'_>, seen: Seen) -> Option<Found> {
    let moved = raising.moved(seen.value)?;
    let (from, to) = (raising.shape(moved.source), raising.shape(seen.value));
    let is_same = !moved.nodes.is_empty() && moved.factor == 1.0 && rows(from) == rows(to);
    let is_in_order = is_same && moved.is_from([to.iter().product()], |[place]| place);
    is_in_order.then(|| Found::new(Vec::new(), moved.source, View::ChannelsLast, moved.nodes))
}

/// How many rows of how many values a tensor has.
fn rows(shape: &[usize]) -> Option<[usize; 2]> {
    let (values, rows) = shape.split_last()?;
    Some([rows.iter().product(), *values])
}

impl Raising<'_> {
    fn maker(&self, value: ValueId) -> Option<(usize, &Node)> {
        let index = *self.makers.get(&value)?;
        Some((index, &self.graph.nodes[index]))
    }

    /// A number that a node multiplies its first input with.
    fn factor(&self, node: &Node) -> Option<(ValueId, f32)> {
        let number = |value: ValueId| match self.graph.constant(value)? {
            [only] => Some(*only),
            _ => None,
        };
        let [a, b] = *node.inputs.as_slice() else { return None };
        match node.op {
            Op::Binary(Binary::Mul) => {
                number(b).map(|factor| (a, factor)).or_else(|| number(a).map(|factor| (b, factor)))
            }
            Op::Binary(Binary::Div) => number(b).map(|by| (a, 1.0 / by)),
            _ => None,
        }
    }

    /// Where the values of a tensor come from.
    fn moved(&self, value: ValueId) -> Option<Moved> {
        let mut chain = Vec::new();
        let mut source = value;
        let mut factor = 1.0;
        while chain.len() < MOST_MOVES {
            let Some((index, node)) = self.maker(source) else { break };
            let next = match node.op {
                Op::Reshape { .. } | Op::Transpose { .. } | Op::Slice(_) | Op::Gather { .. } | Op::Split { .. } => {
                    node.inputs.first().copied()
                }
                _ => self.factor(node).filter(|(next, _)| self.shape(*next) == self.shape(source)).map(|(next, by)| {
                    factor *= by;
                    next
                }),
            };
            let Some(next) = next else { break };
            chain.push((index, source));
            source = next;
        }
        let count = |value: ValueId| self.shape(value).iter().product::<usize>();
        let longest = chain.iter().map(|(_, value)| count(*value)).fold(count(source), usize::max);
        let followed = self.followed.get().saturating_add(longest.saturating_mul(chain.len() + 1));
        self.followed.set(followed);
        if longest > MOST_PLACES || followed > MOST_FOLLOWED {
            return None;
        }
        let numbers = Arc::new((0..count(source)).map(|place| place as f32).collect());
        let mut places = Value { shape: self.shape(source).to_vec(), constant: Some(numbers), is_fixed: false };
        for (index, result) in chain.iter().rev() {
            let node = &self.graph.nodes[*index];
            if matches!(node.op, Op::Binary(_)) {
                continue;
            }
            let shapes: Vec<Vec<usize>> = node.outputs.iter().map(|output| self.shape(*output).to_vec()).collect();
            let at = node.outputs.iter().position(|output| output == result)?;
            let values = ops::fold(&node.op, &[&places], &shapes).ok()?.swap_remove(at);
            places = Value { shape: shapes[at].clone(), constant: Some(Arc::new(values)), is_fixed: false };
        }
        let places = places.constant?.iter().map(|place| *place as usize).collect();
        Some(Moved { source, places, factor, nodes: chain.into_iter().map(|(index, _)| index).collect() })
    }
}

impl Moved {
    /// Whether the value at every place, named by `shape`, comes from where `place` says.
    fn is_from<const N: usize>(&self, shape: [usize; N], place: impl Fn([usize; N]) -> usize) -> bool {
        let mut index = [0; N];
        self.places.len() == shape.iter().product::<usize>()
            && self.places.iter().all(|found| {
                let is_there = *found == place(index);
                for (axis, len) in index.iter_mut().zip(shape).rev() {
                    *axis += 1;
                    if *axis < len {
                        break;
                    }
                    *axis = 0;
                }
                is_there
            })
    }
}

/// `softmax(q · kᵀ / √d) · v` of queries, keys and values that are one product, or one each, of the same tokens.
fn attention(raising: &Raising<'_>, seen: Seen) -> Option<Found> {
    let [tokens, channels] = rows(raising.shape(seen.value))?;
    let result = raising.moved(seen.value)?;
    let [shares, values] = product(raising, result.source)?;
    let (softmax, Node { op: Op::Softmax { axis }, inputs, .. }) = raising.maker(shares)? else { return None };
    let shape = raising.shape(shares);
    let heads = shape[..shape.len().checked_sub(2)?].iter().product::<usize>();
    if *axis + 1 != shape.len() || !shape.ends_with(&[tokens, tokens]) || heads == 0 || channels % heads != 0 {
        return None;
    }
    let width = channels / heads;
    let is_head_after_head = |[token, head, part]: [usize; 3]| (head * tokens + token) * width + part;
    if result.factor != 1.0 || !result.is_from([tokens, heads, width], is_head_after_head) {
        return None;
    }
    let scores = raising.moved(*inputs.first()?)?;
    if !scores.is_from([heads * tokens * tokens], |[place]| place) {
        return None;
    }
    let [queries, keys] = product(raising, scores.source)?;
    let [queries, keys, values] = [raising.moved(queries)?, raising.moved(keys)?, raising.moved(values)?];
    let factor = scores.factor * queries.factor * keys.factor;
    if (factor * (width as f32).sqrt() - 1.0).abs() > 1e-4 || values.factor != 1.0 {
        return None;
    }
    let mut nodes: Vec<usize> = [softmax].into_iter().chain(raising.makers.get(&result.source).copied()).collect();
    nodes.extend(raising.makers.get(&scores.source));
    for moved in [&result, &scores, &queries, &keys, &values] {
        nodes.extend(&moved.nodes);
    }
    // Where each is in its source: tokens of so many values, from a first one on.
    let is_there = |moved: &Moved, is_key: bool, row: usize, first: usize| {
        let at = |head: usize, token: usize, part: usize| token * row + first + head * width + part;
        match is_key {
            true => moved.is_from([heads, width, tokens], |[head, part, token]| at(head, token, part)),
            false => moved.is_from([heads, tokens, width], |[head, token, part]| at(head, token, part)),
        }
    };
    let parts = [(&queries, false), (&keys, true), (&values, false)];
    let layer = Layer::Attention(Attention { heads });
    if parts.iter().all(|(moved, _)| moved.source == queries.source) {
        let is_one = rows(raising.shape(queries.source)) == Some([tokens, 3 * channels])
            && parts
                .iter()
                .zip(0..)
                .all(|((moved, is_key), part)| is_there(moved, *is_key, 3 * channels, part * channels));
        return is_one.then(|| Found::new(vec![layer], queries.source, View::ChannelsLast, nodes));
    }
    // Three products of the same tokens are one with the rows of all.
    let (mut filters, mut bias, mut input) = (Vec::new(), Vec::new(), None);
    for (moved, is_key) in parts {
        if rows(raising.shape(moved.source)) != Some([tokens, channels]) || !is_there(moved, is_key, channels, 0) {
            return None;
        }
        let (index, node) = raising.maker(moved.source)?;
        let own = Seen { value: moved.source, view: View::ChannelsLast };
        let Back::Layer(Layer::Conv2d(conv), from) = raising.product(node, own, true)? else { return None };
        if input.is_some_and(|input| input != from.value) {
            return None;
        }
        input = Some(from.value);
        nodes.push(index);
        filters.extend(conv.filters);
        bias.extend(conv.bias);
    }
    let (padding, inputs) = (Padding::Symmetric(0), filters.len() / bias.len());
    let product = Layer::Conv2d(Conv2d::new(filters, bias, inputs, 1, 1, padding, Activation::None));
    Some(Found::new(vec![product, layer], input?, View::ChannelsLast, nodes))
}

/// Both factors of a product of two values.
fn product(raising: &Raising<'_>, value: ValueId) -> Option<[ValueId; 2]> {
    match raising.maker(value)?.1 {
        Node { op: Op::MatMul, inputs, .. } => inputs.as_slice().try_into().ok(),
        _ => None,
    }
}

/// A map's pixels as tokens, with some before them, and embeddings added of every place.
fn tokens(raising: &Raising<'_>, seen: Seen) -> Option<Found> {
    let &[1, tokens, channels] = raising.shape(seen.value) else { return None };
    let mut nodes = Vec::new();
    let mut value = seen.value;
    let mut embeddings = vec![0.0; tokens * channels];
    let mut is_embedded = false;
    if let Some((rest, found)) = embedded(raising, value, &mut nodes) {
        (value, embeddings, is_embedded) = (rest, found, true);
    }
    let mut first = Vec::new();
    if let Some((index, Node { op: Op::Concat { axis: 1 }, inputs, .. })) = raising.maker(value) {
        let (patches, before) = inputs.split_last()?;
        for constant in before {
            first.extend_from_slice(raising.graph.constant(*constant)?);
        }
        nodes.push(index);
        value = *patches;
    }
    let before = first.len();
    let mut positions = embeddings.split_off(before.min(embeddings.len()));
    first.iter_mut().zip(&embeddings).for_each(|(value, place)| *value += place);
    if !is_embedded && let Some((rest, found)) = embedded(raising, value, &mut nodes) {
        (value, positions) = (rest, found);
    }
    let moved = raising.moved(value)?;
    let side = (positions.len() / channels).isqrt();
    let area = side * side;
    if area * channels != positions.len() || moved.factor != 1.0 {
        return None;
    }
    let is_last = |[pixel, channel]: [usize; 2]| pixel * channels + channel;
    let is_first = |[pixel, channel]: [usize; 2]| channel * area + pixel;
    let view = match *raising.shape(moved.source) {
        [1, a, b, c] if [a, b, c] == [channels, side, side] && moved.is_from([area, channels], is_first) => {
            View::ChannelsFirst
        }
        [1, a, b, c] if [a, b, c] == [side, side, channels] && moved.is_from([area, channels], is_last) => {
            View::ChannelsLast
        }
        _ => return None,
    };
    nodes.extend(moved.nodes);
    Some(Found::new(vec![Layer::Tokens(Tokens::new(first, positions, channels))], moved.source, view, nodes))
}

/// What constants are added to, a value each, and these.
fn embedded(raising: &Raising<'_>, value: ValueId, nodes: &mut Vec<usize>) -> Option<(ValueId, Vec<f32>)> {
    let (index, Node { op: Op::Binary(Binary::Add), inputs, .. }) = raising.maker(value)? else { return None };
    let [a, b] = *inputs.as_slice() else { return None };
    let (rest, constant) = if raising.graph.constant(b).is_some() { (a, b) } else { (b, a) };
    let values = raising.graph.constant(constant)?;
    let is_whole = values.len() == raising.shape(value).iter().product::<usize>();
    if !is_whole || raising.shape(rest) != raising.shape(value) {
        return None;
    }
    nodes.push(index);
    Some((rest, values.to_vec()))
}

/// The first token.
fn class(raising: &Raising<'_>, seen: Seen) -> Option<Found> {
    let moved = raising.moved(seen.value)?;
    let &[1, tokens, channels] = raising.shape(moved.source) else { return None };
    let is_first = tokens > 1 && moved.factor == 1.0 && moved.is_from([channels], |[channel]| channel);
    let layer = Layer::TokenPool(TokenPool::Class);
    is_first.then(|| Found::new(vec![layer], moved.source, View::ChannelsLast, moved.nodes))
}
