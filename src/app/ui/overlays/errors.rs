//! What could not be done: across the top of the window, and about models where they are chosen.

use egui::{Align, Button, Frame, Label, Layout, Margin, RichText, ScrollArea, Sense, Ui, Vec2};

use crate::{
    app::{
        state::{
            State,
            action::Action,
            model_list::{ModelsAction, Purpose},
        },
        theme,
        ui::{
            overlays::model_picker::unfetched_ui,
            widgets::icons::{self, Icon},
        },
    },
    model::ModelChoice,
};

/// Side of the warning sign beside an error, in points.
const WARNING: f32 = 14.0;
/// How high errors are at most before they scroll, in points: some four lines of them, so that the wall stays in sight.
const MOST: f32 = 96.0;

/// Whether there is something to say across the top: what is about a model is said in the list of models while that is
/// open.
pub fn has_errors(state: &State) -> bool {
    across_the_top(state).next().is_some()
}

fn across_the_top(state: &State) -> impl Iterator<Item = &str> {
    let in_list: Vec<&str> = state.messages.model_errors().filter(|_| state.models.is_open).collect();
    state.messages.shown_errors().filter(move |error| !in_list.contains(error))
}

/// Draws every error that was not dismissed yet, the oldest first.
pub fn errors_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let errors: Vec<&str> = across_the_top(state).collect();
    let is_about_model = state.messages.model_errors().any(|error| errors.contains(&error));
    Frame::new().fill(theme::error_fill(ui.visuals())).inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.horizontal(|ui| {
            warning_ui(ui);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let dismiss = match errors.len() {
                    1 => text!("error-dismiss"),
                    count => text!("error-dismiss-all", count = count),
                };
                if ui.button(dismiss).clicked() {
                    actions.push(Action::DismissError);
                }
                if state.shown_unfetched().is_some() && !state.models.is_open {
                    unfetched_ui(ui, actions);
                } else if is_about_model {
                    way_back_ui(ui, state, actions);
                }
                lines_ui(ui, "errors", &errors);
            });
        });
    });
}

/// Draws what is wrong with models that were chosen, in the list of models.
pub fn model_errors_ui(ui: &mut Ui, state: &State) {
    let errors: Vec<&str> = state.messages.model_errors().collect();
    if errors.is_empty() {
        return;
    }
    let frame = Frame::new().fill(theme::error_fill(ui.visuals())).corner_radius(theme::CORNER);
    frame.inner_margin(theme::SPACE).show(ui, |ui| {
        ui.horizontal(|ui| {
            warning_ui(ui);
            lines_ui(ui, "model errors", &errors);
        });
    });
    ui.add_space(theme::SPACE);
}

fn warning_ui(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(WARNING), Sense::hover());
    icons::paint(ui.painter(), rect, Icon::Warning, theme::error_color(ui.visuals()));
}

/// One error in the middle of its row, several below each other.
fn lines_ui(ui: &mut Ui, id: &str, errors: &[&str]) {
    let color = theme::error_color(ui.visuals());
    let line = |error: &str| Label::new(RichText::new(error).color(color)).wrap();
    if let [error] = errors {
        ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(false), |ui| ui.add(line(error)));
        return;
    }
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        ScrollArea::vertical().id_salt(id).max_height(MOST).auto_shrink([false, true]).show(ui, |ui| {
            for error in errors {
                ui.add(line(error));
            }
        });
    });
}

/// Which model is asked all the same, or else a button for the one that is always there; and a way to another one.
fn way_back_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    if ui.button(text!("command-models")).on_hover_text(text!("model", "help")).clicked() {
        actions.push(Action::Models(ModelsAction::Open(Purpose::Host)));
    }
    let embedded = ModelChoice::Embedded;
    match &state.model {
        // Where it is said that a model is a guess, it is this one.
        Some(model) if !model.spec.guesses.leave_a_choice() => {
            ui.label(text!("error-model-stays", model = model.spec.title.as_str()));
        }
        None if state.fetching.is_none() => {
            let button = ui.add(Button::new(text!("error-model-use", model = embedded.title())));
            if button.on_hover_text(text!("error-model-use", "help")).clicked() {
                actions.push(Action::Host(embedded));
            }
        }
        Some(_) | None => {}
    }
}
