//! Methods that search masks, and those of paths and regions, against other programs (`tests/fixtures/masks.py`).

use std::{collections::HashMap, sync::OnceLock};

use igoscope::{
    explain::{
        Baseline, BlurIgParameters, Control, Explanation, ExtremalParameters, IgosPpParameters, IgosPpSearch,
        MaskStart, MeaningfulPerturbationParameters, Nothing, Parameters, Subject, Update, XRAI, XraiParameters,
        blur_ig, extremal, igos_pp, meaningful_perturbation, meaningful_perturbation_shifted, ranked, segments, xrai,
    },
    imaging::Size,
};

use crate::common::{
    questions::{Question, tensors},
    relative_difference,
};

/// Scales of XRAI's segments.
const SCALES: [f64; 6] = [50.0, 100.0, 150.0, 250.0, 500.0, 1200.0];

fn expected(question: &Question, what: &str) -> &'static [f32] {
    static ALL: OnceLock<HashMap<String, Vec<f32>>> = OnceLock::new();
    &ALL.get_or_init(|| tensors("masks"))[&format!("{}.{what}", question.name)]
}

/// The embedded network, and a ResNet with made weights.
fn questions() -> &'static [Question] {
    static ALL: OnceLock<[Question; 2]> = OnceLock::new();
    ALL.get_or_init(|| [Question::of_crop("chelsea"), Question::of_zoo("resnet18")])
}

/// Cells of a mask, and the baseline, as the fixture has them.
fn setting(question: &Question) -> (usize, Baseline) {
    if question.name == "chelsea" { (28, Baseline::Blur) } else { (16, Baseline::Grey) }
}

/// How far what masks delete is from what another program's masks do.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    let deleted = |mask: &[f32]| mask.iter().map(|kept| 1.0 - kept).collect::<Vec<f32>>();
    relative_difference(&deleted(found), &deleted(expected))
}

fn compare(question: &Question, what: &str, explanation: &Explanation, iterations: &[usize], masks: &[f32]) {
    let cells = masks.len() / iterations.len();
    for (&number, mask) in iterations.iter().zip(masks.chunks_exact(cells)) {
        let found = &explanation.iterations[number - 1].mask.values;
        let difference = difference(found, mask);
        println!("{} {what}, {number}: {difference:.2e}", question.name);
        assert!(difference < 1e-2, "{} {what}: masks after {number} iterations differ by {difference}", question.name);
    }
}

fn igos_pp_parameters(question: &Question, search: IgosPpSearch) -> IgosPpParameters {
    let (mask_size, baseline) = setting(question);
    let step_max = if search == IgosPpSearch::Nesterov { 5.0 } else { 1000.0 };
    let noise = 0.0;
    let own = IgosPpParameters { mask_size, baseline, search, step_max, noise, ..IgosPpParameters::paper() };
    IgosPpParameters { iterations: 4, integration_steps: 4, ..own }
}

/// The embedded network, and one without pools: of a picture of one colour their values are ties, which rounding breaks.
fn smooth_questions() -> [Question; 2] {
    [Question::of_crop("chelsea"), Question::of_zoo("convnext_tiny")]
}

#[test]
fn igos_pp_makes_its_authors_masks_in_their_steps() {
    for question in &smooth_questions() {
        for (what, search) in [("search", IgosPpSearch::Fresh), ("nesterov", IgosPpSearch::Nesterov)] {
            // On the embedded network rounding grows from step to step, and a pass takes longer.
            let iterations = if question.name == "convnext_tiny" { 4 } else { 2 };
            let parameters = IgosPpParameters { iterations, ..igos_pp_parameters(question, search) };
            let explanation = igos_pp(&question.subject(), &parameters, &Control::default(), &mut |_| {}).unwrap();
            let what = format!("igos_pp.{what}");
            let steps = expected(question, &format!("{what}.steps"));
            for (iteration, step) in explanation.iterations.iter().zip(steps) {
                let found = iteration.number("step") as f32;
                assert!((found - step).abs() <= 1e-4 * step, "{} {what}: {found} is not {step}", question.name);
            }
            let masks = expected(question, &what);
            let own = masks.len() / 4 * iterations;
            compare(question, &what, &explanation, &[1, 2, 3, 4][..iterations], &masks[..own]);
        }
    }
}

#[test]
fn igos_pps_shared_search_without_noise_is_the_fresh_one_where_it_begins_anew_and_noise_is_the_same_again() {
    let question = &questions()[1];
    let run = |parameters: &IgosPpParameters| {
        igos_pp(&question.subject(), parameters, &Control::default(), &mut |_| {}).unwrap().iterations[0].mask.clone()
    };
    let own =
        IgosPpParameters { iterations: 1, search_points: 4, ..igos_pp_parameters(question, IgosPpSearch::Shared) };
    assert_eq!(run(&own), run(&IgosPpParameters { search: IgosPpSearch::Fresh, ..own.clone() }));
    let noisy = IgosPpParameters { noise: 0.1, ..own };
    assert_eq!(run(&noisy), run(&noisy));
    assert!(run(&noisy) != run(&IgosPpParameters { seed: 1, ..noisy }));
}

#[test]
fn meaningful_perturbation_makes_the_transcriptions_masks() {
    for question in questions() {
        let (mask_size, baseline) = setting(question);
        let own =
            MeaningfulPerturbationParameters { mask_size, baseline, ..MeaningfulPerturbationParameters::default() };
        let parameters = MeaningfulPerturbationParameters { iterations: 15, ..own };
        let shifts: Vec<[i64; 2]> = (0..16).map(|step| [3 * step % 4 - 2, 5 * step % 4 - 1]).collect();
        let (subject, control) = (question.subject(), Control::default());
        let explanation =
            meaningful_perturbation_shifted(&subject, &parameters, &shifts, &control, &mut |_| {}).unwrap();
        let what = "meaningful_perturbation";
        compare(question, what, &explanation, &[1, 5, 15], expected(question, what));
    }
}

#[test]
fn meaningful_perturbation_may_begin_with_the_whole_picture_and_shifts_by_its_seed() {
    let question = &questions()[1];
    let run = |parameters: &MeaningfulPerturbationParameters| {
        meaningful_perturbation(&question.subject(), parameters, &Control::default(), &mut |_| {}).unwrap()
    };
    let own = MeaningfulPerturbationParameters { iterations: 2, mask_size: 8, ..Default::default() };
    let whole = MeaningfulPerturbationParameters { start: MaskStart::Whole, ..own.clone() };
    let first = |explanation: &Explanation| explanation.iterations[0].mask.clone();
    // Adam's first step is its step size at most.
    assert!(first(&run(&whole)).values.iter().all(|kept| *kept >= 0.9 - 1e-6));
    assert_eq!(first(&run(&own)), first(&run(&own)));
    assert!(first(&run(&own)) != first(&run(&MeaningfulPerturbationParameters { seed: 3, ..own })));
}

#[test]
fn extremal_perturbation_is_torchrays() {
    for question in questions() {
        let baseline = Baseline::Blur;
        let parameters = ExtremalParameters { iterations: 12, baseline, ..ExtremalParameters::default() };
        let explanation = extremal(&question.subject(), &parameters, &Control::default(), &mut |_| {}).unwrap();
        // The mask that is shown deletes what torchray's keeps.
        let kept: Vec<f32> = explanation.iterations[11].mask.values.iter().map(|deleted| 1.0 - deleted).collect();
        let difference = relative_difference(&kept, expected(question, "extremal"));
        println!("{} extremal: {difference:.2e}", question.name);
        // The made input is not quiet once it is perturbed.
        let tolerance = if question.name == "resnet18" { 1e-2 } else { 5e-4 };
        assert!(difference < tolerance, "{}: {difference}", question.name);
        assert_eq!(explanation.kept, Some(12), "the last, whatever its objective: the price of the area has grown");
    }
}

#[test]
fn blur_ig_is_its_formula_and_adds_up_to_what_the_score_changes_by() {
    for question in questions() {
        let (subject, control) = (question.subject(), Control::default());
        let parameters = BlurIgParameters { integration_steps: 8, ..BlurIgParameters::default() };
        let map = blur_ig(&subject, &parameters, &control, &mut |_| {}).unwrap();
        // Blurred pictures are not quiet: some units are on the other side of a kink in single precision.
        question.check("blur_ig", &map.saliency, expected(question, "blur_ig"), 5e-3);
        question.check("blur_ig.signed", &map.signed.unwrap(), expected(question, "blur_ig.signed"), 5e-3);
    }
}

#[test]
fn segments_are_scikit_images() {
    let question = &questions()[0];
    let Size { width: side, .. } = question.input.size;
    let (some, counts) = (expected(question, "segments"), expected(question, "segment_counts"));
    for ((scale, some), count) in SCALES.into_iter().zip(some.chunks_exact(56 * 56)).zip(counts) {
        let labels = segments(&question.input.planar, question.input.size, scale, 150);
        let found = labels.iter().max().unwrap() + 1;
        let own = (0..side).step_by(4).flat_map(|y| (0..side).step_by(4).map(move |x| y * side + x));
        let alike = own.zip(some).filter(|(pixel, label)| labels[*pixel] == **label as usize).count();
        println!("scale {scale}: {found} segments, {alike} of {} alike", some.len());
        assert_eq!(found, *count as usize, "{scale}");
        assert!(alike as f32 > 0.995 * some.len() as f32, "{scale}: {alike} of {}", some.len());
    }
}

#[test]
fn regions_are_ranked_as_the_authors_do_it() {
    let question = &questions()[0];
    let place = |pixel: usize| ((pixel / 56) as f64, (pixel % 56) as f64);
    let attribution: Vec<f32> = (0..56 * 56)
        .map(|pixel| {
            let (y, x) = place(pixel);
            ((0.7 * x).sin() * (0.3 * y).cos() + (0.05 * x * y).sin()) as f32
        })
        .collect();
    let mut regions: Vec<Vec<usize>> = Vec::new();
    for size in [7, 11, 16] {
        let label = |pixel: usize| pixel / 56 / size * 56 + pixel % 56 / size;
        let mut labels: Vec<usize> = (0..56 * 56).map(label).collect();
        labels.sort_unstable();
        labels.dedup();
        regions.extend(labels.into_iter().map(|own| (0..56 * 56).filter(|pixel| label(*pixel) == own).collect()));
    }
    let difference = relative_difference(&ranked(&attribution, &regions, 20), expected(question, "ranked"));
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn xrai_is_its_authors() {
    let question = &questions()[0];
    let parameters = XraiParameters { integration_steps: 10 };
    let map = xrai(&question.subject(), &parameters, &Control::default(), &mut |_| {}).unwrap();
    // Which of two regions comes first may be a matter of rounding.
    question.check("xrai", &map.signed.clone().unwrap(), expected(question, "xrai"), 2e-2);
    let lowest = map.saliency.values.iter().copied().fold(f32::INFINITY, f32::min);
    assert!(lowest >= 0.0, "{lowest}");
    let rises = |pair: [usize; 2]| map.saliency.values[pair[0]] - map.saliency.values[pair[1]];
    let signed = &map.signed.as_ref().unwrap().values;
    assert!((rises([0, 20_000]) - (signed[0] - signed[20_000])).abs() < 1e-6, "the order is that of the signed map");
}

#[test]
fn a_blank_picture_is_no_finding_for_xrai_and_its_progress_is_that_of_both_paths() {
    let question = &questions()[1];
    let parameters = Parameters::default().with(XraiParameters { integration_steps: 3 });
    let mut seen = Vec::new();
    let mut watch = |update: Update<'_>| {
        if let Update::Progress { done, total, .. } = update {
            seen.push((done, total));
        }
    };
    XRAI.explain(&question.subject(), &parameters, &Control::default(), &mut watch).unwrap();
    assert_eq!(seen, (1..=6).map(|done| (done, 6)).collect::<Vec<_>>());
    let mut input = question.input.clone();
    input.planar.fill(0.3);
    let blank = Subject { input: &input, ..question.subject() };
    let explanation = XRAI.explain(&blank, &parameters, &Control::default(), &mut |_| {}).unwrap();
    assert_eq!(explanation.nothing, Some(Nothing::Blank));
}
