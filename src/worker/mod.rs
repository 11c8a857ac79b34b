//! One background thread that hosts the model: commands in, events out.
//!
//! The thread and its handle share two channels and the [`Control`] of the run under way, nothing else. Whatever goes
//! wrong in a job is an [`Event::Failed`]; the thread lives on. Pictures are decoded on threads of their own, so that
//! the first of many is explained while the others are still being read, and a model that must be fetched first comes on
//! one too, so that work goes on meanwhile (`fetch.rs`).
//!
//! Beside it a second thread answers [`Probe`]s with the same model, so that no run, not even one that is held, has to
//! end for them. Its few samples are computed by the model's own threads, between those of the run. A third classifies
//! pictures by the folder in the same way.

mod classify;
mod fetch;
mod jobs;
mod prober;
mod protocol;
mod recording;
mod run;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};

pub(crate) use jobs::thumbnail;
pub use protocol::{
    AlsoHosted, Classified, Command, Event, Network, Probe, ProbeId, Request, RunId, Source, THUMBNAIL_SIDE, ToClassify,
};
pub use recording::{MethodRecord, Recording, RunContext, Seen, Status};

use crate::{
    device::{DeviceChoice, Precision},
    explain::Control,
    imaging::{Profiles, Size},
    model::{Classifier, Hub, ModelChoice, Said},
    nn::lower_priority,
};
use jobs::Host;

/// Which model to host, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostOptions {
    /// The model.
    pub model: ModelChoice,
    /// What is said of a file, whatever stands beside it says.
    pub said: Said,
    /// A text file with the names of the model's classes, one a line; those that came with it if none.
    pub labels: Option<PathBuf>,
    /// Where a model of the catalogue comes from, and is kept.
    pub hub: Hub,
    /// The device asked for.
    pub device: DeviceChoice,
    /// The numbers a GPU computes with.
    pub precision: Precision,
    /// CPU threads to compute with; 0 is one a core.
    pub threads: usize,
    /// Width and height of the pictures the model is to see, in pixels; its own if none.
    pub input_size: Option<Size>,
    /// Another network that judges the maps as well, on the same picture and class: one with the same classes.
    pub judge: Option<ModelChoice>,
    /// Another network that stands beside the model: it can be asked the same, about pictures by the folder too.
    pub beside: Option<ModelChoice>,
    /// Whether other threads go first where there is more work than cores, so that a window stays smooth.
    pub gives_way: bool,
}

/// The handle to the background thread. Dropping it ends the run and the download under way, and the thread.
#[derive(Debug)]
pub struct Worker {
    shared: Arc<Shared>,
    probes: Sender<Probe>,
    lists: Sender<ToClassify>,
    events: Receiver<Event>,
}

/// What whoever gives jobs shares.
#[derive(Debug)]
struct Shared {
    jobs: Sender<Job>,
    speaker: Speaker,
    current: Mutex<Arc<Control>>,
    /// The download under way, or the last one.
    fetch: Mutex<Arc<Control>>,
}

/// What the thread is given to do.
#[derive(Debug)]
enum Job {
    Host(Box<HostOptions>),
    Explain(Box<Request>, Arc<Control>),
}

/// The hosted networks, once there are some, where all threads find them.
type Hosted = Arc<Mutex<Networks>>;

/// The hosted model, and the network that stands beside it.
#[derive(Clone, Default)]
struct Networks {
    model: Option<Arc<dyn Classifier>>,
    beside: Option<Arc<dyn Classifier>>,
}

impl Networks {
    fn get(&self, network: Network) -> Option<&Arc<dyn Classifier>> {
        match network {
            Network::Model => self.model.as_ref(),
            Network::Beside => self.beside.as_ref(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Classifier>> {
        self.model.iter().chain(&self.beside)
    }
}

/// Sends events and wakes whoever reads them.
#[derive(Clone)]
struct Speaker {
    events: Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Speaker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Speaker").finish_non_exhaustive()
    }
}

impl Speaker {
    /// Says something. Nobody listens any more when the handle is gone; a run then ends at its next checkpoint.
    fn say(&self, event: Event) {
        let _ = self.is_heard(event);
    }

    /// Says something, and whether anybody listens.
    fn is_heard(&self, event: Event) -> bool {
        log(&event);
        let sent = self.events.send(event).is_ok();
        (self.wake)();
        sent
    }
}

/// What someone who follows along with `IGOSCOPE_LOG=igoscope=info` reads.
fn log(event: &Event) {
    match event {
        Event::ModelReady { spec, device, .. } => tracing::info!(model = spec.name, device, "model ready"),
        Event::Opened { photo, .. } => {
            tracing::info!(picture = photo.name, "opened");
            photo.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        }
        Event::Predicted { class, .. } => {
            tracing::info!(class = class.name, answer = class.answer.number(), "predicted")
        }
        Event::Iteration { method, iteration, .. } => {
            let terms = iteration.terms.iter().zip(&iteration.values);
            let words: Vec<String> = terms.map(|(term, value)| format!("{} {value}", term.name)).collect();
            tracing::info!(%method, iteration = iteration.number, "{}", words.join(", "));
        }
        Event::Judged { method, curves, .. } => {
            tracing::info!(%method, deletion = curves.deletion(), insertion = curves.insertion(), "judged");
        }
        Event::Finished { .. } => tracing::info!("run finished"),
        Event::Cancelled { .. } => tracing::info!("run cancelled"),
        Event::FetchStopped => tracing::info!("download stopped"),
        Event::Failed { message, .. } | Event::FetchFailed { message, .. } | Event::ModelFailed { message } => {
            tracing::warn!("{message}")
        }
        Event::Fetching { .. }
        | Event::Started { .. }
        | Event::Progress { .. }
        | Event::Explained { .. }
        | Event::CurvePoint { .. }
        | Event::SecondJudged { .. }
        | Event::RandomJudged { .. }
        | Event::Spread { .. }
        | Event::Measured { .. }
        | Event::Probed { .. }
        | Event::Classified { .. } => {}
    }
}

impl Worker {
    /// Starts the thread and lets it host a model; [`Event::ModelReady`] follows, or [`Event::ModelFailed`].
    ///
    /// `wake` is called after every event, from the thread that says it.
    pub fn start(options: HostOptions, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (jobs, received) = unbounded();
        let (probes, probed) = unbounded();
        let (lists, listed) = unbounded();
        let (said, events) = unbounded();
        let speaker = Speaker { events: said, wake: Arc::new(wake) };
        let hosted = Hosted::default();
        let (own, own_hosted) = (speaker.clone(), Arc::clone(&hosted));
        let probing = speaker.clone();
        let thread = |name: &str| thread::Builder::new().name(name.to_owned());
        let started = thread("worker").spawn(move || work(&received, &own_hosted, &own));
        let (classifying, classified_by, gives_way) = (speaker.clone(), Arc::clone(&hosted), options.gives_way);
        let prober = thread("prober").spawn(move || prober::answer(&probed, &hosted, &probing));
        let classifies = move || classify::answer(&listed, &classified_by, gives_way, &classifying);
        let classifier = thread("classify").spawn(classifies);
        if let Err(error) = started.and(prober).and(classifier) {
            let message = format!("The background thread could not be started, so nothing can be explained: {error}");
            speaker.say(Event::Failed { run: None, message });
        }
        let worker = Self {
            shared: Arc::new(Shared { jobs, speaker, current: Mutex::default(), fetch: Mutex::default() }),
            probes,
            lists,
            events,
        };
        worker.send(Command::Host(Box::new(options)));
        worker
    }

    /// Says something to the worker. Never waits: pause, resume and stop take effect at the next batch,
    /// and a new picture, request or host ends the run under way at once.
    pub fn send(&self, command: Command) {
        let shared = &self.shared;
        match command {
            Command::Open(sources, profiles) => {
                // The run under way makes room for the first of them.
                lock(&shared.current).cancel();
                shared.open(sources, profiles);
            }
            Command::Explain(request) => shared.replace(|control| Job::Explain(request, control)),
            Command::Host(options) => fetch::host(shared, options),
            // Without a thread nobody answers: that was said when the start failed.
            Command::Probe(probe) => drop(self.probes.send(*probe)),
            Command::Classify(list) => drop(self.lists.send(*list)),
            Command::StopFetching => lock(&shared.fetch).cancel(),
            Command::Pause => lock(&shared.current).pause(),
            Command::Resume => lock(&shared.current).resume(),
            Command::Stop => lock(&shared.current).cancel(),
        }
    }

    /// What the worker says.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Whether the run under way is being held.
    pub fn is_paused(&self) -> bool {
        lock(&self.shared.current).is_paused()
    }
}

impl Shared {
    /// Decodes pictures, one after the other.
    fn open(&self, sources: Vec<Source>, profiles: Profiles) {
        let (speaker, count) = (self.speaker.clone(), sources.len());
        let body = move || {
            for source in &sources {
                let opened = guarded(|| Ok(jobs::open(source, profiles)));
                let event = opened.unwrap_or_else(|message| Event::Failed { run: None, message });
                if !speaker.is_heard(event) {
                    return;
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("open".to_owned()).spawn(body) {
            for _ in 0..count {
                self.speaker.say(Event::Failed { run: None, message: format!("no thread can be started: {error}") });
            }
        }
    }

    /// Ends the job under way and hands over a new one.
    fn replace(&self, job: impl FnOnce(Arc<Control>) -> Job) {
        let control = Arc::new(Control::default());
        let stale = std::mem::replace(&mut *lock(&self.current), Arc::clone(&control));
        stale.cancel();
        // Without a thread there is nobody to take it: that was said when the start failed.
        let _ = self.jobs.send(job(control));
    }
}

fn lock(control: &Mutex<Arc<Control>>) -> MutexGuard<'_, Arc<Control>> {
    control.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Worker {
    fn drop(&mut self) {
        lock(&self.shared.current).cancel();
        lock(&self.shared.fetch).cancel();
    }
}

/// The thread: does one job after the other until the handle is gone. The first one loads the model.
fn work(jobs: &Receiver<Job>, hosted: &Hosted, speaker: &Speaker) {
    let mut host = None;
    for job in jobs {
        let (run, hosts) = match &job {
            Job::Host(..) => (None, true),
            Job::Explain(request, _) => (Some(request.run), false),
        };
        let done = guarded(|| match job {
            Job::Host(options) => {
                if options.gives_way {
                    lower_priority();
                }
                // One that cannot be loaded leaves the one before.
                let loaded = Host::load(&options, speaker)?;
                *hosted.lock().unwrap_or_else(PoisonError::into_inner) = loaded.networks();
                host = Some(loaded);
                Ok(())
            }
            Job::Explain(request, control) => match &host {
                Some(host) => host.explain(&request, &control, speaker),
                None => Err("There is no model to ask: see the first message".to_owned()),
            },
        });
        if let Err(message) = done {
            speaker.say(if hosts { Event::ModelFailed { message } } else { Event::Failed { run, message } });
        }
    }
}

/// Turns a panic into a message. The state it may leave behind is the job's own and dropped with it.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let cause = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no reason given".to_owned());
        Err(format!("igoscope made a mistake it did not expect ({cause}); the picture is kept, try again"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_job_becomes_a_message() {
        let result: Result<(), String> = guarded(|| panic!("tile {} fell", 3));
        assert!(result.is_err_and(|message| message.contains("tile 3 fell")));
    }
}
