//! Layer normalisation: every pixel's channels, with their mean taken away and their spread made 1.

use pulp::Simd;

use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    kernels::{
        elementary::{dot, sum},
        simd::{self, Kernel},
    },
    tape::{Saved, Tape},
};

/// `(x − mean) / √(variance + ε) · γ + β` over the channels of every pixel.
///
/// Source: Ba, Kiros, Hinton, *Layer Normalization*, 2016 (arXiv 1607.06450).
#[derive(Debug, Clone, PartialEq)]
pub struct LayerNorm {
    /// γ: `[channels]`.
    pub weight: Vec<f32>,
    /// β: `[channels]`.
    pub bias: Vec<f32>,
    /// ε.
    pub epsilon: f32,
}

impl LayerNorm {
    pub(crate) fn forward(&self, mut input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let FeatureMap { height, width, channels, .. } = input;
        let mut values = tape.pool.take(input.values.len());
        let mut scales = tape.pool.take(input.pixels());
        let normalise = Normalise { norm: self, rows: &mut input.values, scales: &mut scales, result: &mut values };
        simd::run(normalise);
        tape.push(Saved::Pair([input.values, scales]));
        FeatureMap { height, width, channels, values }
    }

    pub(crate) fn backward(&self, mut gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [rows, scales] = tape.pop_pair();
        simd::run(NormaliseGradient {
            weight: &self.weight,
            rows: &rows,
            scales: &scales,
            gradient: &mut gradient.values,
        });
        tape.pool.put(scales);
        tape.pool.put(rows);
        multiply_derivative(&mut gradient.values, tape);
        gradient
    }
}

struct Normalise<'a> {
    norm: &'a LayerNorm,
    /// Left normalised.
    rows: &'a mut [f32],
    /// Left as what every row was multiplied with.
    scales: &'a mut [f32],
    result: &'a mut [f32],
}

impl Kernel for Normalise<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let LayerNorm { weight, bias, epsilon } = self.norm;
        let channels = weight.len();
        let share = 1.0 / channels as f32;
        let rows = self.rows.chunks_exact_mut(channels).zip(self.result.chunks_exact_mut(channels));
        for ((row, result), scale) in rows.zip(self.scales) {
            let mean = sum(row) * share;
            for value in row.iter_mut() {
                *value -= mean;
            }
            *scale = 1.0 / (dot(row, row) * share + epsilon).sqrt();
            for (((value, result), weight), bias) in row.iter_mut().zip(result).zip(weight).zip(bias) {
                *value *= *scale;
                *result = *value * weight + bias;
            }
        }
    }
}

struct NormaliseGradient<'a> {
    weight: &'a [f32],
    rows: &'a [f32],
    scales: &'a [f32],
    gradient: &'a mut [f32],
}

impl Kernel for NormaliseGradient<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let channels = self.weight.len();
        let share = 1.0 / channels as f32;
        let rows = self.gradient.chunks_exact_mut(channels).zip(self.rows.chunks_exact(channels));
        for ((gradient, row), scale) in rows.zip(self.scales) {
            for (value, weight) in gradient.iter_mut().zip(self.weight) {
                *value *= weight;
            }
            let (mean, along) = (sum(gradient) * share, dot(gradient, row) * share);
            for (value, normal) in gradient.iter_mut().zip(row) {
                *value = (*value - mean - normal * along) * scale;
            }
        }
    }
}
