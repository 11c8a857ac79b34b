//! Where a picture stands: the same for its row in the table and for its thumbnail.

use super::{State, picture::Picture};
use crate::worker::Status;

/// Where a picture stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nothing is wanted of it.
    Idle,
    /// It is to be classified, or explained, and others are first.
    Waiting,
    /// It is being explained, and this share of that is done.
    Running(f32),
    /// It is explained.
    Done,
    /// It could not be read, classified or explained: why, if that is known here.
    Failed(Option<String>),
}

impl State {
    /// Where a picture of the collection stands.
    pub fn standing_of_row(&self, index: usize) -> Standing {
        let Some((collection, row)) =
            self.collection.as_ref().and_then(|collection| Some((collection, collection.rows.get(index)?)))
        else {
            return Standing::Idle;
        };
        let is_classifying = self.model.is_some() && collection.classified < collection.rows.len();
        if let Some(error) = &row.error {
            Standing::Failed(Some(error.clone()))
        } else if self.queue.at_work() == Some(index) {
            Standing::Running(self.queue.share_done())
        } else if row.is_explained() {
            Standing::Done
        } else if self.queue.waits(index) || is_classifying && row.seen.is_none() {
            Standing::Waiting
        } else {
            Standing::Idle
        }
    }

    /// Where an opened picture stands: by what is done for it now, by its row, or else by its newest run.
    pub fn standing(&self, picture: &Picture) -> Standing {
        if let Some(run) = picture.history.active() {
            return Standing::Running(run.share_done());
        }
        let of_row = self.row_of(picture).map_or(Standing::Idle, |index| self.standing_of_row(index));
        match picture.newest().map(|run| run.status) {
            Some(Status::Finished) if of_row == Standing::Idle => Standing::Done,
            Some(Status::Failed) if of_row == Standing::Idle => Standing::Failed(None),
            _ => of_row,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::state::fixtures::{ALL, asked, model_ready, predicted, step, told, whole_run, with_pictures},
        worker::{Event, RunId},
    };

    fn standings(state: &State) -> Vec<Standing> {
        state.pictures.iter().map(|picture| state.standing(picture)).collect()
    }

    #[test]
    fn a_picture_stands_where_its_newest_run_does() {
        let mut state = with_pictures(&["a", "b"]);
        assert_eq!(standings(&state), [Standing::Idle, Standing::Idle]);
        told(&mut state, [model_ready("CPU")]);
        asked(&mut state);
        told(&mut state, [predicted(1), step(1, 1)]);
        assert!(matches!(standings(&state)[..], [Standing::Running(_), Standing::Idle]));
        told(&mut state, whole_run(1, &ALL));
        assert_eq!(standings(&state), [Standing::Done, Standing::Idle]);
        state.select(1);
        asked(&mut state);
        told(&mut state, [Event::Failed { run: Some(RunId(2)), message: "no memory".to_owned() }]);
        assert_eq!(standings(&state), [Standing::Done, Standing::Failed(None)]);
    }
}
