//! What the lines of an evaluation come to: means with their intervals, differences with their tests, and by class.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{Head, Interval, Line, Outcome, RANDOM, bootstrap_mean, holm, statistics::wilcoxon};
use crate::{
    explain::{METRICS, Metric},
    export::random,
};

/// A number that is had of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    /// Insertion − deletion: more is better.
    Difference,
    /// The area under deletion: less is better.
    Deletion,
    /// The area under insertion: more is better.
    Insertion,
    /// Insertion − deletion by a second judge: more is better.
    By(String),
    /// What a metric measures.
    Measured(&'static Metric),
}

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl Quantity {
    /// The name in tables for programs.
    pub fn name(&self) -> String {
        match self {
            Self::Difference => "insertion_minus_deletion".to_owned(),
            Self::Deletion => "deletion".to_owned(),
            Self::Insertion => "insertion".to_owned(),
            Self::By(judge) => format!("insertion_minus_deletion_{}", judge.replace(' ', "_")),
            Self::Measured(metric) => metric.id.replace('-', "_"),
        }
    }

    /// The name for people.
    pub fn title(&self) -> String {
        match self {
            Self::Difference => "Ins − del".to_owned(),
            Self::Deletion => "Deletion".to_owned(),
            Self::Insertion => "Insertion".to_owned(),
            Self::By(judge) => format!("Ins − del {judge}"),
            Self::Measured(metric) => metric.title.to_owned(),
        }
    }

    /// The metric that measures it, if one does.
    pub fn measured(&self) -> Option<&'static Metric> {
        match self {
            Self::Measured(metric) => Some(metric),
            Self::Difference | Self::Deletion | Self::Insertion | Self::By(_) => None,
        }
    }

    /// Whether a metric measures it.
    pub fn is_measured(&self) -> bool {
        self.measured().is_some()
    }

    /// Its value of what came of a method; none where that found nothing, or has no such judge.
    pub fn of(&self, outcome: &Outcome) -> Option<f64> {
        let value = match self {
            Self::Difference => outcome.areas?.difference(),
            Self::Deletion => outcome.areas?.deletion,
            Self::Insertion => outcome.areas?.insertion,
            Self::By(judge) => outcome.judges.iter().find(|(own, _)| own == judge)?.1.difference(),
            Self::Measured(metric) => *outcome.metrics.get(metric.id)?,
        };
        Some(f64::from(value))
    }
}

/// What an evaluation comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Pictures that there are lines of.
    pub pictures: usize,
    /// Those that could not be explained, each with why.
    pub failed: Vec<(String, String)>,
    /// Those with a label that means a class.
    pub labelled: usize,
    /// Of those: the share whose label is the class with the highest answer.
    pub top_1: Option<f64>,
    /// Of those: the share whose label is among the five classes with the highest answers.
    pub top_5: Option<f64>,
    /// Of those: the mean of −ln p.
    pub loss: Option<f64>,
    /// A row a method, in the order they ran, and last the random orders.
    pub methods: Vec<Row>,
    /// Two rows each, compared on the pictures in which both found something.
    pub paired: Vec<Paired>,
    /// By the class that pictures are labelled with, or explained for where none is labelled.
    pub classes: Vec<Class>,
}

/// What a method comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its id.
    pub method: String,
    /// Its title.
    pub title: String,
    /// Pictures in which it found something.
    pub found: usize,
    /// Pictures in which it did better than every random order, of those where there were some.
    pub better_than_random: Option<usize>,
    /// Its means, over the pictures in which it found something.
    pub means: Vec<Mean>,
}

/// A mean over pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mean {
    /// Of what.
    #[serde(rename = "metric")]
    pub quantity: Quantity,
    /// Over how many pictures.
    pub pictures: usize,
    /// The mean and its 95 % interval; none of no pictures.
    pub interval: Option<Interval>,
}

/// Two methods on the same pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paired {
    /// The one.
    pub method: String,
    /// The other.
    pub than: String,
    /// What they are compared by.
    #[serde(rename = "metric")]
    pub quantity: Quantity,
    /// Pictures in which both found something.
    pub pictures: usize,
    /// The mean of the one's less the other's, with its 95 % interval.
    pub difference: Option<Interval>,
    /// Wilcoxon's two-sided p.
    pub p: Option<f64>,
    /// The same corrected for all pairs by this number by Holm.
    pub p_corrected: Option<f64>,
}

/// What a class comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    /// Its number.
    pub class: usize,
    /// Its name.
    pub name: String,
    /// Its pictures.
    pub pictures: usize,
    /// Those of them that were taken for another class, where they are labelled.
    pub wrong: Option<usize>,
    /// The mean of insertion − deletion of each row, and over how many pictures.
    pub differences: Vec<(Option<f64>, usize)>,
}

impl Summary {
    /// Of the lines of an evaluation, in the order of their pictures.
    pub fn of(head: &Head, lines: &[Line]) -> Self {
        let of_pictures: Vec<&[Line]> = lines.chunk_by(|a, b| a.index == b.index).collect();
        let firsts = || of_pictures.iter().filter_map(|lines| lines.first());
        let failed = firsts().filter_map(|line| Some((line.picture.clone(), line.error.clone()?)));
        let labelled: Vec<_> = firsts().filter_map(|line| Some((line.seen.as_ref()?, line.label_class?))).collect();
        let share = |least: usize| {
            let right = labelled.iter().filter(|(seen, _)| seen.label_rank.is_some_and(|rank| rank < least)).count();
            (!labelled.is_empty()).then(|| right as f64 / labelled.len() as f64)
        };
        let losses: Vec<f64> = labelled.iter().filter_map(|(seen, _)| seen.loss).map(f64::from).collect();
        let rows = rows(head, lines);
        let quantities = quantities(head, lines);
        Self {
            pictures: of_pictures.len(),
            failed: failed.collect(),
            labelled: labelled.len(),
            top_1: share(1),
            top_5: share(5).filter(|_| head.classes.len() > 5),
            loss: (!losses.is_empty()).then(|| losses.iter().sum::<f64>() / losses.len() as f64),
            methods: rows.iter().map(|row| row_of(row, lines, &quantities)).collect(),
            paired: paired(&rows, lines, &quantities),
            classes: classes(head, &rows, &of_pictures),
        }
    }

    /// The row that leads: of the method with the highest mean of insertion − deletion.
    pub fn best(&self) -> Option<&Row> {
        let mean = |row: &&Row| row.mean(&Quantity::Difference).map_or(f64::NEG_INFINITY, |interval| interval.mean);
        let methods = self.methods.iter().filter(|row| row.method != RANDOM);
        methods.max_by(|a, b| mean(a).total_cmp(&mean(b)))
    }
}

impl Row {
    /// The mean of a number.
    pub fn mean(&self, quantity: &Quantity) -> Option<Interval> {
        self.means.iter().find(|mean| mean.quantity == *quantity)?.interval
    }
}

/// The rows: the methods, and the random orders if there were some.
fn rows(head: &Head, lines: &[Line]) -> Vec<String> {
    let has_random = lines.iter().any(|line| line.method.as_deref() == Some(RANDOM));
    head.methods.iter().cloned().chain(has_random.then(|| RANDOM.to_owned())).collect()
}

/// The numbers of any line: the random orders have no second judges, and nothing measures them besides.
fn quantities(head: &Head, lines: &[Line]) -> Vec<Quantity> {
    let mut judges: Vec<&String> = Vec::new();
    for (judge, _) in lines.iter().filter_map(|line| line.result.as_ref()).flat_map(|result| &result.judges) {
        if !judges.contains(&judge) {
            judges.push(judge);
        }
    }
    judges.sort_unstable();
    let own = [Quantity::Difference, Quantity::Deletion, Quantity::Insertion];
    let judges = judges.into_iter().map(|judge| Quantity::By(judge.clone()));
    let measured = METRICS.iter().filter(|metric| head.metrics.iter().any(|id| id == metric.id));
    own.into_iter().chain(judges).chain(measured.map(Quantity::Measured)).collect()
}

/// The outcomes of a row, by picture.
fn outcomes<'a>(row: &str, lines: &'a [Line]) -> impl Iterator<Item = (usize, &'a Outcome)> {
    let is_of_row = move |line: &&Line| line.method.as_deref() == Some(row);
    lines.iter().filter(is_of_row).filter_map(|line| Some((line.index, line.result.as_ref()?)))
}

fn row_of(row: &str, lines: &[Line], quantities: &[Quantity]) -> Row {
    let results: Vec<&Outcome> = outcomes(row, lines).map(|(_, result)| result).collect();
    let compared: Vec<bool> = results.iter().filter_map(|result| result.is_better_than_random).collect();
    let mean = |quantity: &Quantity| {
        let values: Vec<f64> = results.iter().filter_map(|result| quantity.of(result)).collect();
        Mean { quantity: quantity.clone(), pictures: values.len(), interval: bootstrap_mean(&values) }
    };
    Row {
        method: row.to_owned(),
        title: title(row),
        found: results.iter().filter(|result| result.found).count(),
        better_than_random: (!compared.is_empty()).then(|| compared.iter().filter(|better| **better).count()),
        means: quantities.par_iter().map(mean).collect(),
    }
}

/// What a row is called.
pub(super) fn title(row: &str) -> String {
    if row == RANDOM { random::TITLE.to_owned() } else { Head::title(row) }
}

fn paired(rows: &[String], lines: &[Line], quantities: &[Quantity]) -> Vec<Paired> {
    let pairs: Vec<(&String, &String)> = rows
        .iter()
        .enumerate()
        .flat_map(|(place, one)| rows[place + 1..].iter().map(move |other| (one, other)))
        .collect();
    let compared = |quantity: &Quantity| {
        let pair = |(one, other): &(&String, &String)| {
            let others: BTreeMap<usize, f64> =
                outcomes(other, lines).filter_map(|(index, result)| Some((index, quantity.of(result)?))).collect();
            let difference = |(index, result)| Some(quantity.of(result)? - others.get(&index)?);
            let differences: Vec<f64> = outcomes(one, lines).filter_map(difference).collect();
            Paired {
                method: (*one).clone(),
                than: (*other).clone(),
                quantity: quantity.clone(),
                pictures: differences.len(),
                difference: bootstrap_mean(&differences),
                p: wilcoxon(&differences),
                p_corrected: None,
            }
        };
        let mut all: Vec<Paired> = pairs.par_iter().map(pair).filter(|pair| pair.pictures > 0).collect();
        let ps: Vec<f64> = all.iter().filter_map(|pair| pair.p).collect();
        let mut corrected = holm(&ps).into_iter();
        for pair in all.iter_mut().filter(|pair| pair.p.is_some()) {
            pair.p_corrected = corrected.next();
        }
        all
    };
    quantities.iter().flat_map(compared).collect()
}

fn classes(head: &Head, rows: &[String], of_pictures: &[&[Line]]) -> Vec<Class> {
    let is_labelled = of_pictures.iter().any(|lines| lines.iter().any(|line| line.label_class.is_some()));
    let class_of = |lines: &[Line]| {
        let first = lines.first()?;
        let seen = first.seen.as_ref()?;
        if is_labelled { first.label_class } else { Some(seen.explained_class) }
    };
    let mut by_class: BTreeMap<usize, Vec<&[Line]>> = BTreeMap::new();
    for lines in of_pictures {
        if let Some(class) = class_of(lines) {
            by_class.entry(class).or_default().push(lines);
        }
    }
    let summed = |(class, pictures): (usize, Vec<&[Line]>)| {
        let wrong = pictures.iter().filter(|lines| lines[0].is_wrong() == Some(true)).count();
        let difference = |row: &String| {
            let results = pictures
                .iter()
                .filter_map(|lines| lines.iter().find(|line| line.method.as_ref() == Some(row))?.result.as_ref());
            let values: Vec<f64> = results.filter_map(|result| Quantity::Difference.of(result)).collect();
            ((!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64), values.len())
        };
        Class {
            class,
            name: head.classes.get(class).cloned().unwrap_or_else(|| format!("class {class}")),
            pictures: pictures.len(),
            wrong: is_labelled.then_some(wrong),
            differences: rows.iter().map(difference).collect(),
        }
    };
    by_class.into_iter().map(summed).collect()
}
