//! One value or another, as a condition says.

use super::binary::result_layout;
use crate::{
    buffer::Buffer,
    graph::{
        layout::Form,
        step::{Compiled, Context, Port, Record, Shared, Step, mismatch, only},
        walk::Walk,
    },
};

pub(super) fn compile(ports: &[Port], result: &[usize]) -> Compiled {
    let layout = result_layout(&ports[1..], result);
    let out = Form::new(result, layout.clone());
    let strides: Vec<Vec<usize>> = ports.iter().map(|port| port.form.strides_along(&out)).collect();
    let step = Select {
        walk: Walk::new(&out.dims(), [&strides[0], &strides[1], &strides[2]]),
        varies: [ports[1].varies(), ports[2].varies()],
        sizes: [ports[1].form.size(), ports[2].form.size()],
        len: out.size(),
    };
    Compiled::step(ports.iter().map(|port| Some(port.form.layout.clone())).collect(), layout, step)
}

#[derive(Debug)]
struct Select {
    /// The condition and both values.
    walk: Walk<3>,
    /// Whether both depend on the graph's input.
    varies: [bool; 2],
    /// Values of both.
    sizes: [usize; 2],
    /// Values of the result.
    len: usize,
}

impl Step for Select {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let [condition, a, b]: [Shared; 3] = inputs.try_into().unwrap_or_else(|_| mismatch("three inputs", "others"));
        let mut result = context.pool.take(self.len);
        let mut done = 0;
        self.walk.each(|[at, at_a, at_b], len, [step, step_a, step_b]| {
            for index in 0..len {
                let is_a = condition[at + index * step] != 0.0;
                result[done + index] = if is_a { a[at_a + index * step_a] } else { b[at_b + index * step_b] };
            }
            done += len;
        });
        context.release_all([a, b]);
        let record = if context.recording {
            Record::Kept(vec![Some(condition)])
        } else {
            context.release(condition);
            Record::Nothing
        };
        (vec![result.into()], record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let (gradient, condition) = (only(gradients), record.tensor());
        let mut results = vec![None, None, None];
        for input in [0, 1].into_iter().filter(|input| self.varies[*input]) {
            let mut target = context.zeros(self.sizes[input]);
            let mut done = 0;
            self.walk.each(|places, len, steps| {
                for index in 0..len {
                    let is_a = condition[places[0] + index * steps[0]] != 0.0;
                    if is_a == (input == 0) {
                        target[places[input + 1] + index * steps[input + 1]] += gradient[done + index];
                    }
                }
                done += len;
            });
            results[input + 1] = Some(target);
        }
        context.pool.put(gradient);
        context.release(condition);
        results
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn a_condition_says_which() {
        let values = [vec![1.0, 0.0], numbers(4), vec![9.0]];
        assert_eq!(forward(&Op::Where, &[&[2], &[2, 2], &[1]], &values), [0.0, 9.0, 2.0, 9.0]);
        check(&Op::Where, &[&[3, 1], &[1, 2, 3, 4], &[4]]);
        check(&Op::Where, &[&[4], &[], &[2, 4]]);
        assert!(refusal(&Op::Where, &[&[3], &[2], &[1]]).contains("[3]"));
    }
}
