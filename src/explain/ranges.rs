//! The range of every parameter: what is checked, and what can be entered.

use std::ops::RangeInclusive;

/// λ₁ and λ₂. Above the upper end either term alone outweighs any score ten thousand times.
pub const WEIGHT: RangeInclusive<f64> = 0.0..=1e4;
/// S, samples of I-GOS's path, and the points of it that a search compares steps on.
pub const INTEGRATION_STEPS: RangeInclusive<usize> = 1..=200;
/// K, iterations of I-GOS.
pub const ITERATIONS: RangeInclusive<usize> = 1..=1000;
/// α_u and α_l, step sizes.
pub const STEP: RangeInclusive<f64> = 1e-8..=1e6;
/// β, share of the promised decrease.
pub const ARMIJO: RangeInclusive<f64> = 0.0..=1.0;
/// η, factor from one trial to the next: nearer to 1 a search never ends, nearer to 0 it skips every useful step.
pub const STEP_DECAY: RangeInclusive<f64> = 0.05..=0.95;
/// Standard deviation of the noise, in normalised input space, where a picture spans about −2 to 2.
pub const NOISE_STD: RangeInclusive<f64> = 0.0..=2.0;
/// Mean change of a mask's cell below which a run ends early.
pub const CONVERGENCE_TOLERANCE: RangeInclusive<f64> = 0.0..=0.1;
/// Samples of the straight path of integrated gradients.
pub const STRAIGHT_PATH_STEPS: RangeInclusive<usize> = 1..=1000;
/// Steps of deletion and insertion.
pub const CURVE_STEPS: RangeInclusive<usize> = 1..=1000;

/// Cells of a mask or grid along a side, for an input of `side` pixels: two at least, one a pixel at most.
pub fn cells(side: usize) -> RangeInclusive<usize> {
    2..=side.max(2)
}
