//! Sets of I-GOS's values that are known to be good for something.

use super::IgosParameters;

/// Values under a name.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// The name in flags.
    pub name: &'static str,
    /// What it is for, in a line.
    pub purpose: &'static str,
    /// The values.
    pub igos: fn() -> IgosParameters,
}

impl Preset {
    /// Its values for someone who has chosen a seed and a baseline: the seed is nobody's but theirs, and the baseline
    /// is the question they ask, so both stay.
    pub fn applied_to(&self, chosen: &IgosParameters) -> IgosParameters {
        IgosParameters { seed: chosen.seed, baseline: chosen.baseline, ..(self.igos)() }
    }
}

/// Every preset, in the order to offer them.
pub static PRESETS: &[Preset] = &[
    Preset { name: "default", purpose: "A good map in seconds", igos: IgosParameters::default },
    Preset { name: "paper", purpose: "As the paper's first program: end-point search", igos: IgosParameters::paper },
    Preset {
        name: "paper-path",
        purpose: "As the second program: fresh noise, slow",
        igos: IgosParameters::paper_path,
    },
    Preset { name: "fast", purpose: "A first look: coarser mask, half the samples", igos: fast },
    Preset { name: "fine", purpose: "For thin or small things: 112 × 112 cells", igos: fine },
    Preset { name: "smooth", purpose: "For a figure: few, round pieces", igos: smooth },
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
    IgosParameters { mask_size: 112, tv_weight: 320.0, iterations: 20, ..IgosParameters::default() }
}

fn smooth() -> IgosParameters {
    IgosParameters { tv_weight: 200.0, ..IgosParameters::default() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::explain::Baseline;

    #[test]
    fn every_preset_is_in_range_and_no_two_are_the_same() {
        for (number, preset) in PRESETS.iter().enumerate() {
            (preset.igos)().check(224).unwrap();
            for other in &PRESETS[..number] {
                assert!(other.name != preset.name);
                assert_ne!((other.igos)(), (preset.igos)(), "{} and {}", other.name, preset.name);
            }
        }
    }

    #[test]
    fn a_preset_leaves_the_seed_and_the_question_alone() {
        let chosen = IgosParameters { seed: 7, baseline: Baseline::Grey, iterations: 3, ..IgosParameters::default() };
        for preset in PRESETS {
            let applied = preset.applied_to(&chosen);
            assert_eq!((applied.seed, applied.baseline), (7, Baseline::Grey));
            assert_eq!(applied.iterations, (preset.igos)().iterations);
        }
    }
}
