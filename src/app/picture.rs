//! An opened picture and its newest results.

use std::sync::Arc;

use image::RgbImage;

use super::run_state::{RunState, Status};
use crate::{
    imaging::{CropMode, Photo},
    worker::RunId,
};

/// An opened picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The picture.
    pub photo: Arc<Photo>,
    /// The whole of it, small.
    pub thumbnail: Arc<RgbImage>,
    /// The class the user chose; the most probable one if none.
    pub class: Option<usize>,
    /// The class it is explained rather than, if one is.
    pub against: Option<usize>,
    /// How it is cut to the model's square.
    pub crop: CropMode,
    shown: Option<RunState>,
    coming: Option<RunState>,
}

impl Picture {
    /// A picture without results.
    pub fn new(photo: Arc<Photo>, thumbnail: Arc<RgbImage>) -> Self {
        Self { photo, thumbnail, class: None, against: None, crop: CropMode::Center, shown: None, coming: None }
    }

    /// A run was asked for. What is on the wall stays there until the run has a map of its own.
    pub fn begin(&mut self, run: RunState) {
        if self.shown.as_ref().is_some_and(RunState::has_a_map) {
            self.coming = Some(run);
        } else {
            self.shown = Some(run);
            self.coming = None;
        }
    }

    /// Forgets its results, and the class that was chosen: another model has others.
    pub fn forget_results(&mut self) {
        self.class = None;
        self.shown = None;
        self.coming = None;
    }

    /// The run that is on the wall.
    pub fn shown(&self) -> Option<&RunState> {
        self.shown.as_ref()
    }

    /// The run that was asked for last.
    pub fn newest(&self) -> Option<&RunState> {
        self.coming.as_ref().or(self.shown.as_ref())
    }

    /// Whether what is on the wall is about to be replaced.
    pub fn is_outdated(&self) -> bool {
        self.coming.as_ref().is_some_and(|run| run.status == Status::Running)
    }

    /// Whether its newest run is missing or was cut short.
    pub fn needs_a_run(&self) -> bool {
        self.newest().is_none_or(|run| matches!(run.status, Status::Stopped | Status::Failed))
    }

    /// The run `id`, if it is one of this picture's.
    pub fn run_mut(&mut self, id: RunId) -> Option<&mut RunState> {
        [self.coming.as_mut(), self.shown.as_mut()].into_iter().flatten().find(|run| run.id == id)
    }

    /// The run that is under way.
    pub fn active_mut(&mut self) -> Option<&mut RunState> {
        let runs = [self.coming.as_mut(), self.shown.as_mut()];
        runs.into_iter().flatten().find(|run| run.status == Status::Running)
    }

    /// Puts the newest run on the wall once it has a map; says whether it did so now.
    pub fn promote(&mut self) -> bool {
        let ready = self.coming.as_ref().is_some_and(RunState::has_a_map);
        if ready {
            self.shown = self.coming.take();
        }
        ready
    }
}
