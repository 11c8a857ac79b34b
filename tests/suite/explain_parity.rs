//! The methods against captum, grad-cam and a PyTorch transcription of I-GOS, on the same pixels, noise off.

use igoscope::{
    explain::{
        Baseline, Control, CurveParameters, IgosParameters, IntegratedGradientsParameters, LineSearch, Subject,
        attributions, grad_cam, igos, integrated_gradients, judge_order,
    },
    imaging::{Interpolation, area_average},
    model::{Input, Score, Target},
};

use crate::common::{fixture, input, largest_difference, model, relative_difference, strided};

fn subject<'a>(input: &'a Input, stem: &str) -> Subject<'a> {
    Subject { classifier: model(), input, target: Target::probability(fixture(&format!("{stem}.class"))[0] as usize) }
}

#[test]
fn the_blurred_baseline_is_pytorchs() {
    for stem in ["coffee", "chelsea", "camera"] {
        let input = input(stem);
        let blurred = subject(&input, stem).baseline(Baseline::Blur, 0);
        let difference = largest_difference(&strided(&blurred, 224), &fixture(&format!("{stem}.blurred")));
        assert!(difference < 1e-5, "{stem}: {difference}");
    }
}

#[test]
fn grad_cam_is_the_packages() {
    for stem in ["coffee", "chelsea", "camera"] {
        let input = input(stem);
        let explanation = grad_cam(&subject(&input, stem), &Control::default()).unwrap();
        let difference = relative_difference(&explanation.saliency.values, &fixture(&format!("{stem}.grad_cam")));
        assert!(difference < 1e-3, "{stem}: {difference}");
        assert_eq!((explanation.saliency.width, explanation.saliency.interpolation), (7, Interpolation::HalfPixel));
    }
}

/// The subject's class rather than the second one, in logits.
fn contrast<'a>(input: &'a Input, stem: &str) -> Subject<'a> {
    let subject = subject(input, stem);
    let against = Some(fixture(&format!("{stem}.second"))[0] as usize);
    Subject { target: Target { score: Score::Logit, against, ..subject.target }, ..subject }
}

#[test]
fn grad_cam_of_two_classes_difference_is_the_packages() {
    for stem in ["coffee", "chelsea", "camera"] {
        let input = input(stem);
        let explanation = grad_cam(&contrast(&input, stem), &Control::default()).unwrap();
        let expected = fixture(&format!("{stem}.grad_cam_contrast"));
        let difference = relative_difference(&explanation.saliency.values, &expected);
        assert!(difference < 1e-3, "{stem}: {difference}");
    }
}

#[test]
fn integrated_gradients_of_two_classes_difference_are_captums() {
    for stem in ["coffee", "chelsea"] {
        let input = input(stem);
        let parameters = IntegratedGradientsParameters::default();
        let map = integrated_gradients(&contrast(&input, stem), &parameters, &Control::default(), &mut |_| {}).unwrap();
        let pooled = area_average(&map.saliency.values, (224, 224), (28, 28));
        let difference = relative_difference(&pooled, &fixture(&format!("{stem}.integrated_gradients_contrast_28")));
        assert!(difference < 1e-3, "{stem}: {difference}");
    }
}

#[test]
fn integrated_gradients_are_captums() {
    for stem in ["coffee", "chelsea", "camera"] {
        let input = input(stem);
        let parameters = IntegratedGradientsParameters::default();
        let signed = attributions(&subject(&input, stem), &parameters, &Control::default(), &mut |_| {}).unwrap();
        let sum: f64 = signed.iter().map(|v| f64::from(*v)).sum();
        let expected = f64::from(fixture(&format!("{stem}.integrated_gradients_sum"))[0]);
        assert!((sum - expected).abs() < 1e-3, "{stem}: the sum is {sum}, captum's {expected}");
        let map = integrated_gradients(&subject(&input, stem), &parameters, &Control::default(), &mut |_| {}).unwrap();
        let pooled = area_average(&map.saliency.values, (224, 224), (28, 28));
        let difference = relative_difference(&pooled, &fixture(&format!("{stem}.integrated_gradients_28")));
        println!(
            "{stem}: pooled {difference}, pixels {}",
            relative_difference(&strided(&signed, 224), &fixture(&format!("{stem}.integrated_gradients")))
        );
        assert!(difference < 1e-3, "{stem}: {difference}");
    }
}

/// Iterations whose steps are the same wherever they are computed: later on, rounding has added up, and a search may
/// decide otherwise on another processor.
const SAME_STEPS: usize = 8;

/// Iterations after which masks are compared, and how far, relative to what the mask deletes, rounding may move them:
/// some four times what it does between vector units.
const SAME_MASKS: [(usize, f32); 3] = [(1, 3e-3), (5, 3e-2), (15, 0.15)];

/// I-GOS's steps and masks.
fn masks_and_steps(stem: &str, search: &str, parameters: &IgosParameters) {
    let input = input(stem);
    let name = |what: &str| format!("{stem}.igos.{search}.{what}");
    assert!(fixture(&name("safe"))[0] as usize >= SAME_STEPS, "{stem}, {search}: PyTorch itself takes other steps");
    let explanation = igos(&subject(&input, stem), parameters, &Control::default(), &mut |_| {}).unwrap();
    let expected = ["steps", "accepted", "trials"].map(|what| fixture(&name(what)));
    for (index, step) in explanation.iterations.iter().enumerate().take(SAME_STEPS) {
        let found =
            [step.number("step") as f32, step.number("accepted") as f32, (step.number("trials") as usize) as f32];
        for (found, expected) in found.iter().zip(&expected) {
            let iteration = step.number;
            assert!((found - expected[index]).abs() <= 1e-4 * expected[index], "{stem}, {search}, step {iteration}");
        }
    }
    let deleted = |mask: &[f32]| -> Vec<f32> { mask.iter().map(|kept| 1.0 - kept).collect() };
    for (iteration, tolerance) in SAME_MASKS {
        let found = deleted(&explanation.iterations[iteration - 1].mask.values);
        let difference = relative_difference(&found, &deleted(&fixture(&name(&format!("mask_{iteration}")))));
        assert!(difference < tolerance, "{stem}, {search}: masks after {iteration} iterations differ by {difference}");
    }
}

fn without_noise(line_search: LineSearch, step_max: f64) -> IgosParameters {
    IgosParameters {
        l1_weight: 1.0,
        tv_weight: 20.0,
        noise: 0.0,
        line_search,
        step_max,
        l1_decay: false,
        convergence_tolerance: 0.0,
        ..IgosParameters::default()
    }
}

#[test]
fn igos_with_the_shared_path_search_makes_pytorchs_masks_in_pytorchs_steps() {
    for stem in ["coffee", "chelsea"] {
        masks_and_steps(stem, "path_shared", &without_noise(LineSearch::PathShared, 1000.0));
    }
}

#[test]
fn igos_with_the_path_search_makes_pytorchs_masks_in_pytorchs_steps() {
    // One picture: this search takes four times as many passes as the other two together.
    masks_and_steps("chelsea", "path", &without_noise(LineSearch::Path, 1000.0));
}

#[test]
fn igos_with_the_end_point_search_makes_pytorchs_masks_in_pytorchs_steps() {
    for stem in ["chelsea", "coffee"] {
        masks_and_steps(stem, "end_point", &without_noise(LineSearch::EndPoint, 200.0));
    }
}

#[test]
fn deletion_and_insertion_are_pytorchs() {
    for stem in ["coffee", "chelsea"] {
        let input = input(stem);
        let order: Vec<usize> = fixture(&format!("{stem}.curve.order")).iter().map(|cell| *cell as usize).collect();
        let parameters = CurveParameters::default();
        let curves =
            judge_order(&subject(&input, stem), &order, &parameters, &Control::default(), &mut |_| {}).unwrap();
        let deletion: Vec<f32> = curves.points.iter().map(|point| point.deletion).collect();
        let insertion: Vec<f32> = curves.points.iter().map(|point| point.insertion).collect();
        assert!(largest_difference(&deletion, &fixture(&format!("{stem}.curve.deletion"))) < 1e-3);
        assert!(largest_difference(&insertion, &fixture(&format!("{stem}.curve.insertion"))) < 1e-3);
        let areas = fixture(&format!("{stem}.curve.areas"));
        assert!((curves.deletion() - areas[0]).abs() < 1e-4 && (curves.insertion() - areas[1]).abs() < 1e-4);
    }
}
