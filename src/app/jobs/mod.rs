//! Work that could make the window wait, each on a thread of its own; what comes of it arrives by a channel.

#[cfg(target_os = "linux")]
mod clipboard;
pub mod collect;
pub mod dialogs;
pub mod drawing;
pub mod drawn_bands;
pub mod dropped;
#[cfg(target_os = "linux")]
pub mod drops;
pub mod gather;
pub mod model_jobs;
#[cfg(target_os = "linux")]
mod offered;
pub mod paste;
pub mod pictures;
pub mod preview;
pub mod request_drawings;
pub mod save;
pub mod show_folder;
pub mod system_theme;
#[cfg(target_os = "linux")]
mod x11_selection;

use std::{path::PathBuf, sync::Arc, thread};

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{ColorImage, Context};
use image::RgbImage;

use crate::{
    app::state::{collection::Collection, model_list::Told, path_field::Asked, picture::PictureId, walking::ReadMap},
    dataset::{Head, Line},
    export::{Config, Place},
    imaging::{Grid, Photo},
    model::ModelChoice,
    worker::Source,
};
use drawing::{DifferenceDrawing, MapDrawing};
use pictures::MapPlace;
use preview::Preview;

/// What came of a job.
#[derive(Debug)]
pub enum Outcome {
    /// A folder or list of pictures was read.
    Collected(Box<Collection>),
    /// Results that the user wants opened were read: their pictures, what they are of, their folder, and themselves.
    Results(Box<Collection>, Box<Head>, PathBuf, Vec<Line>),
    /// A picture was drawn by other bands, with the whole of it, small.
    Redrawn(PictureId, Arc<Photo>, Arc<RgbImage>),
    /// A picture was decoded for the queue, or why it cannot be.
    Decoded(usize, Result<Arc<Photo>, String>),
    /// Maps of a picture of the collection were read, as far as they could be.
    Maps(usize, Vec<ReadMap>),
    /// What came of a picture of the queue's was written, or why it cannot be.
    Kept(usize, Result<Vec<Line>, String>),
    /// Results that were made before, if there are some, and their folder.
    FoundResults(Option<(Box<Head>, PathBuf, Vec<Line>)>),
    /// A figure for print was drawn: its PDF.
    FigureDrawn(PathBuf),
    /// A record of a run was read, to be opened.
    SavedRun(PathBuf, Box<Config>),
    /// Something is shown by another program.
    Shown,
    /// Tables and a report were written into this folder.
    Reported(PathBuf),
    /// The dialog for pictures was closed, with what was chosen.
    Picked(Vec<PathBuf>),
    /// The dialog for a folder was closed, with what was chosen.
    Folder(Option<PathBuf>),
    /// Paths were looked at.
    Gathered {
        /// The model they lead to.
        model: Option<ModelChoice>,
        /// The pictures they lead to.
        sources: Vec<Source>,
        /// What was left out.
        remarks: Vec<String>,
    },
    /// A text that was opened names no pictures, so it is to name classes.
    Named(PathBuf),
    /// These of the files that were opened last are not there any more.
    Missing(Vec<PathBuf>),
    /// The clipboard was read, or what was dropped.
    Offered(Vec<Source>),
    /// Whether something that could be dropped is held over the window, where the library that has the window does not say.
    #[cfg(target_os = "linux")]
    HeldOver(bool),
    /// So many of so many files of a run are saved.
    Saving {
        /// Files that are saved.
        done: usize,
        /// All of them.
        files: usize,
    },
    /// A run was saved in this folder.
    Saved(Place),
    /// The saving of a run in this folder was cancelled.
    SavingCancelled(PathBuf),
    /// A run could not be saved, for this reason.
    SavingFailed(String),
    /// A picture for the clipboard.
    Copied {
        /// What it is of.
        name: String,
        /// The picture.
        picture: RgbImage,
    },
    /// The samples, small.
    Samples(Vec<RgbImage>),
    /// A picture at the size of the wall.
    Preview(Box<Preview>),
    /// Something was made of a map, for this place; no picture where lines are drawn over the plain one.
    Map(MapPlace, Box<MapDrawing>, Option<ColorImage>),
    /// The difference of two maps was drawn.
    Difference(DifferenceDrawing, ColorImage),
    /// The dialog for a chart's file was closed, with what was chosen.
    ChartFile(Option<PathBuf>),
    /// The system has no dialog for this.
    NoDialog(Asked),
    /// A chart was written into this file.
    ChartSaved(PathBuf),
    /// The files of models were looked at.
    Models(Told),
    /// The dialog for a model's file was closed, with what was chosen.
    ModelFile(Option<PathBuf>),
    /// The dialog for a file of classes' names was closed, with what was chosen.
    NamesFile(Option<PathBuf>),
    /// Someone else's map was read, of a file of this name.
    MapRead(String, Grid),
    /// The desktop is dark or light, or does not say.
    SystemTheme(Option<egui::Theme>),
    /// It could not be done, for this reason.
    Failed(String),
}

/// Starts jobs and collects what comes of them. A clone starts jobs whose outcomes are collected with the others.
#[derive(Debug, Clone)]
pub struct Jobs {
    ctx: Context,
    sender: Sender<Outcome>,
    receiver: Receiver<Outcome>,
}

impl Jobs {
    /// `ctx` is asked to repaint when a job is done.
    pub fn new(ctx: Context) -> Self {
        let (sender, receiver) = unbounded();
        Self { ctx, sender, receiver }
    }

    /// Does `job` on a thread called `name`.
    pub fn start(&self, name: &str, job: impl FnOnce() -> Outcome + Send + 'static) {
        self.start_telling(name, |_| job());
    }

    /// Does `job` on a thread called `name`, and lets it tell how far it is.
    pub fn start_telling(&self, name: &str, job: impl FnOnce(&dyn Fn(Outcome)) -> Outcome + Send + 'static) {
        let jobs = self.clone();
        let body = move || {
            let tell = |outcome| jobs.tell(outcome);
            tell(job(&tell));
        };
        if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(body) {
            let _ = self.sender.send(Outcome::Failed(text!("no-thread", why = error.to_string())));
        }
    }

    /// Tells an outcome.
    pub fn tell(&self, outcome: Outcome) {
        // The window may be gone by the time a job is done; then nobody waits for the outcome.
        let _ = self.sender.send(outcome);
        self.ctx.request_repaint();
    }

    /// What came of jobs since the last call.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.receiver.try_iter().collect()
    }
}
