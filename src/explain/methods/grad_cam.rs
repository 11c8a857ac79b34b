//! Grad-CAM: where the features that speak for the class are.
//!
//! Source: Selvaraju et al., *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*,
//! ICCV 2017 (arXiv 1610.02391).

use std::sync::Arc;

use crate::{
    explain::{
        Control, Explain, ExplainError, Explanation, Family, Method, Saliency, Subject, Table, Update,
        stopwatch::Stopwatch,
    },
    imaging::Interpolation,
};

/// Grad-CAM's row.
pub static GRAD_CAM: Method = Method {
    id: "grad-cam",
    title: "Grad-CAM",
    // Okabe and Ito's sky blue.
    color: [86, 180, 233],
    family: Family::Activations,
    is_usual: true,
    run_order: 0,
    meaning: "Where the network's last features are that speak for the class: what it points at.",
    misleads: "It is as coarse as those features and sees none before them; small or several things melt into one spot.",
    computes: "The network's last map of features is read, and each feature counts as much as the class's logit moves with it, on average over the picture. What adds up to more than 0 is the map, as coarse as the features are.",
    source: "Ramprasaath R. Selvaraju et al.: Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017 (arXiv 1610.02391)",
    parameters: Table::of::<()>("grad_cam", &[]),
    explains_logits: true,
    ..Method::of::<GradCam>()
};

struct GradCam;

impl Explain for GradCam {
    type Parameters = ();

    fn explain(
        subject: &Subject<'_>,
        (): &(),
        control: &Control,
        _: &mut dyn FnMut(Update<'_>),
    ) -> Result<Explanation, ExplainError> {
        grad_cam(subject, control)
    }

    fn passes((): &()) -> usize {
        1
    }
}

/// ReLU(Σ_k w_k·A_k), with w_k the spatial mean of ∂(logit of the class)/∂A_k, at the features' size.
///
/// The gradient is of the logit whatever score the subject is about; against another class, of the difference of the
/// two logits. Where a model has no probabilities it is of its output.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn grad_cam(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    control.checkpoint()?;
    let clock = Stopwatch::start(control);
    let logit = subject.target.in_score(subject.classifier.spec().head.raw_score());
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
    let saliency = Saliency {
        width: features.width,
        height: features.height,
        values: values.into_iter().map(|value| value.max(0.0)).collect(),
        interpolation: Interpolation::HalfPixel,
        clipped_fraction: 0.0,
        full: None,
    };
    let notes = vec![("feature_layer", subject.classifier.spec().feature_layer.to_string())];
    Ok(Explanation { notes, ..Explanation::of(&GRAD_CAM, subject.target, saliency, Arc::new(()), clock.seconds()) })
}
