//! A run as it is kept and exported: one picture, one class, every method's result.

use std::sync::Arc;

use serde::Serialize;

use super::{Curves, Explanation, Parameters};
use crate::{
    imaging::{CropMode, Photo},
    model::{Input, ModelSpec, Score},
};

/// A class with its probability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Number of the class.
    pub id: usize,
    /// Name of the class.
    pub name: String,
    /// Softmax probability, in `[0, 1]`.
    pub probability: f32,
}

/// A method's result with the curves that judge it.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The map and how it came about.
    pub explanation: Explanation,
    /// Deletion and insertion.
    pub curves: Curves,
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
    /// The five most probable classes, most probable first.
    pub top: Vec<Prediction>,
    /// What the methods and curves were asked for with.
    pub parameters: Parameters,
    /// The results, in the order they were finished.
    pub methods: Vec<Finished>,
}
