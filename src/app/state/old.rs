//! Whether what is on the wall answers what is asked now. What does not is marked wherever it is said, so that old and new
//! never mix.

use std::sync::Arc;

use super::{
    State,
    picture::Picture,
    run_state::{Question, RunState},
};
use crate::worker::{Network, RunId};

/// Of which earlier question the wall is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// Of the one before: another run was asked for, and has nothing new to show yet, or never will.
    Previous,
    /// Of this run, which was put on the wall although another class, part, score or model is chosen now.
    Run(RunId),
}

impl State {
    /// Of which earlier question the wall is, if it is of one.
    pub fn old(&self) -> Option<Old> {
        let (picture, run) = (self.picture()?, self.shown()?);
        if picture.newest().is_some_and(|newest| newest.id != run.id) {
            return Some(Old::Previous);
        }
        // What has not been looked at yet is of no question.
        (run.seen.is_some() && !self.asks(picture, run)).then_some(Old::Run(run.id))
    }

    /// Whether `run` is about what is chosen now.
    fn asks(&self, picture: &Picture, run: &RunState) -> bool {
        let Picture { class, against, crop, .. } = *picture;
        let question = Question { network: Network::Model, class, against, score: self.score, crop };
        let seen = run.seen.as_ref();
        let [top, class] = [seen.and_then(|seen| seen.top.first()), seen.map(|seen| &seen.class)];
        let [top, class] = [top, class].map(|class| class.map(|class| class.id));
        // The most probable class is the same whether it was asked for by its number or not.
        let with = |question: Question, other| Question { class: question.class.or(other), ..question };
        let is_same = with(question, top) == with(run.question, class);
        is_same && self.is_by_this_model(run)
    }

    /// Whether the model that is hosted now answered.
    pub fn is_by_this_model(&self, run: &RunState) -> bool {
        let now = self.spec_of(run.question.network);
        run.model.as_ref().zip(now).is_none_or(|(own, now)| Arc::ptr_eq(own, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::fixtures::{asked, judged, model_ready, predicted, step, told, with_pictures};

    /// A picture that was explained, for what is its most probable class.
    fn explained() -> State {
        let mut state = with_pictures(&["a"]);
        told(&mut state, [model_ready("CPU")]);
        asked(&mut state);
        told(&mut state, [predicted(1), step(1, 1), judged(1)]);
        state
    }

    #[test]
    fn what_is_asked_now_is_not_old_whether_its_class_was_named_or_not() {
        let mut state = explained();
        assert_eq!(state.old(), None);
        state.pictures[0].class = Some(7);
        assert_eq!(state.old(), None);
    }

    #[test]
    fn the_wall_is_old_from_the_moment_something_else_is_chosen() {
        for change in [
            |state: &mut State| state.pictures[0].class = Some(3),
            |state: &mut State| state.pictures[0].against = Some(3),
            |state: &mut State| state.pictures[0].crop = crate::imaging::CropMode::Squash,
            |state: &mut State| state.score = crate::model::Score::Logit,
            |state: &mut State| {
                if let Some(model) = &mut state.model {
                    model.spec = Arc::new((*model.spec).clone());
                }
            },
        ] {
            let mut state = explained();
            change(&mut state);
            assert!(matches!(state.old(), Some(Old::Run(_))));
        }
    }

    #[test]
    fn the_wall_is_of_the_run_before_until_the_next_shows_something_even_if_that_is_stopped() {
        let mut state = explained();
        state.explain_class(3);
        asked(&mut state);
        assert_eq!(state.old(), Some(Old::Previous));
        told(&mut state, [crate::worker::Event::Cancelled { run: RunId(2) }]);
        assert_eq!(state.old(), Some(Old::Previous), "what is on the wall is no answer to what is chosen");
    }
}
