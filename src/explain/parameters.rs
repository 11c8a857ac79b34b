//! The parameters of every method: the paper's symbols in the docs, the field's words in the names.

use serde::{Deserialize, Serialize};

use super::ExplainError;

/// What a deleted pixel is replaced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// The picture itself, blurred (the paper's choice).
    #[default]
    Blur,
    /// Black.
    Black,
    /// Mean grey: the colour that normalises to zero.
    Grey,
    /// White.
    White,
    /// Seeded uniform noise.
    Noise,
}

impl Baseline {
    /// Every baseline.
    pub const ALL: [Self; 5] = [Self::Blur, Self::Black, Self::Grey, Self::White, Self::Noise];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blur => "blur",
            Self::Black => "black",
            Self::Grey => "grey",
            Self::White => "white",
            Self::Noise => "noise",
        }
    }
}

/// The objective a line search compares step sizes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineSearch {
    /// F at the end of the path, without noise: one forward pass a trial (the authors' first program).
    EndPoint,
    /// F along the whole path with fresh noise: S forward passes a trial (the authors' second program).
    Path,
    /// F along some points of the path with this iteration's noise for base and trials alike, started from
    /// the last accepted step: few passes and a search that compares like with like.
    #[default]
    PathShared,
}

impl LineSearch {
    /// Every line search.
    pub const ALL: [Self; 3] = [Self::PathShared, Self::Path, Self::EndPoint];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::EndPoint => "end-point",
            Self::Path => "path",
            Self::PathShared => "path-shared",
        }
    }
}

/// Iterations in a row that must leave the mask as it was before a run ends early: with one, a step that the noise
/// spoilt would end it.
pub const CONVERGED_AFTER: usize = 2;

/// The parameters of I-GOS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
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
    /// Standard deviation of the noise on each path sample, in normalised input space; 0 to 2.
    pub noise_std: f64,
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
            l1_weight: 1.0,
            tv_weight: 20.0,
            integration_steps: 20,
            iterations: 15,
            mask_size: 28,
            step_max: 1000.0,
            step_min: 1e-5,
            armijo: 1e-4,
            step_decay: 0.2,
            noise_std: 0.2,
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
    /// As the authors' first program runs: end-point search, α_u = 200, λ₁ weakened late.
    ///
    /// Source: Qi, Khorram, Li, AAAI 2020, and <https://github.com/zhongangqi/IGOS>.
    pub fn paper() -> Self {
        Self {
            step_max: 200.0,
            line_search: LineSearch::EndPoint,
            convergence_tolerance: 0.0,
            l1_decay: true,
            ..Self::default()
        }
    }

    /// As the authors' second program runs I-GOS: the whole path with fresh noise, α_u = 1000.
    ///
    /// Source: <https://github.com/khorrams/IGOS_pp>.
    pub fn paper_path() -> Self {
        Self { step_max: 1000.0, line_search: LineSearch::Path, convergence_tolerance: 0.0, ..Self::default() }
    }

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        real("l1_weight", self.l1_weight, 0.0, 1e4)?;
        real("tv_weight", self.tv_weight, 0.0, 1e4)?;
        whole("integration_steps", self.integration_steps, 1, 200)?;
        whole("iterations", self.iterations, 1, 1000)?;
        whole("mask_size", self.mask_size, 2, side)?;
        real("step_max", self.step_max, 1e-8, 1e6)?;
        real("step_min", self.step_min, 1e-8, self.step_max)?;
        real("armijo", self.armijo, 0.0, 1.0)?;
        real("step_decay", self.step_decay, 0.05, 0.95)?;
        real("noise_std", self.noise_std, 0.0, 2.0)?;
        real("convergence_tolerance", self.convergence_tolerance, 0.0, 0.1)?;
        whole("search_points", self.search_points, 1, 200)
    }
}

/// The parameters of integrated gradients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntegratedGradientsParameters {
    /// Samples of the straight path from the baseline to the picture, from 1 to 1000; midpoints.
    pub integration_steps: usize,
    /// Where the path starts.
    pub baseline: Baseline,
    /// Seed of the noise baseline.
    pub seed: u64,
}

impl Default for IntegratedGradientsParameters {
    fn default() -> Self {
        Self { integration_steps: 50, baseline: Baseline::Blur, seed: 0 }
    }
}

/// The parameters of deletion and insertion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CurveParameters {
    /// Equal steps from nothing changed to everything changed, from 1 to 1000.
    pub steps: usize,
    /// Side of the grid on which the cells of every method are ranked, from 2 to the input's side.
    pub grid: usize,
    /// Seed of the order of ties: one order, the same for every method.
    pub seed: u64,
}

impl Default for CurveParameters {
    fn default() -> Self {
        Self { steps: 50, grid: 28, seed: 0 }
    }
}

/// Everything a run can be told, for all methods.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// I-GOS.
    pub igos: IgosParameters,
    /// Integrated gradients.
    pub integrated_gradients: IntegratedGradientsParameters,
    /// Deletion and insertion.
    pub curves: CurveParameters,
}

impl IntegratedGradientsParameters {
    /// Says which parameter is out of its range.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self) -> Result<(), ExplainError> {
        whole("integration_steps", self.integration_steps, 1, 1000)
    }
}

impl CurveParameters {
    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        whole("curve steps", self.steps, 1, 1000)?;
        whole("curve grid", self.grid, 2, side)
    }
}

fn real(name: &'static str, value: f64, low: f64, high: f64) -> Result<(), ExplainError> {
    if value.is_finite() && (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ExplainError::Parameter { name, value: value.to_string(), range: format!("{low} to {high}") })
    }
}

fn whole(name: &'static str, value: usize, low: usize, high: usize) -> Result<(), ExplainError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ExplainError::Parameter { name, value: value.to_string(), range: format!("{low} to {high}") })
    }
}
