//! Tensors that are views of others, and what becomes of all of them where one is written to.
//!
//! A program of `torch.export` may write in place, as the network's Python does: `relu_`, or `mask[2:4].fill_(1)`. A graph
//! has values and nothing to write to; so a tensor that is written to gets a new value, its base one in which that is put
//! back, and other views of the base are taken anew where they are read.

use std::collections::HashMap;

use crate::nn::graph::{GraphBuilder, Op, Span, ValueId};

/// The most views of views that are followed; beyond, nothing can be written to.
const MAX_VIEWS: usize = 64;

/// What a view has of its base.
#[derive(Debug, Clone)]
pub(super) enum View {
    /// All of it.
    Same,
    /// All of it, in another shape.
    Reshape(Vec<usize>),
    /// All of it, by axes in another order.
    Transpose(Vec<usize>),
    /// Some of the values along an axis.
    Slice {
        /// Which.
        axis: usize,
        /// Which values.
        span: Span,
    },
    /// One place along an axis, which is left out.
    Select {
        /// Which.
        axis: usize,
        /// The place.
        at: usize,
    },
    /// Something that cannot be put back.
    Lost,
}

/// What a view is of.
#[derive(Debug, Clone)]
struct Base {
    name: String,
    view: View,
    /// How often the base had been written to.
    version: u32,
    /// Whether it may be a copy, as PyTorch decides by how the values lie.
    may_be_copy: bool,
}

/// A tensor by its name.
#[derive(Debug, Clone)]
struct Tensor {
    value: ValueId,
    of: Option<Base>,
    /// How often it was written to.
    version: u32,
    /// The view that was written to, if that may have changed this, or not.
    unsure: Option<String>,
    /// Views that it is a view of.
    depth: usize,
}

/// The tensors of a program that were made so far.
#[derive(Debug, Default)]
pub(super) struct Tensors {
    all: HashMap<String, Tensor>,
}

impl Tensors {
    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.all.contains_key(name)
    }

    /// A new one.
    pub fn put(&mut self, name: &str, value: ValueId) {
        self.all.insert(name.to_owned(), Tensor { value, of: None, version: 0, unsure: None, depth: 0 });
    }

    /// A view of another, whose value is known.
    pub fn put_view(&mut self, name: &str, value: ValueId, base: &str, view: View, may_be_copy: bool) {
        let Some(tensor) = self.all.get(base) else { return self.put(name, value) };
        let (version, depth) = (tensor.version, tensor.depth + 1);
        let view = if depth > MAX_VIEWS { View::Lost } else { view };
        let depth = if depth > MAX_VIEWS { 0 } else { depth };
        let of = Some(Base { name: base.to_owned(), view, version, may_be_copy });
        self.all.insert(name.to_owned(), Tensor { value, of, version: 0, unsure: None, depth });
    }

    /// The value of a tensor, after all that was written so far.
    ///
    /// # Errors
    /// There is none of this name, or nothing tells whether it was written to.
    pub fn value(&mut self, builder: &mut GraphBuilder, name: &str) -> Result<ValueId, String> {
        // From the tensor to what it is a view of, as far as that was written to since.
        let mut chain: Vec<String> = Vec::new();
        let mut at = name.to_owned();
        for _ in 0..=MAX_VIEWS {
            let tensor =
                self.all.get(&at).ok_or_else(|| format!("it reads “{at}”, which is made by no node before it"))?;
            chain.push(at);
            match &tensor.of {
                Some(base) if !matches!(base.view, View::Lost) => at = base.name.clone(),
                _ => break,
            }
        }
        for pair in (1..chain.len()).rev().map(|at| [&chain[at], &chain[at - 1]]) {
            let [Some(base), Some(own)] = pair.map(|name| self.all.get(name)) else { continue };
            let Some(of) = own.of.clone().filter(|of| of.version != base.version) else { continue };
            if let Some(written) = base.unsure.as_ref().or((of.may_be_copy).then_some(&of.name)) {
                return Err(unsure(pair[1], written));
            }
            let (taken, version) = (base.value, base.version);
            let value = taken_from(builder, pair[1], taken, &of.view)?;
            if let Some(own) = self.all.get_mut(pair[1]) {
                (own.value, own.version) = (value, own.version + 1);
                own.of = Some(Base { version, ..of });
            }
        }
        let tensor =
            self.all.get(name).ok_or_else(|| format!("it reads “{name}”, which is made by no node before it"))?;
        match &tensor.unsure {
            Some(written) => Err(unsure(name, written)),
            None => Ok(tensor.value),
        }
    }

    /// Writes to a tensor, and with it to what it is a view of.
    ///
    /// # Errors
    /// It cannot be put back.
    pub fn write(&mut self, builder: &mut GraphBuilder, name: &str, value: ValueId) -> Result<(), String> {
        let (mut at, mut value) = (name.to_owned(), value);
        loop {
            let before = self.value(builder, &at)?;
            if builder.shape(before) != builder.shape(value) {
                let (own, new) = (builder.shape(before), builder.shape(value));
                return Err(format!("what is written has the shape {new:?}, and “{at}” has {own:?}"));
            }
            let Some(tensor) = self.all.get_mut(&at) else { return Ok(()) };
            (tensor.value, tensor.version) = (value, tensor.version + 1);
            let Some(of) = tensor.of.clone() else { return Ok(()) };
            if of.may_be_copy || matches!(of.view, View::Lost) {
                if let Some(own) = self.all.get_mut(&at).and_then(|tensor| tensor.of.as_mut()) {
                    own.version += 1;
                }
                let mut base = of.name;
                while let Some(tensor) = self.all.get_mut(&base) {
                    (tensor.unsure, tensor.version) = (Some(at.clone()), tensor.version + 1);
                    match &mut tensor.of {
                        Some(of) => {
                            of.version += 1;
                            base = of.name.clone();
                        }
                        None => break,
                    }
                }
                return Ok(());
            }
            let base = self.value(builder, &of.name)?;
            value = put_back(builder, base, value, &of.view)?;
            if let Some(own) = self.all.get_mut(&at).and_then(|tensor| tensor.of.as_mut()) {
                own.version += 1;
            }
            at = of.name;
        }
    }
}

fn unsure(name: &str, written: &str) -> String {
    format!(
        "it reads “{name}”, of which “{written}” may be a view or a copy, and that was written to: export the network with \
         `.run_decompositions()`, which leaves no writing in place"
    )
}

/// What a view has of a value.
pub(super) fn taken_from(
    builder: &mut GraphBuilder,
    name: &str,
    base: ValueId,
    view: &View,
) -> Result<ValueId, String> {
    let shape = builder.shape(base).to_vec();
    let op = match view {
        View::Same | View::Lost => return Ok(base),
        View::Reshape(to) if *to == shape => return Ok(base),
        View::Reshape(to) => Op::Reshape { shape: to.clone() },
        View::Transpose(axes) if axes.is_sorted() => return Ok(base),
        View::Transpose(axes) => Op::Transpose { axes: axes.clone() },
        View::Slice { axis, span } => {
            if *span == Span::all(shape[*axis]) {
                return Ok(base);
            }
            let mut spans: Vec<Span> = shape.iter().map(|len| Span::all(*len)).collect();
            spans[*axis] = *span;
            Op::Slice(spans)
        }
        View::Select { axis, at } => Op::Gather { axis: *axis, indices: vec![*at], shape: Vec::new() },
    };
    builder.add(name, op, &[base]).map_err(|error| error.to_string())
}

/// A value in which part of it is another one.
pub(super) fn put_back(
    builder: &mut GraphBuilder,
    base: ValueId,
    part: ValueId,
    view: &View,
) -> Result<ValueId, String> {
    let shape = builder.shape(base).to_vec();
    let mut add = |op: Op, inputs: &[ValueId]| builder.add("written", op, inputs).map_err(|error| error.to_string());
    match view {
        View::Same | View::Lost => Ok(part),
        View::Reshape(_) => add(Op::Reshape { shape }, &[part]),
        View::Transpose(axes) => {
            let mut back = vec![0; axes.len()];
            for (to, from) in axes.iter().enumerate() {
                back[*from] = to;
            }
            add(Op::Transpose { axes: back }, &[part])
        }
        View::Select { axis, at } => {
            let mut one = shape;
            one[*axis] = 1;
            let part = add(Op::Reshape { shape: one }, &[part])?;
            let span = Span { start: *at, step: 1, len: 1 };
            put_back(builder, base, part, &View::Slice { axis: *axis, span })
        }
        View::Slice { axis, span } => {
            if span.step != 1 {
                return Err("it writes to every so manieth value only, which igoscope does not follow".to_owned());
            }
            let (axis, len) = (*axis, shape[*axis]);
            let end = span.start + span.len;
            let mut rest = |start: usize, len: usize| {
                let mut spans: Vec<Span> = shape.iter().map(|len| Span::all(*len)).collect();
                spans[axis] = Span { start, step: 1, len };
                add(Op::Slice(spans), &[base])
            };
            let mut parts = Vec::new();
            if span.start > 0 {
                parts.push(rest(0, span.start)?);
            }
            parts.push(part);
            if end < len {
                parts.push(rest(end, len - end)?);
            }
            if parts.len() == 1 { Ok(part) } else { add(Op::Concat { axis }, &parts) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> (GraphBuilder, Tensors) {
        let mut builder = GraphBuilder::default();
        let mut tensors = Tensors::default();
        let base = builder.constant(&[2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        tensors.put("base", base);
        (builder, tensors)
    }

    fn viewed(builder: &mut GraphBuilder, tensors: &mut Tensors, name: &str, of: &str, view: View, may_be_copy: bool) {
        let base = tensors.value(builder, of).unwrap();
        let value = taken_from(builder, name, base, &view).unwrap();
        tensors.put_view(name, value, of, view, may_be_copy);
    }

    fn values(builder: &mut GraphBuilder, tensors: &mut Tensors, name: &str) -> Vec<f32> {
        let value = tensors.value(builder, name).unwrap();
        builder.values_of(value).unwrap().to_vec()
    }

    #[test]
    fn what_is_written_to_a_view_is_in_its_base_and_in_other_views_of_it() {
        let (mut builder, mut tensors) = rows();
        let (builder, tensors) = (&mut builder, &mut tensors);
        viewed(builder, tensors, "turned", "base", View::Transpose(vec![1, 0]), false);
        let span = Span { start: 1, step: 1, len: 1 };
        viewed(builder, tensors, "middle", "base", View::Slice { axis: 1, span }, false);
        viewed(builder, tensors, "last", "middle", View::Select { axis: 0, at: 1 }, false);
        let seven = builder.constant(&[1], vec![7.0]).unwrap();
        tensors.write(builder, "last", seven).unwrap();
        assert_eq!(values(builder, tensors, "base"), [1.0, 2.0, 3.0, 4.0, 7.0, 6.0]);
        assert_eq!(values(builder, tensors, "middle"), [2.0, 7.0]);
        assert_eq!(values(builder, tensors, "last"), [7.0]);
        assert_eq!(values(builder, tensors, "turned"), [1.0, 4.0, 2.0, 7.0, 3.0, 6.0]);
    }

    #[test]
    fn what_may_be_a_copy_is_not_guessed_about() {
        let (mut builder, mut tensors) = rows();
        let (builder, tensors) = (&mut builder, &mut tensors);
        viewed(builder, tensors, "flat", "base", View::Reshape(vec![6]), true);
        let none = builder.constant(&[6], vec![0.0; 6]).unwrap();
        tensors.write(builder, "flat", none).unwrap();
        assert_eq!(values(builder, tensors, "flat"), [0.0; 6]);
        let told = tensors.value(builder, "base").unwrap_err();
        assert!(told.contains("“flat” may be a view or a copy"), "{told}");
        let other = builder.constant(&[1], vec![0.0]).unwrap();
        assert!(tensors.write(builder, "flat", other).is_err(), "of another shape");
    }
}
