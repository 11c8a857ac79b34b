//! The number that an explanation is about.

use serde::{Deserialize, Serialize};

use super::Head;

/// What is read off a model's answer for one class. Which of them a model has depends on its [`Head`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Score {
    /// The probability, in `[0, 1]`: what the papers of I-GOS explain.
    #[default]
    Probability,
    /// The logit, before softmax or sigmoid: other classes play no part in it. That of a single logit's opposite is its
    /// negative.
    Logit,
    /// The logarithm of the probability, at most 0: it goes on moving where the probability has come to 0 or 1.
    LogProbability,
    /// The output as it is, of a model that answers with quantities.
    Output,
}

impl Score {
    /// Every score.
    pub const ALL: [Self; 4] = [Self::Probability, Self::Logit, Self::LogProbability, Self::Output];

    /// Whether classes are ranked by it and curves measure it, in a model that has it.
    pub fn is_measure(self) -> bool {
        matches!(self, Self::Probability | Self::Output)
    }

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probability => "probability",
            Self::Logit => "logit",
            Self::LogProbability => "log-probability",
            Self::Output => "output",
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
            (Score::Logit | Score::LogProbability | Score::Output, _) => f64::NEG_INFINITY,
        }
    }

    /// Its value for a model with this head, and its derivative with respect to each logit. Both classes must be among
    /// the model's.
    ///
    /// The difference of two log-probabilities of a softmax is that of their logits: what they share cancels, exactly.
    /// Between a single logit z and its opposite the difference is 2 σ(z) − 1 of probabilities, 2 z of logits, and z of
    /// log-probabilities.
    pub fn of(self, head: Head, logits: &[f32]) -> (f32, Vec<f32>) {
        let Some(against) = self.against else { return head.score(self.score, self.class, logits) };
        let cancels = head == Head::Softmax && self.score == Score::LogProbability;
        let score = if cancels { Score::Logit } else { self.score };
        let (value, mut derivative) = head.score(score, self.class, logits);
        let (other, others) = head.score(score, against, logits);
        for (derivative, other) in derivative.iter_mut().zip(others) {
            *derivative -= other;
        }
        (value - other, derivative)
    }
}
