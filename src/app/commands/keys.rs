//! The keyboard: shortcuts ask for what the table of commands says.

use egui::{Context, Event};

use super::{Desk, commands, shortcuts::Reach};
use crate::app::state::{action::Action, sources};

/// What the keys ask for that no widget has taken. `is_covered` says whether something lies over the window that has
/// the keyboard.
pub fn keys(ctx: &Context, desk: Desk<'_>, is_covered: bool, actions: &mut Vec<Action>) {
    if is_covered {
        return;
    }
    let is_typing = ctx.text_edit_focused();
    if !is_typing {
        actions.extend(ctx.input(|input| input.events.iter().find_map(pasted)));
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

/// What pasting with the keyboard asks for.
fn pasted(event: &Event) -> Option<Action> {
    match event {
        Event::Paste(text) => {
            let sources = sources::from_text(text);
            Some(if sources.is_empty() { Action::Paste } else { Action::Open(sources) })
        }
        // The clipboard holds a picture; it is read by a job.
        Event::PasteImage(_) => Some(Action::Paste),
        _ => None,
    }
}
