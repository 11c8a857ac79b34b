//! A flag for each parameter, built from the rows that `explain` has of them.

use std::collections::HashMap;

use clap::{
    Arg, ArgMatches, Args, Command, FromArgMatches,
    builder::{BoolValueParser, PossibleValue, PossibleValuesParser, TypedValueParser as _, ValueParser},
};

use crate::explain::{Kind, Parameter, Parameters, Value, presets, tables};

/// The id of the flag that names a preset.
const PRESET: &str = "preset";

/// The parameters and the preset that were given as flags.
#[derive(Debug, Clone, Default)]
pub struct ParameterFlags {
    preset: Option<String>,
    /// Values by flag.
    given: HashMap<&'static str, Value>,
}

impl ParameterFlags {
    /// Those of `base`, changed by the preset and then by every flag.
    pub fn applied_to(&self, base: &Parameters) -> Parameters {
        let mut parameters = base.clone();
        let named = presets().into_iter().filter(|preset| self.preset.as_deref() == Some(preset.name));
        for (method, preset) in named.flat_map(|named| named.of) {
            parameters = parameters.with_set(method, (preset.values)());
        }
        for table in tables() {
            let Some(set) = parameters.set_mut(table) else { continue };
            for row in table.rows {
                if let Some(value) = self.given.get(row.flag) {
                    row.put(set, *value);
                }
            }
        }
        parameters
    }
}

/// The rows that have a flag of their own: of those that share one, the first.
fn rows() -> Vec<(&'static Parameter, Value)> {
    let mut rows: Vec<(&Parameter, Value)> = Vec::new();
    for table in tables() {
        let defaults = table.defaults();
        for row in table.rows {
            let is_known = rows.iter().any(|(known, _)| known.flag == row.flag);
            if let Some(default) = row.get(&*defaults).filter(|_| !is_known) {
                rows.push((row, default));
            }
        }
    }
    rows
}

fn help(row: &Parameter, default: Value) -> String {
    // What begins with a small letter says what the symbol is.
    let symbol = if row.meaning.starts_with(char::is_lowercase) && !row.symbol.is_empty() {
        format!("{}: ", row.symbol)
    } else {
        String::new()
    };
    let default = match default {
        Value::Real(value) if value != 0.0 && value.abs() < 0.01 => format!("{value:e}"),
        value => value.to_string(),
    };
    // Without a symbol before it, it begins the sentence.
    let mut letters = row.meaning.chars();
    let meaning = match letters.next().filter(|_| symbol.is_empty()) {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => row.meaning.to_owned(),
    };
    format!("{symbol}{meaning} [default: {default}]")
}

fn flag(row: &'static Parameter, default: Value) -> Arg {
    let flag = Arg::new(row.flag).long(row.flag).value_name(row.value_name).help(help(row, default));
    match row.kind {
        Kind::Choice(names) => {
            // Only its own names come through the parser before.
            let parse = |name: String| row.parse(&name);
            flag.value_parser(PossibleValuesParser::new(names()).try_map(parse))
        }
        Kind::Switch => flag
            .require_equals(true)
            .num_args(0..=1)
            .default_missing_value("true")
            .value_parser(BoolValueParser::new().map(Value::Switch)),
        Kind::Real(..) | Kind::Whole(..) | Kind::Seed => {
            flag.value_parser(ValueParser::new(|text: &str| row.parse(text)))
        }
    }
}

impl Args for ParameterFlags {
    fn augment_args(command: Command) -> Command {
        let names: Vec<PossibleValue> =
            presets().into_iter().map(|preset| PossibleValue::new(preset.name).help(preset.purpose)).collect();
        let preset = Arg::new(PRESET)
            .long(PRESET)
            .value_name("PRESET")
            .help("Values that the parameters below start from")
            .value_parser(PossibleValuesParser::new(names));
        rows().into_iter().fold(command.arg(preset), |command, (row, default)| command.arg(flag(row, default)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ParameterFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.preset = matches.get_one::<String>(PRESET).cloned().or(self.preset.take());
        let given = rows().into_iter().filter_map(|(row, _)| Some((row.flag, *matches.get_one::<Value>(row.flag)?)));
        self.given.extend(given);
        Ok(())
    }
}
