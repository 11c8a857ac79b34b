//! `igoscope explain`: a reader of the worker's events that prints and writes.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Result, anyhow};

use super::{
    ExplainArguments, ReaderLeft,
    output::{print, safe},
    print::{Judged, print_means, print_results},
    reader::{Reader, progress_bar},
};
use crate::{
    explain::{Control, Parameters, Run},
    export::{
        Config, Place, Section, Style, check_folder, make_folder, pixels_sha256, place, report_page, report_section,
        run_json, write_report, write_run,
    },
    imaging::{Grid, Photo, read_grid},
    model::ModelSpec,
    worker::{Network, Request, RunId},
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
    let mut reader = Reader::start(&arguments.host, arguments.json)?;
    if let Some(config) = &config {
        check_model(&reader.spec, config)?;
    }
    let side = reader.spec.side();
    parameters.check(side)?;
    let class = reader.class(arguments.class.as_ref())?;
    let against = reader.class(arguments.against.as_ref())?;
    let score = arguments.score.unwrap_or(reader.spec.head.measure());
    reader.spec.check_score(score)?;
    let mut folders = Folders::default();
    let given = arguments.map.as_deref().map(read_map).transpose()?;
    let mut failures = Vec::new();
    let mut finished = Vec::new();
    let mut sections = Vec::new();
    for (index, path) in arguments.images.iter().enumerate() {
        let explained = reader.open(path, arguments.profiles.unwrap_or_default()).and_then(|photo| {
            let photo = Arc::new(Arc::unwrap_or_clone(photo).drawn_as(arguments.bands)?);
            if let Some(expected) = &expected {
                check_picture(path, &photo, expected)?;
            }
            let request = Request {
                run: RunId(index as u64),
                network: Network::Model,
                photo,
                crop: arguments.crop.unwrap_or_default(),
                class,
                against,
                score,
                methods: arguments.methods(),
                known: Vec::new(),
                metrics: arguments.metrics(),
                given: given.clone(),
                marked: arguments.marked,
                parameters: parameters.clone(),
                seeds: usize::from(arguments.seeds),
            };
            let (run, _) = reader.explain(path, request)?;
            deliver(&run, &arguments, &mut folders)?;
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

/// Another model would give other numbers.
fn check_model(spec: &ModelSpec, config: &Config) -> Result<()> {
    let (wanted, hosted) = (&config.model, &spec.name);
    anyhow::ensure!(wanted == hosted, "the run was made with the model {wanted}, and this is {hosted}");
    let is_same = config.weights_sha256.is_none() || config.weights_sha256 == spec.sha256;
    anyhow::ensure!(is_same, "the weights of {hosted} are not those that the run was made with");
    Ok(())
}

/// Someone else's map, with the name of its file.
fn read_map(path: &Path) -> Result<(String, Arc<Grid>)> {
    let grid = read_grid(path).map_err(|why| anyhow!("the map cannot be read ({why}): {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, Arc::new(grid)))
}

/// Prints and writes a finished run.
fn deliver(run: &Run, arguments: &ExplainArguments, folders: &mut Folders) -> Result<()> {
    if arguments.json {
        print(&run_json(run, &run.image, &[], false)?)?;
    } else {
        print_results(run)?;
    }
    let Some(out) = &arguments.out else { return Ok(()) };
    let Place { path: folder, replaced } = folders.fresh(out, run);
    let bar = progress_bar(arguments.json);
    bar.set_message("writing");
    write_run(run, Style::default(), arguments.outputs(), &folder, &Control::default(), &mut |done, files| {
        bar.set_length(files as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    if !replaced.is_empty() {
        let (methods, folder) = (replaced.join(", "), folder.display());
        eprintln!("igoscope: the earlier results of {methods} were replaced by this run's, which has none: {folder}");
    }
    if arguments.json { Ok(()) } else { print(&format!("  written to {}", folder.display())) }
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
