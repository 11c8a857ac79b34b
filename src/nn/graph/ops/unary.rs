//! Functions of one value.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

use pulp::Simd;

use super::scale_by;
use crate::{
    activation::Activation,
    buffer::Buffer,
    feature_map::FeatureMap,
    graph::{
        op::Unary,
        step::{Compiled, Context, Port, Record, Shared, Step, only},
    },
    kernels::{
        elementary::erf,
        epilogue::Epilogue,
        exp::exp_all,
        simd::{self, Kernel},
    },
    tape::Tape,
};

/// Values along the innermost axis from which on they are rows of their own: bits of a row are whole words.
const LEAST_ROW: usize = 16;

/// Values that are worked on together: with their derivatives they stay in a core's first-level cache.
const STRIP: usize = 1024;

/// What the argument of [`Unary::GeluTanh`] is multiplied with, √(2/π), and the share of its cube.
pub(in crate::graph) const GELU_TANH: [f32; 2] = [0.797_884_6, 0.044_715];

pub(super) fn compile(function: Unary, port: &Port) -> Compiled {
    let layout = port.form.layout.clone();
    let wanted = vec![Some(layout.clone())];
    match activation(function) {
        Some(activation) => {
            let innermost = port.form.innermost();
            let channels = if innermost < LEAST_ROW { port.form.size() } else { innermost };
            Compiled::step(wanted, layout, Activated { activation, channels })
        }
        None => Compiled::step(wanted, layout, Function(function)),
    }
}

/// The activation that a layer can have and that a function is.
pub(in crate::graph) fn activation(function: Unary) -> Option<Activation> {
    /// What an exporter writes for 1/6, in one of two precisions.
    const SIXTH: f32 = 1.0 / 6.0;
    match function {
        Unary::Relu => Some(Activation::Relu),
        Unary::Clip { low: 0.0, high: 6.0 } => Some(Activation::Relu6),
        Unary::Clip { low: 0.0, high: f32::INFINITY } => Some(Activation::Relu),
        Unary::Silu => Some(Activation::Silu),
        Unary::Sigmoid => Some(Activation::Sigmoid),
        Unary::HardSwish => Some(Activation::HardSwish),
        Unary::HardSigmoid { alpha, beta: 0.5 } if (alpha - SIXTH).abs() < 1e-6 => Some(Activation::HardSigmoid),
        _ => None,
    }
}

/// One of the layers' activations.
#[derive(Debug)]
struct Activated {
    activation: Activation,
    /// Values of a row.
    channels: usize,
}

impl Step for Activated {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut record = Record::Nothing;
        let results = inputs.into_iter().map(|input| {
            let values = context.own(input);
            let (height, channels) = (values.len() / self.channels, self.channels);
            let mut map = FeatureMap { height, width: 1, channels, values };
            let mut tape = Tape::default();
            tape.begin(context.recording);
            let (derivative, _) = context.with_tape(tape, |tape| self.activation.apply(&mut map, tape));
            if let Some(derivative) = derivative {
                record = Record::Derivative(derivative);
            }
            map.values.into()
        });
        (results.collect(), record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let (mut gradient, derivative) = (only(gradients), record.derivative());
        let rows = gradient.len() / self.channels;
        Epilogue::backward(Some(&derivative)).apply(0..rows, &mut gradient);
        context.with_tape(Tape::default(), |tape| tape.recycle_derivative(Some(derivative)));
        vec![Some(gradient)]
    }
}

/// Any other function: the derivative is noted as it is computed.
#[derive(Debug)]
struct Function(Unary);

impl Step for Function {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let mut record = Record::Nothing;
        let results = inputs.into_iter().map(|input| {
            let mut values = context.own(input);
            if context.recording {
                let mut slopes = context.pool.take(values.len());
                apply(self.0, &mut values, &mut slopes);
                record = Record::Values(vec![slopes]);
            } else {
                // Slopes that nobody wants stay in cache.
                let mut slopes = [0.0; STRIP];
                for values in values.chunks_mut(STRIP) {
                    apply(self.0, values, &mut slopes[..values.len()]);
                }
            }
            values.into()
        });
        (results.collect(), record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let (mut gradient, [slopes]) = (only(gradients), record.values());
        scale_by(&mut gradient, &slopes);
        context.pool.put(slopes);
        vec![Some(gradient)]
    }
}

/// Every value becomes the function's, and every slope its derivative there.
fn apply(function: Unary, values: &mut [f32], slopes: &mut [f32]) {
    let of = Of { values, slopes };
    let flat = |value: f32| (value, 0.0);
    match function {
        Unary::Relu => of.each(|x| (if x < 0.0 { 0.0 } else { x }, f32::from(x > 0.0))),
        Unary::LeakyRelu(slope) => of.each(|x| if x > 0.0 { (x, 1.0) } else { (slope * x, slope) }),
        Unary::Clip { low, high } => of.each(|x| {
            // A NaN stays one, so that damaged weights are noticed.
            let value = if x < low { low } else { x };
            (if value > high { high } else { value }, f32::from(x >= low && x <= high))
        }),
        Unary::Sigmoid => of.with_powers(
            |x| -x,
            |_, power| {
                let share = 1.0 / (1.0 + power);
                (share, share * (share * power))
            },
        ),
        Unary::HardSigmoid { alpha, beta } => of.each(|x| {
            let line = alpha * x + beta;
            let value = if line < 0.0 { 0.0 } else { line };
            (if value > 1.0 { 1.0 } else { value }, if line > 0.0 && line < 1.0 { alpha } else { 0.0 })
        }),
        Unary::HardSwish => of.each(|x| {
            let share = ((x + 3.0) / 6.0).clamp(0.0, 1.0);
            let slope = if x > 3.0 { 1.0 } else { x / 3.0 + 0.5 };
            (x * share, if x < -3.0 { 0.0 } else { slope })
        }),
        Unary::Silu => of.with_powers(
            |x| -x,
            |x, power| {
                let share = 1.0 / (1.0 + power);
                (x * share, share + x * share * (share * power))
            },
        ),
        Unary::Tanh => of.each(|x| {
            let value = x.tanh();
            (value, 1.0 - value * value)
        }),
        Unary::Erf => of.with_powers(|x| -x * x, |x, power| (erf(x), FRAC_2_SQRT_PI * power)),
        Unary::Gelu => {
            let height = 1.0 / (2.0 * PI).sqrt();
            of.with_powers(
                |x| -0.5 * x * x,
                move |x, power| {
                    let below = 0.5 + 0.5 * erf(x * FRAC_1_SQRT_2);
                    (x * below, below + x * height * power)
                },
            );
        }
        // The half of 1 + tanh is the sigmoid of the double.
        Unary::GeluTanh => {
            let [factor, cubic] = GELU_TANH;
            of.with_powers(
                move |x| -2.0 * factor * (x + cubic * x * x * x),
                move |x, power| {
                    let share = 1.0 / (1.0 + power);
                    let inner = 2.0 * factor * (1.0 + 3.0 * cubic * x * x);
                    (x * share, share + x * share * (share * power) * inner)
                },
            );
        }
        Unary::Elu(alpha) => of.each(|x| if x > 0.0 { (x, 1.0) } else { (alpha * x.exp_m1(), alpha * x.exp()) }),
        Unary::Selu { alpha, gamma } => of
            .each(|x| if x > 0.0 { (gamma * x, gamma) } else { (gamma * alpha * x.exp_m1(), gamma * alpha * x.exp()) }),
        Unary::Celu(alpha) => {
            of.each(|x| if x > 0.0 { (x, 1.0) } else { (alpha * (x / alpha).exp_m1(), (x / alpha).exp()) })
        }
        Unary::Softplus => of.each(|x| (x.max(0.0) + (-x.abs()).exp().ln_1p(), 1.0 / (1.0 + (-x).exp()))),
        Unary::Softsign => of.each(|x| {
            let share = 1.0 / (1.0 + x.abs());
            (x * share, share * share)
        }),
        // tanh(ln(1 + e)) = (e² + 2e) / (e² + 2e + 2), in powers that do not overflow.
        Unary::Mish => of.with_powers(
            |x| -x.abs(),
            |x, power| {
                let (above, rest) =
                    if x > 0.0 { (1.0 + 2.0 * power, 2.0 * power * power) } else { (power * power + 2.0 * power, 2.0) };
                let value = above / (above + rest);
                let sigmoid = if x > 0.0 { 1.0 / (1.0 + power) } else { power / (1.0 + power) };
                (x * value, value + x * (1.0 - value * value) * sigmoid)
            },
        ),
        Unary::ThresholdedRelu(least) => of.each(|x| if x > least { (x, 1.0) } else { (0.0, 0.0) }),
        Unary::Abs => of.each(|x| (x.abs(), if x == 0.0 { 0.0 } else { x.signum() })),
        Unary::Neg => of.each(|x| (-x, -1.0)),
        Unary::Sqrt => of.each(|x| (x.sqrt(), 0.5 / x.sqrt())),
        Unary::Exp => of.each(|x| (x.exp(), x.exp())),
        Unary::Log => of.each(|x| (x.ln(), 1.0 / x)),
        Unary::Reciprocal => of.each(|x| (1.0 / x, -1.0 / (x * x))),
        Unary::Pow(2.0) => of.each(|x| (x * x, 2.0 * x)),
        Unary::Pow(0.0) => of.each(|_| (1.0, 0.0)),
        Unary::Pow(power) => of.each(|x| (x.powf(power), power * x.powf(power - 1.0))),
        Unary::Sin => of.each(|x| (x.sin(), x.cos())),
        Unary::Cos => of.each(|x| (x.cos(), -x.sin())),
        Unary::Sign => of.each(|x| flat(if x == 0.0 { 0.0 } else { x.signum() })),
        Unary::Round => of.each(|x| flat(x.round_ties_even())),
        Unary::Floor => of.each(|x| flat(x.floor())),
        Unary::Ceil => of.each(|x| flat(x.ceil())),
        Unary::Not => of.each(|x| flat(f32::from(x == 0.0))),
    }
}

/// Values and slopes that a function is wanted for.
struct Of<'a> {
    values: &'a mut [f32],
    slopes: &'a mut [f32],
}

impl Of<'_> {
    /// A function that has no power of e in it, or takes it itself.
    fn each(self, function: impl Fn(f32) -> (f32, f32) + Copy) {
        simd::run(Each(self, function));
    }

    /// `function(x, e ^ exponent(x))`.
    fn with_powers(self, exponent: impl Fn(f32) -> f32 + Copy, function: impl Fn(f32, f32) -> (f32, f32) + Copy) {
        simd::run(WithPowers(self, exponent, function));
    }
}

struct Each<'a, F>(Of<'a>, F);

impl<F: Fn(f32) -> (f32, f32) + Copy> Kernel for Each<'_, F> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self(Of { values, slopes }, function) = self;
        for (value, slope) in values.iter_mut().zip(slopes) {
            (*value, *slope) = function(*value);
        }
    }
}

struct WithPowers<'a, E, F>(Of<'a>, E, F);

impl<E: Fn(f32) -> f32 + Copy, F: Fn(f32, f32) -> (f32, f32) + Copy> Kernel for WithPowers<'_, E, F> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self(Of { values, slopes }, exponent, function) = self;
        for (values, slopes) in values.chunks_mut(STRIP).zip(slopes.chunks_mut(STRIP)) {
            for (x, power) in values.iter().zip(slopes.iter_mut()) {
                *power = exponent(*x);
            }
            exp_all(simd, slopes);
            for (value, slope) in values.iter_mut().zip(slopes) {
                (*value, *slope) = function(*value, *slope);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Op,
        tests::{check, check_at, forward, scattered},
    };

    #[test]
    fn slopes_are_the_functions_derivatives() {
        for function in [
            Unary::Relu,
            Unary::LeakyRelu(0.1),
            Unary::Clip { low: 0.0, high: 6.0 },
            Unary::Clip { low: -1.0, high: 0.5 },
            Unary::Sigmoid,
            Unary::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 },
            Unary::HardSigmoid { alpha: 0.45, beta: 0.3 },
            Unary::HardSwish,
            Unary::Silu,
            Unary::Tanh,
            Unary::Erf,
            Unary::Gelu,
            Unary::GeluTanh,
            Unary::Elu(0.7),
            Unary::Selu { alpha: 1.67, gamma: 1.05 },
            Unary::Celu(0.8),
            Unary::Softplus,
            Unary::Softsign,
            Unary::Mish,
            Unary::ThresholdedRelu(0.5),
            Unary::Abs,
            Unary::Neg,
            Unary::Exp,
            Unary::Pow(2.0),
            Unary::Pow(3.0),
            Unary::Sin,
            Unary::Cos,
        ] {
            check(&Op::Unary(function), &[&[1, 5, 3, 2]]);
            check(&Op::Unary(function), &[&[1, 17, 2, 1]]);
        }
        let above: Vec<f32> = scattered(12, 3).iter().map(|value| value + 2.5).collect();
        for function in [Unary::Sqrt, Unary::Log, Unary::Reciprocal, Unary::Pow(0.5), Unary::Pow(-1.5)] {
            check_at(&Op::Unary(function), &[&[4, 3]], std::slice::from_ref(&above));
        }
        for function in [Unary::Sign, Unary::Round, Unary::Floor, Unary::Ceil, Unary::Not, Unary::Pow(0.0)] {
            check_at(&Op::Unary(function), &[&[4, 2]], &[vec![-1.7, -1.2, -0.7, -0.3, 0.2, 0.6, 0.9, 1.3]]);
        }
    }

    #[test]
    fn functions_are_pytorchs() {
        // torch.nn.functional of [-3, -1, -0.25, 0, 0.5, 2, 7].
        let x = vec![-3.0, -1.0, -0.25, 0.0, 0.5, 2.0, 7.0];
        let wanted: [(Unary, [f32; 7]); 12] = [
            (Unary::Gelu, [-0.004_050_2, -0.158_655_3, -0.100_323_4, 0.0, 0.345_731_2, 1.954_499_7, 7.0]),
            (Unary::GeluTanh, [-0.003_637_4, -0.158_808, -0.100_324_6, 0.0, 0.345_714, 1.954_597_7, 7.0]),
            (Unary::Mish, [-0.145_647_5, -0.303_401_5, -0.129_927, 0.0, 0.375_245, 1.943_959, 6.999_988_6]),
            (
                Unary::Softplus,
                [0.048_587_3, 0.313_261_7, 0.575_939_4, std::f32::consts::LN_2, 0.974_077, 2.126_928, 7.000_911_7],
            ),
            (Unary::HardSwish, [0.0, -0.333_333_3, -0.114_583_3, 0.0, 0.291_666_7, 1.666_666_7, 7.0]),
            (Unary::HardSigmoid { alpha: 0.2, beta: 0.5 }, [0.0, 0.3, 0.45, 0.5, 0.6, 0.9, 1.0]),
            (Unary::Elu(1.0), [-0.950_212_9, -0.632_120_6, -0.221_199_2, 0.0, 0.5, 2.0, 7.0]),
            (Unary::Celu(2.0), [-1.553_739_7, -0.786_938_7, -0.235_006_2, 0.0, 0.5, 2.0, 7.0]),
            (Unary::Erf, [-0.999_977_9, -0.842_700_8, -0.276_326_4, 0.0, 0.520_499_9, 0.995_322_3, 1.0]),
            (Unary::Round, [-3.0, -1.0, 0.0, 0.0, 0.0, 2.0, 7.0]),
            (Unary::Softsign, [-0.75, -0.5, -0.2, 0.0, 0.333_333_3, 0.666_666_7, 0.875]),
            (Unary::Clip { low: -1.0, high: 6.0 }, [-1.0, -1.0, -0.25, 0.0, 0.5, 2.0, 6.0]),
        ];
        for (function, wanted) in wanted {
            let found = forward(&Op::Unary(function), &[&[7]], std::slice::from_ref(&x));
            for (found, wanted) in found.iter().zip(wanted) {
                assert!((found - wanted).abs() < 3e-6, "{function:?}: {found} is not {wanted}");
            }
        }
    }

    #[test]
    fn large_numbers_stay_numbers() {
        let x = vec![-100.0, 100.0];
        for (function, wanted) in [
            (Unary::Mish, [0.0, 100.0]),
            (Unary::Softplus, [0.0, 100.0]),
            (Unary::Silu, [0.0, 100.0]),
            (Unary::Gelu, [0.0, 100.0]),
            (Unary::GeluTanh, [0.0, 100.0]),
            (Unary::Sigmoid, [0.0, 1.0]),
        ] {
            let found = forward(&Op::Unary(function), &[&[2]], std::slice::from_ref(&x));
            assert!(
                found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 2e-5),
                "{function:?} {found:?}"
            );
        }
    }
}
