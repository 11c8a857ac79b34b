//! What must be known of a hosted model besides its layers.

use std::sync::Arc;

use crate::imaging::{Crop, CropRule, Normalisation, Photo};

use super::{ModelError, labels::Labels};

/// A hosted model as a user and a method know it.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSpec {
    /// Name in flags and JSON.
    pub name: String,
    /// Name on screen.
    pub title: String,
    /// How a photo becomes the square the model sees.
    pub crop: CropRule,
    /// How its pixels become the model's numbers.
    pub normalisation: Normalisation,
    /// The classes.
    pub labels: Arc<Labels>,
    /// The layer whose features Grad-CAM reads.
    pub feature_layer: String,
    /// Name of the architecture in JSON.
    pub architecture: String,
    /// Where the weights come from: “embedded”, a file, or a repository of the hub.
    pub origin: String,
    /// SHA-256 of the file of weights, in hexadecimal, if they come from one.
    pub sha256: Option<String>,
}

/// What the model sees of a photo.
#[derive(Debug, Clone)]
pub struct Input {
    /// `[3, side, side]`, normalised.
    pub planar: Vec<f32>,
    /// Width and height in pixels.
    pub side: usize,
    /// The same as a picture, and where in the photo it was cut.
    pub crop: Crop,
}

impl ModelSpec {
    /// Width and height of the input in pixels.
    pub fn side(&self) -> usize {
        self.crop.crop as usize
    }

    /// Whether the model has a class of this number.
    ///
    /// # Errors
    /// [`ModelError::NoSuchClass`] if not.
    pub fn check_class(&self, class: usize) -> Result<(), ModelError> {
        let classes = self.labels.len();
        if class < classes { Ok(()) } else { Err(ModelError::NoSuchClass { class, classes }) }
    }

    /// Cuts and normalises a photo.
    pub fn preprocess(&self, photo: &Photo) -> Input {
        self.input_from_crop(self.crop.apply(&photo.image))
    }

    /// Normalises a square that was cut already.
    pub fn input_from_crop(&self, crop: Crop) -> Input {
        Input { planar: self.normalisation.planar_from_image(&crop.image), side: crop.image.width() as usize, crop }
    }
}
