//! Convolutions: zeros put around their input are padding, and a scale and a shift after them are other weights.

use super::{Matching, Replacement};
use crate::graph::{
    builder::{Node, ValueId},
    op::{Binary, Conv, Margins, Op, PadMode},
};

pub(super) fn fuse(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    padding(graph, index).or_else(|| scale(graph, index))
}

/// Zeros that are put around the input.
fn padding(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let Node { op: Op::Conv(conv), inputs, .. } = graph.node(index) else { return None };
    let Node { op: Op::Pad { before, after, mode: PadMode::Constant(0.0) }, inputs: padded, .. } =
        graph.maker(*inputs.first()?)?
    else {
        return None;
    };
    let (&[0, 0, top, left], &[0, 0, bottom, right]) = (before.as_slice(), after.as_slice()) else { return None };
    let add = |margin: usize, more: isize| margin.checked_add(usize::try_from(more).ok()?);
    let Margins { top: t, left: l, bottom: b, right: r } = conv.padding;
    let padding = Margins { top: add(t, top)?, left: add(l, left)?, bottom: add(b, bottom)?, right: add(r, right)? };
    let op = Op::Conv(Conv { padding, ..*conv });
    let inputs = [*padded.first()?].into_iter().chain(inputs.iter().skip(1).copied()).collect();
    Some(vec![graph.with(index, op, inputs)])
}

/// A scale and a shift of the result, channel by channel.
fn scale(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let Node { op, inputs, outputs, .. } = graph.node(index).clone();
    let [result] = *outputs.as_slice() else { return None };
    let shape = graph.shape(result).to_vec();
    let is_constant = |value: &ValueId| graph.graph.constant(*value).is_some();
    let (sum, scales, shifts) = match (op, inputs.as_slice()) {
        (Op::Affine { axis: 1 }, [sum, scales, shifts]) => {
            (*sum, graph.graph.constant(*scales)?.to_vec(), graph.graph.constant(*shifts)?.to_vec())
        }
        (Op::Binary(function @ (Binary::Mul | Binary::Add)), [a, b]) if shape.len() == 4 => {
            let [sum, constant] = if is_constant(a) { [*b, *a] } else { [*a, *b] };
            let row = graph.row_along(constant, 1, &shape)?;
            match function {
                Binary::Mul => (sum, row, vec![0.0; shape[1]]),
                _ => (sum, vec![1.0; shape[1]], row),
            }
        }
        _ => return None,
    };
    if !graph.is_taken_once(sum) || graph.shape(sum) != shape {
        return None;
    }
    let Node { op: op @ Op::Conv(_), inputs: taken, .. } = graph.maker(sum)?.clone() else { return None };
    let weight = *taken.get(1)?;
    let weight_shape = graph.shape(weight).to_vec();
    let filter: usize = weight_shape.iter().skip(1).product();
    let mut weights = graph.graph.constant(weight)?.to_vec();
    for (filter, scale) in weights.chunks_exact_mut(filter).zip(&scales) {
        filter.iter_mut().for_each(|weight| *weight *= scale);
    }
    let bias = match taken.get(2) {
        Some(bias) => graph.graph.constant(*bias)?.to_vec(),
        None => vec![0.0; scales.len()],
    };
    let bias = bias.iter().zip(&scales).zip(&shifts).map(|((bias, scale), shift)| bias * scale + shift).collect();
    let weight = graph.constant(weight_shape, weights);
    let bias = graph.constant(vec![scales.len()], bias);
    Some(vec![graph.with(index, op, vec![*taken.first()?, weight, bias])])
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Binary, Conv, GraphBuilder, Margins, Op, PadMode, fuse,
        tests::{check_fused, scattered},
    };

    #[test]
    fn zeros_before_and_a_normalisation_after_are_part_of_a_convolution() {
        let mut builder = GraphBuilder::default();
        let x = builder.input(&[1, 3, 5, 5]).unwrap();
        let weight = builder.constant(&[4, 3, 3, 3], scattered(108, 1)).unwrap();
        let [scale, shift] = [2, 3].map(|seed| builder.constant(&[4], scattered(4, seed)).unwrap());
        let row = builder.constant(&[4, 1, 1], scattered(4, 4)).unwrap();
        let pad = Op::Pad { before: vec![0, 0, 0, 1], after: vec![0, 0, 1, 0], mode: PadMode::Constant(0.0) };
        let padded = builder.add("padded", pad, &[x]).unwrap();
        let conv = Conv { strides: [2, 2], padding: Margins { top: 1, ..Margins::default() }, ..Conv::default() };
        let sums = builder.add("sums", Op::Conv(conv), &[padded, weight]).unwrap();
        let normal = builder.add("normal", Op::Affine { axis: 1 }, &[sums, scale, shift]).unwrap();
        let scaled = builder.add("scaled", Op::Binary(Binary::Mul), &[row, normal]).unwrap();
        let shifted = builder.add("shifted", Op::Binary(Binary::Add), &[scaled, row]).unwrap();
        let graph = builder.finish(&[shifted]).unwrap();
        assert_eq!(fuse::fused(graph.clone(), &[]).unwrap().nodes().len(), 1);
        assert_eq!(fuse::fused(graph.clone(), &[sums, padded]).unwrap().nodes().len(), 5, "what is read stays");
        check_fused(&graph, &scattered(75, 0));
    }
}
