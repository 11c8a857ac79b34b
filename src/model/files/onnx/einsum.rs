//! Sums of products over named indices, as ONNX and PyTorch have them in one operation.

use crate::nn::graph::{GraphBuilder, Op, Reduction, ValueId};

/// What they are made in.
pub(crate) struct Sums<'a> {
    pub builder: &'a mut GraphBuilder,
    /// What the nodes are called.
    pub name: &'a str,
}

/// Letters of an operand, and their sizes.
struct Operand {
    id: ValueId,
    letters: Vec<char>,
}

impl Sums<'_> {
    fn add(&mut self, op: Op, inputs: &[ValueId]) -> Result<ValueId, String> {
        self.builder.add(self.name, op, inputs).map_err(|error| error.to_string())
    }

    fn reshaped(&mut self, id: ValueId, shape: &[usize]) -> Result<ValueId, String> {
        if self.builder.shape(id) == shape {
            return Ok(id);
        }
        self.add(Op::Reshape { shape: shape.to_vec() }, &[id])
    }

    /// A sum of products over named indices, of one or two operands, each index once in each.
    ///
    /// # Errors
    /// It is another kind of sum, or its operands do not fit.
    pub(crate) fn einsum(&mut self, equation: &str, inputs: &[ValueId]) -> Result<ValueId, String> {
        let equation = equation.replace(' ', "");
        let refusal = || format!("“{equation}” is no product of one or two operands that igoscope computes");
        let (left, out) = equation.split_once("->").map_or((equation.as_str(), None), |(left, out)| (left, Some(out)));
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != inputs.len() || terms.len() > 2 {
            return Err(refusal());
        }
        // An ellipsis stands for the axes that are left, by letters that no equation has.
        let mut operands = Vec::new();
        let mut ellipsis = 0;
        for (term, input) in terms.iter().zip(inputs) {
            let rank = self.builder.shape(*input).len();
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
        let mut all: Vec<Operand> =
            operands.into_iter().zip(inputs).map(|(letters, id)| Operand { id: *id, letters }).collect();
        if let [left, right] = &mut all[..] {
            fitted(self, left, right).map_err(|why| format!("in “{equation}” {why}"))?;
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
                let id = self.add(Op::Reduce { kind: Reduction::Sum, axes, keep: false }, &[all[at].id])?;
                all[at] = Operand { id, letters };
            }
        }
        let result = match &all[..] {
            [one] => Operand { id: one.id, letters: one.letters.clone() },
            [left, right] => product(self, left, right, &out)?,
            _ => return Err(refusal()),
        };
        let axes: Option<Vec<usize>> =
            out.iter().map(|letter| result.letters.iter().position(|own| own == letter)).collect();
        let axes = axes.filter(|axes| axes.len() == result.letters.len()).ok_or_else(refusal)?;
        self.add(Op::Transpose { axes }, &[result.id])
    }
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
fn fitted(sums: &mut Sums<'_>, left: &mut Operand, right: &mut Operand) -> Result<(), String> {
    let shapes = [left.id, right.id].map(|id| sums.builder.shape(id).to_vec());
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
        operand.id = sums.reshaped(operand.id, &rest)?;
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
fn product(sums: &mut Sums<'_>, left: &Operand, right: &Operand, out: &[char]) -> Result<Operand, String> {
    let shapes = [left, right].map(|operand| sums.builder.shape(operand.id).to_vec());
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
        let id = sums.add(Op::Transpose { axes: axes.ok_or("its indices do not fit")? }, &[operand.id])?;
        sums.reshaped(id, &parts.map(total))
    };
    let inputs = [flat(left, [&batch, &rows, &summed])?, flat(right, [&batch, &summed, &columns])?];
    let result = sums.add(Op::MatMul, &inputs)?;
    let letters = [&batch[..], &rows, &columns].concat();
    let shape: Vec<usize> = letters.iter().map(|&letter| size(letter)).collect();
    Ok(Operand { id: sums.reshaped(result, &shape)?, letters })
}
