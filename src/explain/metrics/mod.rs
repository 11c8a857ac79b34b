//! What a map is worth, in numbers that the field knows: rows, as the methods are.
//!
//! Deletion and insertion on the curves' grid stand beside every map (`evaluation`). These are asked for: each is a row
//! with its range, its direction and its source, named as Quantus names it where that has it, and a function of a map and
//! what it was made of. A new one is a function and a row in this list.

mod agreement;
mod complexity;
mod correlation;
mod dropping;
mod fidelity;
mod localisation;
mod pixels;
mod randomisation;
mod road;
mod robustness;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Control, ExplainError, Explanation, Method, Nothing, Parameters, Saliency, Subject, rank};
use crate::imaging::{Region, Size};
pub use agreement::{Agreement, agreement};

/// Which values of a metric are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The higher ones.
    Higher,
    /// The lower ones.
    Lower,
    /// Neither: it describes.
    Neither,
}

/// What a metric is about, as Quantus groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// Whether what it calls important is what the network goes by.
    Faithfulness,
    /// Whether it is where a person says the thing is.
    Localisation,
    /// Whether it is few places or many.
    Complexity,
    /// Whether it depends on the class and on the network at all.
    Randomisation,
    /// Whether it stays where the picture hardly changes.
    Robustness,
}

impl About {
    /// Every group, in the order to show them.
    pub const ALL: [Self; 5] =
        [Self::Faithfulness, Self::Localisation, Self::Complexity, Self::Randomisation, Self::Robustness];

    /// Its name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Faithfulness => "Faithfulness",
            Self::Localisation => "Localisation",
            Self::Complexity => "Complexity",
            Self::Randomisation => "Sanity",
            Self::Robustness => "Robustness",
        }
    }

    /// What it asks, in a sentence.
    pub fn asks(self) -> &'static str {
        match self {
            Self::Faithfulness => "Does the network go by what the map calls important?",
            Self::Localisation => "Is it where a person says the thing is?",
            Self::Complexity => "Is it a few places or many?",
            Self::Randomisation => "Does it depend on the class, and on what the network has learned?",
            Self::Robustness => "Does it stay where the picture hardly changes?",
        }
    }
}

/// What a metric is measured of.
#[derive(Clone, Copy)]
pub struct Measuring<'a> {
    /// What was explained.
    pub subject: &'a Subject<'a>,
    /// The map.
    pub explanation: &'a Explanation,
    /// The parameters of the run; of the curves, the grid, the baseline and the seed count here too.
    pub parameters: &'a Parameters,
    /// Where a person says the thing is, in pixels of what the model sees.
    pub place: Option<Region>,
    /// Pauses and cancels it.
    pub control: &'a Control,
}

impl Measuring<'_> {
    /// The map's values on the curves' grid, `[grid, grid]`.
    fn cells(&self) -> Vec<f32> {
        self.explanation.saliency.on_grid(self.grid())
    }

    /// Side of the curves' grid.
    fn grid(&self) -> usize {
        self.parameters.curves.grid.max(1)
    }

    /// Width and height of the model's input.
    fn size(&self) -> Size {
        self.subject.input.size
    }

    fn seed(&self) -> u64 {
        self.parameters.curves.seed
    }

    /// The map again, of another question; none where the method cannot make it, as of somebody else's map.
    fn again(&self, subject: &Subject<'_>) -> Result<Option<Explanation>, ExplainError> {
        let again = self.explanation.method.explain(subject, self.parameters, self.control, &mut |_| {})?;
        Ok((again.nothing != Some(Nothing::Refused)).then_some(again))
    }
}

/// A part of what a metric's value is the mean of, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What it is of.
    pub name: String,
    /// Its value.
    pub value: f32,
    /// The map that it compares with, on the curves' grid, row by row.
    #[serde(skip)]
    pub cells: Vec<f32>,
}

/// The correlation of ranks from which maps are called much the same. The papers draw no line.
const ALIKE: f32 = 0.5;

/// How a metric is measured.
#[derive(Clone, Copy)]
enum How {
    /// As one number.
    Whole(fn(&Measuring<'_>) -> Result<Option<f32>, ExplainError>),
    /// As the mean of numbers that are worth a look themselves; none at all where it has no value.
    Steps(fn(&Measuring<'_>) -> Result<Vec<Step>, ExplainError>),
}

/// What it costs to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// So many passes forward.
    Forward(usize),
    /// As much as so many more maps by the same method.
    Maps(usize),
}

/// A metric: a row.
pub struct Metric {
    /// The name in flags and JSON.
    pub id: &'static str,
    /// The name on screen, Quantus's where it has one.
    pub title: &'static str,
    /// What it is about.
    pub about: About,
    /// Which values are better.
    pub better: Better,
    /// What values there can be, in words.
    pub range: &'static str,
    /// What it measures, in a sentence.
    pub meaning: &'static str,
    /// Where it is from: authors, title, place and year.
    pub source: &'static str,
    /// What it costs to measure.
    pub cost: Cost,
    how: How,
}

/// What was measured of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The metric.
    pub metric: &'static Metric,
    /// Its value; none where there is none: nothing is marked, or the map has no differences.
    pub value: Option<f32>,
    /// What the value is the mean of, for a metric that has such parts.
    pub steps: Vec<Step>,
}

impl Measure {
    /// Whether the last of its steps is still like the map: for [`MPRT`](METRICS) that of a network that has forgotten
    /// everything. None of a metric without steps.
    pub fn stays(&self) -> Option<bool> {
        self.steps.last().map(|step| step.value >= ALIKE)
    }
}

/// Every metric, in the order to show them.
pub static METRICS: &[Metric] = &[
    fidelity::FAITHFULNESS_CORRELATION,
    fidelity::SENSITIVITY_N,
    road::ROAD,
    pixels::PIXEL_INSERTION,
    pixels::PIXEL_DELETION,
    pixels::PIXEL_DIFFERENCE,
    dropping::AVERAGE_DROP,
    dropping::AVERAGE_INCREASE,
    localisation::POINTING_GAME,
    localisation::RELEVANCE_RANK_ACCURACY,
    localisation::RELEVANCE_MASS_ACCURACY,
    localisation::INTERSECTION_OVER_UNION,
    complexity::SPARSENESS,
    complexity::COMPLEXITY,
    randomisation::MPRT,
    randomisation::RANDOM_LOGIT,
    robustness::AVG_SENSITIVITY,
    robustness::SHIFT,
];

impl Metric {
    /// Measures a map; none where the metric has no value for it.
    ///
    /// # Errors
    /// A cancellation, or a model that fails or does not answer with numbers.
    pub fn measure(&'static self, of: &Measuring<'_>) -> Result<Measure, ExplainError> {
        of.control.checkpoint()?;
        let (value, steps) = match self.how {
            How::Whole(measure) => (measure(of)?, Vec::new()),
            How::Steps(measure) => {
                let steps = measure(of)?;
                let sum: f32 = steps.iter().map(|step| step.value).sum();
                ((!steps.is_empty()).then(|| sum / steps.len() as f32), steps)
            }
        };
        Ok(Measure { metric: self, value: value.filter(|value| value.is_finite()), steps })
    }

    /// The metric of this id.
    pub fn named(id: &str) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.id == id)
    }

    /// Passes forward and back that it takes for a map of a method.
    pub fn passes_for(&self, method: &Method, parameters: &Parameters) -> usize {
        match self.cost {
            // A pass forward is a third of one with its way back.
            Cost::Forward(passes) => passes.div_ceil(3),
            Cost::Maps(maps) => maps * method.passes(parameters),
        }
    }
}

// A metric is its id.

impl fmt::Debug for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Metric {}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl<'de> Deserialize<'de> for &'static Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Metric::named(&id).ok_or_else(|| D::Error::custom(format!("there is no metric “{id}”")))
    }
}

#[cfg(test)]
mod tests;
