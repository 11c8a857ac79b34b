//! The menu of the window itself: dark or light, its size, what helps.

use egui::{Button, Ui, containers::menu::MenuButton};

use super::{
    action::Action,
    appearance::{Appearance, LEAST_ZOOM, MOST_ZOOM, ThemeChoice},
    icons::{Icon, icon},
    shortcuts::{self, Shortcuts},
};

/// Draws the menu's button, and the menu if it is open.
pub fn window_menu_ui(ui: &mut Ui, appearance: Appearance, actions: &mut Vec<Action>) {
    MenuButton::new(("Window", icon(Icon::Menu))).ui(ui, |ui| {
        for theme in ThemeChoice::ALL {
            let help = match theme {
                ThemeChoice::System => "Dark or light, as the system is",
                ThemeChoice::Light => "Dark on light",
                ThemeChoice::Dark => "Light on dark",
            };
            let choice = Button::selectable(theme == appearance.theme, theme.title());
            if ui.add(choice).on_hover_text(help).clicked() {
                actions.push(Action::SetTheme(theme));
            }
        }
        ui.separator();
        let zoom = appearance.zoom;
        if entry_ui(ui, zoom < MOST_ZOOM, "Larger", shortcuts::LARGER) {
            actions.push(Action::SetZoom(appearance.stepped(1)));
        }
        if entry_ui(ui, zoom > LEAST_ZOOM, "Smaller", shortcuts::SMALLER) {
            actions.push(Action::SetZoom(appearance.stepped(-1)));
        }
        let usual = format!("Usual size, now {:.0} %", zoom * 100.0);
        if entry_ui(ui, (zoom - 1.0).abs() > f32::EPSILON, &usual, shortcuts::USUAL_SIZE) {
            actions.push(Action::SetZoom(1.0));
        }
        ui.separator();
        for (words, keys, action) in [
            ("Commands…", shortcuts::PALETTE, Action::ShowPalette),
            ("Keyboard shortcuts", shortcuts::SHEET, Action::ShowSheet),
            ("Quit", shortcuts::QUIT, Action::Quit),
        ] {
            if entry_ui(ui, true, words, keys) {
                actions.push(action);
            }
        }
    });
}

/// A line of the menu with its shortcut; says whether it was clicked.
fn entry_ui(ui: &mut Ui, enabled: bool, words: &str, shortcuts: Shortcuts) -> bool {
    let keys = shortcuts.first().map(|shortcut| shortcut.words(ui.ctx())).unwrap_or_default();
    ui.add_enabled(enabled, Button::new(words).shortcut_text(keys)).clicked()
}
