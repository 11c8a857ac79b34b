//! What is dropped on the window in a Wayland session, of which winit 0.30 says nothing.
//!
//! A compositor tells of drags only whoever has the window under them, by its `wl_data_device`, so this listens on winit's
//! own connection, with events of its own on a thread of its own. It must be the only one there: mutter tells the newest
//! `wl_data_device` of a program, KWin the oldest.

use std::{
    error::Error,
    io::{self, PipeReader, Read as _},
    os::fd::AsFd as _,
    sync::Arc,
    time::Duration,
};

use egui_winit::winit::{
    raw_window_handle::{HasDisplayHandle as _, RawDisplayHandle},
    window::Window,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy as _, QueueHandle,
    backend::{Backend, WaylandError},
    delegate_noop, event_created_child,
    protocol::{
        wl_data_device::{self, WlDataDevice},
        wl_data_device_manager::{DndAction, WlDataDeviceManager},
        wl_data_offer::{self, WlDataOffer},
        wl_registry::{self, WlRegistry},
        wl_seat::WlSeat,
    },
};

use super::{outcome, told_and_ended};
use crate::{
    app::jobs::{
        Jobs, Outcome,
        offered::{self, Offers},
    },
    imaging::MAX_FILE_BYTES,
};

/// How long the program that something is dragged from may take for the next piece of it.
const PATIENCE: Duration = Duration::from_secs(3);
/// The version of the protocol since which both programs say what is to be done with what is dropped, and that it was.
const WITH_ACTIONS: u32 = 3;

/// The window's connection to its compositor.
#[derive(Clone)]
pub struct Display {
    connection: Connection,
    /// Dropped after the connection, which is its own.
    _window: Arc<Window>,
}

impl Display {
    /// That of `window`, if it is Wayland's.
    pub fn of(window: &Arc<Window>) -> Option<Self> {
        let RawDisplayHandle::Wayland(handle) = window.display_handle().ok()?.as_raw() else { return None };
        // SAFETY: the pointer is to the `wl_display` of winit's connection, of which each of its windows has a share. The
        // backend and its clones are only in `Display`s, whose share of the window is dropped after them, and in the
        // queue of `listen`, which is dropped before its `Display`.
        #[expect(unsafe_code, reason = "winit's connection is had as a pointer only")]
        let backend = unsafe { Backend::from_foreign_display(handle.display.as_ptr().cast()) };
        Some(Self { connection: Connection::from_backend(backend), _window: Arc::clone(window) })
    }

    /// Sends what was asked for. What the compositor has no room for yet is sent with what is asked for next.
    fn flush(&self) -> Result<(), WaylandError> {
        match self.connection.flush() {
            Err(WaylandError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            flushed => flushed,
        }
    }
}

/// Takes in what the compositor tells, until `ended` is closed at its other end.
///
/// # Errors
/// The connection is broken.
pub fn listen(display: &Display, jobs: Jobs, ended: &PipeReader) -> Result<(), Box<dyn Error>> {
    let mut queue: EventQueue<Drags> = display.connection.new_event_queue();
    display.connection.display().get_registry(&queue.handle(), ());
    let mut drags =
        Drags { display: display.clone(), jobs, manager: None, seats: Vec::new(), coming: Vec::new(), over: None };
    loop {
        queue.dispatch_pending(&mut drags)?;
        display.flush()?;
        let Some(reading) = queue.prepare_read() else { continue };
        let [is_told, is_ended] = told_and_ended(reading.connection_fd(), ended)?;
        if is_ended {
            return Ok(());
        }
        if is_told {
            match reading.read() {
                Err(WaylandError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    read?;
                }
            }
        }
    }
}

/// Something that another program offers, and in which forms.
struct Offered {
    offer: WlDataOffer,
    forms: Vec<String>,
    /// What is to be done with it, as the compositor has it of both programs.
    action: DndAction,
}

/// What is dragged over the window.
struct Drags {
    display: Display,
    jobs: Jobs,
    manager: Option<WlDataDeviceManager>,
    /// Seats that are not listened to yet.
    seats: Vec<WlSeat>,
    /// What was offered, before it is said for what.
    coming: Vec<Offered>,
    /// What is over the window.
    over: Option<Offered>,
}

impl Drags {
    /// What was offered as `offer`; it is forgotten.
    fn taken(&mut self, offer: &WlDataOffer) -> Option<Offered> {
        let at = self.coming.iter().position(|coming| coming.offer == *offer)?;
        Some(self.coming.swap_remove(at))
    }

    fn enter(&mut self, serial: u32, offer: &WlDataOffer) {
        let Some(offered) = self.taken(offer) else { return };
        let form = offered::first_form(&offered.forms);
        offered.offer.accept(serial, form.map(str::to_owned));
        if offered.offer.version() >= WITH_ACTIONS {
            // Never a move, after which the other program removes what it has.
            let actions = if form.is_some() { DndAction::Copy } else { DndAction::empty() };
            offered.offer.set_actions(actions, actions);
        }
        self.jobs.tell(Outcome::HeldOver(form.is_some()));
        self.over = Some(offered);
    }

    fn leave(&mut self) {
        if let Some(Offered { offer, .. }) = self.over.take() {
            offer.destroy();
            self.jobs.tell(Outcome::HeldOver(false));
        }
    }

    fn dropped(&mut self) {
        let Some(offered) = self.over.take() else { return };
        self.jobs.tell(Outcome::HeldOver(false));
        let mut dropped = Dropped { offered, display: self.display.clone() };
        self.jobs.start_telling("drop", move |tell| {
            let held = offered::held(&mut dropped, "dropped");
            dropped.finish();
            outcome(held, tell)
        });
    }
}

/// What was dropped, to be read.
struct Dropped {
    offered: Offered,
    display: Display,
}

impl Dropped {
    /// Says that nothing more is wanted of it.
    fn finish(self) {
        let Self { offered: Offered { offer, action, .. }, display } = self;
        if offer.version() >= WITH_ACTIONS && action == DndAction::Copy {
            offer.finish();
        }
        offer.destroy();
        // Where the compositor is gone, so is the window.
        let _ = display.flush();
    }
}

impl Offers for Dropped {
    fn forms(&mut self) -> Option<Vec<String>> {
        Some(self.offered.forms.clone())
    }

    fn bytes(&mut self, form: &str) -> Option<Vec<u8>> {
        let (pipe, others) = io::pipe().ok()?;
        self.offered.offer.receive(form.to_owned(), others.as_fd());
        self.display.flush().ok()?;
        // The other program has its end by now, and this one would keep the pipe open.
        drop(others);
        read_in_time(pipe, PATIENCE)
    }
}

/// All that comes by a pipe, if no piece takes longer than `patience` and all is no larger than a picture's file may be.
fn read_in_time(mut pipe: PipeReader, patience: Duration) -> Option<Vec<u8>> {
    let patience = Timespec::try_from(patience).ok()?;
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    while bytes.len() as u64 <= MAX_FILE_BYTES {
        match poll(&mut [PollFd::new(&pipe, PollFlags::IN)], Some(&patience)) {
            Ok(0) => return None,
            Err(Errno::INTR) => continue,
            Err(_) => return None,
            Ok(_) => {}
        }
        match pipe.read(&mut piece) {
            Ok(0) => return Some(bytes),
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    None
}

impl Dispatch<WlRegistry, ()> for Drags {
    fn event(
        drags: &mut Self,
        registry: &WlRegistry,
        event: wl_registry::Event,
        (): &(),
        _: &Connection,
        queue: &QueueHandle<Self>,
    ) {
        let wl_registry::Event::Global { name, interface, version } = event else { return };
        if interface == WlDataDeviceManager::interface().name {
            drags.manager = Some(registry.bind(name, version.min(WITH_ACTIONS), queue, ()));
        } else if interface == WlSeat::interface().name {
            drags.seats.push(registry.bind(name, 1, queue, ()));
        }
        if let Some(manager) = &drags.manager {
            for seat in drags.seats.drain(..) {
                manager.get_data_device(&seat, queue, ());
            }
        }
    }
}

impl Dispatch<WlDataDevice, ()> for Drags {
    fn event(
        drags: &mut Self,
        _: &WlDataDevice,
        event: wl_data_device::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_data_device::Event::DataOffer { id: offer } => {
                drags.coming.push(Offered { offer, forms: Vec::new(), action: DndAction::empty() });
            }
            wl_data_device::Event::Enter { serial, id, .. } => {
                drags.leave();
                // Only a drag of this program's own has none.
                if let Some(offer) = id {
                    drags.enter(serial, &offer);
                }
            }
            wl_data_device::Event::Leave => drags.leave(),
            wl_data_device::Event::Drop => drags.dropped(),
            wl_data_device::Event::Selection { id: Some(offer) } => {
                // The clipboard is asked for elsewhere.
                drags.taken(&offer);
                offer.destroy();
            }
            _ => {}
        }
    }

    event_created_child!(Drags, WlDataDevice, [wl_data_device::EVT_DATA_OFFER_OPCODE => (WlDataOffer, ())]);
}

impl Dispatch<WlDataOffer, ()> for Drags {
    fn event(
        drags: &mut Self,
        offer: &WlDataOffer,
        event: wl_data_offer::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        let Some(offered) = drags.coming.iter_mut().chain(&mut drags.over).find(|known| known.offer == *offer) else {
            return;
        };
        match event {
            wl_data_offer::Event::Offer { mime_type } => offered.forms.push(mime_type),
            wl_data_offer::Event::Action { dnd_action } => {
                offered.action = dnd_action.into_result().unwrap_or(DndAction::empty());
            }
            _ => {}
        }
    }
}

delegate_noop!(Drags: WlDataDeviceManager);
delegate_noop!(Drags: ignore WlSeat);

#[cfg(test)]
mod tests {
    use std::{io::Write as _, thread};

    use super::*;

    #[test]
    fn what_is_dropped_is_read_to_its_end_and_nobody_is_waited_for_without_end() {
        let (pipe, mut other) = io::pipe().unwrap();
        let writer = thread::spawn(move || {
            for piece in ["file:///a.png\r\n", "file:///b.png\r\n"] {
                other.write_all(piece.as_bytes()).unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        });
        let read = read_in_time(pipe, Duration::from_secs(60));
        assert_eq!(read.as_deref(), Some(&b"file:///a.png\r\nfile:///b.png\r\n"[..]));
        writer.join().unwrap();

        let (pipe, mut silent) = io::pipe().unwrap();
        silent.write_all(b"file:///a").unwrap();
        assert_eq!(read_in_time(pipe, Duration::from_millis(20)), None, "half a list is none");
        drop(silent);
    }
}
