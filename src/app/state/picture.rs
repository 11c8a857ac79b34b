//! An opened picture and its runs.

use std::sync::Arc;

use image::RgbImage;

use super::{
    history::History,
    run_state::{RunState, Status},
};
use crate::{
    imaging::{CropMode, DrawnBands, Grid, Photo, PixelRect},
    worker::thumbnail,
};

/// Names an opened picture for as long as the window is open, wherever it is in the filmstrip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureId(pub u64);

/// An opened picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its name for as long as the window is open.
    pub id: PictureId,
    /// The picture.
    pub photo: Arc<Photo>,
    /// The whole of it, small.
    pub thumbnail: Arc<RgbImage>,
    /// The class the user chose; the most probable one if none.
    pub class: Option<usize>,
    /// The class it is explained rather than, if one is.
    pub against: Option<usize>,
    /// how it is cut for the model.
    pub crop: CropMode,
    /// Where a person says the thing is, in the picture's pixels, if somebody does.
    pub marked: Option<PixelRect>,
    /// Someone else's map of it, with the name of its file, if one was loaded.
    pub given: Option<(String, Arc<Grid>)>,
    /// Its runs.
    pub history: History,
}

impl Picture {
    /// A picture without results.
    pub fn new(id: PictureId, photo: Arc<Photo>, thumbnail: Arc<RgbImage>) -> Self {
        let (class, against, marked, given, history) = (None, None, None, None, History::default());
        Self { id, photo, thumbnail, class, against, crop: CropMode::Center, marked, given, history }
    }

    /// Draws it by these of its bands, if it has them, or as usual if none.
    pub fn draw_by(&mut self, bands: Option<DrawnBands>) {
        if let Ok(photo) = Photo::clone(&self.photo).drawn_as(bands) {
            self.thumbnail = Arc::new(thumbnail(&photo));
            self.photo = Arc::new(photo);
        }
    }

    /// The run that is on the wall.
    pub fn shown(&self) -> Option<&RunState> {
        self.history.shown()
    }

    /// The run that was asked for last and is to come on the wall, or is there.
    pub fn newest(&self) -> Option<&RunState> {
        self.history.newest()
    }

    /// Whether what is on the wall is about to be replaced.
    pub fn is_outdated(&self) -> bool {
        self.history.is_outdated()
    }

    /// Whether its newest run is missing or was cut short.
    pub fn needs_a_run(&self) -> bool {
        self.newest().is_none_or(|run| matches!(run.status, Status::Stopped | Status::Failed))
    }

    /// About how much memory its pixels take, in bytes.
    pub fn bytes(&self) -> usize {
        let bands = self.photo.bands.as_ref().map_or(0, |bands| size_of_val(bands.values()));
        self.photo.image.as_raw().len() + bands + self.thumbnail.as_raw().len()
    }
}
