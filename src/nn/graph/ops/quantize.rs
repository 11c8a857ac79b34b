//! Numbers on a grid: computed as they would be with integers, in f32.

use super::check_axis;
use crate::{
    buffer::Buffer,
    graph::{
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, only},
    },
};

pub(super) fn shape(axis: usize, inputs: &[&[usize]]) -> Result<Shape, String> {
    for (what, found) in ["scale", "zero"].into_iter().zip(&inputs[1..]) {
        let is_single = found.iter().all(|len| *len == 1);
        if !is_single {
            check_axis(axis, inputs[0])?;
        }
        if !is_single && **found != [inputs[0][axis]] {
            return Err(format!(
                "its {what} has the shape {found:?}, which does not fit axis {axis} of {:?}",
                inputs[0]
            ));
        }
    }
    Ok(inputs[0].to_vec())
}

pub(super) fn compile(axis: usize, range: Option<[f32; 2]>, ports: &[Port]) -> Compiled {
    let form = &ports[0].form;
    let is_row = ports[1..].iter().any(|port| port.values().len() > 1);
    let (len, within) = if is_row {
        let place = form.layout.order().iter().position(|other| *other == axis).unwrap_or_default();
        (form.shape[axis], form.dims()[place + 1..].iter().product())
    } else {
        (1, form.size())
    };
    let [scales, zeros] = [&ports[1], &ports[2]].map(|port| port.values().iter().copied().cycle().take(len).collect());
    let step = Grid { range, scales, zeros, within };
    Compiled::step(vec![Some(form.layout.clone()), None, None], form.layout.clone(), step)
}

#[derive(Debug)]
struct Grid {
    /// From real numbers to the grid between these two; else from it.
    range: Option<[f32; 2]>,
    scales: Vec<f32>,
    zeros: Vec<f32>,
    /// Values that have one scale.
    within: usize,
}

impl Step for Grid {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut record = Record::Nothing;
        let of_rows = || self.scales.iter().zip(&self.zeros).cycle();
        let results: Vec<Shared> = inputs
            .into_iter()
            .take(1)
            .map(|input| {
                let mut values = context.own(input);
                let mut slopes = context.pool.take(values.len());
                let rows = values.chunks_exact_mut(self.within).zip(slopes.chunks_exact_mut(self.within));
                for ((row, slopes), (scale, zero)) in rows.zip(of_rows()) {
                    for (value, slope) in row.iter_mut().zip(slopes) {
                        (*value, *slope) = match self.range {
                            Some([low, high]) => {
                                let place = (*value / scale).round_ties_even() + zero;
                                (place.max(low).min(high), f32::from(place >= low && place <= high) / scale)
                            }
                            None => ((*value - zero) * scale, *scale),
                        };
                    }
                }
                if context.recording {
                    record = Record::Values(vec![slopes]);
                } else {
                    context.pool.put(slopes);
                }
                values.into()
            })
            .collect();
        (results, record)
    }

    /// Straight through the rounding.
    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let (mut gradient, [slopes]) = (only(gradients), record.values());
        super::scale_by(&mut gradient, &slopes);
        context.pool.put(slopes);
        vec![Some(gradient), None, None]
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, refusal},
    };

    #[test]
    fn numbers_go_to_the_grid_and_back() {
        let quantize = Op::Quantize { axis: 1, low: 0.0, high: 255.0 };
        let values = [vec![0.5, 1.5, -9.0, 2.0, 2.5, 999.0], vec![1.0, 0.5, 1.0], vec![1.0, 0.0, 3.0]];
        assert_eq!(forward(&quantize, &[&[2, 3], &[3], &[3]], &values), [1.0, 3.0, 0.0, 3.0, 5.0, 255.0]);
        let back = Op::Dequantize { axis: 0 };
        assert_eq!(forward(&back, &[&[2], &[], &[1]], &[vec![3.0, 0.0], vec![0.5], vec![1.0]]), [1.0, -0.5]);
        check(&Op::Dequantize { axis: 1 }, &[&[1, 3, 2, 2], &[3], &[3]]);
        assert!(refusal(&quantize, &[&[2, 3], &[2], &[3]]).contains("[2]"));
        refusal(&Op::Quantize { axis: 2, low: 0.0, high: 255.0 }, &[&[2, 3], &[3], &[3]]);
    }

    #[test]
    fn the_gradient_passes_straight_through_and_ends_at_the_grids_ends() {
        use crate::graph::{GraphBuilder, Plan, State};
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[3]).unwrap();
        let (scale, zero) = (builder.constant(&[], vec![0.5]).unwrap(), builder.constant(&[], vec![0.0]).unwrap());
        let op = Op::Quantize { axis: 0, low: -128.0, high: 127.0 };
        let quantized = builder.add("quantized", op, &[input, scale, zero]).unwrap();
        let plan = Plan::new(&builder.finish(&[quantized]).unwrap(), &[]).unwrap();
        let mut state = State::default();
        plan.forward_recording(&[0.3, 100.0, -1.0], &mut state);
        let mut gradient = [0.0; 3];
        plan.backward(&[&[1.0, 1.0, 3.0]], &mut state, &mut gradient);
        assert_eq!(gradient, [2.0, 0.0, 6.0]);
    }
}
