//! I-GOS: a deletion mask, optimised along integrated gradients.
//!
//! Source: Qi, Khorram, Li, *Visualizing Deep Networks by Optimizing with Integrated Gradients*, AAAI 2020
//! (arXiv 1905.00954). Φ(I, M) = I ⊙ up(M) + Ĩ ⊙ (1 − up(M)); the mask M, 1 where a pixel is kept, is to minimise
//! F(M) = f_c(Φ(I, M)) + λ₁·mean|1 − M| + λ₂·TV(M). It descends along the integrated gradient
//! G = (1/S) Σ_s ∂/∂M f_c(Φ(I, (s/S)·up(M)) + n_s) + ∇(λ₁ and λ₂ terms), in steps of a backtracking line search.
//!
//! f_c is the subject's target: in the paper the probability of the class. The line search, its Armijo condition and
//! every iteration's score are in the same score. The defaults of λ₁ and λ₂ are made for probabilities, which move by 1
//! at most; logits move further, so that their masks delete more until both weights are raised as well.

mod line_search;
mod parameters;
mod path;
mod presets;
mod row;

use std::{cell::Cell, sync::Arc};

pub use parameters::{CONVERGED_AFTER, IgosParameters, LineSearch};
pub use row::IGOS;

use crate::{
    Control, ExplainError, Explanation, Iteration, Mask, Nothing, Subject, Update, Value, noise::Noise,
    stopwatch::Stopwatch, subject::Scene, upsampling::Upsampling,
};
use line_search::{Backtracking, Found, Question, Regularisers, Start, mean};
use path::{PathSample, PathSamples};
use row::TERMS;

/// Factors of λ₁, and the change of score, made for a probability, up to which they apply, at K/2 and at K/1.25 of the iterations.
/// Source: the authors' first program, <https://github.com/zhongangqi/IGOS>.
const L1_DECAY: [(f64, f64, f64); 2] = [(2.0, 0.001, 0.1), (1.25, 0.01, 0.2)];

/// Searches in a row, from the first, that must have accepted nothing before a run that may end early gives up.
const HOPELESS_AFTER: usize = 4;

/// The least fall of the score that is a finding, as a share of the whole picture's.
const LEAST_FALL: f64 = 1e-3;

/// Iterations up to which the authors' first program leaves λ₁ alone.
const L1_DECAY_FROM: usize = 4;

/// Optimises a mask. Reports every iteration to `report`, and the passes done in between.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn igos(
    subject: &Subject<'_>,
    parameters: &IgosParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let mut optimiser = Optimiser::new(subject, parameters, control);
    let mut iterations = Vec::with_capacity(parameters.iterations);
    let mut mask = Mask::ones(parameters.mask_size);
    // Not a step has been taken: the score of the whole picture.
    let mut score = optimiser.end_score(&mask)?;
    let first_score = score;
    let (mut unchanged, mut has_moved) = (0, false);
    for number in 1..=parameters.iterations {
        let started = clock.seconds();
        let before = score;
        let step = optimiser.iterate(number, &mask, score, report)?;
        let change = step.mask.mean_change(&mask);
        has_moved |= step.found.accepted;
        unchanged = if change < parameters.convergence_tolerance { unchanged + 1 } else { 0 };
        mask = step.mask.clone();
        score = step.score;
        let iteration = Arc::new(step.told(number, clock.seconds() - started));
        report(Update::Iteration(&iteration));
        iterations.push(iteration);
        let is_hopeless = !has_moved && number == HOPELESS_AFTER && parameters.convergence_tolerance > 0.0;
        if unchanged == CONVERGED_AFTER || is_hopeless {
            break;
        }
        if parameters.l1_decay {
            optimiser.decay_l1(number, (before - first_score).abs());
        }
    }
    let parameters = Arc::new(parameters.clone());
    let mut explanation =
        Explanation::of_iterations(&IGOS, subject.target, iterations, "objective", parameters, clock.seconds());
    explanation.nothing = if has_moved { not_lowered(&explanation, first_score) } else { Some(Nothing::Unmoved) };
    Ok(explanation)
}

/// Whether the score at the mask that was kept is hardly lower than the whole picture's. The masks between the two may
/// lower it all the same, so a search along the path can end so.
fn not_lowered(explanation: &Explanation, whole: f64) -> Option<Nothing> {
    let kept = explanation.iterations.iter().find(|iteration| Some(iteration.number) == explanation.kept)?;
    (kept.number("score") > whole - LEAST_FALL * whole.abs()).then_some(Nothing::NotLowered)
}

/// What an iteration came to.
struct Step {
    mask: Mask,
    score: f64,
    l1: f64,
    tv: f64,
    found: Search,
    gradient_norm: f64,
    forward_passes: usize,
    backward_passes: usize,
}

/// How its line search ended.
struct Search {
    step: f64,
    accepted: bool,
    trials: usize,
    before: f64,
    after: f64,
}

impl Step {
    /// The same as whoever watches is told: [`TERMS`].
    fn told(self, number: usize, seconds: f64) -> Iteration {
        let Self { mask, score, l1, tv, found, gradient_norm, forward_passes, backward_passes } = self;
        let whole = |count: usize| Value::Whole(count as u64);
        let values = vec![
            Value::Real(score),
            Value::Real(l1),
            Value::Real(tv),
            Value::Real(score + l1 + tv),
            Value::Real(found.step),
            Value::Switch(found.accepted),
            whole(found.trials),
            Value::Real(found.before),
            Value::Real(found.after),
            Value::Real(gradient_norm),
            whole(forward_passes),
            whole(backward_passes),
        ];
        Iteration { number, terms: TERMS, values, seconds, mask }
    }
}

struct Optimiser<'a> {
    subject: &'a Subject<'a>,
    parameters: &'a IgosParameters,
    control: &'a Control,
    scene: Scene<'a>,
    upsampling: Upsampling,
    noise: Noise,
    /// λ₁ as it is now.
    l1_weight: f64,
    /// The step the last iteration accepted.
    last_step: Option<f64>,
    forward_passes: Cell<usize>,
    backward_passes: usize,
}

impl<'a> Optimiser<'a> {
    fn new(subject: &'a Subject<'a>, parameters: &'a IgosParameters, control: &'a Control) -> Self {
        Self {
            subject,
            parameters,
            control,
            scene: Scene::new(subject, parameters.baseline, parameters.seed),
            upsampling: Upsampling::new(parameters.mask_size, subject.input.size),
            noise: Noise::new(
                parameters.noise,
                parameters.noise_unit,
                subject.classifier.spec().normalisation,
                parameters.seed,
            ),
            l1_weight: parameters.l1_weight,
            last_step: None,
            forward_passes: Cell::new(0),
            backward_passes: 0,
        }
    }

    fn iterate(
        &mut self,
        iteration: usize,
        mask: &Mask,
        score: f64,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Step, ExplainError> {
        let (scores, gradient) = self.integrated_gradient(iteration, mask, report)?;
        let squared_norm: f64 = gradient.iter().map(|g| g * g).sum();
        if !squared_norm.is_finite() {
            return Err(ExplainError::NotANumber { what: "a gradient" });
        }
        let (before, found) = self.search(iteration, mask, score, &scores, &gradient, squared_norm)?;
        let score = match self.parameters.line_search {
            LineSearch::EndPoint => found.score,
            LineSearch::Path | LineSearch::PathShared => self.end_score(&found.mask)?,
        };
        self.last_step = found.accepted.then_some(found.step);
        let (l1, tv) = self.regularisers().of(&found.mask);
        Ok(Step {
            score,
            l1,
            tv,
            found: Search {
                step: found.step,
                accepted: found.accepted,
                trials: found.trials,
                before,
                after: found.objective,
            },
            gradient_norm: squared_norm.sqrt(),
            forward_passes: self.forward_passes.take(),
            backward_passes: std::mem::take(&mut self.backward_passes),
            mask: found.mask,
        })
    }

    /// λ₁ and λ₂ as they are now.
    fn regularisers(&self) -> Regularisers {
        Regularisers { l1_weight: self.l1_weight, tv_weight: self.parameters.tv_weight }
    }

    /// The scores of all S points of the path, with noise, and G.
    fn integrated_gradient(
        &mut self,
        iteration: usize,
        mask: &Mask,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<(Vec<f32>, Vec<f64>), ExplainError> {
        let points = self.parameters.integration_steps;
        let mut samples = self.path_samples(&[mask]);
        samples.extend(0, 1..=points, iteration, 0);
        let mut scores = Vec::with_capacity(points);
        let mut sum = vec![0.0; mask.values.len()];
        let (scene, upsampling) = (&self.scene, &self.upsampling);
        let reduce = |_: usize, gradient: &[f32]| upsampling.down(&scene.mask_gradient(gradient));
        self.subject.gradients(&samples, self.control, &reduce, |score, cells: Vec<f32>| {
            scores.push(score);
            // The derivative goes through (s/S)·up(M).
            let scale = scores.len() as f64 / points as f64;
            for (sum, cell) in sum.iter_mut().zip(&cells) {
                *sum += scale * f64::from(*cell) / points as f64;
            }
            report(Update::Progress { iteration, done: scores.len(), total: points });
        })?;
        self.forward_passes.set(self.forward_passes.get() + points);
        self.backward_passes += points;
        mask.add_regulariser_gradient(self.l1_weight, self.parameters.tv_weight, &mut sum);
        Ok((scores, sum))
    }

    /// The objective at the mask as the search sees it, and the step that it ends with.
    fn search(
        &self,
        iteration: usize,
        mask: &Mask,
        end_score: f64,
        path_scores: &[f32],
        gradient: &[f64],
        squared_norm: f64,
    ) -> Result<(f64, Found), ExplainError> {
        let IgosParameters { step_max, step_decay, line_search, .. } = *self.parameters;
        // The gradient's own samples: for `path-shared` the same points and the same noise, for `path` the same points.
        let own: Vec<f32> = self.search_points().map(|point| path_scores[point - 1]).collect();
        let score = match line_search {
            LineSearch::EndPoint => end_score,
            LineSearch::Path => {
                let mut samples = self.path_samples(&[mask]);
                samples.extend(0, self.search_points(), iteration, 1);
                mean(self.scores(&samples)?.into_iter().map(f64::from))
            }
            LineSearch::PathShared => mean(own.iter().map(|score| f64::from(*score))),
        };
        let step = match (line_search, self.last_step) {
            (LineSearch::PathShared, Some(last)) => step_max.min(last / step_decay),
            _ => step_max,
        };
        let regularisers = self.regularisers();
        let objective = regularisers.objective(score, mask);
        let floor = self.subject.target.floor();
        let start = Start { mask, gradient, scores: &own, objective, floor, step, regularisers };
        let mut search = Backtracking::new(start, squared_norm, self.parameters);
        loop {
            if let Some(found) = search.found() {
                return Ok((objective, found));
            }
            let questions = search.questions(self.subject.classifier.concurrency());
            for (question, score) in questions.iter().zip(self.trial_scores(iteration, &search, &questions)?) {
                search.tell(*question, score);
            }
        }
    }

    /// f_c at points of the paths of masks that a search tries.
    fn trial_scores(
        &self,
        iteration: usize,
        search: &Backtracking<'_>,
        questions: &[Question],
    ) -> Result<Vec<f32>, ExplainError> {
        let first = questions.iter().map(|question| question.trial).min().unwrap_or(0);
        let end = questions.iter().map(|question| question.trial + 1).max().unwrap_or(0);
        let masks: Vec<&Mask> = (first..end).map(|trial| search.mask(trial)).collect();
        let points: Vec<usize> = self.search_points().collect();
        let mut samples = self.path_samples(&masks);
        for &Question { trial, point } in questions {
            let (mask, point) = (trial - first, std::iter::once(points[point]));
            match self.parameters.line_search {
                LineSearch::EndPoint => samples.push(PathSample::end(mask)),
                // Noise of its own for every trial; draw 1 was for what they are compared with.
                LineSearch::Path => samples.extend(mask, point, iteration, 2 + trial),
                // That of the gradient, for all.
                LineSearch::PathShared => samples.extend(mask, point, iteration, 0),
            }
        }
        self.scores(&samples)
    }

    /// f_c(Φ(I, M)), without noise.
    fn end_score(&self, mask: &Mask) -> Result<f64, ExplainError> {
        let mut samples = self.path_samples(&[mask]);
        samples.push(PathSample::end(0));
        Ok(f64::from(self.scores(&samples)?[0]))
    }

    fn scores(&self, samples: &PathSamples<'_>) -> Result<Vec<f32>, ExplainError> {
        let scores = self.subject.scores(samples, self.control)?;
        self.forward_passes.set(self.forward_passes.get() + scores.len());
        Ok(scores)
    }

    /// The points s of the path, from 1 to S, on which a search compares: all, or some evenly spread with the last, or
    /// the last alone.
    fn search_points(&self) -> impl Iterator<Item = usize> + use<> {
        let all = self.parameters.integration_steps;
        let some = match self.parameters.line_search {
            LineSearch::EndPoint => 1,
            LineSearch::Path => all,
            LineSearch::PathShared => self.parameters.search_points.min(all),
        };
        (1..=some).map(move |point| (2 * all * point + some) / (2 * some))
    }

    fn path_samples<'b>(&'b self, masks: &[&Mask]) -> PathSamples<'b> {
        let points = self.parameters.integration_steps;
        PathSamples::new(&self.scene, &self.upsampling, masks, points, self.noise)
    }

    fn decay_l1(&mut self, iteration: usize, score_change: f64) {
        let iterations = self.parameters.iterations;
        if iterations < L1_DECAY_FROM {
            return;
        }
        for (divisor, change, factor) in L1_DECAY {
            if iteration - 1 == (iterations as f64 / divisor) as usize {
                if score_change <= change {
                    self.l1_weight *= factor;
                }
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Target;

    #[test]
    fn a_score_that_does_not_fall_is_no_finding_whatever_the_path_to_the_mask_did() {
        let nothing = |whole: f64, scores: &[f64]| {
            let iteration = |(at, score): (usize, &f64)| {
                let value = |term: &crate::Term| match term.name {
                    "score" | "objective" => Value::Real(*score),
                    _ => Value::Real(0.0),
                };
                let values = TERMS.iter().map(value).collect();
                Arc::new(Iteration { number: at + 1, terms: TERMS, values, seconds: 0.0, mask: Mask::ones(1) })
            };
            let iterations = scores.iter().enumerate().map(iteration).collect();
            let parameters = Arc::new(IgosParameters::default());
            let of =
                Explanation::of_iterations(&IGOS, Target::probability(0), iterations, "objective", parameters, 0.0);
            not_lowered(&of, whole)
        };
        assert_eq!(nothing(0.5, &[0.6, 0.5, 0.55]), Some(Nothing::NotLowered));
        assert_eq!(nothing(0.5, &[0.6, 0.49, 0.55]), None, "the best is kept");
        assert_eq!(nothing(-3.0, &[-2.9, -2.999]), Some(Nothing::NotLowered), "a logit");
        assert_eq!(nothing(-3.0, &[-3.1]), None);
    }
}
