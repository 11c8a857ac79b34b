//! The menu of what is saved with a run, and of what can be copied; the progress of saving beside it.

use egui::{
    Button, PopupCloseBehavior, ProgressBar, Ui, Vec2,
    containers::menu::{MenuButton, MenuConfig},
};

use super::{
    action::Action,
    icons::{self, Icon, icon},
    save::{self, Copyable},
    shortcuts,
    state::State,
    theme,
};
use crate::{
    explain::MethodKind,
    export::{Animation, MAX_SCALE, Outputs},
};

/// Draws the button of the menu, and the menu while it is open.
pub fn save_menu_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let can_save = save::is_possible(state) && state.saving.is_none();
    ui.add_enabled_ui(can_save, |ui| {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let menu = MenuButton::new(("Save", icon(Icon::Menu))).config(config);
        let (button, _) = menu.ui(ui, |ui| menu_ui(ui, state, actions));
        let help = "Save maps, curves and numbers in a folder, or copy a picture";
        button.on_hover_text(shortcuts::hint(ui.ctx(), help, shortcuts::SAVE));
    });
    if let Some((done, files)) = state.saving {
        let share = done as f32 / files.max(1) as f32;
        let bar = ProgressBar::new(share).desired_width(theme::SAVING_WIDTH).desired_height(theme::PROGRESS_HEIGHT);
        ui.add(bar).on_hover_text(format!("Saving, {done} of {files} files"));
        if ui.button("Cancel saving").clicked() {
            actions.push(Action::CancelSaving);
        }
    }
}

fn menu_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    ui.set_width(theme::SAVE_MENU);
    let mut outputs = state.outputs;
    outputs_ui(ui, &mut outputs);
    if outputs != state.outputs {
        actions.push(Action::ChooseOutputs(outputs));
    }
    ui.add_space(theme::SPACE);
    let choose = ui.add(Button::new("Choose a folder…").min_size(Vec2::new(ui.available_width(), 0.0)));
    if choose.on_hover_text("The maps, masks, curves and run.json are saved in any case").clicked() {
        actions.push(Action::SaveDialog);
        ui.close();
    }
    ui.separator();
    ui.weak("Copy as a picture");
    ui.horizontal_wrapped(|ui| {
        let judged = |method: &MethodKind| save::can_copy(state, *method);
        let maps = MethodKind::ALL.into_iter().filter(judged).map(|method| (Copyable::Map(method), method.title()));
        for (what, title) in maps.chain([(Copyable::Figure, "Figure")]) {
            let button = ui.button(title);
            icons::name(&button, format!("Copy {title}"));
            if button.clicked() {
                actions.push(Action::Copy(what));
                ui.close();
            }
        }
    });
}

fn outputs_ui(ui: &mut Ui, outputs: &mut Outputs) {
    ui.checkbox(&mut outputs.figure, "Figure").on_hover_text("The whole comparison with its curves, as PNG and SVG");
    ui.checkbox(&mut outputs.report, "Report").on_hover_text("Everything in one HTML file that needs no other");
    ui.horizontal(|ui| {
        let mut moving = outputs.animation.is_some();
        let help = "The optimisation, iteration by iteration";
        if ui.checkbox(&mut moving, "Animation").on_hover_text(help).changed() {
            outputs.animation = moving.then(Animation::default);
        }
        if let Some(chosen) = &mut outputs.animation {
            for format in Animation::ALL {
                ui.selectable_value(chosen, format, format.title()).on_hover_text(match format {
                    Animation::Gif => "256 colours, shown by everything",
                    Animation::Apng => "Every colour, larger, shown by browsers",
                });
            }
        }
    });
    ui.checkbox(&mut outputs.caption, "Captions")
        .on_hover_text("Method, class, areas and main parameters below each map");
    ui.horizontal(|ui| {
        ui.label("Size");
        for scale in 1..=MAX_SCALE {
            ui.selectable_value(&mut outputs.scale, scale, format!("{scale}×"))
                .on_hover_text("Pixels of a picture for each that the model sees");
        }
    });
}
