//! The button that saves, and the menu of what is saved and of what can be copied; the progress of saving beside them.

use egui::{
    Button, PopupCloseBehavior, ProgressBar, Ui, Vec2,
    containers::menu::{MenuButton, MenuConfig},
};

use crate::{
    app::{
        commands::shortcuts,
        state::{State, action::Action, copyable::Copyable},
        theme,
        ui::widgets::icons::{self, Icon, icon},
    },
    explain::{Method, methods},
    export::{Animation, MAX_SCALE, Outputs},
};

/// Width of the menu of what is saved, in points.
const SAVE_MENU: f32 = 260.0;

/// Draws the button, that of the menu, and the menu while it is open.
pub fn save_menu_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let can_save = state.can_save() && state.saving.is_none();
    ui.add_enabled_ui(can_save, |ui| {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let save = ui.button(text!("save"));
        if save.on_hover_text(shortcuts::hint(ui.ctx(), &text!("save", "help"), shortcuts::SAVE)).clicked() {
            actions.push(Action::SaveDialog);
        }
        let menu = MenuButton::new(icon(Icon::Menu)).config(config);
        let (button, _) = menu.ui(ui, |ui| menu_ui(ui, state, actions));
        icons::name(&button, text!("save-menu"));
        button.on_hover_text(text!("save-menu"));
    });
    if let Some((done, files)) = state.saving {
        let share = done as f32 / files.max(1) as f32;
        let bar = ProgressBar::new(share).desired_width(theme::SAVING_WIDTH).desired_height(theme::PROGRESS_HEIGHT);
        ui.add(bar).on_hover_text(text!("save-progress", done = done, count = files));
        if ui.button(text!("save-cancel")).clicked() {
            actions.push(Action::CancelSaving);
        }
    }
}

fn menu_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    ui.set_width(SAVE_MENU);
    let mut outputs = state.outputs;
    outputs_ui(ui, &mut outputs);
    if outputs != state.outputs {
        actions.push(Action::ChooseOutputs(outputs));
    }
    ui.add_space(theme::SPACE);
    let choose = ui.add(Button::new(text!("save-choose")).min_size(Vec2::new(ui.available_width(), 0.0)));
    if choose.on_hover_text(text!("save-choose", "help")).clicked() {
        actions.push(Action::SaveDialog);
        ui.close();
    }
    ui.separator();
    ui.weak(text!("copy"));
    ui.horizontal_wrapped(|ui| {
        let judged = |method: &&'static Method| state.can_copy(method);
        let maps =
            methods().iter().copied().filter(judged).map(|method| (Copyable::Map(method), method.title.to_owned()));
        for (what, title) in maps.chain([(Copyable::Figure, text!("save-figure"))]) {
            let button = ui.button(title.as_str());
            icons::name(&button, text!("copy", "name", title = title));
            if button.clicked() {
                actions.push(Action::Copy(what));
                ui.close();
            }
        }
    });
}

fn outputs_ui(ui: &mut Ui, outputs: &mut Outputs) {
    ui.checkbox(&mut outputs.figure, text!("save-figure")).on_hover_text(text!("save-figure", "help"));
    ui.checkbox(&mut outputs.report, text!("save-report")).on_hover_text(text!("save-report", "help"));
    ui.horizontal(|ui| {
        let mut moving = outputs.animation.is_some();
        let words = text!("save-animation");
        if ui.checkbox(&mut moving, words).on_hover_text(text!("save-animation", "help")).changed() {
            outputs.animation = moving.then(Animation::default);
        }
        if let Some(chosen) = &mut outputs.animation {
            for format in Animation::ALL {
                ui.selectable_value(chosen, format, format.title()).on_hover_text(match format {
                    Animation::Gif => text!("save-gif"),
                    Animation::Apng => text!("save-apng"),
                });
            }
        }
    });
    ui.checkbox(&mut outputs.caption, text!("save-captions")).on_hover_text(text!("save-captions", "help"));
    ui.horizontal(|ui| {
        ui.label(text!("save-size"));
        for scale in 1..=MAX_SCALE {
            ui.selectable_value(&mut outputs.scale, scale, format!("{scale}×"))
                .on_hover_text(text!("save-size", "help"));
        }
    });
}
