//! One background thread that owns the model: commands in, events out.
//!
//! The thread and its handle share two channels and the [`Control`] of the run under way, nothing else. Whatever goes
//! wrong in a job is an [`Event::Failed`]; the thread lives on. Pictures are decoded on threads of their own, so that
//! the first of many is explained while the others are still being read.

mod jobs;
mod protocol;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};

pub use protocol::{Command, Event, Request, RunId, Source, THUMBNAIL_SIDE};

use crate::{device::DeviceChoice, explain::Control, nn::give_way};
use jobs::Host;

/// How to host the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostOptions {
    /// The device asked for.
    pub device: DeviceChoice,
    /// CPU threads to compute with; 0 is one a core.
    pub threads: usize,
    /// Width and height of the pictures the model is to see, in pixels; its own if none.
    pub input_size: Option<usize>,
    /// Whether other threads go first where there is more work than cores, so that a window stays smooth.
    pub gives_way: bool,
}

/// The handle to the background thread. Dropping it ends the run under way and the thread.
#[derive(Debug)]
pub struct Worker {
    jobs: Sender<Job>,
    speaker: Speaker,
    events: Receiver<Event>,
    current: Mutex<Arc<Control>>,
}

/// What the thread is given to do.
enum Job {
    Host(HostOptions),
    Explain(Box<Request>, Arc<Control>),
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
        Event::Opened { photo, .. } => tracing::info!(picture = photo.name, "opened"),
        Event::Predicted { class, .. } => {
            tracing::info!(class = class.name, probability = class.probability, "predicted")
        }
        Event::Step { step, .. } => {
            tracing::info!(iteration = step.iteration, score = step.score, step = step.step, "step");
        }
        Event::Judged { method, curves, .. } => {
            tracing::info!(%method, deletion = curves.deletion(), insertion = curves.insertion(), "judged");
        }
        Event::Finished { .. } => tracing::info!("run finished"),
        Event::Cancelled { .. } => tracing::info!("run cancelled"),
        Event::Failed { message, .. } => tracing::warn!("{message}"),
        Event::Started { .. } | Event::Progress { .. } | Event::Explained { .. } | Event::CurvePoint { .. } => {}
    }
}

impl Worker {
    /// Starts the thread and lets it load the default model; [`Event::ModelReady`] follows.
    ///
    /// `wake` is called after every event, from the thread that says it.
    pub fn start(options: HostOptions, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (jobs, received) = unbounded();
        let (said, events) = unbounded();
        // The other end is just above, so this cannot fail.
        let _ = jobs.send(Job::Host(options));
        let speaker = Speaker { events: said, wake: Arc::new(wake) };
        let own = speaker.clone();
        let started = thread::Builder::new().name("worker".to_owned()).spawn(move || work(&received, &own));
        if let Err(error) = started {
            let message = format!("The background thread could not be started, so nothing can be explained: {error}");
            speaker.say(Event::Failed { run: None, message });
        }
        Self { jobs, speaker, events, current: Mutex::default() }
    }

    /// Says something to the worker. Never waits: pause, resume and stop take effect at the next batch,
    /// and a new picture, request or host ends the run under way at once.
    pub fn send(&self, command: Command) {
        match command {
            Command::Open(sources) => {
                // The run under way makes room for the first of them.
                self.current().cancel();
                self.open(sources);
            }
            Command::Explain(request) => self.replace(|control| Job::Explain(request, control)),
            Command::Host(options) => self.replace(|_| Job::Host(options)),
            Command::Pause => self.current().pause(),
            Command::Resume => self.current().resume(),
            Command::Stop => self.current().cancel(),
        }
    }

    /// What the worker says.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Whether the run under way is being held.
    pub fn is_paused(&self) -> bool {
        self.current().is_paused()
    }

    /// Decodes pictures, one after the other.
    fn open(&self, sources: Vec<Source>) {
        let (speaker, count) = (self.speaker.clone(), sources.len());
        let body = move || {
            for source in &sources {
                let opened = guarded(|| Ok(jobs::open(source)));
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
        let stale = std::mem::replace(&mut *self.current(), Arc::clone(&control));
        stale.cancel();
        // Without a thread there is nobody to take it: that was said when the start failed.
        let _ = self.jobs.send(job(control));
    }

    fn current(&self) -> MutexGuard<'_, Arc<Control>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.current().cancel();
    }
}

/// The thread: does one job after the other until the handle is gone. The first one loads the model.
fn work(jobs: &Receiver<Job>, speaker: &Speaker) {
    let mut host = None;
    for job in jobs {
        let run = match &job {
            Job::Host(..) => None,
            Job::Explain(request, _) => Some(request.run),
        };
        let done = guarded(|| match job {
            Job::Host(options) => {
                if options.gives_way {
                    give_way();
                }
                // One that cannot be loaded leaves the one before.
                host = Some(Host::load(options, speaker)?);
                Ok(())
            }
            Job::Explain(request, control) => match &host {
                Some(host) => host.explain(&request, &control, speaker),
                None => Err("There is no model to ask: see the first message".to_owned()),
            },
        });
        if let Err(message) = done {
            speaker.say(Event::Failed { run, message });
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
        #[expect(clippy::panic, reason = "the panic is the point")]
        let result: Result<(), String> = guarded(|| panic!("tile {} fell", 3));
        assert!(result.is_err_and(|message| message.contains("tile 3 fell")));
    }
}
