//! What the worker does: open pictures, host models.

use std::sync::Arc;

use super::{Event, HostOptions, Request, Source, Speaker, THUMBNAIL_SIDE, run};
use crate::{
    device::{DeviceChoice, PickedDevice, devices},
    explain::{Control, ExplainError, Prediction},
    imaging::{Origin, Photo, PhotoError, SAMPLES},
    model::{Classifier, ModelSpec, load},
};

/// The loaded model.
pub(super) struct Host {
    classifier: Arc<dyn Classifier>,
    /// Another network that judges maps as well.
    judge: Option<Arc<dyn Classifier>>,
}

/// Decodes a picture; what became of it.
pub(super) fn open(source: &Source) -> Event {
    match decode(source) {
        Ok(photo) => {
            let thumbnail = Arc::new(thumbnail(&photo));
            Event::Opened { photo: Arc::new(photo), thumbnail }
        }
        Err(error) => Event::Failed { run: None, message: error.to_string() },
    }
}

fn decode(source: &Source) -> Result<Photo, PhotoError> {
    match source {
        Source::File(path) => Photo::open(path),
        // A number that names no sample reads as an empty file.
        Source::Sample(index) => {
            let sample = SAMPLES.get(*index);
            Photo::decode(sample.map_or(&[], |s| s.bytes), sample.map_or("sample", |s| s.name), Origin::Sample)
        }
        Source::Bytes { name, bytes } => Photo::decode(bytes, name, Origin::Clipboard),
        Source::Pixels { width, height, rgba } => Photo::from_rgba(*width, *height, rgba, "pasted", Origin::Clipboard),
    }
}

fn thumbnail(photo: &Photo) -> image::RgbImage {
    let (width, height) = photo.image.dimensions();
    let longer = width.max(height).max(1);
    if longer <= THUMBNAIL_SIDE {
        return photo.image.clone();
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(THUMBNAIL_SIDE) / u64::from(longer)).max(1) as u32;
    image::imageops::thumbnail(&photo.image, scaled(width), scaled(height))
}

impl Host {
    /// Loads a model that is on this computer and says that it is ready.
    pub fn load(options: &HostOptions, speaker: &Speaker) -> Result<Self, String> {
        let PickedDevice { place, fallback } = options.device.pick(options.precision);
        let chosen = DeviceChoice::of(&place.device);
        let classifier = load(&options.model, &options.hub, place, options.threads, options.input_size);
        let classifier: Arc<dyn Classifier> = Arc::from(classifier.map_err(|error| error.to_string())?);
        let judge = options.judge.as_ref().map(|judge| {
            let place = options.device.pick(options.precision).place;
            load(judge, &options.hub, place, options.threads, None)
        });
        let judge = judge.transpose().map_err(|error| format!("The second judge cannot be asked: {error}"))?;
        let judge = judge.map(Arc::from);
        let spec = Arc::new(classifier.spec().clone());
        speaker.say(Event::ModelReady {
            spec,
            device: classifier.device(),
            place: chosen,
            devices: devices().into(),
            fallback,
            choice: options.model.clone(),
        });
        Ok(Self { classifier, judge })
    }

    /// The model.
    pub fn classifier(&self) -> Arc<dyn Classifier> {
        Arc::clone(&self.classifier)
    }

    /// Classifies a picture, explains it with every method asked for, and judges each.
    pub fn explain(&self, request: &Request, control: &Control, speaker: &Speaker) -> Result<(), String> {
        let run = request.run;
        match run::explain(self.classifier.as_ref(), self.judge.as_deref(), request, control, speaker) {
            Ok(()) => speaker.say(Event::Finished { run }),
            Err(ExplainError::Cancelled(_)) => speaker.say(Event::Cancelled { run }),
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }
}

pub(super) fn prediction(spec: &ModelSpec, id: usize, probabilities: &[f32]) -> Prediction {
    Prediction { id, name: spec.labels.name(id), probability: probabilities[id] }
}

/// The `count` most probable classes, most probable first.
pub(super) fn top(spec: &ModelSpec, probabilities: &[f32], count: usize) -> Vec<Prediction> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    order.into_iter().take(count).map(|id| prediction(spec, id, probabilities)).collect()
}
