//! The chart of a method's iterations: what it makes small or large, or how it went about it.

use egui::{Align2, Color32, CursorIcon, PopupAnchor, Rect, Role, TextStyle, Tooltip, Ui, Vec2, Visuals, WidgetInfo};
use egui_plot::{AxisHints, PlotBounds, PlotUi, VLine};

use super::MARGIN;
use crate::{
    app::{
        numbers,
        state::{State, action::Action, chart::iteration_chart},
        theme,
        ui::{charts, widgets::painting},
        words,
    },
    explain::{Before, Iteration, IterationChart, Method, Shade, TermLine, TermMark},
    export::chart::{Axis, Mark, Scale, Series, multiples, round_step},
};

fn scale(chart: &IterationChart) -> Scale {
    if chart.is_log { Scale::Logarithmic } else { Scale::Linear }
}

/// The lines of the chart that is shown, each with its name; the lowest first.
fn lines(state: &State) -> Vec<(&'static TermLine, String)> {
    let shown = iteration_chart(state);
    let lines = shown.into_iter().flat_map(|(method, chart)| chart.lines.iter().map(move |line| (method, line)));
    lines.map(|(method, line)| (line, words::line_title(method, line))).collect()
}

/// Width of the legend, in points.
pub fn legend_width(ui: &Ui, state: &State) -> f32 {
    let width = |name: &str| painting::width(ui, name, TextStyle::Small) + 2.0 * theme::DOT;
    lines(state).iter().map(|(_, name)| width(name)).sum()
}

/// Writes the legend at the right of `rect`, for there is no corner in the chart that no line may come to.
pub fn legend_ui(ui: &Ui, rect: Rect, state: &State) {
    let mut left = rect;
    let width = |name: &str| painting::width(ui, name, TextStyle::Small) + 2.0 * theme::DOT;
    // The most important line is the last one. What has no room is not squeezed in: its colour is in the readout, too.
    let mut room = rect.width();
    let mut lines = lines(state);
    let has_no_room = |(_, name): &(&'static TermLine, String)| {
        room -= width(name);
        room < 0.0
    };
    let last_without = lines.iter().rposition(has_no_room);
    lines.drain(..last_without.map_or(0, |last| last + 1));
    for (line, name) in lines {
        let color = ui.visuals().text_color();
        let place = painting::text(ui, left, Align2::RIGHT_CENTER, name, TextStyle::Small, color);
        let center = place.left_center() - Vec2::new(theme::DOT * 0.75, 0.0);
        ui.painter().circle_filled(center, theme::DOT / 2.0 - 1.0, theme::shade(line.shade, ui.visuals()));
        left.max.x = place.left() - 2.0 * theme::DOT;
    }
}

/// The lines of the chart, the lowest first; `strong` is the colour of the most important one.
pub fn series(state: &State, strong: Color32) -> Vec<Series> {
    let iterations = state.iterations();
    let start = state.shown().and_then(|run| run.seen.as_ref()).map(|seen| f64::from(seen.value));
    let series = |(line, name): (&'static TermLine, String)| {
        let points = iterations.iter().filter_map(|iteration| Some([iteration.number as f64, line.value(iteration)?]));
        let first = start.and_then(|start| before(line.before, start)).map(|value| [0.0, value]);
        let color = if line.shade == Shade::Strong { strong } else { theme::shade(line.shade, &Visuals::dark()) };
        let [red, green, blue, _] = color.to_array();
        let points = first.filter(|_| !iterations.is_empty()).into_iter().chain(points).collect();
        let mark = match line.mark {
            TermMark::Line => Mark::Line,
            TermMark::Dashes => Mark::Dashes,
            TermMark::Dots => Mark::Dots,
        };
        Series { name, color: [red, green, blue], mark, points }
    };
    lines(state).into_iter().map(series).filter(|series| !series.points.is_empty()).collect()
}

/// What a line is before the first iteration, where `start` is what is explained for the whole picture.
fn before(before: Before, start: f64) -> Option<f64> {
    match before {
        Before::Score => Some(start),
        Before::Zero => Some(0.0),
        Before::Unknown => None,
    }
}

/// The axes of the chart, as long as its lines need.
pub fn axes(state: &State, series: &[Series]) -> [Axis; 2] {
    let shown = iteration_chart(state);
    let iterations = shown
        .map_or(1, |(method, _)| method.iterations(state.shown().map_or(&state.parameters, |run| &run.parameters)));
    // A method at its end has no more iterations, however many there might have been.
    let is_done = |(method, _): &(&'static Method, _)| state.shown()?.method(method)?.explanation.as_ref();
    let iterations = match shown.as_ref().and_then(is_done) {
        Some(_) => state.iterations().len().max(1),
        None => iterations,
    };
    let scale = shown.map_or(Scale::Linear, |(_, chart)| scale(chart));
    let values = || series.iter().flat_map(|series| &series.points).map(|point| point[1]).filter(|v| v.is_finite());
    let top = values().fold(f64::MIN_POSITIVE, f64::max);
    let [low, high] = match scale {
        // Whole powers of ten.
        Scale::Logarithmic => {
            let least = values().filter(|value| *value > 0.0).fold(top, f64::min);
            let (low, high) = (least.log10().floor(), top.log10().ceil());
            [10_f64.powf(low), 10_f64.powf(high.max(low + 1.0))]
        }
        // Probabilities and prices begin at 0; other scores may be below.
        Scale::Linear | Scale::Percent => [values().fold(0.0, f64::min), top],
    };
    let name = shown.map(|(method, chart)| words::chart_axis(method, chart)).unwrap_or_default();
    [Axis::new(text!("chart-iteration"), 0.0, iterations as f64, Scale::Linear), Axis::new(name, low, high, scale)]
}

/// Draws the chart.
pub fn objective_ui(ui: &mut Ui, series: &[Series], state: &State, actions: &mut Vec<Action>) {
    let Some((method, chart)) = iteration_chart(state) else { return };
    let (steps, scale) = (state.iterations(), scale(chart));
    let shown = state.step_number().filter(|_| steps.len() > 1).map(|number| (number + 1) as f64);
    let weak = ui.visuals().weak_text_color();
    let [x_axis, y_axis] = axes(state, series);
    let height = move |value: f64| match scale {
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
    let y = AxisHints::new_y().formatter(move |mark, _| match scale {
        Scale::Logarithmic => numbers::short(10_f64.powf(mark.value)),
        Scale::Linear | Scale::Percent => numbers::short(mark.value),
    });
    // Lines of the grid are at whole numbers where the values are, and at whole powers of ten.
    let whole = chart.is_log || series.iter().flat_map(|series| &series.points).all(|point| point[1].fract() == 0.0);
    let step = round_step(tall, 4.0).max(if whole { 1.0 } else { 0.0 });
    // The most important line is the last one.
    let first = series.last().and_then(|series| series.points.first()).map(|point| point[1]);
    let marks = match scale {
        Scale::Linear if !whole => charts::marked(low, high, first.as_slice(), step),
        Scale::Linear | Scale::Percent | Scale::Logarithmic => multiples(low, high, step),
    };
    let plot = charts::plot(ui, "iterations", x, y)
        .x_grid_spacer(move |input| charts::marks(&input, round_step(length, 5.0).max(1.0)))
        .y_grid_spacer(move |_| charts::lines_at(&marks, tall));
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
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words::chart_title(method, chart)));
    let Some(pointer) = pointer.filter(|_| !steps.is_empty() && response.hovered()) else { return };
    let number = (pointer.x.round().max(1.0) as usize).min(steps.len()) - 1;
    ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    if response.clicked() {
        actions.push(Action::ShowStep(Some(number)));
    }
    let tooltip = Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, PopupAnchor::Pointer);
    tooltip.gap(theme::GAP).show(|ui| readout_ui(ui, method, chart, &steps[number]));
}

/// The numbers of an iteration.
fn readout_ui(ui: &mut Ui, method: &Method, chart: &IterationChart, iteration: &Iteration) {
    painting::readout_style(ui);
    ui.strong(text!("iteration-number", number = iteration.number));
    for line in chart.lines.iter().rev() {
        if let Some(value) = line.value(iteration) {
            let number = if chart.has_scores { numbers::score(value) } else { numbers::short(value) };
            ui.horizontal(|ui| {
                painting::dot(ui, theme::shade(line.shade, ui.visuals()));
                ui.label(format!("{number} {}", words::line_title(method, line)));
            });
        }
    }
}
