//! Parameters as rows: what each is called, what it may be, and how it is read and written, whatever method it belongs
//! to. Checks, clamping, flags with their help, the window's panel, presets, settings and JSON read the rows.
//!
//! A method's parameters are a plain struct of its own ([`ParameterSet`]). Its [`Table`] has a row for each field, made
//! with [`field!`](crate::field), and they stay typed until they are written to JSON.

use std::{any::Any, fmt, ops::RangeInclusive};

use super::ExplainError;

/// The parameters of one method, or of the curves: a plain struct.
pub trait ParameterSet: Any + fmt::Debug + Send + Sync {
    /// The same again.
    fn clone_boxed(&self) -> Box<dyn ParameterSet>;
    /// Whether the other is of the same type and has the same values.
    fn is_same(&self, other: &dyn ParameterSet) -> bool;
    /// Itself, to be read as its own type.
    fn as_any(&self) -> &dyn Any;
    /// Itself, to be written as its own type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

// `Default` keeps a boxed set from being a set itself, which would be asked in place of what is in the box.
impl<P: Any + fmt::Debug + Clone + Default + PartialEq + Send + Sync> ParameterSet for P {
    fn clone_boxed(&self) -> Box<dyn ParameterSet> {
        Box::new(self.clone())
    }

    fn is_same(&self, other: &dyn ParameterSet) -> bool {
        other.as_any().downcast_ref::<P>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl Clone for Box<dyn ParameterSet> {
    fn clone(&self) -> Self {
        (**self).clone_boxed()
    }
}

impl PartialEq for dyn ParameterSet {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}

/// The value of a parameter, or of a number that an iteration reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A real number.
    Real(f64),
    /// A whole number.
    Whole(u64),
    /// One of some names.
    Choice(&'static str),
    /// Yes or no.
    Switch(bool),
}

impl Value {
    /// As a number: NaN for a name, 1 for yes and 0 for no.
    pub fn number(self) -> f64 {
        match self {
            Self::Real(value) => value,
            Self::Whole(value) => value as f64,
            Self::Choice(_) => f64::NAN,
            Self::Switch(value) => f64::from(u8::from(value)),
        }
    }

    /// As it is written to JSON.
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Self::Real(value) => value.into(),
            Self::Whole(value) => value.into(),
            Self::Choice(name) => name.into(),
            Self::Switch(value) => value.into(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real(value) => write!(formatter, "{value}"),
            Self::Whole(value) => write!(formatter, "{value}"),
            Self::Choice(name) => formatter.write_str(name),
            Self::Switch(value) => write!(formatter, "{value}"),
        }
    }
}

/// A type that a field of a [`ParameterSet`] may have.
pub trait FieldType: Sized {
    /// As a [`Value`].
    fn value(&self) -> Value;
    /// Back; none for a value of another kind.
    fn from_value(value: Value) -> Option<Self>;
}

impl FieldType for f64 {
    fn value(&self) -> Value {
        Value::Real(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(value),
            Value::Whole(value) => Some(value as f64),
            Value::Choice(_) | Value::Switch(_) => None,
        }
    }
}

impl FieldType for usize {
    fn value(&self) -> Value {
        Value::Whole(*self as u64)
    }

    fn from_value(value: Value) -> Option<Self> {
        u64::from_value(value).and_then(|value| value.try_into().ok())
    }
}

impl FieldType for u64 {
    fn value(&self) -> Value {
        Value::Whole(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Whole(value) => Some(value),
            // A slider's whole number.
            Value::Real(value) if value >= 0.0 && value.fract() == 0.0 => Some(value as u64),
            Value::Real(_) | Value::Choice(_) | Value::Switch(_) => None,
        }
    }
}

impl FieldType for bool {
    fn value(&self) -> Value {
        Value::Switch(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Switch(value) => Some(value),
            Value::Real(_) | Value::Whole(_) | Value::Choice(_) => None,
        }
    }
}

/// A set of names that a parameter is one of.
pub trait Named: Copy + 'static {
    /// Every one, in the order to offer them.
    const ALL: &'static [Self];
    /// Its name in flags and JSON.
    fn name(self) -> &'static str;
}

/// Makes a type whose values have names ([`Named`]) one that a field may have.
macro_rules! choice {
    ($name:ty) => {
        impl $crate::explain::FieldType for $name {
            fn value(&self) -> $crate::explain::Value {
                $crate::explain::Value::Choice($crate::explain::Named::name(*self))
            }

            fn from_value(value: $crate::explain::Value) -> Option<Self> {
                let $crate::explain::Value::Choice(wanted) = value else { return None };
                let all = <Self as $crate::explain::Named>::ALL;
                all.iter().copied().find(|one| $crate::explain::Named::name(*one) == wanted)
            }
        }
    };
}
pub(crate) use choice;

/// How a row's field is read and written.
#[derive(Clone, Copy)]
pub struct Field {
    /// Reads it; none from a set of another type.
    pub get: fn(&dyn Any) -> Option<Value>,
    /// Writes it, and says whether that could be done: not to a set of another type, nor a value of another kind.
    pub set: fn(&mut dyn Any, Value) -> bool,
}

/// The [`Field`](crate::explain::Field) of a struct of parameters: `field!(IgosParameters, l1_weight)`.
#[macro_export]
macro_rules! field {
    ($set:ty, $name:ident) => {
        $crate::explain::Field {
            get: |set| set.downcast_ref::<$set>().map(|set| $crate::explain::FieldType::value(&set.$name)),
            set: |set, value| match (set.downcast_mut::<$set>(), $crate::explain::FieldType::from_value(value)) {
                (Some(set), Some(value)) => {
                    set.$name = value;
                    true
                }
                _ => false,
            },
        }
    };
}

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

/// A parameter: a row of a [`Table`].
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

    fn parse_json(&self, json: &serde_json::Value) -> Result<Value, String> {
        let value = match self.kind {
            Kind::Real(..) => json.as_f64().map(Value::Real),
            Kind::Whole(..) | Kind::Seed => json.as_u64().map(Value::Whole),
            Kind::Switch => json.as_bool().map(Value::Switch),
            Kind::Choice(_) => json.as_str().and_then(|name| self.parse(name).ok()),
        };
        value.ok_or_else(|| format!("the parameter {} cannot be {json}", self.name))
    }

    fn refused(&self, value: Value, low: impl fmt::Display, high: impl fmt::Display) -> ExplainError {
        ExplainError::Parameter {
            name: self.flag.replace('-', "_"),
            value: value.to_string(),
            range: format!("{low} to {high}"),
        }
    }
}

/// The parameters of one method, or of the curves.
#[derive(Debug)]
pub struct Table {
    /// Its name in JSON and settings.
    pub id: &'static str,
    /// The rows, in the order to show them, those of a part together.
    pub rows: &'static [Parameter],
    defaults: fn() -> Box<dyn ParameterSet>,
}

fn boxed_default<P: ParameterSet + Default>() -> Box<dyn ParameterSet> {
    Box::new(P::default())
}

impl Table {
    /// The table of a type: a row for each of its fields.
    pub const fn of<P: ParameterSet + Default>(id: &'static str, rows: &'static [Parameter]) -> Self {
        Self { id, rows, defaults: boxed_default::<P> }
    }

    /// The default of every parameter.
    pub fn defaults(&self) -> Box<dyn ParameterSet> {
        (self.defaults)()
    }

    /// The row of this name.
    pub fn row(&self, name: &str) -> Option<&'static Parameter> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The parts it is shown in, in their order.
    pub fn groups(&self) -> Vec<&'static str> {
        let mut groups: Vec<&str> = self.rows.iter().map(|row| row.group).collect();
        groups.dedup();
        groups
    }

    fn number(&self, set: &dyn ParameterSet, name: &str) -> Option<f64> {
        Some(self.row(name)?.get(set)?.number())
    }

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range; [`ExplainError::OtherParameters`] for a
    /// set of another table.
    pub fn check(&self, set: &dyn ParameterSet, side: usize) -> Result<(), ExplainError> {
        for row in self.rows {
            let value = row.get(set).ok_or(ExplainError::OtherParameters { table: self.id })?;
            let Some(range) = row.range(side) else { continue };
            let limit = row.at_most.filter(|limit| limit.otherwise == Otherwise::Refused);
            let limit = limit.and_then(|limit| self.number(set, limit.other));
            let (low, high) = (*range.start(), limit.unwrap_or(*range.end()));
            let number = value.number();
            if !number.is_finite() || number < low || number > high {
                return Err(row.refused(value, low, high));
            }
        }
        Ok(())
    }

    /// Brings each value that is out of its range to the range's nearer end, or to its default if it is no number, and
    /// those that contradict each other together: afterwards they pass [`Table::check`] for the same `side`.
    pub fn clamp(&self, set: &mut dyn ParameterSet, side: usize) {
        let defaults = self.defaults();
        for row in self.rows {
            let (Some(range), Some(value)) = (row.range(side), row.get(set)) else { continue };
            let number = value.number();
            let kept = if number.is_nan() {
                row.get(&*defaults).unwrap_or(value)
            } else {
                match value {
                    Value::Whole(_) => Value::Whole(number.clamp(*range.start(), *range.end()) as u64),
                    _ => Value::Real(number.clamp(*range.start(), *range.end())),
                }
            };
            row.put(set, kept);
        }
        for row in self.rows {
            self.lower(row, set);
        }
    }

    /// Brings a parameter down to what it is at most.
    fn lower(&self, row: &Parameter, set: &mut dyn ParameterSet) {
        let limit = row.at_most.and_then(|limit| self.row(limit.other)).and_then(|other| other.get(set));
        if let (Some(limit), Some(value)) = (limit, row.get(set))
            && value.number() > limit.number()
        {
            row.put(set, limit);
        }
    }

    /// Writes a parameter so that it contradicts no other: it stops at those that bound it, and those that it bounds
    /// follow it, or stop it where they do not.
    pub fn set(&self, row: &Parameter, set: &mut dyn ParameterSet, value: Value) {
        row.put(set, value);
        self.lower(row, set);
        for other in self.rows {
            let Some(limit) = other.at_most.filter(|limit| limit.other == row.name) else { continue };
            match limit.otherwise {
                Otherwise::Follows => self.lower(other, set),
                Otherwise::Refused => {
                    if let (Some(least), Some(value)) = (other.get(set), row.get(set))
                        && value.number() < least.number()
                    {
                        row.put(set, least);
                    }
                }
            }
        }
    }

    /// Whether a parameter counts in a set.
    pub fn counts(&self, row: &Parameter, set: &dyn ParameterSet) -> bool {
        row.counts_if.is_none_or(|condition| {
            let other = self.row(condition.other).and_then(|other| other.get(set));
            other == Some(Value::Choice(condition.is))
        })
    }

    /// A set as it is written: names and values, in the order of the rows.
    pub fn to_json(&self, set: &dyn ParameterSet) -> serde_json::Map<String, serde_json::Value> {
        let value = |row: &Parameter| Some((row.name.to_owned(), row.get(set)?.to_json()));
        self.rows.iter().filter_map(value).collect()
    }

    /// A set read back; what is left out has its default.
    ///
    /// # Errors
    /// A name that no row has or a value that its row cannot have, in words.
    pub fn parse_json(&self, json: &serde_json::Value) -> Result<Box<dyn ParameterSet>, String> {
        let object = json.as_object().ok_or_else(|| format!("the parameters “{}” are {json}", self.id))?;
        let mut set = self.defaults();
        for (name, value) in object {
            let row = self.row(name).ok_or_else(|| format!("“{}” has no parameter “{name}”", self.id))?;
            row.put(&mut *set, row.parse_json(value)?);
        }
        Ok(set)
    }
}
