//! What the rows of methods and parameters are called in the window: messages of `assets/text`, and for a method that
//! has none there, because somebody added it, the words of the row itself.

use super::{numbers, state::standing::Standing, text};
use crate::explain::{
    CurveParameters, IterationChart, Kind, Method, Parameter, Parameters, Table, Term, TermLine, Value, methods,
};

/// A message's id: names have underscores in JSON, and messages have none.
fn id(parts: &[&str]) -> String {
    parts.join("-").replace('_', "-")
}

/// The message of a parameter: its name, with its meaning, an example and, for a number, its unit.
pub fn parameter_id(table: &Table, row: &Parameter) -> String {
    id(&["parameter", table.id, row.name])
}

/// A parameter's name on screen.
pub fn name(table: &Table, row: &Parameter) -> String {
    text::get_or(&parameter_id(table, row), || capitalised(&row.words()))
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Its symbol where it has one, else its name: short enough for a list.
pub fn short_name(table: &Table, row: &Parameter) -> String {
    if row.symbol.is_empty() { name(table, row) } else { row.symbol.replace('_', "") }
}

/// Its name, with its symbol where it has one.
pub fn full_name(table: &Table, row: &Parameter) -> String {
    let name = name(table, row);
    if row.symbol.is_empty() { name } else { format!("{name} {}", short_name(table, row)) }
}

/// Where a picture stands, in a word; empty where nothing is wanted of it.
pub fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Idle => String::new(),
        Standing::Waiting => text!("state-waiting"),
        Standing::Running(share) => text!("state-running", share = format!("{:.0}", 100.0 * share)),
        Standing::Done => text!("state-done"),
        Standing::Failed(_) => text!("state-failed"),
    }
}

/// A value in words.
pub fn value(value: Value) -> String {
    match value {
        Value::Real(number) => numbers::short(number),
        // Seeds in full, which rounding would make others.
        Value::Whole(number) if number >= 100_000 => number.to_string(),
        Value::Whole(number) => numbers::short(number as f64),
        Value::Choice(name) => name.to_owned(),
        Value::Switch(true) => text!("parameters-on"),
        Value::Switch(false) => text!("parameters-off"),
    }
}

/// The value of a parameter in words.
pub fn value_of(table: &Table, row: &Parameter, parameters: &Parameters) -> String {
    parameters.set(table).and_then(|set| row.get(set)).map(value).unwrap_or_default()
}

/// What a parameter does, for whoever points at it, for an input of `side` pixels along a side.
pub fn explanation(table: &Table, row: &Parameter, side: usize, default: &Parameters) -> String {
    let id = parameter_id(table, row);
    let help = text::attribute_or(&id, "help", || capitalised(row.meaning));
    let example = text::attribute_or(&id, "example", String::new);
    let default = value_of(table, row, default);
    let words = match (row.kind, row.range(side)) {
        (_, Some(range)) => {
            let [least, most] = [*range.start(), *range.end()].map(numbers::short);
            let unit = text::attribute_or(&id, "unit", || row.unit.to_owned());
            text!(
                "parameters-help-number",
                help = help,
                example = example,
                least = least,
                most = most,
                unit = unit,
                default = default
            )
        }
        (Kind::Choice(names), None) => {
            let names = names().join(", ");
            text!("parameters-help-choice", help = help, example = example, names = names, default = default)
        }
        (_, None) => text!("parameters-help", help = help, example = example, default = default),
    };
    // What a method says nothing of leaves no gap.
    let lines = words.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.replace(" ,", ",")).collect::<Vec<_>>().join("\n")
}

/// A part of the parameters that is shown together: one of a method's, or those of the curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name in settings and messages; no two have the same.
    pub id: String,
    /// Whose parameters they are.
    pub table: &'static Table,
    /// What the rows call it; empty for those that are in no part.
    part: &'static str,
    method: Option<&'static Method>,
}

impl Group {
    /// Every group, in the order of the panel.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for &method in methods() {
            // What several methods share is shown once, with the first of them.
            if all.iter().any(|group| *group.table == method.parameters) {
                continue;
            }
            for part in method.parameters.groups() {
                // A part is called by its own name, where no earlier method's is called so.
                let is_taken = all.iter().any(|group| group.id == part);
                let name = match part {
                    "" => method.id.to_owned(),
                    part if is_taken => format!("{}-{part}", method.id),
                    part => part.to_owned(),
                };
                all.push(Self { id: name, table: &method.parameters, part, method: Some(method) });
            }
        }
        let table = &CurveParameters::TABLE;
        all.push(Self { id: table.id.to_owned(), table, part: "", method: None });
        all
    }

    /// Whether its parameters are those of one of these methods, or of the curves.
    pub fn is_of(&self, methods: &[&'static Method]) -> bool {
        self.method.is_none() || methods.iter().any(|method| method.parameters == *self.table)
    }

    /// Its parameters.
    pub fn rows(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        let part = self.part;
        self.table.rows.iter().filter(move |row| row.group == part)
    }

    /// Whether it is open before the user says so: those of the first method on the wall. Nobody who sees the window for
    /// the first time asks for the others.
    pub fn is_open_at_first(&self) -> bool {
        self.method.is_some() && self.method == methods().first().copied()
    }

    /// Its title on screen.
    pub fn title(&self) -> String {
        match self.method {
            Some(method) if self.part.is_empty() => method.title.to_owned(),
            _ => text::get_or(&id(&["group", &self.id]), || capitalised(self.part)),
        }
    }

    /// What its parameters are about, in a sentence.
    pub fn help(&self) -> String {
        text::attribute_or(&id(&["group", &self.id]), "help", || self.method.map_or("", |it| it.meaning).to_owned())
    }
}

/// What there is to say of a method, for people who have not read its paper.
pub struct Page {
    /// What a high value of its map means.
    pub meaning: String,
    /// What it computes.
    pub computes: String,
    /// When its map misleads.
    pub misleads: String,
    /// Where it is from.
    pub source: String,
}

/// What there is to say of a method.
pub fn page(method: &Method) -> Page {
    let id = id(&["method", method.id]);
    let words = |attribute: &str, own: &str| text::attribute_or(&id, attribute, || own.to_owned());
    Page {
        meaning: words("meaning", method.meaning),
        computes: words("computes", method.computes),
        misleads: words("misleads", method.misleads),
        source: words("source", method.source),
    }
}

/// What a method's map means and when it misleads.
pub fn method_help(method: &Method) -> String {
    let Page { meaning, misleads, .. } = page(method);
    format!("{meaning}\n{misleads}")
}

/// The title of one of a method's charts over its iterations.
pub fn chart_title(method: &Method, chart: &IterationChart) -> String {
    text::get_or(&id(&["chart", method.id, chart.id]), || format!("{} {}", method.title, chart.title))
}

/// What it shows, in some lines.
pub fn chart_help(method: &Method, chart: &IterationChart) -> String {
    text::attribute_or(&id(&["chart", method.id, chart.id]), "help", || chart.help.to_owned())
}

/// The title of its axis.
pub fn chart_axis(method: &Method, chart: &IterationChart) -> String {
    text::attribute_or(&id(&["chart", method.id, chart.id]), "axis", || chart.axis.to_owned())
}

/// A line's name in the legend.
pub fn line_title(method: &Method, line: &TermLine) -> String {
    text::get_or(&id(&["line", method.id, line.id]), || line.title.to_owned())
}

/// A term's symbol where it has one, else its name.
pub fn term_symbol(method: &Method, term: &Term) -> String {
    if term.symbol.is_empty() { term_title(method, term) } else { term.symbol.replace('_', "") }
}

fn term_title(method: &Method, term: &Term) -> String {
    text::get_or(&id(&["term", method.id, term.name]), || term.title.to_owned())
}

/// A term with its value, for a list.
pub fn term(method: &Method, term: &Term, value: Value) -> String {
    let value = match value {
        Value::Real(number) if term.is_in_score() => numbers::score(number),
        Value::Switch(true) => text!("term-yes"),
        Value::Switch(false) => text!("term-no"),
        other => self::value(other),
    };
    format!("{} {value}", term_title(method, term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::text::{attribute, has, has_attribute},
        explain::tables,
    };

    #[test]
    fn every_row_of_igoscopes_own_has_its_messages() {
        for table in tables() {
            for row in table.rows {
                let id = parameter_id(table, row);
                assert!(has(&id), "{id}");
                let is_number = row.range(224).is_some();
                for (attribute, is_needed) in [("help", true), ("example", true), ("unit", is_number)] {
                    assert_eq!(has_attribute(&id, attribute), is_needed, "{id} {attribute}");
                }
                let words = explanation(table, row, 224, &Parameters::default());
                assert!(words.contains(&attribute(&id, "help")) && words.contains("default"), "{words}");
            }
        }
        for method in methods() {
            let own = id(&["method", method.id]);
            assert_eq!(attribute(&own, "meaning"), method.meaning, "window and files say the same");
            assert_eq!(attribute(&own, "misleads"), method.misleads);
            assert_eq!(attribute(&own, "computes"), method.computes);
            assert_eq!(attribute(&own, "source"), method.source);
            for chart in method.charts {
                let id = id(&["chart", method.id, chart.id]);
                assert!(has(&id) && has_attribute(&id, "help") && has_attribute(&id, "axis"), "{id}");
            }
            for term in method.terms {
                assert!(has(&id(&["term", method.id, term.name])), "{}", term.name);
            }
            for preset in method.presets {
                let id = id(&["preset", preset.name]);
                assert!(has(&id), "{id}");
                assert_eq!(attribute(&id, "purpose"), preset.purpose, "window and command line say the same");
            }
        }
        for group in Group::all() {
            assert!(!group.title().is_empty() && !group.help().is_empty(), "{group:?}");
        }
    }

    #[test]
    fn every_parameter_is_in_one_group() {
        let rows: usize = Group::all().into_iter().map(|group| group.rows().count()).sum();
        assert_eq!(rows, tables().map(|table| table.rows.len()).sum::<usize>());
    }
}
