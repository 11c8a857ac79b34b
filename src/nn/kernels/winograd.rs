//! Winograd convolution (minimal filtering): dense, 3 × 3 and stride 1, a tile of the result at a time, with fewer
//! products.
//!
//! F(m, 3): a row of m results needs m + 2 values and as many products instead of 3·m. Values and filter are taken as
//! polynomials, known by their values at m + 2 points (one of them infinity), and multiplied point by point. Rows of
//! columns make tiles: F(2×2, 3×3) takes 16 products instead of 36, F(4×4, 3×3) 36 instead of 144. The input transform
//! takes tiles to their values at the points, each point is one matrix product over the channels for all tiles of a
//! strip, and the output transform takes the products back to pixels.
//!
//! Source: Winograd, *Arithmetic Complexity of Computations*, 1980; for networks Lavin and Gray, *Fast Algorithms for
//! Convolutional Neural Networks*, CVPR 2016 (arXiv 1509.09308).

use std::{
    f32::consts::{FRAC_1_SQRT_2, SQRT_2},
    marker::PhantomData,
    ops::Range,
};

use pulp::Simd;

use super::{
    epilogue::Epilogue,
    gemm::{NR, Packed, ROW_MULTIPLE, Rows},
    simd::{self, Kernel},
};
use crate::buffer::BufferPool;

/// Values of a strip's patches and products together: 1 MiB.
const STRIP_VALUES: usize = 256 * 1024;

/// Tiles in a strip at least: every strip reads all filters anew, which must be little beside its products.
const LEAST_STRIP: usize = 48;

/// Weights of one point up to which tiles are of 4 × 4: all points of larger ones would not stay in a cache.
const MOST_WEIGHTS: usize = 256 * 256;

/// Values between the points of a strip, so that those of one tile do not compete for one place in the cache.
const APART: usize = 16;

/// The filters of a convolution, as matrices `[in, out]` that are each the filters' values at a point.
#[derive(Debug, Clone)]
pub(crate) struct Winograd {
    form: Form,
    filters: Vec<Packed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// F(2×2, 3×3).
    F2x2,
    /// F(4×4, 3×3).
    F4x4,
}

impl Winograd {
    /// Whether filters of so many channels can be taken: registers are filled with them.
    pub fn fits(inputs: usize, outputs: usize) -> bool {
        inputs.is_multiple_of(NR) && outputs.is_multiple_of(NR)
    }

    /// Takes the weight at one of nine taps, an input and an output from `at`.
    pub fn new(inputs: usize, outputs: usize, at: impl Fn(usize, usize, usize) -> f32) -> Self {
        let form = if inputs * outputs > MOST_WEIGHTS { Form::F2x2 } else { Form::F4x4 };
        let filters = match form {
            Form::F2x2 => filters::<F2x2, 4, 2>(inputs, outputs, at),
            Form::F4x4 => filters::<F4x4, 6, 4>(inputs, outputs, at),
        };
        Self { form, filters }
    }

    /// The weight at one of nine taps, an input and an output, up to rounding.
    pub fn at(&self, tap: usize, input: usize, output: usize) -> f32 {
        let value = |point: usize| f64::from(self.filters[point].at(input, output));
        match self.form {
            Form::F2x2 => tap_of::<F2x2, 4, 2>(tap, value),
            Form::F4x4 => tap_of::<F4x4, 6, 4>(tap, value),
        }
    }

    pub fn inputs(&self) -> usize {
        self.filters[0].depth()
    }

    pub fn outputs(&self) -> usize {
        self.filters[0].columns()
    }

    /// `result ← epilogue(source ∗ filters)`, both `[height, width, channels]`, with a zero around the source; the
    /// epilogue is applied while a strip is in cache.
    pub fn convolve(
        &self,
        source: &[f32],
        size: [usize; 2],
        result: &mut [f32],
        pool: &mut BufferPool,
        epilogue: Epilogue<'_>,
    ) {
        match self.form {
            Form::F2x2 => self.strips::<F2x2, 4, 2>(source, size, result, pool, epilogue),
            Form::F4x4 => self.strips::<F4x4, 6, 4>(source, size, result, pool, epilogue),
        }
    }

    fn strips<F: Transform<T, M>, const T: usize, const M: usize>(
        &self,
        source: &[f32],
        [height, width]: [usize; 2],
        result: &mut [f32],
        pool: &mut BufferPool,
        mut epilogue: Epilogue<'_>,
    ) {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        assert_eq!((source.len(), result.len()), (height * width * inputs, height * width * outputs));
        let across = width.div_ceil(M);
        let tiles = height.div_ceil(M) * across;
        let most = (STRIP_VALUES / (T * T * (inputs + outputs))).max(LEAST_STRIP);
        let strip = tiles.div_ceil(tiles.div_ceil(most).max(1)).next_multiple_of(ROW_MULTIPLE).min(tiles);
        let (patch_step, product_step) = (strip * inputs + APART, strip * outputs + APART);
        let mut zeros = pool.take(inputs);
        zeros.fill(0.0);
        let mut patches = pool.take(T * T * patch_step);
        let mut products = pool.take(T * T * product_step);
        for first in (0..tiles).step_by(strip.max(1)) {
            let tiles = first..tiles.min(first + strip);
            let count = tiles.len();
            let form = PhantomData::<F>;
            simd::run(InputTransform::<'_, F, T, M> {
                form,
                source,
                zeros: &zeros,
                patches: &mut patches,
                step: patch_step,
                tiles: tiles.clone(),
                across,
                height,
                width,
                channels: inputs,
            });
            for (point, filter) in self.filters.iter().enumerate() {
                let values = &patches[point * patch_step..][..count * inputs];
                let product = &mut products[point * product_step..][..count * outputs];
                filter.multiply(product, Rows::whole(values, count, inputs));
            }
            simd::run(OutputTransform::<'_, F, T, M> {
                form,
                products: &products,
                step: product_step,
                result,
                tiles: tiles.clone(),
                across,
                height,
                width,
                channels: outputs,
            });
            // The epilogue: row by row of tiles, as far as the strip goes, and row by row of pixels.
            let mut from = tiles.start;
            while from < tiles.end {
                let to = tiles.end.min((from / across + 1) * across);
                let (left, right) = (from % across * M, width.min(((to - 1) % across + 1) * M));
                let top = from / across * M;
                for y in top..height.min(top + M) {
                    let pixels = y * width + left..y * width + right;
                    let values = &mut result[pixels.start * outputs..pixels.end * outputs];
                    epilogue.apply(pixels, values);
                }
                from = to;
            }
        }
        pool.put(products);
        pool.put(patches);
        pool.put(zeros);
    }
}

/// F(m, 3) with m = `M`: filters of three taps, taken for `M` results at `T = M + 2` points.
trait Transform<const T: usize, const M: usize>: Copy {
    /// A filter → its values at the points.
    const FILTER: [[f64; 3]; T];

    /// Values under `M` neighbouring filters → theirs at the points.
    fn input<S: Simd>(simd: S, values: [S::f32s; T]) -> [S::f32s; T];

    /// Products at the points → `M` results.
    fn output<S: Simd>(simd: S, products: [S::f32s; T]) -> [S::f32s; M];
}

/// F(2, 3), at 0, 1, −1 and infinity.
#[derive(Clone, Copy)]
struct F2x2;

impl Transform<4, 2> for F2x2 {
    const FILTER: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];

    #[inline(always)]
    fn input<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 4] {
        [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
    }

    #[inline(always)]
    fn output<S: Simd>(simd: S, [zero, one, minus_one, infinity]: [S::f32s; 4]) -> [S::f32s; 2] {
        [simd.add_f32s(zero, simd.add_f32s(one, minus_one)), simd.sub_f32s(simd.sub_f32s(one, minus_one), infinity)]
    }
}

/// F(4, 3), at 0, ±√½, ±√2 and infinity: squares are halves and twos, which keeps rounding small.
#[derive(Clone, Copy)]
struct F4x4;

/// 1 / (2p²(p² − q²)) for a pair ±p of points and the other pair ±q.
const NEAR: f64 = -2.0 / 3.0;
const FAR: f64 = 1.0 / 6.0;

impl Transform<6, 4> for F4x4 {
    const FILTER: [[f64; 3]; 6] = {
        use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
        [
            [1.0, 0.0, 0.0],
            [NEAR, NEAR * FRAC_1_SQRT_2, NEAR * 0.5],
            [NEAR, -NEAR * FRAC_1_SQRT_2, NEAR * 0.5],
            [FAR, FAR * SQRT_2, FAR * 2.0],
            [FAR, -FAR * SQRT_2, FAR * 2.0],
            [0.0, 0.0, 1.0],
        ]
    };

    #[inline(always)]
    fn input<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; 6]) -> [S::f32s; 6] {
        let [half, two, both] = [0.5, 2.0, 2.5].map(|value| simd.splat_f32s(value));
        let near_even = simd.mul_add_e_f32s(simd.neg_f32s(two), c, e);
        let near_odd = simd.mul_f32s(simd.splat_f32s(FRAC_1_SQRT_2), simd.mul_add_e_f32s(simd.neg_f32s(two), b, d));
        let far_even = simd.mul_add_e_f32s(simd.neg_f32s(half), c, e);
        let far_odd = simd.mul_f32s(simd.splat_f32s(SQRT_2), simd.mul_add_e_f32s(simd.neg_f32s(half), b, d));
        [
            simd.mul_add_e_f32s(simd.neg_f32s(both), c, simd.add_f32s(a, e)),
            simd.add_f32s(near_even, near_odd),
            simd.sub_f32s(near_even, near_odd),
            simd.add_f32s(far_even, far_odd),
            simd.sub_f32s(far_even, far_odd),
            simd.mul_add_e_f32s(simd.neg_f32s(both), d, simd.add_f32s(b, f)),
        ]
    }

    #[inline(always)]
    fn output<S: Simd>(simd: S, products: [S::f32s; 6]) -> [S::f32s; 4] {
        let [zero, near, minus_near, far, minus_far, infinity] = products;
        let (near_even, near_odd) = (simd.add_f32s(near, minus_near), simd.sub_f32s(near, minus_near));
        let (far_even, far_odd) = (simd.add_f32s(far, minus_far), simd.sub_f32s(far, minus_far));
        let near_odd = simd.mul_f32s(simd.splat_f32s(FRAC_1_SQRT_2), near_odd);
        let far_odd = simd.mul_f32s(simd.splat_f32s(SQRT_2), far_odd);
        let [half, two] = [0.5, 2.0].map(|value| simd.splat_f32s(value));
        [
            simd.add_f32s(zero, simd.add_f32s(near_even, far_even)),
            simd.add_f32s(near_odd, far_odd),
            simd.mul_add_e_f32s(half, near_even, simd.mul_f32s(two, far_even)),
            simd.mul_add_e_f32s(half, near_odd, simd.mul_add_e_f32s(two, far_odd, infinity)),
        ]
    }
}

fn filters<F: Transform<T, M>, const T: usize, const M: usize>(
    inputs: usize,
    outputs: usize,
    at: impl Fn(usize, usize, usize) -> f32,
) -> Vec<Packed> {
    (0..T * T)
        .map(|point| {
            let (down, across) = (F::FILTER[point / T], F::FILTER[point % T]);
            Packed::new(inputs, outputs, |input, output| {
                let tap = |index: usize| down[index / 3] * across[index % 3] * f64::from(at(index, input, output));
                (0..9).map(tap).sum::<f64>() as f32
            })
        })
        .collect()
}

/// A tap of a filter, from its values at the points: the first and the last tap are those at 0 and at infinity, and the
/// one between them is half the difference of what it adds at a point and at its opposite.
fn tap_of<F: Transform<T, M>, const T: usize, const M: usize>(tap: usize, value: impl Fn(usize) -> f64) -> f32 {
    let along = |tap: usize, value: &dyn Fn(usize) -> f64| match tap {
        0 => value(0),
        1 => (value(1) - value(2)) / (2.0 * F::FILTER[1][1]),
        _ => value(T - 1),
    };
    along(tap / 3, &|row| along(tap % 3, &|column| value(row * T + column))) as f32
}

/// Tiles of the source → their values at the points.
struct InputTransform<'a, F, const T: usize, const M: usize> {
    form: PhantomData<F>,
    source: &'a [f32],
    /// What a pixel beside the source is.
    zeros: &'a [f32],
    /// `[T × T, tiles, channels]`.
    patches: &'a mut [f32],
    /// From one point to the next.
    step: usize,
    tiles: Range<usize>,
    across: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl<F: Transform<T, M>, const T: usize, const M: usize> Kernel for InputTransform<'_, F, T, M> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { source, zeros, patches, step, channels, .. } = self;
        assert!(channels.is_multiple_of(S::F32_LANES) && zeros.len() >= channels);
        assert!(patches.len() >= (T * T - 1) * step + self.tiles.len() * channels);
        for (place, tile) in self.tiles.enumerate() {
            let mut pixels = [[zeros; T]; T];
            for (down, row) in pixels.iter_mut().enumerate() {
                let y = (tile / self.across * M + down).wrapping_sub(1);
                for (across, pixel) in row.iter_mut().enumerate() {
                    let x = (tile % self.across * M + across).wrapping_sub(1);
                    if y < self.height && x < self.width {
                        *pixel = &source[(y * self.width + x) * channels..][..channels];
                    }
                }
            }
            for channel in (0..channels).step_by(S::F32_LANES) {
                let mut values = [[simd.splat_f32s(0.0); T]; T];
                for across in 0..T {
                    let mut column = [simd.splat_f32s(0.0); T];
                    for (value, row) in column.iter_mut().zip(&pixels) {
                        // SAFETY: every pixel is `channels` values, a multiple of the lanes, and `channel` is below.
                        *value = unsafe { row[across].as_ptr().add(channel).cast::<S::f32s>().read_unaligned() };
                    }
                    // A tile is transformed column by column, then row by row.
                    for (row, value) in values.iter_mut().zip(F::input(simd, column)) {
                        row[across] = value;
                    }
                }
                for (down, row) in values.into_iter().enumerate() {
                    for (across, value) in F::input(simd, row).into_iter().enumerate() {
                        let at = (down * T + across) * step + place * channels + channel;
                        // SAFETY: the patches are long enough for all points, as asserted.
                        unsafe { patches.as_mut_ptr().add(at).cast::<S::f32s>().write_unaligned(value) };
                    }
                }
            }
        }
    }
}

/// Products of tiles at the points → pixels of the result.
struct OutputTransform<'a, F, const T: usize, const M: usize> {
    form: PhantomData<F>,
    /// `[T × T, tiles, channels]`.
    products: &'a [f32],
    /// From one point to the next.
    step: usize,
    result: &'a mut [f32],
    tiles: Range<usize>,
    across: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl<F: Transform<T, M>, const T: usize, const M: usize> Kernel for OutputTransform<'_, F, T, M> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { products, step, result, channels, height, width, .. } = self;
        assert!(channels.is_multiple_of(S::F32_LANES) && result.len() >= height * width * channels);
        assert!(products.len() >= (T * T - 1) * step + self.tiles.len() * channels);
        for (place, tile) in self.tiles.enumerate() {
            let (top, left) = (tile / self.across * M, tile % self.across * M);
            for channel in (0..channels).step_by(S::F32_LANES) {
                let mut values = [[simd.splat_f32s(0.0); T]; M];
                for across in 0..T {
                    let mut column = [simd.splat_f32s(0.0); T];
                    for (down, value) in column.iter_mut().enumerate() {
                        let at = (down * T + across) * step + place * channels + channel;
                        // SAFETY: the products are long enough for all points, as asserted.
                        *value = unsafe { products.as_ptr().add(at).cast::<S::f32s>().read_unaligned() };
                    }
                    for (row, value) in values.iter_mut().zip(F::output(simd, column)) {
                        row[across] = value;
                    }
                }
                for (down, row) in values.into_iter().enumerate() {
                    for (across, value) in F::output(simd, row).into_iter().enumerate() {
                        let (y, x) = (top + down, left + across);
                        if y < height && x < width {
                            let at = (y * width + x) * channels + channel;
                            // SAFETY: a pixel of the result, which has `height × width` of them.
                            unsafe { result.as_mut_ptr().add(at).cast::<S::f32s>().write_unaligned(value) };
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, without_simd};

    fn values(len: usize, step: f32) -> Vec<f32> {
        (0..len).map(|index| (index as f32 * step).sin()).collect()
    }

    /// The convolution as it is written down, in double precision.
    fn sums(source: &[f32], [height, width]: [usize; 2], inputs: usize, rows: &[f32], outputs: usize) -> Vec<f64> {
        let mut sums = vec![0.0; height * width * outputs];
        for (index, sum) in sums.iter_mut().enumerate() {
            let (pixel, output) = (index / outputs, index % outputs);
            for tap in 0..9 {
                let (y, x) = (pixel / width + tap / 3, pixel % width + tap % 3);
                if y == 0 || x == 0 || y > height || x > width {
                    continue;
                }
                for input in 0..inputs {
                    let value = source[((y - 1) * width + x - 1) * inputs + input];
                    *sum += f64::from(value) * f64::from(rows[(tap * inputs + input) * outputs + output]);
                }
            }
        }
        sums
    }

    #[test]
    fn both_forms_convolve_maps_of_any_size() {
        for (form, inputs, outputs, size) in [
            (Form::F4x4, 16, 32, [5, 7]),
            (Form::F2x2, 16, 32, [5, 7]),
            (Form::F4x4, 32, 16, [1, 1]),
            (Form::F2x2, 32, 16, [2, 1]),
            (Form::F4x4, 16, 16, [33, 30]),
            (Form::F2x2, 16, 16, [17, 24]),
        ] {
            let source = values(size[0] * size[1] * inputs, 0.37);
            let rows = values(9 * inputs * outputs, 0.11);
            let at = |tap: usize, input: usize, output: usize| rows[(tap * inputs + input) * outputs + output];
            let filters = match form {
                Form::F2x2 => filters::<F2x2, 4, 2>(inputs, outputs, at),
                Form::F4x4 => filters::<F4x4, 6, 4>(inputs, outputs, at),
            };
            let winograd = Winograd { form, filters };

            let expected = sums(&source, size, inputs, &rows, outputs);
            let convolve = || {
                let mut result = vec![f32::NAN; expected.len()];
                // Every value is finished once.
                let ones = vec![1.0; outputs];
                let epilogue = Epilogue::forward(Activation::None, &ones, None);
                winograd.convolve(&source, size, &mut result, &mut BufferPool::default(), epilogue);
                result.into_iter().map(|value| value - 1.0).collect::<Vec<_>>()
            };
            let norm = expected.iter().map(|v| v * v).sum::<f64>().sqrt();
            for result in [convolve(), without_simd(convolve)] {
                let difference: f64 = result.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).powi(2)).sum();
                assert!(difference.sqrt() < 1e-5 * norm, "{form:?} {size:?}: {}", difference.sqrt() / norm);
            }
        }
    }
}
