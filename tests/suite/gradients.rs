//! Gradients, and what is sent back by other rules, against captum and torchray (`tests/fixtures/gradients.py`).

use std::{collections::HashMap, sync::OnceLock};

use candle_core::{DType, Device, Tensor};
use igoscope::{
    explain::{
        Colours, Control, ExcitationBackpropParameters, Explanation, GradientAverage, GradientParameters, Method,
        Nothing, Parameters, Saliency, SmoothGradParameters, Subject, average_gradient, deconvnet, excitation_backprop,
        gradient, gradient_input, guided_backprop, guided_grad_cam, methods, smooth_grad,
    },
    imaging::{Crop, Region, area_average},
    model::{Architecture, Assembled, Classifier, Input, Samples, Target},
};
use image::RgbImage;

use crate::common::{
    fixture, input,
    made::{made, uniform},
    model, path, relative_difference,
};

/// Standard deviation of the fixture's noise, as a share of the picture's range.
const SHARE: f32 = 0.15;
/// Noisy pictures of the fixture.
const NOISY: usize = 4;

fn tensors(file: &str) -> HashMap<String, Vec<f32>> {
    let all = candle_core::safetensors::load(path(&format!("tests/fixtures/{file}.safetensors")), &Device::Cpu);
    let flat = |tensor: Tensor| tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1();
    all.unwrap().into_iter().map(|(name, tensor)| (name, flat(tensor).unwrap())).collect()
}

fn expected(name: &str) -> &'static [f32] {
    static ALL: OnceLock<HashMap<String, Vec<f32>>> = OnceLock::new();
    &ALL.get_or_init(|| tensors("gradients"))[name]
}

/// A network with its picture and its class.
struct Question {
    name: &'static str,
    classifier: &'static dyn Classifier,
    input: Input,
    class: usize,
    cells: usize,
}

impl Question {
    fn of_crop(name: &'static str) -> Self {
        let class = fixture(&format!("{name}.class"))[0] as usize;
        Self { name, classifier: model(), input: input(name), class, cells: 14 }
    }

    /// A network of `tests/fixtures/zoo`, with made weights and a made input.
    fn of_zoo(name: &'static str, cells: usize) -> Self {
        let known = tensors(&format!("zoo/{name}"));
        let number = |name: &str| known[name][0] as usize;
        let (side, gain) = (number("side"), known["gain"][0]);
        let classifier = hosted(name, side, gain, 0);
        let planar = uniform("input", 3 * side * side, number("input") as u32).map(|value| 2.0 * value).collect();
        let input = Input {
            planar,
            side,
            crop: Crop {
                image: RgbImage::new(side as u32, side as u32),
                region: Region { x: 0.0, y: 0.0, width: side as f32, height: side as f32 },
            },
            normalisation: classifier.spec().normalisation,
        };
        Self { name, classifier: Box::leak(classifier), input, class: number("class"), cells }
    }

    fn subject(&self) -> Subject<'_> {
        Subject { classifier: self.classifier, input: &self.input, target: Target::probability(self.class) }
    }

    /// Whether a map is the fixture's, averaged as that is.
    fn check(&self, what: &str, map: &Saliency, tolerance: f32) {
        let expected = expected(&format!("{}.{what}", self.name));
        let side = expected.len().isqrt();
        let found = area_average(&map.values, (map.width, map.height), (side, side));
        let difference = relative_difference(&found, expected);
        println!("{} {what}: {difference:.2e}", self.name);
        assert!(difference < tolerance, "{}, {what}: {difference}", self.name);
    }
}

fn hosted(name: &str, side: usize, gain: f32, threads: usize) -> Box<dyn Classifier> {
    assembled(name, side, gain).host(&Device::Cpu, threads).unwrap()
}

fn assembled(name: &str, side: usize, gain: f32) -> Assembled {
    let architecture = Architecture::named(name).unwrap();
    Assembled::new(architecture, 10, side as u32, |name, shape| made(name, shape, gain)).unwrap()
}

fn questions() -> &'static [Question] {
    static ALL: OnceLock<Vec<Question>> = OnceLock::new();
    ALL.get_or_init(|| {
        vec![
            Question::of_crop("coffee"),
            Question::of_crop("chelsea"),
            Question::of_zoo("resnet18", 4),
            Question::of_zoo("vgg11", 8),
        ]
    })
}

#[test]
fn the_gradient_is_captums() {
    for question in questions() {
        for (what, colours) in [("gradient.largest", Colours::Largest), ("gradient.sum", Colours::Sum)] {
            let parameters = GradientParameters { colours };
            let map = gradient(&question.subject(), &parameters, &Control::default()).unwrap();
            question.check(what, &map.saliency, 1e-3);
        }
    }
}

#[test]
fn gradient_times_input_is_captums() {
    for question in questions() {
        let map = gradient_input(&question.subject(), &Control::default()).unwrap();
        question.check("gradient_input", &map.saliency, 1e-3);
        question.check("gradient_input.signed", &map.signed.unwrap(), 1e-3);
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
            question.check(what, &map, 1e-2);
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
    let known = tensors("zoo/resnet18");
    let other = hosted("resnet18", question.input.side, known["gain"][0], 1);
    assert_eq!(one, run(other.as_ref(), &parameters, &question.input));
    let seeded = SmoothGradParameters { seed: 1, ..parameters.clone() };
    assert!(one != run(question.classifier, &seeded, &question.input));
    // Without noise it is the gradient.
    let still = SmoothGradParameters { noise: 0.0, ..parameters };
    let map = gradient(&question.subject(), &GradientParameters { colours: Colours::Sum }, &Control::default());
    assert!(relative_difference(&run(question.classifier, &still, &question.input), &map.unwrap().saliency.values) < 1e-5);
}

#[test]
fn guided_backpropagation_deconvolution_and_guided_grad_cam_are_captums() {
    for question in questions() {
        let (subject, control) = (question.subject(), Control::default());
        question.check("guided", &guided_backprop(&subject, &control).unwrap().saliency, 1e-3);
        question.check("deconvolution", &deconvnet(&subject, &control).unwrap().saliency, 1e-3);
        question.check("guided_grad_cam", &guided_grad_cam(&subject, &control).unwrap().saliency, 1e-3);
    }
}

fn excited(question: &Question, classifier: &dyn Classifier, contrast: bool) -> Explanation {
    let parameters = ExcitationBackpropParameters { contrast, cells: question.cells };
    let subject = Subject { classifier, ..question.subject() };
    excitation_backprop(&subject, &parameters, &Control::default()).unwrap()
}

#[test]
fn excitation_backprop_is_torchrays() {
    for question in questions() {
        question.check("excitation", &excited(question, question.classifier, false).saliency, 1e-3);
        // Of this network's random weights the classes' winnings hardly differ, so that their difference is rounding.
        if question.name != "vgg11" {
            question.check("excitation.contrast", &excited(question, question.classifier, true).saliency, 1e-3);
        }
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
        let known = tensors(&format!("zoo/{}", question.name));
        let whole = |threads| hosted(question.name, question.input.side, known["gain"][0], threads);
        let reference = assembled(question.name, question.input.side, known["gain"][0]).reference().unwrap();
        let maps = |classifier: &dyn Classifier| {
            let (subject, control) = (Subject { classifier, ..question.subject() }, Control::default());
            let guided = guided_backprop(&subject, &control).unwrap().saliency.values;
            let deconvolved = deconvnet(&subject, &control).unwrap().saliency.values;
            [guided, deconvolved, excited(question, classifier, false).saliency.values]
        };
        let own = maps(question.classifier);
        assert_eq!(own, maps(whole(1).as_ref()), "{}", question.name);
        for (own, reference) in own.iter().zip(&maps(reference.as_ref())) {
            let difference = relative_difference(own, reference);
            assert!(difference < 1e-4, "{}: {difference}", question.name);
        }
    }
}

#[test]
fn a_network_without_relus_is_told_why_a_rule_has_nothing_to_say() {
    for (name, side, reasons) in [
        ("efficientnet_b0", 64, ["SiLU"; 4]),
        ("mobilenet_v3_small", 64, ["hard swish"; 4]),
        ("vit_tiny_patch16_224", 224, ["GELU", "GELU", "GELU", "tokens"]),
    ] {
        let classifier = hosted(name, side, 1.0, 1);
        let planar = uniform("input", 3 * side * side, 0).collect();
        let input = Input { planar, side, ..questions()[2].input.clone() };
        let target = Target::probability(0);
        let subject = Subject { classifier: classifier.as_ref(), input: &input, target };
        let rules = ["guided-backprop", "deconvnet", "guided-grad-cam", "excitation-backprop"];
        for (id, reason) in rules.iter().zip(reasons) {
            let method = Method::named(id).unwrap();
            let explanation =
                method.explain(&subject, &Parameters::default(), &Control::default(), &mut |_| {}).unwrap();
            assert_eq!(explanation.nothing, Some(Nothing::Refused), "{name}, {id}");
            assert!(explanation.refused().unwrap().contains(reason), "{name}, {id}: {:?}", explanation.refused());
        }
        assert!(classifier.refuses(igoscope::model::Rule::Gradient).is_none());
    }
    assert!(methods().iter().any(|method| method.id == "gradient"));
}
