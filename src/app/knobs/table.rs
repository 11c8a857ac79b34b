//! The table of parameters.

use std::ops::RangeInclusive;

use super::{Group, Kind, Knob};
use crate::explain::{Baseline, LineSearch, ranges};

fn whole(range: &RangeInclusive<usize>) -> RangeInclusive<f64> {
    *range.start() as f64..=*range.end() as f64
}

fn cells(side: usize) -> RangeInclusive<f64> {
    whole(&ranges::cells(side))
}

fn place<T: PartialEq>(all: &[T], value: &T) -> usize {
    all.iter().position(|one| one == value).unwrap_or_default()
}

fn baselines() -> Vec<&'static str> {
    Baseline::ALL.iter().map(|baseline| baseline.name()).collect()
}

/// Every parameter, group by group.
pub static KNOBS: &[Knob] = &[
    Knob {
        group: Group::Objective,
        id: "knob-l1-weight",
        symbol: "λ₁",
        kind: Kind::Number {
            is_log: true,
            is_whole: false,
            range: |_| ranges::WEIGHT,
            get: |all| all.igos.l1_weight,
            set: |all, value| all.igos.l1_weight = value,
        },
    },
    Knob {
        group: Group::Objective,
        id: "knob-tv-weight",
        symbol: "λ₂",
        kind: Kind::Number {
            is_log: true,
            is_whole: false,
            range: |_| ranges::WEIGHT,
            get: |all| all.igos.tv_weight,
            set: |all, value| all.igos.tv_weight = value,
        },
    },
    Knob {
        group: Group::Objective,
        id: "knob-mask-size",
        symbol: "m",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: cells,
            get: |all| all.igos.mask_size as f64,
            set: |all, value| all.igos.mask_size = value as usize,
        },
    },
    Knob {
        group: Group::Objective,
        id: "knob-l1-decay",
        symbol: "",
        kind: Kind::Switch { get: |all| all.igos.l1_decay, set: |all, value| all.igos.l1_decay = value },
    },
    Knob {
        group: Group::Path,
        id: "knob-integration-steps",
        symbol: "S",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: |_| whole(&ranges::INTEGRATION_STEPS),
            get: |all| all.igos.integration_steps as f64,
            set: |all, value| {
                all.igos.integration_steps = value as usize;
                all.igos.search_points = all.igos.search_points.min(all.igos.integration_steps);
            },
        },
    },
    Knob {
        group: Group::Path,
        id: "knob-baseline",
        symbol: "Ĩ",
        kind: Kind::Choice {
            names: baselines,
            get: |all| place(&Baseline::ALL, &all.igos.baseline),
            set: |all, number| all.igos.baseline = Baseline::ALL.get(number).copied().unwrap_or_default(),
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-iterations",
        symbol: "K",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: |_| whole(&ranges::ITERATIONS),
            get: |all| all.igos.iterations as f64,
            set: |all, value| all.igos.iterations = value as usize,
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-tolerance",
        symbol: "",
        kind: Kind::Number {
            is_log: true,
            is_whole: false,
            range: |_| ranges::CONVERGENCE_TOLERANCE,
            get: |all| all.igos.convergence_tolerance,
            set: |all, value| all.igos.convergence_tolerance = value,
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-line-search",
        symbol: "",
        kind: Kind::Choice {
            names: || LineSearch::ALL.iter().map(|search| search.name()).collect(),
            get: |all| place(&LineSearch::ALL, &all.igos.line_search),
            set: |all, number| all.igos.line_search = LineSearch::ALL.get(number).copied().unwrap_or_default(),
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-search-points",
        symbol: "",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: |_| whole(&ranges::INTEGRATION_STEPS),
            get: |all| all.igos.search_points as f64,
            set: |all, value| all.igos.search_points = (value as usize).min(all.igos.integration_steps),
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-step-max",
        symbol: "α_u",
        kind: Kind::Number {
            is_log: true,
            is_whole: false,
            range: |_| ranges::STEP,
            get: |all| all.igos.step_max,
            set: |all, value| all.igos.step_max = value.max(all.igos.step_min),
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-step-min",
        symbol: "α_l",
        kind: Kind::Number {
            is_log: true,
            is_whole: false,
            range: |_| ranges::STEP,
            get: |all| all.igos.step_min,
            set: |all, value| all.igos.step_min = value.min(all.igos.step_max),
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-armijo",
        symbol: "β",
        kind: Kind::Number {
            is_log: true,
            is_whole: false,
            range: |_| ranges::ARMIJO,
            get: |all| all.igos.armijo,
            set: |all, value| all.igos.armijo = value,
        },
    },
    Knob {
        group: Group::Search,
        id: "knob-step-decay",
        symbol: "η",
        kind: Kind::Number {
            is_log: false,
            is_whole: false,
            range: |_| ranges::STEP_DECAY,
            get: |all| all.igos.step_decay,
            set: |all, value| all.igos.step_decay = value,
        },
    },
    Knob {
        group: Group::Noise,
        id: "knob-noise-std",
        symbol: "σ",
        kind: Kind::Number {
            is_log: false,
            is_whole: false,
            range: |_| ranges::NOISE_STD,
            get: |all| all.igos.noise_std,
            set: |all, value| all.igos.noise_std = value,
        },
    },
    Knob {
        group: Group::Noise,
        id: "knob-seed",
        symbol: "",
        kind: Kind::Seed { get: |all| all.igos.seed, set: |all, value| all.igos.seed = value },
    },
    Knob {
        group: Group::IntegratedGradients,
        id: "knob-ig-steps",
        symbol: "",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: |_| whole(&ranges::STRAIGHT_PATH_STEPS),
            get: |all| all.integrated_gradients.integration_steps as f64,
            set: |all, value| all.integrated_gradients.integration_steps = value as usize,
        },
    },
    Knob {
        group: Group::IntegratedGradients,
        id: "knob-ig-baseline",
        symbol: "",
        kind: Kind::Choice {
            names: baselines,
            get: |all| place(&Baseline::ALL, &all.integrated_gradients.baseline),
            set: |all, number| {
                all.integrated_gradients.baseline = Baseline::ALL.get(number).copied().unwrap_or_default();
            },
        },
    },
    Knob {
        group: Group::IntegratedGradients,
        id: "knob-ig-seed",
        symbol: "",
        kind: Kind::Seed {
            get: |all| all.integrated_gradients.seed,
            set: |all, value| all.integrated_gradients.seed = value,
        },
    },
    Knob {
        group: Group::Curves,
        id: "knob-curve-steps",
        symbol: "",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: |_| whole(&ranges::CURVE_STEPS),
            get: |all| all.curves.steps as f64,
            set: |all, value| all.curves.steps = value as usize,
        },
    },
    Knob {
        group: Group::Curves,
        id: "knob-curve-grid",
        symbol: "",
        kind: Kind::Number {
            is_log: true,
            is_whole: true,
            range: cells,
            get: |all| all.curves.grid as f64,
            set: |all, value| all.curves.grid = value as usize,
        },
    },
    Knob {
        group: Group::Curves,
        id: "knob-curve-seed",
        symbol: "",
        kind: Kind::Seed { get: |all| all.curves.seed, set: |all, value| all.curves.seed = value },
    },
];
