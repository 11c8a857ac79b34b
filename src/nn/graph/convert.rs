//! The same values in another layout.

use pulp::Simd;

use super::{
    layout::{Form, Layout},
    step::{Context, Record, Shared, Step, only},
    walk::Walk,
};
use crate::{
    buffer::Buffer,
    kernels::simd::{self, Kernel},
};

/// From one layout to another, and back.
#[derive(Debug)]
pub(super) struct Convert {
    forward: Walk<1>,
    backward: Walk<1>,
}

impl Convert {
    pub fn new(from: &Form, to: &Form) -> Self {
        let along = |read: &Form, written: &Form| Walk::new(&written.dims(), [&read.strides_along(written)]);
        Self { forward: along(from, to), backward: along(to, from) }
    }
}

impl Step for Convert {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let results = inputs.into_iter().map(|input| {
            let mut result = context.pool.take(input.len());
            simd::run(Copy { walk: &self.forward, from: &input, to: &mut result });
            context.release(input);
            result.into()
        });
        (results.collect(), Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let mut result = context.pool.take(gradient.len());
        simd::run(Copy { walk: &self.backward, from: &gradient, to: &mut result });
        context.pool.put(gradient);
        vec![Some(result)]
    }
}

/// `to ← from`, where `to` is written from its first value to its last.
struct Copy<'a> {
    walk: &'a Walk<1>,
    from: &'a [f32],
    to: &'a mut [f32],
}

impl Kernel for Copy<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { walk, from, to } = self;
        let mut written = 0;
        walk.each(|[place], len, [step]| {
            let row = &mut to[written..written + len];
            match step {
                0 => row.fill(from[place]),
                1 => row.copy_from_slice(&from[place..place + len]),
                _ => row.iter_mut().zip(from[place..].iter().step_by(step)).for_each(|(to, from)| *to = *from),
            }
            written += len;
        });
    }
}

/// `values` in `form`, row after row.
pub(super) fn to_plain(values: &[f32], form: &Form) -> Vec<f32> {
    let plain = Form::plain(&form.shape);
    let mut result = vec![0.0; values.len()];
    simd::run(Copy { walk: &Convert::new(form, &plain).forward, from: values, to: &mut result });
    result
}

/// Values that lie row after row, in a layout.
pub(super) fn constant(values: &[f32], shape: &[usize], layout: &Layout) -> Shared {
    let (from, to) = (Form::plain(shape), Form::new(shape, layout.clone()));
    let mut result = Buffer::from(values);
    if from != to {
        simd::run(Copy { walk: &Convert::new(&from, &to).forward, from: values, to: &mut result });
    }
    result.into()
}
