//! Products with constant weights: the bias after them, and a scale after that.

use super::{Matching, Replacement};
use crate::graph::{
    builder::{Node, ValueId},
    op::{Binary, Op},
};

pub(super) fn fuse(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let [result] = *graph.node(index).outputs.as_slice() else { return None };
    let inputs = graph.binary(result, Binary::Add)?;
    let is_constant = |value: ValueId| graph.graph.constant(value).is_some();
    let [product, bias] = if is_constant(inputs[0]) { [inputs[1], inputs[0]] } else { inputs };
    if !graph.is_taken_once(product) || graph.shape(product) != graph.shape(result) {
        return None;
    }
    let maker = graph.maker(product)?;
    let (alpha, transpose_right) = match maker {
        Node { op: Op::MatMul, inputs, .. } => {
            let is_linear = is_constant(*inputs.get(1)?) && graph.shape(*inputs.get(1)?).len() == 2;
            (1.0, (is_linear && graph.shape(*inputs.first()?).len() == graph.shape(result).len()).then_some(false)?)
        }
        Node { op: Op::Gemm { alpha, transpose_right, .. }, inputs, .. } if inputs.len() == 2 => {
            (*alpha, *transpose_right)
        }
        _ => return None,
    };
    let [x, weight] = *maker.inputs.first_chunk()?;
    let shape = graph.shape(result).to_vec();
    let row = graph.row_along(bias, shape.len().checked_sub(1)?, &shape)?;
    let bias = graph.constant(vec![row.len()], row);
    let op = Op::Gemm { alpha, beta: 1.0, transpose_left: false, transpose_right };
    Some(vec![graph.with(index, op, vec![x, weight, bias])])
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Binary, GraphBuilder, Op, fuse,
        tests::{check_fused, scattered},
    };

    #[test]
    fn a_bias_is_part_of_the_product() {
        for (bias, nodes) in [([3].as_slice(), 1), (&[1, 1, 3], 1), (&[2, 1], 2)] {
            let mut builder = GraphBuilder::default();
            let x = builder.input(&[1, 2, 4]).unwrap();
            let weight = builder.constant(&[4, 3], scattered(12, 1)).unwrap();
            let bias = builder.constant(bias, scattered(bias.iter().product(), 2)).unwrap();
            let product = builder.add("product", Op::MatMul, &[x, weight]).unwrap();
            let sum = builder.add("sum", Op::Binary(Binary::Add), &[bias, product]).unwrap();
            let graph = builder.finish(&[sum]).unwrap();
            assert_eq!(fuse::fused(graph.clone(), &[]).unwrap().nodes().len(), nodes);
            check_fused(&graph, &scattered(8, 0));
        }
    }
}
