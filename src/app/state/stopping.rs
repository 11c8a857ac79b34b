//! A run that is stopped waits in the worker: it can go on where it stopped, until something else is asked for.

use std::time::Instant;

use super::{
    State, Wants,
    picture::Picture,
    run_state::{Question, Status},
};
use crate::worker::{Command, Event, Network, RunId};

impl State {
    /// Stops what is under way: the run of a picture, which can go on, or else the queue's, which is then held.
    pub fn stop(&mut self, now: Instant) {
        // Nothing goes on by itself that was to be ended.
        self.interrupted.clear();
        self.compares_models = false;
        let Some(run) = self.active().map(|(_, run)| run.id) else {
            self.queue.is_held |= self.queue.is_busy();
            self.outbox.tell(Command::Stop);
            return;
        };
        self.outbox.tell(Command::Pause);
        self.absorb_of_run(run, Event::Cancelled { run }, now);
        self.suspended = Some(run);
    }

    /// Whether the run of the picture on the wall was stopped, and nothing is under way.
    pub fn can_go_on(&self) -> bool {
        let is_stopped = self.picture().and_then(Picture::newest).is_some_and(|run| run.status == Status::Stopped);
        is_stopped && self.active().is_none() && self.wants == Wants::Nothing
    }

    /// Goes on with a run that was stopped: where it stopped, if it still waits and is what is asked for now; else with
    /// what is left of it. Maps and curves that are there are not made again.
    pub fn want_rest(&mut self, now: Instant) {
        if !self.can_go_on() {
            return;
        }
        match self.waiting() {
            Some(run) => {
                self.suspended = None;
                self.outbox.tell(Command::Resume);
                let run = self.picture_mut().and_then(|picture| picture.history.get_mut(run));
                run.into_iter().for_each(|run| run.resume(now));
            }
            None => self.want_result(),
        }
    }

    /// The run that waits in the worker, if it is the newest one of the picture on the wall, and of what is asked for now.
    fn waiting(&self) -> Option<RunId> {
        let picture = self.picture()?;
        let run = picture.newest().filter(|run| Some(run.id) == self.suspended)?;
        let Picture { class, against, crop, .. } = *picture;
        let question = Question { network: Network::Model, class, against, score: self.score, crop };
        let is_asked = run.question == question && run.parameters == self.parameters;
        (is_asked && run.is_by(&self.wanted_methods())).then_some(run.id)
    }

    /// Lets the worker forget a run that nothing is kept of any more.
    pub(super) fn release_suspended(&mut self) {
        if self.suspended.is_some_and(|run| !self.has_run(run)) {
            self.suspended = None;
            self.outbox.tell(Command::Stop);
        }
    }
}
