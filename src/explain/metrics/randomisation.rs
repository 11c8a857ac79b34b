//! Whether a map depends on the class that is explained, and on what the network has learned.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{About, Better, Cost, How, Measuring, Metric, Step, correlation::spearman};
use crate::{ExplainError, Subject, model::Target};

/// How many networks are made that have forgotten more and more.
const NETWORKS: usize = 5;

/// How alike the maps of a network are that forgets, layer by layer.
pub(super) const MPRT: Metric = Metric {
    id: "mprt",
    title: "Model parameter randomisation",
    about: About::Randomisation,
    better: Better::Lower,
    range: "−1 to 1; 1 is the same with nothing learned",
    meaning: "The weights are put in another order, first those of the classifier, then more and more of the layers before it, down to the first: the correlation of the ranks of the map with the map of each of the five networks, on average; all maps are of the logit, for which no network need be sure. A map that stays what it was shows the picture, not what the network has learned.",
    source: "Julius Adebayo et al.: Sanity Checks for Saliency Maps, NeurIPS 2018 (arXiv 1810.03292); the average as in Quantus",
    cost: Cost::Maps(NETWORKS + 1),
    how: How::Steps(mprt),
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
    cost: Cost::Maps(1),
    how: How::Whole(random_logit),
};

fn mprt(of: &Measuring<'_>) -> Result<Vec<Step>, ExplainError> {
    // A network that has forgotten is sure of nothing, and no probability of its has a map.
    let target = of.subject.raw_target();
    let own = if target == of.subject.target { None } else { of.again(&Subject { target, ..*of.subject })? };
    let own = own.map_or_else(|| of.cells(), |own| own.saliency.on_grid(of.grid()));
    let layers = of.subject.classifier.feature_layers();
    let mut steps = Vec::with_capacity(NETWORKS);
    for depth in depths(layers.len()) {
        of.control.checkpoint()?;
        let Some(network) = of.subject.classifier.randomised(depth, of.seed())? else { return Ok(Vec::new()) };
        let Some(again) = of.again(&Subject { classifier: &*network, target, ..*of.subject })? else {
            return Ok(Vec::new());
        };
        let cells = again.saliency.on_grid(of.grid());
        // What finds nothing in it is no map to be like; one that has no differences of its own is like none.
        let alike = if again.nothing.is_some() { Some(0.0) } else { spearman(&own, &cells) };
        let Some(value) = alike else { return Ok(Vec::new()) };
        let name = layers.get(depth).map_or_else(|| "everything".to_owned(), |layer| format!("after {layer}"));
        steps.push(Step { name, value, cells });
    }
    Ok(steps)
}

/// The depths of the networks: what is after the last of so many layers, the whole network, and what is between, evenly.
fn depths(layers: usize) -> Vec<usize> {
    let mut depths: Vec<usize> = (0..NETWORKS).map(|number| number * layers / (NETWORKS - 1)).collect();
    depths.dedup();
    depths
}

fn random_logit(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let Target { class, against, .. } = of.explanation.target;
    let classes = of.subject.classifier.spec().labels.len();
    let others: Vec<usize> = (0..classes).filter(|other| *other != class && Some(*other) != against).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let other = others[ChaCha8Rng::seed_from_u64(of.seed()).random_range(0..others.len())];
    let target = Target { class: other, ..of.subject.target };
    let Some(again) = of.again(&Subject { target, ..*of.subject })? else { return Ok(None) };
    // What finds nothing for another class is no map to be like.
    if again.nothing.is_some() {
        return Ok(Some(0.0));
    }
    Ok(spearman(&of.cells(), &again.saliency.on_grid(of.grid())))
}

#[cfg(test)]
mod tests {
    use super::depths;

    #[test]
    fn networks_forget_from_the_classifier_down_to_everything() {
        assert_eq!(depths(16), [0, 4, 8, 12, 16]);
        assert_eq!(depths(1), [0, 1]);
    }
}
