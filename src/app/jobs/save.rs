//! Saving what is on the wall.

use std::{path::Path, sync::Arc};

use super::{Jobs, Outcome};
use crate::{
    app::state::{State, copyable::Copyable, run_state::RunState, titles},
    explain::{Control, Method, Run},
    export::{self, ExportError, Part, Plate, Shows, Style},
    imaging::{Origin, Photo},
    worker::RunContext,
};

/// Writes the run on the wall, as it is shown there with this part of what the model sees, into a folder in `folder` that is called like the picture.
/// The control returned cancels it.
pub fn save(state: &State, part: Part, folder: &Path, jobs: &Jobs) -> Option<Arc<Control>> {
    let run = run_on_the_wall(state)?;
    let (style, outputs) = (style(state, part), state.outputs);
    let folder = folder.to_owned();
    let control = Arc::new(Control::default());
    let steered = Arc::clone(&control);
    jobs.start_telling("save", move |tell| {
        let mut report = |done, files| tell(Outcome::Saving { done, files });
        let place = export::place(&folder, &run, |_| false);
        match export::write_run(&run, style, outputs, &place.path, &steered, &mut report) {
            Ok(()) => Outcome::Saved(place),
            Err(ExportError::Cancelled(_)) => Outcome::SavingCancelled(place.path),
            Err(error) => Outcome::SavingFailed(error.to_string()),
        }
    });
    Some(control)
}

/// Makes the picture of what is to be copied: as it is shown on the wall, with this part of what the model sees.
pub fn copy(state: &State, part: Part, what: Copyable, jobs: &Jobs) {
    if what == Copyable::Comparison {
        let Some(comparison) = comparison(state, part) else { return };
        jobs.start("copy", move || match comparison.plate().and_then(|plate| plate.picture()) {
            Ok(picture) => Outcome::Copied { name: text!("copied-comparison"), picture },
            Err(error) => Outcome::Failed(error.to_string()),
        });
        return;
    }
    let Some(mut run) = run_on_the_wall(state) else { return };
    if what == Copyable::Figure {
        // What is hidden is not shown.
        let on_the_wall = state.tiles.methods();
        run.methods.retain(|finished| on_the_wall.contains(&finished.explanation.method));
        run.methods.sort_by_key(|finished| on_the_wall.iter().position(|own| *own == finished.explanation.method));
    }
    let (style, outputs) = (style(state, part), state.outputs);
    jobs.start("copy", move || {
        let (name, made) = match what {
            Copyable::Figure => {
                let drawn = export::figure(&run, style, outputs.scale);
                (text!("copied-figure"), drawn.and_then(|svg| export::rasterise(&svg, outputs.scale)))
            }
            Copyable::Comparison => return Outcome::Failed(text!("copy-no-map")),
            Copyable::Map(method) => {
                let finished = run.methods.iter().find(|finished| finished.explanation.method == method);
                let Some(finished) = finished else { return Outcome::Failed(text!("copy-no-map")) };
                (method.title.to_owned(), export::tile(&run, finished, style, outputs))
            }
        };
        match made {
            Ok(picture) => Outcome::Copied { name, picture },
            Err(error) => Outcome::Failed(error.to_string()),
        }
    });
}

/// As the wall shows it.
fn style(state: &State, part: Part) -> Style {
    let view = &state.view;
    let iteration = state.timeline_method().and_then(|method| Some((method, state.step_of(method)? + 1)));
    // The one that was kept is the result.
    let kept = |method| state.shown()?.method(method)?.explanation.as_ref()?.kept;
    let iteration = iteration.filter(|(method, number)| kept(*method) != Some(*number));
    Style { shows: view.shows(), colormap: view.colormap, opacity: view.opacity, part, iteration }
}

/// Two runs to be drawn beside each other.
#[derive(Debug, Clone)]
pub struct Comparison {
    runs: [Run; 2],
    names: [String; 2],
    method: &'static Method,
    style: Style,
    one_scale: bool,
}

/// Width of the figure of a comparison, in millimetres: two columns of a usual journal.
const COMPARISON_WIDTH: f32 = 183.0;

impl Comparison {
    /// The figure.
    pub fn plate(&self) -> Result<Plate, ExportError> {
        let finished = |run: &Run| run.methods.iter().position(|finished| finished.explanation.method == self.method);
        let [Some(one), Some(other)] = [0, 1].map(|number| finished(&self.runs[number])) else {
            return Err(ExportError::Drawing { reason: "a run has no such map".to_owned() });
        };
        let compared = |number: usize, at: usize| {
            let run = &self.runs[number];
            export::Compared { name: &self.names[number], run, finished: &run.methods[at] }
        };
        export::comparison([compared(0, one), compared(1, other)], self.style, self.one_scale, COMPARISON_WIDTH)
    }
}

/// The two runs that are compared, as they are shown.
pub fn comparison(state: &State, part: Part) -> Option<Comparison> {
    let (pair, method) = state.compared().filter(|_| state.can_copy_comparison())?;
    let [one, other] = pair.map(|run| run_of(state, run));
    // Lines would not tell two maps apart everywhere.
    let style = Style { iteration: None, ..style(state, part) };
    let shows = if matches!(style.shows, Shows::Contour(_) | Shows::Wipe(_)) { Shows::Overlay } else { style.shows };
    let names = [0, 1].map(|number| titles::compared(pair, number));
    Some(Comparison {
        runs: [one?, other?],
        names,
        method,
        style: Style { shows, ..style },
        one_scale: state.view.one_scale,
    })
}

/// The run on the wall with the methods that are finished and judged, in the order of the wall.
fn run_on_the_wall(state: &State) -> Option<Run> {
    run_of(state, state.shown()?)
}

/// The same of another run of the picture on the wall.
fn run_of(state: &State, run: &RunState) -> Option<Run> {
    let (picture, model) = (state.picture()?, state.model.as_ref()?);
    let context = RunContext {
        image: name_of(&picture.photo),
        photo: Arc::clone(&picture.photo),
        // An earlier run may be of another model.
        model: Arc::clone(run.model.as_ref().unwrap_or(&model.spec)),
        device: model.device.clone(),
        score: run.question.score,
        crop: run.question.crop,
        parameters: run.parameters.clone(),
    };
    let methods: Vec<_> = run.methods().map(|(method, _)| method).collect();
    run.run(context, &methods)
}

/// The picture as the user named it.
fn name_of(photo: &Photo) -> String {
    match &photo.origin {
        Origin::File(path) => path.to_string_lossy().into_owned(),
        Origin::Sample | Origin::Clipboard => photo.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        app::state::fixtures::{asked, explained, judged, model_ready, predicted, told, with_pictures},
        worker::{Event, RunId},
    };

    /// What a job ends with, after all it told on the way.
    fn wait(jobs: &Jobs, heard: &mut Vec<(usize, usize)>) -> Outcome {
        let start = Instant::now();
        loop {
            for outcome in jobs.outcomes() {
                match outcome {
                    Outcome::Saving { done, files } => heard.push((done, files)),
                    other => return other,
                }
            }
            assert!(start.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn methods_that_are_judged_are_saved_in_a_folder_called_like_the_picture() {
        let mut state = with_pictures(&["heron"]);
        asked(&mut state);
        told(&mut state, [model_ready("CPU"), predicted(1), explained(1)]);
        assert!(!state.can_save(), "nothing is judged yet");
        told(&mut state, [judged(1), Event::Finished { run: RunId(1) }]);
        assert!(state.can_save());

        let folder = tempfile::tempdir().unwrap();
        let jobs = Jobs::new(egui::Context::default());
        let control = save(&state, Part::default(), folder.path(), &jobs).unwrap();
        let mut heard = Vec::new();
        let outcome = wait(&jobs, &mut heard);
        assert!(matches!(outcome, Outcome::Saved(saved) if saved.path == folder.path().join("heron")), "{heard:?}");
        assert!(heard.len() > 5 && !control.is_cancelled());
        let files = ["run.json", "igos.overlay.png", "igos.curves.csv", "figure.png", "figure.svg", "report.html"];
        assert!(files.iter().all(|file| folder.path().join("heron").join(file).is_file()));
        assert!(!folder.path().join("heron").join("grad-cam.overlay.png").exists());
    }
}
