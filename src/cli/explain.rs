//! `igoscope explain`: a reader of the worker's events that prints and writes.

use std::{
    collections::HashSet,
    iter, mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    ExplainArguments, ReaderLeft,
    arguments::ClassWanted,
    fetch_bar,
    output::{print, safe},
    print::{Judged, print_means, print_results},
};
use crate::{
    explain::{Control, Parameters, Prediction, Run},
    export::{
        Config, Place, Section, Style, check_folder, make_folder, pixels_sha256, place, report_page, report_section,
        run_json, short, write_report, write_run,
    },
    imaging::{Photo, Profiles, SAMPLES},
    model::{Answer, Found, Head, ModelSpec},
    worker::{Command, Event, Recording, Request, RunContext, RunId, Seen, Source, Status, Worker},
};

/// Explains every picture. One that fails is told in one line on standard error, and the others go on.
///
/// # Errors
/// Nothing could be explained at all, or, after all were tried, some could not.
pub fn explain(arguments: &ExplainArguments) -> Result<()> {
    let mut arguments = arguments.clone();
    let config = arguments.config.as_deref().map(Config::read).transpose()?;
    // A picture named here is another one than the record's.
    let expected = config.as_ref().filter(|_| arguments.images.is_empty()).map(|config| config.image_sha256.clone());
    if let Some(config) = &config {
        arguments.fill_from(config);
    }
    let base = config.as_ref().map_or_else(Parameters::default, |config| config.parameters.clone());
    let parameters = arguments.parameters.applied_to(&base);
    if let Some(out) = &arguments.out {
        check_folder(out)?;
    }
    let mut reader = Reader::start(&arguments)?;
    if let Some(config) = &config {
        reader.check_model(config)?;
    }
    let side = reader.spec.side();
    parameters.check(side)?;
    let class = reader.class(arguments.class.as_ref())?;
    let against = reader.class(arguments.against.as_ref())?;
    let score = arguments.score.unwrap_or(reader.spec.head.measure());
    reader.spec.check_score(score)?;
    let mut folders = Folders::default();
    let mut failures = Vec::new();
    let mut finished = Vec::new();
    let mut sections = Vec::new();
    for (index, path) in arguments.images.iter().enumerate() {
        let explained = reader.open(path, arguments.profiles.unwrap_or_default()).and_then(|photo| {
            if let Some(expected) = &expected {
                check_picture(path, &photo, expected)?;
            }
            let request = Request {
                run: RunId(index as u64),
                photo,
                crop: arguments.crop.unwrap_or_default(),
                class,
                against,
                score,
                methods: arguments.methods(),
                known: Vec::new(),
                parameters: parameters.clone(),
                seeds: usize::from(arguments.seeds),
            };
            let run = reader.explain(path, request)?;
            reader.deliver(&run, &arguments, &mut folders)?;
            if arguments.report {
                sections.push(report_section(&run, Style::default()));
            }
            finished.push(Judged::of(&run));
            Ok(())
        });
        match explained {
            Ok(()) => {}
            Err(error) if error.is::<ReaderLeft>() => return Err(error),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    if let Some(out) = arguments.out.as_deref().filter(|_| !sections.is_empty()) {
        match deliver_report(out, &sections, arguments.json) {
            Ok(()) => {}
            Err(error) if error.is::<ReaderLeft>() => return Err(error),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    if finished.len() > 1 && !arguments.json {
        print_means(&finished)?;
    }
    match failures.pop() {
        None => Ok(()),
        Some(last) => {
            for failure in &failures {
                eprintln!("igoscope: {}", safe(failure));
            }
            Err(anyhow!(last))
        }
    }
}

/// A run can only be done again on the picture that it was done on.
fn check_picture(path: &Path, photo: &Photo, expected: &str) -> Result<()> {
    anyhow::ensure!(
        pixels_sha256(photo) == expected,
        "this is not the picture that the run was made with: its pixels differ; to explain it all the same, name it \
         as IMAGE: {}",
        path.display()
    );
    Ok(())
}

/// Writes the report of all pictures.
fn deliver_report(out: &Path, sections: &[Section], quiet: bool) -> Result<()> {
    make_folder(out)?;
    let path = out.join("report.html");
    write_report(&path, &report_page(sections)?)?;
    if quiet { Ok(()) } else { print(&format!("report written to {}", path.display())) }
}

/// Reads what the worker says.
struct Reader {
    worker: Worker,
    spec: Arc<ModelSpec>,
    device: String,
    quiet: bool,
}

impl Reader {
    /// Waits for the model.
    fn start(arguments: &ExplainArguments) -> Result<Self> {
        let worker = Worker::start(arguments.host.options(), || {});
        let bar = fetch_bar::hidden_if(arguments.json);
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
                    if let Some(guess) = spec.head_guess() {
                        eprintln!("igoscope: {guess}; --head binary or regression says which it is");
                    }
                    return Ok(Self { worker, spec, device, quiet: arguments.json });
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
    fn class(&self, wanted: Option<&ClassWanted>) -> Result<Option<usize>> {
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

    /// Another model would give other numbers.
    fn check_model(&self, config: &Config) -> Result<()> {
        let (wanted, hosted) = (&config.model, &self.spec.name);
        anyhow::ensure!(wanted == hosted, "the run was made with the model {wanted}, and this is {hosted}");
        let is_same = config.weights_sha256.is_none() || config.weights_sha256 == self.spec.sha256;
        anyhow::ensure!(is_same, "the weights of {hosted} are not those that the run was made with");
        Ok(())
    }

    fn next(&self) -> Result<Event> {
        self.worker.events().recv().context("the background thread ended")
    }

    fn open(&self, path: &Path, profiles: Profiles) -> Result<Arc<Photo>> {
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

    fn explain(&mut self, path: &Path, request: Request) -> Result<Run> {
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
        let run = recording.run(context, &wanted).context("the worker finished without a prediction")?;
        let finished = run.methods.len();
        anyhow::ensure!(finished == wanted.len(), "the worker finished {finished} of {} methods", wanted.len());
        Ok(run)
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

    /// Prints and writes a finished run.
    fn deliver(&self, run: &Run, arguments: &ExplainArguments, folders: &mut Folders) -> Result<()> {
        if arguments.json {
            print(&run_json(run, &run.image, &[], false)?)?;
        } else {
            print_results(run)?;
        }
        let Some(out) = &arguments.out else { return Ok(()) };
        let Place { path: folder, replaced } = folders.fresh(out, run);
        let bar = progress_bar(self.quiet);
        bar.set_message("writing");
        write_run(run, Style::default(), arguments.outputs(), &folder, &Control::default(), &mut |done, files| {
            bar.set_length(files as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        if !replaced.is_empty() {
            let (methods, folder) = (replaced.join(", "), folder.display());
            eprintln!(
                "igoscope: the earlier results of {methods} were replaced by this run's, which has none: {folder}"
            );
        }
        if arguments.json { Ok(()) } else { print(&format!("  written to {}", folder.display())) }
    }
}

/// A file, or the sample picture that the window calls so.
fn source(path: &Path) -> Source {
    let sample = SAMPLES.iter().position(|sample| path == Path::new(sample.name));
    sample.filter(|_| !path.exists()).map_or_else(|| Source::File(path.to_owned()), Source::Sample)
}

/// Folders given out in this call: pictures of one name get one each.
#[derive(Default)]
struct Folders(HashSet<PathBuf>);

impl Folders {
    fn fresh(&mut self, out: &Path, run: &Run) -> Place {
        let place = place(out, run, |path| self.0.contains(path));
        self.0.insert(place.path.clone());
        place
    }
}

/// A bar on a terminal's standard error; nothing elsewhere.
fn progress_bar(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("  {bar:32} {percent:>3} %  {msg}  {eta} left");
    ProgressBar::new(1).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
