//! A folder or list comes: its pictures are classified, and results that were made before are found.

use std::{mem, path::PathBuf, sync::Arc};

use super::{State, collection::Collection, outbox::Errand};
use crate::{
    dataset::{Head, Line},
    explain::Parameters,
    export::Config,
    imaging::CropMode,
    worker::{Command, Network, ToClassify},
};

/// What waits for the first model.
#[derive(Debug, Clone)]
pub enum Awaiting {
    /// Results: their pictures, what they are of, their folder, and themselves.
    Results(Box<(Collection, Head, PathBuf, Vec<Line>)>),
    /// A saved run: its record, and what that says.
    Run(PathBuf, Box<Config>),
}

impl State {
    /// Opens what waited for the first model.
    pub(super) fn open_awaiting(&mut self) {
        for awaiting in mem::take(&mut self.awaiting) {
            match awaiting {
                Awaiting::Results(results) => {
                    let (collection, head, folder, lines) = *results;
                    self.open_results(collection, head, folder, lines);
                }
                Awaiting::Run(record, config) => self.open_saved(&record, *config),
            }
        }
    }

    /// A collection comes in place of the one before.
    pub fn collect(&mut self, collection: Collection) {
        if collection.is_chosen() && self.collection.is_some() {
            // What is in the table already stays in it, with its results.
            let own = self.collection.as_ref();
            let is_there = |path: &PathBuf| own.is_some_and(|own| own.index_of(path).is_some());
            if collection.dataset.items.iter().all(|item| is_there(&item.path)) {
                return;
            }
            if self.queue.is_busy() {
                self.messages.error(text!("told-queue-stays", pictures = collection.rows.len()));
                return;
            }
        }
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
        let list = ToClassify {
            id: self.last_list,
            network: Network::Model,
            pictures,
            crop: CropMode::Center,
            profiles: self.profiles,
        };
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
        if self.model.is_none() && !self.lacks_model {
            self.awaiting.push(Awaiting::Results(Box::new((collection, head, folder, lines))));
            return;
        }
        if let Ok(parameters) = serde_json::from_value::<Parameters>(head.parameters.clone()) {
            self.parameters = parameters;
        }
        self.score = head.score;
        self.profiles = head.profiles;
        self.collect(collection);
        let own = self.asked_of_collection().map(|(_, own)| own);
        let difference = own.as_ref().and_then(|own| own.differs_from(&head));
        let is_other = difference.is_some();
        if let Some((what, here, there)) = difference {
            self.messages.error(text!("told-other-results", what = what, here = here, there = there));
        }
        self.last_list += 1;
        let list = self.last_list;
        let Some(collection) = &mut self.collection else { return };
        if is_other {
            // What the model here makes of a picture does not go with results of another.
            (collection.list, collection.classified) = (list, collection.rows.len());
        }
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
