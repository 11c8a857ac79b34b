//! Whether a map depends on the class that is explained.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{About, Better, Measuring, Metric, correlation::spearman};
use crate::{
    explain::{ExplainError, Subject},
    model::Target,
};

/// How alike the map of another class is.
pub(super) const RANDOM_LOGIT: Metric = Metric {
    id: "random-logit",
    title: "Random logit",
    about: About::Randomisation,
    better: Better::Lower,
    range: "−1 to 1; 1 is the same map for another class",
    meaning: "The same method explains another class, drawn by chance: the correlation of the ranks of both maps. A map that hardly changes does not explain the class.",
    source: "Leon Sixt, Maximilian Granz, Tim Landgraf: When Explanations Lie: Why Many Modified BP Attributions Fail, ICML 2020 (arXiv 1912.09818)",
    passes: None,
    measure: random_logit,
};

fn random_logit(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let Target { class, against, .. } = of.explanation.target;
    let classes = of.subject.classifier.spec().labels.len();
    let others: Vec<usize> = (0..classes).filter(|other| *other != class && Some(*other) != against).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let other = others[ChaCha8Rng::seed_from_u64(of.seed()).random_range(0..others.len())];
    let subject = Subject { target: Target { class: other, ..of.subject.target }, ..*of.subject };
    let again = of.explanation.method.explain(&subject, of.parameters, of.control, &mut |_| {})?;
    // What finds nothing for another class is no map to be like.
    if again.nothing.is_some() {
        return Ok(Some(0.0));
    }
    Ok(spearman(&of.cells(), &again.saliency.on_grid(of.grid())))
}
