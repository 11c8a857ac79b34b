//! Correlations of numbers with numbers.

/// Pearson's correlation, in `[−1, 1]`; none where one of them does not vary, or there are fewer than three.
pub fn pearson(one: &[f32], other: &[f32]) -> Option<f32> {
    let count = one.len().min(other.len());
    if count < 3 {
        return None;
    }
    let mean = |values: &[f32]| values[..count].iter().map(|value| f64::from(*value)).sum::<f64>() / count as f64;
    let means = [mean(one), mean(other)];
    let (mut both, mut squares) = (0.0, [0.0; 2]);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (f64::from(*a) - means[0], f64::from(*b) - means[1]);
        both += a * b;
        squares[0] += a * a;
        squares[1] += b * b;
    }
    // What varies by rounding alone does not.
    let varies = |number: usize| squares[number] > 1e-12 * (means[number].powi(2) + f64::MIN_POSITIVE) * count as f64;
    (varies(0) && varies(1)).then(|| (both / (squares[0] * squares[1]).sqrt()).clamp(-1.0, 1.0) as f32)
}

/// Spearman's correlation of ranks, ties having their mean rank; none as for [`pearson`].
pub fn spearman(one: &[f32], other: &[f32]) -> Option<f32> {
    pearson(&ranks(one), &ranks(other))
}

/// The rank of each number, from 0; equal ones have the mean of theirs.
fn ranks(values: &[f32]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let tied = order[first..].iter().take_while(|index| values[**index] == values[order[first]]).count().max(1);
        let rank = first as f32 + (tied - 1) as f32 / 2.0;
        order[first..first + tied].iter().for_each(|index| ranks[*index] = rank);
        first += tied;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.pearsonr` and `spearmanr`, 1.17.
    #[test]
    fn they_are_scipys() {
        let one = [0.1, 0.4, 0.35, 0.8, 0.8, 0.05, 0.6];
        let other = [1.0, 3.0, 2.0, 9.0, 5.0, 2.0, 4.0];
        assert!((pearson(&one, &other).unwrap() - 0.847_146_4).abs() < 1e-6, "{:?}", pearson(&one, &other));
        assert!((spearman(&one, &other).unwrap() - 0.927_272_7).abs() < 1e-6, "{:?}", spearman(&one, &other));
    }

    #[test]
    fn what_does_not_vary_has_none() {
        assert_eq!(pearson(&[0.3; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0, 2.0]), None, "two points are always on a line");
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
    }
}
