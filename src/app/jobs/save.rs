//! Saving what is on the wall.

use std::{path::Path, sync::Arc};

use super::{Jobs, Outcome};
use crate::{
    app::state::{State, copyable::Copyable},
    explain::{Control, Run},
    export::{self, ExportError, Style},
    imaging::{Origin, Photo},
    worker::RunContext,
};

/// Writes the run on the wall, as it is coloured there, into a folder in `folder` that is called like the picture.
/// The control returned cancels it.
pub fn save(state: &State, folder: &Path, jobs: &Jobs) -> Option<Arc<Control>> {
    let run = run_on_the_wall(state)?;
    let (style, outputs) = (style(state), state.outputs);
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

/// Makes the picture of what is to be copied.
pub fn copy(state: &State, what: Copyable, jobs: &Jobs) {
    let Some(run) = run_on_the_wall(state) else { return };
    let (style, outputs) = (style(state), state.outputs);
    jobs.start("copy", move || {
        let (name, made) = match what {
            Copyable::Figure => {
                (text!("copied-figure"), export::rasterise(&export::figure(&run, style, outputs.scale), outputs.scale))
            }
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

fn style(state: &State) -> Style {
    Style { colormap: state.view.colormap, opacity: state.view.opacity }
}

/// The run on the wall with the methods that are finished and judged, in the order of the wall.
fn run_on_the_wall(state: &State) -> Option<Run> {
    let (picture, run, model) = (state.picture()?, state.shown()?, state.model.as_ref()?);
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
        let control = save(&state, folder.path(), &jobs).unwrap();
        let mut heard = Vec::new();
        let outcome = wait(&jobs, &mut heard);
        assert!(matches!(outcome, Outcome::Saved(saved) if saved.path == folder.path().join("heron")), "{heard:?}");
        assert!(heard.len() > 5 && !control.is_cancelled());
        let files = ["run.json", "igos.overlay.png", "igos.curves.csv", "figure.png", "figure.svg", "report.html"];
        assert!(files.iter().all(|file| folder.path().join("heron").join(file).is_file()));
        assert!(!folder.path().join("heron").join("grad-cam.overlay.png").exists());
    }
}
