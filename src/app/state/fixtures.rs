//! Events as a worker tells them, and states that have heard them, for tests.

use image::RgbImage;

use super::{outbox::Errand, *};
use crate::{
    explain::{
        Baseline, BaselineSeen, CURVE_DESCENT, CurvePoint, Curves, Explanation, GRAD_CAM, IGOS, INTEGRATED_GRADIENTS,
        IgosParameters, Iteration, Judge, Mask, Method, Prediction, RandomOrders, Saliency, SecondOpinion, Term, Value,
    },
    imaging::{Crop, CropRule, Interpolation, Normalisation, Origin, Photo, Region, Size},
    model::{Answer, Guesses, Head, HeadSource, Input, Labels, ModelChoice, Sizes, Target},
    worker::Event,
};

pub fn model_ready(device: &str) -> Event {
    let spec = ModelSpec {
        name: "toy".to_owned(),
        title: "Toy".to_owned(),
        crop: CropRule::new(2, 2),
        sizes: Sizes { own: Size::square(2), others: Some(2..=8) },
        normalisation: Normalisation::new([0.5; 3], [0.5; 3]),
        head: Head::Softmax,
        head_source: HeadSource::Default,
        labels: Arc::new(Labels::from_lines("cock\nhen")),
        feature_layer: "last".to_owned(),
        architecture: "toy".to_owned(),
        origin: "none".to_owned(),
        sha256: None,
        heads: None,
        state_dicts: None,
        graph: None,
        guesses: Guesses::default(),
    };
    Event::ModelReady {
        spec: Arc::new(spec),
        device: device.to_owned(),
        place: DeviceChoice::Cpu,
        devices: Arc::from([]),
        fallback: Some("There is no GPU".to_owned()),
        choice: ModelChoice::Embedded,
        judge: None,
        beside: None,
    }
}

pub fn opened(name: &str) -> Event {
    let photo = Photo::new(RgbImage::new(4, 4), name, Origin::Sample);
    Event::Opened { photo: Arc::new(photo), thumbnail: Arc::new(RgbImage::new(1, 1)) }
}

pub fn predicted(run: u64) -> Event {
    let region = Region { x: 0.0, y: 0.0, width: 4.0, height: 4.0 };
    let crop = Crop { image: RgbImage::new(2, 2), bands: None, region };
    let normalisation = Normalisation::new([0.5; 3], [0.5; 3]);
    let input = Input { planar: vec![0.0; 12], size: Size::square(2), crop, normalisation };
    let class = Prediction { id: 7, name: "cock".to_owned(), answer: Answer::Probability(0.5) };
    Event::Predicted {
        run: RunId(run),
        input: Arc::new(input),
        class: class.clone(),
        against: None,
        value: 0.5,
        top: vec![class.clone()],
        answers: Arc::from([0.1; 10]),
        baseline: BaselineSeen {
            answer: Answer::Probability(0.01),
            top: Prediction { id: 3, ..class },
            is_still_the_class: false,
        },
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
    Event::Judged {
        run: RunId(run),
        method: &IGOS,
        curves: Arc::new(Curves { points: points.to_vec(), ..Curves::default() }),
    }
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
    assert!(matches!(sent_one(&mut state), Some(Command::Open(..))));
    told(&mut state, names.iter().map(|name| opened(name)));
    state
}

/// Every method, in the order of running.
pub const ALL: [&Method; 4] = [&GRAD_CAM, &CURVE_DESCENT, &IGOS, &INTEGRATED_GRADIENTS];

/// A picture whose first run is finished, with a model.
pub fn explained_once() -> State {
    let mut state = with_pictures(&["a"]);
    told(&mut state, [model_ready("CPU")]);
    assert_eq!(asked(&mut state), Some(1));
    told(&mut state, whole_run(1, &ALL));
    state
}
