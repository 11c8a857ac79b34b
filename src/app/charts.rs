//! The charts: deletion and insertion of every method, and the terms of I-GOS's objective by iteration.

use egui::{Align2, Rangef, Rect, Role, Sense, TextStyle, Ui, UiBuilder, WidgetInfo};
use egui_plot::{AxisHints, Corner, GridInput, GridMark, HoverPosition, Legend, Line, Plot, PlotPoints};

use super::{action::Action, numbers, objective, painting, run_state::RunState, state::State, theme};
use crate::explain::{CurvePoint, Curves, MethodKind};

/// Room around the curves, as a share of the axis: a line along an edge is drawn whole.
pub const MARGIN: f64 = 0.03;
/// More lines than this are never drawn, whatever the axis.
const MOST_MARKS: f64 = 50.0;

/// A chart beside the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Scores while the most important cells are removed.
    Deletion,
    /// Scores while the most important cells are revealed.
    Insertion,
    /// The terms of I-GOS's objective.
    Objective,
}

impl Chart {
    /// Every chart, in the order they are drawn.
    pub const ALL: [Self; 3] = [Self::Deletion, Self::Insertion, Self::Objective];

    fn title(self) -> &'static str {
        match self {
            Self::Deletion => "Deletion",
            Self::Insertion => "Insertion",
            Self::Objective => "I-GOS objective",
        }
    }

    fn remark(self) -> &'static str {
        match self {
            Self::Deletion => "area, lower is better",
            Self::Insertion => "area, higher is better",
            Self::Objective => "",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Deletion => "The class's probability while cells are blurred, the most important ones first",
            Self::Insertion => {
                "The class's probability while a blurred picture is revealed, the most important cells first"
            }
            Self::Objective => objective::HELP,
        }
    }

    fn score(self, point: &CurvePoint) -> f64 {
        f64::from(if self == Self::Insertion { point.insertion } else { point.deletion })
    }

    fn area(self, curves: &Curves) -> f64 {
        f64::from(if self == Self::Insertion { curves.insertion() } else { curves.deletion() })
    }
}

/// Draws a chart with its title in `place`.
pub fn chart_ui(ui: &mut Ui, place: Rect, chart: Chart, state: &State, actions: &mut Vec<Action>) {
    let title = place.with_max_y(place.top() + theme::CHART_TITLE);
    let visuals = ui.visuals();
    let (strong, weak) = (visuals.strong_text_color(), visuals.weak_text_color());
    let remark = painting::text(ui, title, Align2::RIGHT_CENTER, chart.remark(), TextStyle::Small, weak);
    let words = title.with_max_x(remark.left() - theme::SPACE);
    let words = painting::text(ui, words, Align2::LEFT_CENTER, chart.title(), TextStyle::Body, strong);
    let mut body = place.with_min_y(title.bottom());
    if chart == Chart::Objective {
        let beside = title.with_min_x(words.right());
        let below = body.with_max_y(body.top() + ui.text_style_height(&TextStyle::Small));
        let fits = objective::legend_width(ui) < beside.width();
        objective::legend_ui(ui, if fits { beside } else { below });
        body.min.y = if fits { body.top() } else { below.bottom() };
    }
    let response = ui.interact(title, ui.scope_id().with(("chart title", chart.title())), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{} chart", chart.title())));
    response.on_hover_text(chart.help());
    ui.scope_builder(UiBuilder::new().max_rect(body), |ui| match chart {
        Chart::Deletion | Chart::Insertion => curves_ui(ui, chart, state.shown()),
        Chart::Objective => objective::objective_ui(ui, state, actions),
    });
}

/// A plot that stays where it is: no zoom, no drag, so that a scroll or a slip never loses the curves.
pub fn plot<'a>(ui: &Ui, chart: Chart, x: AxisHints<'a>, y: AxisHints<'a>) -> Plot<'a> {
    let small = |axis: AxisHints<'a>| {
        axis.tick_label_font(TextStyle::Small.resolve(ui.style()))
            .tick_label_color(ui.visuals().weak_text_color())
            // Every line of the grid has its number: there are few.
            .label_spacing(Rangef::new(4.0, 5.0))
    };
    Plot::new(chart.title())
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_crosshair(false)
        .show_background(false)
        .grid_color(theme::grid_color(ui.visuals()))
        .grid_fade(0.0)
        .custom_x_axes(vec![small(x.min_thickness(theme::X_AXIS))])
        .custom_y_axes(vec![small(y.min_thickness(theme::Y_AXIS))])
}

/// Lines at the multiples of `step` that are in sight.
pub fn marks(input: &GridInput, step: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let count = ((high - low) / step).min(MOST_MARKS) as i64;
    let first = (low / step).ceil() as i64;
    let mark = |number: i64| GridMark { value: number as f64 * step, step_size: step };
    (first..=first + count).map(mark).filter(|mark| mark.value <= high).collect()
}

/// A round number that goes into `length` about `parts` times: 1, 2 or 5, times a power of ten.
pub fn round_step(length: f64, parts: f64) -> f64 {
    let rough = (length / parts).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| round * power >= rough * 0.999);
    round.unwrap_or(10.0) * power
}

fn curves_ui(ui: &mut Ui, chart: Chart, run: Option<&RunState>) {
    // Deletion falls from the top left, insertion rises from the bottom left: the legend is where they are not.
    let corner = if chart == Chart::Deletion { Corner::RightTop } else { Corner::RightBottom };
    let mut lines: Vec<Line<'_>> = MethodKind::ALL.iter().filter_map(|&method| curve(chart, method, run?)).collect();
    if corner == Corner::RightBottom {
        // A legend at the bottom is written upwards.
        lines.reverse();
    }
    let halves = |mark: GridMark| (mark.value * 2.0).fract().abs() < 1e-6;
    let x = AxisHints::new_x()
        .formatter(move |mark, _| if halves(mark) { format!("{:.0} %", mark.value * 100.0) } else { String::new() });
    let y = AxisHints::new_y()
        .formatter(move |mark, _| if halves(mark) { numbers::short(mark.value) } else { String::new() });
    let legend = Legend::default()
        .position(corner)
        .text_style(TextStyle::Small)
        .background_alpha(theme::LEGEND_ALPHA)
        .follow_insertion_order(true);
    plot(ui, chart, x, y)
        .legend(legend)
        .x_grid_spacer(|input| marks(&input, 0.25))
        .y_grid_spacer(|input| marks(&input, 0.25))
        .default_x_bounds(-MARGIN, 1.0 + MARGIN)
        .default_y_bounds(-MARGIN, 1.0 + 2.0 * MARGIN)
        .label_formatter(|position| match position {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                let changed = numbers::percent(position.x as f32);
                Some(format!("{plot_name}\n{changed} changed\nprobability {}", numbers::score(position.y)))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
        .show(ui, |plot| lines.into_iter().for_each(|line| plot.line(line)));
}

/// A method's curve, with its area in its name once it is whole.
fn curve(chart: Chart, method: MethodKind, run: &RunState) -> Option<Line<'static>> {
    let known = run.method(method)?;
    let points = known.curves.as_ref().map_or(&known.points, |curves| &curves.points);
    if points.is_empty() {
        return None;
    }
    let name = match &known.curves {
        Some(curves) => format!("{} {}", method.title(), numbers::score(chart.area(curves))),
        None => method.title().to_owned(),
    };
    let points: Vec<[f64; 2]> = points.iter().map(|point| [f64::from(point.fraction), chart.score(point)]).collect();
    let line = Line::new(name, PlotPoints::new(points)).id(method.name());
    Some(line.color(theme::method_color(method)).width(theme::LINE_WIDTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_lines_are_at_round_numbers() {
        assert_eq!(
            [0.93, 15.0, 3.0, 1000.0, 0.02].map(|length| round_step(length, 5.0)),
            [0.2, 5.0, 1.0, 200.0, 0.005]
        );
        let input = GridInput { bounds: (-0.03, 1.03), base_step_size: 0.1 };
        let values: Vec<f64> = marks(&input, 0.25).iter().map(|mark| mark.value).collect();
        assert_eq!(values, [0.0, 0.25, 0.5, 0.75, 1.0]);
    }
}
