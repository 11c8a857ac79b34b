//! Sums of all values before each along an axis.

use crate::{
    buffer::Buffer,
    graph::step::{Compiled, Context, Port, Record, Shared, Step, only},
};

pub(super) fn compile(axis: usize, exclusive: bool, reverse: bool, port: &Port) -> Compiled {
    let layout = port.form.layout.clone();
    let place = layout.order().iter().position(|other| *other == axis).unwrap_or_default();
    let within = port.form.dims()[place + 1..].iter().product();
    let step = CumSum { len: port.shape()[axis], within, exclusive, reverse };
    Compiled::step(vec![Some(layout.clone())], layout, step)
}

#[derive(Debug)]
struct CumSum {
    len: usize,
    /// Values from one place along the axis to the next.
    within: usize,
    exclusive: bool,
    reverse: bool,
}

impl CumSum {
    fn run(&self, values: &mut [f32], reverse: bool) {
        for row in values.chunks_exact_mut(self.len * self.within) {
            for start in 0..self.within {
                let mut sum = 0.0;
                for index in 0..self.len {
                    let place = if reverse { self.len - 1 - index } else { index };
                    let value = &mut row[start + place * self.within];
                    let before = sum;
                    sum += *value;
                    *value = if self.exclusive { before } else { sum };
                }
            }
        }
    }
}

impl Step for CumSum {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let results = inputs.into_iter().map(|input| {
            let mut values = context.own(input);
            self.run(&mut values, self.reverse);
            values.into()
        });
        (results.collect(), Record::Nothing)
    }

    /// Every value is in the sums after it.
    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, _: &mut Context) -> Vec<Option<Buffer>> {
        let mut gradient = only(gradients);
        self.run(&mut gradient, !self.reverse);
        vec![Some(gradient)]
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward},
    };

    #[test]
    fn sums_grow_along_an_axis() {
        let sums =
            |exclusive, reverse| forward(&Op::CumSum { axis: 0, exclusive, reverse }, &[&[3]], &[vec![1.0, 2.0, 4.0]]);
        assert_eq!(sums(false, false), [1.0, 3.0, 7.0]);
        assert_eq!(sums(true, false), [0.0, 1.0, 3.0]);
        assert_eq!(sums(false, true), [7.0, 6.0, 4.0]);
        assert_eq!(sums(true, true), [6.0, 4.0, 0.0]);
        for (exclusive, reverse) in [(false, false), (true, false), (true, true)] {
            check(&Op::CumSum { axis: 1, exclusive, reverse }, &[&[2, 3, 4]]);
        }
    }
}
