//! The charts beside the wall: which there are, what they are about, and whether there is something in them.

use super::{State, run_state::RunState};
use crate::explain::{Change, CurvePoint, IterationChart, Method, RandomOrders, methods};

/// A chart beside the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Scores while the most important cells are removed.
    Deletion,
    /// Scores while the most important cells are revealed.
    Insertion,
    /// The iterations on the timeline.
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

    /// What happens to the most important cells along it, if it is about that.
    pub fn change(self) -> Option<Change> {
        match self {
            Self::Deletion => Some(Change::Deletion),
            Self::Insertion => Some(Change::Insertion),
            Self::Iterations => None,
        }
    }

    /// Whether there is something in it.
    pub fn has_lines(self, state: &State) -> bool {
        match self {
            Self::Deletion | Self::Insertion => {
                curves(state).any(|(_, drawn)| drawn) || random(state).is_some_and(|(_, drawn)| drawn)
            }
            Self::Iterations => !state.iterations().is_empty(),
        }
    }
}

/// The chart of iterations that is shown, with its method: the one that was chosen, or the method's first.
pub fn iteration_chart(state: &State) -> Option<(&'static Method, &'static IterationChart)> {
    let method = state.timeline_method()?;
    let chosen = method.charts.iter().find(|chart| chart.id == state.view.iteration_chart);
    Some((method, chosen.or(method.charts.first())?))
}

/// The points of a method's curve that are known so far.
pub fn points<'a>(run: &'a RunState, method: &Method) -> &'a [CurvePoint] {
    run.method(method).map_or(&[], |known| known.curves.as_ref().map_or(&known.points, |curves| &curves.points))
}

/// The random orders that the curves are held against, once they are judged, and whether they are drawn.
pub fn random(state: &State) -> Option<(&RandomOrders, bool)> {
    let random = state.shown()?.random.as_deref().filter(|random| !random.curves.is_empty())?;
    Some((random, !state.view.hides_random))
}

/// What the drawn curves of each method come to: the share of the picture that keeps nearly all of the score when it is
/// revealed alone, or whose deletion halves it.
pub fn shares(state: &State, change: Change) -> impl Iterator<Item = (&'static Method, f32)> {
    let share = move |method: &'static Method| {
        let [keeps, loses] = state.shown()?.method(method)?.judged()?.statement();
        let share = if change == Change::Deletion { loses } else { keeps };
        Some((method, share?))
    };
    curves(state).filter(|(_, drawn)| *drawn).filter_map(move |(method, _)| share(method))
}

/// The methods that have a curve, and of those the ones that are drawn.
pub fn curves(state: &State) -> impl Iterator<Item = (&'static Method, bool)> {
    let known = move |method: &&'static Method| state.shown().is_some_and(|run| !points(run, method).is_empty());
    methods().iter().copied().filter(known).map(|method| (method, !state.view.hidden_curves.contains(&method)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        app::state::fixtures::{asked, explained, predicted, told, with_pictures},
        explain::{Curves, IGOS},
        worker::{Event, RunId},
    };

    #[test]
    fn enough_is_what_keeps_the_score_alone_or_halves_it_when_it_is_deleted() {
        let mut state = with_pictures(&["a"]);
        asked(&mut state);
        let points = [(0.0, 0.8, 0.0), (0.25, 0.3, 0.1), (0.5, 0.1, 0.75), (1.0, 0.0, 0.8)];
        let point = |(fraction, deletion, insertion)| CurvePoint { fraction, deletion, insertion };
        let curves = Arc::new(Curves { points: points.map(point).to_vec(), ..Curves::default() });
        let judged = Event::Judged { run: RunId(1), method: &IGOS, curves };
        told(&mut state, [predicted(1), explained(1), judged]);
        let found = |state: &State, change| shares(state, change).collect::<Vec<_>>();
        assert_eq!(found(&state, Change::Insertion), [(&IGOS, 0.5)]);
        assert_eq!(found(&state, Change::Deletion), [(&IGOS, 0.25)]);
        state.view.hidden_curves.insert(&IGOS);
        assert_eq!(found(&state, Change::Deletion), [], "what is not drawn has no mark");
    }
}
