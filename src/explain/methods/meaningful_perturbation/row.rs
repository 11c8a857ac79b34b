//! Meaningful perturbation as a row: its parameters, what its iterations report, and how that is drawn.

use super::meaningful_perturbation;
use crate::{
    Baseline, Before, ExplainError, Family, IterationChart, Kind, Method, Named, Parameter, Scale, Shade, Table, Term,
    TermLine, TermMark, TermRole, cells, choice, field, method::explains, names,
};

/// The row of meaningful perturbation.
pub static MEANINGFUL_PERTURBATION: Method = Method {
    id: "meaningful-perturbation",
    title: "Meaningful perturbation",
    color: [214, 142, 60],
    family: Family::Masks,
    meaning: "The part of the picture that has to go for the score to fall, as small and as round as its prices make it.",
    misleads: "It begins with a disc in the middle and may stay near it; where the score hardly fell there is no finding, however strong the colours.",
    computes: "A smooth mask, known in other papers as Mask, is laid over the picture and fades what it covers. Step by step it is changed so that the score falls, at a price for every cell that it deletes and for its edges; the picture is shifted by a few pixels each time, so that the mask does not fit single pixels.",
    source: "Ruth C. Fong, Andrea Vedaldi: Interpretable Explanations of Black Boxes by Meaningful Perturbation, ICCV 2017 (arXiv 1704.03296)",
    parameters: Table::of::<MeaningfulPerturbationParameters>("meaningful_perturbation", ROWS),
    terms: TERMS,
    charts: CHARTS,
    price: Some("l1_weight"),
    ..Method::of::<MeaningfulPerturbation>()
};

/// What each iteration reports, on the shifted picture under its mask.
pub(super) static TERMS: &[Term] = &[
    Term::new("score", "score").role(TermRole::Score),
    Term::new("l1", "price of the mask's size").symbol("λ₁").role(TermRole::InScore),
    Term::new("tv", "price of its edges").symbol("λ₂").role(TermRole::InScore),
    // score + l1 + tv.
    Term::new("objective", "objective").role(TermRole::Objective),
    // Mean absolute change of a cell.
    Term::new("change", "change of the mask").role(TermRole::Step),
];

static CHARTS: &[IterationChart] = &[IterationChart {
    id: "terms",
    title: "objective",
    help: "What meaningful perturbation makes small, by iteration",
    axis: "objective and its terms",
    has_scores: true,
    is_log: false,
    lines: &[
        line("tv", "λ₂", Shade::Third, Before::Unknown),
        line("l1", "λ₁", Shade::Second, Before::Unknown),
        line("score", "score", Shade::First, Before::Score),
        line("objective", "objective", Shade::Strong, Before::Unknown),
    ],
}];

const fn line(term: &'static str, title: &'static str, shade: Shade, before: Before) -> TermLine {
    TermLine { term, id: term, title, shade, mark: TermMark::Line, before, only_if: None }
}

static ROWS: &[Parameter] = &[
    Parameter::new(
        "l1_weight",
        "meaningful-perturbation-l1-weight",
        Kind::Real(|_| 0.0..=1.0, Scale::Log),
        field!(MeaningfulPerturbationParameters, l1_weight),
        "price of a cell that is deleted",
    )
    .symbol("λ₁")
    .unit("of probability, for a cell")
    .in_captions(),
    Parameter::new(
        "tv_weight",
        "meaningful-perturbation-tv-weight",
        Kind::Real(|_| 0.0..=1.0, Scale::Log),
        field!(MeaningfulPerturbationParameters, tv_weight),
        "price of an edge between two cells",
    )
    .symbol("λ₂")
    .unit("of probability, for an edge")
    .in_captions(),
    Parameter::new(
        "tv_exponent",
        "meaningful-perturbation-tv-exponent",
        Kind::Real(|_| 1.0..=4.0, Scale::Linear),
        field!(MeaningfulPerturbationParameters, tv_exponent),
        "power of an edge's height that its price grows with",
    )
    .symbol("β")
    .unit("as an exponent"),
    Parameter::new(
        "mask_size",
        "meaningful-perturbation-mask-size",
        Kind::Whole(cells, Scale::Log),
        field!(MeaningfulPerturbationParameters, mask_size),
        "the mask has m × m cells",
    )
    .symbol("m")
    .value_name("M")
    .unit("cells along a side")
    .in_captions(),
    Parameter::new(
        "blur",
        "meaningful-perturbation-blur",
        Kind::Real(|_| 0.3..=4.0, Scale::Linear),
        field!(MeaningfulPerturbationParameters, blur),
        "standard deviation of the Gaussians that spread the cells over the picture",
    )
    .symbol("σ_m")
    .value_name("CELLS")
    .unit("of a cell"),
    Parameter::new(
        "start",
        "meaningful-perturbation-start",
        Kind::Choice(names::<MaskStart>),
        field!(MeaningfulPerturbationParameters, start),
        "What the mask deletes at first: a disc, or nothing",
    )
    .value_name("START")
    .in_captions(),
    Parameter::new(
        "iterations",
        "meaningful-perturbation-iterations",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(MeaningfulPerturbationParameters, iterations),
        "steps of the mask",
    )
    .in_captions(),
    Parameter::new(
        "step_size",
        "meaningful-perturbation-step-size",
        Kind::Real(|_| 1e-3..=1.0, Scale::Log),
        field!(MeaningfulPerturbationParameters, step_size),
        "Adam's step size",
    )
    .unit("of a cell's range"),
    Parameter::new(
        "jitter",
        "meaningful-perturbation-jitter",
        Kind::Whole(|_| 0..=32, Scale::Linear),
        field!(MeaningfulPerturbationParameters, jitter),
        "Places that the picture is shifted to, each way; 0 or 1 for no shift",
    )
    .symbol("τ")
    .unit("pixels"),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(MeaningfulPerturbationParameters, baseline),
        "What a deleted pixel is replaced with",
    )
    .value_name("BASELINE")
    .users()
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(MeaningfulPerturbationParameters, seed), "Seed of the shifts")
        .value_name("SEED")
        .users()
        .in_captions(),
];

/// What a mask deletes at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MaskStart {
    /// The smallest disc in the middle that lowers the score by 99 % of what deleting everything does.
    #[default]
    Disc,
    /// Nothing.
    Whole,
}

impl Named for MaskStart {
    const ALL: &'static [Self] = &[Self::Disc, Self::Whole];

    fn name(self) -> &'static str {
        match self {
            Self::Disc => "disc",
            Self::Whole => "whole",
        }
    }
}

choice!(MaskStart);

/// The parameters of meaningful perturbation. Symbols are the paper's.
#[derive(Debug, Clone, PartialEq)]
pub struct MeaningfulPerturbationParameters {
    /// λ₁, from 0 to 1: price of a cell that is deleted. Made for probabilities, as is λ₂.
    pub l1_weight: f64,
    /// λ₂, from 0 to 1: price of an edge of height 1 between two cells.
    pub tv_weight: f64,
    /// β, from 1 to 4: the price of an edge grows with this power of its height.
    pub tv_exponent: f64,
    /// From 2 to the input's side: the mask has m × m cells.
    pub mask_size: usize,
    /// σ_m in cells, from 0.3 to 4: the standard deviation of the Gaussians that spread them over the picture.
    pub blur: f64,
    /// What the mask deletes at first.
    pub start: MaskStart,
    /// From 1 to 1000.
    pub iterations: usize,
    /// Adam's step size, from 0.001 to 1.
    pub step_size: f64,
    /// Places that the picture is shifted to, down and across, from 0 to 32: 0 or 1 for no shift.
    pub jitter: usize,
    /// What a deleted pixel is replaced with.
    pub baseline: Baseline,
    /// Seed of the shifts.
    pub seed: u64,
}

impl Default for MeaningfulPerturbationParameters {
    fn default() -> Self {
        Self {
            l1_weight: 1e-4,
            tv_weight: 1e-2,
            tv_exponent: 3.0,
            mask_size: 28,
            // 5 pixels of 8.
            blur: 0.625,
            start: MaskStart::Disc,
            iterations: 300,
            step_size: 0.1,
            jitter: 4,
            baseline: Baseline::Blur,
            seed: 0,
        }
    }
}

impl MeaningfulPerturbationParameters {
    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        MEANINGFUL_PERTURBATION.parameters.check(self, side)
    }
}

explains!(
    MeaningfulPerturbation: MeaningfulPerturbationParameters,
    |parameters| parameters.iterations + 1,
    meaningful_perturbation iterates
);
