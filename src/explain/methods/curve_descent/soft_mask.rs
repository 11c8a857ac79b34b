//! The masks of the path: at t, an order's most important share t of the picture is gone, with soft edges.

use crate::Mask;

/// The farthest that the mean of a mask may be from 1 − t.
const TOLERANCE: f64 = 1e-12;

/// Steps that are enough to find b_t by halving alone.
const MOST_STEPS: usize = 100;

/// Points of the path that the map is a mean of.
const MAP_POINTS: usize = 24;

/// K_t = σ((b_t − s)/τ), with b_t such that the mean of K_t is 1 − t. For an order that is 0 everywhere it is 1 − t
/// everywhere, the straight path of integrated gradients; for one whose differences are large beside τ it is the mask
/// of the curves, 0 where the order is highest and 1 elsewhere.
pub(super) struct SoftMask {
    /// K_t: what is left of each cell, in `[0, 1]`.
    pub kept: Vec<f32>,
    /// K_t(1 − K_t)/τ: how much each cell's share of what is left depends on its place in the order.
    slopes: Vec<f64>,
}

impl SoftMask {
    /// The mask at t in (0, 1) of an order `s`, at a temperature τ > 0.
    pub fn at(order: &[f64], t: f64, temperature: f64) -> Self {
        let threshold = threshold(order, t, temperature);
        let kept = order.iter().map(|s| sigmoid((threshold - s) / temperature));
        let kept: Vec<f64> = kept.collect();
        let slopes = kept.iter().map(|k| k * (1.0 - k) / temperature).collect();
        Self { kept: kept.into_iter().map(|k| k as f32).collect(), slopes }
    }

    /// Adds `weight` times the gradient by the order of a number whose gradient by the mask is `by_mask`: a value a
    /// cell. A cell that comes earlier lowers its own share of what is left, and raises all others', as the mean stays:
    /// q_j·(⟨g⟩_q − g_j).
    pub fn add_order_gradient(&self, by_mask: &[f64], weight: f64, sum: &mut [f64]) {
        let whole: f64 = self.slopes.iter().sum();
        if whole <= 0.0 {
            return;
        }
        let mean = self.slopes.iter().zip(by_mask).map(|(q, g)| q * g).sum::<f64>() / whole;
        for ((sum, q), g) in sum.iter_mut().zip(&self.slopes).zip(by_mask) {
            *sum += weight * q * (mean - g);
        }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// b_t, by Newton's steps, and by halving where those lead out of what is left.
fn threshold(order: &[f64], t: f64, temperature: f64) -> f64 {
    let (low, high) =
        order.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &s| (low.min(s), high.max(s)));
    // Where every cell had the lowest or the highest place, the mean would be 1 − t here.
    let straight = temperature * ((1.0 - t) / t).ln();
    let (mut low, mut high) = (low + straight, high + straight);
    let mut threshold = low + (high - low) * (1.0 - t);
    for _ in 0..MOST_STEPS {
        let (mut mean, mut slope) = (0.0, 0.0);
        for s in order {
            let kept = sigmoid((threshold - s) / temperature);
            mean += kept;
            slope += kept * (1.0 - kept);
        }
        let count = order.len() as f64;
        let error = mean / count - (1.0 - t);
        if error.abs() < TOLERANCE {
            break;
        }
        if error > 0.0 {
            high = threshold;
        } else {
            low = threshold;
        }
        let step = threshold - error * temperature * count / slope;
        threshold = if step > low && step < high { step } else { low + (high - low) / 2.0 };
    }
    threshold
}

/// What is left of each cell, the mean over the path: a half for no order, and 1 less a cell's rank for a sharp one.
/// Its scale is absolute.
pub(super) fn mean_mask(order: &[f64], size: usize, temperature: f64) -> Mask {
    let mut sums = vec![0.0_f32; order.len()];
    for point in 0..MAP_POINTS {
        let mask = SoftMask::at(order, (point as f64 + 0.5) / MAP_POINTS as f64, temperature);
        for (sum, kept) in sums.iter_mut().zip(&mask.kept) {
            *sum += kept;
        }
    }
    Mask { size, values: sums.into_iter().map(|sum| (sum / MAP_POINTS as f32).clamp(0.0, 1.0)).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_has_deleted_just_its_share_whatever_the_order(
            order in prop::collection::vec(-50.0_f64..50.0, 1..40), t in 0.001_f64..0.999, temperature in 0.05_f64..4.0,
        ) {
            let mask = SoftMask::at(&order, t, temperature);
            let mean = mask.kept.iter().map(|k| f64::from(*k)).sum::<f64>() / order.len() as f64;
            prop_assert!((mean - (1.0 - t)).abs() < 1e-6, "{mean} at {t}");
            for (one, kept) in order.iter().zip(&mask.kept) {
                for (other, others) in order.iter().zip(&mask.kept) {
                    prop_assert!(one <= other || kept <= others, "what comes earlier is gone earlier");
                }
            }
        }

        #[test]
        fn the_gradient_by_the_order_is_the_slope(
            order in prop::collection::vec(-2.0_f64..2.0, 9), weights in prop::collection::vec(-1.0_f64..1.0, 9),
            t in 0.1_f64..0.9,
        ) {
            let value = |order: &[f64]| {
                let threshold = threshold(order, t, 0.7);
                order.iter().zip(&weights).map(|(s, w)| w * sigmoid((threshold - s) / 0.7)).sum::<f64>()
            };
            let mut gradient = vec![0.0; 9];
            SoftMask::at(&order, t, 0.7).add_order_gradient(&weights, 1.0, &mut gradient);
            for (cell, expected) in gradient.iter().enumerate() {
                let moved = |by: f64| {
                    let mut moved = order.clone();
                    moved[cell] += by;
                    moved
                };
                let slope = (value(&moved(1e-4)) - value(&moved(-1e-4))) / 2e-4;
                prop_assert!((slope - expected).abs() < 1e-5, "{slope} is not {expected}");
            }
            prop_assert!(gradient.iter().sum::<f64>().abs() < 1e-9, "all cells together change nothing");
        }
    }

    #[test]
    fn no_order_is_the_straight_path_and_a_sharp_one_the_mask_of_the_curves() {
        let straight = SoftMask::at(&[0.0; 16], 0.3, 1.0);
        assert!(straight.kept.iter().all(|k| (k - 0.7).abs() < 1e-6));
        let sharp = SoftMask::at(&[100.0, 300.0, 0.0, 200.0], 0.5, 1.0);
        for (kept, expected) in sharp.kept.iter().zip([1.0, 0.0, 1.0, 0.0]) {
            assert!((kept - expected).abs() < 1e-6, "{:?}", sharp.kept);
        }
    }

    #[test]
    fn the_map_is_a_half_at_the_start_and_a_rank_at_the_end() {
        assert!(mean_mask(&[0.0; 9], 3, 1.0).values.iter().all(|value| (value - 0.5).abs() < 1e-6));
        let ranks = mean_mask(&[0.0, 300.0, 100.0, 200.0], 2, 1.0).values;
        // Of four cells the first is gone from a quarter on, less half of it.
        for (value, expected) in ranks.iter().zip([0.875, 0.125, 0.625, 0.375]) {
            assert!((value - expected).abs() < 0.02, "{ranks:?}");
        }
    }
}
