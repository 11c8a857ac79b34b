//! The bar at the top: pictures in, the model, the run, results out.

use egui::{Align, Button, Layout, MenuBar, Response, Ui, containers::menu::MenuButton};

use super::{
    action::Action,
    device_menu::device_menu_ui,
    icons::{self, Icon, icon},
    model_list::ModelsAction,
    opening::OnStart,
    recent, save_menu,
    shortcuts::{self, hint},
    state::{self, State},
};
use crate::{imaging::SAMPLES, worker::Source};

/// Draws the bar. `paused` says whether the run under way is being held.
pub fn top_bar_ui(ui: &mut Ui, state: &State, paused: bool, on_start: OnStart, actions: &mut Vec<Action>) {
    MenuBar::new().ui(ui, |ui| {
        if ui.button("Open…").on_hover_text(hint(ui.ctx(), "Choose pictures to explain", shortcuts::OPEN)).clicked() {
            actions.push(Action::OpenDialog);
        }
        if ui
            .button("Paste")
            .on_hover_text(hint(ui.ctx(), "Explain a picture from the clipboard", shortcuts::PASTE))
            .clicked()
        {
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
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(model) = &state.model {
                device_menu_ui(ui, state, model, actions);
                ui.weak(&model.device);
                ui.separator();
            }
            model_ui(ui, state, actions);
        });
    });
}

/// The model's title, which opens the list of models.
fn model_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let (title, help) = match &state.model {
        Some(model) => (model.spec.title.as_str(), state::model_words(&model.spec, &state.host.model)),
        None if state.fetching.is_some() => ("Fetching the model", String::new()),
        None if state.lacks_model => ("Choose a model", String::new()),
        None => ("Loading the model", String::new()),
    };
    let button = ui.add(Button::new((title, icon(Icon::Menu))).truncate());
    icons::name(&button, format!("Model: {title}"));
    if button
        .on_hover_text(format!("{}\n{help}", hint(ui.ctx(), "Choose another model", shortcuts::MODELS)).trim())
        .clicked()
    {
        actions.push(Action::Models(ModelsAction::Open));
    }
}

fn run_ui(ui: &mut Ui, state: &State, paused: bool, actions: &mut Vec<Action>) {
    let active = state.active().is_some();
    let run = icon_button(
        ui,
        state.picture().is_some(),
        Icon::Run,
        "Run",
        &hint(ui.ctx(), "Explain this picture again", shortcuts::RUN),
    );
    if run.clicked() {
        actions.push(Action::Run);
    }
    if paused {
        if icon_button(ui, active, Icon::Run, "Resume", &hint(ui.ctx(), "Let the run go on", shortcuts::PAUSE))
            .clicked()
        {
            actions.push(Action::Resume);
        }
    } else if icon_button(ui, active, Icon::Pause, "Pause", &hint(ui.ctx(), "Hold the run", shortcuts::PAUSE)).clicked()
    {
        actions.push(Action::Pause);
    }
    if icon_button(ui, active, Icon::Stop, "Stop", &hint(ui.ctx(), "End the run and keep what it has", shortcuts::STOP))
        .clicked()
    {
        actions.push(Action::Stop);
    }
}

fn icon_button(ui: &mut Ui, enabled: bool, image: Icon, word: &str, help: &str) -> Response {
    ui.add_enabled(enabled, Button::new((icon(image), word))).on_hover_text(help)
}
