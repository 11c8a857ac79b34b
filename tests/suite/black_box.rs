//! Methods that only ask what a network answers: against captum, scikit-image, Xplique's estimators and a description in
//! PyTorch, with what is random handed over.

use std::sync::LazyLock;

use igoscope::{
    explain::{
        Baseline, Control, ExplainError, Explanation, GREEDY_REGIONS, GreedyRegionsParameters, HSIC, HsicParameters,
        KERNEL_SHAP, KernelShapParameters, Method, Nothing, OCCLUSION, OcclusionParameters, Parameters, RISE,
        RegionKind, Regions, RiseGrid, RiseParameters, SOBOL, SobolParameters, Subject, Update, greedy_regions_of,
        hsic_of, kernel_shap_of, occlusion, rise_of, sobol_of,
    },
    imaging::area_average,
    model::{Classifier, Features, Input, ModelError, ModelSpec, Samples, Score, TakeGradient, Target},
};

use crate::common::{
    input, model,
    peers::{Numbers, hosted},
    relative_difference,
};

static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| Numbers::open("black_box"));

/// Runs `check` with both networks of the fixture: the embedded one on a photograph, and a ResNet on its own input.
fn with_both(check: impl Fn(&str, &Subject<'_>)) {
    let (resnet, resnet_input) = hosted("resnet18");
    let photograph = input("coffee");
    for (name, classifier, input) in [("coffee", model(), &photograph), ("resnet18", resnet, &resnet_input)] {
        let target = Target::probability(NUMBERS.number(&format!("{name}.class")));
        check(name, &Subject { classifier, input, target });
    }
}

fn number(name: &str, what: &str) -> Vec<f32> {
    NUMBERS.get(&format!("{name}.{what}"))
}

fn bits(name: &str, what: &str) -> Vec<bool> {
    number(name, what).into_iter().map(|value| value > 0.5).collect()
}

fn whole(name: &str, what: &str) -> Vec<usize> {
    number(name, what).into_iter().map(|value| value as usize).collect()
}

fn is(name: &str, what: &str, found: &[f32]) {
    let difference = relative_difference(found, &number(name, what));
    println!("{name} {what}: {difference:.1e}");
    assert!(difference < 1e-3, "{name}, {what}: {difference}");
}

/// A map of the input's size as the fixture keeps it.
fn pooled(explanation: &Explanation, cells: usize) -> Vec<f32> {
    let map = explanation.signed.as_ref().unwrap();
    area_average(&map.values, (map.width, map.height), (cells, cells))
}

fn cells(name: &str) -> usize {
    if name == "coffee" { 28 } else { 16 }
}

#[test]
fn rise_is_the_authors_programs() {
    with_both(|name, subject| {
        let grids: Vec<RiseGrid> = bits(name, "rise.grids")
            .chunks_exact(49)
            .zip(whole(name, "rise.shifts").chunks_exact(2))
            .map(|(cells, shift)| RiseGrid { cells: cells.to_vec(), down: shift[0], right: shift[1] })
            .collect();
        let parameters = RiseParameters { probability: 0.4, ..RiseParameters::default() };
        let explanation = rise_of(subject, &parameters, &grids, &Control::default(), &mut |_| {}).unwrap();
        is(name, "rise", &pooled(&explanation, cells(name)));
        let (map, signed) = (&explanation.saliency.values, &explanation.signed.as_ref().unwrap().values);
        let offset = map[0] - signed[0];
        assert!(map.iter().zip(signed).all(|(map, signed)| (map - signed - offset).abs() < 1e-5));
        assert!(map.iter().copied().fold(f32::INFINITY, f32::min) == 0.0);
    });
}

#[test]
fn occlusion_is_captums() {
    with_both(|name, subject| {
        let sizes = whole(name, "occlusion.window");
        let parameters = OcclusionParameters { window: sizes[0], stride: sizes[1], ..OcclusionParameters::default() };
        let explanation = occlusion(subject, &parameters, &Control::default(), &mut |_| {}).unwrap();
        is(name, "occlusion", &pooled(&explanation, cells(name)));
    });
}

#[test]
fn total_indices_are_jansens() {
    with_both(|name, subject| {
        let (a, b) = (number(name, "sobol.a"), number(name, "sobol.b"));
        let parameters = SobolParameters { cells: 4, designs: 8, ..SobolParameters::default() };
        let explanation = sobol_of(subject, &parameters, [&a, &b], &Control::default(), &mut |_| {}).unwrap();
        is(name, "sobol", &explanation.saliency.values);
    });
}

#[test]
fn dependences_are_xpliques() {
    with_both(|name, subject| {
        let masks = bits(name, "hsic.masks");
        let parameters = HsicParameters { cells: 6, masks: 64, ..HsicParameters::default() };
        let explanation = hsic_of(subject, &parameters, &masks, &Control::default(), &mut |_| {}).unwrap();
        is(name, "hsic", &explanation.saliency.values);
    });
}

/// The value of each region of a map, in the fixture's order of regions.
fn of_regions(map: &[f32], labels: &[usize]) -> Vec<f32> {
    let count = labels.iter().max().unwrap() + 1;
    (0..count).map(|region| map[labels.iter().position(|label| *label == region).unwrap()]).collect()
}

/// Choices in the order in which [`Regions`] numbers them.
fn in_our_order(choices: &[bool], labels: &[usize], regions: &Regions) -> Vec<bool> {
    let theirs = |ours: usize| labels[regions.labels().iter().position(|label| *label == ours).unwrap()];
    let order: Vec<usize> = (0..regions.len()).map(theirs).collect();
    choices.chunks_exact(regions.len()).flat_map(|choice| order.iter().map(|region| choice[*region])).collect()
}

#[test]
fn shapley_values_are_captums() {
    with_both(|name, subject| {
        let labels = whole(name, "regions");
        let regions = Regions::from_labels(labels.clone());
        let choices = in_our_order(&bits(name, "kernel_shap.choices"), &labels, &regions);
        let parameters = KernelShapParameters::default();
        let control = Control::default();
        let explanation = kernel_shap_of(subject, &parameters, &regions, &choices, &control, &mut |_| {}).unwrap();
        let values = of_regions(&explanation.signed.unwrap().values, &labels);
        is(name, "kernel_shap", &values);
    });
}

#[test]
fn the_greedy_order_is_its_descriptions_with_and_without_windows() {
    with_both(|name, subject| {
        let labels = whole(name, "regions");
        let regions = Regions::from_labels(labels.clone());
        let mut pictures = Vec::new();
        // Without windows it takes long: of the smaller network only.
        for window in if name == "coffee" { vec![5] } else { vec![1, 5] } {
            let parameters = GreedyRegionsParameters { window, ..GreedyRegionsParameters::default() };
            let explanation =
                greedy_regions_of(subject, &parameters, &regions, &Control::default(), &mut |_| {}).unwrap();
            let values = of_regions(&explanation.saliency.values, &labels);
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by(|one, other| values[*other].total_cmp(&values[*one]));
            assert_eq!(order, whole(name, &format!("greedy_{window}")), "{name}, window {window}");
            let note = explanation.notes.iter().find(|(what, _)| *what == "pictures").unwrap();
            pictures.push(note.1.parse::<usize>().unwrap());
        }
        // Of so few regions windows save nothing, and cost little.
        let (first, last) = (pictures[0], pictures[pictures.len() - 1]);
        assert!(last * 10 <= first * 11, "{pictures:?}");
    });
}

/// A network without anything but answers: a bright centre is the first class.
struct Answers {
    spec: ModelSpec,
    /// How much the centre counts.
    strength: f32,
}

impl Answers {
    fn new(strength: f32) -> Self {
        Self { spec: model().spec().clone(), strength }
    }
}

impl Classifier for Answers {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        "an equation".to_owned()
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        let side = self.spec.side();
        let of = |index| {
            let mut planar = vec![0.0; 3 * side * side];
            samples.write(index, &mut planar);
            let middle = 3 * side / 8..5 * side / 8;
            let sum: f32 = middle.clone().flat_map(|row| planar[row * side..][middle.clone()].to_vec()).sum();
            let mut logits = vec![0.0; self.spec.labels.len()];
            logits[0] = 5.0 + self.strength * sum / (middle.len() * middle.len()) as f32;
            logits
        };
        Ok((0..samples.len()).map(of).collect())
    }

    fn gradients(&self, _: &dyn Samples, _: Target, _: TakeGradient<'_>) -> Result<Vec<f32>, ModelError> {
        panic!("nobody asks for gradients")
    }

    fn features_at(&self, _: usize, _: &[f32], _: Target) -> Result<Features, ModelError> {
        panic!("nobody asks for features")
    }

    fn batch_size(&self) -> usize {
        8
    }

    fn concurrency(&self) -> usize {
        1
    }
}

static ALL: [&Method; 6] = [&RISE, &OCCLUSION, &SOBOL, &HSIC, &KERNEL_SHAP, &GREEDY_REGIONS];

/// Parameters with which all are done in a second.
fn quick() -> Parameters {
    Parameters::default()
        .with(RiseParameters { masks: 400, ..RiseParameters::default() })
        .with(OcclusionParameters { window: 56, stride: 28, ..OcclusionParameters::default() })
        .with(SobolParameters { cells: 4, designs: 16, ..SobolParameters::default() })
        .with(HsicParameters { cells: 4, masks: 200, ..HsicParameters::default() })
        .with(KernelShapParameters { per_side: 4, samples: 200, regions: RegionKind::Grid, ..Default::default() })
        .with(GreedyRegionsParameters { per_side: 4, regions: RegionKind::Grid, ..Default::default() })
}

/// A picture that is brighter in the middle.
fn bright_middle() -> Input {
    let mut input = input("coffee");
    let side = input.size.width;
    for (index, value) in input.planar.iter_mut().enumerate() {
        let (row, column) = (index / side % side, index % side);
        let is_middle = (84..140).contains(&row) && (84..140).contains(&column);
        *value = if is_middle { 1.5 } else { 0.2 + 0.1 * ((row * 7 + column * 3) as f32).sin() };
    }
    input
}

fn explained(method: &'static Method, subject: &Subject<'_>, parameters: &Parameters) -> Explanation {
    method.explain(subject, parameters, &Control::default(), &mut |_| {}).unwrap()
}

#[test]
fn each_needs_only_answers_and_finds_what_decides_them() {
    let (network, input) = (Answers::new(2.0), bright_middle());
    let subject = Subject { classifier: &network, input: &input, target: Target::probability(0) };
    for method in ALL {
        let explanation = explained(method, &subject, &quick());
        assert_eq!(explanation.nothing, None, "{method}");
        let map = explanation.saliency.on_grid(8);
        let mean = |is_in: &dyn Fn(usize) -> bool| {
            let some: Vec<f32> = (0..64).filter(|cell| is_in(*cell)).map(|cell| map[cell]).collect();
            some.iter().sum::<f32>() / some.len() as f32
        };
        let middle = |cell: usize| (3..5).contains(&(cell / 8)) && (3..5).contains(&(cell % 8));
        let (inside, outside) = (mean(&middle), mean(&|cell| !middle(cell)));
        let spread = map.iter().copied().fold(f32::MIN, f32::max) - map.iter().copied().fold(f32::MAX, f32::min);
        assert!(inside - outside > 0.3 * spread, "{method}: {inside} inside, {outside} outside, of {spread}");
    }
}

#[test]
fn where_nothing_decides_nothing_is_found() {
    let (network, input) = (Answers::new(0.0), bright_middle());
    let subject = Subject { classifier: &network, input: &input, target: Target::probability(0) };
    for method in ALL {
        assert_eq!(explained(method, &subject, &quick()).nothing, Some(Nothing::Rounding), "{method}");
    }
}

/// Pixels that count for nothing but themselves, with any sign: a few masks tell nothing of them.
#[test]
fn too_few_masks_are_chance() {
    let (resnet, input) = hosted("resnet18");
    let target = Target::probability(NUMBERS.number("resnet18.class"));
    let subject = Subject { classifier: resnet, input: &input, target };
    let rise = RiseParameters { masks: 10, cells: 16, ..RiseParameters::default() };
    let hsic = HsicParameters { masks: 10, cells: 16, ..HsicParameters::default() };
    let parameters = Parameters::default().with(rise).with(hsic);
    let found: Vec<_> = [&RISE, &HSIC].map(|method| explained(method, &subject, &parameters).nothing).into();
    assert!(found.contains(&Some(Nothing::Chance)), "{found:?}");
}

#[test]
fn maps_are_the_same_again_on_any_number_of_threads_and_others_by_another_seed() {
    let (network, input) = crate::common::peers::zoo("resnet18");
    let (again, _) = crate::common::peers::zoo("resnet18");
    let [one, two] =
        [(network, 1), (again, 2)].map(|(network, threads)| network.host(&candle_core::Device::Cpu, threads).unwrap());
    // By the logit: of half a picture the probability is next to 0 whatever else is hidden.
    let target = Target::probability(NUMBERS.number("resnet18.class")).in_score(Score::Logit);
    let of = |classifier: &dyn Classifier, method: &'static Method, parameters: &Parameters| {
        explained(method, &Subject { classifier, input: &input, target }, &parameters.clamped(input.size.shorter()))
            .saliency
    };
    for method in [&RISE, &SOBOL, &HSIC, &KERNEL_SHAP] {
        // Superpixels of a made picture are so few that every choice of them is looked at.
        let grid = KernelShapParameters { regions: RegionKind::Grid, samples: 40, ..KernelShapParameters::default() };
        let small = crate::common::quick(1).with(grid);
        let first = of(one.as_ref(), method, &small);
        assert_eq!(first, of(two.as_ref(), method, &small), "{method}");
        assert_ne!(first, of(two.as_ref(), method, &small.drawn_again(1)), "{method}");
    }
}

#[test]
fn a_run_tells_how_far_it_is_and_ends_when_it_is_told_to() {
    let (network, input) = (Answers::new(2.0), bright_middle());
    let subject = Subject { classifier: &network, input: &input, target: Target::probability(0) };
    for method in ALL {
        let control = Control::default();
        let mut seen = Vec::new();
        let result = method.explain(&subject, &quick(), &control, &mut |update| {
            if let Update::Progress { done, total, .. } = update {
                seen.push((done, total));
                if seen.len() == 20 {
                    control.cancel();
                }
            }
        });
        assert!(matches!(result, Err(ExplainError::Cancelled(_))), "{method}");
        assert!(seen.len() < 30, "{method}: within a batch");
        assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1), "{method}: {seen:?}");
    }
}

/// What is hidden is mean grey in all of them unless told otherwise: the papers' programs multiply normalised pictures.
#[test]
fn the_papers_baseline_is_the_default() {
    for method in ALL {
        let row = method.row("baseline").unwrap();
        let default = row.get(&*method.parameters.defaults()).unwrap();
        assert_eq!(default.to_string(), "grey", "{method}");
    }
    assert_eq!(SobolParameters::default().baseline, Baseline::Grey);
}

#[test]
fn superpixels_follow_the_picture_and_cover_all_of_it() {
    let input = input("coffee");
    let regions = Regions::of(&input, RegionKind::Superpixels, 7);
    assert_eq!(regions.labels().len(), 224 * 224);
    assert!((30..=75).contains(&regions.len()), "{}", regions.len());
    assert_eq!(regions, Regions::of(&input, RegionKind::Superpixels, 7));
    // Colours vary less within a region than within the squares of a grid.
    let variance = |regions: &Regions| -> f64 {
        let mut sums = vec![(0.0_f64, 0.0_f64, 0_u32); regions.len()];
        for (label, value) in regions.labels().iter().zip(&input.planar) {
            let (sum, squares, count) = &mut sums[*label];
            *sum += f64::from(*value);
            *squares += f64::from(*value).powi(2);
            *count += 1;
        }
        sums.iter().map(|(sum, squares, count)| squares - sum * sum / f64::from(*count)).sum()
    };
    let [free, grid] = [RegionKind::Superpixels, RegionKind::Grid].map(|kind| variance(&Regions::of(&input, kind, 7)));
    assert!(free < 0.7 * grid, "{free} {grid}");
}
