//! Operators on each value alone, or on two or three that stand in the same place.

use super::{
    super::{
        archive::{BOOL, is_whole},
        call::{Call, Made, Results},
    },
    Row,
    products::scaled,
};
use crate::nn::graph::{Binary, Op, Unary, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("relu", |call| unary(call, Unary::Relu)),
    ("relu6", |call| unary(call, Unary::Clip { low: 0.0, high: 6.0 })),
    ("hardtanh", |call| {
        let (low, high) = (call.float_or("min_val", -1.0)?, call.float_or("max_val", 1.0)?);
        unary(call, Unary::Clip { low, high })
    }),
    ("clamp", clamp),
    ("clip", clamp),
    ("clamp_min", clamp),
    ("clamp_max", clamp),
    ("leaky_relu", |call| {
        let slope = call.float_or("negative_slope", 0.01)?;
        unary(call, Unary::LeakyRelu(slope))
    }),
    ("elu", elu),
    ("selu", |call| unary(call, Unary::Selu { alpha: 1.673_263_2, gamma: 1.050_701 })),
    ("celu", |call| {
        let alpha = call.float_or("alpha", 1.0)?;
        unary(call, Unary::Celu(alpha))
    }),
    ("sigmoid", |call| unary(call, Unary::Sigmoid)),
    ("log_sigmoid", |call| {
        let input = call.tensor("self")?;
        let turned = call.add(Op::Unary(Unary::Neg), &[input])?;
        let soft = call.add(Op::Unary(Unary::Softplus), &[turned])?;
        call.finish(Op::Unary(Unary::Neg), &[soft])
    }),
    ("hardsigmoid", |call| unary(call, Unary::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 })),
    ("hardswish", |call| unary(call, Unary::HardSwish)),
    ("silu", |call| unary(call, Unary::Silu)),
    ("mish", |call| unary(call, Unary::Mish)),
    ("gelu", |call| {
        let is_tanh = call.text("approximate") == Some("tanh");
        unary(call, if is_tanh { Unary::GeluTanh } else { Unary::Gelu })
    }),
    ("softplus", softplus),
    ("tanh", |call| unary(call, Unary::Tanh)),
    ("erf", |call| unary(call, Unary::Erf)),
    ("exp", |call| unary(call, Unary::Exp)),
    ("log", |call| unary(call, Unary::Log)),
    ("sqrt", |call| unary(call, Unary::Sqrt)),
    ("rsqrt", |call| unary(call, Unary::Pow(-0.5))),
    ("square", |call| unary(call, Unary::Pow(2.0))),
    ("abs", |call| unary(call, Unary::Abs)),
    ("neg", |call| unary(call, Unary::Neg)),
    ("reciprocal", |call| unary(call, Unary::Reciprocal)),
    ("sin", |call| unary(call, Unary::Sin)),
    ("cos", |call| unary(call, Unary::Cos)),
    ("sign", |call| unary(call, Unary::Sign)),
    ("floor", |call| unary(call, Unary::Floor)),
    ("ceil", |call| unary(call, Unary::Ceil)),
    ("round", |call| unary(call, Unary::Round)),
    ("trunc", |call| {
        let input = call.tensor("self")?;
        Ok(vec![Made::Tensor(truncated(call, input)?)])
    }),
    ("logical_not", |call| unary(call, Unary::Not)),
    ("bitwise_not", not),
    ("prelu", prelu),
    ("_prelu_kernel", prelu),
    ("pow", pow),
    ("add", |call| sum(call, Binary::Add)),
    ("sub", |call| sum(call, Binary::Sub)),
    ("rsub", |call| {
        let (own, other) = (call.operand("self")?, call.operand("other")?);
        let own = of_alpha(call, own)?;
        call.finish(Op::Binary(Binary::Sub), &[other, own])
    }),
    ("mul", |call| binary(call, Binary::Mul)),
    ("div", div),
    ("true_divide", div),
    ("floor_divide", |call| quotient(call, false)),
    ("remainder", |call| rest(call, false)),
    ("fmod", |call| rest(call, true)),
    ("maximum", |call| binary(call, Binary::Max)),
    ("minimum", |call| binary(call, Binary::Min)),
    ("eq", |call| binary(call, Binary::Equal)),
    ("ne", |call| {
        let inputs = [call.operand("self")?, call.operand("other")?];
        let is_equal = call.add(Op::Binary(Binary::Equal), &inputs)?;
        call.finish(Op::Unary(Unary::Not), &[is_equal])
    }),
    ("gt", |call| binary(call, Binary::Greater)),
    ("ge", |call| binary(call, Binary::GreaterOrEqual)),
    ("lt", |call| binary(call, Binary::Less)),
    ("le", |call| binary(call, Binary::LessOrEqual)),
    ("logical_and", |call| truths(call, Binary::Mul)),
    ("logical_or", |call| truths(call, Binary::Max)),
    ("bitwise_and", |call| truths(call, Binary::Mul)),
    ("bitwise_or", |call| truths(call, Binary::Max)),
    ("where", chosen),
    ("masked_fill", masked_fill),
    ("addcmul", addcmul),
    ("lerp", lerp),
    ("to", cast),
    ("_to_copy", cast),
    ("type_as", |call| {
        let input = call.tensor("self")?;
        let kind = call.type_of("other");
        cast_to(call, input, kind)
    }),
    ("glu", glu),
];

/// A function of one value.
fn unary(call: &mut Call<'_>, function: Unary) -> Results {
    let input = call.operand("self")?;
    call.finish(Op::Unary(function), &[input])
}

fn clamp(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let is_number =
        |call: &Call<'_>, name: &str| !matches!(call.argument(name), Some(super::super::program::Argument::Tensor(_)));
    if is_number(call, "min") && is_number(call, "max") {
        let (low, high) = (call.float_or("min", f32::NEG_INFINITY)?, call.float_or("max", f32::INFINITY)?);
        // Decompositions cut off from below and from above, one after the other: it is one, as networks have it.
        let (input, [low, high]) = match call.clips.get(&input) {
            Some(&(from, [least, most])) if least <= high && low <= most => (from, [low.max(least), high.min(most)]),
            _ => (input, [low, high]),
        };
        let result = call.add(Op::Unary(Unary::Clip { low, high }), &[input])?;
        call.clips.insert(result, (input, [low, high]));
        return Ok(vec![Made::Tensor(result)]);
    }
    let mut result = input;
    for (name, function) in [("min", Binary::Max), ("max", Binary::Min)] {
        if call.argument(name).is_some() {
            let bound = call.operand(name)?;
            result = call.add(Op::Binary(function), &[result, bound])?;
        }
    }
    Ok(vec![Made::Tensor(result)])
}

fn elu(call: &mut Call<'_>) -> Results {
    let (alpha, scale) = (call.float_or("alpha", 1.0)?, call.float_or("scale", 1.0)?);
    if call.float_or("input_scale", 1.0)? != 1.0 {
        return Err("it scales what it takes, which igoscope does not compute".to_owned());
    }
    let function = if scale == 1.0 { Unary::Elu(alpha) } else { Unary::Selu { alpha, gamma: scale } };
    unary(call, function)
}

fn softplus(call: &mut Call<'_>) -> Results {
    let beta = call.float_or("beta", 1.0)?;
    let input = call.tensor("self")?;
    let input = scaled(call, input, beta)?;
    let soft = call.add(Op::Unary(Unary::Softplus), &[input])?;
    Ok(vec![Made::Tensor(scaled(call, soft, 1.0 / beta)?)])
}

/// Of whole numbers it turns bits, and of truth values the truth.
fn not(call: &mut Call<'_>) -> Results {
    match call.type_of("self") {
        Some(BOOL) => unary(call, Unary::Not),
        _ => Err("it turns bits, which igoscope does of truth values only".to_owned()),
    }
}

fn prelu(call: &mut Call<'_>) -> Results {
    let (input, mut slope) = (call.tensor("self")?, call.tensor("weight")?);
    let rank = call.shape(input).len();
    if let [channels] = call.shape(slope)[..]
        && rank > 1
    {
        let mut shape = vec![1; rank - 1];
        shape[0] = channels;
        slope = call.reshaped(slope, &shape)?;
    }
    call.finish(Op::PRelu, &[input, slope])
}

fn pow(call: &mut Call<'_>) -> Results {
    let base = call.operand("self")?;
    let exponent = call.operand("exponent")?;
    match call.builder.values_of(exponent) {
        Some(&[exponent]) => call.finish(Op::Unary(Unary::Pow(exponent)), &[base]),
        _ => call.finish(Op::Binary(Binary::Pow), &[base, exponent]),
    }
}

fn binary(call: &mut Call<'_>, function: Binary) -> Results {
    let inputs = [call.operand("self")?, call.operand("other")?];
    call.finish(Op::Binary(function), &inputs)
}

/// The second summand is multiplied with a number.
fn of_alpha(call: &mut Call<'_>, value: ValueId) -> Result<ValueId, String> {
    let alpha = call.float_or("alpha", 1.0)?;
    scaled(call, value, alpha)
}

fn sum(call: &mut Call<'_>, function: Binary) -> Results {
    let (own, other) = (call.operand("self")?, call.operand("other")?);
    let other = of_alpha(call, other)?;
    call.finish(Op::Binary(function), &[own, other])
}

fn div(call: &mut Call<'_>) -> Results {
    match call.text("rounding_mode") {
        None => binary(call, Binary::Div),
        Some("floor") => quotient(call, false),
        Some("trunc") => quotient(call, true),
        Some(other) => Err(format!("its rounding_mode cannot be “{other}”")),
    }
}

fn truncated(call: &mut Call<'_>, value: ValueId) -> Result<ValueId, String> {
    let sign = call.add(Op::Unary(Unary::Sign), &[value])?;
    let size = call.add(Op::Unary(Unary::Abs), &[value])?;
    let size = call.add(Op::Unary(Unary::Floor), &[size])?;
    call.add(Op::Binary(Binary::Mul), &[sign, size])
}

/// a / b to a whole number, and both.
fn divided(call: &mut Call<'_>, truncates: bool) -> Result<[ValueId; 3], String> {
    let inputs = [call.operand("self")?, call.operand("other")?];
    let quotient = call.add(Op::Binary(Binary::Div), &inputs)?;
    let whole = if truncates { truncated(call, quotient)? } else { call.add(Op::Unary(Unary::Floor), &[quotient])? };
    Ok([inputs[0], inputs[1], whole])
}

fn quotient(call: &mut Call<'_>, truncates: bool) -> Results {
    let [_, _, whole] = divided(call, truncates)?;
    Ok(vec![Made::Tensor(whole)])
}

fn rest(call: &mut Call<'_>, truncates: bool) -> Results {
    let [own, other, whole] = divided(call, truncates)?;
    let product = call.add(Op::Binary(Binary::Mul), &[whole, other])?;
    call.finish(Op::Binary(Binary::Sub), &[own, product])
}

/// Of truth values: what is no 0 or 1 has another result than this.
fn truths(call: &mut Call<'_>, function: Binary) -> Results {
    let are_truths = ["self", "other"].iter().all(|name| call.type_of(name) == Some(BOOL));
    if are_truths { binary(call, function) } else { Err("it is computed of truth values only".to_owned()) }
}

fn chosen(call: &mut Call<'_>) -> Results {
    let inputs = [call.tensor("condition")?, call.operand("self")?, call.operand("other")?];
    call.finish(Op::Where, &inputs)
}

fn masked_fill(call: &mut Call<'_>) -> Results {
    let (own, mask) = (call.tensor("self")?, call.tensor("mask")?);
    let value = call.operand("value")?;
    call.finish(Op::Where, &[mask, value, own])
}

/// `self + value · tensor1 · tensor2`.
fn addcmul(call: &mut Call<'_>) -> Results {
    let factors = [call.tensor("tensor1")?, call.tensor("tensor2")?];
    let own = call.tensor("self")?;
    let product = call.add(Op::Binary(Binary::Mul), &factors)?;
    let value = call.float_or("value", 1.0)?;
    let product = scaled(call, product, value)?;
    call.finish(Op::Binary(Binary::Add), &[own, product])
}

/// `self + weight · (end − self)`.
fn lerp(call: &mut Call<'_>) -> Results {
    let (own, end, weight) = (call.tensor("self")?, call.tensor("end")?, call.operand("weight")?);
    let way = call.add(Op::Binary(Binary::Sub), &[end, own])?;
    let part = call.add(Op::Binary(Binary::Mul), &[weight, way])?;
    call.finish(Op::Binary(Binary::Add), &[own, part])
}

fn cast(call: &mut Call<'_>) -> Results {
    let kind = match call.maybe_int("dtype")? {
        Some(kind) => Some(kind),
        None if call.argument("other").is_some() => call.type_of("other"),
        None => None,
    };
    let input = call.tensor("self")?;
    cast_to(call, input, kind)
}

/// All is computed in single precision; only what becomes whole numbers or truth values is another value than before.
fn cast_to(call: &mut Call<'_>, input: ValueId, kind: Option<i64>) -> Results {
    let was = call.type_of("self");
    match kind {
        Some(BOOL) if was != Some(BOOL) => {
            let is_none = call.add(Op::Unary(Unary::Not), &[input])?;
            call.finish(Op::Unary(Unary::Not), &[is_none])
        }
        Some(kind) if is_whole(kind) && !was.is_some_and(|was| was == BOOL || is_whole(was)) => {
            Ok(vec![Made::Tensor(truncated(call, input)?)])
        }
        _ => call.view("self", super::super::alias::View::Same, true),
    }
}

/// One half times the sigmoid of the other.
fn glu(call: &mut Call<'_>) -> Results {
    let input = call.tensor("self")?;
    let shape = call.shape(input);
    let axis = call.axis("dim", shape.len(), -1)?;
    if !shape[axis].is_multiple_of(2) {
        return Err(format!("{} values are no two halves", shape[axis]));
    }
    let half = shape[axis] / 2;
    let parts = call.builder.add_all(call.name, Op::Split { axis, sizes: vec![half; 2] }, &[input]);
    let parts = parts.map_err(|error| error.to_string())?;
    let [own, gate] = parts[..] else { return Err("it has no two halves".to_owned()) };
    let gate = call.add(Op::Unary(Unary::Sigmoid), &[gate])?;
    call.finish(Op::Binary(Binary::Mul), &[own, gate])
}
