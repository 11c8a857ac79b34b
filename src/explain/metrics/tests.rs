use super::*;
use crate::{
    CurveParameters, GRAD_CAM,
    imaging::{Crop, Interpolation, Normalisation},
    model::{
        Classifier, Features, Guesses, Head, HeadSource, Input, Labels, ModelError, ModelSpec, Samples, Score, Sizes,
        TakeGradient, Target,
    },
};
use std::sync::Arc;

const SIDE: usize = 8;

/// A network that is a weighted sum of its input: what a pixel is worth is known exactly.
struct Sum {
    spec: ModelSpec,
    weights: Vec<f32>,
}

impl Sum {
    fn new() -> Self {
        let normalisation = Normalisation::new([0.5; 3], [0.5; 3]);
        let spec = ModelSpec {
            name: "sum".to_owned(),
            title: "Sum".to_owned(),
            crop: crate::imaging::CropRule::new(SIDE as u32, SIDE as u32),
            sizes: Sizes::only(Size::square(SIDE)),
            normalisation,
            head: Head::Regression,
            head_source: HeadSource::Default,
            labels: Arc::new(Labels::from_lines("sum")),
            feature_layer: "none".to_owned(),
            architecture: "sum".to_owned(),
            origin: "none".to_owned(),
            sha256: None,
            heads: None,
            state_dicts: None,
            graph: None,
            guesses: Guesses::default(),
        };
        // Of both signs, and none like another.
        let weights = (0..3 * SIDE * SIDE).map(|number| ((number * 37 % 101) as f32 - 40.0) / 100.0).collect();
        Self { spec, weights }
    }
}

impl Classifier for Sum {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        "none".to_owned()
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut planar = vec![0.0; self.weights.len()];
        let sum = |index: usize| {
            samples.write(index, &mut planar);
            vec![planar.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum::<f32>()]
        };
        Ok((0..samples.len()).map(sum).collect())
    }

    fn gradients(&self, samples: &dyn Samples, _: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError> {
        (0..samples.len()).for_each(|index| take(index, &self.weights));
        Ok(self.logits(samples)?.into_iter().flatten().collect())
    }

    fn features_at(&self, _: usize, _: &[f32], _: Target) -> Result<Features, ModelError> {
        Ok(Features { width: 1, height: 1, channels: 1, activations: vec![1.0], gradient: vec![1.0] })
    }

    fn batch_size(&self) -> usize {
        16
    }

    fn concurrency(&self) -> usize {
        1
    }
}

fn input() -> Input {
    let planar = (0..3 * SIDE * SIDE).map(|number| ((number * 53 % 97) as f32) / 48.0 - 1.0).collect();
    let image = image::RgbImage::new(SIDE as u32, SIDE as u32);
    let region = Region { x: 0.0, y: 0.0, width: SIDE as f32, height: SIDE as f32 };
    let normalisation = Normalisation::new([0.5; 3], [0.5; 3]);
    Input { planar, size: Size::square(SIDE), crop: Crop { image, bands: None, region }, normalisation }
}

fn map_of(values: Vec<f32>) -> Explanation {
    let saliency = Saliency {
        width: SIDE,
        height: SIDE,
        values,
        interpolation: Interpolation::Nearest,
        clipped_fraction: 0.0,
        full: None,
    };
    let target = Target { score: Score::Output, class: 0, against: None };
    Explanation::of(&GRAD_CAM, target, saliency, Arc::new(()), 0.0)
}

/// A metric's value for a map of the sum, a value a pixel, where black stands for nothing.
fn measured(id: &str, values: Vec<f32>, place: Option<Region>) -> Option<f32> {
    let (sum, input) = (Sum::new(), input());
    let explanation = map_of(values);
    let curves = CurveParameters { grid: SIDE, baseline: crate::Baseline::Black, ..CurveParameters::default() };
    let parameters = Parameters::default().with_curves(curves);
    let subject = Subject { classifier: &sum, input: &input, target: explanation.target };
    let (explanation, control) = (&explanation, &Control::default());
    let of = Measuring { subject: &subject, explanation, parameters: &parameters, place, control };
    Metric::named(id).unwrap().measure(&of).unwrap().value
}

/// What every pixel adds to the sum, beyond black.
fn worth() -> Vec<f32> {
    let (sum, input) = (Sum::new(), input());
    let pixels = SIDE * SIDE;
    let of = |pixel: usize| {
        (0..3).map(|channel| channel * pixels + pixel).map(|at| sum.weights[at] * (input.planar[at] + 1.0)).sum()
    };
    (0..pixels).map(of).collect()
}

fn negated(values: Vec<f32>) -> Vec<f32> {
    values.into_iter().map(|value| -value).collect()
}

#[test]
fn what_pixels_are_worth_is_faithful_and_the_opposite_is_its_opposite() {
    for id in ["faithfulness-correlation", "sensitivity-n"] {
        let found = measured(id, worth(), None).unwrap();
        assert!(found > 0.9999, "{id}: {found}");
        let opposite = measured(id, negated(worth()), None).unwrap();
        assert!(opposite < -0.9999, "{id}: {opposite}");
        assert_eq!(measured(id, vec![0.5; SIDE * SIDE], None), None, "no differences");
    }
}

#[test]
fn road_is_higher_the_better_the_order_is_and_changes_its_sign_with_it() {
    let found = measured("road", worth(), None).unwrap();
    let opposite = measured("road", negated(worth()), None).unwrap();
    assert!(found > 0.1 && (found + opposite).abs() < 0.05 * found, "{found} {opposite}");
    let half: Vec<f32> = worth().iter().enumerate().map(|(at, value)| if at % 2 == 0 { *value } else { 0.0 }).collect();
    assert!(measured("road", half, None).unwrap() < found);
}

/// `NoisyLinearImputer` of pytorch-grad-cam 1.5.7, without noise, by SciPy's sparse solver.
#[test]
fn removed_pixels_are_those_of_the_authors_equations() {
    let picture = [
        -0.829, -0.526, 0.603, 0.164, -0.812, -0.134, -0.042, -0.681, 0.469, -0.773, -0.218, 0.033, -0.139, 0.174,
        0.476, 0.913, -0.432, 0.297, 0.392, -0.415, -0.997, 0.947, -0.403, -0.372, 0.783, 0.170, -0.057, 0.547, -0.939,
        0.414, -0.252, -0.818, 0.321, 0.863, -0.586, 0.260,
    ];
    let removed = [0, 1, 5, 7, 8, 13, 14, 20, 29, 35];
    let expected = [0.09354, 0.21592, -0.35520, 0.11984, 0.13657, 0.02436, 0.21092, 0.25218, -0.61881, -0.66972];
    let is_removed: Vec<bool> = (0..36).map(|pixel| removed.contains(&pixel)).collect();
    let planar = [picture; 3].concat();
    let imputed = road::impute(&planar, &is_removed, Size::square(6));
    for channel in 0..3 {
        for (pixel, expected) in removed.iter().zip(expected) {
            let found = imputed[channel * 36 + pixel];
            assert!((found - expected).abs() < 1e-4, "pixel {pixel}: {found} is not {expected}");
        }
    }
    let untouched = (0..36).filter(|pixel| !removed.contains(pixel));
    assert!(untouched.into_iter().all(|pixel| imputed[pixel] == picture[pixel]));
    assert_eq!(road::impute(&planar, &[false; 36], Size::square(6)), planar);
    assert!(
        road::impute(&planar, &[true; 36], Size::square(6)).iter().all(|value| *value == 0.0),
        "nothing to begin from"
    );
}

/// Quantus's formulas (0.5), by NumPy and SciPy.
#[test]
fn sparseness_and_complexity_are_quantus() {
    let values = [0.0, 0.1, 0.4, 0.05, 0.45, -0.2];
    assert!((complexity::gini(&values).unwrap() - 0.472_222).abs() < 1e-4);
    assert!((complexity::entropy(&values).unwrap() - 1.372_136).abs() < 1e-5);
    let one = [0.0, 0.0, 3.0, 0.0];
    assert_eq!((complexity::gini(&one), complexity::entropy(&one)), (Some(0.75), Some(0.0)));
    assert_eq!((complexity::gini(&[0.0; 4]), complexity::entropy(&[0.0; 4])), (None, None));
}

#[test]
fn places_are_held_against_what_is_marked() {
    // The upper left quarter of the grid's middles, which reach to the picture's edges.
    let place = Some(Region { x: 0.0, y: 0.0, width: 3.9, height: 3.9 });
    let in_it = |pixel: usize| pixel % SIDE < 4 && pixel / SIDE < 4;
    let value = |pixel: usize| if in_it(pixel) { 1.0 + pixel as f32 / 100.0 } else { 0.1 };
    let good: Vec<f32> = (0..SIDE * SIDE).map(value).collect();
    assert_eq!(measured("pointing-game", good.clone(), place), Some(1.0));
    assert_eq!(measured("relevance-rank-accuracy", good.clone(), place), Some(1.0));
    assert_eq!(measured("iou", good.clone(), place), Some(1.0));
    let mass = measured("relevance-mass-accuracy", good.clone(), place).unwrap();
    let inside: f32 = (0..SIDE * SIDE).filter(|pixel| in_it(*pixel)).map(value).sum();
    assert!((mass - inside / good.iter().sum::<f32>()).abs() < 1e-6, "{mass}");
    // Half of the marked places, and as many others.
    let moved: Vec<f32> = (0..SIDE * SIDE)
        .map(|pixel| if (2..6).contains(&(pixel % SIDE)) && pixel / SIDE < 4 { 1.0 } else { 0.0 })
        .collect();
    assert_eq!(measured("relevance-rank-accuracy", moved.clone(), place), Some(0.5));
    assert_eq!(measured("iou", moved, place), Some(8.0 / 24.0));
    assert_eq!(measured("iou", good, None), None, "nothing is marked");
}

#[test]
fn a_drop_is_of_probabilities_only() {
    assert_eq!(measured("average-drop", worth(), None), None);
}

#[test]
fn maps_that_agree_stand_near_each_other() {
    let saliency = |of: fn(usize) -> f32| map_of((0..SIDE * SIDE).map(of).collect()).saliency;
    let maps = [
        saliency(|pixel| pixel as f32),
        saliency(|pixel| (pixel * 29 % 64) as f32),
        saliency(|pixel| pixel as f32 + (pixel % 3) as f32),
    ];
    let (matrix, order) = agreement(&maps.iter().collect::<Vec<_>>(), SIDE, 0);
    assert_eq!((matrix[0][0].ranks, matrix[0][0].top), (Some(1.0), 1.0));
    assert!(matrix[0][2].ranks.unwrap() > 0.99 && matrix[0][2].top > 0.8);
    assert!(matrix[0][1].ranks.unwrap().abs() < 0.5);
    assert_eq!(matrix[1][2], matrix[2][1]);
    assert_eq!(order[2], 1, "{order:?}");
}

#[test]
fn ids_are_one_metrics_alone_and_every_row_says_what_it_is() {
    for (number, metric) in METRICS.iter().enumerate() {
        assert!(METRICS[..number].iter().all(|other| other.id != metric.id && other.title != metric.title));
        let words = [metric.title, metric.range, metric.meaning, metric.source];
        assert!(words.iter().all(|words| !words.is_empty()), "{metric:?}");
    }
}
