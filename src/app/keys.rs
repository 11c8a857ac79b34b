//! The keyboard.

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use super::{action::Action, model_list::ModelsAction, paste, state::State};

/// What the keys ask for that no widget has taken. `paused` says whether the run under way is being held.
pub fn keys(ctx: &Context, state: &State, paused: bool, actions: &mut Vec<Action>) {
    let shortcuts =
        [(Key::O, Action::OpenDialog), (Key::S, Action::SaveDialog), (Key::M, Action::Models(ModelsAction::Open))];
    for (key, action) in shortcuts {
        if ctx.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(Modifiers::COMMAND, key))) {
            actions.push(action);
        }
    }
    if !ctx.text_edit_focused() {
        let shift = Modifiers::COMMAND | Modifiers::SHIFT;
        // The longer shortcut first: the shorter one is a part of it.
        for (modifiers, key, action) in [
            (shift, Key::Z, Action::Redo),
            (Modifiers::COMMAND, Key::Z, Action::Undo),
            (Modifiers::COMMAND, Key::Y, Action::Redo),
        ] {
            if ctx.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(modifiers, key))) {
                actions.push(action);
            }
        }
        actions.extend(ctx.input(|input| input.events.iter().find_map(pasted)));
    }
    // A widget that has the focus takes the plain keys: space presses a button, arrows move a slider.
    if ctx.memory(|memory| memory.focused().is_some()) || ctx.any_popup_open() {
        return;
    }
    let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let active = state.active().is_some();
    if pressed(Key::Space) && active {
        actions.push(if paused { Action::Resume } else { Action::Pause });
    }
    if pressed(Key::Escape) {
        if state.comparing.is_some() {
            actions.push(Action::Compare(None));
        } else if active {
            actions.push(Action::Stop);
        }
    }
    if pressed(Key::P) {
        actions.push(Action::PlayOrStop);
    }
    if pressed(Key::Home) && state.step_number().is_some_and(|number| number > 0) {
        actions.push(Action::ShowStep(Some(0)));
    }
    if pressed(Key::End) {
        actions.push(Action::ShowStep(None));
    }
    if pressed(Key::ArrowLeft) {
        actions.push(Action::MoveStep(-1));
    }
    if pressed(Key::ArrowRight) {
        actions.push(Action::MoveStep(1));
    }
}

/// What pasting with the keyboard asks for.
fn pasted(event: &Event) -> Option<Action> {
    match event {
        Event::Paste(text) => {
            let sources = paste::sources_from_text(text);
            Some(if sources.is_empty() { Action::Paste } else { Action::Open(sources) })
        }
        // The clipboard holds a picture; it is read by a job.
        Event::PasteImage(_) => Some(Action::Paste),
        _ => None,
    }
}
