//! What the first operations of a graph do to a picture: some networks normalise it themselves.

use crate::nn::graph::{Binary, Graph, Op, ValueId};

/// The most operations that are looked at.
const MAX_STEPS: usize = 32;

/// Factors below this one make small numbers of bytes: 1/255 of them, and less than 1/50 divided by a deviation.
const OF_BYTES: f32 = 0.06;

/// Deviations of pixels in [0, 1] are between these, of whatever pictures.
const DEVIATIONS: std::ops::RangeInclusive<f32> = 0.1..=0.6;

/// What a network takes, as its first operations tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Understood {
    /// Bytes, from 0 to 255, which it normalises itself.
    Bytes,
    /// Pixels from 0 to 1, which it normalises itself.
    Pixels,
}

/// What the operations at the beginning do: factor · x + summand, for each colour. Bands of other pictures may be in any
/// unit, so that their numbers tell nothing.
pub(crate) fn understood(graph: &Graph) -> Option<Understood> {
    if graph.shape(graph.input()).get(1) != Some(&3) {
        return None;
    }
    let (mut factor, mut summand) = ([1.0_f32; 3], [0.0_f32; 3]);
    let mut at = graph.input();
    let mut axis = 1;
    let mut steps = 0;
    let nodes: Vec<_> = graph.nodes().collect();
    for _ in 0..MAX_STEPS {
        let mut takers = nodes.iter().filter(|node| node.inputs.contains(&at));
        let (Some(node), None) = (takers.next(), takers.next()) else { break };
        let numbers = |value: ValueId| of_colours(graph, value, axis, graph.shape(at).len());
        match (node.op, node.inputs) {
            (Op::Transpose { axes }, [_]) => axis = axes.iter().position(|own| *own == axis)?,
            (Op::Identity, [_]) => {}
            (Op::Affine { axis: along }, [_, scale, shift]) if *along == axis => {
                let (Some(scale), Some(shift)) = (numbers(*scale), numbers(*shift)) else { break };
                for colour in 0..3 {
                    factor[colour] *= scale[colour];
                    summand[colour] = summand[colour] * scale[colour] + shift[colour];
                }
                steps += 1;
            }
            (Op::Binary(function), [left, right]) => {
                let (is_left, other) = if *left == at { (true, right) } else { (false, left) };
                let Some(other) = numbers(*other) else { break };
                for colour in 0..3 {
                    let number = other[colour];
                    let (scale, shift) = match (function, is_left) {
                        (Binary::Add, _) => (1.0, number),
                        (Binary::Sub, true) => (1.0, -number),
                        (Binary::Sub, false) => (-1.0, number),
                        (Binary::Mul, _) => (number, 0.0),
                        (Binary::Div, true) => (number.recip(), 0.0),
                        _ => return None,
                    };
                    factor[colour] *= scale;
                    summand[colour] = summand[colour] * scale + shift;
                }
                steps += 1;
            }
            _ => break,
        }
        at = *node.outputs.first()?;
    }
    let is_of_bytes = factor.iter().all(|factor| *factor > 0.0 && *factor < OF_BYTES);
    // (x − mean) / deviation: what becomes 0 lies between black and white.
    let mean = |colour: usize| -summand[colour] / factor[colour];
    let is_of_pixels =
        (0..3).all(|colour| DEVIATIONS.contains(&factor[colour].recip()) && (0.2..=0.8).contains(&mean(colour)));
    match steps {
        0 => None,
        _ if is_of_bytes => Some(Understood::Bytes),
        _ if is_of_pixels => Some(Understood::Pixels),
        _ => None,
    }
}

/// A constant that has one number, or one a colour along an axis.
fn of_colours(graph: &Graph, value: ValueId, axis: usize, rank: usize) -> Option<[f32; 3]> {
    let numbers = graph.constant(value)?;
    let shape = graph.shape(value);
    match numbers {
        [number] => Some([*number; 3]),
        [red, green, blue] => {
            let own = if shape.len() == 1 { Some(rank.checked_sub(1)?) } else { None };
            let at = shape.iter().position(|size| *size == 3)? + rank.checked_sub(shape.len())?;
            // The operation of one factor a channel has the axis beside it.
            (own.is_none() && at == axis || own == Some(axis) || shape.len() == 1).then_some([*red, *green, *blue])
        }
        _ => None,
    }
}
