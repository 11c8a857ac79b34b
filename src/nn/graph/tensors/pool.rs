//! Pools: the largest value, or the mean, of each window. A window is rows and columns: what is said of one after the
//! other is said of all of it.

use candle_core::{Result, Tensor};

use super::{
    picked::surrounded,
    step::{Made, Map, Matrix, Operand, Target, mask},
};
use crate::{
    candle::network::{Saved, save, take},
    graph::{
        op::Pool,
        ops::pool::{counted, lines},
    },
};

/// The largest of each window's columns, and then of its rows.
#[derive(Debug)]
pub(super) struct MaxPool([Windows; 2]);

/// Windows along one axis.
#[derive(Debug)]
struct Windows {
    /// Behind that of the samples.
    axis: usize,
    /// Places around the axis that windows reach, and those at its end that none does, below 0.
    around: [isize; 2],
    /// Of every window its value, for each tap: places of the axis with what is around it.
    taps: Vec<Tensor>,
}

impl Windows {
    /// Down or across a map.
    fn new(pool: &Pool, down_or_across: usize, shape: &[usize], result: &[usize], target: &Target) -> Result<Self> {
        let (len, count) = (shape[down_or_across + 2], result[down_or_across + 2]);
        let (stride, dilation) = (pool.strides[down_or_across], pool.dilations[down_or_across]);
        let [before, _] = pool.padding.pairs()[down_or_across];
        let kernel = pool.kernel[down_or_across];
        let end = (count - 1) * stride + (kernel - 1) * dilation + 1;
        let tap = |tap: usize| target.places((0..count).map(|window| window * stride + tap * dilation));
        Ok(Self {
            axis: down_or_across + 3,
            around: [before as isize, end as isize - (len + before) as isize],
            taps: (0..kernel).map(tap).collect::<Result<_>>()?,
        })
    }

    fn largest_of(&self, around: &Tensor) -> Result<Tensor> {
        let tap = |tap: &Tensor| around.index_select(tap, self.axis);
        let (first, others) = self.taps.split_first().ok_or_else(|| super::step::fault("a window without values"))?;
        others.iter().try_fold(tap(first)?, |largest, other| largest.maximum(&tap(other)?))
    }

    /// With what is smaller than anything around it.
    fn surrounded(&self, x: &Tensor) -> Result<Tensor> {
        surrounded(x, self.axis, self.around, f32::NEG_INFINITY)
    }

    fn largest(&self, x: &Tensor) -> Result<Tensor> {
        self.largest_of(&self.surrounded(x)?)
    }

    /// Gives each window's gradient to the first of its largest values.
    fn spread(&self, x: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let around = self.surrounded(x)?;
        let largest = self.largest_of(&around)?;
        let mut left_over = gradient.contiguous()?;
        let mut sum = Tensor::zeros(around.shape(), gradient.dtype(), gradient.device())?;
        for tap in &self.taps {
            let is_largest = mask(around.index_select(tap, self.axis)?.eq(&largest)?, gradient.dtype())?;
            let share = (is_largest * &left_over)?;
            left_over = (left_over - &share)?;
            sum = sum.index_add(tap, &share, self.axis)?;
        }
        let [before, after] = self.around;
        surrounded(&sum, self.axis, [-before, -after], 0.0)
    }
}

impl MaxPool {
    pub fn new(pool: &Pool, operand: Operand<'_>, result: &[usize], target: &Target) -> Result<Self> {
        let windows = |down_or_across| Windows::new(pool, down_or_across, operand.shape, result, target);
        Ok(Self([windows(0)?, windows(1)?]))
    }
}

impl Map for MaxPool {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        let Self([down, across]) = self;
        let of_columns = across.largest(x)?;
        let result = down.largest(&of_columns)?;
        save(saved, || Ok(x.clone()))?;
        save(saved, || Ok(of_columns))?;
        Ok(result)
    }

    /// The first row that has it, and in that the first column: the first of all, row by row.
    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        let Self([down, across]) = self;
        let (of_columns, x) = (take(saved)?, take(saved)?);
        across.spread(&x, &down.spread(&of_columns, gradient)?)
    }
}

/// Products with the shares of each window's rows, and of its columns.
#[derive(Debug)]
pub(super) struct AveragePool([Matrix; 2]);

impl AveragePool {
    pub fn new(
        pool: &Pool,
        count_padding: bool,
        operand: Operand<'_>,
        result: &[usize],
        target: &Target,
    ) -> Made<Self> {
        let along = |axis: usize| {
            let (len, count) = (operand.shape[axis + 2], result[axis + 2]);
            let counted = counted(pool, count_padding, axis, len, count);
            let share = |(lines, counted): (Vec<usize>, usize)| -> Vec<(usize, f32)> {
                lines.into_iter().map(|line| (line, 1.0 / counted as f32)).collect()
            };
            let shares: Vec<_> = lines(pool, axis, len, count).into_iter().zip(counted).map(share).collect();
            Matrix::new(axis + 2, len, &shares, target.dtype, &target.device)
        };
        Ok(Self([along(0)?, along(1)?]))
    }
}

impl Map for AveragePool {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        let Self([rows, columns]) = self;
        rows.apply(&columns.apply(x)?)
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        let Self([rows, columns]) = self;
        columns.transposed(&rows.transposed(gradient)?)
    }
}
