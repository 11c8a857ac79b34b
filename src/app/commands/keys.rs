//! The keyboard: shortcuts ask for what the table of commands says.

use egui::{Context, Event, Id, Key};

use super::{Desk, commands, shortcuts::Reach};
use crate::{
    app::state::{
        action::Action,
        sources::{self, Listed},
    },
    worker::Source,
};

/// What the keys ask for that no widget has taken. `is_covered` says whether something lies over the window that has
/// the keyboard.
pub fn keys(ctx: &Context, desk: Desk<'_>, is_covered: bool, actions: &mut Vec<Action>) {
    let pastes_unheard = pastes_unheard(ctx);
    if is_covered {
        return;
    }
    let is_typing = ctx.text_edit_focused();
    if !is_typing {
        let heard = ctx.input(|input| input.events.iter().find_map(pasted));
        actions.extend(heard.or(pastes_unheard.then_some(Action::Paste)));
    }
    if !ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Key { pressed: true, .. }))) {
        return;
    }
    // A widget that has the focus takes the plain keys: space presses a button, arrows move a slider.
    let is_focused = ctx.memory(|memory| memory.focused().is_some()) || ctx.any_popup_open();
    let is_heard = |reach: Reach| match reach {
        Reach::Anywhere => true,
        Reach::OutsideText => !is_typing,
        Reach::Unfocused => !is_focused,
        Reach::Clipboard => false,
    };
    let possible = commands(desk).into_iter().filter_map(|command| Some((command.shortcuts, command.action?)));
    let mut heard: Vec<_> = possible
        .flat_map(|(shortcuts, action)| shortcuts.iter().map(move |shortcut| (shortcut, action.clone())))
        .filter(|(shortcut, _)| is_heard(shortcut.reach))
        .collect();
    // The longer shortcut first: the shorter one is a part of it.
    heard.sort_by_key(|(shortcut, _)| !shortcut.keys.modifiers.shift);
    for (shortcut, action) in heard {
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut.keys)) {
            actions.push(action);
        }
    }
}

/// Whether pasting was asked for, and nothing came of it: egui takes the key, and where the clipboard has neither text nor
/// a PNG it says nothing, so that only the key's release is heard.
fn pastes_unheard(ctx: &Context) -> bool {
    let id = Id::unique("paste is heard");
    let mut is_heard = ctx.data(|data| data.get_temp(id)).unwrap_or(false);
    let mut unheard = false;
    ctx.input(|input| {
        for event in &input.events {
            match event {
                Event::Key { key: Key::V | Key::Paste, pressed: false, .. } => {
                    unheard |= !is_heard;
                    is_heard = false;
                }
                Event::Key { key: Key::V | Key::Paste, .. } | Event::Paste(_) | Event::PasteImage(_) => is_heard = true,
                _ => {}
            }
        }
    });
    ctx.data_mut(|data| data.insert_temp(id, is_heard));
    unheard
}

/// What pasting with the keyboard asks for.
fn pasted(event: &Event) -> Option<Action> {
    match event {
        Event::Paste(text) => {
            let Listed { files, remarks } = sources::from_text(text);
            let is_told = !files.is_empty() && remarks.is_empty();
            Some(if is_told { Action::Open(files.into_iter().map(Source::File).collect()) } else { Action::Paste })
        }
        // The clipboard holds a picture; it is read by a job.
        Event::PasteImage(_) => Some(Action::Paste),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, RawInput};

    use super::*;

    #[test]
    fn pasting_that_egui_makes_nothing_of_is_heard_by_the_keys_release() {
        let ctx = Context::default();
        let key = |pressed| Event::Key {
            key: Key::V,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        };
        let unheard = |events: Vec<Event>| {
            let mut unheard = false;
            let input = RawInput { events, ..RawInput::default() };
            let _ = ctx.run_ui(input, |ui| unheard = pastes_unheard(ui.ctx()));
            unheard
        };
        assert!(unheard(vec![key(false)]));
        assert!(!unheard(vec![Event::Paste("a".to_owned())]) && !unheard(vec![key(false)]), "it was heard before");
        assert!(!unheard(vec![key(true), key(false)]), "a letter is no command");
        assert!(!unheard(Vec::new()) && unheard(vec![key(false)]));
    }
}
