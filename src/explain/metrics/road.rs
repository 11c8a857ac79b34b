//! ROAD: pixels are removed so that neither their place nor their colour can be guessed from what replaces them.
//!
//! Source: Rong et al., *A Consistent and Efficient Evaluation Strategy for Attribution Methods*, ICML 2022 (arXiv 2202.00449):
//! every removed pixel becomes the weighted mean of its neighbours, removed ones included, and some noise.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{About, Better, Cost, How, Measuring, Metric};
use crate::{ExplainError, imaging::Size, model::Batch, rank};

/// The shares of the pixels that are removed.
const SHARES: [f64; 4] = [0.2, 0.4, 0.6, 0.8];
/// The standard deviation of the noise, in the network's numbers.
const NOISE: f32 = 0.01;
/// Neighbours with their weights: those beside a pixel, and those at its corners.
const NEIGHBOURS: [([isize; 2], f64); 8] = [
    ([0, 1], 1.0 / 6.0),
    ([0, -1], 1.0 / 6.0),
    ([1, 0], 1.0 / 6.0),
    ([-1, 0], 1.0 / 6.0),
    ([1, 1], 1.0 / 12.0),
    ([1, -1], 1.0 / 12.0),
    ([-1, 1], 1.0 / 12.0),
    ([-1, -1], 1.0 / 12.0),
];
/// What of the residual is left when the equations count as solved.
const SOLVED: f64 = 1e-5;
/// The most rounds of solving them.
const ROUNDS: usize = 1000;

/// Least important first less most important first.
pub(super) const ROAD: Metric = Metric {
    id: "road",
    title: "ROAD",
    about: About::Faithfulness,
    better: Better::Higher,
    range: "−½ to ½; 0 is chance",
    meaning: "A fifth, two, three and four fifths of the pixels are removed by noisy linear imputation: half of what the class's probability is higher by where the least important go first than where the most important do, on average.",
    source: "Yao Rong et al.: A Consistent and Efficient Evaluation Strategy for Attribution Methods (ROAD), ICML 2022 (arXiv 2202.00449)",
    cost: Cost::Forward(2 * SHARES.len()),
    how: How::Whole(road),
};

fn road(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let (size, picture) = (of.size(), &of.subject.input.planar);
    let order = rank(&of.explanation.saliency.drawn_at(size.width, size.height), of.seed());
    let mut pictures = Vec::with_capacity(2 * SHARES.len() * picture.len());
    for share in SHARES {
        let count = ((share * order.len() as f64).round() as usize).min(order.len());
        for removed in [&order[order.len() - count..], &order[..count]] {
            of.control.checkpoint()?;
            let mut is_removed = vec![false; order.len()];
            removed.iter().for_each(|pixel| is_removed[*pixel] = true);
            let mut imputed = impute(picture, &is_removed, size);
            add_noise(&mut imputed, &is_removed, of.seed());
            pictures.extend(imputed);
        }
    }
    let answers = of.subject.measures(&Batch::new(&pictures, picture.len()), of.control)?;
    let differences: f32 = answers.chunks_exact(2).map(|pair| (pair[0] - pair[1]) / 2.0).sum();
    Ok(Some(differences / SHARES.len() as f32))
}

/// `[channels, height, width]` with every removed pixel the weighted mean of its neighbours: the solution of one linear
/// equation a pixel, by conjugate gradients.
pub(super) fn impute(picture: &[f32], is_removed: &[bool], size: Size) -> Vec<f32> {
    let mut imputed = picture.to_vec();
    let pixels: Vec<usize> = (0..is_removed.len()).filter(|pixel| is_removed[*pixel]).collect();
    if pixels.is_empty() || pixels.len() == is_removed.len() {
        // There is nothing to begin from.
        if !pixels.is_empty() {
            imputed.fill(0.0);
        }
        return imputed;
    }
    let mut number = vec![usize::MAX; is_removed.len()];
    for (place, pixel) in pixels.iter().enumerate() {
        number[*pixel] = place;
    }
    let equations = Equations::of(&pixels, &number, size);
    for plane in imputed.chunks_exact_mut(size.area()) {
        let known = |pixel: usize| if is_removed[pixel] { 0.0 } else { f64::from(plane[pixel]) };
        let right: Vec<f64> = pixels
            .iter()
            .map(|pixel| neighbours(*pixel, size).map(|(other, weight)| weight * known(other)).sum())
            .collect();
        let solution = equations.solve(&right);
        for (pixel, value) in pixels.iter().zip(solution) {
            plane[*pixel] = value as f32;
        }
    }
    imputed
}

fn add_noise(planar: &mut [f32], is_removed: &[bool], seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for plane in planar.chunks_exact_mut(is_removed.len()) {
        for value in plane.iter_mut().zip(is_removed).filter_map(|(value, is_removed)| is_removed.then_some(value)) {
            // Box and Muller.
            let (one, other): (f32, f32) = (random.random_range(f32::MIN_POSITIVE..1.0), random.random());
            *value += NOISE * (-2.0 * one.ln()).sqrt() * (std::f32::consts::TAU * other).cos();
        }
    }
}

/// The neighbours of a pixel that there are, with their weights.
fn neighbours(pixel: usize, Size { width, height }: Size) -> impl Iterator<Item = (usize, f64)> {
    let (x, y) = (pixel % width, pixel / width);
    NEIGHBOURS.into_iter().filter_map(move |([down, right], weight)| {
        let (x, y) = (x.checked_add_signed(right)?, y.checked_add_signed(down)?);
        (x < width && y < height).then_some((y * width + x, weight))
    })
}

/// (Σ w)·x − Σ w·x of the removed neighbours = Σ w·x of the others: symmetric and positive.
struct Equations {
    diagonal: Vec<f64>,
    /// For each removed pixel, its removed neighbours.
    others: Vec<Vec<(usize, f64)>>,
}

impl Equations {
    fn of(pixels: &[usize], number: &[usize], size: Size) -> Self {
        let diagonal = pixels.iter().map(|pixel| neighbours(*pixel, size).map(|(_, weight)| weight).sum()).collect();
        let of_pixel = |pixel: &usize| {
            let removed = neighbours(*pixel, size).filter(|(other, _)| number[*other] != usize::MAX);
            removed.map(|(other, weight)| (number[other], weight)).collect()
        };
        Self { diagonal, others: pixels.iter().map(of_pixel).collect() }
    }

    fn times(&self, values: &[f64]) -> Vec<f64> {
        let row = |(number, others): (usize, &Vec<(usize, f64)>)| {
            self.diagonal[number] * values[number]
                - others.iter().map(|(other, weight)| weight * values[*other]).sum::<f64>()
        };
        self.others.iter().enumerate().map(row).collect()
    }

    /// Conjugate gradients.
    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut solution = vec![0.0; right.len()];
        let mut residual = right.to_vec();
        let mut direction = residual.clone();
        let mut size = dot(&residual, &residual);
        let enough = size * SOLVED * SOLVED;
        for _ in 0..ROUNDS {
            if size <= enough {
                break;
            }
            let moved = self.times(&direction);
            let step = size / dot(&direction, &moved);
            for number in 0..solution.len() {
                solution[number] += step * direction[number];
                residual[number] -= step * moved[number];
            }
            let next = dot(&residual, &residual);
            for (direction, residual) in direction.iter_mut().zip(&residual) {
                *direction = residual + next / size * *direction;
            }
            size = next;
        }
        solution
    }
}
