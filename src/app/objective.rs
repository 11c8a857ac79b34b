//! The chart of I-GOS's objective: its terms by iteration. A click shows an iteration.

use egui::{Align2, Rect, TextStyle, Ui, Vec2};
use egui_plot::{AxisHints, HoverPosition, Line, LineStyle, PlotBounds, PlotPoints, PlotUi, VLine};

use super::{
    action::Action,
    charts::{self, Chart, MARGIN},
    numbers, painting,
    run_state::RunState,
    state::State,
    theme::{self, Term},
};
use crate::explain::Step;

/// What the chart is about.
pub const HELP: &str = "What I-GOS makes small, by iteration\n\
    objective: score and prices together, on the masked picture without noise\n\
    score: what is explained there, as it is for the whole picture at iteration 0\n\
    λ₁, λ₂: the prices of a large and of a ragged mask\n\
    searched: the same objective as the line search sees it, on its points of the path\n\
    Click to show an iteration";

/// Reads a term off an iteration.
type ValueOf = fn(&Step) -> f64;

/// The lines of the chart, with the names in the legend.
const TERMS: [(Term, &str, ValueOf); 5] = [
    (Term::Search, "searched", |step| step.search_after),
    (Term::Tv, "λ₂", |step| step.tv),
    (Term::L1, "λ₁", |step| step.l1),
    (Term::Score, "score", |step| step.score),
    (Term::Objective, "objective", |step| step.objective),
];

/// Width of the legend, in points.
pub fn legend_width(ui: &Ui) -> f32 {
    TERMS.iter().map(|(_, name, _)| painting::width(ui, name, TextStyle::Small) + 2.0 * theme::DOT).sum()
}

/// Writes the legend at the right of `rect`, for there is no corner in the chart that no line may come to.
pub fn legend_ui(ui: &Ui, rect: Rect) {
    let mut left = rect;
    for (term, name, _) in TERMS {
        let color = ui.visuals().text_color();
        let place = painting::text(ui, left, Align2::RIGHT_CENTER, name, TextStyle::Small, color);
        let center = place.left_center() - Vec2::new(theme::DOT * 0.75, 0.0);
        ui.painter().circle_filled(center, theme::DOT / 2.0 - 1.0, theme::term_color(term, ui.visuals()));
        left.max.x = place.left() - 2.0 * theme::DOT;
    }
}

/// Draws the chart.
pub fn objective_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let run = state.shown();
    let iterations = run.map_or(state.parameters.igos.iterations, |run| run.parameters.igos.iterations);
    let start = run.and_then(|run| run.seen.as_ref()).map(|seen| f64::from(seen.value));
    let steps = run.map_or(&[][..], RunState::steps);
    let shown = state.step_number().filter(|_| steps.len() > 1).map(|number| (number + 1) as f64);
    let visuals = ui.visuals().clone();

    let values = TERMS.iter().flat_map(|(_, _, value)| steps.iter().map(|step| value(step)));
    let values = values.chain(start).filter(|value| value.is_finite());
    // Probabilities and prices begin at 0; other scores may be below.
    let (low, top) = values.fold((0.0, f64::MIN_POSITIVE), |(low, top): (f64, f64), v| (low.min(v), top.max(v)));
    let (length, height) = (iterations as f64, top - low);
    let bounds = PlotBounds::from_min_max(
        [-MARGIN * length, low - MARGIN * height],
        [length * (1.0 + MARGIN), top + 2.0 * MARGIN * height],
    );
    let x = AxisHints::new_x().formatter(|mark, _| numbers::short(mark.value));
    let y = AxisHints::new_y().formatter(|mark, _| numbers::short(mark.value));
    let plot = charts::plot(ui, Chart::Objective, x, y)
        .x_grid_spacer(move |input| charts::marks(&input, charts::round_step(length, 5.0).max(1.0)))
        .y_grid_spacer(move |input| charts::marks(&input, charts::round_step(height, 4.0)))
        .label_formatter(|position| match position {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                Some(format!("{plot_name} {}\niteration {}", numbers::score(position.y), position.x))
            }
            HoverPosition::Elsewhere { .. } => None,
        });
    let response = plot.show(ui, |plot: &mut PlotUi<'_>| {
        plot.set_plot_bounds(bounds);
        if let Some(shown) = shown {
            let line = VLine::new("iteration on the wall", shown).allow_hover(false);
            plot.vline(line.color(visuals.weak_text_color()).width(theme::THIN));
        }
        for (term, name, value) in TERMS {
            let points = points(term, value, start, steps.iter().map(|step| &**step));
            if !points.is_empty() {
                let style = if term == Term::Search { LineStyle::dashed_loose() } else { LineStyle::Solid };
                let line = Line::new(name, PlotPoints::new(points)).style(style).width(theme::LINE_WIDTH);
                plot.line(line.color(theme::term_color(term, &visuals)));
            }
        }
        plot.pointer_coordinate()
    });
    if response.response.clicked()
        && let Some(pointer) = response.inner
        && !steps.is_empty()
    {
        let number = (pointer.x.round().max(1.0) as usize).min(steps.len()) - 1;
        actions.push(Action::ShowStep((number + 1 < steps.len()).then_some(number)));
    }
}

/// A term by iteration. Before the first iteration nothing is deleted: the score is that of the picture, and the mask
/// costs nothing; what the search would have compared there is not known.
fn points<'a>(
    term: Term,
    value: ValueOf,
    start: Option<f64>,
    steps: impl ExactSizeIterator<Item = &'a Step>,
) -> Vec<[f64; 2]> {
    let first = start.filter(|_| steps.len() > 0).and_then(|start| match term {
        Term::Objective | Term::Score => Some([0.0, start]),
        Term::L1 | Term::Tv => Some([0.0, 0.0]),
        Term::Search => None,
    });
    first.into_iter().chain(steps.map(|step| [step.iteration as f64, value(step)])).collect()
}
