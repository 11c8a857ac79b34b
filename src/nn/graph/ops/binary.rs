//! Functions of two values, with broadcasting.

use pulp::Simd;

use crate::{
    buffer::Buffer,
    graph::{
        layout::{Form, Layout},
        op::Binary,
        shape::{self, Shape},
        step::{Compiled, Context, Port, Record, Shared, Step, mismatch, only},
        walk::Walk,
    },
    kernels::simd::{self, Kernel},
};

/// What is done to two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Binary(Binary),
    /// The first value, times the second where it is not above 0.
    PRelu,
}

pub(super) fn prelu_shape(x: &[usize], slope: &[usize]) -> Result<Shape, String> {
    match shape::broadcast(x, slope) {
        Ok(shape) if shape == x => Ok(shape),
        _ => Err(format!("its slope has the shape {slope:?}, which cannot be broadcast to {x:?}")),
    }
}

pub(super) fn compile_prelu(ports: &[Port], result: &[usize]) -> Compiled {
    of(Function::PRelu, ports, result)
}

pub(super) fn compile(function: Binary, ports: &[Port], result: &[usize]) -> Compiled {
    of(Function::Binary(function), ports, result)
}

fn of(function: Function, ports: &[Port], result: &[usize]) -> Compiled {
    let forms = [&ports[0].form, &ports[1].form];
    let layout = result_layout(ports, result);
    let out = Form::new(result, layout.clone());
    let strides = forms.map(|form| form.strides_along(&out));
    let dims = out.dims();
    let (own, none) = (shape::strides(&dims), vec![0; dims.len()]);
    let whole = forms.map(|form| form.size() == out.size());
    let varies = [ports[0].varies(), ports[1].varies()];
    let needs = [0, 1].map(|input| if varies[input] { function.needs(input) } else { [false; 2] });
    let step = Elementwise {
        function,
        varies,
        needs,
        sizes: forms.map(Form::size),
        len: out.size(),
        whole,
        // A length of 1 has no stride: whole tensors that lie alike may differ there.
        like_result: [0, 1].map(|input| whole[input] && Walk::new(&dims, [&strides[input], &own]).is_one_run()),
        forward: Walk::new(&dims, [&strides[0], &strides[1]]),
        backward: [0, 1].map(|input| {
            let [a, b] = [0, 1].map(|other| if needs[input][other] { &strides[other] } else { &none });
            Walk::new(&dims, [a, b, &strides[input]])
        }),
    };
    Compiled::step(forms.map(|form| Some(form.layout.clone())).to_vec(), layout, step)
}

/// That of the first input which fills the result and depends on the graph's input, so that as little as can be is
/// read across.
pub(super) fn result_layout(ports: &[Port], result: &[usize]) -> Layout {
    let fills = |port: &&Port| port.form.size() == shape::size(result) && port.varies();
    let largest = || ports.iter().filter(|port| port.varies()).max_by_key(|port| port.form.size());
    let Some(port) = ports.iter().find(fills).or_else(largest) else { return Layout::plain(result.len()) };
    // Axes that this input has not are the outermost.
    let missing = result.len() - port.shape().len();
    Layout::new((0..missing).chain(port.form.layout.order().iter().map(|axis| axis + missing)).collect(), result)
}

#[derive(Debug)]
struct Elementwise {
    function: Function,
    varies: [bool; 2],
    /// For the gradient of each input, which of the inputs it is computed of.
    needs: [[bool; 2]; 2],
    /// Values of each input.
    sizes: [usize; 2],
    /// Values of the result.
    len: usize,
    /// Which input has as many values as the result.
    whole: [bool; 2],
    /// Which input lies as the result does, value for value.
    like_result: [bool; 2],
    forward: Walk<2>,
    /// The inputs, and where the gradient of the one or the other goes.
    backward: [Walk<3>; 2],
}

impl Function {
    /// Which of its inputs the derivative with respect to one of them is a function of.
    fn needs(self, input: usize) -> [bool; 2] {
        match self {
            Self::Binary(Binary::Mul) => [input == 1, input == 0],
            Self::Binary(Binary::Div) => [input == 1, true],
            Self::Binary(Binary::Pow | Binary::Min | Binary::Max) | Self::PRelu => [true; 2],
            Self::Binary(_) => [false; 2],
        }
    }

    /// The derivative with respect to one of its inputs, if it is the same everywhere.
    fn slope(self, input: usize) -> Option<f32> {
        match self {
            Self::Binary(Binary::Add) => Some(1.0),
            Self::Binary(Binary::Sub) => Some(if input == 0 { 1.0 } else { -1.0 }),
            Self::Binary(
                Binary::Greater | Binary::GreaterOrEqual | Binary::Less | Binary::LessOrEqual | Binary::Equal,
            ) => Some(0.0),
            Self::Binary(_) | Self::PRelu => None,
        }
    }

    /// The function, to somebody who has values for it.
    #[inline(always)]
    fn value(self, take: impl Take) {
        match self {
            Self::Binary(Binary::Add) => take.with(|a, b| a + b),
            Self::Binary(Binary::Sub) => take.with(|a, b| a - b),
            Self::Binary(Binary::Mul) => take.with(|a, b| a * b),
            Self::Binary(Binary::Div) => take.with(|a, b| a / b),
            Self::Binary(Binary::Pow) => take.with(f32::powf),
            // A NaN stays one, so that damaged weights are noticed.
            Self::Binary(Binary::Min) => take.with(|a, b| if b < a || b.is_nan() { b } else { a }),
            Self::Binary(Binary::Max) => take.with(|a, b| if b > a || b.is_nan() { b } else { a }),
            Self::Binary(Binary::Greater) => take.with(|a, b| f32::from(a > b)),
            Self::Binary(Binary::GreaterOrEqual) => take.with(|a, b| f32::from(a >= b)),
            Self::Binary(Binary::Less) => take.with(|a, b| f32::from(a < b)),
            Self::Binary(Binary::LessOrEqual) => take.with(|a, b| f32::from(a <= b)),
            Self::Binary(Binary::Equal) => take.with(|a, b| f32::from(a == b)),
            Self::PRelu => take.with(|x, slope| if x > 0.0 { x } else { slope * x }),
        }
    }

    /// Its derivative with respect to one of its inputs, to somebody who has values for it.
    #[inline(always)]
    fn derivative(self, input: usize, take: impl Take) {
        match (self, input) {
            (Self::Binary(Binary::Mul), 0) => take.with(|_, b| b),
            (Self::Binary(Binary::Mul), _) => take.with(|a, _| a),
            (Self::Binary(Binary::Div), 0) => take.with(|_, b| 1.0 / b),
            (Self::Binary(Binary::Div), _) => take.with(|a, b| -a / (b * b)),
            (Self::Binary(Binary::Pow), 0) => take.with(|a, b| if b == 0.0 { 0.0 } else { b * a.powf(b - 1.0) }),
            (Self::Binary(Binary::Pow), _) => take.with(|a, b| if a > 0.0 { a.powf(b) * a.ln() } else { 0.0 }),
            (Self::Binary(Binary::Min), 0) => take.with(|a, b| share(a < b, a == b)),
            (Self::Binary(Binary::Min), _) => take.with(|a, b| share(b < a, a == b)),
            (Self::Binary(Binary::Max), 0) => take.with(|a, b| share(a > b, a == b)),
            (Self::Binary(Binary::Max), _) => take.with(|a, b| share(b > a, a == b)),
            (Self::PRelu, 0) => take.with(|x, slope| if x > 0.0 { 1.0 } else { slope }),
            (Self::PRelu, _) => take.with(|x, _| if x > 0.0 { 0.0 } else { x }),
            (Self::Binary(_), _) => {
                let slope = self.slope(input).unwrap_or_default();
                take.with(|_, _| slope);
            }
        }
    }
}

/// What one of two gets of the gradient of the larger or the smaller.
#[inline(always)]
fn share(is_it: bool, is_even: bool) -> f32 {
    if is_even { 0.5 } else { f32::from(is_it) }
}

impl Step for Elementwise {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let keeps = [0, 1].map(|other| context.recording && (self.needs[0][other] || self.needs[1][other]));
        let kept: Vec<Option<Shared>> =
            inputs.iter().zip(keeps).map(|(input, keeps)| keeps.then(|| input.clone())).collect();
        let record = if keeps == [false; 2] { Record::Nothing } else { Record::Kept(kept) };
        let [mut a, b] = both(inputs);
        let walk = &self.forward;
        // The result takes the first input's place where nobody else needs that.
        let result = match Shared::get_mut(&mut a) {
            Some(values) if self.like_result[0] => {
                self.function.value(Update { walk, b: &b, result: values });
                a
            }
            _ => {
                let mut result = context.pool.take(self.len);
                self.function.value(Zip { walk, a: &a, b: &b, result: &mut result });
                context.release(a);
                result.into()
            }
        };
        context.release(b);
        (vec![result], record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let kept: [Option<Shared>; 2] = if self.needs == [[false; 2]; 2] { [const { None }; 2] } else { record.kept() };
        // What was not kept is not looked at.
        let [a, b] = [&kept[0], &kept[1]].map(|kept| kept.as_ref().map_or([0.0].as_slice(), |values| values));
        let mut results = vec![None, None];
        for (input, result) in results.iter_mut().enumerate() {
            let slope = self.function.slope(input);
            if !self.varies[input] || slope == Some(0.0) {
                continue;
            }
            if self.like_result[input] && slope == Some(1.0) {
                *result = Some(context.copy(&gradient));
                continue;
            }
            let mut target = context.pool.take(self.sizes[input]);
            let adds = !self.whole[input];
            if adds {
                target.fill(0.0);
            }
            let walk = &self.backward[input];
            self.function.derivative(input, SendBack { walk, a, b, gradient: &gradient, target: &mut target, adds });
            *result = Some(target);
        }
        context.release_all(kept.into_iter().flatten());
        context.pool.put(gradient);
        results
    }
}

/// Two inputs.
pub(super) fn both(inputs: Vec<Shared>) -> [Shared; 2] {
    inputs.try_into().unwrap_or_else(|_| mismatch("two inputs", "others"))
}

/// Somebody who has values for a function.
trait Take {
    fn with(self, function: impl Fn(f32, f32) -> f32 + Copy);
}

/// `result ← function(a, b)`.
struct Zip<'a> {
    walk: &'a Walk<2>,
    a: &'a [f32],
    b: &'a [f32],
    result: &'a mut [f32],
}

/// `result ← function(result, b)`.
struct Update<'a> {
    walk: &'a Walk<2>,
    b: &'a [f32],
    result: &'a mut [f32],
}

/// `target ← gradient · derivative(a, b)`, or added to it.
struct SendBack<'a> {
    walk: &'a Walk<3>,
    a: &'a [f32],
    b: &'a [f32],
    gradient: &'a [f32],
    target: &'a mut [f32],
    adds: bool,
}

/// Somebody with values, and the function.
struct With<T, F>(T, F);

impl Take for Zip<'_> {
    fn with(self, function: impl Fn(f32, f32) -> f32 + Copy) {
        simd::run(With(self, function));
    }
}

impl Take for Update<'_> {
    fn with(self, function: impl Fn(f32, f32) -> f32 + Copy) {
        simd::run(With(self, function));
    }
}

impl Take for SendBack<'_> {
    fn with(self, function: impl Fn(f32, f32) -> f32 + Copy) {
        simd::run(With(self, function));
    }
}

impl<F: Fn(f32, f32) -> f32 + Copy> Kernel for With<Zip<'_>, F> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self(Zip { walk, a, b, result }, function) = self;
        let mut done = 0;
        walk.each(|[at_a, at_b], len, steps| {
            let (row, a, b) = (&mut result[done..done + len], &a[at_a..], &b[at_b..]);
            done += len;
            match steps {
                [1, 1] => {
                    for ((result, a), b) in row.iter_mut().zip(a).zip(b) {
                        *result = function(*a, *b);
                    }
                }
                [1, 0] => {
                    let b = b[0];
                    for (result, a) in row.iter_mut().zip(a) {
                        *result = function(*a, b);
                    }
                }
                [0, 1] => {
                    let a = a[0];
                    for (result, b) in row.iter_mut().zip(b) {
                        *result = function(a, *b);
                    }
                }
                [step_a, step_b] => {
                    for (along, result) in row.iter_mut().enumerate() {
                        *result = function(a[along * step_a], b[along * step_b]);
                    }
                }
            }
        });
    }
}

impl<F: Fn(f32, f32) -> f32 + Copy> Kernel for With<Update<'_>, F> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self(Update { walk, b, result }, function) = self;
        let mut done = 0;
        walk.each(|[_, at_b], len, [_, step]| {
            let (row, b) = (&mut result[done..done + len], &b[at_b..]);
            done += len;
            match step {
                1 => {
                    for (result, b) in row.iter_mut().zip(b) {
                        *result = function(*result, *b);
                    }
                }
                0 => {
                    let b = b[0];
                    for result in row {
                        *result = function(*result, b);
                    }
                }
                _ => {
                    for (result, b) in row.iter_mut().zip(b.iter().step_by(step)) {
                        *result = function(*result, *b);
                    }
                }
            }
        });
    }
}

impl<F: Fn(f32, f32) -> f32 + Copy> Kernel for With<SendBack<'_>, F> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self(SendBack { walk, a, b, gradient, target, adds }, derivative) = self;
        let mut done = 0;
        walk.each(|[at_a, at_b, at], len, steps| {
            let (gradient, a, b) = (&gradient[done..done + len], &a[at_a..], &b[at_b..]);
            done += len;
            match steps {
                [1, 1, 1] => {
                    let values = target[at..].iter_mut().zip(gradient).zip(a).zip(b);
                    put(values.map(|(((target, gradient), a), b)| (target, gradient * derivative(*a, *b))), adds);
                }
                [1, 0, 1] => {
                    let values = target[at..].iter_mut().zip(gradient).zip(a);
                    put(values.map(|((target, gradient), a)| (target, gradient * derivative(*a, b[0]))), adds);
                }
                [0, 1, 1] => {
                    let values = target[at..].iter_mut().zip(gradient).zip(b);
                    put(values.map(|((target, gradient), b)| (target, gradient * derivative(a[0], *b))), adds);
                }
                [0, 0, 1] => {
                    let factor = derivative(a[0], b[0]);
                    put(target[at..].iter_mut().zip(gradient).map(|(target, value)| (target, value * factor)), adds);
                }
                [step_a, step_b, 0] => {
                    // Partial sums side by side, one a lane.
                    let mut sums = [0.0; LANES];
                    for (first, gradient) in gradient.chunks(LANES).enumerate() {
                        for (lane, (sum, gradient)) in sums.iter_mut().zip(gradient).enumerate() {
                            let along = first * LANES + lane;
                            *sum += gradient * derivative(a[along * step_a], b[along * step_b]);
                        }
                    }
                    let sum = sums.iter().sum::<f32>();
                    target[at] = if adds { target[at] + sum } else { sum };
                }
                [step_a, step_b, step] => {
                    for (along, gradient) in gradient.iter().enumerate() {
                        let value = gradient * derivative(a[along * step_a], b[along * step_b]);
                        let target = &mut target[at + along * step];
                        *target = if adds { *target + value } else { value };
                    }
                }
            }
        });
    }
}

/// Sums that are made side by side.
const LANES: usize = 16;

/// Sets every target to its value, or adds it.
#[inline(always)]
fn put<'a>(values: impl Iterator<Item = (&'a mut f32, f32)>, adds: bool) {
    if adds {
        values.for_each(|(target, value)| *target += value);
    } else {
        values.for_each(|(target, value)| *target = value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Op,
        tests::{check, check_at, forward, refusal, scattered},
    };

    #[test]
    fn shapes_are_broadcast_as_numpy_does() {
        let sub = Op::Binary(Binary::Sub);
        let result = forward(&sub, &[&[2, 1, 2], &[3, 1]], &[vec![1.0, 2.0, 3.0, 4.0], vec![10.0, 20.0, 30.0]]);
        assert_eq!(result, [-9.0, -8.0, -19.0, -18.0, -29.0, -28.0, -7.0, -6.0, -17.0, -16.0, -27.0, -26.0]);
        assert!(refusal(&sub, &[&[2, 3], &[2]]).contains("[2, 3] and [2]"));
    }

    #[test]
    fn gradients_are_summed_where_a_value_was_broadcast() {
        for function in [Binary::Add, Binary::Sub, Binary::Mul, Binary::Min, Binary::Max] {
            for shapes in [
                [[1, 3, 4, 5].as_slice(), [1, 3, 4, 5].as_slice()],
                [&[1, 3, 4, 5], &[3, 1, 1]],
                [&[2, 3, 1, 2], &[1, 1, 4, 2]],
                [&[5], &[2, 3, 5]],
                [&[3, 4], &[]],
            ] {
                check(&Op::Binary(function), &shapes);
            }
        }
        let above: Vec<f32> = scattered(12, 3).iter().map(|value| value + 3.0).collect();
        for function in [Binary::Div, Binary::Pow] {
            check_at(&Op::Binary(function), &[&[1, 4, 3, 1], &[4, 1, 1]], &[above.clone(), vec![2.0, 1.5, 3.0, -1.0]]);
        }
        for function in [Binary::Greater, Binary::Less, Binary::Equal, Binary::LessOrEqual, Binary::GreaterOrEqual] {
            check(&Op::Binary(function), &[&[3, 4], &[4]]);
        }
    }

    #[test]
    fn equals_share_the_gradient_of_the_larger() {
        let values = [vec![1.0, 2.0], vec![1.0, 1.0]];
        for (function, result) in [(Binary::Max, [1.0, 2.0]), (Binary::Min, [1.0, 1.0])] {
            assert_eq!(forward(&Op::Binary(function), &[&[2], &[2]], &values), result);
        }
        assert_eq!([share(true, true), share(true, false), share(false, false)], [0.5, 1.0, 0.0]);
    }

    #[test]
    fn a_value_may_be_taken_twice() {
        use crate::graph::{GraphBuilder, Plan, State};
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[3]).unwrap();
        let square = builder.add("square", Op::Binary(Binary::Mul), &[input, input]).unwrap();
        let sum = builder.add("sum", Op::Binary(Binary::Add), &[square, input]).unwrap();
        let plan = Plan::new(&builder.finish(&[sum]).unwrap(), &[]).unwrap();
        let mut state = State::default();
        assert_eq!(plan.forward_recording(&[1.0, 2.0, -3.0], &mut state), [[2.0, 6.0, 6.0]]);
        let mut gradient = [0.0; 3];
        plan.backward(&[&[1.0, 1.0, 2.0]], &mut state, &mut gradient);
        assert_eq!(gradient, [3.0, 5.0, -10.0]);
    }

    #[test]
    fn what_lies_below_zero_is_scaled_channel_by_channel() {
        let slopes = vec![0.1, 0.2];
        let result = forward(&Op::PRelu, &[&[1, 2, 1, 2], &[2, 1, 1]], &[vec![-1.0, 1.0, -2.0, 3.0], slopes]);
        assert_eq!(result, [-0.1, 1.0, -0.4, 3.0]);
        check(&Op::PRelu, &[&[1, 4, 3, 2], &[4, 1, 1]]);
        assert!(refusal(&Op::PRelu, &[&[4, 1], &[1, 3]]).contains("[1, 3]"));
    }
}
