//! Compute time, pauses left out.

use std::time::Instant;

use super::Control;

pub(crate) struct Stopwatch<'a> {
    control: &'a Control,
    started: Instant,
    paused_secs: f64,
}

impl<'a> Stopwatch<'a> {
    pub fn start(control: &'a Control) -> Self {
        Self { control, started: Instant::now(), paused_secs: control.paused_secs() }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64() - (self.control.paused_secs() - self.paused_secs)
    }
}
