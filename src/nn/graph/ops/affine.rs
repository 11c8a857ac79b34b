//! A scale and a shift along an axis.

use super::{check_axis, check_row};
use crate::{
    Affine,
    activation::Activation,
    graph::{
        chain,
        shape::Shape,
        step::{Compiled, Port},
    },
    layer::Layer,
};

pub(super) fn shape(axis: usize, inputs: &[&[usize]]) -> Result<Shape, String> {
    check_axis(axis, inputs[0])?;
    check_row("scale", inputs[1], inputs[0][axis])?;
    check_row("shift", inputs[2], inputs[0][axis])?;
    Ok(inputs[0].to_vec())
}

pub(super) fn compile(axis: usize, ports: &[Port]) -> Compiled {
    let layer = Affine::new(ports[1].values().to_vec(), ports[2].values().to_vec(), Activation::None);
    let layout = ports[0].form.layout.with_last(&[axis], ports[0].shape());
    let channels = ports[0].shape()[axis];
    let rows = ports[0].form.size() / channels;
    let step = chain::step(vec![Layer::Affine(layer)], [rows, 1, channels], [rows, 1, channels], ports.len());
    Compiled::step(vec![Some(layout.clone()), None, None], layout, step)
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn every_channel_has_its_own_scale_and_shift() {
        let values = [numbers(4), vec![1.0, 10.0], vec![0.5, -1.0]];
        assert_eq!(forward(&Op::Affine { axis: 1 }, &[&[1, 2, 2], &[2], &[2]], &values), [0.5, 1.5, 19.0, 29.0]);
        check(&Op::Affine { axis: 1 }, &[&[1, 3, 2, 4], &[3], &[3]]);
        check(&Op::Affine { axis: 3 }, &[&[2, 3, 2, 4], &[4], &[4]]);
        check(&Op::Affine { axis: 0 }, &[&[2, 3], &[2], &[2]]);
        assert!(refusal(&Op::Affine { axis: 1 }, &[&[1, 2, 2], &[2], &[3]]).contains("[3]"));
        refusal(&Op::Affine { axis: 3 }, &[&[1, 2, 2], &[2], &[2]]);
    }
}
