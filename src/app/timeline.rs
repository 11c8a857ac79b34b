//! The timeline: any I-GOS iteration so far, also while the run goes on.

use egui::{Align, Button, Layout, Slider, Ui};

use super::{
    action::Action,
    icons::{Icon, icon, name},
    numbers,
    state::State,
};

/// Draws the timeline.
pub fn timeline_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let steps = state.shown().map_or(&[][..], |run| run.steps());
        let number = state.step_number();
        let newest = steps.len().checked_sub(1);
        let back = ui.add_enabled(number.is_some_and(|number| number > 0), Button::new(icon(Icon::Back)));
        name(&back, "Previous iteration");
        if back.on_hover_text("Previous iteration (left arrow)").clicked() {
            actions.push(Action::MoveStep(-1));
        }
        let on = ui.add_enabled(number < newest, Button::new(icon(Icon::On)));
        name(&on, "Next iteration");
        if on.on_hover_text("Next iteration (right arrow)").clicked() {
            actions.push(Action::MoveStep(1));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_live = state.chosen_step.is_none();
            let live = ui.add_enabled(newest.is_some(), Button::selectable(is_live && newest.is_some(), "Newest"));
            if live.on_hover_text("Show the newest iteration, and follow the run").clicked() {
                actions.push(Action::ShowStep(None));
            }
            if let (Some(step), Some(run)) = (state.step(), state.shown()) {
                let accepted = if step.accepted { "" } else { ", not accepted" };
                ui.label(format!("iteration {} of {}", step.iteration, run.parameters.igos.iterations)).on_hover_text(
                    format!(
                        "Step {}{accepted}, after {} trials\nSearch objective {} to {}\nGradient length {}\n{} forward and {} backward passes in {}",
                        numbers::short(step.step),
                        step.trials,
                        numbers::score(step.search_before),
                        numbers::score(step.search_after),
                        numbers::short(step.gradient_norm),
                        step.forward_passes,
                        step.backward_passes,
                        numbers::seconds(step.seconds),
                    ),
                );
                ui.weak(format!("step {}", numbers::short(step.step)));
            } else {
                ui.weak("no iteration yet");
            }
            ui.spacing_mut().slider_width = ui.available_width();
            let mut chosen = number.map_or(1, |number| number + 1);
            let last = newest.map_or(1, |newest| newest + 1);
            let slider = Slider::new(&mut chosen, 1..=last.max(2)).show_value(false).integer();
            let slider = ui.add_enabled(last > 1, slider);
            name(&slider, "Iteration");
            if slider.changed() {
                actions.push(Action::ShowStep((chosen < last).then_some(chosen - 1)));
            }
        });
    });
}
