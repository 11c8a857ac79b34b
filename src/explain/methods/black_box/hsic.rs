//! HSIC: how much the score depends on whether a cell is in sight.
//!
//! Source: Novello, Fel, Vigouroux, *Making Sense of Dependence: Efficient Black-box Explanations Using Dependence Measure*,
//! NeurIPS 2022 (arXiv 2206.06219), with the estimator and the kernels of the authors' program.

use std::sync::Arc;

use super::{agreement::chance, latin::hypercube, map_of, masked::Shown, passes_of, rounding, sobol::cell_of_pixel};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Scale, Subject, Table, Update,
    field,
    imaging::{Interpolation, Size},
    method::explains,
    names,
    stopwatch::Stopwatch,
};

/// HSIC's row.
pub static HSIC: Method = Method {
    id: "hsic",
    title: "HSIC",
    color: [190, 160, 20],
    family: Family::Answers,
    meaning: "How much the score depends, in whatever way, on whether the place is in sight.",
    misleads: "It says that a place matters and not which way: what speaks against the class is as bright as what speaks for it.",
    computes: "The picture is shown behind random masks of some cells, each in sight or mean grey. For each cell the scores with it and without it are compared, not by their means alone but by all of how they are spread, with the Hilbert–Schmidt independence criterion: it is 0 only where the cell does not matter at all.",
    source: "Paul Novello, Thomas Fel, David Vigouroux: Making Sense of Dependence: Efficient Black-box Explanations Using Dependence Measure, NeurIPS 2022 (arXiv 2206.06219)",
    parameters: Table::of::<HsicParameters>("hsic", ROWS),
    ..Method::of::<Hsic>()
};

/// The parameters of HSIC. The defaults are the authors' program's.
#[derive(Debug, Clone, PartialEq)]
pub struct HsicParameters {
    /// Cells along a side of a mask, from 2 to 32.
    pub cells: usize,
    /// Random masks, from 10 to 4000; the paper has 1500, the authors' program 500.
    pub masks: usize,
    /// What is not in sight. The authors' program multiplies normalised pictures, so that it is mean grey.
    pub baseline: Baseline,
    /// Seed of the masks, and of the noise baseline.
    pub seed: u64,
}

impl Default for HsicParameters {
    fn default() -> Self {
        Self { cells: 8, masks: 500, baseline: Baseline::Grey, seed: 0 }
    }
}

static ROWS: &[Parameter] = &[
    Parameter::new(
        "cells",
        "hsic-cells",
        Kind::Whole(|side| 2..=(side as u64).clamp(2, 32), Scale::Log),
        field!(HsicParameters, cells),
        "Cells along a side of HSIC's masks",
    )
    .unit("cells")
    .in_captions(),
    Parameter::new(
        "masks",
        "hsic-masks",
        Kind::Whole(|_| 10..=4000, Scale::Log),
        field!(HsicParameters, masks),
        "Random masks of HSIC",
    )
    .unit("masks")
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(HsicParameters, baseline),
        "What HSIC hides places behind",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(HsicParameters, seed), "Seed of HSIC's masks")
        .value_name("SEED")
        .in_captions(),
];

explains!(Hsic: HsicParameters, |parameters| passes_of(parameters.masks), hsic reports);

/// HSIC with the random masks of a seed, in half of which each cell is in sight: see [`hsic_of`].
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn hsic(
    subject: &Subject<'_>,
    parameters: &HsicParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    HSIC.parameters.check(parameters, subject.input.size.shorter())?;
    let points = hypercube(parameters.masks, parameters.cells.pow(2), parameters.seed);
    let masks: Vec<bool> = points.into_iter().map(|value| value >= 0.5).collect();
    hsic_of(subject, parameters, &masks, control, report)
}

/// The Hilbert–Schmidt independence criterion between each cell and the score, tr(K·H·L·H) / n, for the given masks,
/// `[n, cells²]`, row by row, at the masks' size. Masks are enlarged without interpolation.
///
/// K of a cell is ³⁄₂ where it is alike in two masks and ½ where it is not, L = exp(−(difference of scores)² / (2·w²)), with
/// w the median of the scores, and H takes means off.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn hsic_of(
    subject: &Subject<'_>,
    parameters: &HsicParameters,
    masks: &[bool],
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    HSIC.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let size = parameters.cells;
    let cells = size * size;
    let count = masks.len() / cells;
    let cell_of = cell_of_pixel(size, subject.input.size);
    let write = |index: usize, mask: &mut [f32]| {
        let own = &masks[index * cells..][..cells];
        for (pixel, cell) in mask.iter_mut().zip(&cell_of) {
            *pixel = f32::from(u8::from(own[*cell]));
        }
    };
    let mut shown = Shown::new(subject, (parameters.baseline, parameters.seed), control, count);
    let scores = shown.scores(count, write, report)?;
    let of = |some: &[usize]| dependences(&scores, masks, cells, some);
    let halves = [0, 1].map(|half| of(&(half..count).step_by(2).collect::<Vec<_>>()));
    let nothing = rounding(&scores).or_else(|| chance(&halves[0], &halves[1]));
    let everything: Vec<usize> = (0..count).collect();
    let values = of(&everything).into_iter().map(|value| value as f32).collect();
    let saliency = map_of(Size::square(size), values, Interpolation::HalfPixel);
    let own = Arc::new(parameters.clone());
    Ok(Explanation { nothing, ..Explanation::of(&HSIC, subject.target, saliency, own, clock.seconds()) })
}

/// Keeps the kernel of scores from being divided by 0 where half of them are.
const LEAST_WIDTH: f64 = 1e-12;

/// The criterion of each cell by some of the masks.
fn dependences(scores: &[f32], masks: &[bool], cells: usize, some: &[usize]) -> Vec<f64> {
    let count = some.len().max(1);
    let own: Vec<f64> = some.iter().map(|mask| f64::from(scores[*mask])).collect();
    let width = median(&own).abs().max(LEAST_WIDTH);
    let kernel = |one: f64, other: f64| (-(one - other).powi(2) / (2.0 * width * width)).exp();
    // With x the cell in each mask less its mean, H·K·H is 2·x·xᵀ: what is the same in a row or column goes away.
    let mut centred: Vec<f64> =
        some.iter().flat_map(|mask| &masks[*mask * cells..][..cells]).map(|lit| f64::from(u8::from(*lit))).collect();
    let mut means = vec![0.0; cells];
    for row in centred.chunks_exact(cells) {
        means.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / count as f64);
    }
    for row in centred.chunks_exact_mut(cells) {
        row.iter_mut().zip(&means).for_each(|(value, mean)| *value -= mean);
    }
    let (mut sums, mut products) = (vec![0.0; cells], vec![0.0; cells]);
    for (row, score) in centred.chunks_exact(cells).zip(&own) {
        products.fill(0.0);
        for (other, other_score) in centred.chunks_exact(cells).zip(&own) {
            let alike = kernel(*score, *other_score);
            products.iter_mut().zip(other).for_each(|(product, value)| *product += alike * value);
        }
        for ((sum, value), product) in sums.iter_mut().zip(row).zip(&products) {
            *sum += value * product;
        }
    }
    sums.into_iter().map(|sum| 2.0 * sum / count as f64).collect()
}

/// The middle value, or the mean of the two in the middle.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => 0.0,
        Some(upper) if sorted.len() % 2 == 1 => *upper,
        Some(upper) => f64::midpoint(sorted[middle - 1], *upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The criterion as it is defined, by whole matrices.
    #[test]
    fn the_short_form_is_the_trace() {
        let (count, cells) = (12, 4);
        let masks: Vec<bool> = hypercube(count, cells, 5).into_iter().map(|value| value >= 0.5).collect();
        let scores: Vec<f32> = (0..count).map(|mask| (mask as f32 * 1.7).sin() + 1.2).collect();
        let some: Vec<usize> = (0..count).collect();
        let width = median(&scores.iter().copied().map(f64::from).collect::<Vec<_>>());
        let l = |a: usize, b: usize| (-f64::from(scores[a] - scores[b]).powi(2) / (2.0 * width * width)).exp();
        let centre = |matrix: &dyn Fn(usize, usize) -> f64, a: usize, b: usize| {
            let mean = |f: &dyn Fn(usize) -> f64| (0..count).map(f).sum::<f64>() / count as f64;
            let all = mean(&|a| mean(&|b| matrix(a, b)));
            matrix(a, b) - mean(&|b| matrix(a, b)) - mean(&|a| matrix(a, b)) + all
        };
        for (cell, found) in dependences(&scores, &masks, cells, &some).into_iter().enumerate() {
            let k = |a: usize, b: usize| if masks[a * cells + cell] == masks[b * cells + cell] { 1.5 } else { 0.5 };
            let pairs = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
            let trace: f64 = pairs.map(|(a, b)| centre(&k, a, b) * centre(&l, a, b)).sum();
            assert!((found - trace / count as f64).abs() < 1e-7, "{found} {trace}");
        }
    }
}
