//! The picture under many masks, each made when a thread is ready for it.

use crate::{Baseline, Control, ExplainError, Subject, Update, model::Samples, subject::Scene};

/// A picture and its baseline, under a mask a sample: 1 keeps a pixel, 0 replaces it.
struct Masked<'a, F> {
    scene: &'a Scene<'a>,
    count: usize,
    write_mask: F,
}

impl<F: Fn(usize, &mut [f32]) + Sync> Samples for Masked<'_, F> {
    fn len(&self) -> usize {
        self.count
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let mut mask = vec![0.0; self.scene.pixels];
        (self.write_mask)(index, &mut mask);
        self.scene.compose(&mask, 1.0, planar);
    }
}

/// A subject whose picture is shown with parts of it replaced.
pub(super) struct Shown<'a> {
    subject: &'a Subject<'a>,
    scene: Scene<'a>,
    control: &'a Control,
    /// Pictures so far, and those that are expected in all.
    done: usize,
    total: usize,
}

impl<'a> Shown<'a> {
    pub fn new(subject: &'a Subject<'a>, baseline: (Baseline, u64), control: &'a Control, total: usize) -> Self {
        let scene = Scene::new(subject, baseline.0, baseline.1);
        Self { subject, scene, control, done: 0, total }
    }

    /// The values of the target for `count` masks, of which `write_mask` writes any, a value a pixel.
    pub fn scores(
        &mut self,
        count: usize,
        write_mask: impl Fn(usize, &mut [f32]) + Sync,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Vec<f32>, ExplainError> {
        let samples = Masked { scene: &self.scene, count, write_mask };
        let mut scores = Vec::with_capacity(count);
        let (before, total) = (self.done, self.total);
        self.subject.each_score(&samples, self.control, |score| {
            scores.push(score);
            let done = before + scores.len();
            report(Update::Progress { iteration: 1, done: done.min(total), total });
        })?;
        self.done += count;
        Ok(scores)
    }
}
