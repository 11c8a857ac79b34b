//! LayerCAM: every place of every feature counts for itself, so that layers before the last one have sharp maps.
//!
//! Source: Jiang, Zhang, Hou, Cheng, Wei, *LayerCAM: Exploring Hierarchical Class Activation Maps for Localization*, IEEE
//! Transactions on Image Processing 30, 2021, equations 5 and 6.

use super::{CamParameters, Layer, Sums, explain_layer};
use crate::{Control, ExplainError, Explanation, Family, Method, Subject, method::explains};

/// LayerCAM's row.
pub static LAYER_CAM: Method = Method {
    id: "layer-cam",
    title: "LayerCAM",
    color: [0, 92, 175],
    family: Family::Activations,
    meaning: "Where each single feature is that raises the class there: sharp in layers before the last one.",
    misleads: "What speaks against the class counts for nothing; in early layers it follows the picture's edges rather than the class.",
    computes: "A map of features is read, and each feature counts at each place as much as the class's logit rises with it right there; where it falls, the feature counts for nothing. With the last layer the map is much like Grad-CAM's; with earlier ones it is finer.",
    source: "Peng-Tao Jiang, Chang-Bin Zhang, Qibin Hou, Ming-Ming Cheng, Yunchao Wei: LayerCAM: Exploring Hierarchical Class Activation Maps for Localization, IEEE Transactions on Image Processing 30, 2021",
    parameters: CamParameters::TABLE,
    explains_logits: true,
    ..Method::of::<LayerCam>()
};

explains!(LayerCam: CamParameters, |_| 1, layer_cam);

/// ReLU(Σ_k ReLU(∂(logit of the class)/∂A_k) ⊙ A_k), at the features' size.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn layer_cam(
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
) -> Result<Explanation, ExplainError> {
    explain_layer(&LAYER_CAM, subject, parameters, control, sums)
}

fn sums(layer: &Layer<'_>) -> Result<Sums, ExplainError> {
    let features = layer.features(layer.logit())?;
    let channels = features.channels.max(1);
    let places = features.activations.chunks_exact(channels).zip(features.gradient.chunks_exact(channels));
    let values = places.map(|(values, gradients)| values.iter().zip(gradients).map(|(a, g)| g.max(0.0) * a).sum());
    let values = values.collect();
    Ok(Sums::of(&features, values))
}
