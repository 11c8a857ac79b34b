//! The trait that every hosted model answers to.

use serde::{Deserialize, Serialize};

use super::{ModelError, ModelSpec};

/// What is read off a model's answer for one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Score {
    /// The softmax probability, in `[0, 1]`: what the papers of I-GOS explain.
    #[default]
    Probability,
    /// The logit, before softmax: other classes play no part in it.
    Logit,
    /// The logarithm of the probability, at most 0: it goes on moving where the probability has come to 0 or 1.
    LogProbability,
}

impl Score {
    /// Every score.
    pub const ALL: [Self; 3] = [Self::Probability, Self::Logit, Self::LogProbability];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probability => "probability",
            Self::Logit => "logit",
            Self::LogProbability => "log-probability",
        }
    }

    /// The score of `class`, which must be below the number of logits, and its derivative with respect to each.
    pub fn of(self, logits: &[f32], class: usize) -> (f32, Vec<f32>) {
        match self {
            Self::Logit => {
                let mut derivative = vec![0.0; logits.len()];
                derivative[class] = 1.0;
                (logits[class], derivative)
            }
            Self::Probability => {
                let mut derivative = softmax(logits);
                let p = derivative[class];
                for value in &mut derivative {
                    *value *= -p;
                }
                derivative[class] += p;
                (p, derivative)
            }
            Self::LogProbability => {
                let mut derivative = softmax(logits);
                for value in &mut derivative {
                    *value = -*value;
                }
                derivative[class] += 1.0;
                (logits[class] - log_sum(logits), derivative)
            }
        }
    }
}

/// The number an explanation is about: the score of a class, or how far it is above that of another one, which says
/// why this class rather than that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    /// What is read off the model's answer.
    pub score: Score,
    /// Number of the class.
    pub class: usize,
    /// Number of the class whose score is taken off, if one is; another one than `class`.
    pub against: Option<usize>,
}

impl Target {
    /// The probability of `class`.
    pub fn probability(class: usize) -> Self {
        Self { score: Score::Probability, class, against: None }
    }

    /// The same classes in another score.
    pub fn in_score(self, score: Score) -> Self {
        Self { score, ..self }
    }

    /// What its value is never below: 0 for a probability, −1 for a difference of two, −∞ for the other scores.
    pub fn floor(self) -> f64 {
        match (self.score, self.against) {
            (Score::Probability, None) => 0.0,
            (Score::Probability, Some(_)) => -1.0,
            (Score::Logit | Score::LogProbability, _) => f64::NEG_INFINITY,
        }
    }

    /// Its value, and its derivative with respect to each logit. Both classes must be below the number of logits.
    ///
    /// The difference of two log-probabilities is that of their logits: what they share cancels, exactly.
    pub fn of(self, logits: &[f32]) -> (f32, Vec<f32>) {
        let Some(against) = self.against else { return self.score.of(logits, self.class) };
        let score = if self.score == Score::LogProbability { Score::Logit } else { self.score };
        let (value, mut derivative) = score.of(logits, self.class);
        let (other, others) = score.of(logits, against);
        for (derivative, other) in derivative.iter_mut().zip(others) {
            *derivative -= other;
        }
        (value - other, derivative)
    }
}

/// Probabilities from logits.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut values: Vec<f32> = logits.iter().map(|l| (l - largest).exp()).collect();
    let sum: f32 = values.iter().sum();
    for value in &mut values {
        *value /= sum;
    }
    values
}

/// ln Σ exp(logit), without overflow.
fn log_sum(logits: &[f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    largest + logits.iter().map(|l| (l - largest).exp()).sum::<f32>().ln()
}

/// Inputs that are made when they are needed, so that memory is bounded by threads and not by their number.
pub trait Samples: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Writes sample `index` into `planar`: `[3, side, side]`, normalised.
    fn write(&self, index: usize, planar: &mut [f32]);

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `[n, 3, side, side]`, normalised, as one slice.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    planar: &'a [f32],
    sample_len: usize,
}

impl<'a> Batch<'a> {
    /// A batch of the samples that lie one after the other in `planar`, each `sample_len` values long.
    pub fn new(planar: &'a [f32], sample_len: usize) -> Self {
        Self { planar, sample_len }
    }
}

impl Samples for Batch<'_> {
    fn len(&self) -> usize {
        self.planar.len() / self.sample_len.max(1)
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        planar.copy_from_slice(&self.planar[index * self.sample_len..(index + 1) * self.sample_len]);
    }
}

/// The features of one input at the layer Grad-CAM reads, and a target's gradient with respect to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Columns of the feature map.
    pub width: usize,
    /// Rows of the feature map.
    pub height: usize,
    /// Channels.
    pub channels: usize,
    /// `[height, width, channels]`.
    pub activations: Vec<f32>,
    /// `[height, width, channels]`.
    pub gradient: Vec<f32>,
}

/// Takes the gradient of sample `index`: `[3, side, side]`. Called from several threads, once a sample.
pub type TakeGradient<'a> = &'a (dyn Fn(usize, &[f32]) + Sync);

/// A hosted model.
///
/// Inputs are `[3, side, side]`, normalised; every method takes any number of them. A target's classes
/// must be below the number of labels, and two different ones: see [`ModelSpec::check_target`].
pub trait Classifier: Send + Sync {
    /// What the model is called, sees and answers.
    fn spec(&self) -> &ModelSpec;

    /// The device it runs on, in words.
    fn device(&self) -> String;

    /// The logits of every sample, `[n, classes]`.
    ///
    /// # Errors
    /// The device failed.
    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError>;

    /// The target's value for every sample, `[n]`; hands the gradient of each with respect to its input to `take`.
    ///
    /// # Errors
    /// No such target, or the device failed.
    fn gradients(&self, samples: &dyn Samples, target: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError>;

    /// The features of one input, `[3, side, side]`, and the target's gradient with respect to them.
    ///
    /// # Errors
    /// No such target, or the device failed.
    fn features(&self, planar: &[f32], target: Target) -> Result<Features, ModelError>;

    /// How many samples make a batch that keeps the device busy and answers a cancellation soon.
    fn batch_size(&self) -> usize;

    /// How many samples take as long as one: what is asked for in smaller numbers leaves a part of the device idle.
    fn concurrency(&self) -> usize;
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [1.5, -0.5, 2.0, 0.25];

    fn targets() -> impl Iterator<Item = Target> {
        Score::ALL.into_iter().flat_map(|score| [None, Some(2)].map(|against| Target { score, class: 0, against }))
    }

    #[test]
    fn every_target_has_the_derivative_that_finite_differences_have() {
        let step = 1e-2;
        for target in targets() {
            let (_, derivative) = target.of(&LOGITS);
            for (index, expected) in derivative.into_iter().enumerate() {
                let value = |by: f32| {
                    let mut logits = LOGITS;
                    logits[index] += by;
                    target.of(&logits).0
                };
                let slope = (value(step) - value(-step)) / (2.0 * step);
                assert!((slope - expected).abs() < 1e-3, "{target:?}, logit {index}: {slope} {expected}");
            }
        }
    }

    #[test]
    fn a_contrast_is_the_difference_of_two_scores() {
        for target in targets().filter(|target| target.against.is_some()) {
            let difference = target.score.of(&LOGITS, 0).0 - target.score.of(&LOGITS, 2).0;
            assert!((target.of(&LOGITS).0 - difference).abs() < 1e-6, "{target:?}");
        }
    }

    #[test]
    fn no_target_is_below_its_floor() {
        for target in targets() {
            for logits in [LOGITS, [-90.0, 3.0, 90.0, 0.0]] {
                assert!(f64::from(target.of(&logits).0) >= target.floor(), "{target:?}");
            }
        }
        // And no higher floor would do.
        assert!(Target { against: Some(2), ..Target::probability(0) }.of(&[-90.0, 0.0, 90.0]).0 <= -1.0);
    }

    #[test]
    fn a_log_probability_stays_finite_where_the_probability_is_none() {
        let logits = [0.0, 200.0];
        let (value, derivative) = Score::LogProbability.of(&logits, 0);
        assert_eq!((Score::Probability.of(&logits, 0).0, value), (0.0, -200.0));
        assert_eq!(derivative, [1.0, -1.0]);
    }
}
