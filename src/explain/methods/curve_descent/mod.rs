//! Curve descent: an order of the picture's cells, optimised for the curves that judge it.
//!
//! I-GOS descends along a straight path of weaker and weaker masks, and is judged by another one: deletion and insertion
//! in order of importance. Curve descent bends the path into the curves, and keeps what makes I-GOS sound: integrated
//! gradients, noise, a coarse grid, smoothness. It has no weight of a mask's size and no step size to search.
//!
//! The unknown is an order s, a number a cell; what is higher goes first. At t of the path a soft mask K_t has deleted
//! the share t of the picture that comes first (`soft_mask.rs`). It makes small
//! J(s) = ∫ w_d·f_c(Φ(I, up(K_t)) + n) − w_i·f_c(Φ(I, up(1 − K_t)) + n') dt,
//! the area under deletion less the area under insertion, softened. t is stratified: L levels, each drawn in its own
//! L-th of (0, 1), with fresh noise and light for both pictures of each. With no order the path is that of integrated
//! gradients; the sharper the order, the more it is the curves'.
//!
//! As it makes small what the curves measure, the curves alone cannot say whether its map is true: a map can be fitted
//! to a baseline and a network. Two things keep it from being: what replaces deleted pixels is lighter or darker by
//! chance in every picture, and each cell's place moves a little towards its neighbours' after every step. Look at its
//! curves on baselines that it was not made with.
//!
//! Source: igoscope's own.

mod parameters;
mod row;
mod soft_mask;
mod step;

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use parameters::CurveDescentParameters;
pub use row::CURVE_DESCENT;

use crate::{
    Control, ExplainError, Explanation, Iteration, Mask, NoiseUnit, Nothing, Subject, Update, Value, model::Samples,
    noise::Noise, stopwatch::Stopwatch, subject::Scene, upsampling::Upsampling,
};
use row::TERMS;
use soft_mask::{SoftMask, mean_mask};
use step::{Momentum, diffuse, smoothed};

/// The share of the step size that the last step has.
const LAST_STEP: f64 = 0.3;

/// The least gain over no order that is a finding, as a share of the largest score on the path.
const LEAST_GAIN: f64 = 0.02;

/// Iterations in a row without a gain, after which a run ends.
const PATIENCE: usize = 6;

/// Optimises an order. Reports every iteration to `report`, and the passes done in between.
///
/// What is kept is the order of the iteration whose objective was lowest.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn curve_descent(
    subject: &Subject<'_>,
    parameters: &CurveDescentParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let CurveDescentParameters { iterations: most, mask_size: size, temperature, .. } = *parameters;
    let path = Path::new(subject, parameters, control);
    let mut order = vec![0.0; size * size];
    let mut momentum = Momentum::of(order.len());
    let mut measured = path.measure(0, &order, true, report)?;
    let mut iterations: Vec<Arc<Iteration>> = Vec::with_capacity(most);
    let (start, largest) = (measured.objective(parameters), measured.largest);
    let mut best = (0, start);
    // The order that is kept, and its objective.
    let mut kept = (f64::INFINITY, order.clone());
    for number in 1..=most {
        let started = clock.seconds();
        // From 0 at the first iteration to 1 at the last.
        let passed = (number - 1) as f64 / (most - 1).max(1) as f64;
        let gradient = smoothed(&measured.gradient, size, parameters.smoothing * (1.0 - passed));
        let step = parameters.step_size * (1.0 - (1.0 - LAST_STEP) * passed);
        momentum.step(&mut order, &gradient, step);
        diffuse(&mut order, size, parameters.diffusion);
        // Nobody follows the last direction.
        let goes_on = number < most;
        measured = path.measure(number, &order, goes_on, report)?;
        let mask = mean_mask(&order, size, temperature);
        let change = match iterations.last() {
            Some(last) => mask.mean_change(&last.mask),
            None => mask.mean_change(&Mask { size, values: vec![0.5; size * size] }),
        };
        let objective = measured.objective(parameters);
        let passes = 2 * parameters.levels as u64;
        let values = vec![
            Value::Real(measured.deletion),
            Value::Real(measured.insertion),
            Value::Real(objective),
            Value::Real(change),
            Value::Whole(passes),
            Value::Whole(if goes_on { passes } else { 0 }),
        ];
        let iteration = Arc::new(Iteration { number, terms: TERMS, values, seconds: clock.seconds() - started, mask });
        report(Update::Iteration(&iteration));
        iterations.push(iteration);
        if objective < kept.0 {
            kept = (objective, order.clone());
        }
        if objective < best.1 - parameters.convergence_tolerance {
            best = (number, objective);
        } else if number >= best.0 + PATIENCE && parameters.convergence_tolerance > 0.0 {
            break;
        }
    }
    let parameters = Arc::new(parameters.clone());
    let mut explanation = Explanation::of_iterations(
        &CURVE_DESCENT,
        subject.target,
        iterations,
        "objective",
        parameters,
        clock.seconds(),
    );
    // On the levels, noise and light that no order was measured on: their chance is the same on both sides.
    let gained = start - path.measure(0, &kept.1, false, &mut |_| {})?.objective(path.parameters);
    explanation.nothing = (gained <= LEAST_GAIN * largest).then_some(Nothing::Unmoved);
    Ok(explanation)
}

/// What one order came to on one draw of levels and noise.
struct Measured {
    /// The area under softened deletion.
    deletion: f64,
    /// The area under softened insertion.
    insertion: f64,
    /// The size of the largest score.
    largest: f64,
    /// The gradient of the objective by the order, a value a cell.
    gradient: Vec<f64>,
}

impl Measured {
    fn objective(&self, parameters: &CurveDescentParameters) -> f64 {
        parameters.deletion_weight * self.deletion - parameters.insertion_weight * self.insertion
    }
}

/// The path of a subject: what is measured along it.
struct Path<'a> {
    subject: &'a Subject<'a>,
    parameters: &'a CurveDescentParameters,
    control: &'a Control,
    scene: Scene<'a>,
    upsampling: Upsampling,
    noise: Noise,
}

impl<'a> Path<'a> {
    fn new(subject: &'a Subject<'a>, parameters: &'a CurveDescentParameters, control: &'a Control) -> Self {
        Self {
            subject,
            parameters,
            control,
            scene: Scene::new(subject, parameters.baseline, parameters.seed),
            upsampling: Upsampling::new(parameters.mask_size, subject.input.size),
            noise: Noise::new(
                parameters.noise,
                NoiseUnit::White,
                subject.classifier.spec().normalisation,
                parameters.seed,
            ),
        }
    }

    /// The objective's terms at an order, on levels and noise that `draw` numbers, and its gradient if that is wanted.
    fn measure(
        &self,
        draw: usize,
        order: &[f64],
        wants_gradient: bool,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Measured, ExplainError> {
        let CurveDescentParameters { levels, temperature, deletion_weight, insertion_weight, .. } = *self.parameters;
        let masks = (0..levels).map(|level| SoftMask::at(order, self.place(draw, level), temperature)).collect();
        let samples = LevelSamples { path: self, masks, draw };
        let mut measured = Measured { deletion: 0.0, insertion: 0.0, largest: 0.0, gradient: vec![0.0; order.len()] };
        let share = 1.0 / levels as f64;
        let mut done = 0;
        let mut take = |score: f32, by_mask: Option<Vec<f32>>| {
            // Insertion keeps what deletion deletes: its gradient has the other sign, and so has its weight.
            let (term, weight) = match Half::of(done) {
                Half::Deletion => (&mut measured.deletion, deletion_weight),
                Half::Insertion => (&mut measured.insertion, insertion_weight),
            };
            *term += share * f64::from(score);
            measured.largest = measured.largest.max(f64::from(score.abs()));
            if let Some(by_mask) = by_mask {
                let by_mask: Vec<f64> = by_mask.into_iter().map(f64::from).collect();
                samples.masks[done / 2].add_order_gradient(&by_mask, share * weight, &mut measured.gradient);
            }
            done += 1;
            report(Update::Progress { iteration: draw + 1, done, total: samples.len() });
        };
        if wants_gradient {
            let reduce = |_: usize, gradient: &[f32]| self.upsampling.down(&self.scene.mask_gradient(gradient));
            self.subject.gradients(&samples, self.control, &reduce, |score, by_mask| take(score, Some(by_mask)))?;
        } else {
            self.subject.scores(&samples, self.control)?.into_iter().for_each(|score| take(score, None));
        }
        if measured.gradient.iter().all(|g| g.is_finite()) {
            Ok(measured)
        } else {
            Err(ExplainError::NotANumber { what: "a gradient" })
        }
    }

    /// Makes what replaces deleted pixels lighter or darker, all of it by the same random amount.
    fn lighten(&self, planar: &mut [f32], kept: &[f32], number: u64) {
        let most = self.parameters.baseline_jitter;
        if most <= 0.0 {
            return;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.parameters.seed);
        random.set_stream(number);
        let by = most * (2.0 * random.random::<f64>() - 1.0);
        let stds = self.subject.classifier.spec().normalisation.std;
        for (plane, std) in planar.chunks_exact_mut(kept.len()).zip(stds.iter()) {
            let by = (by / f64::from(*std)) as f32;
            plane.iter_mut().zip(kept).for_each(|(value, kept)| *value += by * (1.0 - kept));
        }
    }

    /// t of a level: somewhere in its own part of (0, 1), or in the middle of that.
    fn place(&self, draw: usize, level: usize) -> f64 {
        let within = if self.parameters.jitter {
            let mut random = ChaCha8Rng::seed_from_u64(self.parameters.seed);
            random.set_stream(stream(draw, 2 * self.parameters.levels + level));
            // The ends have no soft mask.
            random.random::<f64>().clamp(1e-6, 1.0 - 1e-6)
        } else {
            0.5
        };
        (level as f64 + within) / self.parameters.levels as f64
    }
}

/// The random numbers of one of the samples, or levels, of one draw.
fn stream(draw: usize, number: usize) -> u64 {
    (draw as u64) << 32 | number as u64
}

/// Which end of a level's picture is kept.
enum Half {
    Deletion,
    Insertion,
}

impl Half {
    fn of(sample: usize) -> Self {
        if sample.is_multiple_of(2) { Self::Deletion } else { Self::Insertion }
    }
}

/// Both pictures of each level, in turn: what is left by deletion, and what insertion has revealed.
struct LevelSamples<'a> {
    path: &'a Path<'a>,
    masks: Vec<SoftMask>,
    draw: usize,
}

impl Samples for LevelSamples<'_> {
    fn len(&self) -> usize {
        2 * self.masks.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let Path { scene, upsampling, noise, .. } = self.path;
        let kept = &self.masks[index / 2].kept;
        let mut pixels = vec![0.0; scene.pixels];
        upsampling.up(kept, &mut pixels);
        if let Half::Insertion = Half::of(index) {
            pixels.iter_mut().for_each(|pixel| *pixel = 1.0 - *pixel);
        }
        scene.compose(&pixels, 1.0, planar);
        self.path.lighten(planar, &pixels, stream(self.draw, 3 * self.masks.len() + index));
        noise.add(planar, stream(self.draw, index));
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::{
        imaging::Sample,
        model::{Classifier, Target, load_embedded},
    };

    const SIZE: usize = 4;

    fn still() -> CurveDescentParameters {
        CurveDescentParameters {
            mask_size: SIZE,
            levels: 3,
            noise: 0.0,
            baseline_jitter: 0.0,
            jitter: false,
            temperature: 1.0,
            ..Default::default()
        }
    }

    /// Espresso, on the sample that shows it.
    fn with_subject(test: impl FnOnce(&Subject<'_>)) {
        let model: Box<dyn Classifier> = load_embedded(&Device::Cpu, 0, None).unwrap();
        let input = model.spec().preprocess(&Sample::named("coffee").unwrap().photo().unwrap()).unwrap();
        test(&Subject { classifier: model.as_ref(), input: &input, target: Target::probability(967) });
    }

    #[test]
    fn the_gradient_is_the_objectives_slope() {
        with_subject(|subject| {
            let (parameters, control) = (still(), Control::default());
            let path = Path::new(subject, &parameters, &control);
            let order: Vec<f64> = (0..SIZE * SIZE).map(|cell| (cell as f64 * 1.7).sin()).collect();
            let gradient = path.measure(0, &order, true, &mut |_| {}).unwrap().gradient;
            let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            for cell in [0, 5, 6, 9, 15] {
                let objective = |by: f64| {
                    let mut moved = order.clone();
                    moved[cell] += by;
                    path.measure(0, &moved, false, &mut |_| {}).unwrap().objective(&parameters)
                };
                let slope = (objective(0.02) - objective(-0.02)) / 0.04;
                assert!((slope - gradient[cell]).abs() < 0.05 * length, "{cell}: {slope} is not {}", gradient[cell]);
            }
        });
    }

    #[test]
    fn what_replaces_deleted_pixels_is_lighter_or_darker_by_one_amount_and_what_is_left_is_not() {
        with_subject(|subject| {
            let jittered = CurveDescentParameters { baseline_jitter: 0.4, ..still() };
            let control = Control::default();
            let path = Path::new(subject, &jittered, &control);
            let std = subject.classifier.spec().normalisation.std[0];
            let pixels = path.scene.pixels;
            let kept: Vec<f32> = (0..pixels).map(|pixel| if pixel < 100 { 1.0 } else { 0.25 }).collect();
            let shift = |number: u64| {
                let mut planar = vec![0.0; 3 * pixels];
                path.lighten(&mut planar, &kept, number);
                assert!(planar.chunks_exact(pixels).all(|plane| plane[..100].iter().all(|value| *value == 0.0)));
                let deleted = planar[100];
                assert!(planar.chunks_exact(pixels).all(|plane| plane[100..].iter().all(|value| *value == deleted)));
                deleted * std / 0.75
            };
            let shifts: Vec<f32> = (0..50).map(shift).collect();
            assert!(shifts.iter().all(|by| by.abs() <= 0.4), "{shifts:?}");
            assert!(shifts.iter().any(|by| *by > 0.2) && shifts.iter().any(|by| *by < -0.2), "{shifts:?}");
            let still = still();
            let mut planar = vec![0.0; 3 * pixels];
            Path::new(subject, &still, &control).lighten(&mut planar, &kept, 0);
            assert!(planar.iter().all(|value| *value == 0.0));
        });
    }

    /// With no order, each place counts by how soft it is: t(1 − t).
    #[test]
    fn the_first_direction_is_that_of_integrated_gradients_along_the_mask() {
        with_subject(|subject| {
            let (parameters, control) = (still(), Control::default());
            let path = Path::new(subject, &parameters, &control);
            let gradient = path.measure(0, &[0.0; SIZE * SIZE], true, &mut |_| {}).unwrap().gradient;
            let scene = Scene::new(subject, parameters.baseline, 0);
            let upsampling = Upsampling::new(SIZE, subject.input.size);
            let mut expected = vec![0.0; SIZE * SIZE];
            for (level, (weight, is_deletion)) in (0..3).flat_map(|level| [(level, (2.0, true)), (level, (1.0, false))])
            {
                let t = (f64::from(level) + 0.5) / 3.0;
                let kept = if is_deletion { 1.0 - t } else { t };
                let planar: Vec<f32> = scene
                    .image
                    .iter()
                    .zip(&scene.baseline)
                    .map(|(image, baseline)| baseline + (image - baseline) * kept as f32)
                    .collect();
                let batch = crate::model::Batch::new(&planar, planar.len());
                let cells = std::sync::Mutex::new(Vec::new());
                let take = |_: usize, gradient: &[f32]| {
                    *cells.lock().unwrap() = upsampling.down(&scene.mask_gradient(gradient));
                };
                subject.classifier.gradients(&batch, subject.target, &take).unwrap();
                let cells = cells.into_inner().unwrap();
                let mean = cells.iter().map(|g| f64::from(*g)).sum::<f64>() / cells.len() as f64;
                for (sum, g) in expected.iter_mut().zip(&cells) {
                    *sum += weight / 3.0 * t * (1.0 - t) * (mean - f64::from(*g));
                }
            }
            let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            for (found, expected) in gradient.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-3 * largest, "{found} is not {expected}");
            }
        });
    }
}
