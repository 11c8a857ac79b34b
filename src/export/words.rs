//! What is written under and beside exported pictures.

use serde_json::Value;

use super::numbers::{percent, score, short};
use crate::{
    explain::{Finished, Prediction, Run},
    model::Score,
};

/// The parameters a reader needs first, in the order to name them. The others are in `run.json`.
const MAIN_PARAMETERS: [&str; 9] = [
    "mask_size",
    "iterations",
    "integration_steps",
    "l1_weight",
    "tv_weight",
    "line_search",
    "baseline",
    "feature_layer",
    "seed",
];

/// A class with its number and probability.
pub fn class(prediction: &Prediction) -> String {
    format!("{} ({}), {}", prediction.name, prediction.id, percent(prediction.probability))
}

/// What is explained: a class, rather than another one where that was asked, by another score than its probability
/// where that was.
pub fn question(run: &Run) -> Vec<String> {
    let mut parts = vec![class(&run.class)];
    if let Some(against) = &run.against {
        parts.push(format!("rather than {}", class(against)));
    }
    if run.score != Score::default() {
        parts.push(format!("by {}", run.score.name()));
    }
    parts
}

/// The areas under a method's curves.
pub fn areas(finished: &Finished) -> [String; 2] {
    let curves = &finished.curves;
    [
        format!("deletion {}", score(f64::from(curves.deletion()))),
        format!("insertion {}", score(f64::from(curves.insertion()))),
    ]
}

/// A method's main parameters, each with its value.
pub fn main_parameters(parameters: &Value) -> Vec<String> {
    MAIN_PARAMETERS
        .iter()
        .filter_map(|name| Some(format!("{} {}", spaced(name), value(parameters.get(name)?))))
        .collect()
}

/// The caption of a method's map, in parts.
pub fn caption(run: &Run, finished: &Finished) -> Vec<String> {
    let mut parts = vec![finished.explanation.method.title().to_owned()];
    parts.extend(question(run));
    parts.extend(areas(finished));
    parts.extend(main_parameters(&finished.explanation.parameters));
    parts
}

/// A parameter's name in words.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A parameter's value as it is read.
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        // Whole numbers, such as seeds, in full.
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), short),
        Value::Null => "none".to_owned(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
