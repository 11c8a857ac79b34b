//! Layer normalisation: `d / √(mean(d²) + ε)` with `d = x − mean(x)`, then a scale and a shift.

use super::{Matching, Replacement};
use crate::graph::{
    builder::{Node, ValueId},
    op::{Binary, Op, Reduction, Unary},
};

/// Without scale and shift.
pub(super) fn fuse(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let [result] = *graph.node(index).outputs.as_slice() else { return None };
    let [apart, root] = graph.binary(result, Binary::Div).or_else(|| {
        // Or times the reciprocal.
        let [a, b] = graph.binary(result, Binary::Mul)?;
        let root = |value: ValueId| graph.unary(value, |function| function == Unary::Reciprocal);
        root(b).map(|root| [a, root]).or_else(|| root(a).map(|root| [b, root]))
    })?;
    let is_root = |function| matches!(function, Unary::Sqrt | Unary::Pow(0.5));
    let (variance, epsilon) = graph.plus_number(graph.unary(root, is_root)?)?;
    let (squares, axes) = mean(graph, variance)?;
    let is_square = graph.unary(squares, |function| function == Unary::Pow(2.0)) == Some(apart)
        || graph.binary(squares, Binary::Mul) == Some([apart, apart])
        || graph.binary(squares, Binary::Pow).is_some_and(|[a, b]| a == apart && graph.number_of(b) == Some(2.0));
    let [x, middle] = graph.binary(apart, Binary::Sub)?;
    if !is_square || mean(graph, middle)? != (x, axes.clone()) || !(0.0..1.0).contains(&epsilon) {
        return None;
    }
    let mut axes = axes;
    axes.sort_unstable();
    let shape = graph.shape(x).to_vec();
    let axis = shape.len().checked_sub(axes.len())?;
    if axes.iter().copied().eq(axis..shape.len()) {
        return Some(vec![graph.with(index, Op::LayerNorm { axis, epsilon }, vec![x])]);
    }
    // Axes within are named as the last ones, and back.
    let order: Vec<usize> = (0..shape.len()).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, old)| back[*old] = new);
    let turned: Vec<usize> = order.iter().map(|axis| shape[*axis]).collect();
    let [before, after] = [graph.value(turned.clone()), graph.value(turned)];
    let name = graph.node(index).name.clone();
    Some(vec![
        Node { name: name.clone(), op: Op::Transpose { axes: order }, inputs: vec![x], outputs: vec![before] },
        Node { name, op: Op::LayerNorm { axis, epsilon }, inputs: vec![before], outputs: vec![after] },
        graph.with(index, Op::Transpose { axes: back }, vec![after]),
    ])
}

/// What is averaged, and over which axes.
fn mean(graph: &Matching<'_>, value: ValueId) -> Option<(ValueId, Vec<usize>)> {
    match graph.maker(value)? {
        Node { op: Op::Reduce { kind: Reduction::Mean, axes, keep: true }, inputs, .. } => {
            Some((*inputs.first()?, axes.clone()))
        }
        _ => None,
    }
}

/// Scale and shift of one over the last axis, which may have been turned in between.
pub(super) fn fuse_parameters(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let [result] = *graph.node(index).outputs.as_slice() else { return None };
    let (inputs, is_scale) = match (graph.binary(result, Binary::Mul), graph.binary(result, Binary::Add)) {
        (Some(inputs), _) => (inputs, true),
        (_, Some(inputs)) => (inputs, false),
        _ => return None,
    };
    let is_constant = |value: ValueId| graph.graph.constant(value).is_some();
    let [normal, parameter] = if is_constant(inputs[0]) { [inputs[1], inputs[0]] } else { inputs };
    if !graph.is_taken_once(normal) || graph.shape(normal) != graph.shape(result) {
        return None;
    }
    let shape = graph.shape(normal).to_vec();
    let (norm, turn) = match graph.maker(normal)? {
        Node { op: Op::Transpose { axes }, inputs, .. } => (*inputs.first()?, Some(axes.clone())),
        _ => (normal, None),
    };
    let Node { op: Op::LayerNorm { axis, epsilon }, inputs: taken, name, .. } = graph.maker(norm)?.clone() else {
        return None;
    };
    if axis + 1 != shape.len() || !graph.is_taken_once(norm) {
        return None;
    }
    // Where the normalised axis is in the result.
    let place = turn.as_ref().map_or(Some(axis), |axes| axes.iter().position(|old| *old == axis))?;
    let row = graph.row_along(parameter, place, &shape)?;
    let [x, scale, shift] = match (is_scale, taken.as_slice()) {
        (true, [x]) => [*x, graph.constant(vec![row.len()], row), ValueId(usize::MAX)],
        (false, [x]) => {
            let scale = graph.constant(vec![row.len()], vec![1.0; row.len()]);
            [*x, scale, graph.constant(vec![row.len()], row)]
        }
        (false, [x, scale]) => [*x, *scale, graph.constant(vec![row.len()], row)],
        _ => return None,
    };
    let inputs = [x, scale, shift].into_iter().filter(|value| value.0 != usize::MAX).collect();
    let op = Op::LayerNorm { axis, epsilon };
    Some(match turn {
        None => vec![graph.with(index, op, inputs)],
        Some(axes) => {
            let turned = graph.value(graph.shape(norm).to_vec());
            let outputs = vec![turned];
            vec![Node { name, op, inputs, outputs }, graph.with(index, Op::Transpose { axes }, vec![turned])]
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Binary, Graph, GraphBuilder, Op, Reduction, Unary, ValueId, fuse,
        tests::{check_fused, scattered},
    };

    /// As PyTorch writes it out below opset 17.
    fn written(shape: &[usize], [mean_axes, axes]: [&[usize]; 2], parameters: &[usize], is_one_off: bool) -> Graph {
        let mut builder = GraphBuilder::default();
        let x = builder.input(shape).unwrap();
        let mut add = |op: Op, inputs: &[ValueId]| builder.add("written", op, inputs).unwrap();
        let mean = |axes: &[usize]| Op::Reduce { kind: Reduction::Mean, axes: axes.to_vec(), keep: true };
        let middle = add(mean(mean_axes), &[x]);
        let apart = add(Op::Binary(Binary::Sub), &[x, middle]);
        let squares = add(Op::Unary(Unary::Pow(2.0)), &[if is_one_off { x } else { apart }]);
        let variance = add(mean(axes), &[squares]);
        let epsilon = builder.constant(&[], vec![1e-3]).unwrap();
        let mut add = |op: Op, inputs: &[ValueId]| builder.add("written", op, inputs).unwrap();
        let sum = add(Op::Binary(Binary::Add), &[variance, epsilon]);
        let root = add(Op::Unary(Unary::Sqrt), &[sum]);
        let mut result = add(Op::Binary(Binary::Div), &[apart, root]);
        let len = parameters.iter().product();
        for (function, seed) in [(Binary::Mul, 3), (Binary::Add, 4)] {
            let parameter = builder.constant(parameters, scattered(len, seed)).unwrap();
            result = builder.add("parameter", Op::Binary(function), &[result, parameter]).unwrap();
        }
        builder.finish(&[result]).unwrap()
    }

    fn names(graph: &Graph) -> Vec<&'static str> {
        let graph = fuse::fused(graph.clone(), &[]).unwrap();
        graph.nodes().map(|node| node.op.name()).collect()
    }

    #[test]
    fn a_written_out_normalisation_is_found() {
        let graph = written(&[1, 3, 5], [&[2]; 2], &[5], false);
        assert_eq!(names(&graph), ["LayerNormalization"]);
        check_fused(&graph, &scattered(15, 0));
    }

    #[test]
    fn over_channels_it_is_one_between_new_names() {
        let graph = written(&[1, 5, 2, 3], [&[1]; 2], &[5, 1, 1], false);
        assert_eq!(names(&graph), ["Transpose", "LayerNormalization", "Transpose"]);
        check_fused(&graph, &scattered(30, 0));
    }

    #[test]
    fn a_mean_of_other_squares_is_none() {
        assert_eq!(names(&written(&[1, 3, 5], [&[2]; 2], &[5], true)).len(), 9);
        assert_eq!(names(&written(&[1, 3, 5], [&[1], &[2]], &[5], false)).len(), 9);
    }
}
