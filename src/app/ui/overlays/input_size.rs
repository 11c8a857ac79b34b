//! The choice of the pictures' size that the hosted model sees.

use egui::{Button, Label, Ui};

use crate::{
    app::{
        state::{State, action::Action},
        ui::widgets::icons::name,
    },
    model::{GraphFacts, ModelSpec, Sides},
    worker::HostOptions,
};

/// Sides that networks are usually asked to see, in pixels.
const USUAL: [usize; 4] = [224, 299, 384, 512];
/// Sides that networks were made for of which nothing says the size, in pixels.
const USUAL_OF_OPEN: [usize; 9] = [32, 64, 96, 128, 160, 224, 256, 299, 384];

/// Draws it below the list of models.
pub fn input_size_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let Some(model) = &state.model else {
        ui.weak(text!("input-size-no-model"));
        return;
    };
    ui.horizontal(|ui| {
        let title = model.spec.title.as_str();
        let words = text!("input-size", model = title);
        let help = text!("input-size", "help", model = title);
        ui.add(Label::new(words).truncate()).on_hover_text(help);
        sizes_ui(ui, state, &model.spec, actions);
        ui.weak(text!("input-size-pixels"));
    });
}

/// Draws a button for each size; one that the model cannot take says why.
pub fn sizes_ui(ui: &mut Ui, state: &State, spec: &ModelSpec, actions: &mut Vec<Action>) {
    let (sides, title, now) = (&spec.sides, spec.title.as_str(), spec.side());
    let is_open = spec.graph().is_some_and(GraphFacts::is_of_open_size);
    let usual = if is_open { &USUAL_OF_OPEN[..] } else { &USUAL };
    for side in choices(sides, now, usual) {
        let refusal = sides.refusal(side);
        let button = ui.add_enabled(refusal.is_none(), Button::selectable(side == now, side.to_string()));
        name(&button, text!("input-size-choice", side = side));
        let help = match side == sides.own {
            _ if is_open => text!("input-size-open", side = side),
            true => text!("input-size-own", side = side),
            false => text!("input-size-other", side = side, own = sides.own),
        };
        let why = refusal.unwrap_or_default();
        let button = button.on_hover_text(help).on_disabled_hover_text(text!(
            "input-size-refused",
            model = title,
            side = side,
            why = why
        ));
        // Of a guess, to choose what is taken already says that it is right.
        if button.clicked() && (side != now || spec.guesses.side) {
            actions.push(Action::HostWith(Box::new(of_side(state, spec, side))));
        }
    }
}

/// How a model is hosted for pictures of this side.
pub fn of_side(state: &State, spec: &ModelSpec, side: usize) -> HostOptions {
    let is_open = spec.graph().is_some_and(GraphFacts::is_of_open_size);
    HostOptions { input_size: Some(side).filter(|side| is_open || *side != spec.sides.own), ..state.host.clone() }
}

/// The usual sides, the model's own and the one it has now, in order.
fn choices(sides: &Sides, now: usize, usual: &[usize]) -> Vec<usize> {
    let mut all: Vec<usize> = usual.iter().copied().chain([sides.own, now]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_own_size_is_among_the_choices_once() {
        assert_eq!(choices(&Sides::only(224), 224, &USUAL), [224, 299, 384, 512]);
        assert_eq!(choices(&Sides { own: 240, others: Some(32..=1024) }, 400, &USUAL), [224, 240, 299, 384, 400, 512]);
    }
}
