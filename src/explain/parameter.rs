//! Parameters as rows: what each is called, what it may be, and how it is read and written, whatever method it belongs
//! to. Checks, clamping, flags with their help, the window's panel, presets, settings and JSON read the rows.
//!
//! A method's parameters are a plain struct of its own ([`ParameterSet`]). Its [`Table`](super::Table) has a row for each
//! field, made with [`field!`](crate::field), and they stay typed until they are written to JSON.

use std::{fmt, ops::RangeInclusive};

use super::{ExplainError, Field, Named, ParameterSet, Value};

/// How the values of a range lie on a slider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Differences matter.
    Linear,
    /// Sizes matter.
    Log,
}

/// What a parameter can be. Ranges are for an input of so many pixels along a side.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A real number from a range.
    Real(fn(usize) -> RangeInclusive<f64>, Scale),
    /// A whole number from a range.
    Whole(fn(usize) -> RangeInclusive<u64>, Scale),
    /// One of some names.
    Choice(fn() -> Vec<&'static str>),
    /// Yes or no.
    Switch,
    /// Where random numbers start: any whole number.
    Seed,
}

/// The names of a type, for [`Kind::Choice`].
pub fn names<T: Named>() -> Vec<&'static str> {
    T::ALL.iter().map(|one| one.name()).collect()
}

/// Cells of a mask or grid along a side, for an input of `side` pixels: two at least, one a pixel at most.
pub fn cells(side: usize) -> RangeInclusive<u64> {
    2..=side.max(2) as u64
}

/// That a parameter is at most another one of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtMost {
    /// Name of the other one.
    pub other: &'static str,
    /// What becomes of a contradiction.
    pub otherwise: Otherwise,
}

/// What becomes of a parameter above another one that it should be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It is refused; in the window neither goes past the other.
    Refused,
    /// It counts as the other one; in the window it follows that down.
    Follows,
}

/// When a parameter counts: where another one of its table is this choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountsIf {
    /// Name of the other one.
    pub other: &'static str,
    /// What it must be.
    pub is: &'static str,
}

/// What a parameter was in records of earlier versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formerly {
    /// Its name.
    pub name: &'static str,
    /// Name of the choice that it went with.
    pub other: &'static str,
    /// What that was.
    pub was: &'static str,
}

/// A parameter: a row of a [`Table`](super::Table).
pub struct Parameter {
    /// Its name in JSON and settings: that of its field.
    pub name: &'static str,
    /// Its flag, without dashes. Parameters of several tables may share one, which then sets them all.
    pub flag: &'static str,
    /// What stands for its value in the command line's help.
    pub value_name: &'static str,
    /// Its symbol in the paper, if it has one. What follows an underscore is lowered.
    pub symbol: &'static str,
    /// What it does, in a line.
    pub meaning: &'static str,
    /// What it is measured in, if anything.
    pub unit: &'static str,
    /// The part of its table that it is shown with; empty where a table has no parts.
    pub group: &'static str,
    /// What it can be.
    pub kind: Kind,
    /// What it is at most, besides its range.
    pub at_most: Option<AtMost>,
    /// When it counts; always if none.
    pub counts_if: Option<CountsIf>,
    /// Whether a reader of a figure needs it: it stands in captions.
    pub in_captions: bool,
    /// Whether it is the user's own, which presets leave alone.
    pub is_users: bool,
    /// What it was in records of earlier versions, if it was something else.
    pub formerly: Option<Formerly>,
    /// What it is in records of earlier versions, which do not have it; its default if nothing is said.
    pub absent: Option<Value>,
    /// The methods that it is of, by id, where several have its table; all of them if none is named.
    pub of: &'static [&'static str],
    /// How it is read and written.
    pub field: Field,
}

impl fmt::Debug for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parameter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Parameter {
    /// A parameter with a flag, and nothing else said of it.
    pub const fn new(name: &'static str, flag: &'static str, kind: Kind, field: Field, meaning: &'static str) -> Self {
        Self {
            name,
            flag,
            value_name: "N",
            symbol: "",
            meaning,
            unit: "",
            group: "",
            kind,
            at_most: None,
            counts_if: None,
            in_captions: false,
            is_users: false,
            formerly: None,
            absent: None,
            of: &[],
            field,
        }
    }

    /// With a symbol, which stands for its value in the command line's help as well.
    pub const fn symbol(self, symbol: &'static str) -> Self {
        Self { symbol, value_name: symbol, ..self }
    }

    /// With what stands for its value in the command line's help.
    pub const fn value_name(self, value_name: &'static str) -> Self {
        Self { value_name, ..self }
    }

    /// With a unit.
    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// In a part of its table.
    pub const fn group(self, group: &'static str) -> Self {
        Self { group, ..self }
    }

    /// At most another one.
    pub const fn at_most(self, other: &'static str, otherwise: Otherwise) -> Self {
        Self { at_most: Some(AtMost { other, otherwise }), ..self }
    }

    /// Counting only where another one is a choice.
    pub const fn counts_if(self, other: &'static str, is: &'static str) -> Self {
        Self { counts_if: Some(CountsIf { other, is }), ..self }
    }

    /// The user's own, which presets leave alone.
    pub const fn users(self) -> Self {
        Self { is_users: true, ..self }
    }

    /// Called otherwise in records of earlier versions, where another one of its table was a choice without a name.
    pub const fn formerly(self, name: &'static str, other: &'static str, was: &'static str) -> Self {
        Self { formerly: Some(Formerly { name, other, was }), ..self }
    }

    /// Unknown to earlier versions, which computed as if it were this.
    pub const fn absent(self, value: Value) -> Self {
        Self { absent: Some(value), ..self }
    }

    /// Of these methods only, of those that have its table.
    pub const fn of(self, methods: &'static [&'static str]) -> Self {
        Self { of: methods, ..self }
    }

    /// Whether a method that has its table has it, too.
    pub fn is_of(&self, method: &str) -> bool {
        self.of.is_empty() || self.of.contains(&method)
    }

    /// Standing in captions.
    pub const fn in_captions(self) -> Self {
        Self { in_captions: true, ..self }
    }

    /// Its name in words.
    pub fn words(&self) -> String {
        self.name.replace('_', " ")
    }

    /// Its value in a set of its table; none in any other set.
    pub fn get(&self, set: &dyn ParameterSet) -> Option<Value> {
        (self.field.get)(set.as_any())
    }

    /// Writes its value to a set of its table, whatever its range; says whether it could be.
    pub fn put(&self, set: &mut dyn ParameterSet, value: Value) -> bool {
        (self.field.set)(set.as_any_mut(), value)
    }

    /// The lowest and the highest number, for an input of `side` pixels along a side; none for what is no number.
    pub fn range(&self, side: usize) -> Option<RangeInclusive<f64>> {
        match self.kind {
            Kind::Real(range, _) => Some(range(side)),
            Kind::Whole(range, _) => Some(*range(side).start() as f64..=*range(side).end() as f64),
            Kind::Choice(_) | Kind::Switch | Kind::Seed => None,
        }
    }

    /// Its value in words that the command line takes.
    ///
    /// # Errors
    /// What is wrong with `text`, in words.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        match self.kind {
            Kind::Real(..) => text.parse().map(Value::Real).map_err(|error| format!("{error}")),
            Kind::Whole(..) | Kind::Seed => text.parse().map(Value::Whole).map_err(|error| format!("{error}")),
            Kind::Switch => text.parse().map(Value::Switch).map_err(|error| format!("{error}")),
            Kind::Choice(names) => {
                let name = names().into_iter().find(|name| *name == text);
                name.map(Value::Choice).ok_or_else(|| format!("it must be one of {}", names().join(", ")))
            }
        }
    }

    pub(super) fn parse_json(&self, json: &serde_json::Value) -> Result<Value, String> {
        let value = match self.kind {
            Kind::Real(..) => json.as_f64().map(Value::Real),
            Kind::Whole(..) | Kind::Seed => json.as_u64().map(Value::Whole),
            Kind::Switch => json.as_bool().map(Value::Switch),
            Kind::Choice(_) => json.as_str().and_then(|name| self.parse(name).ok()),
        };
        value.ok_or_else(|| format!("the parameter {} cannot be {json}", self.name))
    }

    pub(super) fn refused(&self, value: Value, low: impl fmt::Display, high: impl fmt::Display) -> ExplainError {
        ExplainError::Parameter {
            name: self.flag.replace('-', "_"),
            value: value.to_string(),
            range: format!("{low} to {high}"),
        }
    }
}
