//! How good the maps are, and how soon they are there: deletion and insertion of every method on a folder of pictures,
//! judged on the baseline they were made with, on others, and by other networks. `README.md` says how.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench is no library")]

mod entries;
mod greedy;
mod objective;
mod rise;
mod table;
mod waits;

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    time::Instant,
};

use candle_core::Device;
use clap::Parser;
use entries::Entry;
use igoscope::{
    explain::{Baseline, Control, CurveParameters, Curves, Named as _, Saliency, Subject, judge},
    imaging::{CropMode, Photo, PixelRect},
    model::{Classifier, Hub, ModelChoice, Target, load},
};
use serde::{Deserialize, Serialize};

#[derive(Parser)]
struct Arguments {
    /// Folder of pictures, or pictures.
    #[arg(long, num_args = 1..)]
    pictures: Vec<PathBuf>,
    /// What to compare: `all` methods; a method's id, with a preset (`igos:paper`), flags (`igos:l1-weight=0.1,seed=1`) or both; or
    /// `rise`, `greedy`, `random`.
    #[arg(long, num_args = 1.., default_values = entries::DEFAULT)]
    entries: Vec<String>,
    /// The network that is explained: a name of the catalogue, or a file.
    #[arg(long, default_value = "efficientnet-lite0")]
    model: String,
    /// Networks that judge as well.
    #[arg(long, num_args = 0..)]
    judges: Vec<String>,
    /// Cells along a side of the grids that the curves are of.
    #[arg(long, num_args = 1.., default_values_t = [28])]
    grids: Vec<usize>,
    /// Baselines of the curves.
    #[arg(long, num_args = 1.., default_values = ["blur", "grey", "black", "noise"])]
    baselines: Vec<String>,
    /// Pictures of which the network is less sure than this are left out.
    #[arg(long, default_value_t = 0.2)]
    sure: f32,
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Where each result goes, a line of JSON each.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Prints the tables of results that are there, and computes nothing.
    #[arg(long, num_args = 1..)]
    from: Vec<PathBuf>,
    /// Tells instead how long a user waits for each method, in a run with all of them.
    #[arg(long)]
    waits: bool,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One method on one picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Outcome {
    picture: String,
    model: String,
    entry: String,
    /// Of the map.
    seconds: f64,
    /// To the first map that was shown.
    first: f64,
    probability: f32,
    /// Why it found nothing; then nothing is judged.
    #[serde(default)]
    nothing: Option<String>,
    /// I-GOS's objective for the mask that the map was made of, if it was.
    #[serde(default)]
    objective: Option<f64>,
    judged: Vec<Judged>,
}

/// The areas by one judge.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Judged {
    judge: String,
    deletion: f32,
    insertion: f32,
}

fn main() {
    let arguments = Arguments::parse();
    let mut outcomes = Vec::new();
    for path in &arguments.from {
        let text = fs::read_to_string(path).expect("results can be read");
        outcomes.extend(text.lines().map(|line| serde_json::from_str::<Outcome>(line).expect("a result")));
    }
    if arguments.waits {
        waits::print(&pictures(&arguments.pictures), &arguments.model, arguments.threads);
        return;
    }
    if !arguments.pictures.is_empty() {
        outcomes.extend(measure(&arguments));
    } else if arguments.from.is_empty() {
        eprintln!("no pictures: benches/quality/README.md says where to get them");
        return;
    }
    table::print(&outcomes);
}

fn host(name: &str, threads: usize) -> Box<dyn Classifier> {
    let choice = ModelChoice::named(name).unwrap_or_else(|| ModelChoice::File(name.into()));
    let hub = Hub::default();
    load(&choice, &hub, &Device::Cpu, threads, None).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn measure(arguments: &Arguments) -> Vec<Outcome> {
    let classifier = host(&arguments.model, arguments.threads);
    let judges: Vec<_> = arguments.judges.iter().map(|name| host(name, arguments.threads)).collect();
    let entries: Vec<Entry> = entries::expanded(&arguments.entries)
        .iter()
        .map(|text| Entry::parse(text).unwrap_or_else(|why| panic!("{text}: {why}")))
        .collect();
    let baselines: Vec<Baseline> = arguments.baselines.iter().map(|name| baseline(name)).collect();
    let mut out = arguments.out.as_ref().map(|path| BufWriter::new(File::create(path).expect("a file for results")));
    let mut outcomes = Vec::new();
    for path in pictures(&arguments.pictures) {
        let photo = Photo::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let input = classifier.spec().preprocess(&photo).expect("the picture is in colour");
        let logits = classifier.logits(&igoscope::model::Batch::new(&input.planar, input.planar.len())).unwrap();
        let probabilities = classifier.spec().head.answers(&logits[0]);
        let class = (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap();
        let probability = probabilities[class];
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if probability < arguments.sure {
            eprintln!("{name}: left out, {probability:.3}");
            continue;
        }
        let target = Target::probability(class);
        let subject = Subject { classifier: classifier.as_ref(), input: &input, target };
        let region = input.crop.region;
        let part = PixelRect {
            x: region.x.round() as u32,
            y: region.y.round() as u32,
            width: (region.width.round() as u32).min(photo.image.width() - region.x.round() as u32),
            height: (region.height.round() as u32).min(photo.image.height() - region.y.round() as u32),
        };
        let seen: Vec<_> = judges
            .iter()
            .map(|judge| {
                judge.spec().preprocess_as(&photo, CropMode::Region(part)).expect("the part is on the picture")
            })
            .collect();
        for entry in &entries {
            let started = Instant::now();
            let mut first = None;
            let entries::Made { map, mask, nothing } = entry.map(&subject, &mut || {
                first.get_or_insert_with(|| started.elapsed().as_secs_f64());
            });
            let seconds = started.elapsed().as_secs_f64();
            let mut judged = Vec::new();
            let grids = arguments.grids.iter().filter(|_| nothing.is_none());
            for &grid in grids {
                // What is on one grid alone is called as it always was.
                let on = if arguments.grids.len() > 1 { format!("{grid} × {grid} ") } else { String::new() };
                for &baseline in &baselines {
                    judged.push(areas(&subject, &map, grid, baseline, format!("{on}{}", baseline.name())));
                }
                for (judge, input) in judges.iter().zip(&seen) {
                    let subject = Subject { classifier: judge.as_ref(), input, target };
                    judged.push(areas(&subject, &map, grid, Baseline::Blur, format!("{on}{}", judge.spec().name)));
                }
            }
            let outcome = Outcome {
                picture: name.clone(),
                model: classifier.spec().name.clone(),
                entry: entry.name.clone(),
                seconds,
                first: first.unwrap_or(seconds),
                probability,
                nothing,
                objective: mask.map(|mask| objective::objective(&subject, &mask)),
                judged,
            };
            eprintln!("{name} {} {:.3} s {:?} {:?}", entry.name, seconds, outcome.nothing, outcome.judged.first());
            if let Some(out) = &mut out {
                writeln!(out, "{}", serde_json::to_string(&outcome).unwrap()).unwrap();
                out.flush().unwrap();
            }
            outcomes.push(outcome);
        }
    }
    outcomes
}

fn baseline(name: &str) -> Baseline {
    Baseline::ALL.iter().copied().find(|baseline| baseline.name() == name).expect("a baseline")
}

/// Deletion and insertion by one judge.
fn areas(subject: &Subject<'_>, map: &Saliency, grid: usize, baseline: Baseline, judge_name: String) -> Judged {
    let parameters = CurveParameters { grid, baseline, ..CurveParameters::default() };
    let curves: Curves = judge(subject, map, &parameters, &Control::default(), &mut |_| {}).expect("curves");
    Judged { judge: judge_name, deletion: curves.deletion(), insertion: curves.insertion() }
}

fn pictures(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut pictures = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = fs::read_dir(path).expect("a folder");
            pictures.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| is_picture(path)));
        } else {
            pictures.push(path.clone());
        }
    }
    pictures.sort();
    pictures
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| ["jpg", "jpeg", "png", "webp", "bmp", "gif"].contains(&extension.as_str()))
}
