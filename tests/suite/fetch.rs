//! A model of the catalogue, from the hub to an explanation: by the worker, and on the command line.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use igoscope::{
    explain::GRAD_CAM,
    imaging::CropMode,
    model::{Architecture, Entry, Hub, ModelChoice, Score},
    worker::{self, Event, HostOptions, Network, Request, RunId, Worker},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::{
    hub::{Content, Fault, Manner, Server},
    path, quick, sample,
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
    matches!(
        event,
        Event::ModelReady { .. } | Event::FetchFailed { .. } | Event::ModelFailed { .. } | Event::FetchStopped
    )
}

/// That the worker still has a model that explains, and what it is called.
fn explains(worker: &Worker, run: u64) -> usize {
    let request = Request {
        known: Vec::new(),
        metrics: Vec::new(),
        given: None,
        marked: None,
        run: RunId(run),
        network: Network::Model,
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
        let message = match events.last() {
            Some(Event::FetchFailed { entry, options, message }) if number == 0 => {
                assert_eq!((entry.name, options.model.name()), (NAME, NAME));
                message
            }
            Some(Event::ModelFailed { message }) if number == 1 => message,
            _ => panic!("{events:?}"),
        };
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
    igoscope_with(&[("HF_ENDPOINT", server.endpoint.as_str()), ("HF_HOME", cache.to_str().unwrap())], arguments)
}

/// The program, with these variables for the hub and the network, and no others.
fn igoscope_with(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in
        ["HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN", "SSL_CERT_FILE", "SSL_CERT_DIR"]
    {
        command.env_remove(name);
    }
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.envs(variables.iter().copied()).output().unwrap()
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
    fs::write(path.as_str().unwrap(), "damaged").unwrap();
    let output = run(&["models", "verify", NAME]);
    assert!(output.status.code() == Some(1) && words(&output.stderr).contains("igoscope models fetch resnet50"));
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

/// A SOCKS5 proxy (RFC 1928) that leads everywhere to the same port of this computer, and how often it was asked. It goes
/// on until the tests end.
fn socks(port: u16) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&asked);
    let serve = move |mut client: TcpStream| -> io::Result<()> {
        let mut head = [0; 2];
        client.read_exact(&mut head)?;
        client.read_exact(&mut vec![0; head[1].into()])?;
        client.write_all(&[5, 0])?;
        let mut request = [0; 4];
        client.read_exact(&mut request)?;
        let mut length = [4];
        if request[3] == 3 {
            client.read_exact(&mut length)?;
        }
        client.read_exact(&mut vec![0; usize::from(length[0]) + 2])?;
        client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
        let mut server = TcpStream::connect(("127.0.0.1", port))?;
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || io::copy(&mut from, &mut to));
        io::copy(&mut server, &mut client)?;
        client.shutdown(std::net::Shutdown::Both)
    };
    thread::spawn(move || {
        for client in listener.incoming() {
            own.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || serve(client.unwrap()));
        }
    });
    (address, asked)
}

#[test]
fn a_socks_proxy_is_used_and_one_that_cannot_be_is_not_gone_around() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(vec![7; 100_000]), &[], &[]);
    let port = server.endpoint.rsplit(':').next().unwrap().parse().unwrap();
    let (proxy, asked) = socks(port);
    let fetch = |endpoint: &str, name: &str, value: &str| {
        let home = folder.path().to_str().unwrap();
        igoscope_with(&[("HF_ENDPOINT", endpoint), ("HF_HOME", home), (name, value)], &["models", "fetch", NAME])
    };
    // As what is no proxy is no way at all, nobody is asked.
    for value in ["socks6://127.0.0.1:9", "http://", "some words"] {
        let output = fetch(&server.endpoint, "all_proxy", value);
        let told = words(&output.stderr);
        assert!(output.status.code() == Some(1) && told.contains("all_proxy names no proxy"), "{value}: {told}");
    }
    assert_eq!((server.seen().len(), asked.load(Ordering::SeqCst)), (0, 0));
    // Nobody but the proxy knows a computer of this name.
    let output = fetch("http://hub.invalid", "ALL_PROXY", &format!("socks5h://{proxy}"));
    assert!(output.status.success(), "{}", words(&output.stderr));
    assert_eq!(asked.load(Ordering::SeqCst), server.seen().len());
    assert!(!server.ranges().is_empty());
}

#[test]
fn an_authority_of_ones_own_is_trusted_where_it_is_named_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_as(Manner { tls: true, ..Manner::default() }, content(vec![7; 100_000]), &[], &[]);
    let home = folder.path().join("home");
    let fetch = |variable: &[(&str, &str)]| {
        let own = [("HF_ENDPOINT", server.endpoint.as_str()), ("HF_HOME", home.to_str().unwrap())];
        igoscope_with(&[&own, variable].concat(), &["models", "fetch", NAME])
    };
    let output = fetch(&[]);
    let told = words(&output.stderr);
    assert!(
        output.status.code() == Some(1) && told.contains("not trusted") && told.contains("SSL_CERT_FILE"),
        "{told}"
    );
    let output = fetch(&[("SSL_CERT_FILE", "/no such file")]);
    let told = words(&output.stderr);
    assert!(output.status.code() == Some(1) && told.contains("that SSL_CERT_FILE names"), "{told}");
    assert_eq!(server.seen().len(), 0);

    let authority = path("tests/fixtures/tls/authority.pem");
    let output = fetch(&[("SSL_CERT_FILE", authority.to_str().unwrap())]);
    assert!(output.status.success(), "{}", words(&output.stderr));
    fs::remove_dir_all(&home).unwrap();
    // A folder as OpenSSL keeps them: a file a certificate, called by a hash.
    let certificates = folder.path().join("certificates");
    fs::create_dir(&certificates).unwrap();
    fs::copy(authority, certificates.join("01234567.0")).unwrap();
    let output = fetch(&[("SSL_CERT_DIR", certificates.to_str().unwrap())]);
    assert!(output.status.success(), "{}", words(&output.stderr));
}

#[test]
fn what_the_environment_says_is_taken_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(vec![7; 1000]), &[], &[]);
    let home = folder.path().to_str().unwrap();
    let own = [("HF_ENDPOINT", server.endpoint.as_str()), ("HOME", home), ("USERPROFILE", home)];
    let fetch = |others: &[(&str, &str)]| {
        let output = igoscope_with(&[&own, others].concat(), &["models", "fetch", NAME]);
        assert!(output.status.success(), "{}", words(&output.stderr));
        words(&output.stderr)
    };
    fetch(&[("HF_HOME", "~/models of mine"), ("HF_TOKEN", " secret\r\n")]);
    assert!(folder.path().join("models of mine/hub").is_dir(), "~ is the user's folder");
    let seen = server.seen();
    assert!(seen.iter().any(|seen| seen.has_token), "a line feed is no part of a token");
    fetch(&[("HF_HUB_CACHE", "~/cache")]);
    assert!(folder.path().join("cache/models--timm--resnet50.tv_in1k").is_dir());

    let server =
        Server::start_as(Manner { refuses_tokens: true, ..Manner::default() }, content(vec![7; 1000]), &[], &[]);
    let told = fetch(&[("HF_ENDPOINT", &server.endpoint), ("HF_HOME", "~/expired"), ("HF_TOKEN", "secret")]);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("HF_TOKEN") && told.contains("expired") && told.contains("going on without it"), "{told}");
}

#[test]
fn a_model_whose_file_was_cut_short_is_fetched_again_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(vec![7; 100_000]), &[], &[]);
    let fetch = || igoscope(&server, folder.path(), &["models", "fetch", NAME]);
    let path = words(&fetch().stdout).trim().split_once(" is in ").unwrap().1.to_owned();
    fs::write(fs::canonicalize(&path).unwrap(), [7; 1000]).unwrap();
    let output = fetch();
    assert!(output.status.success() && words(&output.stderr).contains("was not what the hub has"));
    assert_eq!(fs::read(&path).unwrap(), [7; 100_000]);
    assert_eq!(words(&fetch().stderr), "");
}
