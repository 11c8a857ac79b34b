//! `igoscope evaluate`: every picture of a folder or list, one line of results each, and what they come to.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use crossbeam_channel::{Receiver, bounded};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    EvaluateArguments,
    output::{print, safe},
    reader::Reader,
};
use crate::{
    dataset::{
        Asked, Dataset, Explained, HEAD, Head, Item, Line, Results, Seen, Summary, Truths, markdown, merge,
        pictures_of, read_lines, write_page, write_tables,
    },
    explain::Parameters,
    imaging::{DrawnBands, Photo, PhotoError, Profiles},
    worker::{Network, Request, RunId},
};

/// Pictures that are decoded ahead of the one that is explained.
const AHEAD: usize = 2;
/// How often a log without a terminal hears how far it is.
const SAID_EVERY: Duration = Duration::from_secs(30);

/// Evaluates a dataset, or merges what shards of one came to.
///
/// # Errors
/// The dataset or model cannot be had, the folder is somebody else's, results cannot be written, or no picture at all
/// could be explained. A picture that cannot be explained is a line that says why, and the others go on.
pub fn evaluate(arguments: &EvaluateArguments) -> Result<()> {
    match &arguments.dataset {
        Some(dataset) => explain_all(arguments, dataset),
        None => merge_all(&arguments.merge, &arguments.out),
    }
}

fn merge_all(folders: &[PathBuf], out: &Path) -> Result<()> {
    let mut shards = Vec::new();
    for folder in folders {
        shards.extend(evaluations_in(folder)?);
    }
    let (head, lines) = merge(&shards, out)?;
    summarise(out, &head, &lines)
}

/// The evaluations of a folder: itself, or the shards in it.
fn evaluations_in(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.join(HEAD).is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = folder.read_dir().with_context(|| format!("the folder cannot be read: {}", folder.display()))?;
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join(HEAD).is_file()).collect();
    anyhow::ensure!(!found.is_empty(), "there is no evaluation in it: {}", folder.display());
    found.sort();
    Ok(found)
}

fn explain_all(arguments: &EvaluateArguments, path: &Path) -> Result<()> {
    let mut dataset = Dataset::read(path)?;
    dataset.items.truncate(arguments.limit.unwrap_or(usize::MAX));
    let parameters = arguments.parameters.applied_to(&Parameters::default());
    let mut reader = Reader::start(&arguments.host, true)?;
    parameters.check(reader.spec.side())?;
    let score = arguments.score.unwrap_or(reader.spec.head.measure());
    reader.spec.check_score(score)?;
    let explained = explained(&reader, arguments.class.as_deref())?;
    let truths = Truths::of(&dataset, &reader.spec.labels);
    truths.remarks.iter().for_each(|remark| eprintln!("igoscope: {}", safe(remark)));
    let asked = Asked {
        dataset: path.display().to_string(),
        shard: arguments.shard,
        crop: arguments.crop.unwrap_or_default(),
        profiles: arguments.profiles.unwrap_or_default(),
        bands: arguments.bands,
        explained,
        score,
        methods: arguments.methods(),
        metrics: arguments.metrics(dataset.items.iter().any(|item| item.marked.is_some())),
        judge: arguments.host.judge.as_ref().map(|judge| judge.title().to_owned()),
        parameters,
    };
    let head = Head::new(&asked, &dataset, &truths, &reader.spec, &reader.device);
    let out = arguments.shard.map_or_else(|| arguments.out.clone(), |shard| arguments.out.join(shard.folder()));
    let mut results = Results::open(&out, &head, arguments.resume)?;
    let is_ours = |index: &usize| arguments.shard.is_none_or(|shard| shard.has(*index)) && !results.has(*index);
    let left: Vec<usize> = (0..dataset.items.len()).filter(is_ours).collect();
    let mut progress = Progress::of(left.len());
    let paths = left.iter().map(|&index| (index, dataset.items[index].path.clone())).collect();
    let mut failed = 0;
    for (index, photo) in decoded(paths, asked.profiles, asked.bands) {
        let (item, label) = (&dataset.items[index], truths.classes[index]);
        let request = photo
            .map_err(|error| anyhow!(error.to_string()))
            .and_then(|photo| request(&asked, index, item, Arc::new(photo), label));
        match request.and_then(|request| reader.explain(&item.path, request)) {
            Ok((run, seen)) => {
                let spec = &reader.spec;
                let name = |class: usize| spec.labels.name(class);
                let seen = Seen::of(spec.head, &seen.answers, label, run.class.id, name);
                let seen = seen.context("the model answered nothing")?;
                results.keep(index, item, label, &seen, &run)?;
            }
            Err(error) => {
                let error = format!("{error:#}");
                progress.warn(&format!("{}: {error}", item.name));
                results.keep_failure(&Line::failed(index, item, label, error))?;
                failed += 1;
            }
        }
        progress.step(failed);
    }
    progress.finish();
    let lines = read_lines(&out, &head)?;
    if lines.iter().all(|line| line.error.is_some()) && !lines.is_empty() {
        return Err(anyhow!("none of the {} pictures could be explained: see {}", lines.len(), out.display()));
    }
    match arguments.shard {
        Some(shard) => print(&format!(
            "part {shard}: {} pictures, in {}; igoscope evaluate --merge {} --out DIR puts the parts together",
            results.count(),
            out.display(),
            arguments.out.display()
        )),
        None => summarise(&out, &head, &lines),
    }
}

/// Which class of each picture is to be explained.
fn explained(reader: &Reader, wanted: Option<&str>) -> Result<Explained> {
    match wanted {
        None | Some("predicted") => Ok(Explained::Predicted),
        Some("label") => Ok(Explained::Label),
        Some(text) => {
            let class = reader.class(Some(&text.to_owned().into()))?;
            Ok(class.map_or(Explained::Predicted, Explained::Class))
        }
    }
}

fn request(asked: &Asked, index: usize, item: &Item, photo: Arc<Photo>, label: Option<usize>) -> Result<Request> {
    let class = match asked.explained {
        Explained::Predicted => None,
        Explained::Class(class) => Some(class),
        Explained::Label => Some(label.context("it has no label that means a class of the model")?),
    };
    Ok(Request {
        run: RunId(index as u64),
        network: Network::Model,
        photo,
        crop: asked.crop,
        class,
        against: None,
        score: asked.score,
        methods: asked.methods.clone(),
        known: Vec::new(),
        metrics: asked.metrics.clone(),
        given: None,
        marked: item.marked,
        parameters: asked.parameters.clone(),
        seeds: 1,
    })
}

/// The pictures, decoded a little ahead on a thread of their own.
fn decoded(
    paths: Vec<(usize, PathBuf)>,
    profiles: Profiles,
    bands: Option<DrawnBands>,
) -> Receiver<(usize, Result<Photo, PhotoError>)> {
    let (sender, receiver) = bounded(AHEAD);
    thread::spawn(move || {
        for (index, path) in paths {
            let photo = Photo::open_with(&path, profiles).and_then(|photo| photo.drawn_as(bands));
            // Nobody waits for it any more: the evaluation has ended.
            if sender.send((index, photo)).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Writes and prints what lines come to.
fn summarise(out: &Path, head: &Head, lines: &[Line]) -> Result<()> {
    let summary = Summary::of(head, lines);
    write_tables(out, head, lines, &summary)?;
    let root = pictures_of(out, head);
    write_page(out, head, lines, &summary, &|picture| root.join(picture))?;
    print(&markdown(head, &summary))?;
    let seconds: f64 = lines.iter().filter_map(|line| line.result.as_ref()?.seconds).sum();
    print(&format!("{seconds:.1} s of computing maps; tables and report.html are in {}", out.display()))
}

/// How far it is, on standard error: a bar on a terminal, and a line now and then elsewhere.
struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    all: usize,
    done: usize,
    start: Instant,
    said: Instant,
}

impl Progress {
    fn of(all: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let style = ProgressStyle::with_template("  {bar:32} {pos} of {len}  {msg}  {eta} left");
        let bar = if is_terminal { ProgressBar::new(all as u64) } else { ProgressBar::hidden() };
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, is_terminal, all, done: 0, start: Instant::now(), said: Instant::now() }
    }

    fn warn(&self, message: &str) {
        self.bar.suspend(|| eprintln!("igoscope: {}", safe(message)));
    }

    fn step(&mut self, failed: usize) {
        self.done += 1;
        self.bar.inc(1);
        if failed > 0 {
            self.bar.set_message(format!("{failed} not explained"));
        }
        if !self.is_terminal && self.said.elapsed() >= SAID_EVERY {
            self.said = Instant::now();
            eprintln!("igoscope: {}", far(self.done, self.all, self.start.elapsed()));
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How far it is, and how much time is left if the others take as long as those that are done.
fn far(done: usize, all: usize, took: Duration) -> String {
    let left = took.as_secs_f64() / done.max(1) as f64 * all.saturating_sub(done) as f64;
    format!("{done} of {all} pictures, {} left", duration(left))
}

/// A time that is left, to a place or two.
fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match (seconds / 3600, seconds / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {} min", minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_hears_how_far_it_is_and_what_is_left() {
        assert_eq!(far(3, 12, Duration::from_secs(3)), "3 of 12 pictures, 9 s left");
        assert_eq!(far(10, 5000, Duration::from_secs(15)), "10 of 5000 pictures, 2 h 4 min left");
        assert_eq!(far(12, 12, Duration::from_secs(12)), "12 of 12 pictures, 0 s left");
    }

    #[test]
    fn a_time_has_two_places_at_most() {
        assert_eq!([12.4, 75.0, 7385.0].map(duration), ["12 s", "1 min 15 s", "2 h 3 min"]);
    }
}
