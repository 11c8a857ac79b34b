//! Smooth activations: those whose derivative may be any number, a vector register at a time.

use pulp::Simd;

use super::{exp::exp, simd::Kernel};

/// A function of one value.
pub(crate) trait SmoothActivation: Copy {
    /// The function's value at `x`, and its derivative there.
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s);
}

/// 1 / (1 + e⁻ˣ).
#[derive(Clone, Copy)]
pub(crate) struct Sigmoid;

/// x / (1 + e⁻ˣ).
#[derive(Clone, Copy)]
pub(crate) struct Silu;

/// min(max(x + 3, 0), 6) / 6.
#[derive(Clone, Copy)]
pub(crate) struct HardSigmoid;

/// x · min(max(x + 3, 0), 6) / 6.
#[derive(Clone, Copy)]
pub(crate) struct HardSwish;

/// The sigmoid, and what it lacks to 1: not as their difference, which would lose nearly all digits where it is flat.
#[inline(always)]
fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    let one = simd.splat_f32s(1.0);
    let power = exp(simd, simd.neg_f32s(x));
    let share = simd.div_f32s(one, simd.add_f32s(one, power));
    (share, simd.mul_f32s(share, power))
}

/// min(max(x + 3, 0), 6) / 6. Like PyTorch's: next to −3 nothing is lost.
#[inline(always)]
fn hard_sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let of = |value: f32| simd.splat_f32s(value);
    let clamped = simd.min_f32s(simd.max_f32s(simd.add_f32s(x, of(3.0)), of(0.0)), of(6.0));
    simd.mul_f32s(clamped, of(1.0 / 6.0))
}

/// `inside` where the hard sigmoid rises, else 0 or `above`.
#[inline(always)]
fn hard_derivative<S: Simd>(simd: S, x: S::f32s, inside: S::f32s, above: f32) -> S::f32s {
    let of = |value: f32| simd.splat_f32s(value);
    let below = simd.select_f32s(simd.less_than_f32s(of(-3.0), x), inside, of(0.0));
    simd.select_f32s(simd.less_than_f32s(x, of(3.0)), below, of(above))
}

impl SmoothActivation for Sigmoid {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let (value, rest) = sigmoid(simd, x);
        (value, simd.mul_f32s(value, rest))
    }
}

impl SmoothActivation for Silu {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let (share, rest) = sigmoid(simd, x);
        let value = simd.mul_f32s(x, share);
        (value, simd.mul_add_e_f32s(value, rest, share))
    }
}

impl SmoothActivation for HardSigmoid {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        (hard_sigmoid(simd, x), hard_derivative(simd, x, simd.splat_f32s(1.0 / 6.0), 0.0))
    }
}

impl SmoothActivation for HardSwish {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let inside = simd.mul_add_e_f32s(x, simd.splat_f32s(1.0 / 3.0), simd.splat_f32s(0.5));
        (simd.mul_f32s(x, hard_sigmoid(simd, x)), hard_derivative(simd, x, inside, 1.0))
    }
}

/// `value ← activation(value + bias)`, in rows of as many values as there are biases; notes the derivative.
pub(crate) struct ApplySmooth<'a, A> {
    pub activation: A,
    pub values: &'a mut [f32],
    pub bias: &'a [f32],
    pub derivative: Option<&'a mut [f32]>,
}

impl<A: SmoothActivation> Kernel for ApplySmooth<'_, A> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { activation, values, bias, derivative } = self;
        let (biases, last_biases) = S::as_simd_f32s(bias);
        let rows = values.chunks_exact_mut(bias.len());
        match derivative {
            Some(derivative) => {
                for (row, slopes) in rows.zip(derivative.chunks_exact_mut(bias.len())) {
                    let (row, last) = S::as_mut_simd_f32s(row);
                    let (slopes, last_slopes) = S::as_mut_simd_f32s(slopes);
                    for ((value, bias), slope) in row.iter_mut().zip(biases).zip(slopes) {
                        (*value, *slope) = activation.at(simd, simd.add_f32s(*value, *bias));
                    }
                    if !last.is_empty() {
                        let sum = simd.add_f32s(simd.partial_load_f32s(last), simd.partial_load_f32s(last_biases));
                        let (value, slope) = activation.at(simd, sum);
                        simd.partial_store_f32s(last, value);
                        simd.partial_store_f32s(last_slopes, slope);
                    }
                }
            }
            None => {
                for row in rows {
                    let (row, last) = S::as_mut_simd_f32s(row);
                    for (value, bias) in row.iter_mut().zip(biases) {
                        (*value, _) = activation.at(simd, simd.add_f32s(*value, *bias));
                    }
                    if !last.is_empty() {
                        let sum = simd.add_f32s(simd.partial_load_f32s(last), simd.partial_load_f32s(last_biases));
                        simd.partial_store_f32s(last, activation.at(simd, sum).0);
                    }
                }
            }
        }
    }
}
