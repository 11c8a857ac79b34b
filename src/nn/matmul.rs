//! Matrix products, one thread each: the threads are busy with a sample of their own.

use gemm::Parallelism;

/// A matrix in a slice, with the distance between its rows and between its columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Row after row.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { values, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The same values, rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn last_index(&self) -> usize {
        (self.rows.max(1) - 1) * self.row_stride + (self.columns.max(1) - 1) * self.column_stride
    }
}

/// `product = left · right`, row after row.
pub(crate) fn matmul(product: &mut [f32], left: Matrix<'_>, right: Matrix<'_>) {
    let (rows, depth, columns) = (left.rows, left.columns, right.columns);
    assert_eq!(depth, right.rows, "inner dimensions agree");
    assert!(product.len() >= rows * columns, "the product fits");
    assert!(rows * depth == 0 || left.last_index() < left.values.len(), "the left matrix lies in its slice");
    assert!(depth * columns == 0 || right.last_index() < right.values.len(), "the right matrix lies in its slice");
    // SAFETY: the assertions above keep every element that is read or written inside its slice, `product` is
    // borrowed mutably and so does not overlap the others, and `read_dst` is false: its content is not read.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            depth,
            product.as_mut_ptr(),
            1,
            columns as isize,
            false,
            left.values.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.values.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            0.0,
            1.0,
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
    fn products_agree_with_three_loops() {
        let (m, k, n) = (5, 7, 3);
        let a: Vec<f32> = (0..m * k).map(|v| (v as f32 * 0.37).sin()).collect();
        let b: Vec<f32> = (0..k * n).map(|v| (v as f32 * 0.11).cos()).collect();
        let transposed: Vec<f32> = (0..n * k).map(|i| b[(i % k) * n + i / k]).collect();
        let mut plain = vec![0.0; m * n];
        let mut turned = vec![f32::NAN; m * n];
        matmul(&mut plain, Matrix::new(&a, m, k), Matrix::new(&b, k, n));
        matmul(&mut turned, Matrix::new(&a, m, k), Matrix::new(&transposed, n, k).transposed());
        for row in 0..m {
            for column in 0..n {
                let expected: f32 = (0..k).map(|i| a[row * k + i] * b[i * n + column]).sum();
                assert!((plain[row * n + column] - expected).abs() < 1e-5);
                assert!((turned[row * n + column] - expected).abs() < 1e-5);
            }
        }
    }
}
