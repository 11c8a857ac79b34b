//! What the methods of class activation maps can be told.

use crate::{Baseline, ExplainError, Kind, Parameter, Scale, Table, field, names};

/// The parameters of all class activation maps.
#[derive(Debug, Clone, PartialEq)]
pub struct CamParameters {
    /// Blocks between the layer that is read and the last one that keeps places apart, from 0 to 63: 0 is the layer
    /// that Grad-CAM reads in its paper. A network has as many as
    /// [`Classifier::feature_layers`](crate::model::Classifier::feature_layers) says.
    pub depth: usize,
    /// Eigen-CAM: whether each feature's mean over the picture is taken off first.
    pub centred: bool,
    /// Finer-CAM, γ: how much of the similar classes' logits is taken off the class's, from 0 to 2.
    pub similar_weight: f64,
    /// Finer-CAM: how many of the most similar classes, from 1 to 20.
    pub similar_classes: usize,
    /// Score-CAM: the most features that are tried, from 1 to 4096; those whose values vary most.
    pub channels: usize,
    /// Score-CAM: what is outside of a feature.
    pub baseline: Baseline,
    /// Score-CAM: seed of the noise baseline.
    pub seed: u64,
}

impl Default for CamParameters {
    fn default() -> Self {
        Self {
            depth: 0,
            centred: false,
            similar_weight: 1.0,
            similar_classes: 3,
            channels: 4096,
            baseline: Baseline::Grey,
            seed: 0,
        }
    }
}

impl CamParameters {
    /// Their table.
    pub const TABLE: Table = Table::of::<Self>("cam", ROWS);

    /// Says which parameter is out of its range.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        Self::TABLE.check(self, side)
    }
}

const PART: &str = "cam";

static ROWS: &[Parameter] = &[
    Parameter::new(
        "depth",
        "cam-depth",
        Kind::Whole(|_| 0..=63, Scale::Linear),
        field!(CamParameters, depth),
        "Layer to read, in blocks before the last one",
    )
    .unit("blocks")
    // What stands in captions is the name of the layer.
    .group(PART),
    Parameter::new(
        "centred",
        "eigen-cam-centred",
        Kind::Switch,
        field!(CamParameters, centred),
        "Take each feature's mean off before Eigen-CAM looks for what they have in common",
    )
    .group(PART)
    .of(&["eigen-cam"]),
    Parameter::new(
        "similar_weight",
        "finer-cam-weight",
        Kind::Real(|_| 0.0..=2.0, Scale::Linear),
        field!(CamParameters, similar_weight),
        "how much of the similar classes' logits Finer-CAM takes off the class's",
    )
    .symbol("γ")
    .group(PART)
    .in_captions()
    .of(&["finer-cam"]),
    Parameter::new(
        "similar_classes",
        "finer-cam-classes",
        Kind::Whole(|_| 1..=20, Scale::Linear),
        field!(CamParameters, similar_classes),
        "How many of the most similar classes Finer-CAM compares with",
    )
    .unit("classes")
    .group(PART)
    .in_captions()
    .of(&["finer-cam"]),
    Parameter::new(
        "channels",
        "score-cam-channels",
        Kind::Whole(|_| 1..=4096, Scale::Log),
        field!(CamParameters, channels),
        "The most features that Score-CAM tries, those that vary most",
    )
    .unit("features")
    .group(PART)
    .in_captions()
    .of(&["score-cam"]),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(CamParameters, baseline),
        "What Score-CAM puts outside of a feature",
    )
    .value_name("BASELINE")
    .group(PART)
    .in_captions()
    .of(&["score-cam"]),
    Parameter::new("seed", "seed", Kind::Seed, field!(CamParameters, seed), "Seed of Score-CAM's noise baseline")
        .value_name("SEED")
        .group(PART)
        .in_captions()
        .counts_if("baseline", "noise")
        .of(&["score-cam"]),
];
