//! Latin hypercubes: random points of which each number is spread evenly over its range.
//!
//! Source: McKay, Beckman, Conover, *A Comparison of Three Methods for Selecting Values of Input Variables in the Analysis
//! of Output from a Computer Code*, Technometrics 21, 1979.

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// `points × dimensions` numbers in `[0, 1)`, point by point: of each dimension, one in each of `points` equal parts.
pub(super) fn hypercube(points: usize, dimensions: usize, seed: u64) -> Vec<f32> {
    let mut all = vec![0.0; points * dimensions];
    let mut parts: Vec<usize> = (0..points).collect();
    for dimension in 0..dimensions {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(dimension as u64);
        parts.sort_unstable();
        parts.shuffle(&mut random);
        for (point, part) in parts.iter().enumerate() {
            let within: f32 = random.random();
            // Rounding may carry the last part's numbers to 1.
            let value = ((*part as f32 + within) / points as f32).min(1.0 - f32::EPSILON);
            all[point * dimensions + dimension] = value;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_each_dimension_has_one_point() {
        let (points, dimensions) = (8, 5);
        let all = hypercube(points, dimensions, 3);
        for dimension in 0..dimensions {
            let mut parts: Vec<usize> =
                (0..points).map(|point| (all[point * dimensions + dimension] * points as f32) as usize).collect();
            parts.sort_unstable();
            assert!(parts.into_iter().eq(0..points), "dimension {dimension}");
        }
        assert_eq!(all, hypercube(points, dimensions, 3));
        assert_ne!(all, hypercube(points, dimensions, 4));
    }
}
