//! iGOS++: two masks, one that deletes and one that reveals, optimised along integrated gradients.
//!
//! Source: Khorram, Lawson, Li, *iGOS++: Integrated Gradient Optimized Saliency by Bilateral Perturbations*, CHIL 2021
//! (arXiv 2012.15783), and the authors' program, <https://github.com/khorrams/IGOS_pp>. With D(M) the mean score of the
//! path Φ(I, s·up(M)) from the baseline to the picture that M has deleted from, and N(M) minus that of the path on which
//! picture and baseline have changed places, so that what M deletes is revealed, the masks M_x and M_y are to minimise
//! D(M_x) + N(M_y) + D(M_x ⊙ M_y) + N(M_x ⊙ M_y) + λ₁·mean|1 − M_x ⊙ M_y| + λ₂·BTV(M_x ⊙ M_y).
//! The map is that of M_x ⊙ M_y. BTV is a total variation that minds no edge where the picture has one
//! (`smoothness.rs`). As in the authors' program, the four scores count half in the gradient and whole in the line
//! search, whose other rules are I-GOS's.

mod parameters;
mod row;
mod samples;
mod smoothness;

use std::{cell::Cell, sync::Arc};

pub use parameters::{IgosPpParameters, IgosPpSearch};
pub use row::IGOS_PP;

use crate::{
    Control, ExplainError, Explanation, Iteration, Mask, Nothing, Subject, Update, Value, noise::Noise,
    stopwatch::Stopwatch, subject::Scene, upsampling::Upsampling,
};
use row::TERMS;
use samples::{Part, PathSamples};
use smoothness::Smoothness;

/// The least change of a cell that is a step: what is less is rounding.
const LEAST_STEP: f32 = 1e-6;

/// The least fall of the score that is a finding, as a share of the whole picture's.
const LEAST_FALL: f64 = 1e-3;

/// The lowest that the four scores can add up to, of a probability.
const FLOOR: f64 = -2.0;

/// The two masks, M_x and M_y.
#[derive(Debug, Clone, PartialEq)]
struct Masks {
    deletion: Mask,
    insertion: Mask,
}

impl Masks {
    fn ones(size: usize) -> Self {
        Self { deletion: Mask::ones(size), insertion: Mask::ones(size) }
    }

    /// M_x ⊙ M_y.
    fn product(&self) -> Mask {
        let values = self.deletion.values.iter().zip(&self.insertion.values).map(|(x, y)| x * y).collect();
        Mask { size: self.deletion.size, values }
    }

    /// P(M − α·G), the gradient being that by M_x and then that by M_y.
    fn stepped(&self, step: f64, gradient: &[f64]) -> Self {
        let (deletion, insertion) = gradient.split_at(self.deletion.values.len());
        Self { deletion: self.deletion.stepped(step, deletion), insertion: self.insertion.stepped(step, insertion) }
    }

    fn moves_to(&self, other: &Self) -> bool {
        let moves =
            |from: &Mask, to: &Mask| from.values.iter().zip(&to.values).any(|(a, b)| (a - b).abs() > LEAST_STEP);
        moves(&self.deletion, &other.deletion) || moves(&self.insertion, &other.insertion)
    }
}

/// Optimises the two masks. Reports every iteration to `report`, and the passes done in between.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn igos_pp(
    subject: &Subject<'_>,
    parameters: &IgosPpParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let mut optimiser = Optimiser::new(subject, parameters, control);
    let mut masks = Masks::ones(parameters.mask_size);
    let (whole, _) = optimiser.end_scores(&masks.product())?;
    let mut iterations = Vec::with_capacity(parameters.iterations);
    let mut has_moved = false;
    for number in 1..=parameters.iterations {
        let started = clock.seconds();
        let step = optimiser.iterate(number, &masks, report)?;
        has_moved |= step.accepted;
        masks = step.masks.clone();
        let iteration = Arc::new(optimiser.told(number, step, clock.seconds() - started)?);
        report(Update::Iteration(&iteration));
        iterations.push(iteration);
    }
    let parameters = Arc::new(parameters.clone());
    let mut explanation =
        Explanation::of_iterations(&IGOS_PP, subject.target, iterations, "objective", parameters, clock.seconds());
    let kept = explanation.iterations.iter().find(|iteration| Some(iteration.number) == explanation.kept);
    let lowered = kept.is_some_and(|kept| kept.number("score") <= whole - LEAST_FALL * whole.abs());
    explanation.nothing = match (has_moved, lowered) {
        (false, _) => Some(Nothing::Unmoved),
        (true, false) => Some(Nothing::NotLowered),
        (true, true) => None,
    };
    Ok(explanation)
}

/// What an iteration came to.
struct Step {
    masks: Masks,
    step: f64,
    accepted: bool,
    trials: usize,
    gradient_norm: f64,
}

struct Optimiser<'a> {
    subject: &'a Subject<'a>,
    parameters: &'a IgosPpParameters,
    control: &'a Control,
    scene: Scene<'a>,
    upsampling: Upsampling,
    smoothness: Smoothness,
    noise: Noise,
    /// The step the last iteration accepted.
    last_step: Option<f64>,
    /// Nesterov's θ of the last iteration.
    last_point: Option<[Vec<f64>; 2]>,
    forward_passes: Cell<usize>,
    backward_passes: usize,
}

impl<'a> Optimiser<'a> {
    fn new(subject: &'a Subject<'a>, parameters: &'a IgosPpParameters, control: &'a Control) -> Self {
        let normalisation = subject.classifier.spec().normalisation;
        let size = subject.input.size;
        Self {
            subject,
            parameters,
            control,
            scene: Scene::new(subject, parameters.baseline, parameters.seed),
            upsampling: Upsampling::new(parameters.mask_size, size),
            smoothness: Smoothness::of(&subject.input.planar, size, &normalisation.std, parameters.edge),
            noise: Noise::new(parameters.noise, crate::NoiseUnit::White, normalisation, parameters.seed),
            last_step: None,
            last_point: None,
            forward_passes: Cell::new(0),
            backward_passes: 0,
        }
    }

    fn iterate(
        &mut self,
        iteration: usize,
        masks: &Masks,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Step, ExplainError> {
        let (scores, gradient) = self.gradient(iteration, masks, report)?;
        let squared_norm: f64 = gradient.iter().map(|g| g * g).sum();
        if !squared_norm.is_finite() {
            return Err(ExplainError::NotANumber { what: "a gradient" });
        }
        let mut step = match self.parameters.search {
            IgosPpSearch::Nesterov => self.accelerated(iteration, masks, &gradient),
            IgosPpSearch::Shared | IgosPpSearch::Fresh => {
                self.searched(iteration, masks, &scores, &gradient, squared_norm)?
            }
        };
        self.last_step = step.accepted.then_some(step.step);
        step.gradient_norm = squared_norm.sqrt();
        Ok(step)
    }

    /// The scores of all points of the four paths, one path after the other, and G.
    fn gradient(
        &mut self,
        iteration: usize,
        masks: &Masks,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<(Vec<f32>, Vec<f64>), ExplainError> {
        let points = self.parameters.integration_steps;
        let mut samples = PathSamples::new(&self.scene, points, self.noise);
        samples.add(&self.upsampling, masks, &(1..=points).collect::<Vec<_>>(), iteration, 0);
        let cells = masks.deletion.values.len();
        let mut sums = vec![0.0; 2 * cells];
        let mut scores = Vec::with_capacity(samples.count());
        let total = samples.count();
        let (scene, upsampling) = (&self.scene, &self.upsampling);
        let reduce = |index: usize, gradient: &[f32]| {
            // Both sorts of path move by I − Ĩ: what insertion does the other way round, its sign does as well.
            let by_pixel = scene.mask_gradient(gradient);
            samples.by_masks(index, &by_pixel).map(|by| by.map(|by| upsampling.down(&by)))
        };
        self.subject.gradients(&samples, self.control, &reduce, |score, by_masks| {
            let scale = f64::from(samples.scale(scores.len())) / points as f64 / 2.0;
            for (sums, by_mask) in sums.chunks_exact_mut(cells).zip(&by_masks) {
                for (sum, by_cell) in sums.iter_mut().zip(by_mask.iter().flatten()) {
                    *sum += scale * f64::from(*by_cell);
                }
            }
            scores.push(score);
            report(Update::Progress { iteration, done: scores.len(), total });
        })?;
        self.forward_passes.set(self.forward_passes.get() + total);
        self.backward_passes += total;
        let product = masks.product();
        let mut by_product = vec![0.0; cells];
        let IgosPpParameters { l1_weight, tv_weight, .. } = *self.parameters;
        product.add_regulariser_gradient(l1_weight, tv_weight / 2.0, &mut by_product);
        self.smoothness.add_gradient(&product, &self.upsampling, tv_weight / 2.0, &mut by_product);
        let (by_deletion, by_insertion) = sums.split_at_mut(cells);
        for (cell, by) in by_product.iter().enumerate() {
            by_deletion[cell] += by * f64::from(masks.insertion.values[cell]);
            by_insertion[cell] += by * f64::from(masks.deletion.values[cell]);
        }
        Ok((scores, sums))
    }

    /// λ₁·mean|1 − M| and λ₂·BTV(M).
    fn regularisers(&self, product: &Mask) -> (f64, f64) {
        let IgosPpParameters { l1_weight, tv_weight, .. } = *self.parameters;
        let variation = product.tv() + self.smoothness.of_mask(product, &self.upsampling);
        (l1_weight * product.l1(), tv_weight * variation / 2.0)
    }

    /// The step that a line search ends with.
    fn searched(
        &self,
        iteration: usize,
        masks: &Masks,
        scores: &[f32],
        gradient: &[f64],
        squared_norm: f64,
    ) -> Result<Step, ExplainError> {
        let IgosPpParameters { step_max, step_min, step_decay, armijo, search, .. } = *self.parameters;
        let points = self.search_points();
        let scored = if search == IgosPpSearch::Fresh {
            self.path_score(iteration, 1, masks, &points)?
        } else {
            let all = self.parameters.integration_steps;
            let own = scores
                .chunks_exact(all.max(1))
                .zip(Part::ALL)
                .map(|(scores, part)| part.sign() * mean(points.iter().map(|point| f64::from(scores[point - 1]))));
            own.sum()
        };
        let objective = |masks: &Masks, score: f64| {
            let (l1, tv) = self.regularisers(&masks.product());
            score + l1 + tv
        };
        let before = objective(masks, scored);
        let floor = if self.subject.target.floor() == 0.0 { FLOOR } else { f64::NEG_INFINITY };
        let mut step = match (search, self.last_step) {
            (IgosPpSearch::Shared, Some(last)) => step_max.min(last / step_decay),
            _ => step_max,
        };
        for trials in 1.. {
            let stepped = masks.stepped(step, gradient);
            let promised = before - step * armijo * squared_norm;
            let is_last = step < step_min;
            let moves = masks.moves_to(&stepped);
            if is_last || moves && objective(&stepped, floor) <= promised {
                let draw = if search == IgosPpSearch::Fresh { 1 + trials } else { 0 };
                let score = self.path_score(iteration, draw, &stepped, &points)?;
                let accepted = moves && objective(&stepped, score) <= promised;
                if accepted || is_last {
                    return Ok(Step { masks: stepped, step, accepted, trials, gradient_norm: 0.0 });
                }
            }
            step *= step_decay;
        }
        unreachable!("a step comes below every number above 0")
    }

    /// Nesterov's accelerated step: θ_k = M − α·G, M ← P(θ_k + k/(k + 3)·(θ_k − θ_{k−1})).
    fn accelerated(&mut self, iteration: usize, masks: &Masks, gradient: &[f64]) -> Step {
        let step = self.parameters.step_max;
        let gradients = gradient.split_at(masks.deletion.values.len());
        let point = |mask: &Mask, gradient: &[f64]| -> Vec<f64> {
            mask.values.iter().zip(gradient).map(|(m, g)| f64::from(*m) - step * g).collect()
        };
        let points = [point(&masks.deletion, gradients.0), point(&masks.insertion, gradients.1)];
        let last = self.last_point.take().unwrap_or_else(|| points.clone());
        let ahead = (iteration - 1) as f64 / (iteration + 2) as f64;
        let moved = |point: &[f64], last: &[f64]| Mask {
            size: masks.deletion.size,
            values: point.iter().zip(last).map(|(p, l)| (p + ahead * (p - l)).clamp(0.0, 1.0) as f32).collect(),
        };
        let stepped = Masks { deletion: moved(&points[0], &last[0]), insertion: moved(&points[1], &last[1]) };
        self.last_point = Some(points);
        Step { accepted: masks.moves_to(&stepped), masks: stepped, step, trials: 1, gradient_norm: 0.0 }
    }

    /// D(M_x) + N(M_y) + D(M_x ⊙ M_y) + N(M_x ⊙ M_y), each over some points of its path.
    fn path_score(&self, iteration: usize, draw: usize, masks: &Masks, points: &[usize]) -> Result<f64, ExplainError> {
        let mut samples = PathSamples::new(&self.scene, self.parameters.integration_steps, self.noise);
        samples.add(&self.upsampling, masks, points, iteration, draw);
        let scores = self.scores(&samples)?;
        let parts = scores.chunks_exact(points.len().max(1)).zip(Part::ALL);
        Ok(parts.map(|(scores, part)| part.sign() * mean(scores.iter().map(|score| f64::from(*score)))).sum())
    }

    /// The scores, without noise, of what a mask leaves and of what it deletes.
    fn end_scores(&self, product: &Mask) -> Result<(f64, f64), ExplainError> {
        let mut samples = PathSamples::new(&self.scene, 1, self.noise);
        samples.add_ends(&self.upsampling, product);
        let scores = self.scores(&samples)?;
        Ok((f64::from(scores[0]), f64::from(scores[1])))
    }

    fn scores(&self, samples: &PathSamples<'_>) -> Result<Vec<f32>, ExplainError> {
        let scores = self.subject.scores(samples, self.control)?;
        self.forward_passes.set(self.forward_passes.get() + scores.len());
        Ok(scores)
    }

    /// The points s of the paths, from 1 to S, on which a search compares: all, or some evenly spread with the last.
    fn search_points(&self) -> Vec<usize> {
        let all = self.parameters.integration_steps;
        let some = match self.parameters.search {
            IgosPpSearch::Shared => self.parameters.search_points.min(all),
            IgosPpSearch::Fresh | IgosPpSearch::Nesterov => all,
        };
        (1..=some).map(|point| (2 * all * point + some) / (2 * some)).collect()
    }

    /// What whoever watches is told of an iteration: [`TERMS`].
    fn told(&mut self, number: usize, step: Step, seconds: f64) -> Result<Iteration, ExplainError> {
        let mask = step.masks.product();
        let (score, revealed) = self.end_scores(&mask)?;
        let (l1, tv) = self.regularisers(&mask);
        let whole = |count: usize| Value::Whole(count as u64);
        let values = vec![
            Value::Real(score),
            Value::Real(revealed),
            Value::Real(l1),
            Value::Real(tv),
            Value::Real(score - revealed + l1 + tv),
            Value::Real(step.step),
            Value::Switch(step.accepted),
            whole(step.trials),
            Value::Real(step.gradient_norm),
            whole(self.forward_passes.take()),
            whole(std::mem::take(&mut self.backward_passes)),
        ];
        Ok(Iteration { number, terms: TERMS, values, seconds, mask })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0_usize, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::{
        imaging::Sample,
        model::{Target, load_embedded},
    };

    /// The direction is the slope of half the four scores and the regularisers.
    #[test]
    fn the_gradient_is_the_objectives_slope() {
        let model = load_embedded(&Device::Cpu, 0, None).unwrap();
        let input = model.spec().preprocess(&Sample::named("coffee").unwrap().photo().unwrap()).unwrap();
        let subject = Subject { classifier: model.as_ref(), input: &input, target: Target::probability(967) };
        let parameters =
            IgosPpParameters { mask_size: 4, integration_steps: 2, noise: 0.0, ..IgosPpParameters::default() };
        let control = Control::default();
        let mut optimiser = Optimiser::new(&subject, &parameters, &control);
        let wave = |phase: f32| Mask {
            size: 4,
            values: (0..16).map(|cell| 0.6 + 0.3 * (cell as f32 * 1.7 + phase).sin()).collect(),
        };
        let masks = Masks { deletion: wave(0.0), insertion: wave(1.0) };
        let (_, gradient) = optimiser.gradient(1, &masks, &mut |_| {}).unwrap();
        let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        for cell in [0, 5, 10, 16, 22, 31] {
            let objective = |by: f32| {
                let mut moved = masks.clone();
                let mask = if cell < 16 { &mut moved.deletion } else { &mut moved.insertion };
                mask.values[cell % 16] += by;
                let (l1, tv) = optimiser.regularisers(&moved.product());
                optimiser.path_score(1, 0, &moved, &[1, 2]).unwrap() / 2.0 + l1 + tv
            };
            let slope = (objective(0.01) - objective(-0.01)) / f64::from(0.02_f32);
            assert!((slope - gradient[cell]).abs() < 0.02 * length, "{cell}: {slope} is not {}", gradient[cell]);
        }
    }
}
