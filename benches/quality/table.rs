//! Means with their intervals, as Markdown.

use std::collections::BTreeSet;

use crate::Outcome;

/// What a mean of independent values is within, in 95 of 100 cases, for many of them: in standard errors.
const NORMAL_95: f64 = 1.96;

/// A mean with half of its 95 % interval.
fn mean(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, NORMAL_95 * (squares / (count - 1.0).max(1.0) / count).sqrt())
}

/// The median: a picture on which the machine was busy does not count more than others.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints a table for each network: the entries in the order they came.
pub fn print(outcomes: &[Outcome]) {
    let models: BTreeSet<&str> = outcomes.iter().map(|outcome| outcome.model.as_str()).collect();
    for model in models {
        let of_model: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.model == model).collect();
        let pictures: BTreeSet<&str> = of_model.iter().map(|outcome| outcome.picture.as_str()).collect();
        let Some(first) = of_model.first() else { continue };
        let judges: Vec<&str> = first.judged.iter().map(|judged| judged.judge.as_str()).collect();
        println!(
            "\n{model}, {} pictures: deletion / insertion, means with 95 % intervals; seconds are medians\n",
            pictures.len()
        );
        let head: Vec<String> = judges.iter().map(|judge| format!("{judge} | ins − del")).collect();
        println!("| method | s | first map s | {} |", head.join(" | "));
        println!("| --- | ---: | ---: |{}", " --- | ---: |".repeat(judges.len()));
        let mut entries: Vec<&str> = Vec::new();
        for outcome in &of_model {
            if !entries.contains(&outcome.entry.as_str()) {
                entries.push(&outcome.entry);
            }
        }
        for entry in entries {
            let own: Vec<&&Outcome> = of_model.iter().filter(|outcome| outcome.entry == entry).collect();
            let of =
                |value: &dyn Fn(&Outcome) -> f64| mean(&own.iter().map(|outcome| value(outcome)).collect::<Vec<_>>());
            let of_seconds =
                |value: &dyn Fn(&Outcome) -> f64| median(own.iter().map(|outcome| value(outcome)).collect());
            let mut cells = vec![
                format!("{:.2}", of_seconds(&|outcome| outcome.seconds)),
                format!("{:.2}", of_seconds(&|outcome| outcome.first)),
            ];
            for (place, _) in judges.iter().enumerate() {
                let deletion = of(&|outcome| f64::from(outcome.judged[place].deletion));
                let insertion = of(&|outcome| f64::from(outcome.judged[place].insertion));
                let both = of(&|outcome| f64::from(outcome.judged[place].insertion - outcome.judged[place].deletion));
                cells.push(format!("{:.3} ± {:.3} / {:.3} ± {:.3}", deletion.0, deletion.1, insertion.0, insertion.1));
                cells.push(format!("{:.3} ± {:.3}", both.0, both.1));
            }
            println!("| {entry} | {} |", cells.join(" | "));
        }
    }
}
