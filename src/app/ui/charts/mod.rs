//! The charts: their frame, their menu, and what they are as figures.

pub mod curve_legend;
pub mod curves;
pub mod objective;

use egui::{
    Align, Align2, Color32, Layout, Rangef, Rect, Role, Sense, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo,
    containers::menu::MenuButton,
};
use egui_plot::{AxisHints, GridInput, GridMark, Line, LineStyle, Plot, PlotPoints, PlotUi, Points};

use super::widgets::{
    icons::{self, Icon, icon},
    painting,
};
use crate::{
    app::{
        state::{
            State,
            action::Action,
            chart::{Chart, iteration_chart},
            model_list::{ModelsAction, Purpose},
            requests, titles,
        },
        theme, words,
    },
    explain::Change,
    export::{
        self,
        chart::{Axis, Format, Mark, Series, multiples},
    },
};

/// Width of a chart's lines, in points.
const LINE_WIDTH: f32 = 1.75;
/// Width and height of the button of a chart's menu, in points.
const CHART_BUTTON: f32 = 20.0;
/// Width of the numbers beside a chart, in points.
const Y_AXIS: f32 = 26.0;
/// Height of the numbers below a chart, in points.
const X_AXIS: f32 = 14.0;

/// The least height of a chart without its title in which words above the plot leave it large enough, in points.
const TALL: f32 = 140.0;

/// The same for two lines of words.
const TALL_FOR_TWO: f32 = 190.0;

/// Room around the curves, as a share of the axis: a line along an edge is drawn whole.
pub const MARGIN: f64 = 0.03;

fn title(chart: Chart, state: &State) -> String {
    match chart {
        Chart::Deletion => text!("deletion"),
        Chart::Insertion => text!("insertion"),
        Chart::Iterations => {
            iteration_chart(state).map(|(method, chart)| words::chart_title(method, chart)).unwrap_or_default()
        }
    }
}

/// The lines of a chart, the lowest first; none before there is something to draw.
fn series(chart: Chart, state: &State, strong: Color32) -> Vec<Series> {
    match chart {
        Chart::Deletion => curves::series(Change::Deletion, state),
        Chart::Insertion => curves::series(Change::Insertion, state),
        Chart::Iterations => objective::series(state, strong),
    }
}

/// The axes of a chart with these lines.
fn axes(chart: Chart, state: &State, series: &[Series]) -> [Axis; 2] {
    let class = state.shown().and_then(|run| run.seen.as_ref()).map_or("", |seen| seen.class.name.as_str());
    match chart {
        Chart::Deletion => curves::axes(Change::Deletion, class, state),
        Chart::Insertion => curves::axes(Change::Insertion, class, state),
        Chart::Iterations => objective::axes(state, series),
    }
}

/// A chart as a figure, on white paper.
pub fn figure(chart: Chart, state: &State) -> export::Chart {
    let series = series(chart, state, Color32::BLACK);
    let [x, y] = axes(chart, state, &series);
    let ribbon = match chart {
        Chart::Deletion => curves::ribbon(Change::Deletion, state),
        Chart::Insertion => curves::ribbon(Change::Insertion, state),
        Chart::Iterations => None,
    };
    export::Chart { title: title(chart, state), x, y, ribbons: ribbon.into_iter().collect(), series }
}

/// Draws a chart with its title in `place`.
pub fn chart_ui(ui: &mut Ui, place: Rect, chart: Chart, state: &State, actions: &mut Vec<Action>) {
    let title = place.with_max_y(place.top() + theme::CHART_TITLE);
    let mut body = place.with_min_y(title.bottom());
    let mut series = series(chart, state, ui.visuals().strong_text_color());
    for line in &mut series {
        let [red, green, blue] = line.color;
        let [red, green, blue, _] = theme::on_ground(Color32::from_rgb(red, green, blue), ui.visuals()).to_array();
        line.color = [red, green, blue];
    }
    let menu = title.with_min_x(title.right() - CHART_BUTTON);
    if !series.is_empty() {
        ui.scope_builder(UiBuilder::new().max_rect(menu).layout(Layout::right_to_left(Align::Center)), |ui| {
            menu_ui(ui, chart, state, actions);
        });
    }
    let words = title.with_max_x(menu.left() - theme::SPACE);
    let taken = title_ui(ui, [words, body], chart, state, actions);
    if chart == Chart::Iterations {
        let beside = words.with_min_x(taken.right() + theme::SPACE);
        let below = body.with_max_y(body.top() + ui.text_style_height(&TextStyle::Small));
        let fits = objective::legend_width(ui, state) < beside.width();
        objective::legend_ui(ui, if fits { beside } else { below }, state);
        body.min.y = if fits { body.top() } else { below.bottom() };
    }
    let full = body;
    if let Some(words) = says(chart)
        && is_tall(full)
    {
        body.min.y = says_ui(ui, body, words);
    }
    if let Some(change) = chart.change() {
        let (legend, left) = curve_legend::Legend::of(ui, body, !is_tall(full), change, state);
        legend.show(ui, actions);
        body = left;
    }
    let body = axis_titles_ui(ui, body, chart, &axes(chart, state, &series), state);
    ui.scope_builder(UiBuilder::new().max_rect(body), |ui| match chart {
        Chart::Deletion => curves::curves_ui(ui, Change::Deletion, &series, state, actions),
        Chart::Insertion => curves::curves_ui(ui, Change::Insertion, &series, state, actions),
        Chart::Iterations => objective::objective_ui(ui, &series, state, actions),
    });
}

/// What the curves of a chart are, in fewer and fewer words; nothing for what has a legend of its own.
fn says(chart: Chart) -> Option<[String; 2]> {
    match chart {
        Chart::Deletion => Some([text!("chart-deletion-says", "short"), text!("chart-deletion-says", "shortest")]),
        Chart::Insertion => Some([text!("chart-insertion-says", "short"), text!("chart-insertion-says", "shortest")]),
        Chart::Iterations => None,
    }
}

/// Writes what the curves are at the top of a chart, in as many words as there is room for, and gives where that ends.
fn says_ui(ui: &Ui, body: Rect, [words, fewer]: [String; 2]) -> f32 {
    let color = ui.visuals().weak_text_color();
    let font = TextStyle::Small.resolve(ui.style());
    let lines = if body.height() >= TALL_FOR_TWO { 2 } else { 1 };
    let whole = ui.painter().layout(words, font.clone(), color, body.width());
    let fits = whole.rows.len() <= lines;
    let galley = if fits { whole } else { ui.painter().layout(fewer, font, color, body.width()) };
    let bottom = body.top() + galley.size().y;
    ui.painter().galley(body.min, galley, color);
    bottom
}

/// Whether there is room for a line of words above a plot, which is needed there more where there is not.
fn is_tall(body: Rect) -> bool {
    body.height() >= TALL
}

/// The title of the axis below a plot where there is little room.
fn short_title(chart: Chart) -> Option<String> {
    match chart {
        Chart::Deletion => Some(text!("curves-cells-deleted", "short")),
        Chart::Insertion => Some(text!("curves-cells-revealed", "short")),
        Chart::Iterations => None,
    }
}

/// Writes what the axes are about below a plot and beside it, and gives the room that is left for the plot.
fn axis_titles_ui(ui: &Ui, body: Rect, chart: Chart, axes: &[Axis; 2], state: &State) -> Rect {
    let height = ui.text_style_height(&TextStyle::Small);
    let plot = Rect::from_min_max(body.min + Vec2::new(height, 0.0), body.max - Vec2::new(0.0, height));
    let weak = ui.visuals().weak_text_color();
    let below = Rect::from_min_max(egui::pos2(plot.left() + Y_AXIS, plot.bottom()), body.max);
    let fits = |words: &&String| painting::width(ui, words, TextStyle::Small) <= below.width();
    let titles = [Some(axes[0].title.clone()), short_title(chart)];
    if let Some(title) = titles.iter().flatten().find(fits).or(titles[0].as_ref()) {
        painting::text(ui, below, Align2::CENTER_CENTER, title.as_str(), TextStyle::Small, weak);
    }
    // Before anything is explained nothing is measured.
    if state.shown().is_some_and(|run| run.seen.is_some()) {
        let beside = plot.with_max_x(plot.left()).with_min_x(body.left()).with_max_y(plot.bottom() - X_AXIS);
        painting::upright(ui, beside, axes[1].title.as_str(), TextStyle::Small, weak);
    }
    plot
}

/// Writes the title and gives the place it took; the one of the iterations is a menu of what they can be about.
fn title_ui(ui: &mut Ui, [rect, body]: [Rect; 2], chart: Chart, state: &State, actions: &mut Vec<Action>) -> Rect {
    let color = ui.visuals().strong_text_color();
    let words = title(chart, state);
    if chart == Chart::Iterations {
        let layout = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
        return ui
            .scope_builder(layout, |ui| {
                ui.spacing_mut().button_padding = Vec2::ZERO;
                let words = egui::RichText::new(words).color(color);
                let (button, _) = MenuButton::from_button(
                    egui::Button::new((words, icon(Icon::Menu))).frame(false).truncate(),
                )
                .ui(ui, |ui| {
                    let Some((method, shown)) = iteration_chart(state) else { return };
                    for choice in method.charts {
                        let title = words::chart_title(method, choice);
                        let button = egui::Button::selectable(choice.id == shown.id, title);
                        if ui.add(button).on_hover_text(words::chart_help(method, choice)).clicked() {
                            actions.push(Action::ShowIterationChart(choice.id));
                        }
                    }
                });
                icons::name(&button, text!("chart-choice"));
                let help = iteration_chart(state).map(|(method, chart)| words::chart_help(method, chart));
                button.on_hover_text(help.unwrap_or_default()).rect
            })
            .inner;
    }
    let place = painting::text(ui, rect, Align2::LEFT_CENTER, words.as_str(), TextStyle::Body, color);
    let response = ui.interact(place, ui.scope_id().with(("chart title", chart.name())), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text!("chart-named", title = words.as_str())));
    let measure = curves::head(state).measure().name();
    let [help, remark] = if chart == Chart::Deletion {
        [text!("chart-deletion-help", measure = measure), text!("chart-deletion-remark")]
    } else {
        [text!("chart-insertion-help", measure = measure), text!("chart-insertion-remark")]
    };
    let ends = curves::ends(state);
    response.on_hover_text(ends.map_or_else(|| help.clone(), |ends| format!("{help}\n{ends}")));
    let beside = rect.with_min_x(place.right() + 2.0 * theme::SPACE);
    if let Some(old) = state.old() {
        painting::text(
            ui,
            beside,
            Align2::RIGHT_CENTER,
            titles::old(old),
            TextStyle::Small,
            ui.visuals().warn_fg_color,
        );
        return place;
    }
    // Where there is no line for what the curves are, it stands here.
    let said = says(chart).filter(|_| !is_tall(body)).into_iter().flatten();
    let mut remarks = said.chain([remark]);
    if let Some(remark) = remarks.find(|words| painting::width(ui, words, TextStyle::Small) < beside.width()) {
        let weak = ui.visuals().weak_text_color();
        painting::text(ui, beside, Align2::RIGHT_CENTER, remark, TextStyle::Small, weak);
    }
    place
}

fn menu_ui(ui: &mut Ui, chart: Chart, state: &State, actions: &mut Vec<Action>) {
    let button = egui::Button::new(icon(Icon::Save)).frame_when_inactive(false);
    let (button, _) = MenuButton::from_button(button).ui(ui, |ui| {
        for format in Format::ALL {
            if ui.button(text!("chart-save-as", format = format.title())).clicked() {
                actions.push(Action::SaveChart(chart, format));
            }
        }
        if chart != Chart::Iterations {
            ui.separator();
            let button = egui::Button::new(text!("command-chance", seeds = requests::SEEDS));
            let button = ui.add_enabled(state.can_measure_chance(), button);
            if button.on_hover_text(text!("command-chance", "help")).clicked() {
                actions.push(Action::MeasureChance);
            }
            let button = ui.button(text!("command-judge")).on_hover_text(text!("models-judge", "help"));
            if button.clicked() {
                actions.push(Action::Models(ModelsAction::Open(Purpose::Judge)));
            }
        }
    });
    icons::name(&button, text!("chart-save", chart = chart.name()));
    button.on_hover_text(text!("chart-save", "help"));
}

/// A plot that stays where it is: no zoom, no drag, so that a scroll or a slip never loses the curves.
pub fn plot<'a>(ui: &Ui, name: &str, x: AxisHints<'a>, y: AxisHints<'a>) -> Plot<'a> {
    let small = |axis: AxisHints<'a>| {
        axis.tick_label_font(TextStyle::Small.resolve(ui.style()))
            .tick_label_color(ui.visuals().weak_text_color())
            // Every line of the grid has its number: there are few.
            .label_spacing(Rangef::new(4.0, 5.0))
    };
    Plot::new(name)
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
        .custom_x_axes(vec![small(x.min_thickness(X_AXIS))])
        .custom_y_axes(vec![small(y.min_thickness(Y_AXIS))])
}

/// The share of an axis that two numbers on it are apart at least.
const APART: f64 = 0.14;

/// What is marked on an axis from `low` to `high`: 0 and what the lines begin with, then round numbers between them where
/// there is room.
pub fn marked(low: f64, high: f64, firsts: &[f64], step: f64) -> Vec<f64> {
    let tall = high - low;
    let mut all: Vec<f64> = Vec::new();
    for value in [0.0].into_iter().chain(firsts.iter().copied()).chain(multiples(low, high, step)) {
        let is_in_sight = value.is_finite() && value >= low - 1e-9 && value <= high + 1e-9;
        if is_in_sight && all.iter().all(|known| (known - value).abs() >= APART * tall) {
            all.push(value);
        }
    }
    all.sort_by(f64::total_cmp);
    all
}

/// Lines of the grid at these values, whose numbers are so far apart.
pub fn lines_at(values: &[f64], apart: f64) -> Vec<GridMark> {
    values.iter().map(|&value| GridMark { value, step_size: apart }).collect()
}

/// Lines at the multiples of `step` that are in sight.
pub fn marks(input: &GridInput, step: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    multiples(low, high, step).into_iter().map(|value| GridMark { value, step_size: step }).collect()
}

/// Draws a series in a plot, with the heights that `height` makes of its values.
pub fn draw(plot: &mut PlotUi<'_>, series: &Series, height: impl Fn(f64) -> Option<f64>) {
    let [red, green, blue] = series.color;
    let color = Color32::from_rgb(red, green, blue);
    let points: Vec<[f64; 2]> = series.points.iter().filter_map(|&[x, y]| Some([x, height(y)?])).collect();
    let points = PlotPoints::new(points);
    match series.mark {
        Mark::Dots => {
            plot.points(Points::new(&series.name, points).color(color).radius(theme::CURVE_DOT).allow_hover(false));
        }
        Mark::Line | Mark::Dashes => {
            let style = if series.mark == Mark::Dashes { LineStyle::dashed_loose() } else { LineStyle::Solid };
            let line = Line::new(&series.name, points).color(color).style(style).width(LINE_WIDTH);
            plot.line(line.allow_hover(false));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_the_first_value_are_marked_and_no_two_numbers_meet() {
        assert_eq!(marked(0.0, 0.34, &[0.34], 0.1), [0.0, 0.1, 0.2, 0.34], "0.3 would meet 0.34");
        assert_eq!(marked(0.0, 1.0, &[0.02, 0.98], 0.25), [0.0, 0.25, 0.5, 0.75, 0.98], "0.02 is as good as 0");
        assert_eq!(marked(-1.0, 3.0, &[2.5], 1.0), [-1.0, 0.0, 1.0, 2.5]);
        assert_eq!(marked(0.0, 1.0, &[f64::NAN, 7.0], 0.5), [0.0, 0.5, 1.0]);
    }
}
