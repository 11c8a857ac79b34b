//! I-GOS: a deletion mask, optimised along integrated gradients.
//!
//! Source: Qi, Khorram, Li, *Visualizing Deep Networks by Optimizing with Integrated Gradients*, AAAI 2020
//! (arXiv 1905.00954). Φ(I, M) = I ⊙ up(M) + Ĩ ⊙ (1 − up(M)); the mask M, 1 where a pixel is kept, is to minimise
//! F(M) = f_c(Φ(I, M)) + λ₁·mean|1 − M| + λ₂·TV(M). It descends along the integrated gradient
//! G = (1/S) Σ_s ∂/∂M f_c(Φ(I, (s/S)·up(M)) + n_s) + ∇(λ₁ and λ₂ terms), in steps of a backtracking line search.
//!
//! f_c is the subject's target: in the paper the probability of the class. The line search, its Armijo condition and
//! every [`Step`]'s score are in the same score. The defaults of λ₁ and λ₂ are made for probabilities, which move by 1
//! at most; logits move further, so that their masks delete more until both weights are raised as well.

use super::{
    Control, ExplainError, Explanation, IgosParameters, LineSearch, Mask, MethodKind, Step, Subject, Update,
    parameters::CONVERGED_AFTER,
    path_samples::{PathSample, PathSamples},
    stopwatch::Stopwatch,
    subject::Scene,
    upsampling::Upsampling,
};

/// Factors of λ₁, and the change of score, made for a probability, up to which they apply, at K/2 and at K/1.25 of the iterations.
/// Source: the authors' first program, <https://github.com/zhongangqi/IGOS>.
const L1_DECAY: [(f64, f64, f64); 2] = [(2.0, 0.001, 0.1), (1.25, 0.01, 0.2)];

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
    parameters.check(subject.input.side)?;
    let clock = Stopwatch::start(control);
    let mut optimiser = Optimiser::new(subject, parameters, control);
    let mut steps: Vec<Step> = Vec::with_capacity(parameters.iterations);
    let mut mask = Mask::ones(parameters.mask_size);
    // Not a step has been taken: the score of the whole picture.
    let mut score = optimiser.end_scores(std::slice::from_ref(&mask))?[0];
    let first_score = score;
    let mut unchanged = 0;
    for iteration in 1..=parameters.iterations {
        let started = clock.seconds();
        let before = score;
        let step = optimiser.iterate(iteration, &mask, score, report)?;
        let change = step.mask.mean_change(&mask);
        unchanged = if change < parameters.convergence_tolerance { unchanged + 1 } else { 0 };
        mask = step.mask.clone();
        score = step.score;
        let step = Step { seconds: clock.seconds() - started, ..step };
        report(Update::Step(&step));
        steps.push(step);
        if unchanged == CONVERGED_AFTER {
            break;
        }
        if parameters.l1_decay {
            optimiser.decay_l1(iteration, (before - first_score).abs());
        }
    }
    Ok(Explanation {
        method: MethodKind::Igos,
        target: subject.target,
        saliency: mask.saliency(),
        signed: None,
        mask: Some(mask),
        steps,
        parameters: serde_json::to_value(parameters).unwrap_or_default(),
        seconds: clock.seconds(),
    })
}

/// The candidate that a line search ended with.
struct Found {
    mask: Mask,
    step: f64,
    accepted: bool,
    trials: usize,
    /// The search's objective before and after.
    before: f64,
    after: f64,
    /// f_c at the end of the path, where the search computed it.
    end_score: Option<f64>,
}

struct Optimiser<'a> {
    subject: &'a Subject<'a>,
    parameters: &'a IgosParameters,
    control: &'a Control,
    scene: Scene<'a>,
    upsampling: Upsampling,
    /// λ₁ as it is now.
    l1_weight: f64,
    /// The step the last iteration accepted.
    last_step: Option<f64>,
    forward_passes: usize,
    backward_passes: usize,
}

impl<'a> Optimiser<'a> {
    fn new(subject: &'a Subject<'a>, parameters: &'a IgosParameters, control: &'a Control) -> Self {
        Self {
            subject,
            parameters,
            control,
            scene: Scene::new(subject, parameters.baseline, parameters.seed),
            upsampling: Upsampling::new(parameters.mask_size, subject.input.side),
            l1_weight: parameters.l1_weight,
            last_step: None,
            forward_passes: 0,
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
        let found = self.search(iteration, mask, score, &scores, &gradient, squared_norm)?;
        let score = match found.end_score {
            Some(score) => score,
            None => self.end_scores(std::slice::from_ref(&found.mask))?[0],
        };
        self.last_step = found.accepted.then_some(found.step);
        let (l1, tv) = self.regularisers(&found.mask);
        Ok(Step {
            iteration,
            score,
            l1,
            tv,
            objective: score + l1 + tv,
            step: found.step,
            accepted: found.accepted,
            trials: found.trials,
            search_before: found.before,
            search_after: found.after,
            gradient_norm: squared_norm.sqrt(),
            forward_passes: std::mem::take(&mut self.forward_passes),
            backward_passes: std::mem::take(&mut self.backward_passes),
            seconds: 0.0,
            mask: found.mask,
        })
    }

    /// λ₁·mean|1 − M| and λ₂·TV(M).
    fn regularisers(&self, mask: &Mask) -> (f64, f64) {
        (self.l1_weight * mask.l1(), self.parameters.tv_weight * mask.tv())
    }

    fn regularised(&self, score: f64, mask: &Mask) -> f64 {
        let (l1, tv) = self.regularisers(mask);
        score + l1 + tv
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
        self.forward_passes += points;
        self.backward_passes += points;
        mask.add_regulariser_gradient(self.l1_weight, self.parameters.tv_weight, &mut sum);
        Ok((scores, sum))
    }

    /// Tries α = α_u, η·α_u, … until one meets the revised Armijo condition or they are too small.
    fn search(
        &mut self,
        iteration: usize,
        mask: &Mask,
        end_score: f64,
        path_scores: &[f32],
        gradient: &[f64],
        squared_norm: f64,
    ) -> Result<Found, ExplainError> {
        let IgosParameters { step_max, step_min, armijo, step_decay, line_search, .. } = *self.parameters;
        let base = match line_search {
            LineSearch::EndPoint => end_score,
            LineSearch::Path => self.path_scores(iteration, 1, std::slice::from_ref(mask))?[0],
            // The gradient's own samples: same points, same noise.
            LineSearch::PathShared => mean(self.search_points().map(|point| f64::from(path_scores[point - 1]))),
        };
        let before = self.regularised(base, mask);
        let mut step = match (line_search, self.last_step) {
            (LineSearch::PathShared, Some(last)) => step_max.min(last / step_decay),
            _ => step_max,
        };
        let mut trials = 0;
        loop {
            let steps = self.candidates(step, step_min, step_decay);
            let masks: Vec<Mask> = steps.iter().map(|&step| mask.stepped(step, gradient)).collect();
            let scores = match line_search {
                LineSearch::EndPoint => self.end_scores(&masks)?,
                LineSearch::Path => self.path_scores(iteration, 2 + trials, &masks)?,
                LineSearch::PathShared => self.path_scores(iteration, 0, &masks)?,
            };
            for ((&alpha, mask), score) in steps.iter().zip(masks).zip(scores) {
                trials += 1;
                let after = self.regularised(score, &mask);
                let accepted = after - before <= -alpha * armijo * squared_norm;
                step = alpha * step_decay;
                if accepted || alpha < step_min {
                    let end_score = (line_search == LineSearch::EndPoint).then_some(score);
                    return Ok(Found { mask, step: alpha, accepted, trials, before, after, end_score });
                }
            }
        }
    }

    /// The next step sizes to try, as many as fill a batch; the last one may be below α_l.
    fn candidates(&self, first: f64, step_min: f64, step_decay: f64) -> Vec<f64> {
        let points = match self.parameters.line_search {
            LineSearch::EndPoint => 1,
            LineSearch::Path => self.parameters.integration_steps,
            LineSearch::PathShared => self.search_points().count(),
        };
        let most = (self.subject.classifier.batch_size() / points).max(1);
        let mut steps = vec![first];
        while let Some(&last) = steps.last()
            && last >= step_min
            && steps.len() < most
        {
            steps.push(last * step_decay);
        }
        steps
    }

    /// f_c(Φ(I, M)) of each mask, without noise.
    fn end_scores(&mut self, masks: &[Mask]) -> Result<Vec<f64>, ExplainError> {
        let mut samples = self.path_samples(&masks.iter().collect::<Vec<_>>());
        for index in 0..masks.len() {
            samples.push(PathSample { mask: index, scale: 1.0, stream: None });
        }
        let scores = self.subject.scores(&samples, self.control)?;
        self.forward_passes += scores.len();
        Ok(scores.into_iter().map(f64::from).collect())
    }

    /// The mean score along the search's points of the path, with noise, of each mask. The noise of the first mask is
    /// draw `draw` of this iteration, and of every further one the next; draw 0, the gradient's, is shared by all.
    fn path_scores(&mut self, iteration: usize, draw: usize, masks: &[Mask]) -> Result<Vec<f64>, ExplainError> {
        let mut samples = self.path_samples(&masks.iter().collect::<Vec<_>>());
        for index in 0..masks.len() {
            let draw = if draw == 0 { 0 } else { draw + index };
            samples.extend(index, self.search_points(), iteration, draw);
        }
        let scores = self.subject.scores(&samples, self.control)?;
        self.forward_passes += scores.len();
        let points = self.search_points().count();
        Ok(scores.chunks_exact(points).map(|scores| mean(scores.iter().map(|&score| f64::from(score)))).collect())
    }

    /// The points s of the path, from 1 to S, on which a search compares: all, or some evenly spread with the last.
    fn search_points(&self) -> impl Iterator<Item = usize> + use<> {
        let all = self.parameters.integration_steps;
        let some = match self.parameters.line_search {
            LineSearch::PathShared => self.parameters.search_points.min(all),
            LineSearch::Path | LineSearch::EndPoint => all,
        };
        (1..=some).map(move |point| (2 * all * point + some) / (2 * some))
    }

    fn path_samples<'b>(&'b self, masks: &[&Mask]) -> PathSamples<'b> {
        let noise = self.parameters.noise_std as f32;
        PathSamples::new(
            &self.scene,
            &self.upsampling,
            masks,
            self.parameters.integration_steps,
            noise,
            self.parameters.seed,
        )
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

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0_usize, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / count.max(1) as f64
}
