//! The menu of the window itself: dark or light, its size, what helps.

use egui::{Button, Ui, containers::menu::MenuButton};

use crate::app::{
    commands::shortcuts::{self, Shortcuts},
    state::{
        action::Action,
        appearance::{Appearance, MAX_ZOOM, MIN_ZOOM, ThemeChoice},
    },
    ui::widgets::icons::{Icon, icon},
};

/// Draws the menu's button, and the menu if it is open.
pub fn window_menu_ui(ui: &mut Ui, appearance: Appearance, actions: &mut Vec<Action>) {
    MenuButton::new((text!("window"), icon(Icon::Menu))).ui(ui, |ui| {
        for theme in ThemeChoice::ALL {
            let choice = Button::selectable(theme == appearance.theme, theme.title());
            if ui.add(choice).on_hover_text(theme.help()).clicked() {
                actions.push(Action::SetTheme(theme));
            }
        }
        ui.separator();
        let zoom = appearance.zoom;
        if entry_ui(ui, zoom < MAX_ZOOM, text!("window-larger"), shortcuts::LARGER) {
            actions.push(Action::SetZoom(appearance.stepped(1)));
        }
        if entry_ui(ui, zoom > MIN_ZOOM, text!("window-smaller"), shortcuts::SMALLER) {
            actions.push(Action::SetZoom(appearance.stepped(-1)));
        }
        let usual = text!("window-usual-size", percent = format!("{:.0} %", zoom * 100.0));
        if entry_ui(ui, (zoom - 1.0).abs() > f32::EPSILON, usual, shortcuts::USUAL_SIZE) {
            actions.push(Action::SetZoom(1.0));
        }
        ui.separator();
        for (words, keys, action) in [
            (text!("window-full-screen"), shortcuts::FULL_SCREEN, Action::ToggleFullScreen),
            (text!("command-present"), shortcuts::PRESENT, Action::Present(true)),
            (text!("window-commands"), shortcuts::PALETTE, Action::ShowPalette),
            (text!("shortcuts"), shortcuts::SHEET, Action::ShowSheet),
            (text!("quit"), shortcuts::QUIT, Action::Quit),
        ] {
            if entry_ui(ui, true, words, keys) {
                actions.push(action);
            }
        }
    });
}

/// A line of the menu with its shortcut; says whether it was clicked.
fn entry_ui(ui: &mut Ui, enabled: bool, words: String, shortcuts: Shortcuts) -> bool {
    let keys = shortcuts.first().map(|shortcut| shortcut.words(ui.ctx())).unwrap_or_default();
    ui.add_enabled(enabled, Button::new(words).shortcut_text(keys)).clicked()
}
