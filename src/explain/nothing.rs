//! *Found nothing* as a result of its own: when a map is no finding, whatever its colours would look like.

use super::{Baseline, Control, ExplainError, Explanation, Mask, Named, Subject, choice};
use crate::model::{Batch, Head, Score};

/// Pixels that differ by less, in the network's numbers, are the same: half a step of eight bits.
const BLANK: f32 = 0.004;

/// The most probable class of a picture must be more probable than this, for the model to be sure of anything.
const SURE: f32 = 0.1;

/// The same for few classes: in shares of what each would have by chance.
const ABOVE_CHANCE: f32 = 1.1;

/// A probability that is nearer to 1 than this hardly has a gradient left in single precision.
const SATURATED: f32 = 1e-5;

/// The least difference between two cells of a mask that is a finding.
pub const LEAST_CHANGE: f32 = 1e-3;

/// What is less than this share of the network's answer may be its rounding: some hundred roundings of single precision,
/// as a network has many sums.
pub(super) const ROUNDING: f64 = 1e-5;

/// The least difference between two values of any other map, relative to the largest: that of single precision.
const LEAST_DIFFERENCE: f32 = 1e-6;

/// Why a method found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nothing {
    /// The picture is the same everywhere: no place can differ from another.
    Blank,
    /// The model is not sure of the picture.
    Unsure,
    /// The model, for which any number of classes can be true, sees none of them.
    NoClass,
    /// The probability is so near to 1 that nothing moves it.
    Saturated,
    /// The search moved nothing by more than rounding, or nothing it tried was better than what it began with.
    Unmoved,
    /// The score is no lower where the mask deletes: what it deletes was no evidence.
    NotLowered,
    /// All places are equally important.
    Ties,
    /// What the map tells apart is within the rounding of the network's own answer.
    Rounding,
    /// Other random masks would have made another map.
    Chance,
    /// The method has nothing to say of this network; the explanation's note *refused* says why.
    Refused,
}

impl Named for Nothing {
    const ALL: &'static [Self] = &[
        Self::Blank,
        Self::Unsure,
        Self::NoClass,
        Self::Saturated,
        Self::Unmoved,
        Self::NotLowered,
        Self::Ties,
        Self::Rounding,
        Self::Chance,
        Self::Refused,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Unsure => "unsure",
            Self::NoClass => "no-class",
            Self::Saturated => "saturated",
            Self::Unmoved => "unmoved",
            Self::NotLowered => "not-lowered",
            Self::Ties => "ties",
            Self::Rounding => "rounding",
            Self::Chance => "chance",
            Self::Refused => "refused",
        }
    }
}

choice!(Nothing);

/// What may find something where nothing was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Remedy {
    /// Explain another score.
    Score(Score),
    /// Divide a parameter of the method by ten.
    TenthOf(&'static str),
    /// Replace what is deleted with something else.
    Baseline(Baseline),
}

impl Nothing {
    /// Why, in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Blank => "the picture is the same everywhere",
            Self::Unsure => "the model is not sure of this picture",
            Self::NoClass => "the model sees none of its classes in this picture",
            Self::Saturated => "the probability is so near to 1 that nothing moves it",
            Self::Unmoved => "the search moved nothing by more than rounding",
            Self::NotLowered => "deleting what the mask deletes does not lower the score",
            Self::Ties => "all places are equally important",
            Self::Rounding => "the score moves by no more than rounding",
            Self::Chance => "two halves of the random masks tell other things",
            Self::Refused => "the method has nothing to say of this network",
        }
    }

    /// What to try; nothing helps a blank picture. Of the method's parameters only those that are given here are known: the price of a mask, and the
    /// baseline.
    pub fn remedy(self, price: Option<&'static str>, baseline: Option<Baseline>) -> Option<Remedy> {
        Some(match (self, price) {
            (Self::Blank | Self::Chance | Self::Refused, _) => return None,
            (Self::Unsure | Self::NoClass, _) => Remedy::Score(Score::Logit),
            (Self::Saturated, _) => Remedy::Score(Score::LogProbability),
            (Self::Unmoved, Some(price)) => Remedy::TenthOf(price),
            (Self::Unmoved | Self::NotLowered | Self::Ties | Self::Rounding, _) => match baseline {
                Some(Baseline::Blur) => Remedy::Baseline(Baseline::Grey),
                Some(_) => Remedy::Baseline(Baseline::Blur),
                None => return None,
            },
        })
    }
}

impl Remedy {
    /// What to do, on the command line.
    pub fn words(self) -> String {
        match self {
            Self::Score(score) => format!("try --score {}", score.name()),
            Self::TenthOf(parameter) => format!("try a tenth of --{}", parameter.replace('_', "-")),
            Self::Baseline(baseline) => format!("try --baseline {}", baseline.name()),
        }
    }
}

impl Explanation {
    /// Why the method has nothing to say of the network, if it is so.
    pub fn refused(&self) -> Option<&str> {
        self.nothing.filter(|nothing| *nothing == Nothing::Refused)?;
        self.notes.iter().find(|(name, _)| *name == "refused").map(|(_, reason)| reason.as_str())
    }

    /// Why it found nothing, in a sentence, if it did not.
    pub fn why_nothing(&self) -> Option<&str> {
        self.refused().or(self.nothing.map(Nothing::words))
    }

    /// What may find something where this found nothing; none where it did find something.
    pub fn remedy(&self) -> Option<Remedy> {
        let baseline = self.method.row("baseline").and_then(|row| row.get(&*self.parameters));
        let baseline = baseline.and_then(super::FieldType::from_value);
        self.nothing?.remedy(self.method.price, baseline)
    }
}

/// Why no method can find anything, if it is so: what is known of a question before it is asked.
pub(super) fn nothing_to_find(
    subject: &Subject<'_>,
    takes_saturated: bool,
    control: &Control,
) -> Result<Option<Nothing>, ExplainError> {
    control.checkpoint()?;
    let (planar, target) = (&subject.input.planar, subject.target);
    subject.classifier.spec().check_target(target)?;
    if planar.chunks_exact(subject.input.size.area().max(1)).all(|plane| extent(plane).0 < BLANK) {
        return Ok(Some(Nothing::Blank));
    }
    if target.score != Score::Probability {
        return Ok(None);
    }
    let logits = subject.classifier.logits(&Batch::new(planar, planar.len()))?.pop().unwrap_or_default();
    let head = subject.classifier.spec().head;
    let probabilities = head.answers(&logits);
    let most = probabilities.iter().copied().fold(0.0, f32::max);
    match head {
        // Each class is decided for alone, so that there is no chance to be above: below this, none is there.
        Head::Sigmoid if most < SURE => return Ok(Some(Nothing::NoClass)),
        Head::Softmax | Head::Binary if most < SURE.max(ABOVE_CHANCE / probabilities.len().max(1) as f32) => {
            return Ok(Some(Nothing::Unsure));
        }
        Head::Softmax | Head::Sigmoid | Head::Binary | Head::Regression => {}
    }
    let of = |class: usize| probabilities.get(class).copied().unwrap_or_default();
    let highest = of(target.class).max(target.against.map_or(0.0, of));
    Ok((highest > 1.0 - SATURATED && !takes_saturated).then_some(Nothing::Saturated))
}

/// Why an explanation found nothing, if it is so: what its method says, and what is true of any map.
pub(super) fn nothing_found(explanation: &Explanation) -> Option<Nothing> {
    if explanation.nothing.is_some() {
        return explanation.nothing;
    }
    if explanation.mask().is_some_and(|mask: &Mask| extent(&mask.values).0 < LEAST_CHANGE) {
        return Some(Nothing::Unmoved);
    }
    let (difference, largest) = extent(&explanation.saliency.values);
    (difference <= LEAST_DIFFERENCE * largest).then_some(Nothing::Ties)
}

/// How far the highest value is above the lowest, and the size of the largest.
fn extent(values: &[f32]) -> (f32, f32) {
    let ends = (f32::INFINITY, f32::NEG_INFINITY);
    let (low, high) = values.iter().fold(ends, |(low, high), &value| (low.min(value), high.max(value)));
    (high - low, low.abs().max(high.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_try_is_something_else_than_what_was_asked() {
        let priced = Nothing::Unmoved.remedy(Some("l1_weight"), Some(Baseline::Blur));
        assert_eq!(priced, Some(Remedy::TenthOf("l1_weight")));
        assert_eq!(Nothing::Ties.remedy(None, Some(Baseline::Blur)), Some(Remedy::Baseline(Baseline::Grey)));
        assert_eq!(Nothing::Ties.remedy(None, Some(Baseline::Grey)), Some(Remedy::Baseline(Baseline::Blur)));
        assert_eq!(Nothing::Saturated.remedy(None, None), Some(Remedy::Score(Score::LogProbability)));
        assert_eq!(Nothing::Blank.remedy(Some("l1_weight"), Some(Baseline::Blur)), None);
        assert_eq!(Remedy::TenthOf("l1_weight").words(), "try a tenth of --l1-weight");
    }
}
