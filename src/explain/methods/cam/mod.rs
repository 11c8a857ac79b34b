//! Class activation maps: methods that weigh the network's features at one layer, which is a choice that they share.

mod eigen_cam;
mod finer_cam;
mod grad_cam;
mod grad_cam_plus_plus;
mod layer_cam;
mod parameters;
mod score_cam;

use std::sync::Arc;

pub use eigen_cam::{EIGEN_CAM, eigen_cam};
pub use finer_cam::{FINER_CAM, finer_cam};
pub use grad_cam::{GRAD_CAM, grad_cam};
pub use grad_cam_plus_plus::{GRAD_CAM_PLUS_PLUS, grad_cam_plus_plus};
pub use layer_cam::{LAYER_CAM, layer_cam};
pub use parameters::CamParameters;
pub use score_cam::{SCORE_CAM, score_cam};

use crate::{
    Control, ExplainError, Explanation, Method, Nothing, Saliency, Subject,
    imaging::Interpolation,
    model::{Classifier, Features, Target},
    stopwatch::Stopwatch,
};

/// The layer that a map is made of.
struct Layer<'a> {
    subject: &'a Subject<'a>,
    depth: usize,
}

/// A map of a layer's size before what is below 0 is cut off.
struct Sums {
    width: usize,
    height: usize,
    /// `height × width`.
    values: Vec<f32>,
    /// Why it is no finding, if its method knows.
    nothing: Option<Nothing>,
}

impl Layer<'_> {
    /// The class's logit, whatever score the subject is about; against another class, the difference of both.
    fn logit(&self) -> Target {
        self.subject.target.in_score(self.subject.classifier.spec().head.raw_score())
    }

    /// The layer's features, and a target's gradient with respect to them.
    fn features(&self, target: Target) -> Result<Features, ExplainError> {
        Ok(self.subject.classifier.features_at(self.depth, &self.subject.input.planar, target)?)
    }
}

impl Sums {
    /// A sum for each place of some features.
    fn of(features: &Features, values: Vec<f32>) -> Self {
        Self { width: features.width, height: features.height, values, nothing: None }
    }
}

/// Explains by what `sums` makes of the layer that the parameters name: what is above 0 is the map. Of a network
/// without that layer there is nothing to say.
fn explain_layer(
    method: &'static Method,
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
    sums: impl FnOnce(&Layer<'_>) -> Result<Sums, ExplainError>,
) -> Result<Explanation, ExplainError> {
    control.checkpoint()?;
    let clock = Stopwatch::start(control);
    let own = Arc::new(parameters.clone());
    let name = match layer_name(subject.classifier, parameters.depth) {
        Ok(name) => name,
        Err(reason) => {
            let refused = Explanation::of_nothing(method, subject.target, Nothing::Refused, own);
            return Ok(Explanation { notes: vec![("refused", reason)], ..refused });
        }
    };
    let Sums { width, height, values, nothing } = sums(&Layer { subject, depth: parameters.depth })?;
    if values.iter().any(|value| !value.is_finite()) {
        return Err(ExplainError::NotANumber { what: "a feature" });
    }
    let saliency = Saliency {
        width,
        height,
        values: values.into_iter().map(|value| value.max(0.0)).collect(),
        interpolation: Interpolation::HalfPixel,
        clipped_fraction: 0.0,
        full: None,
    };
    let notes = vec![("feature_layer", name)];
    let explanation = Explanation::of(method, subject.target, saliency, own, clock.seconds());
    Ok(Explanation { notes, nothing, ..explanation })
}

/// The name of the layer at a depth from the end, or why there is none.
fn layer_name(classifier: &dyn Classifier, depth: usize) -> Result<String, String> {
    let layers = classifier.feature_layers();
    if let Some(name) = layers.get(depth) {
        return Ok((*name).to_owned());
    }
    let title = &classifier.spec().title;
    let last = layers.len().saturating_sub(1);
    Err(match layers.first() {
        None => {
            format!("{title} has no layer whose features could be read: nowhere are they a map that all passes through")
        }
        Some(only) if last == 0 => {
            format!("of {title} only the layer “{only}” can be read, at depth 0; depth {depth} was asked for")
        }
        _ => format!(
            "{title} has {} layers to read, at depths from 0 to {last}; depth {depth} was asked for",
            layers.len()
        ),
    })
}

/// Σ_k w_k·A_k at every place, times `share`.
fn weighted(features: &Features, weights: &[f32], share: f32) -> Vec<f32> {
    let places = features.activations.chunks_exact(features.channels.max(1));
    places.map(|place| place.iter().zip(weights).map(|(a, w)| a * w * share).sum::<f32>()).collect()
}
