//! The operations that a graph is made of, as they are described.
//!
//! The names are ONNX's, and so is the meaning where nothing else is said; what ONNX leaves open (an axis counted from
//! the end, a padding by name, a size of −1) is settled by who describes the operation. Shapes are written as they are
//! in memory of the world: a picture is `[1, channels, height, width]`. How values really lie in memory is the plan's.

mod functions;
mod resize;
mod windows;

pub use functions::{Binary, Reduction, Unary};
pub use resize::{Coordinates, Nearest, Resize, ResizeMode};
pub use windows::{Conv, ConvTranspose, Margins, Patches, Pool};

/// One operation: plain data. Its inputs are listed with each, in order; those in brackets may be left out.
///
/// “Constant” inputs must not depend on the graph's input. They may be computed of other constants.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// `x [n, in, h, w], weight [out, in / groups, kernel h, kernel w], [bias [out]]` → `[n, out, h', w']`. With a weight
    /// or a bias that is no constant, it is made of other operations.
    Conv(Conv),
    /// The transpose of [`Op::Conv`]: `x [n, in, h, w], weight [in, out / groups, kernel h, kernel w], [bias [out]]` →
    /// `[n, out, h', w']`; weight and bias are constant.
    ConvTranspose(ConvTranspose),
    /// `x [n, c, h, w]` → `[n, c · kernel h · kernel w, windows]`: the values of every window as a column, those of a channel
    /// together (PyTorch's `unfold`); 0 beside the map.
    Im2col(Patches),
    /// The transpose of [`Op::Im2col`]: `x [n, c · kernel h · kernel w, windows]` → `[n, c, h, w]`, where values of windows
    /// that lie over one another are added up (PyTorch's `fold`).
    Col2im {
        /// The windows.
        patches: Patches,
        /// Rows and columns of the map that they are on.
        size: [usize; 2],
    },
    /// `gates [steps, n, 4 · hidden], weight [4 · hidden, hidden]` → the states and the cells of a long short-term memory
    /// after every step, `[steps, n, hidden]` each, both 0 before the first. `gates` has the input's share of the gates,
    /// biases included, in ONNX's order: input, output, forget, cell; `weight` is what states are multiplied with, and
    /// constant.
    Lstm {
        /// Whether the last step is the first one.
        reverse: bool,
    },
    /// `x, scale [c], shift [c]` → `x · scale + shift` along an axis of `c`; scale and shift are constant. A batch
    /// normalisation with fixed statistics is one.
    Affine {
        /// Of `x`.
        axis: usize,
    },
    /// `x, [scale, [shift]]` → the values along the axes from `axis` on, with mean 0 and variance 1, times scale, plus
    /// shift; both are constant and have the shape of these axes.
    LayerNorm {
        /// The first that is normalised over; all after it are too.
        axis: usize,
        /// Added to the variance.
        epsilon: f32,
    },
    /// `x [n, c, …], [scale [c], [shift [c]]]` → the same over all values of a group of neighbouring channels; scale and
    /// shift are constant. With as many groups as channels it is an instance normalisation.
    GroupNorm {
        /// Divides the channels.
        groups: usize,
        /// Added to the variance.
        epsilon: f32,
    },
    /// `x` → a function of each value.
    Unary(Unary),
    /// `x, slope` → x where it is above 0, slope · x elsewhere. The slope is constant, and broadcast to the shape of x as
    /// NumPy does: `[c, 1, 1]` for one a channel.
    PRelu,
    /// `a, b` → a function of two values, with shapes broadcast as NumPy does.
    Binary(Binary),
    /// `x [n, c, h, w]` → the largest value of each window; what lies beside the map is none.
    MaxPool(Pool),
    /// `x [n, c, h, w]` → the mean of each window.
    AveragePool {
        /// The windows.
        pool: Pool,
        /// Whether the zeros of the padding count as values (ONNX's `count_include_pad`). What a window of
        /// [`Pool::ceil`] has beyond the padding counts in no case.
        count_padding: bool,
    },
    /// `x` → one number for all values along some axes. Over rows and columns it is a global pool.
    Reduce {
        /// Which number.
        kind: Reduction,
        /// Each once; none reduces nothing.
        axes: Vec<usize>,
        /// Whether these axes stay, with a length of 1.
        keep: bool,
    },
    /// `x [n, c, …]` → `x / (bias + alpha / size · Σ x²) ^ beta`, the sum over `size` channels around the own one: from
    /// `⌊(size − 1) / 2⌋` before it to `⌈(size − 1) / 2⌉` after it.
    Lrn {
        /// Channels of a sum.
        size: usize,
        /// Share of the sum.
        alpha: f32,
        /// Exponent.
        beta: f32,
        /// Added to the sum's share.
        bias: f32,
    },
    /// `a […, m, k], b [k, n]` or `[…, k, n]` → `[…, m, n]`, with the axes before the last two broadcast. An operand with
    /// one axis is a row on the left, a column on the right, and that axis is left out of the result.
    MatMul,
    /// `a [m, k], b [k, n], [c]` → `alpha · a · b + beta · c`, with c broadcast to `[m, n]`. With a constant b and c, the
    /// latter `[n]`, a may have any shape `[…, k]`.
    Gemm {
        /// Factor of the product.
        alpha: f32,
        /// Factor of c.
        beta: f32,
        /// Whether `a` is `[k, m]`.
        transpose_left: bool,
        /// Whether `b` is `[n, k]`.
        transpose_right: bool,
    },
    /// `x` → eˣ, divided by its sum along an axis.
    Softmax {
        /// Which.
        axis: usize,
    },
    /// `x` → the logarithm of [`Op::Softmax`].
    LogSoftmax {
        /// Which.
        axis: usize,
    },
    /// One or more tensors → one behind the other along an axis.
    Concat {
        /// Which.
        axis: usize,
    },
    /// `x` → as many tensors as there are sizes, which add up to the axis's length.
    Split {
        /// Which is cut.
        axis: usize,
        /// Lengths of the parts.
        sizes: Vec<usize>,
    },
    /// `x` → some of the values along every axis: one [`Span`] an axis.
    Slice(Vec<Span>),
    /// `x` → the values at some places along an axis, which is replaced with the axes of `shape` (none for a single
    /// place).
    Gather {
        /// Which.
        axis: usize,
        /// Places, from 0 on, row after row.
        indices: Vec<usize>,
        /// Shape of the indices.
        shape: Vec<usize>,
    },
    /// `x` → the same values, row after row, in another shape. Flatten, Squeeze and Unsqueeze are one too.
    Reshape {
        /// As many values as before; nothing is left to be found out.
        shape: Vec<usize>,
    },
    /// `x` → axis `i` of the result is axis `axes[i]` of x.
    Transpose {
        /// Every axis once.
        axes: Vec<usize>,
    },
    /// `x` → broadcast, as NumPy does, to a shape; where this has 1 and x has not, x's length stays.
    Expand {
        /// The shape.
        shape: Vec<usize>,
    },
    /// `x` → repeated along every axis.
    Tile {
        /// How many times, one an axis.
        repeats: Vec<usize>,
    },
    /// `x` → with more values before and after those of each axis. Negative numbers take away.
    Pad {
        /// One an axis.
        before: Vec<isize>,
        /// One an axis.
        after: Vec<isize>,
        /// What is put there.
        mode: PadMode,
    },
    /// `x` → interpolated to another size.
    Resize(Resize),
    /// `x [n, c, h, w]` → `[n, c / block², h · block, w · block]`.
    DepthToSpace {
        /// Rows and columns that a pixel becomes.
        block: usize,
        /// Whether the channels of a pixel's parts lie together (ONNX's `CRD`, PyTorch's `PixelShuffle`) and not the parts
        /// of a channel (`DCR`).
        channels_first: bool,
    },
    /// `x [n, c, h, w]` → `[n, c · block², h / block, w / block]`.
    SpaceToDepth {
        /// Rows and columns that become a pixel.
        block: usize,
    },
    /// `condition, a, b` → a where the condition is not 0, b elsewhere; all three broadcast. No gradient goes to the
    /// condition.
    Where,
    /// `x` → x. The value stays the same, under its old number.
    Identity,
    /// `x` → at every place, the sum of all values before it along an axis.
    CumSum {
        /// Which.
        axis: usize,
        /// Whether the own value is left out.
        exclusive: bool,
        /// Whether it is those after it.
        reverse: bool,
    },
    /// `x, scale, zero` → `min(max(round(x / scale) + zero, low), high)`, halves to the even number; scale and zero are
    /// constant, of one value or `[c]`. It is computed in f32. Its gradient passes straight through the rounding, and is
    /// 0 where the value was cut off.
    Quantize {
        /// Of `x`, along which scale and zero are if they have more than one value.
        axis: usize,
        /// Least number of the grid.
        low: f32,
        /// Largest number of the grid.
        high: f32,
    },
    /// `x, scale, zero` → `(x − zero) · scale`; as for [`Op::Quantize`].
    Dequantize {
        /// As for [`Op::Quantize`].
        axis: usize,
    },
}

/// Values along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub start: usize,
    /// From one to the next; below 0 it goes backwards, and never 0.
    pub step: isize,
    /// How many.
    pub len: usize,
}

impl Span {
    /// All of an axis.
    pub fn all(len: usize) -> Self {
        Self { start: 0, step: 1, len }
    }
}

/// What is put around a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PadMode {
    /// A number.
    Constant(
        /// Which.
        f32,
    ),
    /// The values behind the edge, mirrored at it; the edge itself is not repeated.
    Reflect,
    /// The value at the edge.
    Edge,
    /// What lies at the other end.
    Wrap,
}

impl Op {
    /// Its name, ONNX's where it has one.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv(_) => "Conv",
            Self::ConvTranspose(_) => "ConvTranspose",
            Self::Im2col(_) => "Im2Col",
            Self::Col2im { .. } => "Col2Im",
            Self::Lstm { .. } => "LSTM",
            Self::Affine { .. } => "Affine",
            Self::LayerNorm { .. } => "LayerNormalization",
            Self::GroupNorm { .. } => "GroupNormalization",
            Self::Unary(function) => function.name(),
            Self::PRelu => "PRelu",
            Self::Binary(function) => function.name(),
            Self::MaxPool(_) => "MaxPool",
            Self::AveragePool { .. } => "AveragePool",
            Self::Reduce { kind, .. } => kind.name(),
            Self::Lrn { .. } => "LRN",
            Self::MatMul => "MatMul",
            Self::Gemm { .. } => "Gemm",
            Self::Softmax { .. } => "Softmax",
            Self::LogSoftmax { .. } => "LogSoftmax",
            Self::Concat { .. } => "Concat",
            Self::Split { .. } => "Split",
            Self::Slice(_) => "Slice",
            Self::Gather { .. } => "Gather",
            Self::Reshape { .. } => "Reshape",
            Self::Transpose { .. } => "Transpose",
            Self::Expand { .. } => "Expand",
            Self::Tile { .. } => "Tile",
            Self::Pad { .. } => "Pad",
            Self::Resize(_) => "Resize",
            Self::DepthToSpace { .. } => "DepthToSpace",
            Self::SpaceToDepth { .. } => "SpaceToDepth",
            Self::Where => "Where",
            Self::Identity => "Identity",
            Self::CumSum { .. } => "CumSum",
            Self::Quantize { .. } => "QuantizeLinear",
            Self::Dequantize { .. } => "DequantizeLinear",
        }
    }
}
