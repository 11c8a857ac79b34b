//! Sobol: how much of the score's variance goes away, alone or together with others, when a cell is no longer varied.
//!
//! Source: Fel, Cadène, Chalvidal, Cord, Vigouroux, Serre, *Look at the Variance! Efficient Black-box Explanations with
//! Sobol-based Sensitivity Analysis*, NeurIPS 2021 (arXiv 2111.04138), with the estimator of Jansen, *Analysis of variance
//! designs for model output*, Computer Physics Communications 117, 1999. Points are those of a Latin hypercube; the
//! authors' program has a Sobol sequence unless told otherwise.

use std::sync::Arc;

use super::{agreement::chance, latin::hypercube, map_of, masked::Shown, passes_of, rounding};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Scale, Subject, Table, Update,
    field,
    imaging::{Interpolation, Size},
    method::explains,
    names,
    stopwatch::Stopwatch,
};

/// Sobol's row.
pub static SOBOL: Method = Method {
    id: "sobol",
    title: "Sobol",
    color: [23, 140, 110],
    family: Family::Answers,
    meaning: "How much of the score's ups and downs under random masks has to do with the place, with others too.",
    misleads: "It says that a place matters and not which way: what speaks against the class is as bright as what speaks for it.",
    computes: "The picture is shown behind random masks of some cells, each anywhere between sight and mean grey. Then one cell at a time is given another value and all others stay. The more the score moves by that, of all that it moves, the higher is the cell's total Sobol index, in which what it does together with others counts as well.",
    source: "Thomas Fel, Rémi Cadène, Mathieu Chalvidal, Matthieu Cord, David Vigouroux, Thomas Serre: Look at the Variance! Efficient Black-box Explanations with Sobol-based Sensitivity Analysis, NeurIPS 2021 (arXiv 2111.04138)",
    parameters: Table::of::<SobolParameters>("sobol", ROWS),
    ..Method::of::<Sobol>()
};

/// The parameters of Sobol. The defaults are the authors' program's.
#[derive(Debug, Clone, PartialEq)]
pub struct SobolParameters {
    /// Cells along a side of a mask, from 2 to 32.
    pub cells: usize,
    /// N: masks of each kind, from 4 to 256; there are cells² + 2 kinds, one of which no estimate needs.
    pub designs: usize,
    /// What is not in sight. The authors' program multiplies normalised pictures, so that it is mean grey.
    pub baseline: Baseline,
    /// Seed of the masks, and of the noise baseline.
    pub seed: u64,
}

impl Default for SobolParameters {
    fn default() -> Self {
        Self { cells: 8, designs: 32, baseline: Baseline::Grey, seed: 0 }
    }
}

static ROWS: &[Parameter] = &[
    Parameter::new(
        "cells",
        "sobol-cells",
        Kind::Whole(|side| 2..=(side as u64).clamp(2, 32), Scale::Log),
        field!(SobolParameters, cells),
        "Cells along a side of Sobol's masks",
    )
    .unit("cells")
    .in_captions(),
    Parameter::new(
        "designs",
        "sobol-designs",
        Kind::Whole(|_| 4..=256, Scale::Log),
        field!(SobolParameters, designs),
        "masks of Sobol for each cell",
    )
    .symbol("N")
    .unit("masks")
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(SobolParameters, baseline),
        "What Sobol hides places behind",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(SobolParameters, seed), "Seed of Sobol's masks")
        .value_name("SEED")
        .in_captions(),
];

explains!(
    Sobol: SobolParameters,
    |parameters| passes_of(parameters.designs * (parameters.cells.pow(2) + 1)),
    sobol reports
);

/// Sobol with random masks of a seed: see [`sobol_of`].
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn sobol(
    subject: &Subject<'_>,
    parameters: &SobolParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    SOBOL.parameters.check(parameters, subject.input.size.shorter())?;
    let cells = parameters.cells.pow(2);
    // A point has the values of both masks: of A before those of B.
    let points = hypercube(parameters.designs, 2 * cells, parameters.seed);
    let half =
        |first: usize| points.chunks_exact(2 * cells).flat_map(move |point| &point[first..first + cells]).copied();
    let [one, other]: [Vec<f32>; 2] = [0, cells].map(|first| half(first).collect());
    sobol_of(subject, parameters, [&one, &other], control, report)
}

/// The total index of each cell i by Jansen's estimator, Σ_n (f(A_n) − f(A_n with cell i of B_n))² / (2·N·Var f(A)), at
/// the masks' size, for the given masks A and B: `[N, cells²]` each, row by row, values in `[0, 1]`. Masks are enlarged
/// without interpolation.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn sobol_of(
    subject: &Subject<'_>,
    parameters: &SobolParameters,
    masks: [&[f32]; 2],
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    SOBOL.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let size = parameters.cells;
    let cells = size * size;
    let designs = masks[0].len() / cells;
    // All of A first, then of each cell in turn all that has this cell of B.
    let cell_of = cell_of_pixel(size, subject.input.size);
    let write = |index: usize, mask: &mut [f32]| {
        let (kind, design) = (index / designs, index % designs);
        let [one, other] = masks.map(|masks| &masks[design * cells..][..cells]);
        for (pixel, cell) in mask.iter_mut().zip(&cell_of) {
            *pixel = if kind == *cell + 1 { other[*cell] } else { one[*cell] };
        }
    };
    let total = designs * (cells + 1);
    let mut shown = Shown::new(subject, (parameters.baseline, parameters.seed), control, total);
    let scores = shown.scores(total, write, report)?;
    let halves = [0, 1].map(|half| indices(&scores, designs, |design| design % 2 == half));
    let nothing = rounding(&scores).or_else(|| chance(&halves[0], &halves[1]));
    let values = indices(&scores, designs, |_| true).into_iter().map(|value| value as f32).collect();
    let saliency = map_of(Size::square(size), values, Interpolation::HalfPixel);
    let own = Arc::new(parameters.clone());
    Ok(Explanation { nothing, ..Explanation::of(&SOBOL, subject.target, saliency, own, clock.seconds()) })
}

/// The cell of each pixel, row by row.
pub(super) fn cell_of_pixel(size: usize, Size { width, height }: Size) -> Vec<usize> {
    // The cell that the pixel's centre lies in.
    let cell = |pixel: usize, side: usize| (2 * pixel + 1) * size / (2 * side);
    let row_of = |row: usize| (0..width).map(move |column| cell(row, height) * size + cell(column, width));
    (0..height).flat_map(row_of).collect()
}

/// The total indices by some of the masks.
fn indices(scores: &[f32], designs: usize, is_in: impl Fn(usize) -> bool) -> Vec<f64> {
    let some: Vec<usize> = (0..designs).filter(|design| is_in(*design)).collect();
    let score = |kind: usize, design: usize| f64::from(scores[kind * designs + design]);
    let count = some.len().max(1) as f64;
    let mean = some.iter().map(|design| score(0, *design)).sum::<f64>() / count;
    let squares: f64 = some.iter().map(|design| (score(0, *design) - mean).powi(2)).sum();
    let variance = squares / (count - 1.0).max(1.0);
    let kinds = 1..scores.len() / designs.max(1);
    let index = |kind: usize| {
        let moved: f64 = some.iter().map(|design| (score(0, *design) - score(kind, *design)).powi(2)).sum();
        if variance > 0.0 { moved / (2.0 * count * variance) } else { 0.0 }
    };
    kinds.map(index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f = 3·a + b has total indices of nine tenths and one tenth.
    #[test]
    fn indices_of_a_sum_are_the_shares_of_its_variance() {
        let designs = 4000;
        let points = hypercube(designs, 4, 1);
        let f = |a: f32, b: f32| 3.0 * a + b;
        let of = |design: usize| &points[4 * design..][..4];
        let mut scores: Vec<f32> = (0..designs).map(|design| f(of(design)[0], of(design)[1])).collect();
        scores.extend((0..designs).map(|design| f(of(design)[2], of(design)[1])));
        scores.extend((0..designs).map(|design| f(of(design)[0], of(design)[3])));
        let found = indices(&scores, designs, |_| true);
        assert!((found[0] - 0.9).abs() < 0.05 && (found[1] - 0.1).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_pixel_is_of_the_cell_that_its_centre_is_in() {
        assert_eq!(cell_of_pixel(2, Size::square(3)), [0, 1, 1, 2, 3, 3, 2, 3, 3]);
        assert!(cell_of_pixel(4, Size { width: 8, height: 4 })[..8].iter().copied().eq([0, 0, 1, 1, 2, 2, 3, 3]));
    }
}
