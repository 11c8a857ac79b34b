//! Layer normalisation over the last axes.

use super::check_axis;
use crate::{
    LayerNorm,
    graph::{
        chain,
        shape::{self, Shape},
        step::{Compiled, Port},
    },
    layer::Layer,
};

pub(super) fn shape(axis: usize, epsilon: f32, inputs: &[&[usize]]) -> Result<Shape, String> {
    check_axis(axis, inputs[0])?;
    check_epsilon(epsilon)?;
    let normalised = &inputs[0][axis..];
    for (what, found) in ["scale", "shift"].into_iter().zip(&inputs[1..]) {
        if *found != normalised {
            return Err(format!("its {what} has the shape {found:?} where {normalised:?} is wanted"));
        }
    }
    Ok(inputs[0].to_vec())
}

/// That the root of a variance and this is a number.
pub(super) fn check_epsilon(epsilon: f32) -> Result<(), String> {
    if epsilon >= 0.0 { Ok(()) } else { Err(format!("its epsilon is {epsilon}")) }
}

pub(super) fn compile(axis: usize, epsilon: f32, ports: &[Port]) -> Compiled {
    let from = ports[0].shape();
    let len = shape::size(&from[axis..]);
    let row =
        |port: Option<&Port>, default: f32| port.map_or_else(|| vec![default; len], |port| port.values().to_vec());
    let norm = LayerNorm { weight: row(ports.get(1), 1.0), bias: row(ports.get(2), 0.0), epsilon };
    let axes: Vec<usize> = (axis..from.len()).collect();
    let layout = ports[0].form.layout.with_last(&axes, from);
    let map = [shape::size(&from[..axis]), 1, len];
    let step = chain::step(vec![Layer::LayerNorm(norm)], map, map, ports.len());
    let wanted = [Some(layout.clone()), None, None].into_iter().take(ports.len());
    Compiled::step(wanted.collect(), layout, step)
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, refusal},
    };

    #[test]
    fn rows_have_no_mean_and_a_variance_of_one() {
        let op = Op::LayerNorm { axis: 1, epsilon: 0.0 };
        let values = [vec![1.0, 3.0, 5.0, 9.0], vec![1.0, 2.0], vec![0.0, 10.0]];
        assert_eq!(forward(&op, &[&[2, 2], &[2], &[2]], &values), [-1.0, 12.0, -1.0, 12.0]);
        check(&Op::LayerNorm { axis: 2, epsilon: 1e-3 }, &[&[1, 3, 5], &[5], &[5]]);
        check(&Op::LayerNorm { axis: 1, epsilon: 1e-3 }, &[&[2, 3, 2, 2]]);
        check(&Op::LayerNorm { axis: 3, epsilon: 1e-3 }, &[&[1, 2, 3, 4], &[4]]);
        assert!(refusal(&op, &[&[2, 2], &[3]]).contains("[3]"));
        refusal(&Op::LayerNorm { axis: 2, epsilon: 0.0 }, &[&[2, 2]]);
        refusal(&Op::LayerNorm { axis: 1, epsilon: f32::NAN }, &[&[2, 2]]);
    }
}
