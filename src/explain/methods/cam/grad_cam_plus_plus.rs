//! Grad-CAM++: Grad-CAM with places that count by how much they alone raise the class, so that the second and third of
//! its kind in the picture count as well.
//!
//! Source: Chattopadhay, Sarkar, Howlader, Balasubramanian, *Grad-CAM++: Generalized Gradient-Based Visual Explanations
//! for Deep Convolutional Networks*, WACV 2018 (arXiv 1710.11063), equations 10 and 19.

use super::{CamParameters, Layer, Sums, explain_layer, weighted};
use crate::{Control, ExplainError, Explanation, Family, Method, Subject, method::explains};

/// Grad-CAM++'s row.
pub static GRAD_CAM_PLUS_PLUS: Method = Method {
    id: "grad-cam-plus-plus",
    title: "Grad-CAM++",
    color: [0, 128, 160],
    family: Family::Activations,
    meaning: "Where the network's features are that speak for the class, each of several things of its kind.",
    misleads: "What speaks against the class counts for nothing, so that it marks more than the class needs; it is as coarse as the features are.",
    computes: "The network's last map of features is read, as in Grad-CAM, and the class's logit is followed to each place of each feature. Places where a feature speaks against the class are left out, and the others count the more the fewer of them there are, so that a small thing weighs as much as a large one. What adds up to more than 0 is the map.",
    source: "Aditya Chattopadhay, Anirban Sarkar, Prantik Howlader, Vineeth N. Balasubramanian: Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep Convolutional Networks, WACV 2018 (arXiv 1710.11063)",
    parameters: CamParameters::TABLE,
    explains_logits: true,
    ..Method::of::<GradCamPlusPlus>()
};

explains!(GradCamPlusPlus: CamParameters, |_| 1, grad_cam_plus_plus);

/// ReLU(Σ_k w_k·A_k), with w_k = Σ_ij α_ij·ReLU(g_ij), g = ∂(logit of the class)/∂A_k and α = g² / (2g² + ΣA_k·g³), at
/// the features' size.
///
/// As in the paper the score is exp(logit), whose derivatives have one factor in common. It is left out, as it changes no
/// map, and α is 0 where its denominator is.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn grad_cam_plus_plus(
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    explain_layer(&GRAD_CAM_PLUS_PLUS, subject, parameters, control, sums)
}

fn sums(layer: &Layer<'_>) -> Result<Sums, ExplainError> {
    let features = layer.features(layer.logit())?;
    let channels = features.channels.max(1);
    let mut totals = vec![0.0_f32; features.channels];
    for place in features.activations.chunks_exact(channels) {
        for (total, value) in totals.iter_mut().zip(place) {
            *total += value;
        }
    }
    let mut weights = vec![0.0_f32; features.channels];
    for place in features.gradient.chunks_exact(channels) {
        for ((weight, gradient), total) in weights.iter_mut().zip(place).zip(&totals) {
            // g² / (2g² + ΣA·g³), of which g² is a factor.
            let denominator = 2.0 + total * gradient;
            if *gradient > 0.0 && denominator != 0.0 {
                *weight += gradient / denominator;
            }
        }
    }
    let values = weighted(&features, &weights, 1.0);
    Ok(Sums::of(&features, values))
}
