//! A run as it is kept and exported: one picture, one class, every method's result.

use std::sync::Arc;

use serde::Serialize;

use super::{Curves, Explanation, Measure, Parameters, RandomOrders, SecondOpinion, Spread};
use crate::{
    imaging::{CropMode, Photo},
    model::{Answer, Input, ModelSpec, Score},
};

/// A class with what the model answers for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Number of the class.
    pub id: usize,
    /// Name of the class.
    pub name: String,
    /// Its probability, or its output where the model has no probabilities.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What the model makes of the picture that the curves end with: a baseline that still is the class judges badly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaselineSeen {
    /// The model's answer for the explained class.
    #[serde(flatten)]
    pub answer: Answer,
    /// The class with the highest answer.
    pub top: Prediction,
    /// Whether the model still takes it for the explained class: see [`crate::model::Head::decides_for`].
    pub is_still_the_class: bool,
}

/// A method's result with the curves that judge it.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The map and how it came about.
    pub explanation: Explanation,
    /// Deletion and insertion; empty for a map that found nothing.
    pub curves: Curves,
    /// The same by second judges.
    pub second: Vec<SecondOpinion>,
    /// How far the areas move by chance, if that was asked for.
    pub spread: Option<Spread>,
    /// What was measured of it besides, as far as that was asked for.
    pub measures: Vec<Measure>,
}

impl Finished {
    /// Whether the method found something.
    pub fn is_found(&self) -> bool {
        self.explanation.nothing.is_none()
    }
}

/// Everything a run produced.
#[derive(Debug, Clone)]
pub struct Run {
    /// The picture as the user named it.
    pub image: String,
    /// The picture.
    pub photo: Arc<Photo>,
    /// The model.
    pub model: Arc<ModelSpec>,
    /// The device, in words.
    pub device: String,
    /// What the model saw.
    pub input: Arc<Input>,
    /// The class explained.
    pub class: Prediction,
    /// The class it was explained against, if it was.
    pub against: Option<Prediction>,
    /// The score explained.
    pub score: Score,
    /// What was explained, for the whole picture: the class's score, less that of the other class.
    pub value: f32,
    /// How the picture was cut.
    pub crop: CropMode,
    /// The five classes with the highest answers, the highest first.
    pub top: Vec<Prediction>,
    /// What the methods and curves were asked for with.
    pub parameters: Parameters,
    /// What the model makes of the curves' baseline.
    pub baseline: BaselineSeen,
    /// Random orders, which every area is to be held against.
    pub random: RandomOrders,
    /// The results, in the order they were finished.
    pub methods: Vec<Finished>,
}
