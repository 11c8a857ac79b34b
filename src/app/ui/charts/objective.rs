//! The chart of I-GOS's iterations: the terms of its objective, its step sizes, or its line search's trials.

use egui::{Align2, Color32, CursorIcon, PopupAnchor, Rect, Role, TextStyle, Tooltip, Ui, Vec2, Visuals, WidgetInfo};
use egui_plot::{AxisHints, PlotBounds, PlotUi, VLine};

use super::MARGIN;
use crate::{
    app::{
        numbers,
        state::{State, action::Action, chart::IterationChart, run_state::RunState},
        theme::{self, Term},
        ui::{charts, widgets::painting},
    },
    explain::Step,
    export::chart::{Axis, Mark, Scale, Series, round_step},
};

/// Reads a number off an iteration; none if that number is not its.
type ValueOf = fn(&Step) -> Option<f64>;

impl IterationChart {
    /// The lines: their colour, mark, and numbers; the lowest first.
    fn lines(self) -> &'static [(Term, Mark, ValueOf)] {
        match self {
            Self::Terms => &[
                (Term::Search, Mark::Dashes, |step| Some(step.search_after)),
                (Term::Tv, Mark::Line, |step| Some(step.tv)),
                (Term::L1, Mark::Line, |step| Some(step.l1)),
                (Term::Score, Mark::Line, |step| Some(step.score)),
                (Term::Objective, Mark::Line, |step| Some(step.objective)),
            ],
            Self::StepSize => &[
                (Term::Score, Mark::Dots, |step| (!step.accepted).then_some(step.step)),
                (Term::L1, Mark::Dots, |step| step.accepted.then_some(step.step)),
            ],
            Self::Trials => &[(Term::L1, Mark::Dots, |step| Some(step.trials as f64))],
        }
    }

    /// What a line is called in the legend.
    fn name(self, term: Term) -> String {
        match (self, term) {
            (Self::Terms, Term::Search) => text!("history-searched"),
            (Self::Terms, Term::Tv) => "λ₂".to_owned(),
            (Self::Terms, Term::L1) => "λ₁".to_owned(),
            (Self::Terms, Term::Score) => text!("history-score"),
            (Self::Terms, Term::Objective) => text!("history-objective"),
            (Self::StepSize, Term::L1) => text!("history-accepted"),
            (Self::StepSize, _) => text!("history-not-accepted"),
            (Self::Trials, _) => text!("history-tried"),
        }
    }

    fn scale(self) -> Scale {
        if self == Self::StepSize { Scale::Logarithmic } else { Scale::Linear }
    }
}

/// Width of the legend, in points.
pub fn legend_width(ui: &Ui, about: IterationChart) -> f32 {
    let width = |term: Term| painting::width(ui, &about.name(term), TextStyle::Small) + 2.0 * theme::DOT;
    about.lines().iter().map(|(term, ..)| width(*term)).sum()
}

/// Writes the legend at the right of `rect`, for there is no corner in the chart that no line may come to.
pub fn legend_ui(ui: &Ui, rect: Rect, about: IterationChart) {
    let mut left = rect;
    for (term, ..) in about.lines() {
        let name = about.name(*term);
        let color = ui.visuals().text_color();
        let place = painting::text(ui, left, Align2::RIGHT_CENTER, name, TextStyle::Small, color);
        let center = place.left_center() - Vec2::new(theme::DOT * 0.75, 0.0);
        ui.painter().circle_filled(center, theme::DOT / 2.0 - 1.0, theme::term_color(*term, ui.visuals()));
        left.max.x = place.left() - 2.0 * theme::DOT;
    }
}

/// The lines of the chart, the lowest first; `strong` is the colour of the most important one.
pub fn series(state: &State, strong: Color32) -> Vec<Series> {
    let run = state.shown();
    let steps = run.map_or(&[][..], RunState::steps);
    let start = run.and_then(|run| run.seen.as_ref()).map(|seen| f64::from(seen.value));
    let line = |&(term, mark, value): &(Term, Mark, ValueOf)| {
        let points = steps.iter().filter_map(|step| Some([step.iteration as f64, value(step)?]));
        let first = start.and_then(|start| before(state.look.iteration_chart, term, start)).map(|value| [0.0, value]);
        let color = if term == Term::Objective { strong } else { theme::term_color(term, &Visuals::dark()) };
        let [red, green, blue, _] = color.to_array();
        let points = first.filter(|_| !steps.is_empty()).into_iter().chain(points).collect();
        let name = state.look.iteration_chart.name(term);
        Series { name, color: [red, green, blue], mark, points }
    };
    let lines = state.look.iteration_chart.lines().iter().map(line);
    lines.filter(|series| !series.points.is_empty()).collect()
}

/// What a term is before the first iteration: nothing is deleted, so the score is that of the picture, and the mask
/// costs nothing; what the search would have compared there is not known.
fn before(about: IterationChart, term: Term, start: f64) -> Option<f64> {
    match (about, term) {
        (IterationChart::Terms, Term::Objective | Term::Score) => Some(start),
        (IterationChart::Terms, Term::L1 | Term::Tv) => Some(0.0),
        (IterationChart::Terms, Term::Search) | (IterationChart::StepSize | IterationChart::Trials, _) => None,
    }
}

/// The axes of the chart, as long as its lines need.
pub fn axes(state: &State, series: &[Series]) -> [Axis; 2] {
    let about = state.look.iteration_chart;
    let iterations = state.shown().map_or(state.parameters.igos.iterations, |run| run.parameters.igos.iterations);
    let values = || series.iter().flat_map(|series| &series.points).map(|point| point[1]).filter(|v| v.is_finite());
    let top = values().fold(f64::MIN_POSITIVE, f64::max);
    let [low, high] = match about.scale() {
        // Whole powers of ten.
        Scale::Logarithmic => {
            let least = values().filter(|value| *value > 0.0).fold(top, f64::min);
            let (low, high) = (least.log10().floor(), top.log10().ceil());
            [10_f64.powf(low), 10_f64.powf(high.max(low + 1.0))]
        }
        // Probabilities and prices begin at 0; other scores may be below.
        Scale::Linear | Scale::Percent => [values().fold(0.0, f64::min), top],
    };
    let name = match about {
        IterationChart::Terms => text!("history-terms", "axis"),
        IterationChart::StepSize => text!("history-step-size", "axis"),
        IterationChart::Trials => text!("history-trials", "axis"),
    };
    [
        Axis::new(text!("history-iteration"), 0.0, iterations as f64, Scale::Linear),
        Axis::new(name, low, high, about.scale()),
    ]
}

/// Draws the chart.
pub fn objective_ui(ui: &mut Ui, series: &[Series], state: &State, actions: &mut Vec<Action>) {
    let steps = state.shown().map_or(&[][..], RunState::steps);
    let shown = state.step_number().filter(|_| steps.len() > 1).map(|number| (number + 1) as f64);
    let weak = ui.visuals().weak_text_color();
    let about = state.look.iteration_chart;
    let [x_axis, y_axis] = axes(state, series);
    let height = move |value: f64| match about.scale() {
        Scale::Logarithmic => (value > 0.0).then(|| value.log10()),
        Scale::Linear | Scale::Percent => Some(value),
    };
    let [low, high] = y_axis.range.map(|end| height(end).unwrap_or_default());
    let (length, tall) = (x_axis.range[1], high - low);
    let bounds = PlotBounds::from_min_max(
        [-MARGIN * length, low - MARGIN * tall],
        [length * (1.0 + MARGIN), high + 2.0 * MARGIN * tall],
    );
    let x = AxisHints::new_x().formatter(|mark, _| numbers::short(mark.value));
    let y = AxisHints::new_y().formatter(move |mark, _| match about.scale() {
        Scale::Logarithmic => numbers::short(10_f64.powf(mark.value)),
        Scale::Linear | Scale::Percent => numbers::short(mark.value),
    });
    let whole = about != IterationChart::Terms;
    let plot = charts::plot(ui, "iterations", x, y)
        .x_grid_spacer(move |input| charts::marks(&input, round_step(length, 5.0).max(1.0)))
        .y_grid_spacer(move |input| charts::marks(&input, round_step(tall, 4.0).max(if whole { 1.0 } else { 0.0 })));
    let response = plot.show(ui, |plot: &mut PlotUi<'_>| {
        plot.set_plot_bounds(bounds);
        if let Some(shown) = shown {
            let line = VLine::new("iteration on the wall", shown).allow_hover(false);
            plot.vline(line.color(weak).width(theme::THIN));
        }
        for series in series {
            charts::draw(plot, series, height);
        }
        plot.pointer_coordinate()
    });
    let (response, pointer) = (response.response, response.inner);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, about.title()));
    let Some(pointer) = pointer.filter(|_| !steps.is_empty() && response.hovered()) else { return };
    let number = (pointer.x.round().max(1.0) as usize).min(steps.len()) - 1;
    ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    if response.clicked() {
        actions.push(Action::ShowStep((number + 1 < steps.len()).then_some(number)));
    }
    let tooltip = Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, PopupAnchor::Pointer);
    tooltip.gap(theme::GAP).show(|ui| readout_ui(ui, about, &steps[number]));
}

/// The numbers of an iteration.
fn readout_ui(ui: &mut Ui, about: IterationChart, step: &Step) {
    painting::readout_style(ui);
    ui.strong(text!("iteration-number", number = step.iteration));
    for (term, _, value) in about.lines().iter().rev() {
        if let Some(value) = value(step) {
            let number = if about == IterationChart::Terms { numbers::score(value) } else { numbers::short(value) };
            ui.horizontal(|ui| {
                painting::dot(ui, theme::term_color(*term, ui.visuals()));
                ui.label(format!("{number} {}", about.name(*term)));
            });
        }
    }
}
