//! The bar at the top: pictures in, the model, the run, results out.

use egui::{Align, Button, Layout, MenuBar, Response, Ui, containers::menu::MenuButton};

use super::{
    action::Action,
    device_menu::device_menu_ui,
    icons::{Icon, icon},
    opening::OnStart,
    recent, save_menu,
    state::State,
};
use crate::{imaging::SAMPLES, worker::Source};

/// Draws the bar. `paused` says whether the run under way is being held.
pub fn top_bar_ui(ui: &mut Ui, state: &State, paused: bool, on_start: OnStart, actions: &mut Vec<Action>) {
    MenuBar::new().ui(ui, |ui| {
        if ui.button("Open…").on_hover_text("Choose pictures to explain (Ctrl+O)").clicked() {
            actions.push(Action::OpenDialog);
        }
        if ui.button("Paste").on_hover_text("Explain a picture from the clipboard (Ctrl+V)").clicked() {
            actions.push(Action::Paste);
        }
        MenuButton::new(("Samples", icon(Icon::Menu))).ui(ui, |ui| {
            for (number, sample) in SAMPLES.iter().enumerate() {
                if ui.button(sample.title).clicked() {
                    actions.push(Action::Open(vec![Source::Sample(number)]));
                }
            }
        });
        recent::recent_ui(ui, &state.recent, on_start, actions);
        ui.separator();
        run_ui(ui, state, paused, actions);
        ui.separator();
        save_menu::save_menu_ui(ui, state, actions);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| match &state.model {
            Some(model) => {
                device_menu_ui(ui, state, model, actions);
                ui.weak(&model.device);
                ui.separator();
                ui.label(&model.spec.title).on_hover_text(format!(
                    "Sees {0} × {0} pixels, knows {1} classes\n{2}",
                    model.spec.side(),
                    model.spec.labels.len(),
                    model.spec.origin
                ));
            }
            None if state.fetching.is_some() => {
                ui.weak("Fetching the model");
            }
            None => {
                ui.weak("Loading the model");
            }
        });
    });
}

fn run_ui(ui: &mut Ui, state: &State, paused: bool, actions: &mut Vec<Action>) {
    let active = state.active().is_some();
    let run = icon_button(ui, state.picture().is_some(), Icon::Run, "Run", "Explain this picture again");
    if run.clicked() {
        actions.push(Action::Run);
    }
    if paused {
        if icon_button(ui, active, Icon::Run, "Resume", "Let the run go on (Space)").clicked() {
            actions.push(Action::Resume);
        }
    } else if icon_button(ui, active, Icon::Pause, "Pause", "Hold the run (Space)").clicked() {
        actions.push(Action::Pause);
    }
    if icon_button(ui, active, Icon::Stop, "Stop", "End the run and keep what it has (Esc)").clicked() {
        actions.push(Action::Stop);
    }
}

fn icon_button(ui: &mut Ui, enabled: bool, image: Icon, word: &str, help: &str) -> Response {
    ui.add_enabled(enabled, Button::new((icon(image), word))).on_hover_text(help)
}
