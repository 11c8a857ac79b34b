//! What finds nothing says so: of networks and pictures that have no answer.

use std::path::Path;

use candle_core::Device;
use igoscope::{
    explain::{
        CURVE_DESCENT, CurveDescentParameters, Explanation, GRAD_CAM, GREEDY_REGIONS, IGOS, INTEGRATED_GRADIENTS,
        LEAST_CHANGE, Method, Nothing, Parameters, Remedy, Subject, methods,
    },
    model::{Classifier, Head, Hub, Input, ModelChoice, Score, Target, load},
};

use crate::common::{input, model, quick, tensors};

fn explained(method: &'static Method, subject: &Subject<'_>, parameters: &Parameters) -> Explanation {
    method.explain(subject, parameters, &igoscope::explain::Control::default(), &mut |_| {}).unwrap()
}

/// The embedded network with its last layer times 20: nearly every probability is 0 or 1.
fn saturated() -> Box<dyn Classifier> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = tensors().clone();
    for name in ["_fc.weight", "_fc.bias"] {
        let scaled = (&all[name] * 20.0).unwrap();
        all.insert(name.to_owned(), scaled);
    }
    let path = folder.path().join("saturated.safetensors");
    candle_core::safetensors::save(&all, &path).unwrap();
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    load(&ModelChoice::File(path), &hub, &Device::Cpu, 0, None).unwrap()
}

#[test]
fn a_saturated_network_has_nothing_that_moves_its_probability() {
    let (network, input) = (saturated(), input("coffee"));
    let subject = Subject { classifier: network.as_ref(), input: &input, target: Target::probability(967) };
    for method in [&IGOS, &CURVE_DESCENT, &INTEGRATED_GRADIENTS] {
        let explanation = explained(method, &subject, &quick(2));
        assert_eq!(explanation.nothing, Some(Nothing::Saturated), "{method}");
        assert_eq!(explanation.remedy(), Some(Remedy::Score(Score::LogProbability)));
    }
    // Its map is of logits, which are 20 times as large and otherwise the same.
    assert_eq!(explained(&GRAD_CAM, &subject, &quick(2)).nothing, None);
    // Nor has an answer to another picture lost anything.
    let answers = explained(&GREEDY_REGIONS, &subject, &quick(2));
    assert_eq!(answers.nothing, None);
    // And what is to be tried helps.
    let target = subject.target.in_score(Score::LogProbability);
    let again = explained(&CURVE_DESCENT, &Subject { target, ..subject }, &quick(2));
    assert_eq!(again.nothing, None);
}

#[test]
fn a_blank_picture_has_nothing_whatever_its_colour_and_score() {
    let mut input = input("coffee");
    for (channel, plane) in input.planar.chunks_exact_mut(224 * 224).enumerate() {
        plane.fill(0.3 * channel as f32);
    }
    for &score in Head::Softmax.scores() {
        let target = Target { score, class: 967, against: None };
        for method in methods().iter().filter(|method| (method.refuses)(model()).is_none()) {
            let explanation = explained(method, &Subject { classifier: model(), input: &input, target }, &quick(1));
            assert_eq!(explanation.nothing, Some(Nothing::Blank), "{method}");
        }
    }
}

#[test]
fn a_model_that_is_not_sure_is_not_asked_for_places() {
    let mut input = input("coffee");
    // Grey, with stripes that are hardly seen.
    for (place, value) in input.planar.iter_mut().enumerate() {
        *value = if place % 3 == 0 { 0.02 } else { -0.02 };
    }
    let sure = |input: &Input| {
        let batch = igoscope::model::Batch::new(&input.planar, input.planar.len());
        Head::Softmax.answers(&model().logits(&batch).unwrap()[0]).into_iter().fold(0.0, f32::max)
    };
    let most = sure(&input);
    let subject = Subject { classifier: model(), input: &input, target: Target::probability(967) };
    assert!(most < 0.1, "{most}");
    let explanation = explained(&GRAD_CAM, &subject, &quick(1));
    assert_eq!(explanation.nothing, Some(Nothing::Unsure));
    assert_eq!(explanation.remedy(), Some(Remedy::Score(Score::Logit)));
    let target = subject.target.in_score(Score::Logit);
    assert_eq!(
        explained(&GRAD_CAM, &Subject { target, ..subject }, &quick(1)).nothing,
        None,
        "which is sure of itself"
    );
}

/// A search that is given no room moves nothing, and a tenth of the price is what to try.
#[test]
fn a_mask_that_costs_too_much_finds_nothing() {
    let input = input("coffee");
    let subject = Subject { classifier: model(), input: &input, target: Target::probability(967) };
    let mut parameters = quick(1);
    parameters.edit(|igos: &mut igoscope::explain::IgosParameters| {
        (igos.l1_weight, igos.step_max, igos.step_min) = (1e4, 1.0, 1.0);
    });
    let explanation = explained(&IGOS, &subject, &parameters);
    assert_eq!(explanation.nothing, Some(Nothing::Unmoved));
    assert_eq!(explanation.remedy(), Some(Remedy::TenthOf("l1_weight")));
}

#[test]
fn an_order_that_gains_nothing_is_none() {
    let input = input("coffee");
    let subject = Subject { classifier: model(), input: &input, target: Target::probability(967) };
    let explained = |step_size: f64| {
        let parameters = CurveDescentParameters {
            iterations: 1,
            levels: 3,
            noise: 0.0,
            jitter: false,
            step_size,
            ..Default::default()
        };
        explained(&CURVE_DESCENT, &subject, &Parameters::default().with(parameters))
    };
    // It moves the map by more than rounding, and gains less than what is drawn by chance.
    let hardly = explained(0.004);
    let values = &hardly.mask().unwrap().values;
    let (low, high) = values.iter().fold((1.0_f32, 0.0_f32), |(low, high), &value| (low.min(value), high.max(value)));
    assert!(high - low > LEAST_CHANGE, "{low} to {high}");
    assert_eq!(hardly.nothing, Some(Nothing::Unmoved));
    assert_eq!(explained(1.6).nothing, None);
}
