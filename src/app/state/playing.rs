//! The iteration of the run on the wall that is shown, and playing through them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    State,
    playback::{Pace, Reel},
    run_state::Status,
};
use crate::explain::{MethodKind, Step};

impl State {
    /// Number of the I-GOS iteration on the wall, counted from 0, if there is one yet.
    pub fn step_number(&self) -> Option<usize> {
        let newest = self.shown()?.steps().len().checked_sub(1)?;
        Some(self.chosen_step.map_or(newest, |chosen| chosen.min(newest)))
    }

    /// The I-GOS iteration on the wall.
    pub fn step(&self) -> Option<&Arc<Step>> {
        self.shown()?.steps().get(self.step_number()?)
    }

    /// Whether the newest I-GOS iteration is on the wall.
    pub fn shows_newest_step(&self) -> bool {
        self.shown().is_some_and(|run| self.step_number().is_some_and(|number| number + 1 == run.steps().len()))
    }

    /// Goes some iterations on or back, and stops playing; leaves the newest iteration, or comes back to it at the end.
    pub fn move_step(&mut self, by: isize) {
        self.playback.stop();
        if let (Some(number), Some(run)) = (self.step_number(), self.shown()) {
            let newest = run.steps().len() - 1;
            let wanted = number.saturating_add_signed(by);
            // At the last iteration the wall follows the run again.
            self.chosen_step = (wanted < newest).then_some(wanted);
        }
    }

    /// Begins to play, from the beginning if the newest iteration is on the wall; or stops.
    pub fn play_or_stop(&mut self, now: Instant) {
        if self.playback.is_playing() {
            self.playback.stop();
        } else if self.shown().is_some_and(|run| run.steps().len() > 1) {
            if self.shows_newest_step() {
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
            // At the last iteration the wall follows the run again.
            self.chosen_step = (next + 1 < reel.known).then_some(next);
        }
        self.playback.due_in(now)
    }

    fn reel(&self) -> Reel {
        let Some(run) = self.shown() else { return Reel { known: 0, is_growing: false } };
        let is_made = run.method(MethodKind::Igos).is_some_and(|igos| igos.explanation.is_some());
        Reel { known: run.steps().len(), is_growing: run.status == Status::Running && !is_made }
    }
}
