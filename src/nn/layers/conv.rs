//! Dense convolution as matrix products over strips of output pixels.

use std::ops::Range;

use super::padding::Padding;
use crate::nn::activation::{Activation, Finish, mask_gradient};
use crate::nn::{
    feature_map::Map,
    kernels::{
        gemm::{Packed, Rows, TILE_ROWS},
        winograd::Winograd,
    },
    tape::{Pass, Saved},
};

/// Values of a strip's patches and outputs together: 64 KiB, so that a strip stays in a core's second-level cache.
const STRIP_VALUES: usize = 16 * 1024;

/// Windows in a strip at least: every strip reads all weights anew, which must be little beside its products.
const LEAST_STRIP: usize = 56;

/// Windows in a row from which on they are multiplied row by row: all weights are read anew for each.
const LEAST_COLUMNS: usize = 28;

/// Input channels from which the gradient of a convolution that keeps its input's size is computed as a convolution:
/// with fewer, most of a vector register would be empty.
const LEAST_LANES: usize = 16;

/// A convolution, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct Conv2d {
    forward: Filters,
    backward: Backward,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
    /// Input channels.
    pub(crate) inputs: usize,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

/// What windows are multiplied with.
#[derive(Debug, Clone)]
enum Filters {
    /// `[kernel, kernel, in] × [out]`.
    Direct(Packed),
    /// For windows of 3 × 3 that keep the map's size.
    Winograd(Winograd),
}

/// What the gradient is multiplied with.
#[derive(Debug, Clone)]
enum Backward {
    /// Filters from outputs to inputs, turned by half a turn: the gradient of a convolution that keeps its input's
    /// size is the convolution with these.
    Turned(Filters),
    /// `[out] × [kernel, kernel, in]`: gives the gradients of patches, to be added up where they overlap.
    Transposed(Packed),
}

impl Conv2d {
    /// From filters as PyTorch keeps them: `filters` is `[out, inputs, kernel, kernel]`, `bias` is `[out]`.
    pub fn new(
        filters: &[f32],
        bias: Vec<f32>,
        inputs: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let outputs = bias.len();
        let taps = kernel * kernel;
        assert_eq!(filters.len(), outputs * inputs * taps, "filters are [out, in, kernel, kernel]");
        let at = |output: usize, input: usize, tap: usize| filters[(output * inputs + input) * taps + tap];
        let centred = padding == Padding::Same || padding == Padding::Symmetric((kernel - 1) / 2);
        let keeps_size = stride == 1 && kernel % 2 == 1 && centred;
        let forward = Filters::new(kernel, inputs, outputs, keeps_size, |tap, input, output| at(output, input, tap));
        let backward = if keeps_size && (kernel == 1 || inputs >= LEAST_LANES) {
            let turned = |tap: usize, output: usize, input: usize| at(output, input, taps - 1 - tap);
            Backward::Turned(Filters::new(kernel, outputs, inputs, keeps_size, turned))
        } else {
            let transposed = |output: usize, column: usize| at(output, column % inputs, column / inputs);
            Backward::Transposed(Packed::new(outputs, taps * inputs, transposed))
        };
        Self { forward, backward, bias, inputs, kernel, stride, padding, activation }
    }

    /// `[kernel, kernel, in] × [out]`, row after row, up to rounding.
    pub(crate) fn filters(&self) -> Vec<f32> {
        match &self.forward {
            Filters::Direct(weights) => weights.to_rows(),
            Filters::Winograd(filters) => filters.to_rows(),
        }
    }

    /// The weights of the products that it and its gradient are, if a window is a pixel.
    pub(crate) fn pointwise(&self) -> Option<[&Packed; 2]> {
        match (&self.forward, &self.backward) {
            (Filters::Direct(forward), Backward::Turned(Filters::Direct(backward))) if self.kernel == 1 => {
                Some([forward, backward])
            }
            _ => None,
        }
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let outputs = self.bias.len();
        let mut values = pass.buffer(height * width * outputs);
        let mut slopes = self.activation.slopes(height * width, outputs, pass);
        let windows = Windows {
            kernel: self.kernel,
            stride: self.stride,
            channels: input.channels,
            height: input.height,
            width: input.width,
            top,
            left,
            columns: width,
        };
        let finish = Finish::activate(self.activation, &self.bias, slopes.as_mut());
        self.forward.convolve(windows, &input.values, &mut values, pass, finish);
        pass.save(Saved::Shape([input.height, input.width, input.channels]));
        Activation::save(slopes, pass);
        pass.give(input.values);
        Map { height, width, channels: outputs, values }
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let [height, width, channels] = pass.take_shape().unwrap_or([gradient.height, gradient.width, self.inputs]);
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        let windows = Windows {
            kernel: self.kernel,
            stride: self.stride,
            channels,
            height,
            width,
            top,
            left,
            columns: gradient.width,
        };
        match &self.backward {
            Backward::Turned(filters) => {
                let (top, left) = (self.kernel - 1 - top, self.kernel - 1 - left);
                let windows = Windows { channels: gradient.channels, top, left, ..windows };
                let slopes = pass.take_slopes();
                filters.convolve(windows, &gradient.values, &mut values, pass, Finish::slopes(slopes.as_ref()));
                pass.give_slopes(slopes);
            }
            Backward::Transposed(weights) => {
                windows.spread(&gradient.values, weights, &mut values, pass);
                mask_gradient(&mut values, pass);
            }
        }
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }
}

impl Filters {
    /// Takes the weight at a tap, an input and an output from `at`.
    fn new(
        kernel: usize,
        inputs: usize,
        outputs: usize,
        keeps_size: bool,
        at: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        if keeps_size && kernel == 3 && Winograd::fits(inputs, outputs) {
            Self::Winograd(Winograd::new(inputs, outputs, at))
        } else {
            let weight = |row: usize, output: usize| at(row / inputs, row % inputs, output);
            Self::Direct(Packed::new(kernel * kernel * inputs, outputs, weight))
        }
    }

    /// `result ← finish(patches · filters)`, `[windows, outputs]`.
    fn convolve(&self, windows: Windows, source: &[f32], result: &mut [f32], pass: &mut Pass, finish: Finish<'_>) {
        match self {
            Self::Direct(weights) => windows.convolve(source, weights, result, pass, finish),
            Self::Winograd(filters) => {
                filters.convolve(source, [windows.height, windows.width], result, pass, finish);
            }
        }
    }
}

/// Windows on a map: what a convolution multiplies with its filters.
#[derive(Clone, Copy)]
struct Windows {
    kernel: usize,
    stride: usize,
    /// Of the map.
    channels: usize,
    height: usize,
    width: usize,
    /// Zeros above and to the left of the map.
    top: usize,
    left: usize,
    /// Windows in a row.
    columns: usize,
}

impl Windows {
    /// Whether a window is a pixel of the map, so that nothing needs to be gathered.
    fn is_pointwise(&self) -> bool {
        self.kernel == 1 && self.stride == 1 && self.top == 0 && self.left == 0 && self.columns == self.width
    }

    /// [`Filters::convolve`] with the patches themselves, strip by strip.
    fn convolve(&self, source: &[f32], weights: &Packed, result: &mut [f32], pass: &mut Pass, mut finish: Finish<'_>) {
        if self.is_pointwise() {
            return multiply_pixels(weights, source, result, 0, &mut finish);
        }
        if weights.blocks().count() == 1 && self.columns >= LEAST_COLUMNS {
            return self.convolve_lines(source, weights, result, pass, finish);
        }
        let outputs = weights.columns();
        let longest = weights.blocks().map(|block| block.len()).max().unwrap_or(0);
        let strip = strip(result.len() / outputs, longest + outputs);
        let mut patches = pass.buffer(strip * longest);
        for (index, product) in result.chunks_mut(strip * outputs).enumerate() {
            let first = index * strip;
            let count = product.len() / outputs;
            let rows = first..first + count;
            for block in weights.blocks() {
                let patches = &mut patches[..count * block.len()];
                self.gather(source, first, &block, patches);
                let left = Rows::whole(patches, count, block.len());
                weights.multiply_block(product, left, block, finish.ending(rows.clone()));
            }
            finish.rest(rows, product);
        }
        pass.give(patches);
    }

    /// [`Filters::convolve`] row by row of windows, which lie one beside the other in the lines of the map that they
    /// are on: a value is copied once for each window down, but not for each window across.
    fn convolve_lines(
        &self,
        source: &[f32],
        weights: &Packed,
        result: &mut [f32],
        pass: &mut Pass,
        mut finish: Finish<'_>,
    ) {
        let Self { kernel, stride, channels, columns, .. } = *self;
        let line = ((columns - 1) * stride + kernel) * channels;
        // The part of a line that is on the map.
        let (before, map_line) = (self.left * channels, self.width * channels);
        let on = (line - before).min(map_line);
        let mut lines = pass.buffer(kernel * line);
        lines.fill(0.0);
        for (y, product) in result.chunks_exact_mut(columns * weights.columns()).enumerate() {
            for (down, line) in lines.chunks_exact_mut(line).enumerate() {
                let place = &mut line[before..before + on];
                match (y * stride + down).checked_sub(self.top).filter(|row| *row < self.height) {
                    Some(row) => place.copy_from_slice(&source[row * map_line..][..on]),
                    None => place.fill(0.0),
                }
            }
            let left = Rows { values: &lines, count: columns, stride: stride * channels, parts: kernel, apart: line };
            let rows = y * columns..(y + 1) * columns;
            weights.multiply_block(product, left, 0..weights.depth(), finish.ending(rows.clone()));
            finish.rest(rows, product);
        }
        pass.give(lines);
    }

    /// The transpose of [`Windows::convolve`]: `gradient`, `[windows, outputs]`, through the filters and back under the
    /// windows of `result`.
    fn spread(&self, gradient: &[f32], weights: &Packed, result: &mut [f32], pass: &mut Pass) {
        let (outputs, patch) = (weights.depth(), weights.columns());
        let strip = strip(gradient.len() / outputs, outputs + patch);
        let mut patches = pass.buffer(strip * patch);
        result.fill(0.0);
        for (index, values) in gradient.chunks(strip * outputs).enumerate() {
            let count = values.len() / outputs;
            let patches = &mut patches[..count * patch];
            weights.multiply(patches, Rows::whole(values, count, outputs));
            self.scatter(patches, index * strip, result);
        }
        pass.give(patches);
    }

    /// Calls `inside(patch offset, map offset, len)` for every run of values that lies on the map, and
    /// `outside(patch offset, len)` for every other, over a part of each of `count` patches from window `first`.
    fn walk(
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

    /// Map → a part of each patch.
    fn gather(&self, input: &[f32], first: usize, part: &Range<usize>, patches: &mut [f32]) {
        let count = patches.len() / part.len();
        let patches = std::cell::RefCell::new(patches);
        self.walk(
            first,
            count,
            part,
            |patch, from, len| patches.borrow_mut()[patch..patch + len].copy_from_slice(&input[from..from + len]),
            |patch, len| patches.borrow_mut()[patch..patch + len].fill(0.0),
        );
    }

    /// Patches → map, added up: the transpose of [`Windows::gather`] for whole patches.
    fn scatter(&self, patches: &[f32], first: usize, input: &mut [f32]) {
        let whole = 0..self.kernel * self.kernel * self.channels;
        self.walk(
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

/// `result ← finish(source · weights)`, pixel by pixel, strip by strip; the first is pixel `first` to `finish`.
pub(crate) fn multiply_pixels(
    weights: &Packed,
    source: &[f32],
    result: &mut [f32],
    first: usize,
    finish: &mut Finish<'_>,
) {
    let (inputs, outputs) = (weights.depth(), weights.columns());
    let longest = weights.blocks().map(|block| block.len()).max().unwrap_or(0);
    let strip = strip(result.len() / outputs, longest + outputs);
    let strips = source.chunks(strip * inputs).zip(result.chunks_mut(strip * outputs));
    for (index, (source, product)) in strips.enumerate() {
        let count = product.len() / outputs;
        let rows = first + index * strip..first + index * strip + count;
        for block in weights.blocks() {
            let left = Rows::whole(&source[block.start..], count, inputs);
            weights.multiply_block(product, left, block, finish.ending(rows.clone()));
        }
        finish.rest(rows, product);
    }
}

/// How many of `windows` are worked on together, if each takes so many values: equal strips, as many as it takes.
fn strip(windows: usize, values: usize) -> usize {
    let most = (STRIP_VALUES / values.max(1)).max(LEAST_STRIP);
    windows.div_ceil(windows.div_ceil(most).max(1)).next_multiple_of(TILE_ROWS).max(1)
}
