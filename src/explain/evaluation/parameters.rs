//! What deletion and insertion are told.

use crate::{Baseline, ExplainError, Kind, Parameter, Scale, Table, cells, field, names};

/// The parameters of deletion and insertion.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveParameters {
    /// Equal steps from nothing changed to everything changed, from 1 to 1000.
    pub steps: usize,
    /// Side of the grid on which the cells of every method are ranked, from 2 to the input's side.
    pub grid: usize,
    /// What a deleted cell is replaced with, whatever the methods' own baselines.
    pub baseline: Baseline,
    /// Whether every map is judged a second time, on `second_baseline`.
    pub second_judge: bool,
    /// What the second judge replaces a deleted cell with.
    pub second_baseline: Baseline,
    /// Random orders that are judged beside the methods, from 0 to 20.
    pub random_orders: usize,
    /// Seed of the order of ties, one order, the same for every method, and of the noise baseline.
    pub seed: u64,
}

impl Default for CurveParameters {
    fn default() -> Self {
        Self {
            steps: 50,
            grid: 28,
            baseline: Baseline::Blur,
            second_judge: true,
            second_baseline: Baseline::Grey,
            random_orders: 3,
            seed: 0,
        }
    }
}

impl CurveParameters {
    /// The rows, in the order of the panel.
    pub const TABLE: Table = Table::of::<Self>(
        "curves",
        &[
            Parameter::new(
                "steps",
                "curve-steps",
                Kind::Whole(|_| 1..=1000, Scale::Log),
                field!(CurveParameters, steps),
                "Steps of the deletion and insertion curves",
            )
            .unit("steps"),
            Parameter::new(
                "grid",
                "curve-grid",
                Kind::Whole(cells, Scale::Log),
                field!(CurveParameters, grid),
                "Cells a side of the grid on which the curves rank every method",
            )
            .unit("cells along a side"),
            Parameter::new(
                "baseline",
                "curve-baseline",
                Kind::Choice(names::<Baseline>),
                field!(CurveParameters, baseline),
                "What the curves replace a deleted cell with",
            )
            .value_name("BASELINE"),
            Parameter::new(
                "second_judge",
                "second-judge",
                Kind::Switch,
                field!(CurveParameters, second_judge),
                "Judge every map a second time, on the second baseline",
            )
            .value_name("BOOL"),
            Parameter::new(
                "second_baseline",
                "second-baseline",
                Kind::Choice(names::<Baseline>),
                field!(CurveParameters, second_baseline),
                "What the second judge replaces a deleted cell with",
            )
            .value_name("BASELINE"),
            Parameter::new(
                "random_orders",
                "random-orders",
                Kind::Whole(|_| 0..=20, Scale::Linear),
                field!(CurveParameters, random_orders),
                "Random orders that are judged beside the methods",
            )
            .unit("orders"),
            Parameter::new("seed", "seed", Kind::Seed, field!(CurveParameters, seed), "Seed of the order of ties")
                .value_name("SEED"),
        ],
    );

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        Self::TABLE.check(self, side)
    }
}
