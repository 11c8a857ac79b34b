//! Depthwise convolution: one filter a channel.
//!
//! Forward and backward are the same loop: a pixel of the result is a weighted sum of some pixels of the source,
//! channel by channel, with the channels in the vector unit's lanes.

use std::ops::Range;

use pulp::Simd;

use super::{
    activation::{Activation, Finish},
    buffer::Buffer,
    ending::{Ending, Place, first_lanes},
    map::Map,
    padding::Padding,
    pass::{Pass, Saved},
    simd::{self, Kernel},
};

/// A depthwise convolution, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct DepthwiseConv2d {
    /// `[kernel, kernel, channels]`.
    pub(crate) weight: Buffer,
    /// `[channels]`.
    pub(crate) bias: Vec<f32>,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

/// One term of a pixel's sum: where the source pixel and the filter's row begin.
#[derive(Debug, Clone, Copy)]
struct Tap {
    source: usize,
    weight: usize,
}

impl DepthwiseConv2d {
    /// From filters as PyTorch keeps them: `filters` is `[channels, 1, kernel, kernel]`, `bias` is `[channels]`.
    pub fn new(
        filters: &[f32],
        bias: Vec<f32>,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let channels = bias.len();
        let taps = kernel * kernel;
        assert_eq!(filters.len(), channels * taps, "filters are [channels, 1, kernel, kernel]");
        let weight: Vec<f32> = (0..taps * channels).map(|i| filters[(i % channels) * taps + i / channels]).collect();
        let weight = weight.as_slice().into();
        Self { weight, bias, kernel, stride, padding, activation }
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let channels = input.channels;
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        let mut slopes = self.activation.slopes(height * width, channels, pass);
        simd::run(Sum {
            source: &input.values,
            weight: &self.weight,
            result: &mut values,
            finish: Finish::activate(self.activation, &self.bias, slopes.as_mut()),
            width,
            channels,
            period: 1,
            advance: self.stride * channels,
            inner: left.div_ceil(self.stride)
                ..((input.width + left + 1).saturating_sub(self.kernel)).div_ceil(self.stride),
            taps: |y: usize, x: usize, taps: &mut Vec<Tap>| {
                for ky in 0..self.kernel {
                    let Some(sy) = inside(y * self.stride + ky, top, input.height) else { continue };
                    for kx in 0..self.kernel {
                        let Some(sx) = inside(x * self.stride + kx, left, input.width) else { continue };
                        taps.push(Tap {
                            source: (sy * input.width + sx) * channels,
                            weight: (ky * self.kernel + kx) * channels,
                        });
                    }
                }
            },
        });
        pass.save(Saved::Shape([input.height, input.width, channels]));
        Activation::save(slopes, pass);
        pass.give(input.values);
        Map { height, width, channels, values }
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let channels = gradient.channels;
        let [height, width, _] =
            pass.take_shape().unwrap_or([gradient.height * self.stride, gradient.width * self.stride, channels]);
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let mut values = pass.buffer(height * width * channels);
        let slopes = pass.take_slopes();
        simd::run(Sum {
            source: &gradient.values,
            weight: &self.weight,
            result: &mut values,
            finish: Finish::slopes(slopes.as_ref()),
            width,
            channels,
            period: self.stride,
            advance: channels,
            inner: (self.kernel - 1).saturating_sub(left)
                ..((gradient.width - 1) * self.stride + 1).saturating_sub(left),
            taps: |y: usize, x: usize, taps: &mut Vec<Tap>| {
                for ky in (0..self.kernel).rev() {
                    let Some(sy) = window(y + top, ky, self.stride, gradient.height) else { continue };
                    for kx in (0..self.kernel).rev() {
                        let Some(sx) = window(x + left, kx, self.stride, gradient.width) else { continue };
                        taps.push(Tap {
                            source: (sy * gradient.width + sx) * channels,
                            weight: (ky * self.kernel + kx) * channels,
                        });
                    }
                }
            },
        });
        pass.give_slopes(slopes);
        pass.give(gradient.values);
        Map { height, width, channels, values }
    }
}

/// The pixel at `padded`, a position counted from the first zero, if it lies on a side of `size` pixels.
fn inside(padded: usize, before: usize, size: usize) -> Option<usize> {
    padded.checked_sub(before).filter(|position| *position < size)
}

/// The window of whose tap `offset` the input pixel at `padded` is under, if there is one.
fn window(padded: usize, offset: usize, stride: usize, windows: usize) -> Option<usize> {
    let start = padded.checked_sub(offset)?;
    (start.is_multiple_of(stride) && start / stride < windows).then_some(start / stride)
}

/// For every pixel of the result, the sum over its taps, finished row by row.
///
/// Rows are summed up by twos, so that a source is loaded once for both.
struct Sum<'a, F> {
    source: &'a [f32],
    weight: &'a [f32],
    result: &'a mut [f32],
    finish: Finish<'a>,
    width: usize,
    channels: usize,
    /// Pixels of a row, and rows, that are this far apart have the same filter values under them, away from borders.
    period: usize,
    /// How far apart the sources of such neighbours in a row are.
    advance: usize,
    /// The columns of the result that no border is near.
    inner: Range<usize>,
    /// The taps of the pixel in a row and a column, by increasing source.
    taps: F,
}

impl<F: Fn(usize, usize, &mut Vec<Tap>)> Kernel for Sum<'_, F> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { source, weight, result, mut finish, width, channels, period, advance, inner, taps } = self;
        let row = (width * channels).max(1);
        let height = result.len() / row;
        let mut pair = Pair::default();
        for upper in (0..height).filter(|y| y / period % 2 == 0) {
            let lower = (upper + period < height).then_some(upper + period);
            let (above, below) = result.split_at_mut(row * lower.unwrap_or(height));
            let sums = &mut above[row * upper..][..row];
            let lower_sums = &mut below[..if lower.is_some() { row } else { 0 }];
            let mut ending = finish.ending(0..height * width);
            for phase in 0..period.min(width) {
                let mut x = phase;
                while x < width {
                    pair.set(|list| taps(upper, x, list), |list| lower.into_iter().for_each(|y| taps(y, x, list)));
                    // Alone at a border, and as many as there are away from it.
                    let end = if inner.contains(&x) { inner.end.min(width) } else { x + 1 };
                    let mut moved = 0;
                    while x < end {
                        let places = [upper, lower.unwrap_or(upper)].map(|y| y * width + x);
                        let mut pixels = Pixels {
                            simd,
                            source,
                            weight,
                            pair: &pair,
                            moved,
                            advance,
                            channels,
                            ending: &mut ending,
                            places,
                            period,
                        };
                        let sums = [
                            &mut sums[x * channels..],
                            &mut lower_sums[(x * channels).min(row * usize::from(lower.is_some()))..],
                        ];
                        // As many pixels and registers of channels as there are registers for their sums: filters are
                        // loaded once for all pixels, and sums need not wait for each other.
                        let count = match (end - x).div_ceil(period) {
                            7.. if S::F32_LANES == 16 => pixels.sum::<7, 1>(sums),
                            6.. => pixels.sum::<6, 1>(sums),
                            4.. => pixels.sum::<4, 1>(sums),
                            2.. => pixels.sum::<2, 2>(sums),
                            _ => pixels.sum::<1, 4>(sums),
                        };
                        moved += count * advance;
                        x += count * period;
                    }
                }
            }
            for (y, sums) in [upper].into_iter().chain(lower).zip([sums, lower_sums]) {
                finish.rest(y * width..(y + 1) * width, sums);
            }
        }
    }
}

/// The taps of two pixels, one above the other.
#[derive(Default)]
struct Pair {
    /// Of both: the source, and the filter's rows for the upper and the lower one.
    both: Vec<(usize, [usize; 2])>,
    /// Of one alone.
    alone: [Vec<Tap>; 2],
    /// The last source.
    last: usize,
    lists: [Vec<Tap>; 2],
}

impl Pair {
    /// Takes the taps of the upper and of the lower pixel, both by increasing source.
    fn set(&mut self, upper: impl Fn(&mut Vec<Tap>), lower: impl Fn(&mut Vec<Tap>)) {
        let Self { both, alone, last, lists } = self;
        both.clear();
        alone.iter_mut().chain(&mut *lists).for_each(Vec::clear);
        upper(&mut lists[0]);
        lower(&mut lists[1]);
        *last = lists.iter().filter_map(|list| list.last()).map(|tap| tap.source).max().unwrap_or(0);
        let mut lower = lists[1].iter().copied().peekable();
        for tap in &lists[0] {
            while let Some(other) = lower.next_if(|other| other.source < tap.source) {
                alone[1].push(other);
            }
            match lower.next_if(|other| other.source == tap.source) {
                Some(other) => both.push((tap.source, [tap.weight, other.weight])),
                None => alone[0].push(*tap),
            }
        }
        alone[1].extend(lower);
    }
}

/// Pixels that have the same filter values under them, in two rows.
struct Pixels<'a, 'e, S> {
    simd: S,
    source: &'a [f32],
    weight: &'a [f32],
    pair: &'a Pair,
    /// How far the first of them is from those that the taps are of.
    moved: usize,
    advance: usize,
    channels: usize,
    ending: &'a mut Ending<'e>,
    /// Which pixels of the result the first ones are.
    places: [usize; 2],
    /// Pixels from one to the next.
    period: usize,
}

impl<S: Simd> Pixels<'_, '_, S> {
    /// All channels of `P` pixels in both rows, `R` registers at a time; returns `P`. The lower row may be empty.
    #[inline(always)]
    fn sum<const P: usize, const R: usize>(&mut self, sums: [&mut [f32]; 2]) -> usize {
        let (lanes, channels) = (S::F32_LANES, self.channels);
        let last = (P - 1) * self.period;
        let fits = |len: usize| len >= last * channels + channels;
        assert!(fits(sums[0].len()) && (sums[1].is_empty() || fits(sums[1].len())));
        assert!(self.pair.last + self.moved + (P - 1) * self.advance + channels <= self.source.len());
        assert!(self.places.iter().all(|place| self.ending.fits(place + last + 1, channels)));
        let sums = sums.map(|sums| if sums.is_empty() { std::ptr::null_mut() } else { sums.as_mut_ptr() });
        let at = |channel: usize| sums.map(|sums| if sums.is_null() { sums } else { sums.wrapping_add(channel) });
        let mut channel = 0;
        // SAFETY: every tap has `channels` values in the source for each pixel, and in the weights, and so have the
        // sums; no more are read or written.
        unsafe {
            while channel + R * lanes <= channels {
                self.registers::<P, R, true>(at(channel), channel);
                channel += R * lanes;
            }
            while channel + lanes <= channels {
                self.registers::<P, 1, true>(at(channel), channel);
                channel += lanes;
            }
            if channel < channels {
                self.registers::<P, 1, false>(at(channel), channel);
            }
        }
        P
    }

    /// `R` registers of neighbouring channels of `P` pixels in both rows: their sums stay in registers. One register,
    /// of which only some lanes are channels, if not `FULL`.
    ///
    /// # Safety
    /// The channels lie in the source and the weights of every tap, and behind `sums` if they are not null, and the
    /// ending fits them.
    #[inline(always)]
    unsafe fn registers<const P: usize, const R: usize, const FULL: bool>(
        &mut self,
        sums: [*mut f32; 2],
        channel: usize,
    ) {
        let Self { simd, advance, channels, period, .. } = *self;
        let some = || first_lanes(simd, channels - channel);
        // SAFETY, of this and of the other uses: as the caller promises; no lane is touched that is no channel.
        let load = |place: *const f32| unsafe {
            if FULL {
                place.cast::<[S::f32s; R]>().read_unaligned()
            } else {
                [simd.mask_load_ptr_f32s(some(), place); R]
            }
        };
        let mut registers = [[[simd.splat_f32s(0.0); R]; P]; 2];
        let source = self.source.as_ptr().wrapping_add(self.moved + channel);
        let weights = self.weight.as_ptr().wrapping_add(channel);
        for &(tap, [upper, lower]) in &self.pair.both {
            let (upper, lower) = (load(weights.wrapping_add(upper)), load(weights.wrapping_add(lower)));
            let [above, below] = &mut registers;
            for pixel in 0..P {
                let values = load(source.wrapping_add(tap + pixel * advance));
                for register in 0..R {
                    let (above, below) = (&mut above[pixel][register], &mut below[pixel][register]);
                    *above = simd.mul_add_e_f32s(values[register], upper[register], *above);
                    *below = simd.mul_add_e_f32s(values[register], lower[register], *below);
                }
            }
        }
        for (row, taps) in registers.iter_mut().zip(&self.pair.alone) {
            for tap in taps {
                let weights = load(weights.wrapping_add(tap.weight));
                for (pixel, sums) in row.iter_mut().enumerate() {
                    let values = load(source.wrapping_add(tap.source + pixel * advance));
                    for register in 0..R {
                        sums[register] = simd.mul_add_e_f32s(values[register], weights[register], sums[register]);
                    }
                }
            }
        }
        for (row, (sums, registers)) in sums.iter().zip(&registers).enumerate() {
            if sums.is_null() {
                continue;
            }
            // Copied, because what is lent does not stay in registers: the sums must, for all taps.
            let mut ended = *registers;
            let place = Place { row: self.places[row], step: period, channel };
            // SAFETY: as above.
            unsafe {
                self.ending.end::<S, P, R, FULL>(simd, &mut ended, place);
                for (pixel, sum) in ended.iter().enumerate() {
                    let place = sums.wrapping_add(pixel * period * channels);
                    if FULL {
                        place.cast::<[S::f32s; R]>().write_unaligned(*sum);
                    } else {
                        simd.mask_store_ptr_f32s(some(), place, sum[0]);
                    }
                }
            }
        }
    }
}
