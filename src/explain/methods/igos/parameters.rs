//! The parameters of I-GOS: the paper's symbols in the docs, the field's words in the names.

use std::ops::RangeInclusive;

use crate::{
    Baseline, ExplainError, Kind, Named, NoiseUnit, Otherwise, Parameter, Scale, cells, choice, field, methods::IGOS,
    names,
};

/// What I-GOS makes small.
const OBJECTIVE: &str = "objective";
/// The path that its gradient is averaged over.
const PATH: &str = "path";
/// How far a step goes, and when it stops.
const SEARCH: &str = "search";
/// What is random.
const NOISE: &str = "noise";

/// α_u and α_l.
const STEP: RangeInclusive<f64> = 1e-8..=1e6;

/// The objective a line search compares step sizes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineSearch {
    /// F at the end of the path, without noise: at most one forward pass a trial (the authors' first program).
    EndPoint,
    /// F along the whole path with fresh noise: at most S forward passes a trial (the authors' second program).
    Path,
    /// F along some points of the path with this iteration's noise for base and trials alike, started from
    /// the last accepted step: few passes and a search that compares like with like.
    #[default]
    PathShared,
}

impl Named for LineSearch {
    const ALL: &'static [Self] = &[Self::PathShared, Self::Path, Self::EndPoint];

    fn name(self) -> &'static str {
        match self {
            Self::EndPoint => "end-point",
            Self::Path => "path",
            Self::PathShared => "path-shared",
        }
    }
}

choice!(LineSearch);

/// Iterations in a row that must leave the mask as it was before a run ends early: with one, a step that the noise
/// spoilt would end it.
pub const CONVERGED_AFTER: usize = 2;

/// The parameters of I-GOS.
#[derive(Debug, Clone, PartialEq)]
pub struct IgosParameters {
    /// λ₁ ≥ 0: how strongly a large mask is punished. The default is made for probabilities, as is that of λ₂.
    pub l1_weight: f64,
    /// λ₂ ≥ 0: how strongly a ragged mask is punished.
    pub tv_weight: f64,
    /// S, from 1 to 200: samples of the path from the baseline to the masked picture.
    pub integration_steps: usize,
    /// K, from 1 to 1000.
    pub iterations: usize,
    /// m, from 2 to the input's side: the mask has m × m cells.
    pub mask_size: usize,
    /// α_u > 0: the largest step size tried.
    pub step_max: f64,
    /// α_l > 0, at most `step_max`: the search gives up below it.
    pub step_min: f64,
    /// β in [0, 1]: how much of the promised decrease a step must keep.
    pub armijo: f64,
    /// η in [0.05, 0.95]: factor from one trial to the next.
    pub step_decay: f64,
    /// Standard deviation of the noise on each path sample, in `noise_unit`; 0 to 2.
    pub noise: f64,
    /// What `noise` is measured in.
    pub noise_unit: NoiseUnit,
    /// Objective of the line search.
    pub line_search: LineSearch,
    /// Points of the path that `path-shared` compares steps on, from 1 to S (more count as S).
    pub search_points: usize,
    /// The run ends early when [`CONVERGED_AFTER`] iterations in a row have each changed the mask by less than this:
    /// mean absolute change of a cell, from 0 (never) to 0.1.
    pub convergence_tolerance: f64,
    /// Weaken λ₁ late in a run whose score hardly moves, as the authors' first program does.
    pub l1_decay: bool,
    /// What a deleted pixel is replaced with.
    pub baseline: Baseline,
    /// Seed of every random number of the run.
    pub seed: u64,
}

impl Default for IgosParameters {
    fn default() -> Self {
        Self {
            l1_weight: 0.1,
            tv_weight: 2.0,
            integration_steps: 20,
            iterations: 15,
            mask_size: 28,
            step_max: 1000.0,
            step_min: 1e-5,
            armijo: 1e-4,
            step_decay: 0.2,
            noise: 0.045,
            noise_unit: NoiseUnit::White,
            line_search: LineSearch::PathShared,
            search_points: 6,
            convergence_tolerance: 1e-3,
            l1_decay: false,
            baseline: Baseline::Blur,
            seed: 0,
        }
    }
}

impl IgosParameters {
    /// As the authors' first program runs: end-point search, α_u = 200, λ₁ = 1, weakened late, and noise of 0.2 in the
    /// network's own numbers.
    ///
    /// Source: Qi, Khorram, Li, AAAI 2020, and <https://github.com/zhongangqi/IGOS>.
    pub fn paper() -> Self {
        Self {
            l1_weight: 1.0,
            tv_weight: 20.0,
            step_max: 200.0,
            line_search: LineSearch::EndPoint,
            convergence_tolerance: 0.0,
            l1_decay: true,
            noise: 0.2,
            noise_unit: NoiseUnit::Input,
            ..Self::default()
        }
    }

    /// As the authors' second program runs I-GOS: the whole path with fresh noise, α_u = 1000, λ₁ = 1, and noise of 0.2
    /// in the network's own numbers.
    ///
    /// Source: <https://github.com/khorrams/IGOS_pp>.
    pub fn paper_path() -> Self {
        Self {
            l1_weight: 1.0,
            tv_weight: 20.0,
            step_max: 1000.0,
            line_search: LineSearch::Path,
            convergence_tolerance: 0.0,
            noise: 0.2,
            noise_unit: NoiseUnit::Input,
            ..Self::default()
        }
    }

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        IGOS.parameters.check(self, side)
    }
}

/// The rows, in the order of the panel.
pub(super) static ROWS: &[Parameter] = &[
    // Above the upper end either weight alone outweighs any score ten thousand times.
    Parameter::new(
        "l1_weight",
        "l1-weight",
        Kind::Real(|_| 0.0..=1e4, Scale::Log),
        field!(IgosParameters, l1_weight),
        "how strongly a large mask is punished",
    )
    .symbol("λ₁")
    .unit("of probability, for a mask that deletes everything")
    .group(OBJECTIVE)
    .in_captions(),
    Parameter::new(
        "tv_weight",
        "tv-weight",
        Kind::Real(|_| 0.0..=1e4, Scale::Log),
        field!(IgosParameters, tv_weight),
        "how strongly a ragged mask is punished",
    )
    .symbol("λ₂")
    .unit("of probability, for a checkerboard")
    .group(OBJECTIVE)
    .in_captions(),
    Parameter::new(
        "mask_size",
        "mask-size",
        Kind::Whole(cells, Scale::Log),
        field!(IgosParameters, mask_size),
        "the mask has m × m cells",
    )
    .symbol("m")
    .value_name("M")
    .unit("cells along a side")
    .group(OBJECTIVE)
    .in_captions(),
    Parameter::new(
        "l1_decay",
        "l1-decay",
        Kind::Switch,
        field!(IgosParameters, l1_decay),
        "Weaken λ₁ late in a run whose score hardly moves",
    )
    .value_name("BOOL")
    .group(OBJECTIVE),
    Parameter::new(
        "integration_steps",
        "integration-steps",
        Kind::Whole(|_| 1..=200, Scale::Log),
        field!(IgosParameters, integration_steps),
        "samples of I-GOS's path",
    )
    .symbol("S")
    .unit("points")
    .group(PATH)
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(IgosParameters, baseline),
        "What a deleted pixel is replaced with",
    )
    .symbol("Ĩ")
    .value_name("BASELINE")
    .group(PATH)
    .users()
    .in_captions(),
    Parameter::new(
        "iterations",
        "iterations",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(IgosParameters, iterations),
        "iterations of I-GOS",
    )
    .symbol("K")
    .group(SEARCH)
    .in_captions(),
    Parameter::new(
        "convergence_tolerance",
        "convergence-tolerance",
        Kind::Real(|_| 0.0..=0.1, Scale::Log),
        field!(IgosParameters, convergence_tolerance),
        "End early when two iterations in a row change the mask by less than this, mean of the cells; 0 never does",
    )
    .value_name("CHANGE")
    .unit("of a cell, on average")
    .group(SEARCH),
    Parameter::new(
        "line_search",
        "line-search",
        Kind::Choice(names::<LineSearch>),
        field!(IgosParameters, line_search),
        "What the line search compares",
    )
    .value_name("SEARCH")
    .group(SEARCH)
    .in_captions(),
    Parameter::new(
        "search_points",
        "search-points",
        Kind::Whole(|_| 1..=200, Scale::Log),
        field!(IgosParameters, search_points),
        "Points of the path that the path-shared search uses",
    )
    .unit("points")
    .group(SEARCH)
    .at_most("integration_steps", Otherwise::Follows)
    .counts_if("line_search", "path-shared"),
    Parameter::new(
        "step_max",
        "step-max",
        Kind::Real(|_| STEP, Scale::Log),
        field!(IgosParameters, step_max),
        "the largest step tried",
    )
    .symbol("α_u")
    .group(SEARCH),
    Parameter::new(
        "step_min",
        "step-min",
        Kind::Real(|_| STEP, Scale::Log),
        field!(IgosParameters, step_min),
        "the search gives up below this step",
    )
    .symbol("α_l")
    .group(SEARCH)
    .at_most("step_max", Otherwise::Refused),
    Parameter::new(
        "armijo",
        "armijo",
        Kind::Real(|_| 0.0..=1.0, Scale::Log),
        field!(IgosParameters, armijo),
        "share of the promised decrease a step must keep",
    )
    .symbol("β")
    .group(SEARCH),
    // Nearer to 1 a search never ends, nearer to 0 it skips every useful step.
    Parameter::new(
        "step_decay",
        "step-decay",
        Kind::Real(|_| 0.05..=0.95, Scale::Linear),
        field!(IgosParameters, step_decay),
        "factor from one trial step to the next",
    )
    .symbol("η")
    .group(SEARCH),
    // In a network's numbers a picture spans about −2 to 2.
    Parameter::new(
        "noise",
        "noise",
        Kind::Real(|_| 0.0..=2.0, Scale::Log),
        field!(IgosParameters, noise),
        "standard deviation of the noise on each sample",
    )
    .symbol("σ")
    .value_name("STD")
    .group(NOISE)
    .formerly("noise_std", "noise_unit", "input")
    .in_captions(),
    Parameter::new(
        "noise_unit",
        "noise-unit",
        Kind::Choice(names::<NoiseUnit>),
        field!(IgosParameters, noise_unit),
        "What the noise is measured in: shares of white, or numbers of the network's input",
    )
    .value_name("UNIT")
    .group(NOISE)
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(IgosParameters, seed), "Seed of every random number")
        .value_name("SEED")
        .group(NOISE)
        .users()
        .in_captions(),
];
