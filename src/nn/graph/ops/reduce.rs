//! One number for all values along some axes.

use pulp::Simd;

use super::check_axis;
use crate::{
    buffer::Buffer,
    graph::{
        op::Reduction,
        shape::{self, Shape},
        step::{Compiled, Context, Port, Record, Shared, Step, mismatch, only},
        walk::Walk,
    },
    kernels::{
        elementary::sum,
        simd::{self, Kernel},
    },
};

pub(super) fn shape(axes: &[usize], keep: bool, input: &[usize]) -> Result<Shape, String> {
    axes.iter().try_for_each(|axis| check_axis(*axis, input))?;
    if let Some(axis) = axes.iter().enumerate().find_map(|(index, axis)| axes[..index].contains(axis).then_some(axis)) {
        return Err(format!("the axis {axis} of the shape {input:?} is reduced twice"));
    }
    let len = |axis: usize| match axes.contains(&axis) {
        false => Some(input[axis]),
        true => keep.then_some(1),
    };
    Ok((0..input.len()).filter_map(len).collect())
}

pub(super) fn compile(kind: Reduction, axes: &[usize], keep: bool, port: &Port, result: &[usize]) -> Compiled {
    let from = port.shape();
    let layout = port.form.layout.clone();
    let output = layout.without(axes, keep, result);
    // Strides of the result along the input's axes.
    let kept = |axis: usize| if keep { axis } else { axis - axes.iter().filter(|gone| **gone < axis).count() };
    let own = output.strides(result);
    let strides = layout.order().iter().map(|axis| if axes.contains(axis) { 0 } else { own[kept(*axis)] });
    let strides: Vec<usize> = strides.collect();
    let dims = port.form.dims();
    let step = Reduce {
        kind,
        len: shape::size(result),
        count: axes.iter().map(|axis| from[*axis]).product(),
        walk: Walk::new(&dims, [&shape::strides(&dims), &strides]),
        input: port.form.size(),
    };
    Compiled::step(vec![Some(layout)], output, step)
}

#[derive(Debug)]
struct Reduce {
    kind: Reduction,
    /// Values of the result.
    len: usize,
    /// Values that become one.
    count: usize,
    /// The input from its first value to its last, and the result.
    walk: Walk<2>,
    /// Values of the input.
    input: usize,
}

impl Reduce {
    /// What the result begins with.
    fn start(&self) -> f32 {
        match self.kind {
            Reduction::Max | Reduction::LogSumExp => f32::NEG_INFINITY,
            Reduction::Min => f32::INFINITY,
            Reduction::Product => 1.0,
            _ => 0.0,
        }
    }

    fn fold(&self, values: &[f32], result: &mut [f32], take: impl Fn(f32, f32) -> f32 + Copy) {
        simd::run(Fold { walk: &self.walk, values, result, take });
    }

    /// `gradient with respect to x ← function(x, result, gradient)`.
    fn send(
        &self,
        [x, result, gradient]: [&[f32]; 3],
        context: &mut Context,
        function: impl Fn(f32, f32, f32) -> f32 + Copy,
    ) -> Buffer {
        let mut target = context.pool.take(self.input);
        simd::run(SendBack { walk: &self.walk, x, result, gradient, target: &mut target, function });
        target
    }
}

impl Step for Reduce {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut record = Record::Nothing;
        let results: Vec<Shared> = inputs
            .into_iter()
            .map(|input| {
                let mut result = context.pool.take(self.len);
                result.fill(self.start());
                // A NaN is kept, so that damaged weights are noticed.
                match self.kind {
                    Reduction::Mean | Reduction::Sum => {
                        simd::run(Sum { walk: &self.walk, values: &input, result: &mut result });
                    }
                    Reduction::Max | Reduction::LogSumExp => {
                        self.fold(&input, &mut result, |a, b| if b > a || b.is_nan() { b } else { a });
                    }
                    Reduction::Min => self.fold(&input, &mut result, |a, b| if b < a || b.is_nan() { b } else { a }),
                    Reduction::L1 => self.fold(&input, &mut result, |a, b| a + b.abs()),
                    Reduction::L2 | Reduction::SumSquare => self.fold(&input, &mut result, |a, b| a + b * b),
                    Reduction::Product => self.fold(&input, &mut result, |a, b| a * b),
                }
                match self.kind {
                    Reduction::Mean => result.iter_mut().for_each(|value| *value /= self.count as f32),
                    Reduction::L2 => result.iter_mut().for_each(|value| *value = value.sqrt()),
                    Reduction::LogSumExp => {
                        let mut sums = context.zeros(self.len);
                        let largest = &result;
                        self.walk.each(|[from, to], len, [step, along]| {
                            for index in 0..len {
                                let place = to + index * along;
                                sums[place] += (input[from + index * step] - largest[place]).exp();
                            }
                        });
                        result.iter_mut().zip(sums.iter()).for_each(|(value, sum)| *value += sum.ln());
                        context.pool.put(sums);
                    }
                    _ => {}
                }
                let result: Shared = result.into();
                if context.recording && !matches!(self.kind, Reduction::Mean | Reduction::Sum) {
                    record = Record::Kept(vec![Some(input), Some(result.clone())]);
                } else {
                    context.release(input);
                }
                result
            })
            .collect();
        (results, record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let mut gradient = only(gradients);
        if matches!(self.kind, Reduction::Mean | Reduction::Sum) {
            let share = if self.kind == Reduction::Mean { 1.0 / self.count as f32 } else { 1.0 };
            gradient.iter_mut().for_each(|value| *value *= share);
            let mut target = context.pool.take(self.input);
            simd::run(Spread { walk: &self.walk, gradient: &gradient, target: &mut target });
            context.pool.put(gradient);
            return vec![Some(target)];
        }
        let [Some(input), Some(result)] = record.kept() else { mismatch("what was reduced", "nothing") };
        let of = [&**input, &**result, &*gradient];
        let target = match self.kind {
            Reduction::Max | Reduction::Min => {
                // Equals share.
                let mut equals = context.zeros(self.len);
                self.walk.each(|[from, to], len, [step, along]| {
                    for index in 0..len {
                        let place = to + index * along;
                        equals[place] += f32::from(input[from + index * step] == result[place]);
                    }
                });
                let mut shares = context.copy(&gradient);
                shares.iter_mut().zip(equals.iter()).for_each(|(share, equals)| *share /= equals.max(1.0));
                let of = [&**input, &**result, &*shares];
                let target = self.send(of, context, |x, y, gradient| if x == y { gradient } else { 0.0 });
                context.pool.put(equals);
                context.pool.put(shares);
                target
            }
            Reduction::L1 => {
                self.send(of, context, |x, _, gradient| if x == 0.0 { 0.0 } else { x.signum() * gradient })
            }
            Reduction::L2 => self.send(of, context, |x, y, gradient| if y == 0.0 { 0.0 } else { x / y * gradient }),
            Reduction::SumSquare => self.send(of, context, |x, _, gradient| 2.0 * x * gradient),
            Reduction::LogSumExp => self.send(of, context, |x, y, gradient| (x - y).exp() * gradient),
            Reduction::Product => {
                // Of a product with a zero, only the zero has a gradient, unless there are two.
                let (mut zeros, mut others) = (context.zeros(self.len), context.pool.take(self.len));
                self.fold(&input, &mut zeros, |count, x| if x == 0.0 { count + 1.0 } else { count });
                others.fill(1.0);
                self.fold(&input, &mut others, |product, x| if x == 0.0 { product } else { product * x });
                let of = [&**input, &*zeros, &*others];
                let mut target = self.send(of, context, |x, zeros, others| match (x == 0.0, zeros) {
                    (false, 0.0) => others / x,
                    (true, 1.0) => others,
                    _ => 0.0,
                });
                let mut spread = context.pool.take(self.input);
                simd::run(Spread { walk: &self.walk, gradient: &gradient, target: &mut spread });
                super::scale_by(&mut target, &spread);
                [zeros, others, spread].into_iter().for_each(|values| context.pool.put(values));
                target
            }
            Reduction::Mean | Reduction::Sum => mismatch("what was reduced", "a sum"),
        };
        context.pool.put(gradient);
        context.release_all([input, result]);
        vec![Some(target)]
    }
}

/// `result ← result + values`.
struct Sum<'a> {
    walk: &'a Walk<2>,
    values: &'a [f32],
    result: &'a mut [f32],
}

impl Kernel for Sum<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { walk, values, result } = self;
        walk.each(|[from, to], len, [_, step]| {
            let row = &values[from..from + len];
            match step {
                0 => result[to] += sum(row),
                1 => result[to..].iter_mut().zip(row).for_each(|(sum, value)| *sum += value),
                _ => result[to..].iter_mut().step_by(step).zip(row).for_each(|(sum, value)| *sum += value),
            }
        });
    }
}

/// `target ← gradient`, at all places that became one.
struct Spread<'a> {
    walk: &'a Walk<2>,
    gradient: &'a [f32],
    target: &'a mut [f32],
}

impl Kernel for Spread<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { walk, gradient, target } = self;
        walk.each(|[from, to], len, [_, step]| {
            let row = &mut target[from..from + len];
            match step {
                0 => row.fill(gradient[to]),
                1 => row.copy_from_slice(&gradient[to..to + len]),
                _ => row.iter_mut().zip(gradient[to..].iter().step_by(step)).for_each(|(to, value)| *to = *value),
            }
        });
    }
}

/// `result ← take(result, value)`.
struct Fold<'a, F> {
    walk: &'a Walk<2>,
    values: &'a [f32],
    result: &'a mut [f32],
    take: F,
}

impl<F: Fn(f32, f32) -> f32 + Copy> Kernel for Fold<'_, F> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { walk, values, result, take } = self;
        walk.each(|[from, to], len, [_, step]| {
            let row = &values[from..from + len];
            match step {
                0 => result[to] = row.iter().fold(result[to], |all, value| take(all, *value)),
                1 => result[to..].iter_mut().zip(row).for_each(|(all, value)| *all = take(*all, *value)),
                _ => result[to..].iter_mut().step_by(step).zip(row).for_each(|(all, value)| *all = take(*all, *value)),
            }
        });
    }
}

struct SendBack<'a, F> {
    walk: &'a Walk<2>,
    x: &'a [f32],
    result: &'a [f32],
    gradient: &'a [f32],
    target: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32, f32, f32) -> f32 + Copy> Kernel for SendBack<'_, F> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { walk, x, result, gradient, target, function } = self;
        walk.each(|[from, to], len, [_, step]| {
            let row = target[from..from + len].iter_mut().zip(&x[from..from + len]);
            for (index, (target, x)) in row.enumerate() {
                let place = to + index * step;
                *target = function(*x, result[place], gradient[place]);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Op,
        tests::{check, check_at, forward, numbers, refusal, scattered},
    };

    fn reduce(kind: Reduction, axes: &[usize], keep: bool) -> Op {
        Op::Reduce { kind, axes: axes.to_vec(), keep }
    }

    #[test]
    fn numbers_are_what_their_names_say() {
        for (kind, wanted) in [
            (Reduction::Mean, [1.0, 4.0]),
            (Reduction::Sum, [3.0, 12.0]),
            (Reduction::Max, [2.0, 5.0]),
            (Reduction::Min, [0.0, 3.0]),
            (Reduction::L1, [3.0, 12.0]),
            (Reduction::L2, [2.236_068, 7.071_068]),
            (Reduction::SumSquare, [5.0, 50.0]),
            (Reduction::Product, [0.0, 60.0]),
            (Reduction::LogSumExp, [2.407_606, 5.407_606]),
        ] {
            let found = forward(&reduce(kind, &[1], false), &[&[2, 3]], &[numbers(6)]);
            assert!(
                found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-5),
                "{kind:?} {found:?}"
            );
        }
    }

    #[test]
    fn gradients_of_all_of_them_over_any_axes() {
        for kind in [
            Reduction::Mean,
            Reduction::Sum,
            Reduction::Max,
            Reduction::Min,
            Reduction::L1,
            Reduction::L2,
            Reduction::SumSquare,
            Reduction::Product,
            Reduction::LogSumExp,
        ] {
            for (axes, keep) in [([2, 3].as_slice(), true), (&[1], false), (&[3], false), (&[0, 2], true)] {
                check(&reduce(kind, axes, keep), &[&[1, 3, 4, 2]]);
            }
        }
        check(&reduce(Reduction::Mean, &[], true), &[&[3, 2]]);
        check(&reduce(Reduction::Sum, &[1, 0], false), &[&[3, 2]]);
    }

    #[test]
    fn a_product_with_zeros_has_a_gradient() {
        let mut values = scattered(6, 0);
        values[1] = 0.0;
        check_at(&reduce(Reduction::Product, &[1], false), &[&[2, 3]], &[values.clone()]);
        values[2] = 0.0;
        check_at(&reduce(Reduction::Product, &[1], false), &[&[2, 3]], &[values]);
    }

    #[test]
    fn equals_share_the_gradient_of_the_largest() {
        use crate::graph::{GraphBuilder, Plan, State};
        for (kind, wanted) in [(Reduction::Max, [0.0, 1.0, 1.0, 0.0]), (Reduction::Min, [2.0, 0.0, 0.0, 0.0])] {
            let mut builder = GraphBuilder::default();
            let input = builder.input(&[1, 4]).unwrap();
            let result = builder.add("reduced", reduce(kind, &[1], false), &[input]).unwrap();
            let plan = Plan::new(&builder.finish(&[result]).unwrap(), &[]).unwrap();
            let mut state = State::default();
            plan.forward_recording(&[-1.0, 3.0, 3.0, 2.0], &mut state);
            let mut gradient = [0.0; 4];
            plan.backward(&[&[2.0]], &mut state, &mut gradient);
            assert_eq!(gradient, wanted);
        }
    }

    #[test]
    fn an_axis_that_is_not_there_is_refused() {
        assert!(refusal(&reduce(Reduction::Mean, &[2], true), &[&[3, 2]]).contains("[3, 2]"));
        assert!(refusal(&reduce(Reduction::Mean, &[1, 1], true), &[&[3, 2]]).contains("twice"));
    }
}
