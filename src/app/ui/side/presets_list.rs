//! The sets of parameters, igoscope's and the user's own, each with what it is for: what most people choose from.

use egui::{Button, TextFormat, TextStyle, Ui, Vec2, text::LayoutJob};

use crate::{
    app::state::{State, action::Action, presets},
    explain::{self, Parameters},
};

/// Draws the list.
pub fn presets_list_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let on_the_wall = state.wanted_methods();
    for preset in explain::presets().iter().filter(|preset| preset.is_of(&on_the_wall)) {
        let parameters = preset.applied_to(&state.parameters);
        entry_ui(ui, &presets::title(preset), &presets::purpose(preset), parameters, state, actions);
    }
    for own in &state.presets {
        let parameters = own.parameters.clamped(state.side());
        entry_ui(ui, &own.name, &text!("presets-user-help"), parameters, state, actions);
    }
}

/// A set: its name, and what it is for below.
fn entry_ui(ui: &mut Ui, title: &str, purpose: &str, parameters: Parameters, state: &State, actions: &mut Vec<Action>) {
    let is_current = parameters == state.parameters;
    let visuals = ui.visuals();
    let format =
        |style: TextStyle, color| TextFormat { font_id: style.resolve(ui.style()), color, ..TextFormat::default() };
    let mut words = LayoutJob::default();
    words.append(title, 0.0, format(TextStyle::Body, visuals.strong_text_color()));
    words.append("\n", 0.0, format(TextStyle::Small, visuals.text_color()));
    words.append(purpose, 0.0, format(TextStyle::Small, visuals.text_color()));
    let size = Vec2::new(ui.available_width(), 0.0);
    let button = Button::selectable(is_current, words).wrap().min_size(size);
    if ui.add(button).clicked() && !is_current {
        actions.push(Action::edit(parameters));
    }
}
