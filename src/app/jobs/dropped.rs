//! Pictures and models that were dropped on the window.

use std::sync::Arc;

use egui::Context;

use super::{Jobs, Outcome};
use crate::{model::is_model_file, worker::Source};

/// What was dropped since the last frame. A file without a path is read by a job, and comes back as its outcome.
pub fn take(ctx: &Context, jobs: &Jobs) -> Vec<Source> {
    let files = ctx.input(|input| input.raw.dropped_files.clone());
    let mut sources = Vec::new();
    for file in files {
        if file.path().is_absolute() {
            sources.push(Source::File(file.path().to_owned()));
        } else {
            jobs.start("drop", move || {
                let name = file.path().to_string_lossy().into_owned();
                if is_model_file(file.path()) {
                    return Outcome::Failed(text!("drop-no-folder", file = name));
                }
                match file.bytes() {
                    Ok(bytes) => Outcome::Offered(vec![Source::Bytes { name, bytes: Arc::from(bytes) }]),
                    Err(error) => Outcome::Failed(text!("drop-unreadable", file = name, why = error.to_string())),
                }
            });
        }
    }
    sources
}
