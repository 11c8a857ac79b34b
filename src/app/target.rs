//! The class that is explained: the five most probable ones, and a search over all.

use egui::{Align2, CornerRadius, Rect, Role, ScrollArea, Sense, TextEdit, TextStyle, Ui, Vec2, WidgetInfo};

use super::{action::Action, numbers, painting, run_state::Seen, state::State, theme};

/// The most rows of search results that are shown before they scroll.
const RESULT_ROWS: usize = 7;

/// Draws the panel.
pub fn target_ui(ui: &mut Ui, state: &mut State, actions: &mut Vec<Action>) {
    ui.strong("Class to explain");
    let newest = state.picture().and_then(|picture| picture.newest());
    let Some(seen) = newest.and_then(|run| run.seen.clone()).or_else(|| state.shown().and_then(|run| run.seen.clone()))
    else {
        ui.weak("Open a picture to see what the model makes of it");
        return;
    };
    // What was asked for is marked at once, before the worker has said that it began.
    let explained = state.picture().and_then(|picture| picture.class).unwrap_or(seen.class.id);
    let name =
        |id: usize| state.model.as_ref().map_or_else(|| seen.class.name.clone(), |model| model.spec.labels.name(id));
    for prediction in &seen.top {
        class_ui(ui, &prediction.name, prediction.probability, explained, prediction.id, actions);
    }
    if !seen.top.iter().any(|prediction| prediction.id == explained) {
        class_ui(ui, &name(explained), probability(&seen, explained), explained, explained, actions);
    }
    search_ui(ui, state, &seen, explained, actions);
}

fn probability(seen: &Seen, class: usize) -> f32 {
    seen.probabilities.get(class).copied().unwrap_or_default()
}

fn search_ui(ui: &mut Ui, state: &mut State, seen: &Seen, explained: usize, actions: &mut Vec<Action>) {
    let Some(model) = &state.model else { return };
    let labels = &model.spec.labels;
    let hint = format!("Search {} classes", labels.len());
    let edit = ui.add(TextEdit::singleline(&mut state.search).hint_text(&hint).desired_width(f32::INFINITY));
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Search classes"));
    let found = labels.search(&state.search);
    if found.is_empty() {
        if !state.search.trim().is_empty() {
            ui.weak("No class has such a name or number");
        }
        return;
    }
    if edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        actions.push(Action::ExplainClass(found[0]));
        state.search.clear();
        return;
    }
    let before = actions.len();
    let row_height = theme::CLASS_ROW + ui.spacing().item_spacing.y;
    let height = found.len().min(RESULT_ROWS) as f32 * row_height;
    let results = ScrollArea::vertical().id_salt("search results").max_height(height).min_scrolled_height(height);
    results.show_rows(ui, theme::CLASS_ROW, found.len(), |ui, rows| {
        for &id in &found[rows] {
            class_ui(ui, &labels.name(id), probability(seen, id), explained, id, actions);
        }
    });
    if actions.len() > before {
        state.search.clear();
    }
}

/// A class with its probability as a bar; a click explains it.
fn class_ui(ui: &mut Ui, name: &str, probability: f32, explained: usize, id: usize, actions: &mut Vec<Action>) {
    let is_explained = id == explained;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), theme::CLASS_ROW), Sense::click());
    let help =
        if is_explained { format!("{name}, class {id}, is explained") } else { format!("Explain {name}, class {id}") };
    let response = response.on_hover_text(help);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_explained, name));
    let visuals = ui.visuals();
    let bar = Rect::from_min_size(rect.min, Vec2::new(rect.width() * probability.clamp(0.0, 1.0), rect.height()));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::CORNER, visuals.widgets.hovered.weak_bg_fill);
    }
    ui.painter().rect_filled(bar, theme::CORNER, theme::probability_fill(visuals, is_explained));
    if is_explained {
        let mark = Rect::from_min_size(rect.min, Vec2::new(theme::BAR, rect.height()));
        ui.painter().rect_filled(mark, CornerRadius::ZERO, theme::accent(visuals));
    }
    let color = if is_explained { visuals.strong_text_color() } else { visuals.text_color() };
    let inner = rect.shrink2(Vec2::new(theme::SPACE, 0.0));
    let number = painting::text(ui, inner, Align2::RIGHT_CENTER, numbers::percent(probability), TextStyle::Body, color);
    let name_rect = inner.with_max_x(number.left() - theme::SPACE);
    painting::text(ui, name_rect, Align2::LEFT_CENTER, name, TextStyle::Body, color);
    if response.clicked() && !is_explained {
        actions.push(Action::ExplainClass(id));
    }
}
