//! Saving what is on the wall.

use std::path::Path;

use super::{
    jobs::{Jobs, Outcome},
    run_state::RunState,
    state::State,
};
use crate::{
    explain::{Finished, MethodKind, Run},
    export,
    imaging::{Origin, Photo},
};

/// Writes the run on the wall, as it is coloured there, into a folder in `folder` that is called like the picture.
pub fn save(state: &State, folder: &Path, jobs: &Jobs) {
    let Some(run) = run_on_the_wall(state) else { return };
    let style = export::Style { colormap: state.look.colormap, opacity: state.look.opacity };
    let folder = folder.join(export::folder_name(&run.image));
    jobs.start("save", move || match export::write_run(&run, style, &folder) {
        Ok(()) => Outcome::Saved(folder),
        Err(error) => Outcome::Failed(error.to_string()),
    });
}

/// Whether there is something to save.
pub fn is_possible(state: &State) -> bool {
    state.model.is_some() && state.shown().is_some_and(RunState::has_a_result)
}

/// The run on the wall with the methods that are finished and judged.
fn run_on_the_wall(state: &State) -> Option<Run> {
    let (run, model) = (state.shown()?, state.model.as_ref()?);
    let seen = run.seen.as_ref()?;
    let finished = |method| {
        let known = run.method(method)?;
        Some(Finished { explanation: known.explanation.as_deref()?.clone(), curves: known.curves.as_deref()?.clone() })
    };
    Some(Run {
        image: name_of(&state.picture()?.photo),
        model: model.spec.name.clone(),
        device: model.device.clone(),
        input: seen.input.clone(),
        class: seen.class.clone(),
        against: seen.against.clone(),
        score: run.question.score,
        value: seen.value,
        crop: run.question.crop,
        top: seen.top.clone(),
        methods: MethodKind::ALL.into_iter().filter_map(finished).collect(),
    })
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
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        app::state::tests::{asked, explained, judged, model_ready, predicted, told, with_pictures},
        worker::{Event, RunId},
    };

    #[test]
    fn methods_that_are_judged_are_saved_in_a_folder_called_like_the_picture() {
        let mut state = with_pictures(&["heron"]);
        asked(&mut state);
        told(&mut state, [model_ready("CPU"), predicted(1), explained(1)]);
        assert!(!is_possible(&state), "nothing is judged yet");
        told(&mut state, [judged(1), Event::Finished { run: RunId(1) }]);
        assert!(is_possible(&state));

        let folder = tempfile::tempdir().unwrap();
        let jobs = Jobs::new(egui::Context::default());
        save(&state, folder.path(), &jobs);
        let start = Instant::now();
        let outcome = loop {
            if let Some(outcome) = jobs.outcomes().pop() {
                break outcome;
            }
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        };
        assert!(matches!(outcome, Outcome::Saved(saved) if saved == folder.path().join("heron")));
        let files = ["run.json", "igos.overlay.png", "igos.curves.csv"];
        assert!(files.iter().all(|file| folder.path().join("heron").join(file).is_file()));
        assert!(!folder.path().join("heron").join("grad-cam.overlay.png").exists());
    }
}
