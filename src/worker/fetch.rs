//! Models that must be fetched before they can be hosted.

use std::{ops::ControlFlow, sync::Arc, thread};

use super::{Event, HostOptions, Job, Shared, lock};
use crate::{
    explain::Control,
    model::{Entry, HubError, ModelChoice},
};

/// Lets the thread host a model once it is here. A download under way for another one ends.
pub(super) fn host(shared: &Arc<Shared>, options: Box<HostOptions>) {
    let control = Arc::new(Control::default());
    std::mem::replace(&mut *lock(&shared.fetch), Arc::clone(&control)).cancel();
    let wanted = [Some(&options.model), options.judge.as_ref(), options.beside.as_ref()].into_iter().flatten();
    let entries: Vec<&'static Entry> = wanted.filter_map(ModelChoice::entry).collect();
    if entries.is_empty() {
        shared.replace(|_| Job::Host(options));
        return;
    }
    let own = Arc::clone(shared);
    let started =
        thread::Builder::new().name("fetch".to_owned()).spawn(move || fetch(&own, options, &entries, &control));
    if let Err(error) = started {
        shared.speaker.say(Event::ModelFailed { message: format!("no thread can be started: {error}") });
    }
}

fn fetch(shared: &Shared, options: Box<HostOptions>, entries: &[&'static Entry], control: &Arc<Control>) {
    let fetched = entries.iter().try_for_each(|&entry| {
        let fetched = options.hub.fetch(&entry.file, &mut |progress| {
            if control.is_cancelled() {
                return ControlFlow::Break(());
            }
            shared.speaker.say(Event::Fetching { title: entry.title().to_owned(), progress });
            ControlFlow::Continue(())
        });
        fetched.map(|_| ()).map_err(|error| (entry, error))
    });
    // Another model may have been asked for meanwhile: then nobody waits for this one. None can be until it is handed
    // over.
    let newest = lock(&shared.fetch);
    if !Arc::ptr_eq(&newest, control) {
        return;
    }
    match fetched {
        Ok(()) if !control.is_cancelled() => shared.replace(|_| Job::Host(options)),
        Ok(()) | Err((_, HubError::Stopped)) => shared.speaker.say(Event::FetchStopped),
        Err((entry, error)) => {
            shared.speaker.say(Event::FetchFailed { options, entry, message: error.to_string() });
        }
    }
}
