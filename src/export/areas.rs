//! The table of areas in a report: a row a method, with its second judges, and last the random orders.

use super::{
    numbers::{score, seconds, share},
    random, verdict,
};
use crate::explain::{Curves, Finished, HALVED, Judge, NEARLY_ALL, Run};

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

/// The table of a run.
pub fn areas(run: &Run) -> Areas {
    let judges = judges(run);
    let own = ["Deletion", "Insertion", "Ins − del", "Keeps 90 %", "Halves"].map(str::to_owned);
    let second = judges.iter().flat_map(|judge| {
        let words = judge.words();
        ["Deletion", "Insertion"].map(|area| format!("{area} {words}"))
    });
    let heads = own.into_iter().chain(second).chain(["Time".to_owned()]).collect();
    let methods = run.methods.iter().map(|finished| row(finished, &judges));
    Areas { heads, rows: methods.chain(random_row(run, judges.len())).collect() }
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
    let own = [
        area(curves.deletion()),
        area(curves.insertion()),
        area(curves.difference()),
        part(curves.keeps(NEARLY_ALL)),
        part(curves.loses(HALVED)),
    ];
    let by = |judge: &&Judge| finished.second.iter().find(|second| second.judge == **judge);
    let of = |curves: &Curves| [area(curves.deletion()), area(curves.insertion())];
    let second = judges.iter().flat_map(|judge| by(judge).map(|second| of(&second.curves)).unwrap_or_default());
    let time = seconds(finished.explanation.seconds);
    Row { title, numbers: own.into_iter().chain(second).chain([time]).collect(), nothing }
}

/// Random orders have areas only.
fn random_row(run: &Run, judges: usize) -> Option<Row> {
    let [deletion, insertion] = run.random.areas()?;
    let orders = run.random.curves.len();
    let areas = [random::area(deletion, orders), random::area(insertion, orders), area(insertion.mean - deletion.mean)];
    let others = vec![String::new(); 2 + 2 * judges + 1];
    Some(Row { title: random::TITLE, numbers: areas.into_iter().chain(others).collect(), nothing: String::new() })
}

fn area(area: f32) -> String {
    score(f64::from(area))
}
