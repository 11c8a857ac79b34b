//! What is dropped on the window, where the library that has the window, winit 0.30, does not tell of it or not of all:
//! nothing in a Wayland session, and under X11 no list with a comment, an address or a file that is not there.

mod wayland;
mod x11;

use std::{
    error::Error,
    io::{self, PipeReader, PipeWriter},
    os::fd::BorrowedFd,
    sync::Arc,
    thread::{self, JoinHandle},
};

use egui_winit::winit::window::Window;
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};

use super::{Jobs, Outcome, paste::Held};

/// Listens for drops as long as it is there.
#[derive(Debug)]
pub struct Listener {
    /// Ends the thread by being closed.
    end: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens for what is dropped on `window`, and lets `jobs` read and tell it. None if the window is neither Wayland's
    /// nor X11's.
    ///
    /// # Errors
    /// The system has no room for a pipe or a thread.
    pub fn start(window: &Arc<Window>, jobs: &Jobs) -> io::Result<Option<Self>> {
        let jobs = jobs.clone();
        if let Some(display) = wayland::Display::of(window) {
            return Self::listening(move |ended| wayland::listen(&display, jobs, ended)).map(Some);
        }
        let Some(target) = x11::window(window) else { return Ok(None) };
        Self::listening(move |ended| x11::listen(None, target, &jobs, ended)).map(Some)
    }

    fn listening(listen: impl FnOnce(&PipeReader) -> Result<(), Box<dyn Error>> + Send + 'static) -> io::Result<Self> {
        let (ended, end) = io::pipe()?;
        let thread = thread::Builder::new().name("drops".to_owned()).spawn(move || {
            if let Err(error) = listen(&ended) {
                tracing::warn!(%error, "drops are not listened for any more");
            }
        })?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            // It has nothing to say but what it said already.
            let _ = thread.join();
        }
    }
}

/// Waits until the window system tells something or `ended` is closed at its other end, and says which.
fn told_and_ended(display: BorrowedFd<'_>, ended: &PipeReader) -> Result<[bool; 2], Errno> {
    let mut fds = [PollFd::from_borrowed_fd(display, PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
    match poll(&mut fds, None) {
        Ok(_) => Ok(fds.map(|fd| !fd.revents().is_empty())),
        Err(Errno::INTR) => Ok([false; 2]),
        Err(error) => Err(error),
    }
}

/// What comes of what was dropped; none if nothing of it is known.
fn outcome(held: Option<Held>, tell: &dyn Fn(Outcome)) -> Outcome {
    held.map_or_else(|| Outcome::Failed(text!("drop-nothing")), |held| held.told(tell))
}
