//! What an operator of a program is given to become operations of a graph.

use std::collections::HashMap;

use super::{
    alias::{Tensors, View, taken_from},
    program::{Argument, Node, Symbol},
};
use crate::nn::graph::{GraphBuilder, GraphError, MOST_VALUES, Op, ValueId};

/// The most places that an operator takes values from.
const MAX_PLACES: usize = 1 << 24;

/// One of an operator's results.
#[derive(Debug, Clone)]
pub(super) enum Made {
    /// A tensor of its own.
    Tensor(ValueId),
    /// A view of the tensor of this name.
    View {
        /// Its value.
        value: ValueId,
        /// The tensor's name.
        of: String,
        /// What of it.
        view: View,
        /// Whether it may be a copy instead.
        may_be_copy: bool,
    },
    /// A whole number.
    Number(i64),
    /// Nothing that anyone reads.
    Nothing,
}

/// What becomes of an operator: its results, or why there are none.
pub(super) type Results = Result<Vec<Made>, String>;

/// An operator and its arguments.
pub(super) struct Call<'a> {
    pub node: &'a Node,
    /// What its nodes are called.
    pub name: &'a str,
    pub builder: &'a mut GraphBuilder,
    pub tensors: &'a mut Tensors,
    pub numbers: &'a HashMap<String, i64>,
    /// What was cut off from below and above, and where.
    pub clips: &'a mut HashMap<ValueId, (ValueId, [f32; 2])>,
    /// Types of the tensors that have names.
    pub types: &'a dyn Fn(&str) -> Option<i64>,
}

impl<'a> Call<'a> {
    /// An argument, if it is there and something.
    pub fn argument(&self, name: &str) -> Option<&'a Argument> {
        let found = self.node.inputs.iter().find(|input| input.name == name).map(|input| &input.arg);
        found.filter(|argument| !matches!(argument, Argument::None))
    }

    fn wrong<T>(&self, name: &str) -> Result<T, String> {
        Err(match self.argument(name) {
            None => format!("it lacks its argument “{name}”"),
            Some(found) => {
                let found: String = format!("{found:?}").chars().take(80).collect();
                format!("its argument “{name}” cannot be {found}")
            }
        })
    }

    /// The name of a tensor that is an argument.
    pub fn tensor_name(&self, name: &str) -> Result<&'a str, String> {
        match self.argument(name) {
            Some(Argument::Tensor(found)) => Ok(found),
            _ => self.wrong(name),
        }
    }

    /// A tensor.
    pub fn tensor(&mut self, name: &str) -> Result<ValueId, String> {
        let tensor = self.tensor_name(name)?;
        self.tensors.value(self.builder, tensor)
    }

    /// A tensor, if it is there.
    pub fn maybe_tensor(&mut self, name: &str) -> Result<Option<ValueId>, String> {
        self.argument(name).map(|_| self.tensor(name)).transpose()
    }

    /// Tensors, with none where one is left out.
    pub fn tensors(&mut self, name: &str) -> Result<Vec<Option<ValueId>>, String> {
        let Some(Argument::Tensors(names)) = self.argument(name) else { return self.wrong(name) };
        let (builder, tensors) = (&mut *self.builder, &mut *self.tensors);
        names.iter().map(|name| name.as_ref().map(|name| tensors.value(builder, name)).transpose()).collect()
    }

    /// A tensor, or a number as one.
    pub fn operand(&mut self, name: &str) -> Result<ValueId, String> {
        match self.argument(name) {
            Some(Argument::Tensor(_)) => self.tensor(name),
            _ => {
                let number = self.float(name)?;
                self.number(number as f32)
            }
        }
    }

    /// Whether the values of a tensor that is an argument are of a type.
    pub fn type_of(&self, name: &str) -> Option<i64> {
        (self.types)(self.tensor_name(name).ok()?)
    }

    fn symbol(&self, symbol: &Symbol) -> Result<i64, String> {
        match symbol {
            Symbol::AsInt(number) => Ok(*number),
            Symbol::AsName(name) => {
                let found = self.numbers.get(name).copied();
                found.ok_or_else(|| {
                    format!("it takes the number “{name}”, which depends on the picture or on nothing known")
                })
            }
        }
    }

    /// A whole number, if it is there.
    pub fn maybe_int(&self, name: &str) -> Result<Option<i64>, String> {
        match self.argument(name) {
            None => Ok(None),
            Some(Argument::Int(number)) => Ok(Some(*number)),
            Some(Argument::Bool(is)) => Ok(Some(i64::from(*is))),
            Some(Argument::Symbol(symbol)) => self.symbol(symbol).map(Some),
            Some(_) => self.wrong(name),
        }
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Result<i64, String> {
        self.maybe_int(name)?.map_or_else(|| self.wrong(name), Ok)
    }

    /// A number of something.
    pub fn size(&self, name: &str) -> Result<usize, String> {
        size(self.int(name)?)
    }

    /// Whole numbers, if they are there; one is as good as a list of it.
    pub fn maybe_ints(&self, name: &str) -> Result<Option<Vec<i64>>, String> {
        match self.argument(name) {
            None => Ok(None),
            Some(Argument::Ints(numbers)) => Ok(Some(numbers.clone())),
            Some(Argument::Symbols(all)) => {
                all.iter().map(|symbol| self.symbol(symbol)).collect::<Result<_, _>>().map(Some)
            }
            // An empty list has no type.
            Some(Argument::Floats(none)) if none.is_empty() => Ok(Some(Vec::new())),
            Some(Argument::Tensors(none)) if none.is_empty() => Ok(Some(Vec::new())),
            Some(_) => self.maybe_int(name).map(|number| number.map(|number| vec![number])),
        }
    }

    /// Whole numbers.
    pub fn ints(&self, name: &str) -> Result<Vec<i64>, String> {
        self.maybe_ints(name)?.map_or_else(|| self.wrong(name), Ok)
    }

    /// Numbers of something.
    pub fn sizes(&self, name: &str) -> Result<Vec<usize>, String> {
        self.ints(name)?.into_iter().map(size).collect()
    }

    /// Two numbers of something, of rows and of columns; one stands for both, and none for `unset`.
    pub fn pair(&self, name: &str, unset: [usize; 2]) -> Result<[usize; 2], String> {
        let sizes: Vec<usize> =
            self.maybe_ints(name)?.unwrap_or_default().into_iter().map(size).collect::<Result<_, _>>()?;
        match sizes[..] {
            [] => Ok(unset),
            [both] => Ok([both; 2]),
            [rows, columns] => Ok([rows, columns]),
            _ => self.wrong(name),
        }
    }

    /// A number, if it is there.
    pub fn maybe_float(&self, name: &str) -> Result<Option<f64>, String> {
        match self.argument(name) {
            Some(Argument::Float(number)) => Ok(Some(*number)),
            _ => Ok(self.maybe_int(name)?.map(|number| number as f64)),
        }
    }

    /// A number.
    pub fn float(&self, name: &str) -> Result<f64, String> {
        self.maybe_float(name)?.map_or_else(|| self.wrong(name), Ok)
    }

    /// A number that may be left out.
    pub fn float_or(&self, name: &str, unset: f32) -> Result<f32, String> {
        Ok(self.maybe_float(name)?.map_or(unset, |number| number as f32))
    }

    /// Yes or no.
    pub fn is_on(&self, name: &str, unset: bool) -> Result<bool, String> {
        Ok(self.maybe_int(name)?.map_or(unset, |number| number != 0))
    }

    /// A word.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.argument(name) {
            Some(Argument::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// An axis of so many, which may be counted from the end.
    pub fn axis(&self, name: &str, rank: usize, unset: i64) -> Result<usize, String> {
        axis(self.maybe_int(name)?.unwrap_or(unset), rank)
    }

    /// Axes of so many, in their order; all if none is said.
    pub fn axes(&self, name: &str, rank: usize) -> Result<Vec<usize>, String> {
        let said = self.maybe_ints(name)?.unwrap_or_default();
        if said.is_empty() {
            return Ok((0..rank).collect());
        }
        let mut axes: Vec<usize> = said.into_iter().map(|number| axis(number, rank)).collect::<Result<_, _>>()?;
        axes.sort_unstable();
        axes.dedup();
        Ok(axes)
    }

    /// The shape of a value.
    pub fn shape(&self, value: ValueId) -> Vec<usize> {
        self.builder.shape(value).to_vec()
    }

    /// The numbers of a value, which must not depend on the picture.
    pub fn known(&self, value: ValueId) -> Result<Vec<f32>, String> {
        let found = self.builder.values_of(value).map(<[f32]>::to_vec);
        found.ok_or_else(|| "one of its arguments depends on the picture, which is not possible here".to_owned())
    }

    /// The numbers of a tensor that counts: places from 0 on, those below 0 from the end.
    pub fn places(&self, value: ValueId, len: usize) -> Result<Vec<usize>, String> {
        let count: usize = self.builder.shape(value).iter().product();
        if count > MAX_PLACES {
            return Err(format!("it takes values from {count} places"));
        }
        let place = |number: &f32| {
            let place = if *number < 0.0 { *number + len as f32 } else { *number };
            let is_one = place >= 0.0 && place < len as f32 && place.fract() == 0.0;
            is_one.then_some(place as usize).ok_or_else(|| format!("it takes the value {number} of {len}"))
        };
        self.known(value)?.iter().map(place).collect()
    }

    /// A constant.
    pub fn put(&mut self, shape: &[usize], values: Vec<f32>) -> Result<ValueId, String> {
        self.builder.constant(shape, values).map_err(|error| error.to_string())
    }

    /// A number as a constant without axes.
    pub fn number(&mut self, number: f32) -> Result<ValueId, String> {
        self.put(&[], vec![number])
    }

    /// The same number everywhere.
    pub fn filled(&mut self, shape: &[usize], number: f32) -> Result<ValueId, String> {
        let count = shape.iter().try_fold(1_usize, |count, len| count.checked_mul(*len));
        if count.is_none_or(|count| count > MOST_VALUES) {
            return Err(format!("a tensor of the shape {shape:?} is too large"));
        }
        let one = self.put(&vec![1; shape.len()], vec![number])?;
        self.add(Op::Expand { shape: shape.to_vec() }, &[one])
    }

    /// An operation with one result.
    pub fn add(&mut self, op: Op, inputs: &[ValueId]) -> Result<ValueId, String> {
        self.builder.add(self.name, op, inputs).map_err(problem)
    }

    /// An operation that is all there is.
    pub fn finish(&mut self, op: Op, inputs: &[ValueId]) -> Results {
        Ok(vec![Made::Tensor(self.add(op, inputs)?)])
    }

    /// A value in another shape.
    pub fn reshaped(&mut self, value: ValueId, shape: &[usize]) -> Result<ValueId, String> {
        if self.builder.shape(value) == shape {
            return Ok(value);
        }
        self.add(Op::Reshape { shape: shape.to_vec() }, &[value])
    }

    /// A value broadcast to a shape.
    pub fn expanded(&mut self, value: ValueId, shape: &[usize]) -> Result<ValueId, String> {
        if self.builder.shape(value) == shape {
            return Ok(value);
        }
        self.add(Op::Expand { shape: shape.to_vec() }, &[value])
    }

    /// A value by axes in another order.
    pub fn transposed(&mut self, value: ValueId, axes: Vec<usize>) -> Result<ValueId, String> {
        if axes.is_sorted() {
            return Ok(value);
        }
        self.add(Op::Transpose { axes }, &[value])
    }

    /// A value with its last two axes exchanged.
    pub fn turned(&mut self, value: ValueId) -> Result<ValueId, String> {
        let rank = self.builder.shape(value).len();
        let mut axes: Vec<usize> = (0..rank).collect();
        if rank >= 2 {
            axes.swap(rank - 2, rank - 1);
        }
        self.transposed(value, axes)
    }

    /// A view of a tensor that is an argument.
    pub fn view(&mut self, of: &str, view: View, may_be_copy: bool) -> Results {
        let value = self.tensor(of)?;
        let value = if let View::Lost | View::Same = view { value } else { self.view_of(value, &view)? };
        Ok(vec![Made::View { value, of: self.tensor_name(of)?.to_owned(), view, may_be_copy }])
    }

    /// What a view has of a value.
    pub fn view_of(&mut self, value: ValueId, view: &View) -> Result<ValueId, String> {
        match view {
            View::Reshape(shape) => self.reshaped(value, shape),
            View::Transpose(axes) => self.transposed(value, axes.clone()),
            other => taken_from(self.builder, self.name, value, other),
        }
    }
}

/// What is wrong with an operation, without its name: the operator is told by who reads this.
pub(super) fn problem(error: GraphError) -> String {
    match error {
        GraphError::Node { problem, .. } => problem,
        other => other.to_string(),
    }
}

/// A number of something.
pub(super) fn size(number: i64) -> Result<usize, String> {
    let found = usize::try_from(number).ok().filter(|size| *size <= MOST_VALUES);
    found.ok_or_else(|| format!("a size cannot be {number}"))
}

/// An axis of so many, which may be counted from the end.
pub(super) fn axis(number: i64, rank: usize) -> Result<usize, String> {
    let axes = rank as i64;
    let found = if number < 0 { number.checked_add(axes) } else { Some(number) };
    let found = found.filter(|axis| (0..axes).contains(axis)).map(|axis| axis as usize);
    found.ok_or_else(|| format!("there is no axis {number} of {rank}"))
}
