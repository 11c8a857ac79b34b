//! Weights from files: recognised, described by a manifest, and refused in words that help.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use candle_core::{DType, Device, Tensor};
use igoscope::model::{Architecture, Batch, Classifier, Hub, ModelChoice, Said, load, load_as};
use igoscope_test_tools::made;
use serde_json::Value;

use crate::common::{
    fine_tuned, input, largest_difference, model,
    pth::{self, Named},
    relative_difference, tensors,
};

fn save(tensors: &HashMap<String, Tensor>, folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    candle_core::safetensors::save(tensors, &path).unwrap();
    path
}

/// Weights of an architecture for ten classes, all of them 0.
fn zeros(architecture: &str) -> HashMap<String, Tensor> {
    let shapes = Architecture::named(architecture).unwrap().tensors(10);
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    shapes.iter().map(|(name, shape)| (name.clone(), zeros(shape))).collect()
}

fn hosted(path: &Path) -> Result<Box<dyn Classifier>, String> {
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    load(&ModelChoice::File(path.to_owned()), &hub, &Device::Cpu, 0, None).map_err(|error| error.to_string())
}

fn refusal(path: &Path) -> String {
    hosted(path).err().unwrap_or_else(|| "it was hosted".to_owned())
}

fn logits(classifier: &dyn Classifier) -> Vec<f32> {
    let planar = input("coffee").planar;
    classifier.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0)
}

#[test]
fn a_pytorch_file_with_wrapped_names_is_recognised_and_answers_as_the_embedded_network_does() {
    let folder = tempfile::tempdir().unwrap();
    let wrapped: Vec<Named> = tensors()
        .iter()
        .map(|(name, tensor)| {
            let values = tensor.flatten_all().unwrap().to_vec1().unwrap();
            (format!("module.{name}"), tensor.dims().to_vec(), values)
        })
        .chain([("teacher.weight".to_owned(), vec![2], vec![0.0; 2])])
        .collect();
    let file = folder.path().join("mine.pth");
    fs::write(&file, pth::legacy(&wrapped)).unwrap();
    let classifier = hosted(&file).unwrap();
    let spec = classifier.spec();
    assert_eq!((spec.name.as_str(), spec.architecture.as_str()), ("mine", "efficientnet-lite0"));
    assert_eq!((spec.labels.len(), spec.labels.name(967)), (1000, "espresso".to_owned()));
    assert_eq!(spec.sha256.as_ref().map(String::len), Some(64));
    assert!(largest_difference(&logits(classifier.as_ref()), &logits(model())) < 1e-5);
}

/// With all of a network's tensors and some more it is another network, which would answer otherwise.
#[test]
fn a_file_with_tensors_that_have_no_place_is_refused_and_training_may_leave_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let one = || Tensor::zeros(2, DType::F32, &Device::Cpu).unwrap();
    let with = |prefix: &str, names: &[&str]| {
        let own = tensors().iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor.clone()));
        own.chain(names.iter().map(|name| ((*name).to_owned(), one()))).collect::<HashMap<_, _>>()
    };
    let file = |tensors| save(&tensors, folder.path(), "more.safetensors");
    let odd = ["_blocks.3.attention.a", "_blocks.3.attention.b", "_blocks.4.attention.a", "_blocks.4.attention.b"];
    let told = refusal(&file(with("", &odd)));
    assert!(told.contains("no place for 4 more") && told.contains("“_blocks.3.attention.a”"), "{told}");
    // The 17th block of a network that has 16.
    let told = refusal(&file(with("model.", &["model._blocks.16._bn0.weight"])));
    assert!(told.contains("no place for 1 more (“_blocks.16._bn0.weight”)"), "{told}");
    // What stands beside it is looked at too.
    let told = refusal(&file(with("state_dict.backbone.", &["state_dict.neck.weight"])));
    assert!(told.contains("“state_dict.neck.weight”"), "{told}");
    for (prefix, names) in [
        ("", &["_bn0.num_batches_tracked", "n_averaged", "_blocks.0._bn0.total_ops"][..]),
        ("model.", &["optimizer.state.0.exp_avg", "scaler.scale"]),
        ("state_dict.model.", &["state_dict.criterion.weight", "optimizer_states.state.0"]),
    ] {
        assert_eq!(hosted(&file(with(prefix, names))).unwrap().spec().architecture, "efficientnet-lite0");
    }
}

#[test]
fn the_number_of_classes_is_the_heads_and_classes_without_names_are_numbered() {
    let folder = tempfile::tempdir().unwrap();
    let classifier = hosted(&save(&fine_tuned(), folder.path(), "ten.safetensors")).unwrap();
    assert_eq!(classifier.spec().labels.len(), 10);
    assert_eq!(classifier.spec().labels.name(3), "class 3");
    assert!(largest_difference(&logits(classifier.as_ref()), &logits(model())[..10]) < 1e-5);
}

#[test]
fn a_manifest_says_what_weights_do_not() {
    let folder = tempfile::tempdir().unwrap();
    save(&fine_tuned(), folder.path(), "weights.safetensors");
    let names: Vec<String> = (0..10).map(|number| format!("bird {number}\n")).collect();
    fs::write(folder.path().join("birds.txt"), names.concat()).unwrap();
    let manifest = folder.path().join("birds.toml");
    let text = "architecture = 'efficientnet-lite0'\nweights = 'weights.safetensors'\ntitle = 'Ten birds'\n\
                input_size = 192\nresize = 200\nmean = [0.5, 0.5, 0.5]\nstd = [0.25, 0.25, 0.25]\nlabels = 'birds.txt'\n";
    fs::write(&manifest, text).unwrap();
    let classifier = hosted(&manifest).unwrap();
    let spec = classifier.spec();
    assert_eq!((spec.name.as_str(), spec.title.as_str(), spec.side()), ("birds", "Ten birds", 192));
    assert_eq!(
        (spec.crop.resize, spec.normalisation.mean, spec.normalisation.std),
        (200, [0.5; 3].into(), [0.25; 3].into())
    );
    assert_eq!(spec.labels.name(7), "bird 7");

    // Weights find the manifest that has their name.
    fs::rename(folder.path().join("weights.safetensors"), folder.path().join("birds.safetensors")).unwrap();
    fs::write(&manifest, "labels = 'birds.txt'").unwrap();
    for file in ["birds.safetensors", "birds.toml"] {
        assert_eq!(hosted(&folder.path().join(file)).unwrap().spec().labels.name(7), "bird 7");
    }
}

/// What PyTorch's example of ImageNet and Lightning call their checkpoints.
#[test]
fn a_checkpoint_is_weights_whatever_its_ending_and_finds_its_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let named = tensors().iter().map(|(name, tensor)| {
        let values = tensor.flatten_all().unwrap().to_vec1().unwrap();
        (format!("state_dict.{name}"), tensor.dims().to_vec(), values)
    });
    let bytes = pth::legacy(&named.collect::<Vec<Named>>());
    for name in ["best.pth.tar", "best.ckpt", "best.PTH.TAR"] {
        let file = folder.path().join(name);
        fs::write(&file, &bytes).unwrap();
        assert!(igoscope::model::is_model_file(&file), "{name}");
        assert_eq!(hosted(&file).unwrap().spec().name, "best");
    }
    let manifest = folder.path().join("best.toml");
    fs::write(&manifest, "title = 'Mine'").unwrap();
    fs::remove_file(folder.path().join("best.ckpt")).unwrap();
    for file in [folder.path().join("best.pth.tar"), manifest] {
        assert_eq!(hosted(&file).unwrap().spec().title, "Mine");
    }
    for name in ["tar", ".tar", "notes.txt", "a.tar.gz.txt"] {
        assert!(!igoscope::model::is_model_file(Path::new(name)), "{name}");
    }
}

#[test]
fn what_transformers_saves_beside_weights_names_the_classes_and_what_they_were_trained_to_see() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("ten-birds");
    fs::create_dir(&own).unwrap();
    let weights = save(&fine_tuned(), &own, "model.safetensors");
    let labels: serde_json::Map<_, _> = (0..10).map(|id| (id.to_string(), format!("bird {id}").into())).collect();
    let config = serde_json::json!({"architectures": ["XForImageClassification"], "id2label": labels});
    fs::write(own.join("config.json"), config.to_string()).unwrap();
    let preprocessor =
        r#"{"size": {"height": 192, "width": 192}, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25]}"#;
    fs::write(own.join("preprocessor_config.json"), preprocessor).unwrap();
    let classifier = hosted(&weights).unwrap();
    let spec = classifier.spec();
    assert_eq!((spec.name.as_str(), spec.title.as_str()), ("ten-birds", "ten-birds (EfficientNet-Lite0)"));
    assert_eq!((spec.side(), spec.crop.resize, spec.normalisation.std), (192, 192, [0.25; 3].into()));
    assert_eq!((spec.labels.len(), spec.labels.name(7).as_str()), (10, "bird 7"));

    // A manifest of one's own goes before it; weights of another name have nothing to do with it.
    fs::write(own.join("model.toml"), "title = 'Mine'").unwrap();
    let classifier = hosted(&weights).unwrap();
    assert_eq!((classifier.spec().title.as_str(), classifier.spec().labels.name(7).as_str()), ("Mine", "class 7"));
    fs::remove_file(own.join("model.toml")).unwrap();
    let other = own.join("other.safetensors");
    fs::rename(&weights, &other).unwrap();
    assert_eq!(hosted(&other).unwrap().spec().labels.name(7), "class 7");
}

/// EfficientNet-B0 as TensorFlow trained it pads otherwise, and no tensor says so.
#[test]
fn weights_that_fit_several_architectures_are_told_to_be_a_guess_until_somebody_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&zeros("efficientnet_b0"), folder.path(), "ten.safetensors");
    let guessed = hosted(&weights).unwrap();
    let twins = guessed.spec().guesses.others();
    assert_eq!((guessed.spec().architecture.as_str(), twins), ("efficientnet_b0", vec!["tf_efficientnet_b0"]));
    let told = guessed.spec().guess().unwrap();
    assert!(
        told.contains("ten are taken for EfficientNet-B0,") && told.contains("fit EfficientNet-B0 (TensorFlow)"),
        "{told}"
    );
    // Which it is can be said beside the file, or when it is loaded.
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    let said = Said { architecture: Architecture::named("tf_efficientnet_b0"), ..Said::default() };
    let named = load_as(&ModelChoice::File(weights.clone()), &said, &hub, &Device::Cpu, 0, None).unwrap();
    assert_eq!((named.spec().architecture.as_str(), named.spec().guess()), ("tf_efficientnet_b0", None));
    fs::write(folder.path().join("ten.toml"), "architecture = 'efficientnet_b0'").unwrap();
    assert_eq!(hosted(&weights).unwrap().spec().guess(), None);
    // Or by the file's own name.
    for (name, architecture) in
        [("tf_efficientnet_b0_aa-9.pth", "tf_efficientnet_b0"), ("my_efficientnet_b0.1", "efficientnet_b0")]
    {
        let named = folder.path().join(format!("{name}.safetensors"));
        fs::copy(&weights, &named).unwrap();
        let spec = hosted(&named).unwrap().spec().clone();
        assert_eq!((spec.architecture.as_str(), spec.guess()), (architecture, None), "{name}");
    }
}

/// timm has networks that igoscope does not host and whose tensors are those of one that it does.
#[test]
fn weights_that_may_be_a_networks_that_is_not_hosted_are_told_to_be_a_guess_and_refused_where_a_name_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&zeros("resnet18"), folder.path(), "birds.safetensors");
    let told = hosted(&weights).unwrap().spec().guess().unwrap();
    assert!(told.contains("taken for ResNet-18") && told.contains("resnetblur18"), "{told}");
    let weights = save(&zeros("resnet18"), folder.path(), "resnet18-f37072fd.safetensors");
    assert_eq!(hosted(&weights).unwrap().spec().guess(), None);
    let weights = save(&zeros("resnet18"), folder.path(), "birds.resnetblur18.a1.safetensors");
    let why = refusal(&weights);
    assert!(why.contains("by its name it is resnetblur18") && why.contains("--architecture resnet18"), "{why}");
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    let said = Said { architecture: Architecture::named("resnet18"), ..Said::default() };
    let all_the_same = load_as(&ModelChoice::File(weights), &said, &hub, &Device::Cpu, 0, None).unwrap();
    assert_eq!(all_the_same.spec().guess(), None);
}

/// Its tensors are the same for any number of heads.
#[test]
fn heads_are_those_that_are_said_or_told_to_be_a_guess() {
    let folder = tempfile::tempdir().unwrap();
    let shapes = Architecture::named("vit_tiny_patch16_224").unwrap().tensors(10);
    let tensor = |(name, shape): &(String, Vec<usize>)| {
        let values = made(name, shape, 1.0);
        (name.clone(), Tensor::new(values, &Device::Cpu).unwrap().reshape(shape.as_slice()).unwrap())
    };
    let tensors: HashMap<String, Tensor> = shapes.iter().map(tensor).collect();
    let weights = save(&tensors, folder.path(), "birds.safetensors");
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    let with = |heads| {
        let said = Said { heads, ..Said::default() };
        load_as(&ModelChoice::File(weights.clone()), &said, &hub, &Device::Cpu, 0, None)
    };
    let [guessed, usual, other] = [None, Some(3), Some(6)].map(|heads| with(heads).unwrap());
    assert_eq!((guessed.spec().heads, guessed.spec().guesses.heads), (Some(3), true));
    assert_eq!((other.spec().heads, other.spec().guesses.heads), (Some(6), false));
    assert_eq!(logits(guessed.as_ref()), logits(usual.as_ref()));
    assert!(relative_difference(&logits(other.as_ref()), &logits(usual.as_ref())) > 1e-3);
    let why = with(Some(5)).err().unwrap().to_string();
    assert!(why.contains("192 channels cannot have 5 heads"), "{why}");
    // A manifest says it as well.
    fs::write(folder.path().join("birds.toml"), "heads = 6").unwrap();
    let said = with(None).unwrap();
    assert_eq!(logits(said.as_ref()), logits(other.as_ref()));
}

/// Its tensors are the same for any number of heads.
#[test]
fn what_transformers_says_of_a_network_is_held_against_what_is_computed() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&zeros("vit_tiny_patch16_224"), folder.path(), "model.safetensors");
    let config = |more: &str| {
        let text = format!(r#"{{"architectures": ["ViTForImageClassification"], "model_type": "vit", {more}}}"#);
        fs::write(folder.path().join("config.json"), text).unwrap();
    };
    config(r#""num_attention_heads": 3, "hidden_act": "gelu", "layer_norm_eps": 1e-12"#);
    assert_eq!(hosted(&weights).unwrap().spec().architecture, "vit_tiny_patch16_224");
    config(r#""num_attention_heads": 6"#);
    let spec = hosted(&weights).unwrap().spec().clone();
    assert_eq!((spec.heads, spec.guesses.heads), (Some(6), false));
    for (more, told) in
        [(r#""hidden_act": "relu""#, "hidden_act is \"relu\""), (r#""attention_window": 7"#, "attention_window = 7")]
    {
        config(more);
        let why = refusal(&weights);
        assert!(why.contains(told) && why.contains("config.json"), "{why}");
    }
}

#[test]
fn what_is_wrong_with_a_manifest_is_told_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    save(&fine_tuned(), folder.path(), "birds.safetensors");
    fs::write(folder.path().join("nine.txt"), "bird\n".repeat(9)).unwrap();
    let manifest = folder.path().join("birds.toml");
    for (text, told) in [
        ("architecture = 'resnet5000'", "resnet5000"),
        ("architecture = 'resnet50'", "ResNet-50"),
        ("archtecture = 'resnet50'", "archtecture"),
        ("labels = 'nine.txt'", "9 of them, and the weights have 10 classes"),
        ("labels = 'none.txt'", "none.txt"),
        ("weights = 'none.pth'", "none.pth"),
        ("input_size = 100000", "100000"),
        ("resize = 100", "less than the 224 pixels"),
        ("std = [0.0, 1.0, 1.0]", "above 0"),
        ("mean = [nan, 1.0, 1.0]", "NaN"),
        ("mean = 'grey'", "mean"),
        ("not a manifest", "manifest"),
    ] {
        fs::write(&manifest, text).unwrap();
        let refusal = refusal(&manifest);
        assert!(refusal.contains(told) && !refusal.contains('\n'), "{text}: {refusal}");
    }
}

#[test]
fn weights_that_fit_nothing_are_refused_with_the_tensors_that_do_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let mut bent = tensors().clone();
    bent.remove("_bn1.bias");
    bent.insert("_conv_head.weight".to_owned(), Tensor::zeros((1280, 320, 3, 3), DType::F32, &Device::Cpu).unwrap());
    let told = refusal(&save(&bent, folder.path(), "bent.safetensors"));
    for part in
        ["EfficientNet-Lite0", "“_bn1.bias” is missing", "[1280, 320, 3, 3]", "[1280, 320, 1, 1]", "bent.safetensors"]
    {
        assert!(told.contains(part), "no {part}: {told}");
    }
    let foreign =
        HashMap::from([("encoder.weight".to_owned(), Tensor::zeros((4, 4), DType::F32, &Device::Cpu).unwrap())]);
    let told = refusal(&save(&foreign, folder.path(), "foreign.safetensors"));
    assert!(told.contains("“encoder.weight”") && told.contains("resnet50"), "{told}");
}

/// Every architecture's own tensors, and nothing else, are that architecture's: none is a part of another. Of networks
/// that differ in nothing that a file tells, the first is taken: a flag, a name or a manifest tells the others.
#[test]
fn every_architecture_is_recognised_by_its_tensors() {
    let folder = tempfile::tempdir().unwrap();
    for architecture in Architecture::ALL {
        // A header alone tells: the values are a hole in the file.
        let mut header = serde_json::Map::new();
        let mut end = 0_u64;
        for (name, shape) in architecture.tensors(12) {
            let from = end;
            end += 4 * shape.iter().product::<usize>() as u64;
            header.insert(name, serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [from, end]}));
        }
        let header = serde_json::to_string(&header).unwrap();
        let file = folder.path().join("sparse.safetensors");
        fs::write(&file, [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_len(8 + header.len() as u64 + end).unwrap();
        let found = igoscope::model::recognise_file(&file).unwrap();
        let tensors = architecture.tensors(12);
        let first = Architecture::ALL.into_iter().find(|known| known.tensors(12) == tensors).unwrap();
        assert_eq!(found, (first, 12), "{}", architecture.name());
    }
}

fn explain(more: &[&str]) -> Output {
    let quick =
        ["explain", "--iterations", "1", "--integration-steps", "2", "--search-points", "1", "--curve-steps", "2"];
    Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(quick)
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[test]
fn a_fine_tuned_model_with_labels_of_its_own_is_explained_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    save(&fine_tuned(), folder.path(), "birds.safetensors");
    let names: Vec<String> = (0..10).map(|number| format!("bird {number}\n")).collect();
    fs::write(folder.path().join("names.txt"), names.concat()).unwrap();
    fs::write(folder.path().join("birds.toml"), "labels = 'names.txt'").unwrap();
    let weights = folder.path().join("birds.safetensors");
    let weights = weights.to_str().unwrap();
    let output = explain(&[
        "assets/samples/coffee.jpg",
        "--weights",
        weights,
        "--class",
        "bird 4",
        "--method",
        "grad-cam",
        "--json",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&run["class"]["id"], &run["class"]["name"]), (&4.into(), &"bird 4".into()));
    assert_eq!((&run["model"], &run["architecture"]), (&"birds".into(), &"efficientnet-lite0".into()));
    assert_eq!(run["weights"], weights);
    assert_eq!(run["weights_sha256"].as_str().map(str::len), Some(64));

    // Without a manifest a flag names them, and the record keeps it.
    fs::remove_file(folder.path().join("birds.toml")).unwrap();
    let (names, out) = (folder.path().join("names.txt"), folder.path().join("out"));
    let (names, out) = (names.to_str().unwrap(), out.to_str().unwrap());
    let coffee = ["assets/samples/coffee.jpg", "--weights", weights, "--method", "grad-cam", "--json"];
    let output = explain(&[&coffee[..], &["--labels", names, "--class", "bird 4", "--out", out]].concat());
    let named: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&named["class"], &named["labels"]), (&run["class"], &names.into()));
    assert_eq!(run["labels"], Value::Null);
    let record = Path::new(out).join("coffee").join("run.json");
    let output = explain(&["--config", record.to_str().unwrap(), "--json"]);
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&again["class"], &again["labels"]), (&run["class"], &names.into()));
    fs::write(names, "bird\n".repeat(9)).unwrap();
    let output = explain(&[&coffee[..], &["--labels", names]].concat());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("it has 9 lines with a name"), "{told}");

    let output = explain(&["assets/samples/coffee.jpg", "--weights", "no such.pth"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.lines().count() == 1 && told.contains("no such.pth"), "{told}");
}
