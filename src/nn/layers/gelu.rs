//! The Gaussian error linear unit: x · Φ(x), with Φ the normal distribution.
//!
//! Source: Hendrycks, Gimpel, 2016 (arXiv 1606.08415); the exact form, not its approximation by tanh.

use std::f32::consts::{FRAC_1_SQRT_2, PI};

use pulp::Simd;

use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    kernels::{
        elementary::erf,
        exp::exp_all,
        simd::{self, Kernel},
    },
    tape::{Saved, Tape},
};

/// Values that are worked on together: with their derivatives they stay in a core's first-level cache.
const STRIP: usize = 1024;

/// `values ← x · Φ(x)`; leaves the derivative on the tape.
pub(crate) fn gelu_forward(mut input: FeatureMap, tape: &mut Tape) -> FeatureMap {
    if tape.is_recording() {
        let mut derivative = tape.pool.take(input.values.len());
        simd::run(GeluWithDerivative { values: &mut input.values, derivative: &mut derivative });
        tape.push(Saved::Values(derivative));
    } else {
        simd::run(Gelu { values: &mut input.values });
    }
    input
}

/// `gradient · (Φ(x) + x · φ(x))`, with φ the normal density.
pub(crate) fn gelu_backward(mut gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
    let derivative = tape.pop_values();
    simd::run(Multiply { values: &mut gradient.values, by: &derivative });
    tape.pool.put(derivative);
    multiply_derivative(&mut gradient.values, tape);
    gradient
}

#[inline(always)]
fn distribution(x: f32) -> f32 {
    0.5 + 0.5 * erf(x * FRAC_1_SQRT_2)
}

struct Gelu<'a> {
    values: &'a mut [f32],
}

impl Kernel for Gelu<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for value in self.values {
            *value *= distribution(*value);
        }
    }
}

struct GeluWithDerivative<'a> {
    values: &'a mut [f32],
    derivative: &'a mut [f32],
}

impl Kernel for GeluWithDerivative<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let height = 1.0 / (2.0 * PI).sqrt();
        for (values, slopes) in self.values.chunks_mut(STRIP).zip(self.derivative.chunks_mut(STRIP)) {
            for (x, power) in values.iter().zip(slopes.iter_mut()) {
                *power = -0.5 * x * x;
            }
            exp_all(simd, slopes);
            for (value, slope) in values.iter_mut().zip(slopes) {
                let (x, below) = (*value, distribution(*value));
                *slope = below + x * height * *slope;
                *value = x * below;
            }
        }
    }
}

struct Multiply<'a> {
    values: &'a mut [f32],
    by: &'a [f32],
}

impl Kernel for Multiply<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (value, by) in self.values.iter_mut().zip(self.by) {
            *value *= by;
        }
    }
}
