//! What jobs on other threads came to, and what the window does with it.

use std::{sync::Arc, time::Instant};

use egui::ColorImage;

use super::App;
use crate::{
    app::{
        jobs::{Outcome, system_theme},
        state::{action::Action, collecting::Opened},
    },
    export::Place,
    model::ModelChoice,
    worker::Source,
};

impl App {
    pub(super) fn take(&mut self, outcome: Outcome) {
        let now = Instant::now();
        match outcome {
            Outcome::Picked(paths) => {
                self.dialog_is_open = false;
                self.act(Action::Open(paths.into_iter().map(Source::File).collect()));
            }
            Outcome::Folder(folder) => {
                self.dialog_is_open = false;
                if let Some(folder) = folder {
                    self.save_in(&folder);
                }
            }
            Outcome::Offered(sources) => self.act(Action::Open(sources)),
            #[cfg(target_os = "linux")]
            Outcome::HeldOver(is_held_over) => self.is_held_over = is_held_over,
            Outcome::Saving { done, files } => {
                // What a job told before it was cancelled says nothing any more.
                if self.saving.is_some() {
                    self.state.saving = Some((done, files));
                }
            }
            Outcome::Saved(Place { path: place, replaced }) => {
                self.end_saving();
                let folder = place.display().to_string();
                let told = if replaced.is_empty() {
                    text!("told-saved-in", folder = folder)
                } else {
                    text!("told-saved-replacing", folder = folder, methods = replaced.join(", "))
                };
                self.state.messages.done_in(&place, told, now);
            }
            Outcome::SavingCancelled(folder) => {
                self.end_saving();
                let folder = folder.display().to_string();
                self.state.messages.note(text!("told-saving-cancelled", folder = folder));
            }
            Outcome::SavingFailed(message) => {
                self.end_saving();
                self.state.messages.error(message);
            }
            Outcome::Copied { name, picture } => {
                let size = [picture.width() as usize, picture.height() as usize];
                self.ctx.copy_image(ColorImage::from_rgb(size, &picture));
                let [width, height] = size;
                self.state.messages.done(text!("told-copied", what = name, width = width, height = height), now);
            }
            Outcome::Gathered { model, sources, remarks } => {
                if let Some(model) = model {
                    self.act(Action::Host(model));
                }
                for remark in remarks {
                    self.state.messages.error(remark);
                }
                self.state.open_gathered(sources);
            }
            Outcome::Collected(collection) => self.state.collect(*collection),
            Outcome::Results(collection, head, folder, lines) => {
                self.state.open_results(Opened { collection: *collection, head: *head, folder, lines });
            }
            Outcome::Redrawn(picture, photo, thumbnail) => self.state.redrawn(picture, photo, thumbnail),
            Outcome::Decoded(index, photo) => self.state.decoded(index, photo),
            Outcome::Maps(index, maps) => self.state.maps_read(index, maps),
            Outcome::Kept(index, lines) => self.state.kept(index, lines),
            Outcome::FoundResults(found) => {
                if let Some((head, folder, lines)) = found {
                    self.state.found_results(*head, folder, lines);
                }
            }
            Outcome::FigureDrawn(path) => {
                let file = path.display().to_string();
                let folder = path.parent().unwrap_or(&path);
                self.state.messages.done_in(folder, text!("told-figure", file = file), now);
            }
            Outcome::Reported(folder) => {
                let told = text!("told-reported", folder = folder.display().to_string());
                self.state.messages.done_in(&folder, told, now);
            }
            Outcome::SavedRun(record, config) => self.state.open_saved(&record, *config),
            Outcome::Shown => {}
            Outcome::Missing(missing) => self.state.recent.set_missing(missing),
            Outcome::Samples(pictures) => self.samples = pictures,
            Outcome::Preview(preview) => {
                self.is_previewing = false;
                self.preview = Some(Arc::new(*preview));
            }
            Outcome::Map(place, drawing, picture) => self.pictures.take_map(&self.ctx, place, *drawing, picture),
            Outcome::Difference(drawing, picture) => self.pictures.take_difference(&self.ctx, drawing, picture),
            Outcome::ChartFile(path) => {
                self.dialog_is_open = false;
                self.write_asked_chart(path);
            }
            Outcome::NoDialog(asked) => {
                self.dialog_is_open = false;
                self.type_path(asked);
            }
            Outcome::ChartSaved(path) => {
                let told = text!("told-saved", file = path.display().to_string());
                self.state.messages.done_in(path.parent().unwrap_or(&path), told, now);
            }
            Outcome::MapRead(name, grid) => self.state.take_map(name, grid),
            Outcome::Models(told) => self.state.models_told(told, now),
            Outcome::ModelFile(path) => {
                self.dialog_is_open = false;
                if let Some(path) = path {
                    self.state.take_model(ModelChoice::File(path));
                }
            }
            Outcome::NamesFile(path) => {
                self.dialog_is_open = false;
                if let Some(path) = path {
                    self.state.name_classes(Some(path));
                }
            }
            Outcome::Named(path) => self.state.name_classes(Some(path)),
            Outcome::SystemTheme(theme) => system_theme::take(&self.ctx, theme),
            Outcome::Failed(message) => {
                tracing::warn!("{message}");
                self.state.messages.error(message);
            }
        }
    }

    fn end_saving(&mut self) {
        self.saving = None;
        self.state.saving = None;
    }
}
