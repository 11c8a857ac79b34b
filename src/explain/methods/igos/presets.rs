//! Sets of I-GOS's values that are known to be good for something.

use super::IgosParameters;
use crate::Preset;

/// Every preset, in the order to offer them.
pub(super) static PRESETS: &[Preset] = &[
    Preset { name: "default", purpose: "A good map in seconds", values: || Box::new(IgosParameters::default()) },
    Preset {
        name: "paper",
        purpose: "As the paper's first program: end-point search",
        values: || Box::new(IgosParameters::paper()),
    },
    Preset {
        name: "paper-path",
        purpose: "As the second program: fresh noise, slow",
        values: || Box::new(IgosParameters::paper_path()),
    },
    Preset {
        name: "no-path",
        purpose: "Without integrated gradients, S = 1: the paper's comparison",
        values: || Box::new(IgosParameters { integration_steps: 1, ..IgosParameters::paper() }),
    },
    Preset { name: "fast", purpose: "A first look: coarser mask, half the samples", values: || Box::new(fast()) },
    Preset { name: "fine", purpose: "For thin or small things: 112 × 112 cells", values: || Box::new(fine()) },
    Preset { name: "smooth", purpose: "For a figure: few, round pieces", values: || Box::new(smooth()) },
];

fn fast() -> IgosParameters {
    IgosParameters {
        mask_size: 14,
        integration_steps: 10,
        search_points: 4,
        iterations: 8,
        ..IgosParameters::default()
    }
}

/// TV is a mean over cells, and a smooth ramp over four times as many has differences a quarter as large: its weight
/// grows by 4² to cost the same.
fn fine() -> IgosParameters {
    IgosParameters { mask_size: 112, tv_weight: 32.0, iterations: 20, ..IgosParameters::default() }
}

fn smooth() -> IgosParameters {
    IgosParameters { tv_weight: 50.0, ..IgosParameters::default() }
}
