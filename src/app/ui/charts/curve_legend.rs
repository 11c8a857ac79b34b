//! The legend of deletion and insertion: a click hides a method's curves or shows them again, in both charts.

use egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo};

use crate::{
    app::{
        numbers,
        state::{State, action::Action, chart, run_state::RunState},
        theme,
        ui::widgets::painting,
    },
    explain::{Change, Method},
};

/// Height of a row of a chart's legend, in points.
const LEGEND_ROW: f32 = 16.0;
/// The share of a plot's width that names may cover: beyond it they would hide the curves.
const MAX_SHARE_OF_PLOT: f32 = 0.5;

/// The area under a method's curve once that is whole, in words.
pub fn area(change: Change, run: &RunState, method: &'static Method) -> Option<String> {
    let curves = run.method(method).and_then(|known| known.curves.as_ref())?;
    let area = if change == Change::Deletion { curves.deletion() } else { curves.insertion() };
    Some(numbers::score(f64::from(area)))
}

/// A method's name, with the area under its curve once that is whole.
pub fn name_with_area(change: Change, run: &RunState, method: &'static Method) -> String {
    let title = method.title;
    area(change, run, method).map_or_else(|| title.to_owned(), |area| format!("{title} {area}"))
}

/// Draws the legend in the corner of a plot where the curves are not; says whether the pointer is on it.
pub fn legend_ui(ui: &Ui, plot: Rect, change: Change, state: &State, actions: &mut Vec<Action>) -> bool {
    let Some(run) = state.shown() else { return false };
    let mut rows: Vec<_> =
        chart::curves(state).map(|(method, drawn)| (method, drawn, name_with_area(change, run, method))).collect();
    let widest = |rows: &[(&'static Method, bool, String)]| {
        rows.iter().map(|(.., name)| painting::width(ui, name, TextStyle::Small)).fold(0.0, f32::max)
    };
    if widest(&rows) > plot.width() * MAX_SHARE_OF_PLOT {
        // The areas stay; their colours are those of the tiles' titles.
        for (method, _, name) in &mut rows {
            *name = area(change, run, method).unwrap_or_default();
        }
    }
    let widest = widest(&rows);
    let width = widest + theme::DOT + 3.0 * theme::SPACE;
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
    for (number, (method, drawn, name)) in rows.into_iter().enumerate() {
        let top = place.top() + theme::SPACE / 2.0 + number as f32 * LEGEND_ROW;
        let row = Rect::from_min_size(egui::pos2(place.left(), top), Vec2::new(place.width(), LEGEND_ROW));
        let row = row.intersect(place);
        let response = ui.interact(row, ui.scope_id().with(("legend", change, method)), Sense::click());
        response.widget_info(|| {
            let label = match change {
                Change::Deletion => text!("legend-deletion-curve", method = method.title),
                Change::Insertion => text!("legend-insertion-curve", method = method.title),
            };
            WidgetInfo::selected(Role::CheckBox, true, drawn, label)
        });
        pointed |= response.hovered();
        if response.clicked() {
            actions.push(Action::ToggleCurves(method));
        }
        let color = theme::on_ground(theme::method_color(method), ui.visuals());
        let center = row.right_center() - Vec2::new(theme::SPACE + theme::DOT / 2.0, 0.0);
        let radius = theme::DOT / 2.0 - 0.5;
        if drawn {
            ui.painter().circle_filled(center, radius, color);
        } else {
            ui.painter().circle_stroke(center, radius, Stroke::new(theme::THIN, color));
        }
        let visuals = ui.visuals();
        let words = match (response.hovered() || response.has_focus(), drawn) {
            (true, _) => visuals.strong_text_color(),
            (false, true) => visuals.text_color(),
            (false, false) => visuals.weak_text_color().gamma_multiply(0.7),
        };
        let text = row.with_max_x(center.x - theme::DOT / 2.0 - theme::SPACE);
        painting::text(ui, text, Align2::RIGHT_CENTER, name, TextStyle::Small, words);
        response.on_hover_text(match drawn {
            true => text!("legend-hide", method = method.title),
            false => text!("legend-show", method = method.title),
        });
    }
    pointed
}
