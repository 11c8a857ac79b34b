//! What exporters write out in many nodes and is one operation: a pattern a file.
//!
//! A pattern is looked for at the node that ends it. That node is then replaced; the nodes before it that nobody else
//! takes are left out.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    builder::{Graph, GraphError, Node, Value, ValueId},
    op::{Binary, Op, Unary},
};

mod concat;
mod convolution;
mod functions;
mod layer_norm;
mod linear;
mod split;

/// What a node is replaced with: nodes of which the last has the replaced one's result.
type Replacement = Vec<Node>;

/// A pattern: given a graph, and the number of a node that may end it.
type Pattern = fn(&mut Matching<'_>, usize) -> Option<Replacement>;

/// Numbers that an exporter multiplies a value with, one after the other, at most: a bound for what is looked through.
const MOST_FACTORS: usize = 4;

/// In an order in which one may find what another has left.
const PATTERNS: [Pattern; 7] = [
    functions::fuse,
    layer_norm::fuse,
    layer_norm::fuse_parameters,
    linear::fuse,
    convolution::fuse,
    concat::fuse,
    split::fuse,
];

/// The same graph with fewer nodes. `readable` values stay.
pub(super) fn fused(mut graph: Graph, readable: &[ValueId]) -> Result<Graph, GraphError> {
    for pattern in PATTERNS {
        let mut index = 0;
        let mut matching = Matching::new(&mut graph, readable);
        while index < matching.graph.nodes.len() {
            if let Some(replacement) = pattern(&mut matching, index)
                && !matching.goes_around(index, &replacement)
            {
                matching.replace(index, replacement);
            }
            index += 1;
        }
        drop(matching);
        let outputs = graph.outputs.clone();
        graph.outputs.extend(readable);
        graph.drop_dead();
        graph.outputs = outputs;
    }
    Ok(graph)
}

/// A graph that patterns are looked for in.
struct Matching<'a> {
    graph: &'a mut Graph,
    /// Numbers of the nodes that values are results of.
    makers: HashMap<ValueId, usize>,
    /// How many nodes take a value; those that are outputs or readable are taken once more.
    taken: HashMap<ValueId, usize>,
    readable: &'a [ValueId],
}

impl<'a> Matching<'a> {
    fn new(graph: &'a mut Graph, readable: &'a [ValueId]) -> Self {
        let mut taken: HashMap<ValueId, usize> = HashMap::new();
        let nodes = graph.nodes.iter().flat_map(|node| &node.inputs);
        for value in nodes.chain(&graph.outputs).chain(readable) {
            *taken.entry(*value).or_default() += 1;
        }
        let mut matching = Self { graph, makers: HashMap::new(), taken, readable };
        matching.number();
        matching
    }

    fn number(&mut self) {
        let nodes = self.graph.nodes.iter().enumerate();
        self.makers = nodes.flat_map(|(index, node)| node.outputs.iter().map(move |output| (*output, index))).collect();
    }

    /// Whether a replacement has no part in a value that is to be read and that the node is a function of: this would
    /// have no gradient.
    fn goes_around(&self, index: usize, replacement: &[Node]) -> bool {
        let taken: Vec<ValueId> = replacement.iter().flat_map(|node| node.inputs.iter().copied()).collect();
        if self.readable.is_empty() {
            return false;
        }
        let mut left = self.node(index).inputs.clone();
        let mut seen: HashSet<ValueId> = HashSet::new();
        while let Some(value) = left.pop() {
            if taken.contains(&value) || !seen.insert(value) {
                continue;
            }
            if self.readable.contains(&value) && !self.are_made_of(&taken, value) {
                return true;
            }
            left.extend(self.maker(value).into_iter().flat_map(|node| &node.inputs));
        }
        false
    }

    /// Whether one of some values is a function of another.
    fn are_made_of(&self, values: &[ValueId], other: ValueId) -> bool {
        let mut left = values.to_vec();
        let mut seen: HashSet<ValueId> = HashSet::new();
        while let Some(value) = left.pop() {
            if value == other {
                return true;
            }
            if seen.insert(value) {
                left.extend(self.maker(value).into_iter().flat_map(|node| &node.inputs));
            }
        }
        false
    }

    fn replace(&mut self, index: usize, replacement: Replacement) {
        for input in replacement.iter().flat_map(|node| &node.inputs) {
            *self.taken.entry(*input).or_default() += 1;
        }
        let is_in_place = replacement.len() == 1;
        let replaced: Vec<Node> = self.graph.nodes.splice(index..=index, replacement).collect();
        self.release(replaced.into_iter().flat_map(|node| node.inputs).collect());
        if !is_in_place {
            self.number();
        }
    }

    /// Values that one node less takes. Constants that nobody takes any more are given back at once: a network's weights
    /// may be replaced many times.
    fn release(&mut self, mut left: Vec<ValueId>) {
        while let Some(value) = left.pop() {
            let Some(taken) = self.taken.get_mut(&value) else { continue };
            *taken = taken.saturating_sub(1);
            if *taken > 0 {
                continue;
            }
            match self.makers.get(&value).map(|maker| &self.graph.nodes[*maker]) {
                Some(node)
                    if node.outputs.iter().all(|output| self.taken.get(output).is_none_or(|taken| *taken == 0)) =>
                {
                    left.extend(&node.inputs);
                }
                Some(_) => {}
                None => {
                    if let Some(constant) = &mut self.graph.values[value.0].constant {
                        *constant = Arc::default();
                    }
                }
            }
        }
    }

    fn node(&self, index: usize) -> &Node {
        &self.graph.nodes[index]
    }

    /// The node that a value is the result of.
    fn maker(&self, value: ValueId) -> Option<&Node> {
        Some(&self.graph.nodes[*self.makers.get(&value)?])
    }

    fn shape(&self, value: ValueId) -> &[usize] {
        self.graph.shape(value)
    }

    /// Whether one node takes a value and nobody else sees it.
    fn is_taken_once(&self, value: ValueId) -> bool {
        self.taken.get(&value) == Some(&1)
    }

    /// A constant of a single value.
    fn number_of(&self, value: ValueId) -> Option<f32> {
        match self.graph.constant(value)? {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The only input of a function of one value.
    fn unary(&self, value: ValueId, function: impl Fn(Unary) -> bool) -> Option<ValueId> {
        match self.maker(value)? {
            Node { op: Op::Unary(found), inputs, .. } if function(*found) => inputs.first().copied(),
            _ => None,
        }
    }

    /// Both inputs of a function of two values.
    fn binary(&self, value: ValueId, function: Binary) -> Option<[ValueId; 2]> {
        match self.maker(value)? {
            Node { op: Op::Binary(found), inputs, .. } if *found == function => inputs.as_slice().try_into().ok(),
            _ => None,
        }
    }

    /// The input of a sum with a number, and the number.
    fn plus_number(&self, value: ValueId) -> Option<(ValueId, f32)> {
        let inputs = self.binary(value, Binary::Add)?;
        self.with_number(inputs)
    }

    fn with_number(&self, [a, b]: [ValueId; 2]) -> Option<(ValueId, f32)> {
        self.number_of(b).map(|number| (a, number)).or_else(|| self.number_of(a).map(|number| (b, number)))
    }

    /// A value as a number times another: first itself, then without its factors that are numbers, one by one.
    fn scaled(&self, value: ValueId) -> Vec<(ValueId, f32)> {
        let mut all = vec![(value, 1.0)];
        while let Some((value, factor)) = all.last().copied().filter(|_| all.len() <= MOST_FACTORS) {
            let next = match (self.binary(value, Binary::Mul), self.binary(value, Binary::Div)) {
                (Some(inputs), _) => self.with_number(inputs).map(|(value, by)| (value, factor * by)),
                (_, Some([value, by])) => self.number_of(by).map(|by| (value, factor / by)),
                _ => None,
            };
            // Another shape is another tensor.
            match next.filter(|(next, _)| self.shape(*next) == self.shape(value)) {
                Some(next) => all.push(next),
                None => break,
            }
        }
        all
    }

    /// Adds a constant, row after row.
    fn constant(&mut self, shape: Vec<usize>, values: Vec<f32>) -> ValueId {
        self.graph.values.push(Value { shape, constant: Some(Arc::new(values)), is_fixed: false });
        ValueId(self.graph.values.len() - 1)
    }

    /// Adds a value that a node is to result in.
    fn value(&mut self, shape: Vec<usize>) -> ValueId {
        self.graph.values.push(Value { shape, constant: None, is_fixed: false });
        ValueId(self.graph.values.len() - 1)
    }

    /// The node with another operation and other inputs.
    fn with(&self, index: usize, op: Op, inputs: Vec<ValueId>) -> Node {
        Node { op, inputs, ..self.node(index).clone() }
    }

    /// The values of a constant that has one for each place along an axis of a shape it is broadcast to.
    fn row_along(&self, constant: ValueId, axis: usize, to: &[usize]) -> Option<Vec<f32>> {
        row_along(self.graph, constant, axis, to)
    }
}

/// The values of a constant that has one for each place along an axis of a shape it is broadcast to.
pub(super) fn row_along(graph: &Graph, constant: ValueId, axis: usize, to: &[usize]) -> Option<Vec<f32>> {
    let (values, shape) = (graph.constant(constant)?, graph.shape(constant));
    let place = (axis + shape.len()).checked_sub(to.len());
    let others_are_single = shape.iter().enumerate().all(|(own, len)| *len == 1 || Some(own) == place);
    match (others_are_single && shape.len() <= to.len(), values.len()) {
        (true, len) if len == to[axis] => Some(values.to_vec()),
        (true, 1) => Some(vec![values[0]; to[axis]]),
        _ => None,
    }
}

/// Whether a number is what an exporter has written for another, in one of two precisions or rounded.
fn is_nearly(found: f32, wanted: f32) -> bool {
    (found - wanted).abs() <= 2e-4 * wanted.abs()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::graph::{Conv, GraphBuilder, tests::check_fused};

    #[test]
    fn many_factors_are_not_looked_through_again_and_again() {
        let mut builder = GraphBuilder::default();
        let mut value = builder.input(&[1]).unwrap();
        let one = builder.constant(&[], vec![1.0]).unwrap();
        for _ in 0..5000 {
            value = builder.add("factor", Op::Binary(Binary::Mul), &[value, one]).unwrap();
        }
        let begin = Instant::now();
        assert_eq!(fused(builder.finish(&[value]).unwrap(), &[]).unwrap().nodes().len(), 5000);
        assert!(begin.elapsed().as_secs() < 10);
    }

    #[test]
    fn weights_that_were_replaced_are_given_back() {
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[1, 2, 1, 1]).unwrap();
        let weight = builder.constant(&[3, 2, 1, 1], vec![0.5; 6]).unwrap();
        let mut value = builder.add("conv", Op::Conv(Conv::default()), &[input, weight]).unwrap();
        let scale = builder.constant(&[3, 1, 1], vec![1.0, 2.0, 0.5]).unwrap();
        for _ in 0..4 {
            value = builder.add("scaled", Op::Binary(Binary::Mul), &[value, scale]).unwrap();
        }
        let graph = builder.finish(&[value]).unwrap();
        check_fused(&graph, &[1.0, -2.0]);
        let mut fused = graph.clone();
        let mut matching = Matching::new(&mut fused, &[]);
        for index in 1..5 {
            let replacement = convolution::fuse(&mut matching, index).unwrap();
            matching.replace(index, replacement);
        }
        let held: usize =
            matching.graph.values.iter().filter_map(|value| value.constant.as_ref()).map(|values| values.len()).sum();
        assert_eq!(held, 6 + 3, "the last weight and its bias");
    }
}
