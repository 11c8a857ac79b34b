//! What no part of the state does alone.

use image::RgbImage;

use super::{
    fixtures::{asked, explained, judged, model_ready, opened, predicted, sent, sent_one, step, told, with_pictures},
    run_state::Status,
    *,
};
use crate::{
    explain::{Explanation, IGOS, IgosParameters},
    imaging::{Colours, CropMode, Origin, Photo},
    worker::Event,
};

#[test]
fn the_first_picture_of_a_drop_is_explained_at_once_and_only_it() {
    let mut state = with_pictures(&["a", "b", "c"]);
    assert_eq!(state.picture().unwrap().photo.name, "a");
    assert_eq!(asked(&mut state), Some(1));
    assert_eq!(asked(&mut state), None);
    assert!(!state.is_opening());
}

#[test]
fn a_picture_that_is_opened_later_comes_on_the_wall() {
    let mut state = with_pictures(&["a"]);
    state.open(vec![Source::Sample(0)]);
    told(&mut state, [opened("b")]);
    assert_eq!(state.selected, 1);
}

#[test]
fn opening_nothing_is_no_command() {
    let mut state = State::default();
    state.open(Vec::new());
    assert!(sent(&mut state).is_empty());
}

#[test]
fn a_map_waits_for_the_picture_that_came_with_it() {
    let mut state = State::default();
    let read = |state: &mut State| {
        state.outbox.take().iter().filter(|errand| matches!(errand, outbox::Errand::ReadArray(_))).count()
    };
    state.open_arrays(vec!["a.npy".into()], true);
    state.open_gathered(vec![Source::Sample(0)]);
    assert_eq!(read(&mut state), 0);
    told(&mut state, [opened("b")]);
    assert_eq!(read(&mut state), 1);
    state.open_arrays(vec!["a.npy".into()], true);
    state.open_gathered(Vec::new());
    assert_eq!(read(&mut state), 1, "there was no picture among the files");
    state.open_arrays(vec!["a.npy".into()], false);
    assert_eq!(read(&mut state), 1);
}

#[test]
fn many_changes_are_one_run() {
    let mut state = with_pictures(&["a"]);
    for iterations in 1..9 {
        state.parameters.edit(|igos: &mut IgosParameters| igos.iterations = iterations);
        state.want_run();
    }
    let Some(Command::Explain(request)) = sent_one(&mut state) else { panic!("no request") };
    assert_eq!(request.parameters.get::<IgosParameters>().unwrap().iterations, 8);
    assert_eq!(asked(&mut state), None);
}

#[test]
fn the_old_result_stays_until_the_new_run_has_a_mask() {
    let mut state = with_pictures(&["a"]);
    assert_eq!(asked(&mut state), Some(1));
    told(&mut state, [predicted(1), step(1, 1), explained(1), judged(1), Event::Finished { run: RunId(1) }]);
    state.explain_class(3);
    assert_eq!(asked(&mut state), Some(2));
    told(&mut state, [predicted(2)]);
    assert_eq!(state.shown().unwrap().id, RunId(1));
    assert!(state.picture().unwrap().is_outdated());
    told(&mut state, [step(2, 1)]);
    assert_eq!(state.shown().unwrap().id, RunId(2));
    assert!(!state.picture().unwrap().is_outdated());
}

#[test]
fn events_of_a_run_that_was_replaced_change_nothing() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    state.want_run();
    assert_eq!(asked(&mut state), Some(2));
    told(&mut state, [predicted(1), step(1, 1), Event::Cancelled { run: RunId(1) }]);
    assert!(state.shown().unwrap().iterations(&IGOS).is_empty());
    assert_eq!(state.active().unwrap().1.id, RunId(2));
}

#[test]
fn a_finished_result_is_kept_while_another_picture_is_looked_at() {
    let mut state = with_pictures(&["a", "b"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1), explained(1), judged(1), Event::Finished { run: RunId(1) }]);
    state.select(1);
    assert_eq!(asked(&mut state), Some(2));
    state.select(0);
    assert_eq!(asked(&mut state), None);
    assert!(state.shown().unwrap().has_a_result());
}

#[test]
fn a_run_that_was_cut_short_starts_again_when_its_picture_comes_back() {
    let mut state = with_pictures(&["a", "b"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1)]);
    state.select(1);
    assert_eq!(asked(&mut state), Some(2));
    told(&mut state, [Event::Cancelled { run: RunId(1) }]);
    state.select(0);
    assert_eq!(asked(&mut state), Some(3));
    // What it had is still to be seen.
    assert_eq!(state.shown().unwrap().iterations(&IGOS).len(), 1);
}

#[test]
fn a_failed_open_gives_the_run_it_ended_back() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    state.open(vec![Source::File("missing.jpg".into())]);
    assert!(matches!(sent_one(&mut state), Some(Command::Open(..))));
    told(&mut state, [Event::Cancelled { run: RunId(1) }]);
    assert_eq!(asked(&mut state), None);
    told(&mut state, [Event::Failed { run: None, message: "there is no such file".to_owned() }]);
    assert_eq!(state.messages.shown_error(), Some("There is no such file"));
    assert_eq!(asked(&mut state), Some(2));
}

#[test]
fn what_is_done_with_colour_profiles_is_as_it_was_chosen_and_what_is_wrong_with_a_picture_is_said() {
    let mut state = State { profiles: Profiles::Ignore, ..State::default() };
    state.open(vec![Source::Sample(0)]);
    assert!(matches!(sent_one(&mut state), Some(Command::Open(_, Profiles::Ignore))));
    let mut photo = Photo::new(RgbImage::new(4, 4), "wide", Origin::Sample);
    photo.colours = Colours { profile: Some("Display P3".to_owned()), converted: true, ..Colours::default() };
    photo.warnings = vec!["the picture is dark: wide".to_owned()];
    told(&mut state, [Event::Opened { photo: Arc::new(photo), thumbnail: Arc::new(RgbImage::new(1, 1)) }]);
    assert_eq!(state.messages.shown_error(), Some("The picture is dark: wide"));
    let told: Vec<&str> = state.messages.lines().map(|line| line.text.as_str()).collect();
    assert!(told.iter().any(|line| line.contains("wide") && line.contains("Display P3")), "{told:?}");
}

#[test]
fn a_stopped_run_is_not_started_again_by_itself() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1), Event::Cancelled { run: RunId(1) }]);
    assert_eq!(asked(&mut state), None);
    assert!(state.active().is_none());
    assert_eq!(state.shown().unwrap().status, Status::Stopped);
}

#[test]
fn a_failed_run_says_why_and_another_can_follow() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    told(&mut state, [Event::Failed { run: Some(RunId(1)), message: "not a number".to_owned() }]);
    assert_eq!(state.messages.shown_error(), Some("Not a number"));
    state.want_run();
    assert_eq!(asked(&mut state), Some(2));
}

#[test]
fn the_timeline_follows_the_run_until_an_iteration_is_chosen() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1), step(1, 2)]);
    assert_eq!(state.step_number(), Some(1));
    state.move_step(-1);
    told(&mut state, [step(1, 3)]);
    assert_eq!(state.step_number(), Some(0));
    assert!(!state.shows_newest_step());
    state.move_step(5);
    told(&mut state, [step(1, 4)]);
    assert_eq!(state.step_number(), Some(3));
    assert!(state.shows_newest_step());
    state.move_step(-99);
    assert_eq!(state.step_number(), Some(0));
}

/// That I-GOS is finished, and keeps the mask of an iteration, counted from 1.
fn explained_by(run: u64, kept: usize) -> Event {
    let Event::Explained { run, explanation } = explained(run) else { panic!("no explanation") };
    Event::Explained { run, explanation: Arc::new(Explanation { kept: Some(kept), ..(*explanation).clone() }) }
}

#[test]
fn the_timeline_rests_at_the_iteration_that_is_the_result_and_all_others_can_be_chosen() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1), step(1, 2), step(1, 3), step(1, 4)]);
    assert_eq!((state.step_number(), state.kept_step()), (Some(3), None), "the newest, while it goes on");
    told(&mut state, [explained_by(1, 2), judged(1), Event::Finished { run: RunId(1) }]);
    let is_result = |state: &State| map::of(state, state.shown().unwrap(), &IGOS).unwrap().is_final;
    assert_eq!((state.step_number(), state.kept_step(), is_result(&state)), (Some(1), Some(1), true));
    state.move_step(1);
    assert_eq!((state.step_number(), is_result(&state)), (Some(2), false));
    state.move_step(9);
    assert_eq!((state.step_number(), is_result(&state)), (Some(3), false), "the last is not the result");
    state.move_step(-2);
    assert_eq!((state.step_number(), state.chosen_step, is_result(&state)), (Some(1), None, true));
    state.show_step(Some(0));
    state.show_step(Some(1));
    assert_eq!(state.chosen_step, None, "it follows a run again");
}

#[test]
fn playing_goes_through_all_iterations_and_ends_at_the_result() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1), step(1, 2), step(1, 3), explained_by(1, 2), judged(1)]);
    told(&mut state, [Event::Finished { run: RunId(1) }]);
    let start = Instant::now();
    state.play_or_stop(start);
    let mut seen = Vec::new();
    for tenths in 0..30 {
        state.play_on(start + Duration::from_millis(100 * tenths));
        seen.extend(state.step_number());
    }
    seen.dedup();
    assert_eq!(seen, [0, 1, 2, 1]);
    assert!(!state.playback.is_playing() && state.chosen_step.is_none());
}

#[test]
fn a_model_hosted_again_changes_the_device_and_nothing_on_the_wall() {
    let mut state = with_pictures(&["a", "b"]);
    asked(&mut state);
    told(&mut state, [model_ready("CPU, 2 threads"), predicted(1), step(1, 1), explained(1), judged(1)]);
    told(&mut state, [Event::Finished { run: RunId(1) }]);
    state.messages.dismiss();
    state.select(1);
    assert_eq!(asked(&mut state), Some(2));
    told(&mut state, [predicted(2), step(2, 1)]);

    let options = HostOptions { threads: 1, ..HostOptions::default() };
    state.host_with(options.clone());
    assert!(matches!(sent_one(&mut state), Some(Command::Host(told)) if *told == options), "the model is hosted again");
    told(&mut state, [Event::Cancelled { run: RunId(2) }, model_ready("CPU, 1 thread")]);
    assert_eq!(state.model.as_ref().unwrap().device, "CPU, 1 thread");
    assert_eq!(state.messages.shown_error(), None, "what was dismissed is not said again");
    assert_eq!(state.shown().unwrap().status, Status::Stopped);
    assert_eq!(state.shown().unwrap().iterations(&IGOS).len(), 1);
    assert_eq!(asked(&mut state), None, "nothing is computed again by itself");
    state.want_run();
    assert_eq!(asked(&mut state), Some(3));
    state.select(0);
    assert!(state.shown().unwrap().has_a_result());
    assert_eq!(asked(&mut state), None);
}

#[test]
fn a_class_is_explained_rather_than_another_until_it_is_that_one() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    told(&mut state, [predicted(1), step(1, 1), Event::Finished { run: RunId(1) }]);
    let question = |state: &mut State| {
        sent(state);
        let question = state.picture().unwrap().newest().unwrap().question;
        (question.class, question.against)
    };
    state.explain_against(Some(3));
    assert_eq!(question(&mut state), (Some(7), Some(3)), "the class that was the most probable one stays");
    state.explain_class(4);
    assert_eq!(question(&mut state), (Some(4), Some(3)));
    state.explain_class(3);
    assert_eq!(question(&mut state), (Some(3), None), "no class is explained rather than itself");
    state.explain_against(Some(3));
    assert_eq!(question(&mut state), (Some(3), None));
    state.explain_against(Some(4));
    state.explain_against(None);
    assert_eq!(question(&mut state), (Some(3), None));
}

#[test]
fn score_and_crop_go_into_the_next_run_and_stay_with_it() {
    let mut state = with_pictures(&["a", "b"]);
    state.explain_score(Score::Logit);
    state.cut(CropMode::Letterbox);
    let Some(Command::Explain(request)) = sent_one(&mut state) else { panic!("no request") };
    assert_eq!((request.score, request.crop), (Score::Logit, CropMode::Letterbox));
    let run = state.shown().unwrap();
    assert_eq!((run.question.score, run.question.crop), (Score::Logit, CropMode::Letterbox));
    state.select(1);
    let Some(Command::Explain(request)) = sent_one(&mut state) else { panic!("no request") };
    assert_eq!((request.score, request.crop), (Score::Logit, CropMode::Center), "a crop is one picture's");
}

#[test]
fn a_crop_that_the_picture_does_not_have_is_an_error_and_no_run() {
    let mut state = with_pictures(&["a"]);
    asked(&mut state);
    state.cut("0,0,9,9".parse().unwrap());
    assert!(state.messages.shown_error().unwrap().contains("4 × 4"), "the picture's size is told");
    assert_eq!(asked(&mut state), None);
}

#[test]
fn why_a_device_cannot_be_had_is_told_anew_when_it_is_another_reason() {
    let mut state = State::default();
    told(&mut state, [model_ready("CPU, 2 threads")]);
    assert_eq!(state.messages.shown_error(), Some("There is no GPU"));
    state.messages.dismiss();
    let Event::ModelReady { spec, device, place, devices, choice, judge, .. } = model_ready("CPU, 2 threads") else {
        panic!()
    };
    let fallback = Some("The driver is too old".to_owned());
    told(&mut state, [Event::ModelReady { spec, device, place, devices, fallback, choice, judge, beside: None }]);
    assert_eq!(state.messages.shown_error(), Some("The driver is too old"));
}

#[test]
fn a_run_that_had_to_make_room_goes_on_when_nothing_else_is_under_way() {
    let mut state = with_pictures(&["a", "b", "c"]);
    assert_eq!(asked(&mut state), Some(1));
    state.select(1);
    assert_eq!(asked(&mut state), Some(2));
    told(&mut state, [predicted(1), Event::Cancelled { run: RunId(1) }, predicted(2)]);
    assert_eq!(asked(&mut state), None, "the picture one looks at goes first");
    told(&mut state, [step(2, 1), explained(2), judged(2), Event::Finished { run: RunId(2) }]);
    let Some(Command::Explain(request)) = sent_one(&mut state) else { panic!("no request") };
    assert_eq!((request.photo.name.as_str(), state.selected), ("a", 1), "and nothing else comes on the wall");
    told(&mut state, [predicted(3), step(3, 1), explained(3), judged(3), Event::Finished { run: RunId(3) }]);
    assert_eq!(asked(&mut state), None, "the third was never looked at");
}

#[test]
fn what_was_ended_does_not_go_on_by_itself() {
    let mut state = with_pictures(&["a", "b"]);
    assert_eq!(asked(&mut state), Some(1));
    state.select(1);
    assert_eq!(asked(&mut state), Some(2));
    state.stop(Instant::now());
    assert!(matches!(sent(&mut state)[..], [Command::Pause]));
    told(&mut state, [Event::Cancelled { run: RunId(1) }]);
    assert_eq!(asked(&mut state), None);
}

#[test]
fn a_run_that_was_stopped_goes_on_where_it_stopped_until_something_else_is_asked_for() {
    let now = Instant::now();
    let mut state = with_pictures(&["a", "b"]);
    assert_eq!(asked(&mut state), Some(1));
    told(&mut state, [predicted(1), step(1, 1)]);
    state.stop(now);
    assert!(matches!(sent(&mut state)[..], [Command::Pause]));
    assert!(state.can_go_on() && state.shown().unwrap().status == Status::Stopped);
    // What was on its way when it stopped is kept.
    told(&mut state, [step(1, 2)]);
    state.want_rest(now);
    assert!(matches!(sent(&mut state)[..], [Command::Resume]));
    assert_eq!(state.active().map(|(_, run)| run.id), Some(RunId(1)));
    told(&mut state, [step(1, 3)]);
    assert_eq!(state.shown().unwrap().method(&IGOS).unwrap().iterations.len(), 3, "no iteration is lost or twice");

    // Other parameters are another question: what waited is of no use.
    state.stop(now);
    drop(sent(&mut state));
    state.parameters = state.parameters.drawn_again(1);
    state.want_rest(now);
    let Some(Command::Explain(request)) = sent_one(&mut state) else { panic!("no request") };
    assert_eq!(request.run, RunId(2));
    told(&mut state, [Event::Cancelled { run: RunId(1) }]);
    assert_eq!(state.active().map(|(_, run)| run.id), Some(RunId(2)));

    // A run that is not there any more waits for nobody.
    state.stop(now);
    drop(sent(&mut state));
    state.close(0);
    assert!(sent(&mut state).iter().any(|command| matches!(command, Command::Stop)));
}
