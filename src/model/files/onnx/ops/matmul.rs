//! Products of matrices, and what is made of them: linear layers, sums over indices, attention.

use super::{
    super::{
        call::{Call, Results, Value},
        fold,
    },
    Row,
};
use crate::nn::graph::{Binary, Op, Reduction, ValueId};

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

/// Letters of an operand, and their sizes.
struct Operand {
    id: ValueId,
    letters: Vec<char>,
}

/// A sum of products over named indices, of one or two operands, each index once in each.
fn einsum(call: &mut Call<'_>) -> Results {
    let equation = call.node.text("equation").unwrap_or_default().replace(' ', "");
    let refusal = || format!("“{equation}” is no product of one or two operands that igoscope computes");
    let (left, out) = equation.split_once("->").map_or((equation.as_str(), None), |(left, out)| (left, Some(out)));
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != call.inputs.len() || terms.len() > 2 {
        return Err(refusal());
    }
    // An ellipsis stands for the axes that are left, by letters that no equation has.
    let mut operands = Vec::new();
    let mut ellipsis = 0;
    for (number, term) in terms.iter().enumerate() {
        let rank = call.shape_of(number)?.len();
        let named = term.replacen("...", "", 1);
        let is_named = named.chars().all(|letter| letter.is_ascii_alphabetic());
        let hidden = rank.checked_sub(named.len()).filter(|_| is_named).ok_or_else(refusal)?;
        if hidden > 0 && !term.contains("...") || hidden > 9 {
            return Err(refusal());
        }
        ellipsis = ellipsis.max(hidden);
        operands.push(with_digits(term, hidden));
    }
    let is_once = |letters: &[char]| letters.iter().enumerate().all(|(at, letter)| !letters[..at].contains(letter));
    if operands.iter().any(|letters| !is_once(letters)) {
        return Err(refusal());
    }
    let out = match out {
        Some(out) => with_digits(out, ellipsis),
        None => implied(&operands, ellipsis),
    };
    let is_made = |letter: &char| operands.iter().any(|letters| letters.contains(letter));
    if !is_once(&out) || !out.iter().all(is_made) {
        return Err(refusal());
    }
    let mut all: Vec<Operand> = Vec::new();
    for (number, letters) in operands.into_iter().enumerate() {
        all.push(Operand { id: call.take(number)?, letters });
    }
    if let [left, right] = &mut all[..] {
        fitted(call, left, right).map_err(|why| format!("in “{equation}” {why}"))?;
    }
    // Indices that one operand alone has are summed at once.
    for at in 0..all.len() {
        let elsewhere = |letter: &char| {
            out.contains(letter) || all.iter().enumerate().any(|(n, o)| n != at && o.letters.contains(letter))
        };
        let axes: Vec<usize> =
            all[at].letters.iter().enumerate().filter(|(_, l)| !elsewhere(l)).map(|(axis, _)| axis).collect();
        if !axes.is_empty() {
            let letters = all[at].letters.iter().copied().filter(|letter| elsewhere(letter)).collect();
            let id = call.add(Op::Reduce { kind: Reduction::Sum, axes, keep: false }, &[all[at].id])?;
            all[at] = Operand { id, letters };
        }
    }
    let result = match &all[..] {
        [one] => Operand { id: one.id, letters: one.letters.clone() },
        [left, right] => product(call, left, right, &out)?,
        _ => return Err(refusal()),
    };
    let axes: Option<Vec<usize>> =
        out.iter().map(|letter| result.letters.iter().position(|own| own == letter)).collect();
    let axes = axes.filter(|axes| axes.len() == result.letters.len()).ok_or_else(refusal)?;
    call.finish(Op::Transpose { axes }, &[result.id])
}

/// The result's letters where an equation does not say them: those of the ellipsis, then those that stand once in it, in
/// the order of the alphabet, capitals first.
fn implied(operands: &[Vec<char>], ellipsis: usize) -> Vec<char> {
    let mut named: Vec<char> =
        operands.iter().flatten().copied().filter(|letter| letter.is_ascii_alphabetic()).collect();
    named.sort_unstable();
    let is_single = |letter: &char| named.iter().filter(|other| *other == letter).count() == 1;
    let single = named.iter().copied().filter(is_single);
    with_digits("...", ellipsis).into_iter().chain(single).collect()
}

/// Two operands whose common indices have the same sizes: an axis of length 1 that is longer in the other operand is
/// broadcast, and left out here.
fn fitted(call: &mut Call<'_>, left: &mut Operand, right: &mut Operand) -> Result<(), String> {
    let shapes = [left.id, right.id].map(|id| call.builder.shape(id).to_vec());
    let size = |operand: &Operand, shape: &[usize], letter: char| {
        operand.letters.iter().position(|own| *own == letter).and_then(|axis| shape.get(axis).copied())
    };
    let sizes = |letter: char| size(left, &shapes[0], letter).zip(size(right, &shapes[1], letter));
    let unlike = |letter: &&char| sizes(**letter).is_some_and(|(a, b)| a != b && a != 1 && b != 1);
    if let Some(letter) = left.letters.iter().find(unlike) {
        let name = if letter.is_ascii_digit() { "an axis of “...”".to_owned() } else { format!("“{letter}”") };
        return Err(format!(
            "{name} has different lengths in its inputs of shapes {:?} and {:?}",
            shapes[0], shapes[1]
        ));
    }
    let common = left.letters.iter().filter_map(|&letter| Some((letter, sizes(letter)?)));
    let broadcast = common.filter(|(_, (a, b))| a != b);
    let (of_left, of_right): (Vec<_>, Vec<_>) = broadcast.partition(|(_, (a, _))| *a == 1);
    for (operand, shape, gone) in [(left, &shapes[0], of_left), (right, &shapes[1], of_right)] {
        let goes: Vec<char> = gone.into_iter().map(|(letter, _)| letter).collect();
        let stay = |letter: &char| !goes.contains(letter);
        let rest: Vec<usize> =
            operand.letters.iter().zip(shape).filter(|(letter, _)| stay(letter)).map(|(_, &size)| size).collect();
        operand.letters.retain(stay);
        operand.id = call.reshaped(operand.id, &rest)?;
    }
    Ok(())
}

/// A term's letters, its ellipsis as digits for so many axes. They count down to the last one, so that a shorter ellipsis
/// has the last axes of a longer one.
fn with_digits(term: &str, hidden: usize) -> Vec<char> {
    let digits: String = (0..hidden).rev().filter_map(|digit| char::from_digit(digit as u32, 10)).collect();
    term.replace("...", &digits).chars().collect()
}

/// The product of two operands: indices that both and the result have stay, those that only both have are summed.
fn product(call: &mut Call<'_>, left: &Operand, right: &Operand, out: &[char]) -> Result<Operand, String> {
    let shapes = [left, right].map(|operand| call.builder.shape(operand.id).to_vec());
    let size = |letter: char| -> usize {
        let of = |operand: &Operand, shape: &[usize]| {
            operand.letters.iter().position(|own| *own == letter).and_then(|axis| shape.get(axis).copied())
        };
        of(left, &shapes[0]).or_else(|| of(right, &shapes[1])).unwrap_or(1)
    };
    let both = |letter: &char| left.letters.contains(letter) && right.letters.contains(letter);
    let batch: Vec<char> = left.letters.iter().copied().filter(|l| both(l) && out.contains(l)).collect();
    let summed: Vec<char> = left.letters.iter().copied().filter(|l| both(l) && !out.contains(l)).collect();
    let rows: Vec<char> = left.letters.iter().copied().filter(|l| !both(l)).collect();
    let columns: Vec<char> = right.letters.iter().copied().filter(|l| !both(l)).collect();
    let total = |letters: &[char]| letters.iter().map(|&letter| size(letter)).product::<usize>();
    let mut flat = |operand: &Operand, parts: [&[char]; 3]| -> Result<ValueId, String> {
        let order: Vec<char> = parts.concat();
        let places = order.iter().map(|letter| operand.letters.iter().position(|own| own == letter));
        let axes: Option<Vec<usize>> = places.collect();
        let id = call.add(Op::Transpose { axes: axes.ok_or("its indices do not fit")? }, &[operand.id])?;
        call.reshaped(id, &parts.map(total))
    };
    let inputs = [flat(left, [&batch, &rows, &summed])?, flat(right, [&batch, &summed, &columns])?];
    let result = call.add(Op::MatMul, &inputs)?;
    let letters = [&batch[..], &rows, &columns].concat();
    let shape: Vec<usize> = letters.iter().map(|&letter| size(letter)).collect();
    Ok(Operand { id: call.reshaped(result, &shape)?, letters })
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
