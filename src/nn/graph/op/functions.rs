//! Functions of one value, of two, and of many.

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

impl Unary {
    pub(super) fn name(self) -> &'static str {
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
    pub(super) fn name(self) -> &'static str {
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
    pub(super) fn name(self) -> &'static str {
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
