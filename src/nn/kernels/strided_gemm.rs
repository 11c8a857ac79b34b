//! Products of matrices that lie in memory with gaps: one head's part of many tokens.

use gemm::Parallelism;

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
    assert_eq!((shape.rows, shape.columns, depth), (left.shape.rows, right.shape.columns, right.shape.rows));
    for (span, len) in [
        (shape.span(), result.values.len()),
        (left.shape.span(), left.values.len()),
        (right.shape.span(), right.values.len()),
    ] {
        assert!(span <= len, "the matrix lies within its values");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
