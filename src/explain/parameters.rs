//! Everything a run can be told: a set of parameters for each method that has some, and those of the curves.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{CurveParameters, ExplainError, Kind, Method, Parameter, ParameterSet, Table, Value, methods};

/// The parameters of all methods and of the curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// One set a table that a method has, in the order of [`methods`].
    sets: Vec<(&'static Table, Box<dyn ParameterSet>)>,
    /// Deletion and insertion.
    pub curves: CurveParameters,
}

impl Default for Parameters {
    fn default() -> Self {
        let tables = tables_of_methods().into_iter();
        Self { sets: tables.map(|table| (table, table.defaults())).collect(), curves: CurveParameters::default() }
    }
}

/// Every table: those of the methods that have parameters, in their order, one that several have once, and last that of
/// the curves.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    tables_of_methods().into_iter().chain([&CurveParameters::TABLE])
}

fn tables_of_methods() -> Vec<&'static Table> {
    let mut all: Vec<&Table> = Vec::new();
    for table in methods().iter().map(|method| &method.parameters) {
        if !table.rows.is_empty() && !all.contains(&table) {
            all.push(table);
        }
    }
    all
}

impl Parameters {
    /// The set of a table; none of one that no method has.
    pub fn set(&self, table: &Table) -> Option<&dyn ParameterSet> {
        if *table == CurveParameters::TABLE {
            return Some(&self.curves);
        }
        self.sets.iter().find(|(own, _)| *own == table).map(|(_, set)| &**set)
    }

    /// The same, to be changed.
    pub fn set_mut(&mut self, table: &Table) -> Option<&mut dyn ParameterSet> {
        if *table == CurveParameters::TABLE {
            return Some(&mut self.curves);
        }
        self.sets.iter_mut().find(|(own, _)| *own == table).map(|(_, set)| &mut **set)
    }

    /// The set of a method: its defaults where it has no parameters.
    pub fn of(&self, method: &Method) -> Box<dyn ParameterSet> {
        self.set(&method.parameters).map_or_else(|| method.parameters.defaults(), ParameterSet::clone_boxed)
    }

    /// The set of this type, if a method has it.
    pub fn get<P: ParameterSet>(&self) -> Option<&P> {
        self.sets.iter().find_map(|(_, set)| set.as_any().downcast_ref())
    }

    /// Changes the set of this type, if a method has it.
    pub fn edit<P: ParameterSet>(&mut self, change: impl FnOnce(&mut P)) {
        if let Some(set) = self.sets.iter_mut().find_map(|(_, set)| set.as_any_mut().downcast_mut()) {
            change(set);
        }
    }

    /// These parameters with another set in place of the one of its type.
    pub fn with<P: ParameterSet>(mut self, set: P) -> Self {
        self.edit(|own| *own = set);
        self
    }

    /// These parameters with another set for a method.
    pub fn with_set(mut self, method: &Method, set: Box<dyn ParameterSet>) -> Self {
        if let Some((_, own)) = self.sets.iter_mut().find(|(own, _)| *own == &method.parameters) {
            *own = set;
        }
        self
    }

    /// These parameters with others of the curves.
    pub fn with_curves(self, curves: CurveParameters) -> Self {
        Self { curves, ..self }
    }

    /// The same for another draw of all that is random: every seed that much further on.
    pub fn drawn_again(&self, by: u64) -> Self {
        let mut again = self.clone();
        for table in tables() {
            let Some(set) = again.set_mut(table) else { continue };
            for row in table.rows.iter().filter(|row| matches!(row.kind, Kind::Seed)) {
                if let Some(Value::Whole(seed)) = row.get(set) {
                    row.put(set, Value::Whole(seed.wrapping_add(by)));
                }
            }
        }
        again
    }

    /// Whether a method makes the same map with both.
    pub fn is_same_map(&self, other: &Self, method: &Method) -> bool {
        match (self.set(&method.parameters), other.set(&method.parameters)) {
            (Some(one), Some(other)) => method.rows().all(|row| row.get(one) == row.get(other)),
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// As [`Table::check`].
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        self.sets.iter().try_for_each(|(table, set)| table.check(&**set, side))?;
        self.curves.check(side)
    }

    /// These values, all within their ranges for a model whose input is `side` pixels wide and high, and none
    /// contradicting another.
    pub fn clamped(&self, side: usize) -> Self {
        let mut clamped = self.clone();
        for (table, set) in &mut clamped.sets {
            table.clamp(&mut **set, side);
        }
        CurveParameters::TABLE.clamp(&mut clamped.curves, side);
        clamped
    }

    /// Gives a parameter the value it has in `from`, so that it contradicts no other.
    pub fn copy(&mut self, table: &Table, row: &Parameter, from: &Self) {
        let value = from.set(table).and_then(|set| row.get(set));
        if let (Some(value), Some(set)) = (value, self.set_mut(table)) {
            table.set(row, set, value);
        }
    }

    /// Whether a parameter is the same in both.
    pub fn is_same(&self, other: &Self, table: &Table, row: &Parameter) -> bool {
        let value = |parameters: &Self| parameters.set(table).and_then(|set| row.get(set));
        value(self) == value(other)
    }

    /// The parameters that two sets differ in, each with its table.
    pub fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'static Table, &'static Parameter)> + 'a {
        let all = tables().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
        all.filter(move |(table, row)| !self.is_same(other, table, row))
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sets = self.sets.iter().map(|(table, set)| (table.id, table.to_json(&**set)));
        let curves = (CurveParameters::TABLE.id, CurveParameters::TABLE.to_json(&self.curves));
        serializer.collect_map(sets.chain([curves]))
    }
}

/// What is left out has its default; what no table knows is an error.
impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut parameters = Self::default();
        let object = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
        for (id, json) in &object {
            let table = tables().find(|table| table.id == id);
            let table = table.ok_or_else(|| D::Error::custom(format!("there are no parameters “{id}”")))?;
            let set = table.parse_json(json).map_err(D::Error::custom)?;
            if let Some(curves) = set.as_any().downcast_ref::<CurveParameters>() {
                parameters.curves = curves.clone();
            } else if let Some((_, own)) = parameters.sets.iter_mut().find(|(own, _)| *own == table) {
                *own = set;
            }
        }
        Ok(parameters)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Baseline, CurveDescentParameters, IgosParameters};

    #[test]
    fn every_row_reads_and_writes_its_own_table_and_its_default_is_in_range() {
        for table in tables() {
            let defaults = table.defaults();
            table.check(&*defaults, 224).unwrap();
            for row in table.rows {
                let mut set = table.defaults();
                let other = other_value(row, row.get(&*defaults).unwrap());
                assert!(row.put(&mut *set, other));
                assert_eq!(row.get(&*set), Some(other), "{} {}", table.id, row.name);
                let changed = table.rows.iter().filter(|one| one.get(&*set) != one.get(&*defaults));
                assert_eq!(changed.map(|one| one.name).collect::<Vec<_>>(), [row.name]);
                // What it is bound by and what it depends on are rows.
                assert!(row.at_most.is_none_or(|limit| table.row(limit.other).is_some()));
                assert!(row.counts_if.is_none_or(|condition| table.row(condition.other).is_some()));
            }
        }
    }

    /// Curve descent had no diffusion and no jitter of its baseline at first, and such records are done again as they
    /// were.
    #[test]
    fn what_a_record_of_an_earlier_version_does_not_have_is_as_it_was_then() {
        let read = |json| serde_json::from_str::<Parameters>(json).unwrap();
        let of = |parameters: &Parameters| {
            let own = parameters.get::<CurveDescentParameters>().unwrap();
            (own.diffusion, own.baseline_jitter, own.seed)
        };
        assert_eq!(of(&read(r#"{"curve_descent": {"seed": 4}}"#)), (0.0, 0.0, 4));
        assert_eq!(
            of(&read(r#"{"curve_descent": {"seed": 4, "diffusion": 0.2, "baseline_jitter": 0.1}}"#)),
            (0.2, 0.1, 4)
        );
        assert_eq!(of(&read("{}")), of(&Parameters::default()));
    }

    fn other_value(row: &Parameter, value: Value) -> Value {
        match (row.kind, value) {
            (Kind::Choice(names), value) => {
                Value::Choice(names().into_iter().find(|name| Value::Choice(name) != value).unwrap())
            }
            (_, Value::Switch(on)) => Value::Switch(!on),
            (_, Value::Whole(number)) => Value::Whole(number + 1),
            (_, value) => Value::Real(value.number() / 2.0 + 1e-7),
        }
    }

    #[test]
    fn parameters_are_the_same_after_they_were_written_and_read() {
        let igos = IgosParameters { iterations: 3, baseline: Baseline::Grey, l1_decay: true, ..Default::default() };
        let curves = CurveParameters { grid: 7, ..CurveParameters::default() };
        let parameters = Parameters::default().with(igos).with_curves(curves);
        let text = serde_json::to_string(&parameters).unwrap();
        assert_eq!(serde_json::from_str::<Parameters>(&text).unwrap(), parameters);
        for (wrong, named) in [
            (r#"{"tea": {}}"#, "tea"),
            (r#"{"igos": {"itterations": 3}}"#, "itterations"),
            (r#"{"igos": {"iterations": 3.5}}"#, "iterations"),
            (r#"{"igos": {"baseline": "tartan"}}"#, "tartan"),
            (r#"{"curves": 7}"#, "curves"),
        ] {
            assert!(serde_json::from_str::<Parameters>(wrong).unwrap_err().to_string().contains(named), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn clamped_parameters_are_in_their_ranges_whatever_they_were(
            reals in prop::collection::vec(prop::num::f64::ANY, 40), wholes in prop::collection::vec(0..2000_u64, 40),
            side in 2..300_usize,
        ) {
            let mut parameters = Parameters::default();
            let (mut reals, mut wholes) = (reals.into_iter().cycle(), wholes.into_iter().cycle());
            for table in tables() {
                let set = parameters.set_mut(table).unwrap();
                for row in table.rows {
                    match row.kind {
                        Kind::Real(..) => row.put(set, Value::Real(reals.next().unwrap())),
                        Kind::Whole(..) => row.put(set, Value::Whole(wholes.next().unwrap())),
                        Kind::Choice(_) | Kind::Switch | Kind::Seed => true,
                    };
                }
            }
            let clamped = parameters.clamped(side);
            clamped.check(side).unwrap();
            let igos = clamped.get::<IgosParameters>().unwrap();
            prop_assert!(igos.search_points <= igos.integration_steps);
        }
    }

    #[test]
    fn another_draw_has_other_seeds_and_nothing_else() {
        let (one, again) = (Parameters::default(), Parameters::default().drawn_again(3));
        assert!(one.differing(&again).all(|(_, row)| matches!(row.kind, Kind::Seed)));
        assert_eq!((again.get::<IgosParameters>().unwrap().seed, again.curves.seed), (3, 3));
    }

    #[test]
    fn parameters_in_their_ranges_stay_as_they_are() {
        for igos in [IgosParameters::default(), IgosParameters::paper(), IgosParameters::paper_path()] {
            let parameters = Parameters::default().with(igos);
            assert_eq!(parameters.clamped(224), parameters);
        }
    }

    #[test]
    fn what_is_set_contradicts_nothing() {
        for table in tables() {
            for row in table.rows {
                let Some(range) = row.range(224) else { continue };
                for value in [*range.start(), *range.end()] {
                    let igos = IgosParameters { step_max: 1.0, step_min: 0.5, ..IgosParameters::default() };
                    let mut parameters = Parameters::default().with(igos);
                    let value = if matches!(row.kind, Kind::Real(..)) {
                        Value::Real(value)
                    } else {
                        Value::Whole(value as u64)
                    };
                    table.set(row, parameters.set_mut(table).unwrap(), value);
                    assert_eq!(parameters.clamped(224), parameters, "{} = {value}", row.name);
                }
            }
        }
    }

    #[test]
    fn a_copied_parameter_is_the_same_and_the_others_are_not_touched() {
        for table in tables() {
            for row in table.rows {
                let mut parameters = Parameters::default();
                let defaults = Parameters::default();
                let other = other_value(row, row.get(defaults.set(table).unwrap()).unwrap());
                row.put(parameters.set_mut(table).unwrap(), other);
                assert_eq!(parameters.differing(&defaults).map(|(_, row)| row.name).collect::<Vec<_>>(), [row.name]);
                parameters.copy(table, row, &defaults);
                assert_eq!(parameters, defaults, "{}", row.name);
            }
        }
    }
}
