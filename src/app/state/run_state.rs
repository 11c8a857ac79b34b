//! A run in the window: its recording, what it has of earlier runs, and its clock.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    explain::{Curves, Explanation, Method, Parameters, RandomOrders, methods},
    imaging::CropMode,
    model::{Input, ModelSpec, Score},
    worker::{Event, MethodRecord, Network, Recording, RunId},
};

pub use crate::worker::{Seen, Status};

/// How many of the newest iterations the speed is averaged over: it follows a changing load, and does not flicker.
const SPEED_WINDOW: usize = 5;

/// What is asked of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Question {
    /// Which of the hosted networks is asked.
    pub network: Network,
    /// The class to explain; the most probable one if none.
    pub class: Option<usize>,
    /// The class it is explained rather than, if one is.
    pub against: Option<usize>,
    /// The score that is explained.
    pub score: Score,
    /// How the picture is cut.
    pub crop: CropMode,
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

/// A method's result that an earlier run had, as far as it holds.
pub type Kept = (&'static Method, Carried, MethodRecord);

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
    recording: Recording,
    asked: Vec<&'static Method>,
    carried: BTreeMap<&'static Method, Carried>,
    elapsed: Duration,
    running_since: Option<Instant>,
}

/// A run is read as its recording.
impl Deref for RunState {
    type Target = Recording;

    fn deref(&self) -> &Recording {
        &self.recording
    }
}

impl RunState {
    /// A run that was just asked for.
    pub fn new(id: RunId, question: Question, parameters: Parameters, now: Instant) -> Self {
        Self {
            id,
            question,
            parameters,
            model: None,
            recording: Recording::default(),
            asked: Vec::new(),
            carried: BTreeMap::new(),
            elapsed: Duration::ZERO,
            running_since: Some(now),
        }
    }

    /// The same run, by these methods.
    pub fn by(mut self, methods: Vec<&'static Method>) -> Self {
        self.asked = methods;
        self
    }

    /// Forgets a method's map.
    pub fn forget(&mut self, method: &'static Method) {
        self.recording.forget(method);
        self.asked.retain(|own| *own != method);
    }

    /// Whether it was asked of all of these methods.
    pub fn is_by(&self, methods: &[&'static Method]) -> bool {
        methods.iter().all(|method| self.asked.contains(method) || self.method(method).is_some())
    }

    /// The same run with what holds of earlier ones, and of which model that is.
    pub fn with(
        mut self,
        seen: Option<Seen>,
        kept: &[Kept],
        random: Option<Arc<RandomOrders>>,
        model: Option<&Arc<ModelSpec>>,
    ) -> Self {
        if seen.is_some() {
            self.model = model.cloned();
        }
        self.carried = kept.iter().map(|(method, carried, _)| (*method, *carried)).collect();
        let records = kept.iter().map(|(method, _, record)| (*method, record.clone()));
        self.recording = Recording::with(seen, records);
        self.recording.random = random;
        self
    }

    /// The same run at its end: nothing is left to do.
    pub fn at_its_end(mut self, now: Instant) -> Self {
        self.end(Status::Finished, now);
        self
    }

    /// Takes in an event of this run.
    pub fn absorb(&mut self, event: &Event, now: Instant) {
        self.recording.absorb(event);
        if self.status != Status::Running {
            self.hold(now);
        }
    }

    /// Keeps another run's input in place of its own, which is the same.
    pub fn share_input(&mut self, input: Arc<Input>) {
        if let Some(seen) = &mut self.recording.seen {
            seen.input = input;
        }
    }

    /// What it has of an earlier run's result of `method`.
    pub fn carried(&self, method: &'static Method) -> Carried {
        self.carried.get(method).copied().unwrap_or_default()
    }

    fn end(&mut self, status: Status, now: Instant) {
        self.hold(now);
        self.recording.status = status;
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

    /// Lets a run that was stopped go on.
    pub fn resume(&mut self, now: Instant) {
        self.recording.status = Status::Running;
        self.go_on(now);
    }

    /// Whether there is a map to be looked at.
    pub fn has_a_map(&self) -> bool {
        self.methods().any(|(_, record)| !record.iterations.is_empty() || record.explanation.is_some())
    }

    /// The result of a method that found nothing: it is said why, and no map is drawn.
    pub fn found_nothing(&self, method: &'static Method) -> Option<&Arc<Explanation>> {
        let result = self.method(method)?.explanation.as_ref()?;
        result.nothing.is_some().then_some(result)
    }

    /// Whether a random order does as well as the map of a method.
    pub fn is_no_better_than_random(&self, method: &'static Method) -> bool {
        let curves = self.method(method).and_then(MethodRecord::judged);
        curves.zip(self.random.as_deref()).is_some_and(|(curves, random)| random.do_as_well_as(curves))
    }

    /// Whether there is something to be looked at that no earlier run had: a mask, where one is made, else a map or the
    /// beginning of its curves.
    pub fn has_news(&self) -> bool {
        let is_new = |(method, record): (&'static Method, &MethodRecord)| match self.carried(method) {
            Carried::Nothing => record.explanation.is_some(),
            Carried::Map => !record.points.is_empty(),
            Carried::Everything => false,
        };
        // The methods to watch are those whose masks can be, of those that are run.
        let is_watched = |method: &'static Method| method.iterates() && self.carried(method) == Carried::Nothing;
        let mut watched = methods().iter().copied().filter(|&method| is_watched(method)).peekable();
        match (self.status, watched.peek()) {
            (Status::Finished, _) => true,
            (_, Some(_)) => watched.any(|method| !self.iterations(method).is_empty()),
            (_, None) => self.methods().any(is_new),
        }
    }

    /// The result to tell of where there is room for one: that of the first method on the wall that is judged.
    pub fn told_by(&self) -> Option<(&'static Method, &Curves)> {
        self.methods().find_map(|(method, record)| Some((method, record.judged()?)))
    }

    /// Seconds that the maps took to compute, in this run or an earlier one.
    pub fn seconds(&self) -> f64 {
        self.methods().filter_map(|(_, record)| record.explanation.as_ref()).map(|map| map.seconds).sum()
    }

    /// About how much memory it takes, in bytes. What it shares with other runs counts for each.
    pub fn bytes(&self) -> usize {
        let of_method = |record: &MethodRecord| {
            let masks = record.iterations.iter().map(|iteration| iteration.mask.values.len());
            let map = record.explanation.iter().map(|map| map.saliency.values.len());
            masks.chain(map).sum::<usize>() * size_of::<f32>()
        };
        let classes = self.seen.as_ref().map_or(0, |seen| size_of_val(&*seen.answers));
        self.methods().map(|(_, record)| of_method(record)).sum::<usize>() + classes
    }

    /// Iterations a second of the method at work, over the newest ones.
    pub fn iterations_per_second(&self) -> Option<f64> {
        let iterations = self.iterations(self.method_at_work()?);
        let newest = &iterations[iterations.len().saturating_sub(SPEED_WINDOW)..];
        let seconds: f64 = newest.iter().map(|iteration| iteration.seconds).sum();
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
        run.absorb(&Event::Progress { run: RunId(1), done: 1, total: 4 }, at(100));
        assert_eq!(run.time_left(at(100)), Some(Duration::from_secs(12)));
        run.absorb(&Event::Finished { run: RunId(1) }, at(100));
        assert_eq!(run.time_left(at(200)), None);
        assert_eq!(run.elapsed(at(200)), Duration::from_secs(4));
    }

    #[test]
    fn a_finished_run_is_all_done() {
        let now = Instant::now();
        let mut run = run(now);
        run.absorb(&Event::Progress { run: RunId(1), done: 7, total: 9 }, now);
        run.absorb(&Event::Finished { run: RunId(1) }, now);
        assert!((run.share_done() - 1.0).abs() < f32::EPSILON);
    }
}
