//! Score-CAM: each feature counts as much as the class's logit has of the picture seen through it alone.
//!
//! Source: Wang, Wang, Du, Yang, Zhang, Ding, Mardziel, Hu, *Score-CAM: Score-Weighted Visual Explanations for
//! Convolutional Neural Networks*, CVPR Workshops 2020 (arXiv 1910.01279). To try those features that vary most is the
//! idea of *Faster Score-CAM* (Li et al.); the paper tries them all.

use super::{CamParameters, Layer, Sums, explain_layer, weighted};
use crate::{
    Control, ExplainError, Explanation, Family, Method, Nothing, Subject, Update,
    imaging::{Interpolation, Size, resample},
    method::explains,
    model::{Features, Samples},
    nothing::ROUNDING,
    subject::Scene,
};

/// Score-CAM's row.
pub static SCORE_CAM: Method = Method {
    id: "score-cam",
    title: "Score-CAM",
    color: [214, 39, 110],
    family: Family::Activations,
    meaning: "Where the features are that show the network the class when it sees the picture through them alone.",
    misleads: "One or two features decide the whole map where their logits stand out; cut-outs are no pictures the network was trained on.",
    computes: "The network's last map of features is read, and the picture is shown through each feature as through a stencil: bright where the feature is strong, replaced by mean grey where it is weak. The class's logits of all these pictures, as a softmax, say how much each feature counts. No gradient is needed.",
    source: "Haofan Wang, Zifan Wang, Mengnan Du, Fan Yang, Zijian Zhang, Sirui Ding, Piotr Mardziel, Xia Hu: Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks, CVPR Workshops 2020 (arXiv 1910.01279)",
    parameters: CamParameters::TABLE,
    explains_logits: true,
    ..Method::of::<ScoreCam>()
};

/// Features of most networks' last layers, for the cost that is told before the network is asked.
const USUAL_CHANNELS: usize = 1280;

explains!(ScoreCam: CamParameters, |parameters| {
        // A picture is only looked at: half of a pass.
        1 + parameters.channels.min(USUAL_CHANNELS).div_ceil(2)
}, score_cam reports);

/// ReLU(Σ_k w_k·A_k), with w the softmax over the features k of the class's logit for the picture times A_k, which is
/// spread over the picture with aligned corners and scaled to `[0, 1]`, at the features' size.
///
/// Only the [`CamParameters::channels`] features that vary most are tried; the others have no weight. What is outside is
/// [`CamParameters::baseline`]; the authors' program multiplies normalised pictures, so that it is mean grey.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn score_cam(
    subject: &Subject<'_>,
    parameters: &CamParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    explain_layer(&SCORE_CAM, subject, parameters, control, |layer| sums(layer, parameters, control, report))
}

fn sums(
    layer: &Layer<'_>,
    parameters: &CamParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Sums, ExplainError> {
    let subject = layer.subject;
    let features = layer.features(layer.logit())?;
    let tried = most_varied(&features, parameters.channels);
    let stencils = Stencils {
        scene: Scene::new(subject, parameters.baseline, parameters.seed),
        size: subject.input.size,
        features: &features,
        tried: &tried,
    };
    let of_logits = Subject { target: layer.logit(), ..*subject };
    let mut scores = Vec::with_capacity(tried.len());
    of_logits.each_score(&stencils, control, |score| {
        scores.push(score);
        report(Update::Progress { iteration: 1, done: scores.len(), total: tried.len() });
    })?;
    let (low, high) = scores.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), s| (a.min(*s), b.max(*s)));
    let is_rounding = f64::from(high - low) <= ROUNDING * f64::from(low.abs().max(high.abs()));
    let powers: Vec<f64> = scores.iter().map(|score| f64::from(score - high).exp()).collect();
    let total: f64 = powers.iter().sum();
    let mut weights = vec![0.0_f32; features.channels];
    for (channel, power) in tried.iter().zip(&powers) {
        weights[*channel] = (power / total) as f32;
    }
    let nothing = is_rounding.then_some(Nothing::Rounding);
    let values = weighted(&features, &weights, 1.0);
    Ok(Sums { nothing, ..Sums::of(&features, values) })
}

/// The `count` features whose values vary most, in their order.
fn most_varied(features: &Features, count: usize) -> Vec<usize> {
    let places = (features.width * features.height).max(1) as f64;
    let mut sums = vec![(0.0_f64, 0.0_f64); features.channels];
    for place in features.activations.chunks_exact(features.channels.max(1)) {
        for ((sum, squares), value) in sums.iter_mut().zip(place) {
            *sum += f64::from(*value);
            *squares += f64::from(*value) * f64::from(*value);
        }
    }
    let variance = |channel: usize| sums[channel].1 / places - (sums[channel].0 / places).powi(2);
    let mut channels: Vec<usize> = (0..features.channels).collect();
    channels.sort_by(|one, other| variance(*other).total_cmp(&variance(*one)));
    channels.truncate(count.max(1));
    channels.sort_unstable();
    channels
}

/// The picture through each feature.
struct Stencils<'a> {
    scene: Scene<'a>,
    size: Size,
    features: &'a Features,
    tried: &'a [usize],
}

/// Keeps a feature that is the same everywhere from being divided by 0: it shows nothing of the picture.
const LEAST_EXTENT: f32 = 1e-8;

impl Samples for Stencils<'_> {
    fn len(&self) -> usize {
        self.tried.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let Features { width, height, channels, activations, .. } = self.features;
        let channel = self.tried[index];
        let values: Vec<f32> = activations.iter().skip(channel).step_by((*channels).max(1)).copied().collect();
        let mut stencil = resample(&values, (*width, *height), self.size.pair(), Interpolation::AlignCorners);
        let ends = (f32::INFINITY, f32::NEG_INFINITY);
        let (low, high) = stencil.iter().fold(ends, |(low, high), value| (low.min(*value), high.max(*value)));
        stencil.iter_mut().for_each(|value| *value = (*value - low) / (high - low + LEAST_EXTENT));
        self.scene.compose(&stencil, 1.0, planar);
    }
}
