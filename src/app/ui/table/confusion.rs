//! What was taken for what: a row a label, a column a class that pictures were taken for.

use egui::{
    Align2, Color32, Label, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2,
    WidgetInfo,
};

use crate::app::{
    state::{
        State,
        action::Action,
        collection::Collection,
        table_facts::Confusion,
        table_view::{Among, TableView},
    },
    theme,
    ui::widgets::painting,
};

/// Side of a cell, in points.
const CELL: f32 = 30.0;
/// Width of the names of labels, in points.
const NAMES: f32 = 110.0;
/// Height of the names of the columns, in points.
const HEADS: f32 = 18.0;

/// The width of a matrix of so many classes, in points.
pub fn width(classes: usize) -> f32 {
    NAMES + CELL * classes as f32 + 2.0 * theme::GAP
}

/// Draws the matrix; a click on a cell shows its pictures only.
pub fn confusion_ui(
    ui: &mut Ui,
    state: &State,
    collection: &Collection,
    confusion: &Confusion,
    actions: &mut Vec<Action>,
) {
    ui.strong(text!("confusion"));
    ui.add(Label::new(RichText::new(text!("confusion-help")).weak()).wrap());
    let (others, pictures) = confusion.left_out;
    if others > 0 {
        let words = text!("confusion-left-out", drawn = confusion.classes.len(), others = others, pictures = pictures);
        ui.add(Label::new(words).wrap());
    }
    ui.add_space(theme::SPACE);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        matrix_ui(ui, state, collection, confusion, actions);
    });
}

fn matrix_ui(ui: &mut Ui, state: &State, collection: &Collection, confusion: &Confusion, actions: &mut Vec<Action>) {
    let Confusion { classes, counts, .. } = confusion;
    let side = classes.len() as f32 * CELL;
    let (whole, _) = ui.allocate_exact_size(Vec2::new(NAMES + side, HEADS + side), Sense::hover());
    let most = |label: usize| classes.iter().filter_map(|class| counts.get(&(label, *class))).max().copied();
    let name = |class: usize| match &state.model {
        Some(model) => model.spec.labels.name(class),
        None => collection.class_name(class),
    };
    let text_color = ui.visuals().text_color();
    for (column, class) in classes.iter().enumerate() {
        let place = whole.min + Vec2::new(NAMES + CELL * column as f32, 0.0);
        let rect = Rect::from_min_size(place, Vec2::new(CELL, HEADS));
        painting::text(ui, rect, Align2::CENTER_CENTER, class.to_string(), TextStyle::Small, text_color);
        let words = text!("among-predicted", class = name(*class));
        head_ui(ui, collection, rect, words, Among::Predicted(*class), actions);
    }
    for (row, label) in classes.iter().enumerate() {
        let top = whole.min.y + HEADS + CELL * row as f32;
        let rect = Rect::from_min_size(egui::pos2(whole.min.x, top), Vec2::new(NAMES - theme::SPACE, CELL));
        let words = format!("{} {}", label, name(*label));
        painting::text(ui, rect, Align2::LEFT_CENTER, &words, TextStyle::Small, text_color);
        let heard = text!("among-labelled", class = name(*label));
        head_ui(ui, collection, rect, heard, Among::Labelled(*label), actions);
        for (column, predicted) in classes.iter().enumerate() {
            let place = egui::pos2(whole.min.x + NAMES + CELL * column as f32, top);
            let rect = Rect::from_min_size(place, Vec2::splat(CELL)).shrink(theme::THIN);
            let count = counts.get(&(*label, *predicted)).copied().unwrap_or_default();
            let response = ui.interact(rect, ui.scope_id().with((label, predicted)), Sense::click());
            let words = text!("confusion-cell", label = name(*label), predicted = name(*predicted), pictures = count);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, count > 0, &words));
            let share = count as f32 / most(*label).unwrap_or(1).max(1) as f32;
            ui.painter().rect_filled(rect, theme::CORNER, fill(ui, label == predicted, share));
            let among = Among::Cell(*label, *predicted);
            let is_chosen = collection.view.among == Some(among);
            if is_chosen || response.hovered() || response.has_focus() {
                let stroke = Stroke::new(if is_chosen { theme::OUTLINE } else { theme::THIN }, text_color);
                ui.painter().rect_stroke(rect, theme::CORNER, stroke, StrokeKind::Inside);
            }
            if count > 0 {
                painting::text(ui, rect, Align2::CENTER_CENTER, count.to_string(), TextStyle::Small, text_color);
            }
            if response.on_hover_text(words).clicked() && (count > 0 || is_chosen) {
                let view = TableView { among: (!is_chosen).then_some(among), ..collection.view.clone() };
                actions.push(Action::LookAtCollection(Box::new(view)));
            }
        }
    }
}

/// The name of a row or a column: a click shows its pictures only, and the others again.
fn head_ui(ui: &Ui, collection: &Collection, rect: Rect, words: String, among: Among, actions: &mut Vec<Action>) {
    let response = ui.interact(rect, ui.scope_id().with(&words), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let is_chosen = collection.view.among == Some(among);
    if is_chosen || response.hovered() || response.has_focus() {
        let stroke = Stroke::new(if is_chosen { theme::OUTLINE } else { theme::THIN }, ui.visuals().text_color());
        ui.painter().rect_stroke(rect, theme::CORNER, stroke, StrokeKind::Outside);
    }
    if response.on_hover_text(words).clicked() {
        let view = TableView { among: (!is_chosen).then_some(among), ..collection.view.clone() };
        actions.push(Action::LookAtCollection(Box::new(view)));
    }
}

/// The more, the stronger: what is right in the accent's colour, what is wrong in an error's.
fn fill(ui: &Ui, is_right: bool, share: f32) -> Color32 {
    let visuals = ui.visuals();
    let ground = visuals.faint_bg_color;
    let full = if is_right { theme::accent(visuals) } else { theme::error_color(visuals) };
    // Numbers on it are read at any strength.
    if share > 0.0 { ground.blend(full.gamma_multiply(0.15 + 0.4 * share)) } else { ground }
}
