//! Squeeze-and-excite: every channel is scaled by a number that the means of all channels decide.
//!
//! Source: Hu, Shen, Sun, *Squeeze-and-Excitation Networks*, CVPR 2018 (arXiv 1709.01507).

use pulp::Simd;

use super::max_pool as pool;
use crate::nn::activation::Finish;
use crate::nn::{
    feature_map::Map,
    kernels::simd::{self, Kernel},
    layer::{Layer, backward, forward},
    tape::{Pass, Saved},
};

/// Values of the gradient that are worked on together, some 32 KiB: they stay in cache until they are finished.
const STRIP_VALUES: usize = 8 * 1024;

/// `x · gate(mean(x))`, the mean over pixels.
#[derive(Debug, Clone)]
pub struct SqueezeExcite {
    /// From the means of the channels to their factors.
    pub(crate) gate: Vec<Layer>,
}

impl SqueezeExcite {
    /// Two convolutions with windows of one pixel, each with its activation: `reduce` to fewer channels, `expand` back.
    pub fn new(reduce: Layer, expand: Layer) -> Self {
        Self { gate: vec![reduce, expand] }
    }

    /// Leaves the input itself and the factors on the pass: what the gradient of a product needs.
    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let mean = pool::mean(&input, pass);
        pass.save(Saved::Fence);
        let factors = forward(&self.gate, mean, pass);
        let mut values = pass.buffer(input.values.len());
        simd::run(Scale { source: &input.values, factors: &factors.values, result: &mut values });
        let result = Map { values, ..input };
        for values in [input.values, factors.values] {
            if pass.is_recording() {
                pass.save(Saved::Values(values));
            } else {
                pass.give(values);
            }
        }
        result
    }

    /// Two ways lead back from a result: through the product to its pixel, and through the factor to all pixels.
    pub(crate) fn backward(&self, mut gradient: Map, pass: &mut Pass) -> Map {
        let factors = pass.take_values().unwrap_or_default();
        let input = pass.take_values().unwrap_or_default();
        let channels = gradient.channels;
        let mut sums = pass.buffer(channels);
        sums.fill(0.0);
        simd::run(SumProducts { left: &gradient.values, right: &input, sums: &mut sums });
        pass.give(input);
        let mut shares = backward(&self.gate, Map { height: 1, width: 1, channels, values: sums }, pass);
        pass.take_fence();
        let share = 1.0 / gradient.pixels() as f32;
        shares.values.iter_mut().for_each(|value| *value *= share);

        let slopes = pass.take_slopes();
        let mut finish = Finish::slopes(slopes.as_ref());
        let strip = (STRIP_VALUES / channels).max(1);
        for (index, values) in gradient.values.chunks_mut(strip * channels).enumerate() {
            let first = index * strip;
            simd::run(ScaleAdd { values, factors: &factors, shares: &shares.values });
            finish.apply_to(first..first + values.len() / channels, values);
        }
        pass.give_slopes(slopes);
        pass.give(shares.values);
        pass.give(factors);
        gradient
    }
}

/// `result ← source · factors`, pixel by pixel.
struct Scale<'a> {
    source: &'a [f32],
    factors: &'a [f32],
    result: &'a mut [f32],
}

impl Kernel for Scale<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let channels = self.factors.len();
        for (result, source) in self.result.chunks_exact_mut(channels).zip(self.source.chunks_exact(channels)) {
            for ((result, value), factor) in result.iter_mut().zip(source).zip(self.factors) {
                *result = value * factor;
            }
        }
    }
}

/// `sums += left · right`, summed over pixels.
struct SumProducts<'a> {
    left: &'a [f32],
    right: &'a [f32],
    sums: &'a mut [f32],
}

impl Kernel for SumProducts<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let channels = self.sums.len();
        for (left, right) in self.left.chunks_exact(channels).zip(self.right.chunks_exact(channels)) {
            for ((sum, left), right) in self.sums.iter_mut().zip(left).zip(right) {
                *sum += left * right;
            }
        }
    }
}

/// `values ← values · factors + shares`, pixel by pixel.
struct ScaleAdd<'a> {
    values: &'a mut [f32],
    factors: &'a [f32],
    shares: &'a [f32],
}

impl Kernel for ScaleAdd<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for pixel in self.values.chunks_exact_mut(self.factors.len()) {
            for ((value, factor), share) in pixel.iter_mut().zip(self.factors).zip(self.shares) {
                *value = *value * factor + share;
            }
        }
    }
}
