//! `igoscope methods`: a card for every method and every metric, from their rows: what `docs/methods.md` is made of.

use std::fmt::Write as _;

use anyhow::Result;

use super::output::print;
use crate::explain::{About, Better, Family, Kind, METRICS, Method, Metric, Parameter, Parameters, methods};

/// Side of the input that ranges are told for, in pixels.
const SIDE: usize = 224;

/// Prints a line a method and metric, or all their cards as Markdown.
///
/// # Errors
/// Nobody reads them.
pub fn list_methods(markdown: bool) -> Result<()> {
    if markdown {
        return print(cards().trim_end());
    }
    for family in Family::ALL {
        let mut of_it = methods().iter().filter(|method| method.family == family).peekable();
        if of_it.peek().is_none() {
            continue;
        }
        print(family.title())?;
        for method in of_it {
            let usual = if method.is_usual { ", usual" } else { "" };
            let passes = method.passes(&Parameters::default());
            print(&format!("  {:<26} {} ({passes} passes{usual})", method.id, method.title))?;
        }
    }
    for about in About::ALL {
        print(&format!("{} (--metric)", about.title()))?;
        for metric in METRICS.iter().filter(|metric| metric.about == about) {
            print(&format!("  {:<26} {}; {}", metric.id, metric.title, metric.range))?;
        }
    }
    Ok(())
}

/// Every card, as Markdown.
pub fn cards() -> String {
    let mut text = String::from(HEAD);
    for family in Family::ALL {
        let of_it: Vec<&Method> = methods().iter().copied().filter(|method| method.family == family).collect();
        if of_it.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n## {}", family.title());
        of_it.iter().for_each(|method| card(&mut text, method));
    }
    let _ = writeln!(text, "\n## Metrics");
    for about in About::ALL {
        let _ = writeln!(text, "\n### {}\n\n{}\n", about.title(), about.asks());
        let _ = writeln!(text, "| metric | `--metric` | values | better | what it measures | source |");
        let _ = writeln!(text, "| --- | --- | --- | --- | --- | --- |");
        METRICS.iter().filter(|metric| metric.about == about).for_each(|metric| row(&mut text, metric));
    }
    text
}

/// What stands before the cards.
const HEAD: &str = "\
# Methods and metrics

A card for each, in the manner of saliency cards (Boggust et al., 2023), printed by `igoscope methods --markdown` from the
rows that the program itself reads. Passes are pictures through the network, forward and back, with the default values and
for one map; curves, judges and random orders come on top.
";

fn card(text: &mut String, method: &Method) {
    let usual = Parameters::default();
    let seeds = method.parameters.rows.iter().any(|row| matches!(row.kind, Kind::Seed));
    let _ = writeln!(text, "\n### {}\n\n`--method {}`. {}", method.title, method.id, method.meaning);
    let _ = writeln!(text, "\n* **Computes**: {}", method.computes);
    let _ = writeln!(text, "* **Misleads**: {}", method.misleads);
    let passes = method.passes(&usual);
    let iterations = if method.iterates() {
        format!(", in at most {} iterations that can be watched", method.iterations(&usual))
    } else {
        String::new()
    };
    let _ = writeln!(text, "* **Costs**: about {passes} passes{iterations}.");
    let chance = if seeds {
        "random numbers by a seed: the same seed gives the same map bit for bit"
    } else {
        "no random numbers: the same map every time"
    };
    let _ = writeln!(text, "* **Chance**: {chance}.");
    let _ = writeln!(text, "* **Source**: {}.", method.source);
    if !method.parameters.rows.is_empty() {
        let _ = writeln!(text, "\n| parameter | flag | from | default |\n| --- | --- | --- | --- |");
        method.parameters.rows.iter().for_each(|row| parameter(text, method, row));
    }
}

fn parameter(text: &mut String, method: &Method, row: &Parameter) {
    let range = match (row.kind, row.range(SIDE)) {
        (Kind::Choice(names), _) => names().join(", "),
        (Kind::Switch, _) => "yes, no".to_owned(),
        (_, Some(range)) => format!("{} to {}", range.start(), range.end()),
        (_, None) => "any whole number".to_owned(),
    };
    let usual = row.get(&*method.parameters.defaults()).map(|value| value.to_string()).unwrap_or_default();
    let _ = writeln!(text, "| {} | `--{}` | {range} | {usual} |", row.meaning, row.flag);
}

fn row(text: &mut String, metric: &Metric) {
    let better = match metric.better {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::Neither => "neither",
    };
    let Metric { title, id, range, meaning, source, .. } = metric;
    let _ = writeln!(text, "| {title} | `{id}` | {range} | {better} | {meaning} | {source} |");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After a change: `igoscope methods --markdown > docs/methods.md`.
    #[test]
    fn the_documentation_has_every_card_as_it_is_printed() {
        let file = include_str!("../../docs/methods.md");
        assert_eq!(file.trim_end(), cards().trim_end());
    }
}
