//! A model of the catalogue, from the hub to an explanation: by the worker, and on the command line.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
    time::Duration,
};

use igoscope::{
    explain::GRAD_CAM,
    imaging::CropMode,
    model::{Architecture, Entry, Hub, ModelChoice, Score},
    worker::{self, Event, HostOptions, Request, RunId, Worker},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::{
    hub::{Content, Fault, Server},
    quick, sample,
};

/// Longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

const NAME: &str = "resnet50";

fn content(bytes: Vec<u8>) -> Content {
    let etag = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Content { bytes: Arc::new(bytes), etag, renamed_from: None }
}

/// A file of weights for ResNet-50, all of them 2⁻⁷ in half precision.
fn resnet50() -> Content {
    let mut header = serde_json::Map::new();
    let mut end = 0;
    for (name, shape) in Architecture::named(NAME).unwrap().tensors(1000) {
        let from = end;
        end += 2 * shape.iter().product::<usize>();
        header.insert(name, serde_json::json!({"dtype": "F16", "shape": shape, "data_offsets": [from, end]}));
    }
    let header = serde_json::to_string(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend([0, 0x20].repeat(end / 2));
    content(file)
}

fn next(worker: &Worker) -> Event {
    worker.events().recv_timeout(PATIENCE).expect("the worker says something")
}

fn until(worker: &Worker, last: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    while !events.last().is_some_and(&last) {
        events.push(next(worker));
    }
    events
}

fn hosts(server: &Server, cache: &Path) -> worker::Command {
    let hub = Hub { retry_pause: Duration::ZERO, ..Hub::new(&server.endpoint, cache) };
    let model = ModelChoice::Catalogue(Entry::named(NAME).unwrap());
    worker::Command::Host(Box::new(HostOptions { model, hub, ..HostOptions::default() }))
}

fn is_last_of_a_host(event: &Event) -> bool {
    matches!(event, Event::ModelReady { .. } | Event::ModelFailed { .. } | Event::FetchStopped)
}

/// That the worker still has a model that explains, and what it is called.
fn explains(worker: &Worker, run: u64) -> usize {
    let request = Request {
        known: Vec::new(),
        run: RunId(run),
        photo: Arc::new(sample("coffee")),
        class: None,
        against: None,
        score: Score::Probability,
        crop: CropMode::Center,
        methods: vec![&GRAD_CAM],
        parameters: quick(1),
        seeds: 1,
    };
    worker.send(worker::Command::Explain(Box::new(request)));
    let events = until(worker, |event| matches!(event, Event::Finished { .. } | Event::Failed { .. }));
    assert!(matches!(events.last(), Some(Event::Finished { .. })), "{events:?}");
    let predicted =
        events.iter().find_map(|event| if let Event::Predicted { class, .. } = event { Some(class.id) } else { None });
    predicted.unwrap()
}

#[test]
fn a_model_that_cannot_be_fetched_or_is_none_leaves_the_one_before() {
    let worker = Worker::start(HostOptions::default(), || {});
    assert!(matches!(next(&worker), Event::ModelReady { choice: ModelChoice::Embedded, .. }));
    let weights = content(b"these are no weights, whatever the hub says".to_vec());
    for (number, (told, words)) in
        [(&[Fault::Status(404)][..], "moved or removed"), (&[], "neither a safetensors")].into_iter().enumerate()
    {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(weights.clone(), told, &[]);
        worker.send(hosts(&server, folder.path()));
        let events = until(&worker, is_last_of_a_host);
        let Some(Event::ModelFailed { message }) = events.last() else { panic!("{events:?}") };
        assert!(message.contains(words), "{message}");
        assert_eq!(explains(&worker, number as u64), 967);
    }
}

#[test]
fn work_goes_on_while_a_model_is_fetched_and_the_download_can_be_stopped() {
    let worker = Worker::start(HostOptions::default(), || {});
    assert!(matches!(next(&worker), Event::ModelReady { .. }));
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(vec![7; 500_000]), &[], &[Fault::Stall(200_000)]);
    worker.send(hosts(&server, folder.path()));
    let has_part = |event: &Event| matches!(event, Event::Fetching { progress, .. } if progress.done == 200_000);
    let events = until(&worker, has_part);
    assert!(
        matches!(events.last(), Some(Event::Fetching { title, progress }) if title == "ResNet-50" && progress.total == 500_000)
    );
    assert_eq!(explains(&worker, 1), 967);
    worker.send(worker::Command::StopFetching);
    let events = until(&worker, is_last_of_a_host);
    assert!(matches!(events.last(), Some(Event::FetchStopped)), "{events:?}");
    assert_eq!(Hub::new("", folder.path()).unfinished(&Entry::named(NAME).unwrap().file), Some(200_000));
}

#[test]
fn another_model_asked_for_replaces_the_one_that_is_fetched() {
    let worker = Worker::start(HostOptions::default(), || {});
    assert!(matches!(next(&worker), Event::ModelReady { .. }));
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(vec![7; 500_000]), &[], &[Fault::Stall(200_000)]);
    worker.send(hosts(&server, folder.path()));
    until(&worker, |event| matches!(event, Event::Fetching { .. }));
    worker.send(worker::Command::Host(Box::default()));
    let events = until(&worker, is_last_of_a_host);
    assert!(matches!(events.last(), Some(Event::ModelReady { choice: ModelChoice::Embedded, .. })), "{events:?}");
    assert_eq!(explains(&worker, 1), 967);
}

#[test]
fn a_network_that_judges_is_fetched_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(resnet50(), &[], &[]);
    let worker::Command::Host(options) = hosts(&server, folder.path()) else { panic!("no host") };
    let worker =
        Worker::start(HostOptions { judge: Some(options.model), hub: options.hub, ..Default::default() }, || {});
    let events = until(&worker, is_last_of_a_host);
    assert!(matches!(events.first(), Some(Event::Fetching { title, .. }) if title == "ResNet-50"));
    let Some(Event::ModelReady { spec, judge: Some(Ok(judge)), .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!((spec.name.as_str(), judge.spec.name.as_str()), ("efficientnet-lite0", NAME));
}

fn igoscope(server: &Server, cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("HF_ENDPOINT", &server.endpoint)
        .env("HF_HOME", cache)
        .env_remove("HF_HUB_CACHE")
        .env_remove("HF_HUB_OFFLINE")
        .env_remove("HF_TOKEN")
        .output()
        .unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_model_is_listed_fetched_explained_with_checked_and_removed_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let weights = resnet50();
    let checksum = weights.etag.clone();
    let server = Server::start(weights, &[], &[Fault::Cut(1_000_000)]);
    let run = |arguments: &[&str]| igoscope(&server, folder.path(), arguments);
    let listed = |key: &str| {
        let all: Value = serde_json::from_slice(&run(&["models", "--json"]).stdout).unwrap();
        let found = all.as_array().unwrap().iter().find(|entry| entry["name"] == NAME).unwrap();
        found[key].clone()
    };
    assert!(listed("path").is_null());
    let about = listed("bytes").as_u64().unwrap();
    assert!((about as f64 / 102.2e6 - 1.0).abs() < 0.01, "{about} bytes for 25.6 million values");
    let output = run(&["models", "verify", NAME]);
    assert!(output.status.code() == Some(1) && words(&output.stderr).contains("not on this computer"));

    let explain = [
        "explain",
        "assets/samples/coffee.jpg",
        "--model",
        NAME,
        "--method",
        "grad-cam",
        "--curve-steps",
        "2",
        "--json",
    ];
    let output = run(&explain);
    assert!(output.status.success(), "{}", words(&output.stderr));
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&record["model"], &record["architecture"]), (&NAME.into(), &NAME.into()));
    assert_eq!((&record["weights"], &record["weights_sha256"]), (&"timm/resnet50.tv_in1k".into(), &checksum.into()));
    assert_eq!(server.ranges().len(), 2, "it was cut once, and gone on with");

    let path = listed("path");
    assert!(Path::new(path.as_str().unwrap()).starts_with(folder.path().join("hub")));
    assert!(words(&run(&["models"]).stdout).contains(path.as_str().unwrap()));
    assert!(words(&run(&["models", "fetch", NAME]).stdout).contains(path.as_str().unwrap()));
    assert_eq!(server.ranges().len(), 2, "what is in the cache is not fetched again");
    assert!(run(&["models", "verify"]).status.success());
    std::fs::write(path.as_str().unwrap(), "damaged").unwrap();
    let output = run(&["models", "verify", NAME]);
    assert!(output.status.code() == Some(1) && words(&output.stderr).contains("igoscope models remove resnet50"));
    assert!(run(&["models", "remove", NAME]).status.success());
    assert!(listed("path").is_null());
    assert_eq!(run(&["models", "remove", NAME]).status.code(), Some(1));
    assert_eq!(run(&["models", "fetch", "no-such-model"]).status.code(), Some(2));
}

#[test]
fn a_model_that_is_not_here_and_cannot_be_fetched_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(["explain", "assets/samples/coffee.jpg", "--model", NAME])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("HF_HUB_CACHE", folder.path())
        .env("HF_HUB_OFFLINE", "1")
        .output()
        .unwrap();
    let told = words(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.lines().count() == 1 && told.contains("HF_HUB_OFFLINE") && told.contains("--weights"), "{told}");
}
