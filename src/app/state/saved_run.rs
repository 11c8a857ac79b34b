//! A run that was saved is opened again: its picture, asked the same with the same parameters, which comes to the same.

use std::path::{Path, PathBuf};

use super::{State, collecting::Awaiting, picture::Picture};
use crate::{
    explain::LOADED_MAP,
    export::{Config, pixels_sha256},
    imaging::{CropMode, DrawnBands, Origin, SAMPLES, Sample},
    worker::Source,
};

/// What is asked of a picture that is on its way.
#[derive(Debug, Clone)]
pub struct Saved {
    image: PathBuf,
    /// What [`pixels_sha256`] was of it.
    image_sha256: String,
    class: usize,
    against: Option<usize>,
    crop: CropMode,
    bands: Option<DrawnBands>,
}

impl State {
    /// Opens a saved run, by its record. The numbers are the same if model and picture are: others are told of.
    pub fn open_saved(&mut self, record: &Path, config: Config) {
        if self.model.is_none() && !self.lacks_model {
            self.awaiting.push(Awaiting::Run(record.to_owned(), Box::new(config)));
            return;
        }
        if let Some(hosted) = self.model.as_ref().map(|model| &model.spec) {
            let (model, hosted_name) = (config.model.as_str(), hosted.name.as_str());
            let has_other_weights = config.weights_sha256.is_some() && config.weights_sha256 != hosted.sha256;
            if model != hosted_name {
                self.messages.error(text!("told-other-model", model = model, hosted = hosted_name));
            } else if has_other_weights {
                self.messages.error(text!("told-other-weights", model = model));
            }
        }
        self.messages.note(text!("told-reopened", what = record.display().to_string()));
        self.parameters = config.parameters;
        // A map that was loaded beside the picture is no part of a record.
        let methods: Vec<_> = config.methods.into_iter().filter(|method| *method != &LOADED_MAP).collect();
        self.tiles.show(&methods);
        self.score = config.score;
        self.profiles = config.profiles;
        let Config { image, image_sha256, class, against, crop, bands, .. } = config;
        let sample = SAMPLES.iter().position(|sample| image == Path::new(sample.name)).filter(|_| !image.exists());
        let source = sample.map_or_else(|| Source::File(image.clone()), Source::Sample);
        self.saved = Some(Saved { image, image_sha256, class, against, crop, bands });
        self.open(vec![source]);
    }

    /// Gives a picture that was opened for a saved run what was asked of it there; says whether it was opened for one.
    pub(super) fn ask_as_saved(&mut self, picture: &mut Picture) -> bool {
        let is_it = |saved: &Saved| match &picture.photo.origin {
            Origin::File(path) => *path == saved.image,
            Origin::Sample => {
                saved.image.to_str().is_some_and(|name| Sample::named(name).is_some() && picture.photo.name == name)
            }
            Origin::Clipboard => false,
        };
        let saved = self.saved.take_if(|saved| is_it(saved));
        let is_saved = saved.is_some();
        if let Some(saved) = saved {
            picture.draw_by(saved.bands);
            if pixels_sha256(&picture.photo) != saved.image_sha256 {
                self.messages.error(text!("told-other-picture", what = saved.image.display().to_string()));
            }
            let is_there = |class: usize| self.model.as_ref().is_none_or(|model| class < model.spec.labels.len());
            picture.class = Some(saved.class).filter(|class| is_there(*class));
            picture.against = saved.against.filter(|class| is_there(*class));
            let fits = saved.crop.check(picture.photo.width(), picture.photo.height()).is_ok();
            picture.crop = if fits { saved.crop } else { CropMode::Center };
        }
        is_saved
    }
}
