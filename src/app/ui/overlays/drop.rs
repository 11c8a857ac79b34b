//! Pictures and models dropped on the window.

use std::sync::Arc;

use egui::{Align2, Context, CornerRadius, FontId, Id, LayerId, Order};

use crate::{
    app::{
        jobs::{Jobs, Outcome},
        theme,
    },
    model::is_model_file,
    worker::Source,
};

/// What was dropped since the last frame. A file without a path is read by a job, and comes back as its outcome.
pub fn dropped(ctx: &Context, jobs: &Jobs) -> Vec<Source> {
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
                    Ok(bytes) => Outcome::Pasted(vec![Source::Bytes { name, bytes: Arc::from(bytes) }]),
                    Err(error) => Outcome::Failed(text!("drop-unreadable", file = name, why = error.to_string())),
                }
            });
        }
    }
    sources
}

/// Says what a drop would do while files are held over the window.
pub fn drop_ui(ctx: &Context) {
    if ctx.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let screen = ctx.content_rect();
    painter.rect_filled(screen, CornerRadius::ZERO, theme::DROP_SCRIM);
    let words = text!("drop-here");
    painter.text(screen.center(), Align2::CENTER_CENTER, words, FontId::proportional(theme::HEADLINE), theme::ON_SCRIM);
}
