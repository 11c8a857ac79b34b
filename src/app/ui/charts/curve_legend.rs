//! The legend of deletion and insertion: a click hides a method's curves, or those of random orders, or shows them again,
//! in both charts.

use egui::{Align2, Color32, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo};

use crate::{
    app::{
        numbers,
        state::{State, action::Action, chart, run_state::RunState},
        theme,
        ui::widgets::painting,
    },
    explain::{Change, Method, RandomOrders},
};

/// Height of a row of a chart's legend, in points.
const LEGEND_ROW: f32 = 16.0;
/// The share of a plot's width that names may cover: beyond it they would hide the curves.
const MAX_SHARE_OF_PLOT: f32 = 0.5;

/// The area under a method's curve once that is whole, in words.
pub fn area(change: Change, run: &RunState, method: &'static Method) -> Option<String> {
    let curves = run.method(method)?.judged()?;
    let area = if change == Change::Deletion { curves.deletion() } else { curves.insertion() };
    Some(numbers::score(f64::from(area)))
}

/// A method's name, with the area under its curve once that is whole.
pub fn name_with_area(change: Change, run: &RunState, method: &'static Method) -> String {
    let title = method.title;
    area(change, run, method).map_or_else(|| title.to_owned(), |area| format!("{title} {area}"))
}

/// The mean area under random orders' curves, in words.
fn random_area(change: Change, random: &RandomOrders) -> Option<String> {
    let [deletion, insertion] = random.areas()?;
    let area = if change == Change::Deletion { deletion } else { insertion };
    Some(numbers::score(f64::from(area.mean)))
}

/// What random orders are called, with the mean area under their curves.
pub fn random_with_area(change: Change, random: &RandomOrders) -> String {
    let title = text!("random-order");
    random_area(change, random).map_or_else(|| title.clone(), |area| format!("{title} {area}"))
}

/// A row of the legend.
struct Row {
    /// The method whose curve it is; none for random orders.
    method: Option<&'static Method>,
    /// Whether that is drawn.
    drawn: bool,
    /// What it says.
    words: String,
    /// What it says where there is little room.
    area: Option<String>,
    /// The colour of its dot.
    color: Color32,
}

impl Row {
    /// What it is about.
    fn title(&self) -> String {
        self.method.map_or_else(|| text!("random-order"), |method| method.title.to_owned())
    }

    /// A click on it.
    fn toggle(&self) -> Action {
        self.method.map_or(Action::ToggleRandom, Action::ToggleCurves)
    }
}

/// The rows: the methods as they are on the wall, and random orders below them.
fn rows(ui: &Ui, change: Change, state: &State) -> Vec<Row> {
    let Some(run) = state.shown() else { return Vec::new() };
    let of_methods = chart::curves(state).map(|(method, drawn)| Row {
        method: Some(method),
        drawn,
        words: name_with_area(change, run, method),
        area: area(change, run, method),
        color: theme::on_ground(theme::method_color(method), ui.visuals()),
    });
    let of_random = chart::random(state).map(|(random, drawn)| Row {
        method: None,
        drawn,
        words: random_with_area(change, random),
        area: random_area(change, random),
        color: theme::on_ground(theme::RANDOM, ui.visuals()),
    });
    of_methods.chain(of_random).collect()
}

/// Draws the legend in the corner of a plot where the curves are not; says whether the pointer is on it.
pub fn legend_ui(ui: &Ui, plot: Rect, change: Change, state: &State, actions: &mut Vec<Action>) -> bool {
    let mut rows = rows(ui, change, state);
    let widest =
        |rows: &[Row]| rows.iter().map(|row| painting::width(ui, &row.words, TextStyle::Small)).fold(0.0, f32::max);
    if widest(&rows) > plot.width() * MAX_SHARE_OF_PLOT {
        // The areas stay; their colours are those of the tiles' titles.
        for row in &mut rows {
            row.words = row.area.take().unwrap_or_default();
        }
    }
    let width = widest(&rows) + theme::DOT + 3.0 * theme::SPACE;
    let height = LEGEND_ROW * rows.len() as f32 + theme::SPACE;
    let size = Vec2::new(width, height).min(plot.size());
    // Deletion falls from the top left, insertion rises from the bottom left.
    let corner = if change == Change::Deletion { Align2::RIGHT_TOP } else { Align2::RIGHT_BOTTOM };
    let place = corner.align_size_within_rect(size, plot.shrink(theme::SPACE / 2.0));
    if rows.is_empty() {
        return false;
    }
    ui.painter().rect_filled(place, theme::CORNER, theme::legend_fill(ui.visuals()));
    let mut pointed = false;
    for (number, row) in rows.iter().enumerate() {
        let top = place.top() + theme::SPACE / 2.0 + number as f32 * LEGEND_ROW;
        let rect = Rect::from_min_size(egui::pos2(place.left(), top), Vec2::new(place.width(), LEGEND_ROW));
        pointed |= row_ui(ui, rect.intersect(place), change, row, actions);
    }
    pointed
}

/// Draws a row; says whether the pointer is on it.
fn row_ui(ui: &Ui, rect: Rect, change: Change, row: &Row, actions: &mut Vec<Action>) -> bool {
    let response = ui.interact(rect, ui.scope_id().with(("legend", change, row.method)), Sense::click());
    response.widget_info(|| {
        let label = match change {
            Change::Deletion => text!("legend-deletion-curve", method = row.title()),
            Change::Insertion => text!("legend-insertion-curve", method = row.title()),
        };
        WidgetInfo::selected(Role::CheckBox, true, row.drawn, label)
    });
    if response.clicked() {
        actions.push(row.toggle());
    }
    let center = rect.right_center() - Vec2::new(theme::SPACE + theme::DOT / 2.0, 0.0);
    let radius = theme::DOT / 2.0 - 0.5;
    if row.drawn {
        ui.painter().circle_filled(center, radius, row.color);
    } else {
        ui.painter().circle_stroke(center, radius, Stroke::new(theme::THIN, row.color));
    }
    let visuals = ui.visuals();
    let color = match (response.hovered() || response.has_focus(), row.drawn) {
        (true, _) => visuals.strong_text_color(),
        (false, true) => visuals.text_color(),
        (false, false) => visuals.weak_text_color().gamma_multiply(0.7),
    };
    let text = rect.with_max_x(center.x - theme::DOT / 2.0 - theme::SPACE);
    painting::text(ui, text, Align2::RIGHT_CENTER, row.words.as_str(), TextStyle::Small, color);
    let pointed = response.hovered();
    response.on_hover_text(match (row.method, row.drawn) {
        (Some(method), true) => text!("legend-hide", method = method.title),
        (Some(method), false) => text!("legend-show", method = method.title),
        (None, true) => text!("legend-hide-random"),
        (None, false) => text!("legend-show-random"),
    });
    pointed
}
