//! What the worker does: open pictures, explain them.

use std::sync::Arc;

use super::{Event, HostOptions, Request, Source, Speaker, THUMBNAIL_SIDE};
use crate::{
    device::{DeviceChoice, PickedDevice, devices},
    explain::{self, Control, ExplainError, Explanation, Method, Parameters, Prediction, Subject, Update},
    imaging::{Origin, Photo, PhotoError, SAMPLES},
    model::{Batch, Classifier, ModelSpec, Target, load, softmax},
};

/// How many classes are told first.
const TOP: usize = 5;

/// The loaded model.
pub(super) struct Host {
    classifier: Arc<dyn Classifier>,
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
        let spec = Arc::new(classifier.spec().clone());
        speaker.say(Event::ModelReady {
            spec,
            device: classifier.device(),
            place: chosen,
            devices: devices().into(),
            fallback,
            choice: options.model.clone(),
        });
        Ok(Self { classifier })
    }

    /// The model.
    pub fn classifier(&self) -> Arc<dyn Classifier> {
        Arc::clone(&self.classifier)
    }

    /// Classifies a picture, explains it with every method asked for, and judges each.
    pub fn explain(&self, request: &Request, control: &Control, speaker: &Speaker) -> Result<(), String> {
        let run = request.run;
        match self.run(request, control, speaker) {
            Ok(()) => speaker.say(Event::Finished { run }),
            Err(ExplainError::Cancelled(_)) => speaker.say(Event::Cancelled { run }),
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }

    fn run(&self, request: &Request, control: &Control, speaker: &Speaker) -> Result<(), ExplainError> {
        let run = request.run;
        control.checkpoint()?;
        let input = Arc::new(self.classifier.spec().preprocess_as(&request.photo, request.crop)?);
        let logits = self.logits(&input.planar)?;
        let probabilities = softmax(&logits);
        let spec = self.classifier.spec();
        let top = top(spec, &probabilities, TOP);
        let class = match request.class.or(top.first().map(|first| first.id)) {
            Some(class) if class < probabilities.len() => class,
            class => return Err(no_such_class(class, probabilities.len())),
        };
        let target = Target { score: request.score, class, against: request.against };
        self.classifier.spec().check_target(target)?;
        speaker.say(Event::Predicted {
            run,
            input: Arc::clone(&input),
            class: prediction(spec, class, &probabilities),
            value: target.of(&logits).0,
            against: target.against.map(|against| prediction(spec, against, &probabilities)),
            top,
            probabilities: probabilities.into(),
        });
        let subject = Subject { classifier: self.classifier.as_ref(), input: &input, target };
        let mut work = Work::of(request, speaker);
        for &method in &request.methods {
            speaker.say(Event::Started { run, method });
            let explanation = match known(request, method) {
                Some(explanation) => Arc::clone(explanation),
                None => {
                    let explained = method.explain(&subject, &request.parameters, control, &mut |update| {
                        work.update(method, update);
                    })?;
                    let explanation = Arc::new(explained);
                    work.finish(method.passes(&request.parameters));
                    speaker.say(Event::Explained { run, explanation: Arc::clone(&explanation) });
                    explanation
                }
            };
            let parameters = &request.parameters.curves;
            let curves = explain::judge(&subject, &explanation.saliency, parameters, control, &mut |update| {
                work.update(method, update);
            })?;
            work.finish(work_of_curves(&request.parameters));
            speaker.say(Event::Judged { run, method, curves: Arc::new(curves) });
        }
        Ok(())
    }

    fn logits(&self, planar: &[f32]) -> Result<Vec<f32>, ExplainError> {
        let logits = self.classifier.logits(&Batch::new(planar, planar.len()))?.pop().unwrap_or_default();
        if logits.iter().all(|logit| logit.is_finite()) {
            Ok(logits)
        } else {
            Err(ExplainError::NotANumber { what: "a logit" })
        }
    }
}

fn prediction(spec: &ModelSpec, id: usize, probabilities: &[f32]) -> Prediction {
    Prediction { id, name: spec.labels.name(id), probability: probabilities[id] }
}

/// The `count` most probable classes, most probable first.
pub(super) fn top(spec: &ModelSpec, probabilities: &[f32], count: usize) -> Vec<Prediction> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    order.into_iter().take(count).map(|id| prediction(spec, id, probabilities)).collect()
}

fn no_such_class(class: Option<usize>, classes: usize) -> ExplainError {
    crate::model::ModelError::NoSuchClass { class: class.unwrap_or_default(), classes }.into()
}

/// The map of `method` that the request brings along.
fn known<'a>(request: &'a Request, method: &Method) -> Option<&'a Arc<Explanation>> {
    request.known.iter().find(|explanation| explanation.method == method)
}

/// Forward-and-backward passes that a method's curves take, for the progress bar: two forward passes a point, each a
/// third of one with its backward.
fn work_of_curves(parameters: &Parameters) -> usize {
    (2 * (parameters.curves.steps + 1)).div_ceil(3)
}

/// How far a run is, and the saying of it.
struct Work<'a> {
    request: &'a Request,
    speaker: &'a Speaker,
    /// Work of everything that is finished.
    finished: usize,
    total: usize,
    curve_points: usize,
}

impl<'a> Work<'a> {
    fn of(request: &'a Request, speaker: &'a Speaker) -> Self {
        let parameters = &request.parameters;
        let work = |&method: &&'static Method| {
            let map = if known(request, method).is_some() { 0 } else { method.passes(parameters) };
            map + work_of_curves(parameters)
        };
        let total = request.methods.iter().map(work).sum();
        Self { request, speaker, finished: 0, total, curve_points: 0 }
    }

    fn finish(&mut self, work: usize) {
        self.finished += work;
        self.curve_points = 0;
        self.say_progress(0);
    }

    fn update(&mut self, method: &'static Method, update: Update<'_>) {
        let run = self.request.run;
        match update {
            Update::Iteration(iteration) => {
                self.speaker.say(Event::Iteration { run, method, iteration: Arc::clone(iteration) });
            }
            Update::Progress { iteration, done, total } => self.say_progress((iteration - 1) * total + done),
            Update::CurvePoint(point) => {
                self.speaker.say(Event::CurvePoint { run, method, point });
                self.curve_points += 1;
                let points = self.request.parameters.curves.steps + 1;
                self.say_progress(work_of_curves(&self.request.parameters) * self.curve_points / points);
            }
        }
    }

    fn say_progress(&self, more: usize) {
        let (run, total) = (self.request.run, self.total);
        self.speaker.say(Event::Progress { run, done: (self.finished + more).min(total), total });
    }
}
