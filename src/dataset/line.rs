//! What is kept of a picture and a method: one line of JSON, which stands by itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Item;
use crate::{
    explain::{Band, Curves, Finished, HALVED, NEARLY_ALL, Named as _, Run, Saliency},
    imaging::Interpolation,
    model::{Head, Score},
};

/// What the row of the random orders has in place of a method.
pub const RANDOM: &str = "random";

/// A line of `results.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Place of the picture in the whole dataset, from 0.
    pub index: usize,
    /// Its name in the dataset.
    pub picture: String,
    /// The class it is said to be of, as it is written there, and the number of the model's class that this means.
    pub label: Option<String>,
    /// See [`Line::label`].
    pub label_class: Option<usize>,
    /// Why nothing is known of it; then the rest is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the model makes of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The method, or [`RANDOM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
}

/// What the model makes of a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The class with the highest answer.
    pub predicted_class: usize,
    /// Its name.
    pub predicted: String,
    /// The answer for it: a probability, or an output of a model without probabilities.
    pub answer: f32,
    /// How far that is above the next class's; none if there is no other.
    pub margin: Option<f32>,
    /// The answer for the class that the picture is labelled with.
    pub label_answer: Option<f32>,
    /// How many classes have a higher answer than that one.
    pub label_rank: Option<usize>,
    /// −ln of the probability of that class; none of a model without probabilities.
    pub loss: Option<f32>,
    /// The class that was explained.
    pub explained_class: usize,
    /// Its name.
    pub explained: String,
    /// The answer for it.
    pub explained_answer: f32,
}

impl Seen {
    /// What is known of a picture by its answers, one a class; none where there are none.
    pub fn of(
        head: Head,
        answers: &[f32],
        label: Option<usize>,
        explained: usize,
        name: impl Fn(usize) -> String,
    ) -> Option<Self> {
        let best = (0..answers.len()).max_by(|&a, &b| answers[a].total_cmp(&answers[b]).then(b.cmp(&a)))?;
        let next = (0..answers.len()).filter(|class| *class != best).map(|class| answers[class]).reduce(f32::max);
        let label_answer = label.and_then(|label| answers.get(label)).copied();
        let probability = label_answer.filter(|_| head.measure() == Score::Probability);
        Some(Self {
            predicted_class: best,
            predicted: name(best),
            answer: answers[best],
            margin: next.map(|next| answers[best] - next),
            label_answer,
            label_rank: label_answer.map(|own| answers.iter().filter(|other| **other > own).count()),
            // The smallest number that is none: where rounding has left nothing, the loss is large and not infinite.
            loss: probability.map(|probability| -probability.max(f32::MIN_POSITIVE).ln()),
            explained_class: explained,
            explained: name(explained),
            explained_answer: answers.get(explained).copied().unwrap_or_default(),
        })
    }
}

/// What came of a method on a picture, or of the random orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether it found something; random orders always do.
    pub found: bool,
    /// Why not, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the curves come to; none of what found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub areas: Option<Areas>,
    /// Whether insertion − deletion is more than any random order has, if there were some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_better_than_random: Option<bool>,
    /// The smallest share of the picture that keeps 90 % of the score alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps_90_percent: Option<f32>,
    /// The smallest share whose deletion halves the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halves: Option<f32>,
    /// The areas by second judges, by what those are called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<(String, Areas)>,
    /// What was measured besides, by the metric's id; what has no value is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f32>,
    /// Seconds of computing: what a machine took, and nothing that a summary compares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Where the map is kept, and how it is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<KeptMap>,
}

/// The areas under both curves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Areas {
    /// Under deletion: less is better.
    pub deletion: f32,
    /// Under insertion: more is better.
    pub insertion: f32,
}

impl Areas {
    /// Insertion − deletion: more is better.
    pub fn difference(self) -> f32 {
        self.insertion - self.deletion
    }
}

/// A map on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptMap {
    /// Its file in the folder of the results: float32, rows × columns.
    pub file: String,
    /// The same with what speaks against the class below 0, for methods that tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_file: Option<String>,
    /// How it is spread over the picture.
    pub interpolation: Interpolation,
    /// Share of the largest values that are drawn at full strength.
    pub clipped_fraction: f32,
    /// The value that is drawn at full strength, if it is the same for all maps of the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<f32>,
}

impl KeptMap {
    /// How to draw a map that is kept in `file`.
    pub fn of(saliency: &Saliency, file: String, signed_file: Option<String>) -> Self {
        let Saliency { interpolation, clipped_fraction, full, .. } = *saliency;
        Self { file, signed_file, interpolation, clipped_fraction, full }
    }

    /// The map again, of its values in `height` rows.
    pub fn saliency(&self, values: Vec<f32>, height: usize) -> Saliency {
        let Self { interpolation, clipped_fraction, full, .. } = *self;
        Saliency { width: values.len() / height.max(1), height, values, interpolation, clipped_fraction, full }
    }
}

impl Line {
    /// What is said of a picture that could not be explained.
    pub fn failed(index: usize, item: &Item, label_class: Option<usize>, error: String) -> Self {
        Self { error: Some(error), ..Self::about(index, item, label_class) }
    }

    fn about(index: usize, item: &Item, label_class: Option<usize>) -> Self {
        let (picture, label) = (item.name.clone(), item.label.clone());
        Self { index, picture, label, label_class, error: None, seen: None, method: None, result: None }
    }

    /// The lines of a run: first that of the random orders, if there were some, then one a method. `map` says where the
    /// map of a method is kept.
    pub fn of_run(
        index: usize,
        item: &Item,
        label_class: Option<usize>,
        seen: &Seen,
        run: &Run,
        map: impl Fn(&Finished) -> Option<KeptMap>,
    ) -> Vec<Self> {
        let line = |method: &str, result: Outcome| Self {
            seen: Some(seen.clone()),
            method: Some(method.to_owned()),
            result: Some(result),
            ..Self::about(index, item, label_class)
        };
        let random = run.random.areas().map(|areas| line(RANDOM, Outcome::of_random(areas)));
        let of_methods = run
            .methods
            .iter()
            .map(|finished| line(finished.explanation.method.id, Outcome::of(run, finished, map(finished))));
        random.into_iter().chain(of_methods).collect()
    }

    /// What was measured by the metric of this id.
    pub fn metric(&self, id: &str) -> Option<f32> {
        self.result.as_ref()?.metrics.get(id).copied()
    }

    /// Whether the model took the picture for another class than it is labelled with; none without a label.
    pub fn is_wrong(&self) -> Option<bool> {
        Some(self.seen.as_ref()?.predicted_class != self.label_class?)
    }
}

impl Outcome {
    fn of_random([deletion, insertion]: [Band; 2]) -> Self {
        let areas = Areas { deletion: deletion.mean, insertion: insertion.mean };
        Self { found: true, areas: Some(areas), ..Self::nothing() }
    }

    fn nothing() -> Self {
        Self {
            found: false,
            why: None,
            areas: None,
            is_better_than_random: None,
            keeps_90_percent: None,
            halves: None,
            judges: Vec::new(),
            metrics: BTreeMap::new(),
            seconds: None,
            map: None,
        }
    }

    fn of(run: &Run, finished: &Finished, map: Option<KeptMap>) -> Self {
        let (explanation, curves) = (&finished.explanation, &finished.curves);
        let seconds = Some(explanation.seconds);
        if let Some(nothing) = explanation.nothing {
            return Self { why: Some(nothing.name().to_owned()), seconds, ..Self::nothing() };
        }
        let areas = |curves: &Curves| Areas { deletion: curves.deletion(), insertion: curves.insertion() };
        let judges = finished.second.iter().map(|second| (second.judge.words(), areas(&second.curves)));
        let measures = finished.measures.iter();
        Self {
            found: true,
            why: None,
            areas: Some(areas(curves)),
            is_better_than_random: (!run.random.curves.is_empty()).then(|| !run.random.do_as_well_as(curves)),
            keeps_90_percent: curves.keeps(NEARLY_ALL),
            halves: curves.loses(HALVED),
            judges: judges.collect(),
            metrics: measures.filter_map(|measure| Some((measure.metric.id.to_owned(), measure.value?))).collect(),
            seconds,
            map,
        }
    }
}
