//! Grad-CAM: where the features that speak for the class are.
//!
//! Source: Selvaraju et al., *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*,
//! ICCV 2017 (arXiv 1610.02391).

use super::{CamParameters, Layer, Sums, explain_layer, weighted};
use crate::{Control, ExplainError, Explanation, Family, Method, Subject, method::explains, model::Features};

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
    parameters: CamParameters::TABLE,
    explains_logits: true,
    ..Method::of::<GradCam>()
};

explains!(GradCam: CamParameters, |_| 1, explained);

/// ReLU(Σ_k w_k·A_k), with w_k the spatial mean of ∂(logit of the class)/∂A_k, of the last features, at their size.
///
/// The gradient is of the logit whatever score the subject is about; against another class, of the difference of the
/// two logits. Where a model has no probabilities it is of its output.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn grad_cam(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    explained(subject, &CamParameters::default(), control)
}

fn explained(
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    explain_layer(&GRAD_CAM, subject, parameters, control, sums)
}

fn sums(layer: &Layer<'_>) -> Result<Sums, ExplainError> {
    let features = layer.features(layer.logit())?;
    Ok(Sums::of(&features, mean_weighted(&features)))
}

/// Σ_k w_k·A_k at every place, with w_k the mean of the gradient over all places.
pub(super) fn mean_weighted(features: &Features) -> Vec<f32> {
    let mut weights = vec![0.0_f32; features.channels];
    for place in features.gradient.chunks_exact(features.channels.max(1)) {
        for (weight, gradient) in weights.iter_mut().zip(place) {
            *weight += gradient;
        }
    }
    weighted(features, &weights, 1.0 / (features.width * features.height) as f32)
}
