//! What was changed in the parameters: undo, redo, and when a change that is being made counts.
//!
//! egui's `Undoer` is near, but guesses from a clock where a change ends: it knows neither that a control is still held
//! nor when the window must wake to see that it stands still.

use std::time::{Duration, Instant};

use crate::explain::Parameters;

/// How many changes can be undone: a long afternoon's, in less memory than a picture's.
const KEPT: usize = 200;
/// How long a slider that is still held must stand still until a run is worth its while: longer than between two
/// movements of a hand, shorter than anyone waits.
const SETTLE: Duration = Duration::from_millis(300);

/// Changes that were made, and one that is being made.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    undone: Vec<Parameters>,
    done: Vec<Parameters>,
    /// What the parameters were before the control that is held was taken.
    before: Option<Parameters>,
    settles_at: Option<Instant>,
}

impl Edits {
    /// A control is held, and changed `from`.
    pub fn hold(&mut self, from: &Parameters, now: Instant) {
        self.before.get_or_insert_with(|| from.clone());
        self.settles_at = Some(now + SETTLE);
    }

    /// A change `from` is made for good, `to` what the parameters are now.
    pub fn make(&mut self, from: &Parameters, to: &Parameters) {
        self.settles_at = None;
        let before = self.before.take().unwrap_or_else(|| from.clone());
        if before != *to {
            self.undone.clear();
            if self.done.len() == KEPT {
                self.done.remove(0);
            }
            self.done.push(before);
        }
    }

    /// What the parameters were before the last change, if one was made; `now` is kept to come back to.
    pub fn undo(&mut self, now: &Parameters) -> Option<Parameters> {
        let before = self.done.pop()?;
        self.undone.push(now.clone());
        Some(before)
    }

    /// What the parameters were before they were undone, if they were.
    pub fn redo(&mut self, now: &Parameters) -> Option<Parameters> {
        let after = self.undone.pop()?;
        self.done.push(now.clone());
        Some(after)
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Whether a control that is held has stood still for a while. Says so once.
    pub fn settle(&mut self, now: Instant) -> bool {
        let settled = self.settles_at.is_some_and(|at| at <= now);
        if settled {
            self.settles_at = None;
        }
        settled
    }

    /// How long until a control that is held counts, if it does not move again.
    pub fn settles_in(&self, now: Instant) -> Option<Duration> {
        self.settles_at.map(|at| at.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::IgosParameters;

    fn with(iterations: usize) -> Parameters {
        let mut parameters = Parameters::default();
        parameters.edit(|igos: &mut IgosParameters| igos.iterations = iterations);
        parameters
    }

    #[test]
    fn changes_are_undone_and_redone_in_order() {
        let mut edits = Edits::default();
        edits.make(&with(1), &with(2));
        edits.make(&with(2), &with(3));
        assert_eq!(edits.undo(&with(3)), Some(with(2)));
        assert_eq!(edits.undo(&with(2)), Some(with(1)));
        assert_eq!(edits.undo(&with(1)), None);
        assert_eq!(edits.redo(&with(1)), Some(with(2)));
        edits.make(&with(2), &with(9));
        assert!(!edits.can_redo(), "another change makes another future");
        assert_eq!(edits.undo(&with(9)), Some(with(2)));
    }

    #[test]
    fn a_slider_that_is_dragged_is_one_change_and_counts_when_it_stands_still() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut edits = Edits::default();
        for step in 0..10 {
            edits.hold(&with(10 + step as usize), at(50 * step));
            assert!(!edits.settle(at(50 * step + 40)), "it still moves");
        }
        assert!(edits.settle(at(2000)));
        assert!(!edits.settle(at(3000)), "and stands still once");
        edits.make(&with(19), &with(20));
        assert_eq!(edits.undo(&with(20)), Some(with(10)));
        assert!(!edits.can_undo());
    }

    #[test]
    fn a_slider_that_is_let_go_where_it_was_is_no_change() {
        let mut edits = Edits::default();
        edits.hold(&with(1), Instant::now());
        edits.make(&with(7), &with(1));
        assert!(!edits.can_undo());
    }

    #[test]
    fn the_oldest_changes_are_forgotten() {
        let mut edits = Edits::default();
        for number in 1..=KEPT + 5 {
            edits.make(&with(number), &with(number + 1));
        }
        let mut undone = 0;
        while edits.undo(&with(0)).is_some() {
            undone += 1;
        }
        assert_eq!(undone, KEPT);
    }
}
