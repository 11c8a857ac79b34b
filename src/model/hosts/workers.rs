//! One sample a thread: what each thread needs for one is kept for the next.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, prelude::*};

use crate::Samples;

/// Samples a thread works off between two cancellations. One would do; more even out unequal threads.
const SAMPLES_PER_THREAD: usize = 2;

/// What a thread needs for a sample, besides what its network needs.
#[derive(Default)]
pub(super) struct Scratch<S> {
    /// What the network needs.
    pub state: S,
    /// The sample, and then its gradient: `[channels, height, width]`.
    pub planar: Vec<f32>,
}

/// Threads with what they need for a sample.
pub(super) struct Workers<S> {
    threads: Arc<ThreadPool>,
    idle: Mutex<Vec<Scratch<S>>>,
}

impl<S: Default + Send> Workers<S> {
    pub fn new(threads: Arc<ThreadPool>) -> Self {
        Self { threads, idle: Mutex::default() }
    }

    /// The threads.
    pub fn threads(&self) -> &Arc<ThreadPool> {
        &self.threads
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.threads.current_num_threads()
    }

    /// How many samples they work off between two cancellations.
    pub fn batch_size(&self) -> usize {
        SAMPLES_PER_THREAD * self.count()
    }

    /// Runs `work` for every sample of so many numbers, several at a time, and gives the results in order.
    pub fn each<T: Send>(
        &self,
        samples: &dyn Samples,
        sample_len: usize,
        work: impl Fn(usize, &mut Scratch<S>) -> T + Sync,
    ) -> Vec<T> {
        let one = |index: usize| {
            let mut scratch = self.idle().pop().unwrap_or_default();
            scratch.planar.resize(sample_len, 0.0);
            samples.write(index, &mut scratch.planar);
            let result = work(index, &mut scratch);
            self.idle().push(scratch);
            result
        };
        self.threads.install(|| (0..samples.len()).into_par_iter().with_max_len(1).map(one).collect())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Scratch<S>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
