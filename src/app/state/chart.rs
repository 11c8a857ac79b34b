//! The charts beside the wall: which there are, what they are about, and whether there is something in them.

use serde::{Deserialize, Serialize};

use super::{State, run_state::RunState};
use crate::explain::{CurvePoint, MethodKind};

/// A chart beside the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Scores while the most important cells are removed.
    Deletion,
    /// Scores while the most important cells are revealed.
    Insertion,
    /// I-GOS's iterations.
    Iterations,
}

impl Chart {
    /// Every chart, in the order they are drawn.
    pub const ALL: [Self; 3] = [Self::Deletion, Self::Insertion, Self::Iterations];

    /// Its name, also in files'.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Insertion => "insertion",
            Self::Iterations => "iterations",
        }
    }

    /// Whether there is something in it.
    pub fn has_lines(self, state: &State) -> bool {
        match self {
            Self::Deletion | Self::Insertion => curves(state).any(|(_, drawn)| drawn),
            Self::Iterations => state.shown().is_some_and(|run| !run.steps().is_empty()),
        }
    }
}

/// What the chart of iterations is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IterationChart {
    /// What I-GOS makes small.
    #[default]
    Terms,
    /// How far each iteration went.
    StepSize,
    /// How often each iteration tried.
    Trials,
}

impl IterationChart {
    /// Everything the chart can be about.
    pub const ALL: [Self; 3] = [Self::Terms, Self::StepSize, Self::Trials];

    /// Its name on screen.
    pub fn title(self) -> String {
        match self {
            Self::Terms => text!("history-terms"),
            Self::StepSize => text!("history-step-size"),
            Self::Trials => text!("history-trials"),
        }
    }

    /// What it is, in some lines.
    pub fn help(self) -> String {
        match self {
            Self::Terms => text!("history-terms", "help"),
            Self::StepSize => text!("history-step-size", "help"),
            Self::Trials => text!("history-trials", "help"),
        }
    }
}

/// The points of a method's curve that are known so far.
pub fn points(run: &RunState, method: MethodKind) -> &[CurvePoint] {
    run.method(method).map_or(&[], |known| known.curves.as_ref().map_or(&known.points, |curves| &curves.points))
}

/// The methods that have a curve, and of those the ones that are drawn.
pub fn curves(state: &State) -> impl Iterator<Item = (MethodKind, bool)> {
    let known = move |method: &MethodKind| state.shown().is_some_and(|run| !points(run, *method).is_empty());
    MethodKind::ALL.into_iter().filter(known).map(|method| (method, !state.look.hidden_curves.contains(&method)))
}
