//! What must hold of the methods whatever the picture, without a witness from outside.

use igoscope::{
    explain::{
        Baseline, CONVERGED_AFTER, Control, CurveParameters, ExplainError, IgosParameters,
        IntegratedGradientsParameters, LineSearch, Named as _, Saliency, Subject, Update, Value, attributions,
        grad_cam, igos, integrated_gradients, judge, judge_order,
    },
    imaging::Interpolation,
    model::{Batch, Head, Input, Score, Target},
};

use crate::common::{input, model, sample, small_input, small_model};

fn subject(input: &Input, class: usize) -> Subject<'_> {
    Subject { classifier: model(), input, target: Target::probability(class) }
}

/// Of smaller pictures, for what takes many passes.
fn small_subject(input: &Input, class: usize) -> Subject<'_> {
    Subject { classifier: small_model(), ..subject(input, class) }
}

fn score(planar: &[f32], class: usize) -> f64 {
    let logits = model().logits(&Batch::new(planar, planar.len())).unwrap();
    f64::from(Head::Softmax.score(Score::Probability, class, &logits[0]).0)
}

fn quick(line_search: LineSearch) -> IgosParameters {
    IgosParameters {
        iterations: 4,
        integration_steps: 6,
        search_points: 3,
        convergence_tolerance: 0.0,
        line_search,
        ..IgosParameters::default()
    }
}

/// Sufficient decrease: F(new) − F(old) ≤ −α·β·‖G‖², hence F never rises over a step that was accepted.
#[test]
fn the_objective_never_rises_over_an_accepted_step() {
    for (stem, class) in [("coffee", 967), ("chelsea", 282)] {
        let input = small_input(stem);
        for &line_search in LineSearch::ALL {
            for baseline in [Baseline::Blur, Baseline::Grey] {
                let parameters = IgosParameters { baseline, ..quick(line_search) };
                let explanation =
                    igos(&small_subject(&input, class), &parameters, &Control::default(), &mut |_| {}).unwrap();
                assert_eq!(explanation.iterations.len(), 4);
                for step in &explanation.iterations {
                    let promised = step.number("step") * parameters.armijo * step.number("gradient_norm").powi(2);
                    let change = step.number("search_after") - step.number("search_before");
                    assert_eq!(
                        (step.get("accepted") == Some(Value::Switch(true))),
                        change <= -promised,
                        "{line_search:?}: {step:?}"
                    );
                    assert!(
                        (step.number("score") + step.number("l1") + step.number("tv") - step.number("objective")).abs()
                            < 1e-12
                    );
                    assert!(step.mask.values.iter().all(|m| (0.0..=1.0).contains(m)));
                }
                assert!(
                    explanation.iterations.iter().any(|step| step.get("accepted") == Some(Value::Switch(true))),
                    "{line_search:?}, {baseline:?}"
                );
            }
        }
    }
}

/// The end-point search is the one that sees the objective itself: each search begins where the last one ended.
#[test]
fn the_end_point_search_continues_from_its_own_objective() {
    let input = input("chelsea");
    let explanation =
        igos(&subject(&input, 282), &quick(LineSearch::EndPoint), &Control::default(), &mut |_| {}).unwrap();
    for pair in explanation.iterations.windows(2) {
        assert!((pair[0].number("search_after") - pair[1].number("search_before")).abs() < 1e-9);
        assert!((pair[0].number("objective") - pair[0].number("search_after")).abs() < 1e-9);
    }
}

/// A batch holds as many samples as threads make worthwhile; the result must not know how many those were.
#[test]
fn a_run_is_the_same_on_one_thread() {
    let input = input("coffee");
    let alone = igoscope::model::load_embedded(&candle_core::Device::Cpu, 1, None).unwrap();
    for &line_search in LineSearch::ALL {
        let parameters = IgosParameters { iterations: 2, ..quick(line_search) };
        let one = Subject { classifier: alone.as_ref(), input: &input, target: Target::probability(967) };
        let on_one = igos(&one, &parameters, &Control::default(), &mut |_| {}).unwrap();
        let on_all = igos(&subject(&input, 967), &parameters, &Control::default(), &mut |_| {}).unwrap();
        assert_eq!(on_one.mask(), on_all.mask(), "{line_search:?}");
    }
}

#[test]
fn the_seed_decides_the_noise_and_nothing_else_does() {
    let input = input("coffee");
    let mask = |seed| {
        let parameters = IgosParameters { seed, iterations: 1, ..quick(LineSearch::PathShared) };
        igos(&subject(&input, 967), &parameters, &Control::default(), &mut |_| {}).unwrap().mask().cloned()
    };
    assert_eq!(mask(1), mask(1));
    assert_ne!(mask(1), mask(2));
}

#[test]
fn every_baseline_is_what_its_name_says() {
    let input = input("chelsea");
    let spec = model().spec();
    let pixel = |baseline| subject(&input, 0).baseline(baseline, 3)[0];
    let normalised = |value: f32| (value - spec.normalisation.mean[0]) / spec.normalisation.std[0];
    assert_eq!(pixel(Baseline::Black), normalised(0.0));
    assert_eq!(pixel(Baseline::White), normalised(1.0));
    assert_eq!(pixel(Baseline::Grey), 0.0);
    let noise = subject(&input, 0).baseline(Baseline::Noise, 3);
    assert!(noise.iter().all(|v| (normalised(0.0)..=normalised(1.0)).contains(v)));
    assert_eq!(noise, subject(&input, 0).baseline(Baseline::Noise, 3));
    assert_ne!(noise, subject(&input, 0).baseline(Baseline::Noise, 4));
}

/// Every score, of espresso alone and rather than cup.
fn targets() -> impl Iterator<Item = Target> {
    Head::Softmax
        .scores()
        .iter()
        .flat_map(|&score| [None, Some(968)].map(move |against| Target { score, class: 967, against }))
}

/// Σ (I − Ĩ) ⊙ mean gradient = f(I) − f(Ĩ), the closer the finer the path is sampled, whatever f is.
#[test]
fn integrated_gradients_are_complete_for_every_target() {
    let input = small_input("coffee");
    for target in targets() {
        let subject = Subject { target, ..small_subject(&input, 967) };
        let value = |planar: &[f32]| {
            let logits = small_model().logits(&Batch::new(planar, planar.len())).unwrap();
            f64::from(target.of(Head::Softmax, &logits[0]).0)
        };
        let expected = value(&input.planar) - value(&subject.baseline(Baseline::Blur, 0));
        let parameters = IntegratedGradientsParameters { integration_steps: 200, ..Default::default() };
        let signed = attributions(&subject, &parameters, &Control::default(), &mut |_| {}).unwrap();
        let error = (signed.iter().map(|v| f64::from(*v)).sum::<f64>() - expected).abs();
        // The error of the midpoint rule on a path of many kinks, the largest for logits.
        assert!(error < 0.04 * expected.abs(), "{target:?}: the sum misses f(I) − f(Ĩ) = {expected} by {error}");
    }
}

#[test]
fn igos_descends_in_the_score_that_is_explained() {
    let input = small_input("coffee");
    let logits = small_model().logits(&Batch::new(&input.planar, input.planar.len())).unwrap();
    for target in targets() {
        let subject = Subject { target, ..small_subject(&input, 967) };
        let run = |parameters| igos(&subject, &parameters, &Control::default(), &mut |_| {}).unwrap();
        // Nothing is deleted before the first step: its search begins at the target's value for the picture.
        let first = run(IgosParameters { iterations: 1, ..quick(LineSearch::EndPoint) });
        assert_eq!(first.target, target);
        let whole = f64::from(target.of(Head::Softmax, &logits[0]).0);
        let before = first.iterations[0].number("search_before");
        assert!((before - whole).abs() < 1e-4 * whole.abs().max(1.0), "{target:?}: {before} {whole}");
        let parameters = quick(LineSearch::PathShared);
        let steps = run(parameters.clone()).iterations;
        for step in steps.iter().filter(|step| step.get("accepted") == Some(Value::Switch(true))) {
            let promised = step.number("step") * parameters.armijo * step.number("gradient_norm").powi(2);
            assert!(step.number("search_after") - step.number("search_before") <= -promised, "{target:?}: {step:?}");
        }
        assert!(steps.iter().any(|step| step.get("accepted") == Some(Value::Switch(true))), "{target:?}");
    }
}

#[test]
fn a_contrast_finds_other_places_than_the_class_alone() {
    let input = input("chelsea");
    let map = |against| {
        let target = Target { against, ..Target::probability(282) };
        grad_cam(&Subject { target, ..subject(&input, 282) }, &Control::default()).unwrap().saliency
    };
    assert_ne!(map(None).values, map(Some(285)).values);
    // Grad-CAM explains logits, whatever the score.
    let subject = subject(&input, 282);
    let maps = [Score::Probability, Score::Logit, Score::LogProbability].map(|score| {
        let target = subject.target.in_score(score);
        grad_cam(&Subject { target, ..subject }, &Control::default()).unwrap().saliency
    });
    assert!(maps.iter().all(|map| *map == maps[0]));
}

/// The measure is one for all: a logit has no scale that two pictures share.
#[test]
fn curves_show_the_classs_probability_whatever_is_explained() {
    let input = input("chelsea");
    let parameters = CurveParameters { steps: 4, ..Default::default() };
    let order: Vec<usize> = (0..784).collect();
    let curves = |target| {
        let subject = Subject { target, ..subject(&input, 282) };
        judge_order(&subject, &order, &parameters, &Control::default(), &mut |_| {}).unwrap()
    };
    let expected = curves(Target::probability(282));
    for &score in Head::Softmax.scores() {
        assert_eq!(curves(Target { score, class: 282, against: Some(285) }), expected, "{score:?}");
    }
}

#[test]
fn the_signed_map_adds_up_to_the_attributions_and_never_exceeds_the_plain_one() {
    let input = input("coffee");
    let subject = subject(&input, 967);
    let parameters = IntegratedGradientsParameters { integration_steps: 4, ..Default::default() };
    let sum = |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>();
    let expected = sum(&attributions(&subject, &parameters, &Control::default(), &mut |_| {}).unwrap());
    let explanation = integrated_gradients(&subject, &parameters, &Control::default(), &mut |_| {}).unwrap();
    let signed = explanation.signed.unwrap();
    assert!((sum(&signed.values) - expected).abs() < 1e-4);
    assert!(signed.values.iter().any(|value| *value < 0.0), "something speaks against the class");
    let pairs = signed.values.iter().zip(&explanation.saliency.values);
    assert!(pairs.into_iter().all(|(signed, plain)| signed.abs() <= plain * 1.0001 + 1e-9));
}

#[test]
fn curves_begin_and_end_at_the_scores_of_picture_and_baseline() {
    let input = input("chelsea");
    let subject = subject(&input, 282);
    let (whole, blurred) = (score(&input.planar, 282), score(&subject.baseline(Baseline::Blur, 0), 282));
    let values = (0..49).map(|v| (v % 5) as f32).collect();
    let interpolation = Interpolation::HalfPixel;
    let saliency = Saliency { width: 7, height: 7, values, interpolation, clipped_fraction: 0.0, full: None };
    let parameters = CurveParameters { steps: 10, ..Default::default() };
    let mut streamed = Vec::new();
    let curves = judge(&subject, &saliency, &parameters, &Control::default(), &mut |update| {
        if let Update::CurvePoint(point) = update {
            streamed.push(point);
        }
    })
    .unwrap();
    let near = |a: f32, b: f64| (f64::from(a) - b).abs() < 1e-4;
    let (first, last) = (curves.points[0], curves.points[10]);
    assert_eq!((first.fraction, last.fraction), (0.0, 1.0));
    assert!(near(first.deletion, whole) && near(first.insertion, blurred));
    assert!(near(last.deletion, blurred) && near(last.insertion, whole));
    assert_eq!(streamed, curves.points);
}

/// The reason to take the longer way: on the samples, a mask is more faithful than integrated gradients.
#[test]
fn igos_beats_integrated_gradients_on_average() {
    let mut sums = [0.0_f32; 4];
    for stem in ["coffee", "chelsea", "camera"] {
        let input = model().spec().preprocess(&sample(stem)).unwrap();
        let logits = model().logits(&Batch::new(&input.planar, input.planar.len())).unwrap();
        let class = (0..logits[0].len()).max_by(|a, b| logits[0][*a].total_cmp(&logits[0][*b])).unwrap();
        let subject = subject(&input, class);
        let control = Control::default();
        let parameters = IgosParameters { iterations: 8, integration_steps: 10, ..IgosParameters::default() };
        let ours = igos(&subject, &parameters, &control, &mut |_| {}).unwrap();
        let parameters = IntegratedGradientsParameters { integration_steps: 20, ..Default::default() };
        let theirs = integrated_gradients(&subject, &parameters, &control, &mut |_| {}).unwrap();
        let curves = |saliency| judge(&subject, saliency, &CurveParameters::default(), &control, &mut |_| {}).unwrap();
        let (ours, theirs) = (curves(&ours.saliency), curves(&theirs.saliency));
        let areas = [ours.deletion(), theirs.deletion(), ours.insertion(), theirs.insertion()];
        for (sum, area) in sums.iter_mut().zip(areas) {
            *sum += area;
        }
    }
    let [deletion, their_deletion, insertion, their_insertion] = sums;
    assert!(deletion < their_deletion && insertion > their_insertion, "{sums:?}");
}

/// A tolerance that every iteration stays below ends a run as soon as it may; 0 never does.
#[test]
fn a_run_ends_when_its_mask_has_converged() {
    let input = input("coffee");
    let run = |convergence_tolerance| {
        let parameters = IgosParameters {
            iterations: 4,
            integration_steps: 2,
            convergence_tolerance,
            step_max: 1e-4,
            ..quick(LineSearch::EndPoint)
        };
        igos(&subject(&input, 967), &parameters, &Control::default(), &mut |_| {}).unwrap()
    };
    assert_eq!(run(1e-3).iterations.len(), CONVERGED_AFTER);
    assert_eq!(run(0.0).iterations.len(), 4);
}

/// What a run costs: S passes forward and backward an iteration, and little more.
#[test]
fn passes_grow_with_iterations_and_points_alone() {
    let input = input("coffee");
    for (iterations, points) in [(2, 4), (4, 4), (2, 8)] {
        let parameters = IgosParameters { iterations, integration_steps: points, ..quick(LineSearch::PathShared) };
        let run = igos(&subject(&input, 967), &parameters, &Control::default(), &mut |_| {}).unwrap();
        assert_eq!(
            run.iterations.iter().map(|step| step.number("backward_passes") as usize).sum::<usize>(),
            iterations * points
        );
        for step in &run.iterations {
            // Trials are tried several at once, so some of the last may be in vain; and one pass tells the score.
            let tried = (step.number("forward_passes") as usize) - points - 1;
            assert!(
                tried < (step.number("trials") as usize) * parameters.search_points + model().concurrency(),
                "{step:?}"
            );
        }
    }
}

/// Steps that delete too much for any probability are rejected without a pass; a logit has no floor that would tell.
#[test]
fn a_search_makes_no_pass_that_cannot_change_its_answer() {
    let input = input("coffee");
    for line_search in [LineSearch::Path, LineSearch::PathShared] {
        // Prices that reject long steps alone.
        let parameters = IgosParameters { iterations: 1, l1_weight: 1.0, tv_weight: 20.0, ..quick(line_search) };
        let points =
            if line_search == LineSearch::Path { parameters.integration_steps } else { parameters.search_points };
        let spared = |score: Score| {
            let subject = Subject { target: Target::probability(967).in_score(score), ..subject(&input, 967) };
            let run = igos(&subject, &parameters, &Control::default(), &mut |_| {}).unwrap();
            let all: usize = run.iterations.iter().map(|step| step.number("trials") as usize * points).sum();
            let base = if line_search == LineSearch::Path { points } else { 0 };
            let made = run
                .iterations
                .iter()
                .map(|step| step.number("forward_passes") as usize - parameters.integration_steps - base - 1)
                .sum();
            all.saturating_sub(made)
        };
        assert!(spared(Score::Probability) > points, "{line_search:?}");
        assert_eq!(spared(Score::Logit), 0, "{line_search:?}");
    }
}

#[test]
fn a_cancelled_run_ends_before_its_next_batch() {
    let input = input("coffee");
    let control = Control::default();
    let mut batches = 0;
    let result = igos(&subject(&input, 967), &IgosParameters::default(), &control, &mut |_| {
        batches += 1;
        control.cancel();
    });
    assert!(matches!(result, Err(ExplainError::Cancelled(_))));
    assert!(batches <= model().batch_size(), "{batches} samples were reported after the cancellation");
}

#[test]
fn a_parameter_out_of_range_is_named_with_its_range() {
    let input = input("coffee");
    let wrong = [
        IgosParameters { mask_size: 1, ..Default::default() },
        IgosParameters { mask_size: 225, ..Default::default() },
        IgosParameters { iterations: 0, ..Default::default() },
        IgosParameters { integration_steps: 0, ..Default::default() },
        IgosParameters { l1_weight: f64::NAN, ..Default::default() },
        IgosParameters { step_max: f64::INFINITY, ..Default::default() },
        IgosParameters { step_min: 2000.0, ..Default::default() },
        IgosParameters { step_decay: 1.0, ..Default::default() },
        IgosParameters { noise: -0.1, ..Default::default() },
        IgosParameters { search_points: 0, ..Default::default() },
        IgosParameters { convergence_tolerance: 0.2, ..Default::default() },
    ];
    for parameters in wrong {
        let error = igos(&subject(&input, 967), &parameters, &Control::default(), &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("it must be from"), "{error}");
    }
}

#[test]
fn a_class_that_does_not_exist_is_an_error() {
    let input = input("coffee");
    let error = igos(&subject(&input, 1000), &quick(LineSearch::Path), &Control::default(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("1000 does not exist"), "{error}");
}
