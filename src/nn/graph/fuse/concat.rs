//! Concatenations that begin with all that another has put together take its result: a dense block, in which each layer
//! takes all that were before it, is written out as one long list a layer.

use super::{Matching, Replacement};
use crate::graph::{
    builder::{Node, ValueId},
    op::Op,
};

/// Nodes before a concatenation among which the other one is looked for: a bound for what is looked through.
const MOST_NODES: usize = 64;

pub(super) fn fuse(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let Node { op: Op::Concat { axis }, inputs, .. } = graph.node(index) else { return None };
    // Of every one before, what it puts together: those have been replaced already.
    let before = graph.graph.nodes[index.saturating_sub(MOST_NODES)..index].iter();
    let before = before.filter_map(|node| Some((*node.outputs.first()?, parts(graph, node, *axis, inputs.len())?)));
    let is_beginning = |parts: &[ValueId]| parts.len() < inputs.len() && inputs.starts_with(parts);
    let (longest, parts) = before.filter(|(_, parts)| is_beginning(parts)).max_by_key(|(_, parts)| parts.len())?;
    let inputs = [longest].into_iter().chain(inputs[parts.len()..].iter().copied()).collect();
    Some(vec![graph.with(index, Op::Concat { axis: *axis }, inputs)])
}

/// What a concatenation along an axis puts together, with what those have that it begins with: more than `most` are not
/// looked for.
fn parts(graph: &Matching<'_>, node: &Node, axis: usize, most: usize) -> Option<Vec<ValueId>> {
    let is_one = |node: &Node| matches!(node.op, Op::Concat { axis: other } if other == axis) && node.inputs.len() > 1;
    if !is_one(node) {
        return None;
    }
    let mut parts: Vec<ValueId> = node.inputs.iter().rev().copied().collect();
    while let Some(first) = parts.last().and_then(|first| graph.maker(*first)).filter(|first| is_one(first))
        && parts.len() < most
    {
        parts.pop();
        parts.extend(first.inputs.iter().rev());
    }
    parts.reverse();
    Some(parts)
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        GraphBuilder, Op, Unary, fuse,
        tests::{check_fused, scattered},
    };

    #[test]
    fn each_layer_of_a_dense_block_adds_to_what_the_one_before_has_put_together() {
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[1, 2, 3, 3]).unwrap();
        let mut all = vec![input];
        let mut sizes = Vec::new();
        for (name, function) in [("a", Unary::Tanh), ("b", Unary::Sin), ("c", Unary::Abs)] {
            let value = match all.as_slice() {
                [only] => *only,
                several => builder.add(&format!("{name}.all"), Op::Concat { axis: 1 }, several).unwrap(),
            };
            all.push(builder.add(name, Op::Unary(function), &[value]).unwrap());
            sizes.push(all.len());
        }
        let output = builder.add("all", Op::Concat { axis: 1 }, &all).unwrap();
        let graph = builder.finish(&[output]).unwrap();
        for readable in [vec![], vec![input], vec![all[1]]] {
            let fused = fuse::fused(graph.clone(), &readable).unwrap();
            let taken = fused.nodes().filter(|node| matches!(node.op, Op::Concat { .. })).map(|node| node.inputs.len());
            assert_eq!(taken.collect::<Vec<_>>(), [2, 2, 2]);
        }
        check_fused(&graph, &scattered(18, 0));
    }
}
