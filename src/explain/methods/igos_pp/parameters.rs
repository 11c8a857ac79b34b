//! The parameters of iGOS++.

use std::ops::RangeInclusive;

use crate::{
    Baseline, ExplainError, Kind, Named, Otherwise, Parameter, Preset, Scale, cells, choice, field, methods::IGOS_PP,
    names,
};

/// What iGOS++ makes small.
const OBJECTIVE: &str = "objective";
/// The paths that its gradient is averaged over.
const PATH: &str = "path";
/// How far a step goes.
const SEARCH: &str = "search";
/// What is random.
const NOISE: &str = "noise";

/// α_u and α_l.
const STEP: RangeInclusive<f64> = 1e-8..=1e6;

/// How far a step of iGOS++ goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IgosPpSearch {
    /// A line search on some points of the paths with the gradient's own noise, begun at the last accepted step: as
    /// I-GOS's `path-shared`.
    #[default]
    Shared,
    /// A line search on all points with fresh noise (the authors' program).
    Fresh,
    /// No search: Nesterov's accelerated gradient with the largest step (the authors' later program).
    Nesterov,
}

impl Named for IgosPpSearch {
    const ALL: &'static [Self] = &[Self::Shared, Self::Fresh, Self::Nesterov];

    fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Fresh => "fresh",
            Self::Nesterov => "nesterov",
        }
    }
}

choice!(IgosPpSearch);

/// The parameters of iGOS++.
#[derive(Debug, Clone, PartialEq)]
pub struct IgosPpParameters {
    /// λ₁ ≥ 0: how strongly a large mask is punished.
    pub l1_weight: f64,
    /// λ₂ ≥ 0: how strongly a ragged mask is punished.
    pub tv_weight: f64,
    /// The difference of two neighbouring pixels, in shares of white, from which an edge of the mask between them costs
    /// little; 0.001 to 1.
    pub edge: f64,
    /// m, from 2 to the input's side: each mask has m × m cells.
    pub mask_size: usize,
    /// S, from 1 to 200: points of each of the four paths.
    pub integration_steps: usize,
    /// What a deleted pixel is replaced with.
    pub baseline: Baseline,
    /// K, from 1 to 1000.
    pub iterations: usize,
    /// How far a step goes.
    pub search: IgosPpSearch,
    /// Points of each path that the shared search compares steps on, from 1 to S (more count as S).
    pub search_points: usize,
    /// α_u > 0: the largest step tried; Nesterov's only one.
    pub step_max: f64,
    /// α_l > 0, at most `step_max`: a search gives up below it.
    pub step_min: f64,
    /// β in [0, 1]: how much of the promised decrease a step must keep.
    pub armijo: f64,
    /// η in [0.05, 0.95]: factor from one trial to the next.
    pub step_decay: f64,
    /// Standard deviation of the noise on each path sample, in shares of white; 0 to 1.
    pub noise: f64,
    /// Seed of every random number of the run.
    pub seed: u64,
}

impl Default for IgosPpParameters {
    fn default() -> Self {
        Self {
            // A tenth of the program's, as of I-GOS's: at its price the embedded network's masks end up all but empty, and
            // of five of the six sample pictures that it is sure of nothing is found.
            l1_weight: 1.0,
            tv_weight: 20.0,
            // The program's 0.1 of ImageNet's standard deviation.
            edge: 0.0226,
            mask_size: 28,
            integration_steps: 20,
            baseline: Baseline::Blur,
            iterations: 15,
            search: IgosPpSearch::Shared,
            search_points: 6,
            step_max: 1000.0,
            step_min: 1e-5,
            armijo: 1e-4,
            step_decay: 0.2,
            // The program's 0.2 of it.
            noise: 0.045,
            seed: 0,
        }
    }
}

impl IgosPpParameters {
    /// As the authors' program runs: its price of a large mask, and a line search on whole paths with fresh noise.
    ///
    /// Source: <https://github.com/khorrams/IGOS_pp>.
    pub fn paper() -> Self {
        Self { l1_weight: 10.0, search: IgosPpSearch::Fresh, ..Self::default() }
    }

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        IGOS_PP.parameters.check(self, side)
    }
}

/// Sets of values that are known to be good for something.
pub(super) static PRESETS: &[Preset] = &[Preset {
    name: "paper-pp",
    purpose: "As the authors' program: whole paths, fresh noise",
    values: || Box::new(IgosPpParameters::paper()),
}];

/// The rows, in the order of the panel.
pub(super) static ROWS: &[Parameter] = &[
    Parameter::new(
        "l1_weight",
        "igos-pp-l1-weight",
        Kind::Real(|_| 0.0..=1e4, Scale::Log),
        field!(IgosPpParameters, l1_weight),
        "how strongly a large mask is punished",
    )
    .symbol("λ₁")
    .unit("of probability, for a mask that deletes everything")
    .group(OBJECTIVE)
    .in_captions(),
    Parameter::new(
        "tv_weight",
        "igos-pp-tv-weight",
        Kind::Real(|_| 0.0..=1e4, Scale::Log),
        field!(IgosPpParameters, tv_weight),
        "how strongly a ragged mask is punished",
    )
    .symbol("λ₂")
    .unit("of probability, for a checkerboard")
    .group(OBJECTIVE)
    .in_captions(),
    Parameter::new(
        "edge",
        "igos-pp-edge",
        Kind::Real(|_| 1e-3..=1.0, Scale::Log),
        field!(IgosPpParameters, edge),
        "Difference of neighbouring pixels from which the mask may have an edge there",
    )
    .value_name("SHARE")
    .unit("of white")
    .group(OBJECTIVE),
    Parameter::new(
        "mask_size",
        "igos-pp-mask-size",
        Kind::Whole(cells, Scale::Log),
        field!(IgosPpParameters, mask_size),
        "each mask has m × m cells",
    )
    .symbol("m")
    .value_name("M")
    .unit("cells along a side")
    .group(OBJECTIVE)
    .in_captions(),
    Parameter::new(
        "integration_steps",
        "igos-pp-integration-steps",
        Kind::Whole(|_| 1..=200, Scale::Log),
        field!(IgosPpParameters, integration_steps),
        "points of each of iGOS++'s four paths",
    )
    .symbol("S")
    .unit("points")
    .group(PATH)
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(IgosPpParameters, baseline),
        "What a deleted pixel is replaced with",
    )
    .symbol("Ĩ")
    .value_name("BASELINE")
    .group(PATH)
    .users()
    .in_captions(),
    Parameter::new(
        "iterations",
        "igos-pp-iterations",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(IgosPpParameters, iterations),
        "iterations of iGOS++",
    )
    .symbol("K")
    .group(SEARCH)
    .in_captions(),
    Parameter::new(
        "search",
        "igos-pp-search",
        Kind::Choice(names::<IgosPpSearch>),
        field!(IgosPpParameters, search),
        "How far a step goes: what the line search compares, or Nesterov's acceleration without one",
    )
    .value_name("SEARCH")
    .group(SEARCH)
    .in_captions(),
    Parameter::new(
        "search_points",
        "igos-pp-search-points",
        Kind::Whole(|_| 1..=200, Scale::Log),
        field!(IgosPpParameters, search_points),
        "Points of each path that the shared search uses",
    )
    .unit("points")
    .group(SEARCH)
    .at_most("integration_steps", Otherwise::Follows)
    .counts_if("search", "shared"),
    Parameter::new(
        "step_max",
        "igos-pp-step-max",
        Kind::Real(|_| STEP, Scale::Log),
        field!(IgosPpParameters, step_max),
        "the largest step tried, and Nesterov's only one",
    )
    .symbol("α_u")
    .group(SEARCH),
    Parameter::new(
        "step_min",
        "igos-pp-step-min",
        Kind::Real(|_| STEP, Scale::Log),
        field!(IgosPpParameters, step_min),
        "the search gives up below this step",
    )
    .symbol("α_l")
    .group(SEARCH)
    .at_most("step_max", Otherwise::Refused),
    Parameter::new(
        "armijo",
        "igos-pp-armijo",
        Kind::Real(|_| 0.0..=1.0, Scale::Log),
        field!(IgosPpParameters, armijo),
        "share of the promised decrease a step must keep",
    )
    .symbol("β")
    .group(SEARCH),
    Parameter::new(
        "step_decay",
        "igos-pp-step-decay",
        Kind::Real(|_| 0.05..=0.95, Scale::Linear),
        field!(IgosPpParameters, step_decay),
        "factor from one trial step to the next",
    )
    .symbol("η")
    .group(SEARCH),
    Parameter::new(
        "noise",
        "igos-pp-noise",
        Kind::Real(|_| 0.0..=1.0, Scale::Log),
        field!(IgosPpParameters, noise),
        "standard deviation of the noise on each sample",
    )
    .symbol("σ")
    .value_name("STD")
    .unit("of white")
    .group(NOISE)
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(IgosPpParameters, seed), "Seed of every random number")
        .value_name("SEED")
        .group(NOISE)
        .users()
        .in_captions(),
];
