//! Gradients, and what is sent back by other rules, against captum and torchray (`tests/fixtures/gradients.py`).

use std::{collections::HashMap, sync::OnceLock};

use candle_core::Device;
use igoscope::{
    explain::{
        Colours, Control, ExcitationBackpropParameters, Explanation, GradientAverage, GradientParameters, Method,
        Nothing, Parameters, Saliency, SmoothGradParameters, Subject, average_gradient, deconvnet, excitation_backprop,
        gradient, gradient_input, guided_backprop, guided_grad_cam, smooth_grad,
    },
    model::{Batch, Classifier, Input, Rule, Samples},
};
use igoscope_test_tools::uniform;

use crate::common::{
    questions::{Question, assembled, tensors},
    relative_difference,
};

/// Standard deviation of the fixture's noise, as a share of the picture's range.
const SHARE: f32 = 0.15;
/// Noisy pictures of the fixture.
const NOISY: usize = 4;

/// Whether a map is the fixture's.
fn check(question: &Question, what: &str, map: &Saliency, tolerance: f32) {
    static ALL: OnceLock<HashMap<String, Vec<f32>>> = OnceLock::new();
    let all = ALL.get_or_init(|| tensors("gradients"));
    question.check(what, map, &all[&format!("{}.{what}", question.name)], tolerance);
}

fn questions() -> &'static [Question] {
    static ALL: OnceLock<Vec<Question>> = OnceLock::new();
    ALL.get_or_init(|| {
        vec![
            Question::of_crop("coffee"),
            Question::of_crop("chelsea"),
            Question::of_zoo("resnet18"),
            Question::of_zoo("squeezenet1_1"),
        ]
    })
}

#[test]
fn the_gradient_is_captums() {
    for question in questions() {
        for (what, colours) in [("gradient.largest", Colours::Largest), ("gradient.sum", Colours::Sum)] {
            let parameters = GradientParameters { colours };
            let map = gradient(&question.subject(), &parameters, &Control::default()).unwrap();
            check(question, what, &map.saliency, 1e-3);
        }
    }
}

#[test]
fn gradient_times_input_is_captums() {
    for question in questions() {
        let map = gradient_input(&question.subject(), &Control::default()).unwrap();
        check(question, "gradient_input", &map.saliency, 1e-3);
        check(question, "gradient_input.signed", &map.signed.unwrap(), 1e-3);
    }
}

/// The fixture's noisy pictures.
struct Noisy<'a>(&'a Input);

impl Samples for Noisy<'_> {
    fn len(&self) -> usize {
        NOISY
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let ends = (f32::INFINITY, f32::NEG_INFINITY);
        let (low, high) = self.0.planar.iter().fold(ends, |(low, high), v| (low.min(*v), high.max(*v)));
        let scale = SHARE * (high - low) * 3.0_f32.sqrt();
        let noise = uniform("noise", planar.len(), index as u32);
        for ((value, own), noise) in planar.iter_mut().zip(&self.0.planar).zip(noise) {
            *value = own + scale * noise;
        }
    }
}

#[test]
fn gradients_of_noisy_pictures_are_averaged_as_captum_does() {
    for question in questions() {
        for (what, average) in [
            ("smooth_grad.mean", GradientAverage::Mean),
            ("smooth_grad.squares", GradientAverage::Squares),
            ("smooth_grad.variance", GradientAverage::Variance),
        ] {
            let (subject, noisy) = (question.subject(), Noisy(&question.input));
            let values = average_gradient(&subject, &noisy, average, &Control::default(), &mut |_| {}).unwrap();
            let mut map = gradient_input(&subject, &Control::default()).unwrap().saliency;
            let pixels = map.values.len();
            for (pixel, sum) in map.values.iter_mut().enumerate() {
                *sum = (0..3).map(|colour| values[colour * pixels + pixel].abs()).sum();
            }
            // Noisy pictures are not quiet: of their many units some are on the other side of a kink in single precision.
            check(question, what, &map, 1e-2);
        }
    }
}

#[test]
fn smooth_grads_noise_is_a_share_of_the_pictures_range_and_the_same_again_on_any_threads() {
    let question = &questions()[2];
    let parameters = SmoothGradParameters { samples: 6, ..SmoothGradParameters::default() };
    let run = |classifier: &dyn Classifier, parameters: &SmoothGradParameters, input: &Input| {
        let subject = Subject { classifier, input, ..question.subject() };
        smooth_grad(&subject, parameters, &Control::default(), &mut |_| {}).unwrap().saliency.values
    };
    let one = run(question.classifier, &parameters, &question.input);
    let other = assembled("resnet18").host(&Device::Cpu, 1).unwrap();
    assert_eq!(one, run(other.as_ref(), &parameters, &question.input));
    let seeded = SmoothGradParameters { seed: 1, ..parameters.clone() };
    assert!(one != run(question.classifier, &seeded, &question.input));
    // Without noise it is the gradient.
    let still = SmoothGradParameters { noise: 0.0, ..parameters };
    let map = gradient(&question.subject(), &GradientParameters { colours: Colours::Sum }, &Control::default());
    assert!(
        relative_difference(&run(question.classifier, &still, &question.input), &map.unwrap().saliency.values) < 1e-5
    );
}

#[test]
fn guided_backpropagation_and_guided_grad_cam_are_captums() {
    for question in questions() {
        let (subject, control) = (question.subject(), Control::default());
        check(question, "guided", &guided_backprop(&subject, &control).unwrap().saliency, 1e-3);
        check(question, "guided_grad_cam", &guided_grad_cam(&subject, &control).unwrap().saliency, 1e-3);
    }
}

#[test]
fn a_deconvnet_is_captums_deconvolution() {
    for question in questions() {
        let map = deconvnet(&question.subject(), &Control::default()).unwrap();
        check(question, "deconvolution", &map.saliency, 1e-3);
    }
}

/// Cells along a side of the map that the fixture has.
fn cells(question: &Question) -> usize {
    match question.name {
        "resnet18" => 4,
        "squeezenet1_1" => 8,
        _ => 14,
    }
}

fn excited(question: &Question, classifier: &dyn Classifier, contrast: bool) -> Explanation {
    let parameters = ExcitationBackpropParameters { contrast, cells: cells(question) };
    let subject = Subject { classifier, ..question.subject() };
    excitation_backprop(&subject, &parameters, &Control::default()).unwrap()
}

#[test]
fn excitation_backprop_is_torchrays() {
    for question in questions() {
        check(question, "excitation", &excited(question, question.classifier, false).saliency, 1e-3);
        check(question, "excitation.contrast", &excited(question, question.classifier, true).saliency, 1e-3);
    }
}

#[test]
fn winning_is_handed_down_whole() {
    let question = &questions()[3];
    let total: f32 = excited(question, question.classifier, false).saliency.values.iter().sum();
    assert!((total - 1.0).abs() < 1e-3, "{total}: where no unit is without exciting ones, nothing is lost");
}

#[test]
fn rules_are_the_same_on_tensors_as_on_kernels_and_on_any_threads() {
    for question in &questions()[2..] {
        let other = assembled(question.name).host(&Device::Cpu, 1).unwrap();
        let reference = assembled(question.name).reference().unwrap();
        let maps = |classifier: &dyn Classifier| {
            let (subject, control) = (Subject { classifier, ..question.subject() }, Control::default());
            let guided = guided_backprop(&subject, &control).unwrap().saliency.values;
            let deconvolved = deconvnet(&subject, &control).unwrap().saliency.values;
            [guided, deconvolved, excited(question, classifier, false).saliency.values]
        };
        let own = maps(question.classifier);
        assert_eq!(own, maps(other.as_ref()), "{}", question.name);
        for (own, reference) in own.iter().zip(&maps(reference.as_ref())) {
            let difference = relative_difference(own, reference);
            assert!(difference < 1e-4, "{}: {difference}", question.name);
        }
    }
}

#[test]
fn a_network_without_relus_is_told_why_a_rule_has_nothing_to_say() {
    for (name, reasons) in [
        ("efficientnet_b0", ["SiLU"; 4]),
        ("mobilenet_v3_small", ["hard swish"; 4]),
        ("vit_tiny_patch16_224", ["GELU", "GELU", "GELU", "tokens"]),
    ] {
        let question = Question::of_zoo(name);
        let (subject, classifier) = (question.subject(), question.classifier);
        let rules = ["guided-backprop", "deconvnet", "guided-grad-cam", "excitation-backprop"];
        for (id, reason) in rules.iter().zip(reasons) {
            let method = Method::named(id).unwrap();
            let explanation =
                method.explain(&subject, &Parameters::default(), &Control::default(), &mut |_| {}).unwrap();
            assert_eq!(explanation.nothing, Some(Nothing::Refused), "{name}, {id}");
            assert!(explanation.refused().unwrap().contains(reason), "{name}, {id}: {:?}", explanation.refused());
        }
        assert!(classifier.refuses(Rule::Gradient).is_none());
        assert!(classifier.sent_back(&Batch::new(&[], 1), subject.target, Rule::Guided, &|_, _| {}).is_err());
    }
}
