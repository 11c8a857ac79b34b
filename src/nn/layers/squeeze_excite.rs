//! Squeeze-and-excite: every channel is scaled by a number that the means of all channels decide.
//!
//! Source: Hu, Shen, Sun, *Squeeze-and-Excitation Networks*, CVPR 2018 (arXiv 1709.01507).

use pulp::Simd;

use super::global_average::mean;
use crate::{
    feature_map::FeatureMap,
    kernels::{
        epilogue::Epilogue,
        simd::{self, Kernel},
    },
    layer::Layer,
    network::Network,
    tape::{Saved, Tape},
};

/// Values of the gradient that are worked on together, some 32 KiB: they stay in cache until they are finished.
const STRIP_VALUES: usize = 8 * 1024;

/// `x · gate(mean(x))`, the mean over pixels.
#[derive(Debug, Clone)]
pub struct SqueezeExcite<Body = Vec<Layer>> {
    /// From the means of the channels to their factors.
    pub(crate) gate: Body,
}

impl SqueezeExcite {
    /// Two convolutions with windows of one pixel, each with its activation: `reduce` to fewer channels, `expand` back.
    pub fn new(reduce: Layer, expand: Layer) -> Self {
        Self { gate: vec![reduce, expand] }
    }

    pub(crate) fn compile(self) -> SqueezeExcite<Network> {
        SqueezeExcite { gate: Network::compile(self.gate) }
    }
}

impl SqueezeExcite<Network> {
    pub(crate) fn described(&self) -> SqueezeExcite {
        SqueezeExcite { gate: self.gate.described() }
    }

    /// Leaves the input itself and the factors on the tape: what the gradient of a product needs.
    pub(crate) fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let factors = self.gate.forward(mean(&input, &mut tape.pool), tape);
        let mut values = tape.pool.take(input.values.len());
        simd::run(Scale { source: &input.values, factors: &factors.values, result: &mut values });
        let result = FeatureMap { values, ..input };
        tape.push(Saved::Pair([input.values, factors.values]));
        result
    }

    /// Two ways lead back from a result: through the product to its pixel, and through the factor to all pixels.
    pub(crate) fn backward(&self, mut gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [input, factors] = tape.pop_pair();
        let channels = gradient.channels;
        let mut sums = tape.pool.take(channels);
        sums.fill(0.0);
        simd::run(SumProducts { left: &gradient.values, right: &input, sums: &mut sums });
        tape.pool.put(input);
        let mut shares = self.gate.backward(FeatureMap { height: 1, width: 1, channels, values: sums }, tape);
        let share = 1.0 / gradient.pixels() as f32;
        shares.values.iter_mut().for_each(|value| *value *= share);

        let derivative = tape.take_derivative();
        let mut epilogue = Epilogue::backward(derivative.as_ref());
        let strip = (STRIP_VALUES / channels).max(1);
        for (index, values) in gradient.values.chunks_mut(strip * channels).enumerate() {
            let first = index * strip;
            simd::run(ScaleAdd { values, factors: &factors, shares: &shares.values });
            epilogue.apply(first..first + values.len() / channels, values);
        }
        tape.recycle_derivative(derivative);
        tape.pool.put(shares.values);
        tape.pool.put(factors);
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
