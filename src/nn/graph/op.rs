//! The operations that a graph is made of, as they are described.
//!
//! The names are ONNX's, and so is the meaning where nothing else is said; what ONNX leaves open (an axis counted from
//! the end, a padding by name, a size of −1) is settled by who describes the operation. Shapes are written as they are
//! in memory of the world: a picture is `[1, channels, height, width]`. How values really lie in memory is the plan's.

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

/// Windows of a convolution. Pairs are rows, then columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// Groups of channels that do not meet.
    pub groups: usize,
    /// Pixels from one window to the next.
    pub strides: [usize; 2],
    /// Pixels from one of a window's pixels to the next.
    pub dilations: [usize; 2],
    /// Zeros around the map.
    pub padding: Margins,
}

impl Default for Conv {
    fn default() -> Self {
        Self { groups: 1, strides: [1; 2], dilations: [1; 2], padding: Margins::default() }
    }
}

/// Windows whose values are taken out of a map. Pairs are rows, then columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patches {
    /// Pixels of a window.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub strides: [usize; 2],
    /// Pixels from one of a window's pixels to the next.
    pub dilations: [usize; 2],
    /// Zeros around the map.
    pub padding: Margins,
}

impl Patches {
    /// The convolution on as many channels that has these windows.
    pub(super) fn conv(self, channels: usize) -> Conv {
        Conv { groups: channels, strides: self.strides, dilations: self.dilations, padding: self.padding }
    }
}

/// A convolution the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConvTranspose {
    /// Of the convolution from the result to the input.
    pub conv: Conv,
    /// Rows and columns of the result that this convolution's last windows leave over.
    pub output_padding: [usize; 2],
}

/// Pixels around a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    /// Above.
    pub top: usize,
    /// Before.
    pub left: usize,
    /// Below.
    pub bottom: usize,
    /// Behind.
    pub right: usize,
}

impl Margins {
    /// As many on every side.
    pub fn all(pixels: usize) -> Self {
        Self { top: pixels, left: pixels, bottom: pixels, right: pixels }
    }

    /// Those of rows, then of columns: before and behind.
    pub(super) fn pairs(self) -> [[usize; 2]; 2] {
        [[self.top, self.bottom], [self.left, self.right]]
    }
}

/// Windows of a pool. Pairs are rows, then columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Pixels of a window.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub strides: [usize; 2],
    /// Pixels from one of a window's pixels to the next.
    pub dilations: [usize; 2],
    /// Around the map; less than a window.
    pub padding: Margins,
    /// Whether a last window may reach past the padding, where the stride leaves pixels over. It begins on the map or
    /// the padding before it.
    pub ceil: bool,
}

/// A function of one value. Where it has no derivative, its gradient is what PyTorch's is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unary {
    /// max(x, 0).
    Relu,
    /// x above 0, `slope · x` elsewhere.
    LeakyRelu(
        /// The slope.
        f32,
    ),
    /// min(max(x, low), high); the gradient passes from low to high, both included.
    Clip {
        /// May be −∞.
        low: f32,
        /// May be ∞.
        high: f32,
    },
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// min(max(alpha · x + beta, 0), 1).
    HardSigmoid {
        /// Slope.
        alpha: f32,
        /// Value at 0.
        beta: f32,
    },
    /// x · min(max(x + 3, 0), 6) / 6.
    HardSwish,
    /// x / (1 + e⁻ˣ).
    Silu,
    /// The hyperbolic tangent.
    Tanh,
    /// The error function.
    Erf,
    /// x · Φ(x), with Φ the normal distribution.
    Gelu,
    /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).
    GeluTanh,
    /// x above 0, `alpha · (eˣ − 1)` elsewhere.
    Elu(
        /// Alpha.
        f32,
    ),
    /// `gamma · x` above 0, `gamma · alpha · (eˣ − 1)` elsewhere.
    Selu {
        /// Of the part below 0.
        alpha: f32,
        /// Of both.
        gamma: f32,
    },
    /// x above 0, `alpha · (e^(x / alpha) − 1)` elsewhere.
    Celu(
        /// Alpha.
        f32,
    ),
    /// ln(1 + eˣ).
    Softplus,
    /// x / (1 + |x|).
    Softsign,
    /// x · tanh(ln(1 + eˣ)).
    Mish,
    /// x above the number, 0 elsewhere.
    ThresholdedRelu(
        /// The number.
        f32,
    ),
    /// |x|.
    Abs,
    /// −x.
    Neg,
    /// √x.
    Sqrt,
    /// eˣ.
    Exp,
    /// ln x.
    Log,
    /// 1 / x.
    Reciprocal,
    /// x to a constant power.
    Pow(
        /// The power.
        f32,
    ),
    /// sin x.
    Sin,
    /// cos x.
    Cos,
    /// −1, 0 or 1. Without a gradient, as are the four below.
    Sign,
    /// The nearest whole number, the even one for halves.
    Round,
    /// The largest whole number that is not above x.
    Floor,
    /// The least whole number that is not below x.
    Ceil,
    /// 1 where x is 0, 0 elsewhere.
    Not,
}

/// A function of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// a + b.
    Add,
    /// a − b.
    Sub,
    /// a · b.
    Mul,
    /// a / b.
    Div,
    /// a to the power of b. The gradient with respect to b is 0 where a is not above 0.
    Pow,
    /// The smaller one; equals share the gradient.
    Min,
    /// The larger one; equals share the gradient.
    Max,
    /// 1 where a > b, else 0. Without a gradient, as are those below.
    Greater,
    /// 1 where a ≥ b, else 0.
    GreaterOrEqual,
    /// 1 where a < b, else 0.
    Less,
    /// 1 where a ≤ b, else 0.
    LessOrEqual,
    /// 1 where a = b, else 0.
    Equal,
}

/// What many values become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The largest; equals share the gradient.
    Max,
    /// The smallest; equals share the gradient.
    Min,
    /// The sum of their magnitudes.
    L1,
    /// The root of the sum of their squares.
    L2,
    /// The sum of their squares.
    SumSquare,
    /// Their product.
    Product,
    /// The logarithm of the sum of their exponentials.
    LogSumExp,
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

/// An interpolation, axis by axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Resize {
    /// Shape of the result.
    pub sizes: Vec<usize>,
    /// One an axis, as they were given; where sizes were given, `size of the result / size of x`.
    pub scales: Vec<f32>,
    /// What lies between two values.
    pub mode: ResizeMode,
    /// Which place of x belongs to a place of the result.
    pub coordinates: Coordinates,
    /// Whether neighbours beside x count as none, and not as the value at its edge.
    pub exclude_outside: bool,
    /// Whether, along an axis that becomes shorter, what lies between is as much wider as that is shorter (an antialiasing
    /// filter, as Pillow's): for lines and cubic curves, whose weights then add up to 1.
    pub antialias: bool,
}

/// What lies between two values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ResizeMode {
    /// The nearest one.
    Nearest(
        /// Where two are as near, or whether it is always the one before or after.
        Nearest,
    ),
    /// A line between them.
    Linear,
    /// A cubic curve through them and both their neighbours.
    Cubic {
        /// Its coefficient, −0.75 if nothing is said.
        coefficient: f32,
    },
}

/// Which value is the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearest {
    /// Of two as near, the one before.
    RoundPreferFloor,
    /// Of two as near, the one after.
    RoundPreferCeil,
    /// Always the one before.
    Floor,
    /// Always the one after.
    Ceil,
}

/// Which place of x belongs to a place of the result; the names are ONNX's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coordinates {
    /// `(place + 0.5) / scale − 0.5`.
    HalfPixel,
    /// The same, with the middles of both on one another where the scale does not divide.
    HalfPixelSymmetric,
    /// [`Coordinates::HalfPixel`], and 0 if the result has one value.
    PytorchHalfPixel,
    /// The ends of both on one another.
    AlignCorners,
    /// `place / scale`.
    Asymmetric,
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

impl Unary {
    fn name(self) -> &'static str {
        match self {
            Self::Relu => "Relu",
            Self::LeakyRelu(_) => "LeakyRelu",
            Self::Clip { .. } => "Clip",
            Self::Sigmoid => "Sigmoid",
            Self::HardSigmoid { .. } => "HardSigmoid",
            Self::HardSwish => "HardSwish",
            Self::Silu => "Swish",
            Self::Tanh => "Tanh",
            Self::Erf => "Erf",
            Self::Gelu | Self::GeluTanh => "Gelu",
            Self::Elu(_) => "Elu",
            Self::Selu { .. } => "Selu",
            Self::Celu(_) => "Celu",
            Self::Softplus => "Softplus",
            Self::Softsign => "Softsign",
            Self::Mish => "Mish",
            Self::ThresholdedRelu(_) => "ThresholdedRelu",
            Self::Abs => "Abs",
            Self::Neg => "Neg",
            Self::Sqrt => "Sqrt",
            Self::Exp => "Exp",
            Self::Log => "Log",
            Self::Reciprocal => "Reciprocal",
            Self::Pow(_) => "Pow",
            Self::Sin => "Sin",
            Self::Cos => "Cos",
            Self::Sign => "Sign",
            Self::Round => "Round",
            Self::Floor => "Floor",
            Self::Ceil => "Ceil",
            Self::Not => "Not",
        }
    }
}

impl Binary {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Sub => "Sub",
            Self::Mul => "Mul",
            Self::Div => "Div",
            Self::Pow => "Pow",
            Self::Min => "Min",
            Self::Max => "Max",
            Self::Greater => "Greater",
            Self::GreaterOrEqual => "GreaterOrEqual",
            Self::Less => "Less",
            Self::LessOrEqual => "LessOrEqual",
            Self::Equal => "Equal",
        }
    }
}

impl Reduction {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "ReduceMean",
            Self::Sum => "ReduceSum",
            Self::Max => "ReduceMax",
            Self::Min => "ReduceMin",
            Self::L1 => "ReduceL1",
            Self::L2 => "ReduceL2",
            Self::SumSquare => "ReduceSumSquare",
            Self::Product => "ReduceProd",
            Self::LogSumExp => "ReduceLogSumExp",
        }
    }
}
