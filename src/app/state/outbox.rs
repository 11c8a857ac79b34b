//! What is to be done outside of the state. It sends nothing itself and starts nothing: it leaves errands here, and the
//! window runs them, in their order.
//!
//! Most errands are left the moment something is asked for. Two are wanted as long as something holds, and are left
//! when the window lets the state settle, once a frame: the run that is wanted, and the look at the models' files.
//! However often one was wanted since the frame before, it is one errand.

use std::{mem, path::PathBuf, sync::Arc, time::Instant};

use super::{State, picture::PictureId, queue::ToKeep, walking::OnDisk};
use crate::{
    dataset::{Dataset, Head},
    imaging::{DrawnBands, Photo, Profiles},
    model::{Entry, Hub, ToRemember},
    worker::Command,
};

/// Something to be done for the state by others; what comes of it is told to the state.
#[derive(Debug, Clone)]
pub enum Errand {
    /// Tell the worker.
    Tell(Command),
    /// Look which models have their files on this computer, and how large the file of the user's own is, if there is one.
    LookForModels(Hub, Option<PathBuf>),
    /// Compare a model's file with its checksum.
    VerifyModel(&'static Entry, Hub),
    /// Remove a model's file.
    RemoveModel(&'static Entry, Hub),
    /// Write what the user said of the hosted network into its manifest.
    Remember(ToRemember),
    /// Read an array: someone else's map, or a picture of bands.
    ReadArray(PathBuf),
    /// Draw a picture by other bands.
    DrawBands(PictureId, Arc<Photo>, DrawnBands),
    /// Decode a picture of the collection for the queue.
    Decode(usize, PathBuf, Profiles),
    /// Write what came of a picture of the queue's, which is one of these.
    Keep(Box<ToKeep>, Arc<Dataset>),
    /// Read maps of a picture of the collection from this folder.
    ReadMaps(usize, PathBuf, Vec<OnDisk>),
    /// Look whether such results were made before, in this folder.
    LookForResults(Box<Head>, PathBuf),
}

/// Errands that nobody has run yet, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Vec<Errand>);

impl Outbox {
    /// Leaves an errand.
    pub fn leave(&mut self, errand: Errand) {
        self.0.push(errand);
    }

    /// Leaves something to tell the worker.
    pub fn tell(&mut self, command: Command) {
        self.leave(Errand::Tell(command));
    }

    /// The errands, the oldest first; whoever takes them runs them.
    pub fn take(&mut self) -> Vec<Errand> {
        mem::take(&mut self.0)
    }
}

impl State {
    /// Leaves the errands that are wanted by now: called when everything that was told and asked for is taken in.
    pub fn settle(&mut self, now: Instant) {
        if let Some(collection) = &mut self.collection {
            self.arranges_in = collection.settle(now);
        }
        if self.edits.settle(now) {
            self.want_result();
        }
        if let Some(command) = self.wanted_command(now) {
            self.outbox.tell(command);
        }
        self.serve_comparison(now);
        self.serve_queue(now);
        if self.models.takes_look() {
            let own = self.models.own.as_ref().map(|own| own.weights.clone());
            self.outbox.leave(Errand::LookForModels(self.host.hub.clone(), own));
        }
    }
}
