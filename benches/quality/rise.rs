//! RISE: the mean of random masks, weighted by the score of the picture under each.
//!
//! Source: Petsiuk, Das, Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, BMVC 2018
//! (arXiv 1806.07421): 4000 masks of 7 × 7 cells, each kept with probability 0.5, enlarged bilinearly and shifted at
//! random by up to a cell; what is hidden is mean grey.

use igoscope::{
    explain::{Saliency, Subject},
    imaging::{Interpolation, area_average, resample},
    model::Samples,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::entries::{GRID, on_grid};

const MASKS: usize = 4000;
const CELLS: usize = 7;
const KEPT: f32 = 0.5;

struct Masked<'a> {
    subject: &'a Subject<'a>,
    first: usize,
    len: usize,
}

/// A mask, `side × side` values in `[0, 1]`.
fn mask(number: usize, side: usize) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(0);
    random.set_stream(number as u64);
    let cell = side.div_ceil(CELLS);
    // One more cell on each side leaves room for the shift.
    let whole = (CELLS + 1) * cell;
    let cells: Vec<f32> = (0..CELLS * CELLS).map(|_| f32::from(u8::from(random.random::<f32>() < KEPT))).collect();
    let large = resample(&cells, (CELLS, CELLS), (whole, whole), Interpolation::HalfPixel);
    let (x, y) = (random.random_range(0..cell), random.random_range(0..cell));
    (0..side).flat_map(|row| large[(row + y) * whole + x..][..side].to_vec()).collect()
}

impl Samples for Masked<'_> {
    fn len(&self) -> usize {
        self.len
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let mask = mask(self.first + index, self.subject.input.size.width);
        for (planes, image) in
            planar.chunks_exact_mut(mask.len()).zip(self.subject.input.planar.chunks_exact(mask.len()))
        {
            for ((value, image), kept) in planes.iter_mut().zip(image).zip(&mask) {
                *value = image * kept;
            }
        }
    }
}

/// RISE's map, averaged down to the grid of the curves.
pub fn rise(subject: &Subject<'_>) -> Saliency {
    let side = subject.input.size.width;
    let mut sum = vec![0.0_f32; side * side];
    let at_once = subject.classifier.batch_size().max(1);
    for first in (0..MASKS).step_by(at_once) {
        let len = at_once.min(MASKS - first);
        let logits = subject.classifier.logits(&Masked { subject, first, len }).expect("logits");
        for (number, logits) in logits.iter().enumerate() {
            let score = subject.value_of(logits);
            for (sum, kept) in sum.iter_mut().zip(mask(first + number, side)) {
                *sum += score * kept;
            }
        }
    }
    on_grid(GRID, area_average(&sum, (side, side), (GRID, GRID)))
}
