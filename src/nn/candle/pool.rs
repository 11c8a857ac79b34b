//! Pooling through Candle's tensors: its own max pool has a wrong gradient and no padding, its average pool no windows
//! that overlap.

use candle_core::{Result, Tensor};

use super::network::zeros;
use crate::layers::{average_pool::AveragePool2d, max_pool::MaxPool2d};

/// The pixels under each tap of a max pool's windows.
pub(crate) struct PoolTaps {
    /// Rows and columns of the input, with those around it that a window reaches.
    height: usize,
    width: usize,
    top: usize,
    left: usize,
    /// The row, and the column, of every window's pixel, for each tap.
    rows: Vec<Tensor>,
    columns: Vec<Tensor>,
}

impl PoolTaps {
    /// The windows of `pool` on an input `[n, c, h, w]`.
    pub fn new(pool: MaxPool2d, input: &Tensor) -> Result<Self> {
        let MaxPool2d { kernel, stride, padding } = pool;
        let (_, _, height, width) = input.dims4()?;
        let places = |size: usize| {
            let (_, out) = padding.along(size, kernel, stride);
            (0..kernel)
                .map(|tap| {
                    let places: Vec<u32> = (0..out).map(|window| (window * stride + tap) as u32).collect();
                    Tensor::new(places.as_slice(), input.device())
                })
                .collect::<Result<Vec<_>>>()
        };
        let (top, bottom) = zeros(padding, height, kernel, stride);
        let (left, right) = zeros(padding, width, kernel, stride);
        Ok(Self {
            height: height + top + bottom,
            width: width + left + right,
            top,
            left,
            rows: places(height)?,
            columns: places(width)?,
        })
    }

    /// The input with −∞ around it.
    fn padded(&self, input: &Tensor) -> Result<Tensor> {
        let (n, channels, height, width) = input.dims4()?;
        // None where nothing is around it: a card cannot fill nothing.
        let around = |height: usize, width: usize| {
            let made = (height * width > 0).then(|| {
                Tensor::full(f32::NEG_INFINITY, (n, channels, height, width), input.device())?.to_dtype(input.dtype())
            });
            made.transpose()
        };
        let (bottom, right) = (self.height - self.top - height, self.width - self.left - width);
        let joined = |before: Option<Tensor>, middle: Tensor, after: Option<Tensor>, dimension| {
            let parts: Vec<Tensor> = before.into_iter().chain([middle]).chain(after).collect();
            Tensor::cat(&parts, dimension)
        };
        let wide = joined(around(height, self.left)?, input.clone(), around(height, right)?, 3)?;
        joined(around(self.top, self.width)?, wide, around(bottom, self.width)?, 2)
    }

    fn taps(&self) -> impl Iterator<Item = (&Tensor, &Tensor)> {
        self.rows.iter().flat_map(|rows| self.columns.iter().map(move |columns| (rows, columns)))
    }

    /// The largest value of every window.
    pub fn largest(&self, input: &Tensor) -> Result<Tensor> {
        let padded = self.padded(input)?;
        let mut largest: Option<Tensor> = None;
        for (rows, columns) in self.taps() {
            let values = padded.index_select(rows, 2)?.index_select(columns, 3)?;
            largest = Some(match largest {
                Some(largest) => largest.maximum(&values)?,
                None => values,
            });
        }
        largest.ok_or_else(|| candle_core::Error::Msg("a window without pixels".to_owned()))
    }

    /// Gives each window's gradient to the first of its largest pixels.
    pub fn spread(&self, input: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        let (n, channels, height, width) = input.dims4()?;
        let (padded, largest) = (self.padded(input)?, self.largest(input)?);
        let mut left_over = gradient.clone();
        let zeros = |height, width| Tensor::zeros((n, channels, height, width), gradient.dtype(), gradient.device());
        let mut sum = zeros(self.height, self.width)?;
        for (rows, columns) in self.taps() {
            let values = padded.index_select(rows, 2)?.index_select(columns, 3)?;
            let share = (values.eq(&largest)?.to_dtype(gradient.dtype())? * &left_over)?;
            left_over = (left_over - &share)?;
            let wide = zeros(gradient.dim(2)?, self.width)?.index_add(columns, &share, 3)?;
            sum = sum.index_add(rows, &wide, 2)?;
        }
        sum.narrow(2, self.top, height)?.narrow(3, self.left, width)?.contiguous()
    }
}

/// The mean of each window of an average pool, as products with a matrix for the rows and one for the columns.
pub(crate) struct WindowMeans {
    /// `[windows, height]`, and each row's share in every window.
    rows: Tensor,
    /// `[windows, width]`.
    columns: Tensor,
}

impl WindowMeans {
    /// The windows of `pool` on a map of this height and width, where `like` is.
    pub fn new(pool: AveragePool2d, size: [usize; 2], like: &Tensor) -> Result<Self> {
        let [rows, columns] = size.map(|size| {
            let windows = pool.windows(size);
            let mut shares = vec![0.0_f32; windows.len() * size];
            for (row, window) in shares.chunks_exact_mut(size).zip(&windows) {
                row[window.clone()].fill(1.0 / window.len() as f32);
            }
            Tensor::from_vec(shares, (windows.len(), size), like.device())?.to_dtype(like.dtype())
        });
        Ok(Self { rows: rows?, columns: columns? })
    }

    /// `[n, c, height, width]` → `[n, c, windows, windows]`.
    pub fn means(&self, input: &Tensor) -> Result<Tensor> {
        product(&self.rows, input, &self.columns)
    }

    /// The gradient with respect to the input of [`WindowMeans::means`].
    pub fn spread(&self, gradient: &Tensor) -> Result<Tensor> {
        product(&self.rows.t()?, gradient, &self.columns.t()?)
    }
}

/// `rows · map · columnsᵀ` for every channel of `[n, c, h, w]`.
fn product(rows: &Tensor, map: &Tensor, columns: &Tensor) -> Result<Tensor> {
    let (n, channels, height, width) = map.dims4()?;
    let (new_height, new_width) = (rows.dim(0)?, columns.dim(0)?);
    let wide = map.reshape((n * channels * height, width))?.matmul(&columns.t()?)?;
    let turned = wide.reshape((n * channels, height, new_width))?.transpose(1, 2)?.contiguous()?;
    let product = turned.reshape((n * channels * new_width, height))?.matmul(&rows.t()?)?;
    product
        .reshape((n * channels, new_width, new_height))?
        .transpose(1, 2)?
        .reshape((n, channels, new_height, new_width))
}
