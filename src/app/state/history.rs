//! The runs of one picture: the one on the wall, the one that is coming, and those before.

use super::{
    reuse::Wish,
    run_state::{RunState, Status},
};
use crate::{explain::Method, worker::RunId};

/// The most runs that are kept of a picture.
pub const MAX_RUNS: usize = 30;
/// How many runs can be pinned: the two that are compared.
const MAX_PINNED: usize = 2;

/// A run that is kept.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The run.
    pub run: RunState,
    /// What the user wrote about it.
    pub note: String,
    /// Whether a newer run took its place before it was at its end.
    is_superseded: bool,
}

/// The runs of one picture, oldest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    entries: Vec<Entry>,
    shown: Option<RunId>,
    coming: Option<RunId>,
    pinned: Vec<RunId>,
}

impl History {
    /// A run was asked for. What is on the wall stays there until the run has something new to show.
    pub fn begin(&mut self, run: RunState) {
        for entry in &mut self.entries {
            let old = &entry.run;
            let is_same = old.parameters == run.parameters && old.question == run.question;
            entry.is_superseded |= match old.status {
                Status::Running => true,
                Status::Stopped | Status::Failed => is_same,
                Status::Finished => false,
            };
        }
        let id = run.id;
        self.entries.push(Entry { run, note: String::new(), is_superseded: false });
        if self.shown().is_some_and(RunState::has_a_map) {
            self.coming = Some(id);
        } else {
            (self.shown, self.coming) = (Some(id), None);
        }
        self.promote();
        self.prune();
    }

    /// A run was asked for that is to be compared with the one on the wall, and never takes its place by itself.
    pub fn begin_beside(&mut self, run: RunState) {
        self.entries.push(Entry { run, note: String::new(), is_superseded: false });
        self.prune();
    }

    /// Forgets every map of a method: another one takes their place.
    pub fn forget_maps(&mut self, method: &'static Method) {
        self.entries.iter_mut().for_each(|entry| entry.run.forget(method));
    }

    /// Every run with its note, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Every run, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &RunState> {
        self.entries.iter().rev().map(|entry| &entry.run)
    }

    /// The run `id`, if it is kept.
    pub fn get(&self, id: RunId) -> Option<&RunState> {
        self.entries.iter().map(|entry| &entry.run).find(|run| run.id == id)
    }

    /// The run `id`, if it is kept.
    pub fn get_mut(&mut self, id: RunId) -> Option<&mut RunState> {
        self.entry_mut(id).map(|entry| &mut entry.run)
    }

    /// The run `id` with its note, if it is kept.
    pub fn entry_mut(&mut self, id: RunId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.run.id == id)
    }

    /// The run on the wall.
    pub fn shown(&self) -> Option<&RunState> {
        self.get(self.shown?)
    }

    /// The run that was asked for last and is to come on the wall, or is there.
    pub fn newest(&self) -> Option<&RunState> {
        self.coming.and_then(|id| self.get(id)).or_else(|| self.shown())
    }

    /// Whether what is on the wall is about to be replaced.
    pub fn is_outdated(&self) -> bool {
        self.coming.and_then(|id| self.get(id)).is_some_and(|run| run.status == Status::Running)
    }

    /// The run that is under way.
    pub fn active(&self) -> Option<&RunState> {
        self.newest_first().find(|run| run.status == Status::Running)
    }

    /// Every run that is under way: until the worker has said that it ended the one before, there may be two.
    pub fn active_mut(&mut self) -> impl Iterator<Item = &mut RunState> {
        self.entries.iter_mut().map(|entry| &mut entry.run).filter(|run| run.status == Status::Running)
    }

    /// The newest run that is what is wished for.
    pub fn granting(&self, wish: &Wish<'_>) -> Option<RunId> {
        self.newest_first().find(|run| wish.is_granted_by(run)).map(|run| run.id)
    }

    /// Whether the user has done something with its runs that closing the picture would lose: pinned one or noted it.
    pub fn is_kept(&self) -> bool {
        !self.pinned.is_empty() || self.entries.iter().any(|entry| !entry.note.is_empty())
    }

    /// Puts a run on the wall; nothing else comes there by itself.
    pub fn show(&mut self, id: RunId) {
        if self.get(id).is_some() {
            (self.shown, self.coming) = (Some(id), None);
            self.prune();
        }
    }

    /// Lets a run that was asked for before come on the wall as soon as it has something new to show, in place of one
    /// under way.
    pub fn bring(&mut self, id: RunId) {
        for entry in &mut self.entries {
            entry.is_superseded = entry.run.id != id && (entry.is_superseded || entry.run.status == Status::Running);
        }
        if self.shown != Some(id) {
            self.coming = Some(id);
            self.promote();
        } else {
            self.coming = None;
            self.prune();
        }
    }

    /// Puts the run that is coming on the wall once it has something new; says whether it did so now.
    pub fn promote(&mut self) -> bool {
        let Some(id) = self.coming.filter(|id| self.get(*id).is_some_and(RunState::has_news)) else { return false };
        (self.shown, self.coming) = (Some(id), None);
        self.prune();
        true
    }

    /// Forgets a run.
    pub fn delete(&mut self, id: RunId) {
        self.entries.retain(|entry| entry.run.id != id);
        self.pinned.retain(|pinned| *pinned != id);
        self.coming = self.coming.filter(|coming| *coming != id);
        if self.shown == Some(id) {
            let next = self.newest_first().find(|run| run.has_a_map()).map(|run| run.id);
            self.shown = next;
        }
    }

    /// Pins a run, or lets it go. The one pinned first makes room.
    pub fn pin(&mut self, id: RunId) {
        if self.is_pinned(id) {
            self.pinned.retain(|pinned| *pinned != id);
        } else if self.get(id).is_some() {
            if self.pinned.len() == MAX_PINNED {
                self.pinned.remove(0);
            }
            self.pinned.push(id);
        }
        self.prune();
    }

    /// Pins these two runs, and no other.
    pub fn pin_both(&mut self, one: RunId, other: RunId) {
        self.pinned = [one, other].into_iter().filter(|id| self.get(*id).is_some()).collect();
        self.prune();
    }

    /// Whether a run is pinned.
    pub fn is_pinned(&self, id: RunId) -> bool {
        self.pinned.contains(&id)
    }

    /// The two pinned runs, the older one first.
    pub fn pair(&self) -> Option<[&RunState; 2]> {
        let mut pinned = self.pinned.clone();
        pinned.sort();
        let [one, other] = pinned[..] else { return None };
        Some([self.get(one)?, self.get(other)?])
    }

    /// Lets runs with the same input have it once.
    pub fn share_input(&mut self, id: RunId) {
        let Some(own) = self.get(id).and_then(|run| run.seen.as_ref()).map(|seen| seen.input.clone()) else { return };
        let mut others = self.entries.iter().filter(|entry| entry.run.id != id);
        let same = others.find_map(|entry| {
            let input = &entry.run.seen.as_ref()?.input;
            (input.crop == own.crop && input.planar == own.planar).then(|| input.clone())
        });
        if let (Some(same), Some(run)) = (same, self.get_mut(id)) {
            run.share_input(same);
        }
    }

    /// The run that is to be forgotten first: the oldest, those with a note after those without. Nobody is looking at
    /// it, waiting for it or comparing it.
    pub fn oldest_to_forget(&self) -> Option<(bool, RunId)> {
        let free = self.entries.iter().filter(|entry| self.is_free(entry));
        free.map(|entry| (!entry.note.is_empty(), entry.run.id)).min()
    }

    /// Forgets the oldest runs until no more than [`MAX_RUNS`] are left.
    pub fn trim(&mut self) {
        while self.entries.len() > MAX_RUNS
            && let Some((_, oldest)) = self.oldest_to_forget()
        {
            self.delete(oldest);
        }
    }

    /// About how much memory the runs take, in bytes.
    pub fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.run.bytes()).sum()
    }

    fn is_free(&self, entry: &Entry) -> bool {
        let id = entry.run.id;
        self.shown != Some(id)
            && self.coming != Some(id)
            && !self.is_pinned(id)
            && (entry.is_superseded || entry.run.status != Status::Running)
    }

    /// Forgets the runs that a newer one took the place of, apart from those that the user holds on to.
    fn prune(&mut self) {
        let gone: Vec<RunId> = self
            .entries
            .iter()
            .filter(|entry| entry.is_superseded && entry.note.is_empty() && self.is_free(entry))
            .map(|entry| entry.run.id)
            .collect();
        self.entries.retain(|entry| !gone.contains(&entry.run.id));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{
        app::state::{
            fixtures::{explained, judged, predicted, step},
            run_state::Question,
        },
        explain::{IgosParameters, Parameters},
        worker::Event,
    };

    fn run(id: u64) -> RunState {
        RunState::new(RunId(id), Question::default(), Parameters::default(), Instant::now())
    }

    fn tell(history: &mut History, id: u64, events: impl IntoIterator<Item = Event>) {
        for event in events {
            history.get_mut(RunId(id)).unwrap().absorb(&event, Instant::now());
            history.promote();
        }
    }

    fn finish(history: &mut History, id: u64) {
        history.begin(run(id));
        let end = Event::Finished { run: RunId(id) };
        tell(history, id, [predicted(id), step(id, 1), explained(id), judged(id), end]);
    }

    fn ids(history: &History) -> Vec<u64> {
        history.entries().iter().map(|entry| entry.run.id.0).collect()
    }

    #[test]
    fn finished_runs_are_kept_and_any_can_be_shown_again() {
        let mut history = History::default();
        for id in 1..=3 {
            finish(&mut history, id);
        }
        assert_eq!(ids(&history), [1, 2, 3]);
        assert_eq!(history.shown().unwrap().id, RunId(3));
        history.show(RunId(1));
        assert_eq!(history.shown().unwrap().id, RunId(1));
        history.show(RunId(99));
        assert_eq!(history.shown().unwrap().id, RunId(1), "there is no such run");
    }

    #[test]
    fn runs_that_were_replaced_before_their_end_leave_nothing_behind() {
        let mut history = History::default();
        finish(&mut history, 1);
        for id in 2..9 {
            history.begin(run(id));
        }
        assert_eq!(ids(&history), [1, 8]);
        tell(&mut history, 8, [predicted(8), step(8, 1)]);
        assert_eq!(history.shown().unwrap().id, RunId(8));
    }

    #[test]
    fn a_run_that_the_user_stopped_is_kept_until_it_is_done_again() {
        let mut history = History::default();
        history.begin(run(1));
        tell(&mut history, 1, [predicted(1), step(1, 1), Event::Cancelled { run: RunId(1) }]);
        let mut other = run(2);
        other.parameters.edit(|igos: &mut IgosParameters| igos.iterations = 3);
        history.begin(other);
        tell(&mut history, 2, [step(2, 1), Event::Finished { run: RunId(2) }]);
        assert_eq!(ids(&history), [1, 2]);
        finish(&mut history, 3);
        assert_eq!(ids(&history), [2, 3]);
    }

    #[test]
    fn a_run_that_is_shown_again_is_not_pushed_off_the_wall_by_one_under_way() {
        let mut history = History::default();
        finish(&mut history, 1);
        history.begin(run(2));
        history.show(RunId(1));
        tell(&mut history, 2, [predicted(2), step(2, 1)]);
        assert_eq!(history.shown().unwrap().id, RunId(1));
        assert_eq!(ids(&history), [1, 2]);
    }

    #[test]
    fn the_oldest_go_first_but_not_those_in_use_and_those_with_notes_last() {
        let mut history = History::default();
        for id in 1..=4 {
            finish(&mut history, id);
        }
        history.entry_mut(RunId(1)).unwrap().note = "good".to_owned();
        history.pin(RunId(2));
        history.show(RunId(3));
        assert_eq!(history.oldest_to_forget(), Some((false, RunId(4))));
        history.delete(RunId(4));
        assert_eq!(history.oldest_to_forget(), Some((true, RunId(1))));
        history.delete(RunId(1));
        assert_eq!(history.oldest_to_forget(), None);
    }

    #[test]
    fn no_more_runs_are_kept_than_promised() {
        let mut history = History::default();
        for id in 1..=MAX_RUNS as u64 + 7 {
            finish(&mut history, id);
            history.trim();
        }
        assert_eq!(history.entries().len(), MAX_RUNS);
        assert_eq!(ids(&history)[0], 8);
    }

    #[test]
    fn two_runs_are_pinned_at_most_and_a_deleted_one_is_not_pinned_any_more() {
        let mut history = History::default();
        for id in 1..=3 {
            finish(&mut history, id);
        }
        for id in [1, 3, 2] {
            history.pin(RunId(id));
        }
        let pair = |history: &History| history.pair().map(|pair| pair.map(|run| run.id.0));
        assert_eq!(pair(&history), Some([2, 3]));
        history.delete(RunId(3));
        assert_eq!(pair(&history), None);
        assert_eq!(history.shown().unwrap().id, RunId(2), "another run is on the wall");
    }

    #[test]
    fn runs_with_the_same_input_have_it_once() {
        let mut history = History::default();
        finish(&mut history, 1);
        finish(&mut history, 2);
        history.share_input(RunId(2));
        let input = |id| history.get(RunId(id)).unwrap().seen.as_ref().unwrap().input.clone();
        assert!(std::sync::Arc::ptr_eq(&input(1), &input(2)));
    }
}
