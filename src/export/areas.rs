//! The table of areas in a report: a row a method, with its second judges, and last the random orders.

use super::{
    numbers::{score, seconds, share},
    random, verdict,
};
use crate::{
    explain::{Curves, Finished, HALVED, Judge, NEARLY_ALL, Run},
    model::Score,
};

/// Columns of the curves' own areas: deletion, insertion and their difference.
const AREAS: usize = 3;

/// The whole table.
#[derive(Debug, Clone)]
pub struct Areas {
    /// What stands above each column of numbers.
    pub heads: Vec<String>,
    /// The methods, and the random orders.
    pub rows: Vec<Row>,
}

/// What came of a method.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub title: &'static str,
    /// A number a head, or none for a method that found nothing.
    pub numbers: Vec<String>,
    /// What is said instead of numbers.
    pub nothing: String,
}

/// What a method's curves come to: areas, and shares of the score if what they measure has some.
fn own_heads(measure: Score) -> Vec<String> {
    let shares = if measure == Score::Probability { &["Keeps 90 %", "Halves"][..] } else { &[] };
    ["Deletion", "Insertion", "Ins − del"].iter().chain(shares).map(|head| (*head).to_owned()).collect()
}

/// The table of a run.
pub fn areas(run: &Run) -> Areas {
    let judges = judges(run);
    let own = own_heads(run.model.head.measure());
    let others = own.len() - AREAS + 2 * judges.len() + 1;
    let second = judges.iter().flat_map(|judge| {
        let words = judge.words();
        ["Deletion", "Insertion"].map(|area| format!("{area} {words}"))
    });
    let heads = own.into_iter().chain(second).chain(["Time".to_owned()]).collect();
    let methods = run.methods.iter().map(|finished| row(finished, &judges));
    Areas { heads, rows: methods.chain(random_row(run, others)).collect() }
}

/// Second judges of any method: they are the same for all that found something.
fn judges(run: &Run) -> Vec<&Judge> {
    let mut judges: Vec<&Judge> = Vec::new();
    for second in run.methods.iter().flat_map(|finished| &finished.second) {
        if !judges.contains(&&second.judge) {
            judges.push(&second.judge);
        }
    }
    judges
}

fn row(finished: &Finished, judges: &[&Judge]) -> Row {
    let title = finished.explanation.method.title;
    let parts = verdict::nothing(&finished.explanation).into_iter().chain(verdict::remedy(&finished.explanation));
    let nothing = parts.collect::<Vec<_>>().join("; ");
    if !finished.is_found() {
        return Row { title, numbers: Vec::new(), nothing };
    }
    let curves = &finished.curves;
    let part = |found: Option<f32>| found.map_or_else(|| "–".to_owned(), share);
    let areas = [curves.deletion(), curves.insertion(), curves.difference()].map(area);
    let shares = [curves.keeps(NEARLY_ALL), curves.loses(HALVED)].map(part);
    let own = areas.into_iter().chain(shares.into_iter().filter(|_| curves.measure == Score::Probability));
    let by = |judge: &&Judge| finished.second.iter().find(|second| second.judge == **judge);
    let of = |curves: &Curves| [area(curves.deletion()), area(curves.insertion())];
    let second = judges.iter().flat_map(|judge| by(judge).map(|second| of(&second.curves)).unwrap_or_default());
    let time = seconds(finished.explanation.seconds);
    Row { title, numbers: own.chain(second).chain([time]).collect(), nothing }
}

/// Random orders have areas only; the `others` columns are empty.
fn random_row(run: &Run, others: usize) -> Option<Row> {
    let [deletion, insertion] = run.random.areas()?;
    let orders = run.random.curves.len();
    let areas = [random::area(deletion, orders), random::area(insertion, orders), area(insertion.mean - deletion.mean)];
    let others = vec![String::new(); others];
    Some(Row { title: random::TITLE, numbers: areas.into_iter().chain(others).collect(), nothing: String::new() })
}

fn area(area: f32) -> String {
    score(f64::from(area))
}
