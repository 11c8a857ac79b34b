//! The menu of devices to compute on, beside the one in use; with its numbers, or its threads.

use egui::{Button, ScrollArea, Ui, containers::menu::MenuButton};

use crate::{
    app::{
        state::{Model, State, action::Action},
        theme,
        ui::widgets::icons::{Icon, icon, name},
    },
    device::{DeviceChoice, Precision},
    worker::HostOptions,
};

/// Draws the menu's button, and the menu if it is open.
pub fn device_menu_ui(ui: &mut Ui, state: &State, model: &Model, actions: &mut Vec<Action>) {
    let (button, _) = MenuButton::new(icon(Icon::Menu)).ui(ui, |ui| {
        for entry in model.devices.iter() {
            let is_used = entry.choice == model.choice;
            let button = ui.add_enabled(entry.unavailable.is_none(), Button::selectable(is_used, &entry.title));
            let button = match &entry.unavailable {
                Some(why) => {
                    button.on_disabled_hover_text(text!("device-unavailable", device = entry.title.as_str(), why = why))
                }
                None => button,
            };
            if button.clicked() && !is_used {
                actions.push(Action::HostWith(Box::new(HostOptions { device: entry.choice, ..state.host.clone() })));
            }
        }
        ui.separator();
        if model.choice == DeviceChoice::Cpu {
            threads_ui(ui, state, actions);
        } else {
            precision_ui(ui, state, actions);
        }
    });
    name(&button, text!("device"));
    button.on_hover_text(text!("device", "help"));
}

fn threads_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let current = if state.host.threads == 0 { cores } else { state.host.threads };
    ScrollArea::vertical().max_height(theme::MENU_HEIGHT).show(ui, |ui| {
        for threads in 1..=cores.max(current) {
            let words = text!("device-threads", count = threads);
            if ui.add(Button::selectable(threads == current, words)).clicked() && threads != current {
                actions.push(Action::HostWith(Box::new(HostOptions { threads, ..state.host.clone() })));
            }
        }
    });
}

fn precision_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    for precision in Precision::ALL {
        let help = match precision {
            Precision::F32 => text!("precision-f32"),
            Precision::F16 => text!("precision-f16"),
            Precision::Bf16 => text!("precision-bf16"),
        };
        let is_used = precision == state.host.precision;
        if ui.add(Button::selectable(is_used, precision.name())).on_hover_text(help).clicked() && !is_used {
            actions.push(Action::HostWith(Box::new(HostOptions { precision, ..state.host.clone() })));
        }
    }
}
