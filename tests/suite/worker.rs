//! The worker as a reader of its events sees it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use igoscope::{
    device::DeviceChoice,
    explain::{CURVE_DESCENT, Canvas, Change, CurvePoint, GRAD_CAM, IGOS, IgosParameters, Ranking, usual_methods},
    imaging::{CropMode, Origin, Photo, PixelRect, Profiles, Size},
    model::{ModelChoice, Score},
    worker::{Command, Event, HostOptions, Network, Probe, ProbeId, Request, RunId, Source, Worker},
};

use crate::common::{model, path, quick, sample};

/// Longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

fn start() -> Worker {
    let worker = Worker::start(HostOptions::default(), || {});
    assert!(matches!(next(&worker), Event::ModelReady { .. }));
    worker
}

fn next(worker: &Worker) -> Event {
    worker.events().recv_timeout(PATIENCE).expect("the worker says something")
}

/// Everything that is said until `last` fits.
fn until(worker: &Worker, last: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    while !events.last().is_some_and(&last) {
        events.push(next(worker));
    }
    events
}

fn on_the_cpu(threads: usize) -> HostOptions {
    HostOptions { device: DeviceChoice::Cpu, threads, ..HostOptions::default() }
}

fn photo() -> Arc<Photo> {
    Arc::new(sample("coffee"))
}

fn request(run: u64, iterations: usize) -> Request {
    let parameters = quick(iterations);
    let methods = usual_methods();
    Request {
        run: RunId(run),
        network: Network::Model,
        photo: photo(),
        crop: CropMode::Center,
        class: None,
        against: None,
        score: Score::Probability,
        methods,
        known: Vec::new(),
        metrics: Vec::new(),
        given: None,
        marked: None,
        parameters,
        seeds: 1,
    }
}

fn explain(worker: &Worker, request: Request) {
    worker.send(Command::Explain(Box::new(request)));
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::Finished { .. } | Event::Cancelled { .. } | Event::Failed { .. })
}

#[test]
fn a_run_streams_its_prediction_steps_maps_and_curves_in_order() {
    let worker = start();
    explain(&worker, request(7, 3));
    let events = until(&worker, is_end);
    assert!(matches!(events.last(), Some(Event::Finished { run: RunId(7) })));
    let Event::Predicted { class, top, answers, .. } = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!((class.id, class.name.as_str(), top.len(), answers.len()), (967, "espresso", 5, 1000));
    assert!((0.93..0.97).contains(&class.answer.number()));
    let steps: Vec<usize> = events
        .iter()
        .filter_map(|event| match event {
            Event::Iteration { method, iteration, .. } if *method == &IGOS => Some(iteration.number),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [1, 2, 3]);
    for method in usual_methods() {
        let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).unwrap();
        let started = place(&|e| matches!(e, Event::Started { method: m, .. } if *m == method));
        let explained = place(&|e| matches!(e, Event::Explained { explanation, .. } if explanation.method == method));
        let judged = place(&|e| matches!(e, Event::Judged { method: m, .. } if *m == method));
        let points: Vec<usize> = events
            .iter()
            .enumerate()
            .filter(|(_, e)| matches!(e, Event::CurvePoint { method: m, .. } if *m == method))
            .map(|(index, _)| index)
            .collect();
        assert!(started < explained && explained < points[0] && points[6] < judged && points.len() == 7);
        let second = place(&|e| matches!(e, Event::SecondJudged { method: m, .. } if *m == method));
        let random = place(&|e| matches!(e, Event::RandomJudged { .. }));
        assert!(judged < random && random < second);
    }
    let progress: Vec<(usize, usize)> = events
        .iter()
        .filter_map(|e| if let Event::Progress { done, total, .. } = e { Some((*done, *total)) } else { None })
        .collect();
    assert!(progress.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1), "{progress:?}");
    assert_eq!(progress.last().map(|(done, total)| done == total), Some(true));
}

#[test]
fn a_map_that_is_brought_along_is_judged_and_not_made_again() {
    let worker = start();
    explain(&worker, request(1, 1));
    let events = until(&worker, is_end);
    let known: Vec<_> = events
        .iter()
        .filter_map(
            |event| if let Event::Explained { explanation, .. } = event { Some(explanation.clone()) } else { None },
        )
        .collect();
    let mut again = Request { known, ..request(2, 1) };
    again.parameters.curves.steps = 3;
    explain(&worker, again);
    let events = until(&worker, is_end);
    assert!(matches!(events.last(), Some(Event::Finished { .. })));
    assert!(!events.iter().any(|event| matches!(event, Event::Iteration { .. } | Event::Explained { .. })));
    let judged: Vec<usize> = events
        .iter()
        .filter_map(|event| if let Event::Judged { curves, .. } = event { Some(curves.points.len()) } else { None })
        .collect();
    assert_eq!(judged, [4; 4]);
    let last = events
        .iter()
        .rev()
        .find_map(|e| if let Event::Progress { done, total, .. } = e { Some((*done, *total)) } else { None });
    assert!(last.is_some_and(|(done, total)| done == total), "{last:?}");
}

#[test]
fn the_first_of_many_pictures_is_explained_while_the_others_are_read() {
    let worker = start();
    worker.send(Command::Open(vec![Source::Sample(0); 40], Profiles::Convert));
    until(&worker, |event| matches!(event, Event::Opened { .. }));
    explain(&worker, request(1, 1));
    let events = until(&worker, |event| matches!(event, Event::Predicted { .. }));
    let opened = events.iter().filter(|event| matches!(event, Event::Opened { .. })).count();
    assert!(opened < 39, "the model did not wait for all of them");
}

#[test]
fn a_new_request_ends_the_one_under_way() {
    let worker = start();
    explain(&worker, request(1, 1000));
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    explain(&worker, request(2, 1));
    let events = until(&worker, |event| matches!(event, Event::Finished { .. }));
    let cancelled = events.iter().position(|e| matches!(e, Event::Cancelled { run: RunId(1) })).unwrap();
    let begun = events.iter().position(|e| matches!(e, Event::Predicted { run: RunId(2), .. })).unwrap();
    assert!(cancelled < begun);
}

#[test]
fn requests_that_were_never_begun_are_cancelled_too() {
    let worker = start();
    for run in 0..5 {
        explain(&worker, request(run, 2));
    }
    let events = until(&worker, |event| matches!(event, Event::Finished { .. }));
    assert!(matches!(events.last(), Some(Event::Finished { run: RunId(4) })));
    let cancelled = events.iter().filter(|event| matches!(event, Event::Cancelled { .. })).count();
    assert_eq!(cancelled, 4);
}

#[test]
fn a_paused_run_says_nothing_until_it_is_resumed() {
    let worker = start();
    explain(&worker, request(1, 1000));
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    worker.send(Command::Pause);
    assert!(worker.is_paused());
    // What was under way when the pause came: one batch at most.
    while worker.events().recv_timeout(Duration::from_secs(3)).is_ok() {}
    worker.send(Command::Resume);
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    worker.send(Command::Stop);
    until(&worker, |event| matches!(event, Event::Cancelled { .. }));
}

#[test]
fn a_paused_run_can_be_stopped_and_replaced() {
    let worker = start();
    explain(&worker, request(1, 1000));
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    worker.send(Command::Pause);
    worker.send(Command::Stop);
    until(&worker, |event| matches!(event, Event::Cancelled { .. }));
    explain(&worker, request(2, 1));
    until(&worker, |event| matches!(event, Event::Finished { run: RunId(2) }));
}

#[test]
fn failures_are_told_and_the_worker_lives_on() {
    let worker = start();
    let sources = vec![
        Source::File("/no/such/picture.jpg".into()),
        Source::Sample(99),
        Source::Bytes { name: "notes.txt".to_owned(), bytes: Arc::from(&b"not a picture"[..]) },
        Source::Sample(0),
    ];
    worker.send(Command::Open(sources, Profiles::Convert));
    let events: Vec<Event> = (0..4).map(|_| next(&worker)).collect();
    assert!(events[..3].iter().all(|event| matches!(event, Event::Failed { run: None, .. })), "{events:?}");
    assert!(matches!(&events[3], Event::Opened { photo, .. } if photo.name == "coffee"));

    let mut wrong = request(1, 1);
    wrong.parameters.edit(|igos: &mut IgosParameters| igos.mask_size = 100_000);
    explain(&worker, wrong);
    let events = until(&worker, is_end);
    let Some(Event::Failed { run: Some(RunId(1)), message }) = events.last() else { panic!("{events:?}") };
    assert!(message.contains("mask_size"), "{message}");
    explain(&worker, Request { class: Some(5000), ..request(2, 1) });
    assert!(matches!(until(&worker, is_end).last(), Some(Event::Failed { run: Some(RunId(2)), .. })));
    explain(&worker, Request { class: Some(281), ..request(3, 1) });
    let events = until(&worker, is_end);
    assert!(matches!(&events[0], Event::Predicted { class, .. } if class.id == 281));
    assert!(matches!(events.last(), Some(Event::Finished { .. })));
}

#[test]
fn a_model_hosted_again_ends_the_run_and_computes_with_the_threads_it_was_told() {
    let worker = Worker::start(on_the_cpu(2), || {});
    let Event::ModelReady { device, place: DeviceChoice::Cpu, devices, fallback: None, .. } = next(&worker) else {
        panic!("no model on the CPU")
    };
    assert_eq!(device, "CPU, 2 threads");
    assert!(devices.iter().any(|entry| entry.choice == DeviceChoice::Cpu && entry.unavailable.is_none()));
    explain(&worker, request(1, 1000));
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    worker.send(Command::Host(Box::new(HostOptions { gives_way: true, ..on_the_cpu(1) })));
    let events = until(&worker, |event| matches!(event, Event::ModelReady { .. }));
    assert!(events.iter().any(|event| matches!(event, Event::Cancelled { run: RunId(1) })), "{events:?}");
    assert!(matches!(events.last(), Some(Event::ModelReady { device, .. }) if device == "CPU, 1 thread"));
    explain(&worker, request(2, 1));
    assert!(matches!(until(&worker, is_end).last(), Some(Event::Finished { run: RunId(2) })));
}

#[test]
fn dropping_the_handle_does_not_wait_for_the_run() {
    let worker = start();
    explain(&worker, request(1, 1000));
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    let before = Instant::now();
    drop(worker);
    assert!(before.elapsed() < PATIENCE / 10);
}

#[test]
fn a_score_a_contrast_and_a_crop_are_explained_and_said() {
    let worker = start();
    let crop = CropMode::Region(PixelRect { x: 100, y: 50, width: 300, height: 300 });
    let question = Request { class: Some(967), against: Some(968), score: Score::Logit, crop, ..request(1, 1) };
    explain(&worker, question);
    let events = until(&worker, is_end);
    let Event::Predicted { input, class, against, value, answers, .. } = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!((class.id, against.as_ref().unwrap().id), (967, 968));
    // The difference of two logits is the logarithm of their probabilities' ratio.
    assert!((value - (answers[967] / answers[968]).ln()).abs() < 1e-3);
    let region = input.crop.region;
    assert_eq!((region.x, region.y, region.width, region.height), (100.0, 50.0, 300.0, 300.0));
    for event in &events {
        if let Event::Explained { explanation, .. } = event {
            assert_eq!(
                (explanation.target.class, explanation.target.against, explanation.target.score),
                (967, Some(968), Score::Logit)
            );
        }
    }
    assert!(matches!(events.last(), Some(Event::Finished { .. })));
}

#[test]
fn a_question_that_makes_no_sense_is_told_before_anything_is_computed() {
    let worker = start();
    let outside = CropMode::Region(PixelRect { x: 0, y: 0, width: 99_999, height: 10 });
    let questions = [
        (Request { class: Some(3), against: Some(3), ..request(1, 1) }, "rather than itself"),
        (Request { against: Some(1000), ..request(2, 1) }, "class 1000"),
        (Request { crop: outside, ..request(3, 1) }, "0,0,99999,10"),
    ];
    for (question, told) in questions {
        explain(&worker, question);
        let Event::Failed { run: Some(_), message } = next(&worker) else { panic!("nothing failed") };
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn a_model_can_be_hosted_for_larger_pictures() {
    let sized = |side| HostOptions { input_size: Some(Size::square(side)), ..HostOptions::default() };
    let worker = Worker::start(sized(256), || {});
    assert!(matches!(next(&worker), Event::ModelReady { spec, .. } if spec.side() == 256));
    explain(&worker, Request { methods: vec![&GRAD_CAM], ..request(1, 1) });
    let events = until(&worker, is_end);
    assert!(matches!(&events[0], Event::Predicted { input, class, .. } if input.size.width == 256 && class.id == 967));
    worker.send(Command::Host(Box::new(sized(4096))));
    let Event::ModelFailed { message } = next(&worker) else { panic!("it was hosted") };
    assert!(message.contains("32 to 1024"), "{message}");
    explain(&worker, Request { methods: vec![&GRAD_CAM], ..request(2, 1) });
    let events = until(&worker, is_end);
    assert!(
        matches!(&events[0], Event::Predicted { input, .. } if input.size.width == 256),
        "the one before is still there"
    );
}

#[test]
fn a_probe_is_answered_beside_a_run_that_is_held_with_what_the_curve_says() {
    let worker = start();
    explain(&worker, request(1, 1));
    let events = until(&worker, is_end);
    let hosted = Arc::new(model().spec().clone());
    let input =
        events.iter().find_map(|e| if let Event::Predicted { input, .. } = e { Some(Arc::clone(input)) } else { None });
    let found = events.iter().find_map(|e| match e {
        Event::Explained { explanation, .. } if explanation.method == &IGOS => Some(Arc::clone(explanation)),
        _ => None,
    });
    let curves = events.iter().find_map(|e| match e {
        Event::Judged { method, curves, .. } if *method == &IGOS => Some(Arc::clone(curves)),
        _ => None,
    });
    let (input, saliency, curves) = (input.unwrap(), &found.as_ref().unwrap().saliency, curves.unwrap());
    let ranking = Arc::new(Ranking::of(saliency, &quick(1).curves));
    let canvas = Arc::new(Canvas::new(input));
    let probe = |id, change, point: &CurvePoint| Probe {
        id: ProbeId(id),
        model: Arc::clone(&hosted),
        canvas: Arc::clone(&canvas),
        change,
        fraction: point.fraction,
        class: Some(967),
        rankings: vec![(&IGOS, Arc::clone(&ranking))],
    };

    explain(&worker, request(2, 1000));
    until(&worker, |event| matches!(event, Event::Iteration { .. }));
    worker.send(Command::Pause);
    for (number, point) in curves.points.iter().enumerate() {
        for (change, score) in [(Change::Deletion, point.deletion), (Change::Insertion, point.insertion)] {
            let id = 2 * number as u64 + u64::from(change == Change::Insertion);
            worker.send(Command::Probe(Box::new(probe(id, change, point))));
            let events = until(&worker, |event| matches!(event, Event::Probed { .. }));
            let Some(Event::Probed { probe, top }) = events.last() else { panic!("no answer") };
            assert_eq!((probe.0, top.len(), top[0].1.len()), (id, 1, 3));
            let class = top[0].1.iter().find(|class| class.id == 967).expect("the class that is explained is told");
            assert!((class.answer.number() - score).abs() < 1e-4, "{change:?} {point:?} {class:?}");
        }
    }
    assert!(worker.is_paused());
    worker.send(Command::Resume);
    until(&worker, |event| matches!(event, Event::Iteration { run: RunId(2), .. }));
    worker.send(Command::Stop);
    until(&worker, |event| matches!(event, Event::Cancelled { .. }));
}

/// The first map is not kept waiting by curves, and these grow while the next map is made.
#[test]
fn curves_of_a_quick_map_grow_between_the_iterations_of_the_next() {
    let worker = start();
    let mut request = request(1, 1);
    request.methods = vec![&GRAD_CAM, &CURVE_DESCENT];
    explain(&worker, request);
    let events = until(&worker, is_end);
    let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).unwrap();
    let first_point = place(&|e| matches!(e, Event::CurvePoint { method, .. } if *method == &GRAD_CAM));
    let first_mask = place(&|e| matches!(e, Event::Iteration { .. }));
    let map = place(&|e| matches!(e, Event::Explained { explanation, .. } if explanation.method == &CURVE_DESCENT));
    assert!(first_mask < first_point && first_point < map);
}

/// What the model is asked of a grey picture has no answer, and is not drawn as one.
#[test]
fn a_grey_picture_is_explained_by_nobody_and_judged_by_nobody() {
    let worker = start();
    let grey = image::RgbImage::from_pixel(224, 224, image::Rgb([127; 3]));
    let photo = Photo::from_rgba(224, 224, &image::DynamicImage::from(grey).to_rgba8(), "grey", Origin::Clipboard);
    explain(&worker, Request { photo: Arc::new(photo.unwrap()), ..request(1, 2) });
    let events = until(&worker, is_end);
    assert!(matches!(events.last(), Some(Event::Finished { .. })), "{:?}", events.last());
    let nothing =
        |event: &Event| matches!(event, Event::Explained { explanation, .. } if explanation.nothing.is_some());
    assert_eq!(events.iter().filter(|event| nothing(event)).count(), usual_methods().len());
    assert!(!events.iter().any(|e| matches!(e, Event::CurvePoint { .. } | Event::SecondJudged { .. })));
    assert!(events.iter().all(|e| !matches!(e, Event::Judged { curves, .. } if !curves.is_empty())));
}

#[test]
fn areas_of_other_seeds_are_told_and_those_without_chance_differ_by_ties_alone() {
    let worker = start();
    let mut request = request(1, 1);
    request.methods = vec![&GRAD_CAM, &CURVE_DESCENT];
    request.seeds = 3;
    request.parameters.curves.random_orders = 3;
    explain(&worker, request);
    let events = until(&worker, is_end);
    let random =
        events.iter().find_map(|e| if let Event::RandomJudged { random, .. } = e { Some(random) } else { None });
    let [deletion, insertion] = random.unwrap().areas().unwrap();
    assert!(deletion.low < deletion.high && insertion.low < insertion.high, "each order is another one");
    for method in [&GRAD_CAM, &CURVE_DESCENT] {
        let spread = events.iter().find_map(|event| match event {
            Event::Spread { method: own, spread, .. } if *own == method => Some(spread),
            _ => None,
        });
        let spread = spread.unwrap();
        assert_eq!(spread.areas.len(), 3);
        let own = events.iter().find_map(|event| match event {
            Event::Judged { method: own, curves, .. } if *own == method => {
                Some([curves.deletion(), curves.insertion()])
            }
            _ => None,
        });
        assert_eq!(Some(spread.areas[0]), own, "the first is the run's own");
        let [deletion, _] = spread.deviations().unwrap();
        assert!(deletion.deviation > 0.0 || method == &GRAD_CAM);
    }
}

/// The embedded network as its own judge gives the same curves: it sees the same part of the picture.
#[test]
fn another_network_judges_the_same_part_of_the_picture() {
    let options = HostOptions { judge: Some(ModelChoice::Embedded), ..HostOptions::default() };
    let worker = Worker::start(options, || {});
    assert!(matches!(next(&worker), Event::ModelReady { .. }));
    explain(&worker, Request { methods: vec![&GRAD_CAM], ..request(1, 1) });
    let events = until(&worker, is_end);
    let own =
        events.iter().find_map(|e| if let Event::Judged { curves, .. } = e { Some(curves.clone()) } else { None });
    let by_network = events.iter().find_map(|event| match event {
        Event::SecondJudged { second, .. } if second.judge.model.is_some() => Some(second.clone()),
        _ => None,
    });
    let (own, by_network) = (own.unwrap(), by_network.unwrap());
    assert_eq!(by_network.judge.model.as_deref(), Some("efficientnet-lite0"));
    // Resized in one step and not in two, so not to the bit.
    let (one, other) = (own.insertion(), by_network.curves.insertion());
    assert!((one - other).abs() < 0.05, "{one} {other}");
}

/// Class 967 would be something else to it, and nobody would notice.
#[test]
fn a_network_with_other_classes_does_not_judge_and_the_model_is_hosted_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..1000).map(|id| format!("bird {id}")).collect();
    std::fs::write(folder.path().join("birds.txt"), names.join("\n")).unwrap();
    let weights = path("assets/efficientnet-lite0.safetensors");
    let manifest = format!("weights = {:?}\nlabels = \"birds.txt\"\n", weights.display().to_string());
    let file = folder.path().join("birds.toml");
    std::fs::write(&file, manifest).unwrap();
    let options = HostOptions { judge: Some(ModelChoice::File(file)), ..HostOptions::default() };
    let worker = Worker::start(options, || {});
    let Event::ModelReady { spec, judge: Some(Err(why)), .. } = next(&worker) else { panic!("it judges") };
    assert_eq!(spec.name, "efficientnet-lite0");
    assert!(why.contains("birds.toml cannot judge: its classes are not those of EfficientNet-Lite0"), "{why}");
    explain(&worker, Request { methods: vec![&GRAD_CAM], ..request(1, 1) });
    let by_network =
        |event: &Event| matches!(event, Event::SecondJudged { second, .. } if second.judge.model.is_some());
    let events = until(&worker, is_end);
    assert!(matches!(events.last(), Some(Event::Finished { .. })) && !events.iter().any(by_network));
}
