//! A folder or list comes: its pictures are classified, and results that were made before are found.

use std::{path::PathBuf, sync::Arc};

use super::{State, collection::Collection, outbox::Errand};
use crate::{
    dataset::{Head, Line},
    explain::Parameters,
    imaging::CropMode,
    worker::{Command, ToClassify},
};

impl State {
    /// A collection comes in place of the one before.
    pub fn collect(&mut self, collection: Collection) {
        self.cancel_queue();
        self.collection = Some(collection);
        self.classify_collection();
    }

    /// Asks the model about every picture of the collection.
    pub(super) fn classify_collection(&mut self) {
        let Some(model) = self.model.as_ref().map(|model| Arc::clone(&model.spec)) else { return };
        self.cancel_queue();
        let Some(collection) = &mut self.collection else { return };
        self.last_list += 1;
        collection.begin(&model, self.last_list);
        for remark in &collection.truths.remarks {
            self.messages.note(remark.clone());
        }
        let pictures = collection.dataset.items.iter().map(|item| item.path.clone()).enumerate().collect();
        let list = ToClassify { id: self.last_list, pictures, crop: CropMode::Center, profiles: self.profiles };
        self.outbox.tell(Command::Classify(Box::new(list)));
        self.look_for_results();
    }

    /// Looks on the disk for results that were made before, with what is asked for now.
    fn look_for_results(&mut self) {
        let Some((_, head)) = self.asked_of_collection() else { return };
        if let Some(results) = &self.results_folder {
            let folder = results.join(head.folder());
            self.outbox.leave(Errand::LookForResults(Box::new(head), folder));
        }
    }

    /// Opens results with their pictures, as if they had been made here: with their parameters, which the next pictures are
    /// explained with too. Those of another model, or of other pictures, are shown and told to be so.
    pub fn open_results(&mut self, collection: Collection, head: Head, folder: PathBuf, lines: Vec<Line>) {
        if let Ok(parameters) = serde_json::from_value::<Parameters>(head.parameters.clone()) {
            self.parameters = parameters;
        }
        self.score = head.score;
        self.profiles = head.profiles;
        self.collect(collection);
        let own = self.asked_of_collection().map(|(_, own)| own);
        if let Some((what, here, there)) = own.as_ref().and_then(|own| own.differs_from(&head)) {
            self.messages.error(text!("told-other-results", what = what, here = here, there = there));
        }
        let Some(collection) = &mut self.collection else { return };
        collection.results = Some((head, folder));
        collection.take_lines(lines);
        collection.view.is_open = true;
    }

    /// Results that were made before were found.
    pub fn found_results(&mut self, head: Head, folder: PathBuf, lines: Vec<Line>) {
        let Some((_, own)) = self.asked_of_collection() else { return };
        let Some(collection) = &mut self.collection else { return };
        if own.differs_from(&head).is_none() && collection.results.is_none() {
            collection.results = Some((head, folder));
            collection.take_lines(lines);
        }
    }
}
