//! Attention, and softmax.

use super::{
    super::{
        archive::BOOL,
        call::{Call, Made, Results},
    },
    Row,
    products::scaled,
};
use crate::nn::graph::{Binary, Op, ValueId};

pub(super) const TABLE: &[Row] = &[
    ("scaled_dot_product_attention", attention),
    ("_scaled_dot_product_flash_attention", attention),
    ("_scaled_dot_product_flash_attention_for_cpu", attention),
    ("_scaled_dot_product_efficient_attention", attention),
    ("_scaled_dot_product_attention_math", attention),
    ("softmax", |call| softmax(call, |axis| Op::Softmax { axis })),
    ("_softmax", |call| softmax(call, |axis| Op::Softmax { axis })),
    ("_safe_softmax", |call| softmax(call, |axis| Op::Softmax { axis })),
    ("log_softmax", |call| softmax(call, |axis| Op::LogSoftmax { axis })),
    ("_log_softmax", |call| softmax(call, |axis| Op::LogSoftmax { axis })),
];

fn softmax(call: &mut Call<'_>, op: fn(usize) -> Op) -> Results {
    let input = call.tensor("self")?;
    let axis = call.axis("dim", call.shape(input).len(), -1)?;
    call.finish(op(axis), &[input])
}

/// What keeps a place from being looked at: large enough to be nothing after a softmax, and no infinity, which would not be
/// one in a row that has no other place.
const HIDDEN: f32 = -1e30;

/// softmax(query · keyᵀ · scale + mask) · value.
fn attention(call: &mut Call<'_>) -> Results {
    let (query, key, value) = (call.tensor("query")?, call.tensor("key")?, call.tensor("value")?);
    if call.is_on("enable_gqa", false)? && call.shape(query) != call.shape(key) {
        return Err("its queries have more heads than its keys, which igoscope does not compute".to_owned());
    }
    let (shape, keys) = (call.shape(query), call.shape(key));
    let (Some(&[rows, width]), Some(&[columns, _])) = (shape.last_chunk(), keys.last_chunk()) else {
        return Err(format!("its queries have the shape {shape:?}"));
    };
    let scale = call.float_or("scale", 1.0 / (width as f32).sqrt())?;
    let keys = call.turned(key)?;
    let product = call.add(Op::MatMul, &[query, keys])?;
    let mut scores = scaled(call, product, scale)?;
    let mask = if call.argument("attn_mask").is_some() { "attn_mask" } else { "attn_bias" };
    if let Some(added) = call.maybe_tensor(mask)? {
        scores = if call.type_of(mask) == Some(BOOL) {
            let hidden = call.number(HIDDEN)?;
            call.add(Op::Where, &[added, scores, hidden])?
        } else {
            call.add(Op::Binary(Binary::Add), &[scores, added])?
        };
    }
    if call.is_on("is_causal", false)? {
        let hidden = causal(call, rows, columns)?;
        scores = call.add(Op::Binary(Binary::Add), &[scores, hidden])?;
    }
    let axis = call.shape(scores).len() - 1;
    let shares = call.add(Op::Softmax { axis }, &[scores])?;
    Ok(vec![Made::Tensor(call.add(Op::MatMul, &[shares, value])?)])
}

fn causal(call: &mut Call<'_>, rows: usize, columns: usize) -> Result<ValueId, String> {
    let places = rows.checked_mul(columns).filter(|places| *places <= 1 << 26);
    let places = places.ok_or_else(|| format!("a mask of {rows} × {columns} is too large"))?;
    let hidden = (0..places).map(|at| if at % columns > at / columns { HIDDEN } else { 0.0 }).collect();
    call.put(&[rows, columns], hidden)
}
