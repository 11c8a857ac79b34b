//! What a method that iterates tells of each iteration: its mask, and numbers that its row names.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{Mask, Value};

/// One iteration of a method.
#[derive(Debug, Clone, PartialEq)]
pub struct Iteration {
    /// Its number, from 1.
    pub number: usize,
    /// What the values are: the method's [`terms`](super::Method::terms).
    pub terms: &'static [Term],
    /// One a term.
    pub values: Vec<Value>,
    /// Time it took, in seconds.
    pub seconds: f64,
    /// The mask after it.
    pub mask: Mask,
}

impl Iteration {
    /// The value of a term; none if the method has no such term.
    pub fn get(&self, term: &str) -> Option<Value> {
        let place = self.terms.iter().position(|own| own.name == term)?;
        self.values.get(place).copied()
    }

    /// The value of a term as a number; NaN if the method has no such term, 1 for yes and 0 for no.
    pub fn number(&self, term: &str) -> f64 {
        self.get(term).map_or(f64::NAN, Value::number)
    }
}

/// As `run.json` has it: its number, every term by name, and the seconds.
impl Serialize for Iteration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iteration", &self.number)?;
        for (term, value) in self.terms.iter().zip(&self.values) {
            map.serialize_entry(term.name, &value.to_json())?;
        }
        map.serialize_entry("seconds", &self.seconds)?;
        map.end()
    }
}

/// A number that each iteration of a method reports.
#[derive(Debug, PartialEq)]
pub struct Term {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name on screen.
    pub title: &'static str,
    /// Its symbol in the paper, if it has one.
    pub symbol: &'static str,
    /// What it is for a reader.
    pub role: TermRole,
}

/// What a term is for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermRole {
    /// What is explained, of the masked picture: it is called as the score is that was asked for.
    Score,
    /// What the method makes small or large.
    Objective,
    /// Another number in the unit of what is explained: a part of the objective, for example.
    InScore,
    /// How far it went: it stands on the timeline.
    Step,
    /// One of the other numbers.
    Other,
}

impl Term {
    /// A term with its name and title.
    pub const fn new(name: &'static str, title: &'static str) -> Self {
        Self { name, title, symbol: "", role: TermRole::Other }
    }

    /// Whether it is in the unit of what is explained.
    pub fn is_in_score(&self) -> bool {
        matches!(self.role, TermRole::Score | TermRole::Objective | TermRole::InScore)
    }

    /// With its symbol.
    pub const fn symbol(self, symbol: &'static str) -> Self {
        Self { symbol, ..self }
    }

    /// With what it is for a reader.
    pub const fn role(self, role: TermRole) -> Self {
        Self { role, ..self }
    }
}

/// A chart over a method's iterations.
#[derive(Debug, PartialEq)]
pub struct IterationChart {
    /// Its name in settings; the same for charts of one kind of several methods.
    pub id: &'static str,
    /// Its name on screen.
    pub title: &'static str,
    /// What it shows, in some lines.
    pub help: &'static str,
    /// What its values are, for the axis.
    pub axis: &'static str,
    /// Whether its values are scores, to three places.
    pub has_scores: bool,
    /// Whether sizes matter, not differences.
    pub is_log: bool,
    /// Its lines, the lowest first.
    pub lines: &'static [TermLine],
}

/// A line of an [`IterationChart`].
#[derive(Debug, PartialEq)]
pub struct TermLine {
    /// Name of its term.
    pub term: &'static str,
    /// Its name in translations, unique within its method.
    pub id: &'static str,
    /// Its name in the legend.
    pub title: &'static str,
    /// Its colour.
    pub shade: Shade,
    /// How its points are drawn.
    pub mark: TermMark,
    /// What it is before the first iteration.
    pub before: Before,
    /// The term, a switch, that must be so for a point to be drawn.
    pub only_if: Option<(&'static str, bool)>,
}

impl TermLine {
    /// Its value in an iteration; none where it is not drawn.
    pub fn value(&self, iteration: &Iteration) -> Option<f64> {
        let is_drawn = self.only_if.is_none_or(|(term, is)| iteration.get(term) == Some(Value::Switch(is)));
        iteration.get(self.term).filter(|_| is_drawn).map(Value::number)
    }
}

/// The colours of lines, which themes have light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shade {
    /// The line that matters most.
    Strong,
    /// The next one.
    First,
    /// The next one.
    Second,
    /// The next one.
    Third,
    /// A line to compare others with.
    Faint,
}

impl Shade {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Strong, Self::First, Self::Second, Self::Third, Self::Faint];
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermMark {
    /// Joined.
    Line,
    /// Joined by dashes.
    Dashes,
    /// Each for itself.
    Dots,
}

/// What a line is before the first iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Not known.
    Unknown,
    /// Nothing: a mask that deletes nothing has no price.
    Zero,
    /// What is explained, for the whole picture.
    Score,
}
