//! Whether a map that was made of random masks is more than their chance: two halves of them must tell the same.

use crate::Nothing;

/// The least correlation of the maps of two halves of the masks. By Spearman and Brown the map of all of them then has a
/// correlation of a half with that of as many others.
const LEAST_AGREEMENT: f64 = 1.0 / 3.0;

/// Why two halves of the masks have no common finding, if it is so.
pub(super) fn chance(one: &[f64], other: &[f64]) -> Option<Nothing> {
    (correlation(one, other) < LEAST_AGREEMENT).then_some(Nothing::Chance)
}

/// Pearson's correlation; 0 where one of the two is the same everywhere.
fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let means = (mean(one), mean(other));
    let (mut both, mut squares) = (0.0, (0.0, 0.0));
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (a - means.0, b - means.1);
        both += a * b;
        squares = (squares.0 + a * a, squares.1 + b * b);
    }
    let lengths = (squares.0 * squares.1).sqrt();
    if lengths > 0.0 { both / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_that_tell_other_things_are_chance() {
        let one = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(chance(&one, &[10.0, 21.0, 29.0, 43.0]), None);
        assert_eq!(chance(&one, &[3.0, -1.0, -2.0, 2.0]), Some(Nothing::Chance));
        assert_eq!(chance(&one, &[2.0; 4]), Some(Nothing::Chance), "the same everywhere tells nothing");
        assert!((correlation(&one, &[2.0, 4.0, 6.0, 8.0]) - 1.0).abs() < 1e-12);
        assert!((correlation(&one, &[4.0, 3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
    }
}
