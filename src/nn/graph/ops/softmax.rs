//! Shares that add up to 1 along an axis, and their logarithms.

use pulp::Simd;

use crate::{
    buffer::Buffer,
    graph::step::{Compiled, Context, Port, Record, Shared, Step, only},
    kernels::{
        elementary::{dot, largest, sum},
        exp::exp_all,
        simd::{self, Kernel},
    },
};

pub(super) fn compile(axis: usize, is_log: bool, port: &Port) -> Compiled {
    let layout = port.form.layout.with_last(&[axis], port.shape());
    let step = Softmax { len: port.shape()[axis], is_log };
    Compiled::step(vec![Some(layout.clone())], layout, step)
}

#[derive(Debug)]
struct Softmax {
    /// Values that add up to 1.
    len: usize,
    /// Whether it is the shares' logarithms.
    is_log: bool,
}

impl Step for Softmax {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut record = Record::Nothing;
        let results: Vec<Shared> = inputs
            .into_iter()
            .map(|input| {
                let mut values = context.own(input);
                if self.is_log {
                    let mut powers = context.pool.take(self.len);
                    simd::run(LogShares { rows: &mut values, powers: &mut powers });
                    context.pool.put(powers);
                } else {
                    simd::run(Shares { rows: &mut values, len: self.len });
                }
                let result: Shared = values.into();
                if context.recording {
                    record = Record::Kept(vec![Some(result.clone())]);
                }
                result
            })
            .collect();
        (results, record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let (mut gradient, result) = (only(gradients), record.tensor());
        if self.is_log {
            let mut shares = context.pool.take(self.len);
            simd::run(LogGradient { gradient: &mut gradient, results: &result, shares: &mut shares });
            context.pool.put(shares);
        } else {
            simd::run(Gradient { gradient: &mut gradient, shares: &result, len: self.len });
        }
        context.release(result);
        vec![Some(gradient)]
    }
}

struct Shares<'a> {
    rows: &'a mut [f32],
    len: usize,
}

impl Kernel for Shares<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for row in self.rows.chunks_exact_mut(self.len) {
            let largest = largest(row);
            for value in row.iter_mut() {
                *value -= largest;
            }
            exp_all(simd, row);
            let share = 1.0 / sum(row);
            for value in row.iter_mut() {
                *value *= share;
            }
        }
    }
}

struct Gradient<'a> {
    gradient: &'a mut [f32],
    shares: &'a [f32],
    len: usize,
}

impl Kernel for Gradient<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (row, shares) in self.gradient.chunks_exact_mut(self.len).zip(self.shares.chunks_exact(self.len)) {
            let mean = dot(row, shares);
            for (value, share) in row.iter_mut().zip(shares) {
                *value = share * (*value - mean);
            }
        }
    }
}

struct LogShares<'a> {
    rows: &'a mut [f32],
    powers: &'a mut [f32],
}

impl Kernel for LogShares<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { rows, powers } = self;
        for row in rows.chunks_exact_mut(powers.len()) {
            let largest = largest(row);
            for value in row.iter_mut() {
                *value -= largest;
            }
            powers.copy_from_slice(row);
            exp_all(simd, powers);
            let logarithm = sum(powers).ln();
            for value in row.iter_mut() {
                *value -= logarithm;
            }
        }
    }
}

struct LogGradient<'a> {
    gradient: &'a mut [f32],
    results: &'a [f32],
    shares: &'a mut [f32],
}

impl Kernel for LogGradient<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { gradient, results, shares } = self;
        for (row, results) in gradient.chunks_exact_mut(shares.len()).zip(results.chunks_exact(shares.len())) {
            shares.copy_from_slice(results);
            exp_all(simd, shares);
            let all = sum(row);
            for (value, share) in row.iter_mut().zip(shares.iter()) {
                *value -= share * all;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, refusal},
    };

    #[test]
    fn shares_add_up_to_one_along_any_axis() {
        let values = vec![0.0, 1.0_f32.ln(), 3.0_f32.ln(), 3.0_f32.ln()];
        let result = forward(&Op::Softmax { axis: 0 }, &[&[2, 2]], std::slice::from_ref(&values));
        assert!(result.iter().zip([0.25, 0.25, 0.75, 0.75]).all(|(a, b)| (a - b).abs() < 1e-6), "{result:?}");
        let logarithms = forward(&Op::LogSoftmax { axis: 0 }, &[&[2, 2]], &[values]);
        assert!(logarithms.iter().zip(result).all(|(a, b)| (a - b.ln()).abs() < 1e-6), "{logarithms:?}");
        for axis in 0..3 {
            check(&Op::Softmax { axis }, &[&[2, 3, 4]]);
            check(&Op::LogSoftmax { axis }, &[&[2, 3, 4]]);
        }
        assert!(refusal(&Op::Softmax { axis: 3 }, &[&[2, 3, 4]]).contains("[2, 3, 4]"));
    }
}
