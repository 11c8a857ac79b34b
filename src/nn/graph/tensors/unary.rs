//! Functions of one value.
//!
//! The derivative is computed in backward, of the input. What is more than a choice between lines is computed in single
//! precision, whatever the tensors' numbers are.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

use candle_core::{DType, Result, Tensor};

use super::step::{Map, mask};
use crate::{
    activation::Activation,
    candle::network::{Saved, save, take},
    graph::{
        op::Unary,
        ops::unary::{GELU_TANH, activation},
    },
};

#[derive(Debug)]
pub(super) struct Function(pub Unary);

impl Map for Function {
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor> {
        if !self.is_flat() {
            save(saved, || Ok(x.clone()))?;
        }
        value(self.0, &self.precise(x)?)?.to_dtype(x.dtype())
    }

    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor> {
        if self.is_flat() {
            return gradient.zeros_like();
        }
        let x = take(saved)?;
        gradient * slope(self.0, &self.precise(&x)?)?.to_dtype(gradient.dtype())?
    }
}

impl Function {
    /// Whether there is no gradient anywhere.
    fn is_flat(&self) -> bool {
        matches!(self.0, Unary::Sign | Unary::Round | Unary::Floor | Unary::Ceil | Unary::Not)
    }

    /// What the function is computed of.
    fn precise(&self, x: &Tensor) -> Result<Tensor> {
        match self.0 {
            Unary::Relu | Unary::LeakyRelu(_) | Unary::Clip { .. } | Unary::ThresholdedRelu(_) => Ok(x.clone()),
            Unary::Abs | Unary::Neg | Unary::Sign | Unary::Not => Ok(x.clone()),
            _ => x.to_dtype(DType::F32),
        }
    }
}

/// `(1 + e⁻ˣ)⁻¹`.
fn sigmoid(x: &Tensor) -> Result<Tensor> {
    (x.neg()?.exp()? + 1.0)?.recip()
}

/// One where the other is not.
fn otherwise(holds: &Tensor) -> Result<Tensor> {
    holds.affine(-1.0, 1.0)
}

/// `above` where x is above 0, `below` elsewhere, both of which are numbers everywhere.
fn by_sign(x: &Tensor, above: &Tensor, below: &Tensor) -> Result<Tensor> {
    x.gt(0.0)?.where_cond(above, below)
}

/// x where it is below 0, so that its power of e is no more than 1.
fn below_zero(x: &Tensor) -> Result<Tensor> {
    x.minimum(0.0)
}

/// √(2/π) · (x + 0.044715 · x³), times 2.
fn tanh_argument(x: &Tensor) -> Result<Tensor> {
    let [factor, cubic] = GELU_TANH.map(f64::from);
    ((x * x.sqr()?.affine(cubic, 1.0)?)? * (2.0 * factor))?.to_dtype(x.dtype())
}

/// The nearest whole number, the even one for halves. In single precision.
pub(super) fn round_ties_even(x: &Tensor) -> Result<Tensor> {
    let is_half = (x - x.floor()?)?.eq(0.5)?;
    // Half of a half is a quarter, which no rule of rounding halves is asked of.
    let even = ((x * 0.5)?.round()? * 2.0)?;
    is_half.where_cond(&even, &x.round()?)
}

/// ln(1 + eˣ) that does not overflow.
fn softplus(x: &Tensor) -> Result<Tensor> {
    x.maximum(0.0)? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// tanh(ln(1 + eˣ)).
fn mish_share(x: &Tensor) -> Result<Tensor> {
    // tanh(ln(1 + e)) = (e² + 2e) / (e² + 2e + 2), in powers that do not overflow.
    let power = x.abs()?.neg()?.exp()?;
    let square = power.sqr()?;
    let (above, above_rest) = (power.affine(2.0, 1.0)?, (&square * 2.0)?);
    let (below, below_rest) = ((&square + (&power * 2.0)?)?, power.ones_like()?.affine(2.0, 0.0)?);
    let (top, rest) = (by_sign(x, &above, &below)?, by_sign(x, &above_rest, &below_rest)?);
    &top / (&top + rest)?
}

fn value(function: Unary, x: &Tensor) -> Result<Tensor> {
    let exponential = |alpha: f64| (below_zero(x)?.exp()? - 1.0)? * alpha;
    match function {
        Unary::Relu => x.relu(),
        Unary::LeakyRelu(_) => x * slope(function, x)?,
        Unary::Clip { low, high } => {
            let above = if low > f32::NEG_INFINITY { x.maximum(f64::from(low))? } else { x.clone() };
            if high < f32::INFINITY { above.minimum(f64::from(high)) } else { Ok(above) }
        }
        Unary::Sigmoid => sigmoid(x),
        Unary::HardSigmoid { alpha, beta } => x.affine(alpha.into(), beta.into())?.clamp(0.0, 1.0),
        Unary::HardSwish => x * x.affine(1.0 / 6.0, 0.5)?.clamp(0.0, 1.0)?,
        Unary::Silu => x * sigmoid(x)?,
        Unary::Tanh => x.tanh(),
        Unary::Erf => x.erf(),
        Unary::Gelu => x * (x * FRAC_1_SQRT_2)?.erf()?.affine(0.5, 0.5)?,
        // The half of 1 + tanh is the sigmoid of the double.
        Unary::GeluTanh => x * sigmoid(&tanh_argument(x)?)?,
        Unary::Elu(alpha) => by_sign(x, x, &exponential(alpha.into())?),
        Unary::Selu { alpha, gamma } => by_sign(x, x, &exponential(alpha.into())?)? * f64::from(gamma),
        Unary::Celu(alpha) => {
            let alpha = f64::from(alpha);
            let below = (((below_zero(x)? / alpha)?.exp()? - 1.0)? * alpha)?;
            by_sign(x, x, &below)
        }
        Unary::Softplus => softplus(x),
        Unary::Softsign => x / (x.abs()? + 1.0)?,
        Unary::Mish => x * mish_share(x)?,
        Unary::ThresholdedRelu(_) => x * slope(function, x)?,
        Unary::Abs => x.abs(),
        Unary::Neg => x.neg(),
        Unary::Sqrt => x.sqrt(),
        Unary::Exp => x.exp(),
        Unary::Log => x.log(),
        Unary::Reciprocal => x.recip(),
        Unary::Pow(2.0) => x.sqr(),
        Unary::Pow(0.0) => x.ones_like(),
        Unary::Pow(power) => x.powf(power.into()),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Sign => mask(x.gt(0.0)?, x.dtype())? - mask(x.lt(0.0)?, x.dtype())?,
        Unary::Round => round_ties_even(x),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::Not => mask(x.eq(0.0)?, x.dtype()),
    }
}

/// The derivative, at kinks that of [`ops::unary`](crate::graph::ops::unary).
fn slope(function: Unary, x: &Tensor) -> Result<Tensor> {
    let dtype = x.dtype();
    let is = |holds: Tensor| mask(holds, dtype);
    match function {
        // As a layer's: 0 at both ends.
        _ if activation(function) == Some(Activation::Relu6) => is(x.gt(0.0)?)? * is(x.lt(6.0)?)?,
        _ if activation(function) == Some(Activation::Relu) => is(x.gt(0.0)?),
        Unary::Relu => is(x.gt(0.0)?),
        Unary::LeakyRelu(slope) => {
            let slope = f64::from(slope);
            is(x.gt(0.0)?)?.affine(1.0 - slope, slope)
        }
        Unary::Clip { low, high } => is(x.ge(f64::from(low))?)? * is(x.le(f64::from(high))?)?,
        Unary::Sigmoid => {
            let share = sigmoid(x)?;
            &share * share.affine(-1.0, 1.0)?
        }
        Unary::HardSigmoid { alpha, beta } => {
            let line = x.affine(alpha.into(), beta.into())?;
            (is(line.gt(0.0)?)? * is(line.lt(1.0)?)?)? * f64::from(alpha)
        }
        Unary::HardSwish => {
            let rises = (is(x.gt(-3.0)?)? * is(x.lt(3.0)?)?)?;
            (rises * x.affine(1.0 / 3.0, 0.5)?)? + is(x.ge(3.0)?)?
        }
        Unary::Silu => {
            let share = sigmoid(x)?;
            &share + ((x * &share)? * share.affine(-1.0, 1.0)?)?
        }
        Unary::Tanh => otherwise(&x.tanh()?.sqr()?),
        Unary::Erf => x.sqr()?.neg()?.exp()? * FRAC_2_SQRT_PI,
        Unary::Gelu => {
            let below = (x * FRAC_1_SQRT_2)?.erf()?.affine(0.5, 0.5)?;
            let density = ((x.sqr()? * -0.5)?.exp()? / (2.0 * PI).sqrt())?;
            below + (x * density)?
        }
        Unary::GeluTanh => {
            let [factor, cubic] = GELU_TANH.map(f64::from);
            let share = sigmoid(&tanh_argument(x)?)?;
            let inner = x.sqr()?.affine(6.0 * factor * cubic, 2.0 * factor)?;
            &share + ((x * &share)? * (share.affine(-1.0, 1.0)? * inner)?)?
        }
        Unary::Elu(alpha) => by_sign(x, &x.ones_like()?, &(below_zero(x)?.exp()? * f64::from(alpha))?),
        Unary::Selu { alpha, gamma } => {
            let below = (below_zero(x)?.exp()? * f64::from(alpha))?;
            by_sign(x, &x.ones_like()?, &below)? * f64::from(gamma)
        }
        Unary::Celu(alpha) => by_sign(x, &x.ones_like()?, &(below_zero(x)? / f64::from(alpha))?.exp()?),
        Unary::Softplus => sigmoid(x),
        Unary::Softsign => (x.abs()? + 1.0)?.sqr()?.recip(),
        Unary::Mish => {
            let share = mish_share(x)?;
            &share + ((x * otherwise(&share.sqr()?)?)? * sigmoid(x)?)?
        }
        Unary::ThresholdedRelu(least) => is(x.gt(f64::from(least))?),
        Unary::Abs => is(x.gt(0.0)?)? - is(x.lt(0.0)?)?,
        Unary::Neg => x.ones_like()?.neg(),
        Unary::Sqrt => x.sqrt()?.recip()? * 0.5,
        Unary::Exp => x.exp(),
        Unary::Log => x.recip(),
        Unary::Reciprocal => x.sqr()?.recip()?.neg(),
        Unary::Pow(2.0) => x * 2.0,
        Unary::Pow(0.0) => x.zeros_like(),
        Unary::Pow(power) => x.powf(f64::from(power) - 1.0)? * f64::from(power),
        Unary::Sin => x.cos(),
        Unary::Cos => x.sin()?.neg(),
        Unary::Sign | Unary::Round | Unary::Floor | Unary::Ceil | Unary::Not => x.zeros_like(),
    }
}
