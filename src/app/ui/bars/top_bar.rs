//! The bar at the top: pictures in, the model, the run, results out.

use egui::{Align, Button, Layout, MenuBar, Response, Ui, containers::menu::MenuButton};

use super::{device_menu::device_menu_ui, recent_menu, save_menu};
use crate::{
    app::{
        commands::shortcuts::{self, hint},
        state::{
            self, State,
            action::Action,
            model_list::{ModelsAction, Purpose},
            on_start::OnStart,
            titles,
        },
        ui::widgets::icons::{self, Icon, icon},
    },
    imaging::SAMPLES,
    worker::Source,
};

/// Draws the bar. `paused` says whether the run under way is being held.
pub fn top_bar_ui(ui: &mut Ui, state: &State, paused: bool, on_start: OnStart, actions: &mut Vec<Action>) {
    MenuBar::new().ui(ui, |ui| {
        if ui.button(text!("open")).on_hover_text(hint(ui.ctx(), &text!("open", "help"), shortcuts::OPEN)).clicked() {
            actions.push(Action::OpenDialog);
        }
        if ui.button(text!("paste")).on_hover_text(hint(ui.ctx(), &text!("paste", "help"), shortcuts::PASTE)).clicked()
        {
            actions.push(Action::Paste);
        }
        MenuButton::new((text!("samples"), icon(Icon::Menu))).ui(ui, |ui| {
            for (number, sample) in SAMPLES.iter().enumerate() {
                if ui.button(titles::sample(sample)).clicked() {
                    actions.push(Action::Open(vec![Source::Sample(number)]));
                }
            }
        });
        recent_menu::recent_menu_ui(ui, state, on_start, actions);
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
        Some(model) => {
            let words = [state::model_words(&model.spec, &state.host.model), state::cut_words(&model.spec)];
            (model.spec.title.clone(), words.join("\n"))
        }
        None if state.fetching.is_some() => (text!("model-fetching"), String::new()),
        None if state.lacks_model => (text!("model-lacking"), String::new()),
        None => (text!("model-loading"), String::new()),
    };
    let button = ui.add(Button::new((title.as_str(), icon(Icon::Menu))).truncate());
    icons::name(&button, text!("model", model = title));
    let choose = hint(ui.ctx(), &text!("model", "help"), shortcuts::MODELS);
    if button.on_hover_text(format!("{choose}\n{help}").trim()).clicked() {
        actions.push(Action::Models(ModelsAction::Open(Purpose::Host)));
    }
}

fn run_ui(ui: &mut Ui, state: &State, paused: bool, actions: &mut Vec<Action>) {
    let active = state.active().is_some();
    let run = icon_button(
        ui,
        state.picture().is_some(),
        Icon::Run,
        text!("run"),
        &hint(ui.ctx(), &text!("run", "help"), shortcuts::RUN),
    );
    if run.clicked() {
        actions.push(Action::Run);
    }
    if state.can_go_on() {
        let help = hint(ui.ctx(), &text!("run-go-on", "help"), shortcuts::PAUSE);
        if icon_button(ui, true, Icon::Run, text!("run-go-on"), &help).clicked() {
            actions.push(Action::GoOn);
        }
    } else if paused {
        let help = hint(ui.ctx(), &text!("run-resume", "help"), shortcuts::PAUSE);
        if icon_button(ui, active, Icon::Run, text!("run-resume"), &help).clicked() {
            actions.push(Action::Resume);
        }
    } else {
        let help = hint(ui.ctx(), &text!("run-pause", "help"), shortcuts::PAUSE);
        if icon_button(ui, active, Icon::Pause, text!("run-pause"), &help).clicked() {
            actions.push(Action::Pause);
        }
    }
    let help = hint(ui.ctx(), &text!("run-stop", "help"), shortcuts::STOP);
    if icon_button(ui, active, Icon::Stop, text!("run-stop"), &help).clicked() {
        actions.push(Action::Stop);
    }
}

fn icon_button(ui: &mut Ui, enabled: bool, image: Icon, word: String, help: &str) -> Response {
    ui.add_enabled(enabled, Button::new((icon(image), word))).on_hover_text(help)
}
