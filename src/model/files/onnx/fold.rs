//! Arithmetic on constants: what exporters compute of shapes, and of weights before they are used.

use super::constant::{Constant, Data, count};

/// What is made of one value.
type Unary = (fn(f32) -> f32, Option<fn(i64) -> i64>);

/// What is made of two values: of two numbers, or of two whole ones.
type Binary = (fn(f32, f32) -> f32, fn(i64, i64) -> i64);

/// The strides of a shape, in values.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for dimension in (0..shape.len().saturating_sub(1)).rev() {
        strides[dimension] = strides[dimension + 1] * shape[dimension + 1];
    }
    strides
}

/// The shape that two shapes have together, where sizes of 1 are repeated.
pub(super) fn broadcast_shape(left: &[usize], right: &[usize]) -> Result<Vec<usize>, String> {
    let rank = left.len().max(right.len());
    let size = |shape: &[usize], dimension: usize| {
        (dimension + shape.len()).checked_sub(rank).map_or(1, |dimension| shape[dimension])
    };
    (0..rank)
        .map(|dimension| match (size(left, dimension), size(right, dimension)) {
            (left, right) if left == right => Ok(left),
            (1, other) | (other, 1) => Ok(other),
            _ => Err(format!("shapes {left:?} and {right:?} do not fit each other")),
        })
        .collect()
}

/// Where each value of `shape` is in a tensor of `from`, whose sizes of 1 are repeated.
fn places(from: &[usize], shape: &[usize]) -> Result<Vec<usize>, String> {
    let total = count(shape)?;
    let own = strides(from);
    let offset = shape.len() - from.len();
    let steps: Vec<usize> = (0..shape.len())
        .map(|dimension| match dimension.checked_sub(offset) {
            Some(inner) if from[inner] != 1 => own[inner],
            _ => 0,
        })
        .collect();
    Ok(walk(shape, &steps, 0, total))
}

/// The places that steps of so many values along each dimension of a shape lead to.
fn walk(shape: &[usize], steps: &[usize], start: usize, total: usize) -> Vec<usize> {
    let mut places = Vec::with_capacity(total);
    let mut index = vec![0; shape.len()];
    let mut at = start;
    for _ in 0..total {
        places.push(at);
        for dimension in (0..shape.len()).rev() {
            index[dimension] += 1;
            at = at.wrapping_add(steps[dimension]);
            if index[dimension] < shape[dimension] {
                break;
            }
            at = at.wrapping_sub(steps[dimension].wrapping_mul(shape[dimension]));
            index[dimension] = 0;
        }
    }
    places
}

fn picked(data: &Data, places: &[usize]) -> Result<Data, String> {
    fn pick<T: Copy>(values: &[T], places: &[usize]) -> Result<Vec<T>, String> {
        let value =
            |&place: &usize| values.get(place).copied().ok_or_else(|| "it reads past a tensor's end".to_owned());
        places.iter().map(value).collect()
    }
    Ok(match data {
        Data::Float(values) => Data::Float(pick(values, places)?),
        Data::Int(values) => Data::Int(pick(values, places)?),
    })
}

/// A constant with its sizes of 1 repeated until it has a shape.
pub(super) fn expanded(constant: &Constant, shape: &[usize]) -> Result<Constant, String> {
    if constant.shape == shape {
        return Ok(constant.clone());
    }
    if broadcast_shape(&constant.shape, shape)? != shape {
        return Err(format!("a tensor of shape {:?} cannot be repeated to {shape:?}", constant.shape));
    }
    Constant::new(shape.to_vec(), picked(&constant.data, &places(&constant.shape, shape)?)?)
}

/// The dimensions of a constant in another order.
pub(super) fn transposed(constant: &Constant, order: &[usize]) -> Result<Constant, String> {
    let own = strides(&constant.shape);
    let shape: Vec<usize> = order.iter().map(|&dimension| constant.shape[dimension]).collect();
    let steps: Vec<usize> = order.iter().map(|&dimension| own[dimension]).collect();
    let total = count(&shape)?;
    Constant::new(shape.clone(), picked(&constant.data, &walk(&shape, &steps, 0, total))?)
}

/// A part of a constant: along each dimension from a start, with a step, so many.
pub(super) fn sliced(constant: &Constant, parts: &[(usize, i64, usize)]) -> Result<Constant, String> {
    let own = strides(&constant.shape);
    let shape: Vec<usize> = parts.iter().map(|part| part.2).collect();
    let total = count(&shape)?;
    let start = parts.iter().zip(&own).map(|(part, own)| part.0 * own).sum();
    let steps: Vec<usize> = parts.iter().zip(&own).map(|(part, &own)| (part.1 as usize).wrapping_mul(own)).collect();
    Constant::new(shape.clone(), picked(&constant.data, &walk(&shape, &steps, start, total))?)
}

/// Entries of a constant along an axis.
pub(super) fn gathered(constant: &Constant, axis: usize, indices: &Constant) -> Result<Constant, String> {
    let numbers = indices.as_ints().ok_or("its indices are no whole numbers")?;
    let size = constant.shape[axis];
    let outer: usize = constant.shape[..axis].iter().product();
    let inner: usize = constant.shape[axis + 1..].iter().product();
    let shape = [&constant.shape[..axis], &indices.shape, &constant.shape[axis + 1..]].concat();
    let mut places = Vec::with_capacity(count(&shape)?);
    for outer in 0..outer {
        for &number in numbers {
            let index = wrapped(number, size).ok_or_else(|| format!("it reads entry {number} of {size}"))?;
            places.extend((0..inner).map(|inner_index| (outer * size + index) * inner + inner_index));
        }
    }
    Constant::new(shape, picked(&constant.data, &places)?)
}

/// An index that may count from the end.
pub(super) fn wrapped(index: i64, size: usize) -> Option<usize> {
    let size = i64::try_from(size).ok()?;
    let index = if index < 0 { index.checked_add(size)? } else { index };
    usize::try_from(index).ok().filter(|_| index < size)
}

/// Constants one after the other along an axis.
pub(super) fn concatenated(parts: &[&Constant], axis: usize) -> Result<Constant, String> {
    let first = parts.first().ok_or("there is nothing to put together")?;
    let mut shape = first.shape.clone();
    for part in &parts[1..] {
        let fits = part.shape.len() == shape.len()
            && (0..shape.len()).all(|dimension| dimension == axis || part.shape[dimension] == shape[dimension]);
        if !fits {
            return Err(format!("shapes {:?} and {:?} cannot be put together", first.shape, part.shape));
        }
        shape[axis] += part.shape[axis];
    }
    count(&shape)?;
    let outer: usize = shape[..axis].iter().product();
    let all_ints = parts.iter().all(|part| part.as_ints().is_some());
    let chunk = |part: &Constant| part.shape[axis..].iter().product::<usize>();
    let data = if all_ints {
        let mut values = Vec::new();
        for outer in 0..outer {
            for part in parts {
                let len = chunk(part);
                values.extend_from_slice(&part.as_ints().unwrap_or_default()[outer * len..(outer + 1) * len]);
            }
        }
        Data::Int(values)
    } else {
        let floats: Vec<Vec<f32>> = parts.iter().map(|part| part.floats()).collect();
        let mut values = Vec::new();
        for outer in 0..outer {
            for (part, floats) in parts.iter().zip(&floats) {
                let len = chunk(part);
                values.extend_from_slice(&floats[outer * len..(outer + 1) * len]);
            }
        }
        Data::Float(values)
    };
    Constant::new(shape, data)
}

/// What an operation of two values makes of two constants; none if it is not known.
pub(super) fn binary(operation: &str, left: &Constant, right: &Constant) -> Option<Result<Constant, String>> {
    let compares: Option<fn(f64, f64) -> bool> = match operation {
        "Equal" => Some(|left, right| left == right),
        "Less" => Some(|left, right| left < right),
        "LessOrEqual" => Some(|left, right| left <= right),
        "Greater" => Some(|left, right| left > right),
        "GreaterOrEqual" => Some(|left, right| left >= right),
        "And" => Some(|left, right| left != 0.0 && right != 0.0),
        "Or" => Some(|left, right| left != 0.0 || right != 0.0),
        "Xor" => Some(|left, right| (left != 0.0) != (right != 0.0)),
        _ => None,
    };
    if let Some(compares) = compares {
        return Some(compared(left, right, compares));
    }
    let (floats, ints): Binary = match operation {
        "Add" => (|left, right| left + right, i64::wrapping_add),
        "Sub" => (|left, right| left - right, i64::wrapping_sub),
        "Mul" => (|left, right| left * right, i64::wrapping_mul),
        "Div" => (|left, right| left / right, |left, right| left.checked_div(right).unwrap_or(0)),
        "Pow" => {
            (power, |left, right| u32::try_from(right).map_or(0, |right| left.checked_pow(right).unwrap_or(i64::MAX)))
        }
        "Max" => (f32::max, i64::max),
        "Min" => (f32::min, i64::min),
        "Mod" => (
            |left, right| left - (left / right).trunc() * right,
            |left, right| {
                left.checked_rem_euclid(right).map_or(0, |rest| if right < 0 && rest > 0 { rest + right } else { rest })
            },
        ),
        "BitwiseAnd" => (|left, _| left, |left, right| left & right),
        _ => return None,
    };
    Some(combined(left, right, floats, ints))
}

/// xʸ, which multiplies for small whole numbers, as all libraries do.
fn power(base: f32, exponent: f32) -> f32 {
    if exponent == 2.0 { base * base } else { base.powf(exponent) }
}

fn compared(left: &Constant, right: &Constant, compares: fn(f64, f64) -> bool) -> Result<Constant, String> {
    let shape = broadcast_shape(&left.shape, &right.shape)?;
    let number = |constant: &Constant, place: usize| match &constant.data {
        Data::Float(values) => f64::from(values[place]),
        Data::Int(values) => values[place] as f64,
    };
    let places = places(&left.shape, &shape)?.into_iter().zip(places(&right.shape, &shape)?);
    let values = places.map(|(own, other)| compares(number(left, own), number(right, other)).into()).collect();
    Constant::new(shape, Data::Int(values))
}

fn combined(
    left: &Constant,
    right: &Constant,
    floats: fn(f32, f32) -> f32,
    ints: fn(i64, i64) -> i64,
) -> Result<Constant, String> {
    let shape = broadcast_shape(&left.shape, &right.shape)?;
    let places = places(&left.shape, &shape)?.into_iter().zip(places(&right.shape, &shape)?);
    let data = match (&left.data, &right.data) {
        (Data::Int(left), Data::Int(right)) => {
            Data::Int(places.map(|(own, other)| ints(left[own], right[other])).collect())
        }
        _ => {
            let (left, right) = (left.floats(), right.floats());
            Data::Float(places.map(|(own, other)| floats(left[own], right[other])).collect())
        }
    };
    Constant::new(shape, data)
}

/// What an operation of one value makes of a constant; none if it is not known.
pub(super) fn unary(operation: &str, constant: &Constant) -> Option<Result<Constant, String>> {
    let (floats, ints): Unary = match operation {
        "Neg" => (|value| -value, Some(i64::wrapping_neg)),
        "Abs" => (f32::abs, Some(i64::wrapping_abs)),
        "Sign" => (|value| if value == 0.0 { 0.0 } else { value.signum() }, Some(i64::signum)),
        "Not" => (|value| f32::from(value == 0.0), Some(|value| i64::from(value == 0))),
        "Floor" => (f32::floor, None),
        "Ceil" => (f32::ceil, None),
        "Round" => (f32::round_ties_even, None),
        "Sqrt" => (f32::sqrt, None),
        "Reciprocal" => (f32::recip, None),
        "Exp" => (f32::exp, None),
        "Log" => (f32::ln, None),
        "Sin" => (f32::sin, None),
        "Cos" => (f32::cos, None),
        "Tanh" => (f32::tanh, None),
        "Sigmoid" => (|value| 1.0 / (1.0 + (-value).exp()), None),
        "Relu" => (|value| value.max(0.0), Some(|value| value.max(0))),
        "Softplus" => (|value| value.max(0.0) + (-value.abs()).exp().ln_1p(), None),
        "Identity" => (|value| value, Some(|value| value)),
        _ => return None,
    };
    let data = match (&constant.data, ints) {
        (Data::Int(values), Some(ints)) => Data::Int(values.iter().map(|&value| ints(value)).collect()),
        _ => Data::Float(constant.floats().into_iter().map(floats).collect()),
    };
    Some(Constant::new(constant.shape.clone(), data))
}

/// Values of one constant where a condition holds, and of another where it does not.
pub(super) fn chosen(condition: &Constant, yes: &Constant, no: &Constant) -> Result<Constant, String> {
    let shape = broadcast_shape(&condition.shape, &broadcast_shape(&yes.shape, &no.shape)?)?;
    let is_true: Vec<bool> = match &expanded(condition, &shape)?.data {
        Data::Int(values) => values.iter().map(|value| *value != 0).collect(),
        Data::Float(values) => values.iter().map(|value| *value != 0.0).collect(),
    };
    let (yes, no) = (expanded(yes, &shape)?, expanded(no, &shape)?);
    let data = match (&yes.data, &no.data) {
        (Data::Int(yes), Data::Int(no)) => {
            Data::Int(is_true.iter().enumerate().map(|(at, &is)| if is { yes[at] } else { no[at] }).collect())
        }
        _ => {
            let (yes, no) = (yes.floats(), no.floats());
            Data::Float(is_true.iter().enumerate().map(|(at, &is)| if is { yes[at] } else { no[at] }).collect())
        }
    };
    Constant::new(shape, data)
}

/// What is made of the values along axes; these stay as sizes of 1.
pub(super) fn reduced(operation: &str, constant: &Constant, axes: &[usize]) -> Option<Result<Constant, String>> {
    let (start, fold): (f64, fn(f64, f64) -> f64) = match operation {
        "ReduceSum" | "ReduceMean" => (0.0, |sum, value| sum + value),
        "ReduceProd" => (1.0, |product, value| product * value),
        "ReduceMax" => (f64::NEG_INFINITY, f64::max),
        "ReduceMin" => (f64::INFINITY, f64::min),
        "ReduceL2" | "ReduceSumSquare" => (0.0, |sum, value| value.mul_add(value, sum)),
        "ReduceL1" => (0.0, |sum, value| sum + value.abs()),
        _ => return None,
    };
    let shape: Vec<usize> =
        constant.shape.iter().enumerate().map(|(axis, &size)| if axes.contains(&axis) { 1 } else { size }).collect();
    let places = match places(&shape, &constant.shape) {
        Ok(places) => places,
        Err(why) => return Some(Err(why)),
    };
    let total: usize = shape.iter().product();
    let mut values = vec![start; total];
    for (at, place) in places.into_iter().enumerate() {
        let value = match &constant.data {
            Data::Float(values) => f64::from(values[at]),
            Data::Int(values) => values[at] as f64,
        };
        values[place] = fold(values[place], value);
    }
    let many: usize = axes.iter().map(|&axis| constant.shape[axis]).product();
    match operation {
        "ReduceMean" => values.iter_mut().for_each(|value| *value /= many as f64),
        "ReduceL2" => values.iter_mut().for_each(|value| *value = value.sqrt()),
        _ => {}
    }
    let is_whole = constant.as_ints().is_some() && !matches!(operation, "ReduceMean" | "ReduceL2");
    let data = if is_whole {
        Data::Int(values.into_iter().map(|value| value as i64).collect())
    } else {
        Data::Float(values.into_iter().map(|value| value as f32).collect())
    };
    Some(Constant::new(shape, data))
}
