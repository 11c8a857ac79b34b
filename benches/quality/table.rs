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
        // What found nothing was judged by nobody.
        let Some(first) = of_model.iter().find(|outcome| !outcome.judged.is_empty()) else { continue };
        let has_objectives = of_model.iter().any(|outcome| outcome.objective.is_some());
        let some_found_nothing = of_model.iter().any(|outcome| outcome.nothing.is_some());
        let judges: Vec<&str> = first.judged.iter().map(|judged| judged.judge.as_str()).collect();
        println!(
            "\n{model}, {} pictures: deletion / insertion, means with 95 % intervals; seconds are medians\n",
            pictures.len()
        );
        let head: Vec<String> = judges.iter().map(|judge| format!("{judge} | ins − del")).collect();
        let [objective, found] = [(has_objectives, " objective |"), (some_found_nothing, " found |")]
            .map(|(is_there, head)| if is_there { head } else { "" });
        println!("| method |{found} s | first map s |{objective} {} |", head.join(" | "));
        let more = usize::from(has_objectives) + usize::from(some_found_nothing);
        println!("| --- |{} --- | ---: |", " ---: |".repeat(2 + more) + &" --- | ---: |".repeat(judges.len() - 1));
        let mut entries: Vec<&str> = Vec::new();
        for outcome in &of_model {
            if !entries.contains(&outcome.entry.as_str()) {
                entries.push(&outcome.entry);
            }
        }
        for entry in entries {
            let asked: Vec<&&Outcome> = of_model.iter().filter(|outcome| outcome.entry == entry).collect();
            let own: Vec<&&Outcome> = asked.iter().filter(|outcome| outcome.nothing.is_none()).copied().collect();
            if own.is_empty() {
                let why = asked[0].nothing.as_deref().unwrap_or_default();
                println!("| {entry} | found nothing: {why} |");
                continue;
            }
            let of =
                |value: &dyn Fn(&Outcome) -> f64| mean(&own.iter().map(|outcome| value(outcome)).collect::<Vec<_>>());
            let of_seconds =
                |value: &dyn Fn(&Outcome) -> f64| median(own.iter().map(|outcome| value(outcome)).collect());
            let mut cells = Vec::new();
            if some_found_nothing {
                cells.push(format!("{} of {}", own.len(), asked.len()));
            }
            cells.extend([
                format!("{:.2}", of_seconds(&|outcome| outcome.seconds)),
                format!("{:.2}", of_seconds(&|outcome| outcome.first)),
            ]);
            if has_objectives {
                let objectives: Vec<f64> = own.iter().filter_map(|outcome| outcome.objective).collect();
                cells.push(if objectives.is_empty() {
                    String::new()
                } else {
                    let (mean, half) = mean(&objectives);
                    format!("{mean:.3} ± {half:.3}")
                });
            }
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
