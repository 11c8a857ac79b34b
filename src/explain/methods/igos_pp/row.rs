//! iGOS++ as a row: what it is called, what its iterations report, and how that is drawn.

use super::{IgosPpParameters, igos_pp, parameters};
use crate::{
    Before, Family, IterationChart, Method, Shade, Table, Term, TermLine, TermMark, TermRole, method::explains,
};

/// The row of iGOS++.
pub static IGOS_PP: Method = Method {
    id: "igos-pp",
    title: "iGOS++",
    color: [178, 88, 0],
    family: Family::Masks,
    meaning: "The part of the picture that has to go for the score to fall most, and that alone makes it high.",
    misleads: "It needs a class that shows in one part of the picture alone; where the score hardly fell there is no finding, however strong the colours.",
    computes: "Two masks are laid over the picture, one that is to make the score fall by what it deletes and one that is to make it rise by what it reveals, and what both have in common is to do both. They move step by step along a direction that is averaged over many strengths of the masks, at a price for being large and for being ragged where the picture has no edge.",
    source: "Saeed Khorram, Tyler Lawson, Li Fuxin: iGOS++: Integrated Gradient Optimized Saliency by Bilateral Perturbations, CHIL 2021 (arXiv 2012.15783)",
    parameters: Table::of::<IgosPpParameters>("igos_pp", parameters::ROWS),
    presets: parameters::PRESETS,
    terms: TERMS,
    charts: CHARTS,
    price: Some("l1_weight"),
    ..Method::of::<IgosPp>()
};

/// What each iteration reports, of the product of both masks and without noise.
pub(super) static TERMS: &[Term] = &[
    // f_c of what the mask leaves of the picture.
    Term::new("score", "score").role(TermRole::Score),
    // f_c of what it deletes, alone on the baseline.
    Term::new("revealed", "score of what is deleted").role(TermRole::InScore),
    Term::new("l1", "price of the mask's size").symbol("λ₁").role(TermRole::InScore),
    Term::new("tv", "price of its raggedness").symbol("λ₂").role(TermRole::InScore),
    // score − revealed + l1 + tv.
    Term::new("objective", "objective").role(TermRole::Objective),
    Term::new("step", "step size").symbol("α").role(TermRole::Step),
    Term::new("accepted", "step accepted"),
    Term::new("trials", "step sizes tried"),
    Term::new("gradient_norm", "gradient length"),
    // Passes of one sample; a backward pass comes with a forward pass.
    Term::new("forward_passes", "forward passes"),
    Term::new("backward_passes", "backward passes"),
];

/// The charts of its iterations.
static CHARTS: &[IterationChart] = &[IterationChart {
    id: "terms",
    title: "objective",
    help: "What iGOS++ makes small, by iteration, and the score of what it deletes, which it makes large",
    axis: "objective and its terms",
    has_scores: true,
    is_log: false,
    lines: &[
        line("tv", "tv", "λ₂", Shade::Third, Before::Zero),
        line("l1", "l1", "λ₁", Shade::Second, Before::Zero),
        line("revealed", "revealed", "of what is deleted", Shade::Faint, Before::Unknown),
        line("score", "score", "score", Shade::First, Before::Score),
        line("objective", "objective", "objective", Shade::Strong, Before::Unknown),
    ],
}];

const fn line(term: &'static str, id: &'static str, title: &'static str, shade: Shade, before: Before) -> TermLine {
    TermLine { term, id, title, shade, mark: TermMark::Line, before, only_if: None }
}

explains!(
    IgosPp: IgosPpParameters,
    |parameters| 4 * parameters.iterations * parameters.integration_steps,
    igos_pp iterates
);
