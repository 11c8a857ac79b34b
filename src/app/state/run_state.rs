//! What the worker has told of one run.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::reuse::Plan;
use crate::{
    explain::{Canvas, CurvePoint, Curves, Explanation, MethodKind, Parameters, Prediction, Step},
    imaging::CropMode,
    model::{Input, ModelSpec, Score},
    worker::{Event, RunId},
};

/// How many of the newest iterations the speed is averaged over: it follows a changing load, and does not flicker.
const SPEED_WINDOW: usize = 5;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Asked for, and not at its end.
    Running,
    /// At its end.
    Finished,
    /// Ended before its end, by a command.
    Stopped,
    /// Ended before its end, by a failure.
    Failed,
}

/// What is asked of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Question {
    /// The class to explain; the most probable one if none.
    pub class: Option<usize>,
    /// The class it is explained rather than, if one is.
    pub against: Option<usize>,
    /// The score that is explained.
    pub score: Score,
    /// How the picture is cut.
    pub crop: CropMode,
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
    /// The five most probable classes, most probable first.
    pub top: Vec<Prediction>,
    /// The probability of every class.
    pub probabilities: Arc<[f32]>,
}

/// What a run has of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Carried {
    /// Nothing.
    #[default]
    Nothing,
    /// A method's map, which is judged anew.
    Map,
    /// A method's map and its curves.
    Everything,
}

/// What is known of one method's result.
#[derive(Debug, Clone, Default)]
pub struct MethodState {
    /// What was there before the run began.
    pub carried: Carried,
    /// Whether it began.
    pub started: bool,
    /// The iterations so far.
    pub steps: Vec<Arc<Step>>,
    /// The result.
    pub explanation: Option<Arc<Explanation>>,
    /// The points of its curves so far.
    pub points: Vec<CurvePoint>,
    /// Its whole curves.
    pub curves: Option<Arc<Curves>>,
}

/// One run, as far as it got.
#[derive(Debug, Clone)]
pub struct RunState {
    /// Its number.
    pub id: RunId,
    /// What was asked of the picture.
    pub question: Question,
    /// What it was asked for with.
    pub parameters: Parameters,
    /// The model that answered, once it has.
    pub model: Option<Arc<ModelSpec>>,
    /// What the model makes of the picture.
    pub seen: Option<Seen>,
    /// Where it stands.
    pub status: Status,
    methods: BTreeMap<MethodKind, MethodState>,
    progress: Option<(usize, usize)>,
    elapsed: Duration,
    running_since: Option<Instant>,
}

impl RunState {
    /// A run that was just asked for.
    pub fn new(id: RunId, question: Question, parameters: Parameters, now: Instant) -> Self {
        Self {
            id,
            question,
            parameters,
            model: None,
            seen: None,
            status: Status::Running,
            methods: BTreeMap::new(),
            progress: None,
            elapsed: Duration::ZERO,
            running_since: Some(now),
        }
    }

    /// The same run with what holds of earlier ones. Where nothing is left to do it is at its end.
    pub fn with(mut self, plan: &Plan, model: Option<&Arc<ModelSpec>>, now: Instant) -> Self {
        self.methods = plan.carried.iter().cloned().collect();
        if plan.seen.is_some() {
            self.seen.clone_from(&plan.seen);
            self.model = model.cloned();
        }
        if plan.methods.is_empty() {
            self.end(Status::Finished, now);
        }
        self
    }

    /// Takes in an event of this run.
    pub fn absorb(&mut self, event: Event, now: Instant) {
        match event {
            Event::Predicted { input, class, against, value, top, probabilities, .. } => {
                let canvas = Arc::new(Canvas::new(Arc::clone(&input)));
                self.seen = Some(Seen { input, canvas, class, against, value, top, probabilities });
            }
            Event::Started { method, .. } => self.entry(method).started = true,
            Event::Progress { done, total, .. } => self.progress = Some((done, total)),
            Event::Step { step, .. } => self.entry(MethodKind::Igos).steps.push(step),
            Event::Explained { explanation, .. } => {
                let method = explanation.method;
                self.entry(method).explanation = Some(explanation);
            }
            Event::CurvePoint { method, point, .. } => self.entry(method).points.push(point),
            Event::Judged { method, curves, .. } => self.entry(method).curves = Some(curves),
            Event::Finished { .. } => self.end(Status::Finished, now),
            Event::Cancelled { .. } => self.end(Status::Stopped, now),
            Event::Failed { .. } => self.end(Status::Failed, now),
            Event::ModelReady { .. }
            | Event::Fetching { .. }
            | Event::FetchStopped
            | Event::ModelFailed { .. }
            | Event::Opened { .. }
            | Event::Probed { .. } => {}
        }
    }

    fn entry(&mut self, method: MethodKind) -> &mut MethodState {
        self.methods.entry(method).or_default()
    }

    fn end(&mut self, status: Status, now: Instant) {
        self.hold(now);
        self.status = status;
    }

    /// Stops the clock: the run is paused, or at its end.
    pub fn hold(&mut self, now: Instant) {
        if let Some(since) = self.running_since.take() {
            self.elapsed += now.saturating_duration_since(since);
        }
    }

    /// Lets the clock go on.
    pub fn go_on(&mut self, now: Instant) {
        if self.status == Status::Running {
            self.running_since.get_or_insert(now);
        }
    }

    /// What is known of `method`, if it began.
    pub fn method(&self, method: MethodKind) -> Option<&MethodState> {
        self.methods.get(&method)
    }

    /// The I-GOS iterations so far.
    pub fn steps(&self) -> &[Arc<Step>] {
        self.method(MethodKind::Igos).map_or(&[], |state| &state.steps)
    }

    /// Whether there is a map to be looked at.
    pub fn has_a_map(&self) -> bool {
        self.methods.values().any(|state| !state.steps.is_empty() || state.explanation.is_some())
    }

    /// Whether there is something to be looked at that no earlier run had: a mask, where one is made, else a map or the
    /// beginning of its curves.
    pub fn has_news(&self) -> bool {
        let makes_a_mask = self.status != Status::Finished
            && self.method(MethodKind::Igos).is_none_or(|igos| igos.carried == Carried::Nothing);
        let is_new = |state: &MethodState| match state.carried {
            Carried::Nothing => state.explanation.is_some(),
            Carried::Map => !state.points.is_empty(),
            Carried::Everything => false,
        };
        if makes_a_mask {
            !self.steps().is_empty()
        } else {
            self.status == Status::Finished || self.methods.values().any(is_new)
        }
    }

    /// Seconds that the maps took to compute, in this run or an earlier one.
    pub fn seconds(&self) -> f64 {
        self.methods.values().filter_map(|state| state.explanation.as_ref()).map(|map| map.seconds).sum()
    }

    /// About how much memory it takes, in bytes. What it shares with other runs counts for each.
    pub fn bytes(&self) -> usize {
        let of_method = |state: &MethodState| {
            let steps = state.steps.iter().map(|step| step.mask.values.len());
            let map = state.explanation.iter().map(|map| {
                let steps = map.steps.iter().map(|step| step.mask.values.len());
                map.saliency.values.len() + map.mask.as_ref().map_or(0, |mask| mask.values.len()) + steps.sum::<usize>()
            });
            steps.chain(map).sum::<usize>() * size_of::<f32>()
        };
        let classes = self.seen.as_ref().map_or(0, |seen| size_of_val(&*seen.probabilities));
        self.methods.values().map(of_method).sum::<usize>() + classes
    }

    /// Whether a method is finished and judged.
    pub fn has_a_result(&self) -> bool {
        self.methods.values().any(|state| state.explanation.is_some() && state.curves.is_some())
    }

    /// The method that is at work.
    pub fn method_at_work(&self) -> Option<MethodKind> {
        let at_work = |state: &MethodState| state.started && state.curves.is_none();
        self.methods.iter().find(|(_, state)| at_work(state)).map(|(method, _)| *method)
    }

    /// Share of the work that is done, in `[0, 1]`.
    pub fn share_done(&self) -> f32 {
        match (self.status, self.progress) {
            (Status::Finished, _) => 1.0,
            (_, Some((done, total))) if total > 0 => (done as f32 / total as f32).clamp(0.0, 1.0),
            _ => 0.0,
        }
    }

    /// I-GOS iterations a second, over the newest ones.
    pub fn iterations_per_second(&self) -> Option<f64> {
        let steps = self.steps();
        let newest = &steps[steps.len().saturating_sub(SPEED_WINDOW)..];
        let seconds: f64 = newest.iter().map(|step| step.seconds).sum();
        (seconds > 0.0).then(|| newest.len() as f64 / seconds)
    }

    /// How long it has run, pauses left out.
    pub fn elapsed(&self, now: Instant) -> Duration {
        self.elapsed + self.running_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// How long it will still run if the rest of the work goes as fast as the work so far.
    pub fn time_left(&self, now: Instant) -> Option<Duration> {
        let share = self.share_done();
        (self.status == Status::Running && share > 0.0).then(|| self.elapsed(now).mul_f32((1.0 - share) / share))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn run(now: Instant) -> RunState {
        RunState::new(RunId(1), Question::default(), Parameters::default(), now)
    }

    #[test]
    fn time_left_is_told_from_the_work_done_and_leaves_pauses_out() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut run = run(start);
        assert_eq!(run.time_left(at(3)), None);
        run.hold(at(4));
        run.go_on(at(100));
        run.absorb(Event::Progress { run: RunId(1), done: 1, total: 4 }, at(100));
        assert_eq!(run.time_left(at(100)), Some(Duration::from_secs(12)));
        run.absorb(Event::Finished { run: RunId(1) }, at(100));
        assert_eq!(run.time_left(at(200)), None);
        assert_eq!(run.elapsed(at(200)), Duration::from_secs(4));
    }

    #[test]
    fn a_finished_run_is_all_done() {
        let now = Instant::now();
        let mut run = run(now);
        run.absorb(Event::Progress { run: RunId(1), done: 7, total: 9 }, now);
        run.absorb(Event::Finished { run: RunId(1) }, now);
        assert!((run.share_done() - 1.0).abs() < f32::EPSILON);
    }
}
