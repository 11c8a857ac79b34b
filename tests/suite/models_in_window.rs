//! Choosing a model in the window: the list of models with a hub on this computer, and PyTorch's files dropped on it.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use candle_core::Device;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::{
    app::Options,
    explain::{CurveDescentParameters, IgosParameters, IntegratedGradientsParameters, Parameters, usual_methods},
    imaging::Size,
    model::{Architecture, Entry, Head, HeadSource, Hub, ModelChoice, Score},
    worker::HostOptions,
};
use igoscope_test_tools::made;
use sha2::{Digest, Sha256};

use crate::common::{
    driver::{Window, app, click, is_idle, log, shows, steps, wait, window},
    fine_tuned,
    hub::{Content, Fault, Server},
    path,
    pth::{self, Shaped},
    quick, tensors,
};

fn content(bytes: Vec<u8>) -> Content {
    let etag = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Content { bytes: Arc::new(bytes), etag, renamed_from: None }
}

/// A file of weights for a network of the catalogue, all of them 2⁻⁷ in half precision.
fn even_weights(name: &str) -> Content {
    let mut header = serde_json::Map::new();
    let mut end = 0;
    for (name, shape) in Architecture::named(name).unwrap().tensors(1000) {
        let from = end;
        end += 2 * shape.iter().product::<usize>();
        header.insert(name, serde_json::json!({"dtype": "F16", "shape": shape, "data_offsets": [from, end]}));
    }
    let header = serde_json::to_string(&header).unwrap();
    let weights = [0, 0x20].repeat(end / 2);
    content([&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &weights].concat())
}

/// A window that explains a sample, and fetches models from `endpoint` into `cache`.
fn window_at(endpoint: &str, cache: &Path, parameters: Parameters) -> Window {
    let hub = Hub { retry_pause: Duration::ZERO, ..Hub::new(endpoint, cache) };
    let host = HostOptions { hub, gives_way: true, ..HostOptions::default() };
    window(Options { sample: Some("coffee".to_owned()), host, ..Options::default() }, parameters)
}

/// A hub that nobody needs.
const NOWHERE: &str = "http://127.0.0.1:9";

fn tells(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

/// What the row of a model of the catalogue is called that is at such a place.
fn row(name: &str, place: &str) -> String {
    let entry = Entry::named(name).unwrap();
    let megabytes = entry.approximate_bytes() as f64 / 1e6;
    format!("{}, {megabytes:.0} MB, {:.1} %, {}, {place}", entry.title(), entry.top1(), entry.licence)
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(2);
}

fn open(window: &mut Window, search: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(3);
    window.get_by_label("Search models").type_text(search);
    window.run_steps(2);
}

fn is_disabled(window: &Window, label: &str) -> bool {
    window.get_by_label(label).accesskit_node().is_disabled()
}

fn hub_file(name: &str) -> igoscope::model::HubFile {
    Entry::named(name).unwrap().file
}

#[test]
fn the_list_says_of_every_model_what_it_is_and_where_and_leaves_the_run_alone() {
    let cache = tempfile::tempdir().unwrap();
    let mut window = window_at(NOWHERE, cache.path(), quick(200));
    wait(&mut window, "there is a mask", |window| steps(window) > 0);
    click(&mut window, "Model: EfficientNet-Lite0");
    wait(&mut window, "the disk was looked at", |window| shows(window, &row("resnet50", "Not here")));
    assert!(shows(&window, "EfficientNet-Lite0, Apache-2.0, In use"));
    assert!(shows(&window, &row("vgg19", "Not here")));
    window.get_by_label("Search models").type_text("vgg 19");
    window.run_steps(2);
    assert!(tells(&window, "VGG-19, ") && !tells(&window, "ResNet-50, "));
    press(&mut window, Key::Escape);
    assert!(!shows(&window, "Search models"));
    assert!(app(&window).state().active().is_some(), "Escape closes the list and does not stop the run");
    press(&mut window, Key::Escape);
    wait(&mut window, "the next one does", is_idle);
}

#[test]
fn a_model_is_chosen_with_the_keyboard_and_what_is_none_leaves_the_one_before_and_can_be_removed() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::start(content(b"these are no weights".repeat(10_000)), &[], &[]);
    let mut window = window_at(&server.endpoint, cache.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    let run = app(&window).state().shown().unwrap().id;
    open(&mut window, "resnet50");
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Enter);
    wait(&mut window, "it is no model", |window| log(window).contains("neither a safetensors"));
    assert!(shows(&window, "Model: EfficientNet-Lite0"));
    assert!(tells(&window, "neither a safetensors") && !shows(&window, "Dismiss"), "it is said where it was chosen");
    let state = app(&window).state();
    assert!(state.host.model == ModelChoice::Embedded && state.shown().unwrap().id == run);

    // The second of two was chosen.
    let wide = Architecture::named("wide_resnet50_2").unwrap().title();
    wait(&mut window, "the row says that it is here", |window| shows(window, &row("wide_resnet50_2", "0.2 MB")));
    click(&mut window, &format!("Verify {wide}"));
    wait(&mut window, "it was checked", |window| shows(window, &row("wide_resnet50_2", "0.2 MB, intact")));
    click(&mut window, &format!("Remove {wide}"));
    click(&mut window, &format!("Keep {wide}"));
    assert!(Hub::new("", cache.path()).cached(&hub_file("wide_resnet50_2")).is_some());
    click(&mut window, &format!("Remove {wide}"));
    click(&mut window, &format!("Remove 0.2 MB? {wide}"));
    wait(&mut window, "it is gone", |window| shows(window, &row("wide_resnet50_2", "Not here")));
    assert!(Hub::new("", cache.path()).cached(&hub_file("wide_resnet50_2")).is_none());
    assert!(log(&window).contains(&format!("Removed {wide}, 0.2 MB")), "{}", log(&window));
    press(&mut window, Key::Escape);
    assert!(shows(&window, "Dismiss") && tells(&window, "EfficientNet-Lite0 stays in use"), "and across the top after");
}

#[test]
fn a_download_is_seen_in_its_row_and_stopped_there_and_what_it_left_can_be_removed() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::start(content(vec![7; 500_000]), &[], &[Fault::Stall(200_000)]);
    let mut window = window_at(&server.endpoint, cache.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    open(&mut window, "vgg19");
    wait(&mut window, "the row is there", |window| shows(window, &row("vgg19", "Not here")));
    click(&mut window, &row("vgg19", "Not here"));
    wait(&mut window, "some has come", |window| shows(window, &row("vgg19", "0.2 of 0.5 MB")));
    assert!(!shows(&window, "Remove VGG-19"), "what is being fetched is not removed");
    click(&mut window, "Stop fetching VGG-19");
    wait(&mut window, "it has stopped", |window| shows(window, &row("vgg19", "0.2 MB of it")));
    assert_eq!(Hub::new("", cache.path()).unfinished(&hub_file("vgg19")), Some(200_000));
    click(&mut window, "Remove VGG-19");
    press(&mut window, Key::Escape);
    assert!(shows(&window, "Remove VGG-19"), "Escape takes the question back and leaves the list open");
    click(&mut window, "Remove VGG-19");
    click(&mut window, "Remove 0.2 MB? VGG-19");
    wait(&mut window, "it is gone", |window| shows(window, &row("vgg19", "Not here")));
    assert_eq!(Hub::new("", cache.path()).unfinished(&hub_file("vgg19")), None);
}

#[test]
fn a_model_that_could_not_be_fetched_is_asked_for_again_where_it_is_said() {
    let cache = tempfile::tempdir().unwrap();
    let faults = [Fault::Status(404), Fault::Status(404)];
    let server = Server::start(content(b"these are no weights".repeat(10_000)), &faults, &[]);
    let mut window = window_at(&server.endpoint, cache.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    open(&mut window, "vgg19");
    wait(&mut window, "the row is there", |window| shows(window, &row("vgg19", "Not here")));
    assert!(!shows(&window, "Try again"));
    click(&mut window, &row("vgg19", "Not here"));
    let offers = |window: &Window| shows(window, "Try again") && shows(window, "Choose a file…");
    wait(&mut window, "it says so in the list", |window| tells(window, "moved or removed") && offers(window));
    // Without the list it stands across the top.
    press(&mut window, Key::Escape);
    assert!(tells(&window, "moved or removed") && offers(&window) && !tells(&window, "--weights"));
    click(&mut window, "Try again");
    wait(&mut window, "it was in vain", |window| server.seen().len() == 2 && offers(window));
    open(&mut window, "vgg19");
    press(&mut window, Key::Escape);
    click(&mut window, "Dismiss");
    assert!(!offers(&window));
    open(&mut window, "vgg19");
    assert!(!offers(&window), "the user knows");
    press(&mut window, Key::Enter);
    wait(&mut window, "it came, and is no model", |window| log(window).contains("neither a safetensors"));
    assert!(!offers(&window), "to fetch it again would not help");
}

#[test]
fn a_fetched_model_explains_in_another_size_too_and_is_kept_while_it_is_in_use() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::start(even_weights("resnet18"), &[], &[]);
    let mut window = window_at(&server.endpoint, cache.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    open(&mut window, "resnet18");
    press(&mut window, Key::Enter);
    let explained = |window: &Window, side: usize| {
        let run = app(window).state().shown();
        let input = run.and_then(|run| run.seen.as_ref()).map(|seen| seen.input.size.width);
        let model = run.and_then(|run| run.model.as_ref()).map(|model| model.name.as_str());
        is_idle(window) && (model, input) == (Some("resnet18"), Some(side))
    };
    wait(&mut window, "it explains", |window| explained(window, 224));
    wait(&mut window, "its row says so", |window| shows(window, &row("resnet18", "In use")));
    assert!(is_disabled(&window, "Remove ResNet-18") && !is_disabled(&window, "Verify ResNet-18"));
    click(&mut window, "Input size 299");
    wait(&mut window, "it explains in another size", |window| explained(window, 299));
    assert_eq!(app(&window).state().host.input_size, Some(Size::square(299)));
    assert!(shows(&window, "Model: ResNet-18"));

    window.get_by_label("Search models").focus();
    (0.."resnet18".len()).for_each(|_| press(&mut window, Key::Backspace));
    press(&mut window, Key::Enter);
    assert!(!shows(&window, "Search models"), "what need not be fetched closes the list");
    wait(&mut window, "the first model is back", |window| shows(window, "Model: EfficientNet-Lite0"));
    wait(&mut window, "it explains in its own size", |window| {
        is_idle(window) && app(window).state().shown().unwrap().seen.as_ref().unwrap().input.size.width == 224
    });
    open(&mut window, "resnet18");
    wait(&mut window, "it is known", |window| shows(window, "Remove ResNet-18"));
    assert!(!is_disabled(&window, "Remove ResNet-18"));
}

#[test]
fn another_network_is_chosen_to_judge_the_maps_and_let_go() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::start(even_weights("mobilenetv3_small_100"), &[], &[]);
    let mut window = window_at(&server.endpoint, cache.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    let by_network = |window: &Window| {
        let run = app(window).state().shown().unwrap();
        let second = run.methods().flat_map(|(_, record)| &record.second);
        second.filter(|second| second.judge.model.as_deref() == Some("mobilenetv3_small_100")).count()
    };
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window.get_by_label("Find a command").type_text("judge by another");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    assert!(tells(&window, "A second network to judge the maps"));
    assert!(shows(&window, "EfficientNet-Lite0, Apache-2.0, Explained"));
    window.get_by_label("Search models").type_text("small 100");
    window.run_steps(2);
    press(&mut window, Key::Enter);
    wait(&mut window, "it judges", |window| is_idle(window) && by_network(window) == usual_methods().len());
    assert!(shows(&window, "Model: EfficientNet-Lite0"));
    assert!(tells(&window, "judges every map as well"), "{}", log(&window));
    click(&mut window, "No second network");
    wait(&mut window, "it judges no more", |window| is_idle(window) && by_network(window) == 0);
}

#[test]
fn a_window_whose_first_model_is_none_lets_another_one_be_chosen_which_then_explains() {
    let host = HostOptions { model: ModelChoice::File("no such file.pth".into()), ..HostOptions::default() };
    let mut window = window(Options { sample: Some("coffee".to_owned()), host, ..Options::default() }, quick(1));
    wait(&mut window, "it says so", |window| shows(window, "Model: Choose a model"));
    click(&mut window, "Model: Choose a model");
    press(&mut window, Key::Enter);
    wait(&mut window, "the picture is explained", |window| {
        is_idle(window) && app(window).state().shown().is_some_and(|run| run.has_a_result())
    });
    assert!(shows(&window, "Model: EfficientNet-Lite0"));
}

#[derive(Debug)]
struct OnDisk(PathBuf);

impl egui::DroppedFile for OnDisk {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        panic!("a file with a path is read by whoever opens it")
    }
}

/// The tensors of torchvision's state dict, with values by a formula that keeps them from growing or vanishing.
fn write(
    name: &str,
    file: &Path,
    write: impl Fn(&mut BufWriter<File>, &[Shaped], &dyn Fn(&str, &[usize]) -> Vec<f32>) -> std::io::Result<()>,
) {
    let fixture = path(&format!("tests/fixtures/zoo/{name}.safetensors"));
    let gain = candle_core::safetensors::load(fixture, &Device::Cpu).unwrap()["gain"].flatten_all().unwrap();
    let gain = gain.to_dtype(candle_core::DType::F32).unwrap().to_vec1::<f32>().unwrap()[0];
    let tensors: Vec<Shaped> = Architecture::named(name).unwrap().tensors(1000);
    let mut out = BufWriter::new(File::create(file).unwrap());
    write(&mut out, &tensors, &|name, shape| made(name, shape, gain)).unwrap();
}

/// That a dropped file is recognised and explains what is on the wall.
fn dropped_explains(window: &mut Window, file: &Path, title: &str) {
    let before = app(window).state().shown().unwrap().id;
    window.input_mut().dropped_files.push(Arc::new(OnDisk(file.to_owned())));
    window.step();
    wait(window, "it explains", |window| {
        let state = app(window).state();
        assert_eq!(state.messages.shown_error(), None);
        is_idle(window) && state.shown().is_some_and(|run| run.id != before)
    });
    assert!(shows(window, &format!("Model: {title}")));
    let state = app(window).state();
    assert_eq!(state.host.model, ModelChoice::File(file.to_owned()));
    assert_eq!(state.model.as_ref().unwrap().spec.labels.len(), 1000);
    let run = state.shown().unwrap();
    assert_eq!(run.seen.as_ref().unwrap().answers.len(), 1000);
    assert_eq!(run.model.as_ref().unwrap().title, title);
    for method in usual_methods() {
        assert!(run.method(method).is_some_and(|known| known.curves.is_some()), "{}", method.title);
    }
}

/// Parameters of a run of a large network that takes some seconds.
fn quickest() -> Parameters {
    let mut parameters = quick(1);
    parameters.edit(|igos: &mut IgosParameters| igos.integration_steps = 1);
    parameters.edit(|igos: &mut IgosParameters| igos.search_points = 1);
    parameters.edit(|own: &mut IntegratedGradientsParameters| own.integration_steps = 1);
    parameters.edit(|own: &mut CurveDescentParameters| (own.iterations, own.levels) = (1, 1));
    (parameters.curves.random_orders, parameters.curves.second_judge) = (0, false);
    parameters.curves.steps = 2;
    parameters
}

pub fn drop_files(window: &mut Window, files: &[&Path]) {
    for file in files {
        window.input_mut().dropped_files.push(Arc::new(OnDisk((*file).to_owned())));
    }
    window.step();
}

#[test]
fn an_own_model_stands_in_the_list_with_what_is_known_of_it_and_its_classes_are_named_by_a_text_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    candle_core::safetensors::save(&fine_tuned(), file("birds.safetensors")).unwrap();
    std::fs::write(file("cats.pth"), "another model").unwrap();
    let names = |count: usize| (0..count).map(|number| format!("bird {number}\r\n")).collect::<String>();
    std::fs::write(file("names.txt"), format!("\u{feff}{}", names(10))).unwrap();
    std::fs::write(file("nine.txt"), names(9)).unwrap();
    let mut window = window_at(NOWHERE, folder.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    drop_files(&mut window, &[&file("birds.safetensors"), &file("cats.pth")]);
    wait(&mut window, "it is hosted", |window| shows(window, "Model: birds (EfficientNet-Lite0)"));
    assert!(log(&window).contains("this was left out: ") && log(&window).contains("cats.pth"), "{}", log(&window));

    open(&mut window, "birds");
    let bytes = std::fs::metadata(file("birds.safetensors")).unwrap().len() as f64 / 1e6;
    let row = format!("birds (EfficientNet-Lite0), {bytes:.0} MB, 10 classes, In use: birds.safetensors");
    wait(&mut window, "its row has its size", |window| shows(window, &row));
    assert!(shows(&window, "10 classes: class 0, class 1, class 2, …"));
    window.get_by_label(&row).hover();
    window.run_steps(2);
    assert!(shows(&window, "Name the classes"));
    press(&mut window, Key::Escape);
    open(&mut window, "of your own");
    assert!(shows(&window, "A file of your own…"), "only one row is in use");
    press(&mut window, Key::Escape);

    drop_files(&mut window, &[&file("names.txt")]);
    let explained = |window: &Window| {
        let seen = app(window).state().shown().and_then(|run| run.seen.as_ref());
        seen.filter(|_| is_idle(window)).map(|seen| seen.class.name.clone()).unwrap_or_default()
    };
    wait(&mut window, "it explains a bird", |window| explained(window).starts_with("bird "));
    drop_files(&mut window, &[&file("nine.txt")]);
    wait(&mut window, "they are too few", |window| log(window).contains("it has 9 lines with a name"));
    assert!(log(&window).contains("birds (EfficientNet-Lite0) has 10 classes"), "{}", log(&window));
    assert_eq!(app(&window).state().model.as_ref().unwrap().spec.labels.name(7), "bird 7");
    assert_eq!(app(&window).state().host.labels, Some(file("names.txt")));

    // Another one is asked, and then this one again.
    open(&mut window, "apache");
    press(&mut window, Key::Enter);
    wait(&mut window, "the first model is back", |window| shows(window, "Model: EfficientNet-Lite0"));
    assert_eq!(app(&window).state().host.labels, None);
    open(&mut window, "birds");
    wait(&mut window, "it is still there", |window| tells(window, "10 classes, birds.safetensors"));
    press(&mut window, Key::Enter);
    wait(&mut window, "it is back with its names", |window| {
        shows(window, "Model: birds (EfficientNet-Lite0)") && explained(window).starts_with("bird ")
    });
    open(&mut window, "birds");
    assert!(shows(&window, "10 classes: bird 0, bird 1, bird 2, …"));
    click(&mut window, "Its own names");
    wait(&mut window, "they are gone", |window| explained(window).starts_with("class "));
}

#[test]
fn what_one_output_means_is_a_guess_until_a_click_says_it_and_every_panel_follows() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coffee.safetensors");
    let mut weights = tensors().clone();
    for name in ["_fc.weight", "_fc.bias"] {
        let head = (weights[name].narrow(0, 967, 1).unwrap().contiguous().unwrap() * 0.3).unwrap();
        weights.insert(name.to_owned(), head);
    }
    candle_core::safetensors::save(&weights, &file).unwrap();
    let mut window = window_at(NOWHERE, folder.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    drop_files(&mut window, &[&file]);
    let answered = |window: &Window, head: Head| {
        let run = app(window).state().shown().filter(|_| is_idle(window));
        run.and_then(|run| run.model.as_ref()).is_some_and(|model| model.head == head)
    };
    wait(&mut window, "it is a class or its opposite", |window| answered(window, Head::Binary));
    let said = log(&window);
    assert!(said.contains("what the one output of coffee (EfficientNet-Lite0) means"), "{said}");
    assert!(said.contains("taken for a class or its opposite (binary)"), "{said}");
    let seen = |window: &Window| app(window).state().shown().unwrap().seen.clone().unwrap();
    assert_eq!((seen(&window).answers.len(), seen(&window).class.id), (2, 1));
    assert!(shows(&window, "class 0") && shows(&window, "class 1"), "both can be explained");
    click(&mut window, "class 0");
    wait(&mut window, "the opposite is explained", |window| is_idle(window) && seen(window).class.id == 0);

    open(&mut window, "coffee");
    assert!(shows(&window, "A guess is what its output means:") && !shows(&window, "one class of all (softmax)"));
    click(&mut window, "quantities (regression)");
    wait(&mut window, "it is a quantity", |window| answered(window, Head::Regression));
    assert!(shows(&window, "Its outputs mean:"), "now it is said");
    press(&mut window, Key::Escape);
    press(&mut window, Key::Escape);
    assert!(shows(&window, "Output to explain") && shows(&window, "output 0"));
    let output = seen(&window).class.answer;
    assert_eq!((output.probability(), output.number() > 1.0), (None, true), "{output:?}");
    assert_eq!(app(&window).state().score, Score::Output);
    let told = log(&window).lines().last().unwrap_or_default().to_owned();
    assert!(!told.contains('%'), "{told}");

    open(&mut window, "coffee");
    click(&mut window, "a class or its opposite (binary)");
    wait(&mut window, "it is one again", |window| answered(window, Head::Binary));
    let state = app(&window).state();
    assert_eq!((state.score, state.host.said.head), (Score::Probability, Some(Head::Binary)));
    assert_eq!(state.model.as_ref().unwrap().spec.head_source, HeadSource::User);
}

#[test]
fn resnet_50_and_vgg_19_as_pytorch_saves_them_are_recognised_and_explain_when_they_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_at(NOWHERE, folder.path(), quickest());
    wait(&mut window, "the first run is finished", is_idle);
    let file = folder.path().join("resnet50-seeded.pth");
    write("resnet50", &file, |out, tensors, values| pth::archive(out, tensors, values));
    dropped_explains(&mut window, &file, "resnet50-seeded (ResNet-50)");

    // torchvision's VGG is in the older format.
    let file = folder.path().join("vgg19-seeded.pth");
    write("vgg19", &file, |out, tensors, values| pth::sequence(out, tensors, values));
    dropped_explains(&mut window, &file, "vgg19-seeded (VGG-19)");
    open(&mut window, "vgg19-seeded");
    wait(&mut window, "its row is known", |window| tells(window, "1000 classes, In use: vgg19-seeded.pth"));
    assert!(is_disabled(&window, "Input size 299") && !is_disabled(&window, "Input size 224"));
}
