//! Class activation maps against PyPI `grad-cam` and the papers' formulas, on several layers of several networks.

use std::sync::LazyLock;

use candle_core::Device;
use candle_nn::Func;
use igoscope::{
    explain::{
        CamParameters, Control, EIGEN_CAM, Explanation, FINER_CAM, GRAD_CAM, GRAD_CAM_PLUS_PLUS, LAYER_CAM, Method,
        Nothing, Parameters, SCORE_CAM, Subject, grad_cam, tables,
    },
    model::{Classifier, Input, Score, Target, host_modules},
};

use crate::common::{
    input, model,
    peers::{Numbers, hosted, zoo},
    relative_difference,
};

static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| Numbers::open("cam"));

/// The methods, by the names that `tests/fixtures/cam.py` has for their maps.
static METHODS: [(&str, &Method); 7] = [
    ("grad_cam", &GRAD_CAM),
    ("grad_cam_plus_plus", &GRAD_CAM_PLUS_PLUS),
    ("layer_cam", &LAYER_CAM),
    ("eigen_cam", &EIGEN_CAM),
    ("eigen_cam_centred", &EIGEN_CAM),
    ("score_cam", &SCORE_CAM),
    ("finer_cam", &FINER_CAM),
];

fn explained(method: &'static Method, subject: &Subject<'_>, parameters: CamParameters) -> Explanation {
    let parameters = Parameters::default().with(parameters);
    method.explain(subject, &parameters, &Control::default(), &mut |_| {}).unwrap()
}

/// What the fixture was made with.
fn as_made(depth: usize) -> CamParameters {
    CamParameters { depth, channels: 24, similar_classes: 3, similar_weight: 0.8, ..CamParameters::default() }
}

fn check(name: &str, classifier: &dyn Classifier, input: &Input, depths: &[usize]) {
    let target = Target { score: Score::Logit, class: NUMBERS.number(&format!("{name}.class")), against: None };
    let subject = Subject { classifier, input, target };
    let mut wrong = Vec::new();
    for &depth in depths {
        for (map, method) in METHODS {
            let parameters = CamParameters { centred: map == "eigen_cam_centred", ..as_made(depth) };
            let explanation = explained(method, &subject, parameters);
            let expected = NUMBERS.get(&format!("{name}.{depth}.{map}"));
            let layer = classifier.feature_layers()[depth].to_owned();
            assert!(explanation.notes.contains(&("feature_layer", layer)), "{:?}", explanation.notes);
            assert_eq!(explanation.saliency.values.len(), expected.len(), "{name}, depth {depth}, {map}");
            let difference = relative_difference(&explanation.saliency.values, &expected);
            println!("{name} {depth} {map}: {difference:.1e}");
            if difference.is_nan() || difference >= 1e-3 || explanation.nothing.is_some() {
                wrong.push(format!("depth {depth}, {map}: {difference}, {:?}", explanation.nothing));
            }
        }
    }
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
}

#[test]
fn maps_of_the_embedded_network_are_the_packages_and_the_papers() {
    check("coffee", model(), &input("coffee"), &[0, 2, 7]);
    check("chelsea", model(), &input("chelsea"), &[0, 2]);
}

#[test]
fn maps_of_other_networks_are_the_packages_and_the_papers() {
    for (name, depths) in [("resnet18", [0, 2, 4]), ("squeezenet1_1", [0, 1, 4])] {
        let (classifier, input) = hosted(name);
        check(name, classifier, &input, &depths);
    }
}

#[test]
fn maps_of_a_transformer_are_the_packages_and_the_papers() {
    let (classifier, input) = hosted("vit_tiny_patch16_224");
    check("vit_tiny_patch16_224", classifier, &input, &[0, 3]);
}

#[test]
fn the_map_of_the_default_layer_is_bit_for_bit_what_grad_cam_alone_makes() {
    let input = input("coffee");
    let subject = Subject { classifier: model(), input: &input, target: Target::probability(967) };
    let alone = grad_cam(&subject, &Control::default()).unwrap();
    let row = explained(&GRAD_CAM, &subject, CamParameters::default());
    assert_eq!(alone.saliency, row.saliency);
    assert_eq!(row.notes, [("feature_layer", "_conv_head".to_owned())]);
    let written: Vec<String> = row.parameters_json().into_iter().map(|(name, _)| name).collect();
    assert_eq!(written, ["depth", "feature_layer"], "no other method's parameters");
}

/// A layer in the middle has the same features and gradient whoever computes them.
#[test]
fn every_host_reads_the_same_layers() {
    for name in ["resnet18", "vit_tiny_patch16_224", "densenet121"] {
        let (network, input) = zoo(name);
        let target = Target { score: Score::Logit, class: 1, against: None };
        let reference = network.reference().unwrap();
        let kernels = network.host(&Device::Cpu, 1).unwrap();
        assert_eq!(reference.feature_layers(), kernels.feature_layers(), "{name}");
        for depth in [1, 3, kernels.feature_layers().len() - 1] {
            let both = [reference.as_ref(), kernels.as_ref()]
                .map(|host: &dyn Classifier| host.features_at(depth, &input.planar, target).unwrap());
            let [one, other] = &both;
            let activations = relative_difference(&other.activations, &one.activations);
            let gradients = relative_difference(&other.gradient, &one.gradient);
            assert!(activations < 1e-3 && gradients < 1e-3, "{name}, depth {depth}: {activations}, {gradients}");
        }
    }
}

#[test]
fn a_layer_that_the_network_has_not_is_refused_with_how_many_there_are() {
    let (classifier, input) = hosted("resnet18");
    let target = Target { score: Score::Logit, class: 1, against: None };
    let subject = Subject { classifier, input: &input, target };
    for method in [&GRAD_CAM, &LAYER_CAM, &SCORE_CAM] {
        let refused = explained(method, &subject, as_made(8));
        assert_eq!(refused.nothing, Some(Nothing::Refused));
        let why = refused.refused().unwrap();
        assert!(why.contains("8 layers") && why.contains("0 to 7"), "{why}");
    }
    let error = classifier.features_at(8, &input.planar, target).unwrap_err();
    assert!(error.to_string().contains("8 layers"), "{error}");
}

#[test]
fn a_network_of_modules_has_one_layer_and_says_so() {
    let (network, input) = zoo("resnet18");
    let spec = network.spec().clone();
    let features = Func::new(|image| image.avg_pool2d(16));
    let head = Func::new(|map| map.flatten_from(1)?.narrow(1, 0, 10));
    let classifier = host_modules(spec, features, head, &Device::Cpu, 1).unwrap();
    let target = Target { score: Score::Logit, class: 3, against: None };
    let subject = Subject { classifier: classifier.as_ref(), input: &input, target };
    assert_eq!(explained(&LAYER_CAM, &subject, as_made(0)).refused(), None);
    let refused = explained(&LAYER_CAM, &subject, as_made(1));
    assert!(refused.refused().unwrap().contains("only the layer “layer4”"), "{:?}", refused.refused());
}

#[test]
fn eigen_cam_is_the_same_for_every_class_and_the_others_are_not() {
    let (classifier, input) = hosted("resnet18");
    let of = |method, class| {
        let target = Target { score: Score::Logit, class, against: None };
        let subject = Subject { classifier, input: &input, target };
        explained(method, &subject, as_made(2)).saliency
    };
    for (_, method) in METHODS {
        assert_eq!(of(method, 1) == of(method, 5), *method == EIGEN_CAM, "{method}");
    }
}

#[test]
fn finer_cam_against_a_class_compares_with_that_class() {
    let (classifier, input) = hosted("resnet18");
    let target = Target { score: Score::Logit, class: 8, against: Some(2) };
    let subject = Subject { classifier, input: &input, target };
    let parameters = CamParameters { similar_weight: 1.0, ..as_made(0) };
    let finer = explained(&FINER_CAM, &subject, parameters.clone());
    let grad = explained(&GRAD_CAM, &subject, parameters);
    let difference = relative_difference(&finer.saliency.values, &grad.saliency.values);
    assert!(difference < 1e-4, "{difference}");
    assert!(finer.notes.iter().any(|(name, _)| *name == "compared_with"), "{:?}", finer.notes);
}

/// The table is one, its rows are each method's own, and only what a method reads makes its map another one.
#[test]
fn methods_of_one_table_have_their_own_rows_of_it() {
    assert_eq!(tables().filter(|table| table.id == "cam").count(), 1);
    assert!(GRAD_CAM.rows().map(|row| row.name).eq(["depth"]));
    assert!(FINER_CAM.rows().map(|row| row.name).eq(["depth", "similar_weight", "similar_classes"]));
    let usual = Parameters::default();
    let finer = Parameters::default().with(CamParameters { similar_weight: 0.5, ..CamParameters::default() });
    assert!(usual.is_same_map(&finer, &GRAD_CAM) && !usual.is_same_map(&finer, &FINER_CAM));
    let deeper = Parameters::default().with(CamParameters { depth: 1, ..CamParameters::default() });
    assert!(!usual.is_same_map(&deeper, &GRAD_CAM) && !usual.is_same_map(&deeper, &SCORE_CAM));
    // Records of before there was a table read as what they were made with.
    let old: Parameters = serde_json::from_str(r#"{"igos": {"seed": 1}}"#).unwrap();
    assert_eq!(old.get(), Some(&CamParameters::default()));
    let written = serde_json::to_value(&deeper).unwrap();
    assert_eq!(written["cam"]["depth"], 1);
    assert_eq!(serde_json::from_value::<Parameters>(written).unwrap(), deeper);
}
