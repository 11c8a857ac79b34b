//! ONNX networks in the window: what was understood stands below the list of models, each guess can be changed there and is
//! remembered in a manifest, and a network that is refused says which node it is.

use std::{fs, path::Path};

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::{
    app::Options,
    imaging::{Normalisation, Size},
    model::{Head, HeadSource, ModelChoice, ModelSpec, PIXELS},
    worker::HostOptions,
};

use crate::{
    common::{
        driver::{Window, app, click, is_idle, log, painted, shows, wait, window},
        path, quick,
    },
    models_in_window::drop_files,
    onnx::{bytes, file, pooled},
};

/// A window that explains a sample by the network in a file.
fn window_of(file: &Path) -> Window {
    let host = HostOptions { model: ModelChoice::File(file.to_owned()), gives_way: true, ..HostOptions::default() };
    window(Options { sample: Some("coffee".to_owned()), host, ..Options::default() }, quick(1))
}

fn open_list(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(3);
}

fn spec(window: &Window) -> ModelSpec {
    ModelSpec::clone(&app(window).state().model.as_ref().unwrap().spec)
}

/// Clicks, and waits until the network is hosted so and explained. Not by the pointer: what is told above the list comes and
/// goes by the clock, and a button that moves between two frames would be missed.
fn say(window: &mut Window, label: &str, so: impl Fn(&ModelSpec) -> bool) {
    window.get_by_label(label).click_accesskit();
    window.run_steps(2);
    wait(window, label, |window| is_idle(window) && so(&spec(window)));
    window.run_steps(2);
}

fn answers(window: &Window) -> Vec<f32> {
    let seen = app(window).state().shown().unwrap().seen.clone().unwrap();
    seen.answers.to_vec()
}

fn is_disabled(window: &Window, label: &str) -> bool {
    window.get_by_label(label).accesskit_node().is_disabled()
}

#[test]
fn what_a_graph_does_not_say_is_said_by_clicks_and_remembered_and_then_it_is_no_guess() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.onnx");
    fs::copy(path("tests/fixtures/onnx/any_size.onnx"), &file).unwrap();
    let mut window = window_of(&file);
    wait(&mut window, "the first run is finished", is_idle);
    let guesses = |window: &Window| app(window).state().messages.model_errors().count();
    assert_eq!(guesses(&window), 2, "{}", log(&window));
    let told = log(&window);
    assert!(
        told.contains("net (ONNX) is shown pictures") && told.contains("choose below the list of models"),
        "{told}"
    );

    open_list(&mut window);
    for words in ["What was understood of net.onnx", "Normalisation: a guess", "Input size: a guess"] {
        assert!(shows(&window, words), "{words}");
    }
    assert!(is_disabled(&window, "Remember") && !shows(&window, "Head: a guess"));
    let before = answers(&window);
    let id = |window: &Window, label| window.get_by_label(label).accesskit_node().id();
    let ids = |window: &Window| ["0 to 1", "Input size 64", "Other…"].map(|label| id(window, label));
    let with_errors = ids(&window);
    say(&mut window, "0 to 1", |spec| spec.normalisation == PIXELS);
    assert_ne!(answers(&window), before);
    assert!(!shows(&window, "Normalisation: a guess") && shows(&window, "Input size: a guess"));
    assert_eq!(guesses(&window), 1, "only the size is one");
    say(&mut window, "Input size 64", |spec| spec.side() == 64);
    assert!(!shows(&window, "Input size: a guess") && guesses(&window) == 0);
    assert_eq!(ids(&window), with_errors, "a click while errors come or go would be lost");
    assert_eq!(app(&window).state().host.input_size, Some(Size::square(64)));

    // Numbers of one's own.
    click(&mut window, "Other…");
    window.run_steps(2);
    assert!(
        window.get_by_role_and_label(Role::TextInput, "Mean").accesskit_node().is_focused(),
        "the first field has the keyboard"
    );
    for (field, numbers) in [("Mean", "0.1, 0.2, 0.3"), ("Std", "0.5")] {
        if field != "Mean" {
            window.get_by_role_and_label(Role::TextInput, field).focus();
            window.run_steps(2);
        }
        window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.get_by_role_and_label(Role::TextInput, field).type_text(numbers);
        window.run_steps(2);
    }
    let own = Normalisation::new([0.1, 0.2, 0.3], [0.5; 3]);
    say(&mut window, "Take", |spec| spec.normalisation == own && spec.side() == 64);
    say(&mut window, "each class for itself (sigmoid)", |spec| spec.head == Head::Sigmoid);
    let after = answers(&window);

    click(&mut window, "Remember");
    wait(&mut window, "it is remembered", |window| shows(window, "Remembered in net.toml"));
    assert!(is_disabled(&window, "Remember"));
    let manifest = folder.path().join("net.toml");
    let expected = "mean = [0.1, 0.2, 0.3]\nstd = [0.5, 0.5, 0.5]\ninput_size = 64\nhead = \"sigmoid\"\n";
    assert_eq!(fs::read_to_string(&manifest).unwrap(), expected);

    let mut again = window_of(&file);
    wait(&mut again, "the next start", is_idle);
    let known = spec(&again);
    assert_eq!(
        (known.normalisation, known.side(), known.head, known.head_source),
        (own, 64, Head::Sigmoid, HeadSource::File)
    );
    assert!(known.graph_guesses().is_empty() && guesses(&again) == 0, "{}", log(&again));
    assert_eq!(answers(&again), after);
    open_list(&mut again);
    assert!(is_disabled(&again, "Remember"), "nothing was said since");

    // What is said later takes the place of what stands there, and the rest stays.
    fs::write(&manifest, format!("# Mine.\n{expected}")).unwrap();
    say(&mut again, "one class of all (softmax)", |spec| spec.head == Head::Softmax);
    click(&mut again, "Remember");
    wait(&mut again, "it is remembered", |window| shows(window, "Remembered in net.toml"));
    let expected = format!("# Mine.\n{}", expected.replace("sigmoid", "softmax"));
    assert_eq!(fs::read_to_string(&manifest).unwrap(), expected);

    // Where it cannot be written, that is said.
    fs::remove_file(&manifest).unwrap();
    fs::create_dir(&manifest).unwrap();
    say(&mut again, "each class for itself (sigmoid)", |spec| spec.head_source == HeadSource::User);
    say(&mut again, "0 to 1", |spec| spec.normalisation == PIXELS);
    click(&mut again, "Remember");
    wait(&mut again, "it is said", |window| log(window).contains("cannot be written what was said of the network"));
    assert!(!is_disabled(&again, "Remember"), "it can be tried again");
}

#[test]
fn to_choose_what_is_taken_already_says_that_it_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.onnx");
    fs::copy(path("tests/fixtures/onnx/any_size.onnx"), &file).unwrap();
    let mut window = window_of(&file);
    wait(&mut window, "the first run is finished", is_idle);
    let before = answers(&window);
    open_list(&mut window);
    say(&mut window, "ImageNet's", |spec| !spec.guesses.normalisation);
    say(&mut window, "Input size 224", |spec| !spec.guesses.size);
    assert!(spec(&window).graph_guesses().is_empty(), "{:?}", spec(&window).graph_guesses());
    assert_eq!(answers(&window), before);
    let known = spec(&window);
    assert_eq!(known.graph().unwrap().asked_size, Some(Size::square(224)));
    assert!(!known.is_guess());
}

#[test]
fn a_network_that_is_refused_says_which_node_and_what_to_do_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let refused = folder.path().join("strange.onnx");
    let name = "/encoder/stages.3/blocks/blocks.17/attention/rotary_position_embedding/frequencies/Hexagon_1";
    let strange = [bytes(1, b"x"), bytes(2, b"a"), bytes(3, name.as_bytes()), bytes(4, b"Hexagon")].concat();
    let nodes = [vec![bytes(1, &strange)], pooled("a")].concat();
    fs::write(&refused, file(&nodes, &[], &[])).unwrap();
    let mut window = window(Options { sample: Some("coffee".to_owned()), ..Options::default() }, quick(1));
    wait(&mut window, "the first run is finished", is_idle);
    drop_files(&mut window, &[&refused]);
    let error = |window: &Window| app(window).state().messages.shown_error().map(str::to_owned);
    wait(&mut window, "it is refused", |window| error(window).is_some());
    window.run_steps(3);
    let told = error(&window).unwrap();
    for words in [name, "the operation Hexagon", "dynamo=False", "report the operation's name", "strange.onnx"] {
        assert!(told.contains(words), "“{words}” is not in {told}");
    }
    let is_whole = |window: &Window| {
        let screen = window.ctx.content_rect();
        painted(window)
            .iter()
            .any(|(text, place)| *text == told && screen.contains_rect(*place) && place.height() > 20.0)
    };
    assert!(is_whole(&window), "it is cut across the top");
    assert!(spec(&window).title.contains("EfficientNet-Lite0"), "the model before stays");
    open_list(&mut window);
    assert!(is_whole(&window), "it is cut in the list of models");
}
