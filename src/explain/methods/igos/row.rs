//! I-GOS as a row: what it is called, what its iterations report, and how that is drawn.

use super::{IgosParameters, igos, parameters, presets};
use crate::{
    Before, Family, IterationChart, Method, Shade, Table, Term, TermLine, TermMark, TermRole, method::explains,
};

/// I-GOS's row.
pub static IGOS: Method = Method {
    id: "igos",
    title: "I-GOS",
    // Okabe and Ito's orange.
    color: [230, 159, 0],
    family: Family::Masks,
    is_usual: true,
    run_order: 2,
    meaning: "The part of the picture that has to go for the score to fall most: the smallest and smoothest that was found.",
    misleads: "Where the score hardly fell there is no finding, however strong the colours: look at the score below the map.",
    computes: "Mask after mask is laid over the picture. Where a mask is 0 the picture is blurred away, and each mask moves a little so that the score falls further, at a price for being large and for being ragged. The direction is averaged over many strengths of the mask, which keeps it from getting stuck.",
    source: "Zhongang Qi, Saeed Khorram, Fuxin Li: Visualizing Deep Networks by Optimizing with Integrated Gradients, AAAI 2020 (arXiv 1905.00954)",
    parameters: Table::of::<IgosParameters>("igos", parameters::ROWS),
    presets: presets::PRESETS,
    terms: TERMS,
    charts: CHARTS,
    price: Some("l1_weight"),
    ..Method::of::<Igos>()
};

/// What each iteration reports.
///
/// `objective` is `score + l1 + tv`, evaluated without noise on the picture masked by the new mask, whichever objective
/// the line search used; the search's own values are `search_before` and `search_after`.
pub(super) static TERMS: &[Term] = &[
    // f_c of the picture under the new mask: for a probability in [0, 1], any number for other targets.
    Term::new("score", "score").role(TermRole::Score),
    // λ₁ · mean|1 − M| and λ₂ · TV(M).
    Term::new("l1", "price of the mask's size").symbol("λ₁").role(TermRole::InScore),
    Term::new("tv", "price of its raggedness").symbol("λ₂").role(TermRole::InScore),
    Term::new("objective", "objective").role(TermRole::Objective),
    // The step size taken, and whether it met the revised Armijo condition. If not, it is the last, smallest one tried.
    Term::new("step", "step size").symbol("α").role(TermRole::Step),
    Term::new("accepted", "step accepted"),
    Term::new("trials", "step sizes tried"),
    Term::new("search_before", "search objective before").role(TermRole::InScore),
    Term::new("search_after", "search objective after").role(TermRole::InScore),
    // ‖G‖: the length of the integrated gradient, regularisers included.
    Term::new("gradient_norm", "gradient length"),
    // Passes of one sample; a backward pass comes with a forward pass.
    Term::new("forward_passes", "forward passes"),
    Term::new("backward_passes", "backward passes"),
];

/// The charts of its iterations.
static CHARTS: &[IterationChart] = &[
    IterationChart {
        id: "terms",
        title: "objective",
        help: "What I-GOS makes small, by iteration",
        axis: "objective and its terms",
        has_scores: true,
        is_log: false,
        lines: &[
            line("search_after", "searched", "searched", Shade::Faint, TermMark::Dashes, Before::Unknown),
            line("tv", "tv", "λ₂", Shade::Third, TermMark::Line, Before::Zero),
            line("l1", "l1", "λ₁", Shade::Second, TermMark::Line, Before::Zero),
            line("score", "score", "score", Shade::First, TermMark::Line, Before::Score),
            line("objective", "objective", "objective", Shade::Strong, TermMark::Line, Before::Score),
        ],
    },
    IterationChart {
        id: "step-size",
        title: "step size",
        help: "The step size α of every iteration, and whether it met the line search's condition",
        axis: "step size",
        has_scores: false,
        is_log: true,
        lines: &[
            TermLine {
                only_if: Some(("accepted", false)),
                ..line("step", "not-accepted", "not accepted", Shade::First, TermMark::Dots, Before::Unknown)
            },
            TermLine {
                only_if: Some(("accepted", true)),
                ..line("step", "accepted", "accepted", Shade::Second, TermMark::Dots, Before::Unknown)
            },
        ],
    },
    IterationChart {
        id: "trials",
        title: "search trials",
        help: "How many step sizes the line search tried in every iteration",
        axis: "trials",
        has_scores: false,
        is_log: false,
        lines: &[line("trials", "tried", "trials", Shade::Second, TermMark::Dots, Before::Unknown)],
    },
];

const fn line(
    term: &'static str,
    id: &'static str,
    title: &'static str,
    shade: Shade,
    mark: TermMark,
    before: Before,
) -> TermLine {
    TermLine { term, id, title, shade, mark, before, only_if: None }
}

explains!(Igos: IgosParameters, |parameters| parameters.iterations * parameters.integration_steps, igos iterates);
