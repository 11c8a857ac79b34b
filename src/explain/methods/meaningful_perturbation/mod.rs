//! Meaningful perturbation, also known as Mask: a smooth mask that deletes little and makes the score fall.
//!
//! Source: Fong, Vedaldi, *Interpretable Explanations of Black Boxes by Meaningful Perturbation*, ICCV 2017
//! (arXiv 1704.03296), and the authors' program, <https://github.com/ruthcfong/perturb_explanations>. The cells m₀ of a
//! coarse mask, spread over the picture by Gaussians (`spread.rs`), are to minimise
//! E_τ f_c(Φ(x₀(· − τ), m)) + λ₁·Σ|1 − m₀| + λ₂·Σ|∇m₀|^β, with a shift τ of the picture by some pixels each time, by Adam
//! (Kingma, Ba, ICLR 2015), from the smallest disc in the middle that lowers the score by 99 % of what deleting
//! everything does. A shifted picture shows its edge pixels again where nothing else is, as its size is fixed here;
//! the authors' program cuts it from a larger one.

mod row;
mod spread;

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use row::{MEANINGFUL_PERTURBATION, MaskStart, MeaningfulPerturbationParameters};

use crate::{
    Control, ExplainError, Explanation, Iteration, Nothing, Subject, Update, Value, imaging::Size, model::Samples,
    stopwatch::Stopwatch, subject::Scene,
};
use row::TERMS;
use spread::Spread;

/// Adam's decay of the mean gradient and of its mean square, and what keeps from dividing by 0.
const DECAYS: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// Discs that the search may begin with.
const DISCS: usize = 16;

/// Share of what deleting everything does to the score that the first disc has to do.
const SUPPRESSED: f32 = 0.99;

/// The least fall of the score that is a finding, as a share of the whole picture's.
const LEAST_FALL: f64 = 1e-3;

/// Streams of random numbers: one for the shifts.
const SHIFTS: u64 = 1;

/// Optimises a mask. Reports every iteration to `report`.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn meaningful_perturbation(
    subject: &Subject<'_>,
    parameters: &MeaningfulPerturbationParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let mut random = ChaCha8Rng::seed_from_u64(parameters.seed);
    random.set_stream(SHIFTS);
    let most = parameters.jitter as i64;
    let mut shift = || if most == 0 { 0 } else { random.random_range(0..most) - most / 2 };
    let shifts: Vec<[i64; 2]> = (0..=parameters.iterations).map(|_| [shift(), shift()]).collect();
    meaningful_perturbation_shifted(subject, parameters, &shifts, control, report)
}

/// The same, with the shifts of the picture given: pixels down and across, before the first step and after each.
///
/// # Errors
/// As for [`meaningful_perturbation`].
pub fn meaningful_perturbation_shifted(
    subject: &Subject<'_>,
    parameters: &MeaningfulPerturbationParameters,
    shifts: &[[i64; 2]],
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let optimiser = Optimiser::new(subject, parameters, control);
    let (mut cells, whole) = optimiser.start()?;
    let mut adam = Adam { means: vec![0.0; cells.len()], squares: vec![0.0; cells.len()], steps: 0 };
    let shift = |number: usize| shifts.get(number).copied().unwrap_or_default();
    let (_, mut gradient) = optimiser.measure(&cells, shift(0))?;
    let mut iterations: Vec<Arc<Iteration>> = Vec::with_capacity(parameters.iterations);
    let mut last = optimiser.spread.seen(&cells);
    for number in 1..=parameters.iterations {
        let started = clock.seconds();
        adam.step(&mut cells, &gradient, parameters.step_size);
        let (score, next) = optimiser.measure(&cells, shift(number))?;
        gradient = next;
        report(Update::Progress { iteration: number, done: 1, total: 1 });
        let (l1, tv) = optimiser.regularisers(&cells);
        let mask = optimiser.spread.seen(&cells);
        let change = mask.mean_change(&last);
        last = mask.clone();
        let values = [score, l1, tv, score + l1 + tv, change].map(Value::Real).to_vec();
        let iteration = Arc::new(Iteration { number, terms: TERMS, values, seconds: clock.seconds() - started, mask });
        report(Update::Iteration(&iteration));
        iterations.push(iteration);
    }
    let (method, own) = (&MEANINGFUL_PERTURBATION, Arc::new(parameters.clone()));
    let mut explanation =
        Explanation::of_iterations(method, subject.target, iterations, "objective", own, clock.seconds());
    let kept = explanation.iterations.iter().find(|iteration| Some(iteration.number) == explanation.kept);
    let lowered = kept.is_some_and(|kept| kept.number("score") <= whole - LEAST_FALL * whole.abs());
    explanation.nothing = (!lowered).then_some(Nothing::NotLowered);
    Ok(explanation)
}

struct Optimiser<'a> {
    subject: &'a Subject<'a>,
    parameters: &'a MeaningfulPerturbationParameters,
    control: &'a Control,
    scene: Scene<'a>,
    spread: Spread,
}

impl<'a> Optimiser<'a> {
    fn new(subject: &'a Subject<'a>, parameters: &'a MeaningfulPerturbationParameters, control: &'a Control) -> Self {
        let scene = Scene::new(subject, parameters.baseline, parameters.seed);
        let spread = Spread::new(parameters.mask_size, subject.input.size, parameters.blur);
        Self { subject, parameters, control, scene, spread }
    }

    /// The cells to begin with, and the score of the whole picture.
    fn start(&self) -> Result<(Vec<f64>, f64), ExplainError> {
        let size = self.parameters.mask_size;
        let discs: Vec<Vec<f64>> = (0..=DISCS).map(|disc| without_disc(size, disc as f64 / DISCS as f64)).collect();
        let masks: Vec<Vec<f32>> = discs.iter().map(|cells| self.spread.up(cells)).collect();
        // The whole picture first, and last what is left where everything is deleted.
        let ends = [vec![1.0; self.scene.pixels], vec![0.0; self.scene.pixels]];
        let samples = Masked {
            scene: &self.scene,
            size: self.subject.input.size,
            masks: [&ends[..1], &masks, &ends[1..]].concat(),
            shift: [0; 2],
        };
        let scores = self.subject.scores(&samples, self.control)?;
        let (whole, nothing) = (scores[0], scores[scores.len() - 1]);
        if self.parameters.start == MaskStart::Whole {
            return Ok((vec![1.0; size * size], f64::from(whole)));
        }
        let enough = whole - SUPPRESSED * (whole - nothing);
        let disc = scores[1..=discs.len()].iter().position(|score| *score <= enough).unwrap_or(DISCS);
        Ok((discs[disc].clone(), f64::from(whole)))
    }

    /// The score under a mask on the shifted picture, and the gradient of the objective by its cells.
    fn measure(&self, cells: &[f64], shift: [i64; 2]) -> Result<(f64, Vec<f64>), ExplainError> {
        let samples =
            Masked { scene: &self.scene, size: self.subject.input.size, masks: vec![self.spread.up(cells)], shift };
        let mut measured = (0.0, Vec::new());
        let reduce = |_: usize, gradient: &[f32]| {
            let pixels = self.scene.pixels;
            let mut by_pixel = vec![0.0_f32; pixels];
            for (colour, gradient) in gradient.chunks_exact(pixels).enumerate() {
                let image = plane_of(self.scene.image, colour, pixels);
                let baseline = plane_of(&self.scene.baseline, colour, pixels);
                for (pixel, (sum, gradient)) in by_pixel.iter_mut().zip(gradient).enumerate() {
                    let from = shifted(pixel, shift, self.subject.input.size);
                    *sum += gradient * (image[from] - baseline[from]);
                }
            }
            self.spread.down(&by_pixel)
        };
        self.subject.gradients(&samples, self.control, &reduce, |score, by_cell| {
            measured = (f64::from(score), by_cell);
        })?;
        self.add_regulariser_gradient(cells, &mut measured.1);
        if measured.1.iter().all(|value| value.is_finite()) {
            Ok(measured)
        } else {
            Err(ExplainError::NotANumber { what: "a gradient" })
        }
    }

    /// λ₁·Σ|1 − m₀| and λ₂·Σ|∇m₀|^β.
    fn regularisers(&self, cells: &[f64]) -> (f64, f64) {
        let MeaningfulPerturbationParameters { l1_weight, tv_weight, tv_exponent, mask_size, .. } = *self.parameters;
        let l1: f64 = cells.iter().map(|cell| (1.0 - cell).abs()).sum();
        let tv: f64 = neighbours(mask_size).map(|(a, b)| (cells[a] - cells[b]).abs().powf(tv_exponent)).sum();
        (l1_weight * l1, tv_weight * tv)
    }

    fn add_regulariser_gradient(&self, cells: &[f64], gradient: &mut [f64]) {
        let MeaningfulPerturbationParameters { l1_weight, tv_weight, tv_exponent, mask_size, .. } = *self.parameters;
        for (sum, cell) in gradient.iter_mut().zip(cells) {
            if *cell < 1.0 {
                *sum -= l1_weight;
            }
        }
        for (a, b) in neighbours(mask_size) {
            let difference = cells[a] - cells[b];
            let slope = tv_weight * tv_exponent * difference.abs().powf(tv_exponent - 1.0);
            let slope = if difference < 0.0 { -slope } else { slope };
            gradient[a] += slope;
            gradient[b] -= slope;
        }
    }
}

fn plane_of(values: &[f32], colour: usize, pixels: usize) -> &[f32] {
    &values[colour * pixels..(colour + 1) * pixels]
}

/// A mask of `size × size` cells that deletes a disc in the middle, of a radius from 0 to 1: from nothing to the corners.
/// Its edge is two cells wide.
fn without_disc(size: usize, radius: f64) -> Vec<f64> {
    let middle = (size as f64 - 1.0) / 2.0;
    let reach = radius * (middle * std::f64::consts::SQRT_2 + 2.0);
    let kept = |cell: usize| {
        let (y, x) = ((cell / size) as f64 - middle, (cell % size) as f64 - middle);
        ((y.hypot(x) - reach) / 2.0 + 1.0).clamp(0.0, 1.0)
    };
    if radius == 0.0 { vec![1.0; size * size] } else { (0..size * size).map(kept).collect() }
}

/// The indices of all vertical and horizontal neighbours.
fn neighbours(size: usize) -> impl Iterator<Item = (usize, usize)> {
    let vertical = (0..size * size.saturating_sub(1)).map(move |cell| (cell + size, cell));
    let horizontal = (0..size * size).filter(move |cell| cell % size + 1 < size).map(|cell| (cell + 1, cell));
    vertical.chain(horizontal)
}

/// The pixel that a shifted picture shows at a pixel's place.
fn shifted(pixel: usize, [down, across]: [i64; 2], Size { width, height }: Size) -> usize {
    let moved = |place: usize, by: i64, side: usize| (place as i64 + by).clamp(0, side as i64 - 1) as usize;
    moved(pixel / width, down, height) * width + moved(pixel % width, across, width)
}

/// The shifted picture under masks, `[height, width]`.
struct Masked<'a> {
    scene: &'a Scene<'a>,
    size: Size,
    masks: Vec<Vec<f32>>,
    shift: [i64; 2],
}

impl Samples for Masked<'_> {
    fn len(&self) -> usize {
        self.masks.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let Scene { image, baseline, pixels, .. } = self.scene;
        for (colour, planar) in planar.chunks_exact_mut(*pixels).enumerate() {
            let (image, baseline) = (plane_of(image, colour, *pixels), plane_of(baseline, colour, *pixels));
            for (pixel, (value, kept)) in planar.iter_mut().zip(&self.masks[index]).enumerate() {
                let from = shifted(pixel, self.shift, self.size);
                *value = baseline[from] + (image[from] - baseline[from]) * kept;
            }
        }
    }
}

/// Adam's state.
struct Adam {
    means: Vec<f64>,
    squares: Vec<f64>,
    steps: i32,
}

impl Adam {
    /// A step downhill, and back into `[0, 1]`.
    fn step(&mut self, cells: &mut [f64], gradient: &[f64], size: f64) {
        self.steps += 1;
        let [mean_decay, square_decay] = DECAYS;
        let (mean_share, square_share) = (1.0 - mean_decay.powi(self.steps), 1.0 - square_decay.powi(self.steps));
        let state = self.means.iter_mut().zip(&mut self.squares);
        for ((cell, gradient), (mean, square)) in cells.iter_mut().zip(gradient).zip(state) {
            *mean = mean_decay * *mean + (1.0 - mean_decay) * gradient;
            *square = square_decay * *square + (1.0 - square_decay) * gradient * gradient;
            let step = size * (*mean / mean_share) / ((*square / square_share).sqrt() + EPSILON);
            *cell = (*cell - step).clamp(0.0, 1.0);
        }
    }
}
