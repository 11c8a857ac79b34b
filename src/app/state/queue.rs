//! Pictures of a collection that are explained one after the other while nothing else is asked for: the picture that one
//! looks at goes first, and what was interrupted for it is made again after it.

use std::{
    collections::VecDeque,
    mem,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{State, Wants, collection::Collection, outbox::Errand};
use crate::{
    dataset::{Asked, Explained, Head, Line, Seen},
    explain::{Method, Run},
    imaging::Photo,
    worker::{Command, Event, Network, Recording, Request, RunContext, RunId, Status},
};

/// The folder of the lists of pictures that were opened together, among the results.
const LISTS: &str = "lists";

/// Pictures that wait, and the one under way.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    waiting: VecDeque<usize>,
    at_work: AtWork,
    /// Whether no other is begun.
    pub is_held: bool,
    /// What is asked of each.
    asked: Option<Arc<(Asked, Head, PathBuf)>>,
    done: usize,
    /// Time that those took.
    spent: Duration,
}

/// What is being done for the queue.
#[derive(Debug, Clone, Default)]
enum AtWork {
    /// Nothing.
    #[default]
    Idle,
    /// A picture is being decoded.
    Decoding(usize),
    /// One is decoded, and waits for the worker.
    Decoded(usize, Arc<Photo>),
    /// One is being explained.
    Explaining(Box<Explaining>),
    /// Its results are being written.
    Keeping(usize),
}

/// A run of the queue's.
#[derive(Debug, Clone)]
struct Explaining {
    index: usize,
    run: RunId,
    recording: Recording,
    context: RunContext,
    methods: Vec<&'static Method>,
    began: Instant,
}

/// What came of a picture, to be written.
#[derive(Debug, Clone)]
pub struct ToKeep {
    /// What the results are of.
    pub head: Head,
    /// Their folder.
    pub folder: PathBuf,
    /// The picture's place in its dataset.
    pub index: usize,
    /// The class that it is labelled with.
    pub label_class: Option<usize>,
    /// The list to be written of its pictures, if they are in no folder or list of their own.
    pub list: Option<PathBuf>,
    /// What came of it: what the model sees and its run, or why there is none.
    pub came: Result<Box<(Seen, Run)>, String>,
}

impl Queue {
    /// Whether there is something to do, or something being done.
    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty() || !matches!(self.at_work, AtWork::Idle)
    }

    /// The picture that is being explained.
    pub fn at_work(&self) -> Option<usize> {
        match &self.at_work {
            AtWork::Idle => None,
            AtWork::Decoding(index) | AtWork::Decoded(index, _) | AtWork::Keeping(index) => Some(*index),
            AtWork::Explaining(explaining) => Some(explaining.index),
        }
    }

    /// Whether a picture waits.
    pub fn waits(&self, index: usize) -> bool {
        self.waiting.contains(&index)
    }

    /// How many pictures are done of how many, since it was empty.
    pub fn progress(&self) -> (usize, usize) {
        (self.done, self.done + self.waiting.len() + usize::from(self.at_work().is_some()))
    }

    /// How much time is left, as those took that are done; none before the first.
    pub fn left(&self) -> Option<Duration> {
        let each = self.spent.checked_div(u32::try_from(self.done).ok()?)?;
        let left = self.waiting.len() + usize::from(self.at_work().is_some());
        each.checked_mul(u32::try_from(left).ok()?)
    }

    /// The share of the picture under way that is done.
    pub fn share_done(&self) -> f32 {
        if let AtWork::Explaining(explaining) = &self.at_work { explaining.recording.share_done() } else { 0.0 }
    }

    fn take_back(&mut self) {
        if let Some(index) = self.at_work().filter(|_| !matches!(self.at_work, AtWork::Keeping(_))) {
            self.waiting.push_front(index);
            self.at_work = AtWork::Idle;
        }
    }
}

impl State {
    /// What the collection's pictures are asked for with now, and the head of such results; none without a model.
    pub fn asked_of_collection(&self) -> Option<(Asked, Head)> {
        let (collection, model) = (self.collection.as_ref()?, self.model.as_ref()?);
        let asked = Asked {
            dataset: self.source_of(collection),
            shard: None,
            crop: self.asked_of_each.crop,
            profiles: self.profiles,
            bands: self.asked_of_each.bands,
            explained: self.asked_of_each.explained,
            score: self.score,
            methods: self.wanted_methods(),
            metrics: self.asked_of_each.metrics.clone(),
            judge: model.judge.as_ref().map(|judge| judge.choice.title().to_owned()),
            parameters: self.parameters.clone(),
        };
        let head = Head::new(&asked, &collection.dataset, &collection.truths, &model.spec, &model.device);
        Some((asked, head))
    }

    /// What a collection is called in results: pictures that were opened together are a list that is kept beside these.
    fn source_of(&self, collection: &Collection) -> String {
        let kept_in = self.results_folder.as_ref().filter(|_| collection.is_chosen());
        let list = kept_in.map(|results| results.join(LISTS).join(&collection.source).display().to_string());
        list.unwrap_or_else(|| collection.source.clone())
    }

    /// Whether the results in the table are of other parameters, or of another score, than what is asked for now.
    pub fn results_are_old(&self) -> bool {
        let results = self.collection.as_ref().and_then(|collection| collection.results.as_ref());
        results.is_some_and(|(head, _)| {
            let parameters = serde_json::to_value(&self.parameters).unwrap_or_default();
            head.score != self.score || head.parameters != parameters
        })
    }

    /// Explains the pictures that the table shows and that have no results yet, in its order, with what is asked for now.
    /// Results of other parameters are put aside: they stay on the disk.
    pub fn explain_all(&mut self) {
        let Some((asked, head)) = self.asked_of_collection() else { return };
        let Some(results) = &self.results_folder else { return };
        let folder = results.join(head.folder());
        let Some(collection) = &mut self.collection else { return };
        let is_same = collection.results.as_ref().is_some_and(|(own, _)| own.differs_from(&head).is_none());
        let folder = match &collection.results {
            Some((_, folder)) if is_same => folder.clone(),
            _ => folder,
        };
        if !is_same {
            collection.forget_results();
            collection.results = Some((head.clone(), folder.clone()));
        }
        let at_work = self.queue.at_work();
        self.queue.waiting = collection.to_explain().into_iter().filter(|index| Some(*index) != at_work).collect();
        self.queue.asked = Some(Arc::new((asked, head, folder)));
        self.queue.is_held = false;
        (self.queue.done, self.queue.spent) = (0, Duration::ZERO);
    }

    /// Begins no other picture, or goes on.
    pub fn hold_queue(&mut self, is_held: bool) {
        self.queue.is_held = is_held;
    }

    /// Explains no more of them. What is finished stays.
    pub fn cancel_queue(&mut self) {
        if let AtWork::Explaining(_) = mem::take(&mut self.queue).at_work {
            self.outbox.tell(Command::Stop);
        }
    }

    /// Goes on with the queue, if nobody looks at a picture that is to be explained.
    pub(super) fn serve_queue(&mut self, now: Instant) {
        let is_free = self.active().is_none() && self.wants == Wants::Nothing && self.model.is_some();
        if self.queue.is_held || !is_free || self.is_opening() {
            return;
        }
        let Some(asked) = self.queue.asked.clone() else { return };
        let Some(collection) = &self.collection else { return };
        match mem::take(&mut self.queue.at_work) {
            AtWork::Idle => {
                let Some(index) = self.queue.waiting.pop_front() else { return };
                let Some(item) = collection.dataset.items.get(index) else { return };
                if asked.0.explained == Explained::Label && self.class_asked(index).is_none() {
                    self.keep(index, Err(text!("queue-without-label")));
                    return;
                }
                self.queue.at_work = AtWork::Decoding(index);
                self.outbox.leave(Errand::Decode(index, item.path.clone(), self.profiles));
            }
            AtWork::Decoded(index, photo) => {
                let (asked, ..) = &*asked;
                let Some(model) = &self.model else { return };
                self.last_run += 1;
                let run = RunId(self.last_run);
                let context = RunContext {
                    image: collection.dataset.items[index].path.display().to_string(),
                    photo: Arc::clone(&photo),
                    model: Arc::clone(&model.spec),
                    device: model.device.clone(),
                    score: asked.score,
                    crop: asked.crop,
                    parameters: asked.parameters.clone(),
                };
                let request = Request {
                    network: Network::Model,
                    run,
                    photo,
                    crop: asked.crop,
                    class: self.class_asked(index),
                    against: None,
                    score: asked.score,
                    methods: asked.methods.clone(),
                    known: Vec::new(),
                    metrics: asked.metrics.clone(),
                    given: None,
                    marked: collection.dataset.items[index].marked,
                    parameters: asked.parameters.clone(),
                    seeds: 1,
                };
                let methods = asked.methods.clone();
                let recording = Recording::default();
                self.queue.at_work =
                    AtWork::Explaining(Box::new(Explaining { index, run, recording, context, methods, began: now }));
                self.outbox.tell(Command::Explain(Box::new(request)));
            }
            other => self.queue.at_work = other,
        }
    }

    /// A picture of the queue's was decoded, or cannot be.
    pub fn decoded(&mut self, index: usize, photo: Result<Arc<Photo>, String>) {
        if !matches!(self.queue.at_work, AtWork::Decoding(own) if own == index) {
            return;
        }
        match photo {
            Ok(photo) => self.queue.at_work = AtWork::Decoded(index, photo),
            Err(message) => self.keep(index, Err(message)),
        }
    }

    /// Takes in an event of the queue's run; says whether it was of that.
    pub(super) fn absorb_of_queue(&mut self, id: RunId, event: &Event, now: Instant) -> bool {
        let AtWork::Explaining(explaining) = &mut self.queue.at_work else { return false };
        if explaining.run != id {
            return false;
        }
        explaining.recording.absorb(event);
        match explaining.recording.status {
            Status::Running => {}
            // Something else was asked for: it is made again when that is done.
            Status::Stopped => self.queue.take_back(),
            Status::Failed | Status::Finished => {
                let AtWork::Explaining(explaining) = mem::take(&mut self.queue.at_work) else { return true };
                let Explaining { index, recording, context, methods, began, .. } = *explaining;
                self.queue.spent += now.saturating_duration_since(began);
                let failure = if let Event::Failed { message, .. } = event { Some(message.clone()) } else { None };
                let seen = self.seen_of(index, &recording);
                let run = recording.run(context, &methods);
                let came = match (failure, seen.zip(run)) {
                    (None, Some((seen, run))) if run.methods.len() == methods.len() => Ok(Box::new((seen, run))),
                    (failure, _) => Err(failure.unwrap_or_else(|| text!("queue-nothing-came"))),
                };
                self.keep(index, came);
            }
        }
        true
    }

    fn seen_of(&self, index: usize, recording: &Recording) -> Option<Seen> {
        let (collection, model) = (self.collection.as_ref()?, self.model.as_ref()?);
        let seen = recording.seen.as_ref()?;
        let label = collection.truths.classes.get(index).copied().flatten();
        Seen::of(model.spec.head, &seen.answers, label, seen.class.id, |class| model.spec.labels.name(class))
    }

    fn keep(&mut self, index: usize, came: Result<Box<(Seen, Run)>, String>) {
        let (Some(asked), Some(collection)) = (&self.queue.asked, &self.collection) else { return };
        let (_, head, folder) = &**asked;
        let label_class = collection.truths.classes.get(index).copied().flatten();
        self.queue.at_work = AtWork::Keeping(index);
        let list = collection.is_chosen().then(|| PathBuf::from(&head.dataset));
        let to_keep = ToKeep { head: head.clone(), folder: folder.clone(), index, label_class, list, came };
        self.outbox.leave(Errand::Keep(Box::new(to_keep), Arc::clone(&collection.dataset)));
    }

    /// Results were written, or could not be: then the queue ends, as the next ones could not either.
    pub fn kept(&mut self, index: usize, lines: Result<Vec<Line>, String>) {
        if matches!(self.queue.at_work, AtWork::Keeping(own) if own == index) {
            self.queue.at_work = AtWork::Idle;
        }
        match lines {
            Ok(lines) => {
                self.queue.done += 1;
                if let Some(collection) = &mut self.collection {
                    collection.take_lines(lines);
                }
                if !self.queue.is_busy() {
                    let (done, _) = self.queue.progress();
                    self.messages.note(text!("told-queue-done", pictures = done));
                    self.queue = Queue::default();
                }
            }
            Err(message) => {
                self.queue = Queue::default();
                self.messages.error(message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_as_many_pictures_as_those_that_are_done() {
        let waiting: VecDeque<usize> = (3..8).collect();
        let mut queue = Queue { waiting, at_work: AtWork::Decoding(2), ..Queue::default() };
        assert_eq!((queue.progress(), queue.left()), ((0, 6), None), "nobody knows before the first");
        (queue.done, queue.spent) = (2, Duration::from_secs(3));
        assert_eq!((queue.progress(), queue.left()), ((2, 8), Some(Duration::from_secs(9))), "six of 1.5 s each");
        (queue.waiting, queue.at_work) = (VecDeque::new(), AtWork::Idle);
        assert_eq!((queue.left(), queue.is_busy()), (Some(Duration::ZERO), false));
    }
}
