//! Blur IG: integrated gradients along a path of less and less blurred pictures.
//!
//! Source: Xu, Venugopalan, Sundararajan, *Attribution in Scale and Space*, CVPR 2020 (arXiv 2004.03383). The path is
//! L(σ), the picture blurred by a Gaussian of standard deviation σ, from the largest σ to 0: nothing is added that is not
//! in the picture, as a baseline would. Here it is in equal parts of σ, the gradient of each taken at its middle, and the
//! blur mirrors the picture at its edges.

use std::sync::Arc;

use crate::{
    Colours, Control, ExplainError, Explanation, Family, Kind, Method, Nothing, Parameter, Scale, Subject, Table,
    Update, field,
    imaging::{Size, gaussian_blur},
    method::explains,
    model::Samples,
    nothing::ROUNDING,
    pixels::{map_of, signed_map_of},
    stopwatch::Stopwatch,
};

/// A Gaussian is cut off at so many standard deviations.
const REACH: f32 = 4.0;

/// The row of Blur IG.
pub static BLUR_IG: Method = Method {
    id: "blur-ig",
    title: "Blur IG",
    color: [231, 138, 195],
    family: Family::Gradients,
    meaning: "How much each pixel adds to the score while the picture comes into focus.",
    misleads: "What stays the same under the blur, such as large even areas, counts for nothing; edges look important, the more so the finer they are.",
    computes: "The picture is brought into focus from a strong blur, in equal steps, and at each step the gradient says how much the score moves with every pixel. How far the pixel comes in the step, times that, is what it adds; all of them together add up to the change of the score.",
    source: "Shawn Xu, Subhashini Venugopalan, Mukund Sundararajan: Attribution in Scale and Space, CVPR 2020 (arXiv 2004.03383)",
    parameters: Table::of::<BlurIgParameters>("blur_ig", ROWS),
    ..Method::of::<BlurIg>()
};

static ROWS: &[Parameter] = &[
    Parameter::new(
        "integration_steps",
        "blur-ig-steps",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(BlurIgParameters, integration_steps),
        "Samples of the path of Blur IG",
    )
    .unit("points")
    .in_captions(),
    Parameter::new(
        "blur",
        "blur-ig-blur",
        Kind::Real(|_| 0.01..=0.5, Scale::Log),
        field!(BlurIgParameters, blur),
        "standard deviation of the blur that the path starts with, as a share of the picture's shorter side",
    )
    .symbol("σ")
    .value_name("SHARE")
    .unit("of the picture's side")
    .in_captions(),
];

/// The parameters of Blur IG.
#[derive(Debug, Clone, PartialEq)]
pub struct BlurIgParameters {
    /// Samples of the path, from 1 to 1000; midpoints.
    pub integration_steps: usize,
    /// Standard deviation of the blur that the path starts with, as a share of the picture's shorter side; 0.01 to 0.5.
    pub blur: f64,
}

impl Default for BlurIgParameters {
    fn default() -> Self {
        // The authors' 50 pixels of 224, in half as many steps.
        Self { integration_steps: 50, blur: 50.0 / 224.0 }
    }
}

explains!(BlurIg: BlurIgParameters, |parameters| parameters.integration_steps, blur_ig reports);

/// −∫ ∂f_c(L(σ))/∂L ⊙ dL/dσ dσ: the sum over a pixel's colours of the sizes, at input size; signed, their sum.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn blur_ig(
    subject: &Subject<'_>,
    parameters: &BlurIgParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    let size = subject.input.size;
    BLUR_IG.parameters.check(parameters, size.shorter())?;
    let clock = Stopwatch::start(control);
    let total = parameters.integration_steps;
    let largest = parameters.blur as f32 * size.shorter() as f32;
    let path = BlurredPath { planar: &subject.input.planar, size, largest, points: total };
    let mut sum = vec![0.0_f32; subject.input.planar.len()];
    let (mut done, mut largest_score) = (0, 0.0_f64);
    // What a step brings into focus is made on the thread that has its gradient.
    let reduce = |index: usize, gradient: &[f32]| {
        let (sharp, blurred) = (path.at(index as f32), path.at(index as f32 + 1.0));
        let change = sharp.iter().zip(&blurred).map(|(sharp, blurred)| sharp - blurred);
        gradient.iter().zip(change).map(|(gradient, change)| gradient * change).collect::<Vec<f32>>()
    };
    subject.gradients(&path, control, &reduce, |score, step| {
        largest_score = largest_score.max(f64::from(score.abs()));
        for (sum, value) in sum.iter_mut().zip(&step) {
            *sum += value;
        }
        done += 1;
        report(Update::Progress { iteration: 1, done, total });
    })?;
    let (saliency, signed) = (map_of(&sum, size, Colours::Sum)?, signed_map_of(&sum, size)?);
    let change: f64 = saliency.values.iter().map(|value| f64::from(*value)).sum();
    let nothing = (change <= ROUNDING * largest_score).then_some(Nothing::Rounding);
    let parameters = Arc::new(parameters.clone());
    let explanation = Explanation::of(&BLUR_IG, subject.target, saliency, parameters, clock.seconds());
    Ok(Explanation { signed: Some(signed), nothing, ..explanation })
}

/// The picture, more and more blurred.
struct BlurredPath<'a> {
    planar: &'a [f32],
    size: Size,
    /// The largest σ, in pixels.
    largest: f32,
    points: usize,
}

impl BlurredPath<'_> {
    /// L(σ) at a point from 0, the picture, to the number of points.
    fn at(&self, point: f32) -> Vec<f32> {
        let sigma = self.largest * point / self.points as f32;
        let reach = (REACH * sigma).round() as usize;
        gaussian_blur(self.planar, self.size, 2 * reach + 1, sigma)
    }
}

impl Samples for BlurredPath<'_> {
    fn len(&self) -> usize {
        self.points
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        planar.copy_from_slice(&self.at(index as f32 + 0.5));
    }
}
