//! Normal noise from numbered streams: the same stream is the same noise again.

use std::sync::LazyLock;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Equally probable values that stand for the normal distribution, the i-th for the probabilities from i to i + 1 of
/// so many: sixteen random bits are one, and looking it up costs less than computing it.
const LEVELS: usize = 1 << 16;

static QUANTILES: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let probability = |level: usize| (level as f64 + 0.5) / LEVELS as f64;
    (0..LEVELS).map(|level| quantile(probability(level)) as f32).collect()
});

/// Adds noise of mean 0 and standard deviation `std` to every value.
pub(crate) fn add_noise(values: &mut [f32], std: f32, seed: u64, stream: u64) {
    let quantiles = QUANTILES.as_slice();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    let mut bytes = [0; 1024];
    for values in values.chunks_mut(bytes.len() / 2) {
        random.fill_bytes(&mut bytes);
        for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(2)) {
            *value += std * quantiles[usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))];
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
        add_noise(&mut values, 1.0, 7, stream);
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
    fn a_stream_is_the_same_again_and_no_other() {
        assert_eq!(noise(1500, 3), noise(1500, 3));
        let (one, other) = (noise(10_000, 3), noise(10_000, 4));
        let covariance: f32 = one.iter().zip(&other).map(|(a, b)| a * b).sum::<f32>() / 10_000.0;
        assert!(covariance.abs() < 0.04, "{covariance}");
    }
}
