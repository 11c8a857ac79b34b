//! What is dropped on a window of X11, by its protocol XDND.
//!
//! winit 0.30 takes a list of files as a whole or not at all, and says nothing of those that it does not take. So a window
//! of our own stands for the program's, as its `XdndProxy`: what is dragged over that is told to this one. Who does not
//! know of proxies drops on winit's.

use std::{error::Error, io::PipeReader, os::fd::AsFd as _};

use egui_winit::winit::{
    raw_window_handle::{HasWindowHandle as _, RawWindowHandle},
    window::Window as WinitWindow,
};
use x11rb::{
    CURRENT_TIME, NONE,
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, PropMode, Timestamp, Window},
    },
    wrapper::ConnectionExt as _,
};

use super::{outcome, told_and_ended};
use crate::app::jobs::{
    Jobs, Outcome,
    offered::{self, Offers},
    x11_selection::Selection,
};

/// The version of XDND that is spoken, the newest.
const VERSION: u32 = 5;
/// How many forms stand in the message itself.
const FEW_FORMS: usize = 3;
/// The most forms that are looked at.
const MAX_FORMS: u32 = 1000;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        XdndActionCopy,
        XdndAware,
        XdndDrop,
        XdndEnter,
        XdndFinished,
        XdndLeave,
        XdndPosition,
        XdndProxy,
        XdndStatus,
        XdndTypeList,
    }
}

/// The number of a window, if it is X11's.
pub fn window(window: &WinitWindow) -> Option<Window> {
    match window.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => Window::try_from(handle.window).ok(),
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        _ => None,
    }
}

/// Takes in what is dragged over and dropped on the window `target` of a display by its name, or else of the usual one,
/// until `ended` is closed at its other end.
///
/// # Errors
/// The connection is broken.
pub fn listen(display: Option<&str>, target: Window, jobs: &Jobs, ended: &PipeReader) -> Result<(), Box<dyn Error>> {
    let selection = Selection::new(display, "XdndSelection")?;
    let atoms = Atoms::new(&selection.connection)?.reply()?;
    let (connection, own) = (&selection.connection, selection.window);
    // The program's window says who stands for it, and that one says that it does.
    connection.change_property32(PropMode::REPLACE, own, atoms.XdndAware, AtomEnum::ATOM, &[VERSION])?;
    for window in [own, target] {
        connection.change_property32(PropMode::REPLACE, window, atoms.XdndProxy, AtomEnum::WINDOW, &[own])?;
    }
    connection.flush()?;
    let mut drags = Drags { selection, atoms, target, jobs, over: None };
    loop {
        while let Some(event) = drags.selection.connection.poll_for_event()? {
            if let Event::ClientMessage(message) = event {
                drags.hear(&message)?;
            }
        }
        let [_, is_ended] = told_and_ended(drags.selection.connection.stream().as_fd(), ended)?;
        if is_ended {
            return Ok(());
        }
    }
}

/// What is held over the window.
struct Over {
    /// The window it is dragged from.
    source: Window,
    forms: Vec<String>,
}

/// What is dragged over the window.
struct Drags<'a> {
    selection: Selection,
    atoms: Atoms,
    target: Window,
    jobs: &'a Jobs,
    over: Option<Over>,
}

impl Drags<'_> {
    fn hear(&mut self, message: &ClientMessageEvent) -> Result<(), Box<dyn Error>> {
        if message.format != 32 {
            return Ok(());
        }
        let [source, second, third, fourth, fifth] = message.data.as_data32();
        let atoms = self.atoms;
        match message.type_ {
            kind if kind == atoms.XdndEnter => self.enter(source, second & 1 != 0, [third, fourth, fifth]),
            kind if kind == atoms.XdndPosition => self.answer(source),
            kind if kind == atoms.XdndLeave => {
                self.leave();
                Ok(())
            }
            kind if kind == atoms.XdndDrop => self.dropped(source, third),
            _ => Ok(()),
        }
    }

    /// `has_more` says that there are more forms than the `few`.
    fn enter(&mut self, source: Window, has_more: bool, few: [Atom; FEW_FORMS]) -> Result<(), Box<dyn Error>> {
        let connection = &self.selection.connection;
        let forms = if has_more {
            let list = connection.get_property(false, source, self.atoms.XdndTypeList, AtomEnum::ATOM, 0, MAX_FORMS)?;
            // The other program may be gone already.
            list.reply().ok().and_then(|list| Some(list.value32()?.collect())).unwrap_or_default()
        } else {
            few.to_vec()
        };
        let forms = self.selection.names(forms.into_iter().filter(|atom| *atom != NONE));
        self.jobs.tell(Outcome::HeldOver(offered::first_form(&forms).is_some()));
        self.over = Some(Over { source, forms });
        Ok(())
    }

    /// Says whether it would be taken here, and that it would be copied: what was moved, the other program removes.
    fn answer(&self, source: Window) -> Result<(), Box<dyn Error>> {
        let is_known = self.over.as_ref().is_some_and(|over| offered::first_form(&over.forms).is_some());
        let action = if is_known { self.atoms.XdndActionCopy } else { NONE };
        self.send(source, self.atoms.XdndStatus, [self.target, is_known.into(), 0, 0, action])
    }

    fn leave(&mut self) {
        if self.over.take().is_some() {
            self.jobs.tell(Outcome::HeldOver(false));
        }
    }

    fn dropped(&mut self, source: Window, time: Timestamp) -> Result<(), Box<dyn Error>> {
        let Some(Over { forms, .. }) = self.over.take().filter(|over| over.source == source) else { return Ok(()) };
        self.jobs.tell(Outcome::HeldOver(false));
        self.selection.time = time;
        let held = offered::held(&mut Dropped { selection: &mut self.selection, forms }, "dropped");
        self.selection.time = CURRENT_TIME;
        let is_taken = held.is_some();
        let action = if is_taken { self.atoms.XdndActionCopy } else { NONE };
        self.jobs.tell(outcome(held, &|outcome| self.jobs.tell(outcome)));
        self.send(source, self.atoms.XdndFinished, [self.target, is_taken.into(), action, 0, 0])
    }

    fn send(&self, to: Window, kind: Atom, data: [u32; 5]) -> Result<(), Box<dyn Error>> {
        let connection = &self.selection.connection;
        let message = ClientMessageEvent::new(32, to, kind, data);
        connection.send_event(false, to, EventMask::NO_EVENT, message)?;
        connection.flush()?;
        Ok(())
    }
}

/// What was dropped, to be read.
struct Dropped<'a> {
    selection: &'a mut Selection,
    forms: Vec<String>,
}

impl Offers for Dropped<'_> {
    fn forms(&mut self) -> Option<Vec<String>> {
        Some(self.forms.clone())
    }

    fn bytes(&mut self, form: &str) -> Option<Vec<u8>> {
        self.selection.bytes(form)
    }
}
