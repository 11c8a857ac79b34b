//! The Gaussian error linear unit: x · Φ(x), with Φ the normal distribution.
//!
//! Source: Hendrycks, Gimpel, 2016 (arXiv 1606.08415); the exact form, not its approximation by tanh.

use std::f32::consts::{FRAC_1_SQRT_2, PI};

use pulp::Simd;

use crate::nn::activation::mask_gradient;
use crate::nn::{
    feature_map::Map,
    kernels::{
        elementary::erf,
        exp::exp_all,
        simd::{self, Kernel},
    },
    tape::{Pass, Saved},
};

/// Values that are worked on together: with their slopes they stay in a core's first-level cache.
const STRIP: usize = 1024;

/// `values ← x · Φ(x)`; leaves the derivative on the pass.
pub(crate) fn gelu_forward(mut input: Map, pass: &mut Pass) -> Map {
    if pass.is_recording() {
        let mut slopes = pass.buffer(input.values.len());
        simd::run(GeluWithSlope { values: &mut input.values, slopes: &mut slopes });
        pass.save(Saved::Values(slopes));
    } else {
        simd::run(Gelu { values: &mut input.values });
    }
    input
}

/// `gradient · (Φ(x) + x · φ(x))`, with φ the normal density.
pub(crate) fn gelu_backward(mut gradient: Map, pass: &mut Pass) -> Map {
    let slopes = pass.take_values().unwrap_or_default();
    simd::run(Multiply { values: &mut gradient.values, by: &slopes });
    pass.give(slopes);
    mask_gradient(&mut gradient.values, pass);
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

struct GeluWithSlope<'a> {
    values: &'a mut [f32],
    slopes: &'a mut [f32],
}

impl Kernel for GeluWithSlope<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let height = 1.0 / (2.0 * PI).sqrt();
        for (values, slopes) in self.values.chunks_mut(STRIP).zip(self.slopes.chunks_mut(STRIP)) {
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
