//! Backtracking line search under the revised Armijo condition: α = α_u, η·α_u, … until
//! F(P(M − αG)) − F(M) ≤ −α·β·‖G‖², or until α is below α_l.
//!
//! It knows no model: it says which scores it wants next, is told them, and says when it has found its step. It wants
//! none that cannot change what it finds. A probability is never below 0, so a step is rejected as soon as its
//! regularisers and the scores seen so far are too high together: long steps before any score, most others after the
//! points of the path that matter most.

use super::IgosParameters;
use crate::Mask;

/// How much higher than allowed an objective must be for certain before it is rejected unseen, relative to itself or 1:
/// sums that end in another order differ by less, so that nothing else is found than if all scores were seen.
const MARGIN: f64 = 1e-9;

/// The least change of a cell that is a step: what is less is rounding, and may lower an objective by chance.
const LEAST_STEP: f32 = 1e-6;

/// λ₁ and λ₂.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regularisers {
    pub l1_weight: f64,
    pub tv_weight: f64,
}

impl Regularisers {
    /// λ₁·mean|1 − M| and λ₂·TV(M).
    pub fn of(self, mask: &Mask) -> (f64, f64) {
        (self.l1_weight * mask.l1(), self.tv_weight * mask.tv())
    }

    /// F(M) for a score.
    pub fn objective(self, score: f64, mask: &Mask) -> f64 {
        let (l1, tv) = self.of(mask);
        score + l1 + tv
    }
}

/// What a search begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    /// M.
    pub mask: &'a Mask,
    /// G.
    pub gradient: &'a [f64],
    /// The scores at M, one a point, whose mean is the score that is searched; of another draw of the noise, perhaps.
    pub scores: &'a [f32],
    /// F(M), as the search sees it.
    pub objective: f64,
    /// A score that none is below.
    pub floor: f64,
    /// The first α.
    pub step: f64,
    pub regularisers: Regularisers,
}

/// A score that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    /// Number of the trial, from 0.
    pub trial: usize,
    /// Number of the point, from 0.
    pub point: usize,
}

/// The step that a search ended with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub mask: Mask,
    pub step: f64,
    /// Whether it meets the condition. If not, it is the last, smallest one.
    pub accepted: bool,
    /// Steps tried.
    pub trials: usize,
    /// Its mean score.
    pub score: f64,
    /// Its objective.
    pub objective: f64,
}

/// A search under way.
pub(super) struct Backtracking<'a> {
    start: Start<'a>,
    squared_norm: f64,
    armijo: f64,
    step_decay: f64,
    step_min: f64,
    /// All points, those with the highest scores at M first: they are most likely to show that a step is too long.
    order: Vec<usize>,
    trials: Vec<Trial>,
    /// How many of the first trials are rejected.
    rejected: usize,
}

/// One step.
struct Trial {
    step: f64,
    mask: Mask,
    /// Whether it changes the mask by more than rounding.
    moves: bool,
    /// λ₁·mean|1 − M|, λ₂·TV(M).
    regularisers: (f64, f64),
    /// What is known, one a point.
    scores: Vec<Option<f32>>,
    /// How many points, in the search's order, were asked for.
    asked: usize,
}

impl Trial {
    /// The mean of all scores, where those that are not known are `unknown`.
    fn score(&self, unknown: f64) -> f64 {
        mean(self.scores.iter().map(|score| score.map_or(unknown, f64::from)))
    }

    fn objective(&self, score: f64) -> f64 {
        let (l1, tv) = self.regularisers;
        score + l1 + tv
    }

    fn is_complete(&self) -> bool {
        self.scores.iter().all(Option::is_some)
    }
}

impl<'a> Backtracking<'a> {
    /// No step has been tried yet. `start` has at least one score.
    pub fn new(start: Start<'a>, squared_norm: f64, parameters: &IgosParameters) -> Self {
        let &IgosParameters { armijo, step_decay, step_min, .. } = parameters;
        let mut order: Vec<usize> = (0..start.scores.len()).collect();
        order.sort_by(|&a, &b| start.scores[b].total_cmp(&start.scores[a]));
        Self { start, squared_norm, armijo, step_decay, step_min, order, trials: Vec::new(), rejected: 0 }
    }

    /// The next scores it wants, at least one and `most` at most, of steps that may never be needed where those before
    /// do not have enough points. All must be [told](Self::tell) before it is asked again.
    pub fn questions(&mut self, most: usize) -> Vec<Question> {
        let mut questions = Vec::new();
        let mut number = self.rejected;
        while questions.len() < most.max(1) {
            if number == self.trials.len() && !self.try_next() {
                break;
            }
            let trial = &self.trials[number];
            if self.is_hopeless(trial) || trial.asked == self.order.len() {
                number += 1;
            } else {
                questions.push(Question { trial: number, point: self.order[trial.asked] });
                self.trials[number].asked += 1;
            }
        }
        questions
    }

    /// The mask of a trial that was asked for.
    pub fn mask(&self, trial: usize) -> &Mask {
        &self.trials[trial].mask
    }

    /// Takes the answer to a question.
    pub fn tell(&mut self, question: Question, score: f32) {
        self.trials[question.trial].scores[question.point] = Some(score);
    }

    /// The step, once it is certain.
    pub fn found(&mut self) -> Option<Found> {
        while let Some(trial) = self.trials.get(self.rejected) {
            if trial.is_complete() {
                let score = trial.score(0.0);
                let objective = trial.objective(score);
                let accepted = trial.moves && objective - self.start.objective <= -self.promise(trial);
                if accepted || self.is_last(trial) {
                    let (mask, step, trials) = (trial.mask.clone(), trial.step, self.rejected + 1);
                    return Some(Found { mask, step, accepted, trials, score, objective });
                }
            } else if !self.is_hopeless(trial) {
                return None;
            }
            self.rejected += 1;
        }
        None
    }

    /// Adds the next smaller step, if there is one.
    fn try_next(&mut self) -> bool {
        let step = match self.trials.last() {
            None => self.start.step,
            Some(trial) if self.is_last(trial) => return false,
            Some(trial) => trial.step * self.step_decay,
        };
        let mask = self.start.mask.stepped(step, self.start.gradient);
        let regularisers = self.start.regularisers.of(&mask);
        let moves = moves(self.start.mask, &mask);
        self.trials.push(Trial { step, mask, moves, regularisers, scores: vec![None; self.order.len()], asked: 0 });
        true
    }

    /// Whether no smaller step is tried: it is taken, whatever its score.
    fn is_last(&self, trial: &Trial) -> bool {
        trial.step < self.step_min
    }

    /// Whether no scores that are yet to come could make it accepted.
    fn is_hopeless(&self, trial: &Trial) -> bool {
        let least = trial.objective(trial.score(self.start.floor)) - self.start.objective;
        let margin = MARGIN * self.start.objective.abs().max(1.0);
        !self.is_last(trial) && (!trial.moves || least > -self.promise(trial) + margin)
    }

    /// α·β·‖G‖²: by how much a step must lower the objective.
    fn promise(&self, trial: &Trial) -> f64 {
        trial.step * self.armijo * self.squared_norm
    }
}

fn moves(from: &Mask, to: &Mask) -> bool {
    from.values.iter().zip(&to.values).any(|(from, to)| (from - to).abs() > LEAST_STEP)
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0_usize, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: usize = 4;

    /// The loop as it stands in the papers: every score of every trial.
    fn plain(start: &Start<'_>, squared_norm: f64, parameters: &IgosParameters, scores: &Scores) -> Found {
        let mut step = start.step;
        for trials in 1.. {
            let mask = start.mask.stepped(step, start.gradient);
            let all = (0..start.scores.len()).map(|point| f64::from(scores.of(trials - 1, point)));
            let score = mean(all);
            let objective = start.regularisers.objective(score, &mask);
            let accepted =
                moves(start.mask, &mask) && objective - start.objective <= -step * parameters.armijo * squared_norm;
            if accepted || step < parameters.step_min {
                return Found { mask, step, accepted, trials, score, objective };
            }
            step *= parameters.step_decay;
        }
        unreachable!()
    }

    /// Scores that a step's number decides: the smaller the step, the nearer to those before, up to chance.
    struct Scores {
        before: Vec<f32>,
        chance: Vec<f32>,
        floor: f32,
    }

    impl Scores {
        fn of(&self, trial: usize, point: usize) -> f32 {
            let chance = self.chance[(trial * 7 + point * 3) % self.chance.len()];
            (self.before[point] * (0.4 + 0.1 * trial as f32) + 0.2 * chance).max(self.floor)
        }
    }

    proptest! {
        /// What is found is what all scores would find, however many are asked for at once.
        #[test]
        fn nothing_else_is_found_than_by_seeing_all_scores(
            before in prop::collection::vec(0.0_f32..1.0, 1..7),
            chance in prop::collection::vec(-1.0_f32..1.0, 11),
            cells in prop::collection::vec(0.0_f32..1.0, SIZE * SIZE),
            slopes in prop::collection::vec(-0.1_f64..0.1, SIZE * SIZE),
            most in 1..9_usize,
            bounded: bool,
            weights in (0.0_f64..2.0, 0.0_f64..20.0),
        ) {
            let mask = Mask { size: SIZE, values: cells };
            let regularisers = Regularisers { l1_weight: weights.0, tv_weight: weights.1 };
            let parameters = IgosParameters { step_max: 100.0, step_min: 1e-3, ..IgosParameters::default() };
            let (floor, lowest) = if bounded { (0.0, 0.0) } else { (f64::NEG_INFINITY, -1.0) };
            let scores = Scores { before, chance, floor: lowest };
            let squared_norm: f64 = slopes.iter().map(|g| g * g).sum();
            let start = Start {
                mask: &mask,
                gradient: &slopes,
                scores: &scores.before,
                objective: regularisers.objective(mean(scores.before.iter().map(|s| f64::from(*s))), &mask),
                floor,
                step: parameters.step_max,
                regularisers,
            };
            let mut search = Backtracking::new(start, squared_norm, &parameters);
            let mut told = 0;
            let found = loop {
                if let Some(found) = search.found() {
                    break found;
                }
                let questions = search.questions(most);
                prop_assert!(!questions.is_empty() && questions.len() <= most);
                told += questions.len();
                for question in questions {
                    search.tell(question, scores.of(question.trial, question.point));
                }
            };
            let expected = plain(&start, squared_norm, &parameters, &scores);
            let all = expected.trials * scores.before.len();
            prop_assert!(told < all + most, "{told} of {all}");
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_step_that_deletes_too_much_is_rejected_unseen() {
        let mask = Mask::ones(SIZE);
        let gradient = vec![1e-2; SIZE * SIZE];
        let regularisers = Regularisers { l1_weight: 1.0, tv_weight: 20.0 };
        // The first step deletes everything, which costs 1; the next a fifth.
        let parameters = IgosParameters { step_max: 100.0, ..IgosParameters::default() };
        let start = Start {
            mask: &mask,
            gradient: &gradient,
            scores: &[0.2, 0.8],
            objective: 0.5,
            floor: 0.0,
            step: parameters.step_max,
            regularisers,
        };
        let mut search = Backtracking::new(start, 1.6e-3, &parameters);
        assert_eq!(search.found(), None);
        // The point that scored most is asked for first.
        assert_eq!(search.questions(1), [Question { trial: 1, point: 1 }]);
        search.tell(Question { trial: 1, point: 1 }, 0.9);
        // 0.9 / 2 + 0.2 is too much already.
        assert_eq!(search.questions(1), [Question { trial: 2, point: 1 }]);
        let floorless = Start { floor: f64::NEG_INFINITY, ..start };
        let mut search = Backtracking::new(floorless, 1.6e-3, &parameters);
        assert_eq!(search.questions(3).last(), Some(&Question { trial: 1, point: 1 }));
    }
}
