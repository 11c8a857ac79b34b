//! Integrated gradients.
//!
//! Source: Sundararajan, Taly, Yan, *Axiomatic Attribution for Deep Networks*, ICML 2017 (arXiv 1703.01365).

use std::sync::Arc;

use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Nothing, Parameter, Saliency, Scale, Subject,
    Table, Update, field, imaging::Interpolation, method::explains, model::Samples, names, nothing::ROUNDING,
    stopwatch::Stopwatch, subject::Scene,
};

/// The row of integrated gradients.
pub static INTEGRATED_GRADIENTS: Method = Method {
    id: "integrated-gradients",
    title: "Integrated gradients",
    // Okabe and Ito's reddish purple.
    color: [204, 121, 167],
    family: Family::Gradients,
    is_usual: true,
    run_order: 3,
    meaning: "How much each pixel adds to the score on the straight way from the baseline to the picture.",
    misleads: "Where picture and baseline are alike a pixel counts for nothing whatever it shows; edges look important.",
    computes: "The picture is faded in from the baseline, in equal steps, and at each step the gradient says how much the score moves with every pixel. Their mean, times how far the pixel came, is what the pixel adds; all of them together add up to the change of the score.",
    source: "Mukund Sundararajan, Ankur Taly, Qiqi Yan: Axiomatic Attribution for Deep Networks, ICML 2017 (arXiv 1703.01365)",
    parameters: Table::of::<IntegratedGradientsParameters>("integrated_gradients", ROWS),
    ..Method::of::<IntegratedGradients>()
};

static ROWS: &[Parameter] = &[
    Parameter::new(
        "integration_steps",
        "integrated-gradients-steps",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(IntegratedGradientsParameters, integration_steps),
        "Samples of the path of integrated gradients",
    )
    .unit("points")
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(IntegratedGradientsParameters, baseline),
        "Where the path starts",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new(
        "seed",
        "seed",
        Kind::Seed,
        field!(IntegratedGradientsParameters, seed),
        "Seed of the noise baseline",
    )
    .value_name("SEED")
    .in_captions()
    .counts_if("baseline", "noise"),
];

/// The parameters of integrated gradients.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegratedGradientsParameters {
    /// Samples of the straight path from the baseline to the picture, from 1 to 1000; midpoints.
    pub integration_steps: usize,
    /// Where the path starts.
    pub baseline: Baseline,
    /// Seed of the noise baseline.
    pub seed: u64,
}

impl Default for IntegratedGradientsParameters {
    fn default() -> Self {
        Self { integration_steps: 50, baseline: Baseline::Blur, seed: 0 }
    }
}

impl IntegratedGradientsParameters {
    /// Says which parameter is out of its range.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        INTEGRATED_GRADIENTS.parameters.check(self, side)
    }
}

explains!(
    IntegratedGradients: IntegratedGradientsParameters,
    |parameters| parameters.integration_steps,
    integrated_gradients reports
);

/// Share of the largest values that are drawn alike. Gradients have heavy tails.
const CLIPPED_FRACTION: f32 = 0.005;

/// The attribution of every input value: (I − Ĩ) ⊙ the mean over the straight path from Ĩ to I of ∂f_c,
/// the gradient of the subject's target.
///
/// `[channels, height, width]`, signed. They add up to f_c(I) − f_c(Ĩ), up to the error of the midpoint rule.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails.
pub fn attributions(
    subject: &Subject<'_>,
    parameters: &IntegratedGradientsParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Vec<f32>, ExplainError> {
    attributions_and_score(subject, parameters, control, report).map(|(attributions, _)| attributions)
}

/// The attributions, and the size of the largest score on the path.
fn attributions_and_score(
    subject: &Subject<'_>,
    parameters: &IntegratedGradientsParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<(Vec<f32>, f64), ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let scene = Scene::new(subject, parameters.baseline, parameters.seed);
    let total = parameters.integration_steps;
    let path = StraightPath { scene: &scene, points: total, everything: vec![1.0; scene.pixels] };
    let mut sum = vec![0.0_f32; scene.image.len()];
    let (mut done, mut largest_score) = (0, 0.0_f64);
    subject.gradients(&path, control, &|_, gradient: &[f32]| gradient.to_vec(), |score, gradient| {
        largest_score = largest_score.max(f64::from(score.abs()));
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
        Ok((sum, largest_score))
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
    let (attributions, largest_score) = attributions_and_score(subject, parameters, control, report)?;
    let size = subject.input.size;
    let sum_of = |part: fn(f32) -> f32| {
        let mut values = vec![0.0; size.area()];
        for plane in attributions.chunks_exact(size.area().max(1)) {
            for (sum, value) in values.iter_mut().zip(plane) {
                *sum += part(*value);
            }
        }
        Saliency {
            width: size.width,
            height: size.height,
            values,
            interpolation: Interpolation::Nearest,
            clipped_fraction: CLIPPED_FRACTION,
            full: None,
        }
    };
    let (saliency, signed) = (sum_of(f32::abs), sum_of(|value| value));
    let parameters = Arc::new(parameters.clone());
    // They add up to what the score changes by, and cannot tell apart what is within its rounding.
    let total: f64 = saliency.values.iter().map(|value| f64::from(*value)).sum();
    let nothing = (total <= ROUNDING * largest_score).then_some(Nothing::Rounding);
    Ok(Explanation {
        signed: Some(signed),
        nothing,
        ..Explanation::of(&INTEGRATED_GRADIENTS, subject.target, saliency, parameters, clock.seconds())
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
