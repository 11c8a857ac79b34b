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

    /// Where an opened picture stands: by what is done for it now, by its newest run, or else by its row.
    pub fn standing(&self, picture: &Picture) -> Standing {
        if let Some(run) = picture.history.active() {
            return Standing::Running(run.share_done());
        }
        let of_row = self.row_of(picture).map_or(Standing::Idle, |index| self.standing_of_row(index));
        match (picture.newest().map(|run| run.status), &of_row) {
            (_, Standing::Running(_)) | (None | Some(Status::Running | Status::Stopped), _) => of_row,
            (Some(Status::Finished), _) => Standing::Done,
            (Some(Status::Failed), _) => Standing::Failed(None),
        }
    }
}
