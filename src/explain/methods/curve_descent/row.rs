//! Curve descent as a row: what it is called, what its iterations report, and how that is drawn.

use super::{CurveDescentParameters, curve_descent, parameters};
use crate::{
    Before, Family, IterationChart, Method, Shade, Table, Term, TermLine, TermMark, TermRole, method::explains,
};

/// Curve descent's row.
pub static CURVE_DESCENT: Method = Method {
    id: "curve-descent",
    title: "Curve descent",
    // Okabe and Ito's bluish green.
    color: [0, 158, 115],
    family: Family::Masks,
    is_usual: true,
    run_order: 1,
    meaning: "In which order parts of the picture have to go, or to come, for the score to fall, or to rise, soonest.",
    misleads: "It makes small what the curves measure: on one baseline and one network its areas alone prove little.",
    computes: "The cells of the picture are put in an order, and the order is improved step by step: so that the score falls soon when the first cells are deleted, and rises soon when they alone are revealed. It makes small what the deletion and insertion curves measure, with noise and changing light so that it does not fit one network's weak spots.",
    source: "igoscope's own; there is no paper",
    parameters: Table::of::<CurveDescentParameters>("curve_descent", parameters::ROWS),
    presets: parameters::PRESETS,
    terms: TERMS,
    charts: CHARTS,
    ..Method::of::<CurveDescent>()
};

/// What each iteration reports, measured along the path of its own order, with noise.
pub(super) static TERMS: &[Term] = &[
    Term::new("deletion", "softened deletion area").symbol("D").role(TermRole::InScore),
    Term::new("insertion", "softened insertion area").symbol("I").role(TermRole::InScore),
    // w_d · D − w_i · I.
    Term::new("objective", "objective").role(TermRole::Objective),
    // Mean absolute change of a cell of the map.
    Term::new("change", "change of the map").role(TermRole::Step),
    // Passes of one sample; a backward pass comes with a forward pass.
    Term::new("forward_passes", "forward passes"),
    Term::new("backward_passes", "backward passes"),
];

/// The charts of its iterations.
static CHARTS: &[IterationChart] = &[IterationChart {
    id: "terms",
    title: "objective",
    help: "What curve descent makes small, and the two areas that it is made of, softened",
    axis: "objective and areas",
    has_scores: true,
    is_log: false,
    lines: &[
        line("deletion", "deletion", "softened deletion", Shade::Second),
        line("insertion", "insertion", "softened insertion", Shade::First),
        line("objective", "objective", "objective", Shade::Strong),
    ],
}];

const fn line(term: &'static str, id: &'static str, title: &'static str, shade: Shade) -> TermLine {
    TermLine { term, id, title, shade, mark: TermMark::Line, before: Before::Unknown, only_if: None }
}

explains!(
    CurveDescent: CurveDescentParameters,
    |parameters| 2 * parameters.levels * (parameters.iterations + 1),
    curve_descent iterates
);
