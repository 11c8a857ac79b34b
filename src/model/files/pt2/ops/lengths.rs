//! Whole numbers that a program computes of lengths of axes that were open when it was exported: here they are known.

use super::{
    super::call::{Call, Made, Results},
    Import,
};
use crate::files::pt2::program::{Argument, Symbol};

/// What makes a whole number, if it is known.
pub(super) fn import_of(operation: &str) -> Option<Import> {
    Some(match operation {
        "aten.sym_size" => length,
        "aten.sym_numel" => count,
        "_operator.add" => |call| number(call, i64::checked_add),
        "_operator.sub" => |call| number(call, i64::checked_sub),
        "_operator.mul" => |call| number(call, i64::checked_mul),
        "_operator.floordiv" => |call| number(call, floor_div),
        "_operator.mod" => |call| number(call, |a, b| a.checked_sub(floor_div(a, b)?.checked_mul(b)?)),
        "_operator.neg" => |call| {
            let all = operands(call)?;
            let [only] = all[..] else { return Err("it takes one number".to_owned()) };
            Ok(vec![Made::Number(only.checked_neg().ok_or("its result is no number")?)])
        },
        _ => return None,
    })
}

fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

fn operands(call: &Call<'_>) -> Result<Vec<i64>, String> {
    let one = |argument: &Argument| match argument {
        Argument::Int(number) | Argument::Symbol(Symbol::AsInt(number)) => Ok(*number),
        Argument::Symbol(Symbol::AsName(name)) => {
            call.numbers.get(name).copied().ok_or_else(|| format!("it takes the number “{name}”, which is not known"))
        }
        _ => Err("it takes what is no whole number".to_owned()),
    };
    call.node.inputs.iter().map(|input| one(&input.arg)).collect()
}

fn number(call: &mut Call<'_>, function: fn(i64, i64) -> Option<i64>) -> Results {
    let all = operands(call)?;
    let [a, b] = all[..] else { return Err(format!("it takes two numbers, and is given {}", all.len())) };
    Ok(vec![Made::Number(function(a, b).ok_or_else(|| format!("its result of {a} and {b} is no number"))?)])
}

fn length(call: &mut Call<'_>) -> Results {
    let value = call.tensor("self")?;
    let shape = call.shape(value);
    let axis = call.axis("dim", shape.len(), 0)?;
    Ok(vec![Made::Number(shape[axis] as i64)])
}

fn count(call: &mut Call<'_>) -> Results {
    let value = call.tensor("self")?;
    Ok(vec![Made::Number(call.shape(value).iter().product::<usize>() as i64)])
}
