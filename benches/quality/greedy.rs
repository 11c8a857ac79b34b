//! A greedy search over regions: square by square, the one whose deletion lowers the score most goes next.
//!
//! 7 × 7 squares, from both ends: one order by deleting from the whole picture, one by revealing from the blurred one;
//! the map is the mean of both ranks. It sees its judge's scores and nothing else, with no noise: what it finds is
//! fitted to its own judge.

use igoscope::{
    explain::{Baseline, Saliency, Subject},
    imaging::{Interpolation, resample},
    model::Samples,
};

use crate::entries::{GRID, on_grid};

const CELLS: usize = 7;

struct Masks<'a> {
    subject: &'a Subject<'a>,
    baseline: &'a [f32],
    masks: Vec<Vec<f32>>,
}

impl Samples for Masks<'_> {
    fn len(&self) -> usize {
        self.masks.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let side = self.subject.input.size.width;
        let mask = &self.masks[index];
        let cell = |pixel: usize| (pixel * CELLS / side).min(CELLS - 1);
        let pixels = planar.iter_mut().zip(&self.subject.input.planar).zip(self.baseline);
        for (place, ((value, image), baseline)) in pixels.enumerate() {
            let (x, y) = (place % side, place / side % side);
            *value = baseline + (image - baseline) * mask[cell(y) * CELLS + cell(x)];
        }
    }
}

/// The cells in the order in which they go, from a mask that is `from` everywhere.
fn order(subject: &Subject<'_>, baseline: &[f32], from: f32) -> Vec<usize> {
    let mut mask = vec![from; CELLS * CELLS];
    let mut left: Vec<usize> = (0..mask.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let masks = left.iter().map(|&cell| {
            let mut changed = mask.clone();
            changed[cell] = 1.0 - from;
            changed
        });
        let samples = Masks { subject, baseline, masks: masks.collect() };
        let logits = subject.classifier.logits(&samples).expect("logits");
        let scores: Vec<f32> = logits.iter().map(|logits| subject.value_of(logits)).collect();
        // Lowest when deleting, highest when revealing.
        let sign = if from > 0.5 { 1.0 } else { -1.0 };
        let best = (0..left.len()).min_by(|&a, &b| (sign * scores[a]).total_cmp(&(sign * scores[b]))).unwrap();
        let cell = left.swap_remove(best);
        mask[cell] = 1.0 - from;
        order.push(cell);
    }
    order
}

/// The map.
pub fn greedy(subject: &Subject<'_>) -> Saliency {
    let baseline = subject.baseline(Baseline::Blur, 0);
    let mut importance = vec![0.0; CELLS * CELLS];
    for from in [1.0, 0.0] {
        for (place, cell) in order(subject, &baseline, from).into_iter().enumerate() {
            importance[cell] -= place as f32;
        }
    }
    on_grid(GRID, resample(&importance, (CELLS, CELLS), (GRID, GRID), Interpolation::HalfPixel))
}
