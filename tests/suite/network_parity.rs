//! The embedded network against PyTorch's on the same pixels, and against itself by finite differences.

use std::sync::Mutex;

use candle_core::Device;
use igoscope::{
    device::Precision,
    imaging::Size,
    model::{Batch, Classifier, Head, ModelError, Score, Target, load_embedded, load_embedded_reference},
};

use crate::common::{fixture, input, largest_difference, model, norm, relative_difference, sample, strided};

const STEMS: [&str; 3] = ["coffee", "chelsea", "camera"];

fn gradients(classifier: &dyn Classifier, planar: &[f32], target: Target) -> (Vec<f32>, Vec<Vec<f32>>) {
    let sample_len = 3 * classifier.spec().side().pow(2);
    let slots = Mutex::new(vec![Vec::new(); planar.len() / sample_len]);
    let scores = classifier
        .gradients(&Batch::new(planar, sample_len), target, &|index, gradient| {
            slots.lock().unwrap()[index] = gradient.to_vec();
        })
        .unwrap();
    (scores, slots.into_inner().unwrap())
}

fn top5(logits: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
    order.truncate(5);
    order
}

#[test]
fn logits_and_top_five_are_pytorchs() {
    let batch: Vec<f32> = STEMS.iter().flat_map(|stem| input(stem).planar).collect();
    let logits = model().logits(&Batch::new(&batch, 3 * 224 * 224)).unwrap();
    for (stem, logits) in STEMS.iter().zip(&logits) {
        let expected = fixture(&format!("{stem}.logits"));
        let difference = largest_difference(logits, &expected);
        assert!(difference < 1e-3, "{stem}: logits differ by {difference}");
        assert_eq!(top5(logits), top5(&expected), "{stem}");
    }
}

#[test]
fn input_gradients_of_every_score_and_of_two_classes_differences_are_pytorchs() {
    for stem in STEMS {
        let [class, second] = ["class", "second"].map(|which| fixture(&format!("{stem}.{which}"))[0] as usize);
        for (name, score, against) in [
            ("probability", Score::Probability, None),
            ("logit", Score::Logit, None),
            ("log_probability", Score::LogProbability, None),
            ("contrast_probability", Score::Probability, Some(second)),
            ("contrast_logit", Score::Logit, Some(second)),
            ("contrast_logit", Score::LogProbability, Some(second)),
        ] {
            let (_, gradient) = gradients(model(), &input(stem).planar, Target { score, class, against });
            let expected = fixture(&format!("{stem}.{name}_gradient"));
            let difference = relative_difference(&strided(&gradient[0], 224), &expected);
            assert!(difference < 1e-3, "{stem}, {name}: gradients differ by {difference}");
            let length = fixture(&format!("{stem}.{name}_gradient_norm"))[0];
            assert!((norm(&gradient[0]) / length - 1.0).abs() < 1e-3, "{stem}, {name}: length");
        }
    }
}

#[test]
fn a_batch_gives_what_its_samples_give_alone() {
    let batch: Vec<f32> = STEMS.iter().flat_map(|stem| input(stem).planar).collect();
    let (scores, together) = gradients(model(), &batch, Target::probability(282));
    for (index, stem) in STEMS.iter().enumerate() {
        let (score, alone) = gradients(model(), &input(stem).planar, Target::probability(282));
        assert_eq!(score[0], scores[index]);
        assert_eq!(alone[0], together[index]);
    }
}

#[test]
fn kernels_agree_with_candles_tensors_on_the_whole_network() {
    let reference = load_embedded_reference(Precision::F32, None).unwrap();
    agree(model(), reference.as_ref(), &input("chelsea").planar, 1e-3);
}

/// Both hosts draw the same orders of the same weights, whatever they made of them.
#[test]
fn a_network_that_has_forgotten_is_the_same_on_both_hosts_and_another_one_the_more_it_has_forgotten() {
    let reference = load_embedded_reference(Precision::F32, None).unwrap();
    let planar = input("chelsea").planar;
    let logits = |model: &dyn Classifier| model.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0);
    let target = Target { score: Score::Logit, class: 282, against: None };
    let layers = model().feature_layers().len();
    let learned = model().features(&planar, target).unwrap().activations;
    for depth in [0, layers / 2, layers] {
        let [ours, theirs] = [model(), reference.as_ref()].map(|one| one.randomised(depth, 7).unwrap().unwrap());
        let (own, other) = (logits(ours.as_ref()), logits(theirs.as_ref()));
        assert!(relative_difference(&own, &other) < 1e-3, "{depth}: {}", relative_difference(&own, &other));
        assert!(own.iter().all(|logit| logit.is_finite()));
        assert!(relative_difference(&own, &logits(model())) > 0.3, "{depth}: it has forgotten");
        let kept = ours.features(&planar, target).unwrap().activations;
        assert_eq!(relative_difference(&kept, &learned) < 1e-4, depth == 0, "{depth}: features before are kept");
    }
}

/// Odd sizes have other zeros at their edges. The picture is no quiet crop: a unit that falls on the other side of a kink
/// moves the gradient by up to a hundredth (`fixtures/README.md`).
#[test]
fn kernels_agree_with_candles_tensors_on_larger_pictures() {
    let side = Some(Size::square(299));
    let ours = load_embedded(&Device::Cpu, 0, side).unwrap();
    let input = ours.spec().preprocess(&sample("chelsea")).unwrap();
    assert_eq!((input.size.width, input.planar.len()), (299, 3 * 299 * 299));
    agree(ours.as_ref(), load_embedded_reference(Precision::F32, side).unwrap().as_ref(), &input.planar, 1e-2);
}

fn agree(model: &dyn Classifier, reference: &dyn Classifier, planar: &[f32], tolerance: f32) {
    let ours = model.logits(&Batch::new(planar, planar.len())).unwrap();
    let theirs = reference.logits(&Batch::new(planar, planar.len())).unwrap();
    assert!(largest_difference(&ours[0], &theirs[0]) < 1e-3);
    let (_, ours) = gradients(model, planar, Target::probability(282));
    let (_, theirs) = gradients(reference, planar, Target::probability(282));
    let difference = relative_difference(&ours[0], &theirs[0]);
    assert!(difference < tolerance, "gradients differ by {difference}");
    let target = Target { score: Score::Logit, class: 282, against: Some(285) };
    let (ours, theirs) = (model.features(planar, target).unwrap(), reference.features(planar, target).unwrap());
    assert!(relative_difference(&ours.activations, &theirs.activations) < 1e-4);
    assert!(relative_difference(&ours.gradient, &theirs.gradient) < 1e-4);
}

/// Along the gradient, a small step changes the target by the step times the gradient's length.
#[test]
fn a_finite_difference_along_the_gradient_is_its_length() {
    let planar = input("coffee").planar;
    for target in Head::Softmax
        .scores()
        .iter()
        .flat_map(|&score| [None, Some(504)].map(move |against| Target { score, class: 967, against }))
    {
        let (_, gradient) = gradients(model(), &planar, target);
        let length = norm(&gradient[0]);
        let value = |step: f32| {
            let moved: Vec<f32> = planar.iter().zip(&gradient[0]).map(|(v, g)| v + step * g / length).collect();
            let logits = model().logits(&Batch::new(&moved, moved.len())).unwrap();
            f64::from(target.of(Head::Softmax, &logits[0]).0)
        };
        // Small enough to meet few of the network's kinks, large enough to stand out from rounding.
        let step = 5e-4;
        let slope = (value(step) - value(-step)) / (2.0 * f64::from(step));
        let ratio = slope / f64::from(length);
        assert!((ratio - 1.0).abs() < 0.01, "{target:?}: slope is {ratio} of the gradient's length");
    }
}

#[test]
fn softmax_adds_up_to_one_and_ignores_a_shift() {
    let logits = [1.0, -3.0, 120.0, 119.5];
    let shifted: Vec<f32> = logits.iter().map(|l| l - 200.0).collect();
    let probabilities = Head::Softmax.answers(&logits);
    assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    assert!(largest_difference(&probabilities, &Head::Softmax.answers(&shifted)) < 1e-6);
}

#[test]
fn a_target_that_cannot_be_is_an_error_of_every_question() {
    let planar = input("coffee").planar;
    let target = |class, against| Target { against: Some(against), ..Target::probability(class) };
    for (target, same) in [(target(3, 3), true), (target(3, 1000), false), (target(1000, 3), false)] {
        let errors = [
            model().gradients(&Batch::new(&planar, planar.len()), target, &|_, _| {}).unwrap_err(),
            model().features(&planar, target).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(matches!(error, ModelError::SameClass { class: 3 }), same, "{error}");
            assert_eq!(matches!(error, ModelError::NoSuchClass { class: 1000, classes: 1000 }), !same, "{error}");
        }
    }
}
