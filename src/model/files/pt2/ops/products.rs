//! Products of matrices.

use super::{
    super::call::{Call, Made, Results},
    Row,
};
use crate::{
    files::onnx::Sums,
    nn::graph::{Binary, Op, ValueId},
};

pub(super) const TABLE: &[Row] = &[
    ("linear", linear),
    ("addmm", |call| added(call, "mat1", "mat2")),
    ("baddbmm", |call| added(call, "batch1", "batch2")),
    ("mm", |call| product(call, "self", "mat2")),
    ("bmm", |call| product(call, "self", "mat2")),
    ("matmul", |call| product(call, "self", "other")),
    ("einsum", |call| {
        let equation = call.text("equation").ok_or("it has no equation")?;
        let inputs: Vec<ValueId> = call.tensors("tensors")?.into_iter().flatten().collect();
        let mut sums = Sums { builder: call.builder, name: call.name };
        Ok(vec![Made::Tensor(sums.einsum(equation, &inputs)?)])
    }),
];

fn linear(call: &mut Call<'_>) -> Results {
    let (input, weight) = (call.tensor("input")?, call.tensor("weight")?);
    let bias = call.maybe_tensor("bias")?;
    if call.builder.values_of(weight).is_some() && call.shape(weight).len() == 2 {
        let op = Op::Gemm { alpha: 1.0, beta: 1.0, transpose_left: false, transpose_right: true };
        let inputs: Vec<ValueId> = [input, weight].into_iter().chain(bias).collect();
        return call.finish(op, &inputs);
    }
    let turned = call.turned(weight)?;
    let result = call.add(Op::MatMul, &[input, turned])?;
    match bias {
        Some(bias) => call.finish(Op::Binary(Binary::Add), &[result, bias]),
        None => Ok(vec![Made::Tensor(result)]),
    }
}

fn product(call: &mut Call<'_>, left: &str, right: &str) -> Results {
    let inputs = [call.tensor(left)?, call.tensor(right)?];
    call.finish(Op::MatMul, &inputs)
}

/// `beta · self + alpha · left · right`.
fn added(call: &mut Call<'_>, left: &str, right: &str) -> Results {
    let (alpha, beta) = (call.float_or("alpha", 1.0)?, call.float_or("beta", 1.0)?);
    let (left, right, summand) = (call.tensor(left)?, call.tensor(right)?, call.tensor("self")?);
    let is_matrix = |call: &Call<'_>, value| call.shape(value).len() == 2;
    if is_matrix(call, left) && is_matrix(call, right) {
        let op = Op::Gemm { alpha, beta, transpose_left: false, transpose_right: false };
        return call.finish(op, &[left, right, summand]);
    }
    let result = call.add(Op::MatMul, &[left, right])?;
    let result = scaled(call, result, alpha)?;
    let summand = scaled(call, summand, beta)?;
    call.finish(Op::Binary(Binary::Add), &[result, summand])
}

/// A value times a number.
pub(super) fn scaled(call: &mut Call<'_>, value: ValueId, factor: f32) -> Result<ValueId, String> {
    if factor == 1.0 {
        return Ok(value);
    }
    let factor = call.number(factor)?;
    call.add(Op::Binary(Binary::Mul), &[value, factor])
}
