//! What the list of models asks of the disk, as jobs.

use std::{fs, path::PathBuf};

use super::{Jobs, Outcome};
use crate::{
    app::state::model_list::{Kept, Told},
    model::{Entry, Hub, ToRemember, catalogue},
};

/// Looks at the disk: for the models of the catalogue, and how large the weights of the user's own are, if there are some.
pub fn look(hub: Hub, own: Option<PathBuf>, jobs: &Jobs) {
    jobs.start_telling("look for models", move |tell| {
        if let Some(own) = own
            && let Ok(metadata) = fs::metadata(&own)
        {
            tell(Outcome::Models(Told::Weighed(own, metadata.len())));
        }
        Outcome::Models(Told::Looked(catalogue().map(|entry| (entry, kept(entry, &hub))).collect()))
    });
}

/// What the disk has of a model.
fn kept(entry: &Entry, hub: &Hub) -> Kept {
    Kept {
        about: entry.approximate_bytes(),
        cached: entry.cached(hub),
        unfinished: hub.unfinished(&entry.file).filter(|bytes| *bytes > 0),
    }
}

/// Compares a model's file with its checksum.
pub fn verify(entry: &'static Entry, hub: Hub, jobs: &Jobs) {
    jobs.start("verify model", move || {
        let cached = entry.cached(&hub).ok_or_else(|| text!("models-gone", model = entry.title()));
        let verified = cached.and_then(|cached| hub.verify(&cached).map_err(|error| error.to_string()));
        Outcome::Models(Told::Verified(entry, verified))
    });
}

/// Writes what the user said of a network into its manifest.
pub fn remember(to_remember: ToRemember, jobs: &Jobs) {
    jobs.start("remember", move || {
        let written = to_remember.write();
        Outcome::Models(Told::Remembered(to_remember, written))
    });
}

/// Removes a model's file.
pub fn remove(entry: &'static Entry, hub: Hub, jobs: &Jobs) {
    jobs.start("remove model", move || {
        Outcome::Models(Told::Removed(entry, hub.remove(&entry.file).map_err(|error| error.to_string())))
    });
}
