//! SmoothGrad: the gradient, averaged over noisy copies of the picture.
//!
//! Source: Smilkov, Thorat, Kim, Viégas, Wattenberg, *SmoothGrad: Removing Noise by Adding Noise*, 2017
//! (arXiv 1706.03825). The noise is normal, its standard deviation a share of the picture's own range, from its darkest to
//! its lightest value. Beside the mean of the gradients there are the mean of their squares (SmoothGrad², in Hooker,
//! Erhan, Kindermans, Kim, *A Benchmark for Interpretability Methods in Deep Neural Networks*, NeurIPS 2019,
//! arXiv 1806.10758) and their variance (VarGrad, in Adebayo, Gilmer, Goodfellow, Kim, *Local Explanation Methods for
//! Deep Neural Networks Lack Sensitivity to Parameter Values*, ICLR workshop 2018, arXiv 1810.03307).

use std::sync::Arc;

use crate::{
    Colours, Control, ExplainError, Explanation, Family, Kind, Method, Named, NoiseUnit, Parameter, Scale, Subject,
    Table, Update, choice, field,
    method::explains,
    model::{Input, Samples},
    names,
    noise::Noise,
    pixels::map_of,
    stopwatch::Stopwatch,
};

/// SmoothGrad's row.
pub static SMOOTH_GRAD: Method = Method {
    id: "smooth-grad",
    title: "SmoothGrad",
    color: [106, 81, 163],
    family: Family::Gradients,
    meaning: "How much the score moves when a pixel changes a little, on average over noisy copies of the picture.",
    misleads: "It is the gradient of pictures with noise, which the network may not know: it looks cleaner than the gradient and need not be truer.",
    computes: "Noise is added to the picture again and again, and the gradients of the score for all these pictures are averaged, or their squares. What differs from one noise to the next goes out on average; what stays is drawn.",
    source: "Daniel Smilkov, Nikhil Thorat, Been Kim, Fernanda Viégas, Martin Wattenberg: SmoothGrad: Removing Noise by Adding Noise, 2017 (arXiv 1706.03825)",
    parameters: Table::of::<SmoothGradParameters>("smooth_grad", ROWS),
    ..Method::of::<SmoothGrad>()
};

static ROWS: &[Parameter] = &[
    Parameter::new(
        "samples",
        "smooth-grad-samples",
        Kind::Whole(|_| 2..=1000, Scale::Log),
        field!(SmoothGradParameters, samples),
        "Noisy copies of the picture",
    )
    .unit("pictures")
    .in_captions(),
    Parameter::new(
        "noise",
        "smooth-grad-noise",
        Kind::Real(|_| 0.0..=1.0, Scale::Linear),
        field!(SmoothGradParameters, noise),
        "Standard deviation of their noise, as a share of the picture's range",
    )
    .symbol("σ")
    .value_name("SHARE")
    .unit("of the picture's range")
    .in_captions(),
    Parameter::new(
        "average",
        "smooth-grad-average",
        Kind::Choice(names::<GradientAverage>),
        field!(SmoothGradParameters, average),
        "What is averaged",
    )
    .value_name("AVERAGE")
    .in_captions(),
    Parameter::new(
        "colours",
        "smooth-grad-colours",
        Kind::Choice(names::<Colours>),
        field!(SmoothGradParameters, colours),
        "How the values of a pixel's three colours become one",
    )
    .value_name("COLOURS"),
    Parameter::new("seed", "seed", Kind::Seed, field!(SmoothGradParameters, seed), "Seed of the noise")
        .value_name("SEED")
        .users()
        .in_captions(),
];

/// What is made of the gradients of noisy pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GradientAverage {
    /// Their mean.
    #[default]
    Mean,
    /// The mean of their squares.
    Squares,
    /// Their variance.
    Variance,
}

impl Named for GradientAverage {
    const ALL: &'static [Self] = &[Self::Mean, Self::Squares, Self::Variance];

    fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Squares => "squares",
            Self::Variance => "variance",
        }
    }
}

choice!(GradientAverage);

/// The parameters of SmoothGrad.
#[derive(Debug, Clone, PartialEq)]
pub struct SmoothGradParameters {
    /// Noisy copies of the picture, from 2 to 1000.
    pub samples: usize,
    /// Standard deviation of their noise, as a share of the picture's range from its darkest to its lightest value; 0 to
    /// 1.
    pub noise: f64,
    /// What is averaged.
    pub average: GradientAverage,
    /// How the values of a pixel's three colours become one.
    pub colours: Colours,
    /// Seed of the noise.
    pub seed: u64,
}

impl Default for SmoothGradParameters {
    fn default() -> Self {
        Self { samples: 50, noise: 0.15, average: GradientAverage::Mean, colours: Colours::Sum, seed: 0 }
    }
}

explains!(SmoothGrad: SmoothGradParameters, |parameters| parameters.samples, smooth_grad reports);

/// The average over noisy pictures of ∂f_c/∂x, at input size.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn smooth_grad(
    subject: &Subject<'_>,
    parameters: &SmoothGradParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    SMOOTH_GRAD.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let std = parameters.noise * range(subject.input);
    let noise = Noise::new(std, NoiseUnit::White, subject.input.normalisation, parameters.seed);
    let noisy = Noisy { planar: &subject.input.planar, noise, samples: parameters.samples };
    let values = average_gradient(subject, &noisy, parameters.average, control, report)?;
    let saliency = map_of(&values, subject.input.size, parameters.colours)?;
    Ok(Explanation::of(&SMOOTH_GRAD, subject.target, saliency, Arc::new(parameters.clone()), clock.seconds()))
}

/// An average of the gradients ∂f_c/∂x of some pictures, `[channels, height, width]`, signed; the variance is divided
/// by their number.
///
/// # Errors
/// A cancellation, or a model that fails or does not answer with numbers.
pub fn average_gradient(
    subject: &Subject<'_>,
    samples: &dyn Samples,
    average: GradientAverage,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Vec<f32>, ExplainError> {
    let total = samples.len();
    let mut sums = vec![0.0_f64; subject.input.planar.len()];
    let mut squares = vec![0.0_f64; if average == GradientAverage::Mean { 0 } else { sums.len() }];
    let mut done = 0;
    subject.gradients(samples, control, &|_, gradient: &[f32]| gradient.to_vec(), |_, gradient| {
        for (sum, value) in sums.iter_mut().zip(&gradient) {
            *sum += f64::from(*value);
        }
        for (sum, value) in squares.iter_mut().zip(&gradient) {
            *sum += f64::from(*value).powi(2);
        }
        done += 1;
        report(Update::Progress { iteration: 1, done, total });
    })?;
    let share = 1.0 / total.max(1) as f64;
    let means = sums.iter().map(|sum| sum * share);
    Ok(match average {
        GradientAverage::Mean => means.map(|mean| mean as f32).collect(),
        GradientAverage::Squares => squares.iter().map(|sum| (sum * share) as f32).collect(),
        GradientAverage::Variance => {
            let variance = |(mean, sum): (f64, &f64)| (sum * share - mean * mean).max(0.0) as f32;
            means.zip(&squares).map(variance).collect()
        }
    })
}

/// How far a picture's lightest value is above its darkest, in shares of white.
fn range(input: &Input) -> f64 {
    let planes = input.planar.chunks_exact(input.size.area().max(1));
    let values = planes
        .zip(input.normalisation.pairs())
        .flat_map(|(plane, (mean, std))| plane.iter().map(move |value| value * std + mean));
    let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    f64::from((high - low).max(0.0))
}

/// A picture with noise, each time another.
struct Noisy<'a> {
    planar: &'a [f32],
    noise: Noise,
    samples: usize,
}

impl Samples for Noisy<'_> {
    fn len(&self) -> usize {
        self.samples
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        planar.copy_from_slice(self.planar);
        self.noise.add(planar, index as u64);
    }
}
