//! What the list of models asks of the disk, as jobs.

use super::{Jobs, Outcome};
use crate::{
    app::state::{
        State,
        model_list::{Kept, Told},
    },
    model::{Entry, Hub, catalogue},
};

/// Looks at the disk if the list wants it.
pub fn look(state: &mut State, jobs: &Jobs) {
    if state.models.takes_look() {
        let hub = state.host.hub.clone();
        jobs.start("look for models", move || {
            Outcome::Models(Told::Looked(catalogue().map(|entry| (entry, kept(entry, &hub))).collect()))
        });
    }
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
pub fn verify(state: &mut State, entry: &'static Entry, jobs: &Jobs) {
    if !state.models.checking.insert(entry.name) {
        return;
    }
    let hub = state.host.hub.clone();
    jobs.start("verify model", move || {
        let cached = entry.cached(&hub).ok_or_else(|| text!("models-gone", model = entry.title()));
        let verified = cached.and_then(|cached| hub.verify(&cached).map_err(|error| error.to_string()));
        Outcome::Models(Told::Verified(entry, verified))
    });
}

/// Removes a model's file, unless it is needed.
pub fn remove(state: &mut State, entry: &'static Entry, jobs: &Jobs) {
    state.models.removing = None;
    if !state.can_remove(entry) {
        return;
    }
    let hub = state.host.hub.clone();
    jobs.start("remove model", move || {
        Outcome::Models(Told::Removed(entry, hub.remove(&entry.file).map_err(|error| error.to_string())))
    });
}
