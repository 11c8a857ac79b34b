//! Pause, resume and cancel: the one thing a run shares with whoever watches it.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Paused,
    Cancelled,
}

/// Steers one run from another thread.
#[derive(Debug)]
pub struct Control {
    state: Mutex<State>,
    paused_secs: Mutex<f64>,
    changed: Condvar,
}

/// The run was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

impl Default for Control {
    fn default() -> Self {
        Self { state: Mutex::new(State::Running), paused_secs: Mutex::new(0.0), changed: Condvar::new() }
    }
}

impl Control {
    // A thread that panicked while holding the lock left a whole value behind: it is a plain enum.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, from: State, to: State) {
        let mut state = self.lock();
        if *state == from {
            *state = to;
            self.changed.notify_all();
        }
    }

    /// Holds the run at its next checkpoint. Nothing happens to a cancelled run.
    pub fn pause(&self) {
        self.set(State::Running, State::Paused);
    }

    /// Lets a paused run go on.
    pub fn resume(&self) {
        self.set(State::Paused, State::Running);
    }

    /// Ends the run at its next checkpoint, paused or not, for good.
    pub fn cancel(&self) {
        *self.lock() = State::Cancelled;
        self.changed.notify_all();
    }

    /// Whether the run is being held.
    pub fn is_paused(&self) -> bool {
        *self.lock() == State::Paused
    }

    /// Whether the run was told to end.
    pub fn is_cancelled(&self) -> bool {
        *self.lock() == State::Cancelled
    }

    /// How long the run was held at checkpoints so far, in seconds.
    pub fn paused_secs(&self) -> f64 {
        *self.paused_secs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called by a run between two batches: waits while paused.
    ///
    /// # Errors
    /// [`Cancelled`] when the run is to end.
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        let mut state = self.lock();
        if *state == State::Paused {
            let since = Instant::now();
            while *state == State::Paused {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            *self.paused_secs.lock().unwrap_or_else(PoisonError::into_inner) += since.elapsed().as_secs_f64();
        }
        if *state == State::Cancelled { Err(Cancelled) } else { Ok(()) }
    }
}
