//! The legend of deletion and insertion: a click hides a method's curves, or those of random orders, or shows them again,
//! in both charts. It stands above the plot, or beside it where that is low, and never on a curve.

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
/// The share of a chart's width that names may take beside the plot: beyond it the curves would be too narrow.
const MAX_SHARE_BESIDE: f32 = 0.4;
/// How many lines above a plot names may take: beyond them the curves would be too low.
const MAX_LINES: usize = 2;

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

/// A legend with the places of its rows.
pub struct Legend {
    change: Change,
    rows: Vec<(Row, Rect)>,
}

impl Legend {
    /// The legend of a chart, and the room that it leaves for the plot: above it, or beside it where `body` is low.
    pub fn of(ui: &Ui, body: Rect, is_low: bool, change: Change, state: &State) -> (Self, Rect) {
        let mut rows = rows(ui, change, state);
        if rows.is_empty() {
            return (Self { change, rows: Vec::new() }, body);
        }
        let width = |row: &Row| painting::width(ui, &row.words, TextStyle::Small) + theme::DOT + 2.0 * theme::SPACE;
        let widest = |rows: &[Row]| rows.iter().map(width).fold(0.0, f32::max);
        let lines = |rows: &[Row]| flow(body, rows.iter().map(width)).1;
        let is_too_large =
            if is_low { widest(&rows) > body.width() * MAX_SHARE_BESIDE } else { lines(&rows) > MAX_LINES };
        if is_too_large {
            // The areas stay; their colours are those of the tiles' titles.
            for row in &mut rows {
                row.words = row.area.take().unwrap_or_default();
            }
        }
        let (places, plot) = if is_low {
            let beside = body.with_min_x(body.right() - widest(&rows));
            let place = |number: usize| {
                let top = beside.top() + number as f32 * LEGEND_ROW;
                Rect::from_min_size(egui::pos2(beside.left(), top), Vec2::new(beside.width(), LEGEND_ROW))
            };
            ((0..rows.len()).map(|number| place(number).intersect(body)).collect(), body.with_max_x(beside.left()))
        } else {
            let (places, lines) = flow(body, rows.iter().map(width));
            (places, body.with_min_y(body.top() + lines as f32 * LEGEND_ROW))
        };
        (Self { change, rows: rows.into_iter().zip(places).collect() }, plot)
    }

    /// Draws it.
    pub fn show(&self, ui: &Ui, actions: &mut Vec<Action>) {
        for (row, place) in self.rows.iter().filter(|(_, place)| place.is_positive()) {
            row_ui(ui, *place, self.change, row, actions);
        }
    }
}

/// Where things of these widths are, one after the other in lines from the left, and how many lines they take.
fn flow(body: Rect, widths: impl Iterator<Item = f32>) -> (Vec<Rect>, usize) {
    let (mut left, mut line) = (body.left(), 0);
    let places = widths.map(|width| {
        if left > body.left() && left + width > body.right() {
            (left, line) = (body.left(), line + 1);
        }
        let min = egui::pos2(left, body.top() + line as f32 * LEGEND_ROW);
        left += width;
        Rect::from_min_size(min, Vec2::new(width.min(body.width()), LEGEND_ROW))
    });
    (places.collect(), line + 1)
}

/// Draws a row.
fn row_ui(ui: &Ui, rect: Rect, change: Change, row: &Row, actions: &mut Vec<Action>) {
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
    let center = rect.left_center() + Vec2::new(theme::DOT / 2.0, 0.0);
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
    let text = rect.with_min_x(center.x + theme::DOT / 2.0 + theme::SPACE);
    painting::text(ui, text, Align2::LEFT_CENTER, row.words.as_str(), TextStyle::Small, color);
    response.on_hover_text(match (row.method, row.drawn) {
        (Some(method), true) => text!("legend-hide", method = method.title),
        (Some(method), false) => text!("legend-show", method = method.title),
        (None, true) => text!("legend-hide-random"),
        (None, false) => text!("legend-show-random"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_in_a_line_begins_the_next_and_nothing_overlaps() {
        let body = Rect::from_min_size(egui::pos2(10.0, 20.0), Vec2::new(100.0, 80.0));
        let (places, lines) = flow(body, [60.0, 30.0, 30.0, 70.0, 200.0].into_iter());
        assert_eq!(lines, 3);
        for (number, place) in places.iter().enumerate() {
            assert!(body.expand(0.1).contains_rect(*place), "{place:?}");
            assert!(places[..number].iter().all(|other| !other.shrink(0.1).intersects(*place)), "{place:?}");
        }
    }
}
