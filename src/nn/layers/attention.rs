//! Self-attention: every token gathers from all, head by head.
//!
//! Source: Vaswani et al., *Attention Is All You Need*, NeurIPS 2017 (arXiv 1706.03762), as in Dosovitskiy et al. 2021.

use pulp::Simd;

use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    kernels::{
        elementary::{dot, largest, sum},
        exp::exp_all,
        simd::{self, Kernel},
        strided_gemm::{Strided, StridedMut, multiply},
    },
    tape::{AttentionSeen, Saved, Tape},
};

/// `softmax(q · kᵀ / √d) · v` for every head; the projections before and after it are convolutions of one pixel.
///
/// Tokens are the pixels of a map, each with its query, key and value one after the other, every one of them head by
/// head: `[h, w, 3 · channels]` → `[h, w, channels]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    /// Heads; the number of channels is a multiple of it.
    pub heads: usize,
}

/// Which third of a token's values.
#[derive(Clone, Copy)]
enum Part {
    Query,
    Key,
    Value,
}

impl Attention {
    pub(crate) fn forward(self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let (tokens, channels) = (input.pixels(), input.channels / 3);
        let mut values = tape.pool.take(tokens * channels);
        let FeatureMap { height, width, .. } = input;
        // Where nothing is saved, the heads take turns on one matrix.
        let kept = if tape.is_recording() { self.heads } else { 1 };
        let mut shares = tape.pool.take(kept * tokens * tokens);
        for head in 0..self.heads {
            let start = if kept == 1 { 0 } else { head * tokens * tokens };
            let shares = &mut shares[start..start + tokens * tokens];
            let [query, key, value] =
                [Part::Query, Part::Key, Part::Value].map(|part| self.part(&input.values, channels, head, part));
            multiply(&mut StridedMut::rows(shares, tokens), query, key.transposed(), self.scale(channels));
            simd::run(Softmax { rows: shares, len: tokens });
            let mut gathered = self.head_mut(&mut values, channels, head);
            multiply(&mut gathered, Strided::rows(shares, tokens), value, 1.0);
        }
        tape.push(Saved::Pair([input.values, shares]));
        FeatureMap { height, width, channels, values }
    }

    pub(crate) fn backward(self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let FeatureMap { height, width, channels, .. } = gradient;
        let tokens = gradient.pixels();
        let [input, shares] = tape.pop_pair();
        let mut values = tape.pool.take(3 * tokens * channels);
        let mut slopes = tape.pool.take(tokens * tokens);
        let scale = self.scale(channels);
        let mut gradients = Vec::new();
        for head in 0..self.heads {
            let shares = &shares[head * tokens * tokens..(head + 1) * tokens * tokens];
            let part = |part| self.part(&input, channels, head, part);
            let upstream = self.head(&gradient.values, channels, head);
            let weights = Strided::rows(shares, tokens);
            multiply(&mut self.part_mut(&mut values, channels, head, Part::Value), weights.transposed(), upstream, 1.0);
            multiply(&mut StridedMut::rows(&mut slopes, tokens), upstream, part(Part::Value).transposed(), 1.0);
            if tape.watched.is_some() {
                gradients.extend_from_slice(&slopes);
            }
            simd::run(SoftmaxGradient { gradient: &mut slopes, shares, len: tokens });
            let slopes = Strided::rows(&slopes, tokens);
            multiply(&mut self.part_mut(&mut values, channels, head, Part::Query), slopes, part(Part::Key), scale);
            let mut keys = self.part_mut(&mut values, channels, head, Part::Key);
            multiply(&mut keys, slopes.transposed(), part(Part::Query), scale);
        }
        if let Some(watched) = &mut tape.watched {
            watched.push(AttentionSeen { heads: self.heads, tokens, shares: shares.to_vec(), gradient: gradients });
        }
        multiply_derivative(&mut values, tape);
        for buffer in [shares, input, slopes, gradient.values] {
            tape.pool.put(buffer);
        }
        FeatureMap { height, width, channels: 3 * channels, values }
    }

    fn scale(self, channels: usize) -> f32 {
        1.0 / ((channels / self.heads) as f32).sqrt()
    }

    /// One head's queries, keys or values, `[tokens, channels / heads]`.
    fn part(self, values: &[f32], channels: usize, head: usize, part: Part) -> Strided<'_> {
        let width = channels / self.heads;
        Strided::columns(values, 3 * channels, part as usize * channels + head * width, width)
    }

    fn part_mut(self, values: &mut [f32], channels: usize, head: usize, part: Part) -> StridedMut<'_> {
        let width = channels / self.heads;
        StridedMut::columns(values, 3 * channels, part as usize * channels + head * width, width)
    }

    /// One head's share of what attention results in, `[tokens, channels / heads]`.
    fn head(self, values: &[f32], channels: usize, head: usize) -> Strided<'_> {
        let width = channels / self.heads;
        Strided::columns(values, channels, head * width, width)
    }

    fn head_mut(self, values: &mut [f32], channels: usize, head: usize) -> StridedMut<'_> {
        let width = channels / self.heads;
        StridedMut::columns(values, channels, head * width, width)
    }
}

/// Every row ← its softmax.
struct Softmax<'a> {
    rows: &'a mut [f32],
    len: usize,
}

impl Kernel for Softmax<'_> {
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

/// Every row of a gradient with respect to shares ← that with respect to what their softmax was taken of.
struct SoftmaxGradient<'a> {
    gradient: &'a mut [f32],
    shares: &'a [f32],
    len: usize,
}

impl Kernel for SoftmaxGradient<'_> {
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
