//! Convolution through Candle's tensors, with operations that every device is quick at.
//!
//! Candle's own input gradient (`conv_transpose2d`) is a dot product a pixel, and its grouped convolution is one
//! convolution a group. Here the gradient is a convolution, too: with stride s, input pixels of one remainder modulo s
//! meet the same taps, so that the filters fall apart into s × s smaller ones, turned by half a turn, which make s × s
//! interleaved parts of the gradient. A window of one pixel is a matrix product. A depthwise convolution is a sum of
//! shifted maps, one a tap.

use candle_core::{DType, Device, Result, Tensor};

use crate::layers::padding::Padding;

/// A convolution's filters on a device. Its bias and activation are the caller's.
#[derive(Debug)]
pub(crate) struct TensorConv {
    filters: Filters,
    kernel: usize,
    stride: usize,
    padding: Padding,
}

#[derive(Debug)]
enum Filters {
    /// Every output sees every input.
    Dense {
        /// `[out, in, kernel, kernel]`.
        forward: Tensor,
        /// `[in · phases², out, taps, taps]`, see [`Phases`].
        backward: Tensor,
    },
    /// Every output sees one input, or some: a term a tap, row by row.
    Tapped {
        forward: Vec<Tap>,
        backward: Vec<Tap>,
        /// Whether channels come before samples, so that the channels of a group are the rows of a matrix.
        swapped: bool,
    },
}

/// What the pixels under one place of every window are multiplied with.
#[derive(Debug, Clone)]
pub(crate) enum Tap {
    /// Each channel: `[1, channels, 1, 1]`.
    Scale(Tensor),
    /// The channels of each group: `[groups, out / groups, in / groups]`, for maps whose channels come first.
    Product(Tensor),
}

/// How a window falls apart by the remainder of its pixels modulo the stride.
#[derive(Debug, Clone, Copy)]
struct Phases {
    /// Remainders that a tap has, along one side.
    count: usize,
    /// Taps of one remainder, along one side.
    taps: usize,
}

impl TensorConv {
    /// `filters` is `[out, in, kernel, kernel]`.
    pub fn dense(filters: &Tensor, stride: usize, padding: Padding) -> Result<Self> {
        let (outputs, inputs, kernel, _) = filters.dims4()?;
        let Phases { count, taps } = Phases::of(kernel, stride);
        let missing = count * taps - kernel;
        let turned: Vec<u32> = (0..taps as u32).rev().collect();
        let turned = Tensor::new(turned, filters.device())?;
        let backward = filters
            .pad_with_zeros(2, 0, missing)?
            .pad_with_zeros(3, 0, missing)?
            .reshape(&[outputs, inputs, taps, count, taps, count])?
            .permute(vec![1, 3, 5, 0, 2, 4])?
            .contiguous()?
            .index_select(&turned, 4)?
            .index_select(&turned, 5)?
            .reshape((inputs * count * count, outputs, taps, taps))?;
        Ok(Self { filters: Filters::Dense { forward: filters.contiguous()?, backward }, kernel, stride, padding })
    }

    /// `filters` is `[channels, 1, kernel, kernel]`.
    pub fn depthwise(filters: &Tensor, stride: usize, padding: Padding) -> Result<Self> {
        let (channels, _, kernel, _) = filters.dims4()?;
        let tap = |weight: Tensor| Ok(Tap::Scale(weight.reshape((1, channels, 1, 1))?));
        let taps = by_tap(filters)?.into_iter().map(tap).collect::<Result<Vec<_>>>()?;
        let filters = Filters::Tapped { forward: taps.clone(), backward: taps, swapped: false };
        Ok(Self { filters, kernel, stride, padding })
    }

    /// `filters` is `[out, in / groups, kernel, kernel]`.
    pub fn grouped(filters: &Tensor, groups: usize, stride: usize, padding: Padding) -> Result<Self> {
        let (outputs, inputs, kernel, _) = filters.dims4()?;
        let shape = (groups, outputs / groups, inputs);
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        for weight in by_tap(filters)? {
            let weight = weight.reshape(shape)?;
            backward.push(Tap::Product(weight.transpose(1, 2)?.contiguous()?));
            forward.push(Tap::Product(weight));
        }
        Ok(Self { filters: Filters::Tapped { forward, backward, swapped: true }, kernel, stride, padding })
    }

    /// The same on a device, in a type of number.
    pub fn to(self, device: &Device, dtype: DType) -> Result<Self> {
        self.with_filters(|tensor| tensor.to_dtype(dtype)?.to_device(device))
    }

    /// The same with other filters, each made of its own, value by value.
    pub fn with_filters(&self, make: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let all = |taps: &[Tap]| taps.iter().map(|tap| tap.with(&make)).collect::<Result<Vec<_>>>();
        let filters = match &self.filters {
            Filters::Dense { forward, backward } => {
                Filters::Dense { forward: make(forward)?, backward: make(backward)? }
            }
            Filters::Tapped { forward, backward, swapped } => {
                Filters::Tapped { forward: all(forward)?, backward: all(backward)?, swapped: *swapped }
            }
        };
        Ok(Self { filters, ..*self })
    }

    /// `[n, in, h, w]` → `[n, out, h', w']`.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let (_, _, height, width) = input.dims4()?;
        let Self { kernel, stride, padding, .. } = *self;
        let (around, rows) = reach(padding, height, kernel, stride);
        let (beside, columns) = reach(padding, width, kernel, stride);
        match &self.filters {
            Filters::Dense { forward, .. } if kernel == 1 => {
                let seen = fit(&fit(input, 2, around)?, 3, beside)?;
                multiply(forward, &Grid::of(&seen, stride, rows, columns)?.pixels(0, 0)?)
            }
            Filters::Dense { forward, .. } => convolve(forward, input, around, beside, stride),
            Filters::Tapped { forward, swapped, .. } => {
                let seen = fit(&fit(&swap(input, *swapped)?, 2, around)?, 3, beside)?;
                let grid = Grid::of(&seen, stride, rows, columns)?;
                let terms = forward.iter().enumerate();
                let sum = sum_of(terms.map(|(tap, weight)| weight.apply(grid.pixels(tap / kernel, tap % kernel)?)))?;
                swap(&sum, *swapped)
            }
        }
    }

    /// The gradient with respect to an input of `height × width` pixels.
    pub fn backward(&self, gradient: &Tensor, height: usize, width: usize) -> Result<Tensor> {
        let Self { kernel, stride, padding, .. } = *self;
        let phases = Phases::of(kernel, stride);
        let (top, _) = padding.along(height, kernel, stride);
        let (left, _) = padding.along(width, kernel, stride);
        // Groups of `stride` pixels of the padded input: from the one with the input's first pixel to that with its last.
        let (first_row, rows) = (top / stride, (top + height).div_ceil(stride) - top / stride);
        let (first_column, columns) = (left / stride, (left + width).div_ceil(stride) - left / stride);
        let along = |first: usize, count: usize, size: usize| {
            let before = phases.taps as isize - 1 - first as isize;
            [before, (first + count) as isize - size as isize]
        };
        let around = along(first_row, rows, gradient.dim(2)?);
        let beside = along(first_column, columns, gradient.dim(3)?);
        let parts = match &self.filters {
            Filters::Dense { backward, .. } if phases.taps == 1 => {
                multiply(backward, &fit(&fit(gradient, 2, around)?, 3, beside)?)?
            }
            Filters::Dense { backward, .. } => convolve(backward, gradient, around, beside, 1)?,
            Filters::Tapped { backward, swapped, .. } => {
                let seen = fit(&fit(&swap(gradient, *swapped)?, 2, around)?, 3, beside)?;
                let part = |phase: usize| {
                    let (row, column) = (phase / phases.count, phase % phases.count);
                    sum_of(backward.iter().enumerate().filter_map(|(tap, weight)| {
                        let (y, x) = (tap / kernel, tap % kernel);
                        (y % stride == row && x % stride == column).then(|| {
                            let (from_y, from_x) = (phases.taps - 1 - y / stride, phases.taps - 1 - x / stride);
                            weight.apply(seen.narrow(2, from_y, rows)?.narrow(3, from_x, columns)?)
                        })
                    }))
                };
                let part = |phase| swap(&part(phase)?, *swapped);
                let parts = (0..phases.count * phases.count).map(part).collect::<Result<Vec<_>>>()?;
                Tensor::stack(&parts, 2)?.flatten(1, 2)?
            }
        };
        interleave(&parts, phases.count, stride)?
            .narrow(2, top - first_row * stride, height)?
            .narrow(3, left - first_column * stride, width)?
            .contiguous()
    }
}

/// The weights of each tap, `[out · in]`, row by row.
fn by_tap(filters: &Tensor) -> Result<Vec<Tensor>> {
    let (outputs, inputs, kernel, _) = filters.dims4()?;
    let taps = filters.reshape((outputs * inputs, kernel * kernel))?.t()?.contiguous()?;
    taps.chunk(kernel * kernel, 0)
}

/// Channels for samples, if that is wanted.
pub(crate) fn swap(map: &Tensor, wanted: bool) -> Result<Tensor> {
    if wanted { map.transpose(0, 1)?.contiguous() } else { Ok(map.clone()) }
}

impl Tap {
    /// The same with another weight, made of its own.
    pub fn with(&self, make: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(match self {
            Self::Scale(weight) => Self::Scale(make(weight)?),
            Self::Product(weight) => Self::Product(make(weight)?),
        })
    }

    /// Its term of a sum, from the pixels under its place.
    pub fn apply(&self, pixels: Tensor) -> Result<Tensor> {
        match self {
            Self::Scale(weight) => pixels.broadcast_mul(weight),
            Self::Product(weight) => {
                let (groups, outputs, inputs) = weight.dims3()?;
                let (_, n, rows, columns) = pixels.dims4()?;
                let pixels = pixels.contiguous()?.reshape((groups, inputs, n * rows * columns))?;
                weight.matmul(&pixels)?.reshape((groups * outputs, n, rows, columns))
            }
        }
    }
}

impl Phases {
    fn of(kernel: usize, stride: usize) -> Self {
        Self { count: kernel.min(stride), taps: kernel.div_ceil(stride) }
    }
}

/// Zeros before and after a side of `size` pixels, to reach exactly to the end of its last window, and the number of
/// windows. A negative number of zeros stands for pixels that no window reaches.
fn reach(padding: Padding, size: usize, kernel: usize, stride: usize) -> ([isize; 2], usize) {
    let (before, count) = padding.along(size, kernel, stride);
    let end = (count - 1) * stride + kernel;
    ([before as isize, end as isize - (size + before) as isize], count)
}

/// With so many zeros more before and after one of its sides, or so many values less.
fn fit(tensor: &Tensor, side: usize, [before, after]: [isize; 2]) -> Result<Tensor> {
    let size = tensor.dim(side)?;
    let cut = |zeros: isize| (-zeros).max(0) as usize;
    let kept = size.saturating_sub(cut(before) + cut(after));
    tensor.narrow(side, cut(before).min(size - kept), kept)?.pad_with_zeros(
        side,
        before.max(0) as usize,
        after.max(0) as usize,
    )
}

/// The convolution with `filters`, `[out, in, k, k]`, of an input with so many zeros around it.
fn convolve(filters: &Tensor, input: &Tensor, around: [isize; 2], beside: [isize; 2], stride: usize) -> Result<Tensor> {
    // As many zeros on every side make no more windows if those too many are fewer than a step.
    let is_even = |[before, after]: [isize; 2]| before >= 0 && (0..stride as isize).contains(&(before - after));
    if around[0] == beside[0] && is_even(around) && is_even(beside) {
        return input.conv2d(filters, around[0] as usize, stride, 1, 1);
    }
    fit(&fit(input, 2, around)?, 3, beside)?.conv2d(filters, 0, stride, 1, 1)
}

/// The convolution with filters of one pixel, `[out, in, 1, 1]`.
fn multiply(filters: &Tensor, input: &Tensor) -> Result<Tensor> {
    let (outputs, inputs, _, _) = filters.dims4()?;
    let (n, _, height, width) = input.dims4()?;
    // Read again for every sample, not copied.
    let filters = filters.reshape((outputs, inputs))?.broadcast_as((n, outputs, inputs))?;
    filters.matmul(&input.contiguous()?.flatten_from(2)?)?.reshape((n, outputs, height, width))
}

/// A map by the remainder of its pixels' places modulo a stride.
struct Grid {
    /// `[stride, stride, n, channels, rows, columns]`.
    pixels: Tensor,
    stride: usize,
    rows: usize,
    columns: usize,
}

impl Grid {
    /// Windows at `rows × columns` places, `stride` pixels apart.
    fn of(map: &Tensor, stride: usize, rows: usize, columns: usize) -> Result<Self> {
        let (n, channels, height, width) = map.dims4()?;
        let (high, wide) = (height.div_ceil(stride), width.div_ceil(stride));
        let map = map.pad_with_zeros(2, 0, high * stride - height)?.pad_with_zeros(3, 0, wide * stride - width)?;
        let pixels = if stride == 1 {
            map.reshape(&[1, 1, n, channels, high, wide])?
        } else {
            map.reshape(&[n, channels, high, stride, wide, stride])?.permute(vec![3, 5, 0, 1, 2, 4])?.contiguous()?
        };
        Ok(Self { pixels, stride, rows, columns })
    }

    /// The pixel at a place of every window: `[n, channels, rows, columns]`.
    fn pixels(&self, y: usize, x: usize) -> Result<Tensor> {
        let part = self.pixels.narrow(0, y % self.stride, 1)?.narrow(1, x % self.stride, 1)?.squeeze(0)?.squeeze(0)?;
        part.narrow(2, y / self.stride, self.rows)?.narrow(3, x / self.stride, self.columns)
    }
}

/// `[n, channels · phases², rows, columns]` → `[n, channels, rows · stride, columns · stride]`; pixels whose remainder
/// has no phase are zero.
fn interleave(parts: &Tensor, phases: usize, stride: usize) -> Result<Tensor> {
    if stride == 1 {
        return Ok(parts.clone());
    }
    let (n, channels, rows, columns) = parts.dims4()?;
    let channels = channels / (phases * phases);
    parts
        .reshape(&[n, channels, phases, phases, rows, columns])?
        .permute(vec![0, 1, 4, 2, 5, 3])?
        .pad_with_zeros(3, 0, stride - phases)?
        .pad_with_zeros(5, 0, stride - phases)?
        .reshape((n, channels, rows * stride, columns * stride))
}

/// The sum of some terms, which is taken in single precision: so many roundings to fewer bits would add up.
pub(crate) fn sum_of(mut terms: impl Iterator<Item = Result<Tensor>>) -> Result<Tensor> {
    let first = terms.next().unwrap_or_else(|| Err(candle_core::Error::Msg("a filter without taps".to_owned())))?;
    let sum = terms.try_fold(first.to_dtype(DType::F32)?, |sum, term| sum + term?.to_dtype(DType::F32)?)?;
    sum.to_dtype(first.dtype())
}
