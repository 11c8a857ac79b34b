//! Playing through the iterations of the run on the wall.

use std::time::{Duration, Instant};

use super::State;
use crate::{
    app::{
        playback::{Pace, Reel},
        run_state::Status,
    },
    explain::MethodKind,
};

impl State {
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
