//! The parameters of every method: the paper's symbols in the docs, the field's words in the names.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{ExplainError, ranges};

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
    /// F at the end of the path, without noise: at most one forward pass a trial (the authors' first program).
    EndPoint,
    /// F along the whole path with fresh noise: at most S forward passes a trial (the authors' second program).
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
        real("l1_weight", self.l1_weight, ranges::WEIGHT)?;
        real("tv_weight", self.tv_weight, ranges::WEIGHT)?;
        whole("integration_steps", self.integration_steps, ranges::INTEGRATION_STEPS)?;
        whole("iterations", self.iterations, ranges::ITERATIONS)?;
        whole("mask_size", self.mask_size, ranges::cells(side))?;
        real("step_max", self.step_max, ranges::STEP)?;
        real("step_min", self.step_min, *ranges::STEP.start()..=self.step_max)?;
        real("armijo", self.armijo, ranges::ARMIJO)?;
        real("step_decay", self.step_decay, ranges::STEP_DECAY)?;
        real("noise_std", self.noise_std, ranges::NOISE_STD)?;
        real("convergence_tolerance", self.convergence_tolerance, ranges::CONVERGENCE_TOLERANCE)?;
        whole("search_points", self.search_points, ranges::INTEGRATION_STEPS)
    }

    /// These values with each one out of its range at the range's nearer end, or at its default if it is no number,
    /// and none contradicting another: they pass [`IgosParameters::check`] for the same `side`.
    pub fn clamped(&self, side: usize) -> Self {
        let usual = Self::default();
        let real = |value: f64, usual: f64, range: RangeInclusive<f64>| {
            if value.is_nan() { usual } else { value.clamp(*range.start(), *range.end()) }
        };
        let step_max = real(self.step_max, usual.step_max, ranges::STEP);
        let integration_steps = clamped(self.integration_steps, ranges::INTEGRATION_STEPS);
        Self {
            l1_weight: real(self.l1_weight, usual.l1_weight, ranges::WEIGHT),
            tv_weight: real(self.tv_weight, usual.tv_weight, ranges::WEIGHT),
            integration_steps,
            iterations: clamped(self.iterations, ranges::ITERATIONS),
            mask_size: clamped(self.mask_size, ranges::cells(side)),
            step_max,
            step_min: real(self.step_min, usual.step_min, ranges::STEP).min(step_max),
            armijo: real(self.armijo, usual.armijo, ranges::ARMIJO),
            step_decay: real(self.step_decay, usual.step_decay, ranges::STEP_DECAY),
            noise_std: real(self.noise_std, usual.noise_std, ranges::NOISE_STD),
            search_points: self.search_points.clamp(1, integration_steps),
            convergence_tolerance: real(
                self.convergence_tolerance,
                usual.convergence_tolerance,
                ranges::CONVERGENCE_TOLERANCE,
            ),
            ..self.clone()
        }
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
        whole("integration_steps", self.integration_steps, ranges::STRAIGHT_PATH_STEPS)
    }
}

impl CurveParameters {
    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        whole("curve steps", self.steps, ranges::CURVE_STEPS)?;
        whole("curve grid", self.grid, ranges::cells(side))
    }
}

impl Parameters {
    /// These values, all within their ranges for a model whose input is `side` pixels wide and high.
    pub fn clamped(&self, side: usize) -> Self {
        let (straight, curves) = (&self.integrated_gradients, &self.curves);
        Self {
            igos: self.igos.clamped(side),
            integrated_gradients: IntegratedGradientsParameters {
                integration_steps: clamped(straight.integration_steps, ranges::STRAIGHT_PATH_STEPS),
                ..straight.clone()
            },
            curves: CurveParameters {
                steps: clamped(curves.steps, ranges::CURVE_STEPS),
                grid: clamped(curves.grid, ranges::cells(side)),
                ..curves.clone()
            },
        }
    }
}

fn clamped(value: usize, range: RangeInclusive<usize>) -> usize {
    value.clamp(*range.start(), *range.end())
}

fn real(name: &'static str, value: f64, range: RangeInclusive<f64>) -> Result<(), ExplainError> {
    if value.is_finite() && range.contains(&value) { Ok(()) } else { Err(out_of_range(name, value, &range)) }
}

fn whole(name: &'static str, value: usize, range: RangeInclusive<usize>) -> Result<(), ExplainError> {
    if range.contains(&value) { Ok(()) } else { Err(out_of_range(name, value, &range)) }
}

fn out_of_range<T: ToString>(name: &'static str, value: T, range: &RangeInclusive<T>) -> ExplainError {
    let range = format!("{} to {}", range.start().to_string(), range.end().to_string());
    ExplainError::Parameter { name, value: value.to_string(), range }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn clamped_parameters_are_in_their_ranges_whatever_they_were(
            reals in prop::array::uniform8(prop::num::f64::ANY),
            wholes in prop::array::uniform7(0..2000_usize),
            side in 2..300_usize,
        ) {
            let [l1_weight, tv_weight, step_max, step_min, armijo, step_decay, noise_std, convergence_tolerance] = reals;
            let [integration_steps, iterations, mask_size, search_points, straight, steps, grid] = wholes;
            let igos = IgosParameters {
                l1_weight, tv_weight, step_max, step_min, armijo, step_decay, noise_std, convergence_tolerance,
                integration_steps, iterations, mask_size, search_points,
                ..IgosParameters::default()
            };
            let integrated_gradients =
                IntegratedGradientsParameters { integration_steps: straight, ..Default::default() };
            let curves = CurveParameters { steps, grid, seed: 0 };
            let clamped = Parameters { igos, integrated_gradients, curves }.clamped(side);
            clamped.igos.check(side).unwrap();
            prop_assert!(clamped.igos.search_points <= clamped.igos.integration_steps);
            clamped.integrated_gradients.check().unwrap();
            clamped.curves.check(side).unwrap();
        }
    }

    #[test]
    fn parameters_in_their_ranges_stay_as_they_are() {
        for igos in [IgosParameters::default(), IgosParameters::paper(), IgosParameters::paper_path()] {
            assert_eq!(igos.clamped(224), igos);
        }
        assert_eq!(Parameters::default().clamped(224), Parameters::default());
    }
}
