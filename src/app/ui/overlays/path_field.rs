//! A field for a path, where the system has no dialog for files. Enter takes it, Escape leaves.

use egui::{Align2, Button, Id, Key, Label, Modal, Role, TextEdit, Ui, Vec2, WidgetInfo};

use crate::app::{
    state::{
        action::Action,
        path_field::{Asked, PathField, typed_path},
    },
    theme,
};

/// Room above the field, in points.
const TOP: f32 = 64.0;
/// Its greatest width, in points.
const WIDTH: f32 = 520.0;

/// Draws it over the window.
pub fn path_field_ui(ui: &Ui, field: &mut PathField, actions: &mut Vec<Action>) {
    let id = Id::unique("path");
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, Vec2::new(0.0, TOP));
    let width = WIDTH.min(ui.ctx().content_rect().width() - 4.0 * theme::GAP);
    let shown = Modal::new(id).area(area).show(ui.ctx(), |ui| {
        ui.set_width(width);
        content_ui(ui, field, actions)
    });
    if shown.inner || shown.should_close() {
        // What was asked for may cover the window with something else.
        actions.insert(0, Action::Uncover);
    }
}

/// The words, the field and the buttons; says whether it is done.
fn content_ui(ui: &mut Ui, field: &mut PathField, actions: &mut Vec<Action>) -> bool {
    let (title, take) = match field.asked {
        Asked::Pictures => (text!("dialog-open"), text!("path-open")),
        Asked::Model => (text!("dialog-model"), text!("path-open")),
        Asked::Names => (text!("dialog-names"), text!("path-open")),
        Asked::RunFolder => (text!("dialog-save"), text!("path-save")),
        Asked::ChartFile => (text!("dialog-chart"), text!("path-save")),
    };
    ui.strong(title);
    ui.add(Label::new(text!("path-why")).wrap());
    ui.add_space(theme::SPACE);
    let edit = TextEdit::singleline(&mut field.text).hint_text(text!("path", "hint")).desired_width(f32::INFINITY);
    let edit = ui.add(edit);
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, text!("path")));
    let enters = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    edit.request_focus();
    ui.add_space(theme::SPACE);
    let path = typed_path(&field.text);
    let mut is_done = false;
    ui.horizontal(|ui| {
        let takes = ui.add_enabled(path.is_some(), Button::new(take)).clicked() || enters;
        if let Some(path) = path.filter(|_| takes) {
            actions.push(Action::TakePath(field.asked, path));
            is_done = true;
        }
        is_done |= ui.button(text!("path-leave")).clicked();
    });
    is_done
}
