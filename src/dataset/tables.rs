//! A summary as tables: for people (Markdown), for papers (LaTeX), for programs (CSV, JSON, Arrow).

use std::{fmt::Write as _, fs, path::Path};

use super::{
    DatasetError, Head, Line, Quantity, RANDOM, Summary, arrow_file,
    summary::{Mean, Paired, Row, title},
};
use crate::{
    explain::Metric,
    export::{percent, score, verdict::range, write_whole},
};

/// The files that [`write_tables`] writes.
const FILES: [&str; 6] = ["summary.md", "summary.tex", "summary.csv", "summary.json", "pictures.csv", "results.arrow"];

/// Writes a summary and the lines that it is of into a folder of results: `summary.md`, `summary.tex`, `summary.csv` and
/// `summary.json`, which have no times in them and so are the same for the same lines whoever made them; and a row a
/// picture and method in `pictures.csv` and `results.arrow` (Arrow's file format, which pandas and polars read).
///
/// # Errors
/// A file cannot be written.
pub fn write_tables(folder: &Path, head: &Head, lines: &[Line], summary: &Summary) -> Result<(), DatasetError> {
    let texts =
        [markdown(head, summary), latex(head, summary), csv(summary), json(head, summary), pictures(head, lines)?];
    for (name, text) in FILES.iter().zip(texts) {
        write_whole(&folder.join(name), |path| Ok(fs::write(path, text)?))?;
    }
    write_whole(&folder.join(FILES[5]), |path| arrow_file::write(path, head, lines))?;
    Ok(())
}

/// What stands above every table: what was evaluated, and what of it is a guess.
pub(super) fn facts(head: &Head, summary: &Summary) -> Vec<String> {
    let mut facts = vec![format!("{} pictures by {}", summary.pictures, head.model_title)];
    facts.extend(head.guesses.iter().cloned());
    if !summary.failed.is_empty() {
        facts.push(format!("{} could not be explained", summary.failed.len()));
    }
    if let (Some(top_1), labelled) = (summary.top_1, summary.labelled) {
        let top_5 = summary.top_5.map(|top_5| format!(", among the first five {}", share(top_5)));
        let loss = summary.loss.map(|loss| format!(", mean loss {}", score(loss)));
        let right = share(top_1);
        facts.push(format!(
            "{right} of {labelled} labelled ones right{}{}",
            top_5.unwrap_or_default(),
            loss.unwrap_or_default()
        ));
    }
    if head.labels_are_guessed {
        facts.push("which class a folder means is a guess by the order of their names".to_owned());
    }
    facts
}

fn share(share: f64) -> String {
    percent(share as f32)
}

/// What the numbers are, in a sentence each.
pub(super) const NOTES: [&str; 3] = [
    "Deletion removes the most important cells first: the less area, the better. Insertion reveals them first: the more \
     area, the better. Ins − del is the one less the other.",
    "Means are over the pictures in which a method found something, with 95 % intervals by 2000 bootstrap draws.",
    "Differences are over the pictures in which both found something; p is two-sided by Wilcoxon's signed-rank test, \
     corrected for the number of pairs by Holm.",
];

/// The head of the table of means.
pub(super) fn means_head(summary: &Summary) -> Vec<String> {
    let means = summary.methods.first().map_or(&[][..], |row| &row.means);
    let titles = means.iter().filter(|mean| !mean.quantity.is_measured()).map(|mean| mean.quantity.title());
    ["Method".to_owned(), "Found".to_owned(), "Better than chance".to_owned()].into_iter().chain(titles).collect()
}

/// A row of the table of means: `interval` writes a mean, its low and its high.
pub(super) fn means_row(row: &Row, summary: &Summary, interval: impl Fn([&str; 3]) -> String) -> Vec<String> {
    let all = summary.pictures - summary.failed.len();
    let is_random = row.method == RANDOM;
    let found = if is_random { String::new() } else { format!("{} of {all}", row.found) };
    let better = row.better_than_random.filter(|_| !is_random);
    let better = better.map_or_else(String::new, |better| format!("{better} of {}", row.found));
    let means = row.means.iter().filter(|mean| !mean.quantity.is_measured());
    [row.title.clone(), found, better].into_iter().chain(means.map(|mean| written(mean, &interval))).collect()
}

fn written(mean: &Mean, interval: impl Fn([&str; 3]) -> String) -> String {
    mean.interval.map_or_else(
        || "–".to_owned(),
        |found| {
            let [mean, low, high] = [found.mean, found.low, found.high].map(score);
            interval([&mean, &low, &high])
        },
    )
}

/// The metrics that maps were measured by.
pub(super) fn measured(summary: &Summary) -> Vec<&'static Metric> {
    let means = summary.methods.first().map_or(&[][..], |row| &row.means);
    means.iter().filter_map(|mean| mean.quantity.measured()).collect()
}

/// The head of the table of metrics.
pub(super) fn metrics_head(summary: &Summary) -> Vec<String> {
    let titles = of_methods(summary).map(|row| row.title.clone());
    ["Metric", "Values"].map(str::to_owned).into_iter().chain(titles).collect()
}

/// A row of the table of metrics: `interval` writes a mean, its low and its high.
pub(super) fn metric_row(
    metric: &'static Metric,
    summary: &Summary,
    interval: impl Fn([&str; 3]) -> String,
) -> Vec<String> {
    let quantity = Quantity::Measured(metric);
    let mean = |row: &Row| {
        let all = row.found;
        row.means.iter().find(|mean| mean.quantity == quantity).map_or_else(String::new, |mean| {
            let of = if mean.pictures < all { format!(" of {}", mean.pictures) } else { String::new() };
            written(mean, &interval) + &of
        })
    };
    [metric.title.to_owned(), range(metric)].into_iter().chain(of_methods(summary).map(mean)).collect()
}

/// The rows of methods: nothing measures random orders besides.
fn of_methods(summary: &Summary) -> impl Iterator<Item = &Row> {
    summary.methods.iter().filter(|row| row.method != RANDOM)
}

/// The pairs that are worth a row: by insertion − deletion, whoever judges.
pub(super) fn shown_pairs(summary: &Summary) -> impl Iterator<Item = &Paired> {
    summary.paired.iter().filter(|pair| matches!(pair.quantity, Quantity::Difference | Quantity::By(_)))
}

/// A row of the table of pairs.
pub(super) fn pair_row(pair: &Paired) -> Vec<String> {
    let difference = pair.difference.map_or_else(
        || "–".to_owned(),
        |found| format!("{} ({} to {})", score(found.mean), score(found.low), score(found.high)),
    );
    vec![
        title(&pair.method),
        title(&pair.than),
        pair.quantity.title(),
        difference,
        pair.p_corrected.map_or_else(|| "–".to_owned(), p_value),
        pair.pictures.to_string(),
    ]
}

/// The head of the table of pairs.
pub(super) const PAIRS_HEAD: [&str; 6] = ["Method", "Less", "By", "Difference", "p", "Pictures"];

/// A p as it is written: never as 0.
fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// A row of the table of classes.
pub(super) fn class_row(class: &super::summary::Class) -> Vec<String> {
    let wrong = class.wrong.map_or_else(String::new, |wrong| wrong.to_string());
    let differences = class.differences.iter().map(|(mean, pictures)| {
        let of = if *pictures < class.pictures { format!(" of {pictures}") } else { String::new() };
        mean.map_or_else(|| "–".to_owned(), |mean| format!("{}{of}", score(mean)))
    });
    let name = format!("{} ({})", class.name, class.class);
    [name, class.pictures.to_string(), wrong].into_iter().chain(differences).collect()
}

/// The head of the table of classes.
pub(super) fn classes_head(summary: &Summary) -> Vec<String> {
    let titles = summary.methods.iter().map(|row| row.title.clone());
    ["Class", "Pictures", "Wrong"].map(str::to_owned).into_iter().chain(titles).collect()
}

/// The summary for people; printed at the end too.
pub fn markdown(head: &Head, summary: &Summary) -> String {
    let mut text = format!("# {}\n\n", facts(head, summary).join("; "));
    let interval = |[mean, low, high]: [&str; 3]| format!("{mean} ({low} to {high})");
    let rows = summary.methods.iter().map(|row| means_row(row, summary, interval));
    table(&mut text, &means_head(summary), rows);
    let measured = measured(summary);
    if !measured.is_empty() {
        text += "\n## Metrics\n\n";
        let rows = measured.into_iter().map(|metric| metric_row(metric, summary, interval));
        table(&mut text, &metrics_head(summary), rows);
    }
    if summary.paired.iter().any(|pair| pair.p.is_some()) {
        text += "\n## Methods in pairs\n\n";
        table(&mut text, &PAIRS_HEAD.map(str::to_owned), shown_pairs(summary).map(pair_row));
    }
    if summary.classes.len() > 1 {
        text += "\n## Ins − del by class\n\n";
        table(&mut text, &classes_head(summary), summary.classes.iter().map(class_row));
    }
    if !summary.failed.is_empty() {
        text += "\n## Not explained\n\n";
        table(
            &mut text,
            &["Picture", "Why"].map(str::to_owned),
            summary.failed.iter().map(|(picture, why)| vec![picture.clone(), why.clone()]),
        );
    }
    for note in NOTES {
        let _ = write!(text, "\n{note}\n");
    }
    text
}

fn table(text: &mut String, head: &[String], rows: impl IntoIterator<Item = Vec<String>>) {
    let cell = |cell: &String| cell.replace('|', "\\|").replace(['\n', '\r'], " ");
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    *text += &line(head);
    *text += &line(&vec!["---".to_owned(); head.len()]);
    for row in rows {
        *text += &line(&row);
    }
}

/// The table of means, to be put into a paper that uses `booktabs`.
fn latex(head: &Head, summary: &Summary) -> String {
    let heads = means_head(summary);
    let columns = format!("l{}", "r".repeat(heads.len() - 1));
    let interval = |[mean, low, high]: [&str; 3]| format!("{mean} [{low}, {high}]");
    let line = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("{} \\\\\n", cells.join(" & "))
    };
    let rows: String = summary.methods.iter().map(|row| line(means_row(row, summary, interval))).collect();
    format!(
        "% {}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n",
        facts(head, summary).join("; ").replace(['\n', '\r'], " "),
        line(heads)
    )
}

/// A text as LaTeX sets it; a sign before a number is a minus.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', letter]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '−' => escaped += "$-$",
            '–' => escaped += "--",
            '-' if !before.is_alphanumeric() && letters.peek().is_some_and(char::is_ascii_digit) => escaped += "$-$",
            _ => escaped.push(letter),
        }
        before = letter;
    }
    escaped
}

fn csv(summary: &Summary) -> String {
    let mut text = "method,metric,pictures,mean,low,high\n".to_owned();
    for row in &summary.methods {
        for mean in &row.means {
            let numbers =
                mean.interval.map_or_else(String::new, |found| format!("{},{},{}", found.mean, found.low, found.high));
            let numbers = if numbers.is_empty() { ",,".to_owned() } else { numbers };
            let _ = writeln!(text, "{},{},{},{numbers}", row.method, mean.quantity.name(), mean.pictures);
        }
    }
    text
}

fn json(head: &Head, summary: &Summary) -> String {
    let facts = facts(head, summary);
    let value = serde_json::json!({ "facts": facts, "model": head.model, "summary": summary });
    // Keys are strings, and numbers that are none are null.
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

/// The columns of a row a picture and method, for programs.
pub(super) const COLUMNS: [&str; 22] = [
    "index",
    "picture",
    "label",
    "label_class",
    "error",
    "predicted_class",
    "predicted",
    "answer",
    "margin",
    "label_answer",
    "label_rank",
    "loss",
    "explained_class",
    "explained",
    "explained_answer",
    "method",
    "found",
    "why",
    "deletion",
    "insertion",
    "is_better_than_random",
    "seconds",
];

/// What the column of a metric is called there.
pub(super) fn column(metric: &str) -> String {
    metric.replace('-', "_")
}

fn pictures(head: &Head, lines: &[Line]) -> Result<String, DatasetError> {
    let failed = |reason: String| DatasetError::Write { path: FILES[4].into(), reason };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = COLUMNS.map(str::to_owned).into_iter().chain(head.metrics.iter().map(|metric| column(metric)));
    writer.write_record(columns).map_err(|error| failed(error.to_string()))?;
    for line in lines {
        let value = |metric: &String| line.metric(metric).map(|value| value.to_string()).unwrap_or_default();
        let fields = record(line).into_iter().chain(head.metrics.iter().map(value));
        writer.write_record(fields).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn record(line: &Line) -> [String; COLUMNS.len()] {
    fn written<T: ToString>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let (seen, result) = (line.seen.as_ref(), line.result.as_ref());
    let areas = result.and_then(|result| result.areas);
    [
        line.index.to_string(),
        line.picture.clone(),
        written(line.label.clone()),
        written(line.label_class),
        written(line.error.clone()),
        written(seen.map(|seen| seen.predicted_class)),
        written(seen.map(|seen| seen.predicted.clone())),
        written(seen.map(|seen| seen.answer)),
        written(seen.and_then(|seen| seen.margin)),
        written(seen.and_then(|seen| seen.label_answer)),
        written(seen.and_then(|seen| seen.label_rank)),
        written(seen.and_then(|seen| seen.loss)),
        written(seen.map(|seen| seen.explained_class)),
        written(seen.map(|seen| seen.explained.clone())),
        written(seen.map(|seen| seen.explained_answer)),
        written(line.method.clone()),
        written(result.map(|result| result.found)),
        written(result.and_then(|result| result.why.clone())),
        written(areas.map(|areas| areas.deletion)),
        written(areas.map(|areas| areas.insertion)),
        written(result.and_then(|result| result.is_better_than_random)),
        written(result.and_then(|result| result.seconds)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_latex_would_take_for_commands_is_escaped() {
        assert_eq!(escaped("50 % & a_b −0.5 -0.25 I-GOS"), "50 \\% \\& a\\_b $-$0.5 $-$0.25 I-GOS");
        assert_eq!(escaped("[-0.1, 0.2]"), "[$-$0.1, 0.2]");
        assert_eq!(escaped("\\input{x}"), "\\textbackslash{}input\\{x\\}");
    }

    #[test]
    fn a_p_is_never_none() {
        assert_eq!([0.5, 0.0123, 1e-9].map(p_value), ["0.500", "0.012", "< 0.001"]);
    }
}
