//! The parameters of curve descent, and sets of their values that are known to be good for something.

use crate::{Baseline, ExplainError, Kind, Parameter, Preset, Scale, Value, cells, field, names};

use super::CURVE_DESCENT;

/// The parameters of curve descent.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveDescentParameters {
    /// w_d ≥ 0: what the area under deletion counts.
    pub deletion_weight: f64,
    /// w_i ≥ 0: what the area under insertion counts.
    pub insertion_weight: f64,
    /// m, from 2 to the input's side: the order is of m × m cells.
    pub mask_size: usize,
    /// L, from 1 to 100: places of the path that each iteration looks at, with two pictures each.
    pub levels: usize,
    /// Whether each place is drawn anew in its part of the path, or always its middle.
    pub jitter: bool,
    /// What a deleted pixel is replaced with.
    pub baseline: Baseline,
    /// Standard deviation of the noise on each picture, in shares of white; 0 to 1.
    pub noise: f64,
    /// The most by which what replaces deleted pixels is lighter or darker in a picture, in shares of white; 0 to 1.
    pub baseline_jitter: f64,
    /// τ > 0: how soft the edges of the masks are, in steps of the order.
    pub temperature: f64,
    /// K, from 1 to 1000.
    pub iterations: usize,
    /// The first step, in the order's numbers; the last is 0.3 of it.
    pub step_size: f64,
    /// Standard deviation of the Gaussian over the first gradient, in cells; it falls to 0 over the run.
    pub smoothing: f64,
    /// By how much of the way each place in the order moves to the mean of those around it, after every step; 0 to 1.
    pub diffusion: f64,
    /// The run ends early when some iterations in a row have lowered the objective by no more than this, in the score
    /// that is explained; 0 never does.
    pub convergence_tolerance: f64,
    /// Seed of every random number of the run.
    pub seed: u64,
}

impl Default for CurveDescentParameters {
    fn default() -> Self {
        Self {
            deletion_weight: 2.0,
            insertion_weight: 1.0,
            mask_size: 28,
            levels: 5,
            jitter: true,
            baseline: Baseline::Blur,
            noise: 0.03,
            baseline_jitter: 0.5,
            temperature: 0.6,
            iterations: 30,
            step_size: 1.6,
            smoothing: 1.5,
            diffusion: 0.15,
            convergence_tolerance: 1e-3,
            seed: 0,
        }
    }
}

impl CurveDescentParameters {
    /// In a second: many rough directions find more than few good ones.
    pub fn fast() -> Self {
        Self { levels: 3, iterations: 16, ..Self::default() }
    }

    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        CURVE_DESCENT.parameters.check(self, side)
    }
}

/// Every preset, in the order to offer them.
pub(super) static PRESETS: &[Preset] = &[
    Preset {
        name: "default",
        purpose: "A good map in seconds",
        values: || Box::new(CurveDescentParameters::default()),
    },
    Preset {
        name: "fast",
        purpose: "A first look: coarser mask, half the samples",
        values: || Box::new(CurveDescentParameters::fast()),
    },
];

/// The rows, in the order of the panel.
pub(super) static ROWS: &[Parameter] = &[
    Parameter::new(
        "deletion_weight",
        "deletion-weight",
        Kind::Real(|_| 0.0..=100.0, Scale::Log),
        field!(CurveDescentParameters, deletion_weight),
        "what the area under deletion counts for curve descent",
    )
    .symbol("w_d")
    .in_captions(),
    Parameter::new(
        "insertion_weight",
        "insertion-weight",
        Kind::Real(|_| 0.0..=100.0, Scale::Log),
        field!(CurveDescentParameters, insertion_weight),
        "what the area under insertion counts for curve descent",
    )
    .symbol("w_i")
    .in_captions(),
    Parameter::new(
        "mask_size",
        "descent-mask-size",
        Kind::Whole(cells, Scale::Log),
        field!(CurveDescentParameters, mask_size),
        "curve descent orders m × m cells",
    )
    .symbol("m")
    .value_name("M")
    .unit("cells along a side")
    .in_captions(),
    Parameter::new(
        "levels",
        "descent-levels",
        Kind::Whole(|_| 1..=100, Scale::Log),
        field!(CurveDescentParameters, levels),
        "places of the path that each iteration of curve descent looks at",
    )
    .symbol("L")
    .unit("places, of two pictures each")
    .in_captions(),
    Parameter::new(
        "jitter",
        "descent-jitter",
        Kind::Switch,
        field!(CurveDescentParameters, jitter),
        "Draw curve descent's places anew in every iteration",
    )
    .value_name("BOOL"),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(CurveDescentParameters, baseline),
        "What a deleted pixel is replaced with",
    )
    .value_name("BASELINE")
    .users()
    .in_captions(),
    Parameter::new(
        "noise",
        "descent-noise",
        Kind::Real(|_| 0.0..=1.0, Scale::Linear),
        field!(CurveDescentParameters, noise),
        "standard deviation of the noise on each of curve descent's pictures",
    )
    .symbol("σ")
    .value_name("STD")
    .unit("of white"),
    Parameter::new(
        "baseline_jitter",
        "descent-baseline-jitter",
        Kind::Real(|_| 0.0..=1.0, Scale::Linear),
        field!(CurveDescentParameters, baseline_jitter),
        "how much lighter or darker at most what replaces deleted pixels is in each of curve descent's pictures",
    )
    .value_name("MOST")
    .unit("of white")
    .absent(Value::Real(0.0)),
    Parameter::new(
        "temperature",
        "descent-temperature",
        Kind::Real(|_| 0.05..=20.0, Scale::Log),
        field!(CurveDescentParameters, temperature),
        "how soft the edges of curve descent's masks are",
    )
    .symbol("τ"),
    Parameter::new(
        "iterations",
        "descent-iterations",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(CurveDescentParameters, iterations),
        "iterations of curve descent",
    )
    .symbol("K")
    .in_captions(),
    Parameter::new(
        "step_size",
        "descent-step-size",
        Kind::Real(|_| 0.001..=100.0, Scale::Log),
        field!(CurveDescentParameters, step_size),
        "how far curve descent's first step goes",
    ),
    Parameter::new(
        "smoothing",
        "descent-smoothing",
        Kind::Real(|_| 0.0..=10.0, Scale::Linear),
        field!(CurveDescentParameters, smoothing),
        "standard deviation of the Gaussian over curve descent's first gradient; it falls to 0",
    )
    .value_name("STD")
    .unit("cells"),
    Parameter::new(
        "diffusion",
        "descent-diffusion",
        Kind::Real(|_| 0.0..=1.0, Scale::Linear),
        field!(CurveDescentParameters, diffusion),
        "how far each place of curve descent's order moves to its neighbours' mean after every step",
    )
    .value_name("SHARE")
    .unit("of the way")
    .absent(Value::Real(0.0)),
    Parameter::new(
        "convergence_tolerance",
        "descent-tolerance",
        Kind::Real(|_| 0.0..=1.0, Scale::Log),
        field!(CurveDescentParameters, convergence_tolerance),
        "End curve descent early when some iterations in a row lower its objective by no more than this; 0 never does",
    )
    .value_name("CHANGE")
    .unit("of the score"),
    Parameter::new("seed", "seed", Kind::Seed, field!(CurveDescentParameters, seed), "Seed of every random number")
        .value_name("SEED")
        .users()
        .in_captions(),
];
