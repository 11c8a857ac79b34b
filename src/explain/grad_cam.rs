//! Grad-CAM: where the features that speak for the class are.
//!
//! Source: Selvaraju et al., *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*,
//! ICCV 2017 (arXiv 1610.02391).

use super::{Control, ExplainError, Explanation, MethodKind, Saliency, Subject, stopwatch::Stopwatch};
use crate::{imaging::Interpolation, model::Score};

/// ReLU(Σ_k w_k·A_k), with w_k the spatial mean of ∂(logit of the class)/∂A_k, at the features' size.
///
/// The gradient is of the logit whatever score the subject is about; against another class, of the difference of the
/// two logits.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn grad_cam(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    control.checkpoint()?;
    let clock = Stopwatch::start(control);
    let logit = subject.target.in_score(Score::Logit);
    let features = subject.classifier.features(&subject.input.planar, logit)?;
    let mut weights = vec![0.0_f32; features.channels];
    for pixel in features.gradient.chunks_exact(features.channels) {
        for (weight, gradient) in weights.iter_mut().zip(pixel) {
            *weight += gradient;
        }
    }
    let share = 1.0 / (features.width * features.height) as f32;
    let values: Vec<f32> = features
        .activations
        .chunks_exact(features.channels)
        .map(|pixel| pixel.iter().zip(&weights).map(|(a, w)| a * w * share).sum::<f32>())
        .collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(ExplainError::NotANumber { what: "a feature" });
    }
    Ok(Explanation {
        method: MethodKind::GradCam,
        target: subject.target,
        saliency: Saliency {
            width: features.width,
            height: features.height,
            values: values.into_iter().map(|value| value.max(0.0)).collect(),
            interpolation: Interpolation::HalfPixel,
            clipped_fraction: 0.0,
        },
        signed: None,
        mask: None,
        steps: Vec::new(),
        parameters: serde_json::json!({ "feature_layer": subject.classifier.spec().feature_layer }),
        seconds: clock.seconds(),
    })
}
