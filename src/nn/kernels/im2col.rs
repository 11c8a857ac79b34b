//! Convolution as matrix products: the pixels under a window are a row (im2col), the filters a matrix.

use std::ops::Range;

use super::{
    epilogue::Epilogue,
    gemm::{Packed, ROW_MULTIPLE, Rows},
};
use crate::buffer::BufferPool;

/// Values of a strip's patches and outputs together: 64 KiB, so that a strip stays in a core's second-level cache.
const STRIP_VALUES: usize = 16 * 1024;

/// Windows in a strip at least: every strip reads all weights anew, which must be little beside its products.
const LEAST_STRIP: usize = 56;

/// Windows in a row from which on they are multiplied row by row: all weights are read anew for each.
const LEAST_COLUMNS: usize = 28;

/// Values from one row to the next whose multiples are in each other's way in a core's first-level cache: 4 KiB apart
/// they share one of its sets, which holds fewer of them than a tile has rows.
const COLLIDING: usize = 1024;

/// Windows on a map: what a convolution multiplies with its filters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    /// Width and height of a window in pixels.
    pub kernel: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Of the map.
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    /// Zeros above and to the left of the map.
    pub top: usize,
    pub left: usize,
    /// Windows in a row.
    pub columns: usize,
}

impl Windows {
    /// `result ← epilogue(patches · weights)`, `[windows, outputs]`, with weights `[kernel, kernel, channels] × [outputs]`:
    /// strip by strip of windows, whose patches stay in cache between im2col and product.
    pub fn convolve(
        &self,
        source: &[f32],
        weights: &Packed,
        result: &mut [f32],
        pool: &mut BufferPool,
        mut epilogue: Epilogue<'_>,
    ) {
        if weights.blocks().count() == 1 && self.columns >= LEAST_COLUMNS {
            return self.convolve_lines(source, weights, result, pool, epilogue);
        }
        let outputs = weights.columns();
        let longest = weights.blocks().map(|block| block.len()).max().unwrap_or(0);
        let strip = strip(result.len() / outputs, longest + outputs);
        let mut patches = pool.take(strip * longest);
        for (index, product) in result.chunks_mut(strip * outputs).enumerate() {
            let first = index * strip;
            let count = product.len() / outputs;
            let rows = first..first + count;
            for block in weights.blocks() {
                let patches = &mut patches[..count * block.len()];
                self.im2col(source, first, &block, patches);
                let left = Rows::whole(patches, count, block.len());
                weights.multiply_block(product, left, block, epilogue.in_registers(rows.clone()));
            }
            epilogue.finish_in_cache(rows, product);
        }
        pool.put(patches);
    }

    /// [`Windows::convolve`] without im2col, row by row of windows, which lie one beside the other in the lines of the
    /// map that they are on: a value is copied once for each window down, but not for each window across.
    fn convolve_lines(
        &self,
        source: &[f32],
        weights: &Packed,
        result: &mut [f32],
        pool: &mut BufferPool,
        mut epilogue: Epilogue<'_>,
    ) {
        let Self { kernel, stride, channels, columns, .. } = *self;
        let line = ((columns - 1) * stride + kernel) * channels;
        // The part of a line that is on the map.
        let (before, map_line) = (self.left * channels, self.width * channels);
        let on = (line - before).min(map_line);
        let mut lines = pool.take(kernel * line);
        lines.fill(0.0);
        for (y, product) in result.chunks_exact_mut(columns * weights.columns()).enumerate() {
            for (down, line) in lines.chunks_exact_mut(line).enumerate() {
                let place = &mut line[before..before + on];
                match (y * stride + down).checked_sub(self.top).filter(|row| *row < self.height) {
                    Some(row) => place.copy_from_slice(&source[row * map_line..][..on]),
                    None => place.fill(0.0),
                }
            }
            let left = Rows {
                values: &lines,
                count: columns,
                row_stride: stride * channels,
                segments: kernel,
                segment_stride: line,
            };
            let rows = y * columns..(y + 1) * columns;
            weights.multiply_block(product, left, 0..weights.depth(), epilogue.in_registers(rows.clone()));
            epilogue.finish_in_cache(rows, product);
        }
        pool.put(lines);
    }

    /// The transpose of [`Windows::convolve`], with weights `[outputs] × [kernel, kernel, channels]`: `gradient`,
    /// `[windows, outputs]`, becomes the gradients of patches, which are added up where they overlap in `result`.
    pub fn convolve_transposed(&self, gradient: &[f32], weights: &Packed, result: &mut [f32], pool: &mut BufferPool) {
        let (outputs, patch) = (weights.depth(), weights.columns());
        let strip = strip(gradient.len() / outputs, outputs + patch);
        let mut patches = pool.take(strip * patch);
        result.fill(0.0);
        for (index, values) in gradient.chunks(strip * outputs).enumerate() {
            let count = values.len() / outputs;
            let patches = &mut patches[..count * patch];
            weights.multiply(patches, Rows::whole(values, count, outputs));
            self.col2im(patches, index * strip, result);
        }
        pool.put(patches);
    }

    /// Calls `inside(patch offset, map offset, len)` for every run of values that lies on the map, and
    /// `outside(patch offset, len)` for every other, over a part of each of `count` patches from window `first`.
    fn each_run(
        &self,
        first: usize,
        count: usize,
        part: &Range<usize>,
        mut inside: impl FnMut(usize, usize, usize),
        mut outside: impl FnMut(usize, usize),
    ) {
        let Self { kernel, stride, channels, .. } = *self;
        let window_row = kernel * channels;
        let map_row = (self.width * channels) as isize;
        for index in 0..count {
            let window = first + index;
            let y0 = (window / self.columns * stride) as isize - self.top as isize;
            let x0 = ((window % self.columns * stride) as isize - self.left as isize) * channels as isize;
            // A window's line at a time: before the map, on it, and behind it.
            for ky in part.start / window_row..part.end.div_ceil(window_row) {
                let (from, to) = (part.start.max(ky * window_row), part.end.min((ky + 1) * window_row));
                let patch = index * part.len() + from - part.start;
                let y = y0 + ky as isize;
                if y < 0 || y >= self.height as isize {
                    outside(patch, to - from);
                    continue;
                }
                let start = x0 + (from - ky * window_row) as isize;
                let end = start + (to - from) as isize;
                let (on, off) = (start.clamp(0, map_row), end.clamp(0, map_row));
                let before = (on - start).clamp(0, end - start) as usize;
                let len = (off - on) as usize;
                if before > 0 {
                    outside(patch, before);
                }
                if len > 0 {
                    inside(patch + before, (y as usize * self.width * channels) + on as usize, len);
                }
                if before + len < to - from {
                    outside(patch + before + len, to - from - before - len);
                }
            }
        }
    }

    /// Map → a part of each patch, with zeros for what lies beside the map.
    fn im2col(&self, input: &[f32], first: usize, part: &Range<usize>, patches: &mut [f32]) {
        let count = patches.len() / part.len();
        let patches = std::cell::RefCell::new(patches);
        self.each_run(
            first,
            count,
            part,
            |patch, from, len| patches.borrow_mut()[patch..patch + len].copy_from_slice(&input[from..from + len]),
            |patch, len| patches.borrow_mut()[patch..patch + len].fill(0.0),
        );
    }

    /// Patches → map, added up: the transpose of [`Windows::im2col`] for whole patches.
    fn col2im(&self, patches: &[f32], first: usize, input: &mut [f32]) {
        let whole = 0..self.kernel * self.kernel * self.channels;
        self.each_run(
            first,
            patches.len() / whole.len(),
            &whole,
            |patch, to, len| {
                for (sum, value) in input[to..to + len].iter_mut().zip(&patches[patch..patch + len]) {
                    *sum += value;
                }
            },
            |_, _| {},
        );
    }
}

/// `result ← epilogue(source · weights)`, pixel by pixel, strip by strip: a convolution whose windows are pixels, which
/// are patches as they lie, unless they are in each other's way there. The first is pixel `first` to the epilogue.
pub(crate) fn multiply_pixels(
    weights: &Packed,
    source: &[f32],
    result: &mut [f32],
    first: usize,
    epilogue: &mut Epilogue<'_>,
    pool: &mut BufferPool,
) {
    let (inputs, outputs) = (weights.depth(), weights.columns());
    let longest = weights.blocks().map(|block| block.len()).max().unwrap_or(0);
    let strip = strip(result.len() / outputs, longest + outputs);
    let strips = source.chunks(strip * inputs).zip(result.chunks_mut(strip * outputs));
    let collide = inputs.is_multiple_of(COLLIDING);
    let mut patches = pool.take(if collide { strip * longest } else { 0 });
    for (index, (source, product)) in strips.enumerate() {
        let count = product.len() / outputs;
        let rows = first + index * strip..first + index * strip + count;
        for block in weights.blocks() {
            let len = block.len();
            let mut left = Rows::whole(&source[block.start..], count, inputs);
            if collide {
                for (patch, pixel) in patches.chunks_exact_mut(len).zip(source.chunks_exact(inputs)) {
                    patch.copy_from_slice(&pixel[block.clone()]);
                }
                left = Rows::whole(&patches, count, len);
            }
            weights.multiply_block(product, left, block, epilogue.in_registers(rows.clone()));
        }
        epilogue.finish_in_cache(rows, product);
    }
    pool.put(patches);
}

/// How many of `windows` are worked on together, if each takes so many values: equal strips, as many as it takes.
fn strip(windows: usize, values: usize) -> usize {
    let most = (STRIP_VALUES / values.max(1)).max(LEAST_STRIP);
    windows.div_ceil(windows.div_ceil(most).max(1)).next_multiple_of(ROW_MULTIPLE).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_are_in_each_others_way_are_multiplied_as_they_lie() {
        let (pixels, outputs) = (130, 24);
        let values = |len: usize, step: f32| -> Vec<f32> { (0..len).map(|at| (at as f32 * step).sin()).collect() };
        let (source, right) = (values(pixels * COLLIDING, 0.37), values(COLLIDING * outputs, 0.11));
        let weights = Packed::new(COLLIDING, outputs, |input, output| right[input * outputs + output]);
        let mut result = vec![f32::NAN; pixels * outputs];
        let mut plain = result.clone();
        let mut pool = BufferPool::default();
        multiply_pixels(&weights, &source, &mut result, 0, &mut Epilogue::backward(None), &mut pool);
        weights.multiply(&mut plain, Rows::whole(&source, pixels, COLLIDING));
        assert!(result == plain);
    }
}
