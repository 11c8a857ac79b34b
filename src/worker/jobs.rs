//! What the worker does: open pictures, host models.

use std::sync::Arc;

use super::{AlsoHosted, Event, HostOptions, Network, Networks, Request, Source, Speaker, THUMBNAIL_SIDE, run};
use crate::{
    device::{DeviceChoice, PickedDevice, devices},
    explain::{Control, ExplainError, Prediction},
    imaging::{self, Origin, Photo, PhotoError, Profiles, SAMPLES},
    model::{Classifier, ModelChoice, ModelSpec, load, load_as, with_class_names},
};

/// The loaded model.
pub(super) struct Host {
    classifier: Arc<dyn Classifier>,
    /// Another network that judges maps as well.
    judge: Option<Arc<dyn Classifier>>,
    /// Another network that can be asked the same.
    beside: Option<Arc<dyn Classifier>>,
}

/// Decodes a picture; what became of it.
pub(super) fn open(source: &Source, profiles: Profiles) -> Event {
    match decode(source, profiles) {
        Ok(photo) => {
            let thumbnail = Arc::new(thumbnail(&photo));
            Event::Opened { photo: Arc::new(photo), thumbnail }
        }
        Err(error) => Event::Failed { run: None, message: error.to_string() },
    }
}

fn decode(source: &Source, profiles: Profiles) -> Result<Photo, PhotoError> {
    match source {
        Source::File(path) => Photo::open_with(path, profiles),
        // A number that names no sample reads as an empty file.
        Source::Sample(index) => {
            let (bytes, name) = SAMPLES.get(*index).map_or((&[][..], "sample"), |sample| (sample.bytes, sample.name));
            Photo::decode_with(bytes, name, Origin::Sample, profiles)
        }
        Source::Bytes { name, bytes } => Photo::decode_with(bytes, name, Origin::Clipboard, profiles),
        Source::Pixels { width, height, rgba } => Photo::from_rgba(*width, *height, rgba, "pasted", Origin::Clipboard),
    }
}

/// The whole picture, small.
pub fn thumbnail(photo: &Photo) -> image::RgbImage {
    imaging::thumbnail(&photo.image, THUMBNAIL_SIDE)
}

impl Host {
    /// Loads a model that is on this computer and says that it is ready.
    pub fn load(options: &HostOptions, speaker: &Speaker) -> Result<Self, String> {
        let PickedDevice { place, fallback } = options.device.pick(options.precision);
        let chosen = DeviceChoice::of(&place.device);
        let classifier =
            load_as(&options.model, &options.said, &options.hub, place, options.threads, options.input_size);
        let named = classifier.and_then(|classifier| match &options.labels {
            Some(file) => with_class_names(classifier, file),
            None => Ok(classifier),
        });
        let classifier: Arc<dyn Classifier> = Arc::from(named.map_err(|error| error.to_string())?);
        let spec = Arc::new(classifier.spec().clone());
        // One that cannot judge is no reason not to host the model.
        let judge = options.judge.as_ref().map(|choice| load_judge(choice, options, &spec));
        let hosted = options.judge.clone().zip(judge.as_ref()).map(|(choice, judge)| match judge {
            Ok(judge) => Ok(AlsoHosted { choice, spec: Arc::new(judge.spec().clone()) }),
            Err(why) => Err(format!("{} cannot judge: {why}", choice.title())),
        });
        let beside = options.beside.as_ref().map(|choice| load_also(choice, options));
        let hosted_beside = options.beside.clone().zip(beside.as_ref()).map(|(choice, beside)| match beside {
            Ok(beside) => Ok(AlsoHosted { choice, spec: Arc::new(beside.spec().clone()) }),
            Err(why) => Err(format!("{} cannot stand beside the model: {why}", choice.title())),
        });
        speaker.say(Event::ModelReady {
            spec,
            device: classifier.device(),
            place: chosen,
            devices: devices().into(),
            fallback,
            choice: options.model.clone(),
            judge: hosted,
            beside: hosted_beside,
        });
        Ok(Self { classifier, judge: judge.and_then(Result::ok), beside: beside.and_then(Result::ok) })
    }

    /// The networks that can be asked.
    pub fn networks(&self) -> Networks {
        Networks { model: Some(Arc::clone(&self.classifier)), beside: self.beside.clone() }
    }

    /// Classifies a picture, explains it with every method asked for, and judges each.
    pub fn explain(&self, request: &Request, control: &Control, speaker: &Speaker) -> Result<(), String> {
        let (run, networks) = (request.run, self.networks());
        let asked = networks.get(request.network).ok_or("There is no network beside the model any more")?;
        // The judge is of the model's classes.
        let judge = self.judge.as_deref().filter(|_| request.network == Network::Model);
        match run::explain(asked.as_ref(), judge, request, control, speaker) {
            Ok(()) => speaker.say(Event::Finished { run }),
            Err(ExplainError::Cancelled(_)) => speaker.say(Event::Cancelled { run }),
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }
}

/// Loads another network that is to judge the maps of one that is like `spec`. A class of another kind under the same
/// number would be judged without a word, so the classes must be the same.
fn load_judge(choice: &ModelChoice, options: &HostOptions, spec: &ModelSpec) -> Result<Arc<dyn Classifier>, String> {
    let judge = load_also(choice, options)?;
    let other = judge.spec();
    if !other.labels.mean_the_same(&spec.labels) {
        return Err(format!("its classes are not those of {}; choose a network with the same ones", spec.title));
    }
    if other.head.measure() != spec.head.measure() {
        let [own, other] = [spec.head, other.head].map(|head| head.measure().name());
        return Err(format!("it answers with a number of another kind ({other}) than {} ({own})", spec.title));
    }
    Ok(judge)
}

/// Loads another network than the model, on the same device.
fn load_also(choice: &ModelChoice, options: &HostOptions) -> Result<Arc<dyn Classifier>, String> {
    let place = options.device.pick(options.precision).place;
    let loaded = load(choice, &options.hub, place, options.threads, None);
    loaded.map(Arc::from).map_err(|error| error.to_string())
}

pub(super) fn prediction(spec: &ModelSpec, id: usize, answers: &[f32]) -> Prediction {
    Prediction { id, name: spec.labels.name(id), answer: spec.head.answer(answers[id]) }
}

/// The `count` classes with the highest answers, the highest first.
pub(super) fn top(spec: &ModelSpec, answers: &[f32], count: usize) -> Vec<Prediction> {
    let mut order: Vec<usize> = (0..answers.len()).collect();
    order.sort_by(|&a, &b| answers[b].total_cmp(&answers[a]));
    order.into_iter().take(count).map(|id| prediction(spec, id, answers)).collect()
}
