//! Networks whose outputs are no softmax: what files, flags and clicks say of them, and what every surface makes of it.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use candle_core::{Device, Tensor};
use igoscope::{
    explain::{Control, Explanation, GRAD_CAM, IGOS, Method, Nothing, Subject, usual_methods},
    model::{
        Architecture, Assembled, Batch, Classifier, Head, HeadSource, Hub, ModelChoice, Said, Score, Target, load_as,
    },
};
use serde_json::Value;

use crate::common::{input, largest_difference, model, norm, quick, relative_difference, sample, tensors};

/// Espresso, cup, and a cat, which is not there.
const CLASSES: [usize; 3] = [967, 968, 281];

/// What the last layer is multiplied by, so that no sigmoid of it is saturated.
const SCALE: f64 = 0.3;

/// Width and height of a picture that is enough for a gradient, in pixels.
const SMALL: u32 = 96;

/// The embedded network's weights with a head for some of its classes, whose logits are all `less`.
fn narrowed_and_lowered(classes: &[usize], less: f64) -> HashMap<String, Tensor> {
    let mut all = tensors().clone();
    let rows: Vec<u32> = classes.iter().map(|class| *class as u32).collect();
    let rows = Tensor::new(rows, &Device::Cpu).unwrap();
    for name in ["_fc.weight", "_fc.bias"] {
        let head = (all[name].index_select(&rows, 0).unwrap() * SCALE).unwrap();
        all.insert(name.to_owned(), head);
    }
    let bias = (&all["_fc.bias"] - less).unwrap();
    all.insert("_fc.bias".to_owned(), bias);
    all
}

fn narrowed(classes: &[usize]) -> HashMap<String, Tensor> {
    narrowed_and_lowered(classes, 0.0)
}

fn assembled(classes: &[usize], head: Head) -> Assembled {
    assembled_of(&narrowed(classes), classes.len(), 224, head)
}

fn assembled_of(all: &HashMap<String, Tensor>, outputs: usize, side: u32, head: Head) -> Assembled {
    let values = |name: &str, _: &[usize]| all[name].flatten_all().unwrap().to_vec1().unwrap();
    let architecture = Architecture::named("efficientnet-lite0").unwrap();
    Assembled::new(architecture, outputs, side, values).unwrap().with_head(head).unwrap()
}

/// Classes that a head answers for.
fn classes_of(head: Head) -> &'static [usize] {
    if head == Head::Binary { &CLASSES[..1] } else { &CLASSES }
}

fn gradient(classifier: &dyn Classifier, planar: &[f32], target: Target) -> (f32, Vec<f32>) {
    let gradient = std::sync::Mutex::new(Vec::new());
    let take = |_: usize, values: &[f32]| gradient.lock().unwrap().extend_from_slice(values);
    let scores = classifier.gradients(&Batch::new(planar, planar.len()), target, &take).unwrap();
    (scores[0], gradient.into_inner().unwrap())
}

fn logits(classifier: &dyn Classifier, planar: &[f32]) -> Vec<f32> {
    classifier.logits(&Batch::new(planar, planar.len())).unwrap().remove(0)
}

/// Along the gradient, a small step changes the target by the step times the gradient's length; and Candle's tensors
/// have the same gradient as our kernels.
#[test]
fn gradients_of_every_head_are_its_slopes_on_both_executors() {
    for head in [Head::Sigmoid, Head::Binary, Head::Regression] {
        let classes = classes_of(head);
        let network = assembled_of(&narrowed(classes), classes.len(), SMALL, head);
        let reference = network.reference().unwrap();
        let ours = network.host(&Device::Cpu, 0).unwrap();
        assert_eq!(ours.spec().head, head);
        let planar = ours.spec().preprocess(&sample("coffee")).unwrap().planar;
        for &score in head.scores() {
            for (class, against) in [(0, None), (1, None), (0, Some(1))] {
                let target = Target { score, class, against };
                let (value, slopes) = gradient(ours.as_ref(), &planar, target);
                assert_eq!(value, target.of(head, &logits(ours.as_ref(), &planar)).0, "{head:?}, {target:?}");
                let (_, theirs) = gradient(reference.as_ref(), &planar, target);
                let apart = relative_difference(&slopes, &theirs);
                // A unit that falls on the other side of a kink moves the gradient by up to a hundredth.
                assert!(apart < 1e-2, "{head:?}, {target:?}: the executors differ by {apart}");
                let length = norm(&slopes);
                let value = |step: f32| {
                    let moved: Vec<f32> = planar.iter().zip(&slopes).map(|(v, g)| v + step * g / length).collect();
                    f64::from(target.of(head, &logits(ours.as_ref(), &moved)).0)
                };
                // Small enough to meet few of the network's kinks, large enough to stand out from rounding.
                let step = 1e-3;
                let slope = (value(step) - value(-step)) / (2.0 * f64::from(step));
                let ratio = slope / f64::from(length);
                assert!((ratio - 1.0).abs() < 0.02, "{head:?}, {target:?}: slope is {ratio} of the gradient's length");
            }
        }
    }
}

/// A class and its opposite are two classes with opposite gradients; Grad-CAM reads the logit of either.
#[test]
fn both_directions_of_one_logit_are_explained() {
    let input = input("coffee");
    let network = assembled(&CLASSES[..1], Head::Binary).host(&Device::Cpu, 0).unwrap();
    assert_eq!(network.spec().labels.len(), 2);
    let [(no, away), (yes, towards)] =
        [0, 1].map(|class| gradient(network.as_ref(), &input.planar, Target::probability(class)));
    assert!((no + yes - 1.0).abs() < 1e-6 && yes > 0.5, "{no} {yes}");
    assert!(away.iter().zip(&towards).all(|(away, towards)| *away == -towards));
    let features = [0, 1].map(|class| {
        let target = Target { score: Score::Logit, class, against: None };
        network.features(&input.planar, target).unwrap().gradient
    });
    assert!(features[0].iter().zip(&features[1]).all(|(no, yes)| *no == -yes) && norm(&features[0]) > 0.0);
    for class in 0..2 {
        let subject = Subject { classifier: network.as_ref(), input: &input, target: Target::probability(class) };
        assert_eq!(explained(&IGOS, &subject).target.class, class);
    }
}

fn explained(method: &'static Method, subject: &Subject<'_>) -> Explanation {
    method.explain(subject, &quick(1), &Control::default(), &mut |_| {}).unwrap()
}

#[test]
fn a_sigmoid_that_sees_no_class_says_so_and_a_quantity_is_always_explained() {
    let input = input("coffee");
    let cats = [281, 282, 283];
    let lower =
        |less, head| assembled_of(&narrowed_and_lowered(&cats, less), 3, 224, head).host(&Device::Cpu, 0).unwrap();
    let sigmoid = lower(6.0, Head::Sigmoid);
    let most = Head::Sigmoid.answers(&logits(sigmoid.as_ref(), &input.planar)).into_iter().fold(0.0, f32::max);
    let regression = lower(6.0, Head::Regression);
    let output = Target { score: Score::Output, class: 0, against: None };
    for method in usual_methods() {
        let subject = Subject { classifier: sigmoid.as_ref(), input: &input, target: Target::probability(0) };
        let nothing = explained(method, &subject).nothing;
        assert_eq!((nothing, most < 0.1), (Some(Nothing::NoClass), true), "{method}, {most}");
        let subject = Subject { classifier: regression.as_ref(), input: &input, target: output };
        let nothing = explained(method, &subject).nothing;
        assert!(!matches!(nothing, Some(Nothing::NoClass | Nothing::Unsure | Nothing::Saturated)), "{nothing:?}");
    }
    // A class as probable as another is none the model is not sure of: each is decided for alone.
    let unsure = lower(0.0, Head::Sigmoid);
    let subject = Subject { classifier: unsure.as_ref(), input: &input, target: Target::probability(0) };
    assert!(!matches!(explained(&GRAD_CAM, &subject).nothing, Some(Nothing::NoClass | Nothing::Unsure)));
    let why = regression.gradients(&Batch::new(&input.planar, input.planar.len()), Target::probability(0), &|_, _| {});
    let why = why.unwrap_err().to_string();
    assert!(why.contains("has no probability") && why.contains("explain its output"), "{why}");
}

fn save(classes: &[usize], folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    candle_core::safetensors::save(&narrowed(classes), &path).unwrap();
    path
}

fn hosted(path: &Path, head: Option<Head>) -> Result<Box<dyn Classifier>, String> {
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    let said = Said { head, ..Said::default() };
    load_as(&ModelChoice::File(path.to_owned()), &said, &hub, &Device::Cpu, 0, None).map_err(|error| error.to_string())
}

#[test]
fn a_head_is_what_the_user_says_then_what_a_file_says_then_softmax_or_a_guess() {
    let folder = tempfile::tempdir().unwrap();
    let three = save(&CLASSES, folder.path(), "three.safetensors");
    let one = save(&CLASSES[..1], folder.path(), "one.safetensors");
    let found = |path: &Path, head| {
        let spec = hosted(path, head).unwrap().spec().clone();
        (spec.head, spec.head_source, spec.labels.len())
    };
    assert_eq!(found(&three, None), (Head::Softmax, HeadSource::Default, 3));
    assert_eq!(found(&three, Some(Head::Sigmoid)), (Head::Sigmoid, HeadSource::User, 3));
    assert_eq!(found(&one, None), (Head::Binary, HeadSource::Guess, 2));
    assert_eq!(found(&one, Some(Head::Sigmoid)), (Head::Binary, HeadSource::User, 2));
    assert_eq!(found(&one, Some(Head::Regression)), (Head::Regression, HeadSource::User, 1));
    let guess = hosted(&one, None).unwrap().spec().head_guess().unwrap();
    assert!(guess.contains("one output") && guess.contains("“class 1” rather than “class 0”"), "{guess}");
    for (path, head, told) in [(&one, Head::Softmax, "100 %"), (&three, Head::Binary, "3 outputs")] {
        let why = hosted(path, Some(head)).err().unwrap();
        assert!(why.contains(told), "{why}");
    }
    let manifest = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    manifest("three.toml", "head = 'sigmoid'");
    assert_eq!(found(&three, None), (Head::Sigmoid, HeadSource::File, 3));
    assert_eq!(found(&three, Some(Head::Softmax)), (Head::Softmax, HeadSource::User, 3));
    manifest("three.toml", "head = 'argmax'");
    assert!(hosted(&three, None).err().unwrap().contains("argmax"));
    // One name is enough for a class and its opposite.
    manifest("name.txt", "coffee");
    manifest("one.toml", "head = 'binary'\nlabels = 'name.txt'");
    let spec = hosted(&one, None).unwrap().spec().clone();
    assert_eq!([0, 1].map(|class| spec.labels.name(class)), ["not coffee", "coffee"]);
    assert_eq!((spec.head_source, spec.head_guess()), (HeadSource::File, None));
    manifest("one.toml", "head = 'regression'\nlabels = 'name.txt'");
    assert_eq!(hosted(&one, None).unwrap().spec().labels.name(0), "coffee");
}

#[test]
fn what_transformers_says_of_the_problem_is_the_head() {
    let folder = tempfile::tempdir().unwrap();
    // Names and shapes are all that is looked at.
    let shapes = Architecture::named("resnet18").unwrap().tensors(4);
    let zeros = shapes.iter().map(|(name, shape)| {
        (name.clone(), Tensor::zeros(shape.as_slice(), candle_core::DType::F32, &Device::Cpu).unwrap())
    });
    let weights = folder.path().join("model.safetensors");
    candle_core::safetensors::save(&zeros.collect::<HashMap<_, _>>(), &weights).unwrap();
    for (problem, head, source) in [
        (r#""multi_label_classification""#, Head::Sigmoid, HeadSource::File),
        (r#""single_label_classification""#, Head::Softmax, HeadSource::File),
        (r#""regression""#, Head::Regression, HeadSource::File),
        ("null", Head::Softmax, HeadSource::Default),
    ] {
        let config = format!(
            r#"{{"architectures": ["ResNetForImageClassification"], "model_type": "resnet", "problem_type": {problem}}}"#
        );
        fs::write(folder.path().join("config.json"), config).unwrap();
        let spec = hosted(&weights, None).unwrap().spec().clone();
        assert_eq!((spec.head, spec.head_source), (head, source), "{problem}");
    }
}

fn igoscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(["explain", "--method", "grad-cam", "--curve-steps", "5", "--random-orders", "2"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

fn refused(arguments: &[&str]) -> String {
    let output = igoscope(arguments);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

fn record(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

const COFFEE: &str = "assets/samples/coffee.jpg";

#[test]
fn the_command_line_says_the_head_and_its_record_does_the_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&CLASSES, folder.path(), "three.safetensors");
    let (weights, out) = (weights.to_str().unwrap(), folder.path().join("out"));
    let arguments = [COFFEE, "--weights", weights, "--head", "sigmoid", "--report", "--out", out.to_str().unwrap()];
    let (printed, warned) = said(&igoscope(&arguments));
    assert!(printed.contains("each class has a probability of its own (sigmoid)"), "{printed}");
    assert_eq!(warned, "");
    let run = record(&out.join("coffee/run.json"));
    assert_eq!((&run["head"], &run["head_from"]), (&"sigmoid".into(), &"user".into()));
    assert_eq!(run["curve_score"], "probability");
    let probabilities: Vec<f64> =
        run["top"].as_array().unwrap().iter().map(|class| class["probability"].as_f64().unwrap()).collect();
    let planar = model().spec().preprocess(&sample("coffee")).unwrap().planar;
    let expected = logits(assembled(&CLASSES, Head::Sigmoid).host(&Device::Cpu, 0).unwrap().as_ref(), &planar);
    let mut expected: Vec<f32> = expected.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect();
    expected.sort_by(|a, b| b.total_cmp(a));
    let probabilities: Vec<f32> = probabilities.into_iter().map(|value| value as f32).collect();
    assert!(largest_difference(&probabilities, &expected) < 1e-4, "{probabilities:?} {expected:?}");
    assert!(probabilities.iter().sum::<f32>() > 1.05, "{probabilities:?}");
    let table = fs::read_to_string(out.join("coffee/grad-cam.curves.csv")).unwrap();
    let whole: f32 = table.lines().nth(1).unwrap().split(',').nth(1).unwrap().parse().unwrap();
    assert!((whole - probabilities[0]).abs() < 1e-4, "curves begin where the class is: {whole}");
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("three (sigmoid head) on CPU") && report.contains("Most probable classes"));

    let config = out.join("coffee/run.json");
    let again = folder.path().join("again");
    said(&igoscope(&["--config", config.to_str().unwrap(), "--out", again.to_str().unwrap()]));
    let done = record(&again.join("coffee/run.json"));
    for key in ["head", "top", "class", "baseline", "value", "random"] {
        assert_eq!(done[key], run[key], "{key}");
    }
    // A record of before there were heads means softmax.
    let mut old = run;
    old.as_object_mut().unwrap().retain(|key, _| key != "head" && key != "head_from");
    fs::write(&config, old.to_string()).unwrap();
    let (printed, _) = said(&igoscope(&["--config", config.to_str().unwrap(), "--json"]));
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap()["head"], "softmax");
}

#[test]
fn one_output_is_a_class_or_its_opposite_and_said_to_be_a_guess() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&CLASSES[..1], folder.path(), "one.safetensors");
    let weights = weights.to_str().unwrap();
    let (printed, warned) = said(&igoscope(&[COFFEE, "--weights", weights]));
    assert!(
        warned.contains("what the one output of one (EfficientNet-Lite0) means")
            && warned.contains("--head binary or regression"),
        "{warned}"
    );
    assert!(printed.contains("class 1 (1)  ← explained") && printed.contains("class 0 (0)"), "{printed}");
    assert!(!printed.contains("100.0 %"), "{printed}");
    let (printed, warned) =
        said(&igoscope(&[COFFEE, "--weights", weights, "--class", "0", "--json", "--score", "logit"]));
    let run: Value = serde_json::from_str(&printed).unwrap();
    assert!(warned.contains("what the one output of one (EfficientNet-Lite0) means"));
    assert_eq!((&run["head"], &run["head_from"], &run["class"]["id"]), (&"binary".into(), &"guess".into(), &0.into()));
    let [first, second] = [0, 1].map(|at| run["top"][at]["probability"].as_f64().unwrap());
    assert!((first + second - 1.0).abs() < 1e-6 && first > 0.6, "{first} {second}");
    let no = run["class"]["probability"].as_f64().unwrap();
    assert!((run["value"].as_f64().unwrap() - (no / (1.0 - no)).ln()).abs() < 1e-3);
    let (_, warned) = said(&igoscope(&[COFFEE, "--weights", weights, "--head", "binary"]));
    assert_eq!(warned, "");
    assert!(refused(&[COFFEE, "--weights", weights, "--head", "softmax"]).contains("100 %"));
}

#[test]
fn a_quantity_is_no_percentage_on_any_surface() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&CLASSES, folder.path(), "three.safetensors");
    let (weights, out) = (weights.to_str().unwrap(), folder.path().join("out"));
    let flags = ["--weights", weights, "--head", "regression"];
    let written = ["--report", "--figure", "--caption", "--out", out.to_str().unwrap()];
    let (printed, _) = said(&igoscope(&[&[COFFEE], &flags[..], &written].concat()));
    assert!(!printed.contains('%') && printed.contains("output 0 (0)"), "{printed}");
    let run = record(&out.join("coffee/run.json"));
    assert_eq!((&run["score"], &run["curve_score"]), (&"output".into(), &"output".into()));
    let planar = model().spec().preprocess(&sample("coffee")).unwrap().planar;
    let outputs = logits(assembled(&CLASSES, Head::Regression).host(&Device::Cpu, 0).unwrap().as_ref(), &planar);
    let class = &run["class"];
    assert!(class["probability"].is_null() && outputs[0] > 1.0, "{outputs:?}");
    assert!((class["output"].as_f64().unwrap() as f32 - outputs[0]).abs() < 1e-3, "{class} {outputs:?}");
    let method = &run["methods"]["grad-cam"];
    assert!(method["insertion"].as_f64().unwrap() > 0.0 && method["keeps_90_percent"].is_null());
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains(">Outputs<") && report.contains("output of output 0"));
    assert!(!report.contains("Keeps 90 %"), "a quantity has no share");
    let table = fs::read_to_string(out.join("coffee/grad-cam.curves.csv")).unwrap();
    let whole: f32 = table.lines().nth(1).unwrap().split(',').nth(1).unwrap().parse().unwrap();
    assert!((whole - outputs[0]).abs() < 1e-3, "curves are of the output: {whole}");
    for score in ["probability", "logit", "log-probability"] {
        let why = refused(&[&[COFFEE, "--score", score], &flags[..]].concat());
        assert!(why.contains(&format!("has no {score}")), "{why}");
    }
    let why = refused(&[COFFEE, "--score", "output"]);
    assert!(why.contains("has no output"), "{why}");
    // The judge is what stands beside its weights: a softmax of classes that are called the same.
    fs::write(folder.path().join("names.txt"), "espresso\ncup\ncat\n").unwrap();
    fs::write(folder.path().join("three.toml"), "labels = 'names.txt'").unwrap();
    let why = refused(&[&[COFFEE, "--judge", weights], &flags[..]].concat());
    assert!(why.contains("cannot judge") && why.contains("number of another kind"), "{why}");
}

#[test]
fn a_name_goes_before_a_number_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let weights = save(&CLASSES, folder.path(), "years.safetensors");
    fs::write(folder.path().join("names.txt"), "1\n2\n7\n").unwrap();
    fs::write(folder.path().join("years.toml"), "labels = 'names.txt'").unwrap();
    let class = |wanted: &str| {
        let (printed, warned) =
            said(&igoscope(&[COFFEE, "--weights", weights.to_str().unwrap(), "--class", wanted, "--json"]));
        (serde_json::from_str::<Value>(&printed).unwrap()["class"]["id"].clone(), warned)
    };
    let (found, warned) = class("1");
    assert_eq!(found, 0);
    assert!(warned.contains("“1” is the name of class 0 and the number of “2”"), "{warned}");
    assert_eq!(class("0"), (0.into(), String::new()));
    // Its record has numbers, which stay numbers.
    let out = folder.path().join("out");
    let arguments = [COFFEE, "--weights", weights.to_str().unwrap(), "--class", "2", "--out", out.to_str().unwrap()];
    said(&igoscope(&arguments));
    let config = out.join("coffee/run.json");
    assert_eq!(record(&config)["class"]["id"], 1);
    let (printed, warned) = said(&igoscope(&["--config", config.to_str().unwrap(), "--json"]));
    assert_eq!((&serde_json::from_str::<Value>(&printed).unwrap()["class"]["id"], warned.as_str()), (&1.into(), ""));
}
