//! The menu of sets of parameters, igoscope's and the user's own.

use egui::{
    Align, Button, Layout, PopupCloseBehavior, RichText, TextEdit, Ui,
    containers::menu::{MenuButton, MenuConfig},
};

use crate::{
    app::{
        state::{
            State,
            action::Action,
            presets::{self, Draft, UserPreset},
        },
        theme,
        ui::widgets::icons::{Icon, icon, name},
    },
    explain,
};

/// Width of the menu of presets, in points: what each is for fits in two lines.
const PRESETS_WIDTH: f32 = 300.0;

/// Draws the menu's button, with the name of the preset that the parameters are, and the menu if it is open.
pub fn presets_menu_ui(ui: &mut Ui, state: &State, draft: &mut Draft, actions: &mut Vec<Action>) {
    let words = current(state).unwrap_or_else(|| text!("presets-own"));
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (button, _) = MenuButton::new((words, icon(Icon::Menu))).config(config).ui(ui, |ui| {
        ui.set_width(PRESETS_WIDTH);
        let on_the_wall = state.wanted_methods();
        for preset in explain::presets().iter().filter(|preset| preset.is_of(&on_the_wall)) {
            let parameters = preset.applied_to(&state.parameters);
            let is_current = parameters == state.parameters;
            if ui.selectable_label(is_current, presets::title(preset)).clicked() {
                actions.push(Action::edit(parameters));
                ui.close();
            }
            ui.horizontal(|ui| {
                ui.add_space(theme::SPACE);
                // A line that is wider than the menu would push what stands at its right end off the screen.
                ui.add(egui::Label::new(RichText::new(presets::purpose(preset)).small().weak()).truncate());
            });
        }
        ui.separator();
        for preset in &state.presets {
            user_preset_ui(ui, preset, state, draft, actions);
        }
        save_ui(ui, state, draft, actions);
    });
    name(&button, text!("presets"));
    button.on_hover_text(text!("presets", "help"));
}

/// The name of the preset that the parameters are.
fn current(state: &State) -> Option<String> {
    let own = state.presets.iter().find(|preset| preset.parameters == state.parameters).map(|own| own.name.clone());
    own.or_else(|| presets::current(&state.parameters).as_ref().map(presets::title))
}

fn user_preset_ui(ui: &mut Ui, preset: &UserPreset, state: &State, draft: &mut Draft, actions: &mut Vec<Action>) {
    if let Some((_, to)) = draft.renaming.as_mut().filter(|(from, _)| *from == preset.name) {
        let edit = ui.add(TextEdit::singleline(to).desired_width(f32::INFINITY));
        name(&edit, text!("presets-new-name"));
        edit.request_focus();
        if edit.lost_focus() || ui.input(|input| input.key_pressed(egui::Key::Enter)) {
            let cancelled = ui.input(|input| input.key_pressed(egui::Key::Escape));
            if let Some((from, to)) = draft.renaming.take().filter(|_| !cancelled) {
                actions.push(Action::RenamePreset { from, to });
            }
        }
        return;
    }
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let delete = ui.add(Button::new(icon(Icon::Close)).frame_when_inactive(false));
            delete.widget_info(|| {
                egui::WidgetInfo::labeled(
                    egui::Role::Button,
                    true,
                    text!("presets-delete", name = preset.name.as_str()),
                )
            });
            if delete.on_hover_text(text!("presets-delete", "help")).clicked() {
                actions.push(Action::DeletePreset(preset.name.clone()));
            }
            let rename = ui.add(Button::new(text!("presets-rename")).small().frame_when_inactive(false));
            if rename.on_hover_text(text!("presets-rename", "help")).clicked() {
                draft.renaming = Some((preset.name.clone(), preset.name.clone()));
            }
            ui.with_layout(Layout::left_to_right(Align::Center).with_main_justify(true), |ui| {
                let is_current = preset.parameters == state.parameters;
                let button = Button::selectable(is_current, preset.name.as_str()).truncate();
                if ui.add(button).on_hover_text(text!("presets-user-help")).clicked() {
                    actions.push(Action::edit(preset.parameters.clamped(state.side())));
                    ui.close();
                }
            });
        });
    });
}

fn save_ui(ui: &mut Ui, state: &State, draft: &mut Draft, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let typed = draft.name.trim();
            let replaces = state.presets.iter().any(|preset| preset.name == typed);
            let can_save = !typed.is_empty() && (replaces || state.presets.len() < presets::MAX);
            let save = ui.add_enabled(
                can_save,
                Button::new(if replaces { text!("presets-replace") } else { text!("presets-save") }),
            );
            let edit = ui.add(
                TextEdit::singleline(&mut draft.name)
                    .hint_text(text!("presets-name-hint"))
                    .desired_width(f32::INFINITY),
            );
            name(&edit, text!("presets-name"));
            let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            if can_save && (save.clicked() || entered) {
                actions.push(Action::SavePreset(std::mem::take(&mut draft.name)));
                ui.close();
            }
        });
    });
}
