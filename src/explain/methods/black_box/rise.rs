//! RISE: the mean of random masks, each weighted by the score that the network gives the picture behind it.
//!
//! Source: Petsiuk, Das, Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, BMVC 2018
//! (arXiv 1806.07421). Masks are made as in the authors' program.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{agreement::chance, map_of, masked::Shown, passes_of, rounding};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Scale, Subject, Table, Update,
    field,
    imaging::{Interpolation, Size},
    method::explains,
    names,
    stopwatch::Stopwatch,
};

/// RISE's row.
pub static RISE: Method = Method {
    id: "rise",
    title: "RISE",
    color: [160, 80, 160],
    family: Family::Answers,
    meaning: "How much higher the score is on average when the place is in sight than over all random masks.",
    misleads: "It is an estimate from random masks, with grain where they are few; parts that stand in for each other look weak.",
    computes: "The picture is hidden behind thousands of random masks, which leave soft patches of it in sight, and the network's score is noted for each. The map is the mean of the masks, each weighted by its score: places that are in sight when the score is high come out bright. Nothing but the network's answers is needed.",
    source: "Vitali Petsiuk, Abir Das, Kate Saenko: RISE: Randomized Input Sampling for Explanation of Black-box Models, BMVC 2018 (arXiv 1806.07421)",
    parameters: Table::of::<RiseParameters>("rise", ROWS),
    ..Method::of::<Rise>()
};

/// The parameters of RISE. The defaults are the paper's.
#[derive(Debug, Clone, PartialEq)]
pub struct RiseParameters {
    /// N: random masks, from 10 to 20000; the paper has 4000 for a VGG and 8000 for a ResNet.
    pub masks: usize,
    /// s: cells along a side of a mask before it is enlarged, from 2 on.
    pub cells: usize,
    /// p: the share of cells in sight, from 0.05 to 0.95.
    pub probability: f64,
    /// What is not in sight. The authors' program multiplies normalised pictures, so that it is mean grey.
    pub baseline: Baseline,
    /// Seed of the masks, and of the noise baseline.
    pub seed: u64,
}

impl Default for RiseParameters {
    fn default() -> Self {
        Self { masks: 4000, cells: 7, probability: 0.5, baseline: Baseline::Grey, seed: 0 }
    }
}

static ROWS: &[Parameter] = &[
    Parameter::new(
        "masks",
        "rise-masks",
        Kind::Whole(|_| 10..=20000, Scale::Log),
        field!(RiseParameters, masks),
        "random masks of RISE",
    )
    .symbol("N")
    .unit("masks")
    .in_captions(),
    Parameter::new(
        "cells",
        "rise-cells",
        Kind::Whole(|side| 2..=(side as u64 / 2).max(2), Scale::Log),
        field!(RiseParameters, cells),
        "cells along a side of a mask of RISE before it is enlarged",
    )
    .symbol("s")
    .unit("cells")
    .in_captions(),
    Parameter::new(
        "probability",
        "rise-probability",
        Kind::Real(|_| 0.05..=0.95, Scale::Linear),
        field!(RiseParameters, probability),
        "share of the cells that a mask of RISE leaves in sight",
    )
    .symbol("p")
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(RiseParameters, baseline),
        "What RISE hides places behind",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(RiseParameters, seed), "Seed of RISE's masks")
        .value_name("SEED")
        .in_captions(),
];

explains!(Rise: RiseParameters, |parameters| passes_of(parameters.masks), rise reports);

/// A mask before it is enlarged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiseGrid {
    /// `s × s` cells, row by row: whether each is in sight.
    pub cells: Vec<bool>,
    /// By how many pixels the enlarged mask is shifted to the left.
    pub right: usize,
    /// And up.
    pub down: usize,
}

impl RiseGrid {
    /// The mask with a number, of a picture of a size.
    fn random(parameters: &RiseParameters, size: Size, number: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(parameters.seed);
        random.set_stream(number as u64);
        let cells = parameters.cells * parameters.cells;
        let cells = (0..cells).map(|_| random.random::<f64>() < parameters.probability).collect();
        let mut shift = |side: usize| random.random_range(0..side.div_ceil(parameters.cells));
        let (right, down) = (shift(size.width), shift(size.height));
        Self { cells, right, down }
    }
}

/// How masks are enlarged: to (s + 1)·⌈side/s⌉ pixels along each side, of which the picture's are cut out. Bilinear between
/// the centres of cells, mirrored at the outermost ones, as scikit-image does it.
struct Enlarging {
    cells: usize,
    size: Size,
    /// Of each row and column of the enlarged mask: the cells before and after it, and the share of the second one.
    rows: Vec<(usize, usize, f32)>,
    columns: Vec<(usize, usize, f32)>,
}

impl Enlarging {
    fn new(cells: usize, size: Size) -> Self {
        let last = (cells - 1) as f64;
        let between = |side: usize| {
            let large = (cells + 1) * side.div_ceil(cells);
            let place = |pixel: usize| {
                let place = ((pixel as f64 + 0.5) * cells as f64 / large as f64 - 0.5).abs();
                if place > last { 2.0 * last - place } else { place }
            };
            let cells_around = |pixel: usize| {
                let place = place(pixel);
                let first = (place as usize).min(cells - 1);
                (first, (first + 1).min(cells - 1), (place - first as f64) as f32)
            };
            (0..large).map(cells_around).collect()
        };
        Self { cells, size, rows: between(size.height), columns: between(size.width) }
    }

    /// A mask, `[height, width]`.
    fn write(&self, grid: &RiseGrid, mask: &mut [f32]) {
        let Size { width, height } = self.size;
        let columns = &self.columns[grid.right..][..width];
        let value = |row: usize, column: usize| f32::from(u8::from(grid.cells[row * self.cells + column]));
        let wide: Vec<f32> = (0..self.cells)
            .flat_map(|row| {
                let at = move |column| value(row, column);
                columns.iter().map(move |(a, b, share)| at(*a) + (at(*b) - at(*a)) * share)
            })
            .collect();
        let rows = &self.rows[grid.down..][..height];
        for (line, (upper, lower, share)) in mask.chunks_exact_mut(width).zip(rows) {
            let upper = &wide[upper * width..][..width];
            let lower = &wide[lower * width..][..width];
            for ((pixel, upper), lower) in line.iter_mut().zip(upper).zip(lower) {
                *pixel = upper + (lower - upper) * share;
            }
        }
    }
}

/// RISE with the random masks of a seed: see [`rise_of`].
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn rise(
    subject: &Subject<'_>,
    parameters: &RiseParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    RISE.parameters.check(parameters, subject.input.size.shorter())?;
    let grids: Vec<RiseGrid> =
        (0..parameters.masks).map(|number| RiseGrid::random(parameters, subject.input.size, number)).collect();
    rise_of(subject, parameters, &grids, control, report)
}

/// S(x) = Σ_i f(I ⊙ M_i)·M_i(x) / (N·p) for the given masks, at input size. The map is S less its lowest value, as one
/// would draw it; signed, S less the mean score, which it is where a place makes no difference.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn rise_of(
    subject: &Subject<'_>,
    parameters: &RiseParameters,
    grids: &[RiseGrid],
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    RISE.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let size = subject.input.size;
    let enlarging = Enlarging::new(parameters.cells, size);
    let baseline = (parameters.baseline, parameters.seed);
    let mut shown = Shown::new(subject, baseline, control, grids.len());
    let scores = shown.scores(grids.len(), |index, mask| enlarging.write(&grids[index], mask), report)?;
    // One sum for the masks of even numbers and one for the others, to tell a finding from chance.
    let mut halves = [vec![0.0_f64; size.area()], vec![0.0_f64; size.area()]];
    let mut mask = vec![0.0; size.area()];
    for (number, (grid, score)) in grids.iter().zip(&scores).enumerate() {
        enlarging.write(grid, &mut mask);
        for (sum, mask) in halves[number % 2].iter_mut().zip(&mask) {
            *sum += f64::from(*score) * f64::from(*mask);
        }
    }
    let expected = grids.len().max(1) as f64 * parameters.probability;
    let values: Vec<f64> = halves[0].iter().zip(&halves[1]).map(|(one, other)| (one + other) / expected).collect();
    let mean = scores.iter().copied().map(f64::from).sum::<f64>() / scores.len().max(1) as f64;
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let less = |offset: f64| {
        let values = values.iter().map(|value| (value - offset) as f32).collect();
        map_of(size, values, Interpolation::Nearest)
    };
    let (saliency, signed) = (less(lowest), less(mean));
    let nothing = rounding(&scores).or_else(|| chance(&halves[0], &halves[1]));
    let notes = vec![("mean_score", format!("{mean:.4}"))];
    let parameters = Arc::new(parameters.clone());
    let explanation = Explanation::of(&RISE, subject.target, saliency, parameters, clock.seconds());
    Ok(Explanation { signed: Some(signed), nothing, notes, ..explanation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_a_number_are_the_same_again_and_leave_the_share_in_sight() {
        let parameters = RiseParameters { probability: 0.3, ..RiseParameters::default() };
        let grids: Vec<RiseGrid> =
            (0..400).map(|number| RiseGrid::random(&parameters, Size::square(64), number)).collect();
        assert_eq!(grids[7], RiseGrid::random(&parameters, Size::square(64), 7));
        assert_ne!(grids[7], grids[8]);
        let lit = grids.iter().flat_map(|grid| &grid.cells).filter(|cell| **cell).count();
        let share = lit as f64 / (400.0 * 49.0);
        assert!((share - 0.3).abs() < 0.02, "{share}");
        assert!(grids.iter().all(|grid| grid.right < 10 && grid.down < 10));
    }

    #[test]
    fn a_mask_is_flat_where_all_cells_are_and_stays_between_them() {
        let enlarging = Enlarging::new(5, Size { width: 33, height: 21 });
        let mut mask = vec![0.0; 33 * 21];
        let grid = |cells: Vec<bool>| RiseGrid { cells, right: 6, down: 0 };
        enlarging.write(&grid(vec![true; 25]), &mut mask);
        assert!(mask.iter().all(|value| *value == 1.0));
        enlarging.write(&grid((0..25).map(|cell| cell % 3 == 0).collect()), &mut mask);
        assert!(mask.iter().all(|value| (0.0..=1.0).contains(value)));
        assert!(mask.iter().any(|value| *value == 0.0 || *value < 0.1) && mask.iter().any(|value| *value > 0.5));
    }
}
