use image::RgbImage;

use super::{outbox::Errand, run_state::Status, *};
use crate::{
    explain::{
        Baseline, BaselineSeen, CurvePoint, Curves, Explanation, IGOS, IgosParameters, Iteration, Judge, Mask, Method,
        Prediction, RandomOrders, Saliency, SecondOpinion, Term, Value,
    },
    imaging::{Crop, CropMode, CropRule, Interpolation, Normalisation, Origin, Photo, Region},
    model::{Input, Labels, ModelChoice, Sides, Target},
    worker::Event,
};

pub fn model_ready(device: &str) -> Event {
    let spec = ModelSpec {
        name: "toy".to_owned(),
        title: "Toy".to_owned(),
        crop: CropRule { resize: 2, crop: 2 },
        sides: Sides { own: 2, others: Some(2..=8) },
        normalisation: Normalisation { mean: [0.5; 3], std: [0.5; 3] },
        labels: Arc::new(Labels::from_lines("cock\nhen")),
        feature_layer: "last".to_owned(),
        architecture: "toy".to_owned(),
        origin: "none".to_owned(),
        sha256: None,
    };
    Event::ModelReady {
        spec: Arc::new(spec),
        device: device.to_owned(),
        place: DeviceChoice::Cpu,
        devices: Arc::from([]),
        fallback: Some("There is no GPU".to_owned()),
        choice: ModelChoice::Embedded,
    }
}

pub fn opened(name: &str) -> Event {
    let photo = Photo { image: RgbImage::new(4, 4), name: name.to_owned(), origin: Origin::Sample };
    Event::Opened { photo: Arc::new(photo), thumbnail: Arc::new(RgbImage::new(1, 1)) }
}

pub fn predicted(run: u64) -> Event {
    let region = Region { x: 0.0, y: 0.0, width: 4.0, height: 4.0 };
    let crop = Crop { image: RgbImage::new(2, 2), region };
    let normalisation = Normalisation { mean: [0.5; 3], std: [0.5; 3] };
    let input = Input { planar: vec![0.0; 12], side: 2, crop, normalisation };
    let class = Prediction { id: 7, name: "cock".to_owned(), probability: 0.5 };
    Event::Predicted {
        run: RunId(run),
        input: Arc::new(input),
        class: class.clone(),
        against: None,
        value: 0.5,
        top: vec![class.clone()],
        probabilities: Arc::from([0.1; 10]),
        baseline: BaselineSeen { probability: 0.01, top: Prediction { id: 3, ..class }, is_still_the_class: false },
    }
}

pub fn step(run: u64, iteration: usize) -> Event {
    let value = |term: &Term| match term.name {
        "score" => Value::Real(0.5),
        "objective" => Value::Real(0.7),
        "accepted" => Value::Switch(true),
        "trials" | "forward_passes" | "backward_passes" => Value::Whole(1),
        _ => Value::Real(0.1),
    };
    let iteration = Iteration {
        number: iteration,
        terms: IGOS.terms,
        values: IGOS.terms.iter().map(value).collect(),
        seconds: 0.5,
        mask: Mask { size: 2, values: vec![1.0; 4] },
    };
    Event::Iteration { run: RunId(run), method: &IGOS, iteration: Arc::new(iteration) }
}

pub fn explained(run: u64) -> Event {
    let saliency = Saliency {
        width: 1,
        height: 1,
        values: vec![1.0],
        interpolation: Interpolation::Nearest,
        clipped_fraction: 0.0,
        full: None,
    };
    let parameters = Arc::new(IgosParameters::default());
    let explanation = Explanation::of(&IGOS, Target::probability(7), saliency, parameters, 1.0);
    Event::Explained { run: RunId(run), explanation: Arc::new(explanation) }
}

pub fn judged(run: u64) -> Event {
    let points = [0.0, 1.0].map(|fraction| CurvePoint { fraction, deletion: 0.5, insertion: 0.5 });
    Event::Judged { run: RunId(run), method: &IGOS, curves: Arc::new(Curves { points: points.to_vec() }) }
}

/// That I-GOS has no curves, as it found nothing.
pub fn judged_empty(run: u64) -> Event {
    Event::Judged { run: RunId(run), method: &IGOS, curves: Arc::default() }
}

/// The second judge's curves of a method.
pub fn second_judged(run: u64, method: &'static Method) -> Event {
    let Event::Judged { curves, .. } = judged(run) else { panic!("no curves") };
    let judge = Judge { baseline: Baseline::Grey, model: None };
    let second = Arc::new(SecondOpinion { judge, curves: (*curves).clone() });
    Event::SecondJudged { run: RunId(run), method, second }
}

/// The curves of one random order.
pub fn random_judged(run: u64) -> Event {
    let Event::Judged { curves, .. } = judged(run) else { panic!("no curves") };
    Event::RandomJudged { run: RunId(run), random: Arc::new(RandomOrders { curves: vec![(*curves).clone()] }) }
}

/// Everything that a whole run tells of `methods`.
pub fn whole_run(run: u64, methods: &[&'static Method]) -> Vec<Event> {
    let mut events = vec![predicted(run)];
    for &method in methods {
        events.push(Event::Started { run: RunId(run), method });
        if method == &IGOS {
            events.extend([step(run, 1), step(run, 2)]);
        }
        events.extend([explained(run), judged(run)].map(|event| match event {
            Event::Explained { run, explanation } => {
                Event::Explained { run, explanation: Arc::new(Explanation { method, ..(*explanation).clone() }) }
            }
            Event::Judged { run, curves, .. } => Event::Judged { run, method, curves },
            other => other,
        }));
    }
    events.push(random_judged(run));
    events.extend(methods.iter().map(|method| second_judged(run, method)));
    events.push(Event::Finished { run: RunId(run) });
    events
}

/// What the worker is told, after the state has settled.
pub fn sent(state: &mut State) -> Vec<Command> {
    state.settle(Instant::now());
    let errands = state.outbox.take().into_iter();
    errands.filter_map(|errand| if let Errand::Tell(command) = errand { Some(command) } else { None }).collect()
}

/// The one thing the worker is told, if it is told something.
pub fn sent_one(state: &mut State) -> Option<Command> {
    let mut sent = sent(state);
    assert!(sent.len() <= 1, "{sent:?}");
    sent.pop()
}

/// The methods that are asked for, and those of them whose map is there already.
pub fn asked_for(state: &mut State) -> Option<(Vec<&'static Method>, Vec<&'static Method>)> {
    match sent_one(state)? {
        Command::Explain(request) => Some((request.methods, request.known.iter().map(|known| known.method).collect())),
        Command::Stop => None,
        other => panic!("{other:?} is no request"),
    }
}

pub fn told(state: &mut State, events: impl IntoIterator<Item = Event>) {
    for event in events {
        state.absorb(event, Instant::now());
    }
}

/// The number of the run that is asked for, if one is.
pub fn asked(state: &mut State) -> Option<u64> {
    match sent_one(state)? {
        Command::Explain(request) => Some(request.run.0),
        other => panic!("{other:?} is no request"),
    }
}

pub fn with_pictures(names: &[&str]) -> State {
    let mut state = State::default();
    state.open(names.iter().map(|name| Source::File(name.into())).collect());
    assert!(matches!(sent_one(&mut state), Some(Command::Open(_))));
    told(&mut state, names.iter().map(|name| opened(name)));
    state
}

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
    assert!(matches!(sent_one(&mut state), Some(Command::Open(_))));
    told(&mut state, [Event::Cancelled { run: RunId(1) }]);
    assert_eq!(asked(&mut state), None);
    told(&mut state, [Event::Failed { run: None, message: "there is no such file".to_owned() }]);
    assert_eq!(state.messages.shown_error(), Some("There is no such file"));
    assert_eq!(asked(&mut state), Some(2));
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
        state.play_on(start + std::time::Duration::from_millis(100 * tenths));
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
    assert!(matches!(sent_one(&mut state), Some(Command::Host(told)) if told == options), "the model is hosted again");
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
    let Event::ModelReady { spec, device, place, devices, choice, .. } = model_ready("CPU, 2 threads") else {
        panic!()
    };
    let fallback = Some("The driver is too old".to_owned());
    told(&mut state, [Event::ModelReady { spec, device, place, devices, fallback, choice }]);
    assert_eq!(state.messages.shown_error(), Some("The driver is too old"));
}
