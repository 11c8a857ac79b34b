//! Convolutions and their transposes. Square windows with one stride are computed as the layers' are; any others with
//! Candle's convolution where pixels are one step apart, else as a sum over the places of a window.

use candle_core::{Device, Result, Tensor};

use super::{
    picked::surrounded,
    step::{Map, Operand, Target, fault},
};
use crate::{
    candle::{
        conv::{Tap, TensorConv, sum_of, swap},
        network::Saved,
    },
    graph::{
        op::{Conv, ConvTranspose},
        ops::conv::square_padding,
    },
};

/// A convolution from one map, the source, to another, the sums; or, transposed, from the sums to the source.
#[derive(Debug)]
pub(super) struct Convolution {
    filters: Filters,
    windows: Windows,
    /// `[1, channels, 1, 1]`.
    bias: Option<Tensor>,
    is_transposed: bool,
    /// Of the input and the result, without the samples.
    from: Vec<usize>,
    to: Vec<usize>,
}

/// Where the windows are: down, and across.
#[derive(Debug)]
struct Windows {
    /// Of the source.
    source: [usize; 2],
    /// How many there are.
    count: [usize; 2],
    kernel: [usize; 2],
    strides: [usize; 2],
    dilations: [usize; 2],
    /// Zeros above and before the source.
    before: [usize; 2],
}

#[derive(Debug)]
enum Filters {
    /// Of square windows.
    Square(TensorConv),
    /// Of windows one pixel apart, in one group.
    Dense {
        /// `[sums, source, kernel h, kernel w]`.
        forward: Tensor,
        /// `[source, sums, kernel h, kernel w]`, turned by half a turn.
        backward: Tensor,
        dilation: usize,
    },
    /// A term a place of the window, row by row, from source to sums and back, for maps whose channels come first.
    Tapped([Vec<Tap>; 2]),
}

impl Convolution {
    pub fn new(conv: &Conv, operands: &[Operand<'_>], result: &[usize], target: &Target) -> Result<Self> {
        Self::between(conv, operands[0].shape, result, operands, (operands[0].shape, result), target)
    }

    pub fn transposed(op: &ConvTranspose, operands: &[Operand<'_>], result: &[usize], target: &Target) -> Result<Self> {
        let whole = Self::between(&op.conv, result, operands[0].shape, operands, (operands[0].shape, result), target)?;
        Ok(Self { is_transposed: true, ..whole })
    }

    fn between(
        conv: &Conv,
        source: &[usize],
        sums: &[usize],
        operands: &[Operand<'_>],
        (from, to): (&[usize], &[usize]),
        target: &Target,
    ) -> Result<Self> {
        let &[outputs, own, rows, columns] = operands[1].shape else { return Err(fault("filters have four axes")) };
        let windows = Windows {
            source: [source[2], source[3]],
            count: [sums[2], sums[3]],
            kernel: [rows, columns],
            strides: conv.strides,
            dilations: conv.dilations,
            before: [conv.padding.top, conv.padding.left],
        };
        // Filters are taken apart on the CPU, once.
        let weight = Tensor::from_slice(operands[1].values(), operands[1].shape, &Device::Cpu)?;
        let filters = Filters::new(conv, &weight, [outputs, own], &windows)?.to(target)?;
        let bias = operands.get(2).map(|bias| target.place(bias.values(), &[1, bias.values().len(), 1, 1]));
        let bias = bias.transpose()?;
        Ok(Self { filters, windows, bias, is_transposed: false, from: from.to_vec(), to: to.to_vec() })
    }

    /// From the source to the sums, `[n, channels, h, w]` both.
    fn convolve(&self, source: &Tensor) -> Result<Tensor> {
        let windows = &self.windows;
        match &self.filters {
            Filters::Square(conv) => conv.forward(source),
            Filters::Dense { forward, dilation, .. } => windows.surrounded(source)?.conv2d(forward, 0, 1, *dilation, 1),
            Filters::Tapped([taps, _]) => {
                let around = windows.surrounded(&swap(source, true)?)?;
                let term = |(tap, weight): (usize, &Tap)| weight.apply(windows.under(tap, &around)?);
                swap(&sum_of(taps.iter().enumerate().map(term))?, true)
            }
        }
    }

    /// The transpose: what the sums are sent back to.
    fn scatter(&self, sums: &Tensor) -> Result<Tensor> {
        let windows = &self.windows;
        let [height, width] = windows.source;
        match &self.filters {
            Filters::Square(conv) => conv.backward(&sums.contiguous()?, height, width),
            Filters::Dense { backward, dilation, .. } => {
                let mut around = sums.clone();
                for axis in [0, 1] {
                    let reach = (dilation * (windows.kernel[axis] - 1)) as isize;
                    let (before, after) = (reach - windows.before[axis] as isize, windows.source[axis] as isize);
                    let after = after + windows.before[axis] as isize - windows.count[axis] as isize;
                    around = surrounded(&around, axis + 2, [before, after], 0.0)?;
                }
                around.conv2d(backward, 0, 1, *dilation, 1)
            }
            Filters::Tapped([_, taps]) => {
                let sums = swap(sums, true)?.contiguous()?;
                let term = |(tap, weight): (usize, &Tap)| windows.spread(tap, &weight.apply(sums.clone())?);
                let around = sum_of(taps.iter().enumerate().map(term))?;
                swap(&windows.without_surroundings(&around)?, true)
            }
        }
    }

    /// The samples of a tensor, and what the graph calls a batch, as one.
    fn maps(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
        let [images, channels, height, width] = shape else { return Err(fault("a map has four axes")) };
        x.contiguous()?.reshape((x.dim(0)? * images, *channels, *height, *width))
    }

    fn back(&self, map: &Tensor, samples: usize, shape: &[usize]) -> Result<Tensor> {
        map.contiguous()?.reshape([&[samples], shape].concat())
    }
}

impl Map for Convolution {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        let maps = Self::maps(x, &self.from)?;
        let mut result = if self.is_transposed { self.scatter(&maps) } else { self.convolve(&maps) }?;
        if let Some(bias) = &self.bias {
            result = result.broadcast_add(bias)?;
        }
        self.back(&result, x.dim(0)?, &self.to)
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        let maps = Self::maps(gradient, &self.to)?;
        let sent = if self.is_transposed { self.convolve(&maps) } else { self.scatter(&maps) }?;
        self.back(&sent, gradient.dim(0)?, &self.from)
    }
}

impl Filters {
    /// `weight` is `[sums, source / groups, kernel h, kernel w]`, of which the first two are `outputs` and `own`.
    fn new(conv: &Conv, weight: &Tensor, [outputs, own]: [usize; 2], windows: &Windows) -> Result<Self> {
        let groups = conv.groups;
        if let Some(padding) = square_padding(conv, windows.kernel, windows.source, windows.count) {
            let stride = conv.strides[0];
            return Ok(Self::Square(if groups == 1 {
                TensorConv::dense(weight, stride, padding)?
            } else if own == 1 && outputs == groups {
                TensorConv::depthwise(weight, stride, padding)?
            } else {
                TensorConv::grouped(weight, groups, stride, padding)?
            }));
        }
        let [rows, columns] = windows.kernel;
        if groups == 1 && conv.strides == [1; 2] && conv.dilations[0] == conv.dilations[1] {
            let turned = |len: usize| Tensor::from_iter((0..len as u32).rev(), weight.device());
            let backward = weight.transpose(0, 1)?.contiguous()?;
            let backward = backward.index_select(&turned(rows)?, 2)?.index_select(&turned(columns)?, 3)?;
            return Ok(Self::Dense { forward: weight.clone(), backward, dilation: conv.dilations[0] });
        }
        let taps = weight.reshape((outputs * own, rows * columns))?.t()?.contiguous()?.chunk(rows * columns, 0)?;
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        for tap in taps {
            let tap = tap.reshape((groups, outputs / groups, own))?;
            backward.push(Tap::Product(tap.transpose(1, 2)?.contiguous()?));
            forward.push(Tap::Product(tap));
        }
        Ok(Self::Tapped([forward, backward]))
    }

    fn to(self, target: &Target) -> Result<Self> {
        let placed = |tensor: &Tensor| tensor.to_dtype(target.dtype)?.to_device(&target.device);
        let all = |taps: Vec<Tap>| taps.iter().map(|tap| tap.with(placed)).collect::<Result<Vec<_>>>();
        Ok(match self {
            Self::Square(conv) => Self::Square(conv.to(&target.device, target.dtype)?),
            Self::Dense { forward, backward, dilation } => {
                Self::Dense { forward: placed(&forward)?, backward: placed(&backward)?, dilation }
            }
            Self::Tapped([forward, backward]) => Self::Tapped([all(forward)?, all(backward)?]),
        })
    }
}

impl Windows {
    /// Zeros before and after the source to reach exactly to the end of its last window; below 0 what no window reaches.
    fn around(&self, axis: usize) -> [isize; 2] {
        let end = (self.count[axis] - 1) * self.strides[axis] + (self.kernel[axis] - 1) * self.dilations[axis] + 1;
        [self.before[axis] as isize, end as isize - (self.source[axis] + self.before[axis]) as isize]
    }

    fn surrounded(&self, source: &Tensor) -> Result<Tensor> {
        surrounded(&surrounded(source, 2, self.around(0), 0.0)?, 3, self.around(1), 0.0)
    }

    fn without_surroundings(&self, around: &Tensor) -> Result<Tensor> {
        let less = |axis: usize| self.around(axis).map(|zeros| -zeros);
        surrounded(&surrounded(around, 2, less(0), 0.0)?, 3, less(1), 0.0)
    }

    /// Down or across, the places under a tap: the first, and how far from one to the next.
    fn places(&self, tap: usize, axis: usize) -> (usize, usize) {
        let tap = if axis == 0 { tap / self.kernel[1] } else { tap % self.kernel[1] };
        (tap * self.dilations[axis], self.strides[axis])
    }

    /// The pixels under a tap of every window.
    fn under(&self, tap: usize, around: &Tensor) -> Result<Tensor> {
        let mut pixels = around.clone();
        for axis in [0, 1] {
            let (first, stride) = self.places(tap, axis);
            pixels = if stride == 1 {
                pixels.narrow(axis + 2, first, self.count[axis])?.contiguous()?
            } else {
                pixels.index_select(&self.indices(first, stride, axis, around)?, axis + 2)?
            };
        }
        Ok(pixels)
    }

    /// What is under a tap of every window, and zeros elsewhere.
    fn spread(&self, tap: usize, pixels: &Tensor) -> Result<Tensor> {
        let mut around = pixels.contiguous()?;
        for axis in [1, 0] {
            let ends = self.around(axis);
            let len = self.source[axis] as isize + ends[0] + ends[1];
            let len = usize::try_from(len).map_err(|_| fault("windows beside a map"))?;
            let (first, stride) = self.places(tap, axis);
            around = if stride == 1 {
                around.pad_with_zeros(axis + 2, first, len - first - self.count[axis])?
            } else {
                let mut dims = around.dims().to_vec();
                dims[axis + 2] = len;
                let zeros = Tensor::zeros(dims, pixels.dtype(), pixels.device())?;
                zeros.index_add(&self.indices(first, stride, axis, pixels)?, &around, axis + 2)?
            };
        }
        Ok(around)
    }

    fn indices(&self, first: usize, stride: usize, axis: usize, like: &Tensor) -> Result<Tensor> {
        Tensor::from_iter((0..self.count[axis]).map(|window| (first + window * stride) as u32), like.device())
    }
}
