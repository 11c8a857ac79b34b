//! Operations on each value alone, or on two or three that stand in the same place.

use super::{
    super::{
        call::{Call, Results, Value, one},
        constant::{Constant, Data},
        fold,
        proto::data_type,
    },
    Row,
};
use crate::nn::graph::{Binary, Op, Unary};

pub(super) const TABLE: &[Row] = &[
    ("Relu", |call| unary(call, Unary::Relu)),
    ("LeakyRelu", |call| unary(call, Unary::LeakyRelu(call.node.float("alpha", 0.01)))),
    ("Sigmoid", |call| unary(call, Unary::Sigmoid)),
    ("HardSigmoid", |call| {
        let (alpha, beta) = (call.node.float("alpha", 0.2), call.node.float("beta", 0.5));
        unary(call, Unary::HardSigmoid { alpha, beta })
    }),
    ("HardSwish", |call| unary(call, Unary::HardSwish)),
    ("Swish", swish),
    ("Silu", |call| unary(call, Unary::Silu)),
    ("QuickGelu", |call| scaled_silu(call, call.node.float("alpha", 1.702))),
    ("Tanh", |call| unary(call, Unary::Tanh)),
    ("Erf", |call| unary(call, Unary::Erf)),
    ("Erfc", complementary),
    ("Gelu", gelu),
    ("FastGelu", |call| with_bias(call, Unary::GeluTanh)),
    ("BiasGelu", |call| with_bias(call, Unary::Gelu)),
    ("Elu", |call| unary(call, Unary::Elu(call.node.float("alpha", 1.0)))),
    ("Selu", |call| {
        let (alpha, gamma) = (call.node.float("alpha", 1.673_263_2), call.node.float("gamma", 1.050_701));
        unary(call, Unary::Selu { alpha, gamma })
    }),
    ("Celu", |call| unary(call, Unary::Celu(call.node.float("alpha", 1.0)))),
    ("Softplus", |call| unary(call, Unary::Softplus)),
    ("Softsign", |call| unary(call, Unary::Softsign)),
    ("Mish", |call| unary(call, Unary::Mish)),
    ("ThresholdedRelu", |call| unary(call, Unary::ThresholdedRelu(call.node.float("alpha", 1.0)))),
    ("Abs", |call| unary(call, Unary::Abs)),
    ("Neg", |call| unary(call, Unary::Neg)),
    ("Sqrt", |call| unary(call, Unary::Sqrt)),
    ("Exp", |call| unary(call, Unary::Exp)),
    ("Log", |call| unary(call, Unary::Log)),
    ("Reciprocal", |call| unary(call, Unary::Reciprocal)),
    ("Sin", |call| unary(call, Unary::Sin)),
    ("Cos", |call| unary(call, Unary::Cos)),
    ("Sign", |call| unary(call, Unary::Sign)),
    ("Round", |call| unary(call, Unary::Round)),
    ("Floor", |call| unary(call, Unary::Floor)),
    ("Ceil", |call| unary(call, Unary::Ceil)),
    ("Not", |call| unary(call, Unary::Not)),
    ("PRelu", prelu),
    ("Clip", clip),
    ("Pow", pow),
    ("Add", |call| binary(call, Some(Binary::Add))),
    ("Sub", |call| binary(call, Some(Binary::Sub))),
    ("Mul", |call| binary(call, Some(Binary::Mul))),
    ("Div", |call| binary(call, Some(Binary::Div))),
    ("Mod", |call| binary(call, None)),
    ("Min", |call| several(call, Binary::Min)),
    ("Max", |call| several(call, Binary::Max)),
    ("Sum", |call| several(call, Binary::Add)),
    ("Mean", mean),
    ("Greater", |call| binary(call, Some(Binary::Greater))),
    ("GreaterOrEqual", |call| binary(call, Some(Binary::GreaterOrEqual))),
    ("Less", |call| binary(call, Some(Binary::Less))),
    ("LessOrEqual", |call| binary(call, Some(Binary::LessOrEqual))),
    ("Equal", |call| binary(call, Some(Binary::Equal))),
    ("And", |call| binary(call, Some(Binary::Mul))),
    ("Or", |call| binary(call, Some(Binary::Max))),
    ("Xor", |call| binary(call, None)),
    ("BitwiseAnd", |call| binary(call, None)),
    ("Where", chosen),
    ("Identity", |call| Ok(vec![call.input(0)?])),
    ("Dropout", |call| Ok(vec![call.input(0)?])),
    ("Cast", cast),
    ("CastLike", cast_like),
    ("IsNaN", |call| falsehood(call)),
    ("IsInf", |call| falsehood(call)),
];

/// A function of one value.
fn unary(call: &mut Call<'_>, function: Unary) -> Results {
    if let Value::Known(constant) = call.input(0)?
        && let Some(folded) = fold::unary(&call.node.operation(), &constant)
    {
        return one(folded);
    }
    let input = call.take(0)?;
    call.finish(Op::Unary(function), &[input])
}

/// x · σ(alpha · x).
fn swish(call: &mut Call<'_>) -> Results {
    scaled_silu(call, call.node.float("alpha", 1.0))
}

fn scaled_silu(call: &mut Call<'_>, alpha: f32) -> Results {
    if alpha == 1.0 {
        return unary(call, Unary::Silu);
    }
    let input = call.take(0)?;
    let alpha = call.put_number(alpha)?;
    let scaled = call.add(Op::Binary(Binary::Mul), &[input, alpha])?;
    let gate = call.add(Op::Unary(Unary::Sigmoid), &[scaled])?;
    call.finish(Op::Binary(Binary::Mul), &[input, gate])
}

/// 1 − erf x. It is none of ONNX's: TensorFlow's, as tf2onnx leaves it of a GELU.
fn complementary(call: &mut Call<'_>) -> Results {
    let input = call.take(0)?;
    let one = call.put_number(1.0)?;
    let error = call.add(Op::Unary(Unary::Erf), &[input])?;
    call.finish(Op::Binary(Binary::Sub), &[one, error])
}

fn gelu(call: &mut Call<'_>) -> Results {
    let is_tanh = call.node.text("approximate") == Some("tanh");
    unary(call, if is_tanh { Unary::GeluTanh } else { Unary::Gelu })
}

/// A function of a value and what may be added to it before.
fn with_bias(call: &mut Call<'_>, function: Unary) -> Results {
    let mut input = call.take(0)?;
    if call.optional(1).is_some() {
        let bias = call.take(1)?;
        input = call.add(Op::Binary(Binary::Add), &[input, bias])?;
    }
    call.finish(Op::Unary(function), &[input])
}

fn prelu(call: &mut Call<'_>) -> Results {
    let inputs = [call.take(0)?, call.take(1)?];
    call.finish(Op::PRelu, &inputs)
}

/// Bounds are attributes before version 11, and inputs from then on.
fn clip(call: &mut Call<'_>) -> Results {
    let bound = |call: &Call<'_>, number: usize, name: &str, unset: f32| match call.known_if_there(number)? {
        Some(bound) => bound.single().ok_or_else(|| format!("its {name} is no single number")),
        None => Ok(call.node.float(name, unset)),
    };
    let low = bound(call, 1, "min", f32::NEG_INFINITY)?;
    let high = bound(call, 2, "max", f32::INFINITY)?;
    if let Value::Known(constant) = call.input(0)? {
        let data = match &constant.data {
            Data::Int(values) => {
                let clipped = |&value: &i64| (value as f64).max(f64::from(low)).min(f64::from(high)) as i64;
                Data::Int(values.iter().map(clipped).collect())
            }
            Data::Float(values) => Data::Float(values.iter().map(|value| value.max(low).min(high)).collect()),
        };
        return one(Constant::new(constant.shape.clone(), data));
    }
    let input = call.take(0)?;
    call.finish(Op::Unary(Unary::Clip { low, high }), &[input])
}

fn pow(call: &mut Call<'_>) -> Results {
    let exponent = call.input(1).ok().and_then(|value| call.constant(&value)).and_then(|constant| constant.single());
    match (call.input(0)?, exponent) {
        (Value::Computed(base), Some(exponent)) => call.finish(Op::Unary(Unary::Pow(exponent)), &[base]),
        _ => binary(call, Some(Binary::Pow)),
    }
}

/// A function of two values; some are known of constants only.
fn binary(call: &mut Call<'_>, function: Option<Binary>) -> Results {
    let (left, right) = (call.input(0)?, call.input(1)?);
    if let (Some(left), Some(right)) = (call.constant_of_known(&left), call.constant_of_known(&right))
        && let Some(folded) = fold::binary(&call.node.operation(), &left, &right)
    {
        return one(folded);
    }
    drop((left, right));
    let function = function.ok_or("it is computed of constants only, and its inputs depend on the picture")?;
    let inputs = [call.take(0)?, call.take(1)?];
    call.finish(Op::Binary(function), &inputs)
}

/// A function of two values, of all inputs one after the other.
fn several(call: &mut Call<'_>, function: Binary) -> Results {
    let name = if function == Binary::Add { "Add".to_owned() } else { call.node.operation() };
    let mut result = call.input(0)?;
    for number in 1..call.inputs.len() {
        let next = call.input(number)?;
        result = match (&result, &next) {
            (Value::Known(left), Value::Known(right)) => {
                fold::binary(&name, left, right).unwrap_or_else(|| Err("it is not known".to_owned()))?.into()
            }
            _ => {
                let inputs = [call.put(result)?, call.put(next)?];
                Value::Computed(call.add(Op::Binary(function), &inputs)?)
            }
        };
    }
    Ok(vec![result])
}

fn mean(call: &mut Call<'_>) -> Results {
    let count = call.inputs.len();
    let sum = several(call, Binary::Add)?.pop().ok_or("it has no inputs")?;
    let sum = call.put(sum)?;
    let share = call.put_number(1.0 / count as f32)?;
    call.finish(Op::Binary(Binary::Mul), &[sum, share])
}

fn chosen(call: &mut Call<'_>) -> Results {
    if let Some([condition, yes, no]) = call.all_known().as_deref() {
        return one(fold::chosen(condition, yes, no));
    }
    let inputs = [call.take(0)?, call.take(1)?, call.take(2)?];
    call.finish(Op::Where, &inputs)
}

/// What a number is cast to changes it only where it is cut: all is computed in single precision.
fn cast(call: &mut Call<'_>) -> Results {
    let to = call.node.int("to").unwrap_or_default();
    cast_to(call, i32::try_from(to).unwrap_or_default())
}

fn cast_like(call: &mut Call<'_>) -> Results {
    match call.input(1)? {
        Value::Known(like) => cast_to(call, like.kind),
        Value::Computed(_) => cast_to(call, data_type::FLOAT),
    }
}

fn cast_to(call: &mut Call<'_>, kind: i32) -> Results {
    let is_float = matches!(kind, data_type::FLOAT | data_type::FLOAT16 | data_type::DOUBLE | data_type::BFLOAT16);
    let is_bool = kind == data_type::BOOL;
    match call.input(0)? {
        Value::Known(constant) => {
            let data = match &constant.data {
                Data::Int(values) if is_float => Data::Float(values.iter().map(|&value| value as f32).collect()),
                Data::Int(values) if is_bool => Data::Int(values.iter().map(|&value| (value != 0).into()).collect()),
                Data::Float(values) if is_bool => {
                    Data::Int(values.iter().map(|&value| (value != 0.0).into()).collect())
                }
                Data::Float(values) if !is_float => Data::Int(values.iter().map(|&value| value as i64).collect()),
                data => data.clone(),
            };
            Ok(vec![Constant { kind, ..Constant::new(constant.shape.clone(), data)? }.into()])
        }
        Value::Computed(id) if is_float => Ok(vec![Value::Computed(id)]),
        Value::Computed(id) if is_bool => {
            let zero = call.add(Op::Unary(Unary::Not), &[id])?;
            call.finish(Op::Unary(Unary::Not), &[zero])
        }
        // Towards zero: the sign times what is left of the magnitude.
        Value::Computed(id) => {
            let sign = call.add(Op::Unary(Unary::Sign), &[id])?;
            let magnitude = call.add(Op::Unary(Unary::Abs), &[id])?;
            let whole = call.add(Op::Unary(Unary::Floor), &[magnitude])?;
            call.finish(Op::Binary(Binary::Mul), &[sign, whole])
        }
    }
}

/// Exporters guard attention against rows of which nothing is left; here all numbers are finite, or all is lost anyway.
fn falsehood(call: &mut Call<'_>) -> Results {
    let shape = call.shape_of(0)?;
    let values = vec![0; super::super::constant::count(&shape)?];
    Ok(vec![Constant { kind: data_type::BOOL, ..Constant::new(shape, Data::Int(values))? }.into()])
}
