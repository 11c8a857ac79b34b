//! Integrated gradients.
//!
//! Source: Sundararajan, Taly, Yan, *Axiomatic Attribution for Deep Networks*, ICML 2017 (arXiv 1703.01365).

use super::{
    Control, ExplainError, Explanation, IntegratedGradientsParameters, MethodKind, Saliency, Subject, Update,
    stopwatch::Stopwatch, subject::Scene,
};
use crate::{imaging::Interpolation, model::Samples};

/// Share of the largest values that are drawn alike. Gradients have heavy tails.
const CLIPPED_FRACTION: f32 = 0.005;

/// The attribution of every input value: (I − Ĩ) ⊙ the mean over the straight path from Ĩ to I of ∂f_c,
/// the gradient of the subject's target.
///
/// `[3, side, side]`, signed. They add up to f_c(I) − f_c(Ĩ), up to the error of the midpoint rule.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails.
pub fn attributions(
    subject: &Subject<'_>,
    parameters: &IntegratedGradientsParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Vec<f32>, ExplainError> {
    parameters.check()?;
    let scene = Scene::new(subject, parameters.baseline, parameters.seed);
    let total = parameters.integration_steps;
    let path = StraightPath { scene: &scene, points: total, everything: vec![1.0; scene.pixels] };
    let mut sum = vec![0.0_f32; scene.image.len()];
    let mut done = 0;
    subject.gradients(&path, control, &|_, gradient: &[f32]| gradient.to_vec(), |_, gradient| {
        for (sum, gradient) in sum.iter_mut().zip(&gradient) {
            *sum += gradient;
        }
        done += 1;
        report(Update::Progress { iteration: 1, done, total });
    })?;
    for ((sum, image), baseline) in sum.iter_mut().zip(scene.image).zip(&scene.baseline) {
        *sum *= (image - baseline) / total as f32;
    }
    if sum.iter().all(|value| value.is_finite()) {
        Ok(sum)
    } else {
        Err(ExplainError::NotANumber { what: "a gradient" })
    }
}

/// Integrated gradients as a map: the sum over channels of the attributions' absolute values, at input size; signed,
/// their sum.
///
/// # Errors
/// As [`attributions`].
pub fn integrated_gradients(
    subject: &Subject<'_>,
    parameters: &IntegratedGradientsParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    let clock = Stopwatch::start(control);
    let attributions = attributions(subject, parameters, control, report)?;
    let side = subject.input.side;
    let sum_of = |part: fn(f32) -> f32| {
        let mut values = vec![0.0; side * side];
        for plane in attributions.chunks_exact(side * side) {
            for (sum, value) in values.iter_mut().zip(plane) {
                *sum += part(*value);
            }
        }
        Saliency {
            width: side,
            height: side,
            values,
            interpolation: Interpolation::Nearest,
            clipped_fraction: CLIPPED_FRACTION,
        }
    };
    Ok(Explanation {
        method: MethodKind::IntegratedGradients,
        target: subject.target,
        saliency: sum_of(f32::abs),
        signed: Some(sum_of(|value| value)),
        mask: None,
        steps: Vec::new(),
        parameters: serde_json::to_value(parameters).unwrap_or_default(),
        seconds: clock.seconds(),
    })
}

/// The midpoints of equal parts of the way from the baseline to the picture.
struct StraightPath<'a> {
    scene: &'a Scene<'a>,
    points: usize,
    everything: Vec<f32>,
}

impl Samples for StraightPath<'_> {
    fn len(&self) -> usize {
        self.points
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let position = (index as f32 + 0.5) / self.points as f32;
        self.scene.compose(&self.everything, position, planar);
    }
}
