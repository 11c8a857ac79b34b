//! Direct depthwise convolution: a pixel of the result is a weighted sum of some pixels of the source, channel by
//! channel, with the channels in the vector unit's lanes. Forward and backward are the same loop.

use std::ops::Range;

use pulp::Simd;

use super::{
    epilogue::{Epilogue, Place, RegisterEpilogue, first_lanes},
    simd::{self, Kernel},
};

/// One term of a pixel's sum: where the source pixel and the filter's row begin.
#[derive(Debug, Clone, Copy)]
struct Tap {
    source: usize,
    weight: usize,
}

/// Which way through a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the input to the sums under the windows.
    Forward,
    /// From the gradient of the sums to that of the input.
    Backward,
}

/// A depthwise convolution of maps of known sizes, in one direction. It can be done some rows at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DepthwiseKernel<'a> {
    /// `[kernel, kernel, channels]`.
    pub weight: &'a [f32],
    pub channels: usize,
    pub kernel: usize,
    pub stride: usize,
    /// Zeros above and to the left of what is convolved.
    pub before: [usize; 2],
    /// Height and width.
    pub source: [usize; 2],
    /// Height and width.
    pub result: [usize; 2],
    pub direction: Direction,
}

impl DepthwiseKernel<'_> {
    /// Rows of the result that are worked on together: bands are multiples of so many.
    pub fn row_multiple(&self) -> usize {
        2 * self.period()
    }

    /// The rows of the source that some rows of the result are sums of; at least one, which may not be, and for the last
    /// rows all that are left.
    pub fn needs(&self, rows: &Range<usize>) -> Range<usize> {
        let (top, kernel, stride, height) = (self.before[0], self.kernel, self.stride, self.source[0]);
        let (first, end) = if self.is_backward() {
            ((rows.start + top + 1).saturating_sub(kernel).div_ceil(stride), (rows.end - 1 + top) / stride + 1)
        } else {
            ((rows.start * stride).saturating_sub(top), ((rows.end - 1) * stride + kernel).saturating_sub(top))
        };
        let first = first.min(height - 1);
        let end = if rows.end == self.result[0] { height } else { end };
        first..end.clamp(first + 1, height)
    }

    /// Some rows of the result, finished: `rows.start` is a multiple of [`DepthwiseKernel::row_multiple`], `source` begins
    /// with row `first` and has all rows that they [need](DepthwiseKernel::needs).
    pub fn run(
        &self,
        source: &[f32],
        first: usize,
        rows: Range<usize>,
        result: &mut [f32],
        epilogue: &mut Epilogue<'_>,
    ) {
        assert!(rows.start.is_multiple_of(self.row_multiple()) && rows.end <= self.result[0], "a band of the result");
        assert_eq!(result.len(), rows.len() * self.result[1] * self.channels, "the result of some rows");
        assert_eq!(self.weight.len(), self.kernel * self.kernel * self.channels, "a weight for every tap");
        simd::run(Sum { kernel: self, source, first, rows, result, epilogue });
    }

    fn is_backward(&self) -> bool {
        self.direction == Direction::Backward
    }

    /// Pixels of a row of the result, and rows, that are this far apart have the same filter values under them, away
    /// from borders.
    fn period(&self) -> usize {
        if self.is_backward() { self.stride } else { 1 }
    }

    /// How far apart the sources of such neighbours in a row are.
    fn advance(&self) -> usize {
        self.channels * if self.is_backward() { 1 } else { self.stride }
    }

    /// The columns of the result that no border is near.
    fn inner(&self) -> Range<usize> {
        let (left, kernel, stride, width) = (self.before[1], self.kernel, self.stride, self.source[1]);
        if self.is_backward() {
            (kernel - 1).saturating_sub(left)..((width - 1) * stride + 1).saturating_sub(left)
        } else {
            left.div_ceil(stride)..(width + left + 1).saturating_sub(kernel).div_ceil(stride)
        }
    }

    /// The taps of the pixel in a row and a column, by increasing source, which begins with row `first`.
    fn taps(&self, first: usize, y: usize, x: usize, taps: &mut Vec<Tap>) {
        for across in 0..self.kernel {
            let ky = if self.is_backward() { self.kernel - 1 - across } else { across };
            let Some(sy) = self.source_of(0, y, ky) else { continue };
            for along in 0..self.kernel {
                let kx = if self.is_backward() { self.kernel - 1 - along } else { along };
                let Some(sx) = self.source_of(1, x, kx) else { continue };
                taps.push(Tap {
                    source: ((sy - first) * self.source[1] + sx) * self.channels,
                    weight: (ky * self.kernel + kx) * self.channels,
                });
            }
        }
    }

    /// The source position, down (0) or across (1), that meets tap `offset` in the sum at `position`, if there is one.
    fn source_of(&self, axis: usize, position: usize, offset: usize) -> Option<usize> {
        let (before, size) = (self.before[axis], self.source[axis]);
        if self.is_backward() {
            let start = (position + before).checked_sub(offset)?;
            (start.is_multiple_of(self.stride) && start / self.stride < size).then_some(start / self.stride)
        } else {
            (position * self.stride + offset).checked_sub(before).filter(|source| *source < size)
        }
    }
}

/// For every pixel of some rows of the result, the sum over its taps, finished row by row.
///
/// Rows are summed up by twos, so that a source is loaded once for both.
struct Sum<'a, 'e> {
    kernel: &'a DepthwiseKernel<'a>,
    source: &'a [f32],
    /// The row that the source begins with.
    first: usize,
    rows: Range<usize>,
    result: &'a mut [f32],
    epilogue: &'a mut Epilogue<'e>,
}

impl Kernel for Sum<'_, '_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { kernel, source, first, rows, result, epilogue } = self;
        let DepthwiseKernel { weight, channels, result: [_, width], .. } = *kernel;
        let (period, advance, inner) = (kernel.period(), kernel.advance(), kernel.inner());
        let row = width * channels;
        let mut pair = Pair::default();
        for upper in rows.clone().filter(|y| y / period % 2 == 0) {
            let lower = (upper + period < rows.end).then_some(upper + period);
            let (above, below) = result.split_at_mut(row * (lower.unwrap_or(rows.end) - rows.start));
            let sums = &mut above[row * (upper - rows.start)..][..row];
            let lower_sums = &mut below[..if lower.is_some() { row } else { 0 }];
            let mut in_registers = epilogue.in_registers(0..rows.end * width);
            for phase in 0..period.min(width) {
                let mut x = phase;
                while x < width {
                    pair.set(
                        |list| kernel.taps(first, upper, x, list),
                        |list| lower.into_iter().for_each(|y| kernel.taps(first, y, x, list)),
                    );
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
                            epilogue: &mut in_registers,
                            places,
                            period,
                        };
                        let sums = [
                            &mut sums[x * channels..],
                            &mut lower_sums[(x * channels).min(row * usize::from(lower.is_some()))..],
                        ];
                        // P pixels of R registers of channels, in two rows: filters are loaded once for all pixels, and
                        // sums need not wait for each other. The register budget is 2 · P · R sums, 2 · R weights (those
                        // of a tap in the upper and in the lower row) and R values of the source.
                        let count = match (end - x).div_ceil(period) {
                            // 14 sums + 2 weights + 1 value = 17 of AVX-512's 32, where AVX2 has 16.
                            7.. if S::F32_LANES == 16 => pixels.sum::<7, 1>(sums),
                            // 12 sums + 2 weights + 1 value = 15 of AVX2's 16.
                            6.. => pixels.sum::<6, 1>(sums),
                            // 8 sums + 2 weights + 1 value = 11.
                            4.. => pixels.sum::<4, 1>(sums),
                            // 8 sums + 4 weights + 2 values = 14.
                            2.. => pixels.sum::<2, 2>(sums),
                            // 8 sums + 4 values + 1 weight = 13: with one pixel, a weight is used once, from memory.
                            _ => pixels.sum::<1, 4>(sums),
                        };
                        moved += count * advance;
                        x += count * period;
                    }
                }
            }
            for (y, sums) in [upper].into_iter().chain(lower).zip([sums, lower_sums]) {
                epilogue.finish_in_cache(y * width..(y + 1) * width, sums);
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
    epilogue: &'a mut RegisterEpilogue<'e>,
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
        assert!(self.places.iter().all(|place| self.epilogue.fits(place + last + 1, channels)));
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
    /// epilogue fits them.
    #[inline(always)]
    unsafe fn registers<const P: usize, const R: usize, const FULL: bool>(
        &mut self,
        sums: [*mut f32; 2],
        channel: usize,
    ) {
        let Self { simd, advance, channels, period, .. } = *self;
        let some = || first_lanes(simd, channels - channel);
        let load = |place: *const f32| {
            // SAFETY: every tap's channels lie in the source and in the weights, as the caller promises, and no lane is
            // read that is no channel. No other places are loaded from below.
            unsafe {
                if FULL {
                    place.cast::<[S::f32s; R]>().read_unaligned()
                } else {
                    [simd.mask_load_ptr_f32s(some(), place); R]
                }
            }
        };
        let mut registers = [[[simd.splat_f32s(0.0); R]; P]; 2];
        let source = self.source.as_ptr().wrapping_add(self.moved + channel);
        let weights = self.weight.as_ptr().wrapping_add(channel);
        // Values that both rows need are loaded once.
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
        // Then those that one of the rows needs alone, as its window begins or ends elsewhere.
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
            let mut finished = *registers;
            let place = Place { row: self.places[row], step: period, channel };
            // SAFETY: the caller's channels lie behind `sums`, the epilogue fits them, and no other lane is written.
            unsafe {
                self.epilogue.apply_to::<S, P, R, FULL>(simd, &mut finished, place);
                for (pixel, sum) in finished.iter().enumerate() {
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
