//! A run as its events tell it: every reader of the worker folds them here, and nowhere else.
//!
//! The window draws a recording that grows; the command line prints it and takes its end; both export the same [`Run`].

use std::{collections::BTreeMap, sync::Arc};

use super::Event;
use crate::{
    explain::{
        BaselineSeen, Canvas, CurvePoint, Curves, Explanation, Finished, Iteration, Measure, Method, Parameters,
        Prediction, RandomOrders, Run, SecondOpinion, Spread,
    },
    imaging::{CropMode, Photo},
    model::{Input, ModelSpec, Score},
};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Asked for, and not at its end.
    #[default]
    Running,
    /// At its end.
    Finished,
    /// Ended before its end, by a command.
    Stopped,
    /// Ended before its end, by a failure.
    Failed,
}

/// What the model makes of the picture.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What the model sees.
    pub input: Arc<Input>,
    /// To compose the pictures that its curves judge.
    pub canvas: Arc<Canvas>,
    /// The class that is explained.
    pub class: Prediction,
    /// The class it is explained rather than, if one is.
    pub against: Option<Prediction>,
    /// What is explained, for the whole picture: the class's score, less that of the other class.
    pub value: f32,
    /// The five classes with the highest answers, the highest first.
    pub top: Vec<Prediction>,
    /// What the model answers for every class, in what its head measures.
    pub answers: Arc<[f32]>,
    /// What the model makes of the curves' baseline.
    pub baseline: BaselineSeen,
}

/// What is known of one method's result.
#[derive(Debug, Clone, Default)]
pub struct MethodRecord {
    /// Whether it began.
    pub started: bool,
    /// The iterations so far.
    pub iterations: Vec<Arc<Iteration>>,
    /// The result.
    pub explanation: Option<Arc<Explanation>>,
    /// The points of its curves so far.
    pub points: Vec<CurvePoint>,
    /// Its whole curves; without points for a map that found nothing.
    pub curves: Option<Arc<Curves>>,
    /// The same by second judges.
    pub second: Vec<Arc<SecondOpinion>>,
    /// How far its areas move by chance, if that was asked for.
    pub spread: Option<Arc<Spread>>,
    /// What was measured of its map besides.
    pub measures: Vec<Measure>,
}

impl MethodRecord {
    /// Its whole curves, if it found something.
    pub fn judged(&self) -> Option<&Curves> {
        self.curves.as_deref().filter(|curves| !curves.is_empty())
    }
}

/// What a run was asked for with, and of: what its events do not tell.
#[derive(Debug, Clone)]
pub struct RunContext {
    /// The picture as the user named it.
    pub image: String,
    /// The picture.
    pub photo: Arc<Photo>,
    /// The model.
    pub model: Arc<ModelSpec>,
    /// The device, in words.
    pub device: String,
    /// The score explained.
    pub score: Score,
    /// How the picture was cut.
    pub crop: CropMode,
    /// What the methods and curves were asked for with.
    pub parameters: Parameters,
}

/// One run, as far as its events have told.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// What the model makes of the picture.
    pub seen: Option<Seen>,
    /// Where it stands.
    pub status: Status,
    /// Work done and all the work, in numbers that are comparable with each other only.
    pub progress: Option<(usize, usize)>,
    /// Random orders, once they are judged.
    pub random: Option<Arc<RandomOrders>>,
    methods: BTreeMap<&'static Method, MethodRecord>,
}

impl Recording {
    /// A recording that begins with what earlier runs had.
    pub fn with(seen: Option<Seen>, methods: impl IntoIterator<Item = (&'static Method, MethodRecord)>) -> Self {
        Self { seen, methods: methods.into_iter().collect(), ..Self::default() }
    }

    /// Takes in an event of the run. Events that are of no run change nothing.
    pub fn absorb(&mut self, event: &Event) {
        match event {
            Event::Predicted { input, class, against, value, top, answers, baseline, .. } => {
                self.seen = Some(Seen {
                    input: Arc::clone(input),
                    canvas: Arc::new(Canvas::new(Arc::clone(input))),
                    class: class.clone(),
                    against: against.clone(),
                    value: *value,
                    top: top.clone(),
                    answers: Arc::clone(answers),
                    baseline: baseline.clone(),
                });
            }
            Event::Started { method, .. } => {
                let record = self.entry(method);
                record.started = true;
                // What an earlier run had is drawn anew.
                record.points.clear();
            }
            Event::Progress { done, total, .. } => self.progress = Some((*done, *total)),
            Event::Iteration { method, iteration, .. } => self.entry(method).iterations.push(Arc::clone(iteration)),
            Event::Explained { explanation, .. } => {
                self.entry(explanation.method).explanation = Some(Arc::clone(explanation));
            }
            Event::CurvePoint { method, point, .. } => self.entry(method).points.push(*point),
            Event::Judged { method, curves, .. } => self.entry(method).curves = Some(Arc::clone(curves)),
            Event::SecondJudged { method, second, .. } => {
                let record = self.entry(method);
                record.second.retain(|known| known.judge != second.judge);
                record.second.push(Arc::clone(second));
            }
            Event::Spread { method, spread, .. } => self.entry(method).spread = Some(Arc::clone(spread)),
            Event::Measured { method, measure, .. } => {
                let measures = &mut self.entry(method).measures;
                measures.retain(|known| known.metric != measure.metric);
                measures.push(measure.clone());
            }
            Event::RandomJudged { random, .. } => self.random = Some(Arc::clone(random)),
            Event::Finished { .. } => self.status = Status::Finished,
            Event::Cancelled { .. } => self.status = Status::Stopped,
            Event::Failed { .. } => self.status = Status::Failed,
            Event::ModelReady { .. }
            | Event::Fetching { .. }
            | Event::FetchStopped
            | Event::FetchFailed { .. }
            | Event::ModelFailed { .. }
            | Event::Opened { .. }
            | Event::Probed { .. }
            | Event::Classified { .. } => {}
        }
    }

    fn entry(&mut self, method: &'static Method) -> &mut MethodRecord {
        self.methods.entry(method).or_default()
    }

    /// What is known of a method, if anything is.
    pub fn method(&self, method: &Method) -> Option<&MethodRecord> {
        self.methods.iter().find(|(own, _)| **own == method).map(|(_, record)| record)
    }

    /// What is known of each method, in the order of the wall.
    pub fn methods(&self) -> impl Iterator<Item = (&'static Method, &MethodRecord)> {
        self.methods.iter().map(|(method, record)| (*method, record))
    }

    /// The iterations of a method so far.
    pub fn iterations(&self, method: &Method) -> &[Arc<Iteration>] {
        self.method(method).map_or(&[], |record| &record.iterations)
    }

    /// The method that is at work.
    pub fn method_at_work(&self) -> Option<&'static Method> {
        let at_work = |record: &MethodRecord| record.started && record.curves.is_none();
        self.methods().find(|(_, record)| at_work(record)).map(|(method, _)| method)
    }

    /// Whether a method is finished and judged.
    pub fn has_a_result(&self) -> bool {
        self.methods.values().any(|record| record.explanation.is_some() && record.curves.is_some())
    }

    /// Share of the work that is done, in `[0, 1]`.
    pub fn share_done(&self) -> f32 {
        match (self.status, self.progress) {
            (Status::Finished, _) => 1.0,
            (_, Some((done, total))) if total > 0 => (done as f32 / total as f32).clamp(0.0, 1.0),
            _ => 0.0,
        }
    }

    /// Forgets what came of a method.
    pub fn forget(&mut self, method: &'static Method) {
        self.methods.remove(method);
    }

    /// What is finished of it, for export: those of `methods`, in their order, that are explained and judged; none
    /// before the picture was seen.
    pub fn run(&self, context: RunContext, methods: &[&'static Method]) -> Option<Run> {
        let seen = self.seen.as_ref()?;
        let finished = |method: &&'static Method| {
            let record = self.methods.get(*method)?;
            let (explanation, curves) = (record.explanation.as_ref()?, record.curves.as_ref()?);
            let second = record.second.iter().map(|second| (**second).clone()).collect();
            let (explanation, curves) = ((**explanation).clone(), (**curves).clone());
            let (spread, measures) = (record.spread.as_deref().cloned(), record.measures.clone());
            Some(Finished { explanation, curves, second, spread, measures })
        };
        let RunContext { image, photo, model, device, score, crop, parameters } = context;
        Some(Run {
            image,
            photo,
            model,
            device,
            input: Arc::clone(&seen.input),
            class: seen.class.clone(),
            against: seen.against.clone(),
            score,
            value: seen.value,
            crop,
            top: seen.top.clone(),
            parameters,
            baseline: seen.baseline.clone(),
            random: self.random.as_deref().cloned().unwrap_or_default(),
            methods: methods.iter().filter_map(finished).collect(),
        })
    }
}
