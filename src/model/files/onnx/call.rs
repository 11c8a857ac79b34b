//! What an operation of a file is given to become operations of a graph.

use std::sync::Arc;

use super::{
    constant::{Constant, Data, Shared, TensorReader},
    fold,
    node::Node,
};
use crate::nn::graph::{GraphBuilder, Op, ValueId};

/// A value while a file is read.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// It is known already.
    Known(Shared),
    /// The graph computes it; it may be a constant all the same.
    Computed(ValueId),
}

impl From<Constant> for Value {
    fn from(constant: Constant) -> Self {
        Self::Known(Arc::new(constant))
    }
}

/// An operation and its inputs.
pub(super) struct Call<'a> {
    pub node: Node<'a>,
    /// Those that are left out at the end are not there; those that are left out before are none.
    pub inputs: Vec<Option<Value>>,
    /// Version of the operations that the file uses.
    pub opset: i64,
    pub builder: &'a mut GraphBuilder,
    pub reader: &'a TensorReader,
}

/// What becomes of an operation: its results, or why there are none.
pub(super) type Results = Result<Vec<Value>, String>;

impl Call<'_> {
    /// An input that may be left out.
    pub fn optional(&self, number: usize) -> Option<Value> {
        self.inputs.get(number).cloned().flatten()
    }

    /// An input.
    pub fn input(&self, number: usize) -> Result<Value, String> {
        self.optional(number).ok_or_else(|| format!("it lacks its input {number}"))
    }

    /// The shape of a value.
    pub fn shape(&self, value: &Value) -> Vec<usize> {
        match value {
            Value::Known(constant) => constant.shape.clone(),
            Value::Computed(id) => self.builder.shape(*id).to_vec(),
        }
    }

    /// The shape of an input.
    pub fn shape_of(&self, number: usize) -> Result<Vec<usize>, String> {
        Ok(self.shape(&self.input(number)?))
    }

    /// The numbers of a value, if they are known.
    pub fn constant(&self, value: &Value) -> Option<Shared> {
        match value {
            Value::Known(constant) => Some(Arc::clone(constant)),
            Value::Computed(id) => {
                let values = self.builder.values_of(*id)?;
                Constant::new(self.builder.shape(*id).to_vec(), Data::Float(values.to_vec())).ok().map(Arc::new)
            }
        }
    }

    /// The numbers of a value that was known before the graph.
    pub fn constant_of_known(&self, value: &Value) -> Option<Shared> {
        match value {
            Value::Known(constant) => Some(Arc::clone(constant)),
            Value::Computed(_) => None,
        }
    }

    /// The numbers of an input, which must not depend on the picture.
    pub fn known(&self, number: usize) -> Result<Shared, String> {
        self.constant(&self.input(number)?)
            .ok_or_else(|| format!("its input {number} depends on the picture, which is not possible here"))
    }

    /// The same, if it is there.
    pub fn known_if_there(&self, number: usize) -> Result<Option<Shared>, String> {
        match self.optional(number) {
            None => Ok(None),
            Some(_) => self.known(number).map(Some),
        }
    }

    /// The whole numbers of an input.
    pub fn ints(&self, number: usize) -> Result<Vec<i64>, String> {
        whole(&*self.known(number)?)
    }

    /// The same, if it is there.
    pub fn ints_if_there(&self, number: usize) -> Result<Option<Vec<i64>>, String> {
        self.known_if_there(number)?.map(|constant| whole(&constant)).transpose()
    }

    /// Axes, which older files have as an attribute and newer ones as an input.
    pub fn axes(&self, number: usize) -> Result<Option<Vec<i64>>, String> {
        match self.node.ints("axes") {
            Some(axes) => Ok(Some(axes.to_vec())),
            None => self.ints_if_there(number),
        }
    }

    /// The inputs that are there, if all are known.
    pub fn all_known(&self) -> Option<Vec<Shared>> {
        let known = |input: &Value| match input {
            Value::Known(constant) => Some(Arc::clone(constant)),
            Value::Computed(_) => None,
        };
        self.inputs.iter().flatten().map(known).collect()
    }

    /// The value in the graph.
    pub fn put(&mut self, value: Value) -> Result<ValueId, String> {
        match value {
            Value::Computed(id) => Ok(id),
            Value::Known(constant) => {
                let shape = constant.shape.clone();
                let values = match Arc::try_unwrap(constant) {
                    Ok(Constant { data: Data::Float(values), .. }) => values,
                    Ok(constant) => constant.floats(),
                    Err(shared) => shared.floats(),
                };
                self.builder.constant(&shape, values).map_err(|error| error.to_string())
            }
        }
    }

    /// An input in the graph. It is taken: an input is put there once.
    pub fn take(&mut self, number: usize) -> Result<ValueId, String> {
        let taken = self.inputs.get_mut(number).and_then(Option::take);
        let value = taken.ok_or_else(|| format!("it lacks its input {number}"))?;
        let id = self.put(value)?;
        self.inputs[number] = Some(Value::Computed(id));
        Ok(id)
    }

    /// A constant in the graph.
    pub fn put_floats(&mut self, shape: &[usize], values: Vec<f32>) -> Result<ValueId, String> {
        self.builder.constant(shape, values).map_err(|error| error.to_string())
    }

    /// One number in the graph.
    pub fn put_number(&mut self, number: f32) -> Result<ValueId, String> {
        self.put_floats(&[], vec![number])
    }

    /// An operation in the graph, with one result.
    pub fn add(&mut self, op: Op, inputs: &[ValueId]) -> Result<ValueId, String> {
        self.builder.add(self.node.name(), op, inputs).map_err(|error| error.to_string())
    }

    /// The same, which ends what it is given for.
    pub fn finish(&mut self, op: Op, inputs: &[ValueId]) -> Results {
        Ok(vec![Value::Computed(self.add(op, inputs)?)])
    }

    /// A value in another shape.
    pub fn reshaped(&mut self, id: ValueId, shape: &[usize]) -> Result<ValueId, String> {
        if self.builder.shape(id) == shape {
            return Ok(id);
        }
        self.add(Op::Reshape { shape: shape.to_vec() }, &[id])
    }
}

/// An axis that may be counted from the end, of a tensor with so many.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, String> {
    fold::wrapped(axis, rank).ok_or_else(|| format!("there is no axis {axis} of {rank}"))
}

/// Several axes, each once, in order.
pub(super) fn axes(all: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    let mut found = all.iter().map(|&one| axis(one, rank)).collect::<Result<Vec<usize>, _>>()?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// A size.
pub(super) fn size(value: i64) -> Result<usize, String> {
    usize::try_from(value).map_err(|_| format!("a size cannot be {value}"))
}

/// The whole numbers of a constant.
pub(super) fn whole(constant: &Constant) -> Result<Vec<i64>, String> {
    match &constant.data {
        Data::Int(values) => Ok(values.clone()),
        Data::Float(values) => {
            let all_whole = values.iter().all(|value| value.fract() == 0.0);
            let whole = || values.iter().map(|&value| value as i64).collect();
            all_whole.then(whole).ok_or_else(|| "numbers that count or point are not whole".to_owned())
        }
    }
}

/// One result.
pub(super) fn one(constant: Result<Constant, String>) -> Results {
    Ok(vec![constant?.into()])
}
