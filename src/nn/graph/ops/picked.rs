//! Values picked along every axis by their places: slices, gathered, repeated and padded tensors.

use super::check_axis;
use crate::{
    buffer::Buffer,
    graph::{
        builder::MOST_VALUES,
        layout::{Form, Layout},
        op::{PadMode, Span},
        shape::{self, Shape},
        step::{Compiled, Context, Port, Record, Shared, Step, only},
    },
};

pub(super) fn slice_shape(spans: &[Span], input: &[usize]) -> Result<Shape, String> {
    let fits = |(span, len): (&Span, &usize)| -> bool {
        let reach = isize::try_from(span.len.saturating_sub(1)).ok().and_then(|steps| steps.checked_mul(span.step));
        let last = reach.and_then(|reach| span.start.checked_add_signed(reach));
        span.start < *len && last.is_some_and(|last| last < *len)
    };
    if spans.len() != input.len() || !spans.iter().zip(input).all(fits) {
        return Err(format!("there are no such values in the shape {input:?}: {spans:?}"));
    }
    Ok(spans.iter().map(|span| span.len).collect())
}

pub(super) fn gather_shape(axis: usize, indices: &[usize], of: &[usize], input: &[usize]) -> Result<Shape, String> {
    check_axis(axis, input)?;
    if shape::count(of) != Some(indices.len()) {
        return Err(format!("{} indices are not of the shape {of:?}", indices.len()));
    }
    if let Some(beyond) = indices.iter().find(|index| **index >= input[axis]) {
        return Err(format!("there is no place {beyond} along axis {axis} of the shape {input:?}"));
    }
    Ok([&input[..axis], of, &input[axis + 1..]].concat())
}

pub(super) fn tile_shape(repeats: &[usize], input: &[usize]) -> Result<Shape, String> {
    let len = |(len, repeats): (&usize, &usize)| len.checked_mul(*repeats);
    let shape: Option<Shape> = input.iter().zip(repeats).map(len).collect();
    shape
        .filter(|_| repeats.len() == input.len())
        .ok_or_else(|| format!("the shape {input:?} cannot be repeated {repeats:?} times"))
}

pub(super) fn pad_shape(before: &[isize], after: &[isize], mode: PadMode, input: &[usize]) -> Result<Shape, String> {
    let padded = |axis: usize| -> Option<usize> {
        let (before, after, len) = (*before.get(axis)?, *after.get(axis)?, input[axis]);
        let most = match mode {
            PadMode::Constant(_) | PadMode::Edge | PadMode::Wrap => MOST_VALUES,
            PadMode::Reflect => len - 1,
        };
        if before > isize::try_from(most).ok()? || after > isize::try_from(most).ok()? {
            return None;
        }
        // Something of the tensor itself is left.
        let left = len.checked_add_signed(before.min(0))?.checked_add_signed(after.min(0))?;
        (left > 0).then(|| len.checked_add_signed(before)?.checked_add_signed(after)).flatten()
    };
    let shape: Option<Shape> = (0..input.len()).map(padded).collect();
    shape
        .filter(|_| before.len() == input.len() && after.len() == input.len())
        .ok_or_else(|| format!("the shape {input:?} cannot be padded by {before:?} and {after:?}, {mode:?}"))
}

pub(super) fn compile_slice(spans: &[Span], port: &Port, result: &[usize]) -> Compiled {
    let place = |axis: usize, index: usize| {
        let Span { start, step, .. } = spans[axis];
        start.checked_add_signed(index as isize * step)
    };
    of(&port.form, result, 0.0, place)
}

pub(super) fn compile_gather(along: usize, indices: &[usize], port: &Port, result: &[usize]) -> Compiled {
    of(&port.form, result, 0.0, |axis, index| Some(if axis == along { indices[index] } else { index }))
}

pub(super) fn compile_expand(port: &Port, result: &[usize]) -> Compiled {
    let missing = result.len() - port.shape().len();
    let shape: Shape = [&vec![1; missing], port.shape()].concat();
    let order = (0..missing).chain(port.form.layout.order().iter().map(|axis| axis + missing)).collect();
    let layout = Layout::new(order, &shape);
    let mut compiled =
        of(&Form::new(&shape, layout), result, 0.0, |axis, index| Some(if shape[axis] == 1 { 0 } else { index }));
    compiled.wanted = vec![Some(port.form.layout.clone())];
    compiled
}

pub(super) fn compile_tile(port: &Port, result: &[usize]) -> Compiled {
    of(&port.form, result, 0.0, |axis, index| Some(index % port.shape()[axis]))
}

pub(super) fn compile_pad(before: &[isize], mode: PadMode, port: &Port, result: &[usize]) -> Compiled {
    let place = |axis: usize, index: usize| padded_place(mode, port.shape()[axis], index, before[axis]);
    let fill = if let PadMode::Constant(value) = mode { value } else { 0.0 };
    of(&port.form, result, fill, place)
}

/// Where along an axis of `len` values that of a padded one is taken; none of it for a number that is put there.
pub(in crate::graph) fn padded_place(mode: PadMode, len: usize, index: usize, before: isize) -> Option<usize> {
    let last = len as isize - 1;
    let place = index as isize - before;
    let inside = match mode {
        PadMode::Constant(_) => place,
        PadMode::Edge => place.clamp(0, last),
        PadMode::Wrap => place.rem_euclid(last + 1),
        // Mirrored at the first and the last.
        PadMode::Reflect => last - (last - place.abs()).abs(),
    };
    usize::try_from(inside).ok().filter(|place| *place < len)
}

/// `place(axis, index)` says where along the input's axis a value is taken, or that it is none of it.
fn of(form: &Form, result: &[usize], fill: f32, place: impl Fn(usize, usize) -> Option<usize>) -> Compiled {
    let order = form.layout.order();
    // Single values may have become many: they lie outside of the others as before.
    let output = Layout::new(order.to_vec(), result);
    let strides = form.layout.strides(&form.shape);
    // What is taken as it lies is one block.
    let mut axes: Vec<usize> = output.order().to_vec();
    let mut block = 1;
    let is_whole = |axis: usize| {
        form.shape[axis] == result[axis] && (0..result[axis]).all(|index| place(axis, index) == Some(index))
    };
    while let Some(axis) = axes.last().copied() {
        if !is_whole(axis) || strides[axis] != block && result[axis] != 1 {
            break;
        }
        block *= result[axis];
        axes.pop();
    }
    let offsets = |axis: usize| -> Vec<Option<usize>> {
        (0..result[axis]).map(|index| Some(place(axis, index)? * strides[axis])).collect()
    };
    let last = axes.pop();
    let mut runs: Vec<Run> = Vec::new();
    for index in 0..last.map_or(1, |axis| result[axis]) {
        let from = last.map_or(Some(0), |axis| Some(place(axis, index)? * strides[axis]));
        match (runs.last_mut(), from) {
            (Some(Run { from: None, len }), None) => *len += block,
            (Some(Run { from: Some(first), len }), Some(from)) if *first + *len == from => *len += block,
            _ => runs.push(Run { from, len: block }),
        }
    }
    let row = runs.iter().map(|run| run.len).sum();
    let step = Picked {
        outer: axes.into_iter().map(offsets).collect(),
        runs,
        row,
        input: form.size(),
        len: shape::size(result),
        fill,
    };
    Compiled::step(vec![Some(form.layout.clone())], output, step)
}

/// Values one after the other.
#[derive(Debug)]
struct Run {
    /// Where they are taken; nowhere, if they are filled up.
    from: Option<usize>,
    len: usize,
}

struct Picked {
    /// Of every outer axis of the result, where its places are in the input.
    outer: Vec<Vec<Option<usize>>>,
    /// Along the innermost.
    runs: Vec<Run>,
    /// Values of all runs.
    row: usize,
    /// Values of the input.
    input: usize,
    /// Values of the result.
    len: usize,
    fill: f32,
}

impl std::fmt::Debug for Picked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picked({} of {})", self.len, self.input)
    }
}

impl Picked {
    /// Calls `visit(place in the result, place in the input, len)` for every run.
    fn each(&self, mut visit: impl FnMut(usize, Option<usize>, usize)) {
        let mut index = vec![0; self.outer.len()];
        for first in (0..self.len).step_by(self.row.max(1)) {
            let base = self.outer.iter().zip(&index).map(|(offsets, index)| offsets[*index]).sum::<Option<usize>>();
            let mut to = first;
            for Run { from, len } in &self.runs {
                visit(to, base.zip(*from).map(|(base, from)| base + from), *len);
                to += len;
            }
            for (index, offsets) in index.iter_mut().zip(&self.outer).rev() {
                *index += 1;
                if *index < offsets.len() {
                    break;
                }
                *index = 0;
            }
        }
    }
}

impl Step for Picked {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let results = inputs.into_iter().map(|input| {
            let mut result = context.pool.take(self.len);
            self.each(|to, from, len| match from {
                Some(from) => result[to..to + len].copy_from_slice(&input[from..from + len]),
                None => result[to..to + len].fill(self.fill),
            });
            context.release(input);
            result.into()
        });
        (results.collect(), Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let mut target = context.zeros(self.input);
        self.each(|to, from, len| {
            if let Some(from) = from {
                for (target, value) in target[from..from + len].iter_mut().zip(&gradient[to..to + len]) {
                    *target += value;
                }
            }
        });
        context.pool.put(gradient);
        vec![Some(target)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    fn span(start: usize, step: isize, len: usize) -> Span {
        Span { start, step, len }
    }

    #[test]
    fn a_slice_may_go_backwards() {
        let op = Op::Slice(vec![span(0, 1, 2), span(3, -2, 2)]);
        assert_eq!(forward(&op, &[&[2, 4]], &[numbers(8)]), [3.0, 1.0, 7.0, 5.0]);
        check(&op, &[&[2, 4]]);
        check(&Op::Slice(vec![span(0, 1, 1), span(1, 2, 2), span(1, 1, 3), span(2, -1, 3)]), &[&[1, 4, 5, 3]]);
        for bad in [span(4, 1, 1), span(0, 1, 5), span(0, -1, 2), span(3, isize::MIN, 2), span(0, 1, usize::MAX)] {
            assert!(refusal(&Op::Slice(vec![span(0, 1, 2), bad]), &[&[2, 4]]).contains("[2, 4]"));
        }
        refusal(&Op::Slice(vec![span(0, 1, 2)]), &[&[2, 4]]);
        refusal(&Op::Slice(vec![span(0, 1, 2), span(0, 1, 0)]), &[&[2, 4]]);
    }

    #[test]
    fn places_are_gathered_as_their_shape_says() {
        let gather = |axis, indices: &[usize], shape: &[usize]| Op::Gather {
            axis,
            indices: indices.to_vec(),
            shape: shape.to_vec(),
        };
        assert_eq!(forward(&gather(1, &[2, 0], &[2]), &[&[2, 3]], &[numbers(6)]), [2.0, 0.0, 5.0, 3.0]);
        assert_eq!(forward(&gather(0, &[1], &[]), &[&[2, 3]], &[numbers(6)]), [3.0, 4.0, 5.0]);
        check(&gather(1, &[2, 0, 2, 1], &[2, 2]), &[&[2, 3, 2]]);
        check(&gather(2, &[1, 1, 0], &[3]), &[&[1, 3, 2, 2]]);
        check(&gather(1, &[2], &[]), &[&[2, 3, 2]]);
        assert!(refusal(&gather(1, &[3], &[1]), &[&[2, 3]]).contains("[2, 3]"));
        refusal(&gather(1, &[1], &[2]), &[&[2, 3]]);
        refusal(&gather(1, &[1], &[2, 2]), &[&[2, 3]]);
        refusal(&gather(2, &[1], &[]), &[&[2, 3]]);
        refusal(&gather(1, &[], &[0]), &[&[2, 3]]);
    }

    #[test]
    fn a_tensor_is_repeated_and_broadcast() {
        let tile = Op::Tile { repeats: vec![2, 2] };
        assert_eq!(forward(&tile, &[&[1, 2]], &[numbers(2)]), [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
        check(&Op::Tile { repeats: vec![1, 2, 1, 3] }, &[&[1, 2, 3, 2]]);
        assert!(refusal(&Op::Tile { repeats: vec![1] }, &[&[1, 2]]).contains("[1, 2]"));
        refusal(&Op::Tile { repeats: vec![usize::MAX, 2] }, &[&[1, 2]]);
        let expand = |shape: &[usize]| Op::Expand { shape: shape.to_vec() };
        assert_eq!(forward(&expand(&[2, 2, 1]), &[&[2, 1]], &[numbers(2)]), [0.0, 1.0, 0.0, 1.0]);
        check(&expand(&[2, 1, 3]), &[&[4, 1]]);
        check(&expand(&[1, 3, 2, 2]), &[&[1, 3, 1, 1]]);
        check(&expand(&[1, 1]), &[&[4, 2]]);
        assert!(refusal(&expand(&[3]), &[&[4, 2]]).contains("[4, 2]"));
    }

    #[test]
    fn what_is_put_around_a_tensor() {
        let pad =
            |before: &[isize], after: &[isize], mode| Op::Pad { before: before.to_vec(), after: after.to_vec(), mode };
        let around = |mode| forward(&pad(&[2], &[2], mode), &[&[3]], &[numbers(3)]);
        assert_eq!(around(PadMode::Constant(9.0)), [9.0, 9.0, 0.0, 1.0, 2.0, 9.0, 9.0]);
        assert_eq!(around(PadMode::Reflect), [2.0, 1.0, 0.0, 1.0, 2.0, 1.0, 0.0]);
        assert_eq!(around(PadMode::Edge), [0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0]);
        assert_eq!(around(PadMode::Wrap), [1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0]);
        for mode in [PadMode::Constant(0.5), PadMode::Reflect, PadMode::Edge, PadMode::Wrap] {
            check(&pad(&[0, 0, 1, 2], &[0, 0, 2, 0], mode), &[&[1, 2, 3, 4]]);
            check(&pad(&[0, 1], &[0, -1], mode), &[&[2, 4]]);
            check(&pad(&[0, -1, 0, 0], &[0, 0, 1, 1], mode), &[&[1, 3, 2, 4]]);
        }
        assert!(refusal(&pad(&[0, 3], &[0, 0], PadMode::Reflect), &[&[2, 3]]).contains("[2, 3]"));
        for before in [isize::MAX, isize::MIN, -3, 1 << 40] {
            refusal(&pad(&[0, before], &[0, 0], PadMode::Constant(0.0)), &[&[2, 3]]);
        }
        refusal(&pad(&[0], &[0, 0], PadMode::Edge), &[&[2, 3]]);
    }
}
