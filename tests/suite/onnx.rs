//! Networks as ONNX files answer as PyTorch does, with its gradients; what a graph does not say is found or told as a guess;
//! files that lie are refused in a sentence.

use std::{fs, path::Path, sync::Mutex};

use candle_core::{Device, safetensors::load};
use igoscope::device::Precision;
use igoscope::imaging::{Normalisation, Size};
use igoscope::model::{
    Batch, Classifier, Head, HeadSource, Hub, ModelChoice, Rule, Said, Score, Target, inspect, load_as,
    load_graph_reference,
};

use crate::common::path;

/// Side of the networks' pictures.
pub const SIDE: usize = 32;

/// The farthest that a logit may be from PyTorch's.
pub const LOGITS: f32 = 1e-3;

/// The farthest that a value of a gradient may be from PyTorch's, as a share of the largest one.
pub const GRADIENT: f32 = 1e-3;

/// As `picture` in tests/fixtures/onnx_files.py.
pub fn picture() -> Vec<f32> {
    picture_of(3, Size::square(SIDE))
}

/// The same with other channels, and of another size.
pub fn picture_of(channels: usize, size: Size) -> Vec<f32> {
    (0..channels * size.area()).map(|value| ((value * 7919 % 1009) as f64 / 504.0 - 1.0) as f32).collect()
}

fn fixture(name: &str) -> std::path::PathBuf {
    path(&format!("tests/fixtures/onnx/{name}.onnx"))
}

pub fn hosted(file: &Path, said: &Said, side: Option<usize>) -> Result<Box<dyn Classifier>, String> {
    let size = side.map(Size::square);
    let choice = ModelChoice::File(file.to_owned());
    load_as(&choice, said, &Hub::from_env(), &Device::Cpu, 1, size).map_err(|error| error.to_string())
}

fn named(name: &str) -> Box<dyn Classifier> {
    let side = (name == "any_size").then_some(SIDE);
    hosted(&fixture(name), &Said::default(), side).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn gradient(classifier: &dyn Classifier, planar: &[f32], class: usize) -> Vec<f32> {
    let taken = Mutex::new(Vec::new());
    let target = Target { score: Score::Logit, class, against: None };
    let take = |_: usize, gradient: &[f32]| *taken.lock().unwrap() = gradient.to_vec();
    classifier.gradients(&Batch::new(planar, planar.len()), target, &take).unwrap();
    taken.into_inner().unwrap()
}

pub fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// The same network as operations on Candle's tensors, whatever it is hosted as.
fn on_tensors(name: &str, precision: Precision) -> Box<dyn Classifier> {
    let side = (name == "any_size").then_some(SIDE);
    load_graph_reference(&fixture(name), precision, side.map(Size::square))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn networks_answer_as_where_they_were_made_with_the_gradients_of_there() {
    answer_as_where_they_were_made(named);
}

#[test]
fn on_tensors_networks_answer_as_where_they_were_made_with_the_gradients_of_there() {
    answer_as_where_they_were_made(|name| on_tensors(name, Precision::F32));
}

fn answer_as_where_they_were_made(hosted: impl Fn(&str) -> Box<dyn Classifier>) {
    let numbers = load(path("tests/fixtures/onnx.safetensors"), &Device::Cpu).unwrap();
    let of = |name: &str| numbers[name].flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let names: std::collections::BTreeSet<&str> = numbers.keys().filter_map(|key| key.split('.').next()).collect();
    assert!(names.len() >= 29, "{names:?}");
    for name in names {
        let classifier = hosted(name);
        let mut planar = picture_of(classifier.spec().channels(), classifier.spec().size());
        if ["keras", "tf2onnx"].contains(&name) {
            planar.iter_mut().for_each(|value| *value = (*value + 1.0) * 127.5);
        }
        let expected = of(&format!("{name}.logits"));
        let logits = classifier.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0);
        let far = logits.iter().zip(&expected).map(|(own, other)| (own - other).abs()).fold(0.0, f32::max);
        assert!(logits.len() == expected.len() && far < LOGITS, "{name}: {logits:?} {expected:?}");
        let class = (0..expected.len()).max_by(|a, b| expected[*a].total_cmp(&expected[*b])).unwrap();
        let (own, other) = (gradient(&*classifier, &planar, class), of(&format!("{name}.gradient")));
        let far = own.iter().zip(&other).map(|(own, other)| (own - other).abs()).fold(0.0, f32::max);
        assert!(own.len() == other.len() && far < GRADIENT * largest(&other), "{name}: {far} of {}", largest(&other));
    }
}

#[test]
fn several_pictures_are_answered_as_each_alone() {
    let classifier = named("mobile");
    let one = picture();
    let two: Vec<f32> = one.iter().rev().copied().collect();
    let both = classifier.logits(&Batch::new(&[one.clone(), two.clone()].concat(), one.len())).unwrap();
    for (planar, logits) in [one, two].iter().zip(&both) {
        assert_eq!(&classifier.logits(&Batch::new(planar, planar.len())).unwrap()[0], logits);
    }
}

/// Networks that are operations when they are hosted on the CPU.
const OPERATIONS: [&str; 7] = ["inception", "shuffle", "windows", "vit", "routed", "outlook", "memory"];

#[test]
fn on_tensors_a_batch_and_its_features_are_those_of_the_plan() {
    let near = |found: &[f32], wanted: &[f32], share: f32| {
        let far = found.iter().zip(wanted).map(|(own, other)| (own - other).abs()).fold(0.0, f32::max);
        assert!(found.len() == wanted.len() && far <= share * largest(wanted), "{far} of {}", largest(wanted));
    };
    let one = picture();
    let two: Vec<f32> = one.iter().rev().copied().collect();
    let target = Target { score: Score::Logit, class: 1, against: None };
    for name in OPERATIONS {
        let (plan, tensors) = (named(name), on_tensors(name, Precision::F32));
        assert_eq!(tensors.feature_layers(), plan.feature_layers(), "{name}");
        assert_eq!(tensors.spec().feature_layer, plan.spec().feature_layer, "{name}");
        assert_eq!(tensors.refuses(Rule::Guided), plan.refuses(Rule::Guided), "{name}");
        let both = [one.clone(), two.clone()].concat();
        let [own, other] = [&tensors, &plan].map(|model| model.logits(&Batch::new(&both, one.len())).unwrap());
        own.iter().zip(&other).for_each(|(own, other)| near(own, other, 1e-4));
        for depth in 0..plan.feature_layers().len() {
            let [own, other] = [&tensors, &plan].map(|model| model.features_at(depth, &one, target).unwrap());
            assert_eq!((own.width, own.height, own.channels), (other.width, other.height, other.channels), "{name}");
            near(&own.activations, &other.activations, 1e-3);
            near(&own.gradient, &other.gradient, 1e-3);
        }
        let beyond = tensors.features_at(99, &one, target).unwrap_err().to_string();
        assert!(beyond.contains("layers whose features"), "{beyond}");
        // Other weights are the same other weights.
        let [own, other] = [&tensors, &plan].map(|model| model.randomised(0, 3).unwrap().unwrap());
        let [own, other] = [own, other].map(|model| model.logits(&Batch::new(&one, one.len())).unwrap().remove(0));
        near(&own, &other, 1e-3);
        let half = on_tensors(name, Precision::F16).logits(&Batch::new(&one, one.len())).unwrap().remove(0);
        near(&half, &plan.logits(&Batch::new(&one, one.len())).unwrap()[0], 5e-2);
    }
}

#[test]
fn maps_of_features_have_the_gradient_that_moves_the_logits() {
    for (name, least) in [("plain", 4), ("mobile", 3), ("inception", 3), ("windows", 2), ("vit", 2), ("convnext", 2)] {
        let classifier = named(name);
        let layers = classifier.feature_layers().len();
        assert!(layers >= 1 && classifier.feature_layers()[0] == classifier.spec().feature_layer, "{name}");
        for depth in 0..layers {
            let target = Target { score: Score::Logit, class: 0, against: None };
            let features = classifier.features_at(depth, &picture(), target).unwrap();
            let count = features.width * features.height * features.channels;
            assert!(features.width >= least.min(2) && features.width == features.height, "{name}: {features:?}");
            assert_eq!((features.activations.len(), features.gradient.len()), (count, count), "{name}");
            assert!(largest(&features.gradient) > 0.0, "{name}: nothing comes back to {depth}");
        }
        let beyond = classifier.features_at(layers, &picture(), Target::probability(0)).unwrap_err().to_string();
        assert!(beyond.contains("layers whose features"), "{beyond}");
        assert!(classifier.refuses(Rule::Guided).is_some() && classifier.refuses(Rule::Gradient).is_none());
    }
}

#[test]
fn a_network_of_layers_has_what_those_that_are_built_in_have() {
    let (rectified, planar) = (named("rectified"), picture());
    let target = Target { score: Score::Logit, class: 0, against: None };
    let back = |rule: Rule| {
        let taken = Mutex::new(Vec::new());
        let take = |_: usize, gradient: &[f32]| *taken.lock().unwrap() = gradient.to_vec();
        rectified.sent_back(&Batch::new(&planar, planar.len()), target, rule, &take).unwrap();
        taken.into_inner().unwrap()
    };
    let all = [Rule::Gradient, Rule::Guided, Rule::Deconvolution].map(back);
    assert!(all.iter().all(|one| largest(one) > 0.0) && all[0] != all[1] && all[1] != all[2]);
    assert_eq!(rectified.refuses(Rule::Excitation), None);
    assert!(!rectified.has_attention());

    let tokens = named("tokens");
    assert!(tokens.has_attention());
    let blocks = tokens.attention(&planar, target).unwrap();
    assert_eq!(blocks.len(), 2);
    for block in &blocks {
        assert_eq!((block.heads, block.tokens, block.shares.len()), (2, 17, 2 * 17 * 17));
        for row in block.shares.chunks_exact(17) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{row:?}");
        }
    }
    // Of one with another GELU, which no layer is, attention cannot be read.
    assert!(!named("vit").has_attention() && named("vit").refuses(Rule::Guided).is_some());
}

#[test]
fn what_a_network_has_learned_after_a_layer_is_forgotten() {
    let (planar, target) = (picture(), Target { score: Score::Logit, class: 0, against: None });
    // The first is layers, the second operations.
    for name in ["rectified", "windows"] {
        let classifier = named(name);
        let logits = |of: &dyn Classifier| of.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0);
        let features = classifier.features_at(0, &planar, target).unwrap().activations;
        let forgetful = classifier.randomised(0, 3).unwrap().unwrap();
        assert_ne!(logits(&*forgetful), logits(&*classifier), "{name}");
        assert_eq!(forgetful.features_at(0, &planar, target).unwrap().activations, features, "{name}");
        assert_eq!(logits(&*forgetful), logits(&*classifier.randomised(0, 3).unwrap().unwrap()), "{name}");
        let whole = classifier.randomised(usize::MAX, 3).unwrap().unwrap();
        assert_ne!(whole.features_at(0, &planar, target).unwrap().activations, features, "{name}");
        assert_eq!(whole.feature_layers(), classifier.feature_layers(), "{name}");
    }
}

#[test]
fn what_a_graph_does_not_say_is_found_or_told_as_a_guess() {
    let spec = named("ultralytics").spec().clone();
    assert_eq!(
        (spec.labels.name(2), spec.head, spec.head_source),
        ("cat's eye".into(), Head::Softmax, HeadSource::File)
    );
    assert_eq!(
        (spec.normalisation.mean, spec.normalisation.std, spec.crop.resize),
        ([0.0; 3].into(), [1.0; 3].into(), 32)
    );
    assert!(spec.graph_guesses().is_empty(), "{:?}", spec.graph_guesses());
    // It answers before its softmax, as the network without one.
    let planar = picture();
    let [with, without] = ["ultralytics", "plain"].map(|name| named(name).logits(&Batch::new(&planar, planar.len())));
    assert_eq!(with.unwrap(), without.unwrap());

    let spec = named("plain").spec().clone();
    assert_eq!((spec.side(), spec.architecture.as_str(), spec.title.as_str()), (SIDE, "onnx", "plain (ONNX)"));
    assert!(spec.graph_guesses()[0].contains("ImageNet's mean"), "{:?}", spec.graph_guesses());

    let spec = named("sigmoid").spec().clone();
    assert_eq!((spec.head, spec.head_source, spec.labels.len()), (Head::Sigmoid, HeadSource::File, 2));

    // Bytes that it normalises itself, channels last, softmax at the end.
    let spec = named("keras").spec().clone();
    assert!((spec.normalisation.std[0] - 1.0 / 255.0).abs() < 1e-9 && spec.graph_guesses().is_empty());
    assert_eq!((spec.head, spec.head_source), (Head::Softmax, HeadSource::File));

    let inception = named("inception").spec().clone();
    assert_eq!((inception.head, inception.head_source), (Head::Softmax, HeadSource::File));
}

#[test]
fn a_network_of_any_size_is_hosted_for_the_size_that_is_asked_for() {
    let any = hosted(&fixture("any_size"), &Said::default(), None).unwrap();
    assert_eq!((any.spec().side(), any.spec().guesses.size), (224, true));
    let asked = hosted(&fixture("any_size"), &Said::default(), Some(64)).unwrap();
    assert_eq!((asked.spec().side(), asked.spec().guesses.size), (64, false));
    let fixed = hosted(&fixture("plain"), &Said::default(), Some(64)).err().unwrap();
    assert!(fixed.contains("64 × 64") && fixed.contains("32 × 32"), "{fixed}");
}

#[test]
fn a_manifest_and_a_configuration_beside_a_graph_say_what_it_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.onnx");
    fs::copy(fixture("any_size"), &file).unwrap();
    let configuration = r#"{"architectures": ["SomethingForImageClassification"], "model_type": "something",
        "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}, "image_size": 48}"#;
    fs::write(folder.path().join("config.json"), configuration).unwrap();
    let preprocessor = r#"{"size": {"height": 48, "width": 48}, "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5]}"#;
    fs::write(folder.path().join("preprocessor_config.json"), preprocessor).unwrap();
    // The folder is the model, as Optimum saves it.
    let spec = hosted(folder.path(), &Said::default(), None).unwrap().spec().clone();
    assert_eq!((spec.side(), spec.labels.name(4), spec.normalisation.std), (48, "e".into(), [0.5; 3].into()));
    assert!(spec.graph_guesses().is_empty(), "{:?}", spec.graph_guesses());

    fs::write(folder.path().join("model.toml"), "head = \"sigmoid\"\ninput_size = 40\nmean = [0.1, 0.1, 0.1]\n")
        .unwrap();
    let spec = hosted(&file, &Said::default(), None).unwrap().spec().clone();
    assert_eq!((spec.side(), spec.head, spec.normalisation.mean), (40, Head::Sigmoid, [0.1; 3].into()));
    let said = Said { head: Some(Head::Regression), ..Said::default() };
    assert_eq!(hosted(&file, &said, None).unwrap().spec().head_source, HeadSource::User);
    let said = Said { heads: Some(3), ..Said::default() };
    assert!(hosted(&file, &said, None).err().unwrap().contains("whole network"));
}

#[test]
fn what_a_user_says_of_a_network_goes_before_the_file_and_is_no_guess() {
    let normalisation = Normalisation::new([0.1, 0.2, 0.3], [0.5, 0.6, 0.7]);
    let said = Said { normalisation: Some(normalisation), ..Said::default() };
    for name in ["plain", "ultralytics"] {
        let spec = hosted(&fixture(name), &said, None).unwrap().spec().clone();
        assert_eq!(spec.normalisation, normalisation, "{name}");
        assert!(spec.graph_guesses().is_empty() && spec.graph().unwrap().said == said, "{:?}", spec.graph_guesses());
    }
    let weights = path("assets/efficientnet-lite0.safetensors");
    let refused = hosted(&weights, &said, None).err().unwrap();
    assert!(refused.contains("as of a whole network"), "{refused}");

    // Two outputs: of the first is nothing known by its name, so it is taken and is a guess.
    let folder = tempfile::tempdir().unwrap();
    let two = folder.path().join("two.onnx");
    let twice = [pooled("x"), vec![node("Neg", &["y"], &["z"], &[])]].concat();
    fs::write(&two, file_to(&["y", "z"], &twice, &[], &[])).unwrap();
    let answers = |said: &Said| {
        let model = hosted(&two, said, None)?;
        let planar = picture();
        let logits = model.logits(&Batch::new(&planar, planar.len())).map_err(|error| error.to_string())?;
        Ok::<_, String>((logits[0].clone(), model.spec().clone()))
    };
    let (first, spec) = answers(&Said::default()).unwrap();
    assert_eq!(spec.guesses.output.as_deref(), Some("y"));
    assert_eq!(spec.graph().unwrap().outputs, ["y", "z"]);
    let of = |output: &str| Said { output: Some(output.to_owned()), ..Said::default() };
    let (second, spec) = answers(&of("z")).unwrap();
    assert_eq!((spec.guesses.output.as_deref(), spec.graph().unwrap().output.as_str()), (None, "z"));
    assert!(first.iter().zip(&second).all(|(first, second)| *first == -*second), "{first:?} {second:?}");
    assert!(answers(&of("w")).unwrap_err().contains("“w”: there is “y”, “z”"));
    fs::write(folder.path().join("two.toml"), "output = \"z\"\n").unwrap();
    let (third, spec) = answers(&Said::default()).unwrap();
    assert_eq!((third, spec.guesses.output.as_deref()), (second, None));
    assert!(inspect(&two).unwrap().contains("not taken: y"));
    fs::write(folder.path().join("two.toml"), "output = \"w\"\n").unwrap();
    assert!(answers(&Said::default()).unwrap_err().contains("manifest"));
}

#[test]
fn inspecting_a_file_says_what_was_understood() {
    let text = inspect(&fixture("ultralytics")).unwrap();
    for words in
        ["nodes", "parameters", "32 × 32", "softmax at its end is left out", "Ultralytics", "× Conv", "CAM layers"]
    {
        assert!(text.contains(words), "“{words}” is not in\n{text}");
    }
    let text = inspect(&fixture("any_size")).unwrap();
    for line in [
        "input size      224 × 224, a guess: it takes any size",
        "normalisation   mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225], from a guess: ImageNet's",
        "head            softmax\n",
    ] {
        assert!(text.contains(line), "“{line}” is not in\n{text}");
    }
}

/// A small protobuf: fields with their numbers.
pub fn bytes(number: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut len = value.len();
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    [&out, value].concat()
}

fn varint(number: u8, mut value: u64) -> Vec<u8> {
    let mut out = vec![number << 3];
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn node(operation: &str, inputs: &[&str], outputs: &[&str], attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut inner = Vec::new();
    inputs.iter().for_each(|name| inner.extend(bytes(1, name.as_bytes())));
    outputs.iter().for_each(|name| inner.extend(bytes(2, name.as_bytes())));
    inner.extend(bytes(4, operation.as_bytes()));
    attributes.iter().for_each(|attribute| inner.extend(bytes(5, attribute)));
    bytes(1, &inner)
}

/// A tensor of whole numbers or single precision, by its raw bytes.
fn tensor(name: &str, kind: u64, dims: &[u64], raw: &[u8]) -> Vec<u8> {
    let mut inner = Vec::new();
    dims.iter().for_each(|size| inner.extend(varint(1, *size)));
    [inner, varint(2, kind), bytes(8, name.as_bytes()), bytes(9, raw)].concat()
}

fn info(field: u8, name: &str, dims: &[u64]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|size| bytes(1, &varint(1, *size))).collect();
    let kind = bytes(1, &[varint(1, 1), bytes(2, &dims)].concat());
    bytes(field, &[bytes(1, name.as_bytes()), bytes(2, &kind)].concat())
}

/// A file: nodes, tensors and functions from an input `x` of 8 × 8 to an output `y`.
pub fn file(nodes: &[Vec<u8>], tensors: &[Vec<u8>], functions: &[Vec<u8>]) -> Vec<u8> {
    file_to(&["y"], nodes, tensors, functions)
}

/// The same to several outputs.
fn file_to(outputs: &[&str], nodes: &[Vec<u8>], tensors: &[Vec<u8>], functions: &[Vec<u8>]) -> Vec<u8> {
    let mut graph = nodes.concat();
    tensors.iter().for_each(|tensor| graph.extend(bytes(5, tensor)));
    graph.extend(info(11, "x", &[1, 3, 32, 32]));
    outputs.iter().for_each(|output| graph.extend(info(12, output, &[1, 3])));
    let mut model = [varint(1, 8), bytes(2, b"by hand"), bytes(7, &graph), bytes(8, &varint(2, 17))].concat();
    // The number of `functions` takes two bytes.
    for function in functions {
        let mut field = bytes(0, function);
        field.splice(0..1, [0xca, 0x01]);
        model.extend(field);
    }
    model
}

fn refusal(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.onnx");
    fs::write(&file, bytes).unwrap();
    let told = hosted(&file, &Said::default(), None).err().unwrap_or_else(|| "it was hosted".to_owned());
    // What it is can be asked of every file.
    let _ = inspect(&file);
    told
}

pub fn pooled(name: &str) -> Vec<Vec<u8>> {
    vec![node("GlobalAveragePool", &[name], &["pooled"], &[]), node("Flatten", &["pooled"], &["y"], &[])]
}

/// The logits of a file for a picture whose colours are 1, 2 and 3.
fn answered(bytes: &[u8]) -> Vec<f32> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.onnx");
    fs::write(&file, bytes).unwrap();
    let classifier = hosted(&file, &Said::default(), None).unwrap();
    let planar: Vec<f32> = [1.0, 2.0, 3.0].iter().flat_map(|&colour| vec![colour; SIDE * SIDE]).collect();
    classifier.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0)
}

fn floats(name: &str, dims: &[u64], values: &[f32]) -> Vec<u8> {
    tensor(name, 1, dims, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

/// The picture's means `p [1, 3]`, and an einsum of it and `w`, row after row.
fn einsum(equation: &str, inputs: &[&str], dims: &[u64], weights: &[f32]) -> Vec<u8> {
    let attribute = [bytes(1, b"equation"), bytes(4, equation.as_bytes())].concat();
    let nodes = [
        node("GlobalAveragePool", &["x"], &["pooled"], &[]),
        node("Flatten", &["pooled"], &["p"], &[]),
        node("Einsum", inputs, &["sum"], &[attribute]),
        node("Reshape", &["sum", "row"], &["y"], &[]),
    ];
    let row: Vec<u8> = [1_i64, -1].iter().flat_map(|size| size.to_le_bytes()).collect();
    file(&nodes, &[floats("w", dims, weights), tensor("row", 7, &[2], &row)], &[])
}

#[test]
fn sums_over_named_indices_are_those_of_numpy() {
    let weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    // Of p = [1, 2, 3].
    /// Equation, operands, shape of the weights, result.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [u64], &'a [f32]);
    let cases: [Case<'_>; 10] = [
        ("ij,jk->ik", &["p", "w"], &[3, 2], &[22.0, 28.0]),
        ("ij,jk", &["p", "w"], &[3, 2], &[22.0, 28.0]),
        ("kj,ij->ik", &["w", "p"], &[2, 3], &[14.0, 32.0]),
        ("ij,kj->ikj", &["p", "w"], &[2, 3], &[1.0, 4.0, 9.0, 4.0, 10.0, 18.0]),
        ("...j,kj->...k", &["p", "w"], &[2, 3], &[14.0, 32.0]),
        (
            "ij,ik->ijk",
            &["p", "w"],
            &[1, 6],
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0],
        ),
        // The axis of length 1 is as long as the other's.
        ("ij,ij->ij", &["p", "w"], &[2, 3], &[1.0, 4.0, 9.0, 4.0, 10.0, 18.0]),
        // What one operand alone has is summed.
        ("ij,kl->ik", &["p", "w"], &[2, 3], &[36.0, 90.0]),
        ("ij->ji", &["p"], &[6], &[1.0, 2.0, 3.0]),
        ("i j, i j -> i", &["p", "p"], &[6], &[14.0]),
    ];
    for (equation, inputs, dims, expected) in cases {
        let logits = answered(&einsum(equation, inputs, dims, &weights));
        let near = logits.iter().zip(expected).all(|(own, other)| (own - other).abs() < 1e-3);
        assert!(logits.len() == expected.len() && near, "{equation}: {logits:?} {expected:?}");
    }
    for (equation, inputs, words) in [
        ("ii,ij->ij", &["w", "p"][..], "“ii,ij->ij”"),
        ("ij,jk,kl->il", &["p", "w", "w"], "“ij,jk,kl->il”"),
        ("ij,jk->il", &["p", "w"], "“ij,jk->il”"),
        ("ij,jk->ik", &["p", "w"], "“j” has different lengths"),
        ("1j,jk->k", &["p", "w"], "“1j,jk->k”"),
        ("", &["p", "w"], "Einsum"),
    ] {
        let told = refusal(&einsum(equation, inputs, &[2, 3], &weights));
        assert!(told.contains(words) && told.contains("Einsum"), "{equation}: {told}");
    }
}

#[test]
fn a_pool_larger_than_the_map_is_the_mean_of_the_map_where_its_last_window_may_end_beyond() {
    let ints = |name: &str, value: u64| [bytes(1, name.as_bytes()), varint(8, value), varint(8, value)].concat();
    let ceil = [bytes(1, b"ceil_mode"), varint(3, 1)].concat();
    let pool = |attributes: &[Vec<u8>]| {
        file(&[node("AveragePool", &["x"], &["a"], attributes), node("Flatten", &["a"], &["y"], &[])], &[], &[])
    };
    // As transformers' EfficientNet has it: as many pixels as there are channels.
    let large = [ints("kernel_shape", 640), ints("strides", 640)];
    assert_eq!(answered(&pool(&[&large[..], std::slice::from_ref(&ceil)].concat())), [1.0, 2.0, 3.0]);
    assert!(refusal(&pool(&large)).contains("AveragePool"));
    // The second window would begin before the first.
    let close = [ints("kernel_shape", 640), ints("strides", 1), ceil];
    assert!(refusal(&pool(&close)).contains("AveragePool"));
}

#[test]
fn what_is_made_by_hand_here_is_an_onnx_file() {
    assert_eq!(refusal(&file(&pooled("x"), &[], &[])), "it was hosted");
}

#[test]
fn files_that_lie_are_refused_in_a_sentence() {
    let int = |value: i64| value.to_le_bytes().to_vec();
    let ints = |values: &[i64]| values.iter().flat_map(|value| int(*value)).collect::<Vec<u8>>();
    let huge = 1_u64 << 40;
    let function = |inner: Vec<u8>| {
        let inner: Vec<u8> = [&[7 << 3 | 2][..], &inner[1..]].concat();
        [bytes(1, b"f"), bytes(4, b"a"), bytes(5, b"b"), inner, bytes(10, b"d")].concat()
    };
    let call = |input: &str, output: &str| {
        let inner = [bytes(1, input.as_bytes()), bytes(2, output.as_bytes()), bytes(4, b"f"), bytes(7, b"d")].concat();
        bytes(1, &inner)
    };
    let with = |nodes: &[Vec<u8>]| [nodes, &pooled("a")].concat();
    let external = |location: &str| {
        let entry =
            |key: &str, value: &str| bytes(13, &[bytes(1, key.as_bytes()), bytes(2, value.as_bytes())].concat());
        let inner = [varint(1, 3), varint(2, 1), bytes(8, b"w"), entry("location", location), varint(14, 1)].concat();
        file(&with(&[node("Add", &["x", "w"], &["a"], &[])]), &[inner], &[])
    };
    let weight = |dims: &[u64], raw: &[u8]| {
        file(&with(&[node("Conv", &["x", "w"], &["a"], &[])]), &[tensor("w", 1, dims, raw)], &[])
    };
    let shaped = |operation: &str, shape: &[i64]| {
        let given = tensor("s", 7, &[shape.len() as u64], &ints(shape));
        file(&with(&[node(operation, &["x", "s"], &["a"], &[])]), &[given], &[])
    };
    let filled = file(
        &with(&[node("ConstantOfShape", &["s"], &["big"], &[]), node("Add", &["x", "big"], &["a"], &[])]),
        &[tensor("s", 7, &[2], &ints(&[1 << 20, 1 << 20]))],
        &[],
    );
    let axis = |axis: u64| [bytes(1, b"axis"), varint(3, axis)].concat();
    let memory = |inputs: &[&str], attributes: &[Vec<u8>]| {
        let all = [&["x", "w", "w"], inputs].concat();
        let tensors =
            [floats("w", &[1, 12, 3], &[0.1; 36]), floats("one", &[1], &[1.0]), tensor("len", 7, &[1], &int(7))];
        file(&with(&[node("LSTM", &all, &["a"], attributes)]), &tensors, &[])
    };
    let solid = [
        node("Unsqueeze", &["x", "two"], &["solid"], &[]),
        node("Conv", &["solid", "w"], &["windows"], &[]),
        node("Squeeze", &["windows", "two"], &["a"], &[]),
    ];
    let solid =
        file(&with(&solid), &[tensor("two", 7, &[1], &int(2)), floats("w", &[2, 3, 3, 3, 3], &[0.1; 162])], &[]);
    // Whose weight has no windows of its own.
    let windows = [bytes(1, b"kernel_shape"), bytes(8, &[3, 3, 3])].concat();
    let bare = [node("Unsqueeze", &["x", "two"], &["solid"], &[]), node("Conv", &["solid", "w"], &["a"], &[windows])];
    let bare = file(&with(&bare), &[tensor("two", 7, &[1], &int(2)), floats("w", &[5], &[0.1; 5])], &[]);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", Vec::new(), "no graph"),
        ("a memory that begins elsewhere", memory(&["", "", "one"], &[]), "first state is not 0"),
        ("rows of unlike lengths", memory(&["", "len"], &[]), "different lengths"),
        ("peepholes", memory(&["", "", "", "", "one"], &[]), "peepholes"),
        ("limits of gates", memory(&[], &[[bytes(1, b"clip"), varint(3, 1)].concat()]), "limits"),
        ("a direction that is none", memory(&[], &[[bytes(1, b"direction"), bytes(4, b"up")].concat()]), "“up”"),
        ("a memory of a picture", memory(&[], &[]), "cannot be multiplied"),
        ("windows of solids", solid, "three axes"),
        ("windows of solids without filters", bare, "three axes"),
        ("no protobuf", b"this is a text and not a network".to_vec(), "no ONNX file"),
        ("empty graph", [varint(1, 8), bytes(2, b"x"), bytes(7, b"")].concat(), "version"),
        (
            "a circle",
            file(&with(&[node("Add", &["x", "b"], &["a"], &[]), node("Relu", &["a"], &["b"], &[])]), &[], &[]),
            "circle",
        ),
        ("itself", file(&with(&[node("Add", &["x", "a"], &["a"], &[])]), &[], &[]), "circle"),
        (
            "made twice",
            file(&with(&[node("Relu", &["x"], &["a"], &[]), node("Relu", &["x"], &["a"], &[])]), &[], &[]),
            "two nodes",
        ),
        ("from nowhere", file(&with(&[node("Add", &["x", "gone"], &["a"], &[])]), &[], &[]), "neither made nor stored"),
        ("unknown", file(&with(&[node("Hexagon", &["x"], &["a"], &[])]), &[], &[]), "Hexagon"),
        ("few bytes", weight(&[4, 3, 3, 3], &[0; 12]), "12 bytes"),
        ("huge weights", weight(&[huge, huge, 3, 3], &[]), "larger than"),
        ("no size", weight(&[0, 3, 3, 3], &[]), ""),
        ("many axes", weight(&[1; 64], &[0; 4]), "64 dimensions"),
        ("negative size", weight(&[u64::MAX, 3, 1, 1], &[]), "cannot be"),
        ("other channels", weight(&[4, 7, 1, 1], &[0; 112]), "Conv"),
        ("huge constant", filled, "larger than"),
        ("huge expansion", shaped("Expand", &[1 << 20, 3, 32, 32]), ""),
        ("huge tile", shaped("Tile", &[1 << 40, 1 << 20, 1, 1]), ""),
        ("wrong shape", shaped("Reshape", &[1, 7, 11]), "cannot become"),
        ("two open sizes", shaped("Reshape", &[-1, -1]), "cannot be"),
        ("itself a function", file(&with(&[call("x", "a")]), &[], &[function(call("a", "b"))]), "calls itself"),
        ("outside", external("../weights.bin"), "outside"),
        ("a root", external("/etc/passwd"), "outside"),
        ("a drive", external("C:\\weights.bin"), "outside"),
        ("not there", external("weights.bin"), "must lie beside"),
        ("itself as weights", external("hostile.onnx"), ""),
        (
            "no values, and huge",
            file(
                &with(&[node("Gather", &["w", "i"], &["n"], &[axis(1)]), node("Add", &["x", "n"], &["a"], &[])]),
                &[tensor("w", 1, &[huge, 0], &[]), tensor("i", 7, &[0], &[])],
                &[],
            ),
            "larger than",
        ),
        (
            "no values, often",
            file(
                &with(&[node("Tile", &["w", "s"], &["n"], &[]), node("Add", &["x", "n"], &["a"], &[])]),
                &[tensor("w", 1, &[0], &[]), tensor("s", 7, &[1], &int(1 << 60))],
                &[],
            ),
            "larger than",
        ),
        (
            "huge rows without numbers",
            file(
                &with(&[node("GatherND", &["x", "i"], &["n"], &[]), node("Add", &["x", "n"], &["a"], &[])]),
                &[tensor("i", 7, &[huge, 0], &[])],
                &[],
            ),
            "larger than",
        ),
        ("a map", file(&[node("Relu", &["x"], &["y"], &[])], &[], &[]), "classifiers"),
        (
            "no picture",
            file(&[node("Identity", &["w"], &["y"], &[])], &[tensor("w", 1, &[1, 3], &[0; 12])], &[]),
            "does not depend",
        ),
    ];
    for (name, bytes, words) in cases {
        let told = refusal(&bytes);
        assert!(told.contains(words) && (words.is_empty() || told != "it was hosted"), "{name}: {told}");
    }
}

#[test]
fn a_choice_within_choices_is_made_once() {
    let branch = |inner: Vec<u8>, output: &str| {
        // It answers with the same twelve times: made anew each time, nine choices deep, it would never end.
        let outputs: Vec<u8> = (0..12).flat_map(|_| info(12, output, &[])).collect();
        [bytes(1, b"then_branch"), bytes(6, &[inner, outputs].concat())].concat()
    };
    let mut inner = node("Relu", &["x"], &["v0"], &[]);
    for depth in 0..9 {
        let made = format!("v{}", depth + 1);
        inner = node("If", &["c"], &[&made], &[branch(inner, &format!("v{depth}"))]);
    }
    assert_eq!(
        refusal(&file(&[vec![inner], pooled("v9")].concat(), &[tensor("c", 9, &[], &[1])], &[])),
        "it was hosted"
    );
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let copied = inner.join("beside.onnx");
    fs::copy(fixture("beside"), &copied).unwrap();
    let weights = path("tests/fixtures/onnx/beside.onnx.data");
    fs::copy(&weights, folder.path().join("weights")).unwrap();
    let beside = inner.join("beside.onnx.data");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("weights"), &beside).unwrap();
        let told = hosted(&copied, &Said::default(), None).err().unwrap();
        assert!(told.contains("outside the folder"), "{told}");
        fs::remove_file(&beside).unwrap();
    }
    let cut = fs::read(&weights).unwrap();
    fs::write(&beside, &cut[..cut.len() / 2]).unwrap();
    let told = hosted(&copied, &Said::default(), None).err().unwrap();
    assert!(told.contains("ends before"), "{told}");
}

#[test]
fn a_file_that_is_cut_or_damaged_anywhere_ends_no_thread() {
    let whole = fs::read(fixture("mobile")).unwrap();
    for end in (0..whole.len()).step_by(whole.len() / 60 + 1) {
        refusal(&whole[..end]);
    }
    // Every so many bytes one is another.
    for at in (1..whole.len()).step_by(whole.len() / 150 + 1) {
        let mut damaged = whole.clone();
        damaged[at] = damaged[at].wrapping_mul(31).wrapping_add(0x95);
        refusal(&damaged);
    }
}
