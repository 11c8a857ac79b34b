//! Finer-CAM: what tells the class from those that the network finds most similar.
//!
//! Source: Zhang, Gu, Chowdhury, Mai, Carlyn, Berger-Wolf, Su, Chao, *Finer-CAM: Spotting the Difference Reveals Finer
//! Details for Visual Explanation*, CVPR 2025 (arXiv 2501.11309), with the weights of the authors' program.

use super::{CamParameters, Layer, Sums, explain_layer, grad_cam::mean_weighted};
use crate::{
    Control, ExplainError, Explanation, Family, Method, Subject,
    method::explains,
    model::{Batch, Features, Target},
};

/// Finer-CAM's row.
pub static FINER_CAM: Method = Method {
    id: "finer-cam",
    title: "Finer-CAM",
    color: [170, 68, 0],
    family: Family::Activations,
    meaning: "Where the features are that tell the class from those the network finds most similar.",
    misleads: "What the class shares with its neighbours is left out, although the network needs it too; other neighbours, another map.",
    computes: "The classes are found whose logits are nearest to the class's. From the class's logit their weighted mean is taken off, and what is left is explained as Grad-CAM does it: each feature counts as much as that difference moves with it, on average over the picture.",
    source: "Ziheng Zhang, Jianyang Gu, Arpita Chowdhury, Zheda Mai, David Carlyn, Tanya Berger-Wolf, Yu Su, Wei-Lun Chao: Finer-CAM: Spotting the Difference Reveals Finer Details for Visual Explanation, CVPR 2025 (arXiv 2501.11309)",
    parameters: CamParameters::TABLE,
    explains_logits: true,
    refuses: |classifier| {
        let is_alone = classifier.spec().labels.len() < 2;
        is_alone.then_some("it compares the class with others, and the network has only one")
    },
    ..Method::of::<FinerCam>()
};

explains!(FinerCam: CamParameters, |parameters| 1 + parameters.similar_classes, finer_cam);

/// Grad-CAM of l_c − γ·Σ_d q_d·l_d over the classes d whose logits are nearest to the class's, with q their
/// probabilities among themselves; as in the authors' program their slopes count, too. Against another class, d is that
/// class alone.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn finer_cam(
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    let mut compared = Vec::new();
    let explanation = explain_layer(&FINER_CAM, subject, parameters, control, |layer| {
        let similar = similar_classes(layer, parameters.similar_classes)?;
        compared = similar.iter().map(|(class, _)| *class).collect();
        let mut features = layer.features(alone(layer, subject.target.class))?;
        for (class, slope) in slopes(&similar) {
            control.checkpoint()?;
            let Features { gradient, .. } = layer.features(alone(layer, class))?;
            let weight = (parameters.similar_weight * slope) as f32;
            features.gradient.iter_mut().zip(gradient).for_each(|(own, other)| *own -= weight * other);
        }
        let values = mean_weighted(&features);
        Ok(Sums::of(&features, values))
    })?;
    let mut notes = explanation.notes.clone();
    if !compared.is_empty() {
        let labels = &subject.classifier.spec().labels;
        let names: Vec<String> = compared.iter().map(|class| labels.name(*class)).collect();
        notes.push(("compared_with", names.join(", ")));
    }
    Ok(Explanation { notes, ..explanation })
}

/// The logit of one class.
fn alone(layer: &Layer<'_>, class: usize) -> Target {
    Target { class, against: None, ..layer.logit() }
}

/// The classes whose logits are nearest to the class's, the nearest first, each with its logit.
fn similar_classes(layer: &Layer<'_>, count: usize) -> Result<Vec<(usize, f64)>, ExplainError> {
    let subject = layer.subject;
    let (spec, planar) = (subject.classifier.spec(), &subject.input.planar);
    let outputs = subject.classifier.logits(&Batch::new(planar, planar.len()))?.pop().unwrap_or_default();
    let logit = |class: usize| f64::from(alone(layer, class).of(spec.head, &outputs).0);
    if let Some(other) = subject.target.against {
        return Ok(vec![(other, logit(other))]);
    }
    let own = logit(subject.target.class);
    let others = (0..spec.labels.len()).filter(|class| *class != subject.target.class);
    let mut others: Vec<(usize, f64)> = others.map(|class| (class, logit(class))).collect();
    if others.iter().any(|(_, logit)| !logit.is_finite()) || !own.is_finite() {
        return Err(ExplainError::NotANumber { what: "a score" });
    }
    others.sort_by(|one, other| (one.1 - own).abs().total_cmp(&(other.1 - own).abs()));
    others.truncate(count);
    Ok(others)
}

/// How much Σ_d q_d·l_d moves with the logit of each class d, q being their softmax.
fn slopes(classes: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let highest = classes.iter().map(|(_, logit)| *logit).fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = classes.iter().map(|(_, logit)| (logit - highest).exp()).collect();
    let total: f64 = powers.iter().sum();
    let shares: Vec<f64> = powers.iter().map(|power| power / total).collect();
    let mean: f64 = shares.iter().zip(classes).map(|(share, (_, logit))| share * logit).sum();
    shares.iter().zip(classes).map(|(share, (class, logit))| (*class, share * (1.0 + logit - mean))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_weighted_mean() {
        let mean = |logits: &[f64]| {
            let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
            logits.iter().map(|logit| logit.exp() / total * logit).sum::<f64>()
        };
        let logits = [1.3, 0.2, -0.4];
        let classes: Vec<(usize, f64)> = logits.into_iter().enumerate().collect();
        for (class, slope) in slopes(&classes) {
            let moved = |by: f64| {
                let mut moved = logits;
                moved[class] += by;
                mean(&moved)
            };
            let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((slope - expected).abs() < 1e-8, "{slope} {expected}");
        }
    }
}
