//! Products of matrices, and what is made of them: linear layers, sums over indices, attention.

use super::{
    super::{
        call::{Call, Results, Value},
        einsum::Sums,
        fold,
    },
    Row,
};
use crate::nn::graph::{Binary, Op, ValueId};

pub(super) const TABLE: &[Row] =
    &[("MatMul", matmul), ("FusedMatMul", fused_matmul), ("Gemm", gemm), ("Einsum", einsum), ("Attention", attention)];

fn matmul(call: &mut Call<'_>) -> Results {
    let inputs = [call.take(0)?, call.take(1)?];
    call.finish(Op::MatMul, &inputs)
}

/// onnxruntime's: with its operands turned, and the result scaled.
fn fused_matmul(call: &mut Call<'_>) -> Results {
    let mut inputs = [call.take(0)?, call.take(1)?];
    for (input, turned) in inputs.iter_mut().zip(["transA", "transB"]) {
        if call.node.is_on(turned) {
            *input = turned_over(call, *input)?;
        }
    }
    if call.node.is_on("transBatchA") || call.node.is_on("transBatchB") {
        return Err("its first axes are turned, which igoscope does not compute".to_owned());
    }
    let product = call.add(Op::MatMul, &inputs)?;
    scaled(call, product, call.node.float("alpha", 1.0)).map(|id| vec![Value::Computed(id)])
}

/// A value with its last two axes exchanged.
fn turned_over(call: &mut Call<'_>, value: ValueId) -> Result<ValueId, String> {
    let rank = call.builder.shape(value).len();
    if rank < 2 {
        return Ok(value);
    }
    let mut axes: Vec<usize> = (0..rank).collect();
    axes.swap(rank - 2, rank - 1);
    call.add(Op::Transpose { axes }, &[value])
}

fn scaled(call: &mut Call<'_>, value: ValueId, factor: f32) -> Result<ValueId, String> {
    if factor == 1.0 {
        return Ok(value);
    }
    let factor = call.put_number(factor)?;
    call.add(Op::Binary(Binary::Mul), &[value, factor])
}

fn gemm(call: &mut Call<'_>) -> Results {
    let op = Op::Gemm {
        alpha: call.node.float("alpha", 1.0),
        beta: call.node.float("beta", 1.0),
        transpose_left: call.node.is_on("transA"),
        transpose_right: call.node.is_on("transB"),
    };
    let mut inputs = vec![call.take(0)?, call.take(1)?];
    if call.optional(2).is_some() {
        inputs.push(call.take(2)?);
    }
    call.finish(op, &inputs)
}

/// A sum of products over named indices.
fn einsum(call: &mut Call<'_>) -> Results {
    let equation = call.node.text("equation").unwrap_or_default();
    let mut inputs = Vec::new();
    for number in 0..call.inputs.len() {
        inputs.push(call.take(number)?);
    }
    let mut sums = Sums { builder: call.builder, name: call.node.name() };
    Ok(vec![Value::Computed(sums.einsum(equation, &inputs)?)])
}

/// Attention as ONNX has it from version 23 on: softmax(q · kᵀ · scale + mask) · v, heads as axes or within the last axis.
fn attention(call: &mut Call<'_>) -> Results {
    if call.node.domain() != "" {
        return Err("onnxruntime's own attention is not known: export the network without its optimisations".to_owned());
    }
    if call.node.is_on("is_causal") || call.node.float("softcap", 0.0) != 0.0 {
        return Err("only attention to all tokens is computed".to_owned());
    }
    if call.optional(4).is_some() || call.optional(5).is_some() {
        return Err("it keeps keys of earlier calls, which no classifier needs".to_owned());
    }
    let shape = call.shape_of(0)?;
    let is_flat = shape.len() == 3;
    let mut parts = [call.take(0)?, call.take(1)?, call.take(2)?];
    if is_flat {
        for (part, name) in parts.iter_mut().zip(["q_num_heads", "kv_num_heads", "kv_num_heads"]) {
            let heads = call.node.int(name).and_then(|heads| usize::try_from(heads).ok()).filter(|heads| *heads > 0);
            let heads = heads.ok_or_else(|| format!("it lacks {name}"))?;
            let own = call.builder.shape(*part).to_vec();
            let [n, tokens, channels] = own[..] else { return Err(format!("tokens cannot be of shape {own:?}")) };
            let split = call.reshaped(*part, &[n, tokens, heads, channels / heads])?;
            *part = call.add(Op::Transpose { axes: vec![0, 2, 1, 3] }, &[split])?;
        }
    }
    let [query, key, value] = parts;
    let query_shape = call.builder.shape(query).to_vec();
    let [n, heads, tokens, channels] = query_shape[..] else {
        return Err(format!("its queries cannot be of shape {query_shape:?}"));
    };
    let scale = call.node.float("scale", (channels as f32).sqrt().recip());
    let key = turned_over(call, key)?;
    let product = call.add(Op::MatMul, &[query, key])?;
    let mut scores = scaled(call, product, scale)?;
    if let Some(mask) = call.optional(3) {
        let mask = match &mask {
            // What is not attended to is false.
            Value::Known(known) if known.as_ints().is_some() => {
                let [yes, no] = [0.0, -1e30].map(super::super::constant::Constant::scalar);
                fold::chosen(known, &yes, &no)?.into()
            }
            _ => mask,
        };
        let mask = call.put(mask)?;
        scores = call.add(Op::Binary(Binary::Add), &[scores, mask])?;
    }
    let axis = call.builder.shape(scores).len().saturating_sub(1);
    let shares = call.add(Op::Softmax { axis }, &[scores])?;
    let mut result = call.add(Op::MatMul, &[shares, value])?;
    if is_flat {
        let last = call.builder.shape(result).last().copied().unwrap_or_default();
        result = call.add(Op::Transpose { axes: vec![0, 2, 1, 3] }, &[result])?;
        result = call.reshaped(result, &[n, tokens, heads * last])?;
    }
    Ok(vec![Value::Computed(result)])
}
