//! Values that are picked one by one along an axis, all of them, are one split: queries, keys and values that a network has
//! computed together. The gradient of a split is put together where those of the picks would be added up.

use super::{Matching, Replacement};
use crate::graph::{
    builder::{Node, ValueId},
    op::Op,
};

/// Nodes before and after a pick among which the others are looked for: a bound for what is looked through.
const MOST_NODES: usize = 64;

pub(super) fn fuse(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let (value, axis, place) = pick(graph.node(index))?;
    let nodes = &graph.graph.nodes;
    // The first of the picks has left the split to the others.
    let before = nodes[index.saturating_sub(MOST_NODES)..index].iter();
    let sizes = vec![1; graph.shape(value)[axis]];
    let split = Op::Split { axis, sizes: sizes.clone() };
    if let Some(Node { outputs, .. }) = before.rev().find(|node| node.op == split && node.inputs == [value]) {
        let part = *outputs.get(place)?;
        return Some(vec![graph.with(index, reshape(graph, index), vec![part])]);
    }
    let after = &nodes[index..nodes.len().min(index + MOST_NODES)];
    let picked = |place: usize| after.iter().any(|node| pick(node) == Some((value, axis, place)));
    if sizes.len() < 2 || sizes.len() > MOST_NODES || !(0..sizes.len()).all(picked) {
        return None;
    }
    let mut shape = graph.shape(value).to_vec();
    shape[axis] = 1;
    let outputs: Vec<ValueId> = sizes.iter().map(|_| graph.value(shape.clone())).collect();
    let part = outputs[place];
    let name = graph.node(index).name.clone();
    Some(vec![
        Node { name, op: split, inputs: vec![value], outputs },
        graph.with(index, reshape(graph, index), vec![part]),
    ])
}

/// What a node picks a single place of, along which axis, and which.
fn pick(node: &Node) -> Option<(ValueId, usize, usize)> {
    match (&node.op, node.inputs.as_slice(), node.outputs.as_slice()) {
        (Op::Gather { axis, indices, .. }, &[value], &[_]) => match *indices.as_slice() {
            [place] => Some((value, *axis, place)),
            _ => None,
        },
        _ => None,
    }
}

/// What makes a part of a split the node's result.
fn reshape(graph: &Matching<'_>, index: usize) -> Op {
    let shape = graph.node(index).outputs.first().map_or_else(Vec::new, |output| graph.shape(*output).to_vec());
    Op::Reshape { shape }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Binary, GraphBuilder, Op, fuse,
        tests::{check_fused, scattered},
    };

    /// How many splits and picks are left of picks of some places of three.
    fn left(places: &[usize]) -> [usize; 2] {
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[2, 3, 4]).unwrap();
        let picks = places.iter().map(|place| {
            let op = Op::Gather { axis: 1, indices: vec![*place], shape: Vec::new() };
            builder.add("pick", op, &[input]).unwrap()
        });
        let picks: Vec<_> = picks.collect();
        let mut value = picks[0];
        for pick in &picks[1..] {
            let product = builder.add("product", Op::Binary(Binary::Mul), &[value, *pick]).unwrap();
            value = builder.add("sum", Op::Binary(Binary::Add), &[product, *pick]).unwrap();
        }
        let graph = builder.finish(&[value]).unwrap();
        check_fused(&graph, &scattered(24, 0));
        let fused = fuse::fused(graph, &[input]).unwrap();
        let count = |is: fn(&Op) -> bool| fused.nodes().filter(|node| is(node.op)).count();
        [count(|op| matches!(op, Op::Split { .. })), count(|op| matches!(op, Op::Gather { .. }))]
    }

    #[test]
    fn picks_of_all_places_are_a_split() {
        assert_eq!(left(&[0, 1, 2]), [1, 0]);
        assert_eq!(left(&[2, 0, 1, 0]), [1, 0]);
        assert_eq!(left(&[0, 2]), [0, 2]);
    }
}
