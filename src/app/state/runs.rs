//! The runs of the picture on the wall: shown again, done again, compared, noted and forgotten.

use std::time::Instant;

use super::{
    MAX_RUN_BYTES, State, Wants,
    history::History,
    picture::Picture,
    run_state::{RunState, Status},
};
use crate::{
    explain::{Method, methods},
    worker::{Command, RunId},
};

impl State {
    /// The runs of the picture on the wall.
    pub fn history(&self) -> Option<&History> {
        self.picture().map(|picture| &picture.history)
    }

    /// The two runs that are compared and by which method, while they are.
    pub fn compared(&self) -> Option<([&RunState; 2], &'static Method)> {
        Some((self.history()?.pair()?, self.comparing?))
    }

    pub(super) fn picture_mut(&mut self) -> Option<&mut Picture> {
        self.pictures.get_mut(self.selected)
    }

    /// Puts an earlier run of this picture on the wall.
    pub fn show_run(&mut self, id: RunId) {
        if let Some(picture) = self.picture_mut() {
            picture.history.show(id);
            self.chosen_step = None;
            self.playback.stop();
        }
    }

    /// Takes a run's parameters and question, so that what is changed next is changed from there.
    pub fn adopt_run(&mut self, id: RunId, now: Instant) {
        let side = self.side();
        let Some(picture) = self.picture_mut() else { return };
        let Some(run) = picture.history.get(id) else { return };
        let (question, parameters) = (run.question, run.parameters.clamped(side));
        (picture.class, picture.against, picture.crop) = (question.class, question.against, question.crop);
        self.score = match &self.model {
            Some(model) => model.spec.head.fitting(question.score),
            None => question.score,
        };
        self.edit(parameters, false, now);
    }

    /// Wants a run done again from the beginning, with its parameters.
    pub fn rerun(&mut self, id: RunId, now: Instant) {
        self.adopt_run(id, now);
        if self.history().is_some_and(|history| history.get(id).is_some()) {
            self.wants = Wants::Run;
        }
    }

    /// Forgets a run, and ends it if it is under way.
    pub fn delete_run(&mut self, id: RunId) {
        let Some(picture) = self.picture_mut() else { return };
        let Some(run) = picture.history.get(id) else { return };
        let was_running = run.status == Status::Running;
        let was_shown = picture.shown().is_some_and(|run| run.id == id);
        picture.history.delete(id);
        if picture.history.pair().is_none() {
            self.comparing = None;
        }
        if was_shown {
            self.chosen_step = None;
            self.playback.stop();
        }
        if was_running {
            self.outbox.tell(Command::Stop);
        }
        self.release_suspended();
    }

    /// Wants the picture on the wall explained for a class, beside what is on the wall.
    pub fn compare_with_class(&mut self, class: usize) {
        self.beside = self.shown().filter(|run| run.has_a_map()).map(|run| run.id);
        self.explain_class(class);
    }

    /// Compares a run that was just asked for with the one it was asked for beside, if it was.
    pub(super) fn compare_beside(&mut self, run: RunId) {
        let Some(one) = self.beside.take().filter(|one| *one != run) else { return };
        if let Some(picture) = self.picture_mut() {
            picture.history.pin_both(one, run);
            if picture.history.pair().is_some() {
                self.comparing = self.first_compared();
            }
        }
    }

    /// The method whose maps are compared first: the first one on the wall.
    pub fn first_compared(&self) -> Option<&'static Method> {
        self.tiles.methods().first().copied().or(methods().first().copied())
    }

    /// Compares the pinned runs by this method's maps, or ends the comparison.
    pub fn compare(&mut self, method: Option<&'static Method>) {
        if method.is_none() {
            self.stop_comparing_models();
        }
        self.comparing = method;
    }

    /// Pins a run of this picture, or lets it go.
    pub fn pin_run(&mut self, id: RunId) {
        if let Some(picture) = self.picture_mut() {
            picture.history.pin(id);
            if picture.history.pair().is_none() {
                self.comparing = None;
            }
        }
    }

    /// Writes a note on a run of this picture.
    pub fn note_run(&mut self, id: RunId, note: String) {
        if let Some(entry) = self.picture_mut().and_then(|picture| picture.history.entry_mut(id)) {
            entry.note = note;
        }
    }

    /// Keeps to what is promised: so many runs a picture, so many bytes for all of them.
    pub(super) fn forget_oldest_runs(&mut self) {
        for picture in &mut self.pictures {
            picture.history.trim();
        }
        while self.pictures.iter().map(|picture| picture.history.bytes()).sum::<usize>() > MAX_RUN_BYTES {
            let oldest = self.pictures.iter_mut().filter_map(|picture| {
                let oldest = picture.history.oldest_to_forget()?;
                Some((oldest, picture))
            });
            let Some(((_, id), picture)) = oldest.min_by_key(|(oldest, _)| *oldest) else { return };
            picture.history.delete(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        app::state::{
            fixtures::{
                ALL, asked, asked_for, explained_once, judged, model_ready, predicted, sent, step, told, whole_run,
                with_pictures,
            },
            requests,
        },
        explain::{
            GRAD_CAM, IGOS, INTEGRATED_GRADIENTS, IgosParameters, IntegratedGradientsParameters, Parameters, Spread,
        },
        imaging::CropMode,
        model::Score,
        worker::Event,
    };

    fn edit(state: &mut State, change: impl FnOnce(&mut Parameters)) {
        let mut parameters = state.parameters.clone();
        change(&mut parameters);
        state.edit(parameters, false, Instant::now());
    }

    #[test]
    fn only_what_a_parameter_changes_is_computed_again() {
        let mut state = explained_once();
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        assert_eq!(asked_for(&mut state), Some((vec![&IGOS], vec![])));
        told(&mut state, whole_run(2, &[&IGOS]));
        edit(&mut state, |all| all.edit(|own: &mut IntegratedGradientsParameters| own.integration_steps = 3));
        assert_eq!(asked_for(&mut state), Some((vec![&INTEGRATED_GRADIENTS], vec![])));
        told(&mut state, whole_run(3, &[&INTEGRATED_GRADIENTS]));
        edit(&mut state, |all| all.curves.steps = 3);
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), ALL.to_vec())), "the maps are judged, not made");
    }

    #[test]
    fn what_is_carried_over_stands_beside_what_it_was_computed_from() {
        let mut state = explained_once();
        edit(&mut state, |all| all.curves.steps = 3);
        asked(&mut state);
        told(&mut state, [predicted(2), judged(2)]);
        let run = state.history().unwrap().get(RunId(2)).unwrap();
        let cam = run.method(&GRAD_CAM).unwrap();
        assert!(cam.explanation.is_some() && cam.curves.is_none() && cam.points.is_empty(), "no curve of other steps");
        assert!(run.method(&IGOS).unwrap().curves.is_some());
    }

    #[test]
    fn chance_is_measured_with_the_maps_that_are_there_and_stays_with_them() {
        let mut state = explained_once();
        assert!(state.can_measure_chance());
        state.want_chance();
        let Some(Command::Explain(request)) = state.wanted_command(Instant::now()) else { panic!("no run") };
        let known: Vec<_> = request.known.iter().map(|explanation| explanation.method).collect();
        assert_eq!((request.seeds, request.methods, known), (requests::SEEDS, ALL.to_vec(), ALL.to_vec()));
        assert!(state.shown().unwrap().told_by().is_some(), "what is there stays on the wall");
        let mut events = whole_run(2, &ALL);
        let spread = Arc::new(Spread { areas: vec![[0.1, 0.5], [0.2, 0.5]] });
        events.insert(events.len() - 1, Event::Spread { run: RunId(2), method: &IGOS, spread });
        told(&mut state, events);
        let spread = |state: &State| state.shown().unwrap().method(&IGOS).unwrap().spread.clone();
        assert!(spread(&state).is_some());
        edit(&mut state, |all| all.edit(|own: &mut IntegratedGradientsParameters| own.integration_steps = 3));
        asked(&mut state);
        told(&mut state, whole_run(3, &[&INTEGRATED_GRADIENTS]));
        assert!(spread(&state).is_some(), "as long as its map");
    }

    #[test]
    fn second_judges_and_random_orders_are_carried_over() {
        let mut state = explained_once();
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        asked(&mut state);
        told(&mut state, [predicted(2), step(2, 1)]);
        let run = state.shown().unwrap();
        assert_eq!(run.id, RunId(2));
        assert!(run.random.is_some() && run.method(&GRAD_CAM).unwrap().second.len() == 1);
        edit(&mut state, |all| all.curves.grid = 7);
        asked(&mut state);
        told(&mut state, [predicted(3)]);
        let run = state.history().unwrap().get(RunId(3)).unwrap();
        assert!(run.random.is_none() && run.method(&GRAD_CAM).unwrap().second.is_empty(), "no area of another grid");
    }

    #[test]
    fn a_run_that_was_ended_before_its_random_orders_is_asked_for_them_and_no_more() {
        let mut state = with_pictures(&["a", "b"]);
        told(&mut state, [model_ready("CPU")]);
        asked(&mut state);
        let is_before = |event: &Event| !matches!(event, Event::RandomJudged { .. } | Event::Finished { .. });
        told(&mut state, whole_run(1, &ALL).into_iter().filter(is_before));
        told(&mut state, [Event::Cancelled { run: RunId(1) }]);
        state.select(1);
        asked(&mut state);
        state.select(0);
        assert_eq!(asked_for(&mut state), Some((vec![&GRAD_CAM], vec![&GRAD_CAM])));
    }

    #[test]
    fn a_map_without_its_second_judge_is_judged_again() {
        let mut state = with_pictures(&["a", "b"]);
        told(&mut state, [model_ready("CPU")]);
        asked(&mut state);
        let is_before = |event: &Event| !matches!(event, Event::SecondJudged { .. } | Event::Finished { .. });
        told(&mut state, whole_run(1, &ALL).into_iter().filter(is_before));
        told(&mut state, [Event::Cancelled { run: RunId(1) }]);
        state.select(1);
        asked(&mut state);
        state.select(0);
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), ALL.to_vec())));
    }

    #[test]
    fn the_old_map_stays_until_the_first_new_mask_though_others_are_there_at_once() {
        let mut state = explained_once();
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        asked(&mut state);
        told(&mut state, [predicted(2)]);
        assert_eq!(state.shown().unwrap().id, RunId(1));
        assert!(state.picture().unwrap().is_outdated());
        told(&mut state, [step(2, 1)]);
        assert_eq!(state.shown().unwrap().id, RunId(2));
        assert!(state.shown().unwrap().method(&GRAD_CAM).unwrap().curves.is_some());
    }

    #[test]
    fn a_change_that_is_undone_shows_the_run_before_and_computes_nothing() {
        let mut state = explained_once();
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        asked(&mut state);
        told(&mut state, [predicted(2), step(2, 1)]);
        state.undo();
        assert!(matches!(sent(&mut state)[..], [Command::Stop]), "the run under way is ended");
        assert_eq!(state.shown().unwrap().id, RunId(1));
        told(&mut state, [Event::Cancelled { run: RunId(2) }]);
        state.redo();
        assert_eq!(asked(&mut state), Some(3));
        assert_eq!(state.parameters.get::<IgosParameters>().unwrap().iterations, 3);
    }

    #[test]
    fn another_question_or_model_shares_nothing() {
        let mut state = explained_once();
        state.explain_class(3);
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), vec![])));
        let mut state = explained_once();
        state.explain_score(Score::Logit);
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), vec![])));
        let mut state = explained_once();
        state.cut(CropMode::Squash);
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), vec![])));
        let mut state = explained_once();
        told(&mut state, [model_ready("GPU")]);
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), vec![])));
    }

    #[test]
    fn a_class_is_explained_beside_the_one_on_the_wall_once() {
        let mut state = explained_once();
        state.compare_with_class(3);
        assert_eq!(asked(&mut state), Some(2));
        let pair = |state: &State| state.history().unwrap().pair().map(|pair| pair.map(|run| run.id));
        assert_eq!(pair(&state), Some([RunId(1), RunId(2)]));
        assert_eq!(state.comparing, Some(&IGOS));
        told(&mut state, whole_run(2, &ALL));
        state.comparing = None;
        state.explain_class(4);
        assert_eq!(asked(&mut state), Some(3));
        assert_eq!((state.comparing, pair(&state)), (None, Some([RunId(1), RunId(2)])), "it was asked for once");
    }

    #[test]
    fn a_run_that_is_wanted_anew_is_computed_from_the_beginning() {
        let mut state = explained_once();
        state.want_run();
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), vec![])));
    }

    #[test]
    fn maps_of_different_runs_make_a_whole_one_without_computing() {
        let mut state = explained_once();
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        asked(&mut state);
        told(&mut state, whole_run(2, &[&IGOS]));
        edit(&mut state, |all| all.edit(|own: &mut IntegratedGradientsParameters| own.integration_steps = 3));
        asked(&mut state);
        told(&mut state, whole_run(3, &[&INTEGRATED_GRADIENTS]));
        // I-GOS as in the first run, integrated gradients as in the third.
        edit(&mut state, |all| {
            all.edit(|igos: &mut IgosParameters| igos.iterations = IgosParameters::default().iterations)
        });
        assert_eq!(asked_for(&mut state), None);
        let shown = state.shown().unwrap();
        assert_eq!((shown.id, shown.status), (RunId(4), Status::Finished));
        assert!(ALL.iter().all(|&method| shown.method(method).unwrap().curves.is_some()));
    }

    #[test]
    fn a_run_is_done_again_with_its_parameters_and_class() {
        let mut state = explained_once();
        state.explain_class(3);
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        asked(&mut state);
        told(&mut state, whole_run(2, &ALL));
        state.rerun(RunId(1), Instant::now());
        assert_eq!(
            (state.parameters.get::<IgosParameters>().unwrap().iterations, state.picture().unwrap().class),
            (15, None)
        );
        assert_eq!(asked_for(&mut state), Some((ALL.to_vec(), vec![])));
        state.undo();
        assert_eq!(
            state.parameters.get::<IgosParameters>().unwrap().iterations,
            3,
            "and that is undone like any change"
        );
    }

    #[test]
    fn a_run_under_way_that_is_deleted_is_ended() {
        let mut state = explained_once();
        edit(&mut state, |all| all.edit(|igos: &mut IgosParameters| igos.iterations = 3));
        asked(&mut state);
        told(&mut state, [predicted(2), step(2, 1)]);
        state.delete_run(RunId(2));
        assert!(matches!(sent(&mut state)[..], [Command::Stop]));
        told(&mut state, [step(2, 2), Event::Cancelled { run: RunId(2) }]);
        assert_eq!(state.shown().unwrap().id, RunId(1));
        state.delete_run(RunId(1));
        assert!(sent(&mut state).is_empty());
        assert!(state.shown().is_none() && state.step().is_none());
    }

    #[test]
    fn a_closed_picture_ends_its_run_and_the_next_comes_on_the_wall() {
        let mut state = with_pictures(&["a", "b", "c"]);
        state.select(1);
        asked(&mut state);
        state.close(1);
        assert_eq!(state.picture().unwrap().photo.name, "c");
        let [Command::Stop, Command::Explain(request)] = &sent(&mut state)[..] else {
            panic!("not ended, or no request")
        };
        assert_eq!(request.run, RunId(2), "which is explained, as it was not yet");
        state.close(0);
        assert!(sent(&mut state).is_empty());
        assert_eq!(state.picture().unwrap().photo.name, "c");
        state.close(0);
        assert!(matches!(sent(&mut state)[..], [Command::Stop]));
        state.close(0);
        assert!(state.picture().is_none() && sent(&mut state).is_empty());
        told(&mut state, [predicted(2), step(2, 1)]);
    }
}
