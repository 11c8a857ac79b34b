//! Every parameter as a person meets it: its name and symbol, what it does, and what may be entered.

mod table;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

pub use table::KNOBS;

use super::{numbers, text};
use crate::explain::{MethodKind, Parameters};

/// What a parameter belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// What I-GOS makes small.
    Objective,
    /// The path that its gradient is averaged over.
    Path,
    /// How far a step goes, and when there is none more.
    Search,
    /// What is random, and how fine the mask is.
    Noise,
    /// The other method with parameters.
    IntegratedGradients,
    /// What judges every method.
    Curves,
}

impl Group {
    /// Every group, in the order of the panel.
    pub const ALL: [Self; 6] =
        [Self::Objective, Self::Path, Self::Search, Self::Noise, Self::IntegratedGradients, Self::Curves];

    /// The name on screen.
    pub fn title(self) -> String {
        match self {
            Self::Objective => text!("knobs-objective"),
            Self::Path => text!("knobs-path"),
            Self::Search => text!("knobs-search"),
            Self::Noise => text!("knobs-noise"),
            Self::IntegratedGradients => MethodKind::IntegratedGradients.title().to_owned(),
            Self::Curves => text!("knobs-curves"),
        }
    }

    /// What its parameters are about, in a sentence.
    pub fn help(self) -> String {
        match self {
            Self::Objective => text!("knobs-objective", "help"),
            Self::Path => text!("knobs-path", "help"),
            Self::Search => text!("knobs-search", "help"),
            Self::Noise => text!("knobs-noise", "help"),
            Self::IntegratedGradients => text!("knobs-integrated-gradients", "help"),
            Self::Curves => text!("knobs-curves", "help"),
        }
    }
}

/// A parameter.
pub struct Knob {
    /// What it belongs to.
    pub group: Group,
    /// The message that says its name, unit and meaning; no two have the same.
    pub id: &'static str,
    /// Its symbol in the paper, if it has one. What follows an underscore is lowered.
    pub symbol: &'static str,
    /// What it can be.
    pub kind: Kind,
}

/// What a parameter can be, and where it is. What is set never contradicts another parameter.
pub enum Kind {
    /// A number from a range.
    Number {
        /// Whether its sizes matter, not its differences.
        is_log: bool,
        /// Whether it is a whole number.
        is_whole: bool,
        /// From the lowest to the highest, for an input of so many pixels along a side.
        range: fn(usize) -> RangeInclusive<f64>,
        /// Reads it.
        get: fn(&Parameters) -> f64,
        /// Writes it.
        set: fn(&mut Parameters, f64),
    },
    /// One of some names.
    Choice {
        /// The names.
        names: fn() -> Vec<&'static str>,
        /// Reads the number of its name.
        get: fn(&Parameters) -> usize,
        /// Writes it.
        set: fn(&mut Parameters, usize),
    },
    /// Yes or no.
    Switch {
        /// Reads it.
        get: fn(&Parameters) -> bool,
        /// Writes it.
        set: fn(&mut Parameters, bool),
    },
    /// Where random numbers start.
    Seed {
        /// Reads it.
        get: fn(&Parameters) -> u64,
        /// Writes it.
        set: fn(&mut Parameters, u64),
    },
}

impl Knob {
    /// Its name on screen.
    pub fn name(&self) -> String {
        text::get(self.id)
    }

    /// What it is measured in, if it is a number.
    pub fn unit(&self) -> String {
        text::attribute(self.id, "unit")
    }

    /// What it does, in a sentence.
    pub fn help(&self) -> String {
        text::attribute(self.id, "help")
    }

    /// What happens when it is changed, with numbers.
    pub fn example(&self) -> String {
        text::attribute(self.id, "example")
    }

    /// Its value in words.
    pub fn text(&self, parameters: &Parameters) -> String {
        match self.kind {
            Kind::Number { get, .. } => numbers::short(get(parameters)),
            Kind::Choice { names, get, .. } => names().get(get(parameters)).copied().unwrap_or_default().to_owned(),
            Kind::Switch { get, .. } if get(parameters) => text!("parameters-on"),
            Kind::Switch { .. } => text!("parameters-off"),
            Kind::Seed { get, .. } => get(parameters).to_string(),
        }
    }

    /// Whether it is the same in both.
    pub fn is_same(&self, one: &Parameters, other: &Parameters) -> bool {
        match self.kind {
            Kind::Number { get, .. } => get(one) == get(other),
            Kind::Choice { get, .. } => get(one) == get(other),
            Kind::Switch { get, .. } => get(one) == get(other),
            Kind::Seed { get, .. } => get(one) == get(other),
        }
    }

    /// Gives it the value it has in `from`.
    pub fn copy(&self, from: &Parameters, to: &mut Parameters) {
        match self.kind {
            Kind::Number { get, set, .. } => set(to, get(from)),
            Kind::Choice { get, set, .. } => set(to, get(from)),
            Kind::Switch { get, set } => set(to, get(from)),
            Kind::Seed { get, set } => set(to, get(from)),
        }
    }

    /// Its symbol where it has one, else its name: short enough for a list.
    pub fn short_name(&self) -> String {
        if self.symbol.is_empty() { self.name() } else { self.symbol.replace('_', "") }
    }

    /// What it does, for whoever points at it.
    pub fn explanation(&self, side: usize, usual: &Parameters) -> String {
        let (help, example, default) = (self.help(), self.example(), self.text(usual));
        match self.kind {
            Kind::Number { range, .. } => {
                let range = range(side);
                let [least, most] = [*range.start(), *range.end()].map(numbers::short);
                text!(
                    "parameters-help-number",
                    help = help,
                    example = example,
                    least = least,
                    most = most,
                    unit = self.unit(),
                    default = default
                )
            }
            Kind::Choice { names, .. } => {
                let names = names().join(", ");
                text!("parameters-help-choice", help = help, example = example, names = names, default = default)
            }
            Kind::Switch { .. } | Kind::Seed { .. } => {
                text!("parameters-help", help = help, example = example, default = default)
            }
        }
    }
}

/// The parameters that two sets differ in.
pub fn differing<'a>(one: &'a Parameters, other: &'a Parameters) -> impl Iterator<Item = &'static Knob> + 'a {
    KNOBS.iter().filter(move |knob| !knob.is_same(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another value than the default one.
    fn other(knob: &Knob) -> Parameters {
        let mut parameters = Parameters::default();
        match knob.kind {
            Kind::Number { get, set, range, .. } => {
                let middle = (get(&parameters) + range(224).start()) / 2.0;
                let other = if middle == get(&parameters) { *range(224).end() } else { middle };
                set(&mut parameters, other);
            }
            Kind::Choice { get, set, .. } => {
                let next = get(&parameters) + 1;
                set(&mut parameters, next);
            }
            Kind::Switch { get, set } => {
                let turned = !get(&parameters);
                set(&mut parameters, turned);
            }
            Kind::Seed { set, .. } => set(&mut parameters, u64::MAX),
        }
        parameters
    }

    #[test]
    fn the_table_has_every_parameter_and_none_twice() {
        // What JSON has, the table has: no parameter can be added to one and forgotten in the other.
        let json = serde_json::to_value(Parameters::default()).unwrap_or_default();
        let fields: usize = json
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
            .filter_map(|part| part.as_object())
            .map(serde_json::Map::len)
            .sum();
        assert_eq!(fields, KNOBS.len());
        for knob in KNOBS {
            let changed = other(knob);
            let named: Vec<&str> = differing(&Parameters::default(), &changed).map(|knob| knob.id).collect();
            assert_eq!(named, [knob.id], "it changes itself and nothing else");
        }
    }

    #[test]
    fn a_copied_parameter_is_the_same_and_the_others_are_not_touched() {
        for knob in KNOBS {
            let mut parameters = other(knob);
            knob.copy(&Parameters::default(), &mut parameters);
            assert_eq!(parameters, Parameters::default(), "{}", knob.id);
        }
    }

    #[test]
    fn what_is_set_contradicts_nothing() {
        for knob in KNOBS {
            let Kind::Number { range, set, .. } = knob.kind else { continue };
            for value in [*range(224).start(), *range(224).end()] {
                let mut parameters = Parameters::default();
                parameters.igos.step_max = 1.0;
                parameters.igos.step_min = 0.5;
                set(&mut parameters, value);
                assert_eq!(parameters.clamped(224), parameters, "{} = {value}", knob.id);
            }
        }
    }

    #[test]
    fn every_parameter_says_what_it_does_and_gives_an_example() {
        for knob in KNOBS {
            let text = knob.explanation(224, &Parameters::default());
            assert!(
                text.contains(&knob.help()) && text.contains(&knob.example()) && text.contains("default"),
                "{text}"
            );
        }
    }
}
