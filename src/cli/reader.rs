//! What every command without a window does with the worker: waits for the model, opens, explains.

use std::{iter, mem, path::Path, sync::Arc};

use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    arguments::{ClassWanted, HostArguments},
    fetch_bar,
    output::{print, safe},
};
use crate::{
    explain::{Prediction, Run},
    export::short,
    imaging::{Photo, Profiles, SAMPLES},
    model::{Answer, Found, GraphGuess, Head, ModelSpec},
    worker::{Command, Event, Recording, Request, RunContext, Seen, Source, Status, Worker},
};

/// Reads what the worker says.
pub struct Reader {
    worker: Worker,
    /// The model.
    pub spec: Arc<ModelSpec>,
    /// The device it runs on, in words.
    pub device: String,
    quiet: bool,
}

impl Reader {
    /// Waits for the model, and says on standard error what of it is a guess. A `quiet` one says nothing else.
    ///
    /// # Errors
    /// The model cannot be had or hosted.
    pub fn start(host: &HostArguments, quiet: bool) -> Result<Self> {
        let worker = Worker::start(host.options(), || {});
        let bar = fetch_bar::hidden_if(quiet);
        let mut is_without_token = false;
        loop {
            match worker.events().recv().context("the background thread ended before the model was loaded")? {
                Event::Fetching { title, progress } => {
                    if progress.is_without_token && !mem::replace(&mut is_without_token, true) {
                        bar.suspend(|| eprintln!("{}", fetch_bar::WITHOUT_TOKEN));
                    }
                    fetch_bar::show(&bar, &title, progress);
                }
                Event::ModelReady { judge: Some(Err(message)), .. } => {
                    bar.finish_and_clear();
                    return Err(anyhow!(message));
                }
                Event::ModelReady { spec, device, fallback, .. } => {
                    bar.finish_and_clear();
                    if let Some(why) = fallback {
                        eprintln!("igoscope: {why}");
                    }
                    if let Some(guess) = spec.guess() {
                        let twins = spec.guesses.twins.iter().map(|twin| twin.name());
                        let names: Vec<&str> = iter::once(spec.architecture.as_str()).chain(twins).collect();
                        eprintln!("igoscope: {guess}; --architecture {} says which it is", names.join(" or "));
                    }
                    if let (Some(guess), Some(dicts)) = (spec.state_dict_guess(), &spec.state_dicts) {
                        eprintln!("igoscope: {guess}; --state-dict {} says which", dicts.names().join(" or "));
                    }
                    if let Some(guess) = spec.heads_guess() {
                        eprintln!("igoscope: {guess}; --heads says otherwise");
                    }
                    if let Some(guess) = spec.settings_guess() {
                        eprintln!("igoscope: {guess}; --architecture {} says that they are", spec.architecture);
                    }
                    for (guess, remedy) in [
                        (GraphGuess::Normalisation, "--mean and --std say otherwise"),
                        (GraphGuess::Size, "--input-size says otherwise"),
                        (GraphGuess::Output, "--output says which"),
                    ] {
                        if let Some(guess) = spec.graph_guess(guess) {
                            eprintln!("igoscope: {guess}; {remedy}, as does a manifest beside the file");
                        }
                    }
                    if let Some(guess) = spec.head_guess() {
                        eprintln!("igoscope: {guess}; --head binary or regression says which it is");
                    }
                    return Ok(Self { worker, spec, device, quiet });
                }
                Event::FetchFailed { message, .. } => {
                    bar.finish_and_clear();
                    return Err(anyhow!("{message}; or give a file with --weights"));
                }
                Event::Failed { message, .. } | Event::ModelFailed { message } => {
                    bar.finish_and_clear();
                    return Err(anyhow!(message));
                }
                other => return Err(anyhow!("the worker began with {other:?}")),
            }
        }
    }

    /// The number of the class that the user named, if one was.
    ///
    /// # Errors
    /// The model has no such class.
    pub fn class(&self, wanted: Option<&ClassWanted>) -> Result<Option<usize>> {
        let labels = &self.spec.labels;
        let text = match wanted {
            None => return Ok(None),
            Some(ClassWanted::Number(number)) => {
                self.spec.check_class(*number)?;
                return Ok(Some(*number));
            }
            Some(ClassWanted::Text(text)) => text,
        };
        let Found { class, numbered } = labels.find(text).map_err(|why| anyhow!(why))?;
        if let Some(numbered) = numbered {
            let (text, other) = (safe(text.trim()), safe(&labels.name(numbered)));
            eprintln!(
                "igoscope: “{text}” is the name of class {class} and the number of “{other}”: the name counts; to mean the \
                 number, give that class's name"
            );
        }
        Ok(Some(class))
    }

    fn next(&self) -> Result<Event> {
        self.worker.events().recv().context("the background thread ended")
    }

    /// Decodes a picture, and says on standard error what is odd about it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(&self, path: &Path, profiles: Profiles) -> Result<Arc<Photo>> {
        self.worker.send(Command::Open(vec![source(path)], profiles));
        loop {
            match self.next()? {
                Event::Opened { photo, .. } => {
                    photo.warnings.iter().for_each(|warning| eprintln!("igoscope: {}", safe(warning)));
                    return Ok(photo);
                }
                Event::Failed { message, .. } => return Err(anyhow!(message)),
                _ => {}
            }
        }
    }

    /// Explains a picture: what came of it, and what the model makes of it.
    ///
    /// # Errors
    /// It could not be explained.
    pub fn explain(&mut self, path: &Path, request: Request) -> Result<(Run, Seen)> {
        let wanted = request.methods.clone();
        let context = RunContext {
            image: path.display().to_string(),
            photo: Arc::clone(&request.photo),
            model: Arc::clone(&self.spec),
            device: self.device.clone(),
            score: request.score,
            crop: request.crop,
            parameters: request.parameters.clone(),
        };
        let mut recording = Recording::default();
        let bar = progress_bar(self.quiet);
        self.worker.send(Command::Explain(Box::new(request)));
        while recording.status == Status::Running {
            let event = self.next()?;
            recording.absorb(&event);
            match event {
                Event::Predicted { .. } => self.print_predictions(&context, &recording)?,
                Event::Started { method, .. } => bar.set_message(method.title),
                Event::Progress { done, total, .. } => {
                    bar.set_length(total as u64);
                    bar.set_position(done as u64);
                }
                Event::Iteration { method, iteration, .. } => {
                    let all = method.iterations(&context.parameters);
                    bar.set_message(format!("{}, iteration {} of {all}", method.title, iteration.number));
                }
                Event::Failed { message, .. } => return Err(anyhow!("{message}: {}", path.display())),
                Event::Cancelled { .. } => return Err(anyhow!("the explanation was cancelled: {}", path.display())),
                _ => {}
            }
        }
        bar.finish_and_clear();
        let seen = recording.seen.clone().context("the worker finished without a prediction")?;
        let run = recording.run(context, &wanted).context("the worker finished without a prediction")?;
        let finished = run.methods.len();
        anyhow::ensure!(finished == wanted.len(), "the worker finished {finished} of {} methods", wanted.len());
        Ok((run, seen))
    }

    fn print_predictions(&self, context: &RunContext, recording: &Recording) -> Result<()> {
        let Some(Seen { class, against, top, .. }) = recording.seen.as_ref().filter(|_| !self.quiet) else {
            return Ok(());
        };
        print(&format!("{} · {} · {}", context.image, self.spec.title, self.device))?;
        let unlisted = |wanted: &&Prediction| !top.iter().any(|prediction| prediction.id == wanted.id);
        let others = [Some(class), against.as_ref()].into_iter().flatten().filter(unlisted);
        for prediction in top.iter().chain(others) {
            let mark = if prediction.id == class.id {
                "  ← explained"
            } else if against.as_ref().is_some_and(|against| against.id == prediction.id) {
                "  ← rather than this"
            } else {
                ""
            };
            let number = match prediction.answer {
                Answer::Probability(probability) => format!("{:5.1} %", 100.0 * probability),
                Answer::Output(output) => format!("{:>7}", short(f64::from(output))),
            };
            print(&format!("  {number}  {} ({}){mark}", prediction.name, prediction.id))?;
        }
        if self.spec.head != Head::Softmax {
            print(&format!("  {}", self.spec.head.words()))?;
        }
        if let Some(profile) = context.photo.colours.profile.as_ref().filter(|_| context.photo.colours.converted) {
            print(&format!("  colours converted from “{profile}” to sRGB"))?;
        }
        if !context.score.is_measure() {
            print(&format!("  explained by its {}; curves show its probability", context.score.name()))?;
        }
        Ok(())
    }
}

/// A file, or the sample picture that the window calls so.
fn source(path: &Path) -> Source {
    let sample = SAMPLES.iter().position(|sample| path == Path::new(sample.name));
    sample.filter(|_| !path.exists()).map_or_else(|| Source::File(path.to_owned()), Source::Sample)
}

/// A bar on a terminal's standard error; nothing elsewhere.
pub fn progress_bar(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("  {bar:32} {percent:>3} %  {msg}  {eta} left");
    ProgressBar::new(1).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
