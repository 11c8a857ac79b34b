//! Matrix products (GEMM) with weights that were packed in the kernel's order once, when the network was loaded.
//!
//! `product += left · weights`: the product is cut into tiles of MR rows and NR columns (the names are those of BLIS and
//! of Goto and van de Geijn, *Anatomy of High-Performance Matrix Multiplication*, 2008), whose sums stay in registers
//! from the first term to the last, or for KC terms. One thread each: the threads are busy with a sample of their own.

use std::ops::Range;

use pulp::Simd;

use super::{
    epilogue::{Place, RegisterEpilogue, first_lanes},
    simd::{self, Kernel},
};
use crate::buffer::Buffer;

/// Columns of a panel of weights, NR: one register of the widest vector units, and few enough for the others.
pub(crate) const NR: usize = 16;

/// A number of rows that every vector unit's MR divides, or nearly: strips of other lengths end in small tiles.
pub(crate) const ROW_MULTIPLE: usize = 12;

/// Rows of the weights that are worked on together, KC at most: with a panel's columns they are 20 KiB, and stay in a
/// core's first-level cache for all rows of a strip.
const KC: usize = 320;

/// A matrix of weights, `[depth, columns]`, in panels of [`NR`] columns, row after row; zeros fill the last one.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    values: Buffer,
    depth: usize,
    columns: usize,
}

/// The left matrix: rows to multiply with weights. Each may be in several equal segments, as a window's pixels are in
/// several lines of a map: a product of such rows needs no im2col.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub values: &'a [f32],
    pub count: usize,
    /// Values from one row to the next.
    pub row_stride: usize,
    /// Of each row.
    pub segments: usize,
    /// Values from one segment to the next.
    pub segment_stride: usize,
}

impl<'a> Rows<'a> {
    /// Rows that are in one segment each.
    pub fn whole(values: &'a [f32], count: usize, row_stride: usize) -> Self {
        Self { values, count, row_stride, segments: 1, segment_stride: 0 }
    }

    /// A single one.
    pub fn one(values: &'a [f32]) -> Self {
        Self::whole(values, 1, values.len())
    }
}

impl Packed {
    /// Takes the weight at a row and a column from `at`.
    pub fn new(depth: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let mut values = Buffer::default();
        values.set_len(columns.div_ceil(NR) * NR * depth);
        for (index, panel) in values.chunks_exact_mut((NR * depth).max(1)).enumerate() {
            let first = index * NR;
            for (row, weights) in panel.chunks_exact_mut(NR).enumerate() {
                for (column, weight) in (first..columns).zip(weights) {
                    *weight = at(row, column);
                }
            }
        }
        Self { values, depth, columns }
    }

    /// None yet: for [`Packed::pack`].
    pub const fn empty() -> Self {
        Self { values: Buffer::empty(), depth: 0, columns: 0 }
    }

    /// Takes other weights, from a matrix whose neighbours in a column and in a row lie so many values apart.
    pub fn pack(&mut self, [depth, columns]: [usize; 2], values: &[f32], [row, column]: [usize; 2]) {
        self.values.set_len(columns.div_ceil(NR) * NR * depth);
        (self.depth, self.columns) = (depth, columns);
        for (index, panel) in self.values.chunks_exact_mut((NR * depth).max(1)).enumerate() {
            let first = index * NR;
            let count = NR.min(columns - first);
            if count < NR {
                panel.fill(0.0);
            }
            if column == 1 {
                for (index, weights) in panel.chunks_exact_mut(NR).enumerate() {
                    let values = &values[index * row + first..];
                    // The length of most is known to the compiler.
                    if count == NR {
                        weights.copy_from_slice(&values[..NR]);
                    } else {
                        weights[..count].copy_from_slice(&values[..count]);
                    }
                }
            } else {
                for along in 0..count {
                    let values = values[(first + along) * column..].iter().step_by(row.max(1));
                    for (weights, value) in panel.chunks_exact_mut(NR).zip(values) {
                        weights[along] = *value;
                    }
                }
            }
        }
    }

    /// The weight at a row and a column.
    pub fn at(&self, row: usize, column: usize) -> f32 {
        self.values[(column / NR * self.depth + row) * NR + column % NR]
    }

    /// Length of the rows it takes.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Length of the rows it gives.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The rows in equal parts that are each worked on together.
    pub fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let depth = self.depth;
        let block = depth.div_ceil(depth.div_ceil(KC).max(1)).max(1);
        (0..depth).step_by(block).map(move |from| from..depth.min(from + block))
    }

    /// `product ← left · weights`, row after row.
    pub fn multiply(&self, product: &mut [f32], left: Rows<'_>) {
        for block in self.blocks() {
            let values = &left.values[block.start..];
            self.multiply_block(product, Rows { values, ..left }, block, RegisterEpilogue::Nothing);
        }
    }

    /// `product ← scale · left · weights`, in rows that lie `stride` values apart: what lies between stays.
    pub fn multiply_apart(&self, product: &mut [f32], stride: usize, left: Rows<'_>, scale: f32) {
        self.multiply_rows(product, stride, left, 0..self.depth, RegisterEpilogue::Times(scale));
    }

    /// As [`Packed::multiply`], with one of [`Packed::blocks`] alone: the first one sets the product, the others are
    /// added, and the last one brings the sums to their epilogue. `left` has the values that meet the block's rows.
    pub fn multiply_block(
        &self,
        product: &mut [f32],
        left: Rows<'_>,
        block: Range<usize>,
        epilogue: RegisterEpilogue<'_>,
    ) {
        self.multiply_rows(product, self.columns, left, block, epilogue);
    }

    /// The same, in rows that lie `stride` values apart.
    fn multiply_rows(
        &self,
        product: &mut [f32],
        stride: usize,
        left: Rows<'_>,
        block: Range<usize>,
        epilogue: RegisterEpilogue<'_>,
    ) {
        // What follows works with pointers: every length that it relies on is checked here.
        assert_eq!(self.values.len(), self.columns.div_ceil(NR) * NR * self.depth, "the panels are all there");
        assert!(block.start <= block.end && block.end <= self.depth, "the block is one of the weights'");
        let end = left.count.checked_sub(1).map_or(0, |last| last * stride + self.columns);
        assert!(stride >= self.columns && end <= product.len(), "the product fits");
        let len = block.len();
        assert!(left.segments > 0 && len.is_multiple_of(left.segments), "the segments are equal");
        let row = (left.segments - 1) * left.segment_stride + len / left.segments;
        let end = left.count.checked_sub(1).map_or(0, |last| last * left.row_stride + row);
        assert!(end <= left.values.len(), "the rows lie in their slice");
        let epilogue = &mut if block.end == self.depth { epilogue } else { RegisterEpilogue::Nothing };
        assert!(epilogue.fits(left.count, self.columns), "the epilogue is for these sums");
        let from = block.start;
        let whole = self.columns / NR * NR;
        if (1..=NR / 2).contains(&(self.columns - whole)) {
            // What is left is no more than half a register of the widest unit: half of its work would be for nothing.
            simd::run(Multiply { packed: self, product, stride, left, from, len, epilogue, columns: 0..whole });
            simd::run_narrow(Multiply {
                packed: self,
                product,
                stride,
                left,
                from,
                len,
                epilogue,
                columns: whole..self.columns,
            });
        } else {
            simd::run(Multiply { packed: self, product, stride, left, from, len, epilogue, columns: 0..self.columns });
        }
    }
}

struct Multiply<'a, 'e> {
    packed: &'a Packed,
    product: &'a mut [f32],
    /// Values from one row of the product to the next.
    stride: usize,
    left: Rows<'a>,
    from: usize,
    len: usize,
    epilogue: &'a mut RegisterEpilogue<'e>,
    /// Those that are computed; they begin with a panel.
    columns: Range<usize>,
}

impl Kernel for Multiply<'_, '_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { packed, product, stride, left, from, len, epilogue, columns } = self;
        // Two panels fill enough registers of the widest unit that its products need not wait for their factors.
        let together = if S::F32_LANES == NR { 2 } else { 1 };
        for index in (columns.start / NR..columns.end.div_ceil(NR)).step_by(together) {
            let column = index * NR;
            let beside = index + together;
            // Behind the last panels the next block's rows come, and behind the last block the next strip's.
            let next = if beside * NR < columns.end {
                beside * packed.depth + from
            } else {
                (from + len) % packed.depth.max(1)
            };
            let mut tiles = Tiles {
                simd,
                segments: left.segments,
                segment: len / left.segments,
                segment_stride: left.segment_stride,
                left: left.values.as_ptr(),
                left_stride: left.row_stride,
                // SAFETY: `from` + `len` rows at most, so this lies in panel `index`, or at its end if `len` is 0.
                panel: unsafe { packed.values.as_ptr().add((index * packed.depth + from) * NR) },
                panel_stride: packed.depth * NR,
                next: packed.values.as_ptr().wrapping_add(next * NR),
                ahead: packed.values.as_ptr(),
                // SAFETY: the product has that column; without rows it is not touched.
                product: unsafe { product.as_mut_ptr().add(if left.count == 0 { 0 } else { column }) },
                product_stride: stride,
                columns: (together * NR).min(columns.end - column),
                add: from > 0,
                epilogue: &mut *epilogue,
                place: Place { row: 0, step: 1, channel: column },
            };
            let registers = tiles.columns.div_ceil(S::F32_LANES);
            // The register budget of a tile: a sum for each of its MR rows and registers of columns, the weights of a term,
            // and one factor from the left. Latency is hidden if there are at least as many sums as multiply-adds under
            // way in a core: two units of four cycles make eight.
            //
            // SAFETY: `multiply_block` has checked that the rows of the block, of the left matrix and of the product
            // lie in their slices; a tile reads whole panels, which are as long as their zeros make them, and writes
            // `columns` columns.
            unsafe {
                match (S::F32_LANES, registers) {
                    // 14 sums + 1 weight + 1 factor = 16 of AVX-512's 32: as high as with two panels, so that strips suit both.
                    (16, 1) => tiles.rows::<14, 1>(left.count),
                    // 28 sums + 2 weights + 1 factor = 31 of 32.
                    (16, _) => tiles.rows::<14, 2>(left.count),
                    // 8 sums + 1 weight + 1 factor = 10 of AVX2's 16: just enough sums.
                    (8, 1) => tiles.rows::<8, 1>(left.count),
                    // 12 sums + 2 weights + 1 factor = 15 of 16.
                    (8, _) => tiles.rows::<6, 2>(left.count),
                    // 24 sums + 4 weights + 1 factor = 29 of NEON's 32.
                    (4, _) => tiles.rows::<6, 4>(left.count),
                    // Without a vector unit a register is one number: a row of a panel.
                    _ => tiles.rows::<1, NR>(left.count),
                }
            }
        }
    }
}

/// Neighbouring columns of the product, as many as are worked on together.
struct Tiles<'a, 'e, S> {
    simd: S,
    /// Of a row, and how many terms each has.
    segments: usize,
    segment: usize,
    /// Values from one segment to the next.
    segment_stride: usize,
    left: *const f32,
    left_stride: usize,
    panel: *const f32,
    /// Values from one panel to the next.
    panel_stride: usize,
    /// The first panel of the weights that come next.
    next: *const f32,
    /// What is fetched of them during a tile.
    ahead: *const f32,
    product: *mut f32,
    product_stride: usize,
    columns: usize,
    add: bool,
    epilogue: &'a mut RegisterEpilogue<'e>,
    /// Of the next tile in the product.
    place: Place,
}

impl<S: Simd> Tiles<'_, '_, S> {
    /// `count` rows, in as few tiles of `ROWS` rows as it takes, all about as high; a panel is `REGISTERS` of the
    /// vector unit, or their part of a unit with one lane.
    ///
    /// # Safety
    /// `count` rows lie behind `left` with all their segments, a row of `NR` behind `panel` for each of their terms, and
    /// `count` rows of `columns` behind `product`, which nothing else uses; the epilogue fits them.
    #[inline(always)]
    unsafe fn rows<const ROWS: usize, const REGISTERS: usize>(&mut self, count: usize) {
        let tiles = count.div_ceil(ROWS);
        // Equal heights, as a tile of few rows has too few sums to hide the latency of its additions. Each height is a
        // kernel of its own, so that the loops over it are unrolled.
        for index in 0..tiles {
            let height = count / tiles + usize::from(index < count % tiles);
            // The first tiles fetch a panel each, so that none of them waits for memory.
            let fetches = index < self.columns.div_ceil(NR);
            self.ahead = if fetches { self.next.wrapping_add(index * self.panel_stride) } else { self.panel };
            // SAFETY: as many rows as the caller promises are worked off.
            unsafe {
                match height {
                    1 => self.tile::<1, REGISTERS>(),
                    2 if ROWS >= 2 => self.tile::<2, REGISTERS>(),
                    3 if ROWS >= 3 => self.tile::<3, REGISTERS>(),
                    4 if ROWS >= 4 => self.tile::<4, REGISTERS>(),
                    5 if ROWS >= 5 => self.tile::<5, REGISTERS>(),
                    6 if ROWS >= 6 => self.tile::<6, REGISTERS>(),
                    7 if ROWS >= 7 => self.tile::<7, REGISTERS>(),
                    8 if ROWS >= 8 => self.tile::<8, REGISTERS>(),
                    9 if ROWS >= 9 => self.tile::<9, REGISTERS>(),
                    10 if ROWS >= 10 => self.tile::<10, REGISTERS>(),
                    11 if ROWS >= 11 => self.tile::<11, REGISTERS>(),
                    12 if ROWS >= 12 => self.tile::<12, REGISTERS>(),
                    13 if ROWS >= 13 => self.tile::<13, REGISTERS>(),
                    _ => self.tile::<ROWS, REGISTERS>(),
                }
            }
        }
    }

    /// The next `ROWS` rows.
    ///
    /// # Safety
    /// As for [`Tiles::rows`].
    #[inline(always)]
    unsafe fn tile<const ROWS: usize, const REGISTERS: usize>(&mut self) {
        // SAFETY: as the caller promises.
        unsafe {
            if self.columns == REGISTERS * S::F32_LANES {
                self.sum::<ROWS, REGISTERS, true>();
            } else {
                self.sum::<ROWS, REGISTERS, false>();
            }
        }
        self.left = self.left.wrapping_add(ROWS * self.left_stride);
        self.product = self.product.wrapping_add(ROWS * self.product_stride);
        self.place.row += ROWS;
    }

    /// Sets or adds the sums of a tile, `ROWS` rows of `REGISTERS` registers, of which the columns fill all if `FULL`.
    ///
    /// # Safety
    /// As for [`Tiles::rows`].
    #[inline(always)]
    unsafe fn sum<const ROWS: usize, const REGISTERS: usize, const FULL: bool>(&mut self) {
        let Self {
            simd,
            segments,
            segment,
            segment_stride,
            left,
            left_stride,
            panel,
            panel_stride,
            ahead,
            product,
            product_stride,
            columns,
            add,
            ..
        } = *self;
        let weights_at = |term: usize, register: usize| {
            let column = register * S::F32_LANES;
            panel.wrapping_add(column / NR * panel_stride + term * NR + column % NR).cast::<S::f32s>()
        };
        let at = |row: usize, register: usize| product.wrapping_add(row * product_stride + register * S::F32_LANES);
        let full = |register: usize| FULL || (register + 1) * S::F32_LANES <= columns;
        let filled = |register: usize| first_lanes(simd, columns.saturating_sub(register * S::F32_LANES));
        let mut sums = [[simd.splat_f32s(0.0); REGISTERS]; ROWS];
        // SAFETY: the columns lie behind `product`, and no others are touched; every term lies in a segment of its row.
        unsafe {
            // Terms of an earlier block.
            if add {
                for (row, sums) in sums.iter_mut().enumerate() {
                    for (register, sum) in sums.iter_mut().enumerate() {
                        *sum = if full(register) {
                            at(row, register).cast::<S::f32s>().read_unaligned()
                        } else {
                            simd.mask_load_ptr_f32s(filled(register), at(row, register))
                        };
                    }
                }
            }
            // The loop that all of this is for: REGISTERS loads of weights and ROWS of factors, each spread over a register,
            // for REGISTERS · ROWS multiply-adds.
            let mut term = 0;
            for index in 0..segments {
                let left = left.add(index * segment_stride);
                for along in 0..segment {
                    simd::fetch(ahead.wrapping_add(term * NR));
                    let mut weights = [simd.splat_f32s(0.0); REGISTERS];
                    for (register, weights) in weights.iter_mut().enumerate() {
                        *weights = weights_at(term, register).read_unaligned();
                    }
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let value = simd.splat_f32s(*left.add(row * left_stride + along));
                        for (sum, weights) in sums.iter_mut().zip(weights) {
                            *sum = simd.mul_add_e_f32s(value, weights, *sum);
                        }
                    }
                    term += 1;
                }
            }
            // Copied, because what is lent does not stay in registers: the sums must, for all terms.
            let mut finished = sums;
            self.epilogue.apply_to::<S, ROWS, REGISTERS, FULL>(simd, &mut finished, self.place);
            for (row, sums) in finished.iter().enumerate() {
                for (register, sum) in sums.iter().enumerate() {
                    if full(register) {
                        at(row, register).cast::<S::f32s>().write_unaligned(*sum);
                    } else {
                        simd.mask_store_ptr_f32s(filled(register), at(row, register), *sum);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::without_simd;

    fn values(len: usize, step: f32) -> Vec<f32> {
        (0..len).map(|index| (index as f32 * step).sin()).collect()
    }

    /// Pointers behind a matrix whose values are not there would lead anywhere.
    #[test]
    #[should_panic(expected = "the panels are all there")]
    fn a_matrix_without_its_values_is_never_multiplied_with() {
        let packed = Packed { values: Buffer::default(), depth: 3, columns: 5 };
        packed.multiply(&mut [0.0; 10], Rows::whole(&[1.0; 6], 2, 3));
    }

    #[test]
    fn products_agree_with_three_loops() {
        for (rows, depth, columns, apart) in
            [(5, 7, 3, 0), (1, 700, 40, 2), (29, 33, 16, 1), (13, 641, 24, 0), (6, 320, 8, 3), (0, 4, 5, 0)]
        {
            let stride = depth + apart;
            let left = values(rows * stride, 0.37);
            let right = values(depth * columns, 0.11);
            let packed = Packed::new(depth, columns, |row, column| right[row * columns + column]);
            let mut vector = vec![f32::NAN; rows * columns];
            let mut plain = vector.clone();
            let rows_of_left = Rows::whole(&left, rows, stride);
            packed.multiply(&mut vector, rows_of_left);
            without_simd(|| packed.multiply(&mut plain, rows_of_left));
            for index in 0..rows * columns {
                let (row, column) = (index / columns, index % columns);
                let term = |k: usize| f64::from(left[row * stride + k]) * f64::from(right[k * columns + column]);
                let expected: f64 = (0..depth).map(term).sum();
                for product in [&vector, &plain] {
                    assert!((f64::from(product[index]) - expected).abs() < 1e-5 * (depth as f64).sqrt());
                }
            }
        }
    }
}
