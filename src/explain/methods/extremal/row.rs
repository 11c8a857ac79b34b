//! Extremal perturbation as a row: its parameters, what its iterations report, and how that is drawn.

use super::extremal;
use crate::{
    Baseline, Before, ExplainError, Family, IterationChart, Kind, Method, Named, Parameter, Scale, Shade, Table, Term,
    TermLine, TermMark, TermRole, choice, field, method::explains, names,
};

/// The row of extremal perturbation.
pub static EXTREMAL: Method = Method {
    id: "extremal",
    title: "Extremal perturbation",
    color: [140, 81, 10],
    family: Family::Masks,
    meaning: "The part of the picture, of a given area, that alone keeps the class's logit highest.",
    misleads: "It always fills the area it was given: where the class needs less, the rest is chance; where it needs more, a part is missing.",
    computes: "A mask that keeps a given share of the picture and blurs the rest is moved so that the class's logit rises. Its pieces are round and no smaller than a certain size, and a price that grows with every step draws it to be 1 on the given area and 0 elsewhere.",
    source: "Ruth Fong, Mandela Patrick, Andrea Vedaldi: Understanding Deep Networks via Extremal Perturbations and Smooth Masks, ICCV 2019 (arXiv 1910.08485)",
    parameters: Table::of::<ExtremalParameters>("extremal", ROWS),
    terms: TERMS,
    charts: CHARTS,
    explains_logits: true,
    ..Method::of::<Extremal>()
};

/// What each iteration reports, of the mask that it began with.
pub(super) static TERMS: &[Term] = &[
    // The logit of what is kept, less that of what is left over, as the game wants it.
    Term::new("reward", "reward in logits"),
    Term::new("area", "area"),
    // λ·‖vecsort(m) − r_a‖².
    Term::new("area_price", "price of the wrong area").symbol("λ"),
    // area_price − reward.
    Term::new("objective", "objective"),
    // Mean absolute change of a cell.
    Term::new("change", "change of the mask").role(TermRole::Step),
];

static CHARTS: &[IterationChart] = &[
    IterationChart {
        id: "terms",
        title: "objective",
        help: "What extremal perturbation makes small, by iteration: the price of a wrong area less the logit",
        axis: "reward and price",
        has_scores: false,
        is_log: false,
        lines: &[
            line("area_price", "price", Shade::Second),
            line("reward", "reward", Shade::First),
            line("objective", "objective", Shade::Strong),
        ],
    },
    IterationChart {
        id: "area",
        title: "area",
        help: "The share of the picture that the mask keeps, by iteration",
        axis: "area",
        has_scores: false,
        is_log: false,
        lines: &[line("area", "area", Shade::First)],
    },
];

const fn line(term: &'static str, title: &'static str, shade: Shade) -> TermLine {
    TermLine { term, id: term, title, shade, mark: TermMark::Line, before: Before::Unknown, only_if: None }
}

static ROWS: &[Parameter] = &[
    Parameter::new(
        "area",
        "extremal-area",
        Kind::Real(|_| 0.01..=0.9, Scale::Log),
        field!(ExtremalParameters, area),
        "share of the picture that the mask keeps",
    )
    .symbol("a")
    .value_name("SHARE")
    .unit("of the picture")
    .in_captions(),
    Parameter::new(
        "game",
        "extremal-game",
        Kind::Choice(names::<ExtremalGame>),
        field!(ExtremalParameters, game),
        "What the area is to do: preserve the logit alone, lower it where it is deleted, or both",
    )
    .value_name("GAME")
    .in_captions(),
    Parameter::new(
        "iterations",
        "extremal-iterations",
        Kind::Whole(|_| 1..=1000, Scale::Log),
        field!(ExtremalParameters, iterations),
        "steps of the mask",
    )
    .in_captions(),
    Parameter::new(
        "mirror",
        "extremal-mirror",
        Kind::Switch,
        field!(ExtremalParameters, mirror),
        "See every other picture in a mirror",
    )
    .value_name("BOOL"),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(ExtremalParameters, baseline),
        "What a deleted pixel is replaced with",
    )
    .value_name("BASELINE")
    .users()
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(ExtremalParameters, seed), "Seed of the noise baseline")
        .value_name("SEED")
        .users()
        .counts_if("baseline", "noise"),
];

/// What the area of a mask is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtremalGame {
    /// Keep the logit high, alone.
    #[default]
    Preserve,
    /// Make it low where it is deleted.
    Delete,
    /// Both.
    Both,
}

impl Named for ExtremalGame {
    const ALL: &'static [Self] = &[Self::Preserve, Self::Delete, Self::Both];

    fn name(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::Delete => "delete",
            Self::Both => "both",
        }
    }
}

choice!(ExtremalGame);

/// The parameters of extremal perturbation.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtremalParameters {
    /// a, from 0.01 to 0.9: the share of the picture that the mask keeps.
    pub area: f64,
    /// What it is to do.
    pub game: ExtremalGame,
    /// From 1 to 1000.
    pub iterations: usize,
    /// See every other picture in a mirror.
    pub mirror: bool,
    /// What a deleted pixel is replaced with: the paper's several blurs, or a fade to something else.
    pub baseline: Baseline,
    /// Seed of the noise baseline.
    pub seed: u64,
}

impl Default for ExtremalParameters {
    fn default() -> Self {
        Self {
            area: 0.1,
            game: ExtremalGame::Preserve,
            iterations: 800,
            mirror: true,
            baseline: Baseline::Blur,
            seed: 0,
        }
    }
}

impl ExtremalParameters {
    /// Says which parameter is out of its range, for a model whose input is `side` pixels wide and high.
    ///
    /// # Errors
    /// [`ExplainError::Parameter`] with the parameter, its value and its range.
    pub fn check(&self, side: usize) -> Result<(), ExplainError> {
        EXTREMAL.parameters.check(self, side)
    }
}

explains!(
    Extremal: ExtremalParameters,
    |parameters| {
        let pictures = if parameters.game == ExtremalGame::Both { 2 } else { 1 };
        pictures * parameters.iterations
    },
    extremal iterates
);
