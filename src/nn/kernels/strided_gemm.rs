//! Products of matrices that lie in memory with gaps: one head's part of many tokens.

use std::cell::RefCell;

use gemm::Parallelism;

use super::gemm::{Packed, Rows};

thread_local! {
    /// The right matrix of the product that this thread is at.
    static RIGHT: RefCell<Packed> = const { RefCell::new(Packed::empty()) };
}

/// Numbers that are multiplied and added up to a sum of a [product of our own](multiply_own).
const OWN_DEPTHS: std::ops::RangeInclusive<usize> = 3..=512;

/// Values of a product of our own at least.
const LEAST_OWN: usize = 257;

/// A matrix whose neighbours in a row, and in a column, are a fixed number of values apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strided<'a> {
    values: &'a [f32],
    shape: Shape,
}

/// The same, to be written to.
#[derive(Debug)]
pub(crate) struct StridedMut<'a> {
    values: &'a mut [f32],
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    rows: usize,
    columns: usize,
    /// Values from one row to the next.
    row: usize,
    /// Values from one column to the next.
    column: usize,
}

impl Shape {
    /// `len` values in rows of `columns`.
    fn of(len: usize, columns: usize) -> Self {
        Self { rows: len / columns.max(1), columns, row: columns, column: 1 }
    }

    /// Values from the first to the last, both included.
    fn span(self) -> usize {
        if self.rows == 0 || self.columns == 0 {
            return 0;
        }
        (self.rows - 1) * self.row + (self.columns - 1) * self.column + 1
    }
}

impl<'a> Strided<'a> {
    /// Rows and columns that lie so many values apart, from the first value on.
    pub fn new(values: &'a [f32], [rows, columns]: [usize; 2], [row, column]: [usize; 2]) -> Self {
        Self { values, shape: Shape { rows, columns, row, column } }
    }

    /// All of `values`, in rows of `columns`.
    pub fn rows(values: &'a [f32], columns: usize) -> Self {
        Self { values, shape: Shape::of(values.len(), columns) }
    }

    /// `count` columns from `first` on, of rows `width` values long.
    pub fn columns(values: &'a [f32], width: usize, first: usize, count: usize) -> Self {
        let shape = Shape { columns: count, ..Shape::of(values.len(), width) };
        Self { values: &values[first..], shape }
    }

    /// Rows for columns.
    pub fn transposed(self) -> Self {
        let Shape { rows, columns, row, column } = self.shape;
        Self { shape: Shape { rows: columns, columns: rows, row: column, column: row }, ..self }
    }
}

impl<'a> StridedMut<'a> {
    /// Rows that lie `row` values apart, from the first value on; they do not overlap.
    pub fn new(values: &'a mut [f32], [rows, columns]: [usize; 2], row: usize) -> Self {
        assert!(rows <= 1 || row >= columns, "the rows do not overlap");
        Self { values, shape: Shape { rows, columns, row, column: 1 } }
    }

    /// All of `values`, in rows of `columns`.
    pub fn rows(values: &'a mut [f32], columns: usize) -> Self {
        let shape = Shape::of(values.len(), columns);
        Self { values, shape }
    }

    /// `count` columns from `first` on, of rows `width` values long.
    pub fn columns(values: &'a mut [f32], width: usize, first: usize, count: usize) -> Self {
        let shape = Shape { columns: count, ..Shape::of(values.len(), width) };
        Self { values: &mut values[first..], shape }
    }
}

/// `result ← scale · left · right`, on this thread.
pub(crate) fn multiply(result: &mut StridedMut<'_>, left: Strided<'_>, right: Strided<'_>, scale: f32) {
    let (shape, depth) = (result.shape, left.shape.columns);
    if OWN_DEPTHS.contains(&depth) && shape.rows > 1 && shape.columns > 1 && shape.rows * shape.columns >= LEAST_OWN {
        return multiply_own(result, left, right, scale);
    }
    multiply_by_gemm(result, left, right, scale);
}

/// Stops the thread if the shapes do not meet, or a matrix does not lie within its values.
fn check(result: &StridedMut<'_>, left: Strided<'_>, right: Strided<'_>) {
    let (shape, depth) = (result.shape, left.shape.columns);
    assert_eq!((shape.rows, shape.columns, depth), (left.shape.rows, right.shape.columns, right.shape.rows));
    for (span, len) in [
        (shape.span(), result.values.len()),
        (left.shape.span(), left.values.len()),
        (right.shape.span(), right.values.len()),
    ] {
        assert!(span <= len, "the matrix lies within its values");
    }
}

/// The same by gemm.
fn multiply_by_gemm(result: &mut StridedMut<'_>, left: Strided<'_>, right: Strided<'_>, scale: f32) {
    check(result, left, right);
    let (shape, depth) = (result.shape, left.shape.columns);
    // SAFETY: every row and column that the shapes name lies within its slice, as was just checked, the result's slice
    // is borrowed for writing and so overlaps no other, and its rows do not overlap, as its constructors see to.
    unsafe {
        gemm::gemm(
            shape.rows,
            shape.columns,
            depth,
            result.values.as_mut_ptr(),
            shape.column as isize,
            shape.row as isize,
            false,
            left.values.as_ptr(),
            left.shape.column as isize,
            left.shape.row as isize,
            right.values.as_ptr(),
            right.shape.column as isize,
            right.shape.row as isize,
            0.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// The same by our kernels for packed weights, which are quicker where a head is small. Where it is called each sum is
/// the same to the last bit: gemm, too, adds up the products there one after the other, fused, and scales the sum then.
fn multiply_own(result: &mut StridedMut<'_>, left: Strided<'_>, right: Strided<'_>, scale: f32) {
    check(result, left, right);
    let Shape { rows: count, columns: depth, row: row_stride, column } = left.shape;
    // Values of a row that do not lie together are a segment each.
    let (segments, segment_stride) = if column == 1 { (1, 0) } else { (depth, column) };
    let rows = Rows { values: left.values, count, row_stride, segments, segment_stride };
    RIGHT.with_borrow_mut(|packed| {
        packed.pack([depth, right.shape.columns], right.values, [right.shape.row, right.shape.column]);
        packed.multiply_apart(result.values, result.shape.row, rows, scale);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Old runs are to be found again to the last bit, and they were computed by gemm.
    #[test]
    fn our_own_products_are_gemms_to_the_last_bit() {
        let values = |len: usize, step: f32| -> Vec<f32> { (0..len).map(|at| (at as f32 * step).sin()).collect() };
        for [rows, depth, columns] in
            [[49, 32, 49], [197, 64, 197], [50, 197, 64], [17, 3, 19], [33, 512, 8], [2, 5, 200]]
        {
            let apart = 7;
            let left = values((rows + apart) * (depth + apart), 0.37);
            let right = values((depth + apart) * (columns + apart), 0.11);
            for turned in 0..4 {
                let of = |values, [rows, columns]: [usize; 2], is_turned| {
                    let strides = if is_turned { [1, rows + apart] } else { [columns + apart, 1] };
                    Strided::new(values, [rows, columns], strides)
                };
                let left = of(&left, [rows, depth], turned & 1 > 0);
                let right = of(&right, [depth, columns], turned & 2 > 0);
                let stride = columns + 3;
                let mut results = [vec![f32::NAN; rows * stride], vec![f32::NAN; rows * stride]];
                let [own, other] = results.each_mut().map(|all| StridedMut::new(all, [rows, columns], stride));
                let (mut own, mut other) = (own, other);
                multiply_own(&mut own, left, right, 0.3);
                multiply_by_gemm(&mut other, left, right, 0.3);
                let [own, other] =
                    results.each_ref().map(|all| all.iter().map(|value| value.to_bits()).collect::<Vec<_>>());
                assert!(own == other, "{rows} × {depth} × {columns}, {turned}");
            }
        }
    }

    #[test]
    fn a_product_of_columns_leaves_those_beside_them_alone() {
        let left = [1.0, 2.0, 9.0, 3.0, 4.0, 9.0];
        let right = [5.0, 6.0, 7.0, 8.0];
        let mut result = [0.0; 6];
        let columns = Strided::columns(&left, 3, 0, 2);
        let transposed = Strided::rows(&right, 2).transposed();
        multiply(&mut StridedMut::columns(&mut result, 3, 1, 2), columns, transposed, 2.0);
        assert_eq!(result, [0.0, 34.0, 46.0, 0.0, 78.0, 106.0]);
    }
}
