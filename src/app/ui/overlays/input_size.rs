//! The choice of the pictures' size that the hosted model sees.

use egui::{Button, Label, Ui};

use crate::{
    app::{
        state::{State, action::Action},
        ui::widgets::icons::name,
    },
    model::Sides,
    worker::HostOptions,
};

/// Sides that networks are usually asked to see, in pixels.
const USUAL: [usize; 4] = [224, 299, 384, 512];

/// Draws a button for each size; one that the model cannot take says why.
pub fn input_size_ui(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let Some(model) = &state.model else {
        ui.weak(text!("input-size-no-model"));
        return;
    };
    let (sides, title, now) = (&model.spec.sides, &model.spec.title, model.spec.side());
    ui.horizontal(|ui| {
        let title = title.as_str();
        let words = text!("input-size", model = title);
        let help = text!("input-size", "help", model = title);
        ui.add(Label::new(words).truncate()).on_hover_text(help);
        for side in choices(sides, now) {
            let refusal = sides.refusal(side);
            let button = ui.add_enabled(refusal.is_none(), Button::selectable(side == now, side.to_string()));
            name(&button, text!("input-size-choice", side = side));
            let help = match side == sides.own {
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
            if button.clicked() && side != now {
                let input_size = Some(side).filter(|side| *side != sides.own);
                actions.push(Action::HostWith(Box::new(HostOptions { input_size, ..state.host.clone() })));
            }
        }
        ui.weak(text!("input-size-pixels"));
    });
}

/// The usual sides, the model's own and the one it has now, in order.
fn choices(sides: &Sides, now: usize) -> Vec<usize> {
    let mut all: Vec<usize> = USUAL.into_iter().chain([sides.own, now]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_own_size_is_among_the_choices_once() {
        assert_eq!(choices(&Sides::only(224), 224), [224, 299, 384, 512]);
        assert_eq!(choices(&Sides { own: 240, others: Some(32..=1024) }, 400), [224, 240, 299, 384, 400, 512]);
    }
}
