//! `igoscope explain`: a reader of the worker's events that prints and writes.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use super::ExplainArguments;
use crate::{
    explain::{Curves, Explanation, Finished, MethodKind, Prediction, Run},
    export::{Style, folder_name, run_json, write_run},
    imaging::Photo,
    model::{Input, ModelSpec, Score},
    worker::{Command, Event, Request, RunId, Source, Worker},
};

/// Explains every picture. One that fails is told in one line on standard error, and the others go on.
///
/// # Errors
/// Nothing could be explained at all, or, after all were tried, some could not.
pub fn explain(arguments: &ExplainArguments) -> Result<()> {
    let parameters = arguments.parameters();
    let mut reader = Reader::start(arguments)?;
    let side = reader.spec.side();
    parameters.igos.check(side)?;
    parameters.integrated_gradients.check()?;
    parameters.curves.check(side)?;
    let class = reader.class(arguments.class.as_deref())?;
    let against = reader.class(arguments.against.as_deref())?;
    let mut folders = Folders::default();
    let mut failures = Vec::new();
    let mut finished = Vec::new();
    for (index, path) in arguments.images.iter().enumerate() {
        let explained = reader.open(path).and_then(|photo| {
            let request = Request {
                run: RunId(index as u64),
                photo,
                crop: arguments.crop,
                class,
                against,
                score: arguments.score,
                methods: arguments.methods.clone(),
                known: Vec::new(),
                parameters: parameters.clone(),
            };
            let run = reader.explain(path, request)?;
            reader.deliver(&run, arguments, &mut folders)?;
            finished.push(run.methods);
            Ok(())
        });
        if let Err(error) = explained {
            failures.push(format!("{error:#}"));
        }
    }
    if finished.len() > 1 && !arguments.json {
        print_means(&finished)?;
    }
    match failures.pop() {
        None => Ok(()),
        Some(last) => {
            for failure in &failures {
                eprintln!("igoscope: {failure}");
            }
            Err(anyhow!(last))
        }
    }
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
        match worker.events().recv().context("the background thread ended before the model was loaded")? {
            Event::ModelReady { spec, device, fallback, .. } => {
                if let Some(why) = fallback {
                    eprintln!("igoscope: {why}");
                }
                Ok(Self { worker, spec, device, quiet: arguments.json })
            }
            Event::Failed { message, .. } => Err(anyhow!(message)),
            other => Err(anyhow!("the worker began with {other:?}")),
        }
    }

    /// The number of the class that the user named, if one was.
    fn class(&self, text: Option<&str>) -> Result<Option<usize>> {
        text.map(|text| self.spec.labels.find(text).map_err(|why| anyhow!(why))).transpose()
    }

    fn next(&self) -> Result<Event> {
        self.worker.events().recv().context("the background thread ended")
    }

    fn open(&self, path: &Path) -> Result<Arc<Photo>> {
        self.worker.send(Command::Open(vec![Source::File(path.to_owned())]));
        loop {
            match self.next()? {
                Event::Opened { photo, .. } => return Ok(photo),
                Event::Failed { message, .. } => return Err(anyhow!(message)),
                _ => {}
            }
        }
    }

    fn explain(&mut self, path: &Path, request: Request) -> Result<Run> {
        let wanted = request.methods.len();
        let iterations = request.parameters.igos.iterations;
        let (crop, score) = (request.crop, request.score);
        let mut partial = Partial::default();
        let bar = progress_bar(self.quiet);
        self.worker.send(Command::Explain(Box::new(request)));
        loop {
            match self.next()? {
                Event::Predicted { input, class, against, value, top, .. } => {
                    self.print_predictions(path, score, &class, against.as_ref(), &top)?;
                    partial.predicted = Some(Seen { input, class, against, value, top });
                }
                Event::Started { method, .. } => bar.set_message(method.title()),
                Event::Progress { done, total, .. } => {
                    bar.set_length(total as u64);
                    bar.set_position(done as u64);
                }
                Event::Step { step, .. } => {
                    bar.set_message(format!(
                        "{}, iteration {} of {iterations}",
                        MethodKind::Igos.title(),
                        step.iteration
                    ));
                }
                Event::Explained { explanation, .. } => partial.explanations.push(explanation),
                Event::Judged { method, curves, .. } => {
                    partial.curves.insert(method, curves);
                }
                Event::Finished { .. } => break,
                Event::Failed { message, .. } => return Err(anyhow!("{message}: {}", path.display())),
                Event::Cancelled { .. } => return Err(anyhow!("the explanation was cancelled: {}", path.display())),
                Event::ModelReady { .. } | Event::Opened { .. } | Event::CurvePoint { .. } => {}
            }
        }
        bar.finish_and_clear();
        let Seen { input, class, against, value, top } =
            partial.predicted.context("the worker finished without a prediction")?;
        let methods: Vec<Finished> = partial
            .explanations
            .into_iter()
            .filter_map(|explanation| {
                let curves = partial.curves.remove(&explanation.method)?;
                Some(Finished { explanation: Arc::unwrap_or_clone(explanation), curves: Arc::unwrap_or_clone(curves) })
            })
            .collect();
        anyhow::ensure!(methods.len() == wanted, "the worker finished {} of {wanted} methods", methods.len());
        Ok(Run {
            image: path.display().to_string(),
            model: self.spec.name.clone(),
            device: self.device.clone(),
            input,
            class,
            against,
            score,
            value,
            crop,
            top,
            methods,
        })
    }

    fn print_predictions(
        &self,
        path: &Path,
        score: Score,
        class: &Prediction,
        against: Option<&Prediction>,
        top: &[Prediction],
    ) -> Result<()> {
        if self.quiet {
            return Ok(());
        }
        print(&format!("{} · {} · {}", path.display(), self.spec.title, self.device))?;
        let unlisted = |wanted: &&Prediction| !top.iter().any(|prediction| prediction.id == wanted.id);
        let others = [Some(class), against].into_iter().flatten().filter(unlisted);
        for prediction in top.iter().chain(others) {
            let mark = if prediction.id == class.id {
                "  ← explained"
            } else if against.is_some_and(|against| against.id == prediction.id) {
                "  ← rather than this"
            } else {
                ""
            };
            let percent = 100.0 * prediction.probability;
            print(&format!("  {percent:5.1} %  {} ({}){mark}", prediction.name, prediction.id))?;
        }
        if score != Score::default() {
            print(&format!("  explained by its {}; curves show its probability", score.name()))?;
        }
        Ok(())
    }

    /// Prints and writes a finished run.
    fn deliver(&self, run: &Run, arguments: &ExplainArguments, folders: &mut Folders) -> Result<()> {
        if arguments.json {
            print(&run_json(run, false)?)?;
        } else {
            for Finished { explanation, curves } in &run.methods {
                print_areas(explanation.method, curves.deletion(), curves.insertion(), explanation.seconds)?;
            }
        }
        let Some(out) = &arguments.out else { return Ok(()) };
        let folder = folders.fresh(out, &run.image);
        write_run(run, Style::default(), &folder)?;
        if arguments.json { Ok(()) } else { print(&format!("  written to {}", folder.display())) }
    }
}

/// What the model makes of a picture.
struct Seen {
    input: Arc<Input>,
    class: Prediction,
    against: Option<Prediction>,
    value: f32,
    top: Vec<Prediction>,
}

/// A run while it grows.
#[derive(Default)]
struct Partial {
    predicted: Option<Seen>,
    explanations: Vec<Arc<Explanation>>,
    curves: HashMap<MethodKind, Arc<Curves>>,
}

/// Folders given out in this call: pictures of one name get one each.
#[derive(Default)]
struct Folders(HashSet<PathBuf>);

impl Folders {
    fn fresh(&mut self, out: &Path, image: &str) -> PathBuf {
        let name = folder_name(image);
        let mut folder = out.join(&name);
        let mut number = 2;
        while !self.0.insert(folder.clone()) {
            folder = out.join(format!("{name}-{number}"));
            number += 1;
        }
        folder
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

fn print_areas(method: MethodKind, deletion: f32, insertion: f32, seconds: f64) -> Result<()> {
    let title = method.title();
    print(&format!("  {title:<20}  deletion {deletion:.3}  insertion {insertion:.3}  {seconds:.1} s"))
}

/// Each method's means over several pictures, all explained with the same methods in the same order.
fn print_means(pictures: &[Vec<Finished>]) -> Result<()> {
    print(&format!("mean of {} pictures", pictures.len()))?;
    let count = pictures.len() as f32;
    for (index, first) in pictures.first().into_iter().flatten().enumerate() {
        let mean = |figure: &dyn Fn(&Finished) -> f32| {
            pictures.iter().filter_map(|methods| methods.get(index)).map(figure).sum::<f32>() / count
        };
        let seconds = mean(&|finished| finished.explanation.seconds as f32);
        let deletion = mean(&|finished| finished.curves.deletion());
        let insertion = mean(&|finished| finished.curves.insertion());
        print_areas(first.explanation.method, deletion, insertion, f64::from(seconds))?;
    }
    Ok(())
}

/// A line on standard output. A reader that went away, such as `head`, ends the program without a panic.
fn print(line: &str) -> Result<()> {
    writeln!(io::stdout().lock(), "{line}").context("the results could not be printed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_one_name_get_a_folder_each() {
        let mut folders = Folders::default();
        let out = Path::new("out");
        assert_eq!(folders.fresh(out, "a/cat.jpg"), out.join("cat"));
        assert_eq!(folders.fresh(out, "b/cat.png"), out.join("cat-2"));
        assert_eq!(folders.fresh(out, "b/dog.png"), out.join("dog"));
    }
}
