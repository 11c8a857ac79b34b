//! The iteration of the run on the wall that is shown, and playing through them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    State, map,
    playback::{Pace, Reel},
    run_state::Status,
};
use crate::explain::{Iteration, Method, methods};

impl State {
    /// The method whose iterations are on the timeline, or will be: the one that was chosen, else the first on the wall
    /// that has some, else the first that iterates.
    pub fn timeline_method(&self) -> Option<&'static Method> {
        let has_some = |method: &&'static Method| self.shown().is_some_and(|run| !run.iterations(method).is_empty());
        let iterating = || methods().iter().copied().filter(|method| method.iterates());
        self.timeline.or_else(|| iterating().find(has_some)).or_else(|| iterating().next())
    }

    /// The methods that have iterations in the run on the wall.
    pub fn timeline_methods(&self) -> impl Iterator<Item = &'static Method> {
        let run = self.shown();
        methods().iter().copied().filter(move |method| run.is_some_and(|run| !run.iterations(method).is_empty()))
    }

    /// Puts a method's iterations on the timeline, the newest on the wall.
    pub fn set_timeline(&mut self, method: &'static Method) {
        self.playback.stop();
        self.timeline = Some(method);
        self.chosen_step = None;
    }

    /// The iterations on the timeline.
    pub fn iterations(&self) -> &[Arc<Iteration>] {
        match (self.shown(), self.timeline_method()) {
            (Some(run), Some(method)) => run.iterations(method),
            _ => &[],
        }
    }

    /// Number of the iteration on the wall, counted from 0, if there is one yet: the one that was chosen, else the newest,
    /// and once the method is finished the one that is its result.
    pub fn step_number(&self) -> Option<usize> {
        let newest = self.iterations().len().checked_sub(1)?;
        let rest = self.resting_step()?;
        Some(self.chosen_step.map_or(rest, |chosen| chosen.min(newest)))
    }

    /// Where the timeline stands if no iteration was chosen.
    fn resting_step(&self) -> Option<usize> {
        map::rest(self.shown()?, self.timeline_method()?)
    }

    /// The iteration on the timeline that is its method's result, counted from 0, once it is finished.
    pub fn kept_step(&self) -> Option<usize> {
        map::kept(self.shown()?, self.timeline_method()?)
    }

    /// Puts an iteration on the wall, counted from 0; none follows the run, and rests at the result.
    pub fn show_step(&mut self, number: Option<usize>) {
        let newest = self.iterations().len().saturating_sub(1);
        let number = number.map(|number| number.min(newest));
        // Where the wall would be by itself it follows the run again.
        self.chosen_step = number.filter(|_| number != self.resting_step());
    }

    /// The iteration on the wall.
    pub fn step(&self) -> Option<&Arc<Iteration>> {
        self.iterations().get(self.step_number()?)
    }

    /// Whether the newest iteration is on the wall.
    pub fn shows_newest_step(&self) -> bool {
        self.step_number().is_some_and(|number| number + 1 == self.iterations().len())
    }

    /// The iteration of `method` on the wall, counted from 0: the timeline's, or the newest, or the result, of a method that
    /// is not on it.
    pub fn step_of(&self, method: &'static Method) -> Option<usize> {
        if self.timeline_method() == Some(method) {
            return self.step_number();
        }
        map::rest(self.shown()?, method)
    }

    /// Goes some iterations on or back, and stops playing; leaves the iteration where the wall rests, or comes back to it.
    pub fn move_step(&mut self, by: isize) {
        self.playback.stop();
        if let Some(number) = self.step_number() {
            self.show_step(Some(number.saturating_add_signed(by)));
        }
    }

    /// Begins to play, from the beginning if the newest iteration or the result is on the wall; or stops.
    pub fn play_or_stop(&mut self, now: Instant) {
        if self.playback.is_playing() {
            self.playback.stop();
        } else if self.iterations().len() > 1 {
            if self.shows_newest_step() || self.chosen_step.is_none() {
                self.chosen_step = Some(0);
            }
            self.playback.play(now);
        }
    }

    /// Plays at another pace.
    pub fn set_pace(&mut self, pace: Pace, now: Instant) {
        self.playback.set_pace(pace, now);
    }

    /// Goes on to the iteration that is due now. Returns how long until the next one is, if one is.
    pub fn play_on(&mut self, now: Instant) -> Option<Duration> {
        let Some(number) = self.step_number() else {
            self.playback.stop();
            return None;
        };
        if self.playback.is_playing() {
            let reel = self.reel();
            let next = self.playback.advance(number, reel, now);
            // At its end the wall follows the run again, or rests at the result.
            self.chosen_step = self.playback.is_playing().then_some(next);
        }
        self.playback.due_in(now)
    }

    fn reel(&self) -> Reel {
        let Some(run) = self.shown() else { return Reel { known: 0, is_growing: false } };
        let record = self.timeline_method().and_then(|method| run.method(method));
        let is_made = record.is_some_and(|record| record.explanation.is_some());
        Reel { known: self.iterations().len(), is_growing: run.status == Status::Running && !is_made }
    }
}
