//! What is written under and beside exported pictures.

use serde_json::Value as Json;

use super::{
    Style,
    numbers::{answer, score, short},
    verdict,
};
use crate::{
    explain::{Explanation, Finished, Iteration, Prediction, Run, Term, TermRole, Value},
    model::{Head, HeadSource, ModelSpec},
};

/// A class with its number and what the model answers for it.
pub fn class(prediction: &Prediction) -> String {
    format!("{} ({}), {}", prediction.name, prediction.id, answer(prediction.answer))
}

/// What is explained: a class, rather than another one where that was asked, by another score than the usual one where
/// that was.
pub fn question(run: &Run) -> Vec<String> {
    let mut parts = vec![class(&run.class)];
    if let Some(against) = &run.against {
        parts.push(format!("rather than {}", class(against)));
    }
    if !run.score.is_measure() {
        parts.push(format!("by {}", run.score.name()));
    }
    parts
}

/// What a model is called, and what its outputs mean where that is not the usual.
pub fn model(spec: &ModelSpec) -> String {
    let guessed = if spec.head_source == HeadSource::Guess { ", a guess" } else { "" };
    match spec.head {
        Head::Softmax => spec.name.clone(),
        head => format!("{} ({} head{guessed})", spec.name, head.name()),
    }
}

/// A method's main parameters, each with its value, and what it noted.
pub fn main_parameters(explanation: &Explanation) -> Vec<String> {
    let rows = explanation.method.rows().filter(|row| row.in_captions);
    let parameters = rows
        .filter_map(|row| Some(format!("{} {}", row.words(), value(&row.get(&*explanation.parameters)?.to_json()))));
    let notes = explanation.notes.iter().map(|(name, text)| format!("{} {text}", spaced(name)));
    parameters.chain(notes).collect()
}

/// Which iteration of how many it is, and whether its mask is the map.
pub fn number(explanation: &Explanation, iteration: &Iteration) -> String {
    let best = if explanation.kept == Some(iteration.number) { ", best" } else { "" };
    format!("iteration {} of {}{best}", iteration.number, explanation.iterations.len())
}

/// What is said of an iteration below its picture: its score, or what the method makes small or large.
pub fn said_of(iteration: &Iteration) -> Option<String> {
    let role = |role: TermRole| iteration.terms.iter().find(|term| term.role == role);
    let term = role(TermRole::Score).or_else(|| role(TermRole::Objective))?;
    Some(format!("{} {}", term.title, score(iteration.number(term.name))))
}

/// The value of a term as it is read: three places for what is a score, less for other numbers.
pub fn term_value(term: &Term, value: Value) -> String {
    match value {
        Value::Real(number) if term.is_in_score() => score(number),
        Value::Real(number) => short(number),
        Value::Switch(true) => "yes".to_owned(),
        Value::Switch(false) => "no".to_owned(),
        Value::Whole(_) | Value::Choice(_) => value.to_string(),
    }
}

/// The caption of a method's map in a style, in parts. An iteration has no areas: those are the result's.
pub fn caption(run: &Run, finished: &Finished, style: Style) -> Vec<String> {
    let explanation = &finished.explanation;
    let mut parts = vec![explanation.method.title.to_owned()];
    parts.extend(style.words());
    if let Some(iteration) = style.iteration_of(explanation) {
        parts.push(number(explanation, iteration));
        parts.extend(said_of(iteration));
        parts.extend(question(run));
        parts.extend(main_parameters(explanation));
        return parts;
    }
    parts.extend(question(run));
    parts.extend(verdict::result(finished));
    parts.extend(verdict::remedy(&finished.explanation));
    parts.extend(verdict::details(run, finished));
    parts.extend(main_parameters(&finished.explanation));
    parts
}

/// A parameter's name in words.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A parameter's value as it is read.
pub fn value(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        // Whole numbers, such as seeds, in full.
        Json::Number(number) if !number.is_f64() => number.to_string(),
        Json::Number(number) => number.as_f64().map_or_else(|| number.to_string(), short),
        Json::Null => "none".to_owned(),
        Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}
