//! What the command line says of finished runs.

use anyhow::Result;

use super::output::print;
use crate::{
    explain::{Finished, Method, Run},
    export::{random, score, verdict},
};

/// Before what is said of a method below its line.
const INDENT: &str = "      ";

/// The name of a method, or of what stands in its place, in a column.
fn titled(title: &str, rest: &str) -> String {
    format!("  {title:<20}  {rest}")
}

/// Every method's areas, or that it found nothing, and what the areas are to be held against.
pub fn print_results(run: &Run) -> Result<()> {
    for finished in &run.methods {
        let explanation = &finished.explanation;
        let rest = match verdict::nothing(explanation) {
            Some(nothing) => [nothing].into_iter().chain(verdict::remedy(explanation)).collect::<Vec<_>>().join("; "),
            None => format!("{}  {:.1} s", verdict::areas(&finished.curves).join("  "), explanation.seconds),
        };
        print(&titled(explanation.method.title, &rest))?;
        let details = verdict::details(run, finished);
        if !details.is_empty() {
            print(&format!("{INDENT}{}", details.join(" · ")))?;
        }
        let measures = verdict::measures(finished);
        if !measures.is_empty() {
            print(&format!("{INDENT}{}", measures.join(" · ")))?;
        }
    }
    if run.methods.iter().any(Finished::is_found) {
        print_measure(run)?;
    }
    Ok(())
}

/// What areas are to be held against: random orders, and what the model makes of the baseline.
fn print_measure(run: &Run) -> Result<()> {
    let random = random::words(&run.random);
    if !random.is_empty() {
        print(&titled(random::TITLE, &random.join("  ")))?;
    }
    print(&format!("  {}", verdict::baseline(run)))?;
    match verdict::baseline_warning(run) {
        Some(warning) => print(&format!("{INDENT}{warning}")),
        None => Ok(()),
    }
}

/// What means are taken of.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The methods, each with its deletion, insertion and seconds if it found something.
    methods: Vec<(&'static Method, Option<[f32; 3]>)>,
    /// The same areas of random orders.
    random: Option<[f32; 2]>,
}

impl Judged {
    /// Of a run.
    pub fn of(run: &Run) -> Self {
        let numbers = |finished: &Finished| {
            let (curves, seconds) = (&finished.curves, finished.explanation.seconds as f32);
            finished.is_found().then(|| [curves.deletion(), curves.insertion(), seconds])
        };
        Self {
            methods: run.methods.iter().map(|finished| (finished.explanation.method, numbers(finished))).collect(),
            random: run.random.areas().map(|areas| areas.map(|area| area.mean)),
        }
    }
}

/// Each method's means over several pictures, all explained with the same methods in the same order. A picture in which
/// a method found nothing is none of its.
pub fn print_means(pictures: &[Judged]) -> Result<()> {
    print(&format!("mean of {} pictures", pictures.len()))?;
    for line in means(pictures) {
        print(&line)?;
    }
    Ok(())
}

fn counted(pictures: usize) -> String {
    if pictures == 1 { "1 picture".to_owned() } else { format!("{pictures} pictures") }
}

fn means(pictures: &[Judged]) -> Vec<String> {
    let all = pictures.len();
    let line = |title: &str, found: Vec<(f32, f32)>, seconds: Option<f32>| {
        if found.is_empty() {
            return titled(title, &format!("found nothing in any of {}", counted(all)));
        }
        let count = found.len() as f32;
        let deletion = found.iter().map(|(deletion, _)| deletion).sum::<f32>() / count;
        let insertion = found.iter().map(|(_, insertion)| insertion).sum::<f32>() / count;
        let [deletion, insertion, difference] =
            [deletion, insertion, insertion - deletion].map(|area| score(f64::from(area)));
        let seconds = seconds.map(|seconds| format!("  {seconds:.1} s")).unwrap_or_default();
        let areas = format!("deletion {deletion}  insertion {insertion}  ins − del {difference}{seconds}");
        titled(title, &format!("{areas}  of {}", counted(found.len())))
    };
    let mut lines = Vec::new();
    for (index, (method, _)) in pictures.first().map(|first| &first.methods).into_iter().flatten().enumerate() {
        let numbers: Vec<[f32; 3]> = pictures
            .iter()
            .filter_map(|picture| picture.methods.get(index).and_then(|(_, numbers)| *numbers))
            .collect();
        let seconds = numbers.iter().map(|[_, _, seconds]| seconds).sum::<f32>() / numbers.len() as f32;
        let areas = numbers.iter().map(|[deletion, insertion, _]| (*deletion, *insertion)).collect();
        lines.push(line(method.title, areas, Some(seconds)));
    }
    let random: Vec<(f32, f32)> = pictures
        .iter()
        .filter_map(|picture| picture.random.map(|[deletion, insertion]| (deletion, insertion)))
        .collect();
    if !random.is_empty() {
        lines.push(line(random::TITLE, random, None));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{GRAD_CAM, IGOS};

    #[test]
    fn means_leave_out_what_found_nothing_and_say_of_how_many_they_are() {
        let picture =
            |igos: Option<[f32; 3]>, random| Judged { methods: vec![(&IGOS, igos), (&GRAD_CAM, None)], random };
        let pictures = [
            picture(Some([0.125, 0.5, 1.0]), Some([0.25, 0.25])),
            picture(None, None),
            picture(Some([0.375, 0.75, 2.0]), Some([0.5, 0.25])),
        ];
        let expected = [
            "  I-GOS                 deletion 0.250  insertion 0.625  ins − del 0.375  1.5 s  of 2 pictures",
            "  Grad-CAM              found nothing in any of 3 pictures",
            "  Random order          deletion 0.375  insertion 0.250  ins − del -0.125  of 2 pictures",
        ];
        assert_eq!(means(&pictures), expected);
    }
}
