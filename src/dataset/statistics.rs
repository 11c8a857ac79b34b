//! What a mean over pictures is worth: intervals by the bootstrap, and tests of paired differences.

use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// How often pictures are drawn again: an end of a 95 % interval moves by a few hundredths of its width with more.
const RESAMPLES: usize = 2000;
/// The seed of those draws: a summary is the same whoever makes it.
const SEED: u64 = 0;
/// Up to so many differences without ties the distribution of the ranks' sum is counted out.
const MOST_EXACT: usize = 50;

/// A mean with a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// The mean of some numbers, with the interval from the 2.5th to the 97.5th percentile of the means of 2000 draws with
/// replacement (Efron, 1979); none of no numbers.
pub fn bootstrap_mean(values: &[f64]) -> Option<Interval> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut draw = || (0..count).map(|_| values[random.random_range(0..count)]).sum::<f64>() / count as f64;
    let mut means: Vec<f64> = (0..RESAMPLES).map(|_| draw()).collect();
    means.sort_unstable_by(f64::total_cmp);
    Some(Interval { mean, low: percentile(&means, 0.025), high: percentile(&means, 0.975) })
}

/// Linear between the two nearest of sorted numbers, as NumPy's default.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    (sorted[above] - sorted[below]).mul_add(place - place.floor(), sorted[below])
}

/// The two-sided p of Wilcoxon's signed-rank test (1945) that differences are as often above as below 0: how probable
/// ranks as one-sided as these are by chance.
///
/// Differences of 0 are left out. Up to 50 without ties are counted out; for others the sum of ranks is taken to be
/// normal, its variance corrected for ties: SciPy's `wilcoxon` with `exact` and `approx`. None where nothing differs.
pub fn wilcoxon(differences: &[f64]) -> Option<f64> {
    let mut sizes: Vec<(f64, bool)> =
        differences.iter().filter(|d| **d != 0.0 && d.is_finite()).map(|d| (d.abs(), *d > 0.0)).collect();
    sizes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let count = sizes.len();
    if count == 0 {
        return None;
    }
    let (mut above, mut ties) = (0.0, 0.0);
    let mut start = 0;
    for group in sizes.chunk_by(|a, b| a.0 == b.0) {
        let length = group.len() as f64;
        // Those of equal size share the mean of their ranks, which count from 1.
        let rank = start as f64 + (length + 1.0) / 2.0;
        above += rank * group.iter().filter(|(_, is_above)| *is_above).count() as f64;
        ties += length.powi(3) - length;
        start += group.len();
    }
    let n = count as f64;
    let all = n * (n + 1.0) / 2.0;
    if count <= MOST_EXACT && ties == 0.0 {
        return Some(exact(count, above.min(all - above) as usize));
    }
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    let z = (above - all / 2.0).abs() / variance.sqrt();
    Some(libm::erfc(z / std::f64::consts::SQRT_2))
}

/// Twice the share of the sign patterns of ranks 1 to `count` whose positive ranks add up to at most `sum`.
fn exact(count: usize, sum: usize) -> f64 {
    let most = count * (count + 1) / 2;
    // How many patterns have which sum, as a share of all of them.
    let mut shares = vec![0.0; most + 1];
    shares[0] = 1.0;
    for rank in 1..=count {
        for sum in (0..=most).rev() {
            let with = if sum >= rank { shares[sum - rank] } else { 0.0 };
            shares[sum] = (shares[sum] + with) / 2.0;
        }
    }
    (2.0 * shares[..=sum.min(most)].iter().sum::<f64>()).min(1.0)
}

/// Several p, each corrected for their number by Holm's procedure (1979): the chance that any of those below a
/// threshold is there by chance stays below it.
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|&a, &b| ps[a].total_cmp(&ps[b]));
    let mut corrected = vec![0.0; ps.len()];
    let mut least = 0.0_f64;
    for (place, index) in order.into_iter().enumerate() {
        least = least.max((ps.len() - place) as f64 * ps[index]).min(1.0);
        corrected[index] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.wilcoxon(d, method=…)` of SciPy 1.17.1.
    #[test]
    fn p_is_scipys() {
        let near = |differences: &[f64], expected: f64| {
            let p = wilcoxon(differences).unwrap();
            assert!((p / expected - 1.0).abs() < 1e-12, "{p} {expected}");
        };
        near(&[0.3, -0.1, 0.25, 0.4, 0.05, -0.02, 0.6], SEVEN);
        near(&[0.5, 0.5, -0.25, 1.0, 1.5, 0.0, -0.5, 2.0, 2.5, 0.75], TIES);
        let many: Vec<f64> = (1..=60).map(|k| f64::from(k) * if k % 3 == 0 { -0.01 } else { 0.01 }).collect();
        near(&many, MANY);
        near(&many[..50], FIFTY);
    }

    const SEVEN: f64 = 0.109_375;
    const TIES: f64 = 0.027_847_950_792_513_735;
    const MANY: f64 = 0.035_900_123_215_878_11;
    const FIFTY: f64 = 0.026_166_968_171_196_71;

    #[test]
    fn without_a_difference_nothing_is_said() {
        assert_eq!(wilcoxon(&[]), None);
        assert_eq!(wilcoxon(&[0.0, 0.0]), None);
        assert_eq!(wilcoxon(&[0.1]), Some(1.0), "one picture says nothing");
        assert_eq!(wilcoxon(&[f64::NAN, 0.1, 0.2]), wilcoxon(&[0.1, 0.2]));
    }

    /// `statsmodels.stats.multitest.multipletests(p, method="holm")`.
    #[test]
    fn holm_corrects_the_smallest_most_and_keeps_their_order() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (own, expected) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((own - expected).abs() < 1e-12, "{corrected:?}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    /// Of the mean of n numbers the interval is about ± 1.96 σ / √n wide.
    #[test]
    fn a_bootstraps_interval_is_that_of_the_mean() {
        let values: Vec<f64> = (0..400).map(|k| f64::from((k * 37) % 101) / 100.0).collect();
        let interval = bootstrap_mean(&values).unwrap();
        let deviation = (values.iter().map(|v| (v - interval.mean).powi(2)).sum::<f64>() / 400.0).sqrt();
        let expected = 1.96 * deviation / 20.0;
        for half in [interval.high - interval.mean, interval.mean - interval.low] {
            assert!((half / expected - 1.0).abs() < 0.1, "{half} {expected}");
        }
        assert_eq!(bootstrap_mean(&values), Some(interval), "the same again");
        let one = bootstrap_mean(&[0.25]).unwrap();
        assert_eq!((one.mean, one.low, one.high), (0.25, 0.25, 0.25));
        assert_eq!(bootstrap_mean(&[]), None);
    }
}
