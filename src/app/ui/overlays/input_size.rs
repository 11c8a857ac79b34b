//! The choice of the pictures' size that the hosted model sees.

use egui::{Button, Label, Ui};

use crate::{
    app::{
        state::{State, action::Action},
        ui::widgets::icons::name,
    },
    imaging::Size,
    model::{GraphFacts, ModelSpec, Sizes},
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
    let (sizes, title, now) = (&spec.sizes, spec.title.as_str(), spec.size());
    let is_open = spec.graph().is_some_and(GraphFacts::is_of_open_size);
    let usual = if is_open { &USUAL_OF_OPEN[..] } else { &USUAL };
    for choice in choices(sizes, now, usual) {
        let refusal = sizes.refusal(choice);
        let button = ui.add_enabled(refusal.is_none(), Button::selectable(choice == now, short(choice)));
        name(&button, text!("input-size-choice", size = short(choice)));
        let size = choice.to_string();
        let help = match choice == sizes.own {
            _ if is_open => text!("input-size-open", size = size.as_str()),
            true => text!("input-size-own", size = size.as_str()),
            false => text!("input-size-other", size = size.as_str(), own = short(sizes.own)),
        };
        let why = refusal.unwrap_or_default();
        let button = button.on_hover_text(help).on_disabled_hover_text(text!(
            "input-size-refused",
            model = title,
            size = size,
            why = why
        ));
        // Of a guess, to choose what is taken already says that it is right.
        if button.clicked() && (choice != now || spec.guesses.size) {
            actions.push(Action::HostWith(Box::new(of_size(state, spec, choice))));
        }
    }
}

/// A size on a button: the side of a square, as most are.
fn short(size: Size) -> String {
    if size.is_square() { size.width.to_string() } else { size.to_string() }
}

/// How a model is hosted for pictures of this size.
pub fn of_size(state: &State, spec: &ModelSpec, size: Size) -> HostOptions {
    let is_open = spec.graph().is_some_and(GraphFacts::is_of_open_size);
    HostOptions { input_size: Some(size).filter(|size| is_open || *size != spec.sizes.own), ..state.host.clone() }
}

/// The usual squares, the model's own size and the one it has now, in order.
fn choices(sizes: &Sizes, now: Size, usual: &[usize]) -> Vec<Size> {
    let usual = usual.iter().map(|side| Size::square(*side));
    let mut all: Vec<Size> = usual.chain([sizes.own, now]).collect();
    all.sort_unstable_by_key(|size| size.pair());
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_own_size_is_among_the_choices_once() {
        let squares = |sides: &[usize]| sides.iter().map(|side| Size::square(*side)).collect::<Vec<_>>();
        let own = Size::square(224);
        assert_eq!(choices(&Sizes::only(own), own, &USUAL), squares(&[224, 299, 384, 512]));
        let sizes = Sizes { own: Size::square(240), others: Some(32..=1024) };
        assert_eq!(choices(&sizes, Size::square(400), &USUAL), squares(&[224, 240, 299, 384, 400, 512]));
    }
}
