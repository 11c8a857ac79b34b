//! The names of the hosted model's classes: which they are, and the choice of others.

use egui::{Button, Label, Ui};

use crate::app::{
    state::{State, action::Action, model_list::ModelsAction, own_model::first_names},
    theme,
    ui::widgets::icons::name,
};

/// Whether there is something to choose: the names of igoscope's own models are right.
pub fn has_class_names(state: &State) -> bool {
    state.model.is_some() && (state.host.model.is_own() || state.host.labels.is_some())
}

/// Draws them below the list of models.
pub fn class_names_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    if has_class_names(state) {
        ui.horizontal(|ui| names_ui(ui, state, actions));
        ui.add_space(theme::SPACE);
    }
}

/// Draws a button to choose a text file with other names, one for those that came with the model, and the first names.
pub fn names_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let Some(model) = &state.model else { return };
    let labels = &model.spec.labels;
    let choose = ui.add(Button::new(text!("class-names-choose")).small());
    name(&choose, text!("class-names-choose", "name"));
    if choose.on_hover_text(text!("class-names-choose", "help")).clicked() {
        actions.extend([ModelsAction::Close, ModelsAction::ChooseNames].map(Action::Models));
    }
    if let Some(file) = labels.file() {
        let reset = ui.add(Button::new(text!("class-names-reset")).small());
        if reset.on_hover_text(text!("class-names-reset", "help", file = file.display().to_string())).clicked() {
            actions.push(Action::Models(ModelsAction::NameClasses(None)));
        }
    }
    let words = text!("class-names", count = labels.len(), names = first_names(labels));
    ui.add(Label::new(words).truncate());
}
