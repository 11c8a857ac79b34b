//! What the outputs of a network's last layer mean: how they become the numbers that are explained and judged, and the
//! derivatives of those. Nothing else makes probabilities of logits.

use serde::{Deserialize, Serialize};

use super::Score;

/// What is made of a network's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// One class of all: probabilities that add up to 1.
    #[default]
    Softmax,
    /// Any of the classes at once: each has a probability of its own, σ of its logit.
    Sigmoid,
    /// Yes or no, by a single logit z: class 1 has the probability σ(z), and class 0, its opposite, 1 − σ(z) = σ(−z).
    Binary,
    /// Quantities: the outputs as they are. Nothing has a probability.
    Regression,
}

/// Who says which head a network has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadSource {
    /// Nobody, and it is the usual one.
    #[default]
    Default,
    /// A file beside the weights.
    File,
    /// The user, by a flag or a click.
    User,
    /// Nobody, and it may be another one, which would answer otherwise.
    Guess,
}

/// What a model answers for one class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A probability, in `[0, 1]`.
    Probability(f32),
    /// An output as it is: any number.
    Output(f32),
}

impl Answer {
    /// The number.
    pub fn number(self) -> f32 {
        match self {
            Self::Probability(number) | Self::Output(number) => number,
        }
    }

    /// The number, if it is a probability.
    pub fn probability(self) -> Option<f32> {
        match self {
            Self::Probability(number) => Some(number),
            Self::Output(_) => None,
        }
    }
}

impl Head {
    /// Every head.
    pub const ALL: [Self; 4] = [Self::Softmax, Self::Sigmoid, Self::Binary, Self::Regression];

    /// The name in flags, manifests and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Softmax => "softmax",
            Self::Sigmoid => "sigmoid",
            Self::Binary => "binary",
            Self::Regression => "regression",
        }
    }

    /// What it means, in a part of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Softmax => "one class of all, with probabilities that add up to 100 % (softmax)",
            Self::Sigmoid => "each class has a probability of its own (sigmoid)",
            Self::Binary => "one output, the logit of a class or its opposite (binary)",
            Self::Regression => "outputs as they are, without probabilities (regression)",
        }
    }

    /// What a network with so many outputs is taken to have if nobody says it, and whether that is a guess: softmax of
    /// one output would be 100 % whatever the picture.
    pub fn unsaid(outputs: usize) -> (Self, HeadSource) {
        if outputs == 1 { (Self::Binary, HeadSource::Guess) } else { (Self::Softmax, HeadSource::Default) }
    }

    /// This head for a network with so many outputs. A sigmoid of one output is binary: its opposite can be explained.
    ///
    /// # Errors
    /// A network with so many outputs cannot have it: why, in words.
    pub fn for_outputs(self, outputs: usize) -> Result<Self, String> {
        match (self, outputs) {
            (Self::Softmax, 1) => Err(
                "its head cannot be softmax, which makes 100 % of one output whatever the picture: choose binary or \
                     regression"
                    .to_owned(),
            ),
            (Self::Sigmoid, 1) => Ok(Self::Binary),
            (Self::Binary, 2..) => Err(format!(
                "its head cannot be binary, as it has {outputs} outputs and that is for one: choose softmax, or sigmoid if \
                 each is a class of its own"
            )),
            _ => Ok(self),
        }
    }

    /// How many classes so many outputs are about.
    pub fn classes(self, outputs: usize) -> usize {
        if self == Self::Binary { 2 } else { outputs }
    }

    /// How many outputs answer for so many classes.
    pub fn outputs(self, classes: usize) -> usize {
        if self == Self::Binary { 1 } else { classes }
    }

    /// The scores that can be explained, the usual one first.
    pub fn scores(self) -> &'static [Score] {
        match self {
            Self::Softmax | Self::Sigmoid | Self::Binary => &[Score::Probability, Score::Logit, Score::LogProbability],
            Self::Regression => &[Score::Output],
        }
    }

    /// What classes are ranked by, and curves measure: a probability, or an output where there is none.
    pub fn measure(self) -> Score {
        match self {
            Self::Softmax | Self::Sigmoid | Self::Binary => Score::Probability,
            Self::Regression => Score::Output,
        }
    }

    /// A class's own number before a probability is made of it: its logit, or its output.
    pub fn raw_score(self) -> Score {
        match self {
            Self::Softmax | Self::Sigmoid | Self::Binary => Score::Logit,
            Self::Regression => Score::Output,
        }
    }

    /// `score` if it can be explained, or else the usual one.
    pub fn fitting(self, score: Score) -> Score {
        if self.scores().contains(&score) { score } else { self.measure() }
    }

    /// The numbers that [`Self::measure`] names, one a class.
    pub fn answers(self, logits: &[f32]) -> Vec<f32> {
        match self {
            Self::Softmax => softmax(logits),
            Self::Sigmoid => logits.iter().map(|logit| sigmoid(*logit)).collect(),
            // Of each other a rounding less than 1 off, and both exact where they are small.
            Self::Binary => logits.first().map(|logit| vec![sigmoid(-logit), sigmoid(*logit)]).unwrap_or_default(),
            Self::Regression => logits.to_vec(),
        }
    }

    /// One of those numbers, and what it is.
    pub fn answer(self, number: f32) -> Answer {
        if self.measure() == Score::Output { Answer::Output(number) } else { Answer::Probability(number) }
    }

    /// Whether these are the answers to a picture of `class`, as the model sees it: the most probable class of all, or
    /// one that is more probable than not where several can be true. An output that is a quantity decides nothing.
    pub fn decides_for(self, class: usize, answers: &[f32]) -> bool {
        let Some(own) = answers.get(class) else { return false };
        match self {
            Self::Softmax | Self::Binary => answers.iter().all(|other| other <= own),
            Self::Sigmoid => *own > 0.5,
            Self::Regression => false,
        }
    }

    /// The score of `class`, and its derivative with respect to each logit. The class must be below the number of
    /// classes; a score that the head lacks is the logit.
    pub fn score(self, score: Score, class: usize, logits: &[f32]) -> (f32, Vec<f32>) {
        let only = |output: usize, (value, slope): (f32, f32)| {
            let mut derivative = vec![0.0; logits.len()];
            derivative[output] = slope;
            (value, derivative)
        };
        match (self, score) {
            (Self::Softmax, Score::Probability) => softmax_probability(logits, class),
            (Self::Softmax, Score::LogProbability) => softmax_log_probability(logits, class),
            (Self::Softmax, Score::Logit | Score::Output) | (Self::Regression, _) => only(class, (logits[class], 1.0)),
            (Self::Sigmoid, score) => only(class, of_one_logit(score, logits[class])),
            (Self::Binary, score) => {
                let sign = if class == 0 { -1.0 } else { 1.0 };
                let (value, slope) = of_one_logit(score, sign * logits[0]);
                only(0, (value, sign * slope))
            }
        }
    }
}

/// A score of a class that has a logit of its own, and its slope.
fn of_one_logit(score: Score, logit: f32) -> (f32, f32) {
    match score {
        Score::Probability => (sigmoid(logit), sigmoid(logit) * sigmoid(-logit)),
        Score::LogProbability => (logit.min(0.0) - (-logit.abs()).exp().ln_1p(), sigmoid(-logit)),
        Score::Logit | Score::Output => (logit, 1.0),
    }
}

/// σ(z) = 1 / (1 + exp(−z)), without overflow, and exact to a rounding where it is next to 0.
fn sigmoid(logit: f32) -> f32 {
    let small = (-logit.abs()).exp();
    if logit < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

/// ∂p_c/∂z_j = p_c (δ_cj − p_j).
fn softmax_probability(logits: &[f32], class: usize) -> (f32, Vec<f32>) {
    let mut derivative = softmax(logits);
    let p = derivative[class];
    for value in &mut derivative {
        *value *= -p;
    }
    derivative[class] += p;
    (p, derivative)
}

/// ∂ln p_c/∂z_j = δ_cj − p_j.
fn softmax_log_probability(logits: &[f32], class: usize) -> (f32, Vec<f32>) {
    let mut derivative = softmax(logits);
    for value in &mut derivative {
        *value = -*value;
    }
    derivative[class] += 1.0;
    (logits[class] - log_sum(logits), derivative)
}

/// exp(z_c) / Σ exp(z), without overflow.
fn softmax(logits: &[f32]) -> Vec<f32> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    const LOGITS: [f32; 4] = [1.5, -0.5, 2.0, 0.25];

    /// Every target that a head can be asked about, with some logits.
    fn questions() -> impl Iterator<Item = (Head, Target, Vec<f32>)> {
        Head::ALL.into_iter().flat_map(|head| {
            let logits = LOGITS[..if head == Head::Binary { 1 } else { LOGITS.len() }].to_vec();
            let other = head.classes(logits.len()) - 1;
            head.scores().iter().flat_map(move |&score| {
                let logits = logits.clone();
                let targets = [(0, None), (0, Some(other)), (other, None), (other, Some(0))];
                targets.map(move |(class, against)| (head, Target { score, class, against }, logits.clone()))
            })
        })
    }

    #[test]
    fn every_target_of_every_head_has_the_derivative_that_finite_differences_have() {
        let step = 1e-2;
        for (head, target, logits) in questions() {
            let (_, derivative) = target.of(head, &logits);
            assert_eq!(derivative.len(), logits.len());
            for (index, expected) in derivative.into_iter().enumerate() {
                let value = |by: f32| {
                    let mut logits = logits.clone();
                    logits[index] += by;
                    target.of(head, &logits).0
                };
                let slope = (value(step) - value(-step)) / (2.0 * step);
                assert!((slope - expected).abs() < 1e-3, "{head:?}, {target:?}, logit {index}: {slope} {expected}");
            }
        }
    }

    #[test]
    fn a_contrast_is_the_difference_of_two_scores() {
        for (head, target, logits) in questions() {
            let Some(against) = target.against else { continue };
            let of = |class| head.score(target.score, class, &logits).0;
            let difference = of(target.class) - of(against);
            assert!((target.of(head, &logits).0 - difference).abs() < 1e-6, "{head:?}, {target:?}");
        }
    }

    #[test]
    fn no_target_is_below_its_floor() {
        for (head, target, logits) in questions() {
            for logits in [logits.clone(), logits.iter().map(|logit| 60.0 * logit - 50.0).collect()] {
                assert!(f64::from(target.of(head, &logits).0) >= target.floor(), "{head:?}, {target:?}");
            }
        }
        // And no higher floor would do.
        let contrast = Target { against: Some(2), ..Target::probability(0) };
        assert!(contrast.of(Head::Softmax, &[-90.0, 0.0, 90.0]).0 <= -1.0);
        assert!(contrast.of(Head::Sigmoid, &[-90.0, 0.0, 90.0]).0 <= -1.0);
    }

    #[test]
    fn a_log_probability_stays_finite_where_the_probability_is_none() {
        let [probability, log] = [Score::Probability, Score::LogProbability];
        for (head, logits) in [(Head::Softmax, &[0.0, 200.0][..]), (Head::Sigmoid, &[-200.0]), (Head::Binary, &[200.0])]
        {
            let (value, derivative) = head.score(log, 0, logits);
            assert_eq!((head.score(probability, 0, logits).0, value), (0.0, -200.0), "{head:?}");
            assert_eq!(derivative[0].abs(), 1.0, "{head:?}");
        }
    }

    /// exp(z) / Σ exp(z) and 1 / (1 + exp(−z)) of the same logits, in double precision.
    #[test]
    fn answers_are_those_of_their_definitions() {
        let near = |head: Head, logits: &[f32], expected: &[f32]| {
            let answers = head.answers(logits);
            assert_eq!(answers.len(), expected.len(), "{head:?}");
            for (answer, expected) in answers.iter().zip(expected) {
                assert!((answer / expected - 1.0).abs() < 1e-6, "{head:?}: {answer} {expected}");
            }
        };
        near(Head::Softmax, &LOGITS, &[0.325_673_35, 0.044_075_095, 0.536_944_6, 0.093_306_98]);
        near(Head::Sigmoid, &LOGITS, &[0.817_574_5, 0.377_540_67, 0.880_797_1, 0.562_176_5]);
        near(Head::Binary, &[1.5], &[0.182_425_52, 0.817_574_5]);
        // 1 − σ(z) is exact where it is small.
        near(Head::Binary, &[30.0], &[9.357_623e-14, 1.0]);
        near(Head::Regression, &[1.5, -20.0], &[1.5, -20.0]);
        assert_eq!(Head::Sigmoid.answers(&[-1000.0, 1000.0]), [0.0, 1.0]);
    }

    #[test]
    fn one_logit_answers_as_softmax_does_for_it_and_none() {
        for logit in [-3.0_f32, 0.25, 4.0] {
            let two = [0.0, logit];
            for class in 0..2 {
                for score in [Score::Probability, Score::LogProbability] {
                    let (value, derivative) = Head::Binary.score(score, class, &[logit]);
                    let (expected, derivatives) = Head::Softmax.score(score, class, &two);
                    assert!((value - expected).abs() < 1e-6 && (derivative[0] - derivatives[1]).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn one_output_is_never_a_softmax() {
        assert_eq!(Head::unsaid(1), (Head::Binary, HeadSource::Guess));
        assert_eq!(Head::unsaid(2), (Head::Softmax, HeadSource::Default));
        assert!(Head::Softmax.for_outputs(1).unwrap_err().contains("100 %"));
        assert_eq!(Head::Sigmoid.for_outputs(1), Ok(Head::Binary));
        assert!(Head::Binary.for_outputs(3).unwrap_err().contains("3 outputs"));
        for head in Head::ALL {
            assert_eq!(head.outputs(head.classes(1)), 1, "{head:?}");
            assert!(head.scores()[0] == head.measure() && head.fitting(Score::Output) == head.measure());
        }
    }

    #[test]
    fn a_class_is_decided_for_by_rank_or_by_itself() {
        assert!(Head::Softmax.decides_for(1, &[0.3, 0.4, 0.3]) && !Head::Sigmoid.decides_for(1, &[0.3, 0.4, 0.3]));
        assert!(Head::Sigmoid.decides_for(1, &[0.9, 0.6]) && !Head::Softmax.decides_for(1, &[0.9, 0.6]));
        assert!(!Head::Regression.decides_for(0, &[7.0]) && !Head::Softmax.decides_for(3, &[1.0]));
    }
}
