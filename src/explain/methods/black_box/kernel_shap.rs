//! KernelSHAP: Shapley values of regions, by a weighted regression of the score on which of them are in sight.
//!
//! Source: Lundberg, Lee, *A Unified Approach to Interpreting Model Predictions*, NeurIPS 2017 (arXiv 1705.07874). Regions
//! are drawn by the kernel and each with the rest of them, as in Covert, Lee, *Improving KernelSHAP*, AISTATS 2021
//! (arXiv 2012.01536); the constraint at both ends is exact.

use std::sync::Arc;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{RegionKind, Regions, agreement::chance, masked::Shown, passes_of, rounding};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Scale, Subject, Table, Update,
    field, method::explains, names, stopwatch::Stopwatch,
};

/// KernelSHAP's row.
pub static KERNEL_SHAP: Method = Method {
    id: "kernel-shap",
    title: "KernelSHAP",
    color: [227, 119, 60],
    family: Family::Answers,
    meaning: "What the region adds to the score, averaged over the orders in which regions could come into sight.",
    misleads: "It is as coarse as its regions, and an estimate where the samples are few; a picture with holes is none the network was trained on.",
    computes: "The picture is divided into regions, and the network is shown many random choices of them, the others replaced by mean grey. A sum of one number a region is fitted to the scores, weighted so that the numbers are Shapley values: the one fair way to share the score among the regions. They add up to what the score changes by; below 0 a region speaks against the class.",
    source: "Scott M. Lundberg, Su-In Lee: A Unified Approach to Interpreting Model Predictions, NeurIPS 2017 (arXiv 1705.07874)",
    parameters: Table::of::<KernelShapParameters>("kernel_shap", ROWS),
    ..Method::of::<KernelShap>()
};

/// The parameters of KernelSHAP.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelShapParameters {
    /// What regions are.
    pub regions: RegionKind,
    /// Regions along a side, from 2 to 16: there are as many as its square, or about as many.
    pub per_side: usize,
    /// Choices of regions that are shown, from 16 to 8192.
    pub samples: usize,
    /// What is not in sight.
    pub baseline: Baseline,
    /// Seed of the choices, and of the noise baseline.
    pub seed: u64,
}

impl Default for KernelShapParameters {
    fn default() -> Self {
        Self { regions: RegionKind::Superpixels, per_side: 7, samples: 1000, baseline: Baseline::Grey, seed: 0 }
    }
}

static ROWS: &[Parameter] = &[
    Parameter::new(
        "regions",
        "kernel-shap-regions",
        Kind::Choice(names::<RegionKind>),
        field!(KernelShapParameters, regions),
        "What the regions of KernelSHAP are",
    )
    .value_name("REGIONS")
    .in_captions(),
    Parameter::new(
        "per_side",
        "kernel-shap-per-side",
        Kind::Whole(|side| 2..=(side as u64).clamp(2, 16), Scale::Linear),
        field!(KernelShapParameters, per_side),
        "Regions of KernelSHAP along a side of the picture",
    )
    .unit("regions")
    .in_captions(),
    Parameter::new(
        "samples",
        "kernel-shap-samples",
        Kind::Whole(|_| 16..=8192, Scale::Log),
        field!(KernelShapParameters, samples),
        "Choices of regions that KernelSHAP shows the network",
    )
    .unit("samples")
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(KernelShapParameters, baseline),
        "What KernelSHAP hides regions behind",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(KernelShapParameters, seed), "Seed of KernelSHAP's choices")
        .value_name("SEED")
        .in_captions(),
];

explains!(KernelShap: KernelShapParameters, |parameters| passes_of(2 + parameters.samples), kernel_shap reports);

/// KernelSHAP of the parameters' regions, with random choices of a seed: see [`kernel_shap_of`].
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn kernel_shap(
    subject: &Subject<'_>,
    parameters: &KernelShapParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    KERNEL_SHAP.parameters.check(parameters, subject.input.size.shorter())?;
    let regions = Regions::of(subject.input, parameters.regions, parameters.per_side);
    let choices = choices(regions.len(), parameters.samples, parameters.seed);
    kernel_shap_of(subject, parameters, &regions, &choices, control, report)
}

/// Random choices of regions, `[samples, regions]`: how many are in sight is drawn by the Shapley kernel, and after every
/// choice comes the choice of all others.
fn choices(regions: usize, samples: usize, seed: u64) -> Vec<bool> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // Of k out of d, in all: (d − 1) / (k·(d − k)).
    let weights: Vec<f64> = (1..regions).map(|size| 1.0 / (size * (regions - size)) as f64).collect();
    let total: f64 = weights.iter().sum();
    let mut order: Vec<usize> = (0..regions).collect();
    let mut all: Vec<bool> = Vec::with_capacity((samples + 1) * regions);
    while all.len() < samples * regions {
        let mut left = random.random::<f64>() * total;
        let size = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let size = size.map_or(regions / 2, |place| place + 1);
        order.sort_unstable();
        order.shuffle(&mut random);
        let mut choice = vec![false; regions];
        order[..size].iter().for_each(|region| choice[*region] = true);
        all.extend(&choice);
        all.extend(choice.iter().map(|shown| !shown));
    }
    all.truncate(samples * regions);
    all
}

/// The φ that make Σ_z (f(z) − f(∅) − Σ_i z_i·φ_i)² least, over the given choices z of regions, `[samples, regions]`, and
/// add up to f(all) − f(∅): a value a region, signed, at input size. Choices are to be drawn by the Shapley kernel, so
/// that all count alike.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn kernel_shap_of(
    subject: &Subject<'_>,
    parameters: &KernelShapParameters,
    regions: &Regions,
    choices: &[bool],
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    KERNEL_SHAP.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let dimensions = regions.len().max(1);
    let samples = choices.len() / dimensions;
    let mut shown = Shown::new(subject, (parameters.baseline, parameters.seed), control, samples + 2);
    // Nothing, everything, then the choices.
    let write = |index: usize, mask: &mut [f32]| match index {
        0 => mask.fill(0.0),
        1 => mask.fill(1.0),
        _ => regions.write_mask(|region| choices[(index - 2) * dimensions + region], mask),
    };
    let scores = shown.scores(samples + 2, write, report)?;
    let [nothing_shown, everything_shown] = [0, 1].map(|end| f64::from(scores[end]));
    let gained: Vec<f64> = scores[2..].iter().map(|score| f64::from(*score) - nothing_shown).collect();
    let change = everything_shown - nothing_shown;
    let fit = |some: &mut dyn Iterator<Item = usize>| {
        let mut fit = Fit::new(dimensions);
        for sample in some {
            fit.add(&choices[sample * dimensions..][..dimensions], gained[sample]);
        }
        fit.solve(change)
    };
    let values = fit(&mut (0..samples));
    // Pairs stay together: a choice and the one of all others are of one half.
    let halves = [0, 1].map(|half| fit(&mut (0..samples).filter(|sample| sample / 2 % 2 == half)));
    let nothing = rounding(&scores).or_else(|| match &halves {
        // Half of the samples must be enough for a number a region.
        [one, other] if samples >= 4 * dimensions => chance(one, other),
        _ => None,
    });
    let saliency = regions.map(&values, subject.input.size);
    let own = Arc::new(parameters.clone());
    let explanation = Explanation::of(&KERNEL_SHAP, subject.target, saliency.clone(), own, clock.seconds());
    let notes = vec![("region_count", regions.len().to_string())];
    Ok(Explanation { signed: Some(saliency), nothing, notes, ..explanation })
}

/// The sums that a regression needs.
struct Fit {
    dimensions: usize,
    /// Σ z·zᵀ.
    squares: Vec<f64>,
    /// Σ z·y.
    products: Vec<f64>,
}

/// What is added to the squares' diagonal, relative to its mean, so that too few samples have a solution as well.
const RIDGE: f64 = 1e-9;

impl Fit {
    fn new(dimensions: usize) -> Self {
        Self { dimensions, squares: vec![0.0; dimensions * dimensions], products: vec![0.0; dimensions] }
    }

    fn add(&mut self, choice: &[bool], gained: f64) {
        let shown: Vec<usize> = (0..self.dimensions).filter(|region| choice[*region]).collect();
        for one in &shown {
            self.products[*one] += gained;
            for other in &shown {
                self.squares[one * self.dimensions + other] += 1.0;
            }
        }
    }

    /// The numbers that fit best of those that add up to `change`.
    fn solve(&self, change: f64) -> Vec<f64> {
        let size = self.dimensions;
        let mut matrix = self.squares.clone();
        let mean: f64 = (0..size).map(|at| matrix[at * size + at]).sum::<f64>() / size as f64;
        (0..size).for_each(|at| matrix[at * size + at] += RIDGE * mean.max(1.0));
        // With A the squares: φ = A⁻¹·(b − λ·1), and λ such that they add up.
        let [free, ones] = solve_both(matrix, size, [self.products.clone(), vec![1.0; size]]);
        let (sum, of_ones): (f64, f64) = (free.iter().sum(), ones.iter().sum());
        let shift = (sum - change) / of_ones;
        free.iter().zip(&ones).map(|(value, one)| value - shift * one).collect()
    }
}

/// Solves a system of linear equations with a positive definite matrix for two right sides, by Cholesky's decomposition.
fn solve_both(mut matrix: Vec<f64>, size: usize, mut sides: [Vec<f64>; 2]) -> [Vec<f64>; 2] {
    for column in 0..size {
        for row in column..size {
            let known: f64 = (0..column).map(|k| matrix[row * size + k] * matrix[column * size + k]).sum();
            let value = matrix[row * size + column] - known;
            matrix[row * size + column] = if row == column {
                value.max(f64::MIN_POSITIVE).sqrt()
            } else {
                value / matrix[column * size + column]
            };
        }
    }
    for side in &mut sides {
        for row in 0..size {
            let known: f64 = (0..row).map(|k| matrix[row * size + k] * side[k]).sum();
            side[row] = (side[row] - known) / matrix[row * size + row];
        }
        for row in (0..size).rev() {
            let known: f64 = (row + 1..size).map(|k| matrix[k * size + row] * side[k]).sum();
            side[row] = (side[row] - known) / matrix[row * size + row];
        }
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a game with all its coalitions the fit is Shapley's own sum over orders.
    #[test]
    fn a_fit_to_many_choices_is_shapleys_sum() {
        let worth = |z: &[bool]| {
            let on = |i: usize| f64::from(u8::from(z[i]));
            2.0 * on(0) + on(1) * on(2) - 0.5 * on(0) * on(3)
        };
        let choices = choices(4, 40_000, 1);
        let mut fit = Fit::new(4);
        choices.chunks_exact(4).for_each(|choice| fit.add(choice, worth(choice)));
        let found = fit.solve(worth(&[true; 4]));
        for (found, expected) in found.iter().zip([1.75, 0.5, 0.5, -0.25]) {
            assert!((found - expected).abs() < 0.02, "{found} {expected}");
        }
        assert!((found.iter().sum::<f64>() - 2.5).abs() < 1e-9, "they add up to what the score changes by");
    }

    #[test]
    fn a_choice_comes_with_that_of_all_others_and_is_never_empty() {
        let all = choices(9, 64, 2);
        for pair in all.chunks_exact(18) {
            assert!((0..9).all(|region| pair[region] != pair[9 + region]));
            assert!(pair[..9].iter().any(|shown| *shown) && pair[9..].iter().any(|shown| *shown));
        }
    }
}
