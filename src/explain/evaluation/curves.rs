//! Deletion and insertion: remove or reveal the most important cells first, and watch the class's probability, or its
//! output where the model has no probabilities.
//!
//! Source: Petsiuk, Das, Saenko, *RISE*, BMVC 2018 (arXiv 1806.07421), with the mask's resolution, upsampling and
//! blurred baseline of the I-GOS paper.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{
    CurveParameters,
    changed::{Change, cells_kept},
};
use crate::{
    Control, ExplainError, Saliency, Subject, Update,
    model::{Samples, Score},
    subject::Scene,
    upsampling::Upsampling,
};

/// The share of the score that statements ask for: how much of the picture keeps nearly all of it.
pub const NEARLY_ALL: f32 = 0.9;

/// The share of the score that statements ask for: how much of the picture can go until only so much is left.
pub const HALVED: f32 = 0.5;

/// Both curves at one fraction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Share of the cells changed, in `[0, 1]`.
    pub fraction: f32,
    /// The class's probability or output with that share of the picture deleted, most important first.
    pub deletion: f32,
    /// The class's probability or output with only that share of the picture revealed, most important first.
    pub insertion: f32,
}

/// The deletion and insertion curves of one saliency.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Curves {
    /// The points, by fraction, from 0 to 1 with both ends.
    pub points: Vec<CurvePoint>,
    /// What they measure: a probability, or an output, which has no share that could be kept.
    pub measure: Score,
}

impl Curves {
    /// Area under the deletion curve by the trapezoid rule: lower is better.
    pub fn deletion(&self) -> f32 {
        self.area(|point| point.deletion)
    }

    /// Area under the insertion curve by the trapezoid rule: higher is better.
    pub fn insertion(&self) -> f32 {
        self.area(|point| point.insertion)
    }

    /// What the curves come to in a sentence: the share that [keeps](Self::keeps) [`NEARLY_ALL`] of the score, and the one
    /// that [brings it down](Self::loses) to [`HALVED`]. Where nothing at all is enough it says nothing of the map.
    pub fn statement(&self) -> [Option<f32>; 2] {
        [self.keeps(NEARLY_ALL), self.loses(HALVED)].map(|share| share.filter(|share| *share > 0.0))
    }

    /// Insertion less deletion: one number for both, higher is better.
    pub fn difference(&self) -> f32 {
        self.insertion() - self.deletion()
    }

    /// Whether nothing was judged: a map that found nothing has no curves.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// What is measured of the whole picture.
    pub fn whole(&self) -> Option<f32> {
        self.points.first().map(|point| point.deletion)
    }

    /// What is measured where everything is deleted.
    pub fn baseline(&self) -> Option<f32> {
        self.points.first().map(|point| point.insertion)
    }

    /// The smallest share of the picture that, revealed alone, has this share of the whole picture's score; none if
    /// only all of it has, or if what is measured is no probability.
    pub fn keeps(&self, share: f32) -> Option<f32> {
        let wanted = share * self.whole().filter(|_| self.measure == Score::Probability)?;
        let found = self.points.iter().find(|point| point.insertion >= wanted)?;
        Some(found.fraction).filter(|fraction| *fraction < 1.0)
    }

    /// The smallest share of the picture whose deletion brings the score down to this share of the whole picture's;
    /// none if nothing less than all does, or if what is measured is no probability.
    pub fn loses(&self, share: f32) -> Option<f32> {
        let wanted = share * self.whole().filter(|_| self.measure == Score::Probability)?;
        let found = self.points.iter().find(|point| point.deletion <= wanted)?;
        Some(found.fraction).filter(|fraction| *fraction < 1.0)
    }

    fn area(&self, score: impl Fn(&CurvePoint) -> f32) -> f32 {
        let trapezoid = |pair: &[CurvePoint]| {
            let width = f64::from(pair[1].fraction) - f64::from(pair[0].fraction);
            width * (f64::from(score(&pair[0])) + f64::from(score(&pair[1]))) / 2.0
        };
        self.points.windows(2).map(trapezoid).sum::<f64>() as f32
    }
}

/// Judges a saliency on a grid of `parameters.grid` cells a side, against `parameters.baseline`.
///
/// What is measured is the probability of the subject's class, whichever score was explained and against whichever
/// class, so that areas stay comparable: a logit has no scale that two pictures share. A model without probabilities is
/// measured by its output, and its areas are comparable on one picture only.
///
/// Ties are broken by one random order of the cells, the same for every saliency under the same seed.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails.
pub fn judge(
    subject: &Subject<'_>,
    saliency: &Saliency,
    parameters: &CurveParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Curves, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let ranked = rank(&saliency.on_grid(parameters.grid), parameters.seed);
    judge_order(subject, &ranked, parameters, control, report)
}

/// Judges an order of the cells, the most important first: the numbers from 0 to grid² − 1, each once.
///
/// # Errors
/// As [`judge`].
pub fn judge_order(
    subject: &Subject<'_>,
    order: &[usize],
    parameters: &CurveParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Curves, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let mut judging = Judging::new(subject, order, parameters);
    while judging.advance(control, report)? {}
    Ok(judging.into_curves())
}

/// Curves that are drawn point by point, between other work.
pub struct Judging<'a> {
    subject: &'a Subject<'a>,
    scene: Scene<'a>,
    upsampling: Upsampling,
    order: Vec<usize>,
    steps: usize,
    curves: Curves,
}

impl<'a> Judging<'a> {
    /// No points yet, of an order of the cells and parameters that are in their ranges.
    pub fn new(subject: &'a Subject<'a>, order: &[usize], parameters: &CurveParameters) -> Self {
        Self {
            subject,
            scene: Scene::new(subject, parameters.baseline, parameters.seed),
            upsampling: Upsampling::new(parameters.grid, subject.input.size),
            order: order.to_vec(),
            steps: parameters.steps,
            curves: Curves {
                points: Vec::with_capacity(parameters.steps + 1),
                measure: subject.classifier.spec().head.measure(),
            },
        }
    }

    /// The points so far.
    pub fn into_curves(self) -> Curves {
        self.curves
    }

    /// The next points, as many as the model takes at once; says whether there are more to come.
    ///
    /// # Errors
    /// A cancellation, or a model that fails.
    pub fn advance(&mut self, control: &Control, report: &mut dyn FnMut(Update<'_>)) -> Result<bool, ExplainError> {
        let first = self.curves.points.len();
        if first > self.steps {
            return Ok(false);
        }
        // Batches of both curves at neighbouring fractions, so that the curves grow together.
        let at_once = (self.subject.classifier.batch_size() / 2).max(1);
        let last = (first + at_once - 1).min(self.steps);
        let steps = self.steps;
        let samples =
            Changed { scene: &self.scene, upsampling: &self.upsampling, order: &self.order, steps, first, last };
        let scores = self.subject.measures(&samples, control)?;
        for (step, pair) in (first..=last).zip(scores.chunks_exact(2)) {
            let point = CurvePoint { fraction: step as f32 / steps as f32, deletion: pair[0], insertion: pair[1] };
            self.curves.points.push(point);
            report(Update::CurvePoint(point));
        }
        Ok(last < steps)
    }
}

/// The cells by importance, the most important first; ties in a seeded random order.
pub fn rank(importance: &[f32], seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..importance.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    // A stable sort leaves ties in the shuffled order.
    order.sort_by(|&a, &b| importance[b].total_cmp(&importance[a]));
    order
}

/// Deleted and revealed pictures in turn, at the steps from `first` to `last`.
struct Changed<'a> {
    scene: &'a Scene<'a>,
    upsampling: &'a Upsampling,
    order: &'a [usize],
    steps: usize,
    first: usize,
    last: usize,
}

impl Changed<'_> {
    fn fraction(&self, step: usize) -> f32 {
        step as f32 / self.steps as f32
    }
}

impl Samples for Changed<'_> {
    fn len(&self) -> usize {
        2 * (self.last - self.first + 1)
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let change = if index.is_multiple_of(2) { Change::Deletion } else { Change::Insertion };
        let mask = cells_kept(self.order, change, self.fraction(self.first + index / 2));
        let mut pixels = vec![0.0; self.scene.pixels];
        self.upsampling.up(&mask, &mut pixels);
        self.scene.compose(&pixels, 1.0, planar);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_of_a_straight_line_is_a_half() {
        let point = |fraction: f32| CurvePoint { fraction, deletion: 1.0 - fraction, insertion: fraction };
        let curves = Curves { points: [0.0, 0.1, 0.4, 1.0].map(point).to_vec(), ..Curves::default() };
        assert!((curves.deletion() - 0.5).abs() < 1e-6);
        assert!((curves.insertion() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn shares_are_the_first_points_that_keep_or_lose_enough() {
        let point = |(fraction, deletion, insertion)| CurvePoint { fraction, deletion, insertion };
        let points = [(0.0, 0.8, 0.1), (0.1, 0.5, 0.6), (0.2, 0.4, 0.72), (1.0, 0.1, 0.8)].map(point).to_vec();
        let curves = Curves { points, ..Curves::default() };
        assert_eq!((curves.keeps(0.9), curves.loses(0.5)), (Some(0.2), Some(0.2)));
        assert_eq!((curves.keeps(0.99), curves.loses(0.2)), (None, None), "all of the picture is no statement");
        assert_eq!((curves.whole(), curves.baseline()), (Some(0.8), Some(0.1)));
        assert_eq!((Curves::default().keeps(0.9), Curves::default().is_empty()), (None, true));
        let outputs = Curves { measure: Score::Output, ..curves };
        assert_eq!(outputs.statement(), [None, None], "a quantity has no share");
    }

    #[test]
    fn ties_are_broken_by_the_seed_and_not_by_position() {
        let flat = vec![0.0; 100];
        assert_eq!(rank(&flat, 3), rank(&flat, 3));
        assert_ne!(rank(&flat, 3), rank(&flat, 4));
        assert_ne!(rank(&flat, 3), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn the_most_important_cell_comes_first() {
        let mut importance = vec![0.0; 50];
        importance[31] = 2.0;
        importance[7] = 1.0;
        assert_eq!(rank(&importance, 0)[..2], [31, 7]);
    }
}
