//! Operations that are made of others.

mod patches;

use super::{
    builder::{GraphBuilder, GraphError, ValueId},
    op::{Binary, Op},
};

/// Adds the nodes of an operation.
pub(super) fn add(
    builder: &mut GraphBuilder,
    name: &str,
    op: Op,
    inputs: &[ValueId],
) -> Result<Vec<ValueId>, GraphError> {
    let refuse = |operation: &Op, problem: String| {
        Err(GraphError::Node { node: name.to_owned(), operation: operation.name(), problem })
    };
    let one = |builder: &mut GraphBuilder, op: Op, inputs: &[ValueId]| builder.add(name, op, inputs);
    match op {
        Op::Identity => match inputs {
            [only] => Ok(vec![*only]),
            _ => refuse(&op, format!("it takes 1 input and is given {}", inputs.len())),
        },
        // A gather along an axis, whose places are then given the shape of the indices.
        Op::Gather { axis, ref indices, ref shape } if shape.len() != 1 => {
            if shape.iter().try_fold(1, |count: usize, len| count.checked_mul(*len)) != Some(indices.len()) {
                return refuse(&op, format!("{} indices are not of the shape {shape:?}", indices.len()));
            }
            let row = Op::Gather { axis, indices: indices.clone(), shape: vec![indices.len()] };
            let gathered = one(builder, row, inputs)?;
            let from = builder.shape(gathered).to_vec();
            let shape = [&from[..axis], shape, &from[axis + 1..]].concat();
            Ok(vec![one(builder, Op::Reshape { shape }, &[gathered])?])
        }
        Op::Gemm { .. } => gemm(builder, name, op, inputs),
        Op::Im2col(patches) => patches::im2col(builder, name, patches, inputs).map(|one| vec![one]),
        Op::Col2im { patches, size } => patches::col2im(builder, name, patches, size, inputs).map(|one| vec![one]),
        Op::Conv(conv) if matches!(inputs.len(), 2 | 3) && !are_known(builder, &inputs[1..]) => {
            patches::computed_filters(builder, name, conv, inputs).map(|one| vec![one])
        }
        Op::DepthToSpace { block, channels_first } => {
            let Some(&[n, c, h, w]) = inputs.first().map(|input| builder.shape(*input)) else {
                return refuse(&op, "its input has not the shape [n, c, h, w]".to_owned());
            };
            let square = block.checked_mul(block).filter(|square| *square > 0 && c.is_multiple_of(*square));
            let Some(square) = square else {
                return refuse(&op, format!("the channels of {:?} are not {block} times {block}", [n, c, h, w]));
            };
            let (apart, axes) = if channels_first {
                (vec![n, c / square, block, block, h, w], vec![0, 1, 4, 2, 5, 3])
            } else {
                (vec![n, block, block, c / square, h, w], vec![0, 3, 4, 1, 5, 2])
            };
            let apart = one(builder, Op::Reshape { shape: apart }, inputs)?;
            let turned = one(builder, Op::Transpose { axes }, &[apart])?;
            let shape = vec![n, c / square, h * block, w * block];
            Ok(vec![one(builder, Op::Reshape { shape }, &[turned])?])
        }
        Op::SpaceToDepth { block } => {
            let Some(&[n, c, h, w]) = inputs.first().map(|input| builder.shape(*input)) else {
                return refuse(&op, "its input has not the shape [n, c, h, w]".to_owned());
            };
            if block == 0 || !h.is_multiple_of(block) || !w.is_multiple_of(block) {
                return refuse(&op, format!("the pixels of {:?} are not in blocks of {block}", [n, c, h, w]));
            }
            let shape = vec![n, c, h / block, block, w / block, block];
            let apart = one(builder, Op::Reshape { shape }, inputs)?;
            let turned = one(builder, Op::Transpose { axes: vec![0, 3, 5, 1, 2, 4] }, &[apart])?;
            let shape = vec![n, c * block * block, h / block, w / block];
            Ok(vec![one(builder, Op::Reshape { shape }, &[turned])?])
        }
        op => builder.add_plain(name, op, inputs),
    }
}

/// Whether values are constants.
fn are_known(builder: &GraphBuilder, values: &[ValueId]) -> bool {
    values.iter().all(|value| builder.values_of(*value).is_some())
}

/// A product with constant weights and a bias is one node; any other is made of its parts.
fn gemm(builder: &mut GraphBuilder, name: &str, op: Op, inputs: &[ValueId]) -> Result<Vec<ValueId>, GraphError> {
    let (Op::Gemm { alpha, beta, transpose_left, transpose_right }, [a, b, rest @ ..]) = (&op, inputs) else {
        return builder.add_plain(name, op, inputs);
    };
    let is_row = |bias: &ValueId| builder.values_of(*bias).is_some() && builder.shape(*bias).len() == 1;
    let is_linear = builder.values_of(*a).is_none()
        && builder.values_of(*b).is_some()
        && builder.shape(*b).len() == 2
        && !transpose_left
        && rest.iter().all(is_row);
    // A bias of one value is broadcast like any other tensor.
    let columns = builder.shape(*b).get(usize::from(!transpose_right)).copied();
    if is_linear && rest.iter().all(|bias| builder.shape(*bias).first().copied() == columns) {
        return builder.add_plain(name, op, inputs);
    }
    let (alpha, beta) = (*alpha, *beta);
    let mut turn = |value: ValueId, turn: bool| match turn {
        true => builder.add(name, Op::Transpose { axes: vec![1, 0] }, &[value]),
        false => Ok(value),
    };
    let (left, right) = (turn(*a, *transpose_left)?, turn(*b, *transpose_right)?);
    let mut sum = builder.add(name, Op::MatMul, &[left, right])?;
    let shape = builder.shape(sum).to_vec();
    let scaled = |builder: &mut GraphBuilder, value: ValueId, factor: f32| {
        if factor == 1.0 {
            return Ok(value);
        }
        let factor = builder.constant(&[], vec![factor])?;
        builder.add(name, Op::Binary(Binary::Mul), &[value, factor])
    };
    sum = scaled(builder, sum, alpha)?;
    if let [bias, ..] = rest {
        let bias = scaled(builder, *bias, beta)?;
        sum = builder.add(name, Op::Binary(Binary::Add), &[sum, bias])?;
        if builder.shape(sum) != shape {
            let problem = format!("c cannot be broadcast to the shape {shape:?} of the product");
            return Err(GraphError::Node { node: name.to_owned(), operation: op.name(), problem });
        }
    }
    Ok(vec![sum])
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn channels_become_pixels_and_back() {
        // torch.nn.functional.pixel_shuffle, and the order of TensorFlow.
        let crd = Op::DepthToSpace { block: 2, channels_first: true };
        let dcr = Op::DepthToSpace { block: 2, channels_first: false };
        let shapes: [&[usize]; 1] = [&[1, 8, 1, 1]];
        assert_eq!(forward(&crd, &shapes, &[numbers(8)]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(forward(&dcr, &shapes, &[numbers(8)]), [0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]);
        let back = Op::SpaceToDepth { block: 2 };
        let pixels = vec![0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0];
        assert_eq!(forward(&back, &[&[1, 2, 2, 2]], &[pixels]), numbers(8));
        check(&crd, &[&[1, 8, 2, 3]]);
        check(&dcr, &[&[1, 8, 2, 3]]);
        check(&back, &[&[1, 2, 4, 2]]);
        assert!(refusal(&crd, &[&[1, 6, 2, 3]]).contains("[1, 6, 2, 3]"));
        assert!(refusal(&back, &[&[1, 6, 3, 2]]).contains("[1, 6, 3, 2]"));
        refusal(&Op::DepthToSpace { block: 0, channels_first: true }, &[&[1, 6, 2, 3]]);
        refusal(&Op::DepthToSpace { block: usize::MAX, channels_first: true }, &[&[1, 6, 2, 3]]);
        refusal(&Op::SpaceToDepth { block: 0 }, &[&[1, 6, 2]]);
    }
}
