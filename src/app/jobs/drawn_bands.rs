//! Draws a picture by other bands.

use std::sync::Arc;

use super::{Jobs, Outcome};
use crate::{
    app::state::picture::PictureId,
    imaging::{DrawnBands, Photo},
    worker::thumbnail,
};

/// Draws it, and makes it small.
pub fn draw(picture: PictureId, photo: Arc<Photo>, drawn: DrawnBands, jobs: &Jobs) {
    jobs.start("bands", move || match Arc::unwrap_or_clone(photo).drawn_as(Some(drawn)) {
        Ok(photo) => {
            let thumbnail = Arc::new(thumbnail(&photo));
            Outcome::Redrawn(picture, Arc::new(photo), thumbnail)
        }
        Err(error) => Outcome::Failed(error.to_string()),
    });
}
