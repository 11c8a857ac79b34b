//! The menu of compute threads, beside the device.

use egui::{Button, ScrollArea, Ui, containers::menu::MenuButton};

use super::{
    action::Action,
    icons::{Icon, icon, name},
    state::State,
    theme,
};

/// Draws the menu's button, and the menu if it is open.
pub fn threads_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let (button, _) = MenuButton::new(icon(Icon::Menu)).ui(ui, |ui| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let current = if state.host.threads == 0 { cores } else { state.host.threads };
        ScrollArea::vertical().max_height(theme::MENU_HEIGHT).show(ui, |ui| {
            for threads in 1..=cores.max(current) {
                let words = format!("{threads} thread{}", if threads == 1 { "" } else { "s" });
                if ui.add(Button::selectable(threads == current, words)).clicked() && threads != current {
                    actions.push(Action::ComputeWith(threads));
                }
            }
        });
    });
    name(&button, "Compute threads");
    button.on_hover_text("CPU threads the model computes with; a change ends the run under way");
}
