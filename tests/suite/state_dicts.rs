//! Files with several state dicts of one network: which is taken, that it is said, and that another can be chosen.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use candle_core::{DType, Device, Tensor};
use egui::{Key, Modifiers};
use igoscope::{
    app::Options,
    imaging::Size,
    model::{Architecture, Batch, Classifier, Hub, ModelChoice, Said, load_as},
    worker::HostOptions,
};
use serde_json::Value;

use crate::common::{
    driver::{SIDE, app, click, is_idle, log, shows, wait, window},
    fine_tuned, input, quick,
};

/// A file of these state dicts, by what stands before the names of their tensors.
fn save<'a>(
    state_dicts: impl IntoIterator<Item = (&'a str, &'a HashMap<String, Tensor>)>,
    folder: &Path,
    name: &str,
) -> PathBuf {
    let named = |(prefix, tensors): (&'a str, &'a HashMap<String, Tensor>)| {
        tensors.iter().map(move |(name, tensor)| (format!("{prefix}{name}"), tensor.clone()))
    };
    let all: HashMap<String, Tensor> = state_dicts.into_iter().flat_map(named).collect();
    let path = folder.join(name);
    candle_core::safetensors::save(&all, &path).unwrap();
    path
}

/// The same network with another last layer.
fn averaged(tensors: &HashMap<String, Tensor>) -> HashMap<String, Tensor> {
    let mut all = tensors.clone();
    all.insert("_fc.weight".to_owned(), (&all["_fc.weight"] * 0.5).unwrap());
    all
}

fn hosted(path: &Path, state_dict: Option<&str>) -> Result<Box<dyn Classifier>, String> {
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    let said = Said { state_dict: state_dict.map(str::to_owned), ..Said::default() };
    let choice = ModelChoice::File(path.to_owned());
    load_as(&choice, &said, &hub, &Device::Cpu, 0, None).map_err(|error| error.to_string())
}

fn logits(classifier: &dyn Classifier) -> Vec<f32> {
    let planar = input("coffee").planar;
    classifier.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0)
}

fn taken(path: &Path, state_dict: Option<&str>) -> (String, Vec<String>) {
    let dicts = hosted(path, state_dict).unwrap().spec().state_dicts.clone().unwrap();
    (dicts.taken, dicts.others)
}

#[test]
fn of_weights_and_their_moving_average_the_average_is_taken_and_told_until_one_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let (own, average) = (fine_tuned(), averaged(&fine_tuned()));
    let both = save([("model.", &own), ("model_ema.module.", &average)], folder.path(), "birds.safetensors");
    let alone = [("model_ema", &average), ("model", &own)].map(|(name, tensors)| {
        let alone = hosted(&save([("", tensors)], folder.path(), "alone.safetensors"), None).unwrap();
        assert_eq!((&alone.spec().state_dicts, alone.spec().guesses.state_dict), (&None, false));
        (name, logits(alone.as_ref()))
    });
    assert_ne!(alone[0].1, alone[1].1);

    let guessed = hosted(&both, None).unwrap();
    assert_eq!(logits(guessed.as_ref()), alone[0].1);
    let told = guessed.spec().state_dict_guess().unwrap();
    assert_eq!(
        told,
        "the weights birds are the state dict model_ema, which is taken first, and model is in the same file"
    );
    for (name, expected) in &alone {
        let chosen = hosted(&both, Some(name)).unwrap();
        assert_eq!((logits(chosen.as_ref()), chosen.spec().state_dict_guess()), (expected.clone(), None), "{name}");
        assert_eq!(chosen.spec().state_dicts.as_ref().unwrap().taken, *name);
        // A manifest says it as well.
        fs::write(folder.path().join("birds.toml"), format!("state_dict = '{name}'")).unwrap();
        let described = hosted(&both, None).unwrap();
        assert_eq!((logits(described.as_ref()), described.spec().guesses.state_dict), (expected.clone(), false));
    }
    let why = hosted(&both, Some("ema")).err().unwrap();
    assert!(why.contains("it has no state dict “ema”: there is model_ema, model"), "{why}");
    let why = hosted(&folder.path().join("alone.safetensors"), Some("model")).err().unwrap();
    assert!(why.contains("it has no state dict “model”: there is only one"), "{why}");
}

/// timm's order (`timm.models.load_state_dict`), and what is called otherwise.
#[test]
fn the_average_is_known_by_the_names_it_usually_has_however_deep_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let shapes = Architecture::named("squeezenet1_1").unwrap().tensors(10);
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let tensors: HashMap<String, Tensor> = shapes.iter().map(|(name, shape)| (name.clone(), zeros(shape))).collect();
    for [first, second] in [
        ["state_dict_ema", "state_dict"],
        ["model_ema", "model"],
        ["state_dict", "model"],
        ["teacher", "student"],
        ["state_dict.ema_model", "state_dict.model"],
        ["ema", "model.net"],
    ] {
        let prefixes = [first, second].map(|name| format!("{name}."));
        let path = save(prefixes.iter().map(|prefix| (prefix.as_str(), &tensors)), folder.path(), "two.safetensors");
        let name = |path: &str| path.trim_end_matches(".net").to_owned();
        assert_eq!(taken(&path, None), (name(first), vec![name(second)]));
        assert_eq!(taken(&path, Some(second)), (name(second), vec![name(first)]));
    }
    // What training keeps of itself is no network.
    let few = HashMap::from([("weight".to_owned(), zeros(&[3])), ("bias".to_owned(), zeros(&[3]))]);
    let path = save([("model.", &tensors), ("ema.", &few), ("optimizer.", &tensors)], folder.path(), "one.safetensors");
    assert_eq!(hosted(&path, None).unwrap().spec().state_dicts, None);
}

fn explain(more: &[&str]) -> Output {
    let quick = ["explain", "--method", "grad-cam", "--curve-steps", "2"];
    let mut program = Command::new(env!("CARGO_BIN_EXE_igoscope"));
    program.args(quick).args(more).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

#[test]
fn the_command_line_says_which_state_dict_it_took_and_run_json_keeps_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let (own, average) = (fine_tuned(), averaged(&fine_tuned()));
    let both = save([("model.", &own), ("model_ema.", &average)], folder.path(), "birds.safetensors");
    let (both, out) = (both.to_str().unwrap(), folder.path().join("out"));
    let coffee = ["assets/samples/coffee.jpg", "--weights", both];
    let run = |output: &Output| -> Value { serde_json::from_slice(&output.stdout).unwrap() };

    let guessed = explain(&[&coffee[..], &["--json"]].concat());
    let told = String::from_utf8_lossy(&guessed.stderr).into_owned();
    assert!(told.contains("model is in the same file; --state-dict model_ema or model says which"), "{told}");
    let guessed = run(&guessed);
    assert_eq!((&guessed["state_dict"], &guessed["state_dict_is_guessed"]), (&"model_ema".into(), &true.into()));
    assert_eq!(guessed["other_state_dicts"], serde_json::json!(["model"]));

    let chosen = explain(&[&coffee[..], &["--state-dict", "model", "--json", "--out", out.to_str().unwrap()]].concat());
    assert_eq!(String::from_utf8_lossy(&chosen.stderr), "");
    let chosen = run(&chosen);
    assert_eq!((&chosen["state_dict"], &chosen["state_dict_is_guessed"]), (&"model".into(), &Value::Null));
    assert_ne!(chosen["class"]["probability"], guessed["class"]["probability"]);
    let record = out.join("coffee").join("run.json");
    let again = explain(&["--config", record.to_str().unwrap(), "--json"]);
    assert_eq!(run(&again)["class"], chosen["class"], "{}", String::from_utf8_lossy(&again.stderr));
    let refused = explain(&[&coffee[..], &["--state-dict", "teacher"]].concat());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && told.contains("there is model_ema, model"), "{told}");
}

#[test]
fn the_window_says_which_state_dict_it_took_and_another_is_a_click_away() {
    let folder = tempfile::tempdir().unwrap();
    let (own, average) = (fine_tuned(), averaged(&fine_tuned()));
    let both = save([("model.", &own), ("model_ema.", &average)], folder.path(), "birds.safetensors");
    let input_size = Some(Size::square(SIDE));
    let host = HostOptions { model: ModelChoice::File(both), gives_way: true, input_size, ..HostOptions::default() };
    let mut window = window(Options { sample: Some("coffee".to_owned()), host, ..Options::default() }, quick(1));
    wait(&mut window, "the first run is finished", is_idle);
    assert!(log(&window).contains("model is in the same file: choose below the list of models"), "{}", log(&window));
    let probability =
        |window: &_| app(window).state().shown().unwrap().seen.as_ref().unwrap().class.answer.probability();
    let before = probability(&window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(3);
    assert!(shows(&window, "The file has these weights:"));
    click(&mut window, "model");
    let taken = |window: &_| app(window).state().model.as_ref().unwrap().spec.state_dicts.clone().unwrap().taken;
    wait(&mut window, "the other one is explained", |window| is_idle(window) && taken(window) == "model");
    wait(&mut window, "it answers otherwise", |window| is_idle(window) && probability(window) != before);
    assert_eq!(app(&window).state().host.said.state_dict.as_deref(), Some("model"));
    click(&mut window, "model_ema");
    wait(&mut window, "the first one is back", |window| is_idle(window) && taken(window) == "model_ema");
}
