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
        name: "L1 weight",
        symbol: "λ₁",
        unit: "of probability, for a mask that deletes everything",
        help: "The price of a large mask",
        example: "At 0.1 the mask may delete ten times as much for the same drop of the score as at 1",
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
        name: "TV weight",
        symbol: "λ₂",
        unit: "of probability, for a checkerboard",
        help: "The price of a ragged mask",
        example: "At 200 the map is of few, round pieces; at 2 single cells stand out",
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
        name: "Mask size",
        symbol: "m",
        unit: "cells along a side",
        help: "How fine the mask is",
        example: "28 cells on 224 pixels are 8 pixels each; 112 find thinner things, and find them more slowly",
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
        name: "L1 decay",
        symbol: "",
        unit: "",
        help: "Weaken λ₁ late in a run whose score hardly moves, as the authors' first program does",
        example: "λ₁ is divided by 10 halfway through if the score has moved by 0.001 at most",
        kind: Kind::Switch { get: |all| all.igos.l1_decay, set: |all, value| all.igos.l1_decay = value },
    },
    Knob {
        group: Group::Path,
        name: "Integration steps",
        symbol: "S",
        unit: "points",
        help: "Points between baseline and masked picture that the gradient is averaged over",
        example: "10 take half the time of 20 and give a rougher direction",
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
        name: "Baseline",
        symbol: "Ĩ",
        unit: "",
        help: "What a deleted pixel is replaced with",
        example: "With black, a black cat on snow cannot be deleted; with blur, its outline can",
        kind: Kind::Choice {
            names: baselines,
            get: |all| place(&Baseline::ALL, &all.igos.baseline),
            set: |all, number| all.igos.baseline = Baseline::ALL.get(number).copied().unwrap_or_default(),
        },
    },
    Knob {
        group: Group::Search,
        name: "Iterations",
        symbol: "K",
        unit: "steps of the mask",
        help: "How often the mask is improved, at most",
        example: "The map is there after 3 or 4; the rest sharpens it",
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
        name: "Tolerance",
        symbol: "",
        unit: "of a cell's value",
        help: "The run ends early when two iterations in a row change the mask by less than this, on average",
        example: "0 never ends early, as the papers' programs; 0.01 ends soon after the map is there",
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
        name: "Line search",
        symbol: "",
        unit: "",
        help: "What step sizes are compared by: the path with shared noise, the path with fresh noise, or its end point",
        example: "end-point is the first program's, path the second's; path-shared compares like with like",
        kind: Kind::Choice {
            names: || LineSearch::ALL.iter().map(|search| search.name()).collect(),
            get: |all| place(&LineSearch::ALL, &all.igos.line_search),
            set: |all, number| all.igos.line_search = LineSearch::ALL.get(number).copied().unwrap_or_default(),
        },
    },
    Knob {
        group: Group::Search,
        name: "Search points",
        symbol: "",
        unit: "points, S at most",
        help: "Points of the path that path-shared compares step sizes on",
        example: "6 of 20 choose nearly the same steps as all 20, in a third of the time",
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
        name: "Step max",
        symbol: "α_u",
        unit: "times the gradient, step min at least",
        help: "Where the line search starts",
        example: "At 1 the mask creeps; at 1000 the search finds the largest step that helps",
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
        name: "Step min",
        symbol: "α_l",
        unit: "times the gradient, step max at most",
        help: "Where the line search gives up",
        example: "At 1 the search gives up after a few trials, and takes a step of that size",
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
        name: "Armijo",
        symbol: "β",
        unit: "share",
        help: "How much of the promised decrease a step must keep",
        example: "0 accepts any decrease; 0.5 only steps about as good as the gradient promised",
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
        name: "Step decay",
        symbol: "η",
        unit: "times",
        help: "Factor from one trial step to the next",
        example: "At 0.2 the trials are 1000, 200, 40, 8, …; at 0.9 they are many and close together",
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
        name: "Noise std",
        symbol: "σ",
        unit: "in normalised colours, where a picture spans about −2 to 2",
        help: "Standard deviation of the noise on each path sample, which keeps the mask from becoming adversarial",
        example: "At 0 specks may delete the class that no eye would miss; at 1 the picture is hard to see",
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
        name: "Seed",
        symbol: "",
        unit: "",
        help: "Of every random number of I-GOS",
        example: "The same seed gives the same map; another one shows how much of it is chance",
        kind: Kind::Seed { get: |all| all.igos.seed, set: |all, value| all.igos.seed = value },
    },
    Knob {
        group: Group::IntegratedGradients,
        name: "IG steps",
        symbol: "",
        unit: "points",
        help: "Points of the straight path that integrated gradients averages over",
        example: "At 10 the values no longer add up to the score's change; at 50 they nearly do",
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
        name: "IG baseline",
        symbol: "",
        unit: "",
        help: "Where the path of integrated gradients starts",
        example: "From black, black pixels have no importance whatever they show",
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
        name: "IG seed",
        symbol: "",
        unit: "",
        help: "Of a path that starts at noise",
        example: "With any other baseline it changes nothing",
        kind: Kind::Seed {
            get: |all| all.integrated_gradients.seed,
            set: |all, value| all.integrated_gradients.seed = value,
        },
    },
    Knob {
        group: Group::Curves,
        name: "Curve steps",
        symbol: "",
        unit: "steps",
        help: "Equal steps from nothing changed to everything changed",
        example: "50 change 16 of 784 cells at a time; 10 are quicker and rougher",
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
        name: "Curve grid",
        symbol: "",
        unit: "cells along a side",
        help: "Side of the grid on which the cells of every method are ranked",
        example: "7 judges where a map points to, 56 also how sharply",
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
        name: "Curve seed",
        symbol: "",
        unit: "",
        help: "Of the order in which equally important cells are changed, the same for every method",
        example: "Areas that move much with it rest on ties",
        kind: Kind::Seed { get: |all| all.curves.seed, set: |all, value| all.curves.seed = value },
    },
];
