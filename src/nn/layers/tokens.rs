//! A transformer's ends: patches become tokens with a place, and tokens become one.
//!
//! Source: Dosovitskiy et al., *An Image is Worth 16×16 Words*, ICLR 2021 (arXiv 2010.11929). Tokens are the pixels of a
//! map one pixel high: those that stand for no patch (class and register tokens) first, then the patches row by row.

use std::borrow::Cow;

use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    tape::{Saved, Tape},
};

/// `[h, w, channels]` → `[1, first + h · w, channels]`: every patch with the embedding of its place added, after the
/// tokens that stand for no patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// `[first, channels]`: class and register tokens, with the embeddings of their places added if they have any.
    pub(crate) first: Vec<f32>,
    /// `[side, side, channels]`.
    pub(crate) positions: Vec<f32>,
    /// Rows and columns of patches that there are embeddings for.
    side: usize,
    pub(crate) channels: usize,
}

impl Tokens {
    /// `first` is `[n, channels]`, `positions` is `[side, side, channels]`. For another number of patches the embeddings
    /// are resampled, bicubically.
    pub fn new(first: Vec<f32>, positions: Vec<f32>, channels: usize) -> Self {
        assert!(first.len().is_multiple_of(channels) && positions.len().is_multiple_of(channels), "[…, channels]");
        let side = (positions.len() / channels).isqrt();
        assert_eq!(side * side * channels, positions.len(), "positions are a square");
        Self { first, positions, side, channels }
    }

    /// The embeddings of `height × width` places, `[height, width, channels]`.
    pub(crate) fn positions(&self, height: usize, width: usize) -> Cow<'_, [f32]> {
        if (height, width) == (self.side, self.side) {
            return Cow::Borrowed(&self.positions);
        }
        let (side, channels) = (self.side, self.channels);
        let columns = resample(side, width);
        let mut narrow = vec![0.0; side * width * channels];
        for (row, result) in self.positions.chunks_exact(side * channels).zip(narrow.chunks_exact_mut(width * channels))
        {
            for (taps, result) in columns.iter().zip(result.chunks_exact_mut(channels)) {
                add_up(taps, row, channels, result);
            }
        }
        let mut result = vec![0.0; height * width * channels];
        for (taps, result) in resample(side, height).iter().zip(result.chunks_exact_mut(width * channels)) {
            add_up(taps, &narrow, width * channels, result);
        }
        Cow::Owned(result)
    }

    pub(crate) fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let FeatureMap { height, width, channels, .. } = input;
        let tokens = self.first.len() / channels + height * width;
        let mut values = tape.pool.take(tokens * channels);
        let (first, patches) = values.split_at_mut(self.first.len());
        first.copy_from_slice(&self.first);
        let positions = self.positions(height, width);
        for ((patch, value), position) in patches.iter_mut().zip(input.values.iter()).zip(positions.iter()) {
            *patch = value + position;
        }
        tape.push(Saved::Shape([height, width, channels]));
        tape.pool.put(input.values);
        FeatureMap { height: 1, width: tokens, channels, values }
    }

    pub(crate) fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        let mut values = tape.pool.take(height * width * channels);
        values.copy_from_slice(&gradient.values[self.first.len()..]);
        multiply_derivative(&mut values, tape);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }
}

/// Sources and their weights.
type Taps = [(usize, f32); 4];

/// What each of `to` values is made of, of `from`: cubic convolution with a = −0.75 and half-pixel centres, the edge
/// repeated, as PyTorch interpolates.
fn resample(from: usize, to: usize) -> Vec<Taps> {
    const A: f32 = -0.75;
    let near = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f32| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    (0..to)
        .map(|place| {
            let source = (place as f32 + 0.5) * from as f32 / to as f32 - 0.5;
            let (whole, part) = (source.floor(), source - source.floor());
            let weights = [far(part + 1.0), near(part), near(1.0 - part), far(2.0 - part)];
            std::array::from_fn(|tap| {
                let index = whole as isize + tap as isize - 1;
                (index.clamp(0, from as isize - 1) as usize, weights[tap])
            })
        })
        .collect()
}

/// `result ← result + Σ weight · row`, for rows of `len` values.
fn add_up(taps: &Taps, rows: &[f32], len: usize, result: &mut [f32]) {
    for (index, weight) in taps {
        for (sum, value) in result.iter_mut().zip(&rows[index * len..(index + 1) * len]) {
            *sum += weight * value;
        }
    }
}

/// Which token, or tokens, a classifier reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPool {
    /// The first: `[1, n, channels]` → `[1, 1, channels]`.
    Class,
    /// The first, and the mean of those from `patches` on: `[1, n, channels]` → `[1, 1, 2 · channels]`.
    ClassAndMean {
        /// Number of the first token that stands for a patch.
        patches: usize,
    },
}

impl TokenPool {
    pub(crate) fn forward(self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let FeatureMap { height, width, channels, .. } = input;
        let mut values = tape.pool.take(self.outputs(channels));
        values[..channels].copy_from_slice(&input.values[..channels]);
        if let Self::ClassAndMean { patches } = self {
            let mean = &mut values[channels..];
            mean.fill(0.0);
            let share = 1.0 / (input.values.len() / channels - patches) as f32;
            for token in input.values.chunks_exact(channels).skip(patches) {
                for (sum, value) in mean.iter_mut().zip(token) {
                    *sum += value * share;
                }
            }
        }
        tape.push(Saved::Shape([height, width, channels]));
        tape.pool.put(input.values);
        FeatureMap { height: 1, width: 1, channels: self.outputs(channels), values }
    }

    pub(crate) fn backward(self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let [height, width, channels] = tape.pop_shape();
        let mut values = tape.pool.take(height * width * channels);
        values.fill(0.0);
        values[..channels].copy_from_slice(&gradient.values[..channels]);
        if let Self::ClassAndMean { patches } = self {
            let share = 1.0 / (height * width - patches) as f32;
            for token in values.chunks_exact_mut(channels).skip(patches) {
                for (value, gradient) in token.iter_mut().zip(&gradient.values[channels..]) {
                    *value += gradient * share;
                }
            }
        }
        multiply_derivative(&mut values, tape);
        tape.pool.put(gradient.values);
        FeatureMap { height, width, channels, values }
    }

    fn outputs(self, channels: usize) -> usize {
        match self {
            Self::Class => channels,
            Self::ClassAndMean { .. } => 2 * channels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `torch.nn.functional.interpolate(x, size=(3, 4), mode="bicubic")` of the squares of 0 to 3, row after row.
    #[test]
    fn positions_are_resampled_as_in_pytorch() {
        let tokens = Tokens::new(Vec::new(), vec![0.0, 1.0, 4.0, 9.0], 1);
        let expected = PYTORCH;
        for (found, expected) in tokens.positions(3, 4).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
        assert_eq!(*tokens.positions(2, 2), [0.0, 1.0, 4.0, 9.0]);
    }

    const PYTORCH: [f32; 12] = [
        -0.41607, -0.199327, 0.157661, 0.374403, 1.683594, 2.679688, 4.320312, 5.316406, 3.783257, 5.558702, 8.482964,
        10.258408,
    ];
}
