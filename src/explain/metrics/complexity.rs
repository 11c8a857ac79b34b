//! Whether a map is a few places or many, whatever the network.

use super::{About, Better, Cost, How, Measuring, Metric};
use crate::ExplainError;

/// Gini's index of the sizes of the map's values.
pub(super) const SPARSENESS: Metric = Metric {
    id: "sparseness",
    title: "Sparseness",
    about: About::Complexity,
    better: Better::Higher,
    range: "0 (all places alike) to 1 (one place alone)",
    meaning: "How unevenly importance is spread over the places of the curves' grid: Gini's index of its sizes.",
    source: "Prasad Chalasani et al.: Concise Explanations of Neural Networks using Adversarial Training, ICML 2020 (arXiv 1810.06583)",
    cost: Cost::Forward(0),
    how: How::Whole(sparseness),
};

/// The entropy of the map's values.
pub(super) const COMPLEXITY: Metric = Metric {
    id: "complexity",
    title: "Complexity",
    about: About::Complexity,
    better: Better::Lower,
    range: "0 (one place alone) to ln of the number of places",
    meaning: "How many places have a part in it: the entropy of the shares that the places of the curves' grid have of all importance, in nats.",
    source: "Umang Bhatt, Adrian Weller, José Moura: Evaluating and Aggregating Feature-based Model Explanations, IJCAI 2020 (arXiv 2005.00631)",
    cost: Cost::Forward(0),
    how: How::Whole(complexity),
};

fn sparseness(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(gini(&of.cells()))
}

fn complexity(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(entropy(&of.cells()))
}

/// Gini's index of the values' sizes; none where all are 0.
pub(super) fn gini(values: &[f32]) -> Option<f32> {
    let mut sizes: Vec<f64> = values.iter().map(|value| f64::from(value.abs())).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let (sum, count) = (sizes.iter().sum::<f64>(), sizes.len() as f64);
    let weighted: f64 =
        sizes.iter().enumerate().map(|(place, size)| (2.0 * (place + 1) as f64 - count - 1.0) * size).sum();
    (sum > 0.0).then(|| (weighted / (count * sum)) as f32)
}

/// The entropy of the shares that values have of the sum of their sizes, in nats; none where all are 0.
pub(super) fn entropy(values: &[f32]) -> Option<f32> {
    let sum: f64 = values.iter().map(|value| f64::from(value.abs())).sum();
    let term = |value: &f32| {
        let share = f64::from(value.abs()) / sum;
        if share > 0.0 { -share * share.ln() } else { 0.0 }
    };
    (sum > 0.0).then(|| values.iter().map(term).sum::<f64>() as f32)
}
