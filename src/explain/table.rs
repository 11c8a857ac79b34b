//! A table of parameters: what is checked, clamped, set, written and read of a whole set.

use super::{ExplainError, Otherwise, Parameter, ParameterSet, Value};

/// The parameters of one method, or of several that share them, or of the curves.
#[derive(Debug)]
pub struct Table {
    /// Its name in JSON and settings.
    pub id: &'static str,
    /// The rows, in the order to show them, those of a part together.
    pub rows: &'static [Parameter],
    defaults: fn() -> Box<dyn ParameterSet>,
}

/// Told apart by their name.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

fn boxed_default<P: ParameterSet + Default>() -> Box<dyn ParameterSet> {
    Box::new(P::default())
}

impl Table {
    /// The table of a type: a row for each of its fields.
    pub const fn of<P: ParameterSet + Default>(id: &'static str, rows: &'static [Parameter]) -> Self {
        Self { id, rows, defaults: boxed_default::<P> }
    }

    /// Whether it is the very same table, which several methods may have.
    fn is_shared_with(&self, other: &Self) -> bool {
        let type_of = |table: &Self| table.defaults().as_any().type_id();
        self == other && std::ptr::eq(self.rows, other.rows) && type_of(self) == type_of(other)
    }

    /// Whether both cannot be in one program: they are two and have one name, are of one type, or mean other things by one
    /// flag.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        if self.is_shared_with(other) {
            return false;
        }
        let kind = |row: &Parameter| std::mem::discriminant(&row.kind);
        let differs = |row: &Parameter| other.rows.iter().any(|own| own.flag == row.flag && kind(own) != kind(row));
        let type_of = |table: &Self| table.defaults().as_any().type_id();
        let is_one_type = !self.rows.is_empty() && !other.rows.is_empty() && type_of(self) == type_of(other);
        self == other || is_one_type || self.rows.iter().any(differs)
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
            let (low, high) = (*range.start(), limit.map_or(*range.end(), |limit| limit.min(*range.end())));
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

    /// A set read back; what is left out has its default, or is as it was in versions that did not have it.
    ///
    /// # Errors
    /// A name that no row has or a value that its row cannot have, in words.
    pub fn parse_json(&self, json: &serde_json::Value) -> Result<Box<dyn ParameterSet>, String> {
        let object = json.as_object().ok_or_else(|| format!("the parameters “{}” are {json}", self.id))?;
        let mut set = self.defaults();
        // What says nothing is no record of an earlier version.
        for row in self.rows.iter().filter(|row| !object.is_empty() && !object.contains_key(row.name)) {
            if let Some(absent) = row.absent {
                row.put(&mut *set, absent);
            }
        }
        for (name, value) in object {
            let is_former = |row: &&Parameter| row.formerly.is_some_and(|formerly| formerly.name == name);
            if let Some(row) = self.rows.iter().find(is_former)
                && let Some(formerly) = row.formerly
            {
                row.put(&mut *set, row.parse_json(value)?);
                if let Some(other) = self.row(formerly.other) {
                    other.put(&mut *set, Value::Choice(formerly.was));
                }
                continue;
            }
            let row = self.row(name).ok_or_else(|| format!("“{}” has no parameter “{name}”", self.id))?;
            row.put(&mut *set, row.parse_json(value)?);
        }
        Ok(set)
    }
}
