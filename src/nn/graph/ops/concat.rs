//! Tensors one behind the other along an axis, and the way back.

use super::check_axis;
use crate::{
    buffer::Buffer,
    graph::{
        layout::Layout,
        shape::Shape,
        step::{Compiled, Context, Port, Record, Shared, Step, only},
    },
};

pub(super) fn shape(axis: usize, inputs: &[&[usize]]) -> Result<Shape, String> {
    check_axis(axis, inputs[0])?;
    let mut shape = inputs[0].to_vec();
    for input in &inputs[1..] {
        let fits =
            input.len() == shape.len() && (0..shape.len()).all(|other| other == axis || input[other] == shape[other]);
        let len = fits.then(|| shape[axis].checked_add(input[axis])).flatten();
        shape[axis] = len.ok_or_else(|| {
            format!("the shapes {:?} and {input:?} do not fit one behind the other along axis {axis}", inputs[0])
        })?;
    }
    Ok(shape)
}

pub(super) fn split_shapes(axis: usize, sizes: &[usize], input: &[usize]) -> Result<Vec<Shape>, String> {
    check_axis(axis, input)?;
    let sum = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
    if sum != Some(input[axis]) {
        return Err(format!("the axis {axis} of the shape {input:?} cannot be cut into {sizes:?}"));
    }
    let part = |size: &usize| {
        let mut part = input.to_vec();
        part[axis] = *size;
        part
    };
    Ok(sizes.iter().map(part).collect())
}

pub(super) fn compile(axis: usize, ports: &[Port], result: &[usize]) -> Compiled {
    // As the largest input lies.
    let largest = ports.iter().filter(|port| port.varies()).max_by_key(|port| port.form.size());
    let layout = largest.map_or_else(|| Layout::plain(result.len()), |port| port.form.layout.clone());
    let layout = Layout::new(layout.order().to_vec(), result);
    let wanted = ports.iter().map(|port| Some(Layout::new(layout.order().to_vec(), port.shape()))).collect();
    let parts = Parts::new(axis, ports.iter().map(|port| port.shape()[axis]), &layout, result);
    let varies = ports.iter().map(Port::varies).collect();
    Compiled::step(wanted, layout, Concat { parts, varies })
}

pub(super) fn compile_split(axis: usize, port: &Port, results: &[&[usize]]) -> Compiled {
    use crate::graph::step::Work;

    let layout = port.form.layout.clone();
    let outputs = results.iter().map(|result| Layout::new(layout.order().to_vec(), result)).collect();
    let parts = Parts::new(axis, results.iter().map(|result| result[axis]), &layout, port.shape());
    Compiled { wanted: vec![Some(layout)], outputs, work: Work::Step(Box::new(Split(parts))) }
}

/// Parts of a whole along an axis.
#[derive(Debug)]
struct Parts {
    /// How often all parts come one after the other.
    repeats: usize,
    /// Values of each at a time.
    runs: Vec<usize>,
    /// The sum of these.
    run: usize,
}

impl Parts {
    fn new(axis: usize, lens: impl Iterator<Item = usize>, layout: &Layout, whole: &[usize]) -> Self {
        let place = layout.order().iter().position(|other| *other == axis).unwrap_or_default();
        let dims = layout.dims(whole);
        let within: usize = dims[place + 1..].iter().product();
        let runs: Vec<usize> = lens.map(|len| len * within).collect();
        Self { repeats: dims[..place].iter().product(), run: runs.iter().sum(), runs }
    }

    fn join(&self, parts: &[Option<&[f32]>], context: &mut Context) -> Buffer {
        let mut whole = context.pool.take(self.repeats * self.run);
        let mut first = 0;
        for (part, run) in parts.iter().zip(&self.runs) {
            for (index, whole) in whole.chunks_exact_mut(self.run).enumerate() {
                let place = &mut whole[first..first + run];
                match part {
                    Some(part) => place.copy_from_slice(&part[index * run..(index + 1) * run]),
                    None => place.fill(0.0),
                }
            }
            first += run;
        }
        whole
    }

    fn cut(&self, whole: &[f32], part: usize, context: &mut Context) -> Buffer {
        let run = self.runs[part];
        let first: usize = self.runs[..part].iter().sum();
        let mut values = context.pool.take(self.repeats * run);
        for (values, whole) in values.chunks_exact_mut(run).zip(whole.chunks_exact(self.run)) {
            values.copy_from_slice(&whole[first..first + run]);
        }
        values
    }
}

#[derive(Debug)]
struct Concat {
    parts: Parts,
    varies: Vec<bool>,
}

impl Step for Concat {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let parts: Vec<Option<&[f32]>> = inputs.iter().map(|input| Some(&***input)).collect();
        let whole = self.parts.join(&parts, context);
        context.release_all(inputs);
        (vec![whole.into()], Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let part = |(part, varies): (usize, &bool)| varies.then(|| self.parts.cut(&gradient, part, context));
        let parts = self.varies.iter().enumerate().map(part).collect();
        context.pool.put(gradient);
        parts
    }
}

#[derive(Debug)]
struct Split(Parts);

impl Step for Split {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut parts = Vec::new();
        for input in inputs {
            parts.extend((0..self.0.runs.len()).map(|part| Shared::from(self.0.cut(&input, part, context))));
            context.release(input);
        }
        (parts, Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let parts: Vec<Option<&[f32]>> = gradients.iter().map(Option::as_deref).collect();
        let whole = self.0.join(&parts, context);
        gradients.into_iter().flatten().for_each(|gradient| context.pool.put(gradient));
        vec![Some(whole)]
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn tensors_come_one_behind_the_other() {
        let result = forward(&Op::Concat { axis: 1 }, &[&[2, 1], &[2, 2]], &[vec![9.0, 8.0], numbers(4)]);
        assert_eq!(result, [9.0, 0.0, 1.0, 8.0, 2.0, 3.0]);
        check(&Op::Concat { axis: 1 }, &[&[1, 2, 3, 4], &[1, 1, 3, 4], &[1, 3, 3, 4]]);
        check(&Op::Concat { axis: 2 }, &[&[1, 2, 1, 4], &[1, 2, 5, 4]]);
        check(&Op::Concat { axis: 0 }, &[&[3]]);
        assert!(refusal(&Op::Concat { axis: 1 }, &[&[2, 1], &[3, 2]]).contains("[2, 1] and [3, 2]"));
        assert!(refusal(&Op::Concat { axis: 2 }, &[&[2, 1], &[2, 2]]).contains("[2, 1]"));
    }

    #[test]
    fn parts_are_what_was_one() {
        let split = |axis, sizes: &[usize]| Op::Split { axis, sizes: sizes.to_vec() };
        assert_eq!(forward(&split(1, &[1, 2]), &[&[2, 3]], &[numbers(6)]), [0.0, 3.0]);
        check(&split(1, &[1, 3]), &[&[1, 4, 3, 2]]);
        check(&split(2, &[2, 1]), &[&[1, 4, 3, 2]]);
        check(&split(0, &[3]), &[&[3, 2]]);
        assert!(refusal(&split(1, &[1, 3]), &[&[2, 3]]).contains("[1, 3]"));
        assert!(refusal(&split(1, &[usize::MAX, 3]), &[&[2, 3]]).contains("[2, 3]"));
        refusal(&split(1, &[0, 3]), &[&[2, 3]]);
    }
}
