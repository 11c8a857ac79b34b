//! Half precision, as a GPU would compute in it: what it does to maps and curves, on the same pixels.

use std::sync::Mutex;

use igoscope::{
    device::Precision,
    explain::{Control, Curves, GRAD_CAM, Saliency, Subject, judge},
    model::{Batch, Classifier, ModelError, Target, load_embedded_reference},
};

use crate::common::{input, largest_difference, norm, quick};

/// How far an area under a curve in half precision may be from that in single precision.
const AREA_TOLERANCE: f32 = 0.01;

/// And how far a point of a curve: where a score rises from 0 to 1 within a step, rounding shows.
const POINT_TOLERANCE: f32 = 0.02;

fn curves(subject: &Subject<'_>, saliency: &Saliency) -> Curves {
    let mut parameters = quick(1).curves;
    parameters.steps = 10;
    judge(subject, saliency, &parameters, &Control::default(), &mut |_| {}).unwrap()
}

fn gradient(classifier: &dyn Classifier, planar: &[f32]) -> Vec<f32> {
    let gradient = Mutex::new(Vec::new());
    let take = |_: usize, found: &[f32]| *gradient.lock().unwrap() = found.to_vec();
    classifier.gradients(&Batch::new(planar, planar.len()), Target::probability(967), &take).unwrap();
    gradient.into_inner().unwrap()
}

#[test]
fn half_precision_moves_no_area_by_a_hundredth() {
    let [single, half] =
        [Precision::F32, Precision::F16].map(|precision| load_embedded_reference(precision, None).unwrap());
    let input = input("coffee");
    let [single, half] = [&single, &half].map(|classifier| Subject {
        classifier: classifier.as_ref(),
        input: &input,
        target: Target::probability(967),
    });
    let gradients = [single, half].map(|subject| gradient(subject.classifier, &input.planar));
    let along: f32 = gradients[0].iter().zip(&gradients[1]).map(|(exact, rounded)| exact * rounded).sum();
    let cosine = along / norm(&gradients[0]) / norm(&gradients[1]);
    assert!(cosine > 0.9 && cosine < 1.0, "the cosine of the angle between gradients is {cosine}");

    let [exact, rounded] = [single, half]
        .map(|subject| GRAD_CAM.explain(&subject, &quick(1), &Control::default(), &mut |_| {}).unwrap().saliency);
    let (expected, found) = (curves(&single, &exact), curves(&half, &rounded));
    for (expected, found) in expected.points.iter().zip(&found.points) {
        let scores = [[expected.deletion, expected.insertion], [found.deletion, found.insertion]];
        assert!(largest_difference(&scores[0], &scores[1]) < POINT_TOLERANCE, "at {}: {scores:?}", expected.fraction);
    }
    let areas = [&expected, &found].map(|curves| [curves.deletion(), curves.insertion()]);
    assert!(largest_difference(&areas[0], &areas[1]) < AREA_TOLERANCE, "{areas:?}");
}

/// Candle's CPU has no products of bf16: there it is an error, and on a GPU a choice.
#[test]
fn numbers_that_a_device_does_not_know_are_an_error() {
    let planar = input("coffee").planar;
    let asked = load_embedded_reference(Precision::Bf16, None)
        .and_then(|classifier| classifier.logits(&Batch::new(&planar, planar.len())));
    assert!(matches!(asked, Err(ModelError::Candle(_))), "{asked:?}");
}
