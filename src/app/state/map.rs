//! Which map a tile shows.

use std::{borrow::Cow, sync::Arc};

use super::{State, run_state::RunState};
use crate::explain::{Explanation, Iteration, Method, Saliency};

/// The map of one tile.
#[derive(Debug, Clone)]
pub struct Map {
    /// The iteration it is of, counted from 0, for a map of one; of a result the one that was kept.
    pub step: Option<usize>,
    /// Whether it is the method's result.
    pub is_final: bool,
    source: MapSource,
}

#[derive(Debug, Clone)]
enum MapSource {
    Iteration(Arc<Iteration>),
    Explanation(Arc<Explanation>),
}

impl Map {
    /// Its values.
    pub fn saliency(&self) -> Cow<'_, Saliency> {
        match &self.source {
            MapSource::Iteration(iteration) => Cow::Owned(iteration.mask.saliency()),
            MapSource::Explanation(explanation) => Cow::Borrowed(&explanation.saliency),
        }
    }

    /// Its values with what speaks against the class below 0, if its method tells it.
    pub fn signed(&self) -> Option<&Saliency> {
        match &self.source {
            MapSource::Iteration(_) => None,
            MapSource::Explanation(explanation) => explanation.signed.as_ref(),
        }
    }
}

/// The map that `method` has in `run`: its result, or the last mask of a run that was stopped; none if it found nothing.
pub fn last(run: &RunState, method: &'static Method) -> Option<Map> {
    let known = run.method(method).filter(|_| run.found_nothing(method).is_none())?;
    let source = match (&known.explanation, known.iterations.last()) {
        (Some(result), _) => MapSource::Explanation(Arc::clone(result)),
        (None, Some(iteration)) => MapSource::Iteration(Arc::clone(iteration)),
        (None, None) => return None,
    };
    let is_final = known.explanation.is_some();
    let step = known.iterations.len().checked_sub(1).filter(|_| !is_final);
    Some(Map { step, is_final, source })
}

/// The iteration at which a method's timeline stands if no other was chosen, counted from 0: the newest, and once there
/// is a result the one that was kept for it.
pub fn rest(run: &RunState, method: &'static Method) -> Option<usize> {
    let newest = run.iterations(method).len().checked_sub(1)?;
    Some(kept(run, method).unwrap_or(newest))
}

/// The iteration whose mask is the method's result, counted from 0, once there is one and it found something.
pub fn kept(run: &RunState, method: &'static Method) -> Option<usize> {
    let newest = run.iterations(method).len().checked_sub(1)?;
    let result = run.method(method)?.explanation.as_ref().filter(|result| result.nothing.is_none())?;
    Some(result.kept.map_or(newest, |number| number.saturating_sub(1).min(newest)))
}

/// Whether the maps of both runs lie over the same part of the picture.
pub fn see_the_same(pair: [&RunState; 2]) -> bool {
    let region = |run: &RunState| run.seen.as_ref().map(|seen| seen.input.crop.region);
    let crop = |run: &RunState| run.question.crop;
    region(pair[0]).is_some() && region(pair[0]) == region(pair[1]) && crop(pair[0]) == crop(pair[1])
}

/// The map of `method` that is on the wall, if there is one yet and the method found something.
pub fn of(state: &State, run: &RunState, method: &'static Method) -> Option<Map> {
    let known = run.method(method).filter(|_| run.found_nothing(method).is_none())?;
    let result = known.explanation.as_ref();
    if let Some(number) = state.step_of(method)
        && let Some(iteration) = run.iterations(method).get(number)
    {
        // What is judged and exported is the result, which need not be the last mask.
        let result = result.filter(|_| Some(number) == rest(run, method));
        let source = match result {
            Some(result) => MapSource::Explanation(Arc::clone(result)),
            None => MapSource::Iteration(Arc::clone(iteration)),
        };
        return Some(Map { step: Some(number), is_final: result.is_some(), source });
    }
    result.map(|result| Map { step: None, is_final: true, source: MapSource::Explanation(Arc::clone(result)) })
}
