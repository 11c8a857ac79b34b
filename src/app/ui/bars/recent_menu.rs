//! The menu of the files that were opened last.

use egui::{Button, Ui, containers::menu::MenuButton};

use crate::{
    app::{
        state::{State, action::Action, on_start::OnStart, titles},
        ui::widgets::icons::{Icon, icon},
    },
    imaging::Profiles,
    worker::Source,
};

/// Draws the menu's button, and the menu if it is open.
pub fn recent_menu_ui(ui: &mut Ui, state: &State, on_start: OnStart, actions: &mut Vec<Action>) {
    let recent = &state.recent;
    let (button, _) = MenuButton::new((text!("recent"), icon(Icon::Menu))).ui(ui, |ui| {
        if recent.paths().is_empty() {
            ui.weak(text!("recent-none"));
        }
        for path in recent.paths() {
            let is_missing = recent.is_missing(path);
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let button = Button::new(name.as_ref()).shortcut_text(if is_missing {
                text!("recent-missing")
            } else {
                String::new()
            });
            if ui.add_enabled(!is_missing, button).on_hover_text(path.display().to_string()).clicked() {
                actions.push(Action::Open(vec![Source::File(path.clone())]));
            }
        }
        if !recent.paths().is_empty() {
            ui.separator();
            if ui.button(text!("recent-forget")).clicked() {
                actions.push(Action::ForgetRecent);
            }
        }
        ui.separator();
        ui.menu_button(text!("start"), |ui| {
            for choice in OnStart::ALL {
                if ui.selectable_label(choice == on_start, choice.title()).clicked() {
                    actions.push(Action::SetOnStart(choice));
                    ui.close();
                }
            }
        });
        ui.menu_button(text!("profiles"), |ui| {
            for choice in Profiles::ALL {
                if ui.selectable_label(choice == state.profiles, titles::profiles(choice)).clicked() {
                    actions.push(Action::SetProfiles(choice));
                    ui.close();
                }
            }
        })
        .response
        .on_hover_text(text!("profiles", "help"));
    });
    if button.on_hover_text(text!("recent", "help")).clicked() {
        actions.push(Action::LookForRecent);
    }
}
