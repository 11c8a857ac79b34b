//! Normal noise from numbered streams: the same stream is the same noise again.

use std::sync::LazyLock;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Named, choice};
use crate::imaging::{Channels, Normalisation};

/// Equally probable values that stand for the normal distribution, the i-th for the probabilities from i to i + 1 of
/// so many: sixteen random bits are one, and looking it up costs less than computing it.
const LEVELS: usize = 1 << 16;

static QUANTILES: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let probability = |level: usize| (level as f64 + 0.5) / LEVELS as f64;
    (0..LEVELS).map(|level| quantile(probability(level)) as f32).collect()
});

/// What the strength of noise is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoiseUnit {
    /// Shares of white: the same for every network.
    #[default]
    White,
    /// The numbers of the network's input, as the papers' programs and records of earlier versions have it. The same
    /// number is more than twice as strong for a network whose normalisation divides by 0.5 as for one of ImageNet's.
    Input,
}

impl Named for NoiseUnit {
    const ALL: &'static [Self] = &[Self::White, Self::Input];

    fn name(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Input => "input",
        }
    }
}

choice!(NoiseUnit);

/// Normal noise for a network's input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noise {
    /// Standard deviations in the input's numbers, of each channel.
    stds: Channels,
    seed: u64,
}

impl Noise {
    /// Noise of a standard deviation in this unit.
    pub fn new(std: f64, unit: NoiseUnit, normalisation: Normalisation, seed: u64) -> Self {
        let stds = match unit {
            NoiseUnit::White => normalisation.std.map(|scale| (std / f64::from(scale)) as f32),
            NoiseUnit::Input => Channels::all(std as f32, normalisation.channels()),
        };
        Self { stds, seed }
    }

    /// Adds what a stream has to `planar`, `[channels, height, width]`.
    pub fn add(&self, planar: &mut [f32], stream: u64) {
        if self.stds.iter().all(|std| *std == 0.0) {
            return;
        }
        let pixels = (planar.len() / self.stds.len()).max(1);
        let quantiles = QUANTILES.as_slice();
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(stream);
        let mut bytes = [0; 1024];
        let at_once = bytes.len() / 2;
        for (number, values) in planar.chunks_mut(at_once).enumerate() {
            random.fill_bytes(&mut bytes);
            let mut bytes = bytes.chunks_exact(2);
            let mut place = number * at_once;
            // Of one colour at a time.
            let mut left = values;
            while !left.is_empty() {
                let channel = (place / pixels).min(self.stds.len() - 1);
                let run = left.len().min(((channel + 1) * pixels).saturating_sub(place).max(1));
                let (values, others) = left.split_at_mut(run);
                for (value, bytes) in values.iter_mut().zip(bytes.by_ref()) {
                    *value += self.stds[channel] * quantiles[usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))];
                }
                place += run;
                left = others;
            }
        }
    }
}

/// What a standard normal variable falls below with a probability from 1e-10 to 1 − 1e-10, to about seven digits.
///
/// Source: Wichura, *Algorithm AS 241: The Percentage Points of the Normal Distribution*, Applied Statistics 37, 1988,
/// PPND7.
fn quantile(probability: f64) -> f64 {
    let centred = probability - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        let above = ((59.109_374_720 * r + 159.291_132_02) * r + 50.434_271_938) * r + 3.387_132_717_9;
        let below = ((67.187_563_600 * r + 78.757_757_664) * r + 17.895_169_469) * r + 1.0;
        return centred * above / below;
    }
    let r = (-probability.min(1.0 - probability).ln()).sqrt() - 1.6;
    let above = ((0.170_238_211_03 * r + 1.306_728_481_6) * r + 2.756_815_390_0) * r + 1.423_437_277_7;
    let below = (0.120_211_329_75 * r + 0.737_001_642_50) * r + 1.0;
    (above / below).copysign(centred)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize, stream: u64) -> Vec<f32> {
        let mut values = vec![0.0; len];
        Noise { stds: [1.0; 3].into(), seed: 7 }.add(&mut values, stream);
        values
    }

    #[test]
    fn quantiles_are_the_tables() {
        for (probability, expected) in [
            (0.5, 0.0),
            (0.75, 0.674_489_750_2),
            (0.975, 1.959_963_984_5),
            (0.001, -3.090_232_306_2),
            (1e-6, -4.753_424_308_8),
        ] {
            assert!((quantile(probability) - expected).abs() < 1e-6, "{probability}: {}", quantile(probability));
        }
    }

    #[test]
    fn noise_has_the_moments_of_the_normal_distribution() {
        let values = noise(1 << 20, 1);
        let moment = |power: i32| values.iter().map(|v| f64::from(*v).powi(power)).sum::<f64>() / values.len() as f64;
        // Four standard deviations of each mean.
        for (power, expected, tolerance) in [(1, 0.0, 4e-3), (2, 1.0, 6e-3), (3, 0.0, 2e-2), (4, 3.0, 4e-2)] {
            assert!((moment(power) - expected).abs() < tolerance, "{power}: {}", moment(power));
        }
    }

    #[test]
    fn a_share_of_white_is_each_colours_own_number_and_another_unit_is_the_same_stream() {
        let normalisation = Normalisation::new([0.5; 3], [0.5, 0.25, 0.2]);
        let mut values = vec![0.0; 3 * 1000];
        Noise::new(0.05, NoiseUnit::White, normalisation, 7).add(&mut values, 5);
        let mut plain = vec![0.0; 3 * 1000];
        Noise::new(1.0, NoiseUnit::Input, normalisation, 7).add(&mut plain, 5);
        for (place, (value, plain)) in values.iter().zip(&plain).enumerate() {
            let std = [0.1, 0.2, 0.25][place / 1000];
            assert!((value - std * plain).abs() < 1e-6, "{place}");
        }
        assert_eq!(plain, noise(3 * 1000, 5));
    }

    #[test]
    fn a_stream_is_the_same_again_and_no_other() {
        assert_eq!(noise(1500, 3), noise(1500, 3));
        let (one, other) = (noise(10_000, 3), noise(10_000, 4));
        let covariance: f32 = one.iter().zip(&other).map(|(a, b)| a * b).sum::<f32>() / 10_000.0;
        assert!(covariance.abs() < 0.04, "{covariance}");
    }
}
