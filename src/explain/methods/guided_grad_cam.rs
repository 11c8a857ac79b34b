//! Guided Grad-CAM: guided backpropagation where Grad-CAM points.
//!
//! Source: Selvaraju et al., *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*,
//! ICCV 2017 (arXiv 1610.02391), section 3.2: the product of the two, Grad-CAM spread bilinearly over the picture.

use std::sync::Arc;

use super::grad_cam;
use crate::{
    Colours, Control, ExplainError, Explanation, Family, Method, Subject, Table, imaging::resample, method::explains,
    model::Rule, pixels::map_of, stopwatch::Stopwatch,
};

/// The row of guided Grad-CAM.
pub static GUIDED_GRAD_CAM: Method = Method {
    id: "guided-grad-cam",
    title: "Guided Grad-CAM",
    color: [76, 114, 176],
    family: Family::Gradients,
    meaning: "Which pixels excite what excites the class, where the features are that speak for it.",
    misleads: "What is fine in it comes from guided backpropagation, which draws edges whatever the class; only the place is Grad-CAM's. It is a rule for ReLU; networks with other activations have none.",
    computes: "Guided backpropagation says for every pixel whether it excites what leads to the class, and Grad-CAM says roughly where what leads to the class is. The map is their product.",
    source: "Ramprasaath R. Selvaraju et al.: Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017 (arXiv 1610.02391)",
    parameters: Table::of::<()>("guided_grad_cam", &[]),
    explains_logits: true,
    refuses: |classifier| classifier.refuses(Rule::Guided),
    ..Method::of::<GuidedGradCam>()
};

explains!(GuidedGradCam, 2, guided_grad_cam);

/// Guided backpropagation ⊙ Grad-CAM: the largest size of a pixel's three colours, at input size.
///
/// # Errors
/// A cancellation, or a model that fails, has no such rule, or does not answer with numbers.
pub fn guided_grad_cam(subject: &Subject<'_>, control: &Control) -> Result<Explanation, ExplainError> {
    let clock = Stopwatch::start(control);
    let size = subject.input.size;
    let Explanation { saliency: place, notes, .. } = grad_cam(subject, control)?;
    let place = resample(&place.values, (place.width, place.height), size.pair(), place.interpolation);
    let mut sent = subject.sent_back(subject.raw_target(), Rule::Guided, control)?;
    for plane in sent.chunks_exact_mut(place.len().max(1)) {
        for (value, place) in plane.iter_mut().zip(&place) {
            *value *= place;
        }
    }
    let saliency = map_of(&sent, size, Colours::Largest)?;
    let explanation = Explanation::of(&GUIDED_GRAD_CAM, subject.target, saliency, Arc::new(()), clock.seconds());
    Ok(Explanation { notes, ..explanation })
}
