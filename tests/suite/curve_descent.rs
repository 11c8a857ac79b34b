//! Curve descent: against its PyTorch transcription, and what must hold of it whatever the picture.

use std::{path::Path, sync::LazyLock};

use candle_core::{Device, Tensor};
use igoscope::{
    explain::{
        Control, CurveDescentParameters, CurveParameters, ExplainError, Explanation, Subject, Update, curve_descent,
        grad_cam, judge,
    },
    model::{Input, Target},
};

use crate::common::{fixture, input, model};

static NUMBERS: LazyLock<std::collections::HashMap<String, Tensor>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/curve_descent.safetensors");
    candle_core::safetensors::load(path, &Device::Cpu).unwrap()
});

fn number(name: &str) -> Vec<f32> {
    NUMBERS[name].flatten_all().unwrap().to_vec1().unwrap()
}

fn subject<'a>(input: &'a Input, stem: &str) -> Subject<'a> {
    Subject { classifier: model(), input, target: Target::probability(fixture(&format!("{stem}.class"))[0] as usize) }
}

fn explained(subject: &Subject<'_>, parameters: &CurveDescentParameters) -> Explanation {
    curve_descent(subject, parameters, &Control::default(), &mut |_| {}).unwrap()
}

fn quick() -> CurveDescentParameters {
    CurveDescentParameters { iterations: 3, levels: 3, mask_size: 14, convergence_tolerance: 0.0, ..Default::default() }
}

/// Iterations after which masks are compared, and how far a cell may be off on average: a step goes by the size of a
/// gradient and hardly by its length, so that rounding adds up. It comes to some 2e-5, 4e-3 and 1e-2 here.
const SAME_MASKS: [(usize, f32); 3] = [(1, 1e-3), (5, 1e-2), (15, 3e-2)];

#[test]
fn masks_and_areas_are_pytorchs() {
    for stem in ["coffee", "chelsea"] {
        let input = input(stem);
        let parameters = CurveDescentParameters {
            mask_size: 28,
            levels: 10,
            iterations: 15,
            deletion_weight: 2.0,
            insertion_weight: 1.0,
            temperature: 1.0,
            step_size: 1.0,
            smoothing: 1.5,
            diffusion: 0.15,
            jitter: false,
            noise: 0.0,
            baseline_jitter: 0.0,
            convergence_tolerance: 0.0,
            ..Default::default()
        };
        let explanation = explained(&subject(&input, stem), &parameters);
        for (iteration, tolerance) in SAME_MASKS {
            let found = &explanation.iterations[iteration - 1].mask.values;
            let expected = number(&format!("{stem}.mask_{iteration}"));
            // Of a cell on average, on the map's own scale from 0 to 1.
            let sum: f32 = found.iter().zip(&expected).map(|(found, expected)| (found - expected).abs()).sum();
            let difference = sum / expected.len() as f32;
            println!("{stem}: masks after {iteration} iterations differ by {difference}");
            assert!(difference < tolerance, "{stem}: masks after {iteration} iterations differ by {difference}");
        }
        for (iteration, areas) in explanation.iterations.iter().zip(number(&format!("{stem}.areas")).chunks_exact(2)) {
            for (term, expected) in ["deletion", "insertion"].into_iter().zip(areas) {
                let found = iteration.number(term);
                let number = iteration.number;
                assert!((found - f64::from(*expected)).abs() < 1e-2, "{stem} {number}: {term} {found}, not {expected}");
            }
        }
    }
}

#[test]
fn the_same_seed_is_the_same_map_and_another_is_another() {
    let input = input("chelsea");
    let subject = subject(&input, "chelsea");
    let one = explained(&subject, &quick());
    assert_eq!(one.saliency, explained(&subject, &quick()).saliency);
    assert_ne!(one.saliency, explained(&subject, &CurveDescentParameters { seed: 1, ..quick() }).saliency);
}

#[test]
fn what_is_kept_is_the_iteration_with_the_lowest_objective() {
    let input = input("coffee");
    let explanation = explained(&subject(&input, "coffee"), &CurveDescentParameters { step_size: 20.0, ..quick() });
    let objective = |number: usize| explanation.iterations[number].number("objective");
    let best = (0..3).min_by(|&a, &b| objective(a).total_cmp(&objective(b))).unwrap();
    assert_eq!(explanation.saliency, explanation.iterations[best].mask.saliency());
}

#[test]
fn it_can_be_cancelled_and_says_how_far_it_is() {
    let input = input("coffee");
    let control = Control::default();
    let mut iterations = 0;
    let mut watch = |update: Update<'_>| match update {
        Update::Progress { iteration, done, total } => assert!(iteration <= 4 && done <= total && total == 6),
        Update::Iteration(iteration) => {
            iterations += 1;
            assert_eq!(iteration.number, iterations);
            assert!(iteration.mask.values.iter().all(|value| (0.0..=1.0).contains(value)));
            control.cancel();
        }
        Update::CurvePoint(_) => panic!("curve descent judges nothing"),
    };
    let ended = curve_descent(&subject(&input, "coffee"), &quick(), &control, &mut watch);
    assert!(matches!(ended, Err(ExplainError::Cancelled(_))));
    assert_eq!(iterations, 1);
}

#[test]
fn its_map_is_better_than_grad_cams_on_average() {
    let mut differences = [0.0; 2];
    for stem in ["coffee", "chelsea"] {
        let input = input(stem);
        let subject = subject(&input, stem);
        let parameters = CurveDescentParameters { iterations: 15, ..Default::default() };
        let maps = [explained(&subject, &parameters), grad_cam(&subject, &Control::default()).unwrap()];
        for (sum, map) in differences.iter_mut().zip(maps) {
            let parameters = CurveParameters { steps: 25, ..CurveParameters::default() };
            *sum += judge(&subject, &map.saliency, &parameters, &Control::default(), &mut |_| {}).unwrap().difference();
        }
    }
    assert!(differences[0] > differences[1] + 0.1, "insertion less deletion, both pictures: {differences:?}");
}
