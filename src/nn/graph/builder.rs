//! A graph, node by node: every shape is known, and checked, before there is anything to compute.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use thiserror::Error;

use super::{
    lower,
    op::Op,
    ops,
    shape::{self, Shape},
};

/// Values of a tensor at most: 1 GiB.
pub const MOST_VALUES: usize = if cfg!(fuzzing) { 1 << 21 } else { 1 << 28 };

/// Values of all tensors together at most that are computed of constants while a graph is built: 2 GiB. They may be twice those
/// of the constants that are given, as each of them may be normalised, but never more than twice as many as these.
const MOST_FOLDED: usize = if cfg!(fuzzing) { 1 << 22 } else { 1 << 29 };

/// Products of all operations together at most that are computed of constants while a graph is built: some seconds.
const MOST_FOLDED_PRODUCTS: usize = if cfg!(fuzzing) { 1 << 28 } else { 1 << 37 };

/// Values of all constants together at most that are given: 4 GiB. One that is given twice counts twice.
const MOST_GIVEN: usize = if cfg!(fuzzing) { 1 << 24 } else { 1 << 30 };

/// A tensor of a graph: its input, a constant, or what a node results in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub(super) usize);

/// Why something is no part of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GraphError {
    /// An operation cannot be done to these inputs.
    #[error("{operation} “{node}”: {problem}")]
    Node {
        /// Name of the node.
        node: String,
        /// Name of the operation.
        operation: &'static str,
        /// What is wrong, with the shapes.
        problem: String,
    },
    /// A tensor that is not to be held in memory.
    #[error("a tensor of shape {shape:?} would have more than {MOST_VALUES} values")]
    TooLarge {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A tensor without values: there is nothing to compute, nor to explain.
    #[error("a tensor of shape {shape:?} has no values")]
    Empty {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// All constants together are not to be held in memory.
    #[error(
        "{operation} “{node}”: what is computed of constants would have more than {MOST_FOLDED} values in all, and \
         more than twice those of the constants, or take more than {MOST_FOLDED_PRODUCTS} products"
    )]
    TooMuch {
        /// Name of the node.
        node: String,
        /// Name of the operation.
        operation: &'static str,
    },
    /// All constants together are not to be held in memory, before anything is computed of them.
    #[error("the constants of the graph have more than {MOST_GIVEN} values in all")]
    TooManyConstants,
    /// A constant that has not as many values as its shape says.
    #[error("a constant of shape {shape:?} has {found} values")]
    Constant {
        /// Its shape.
        shape: Vec<usize>,
        /// How many values it has.
        found: usize,
    },
    /// A second input.
    #[error("the graph has another input already")]
    SecondInput,
    /// Nothing to begin with.
    #[error("the graph has no input")]
    NoInput,
    /// A value of another graph.
    #[error("there is no value {0}")]
    NoSuchValue(usize),
    /// An output that is the same for every input.
    #[error("output {0} does not depend on the input")]
    ConstantOutput(usize),
}

/// Operations and the tensors between them: from one input, over any number of ways, to some outputs.
///
/// It is plain data, in an order in which every node comes after those that it takes values of; a
/// [`Plan`](super::Plan) computes it. Constants that several graphs have are shared.
#[derive(Debug, Clone)]
pub struct Graph {
    pub(super) values: Vec<Value>,
    pub(super) nodes: Vec<Node>,
    pub(super) input: ValueId,
    pub(super) outputs: Vec<ValueId>,
}

/// One tensor.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub shape: Shape,
    /// Row after row, if it is known.
    pub constant: Option<Constant>,
    /// Whether a constant is part of what an operation does, and nothing that was learned.
    pub is_fixed: bool,
}

/// Values that are shared.
pub(super) type Constant = Arc<Vec<f32>>;

/// One operation in its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub name: String,
    pub op: Op,
    pub inputs: Vec<ValueId>,
    pub outputs: Vec<ValueId>,
}

/// A node, to look at.
#[derive(Debug, Clone, Copy)]
pub struct NodeSeen<'a> {
    /// As it was given.
    pub name: &'a str,
    /// What it does. Some operations are made of others: these share their name.
    pub op: &'a Op,
    /// What it takes.
    pub inputs: &'a [ValueId],
    /// What it results in.
    pub outputs: &'a [ValueId],
}

impl Graph {
    /// The input.
    pub fn input(&self) -> ValueId {
        self.input
    }

    /// The outputs, in the order of [`GraphBuilder::finish`].
    pub fn outputs(&self) -> &[ValueId] {
        &self.outputs
    }

    /// Shape of one of its tensors.
    pub fn shape(&self, value: ValueId) -> &[usize] {
        self.values.get(value.0).map_or(&[], |value| &value.shape)
    }

    /// Nodes that an output needs and that depend on the input, each after those whose results it takes.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeSeen<'_>> + ExactSizeIterator {
        self.nodes.iter().map(|node| NodeSeen {
            name: &node.name,
            op: &node.op,
            inputs: &node.inputs,
            outputs: &node.outputs,
        })
    }

    /// A constant's values, row after row.
    pub fn constant(&self, value: ValueId) -> Option<&[f32]> {
        self.values.get(value.0)?.constant.as_ref().map(|values| values.as_slice())
    }

    /// How many numbers its nodes take from constants: a network's parameters.
    pub fn parameters(&self) -> usize {
        let mut taken: Vec<ValueId> = self.nodes.iter().flat_map(|node| node.inputs.iter().copied()).collect();
        taken.sort_unstable();
        taken.dedup();
        let is_learned = |value: &ValueId| self.values.get(value.0).is_some_and(|value| !value.is_fixed);
        taken.into_iter().filter(is_learned).filter_map(|value| self.constant(value)).map(<[f32]>::len).sum()
    }

    /// Calls `change` with every constant of more than one value that nodes take after the one that makes `kept`, or any
    /// node if it is none: those of the last node first, each once.
    pub(crate) fn each_weight_after(&mut self, kept: Option<ValueId>, change: &mut impl FnMut(&mut [f32])) {
        let Self { values, nodes, .. } = self;
        let after = nodes.iter().rev().take_while(|node| kept.is_none_or(|kept| !node.outputs.contains(&kept)));
        let mut seen = HashSet::new();
        for input in after.flat_map(|node| &node.inputs) {
            let value = values.get_mut(input.0).filter(|value| !value.is_fixed);
            if let Some(constant) = value.and_then(|value| value.constant.as_mut())
                && constant.len() > 1
                && seen.insert(*input)
            {
                change(Arc::<Vec<f32>>::make_mut(constant));
            }
        }
    }

    /// Numbers of the nodes that take a value.
    pub(super) fn takers(&self) -> HashMap<ValueId, Vec<usize>> {
        let mut takers: HashMap<ValueId, Vec<usize>> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            for input in &node.inputs {
                takers.entry(*input).or_default().push(index);
            }
        }
        takers
    }
}

/// Puts a graph together. Every method says at once what is wrong.
///
/// ```
/// use igoscope_nn::graph::{GraphBuilder, Op, Plan, State, Unary};
///
/// let mut builder = GraphBuilder::default();
/// let input = builder.input(&[1, 4])?;
/// let weight = builder.constant(&[4, 2], vec![1.0; 8])?;
/// let sums = builder.add("sums", Op::MatMul, &[input, weight])?;
/// let logits = builder.add("rectified", Op::Unary(Unary::Relu), &[sums])?;
/// let plan = Plan::new(&builder.finish(&[logits])?, &[])?;
/// let mut state = State::default();
/// let [logits] = &plan.forward(&[0.5; 4], &mut state)[..] else { unreachable!() };
/// assert_eq!(logits, &[2.0, 2.0]);
/// # Ok::<(), igoscope_nn::graph::GraphError>(())
/// ```
#[derive(Default)]
pub struct GraphBuilder {
    values: Vec<Value>,
    nodes: Vec<Node>,
    input: Option<ValueId>,
    pub(super) folded: usize,
    /// Values of constants that were given.
    pub(super) given: usize,
    /// Products that were computed of constants.
    pub(super) products: usize,
}

impl fmt::Debug for GraphBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GraphBuilder").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

impl GraphBuilder {
    /// The input: of one sample, so that the first axis of a batch is 1 long.
    ///
    /// # Errors
    /// There is one already, or it would be too large.
    pub fn input(&mut self, shape: &[usize]) -> Result<ValueId, GraphError> {
        if self.input.is_some() {
            return Err(GraphError::SecondInput);
        }
        let input = self.push(shape, None)?;
        self.input = Some(input);
        Ok(input)
    }

    /// A constant: `values` row after row.
    ///
    /// # Errors
    /// There are not as many values as the shape says.
    pub fn constant(&mut self, shape: &[usize], values: Vec<f32>) -> Result<ValueId, GraphError> {
        if shape::count(shape) != Some(values.len()) {
            return Err(GraphError::Constant { shape: shape.to_vec(), found: values.len() });
        }
        self.given = self.given.saturating_add(values.len());
        if self.given > MOST_GIVEN {
            return Err(GraphError::TooManyConstants);
        }
        self.push(shape, Some(Arc::new(values)))
    }

    /// A constant that is part of what an operation does.
    pub(super) fn fixed(&mut self, shape: &[usize], values: Vec<f32>) -> Result<ValueId, GraphError> {
        let constant = self.constant(shape, values)?;
        self.values[constant.0].is_fixed = true;
        Ok(constant)
    }

    /// A node with one result. One that takes constants only is computed at once, and is a constant.
    ///
    /// # Errors
    /// The operation cannot be done to these inputs, has several results, or its result would be too large.
    pub fn add(&mut self, name: &str, op: Op, inputs: &[ValueId]) -> Result<ValueId, GraphError> {
        let operation = op.name();
        match *self.add_all(name, op, inputs)? {
            [only] => Ok(only),
            ref several => Err(GraphError::Node {
                node: name.to_owned(),
                operation,
                problem: format!("it has {} results where one is taken", several.len()),
            }),
        }
    }

    /// A node with any number of results, as [`Op::Split`] has. One that takes constants only is computed at once.
    ///
    /// # Errors
    /// The operation cannot be done to these inputs, or its results would be too large.
    pub fn add_all(&mut self, name: &str, op: Op, inputs: &[ValueId]) -> Result<Vec<ValueId>, GraphError> {
        if let Some(missing) = inputs.iter().find(|input| input.0 >= self.values.len()) {
            return Err(GraphError::NoSuchValue(missing.0));
        }
        lower::add(self, name, op, inputs)
    }

    /// A node of an operation that is made of no others.
    pub(super) fn add_plain(&mut self, name: &str, op: Op, inputs: &[ValueId]) -> Result<Vec<ValueId>, GraphError> {
        let operation = op.name();
        let problem = |problem: String| GraphError::Node { node: name.to_owned(), operation, problem };
        let taken: Vec<&Value> = inputs.iter().map(|input| &self.values[input.0]).collect();
        let shapes = ops::shapes(&op, &taken).map_err(problem)?;
        shapes.iter().try_for_each(|shape| check(shape)).map_err(|why| problem(why.to_string()))?;
        if taken.iter().all(|value| value.constant.is_some()) {
            self.folded += shapes.iter().filter_map(|shape| shape::count(shape)).sum::<usize>();
            self.products = self.products.saturating_add(ops::products(&op, &taken, &shapes));
            if self.folded > self.given.saturating_mul(2).clamp(MOST_FOLDED, 2 * MOST_FOLDED)
                || self.products > MOST_FOLDED_PRODUCTS
            {
                return Err(GraphError::TooMuch { node: name.to_owned(), operation });
            }
            let results = ops::fold(&op, &taken, &shapes).map_err(problem)?;
            let results = shapes.iter().zip(results);
            return results.map(|(shape, values)| self.push(shape, Some(Arc::new(values)))).collect();
        }
        let outputs = shapes.iter().map(|shape| self.push(shape, None)).collect::<Result<Vec<_>, _>>()?;
        let node = Node { name: name.to_owned(), op, inputs: inputs.to_vec(), outputs: outputs.clone() };
        self.nodes.push(node);
        Ok(outputs)
    }

    fn push(&mut self, shape: &[usize], constant: Option<Constant>) -> Result<ValueId, GraphError> {
        check(shape)?;
        self.values.push(Value { shape: shape.to_vec(), constant, is_fixed: false });
        Ok(ValueId(self.values.len() - 1))
    }

    /// Shape of a value; none of a value of another graph.
    pub fn shape(&self, value: ValueId) -> &[usize] {
        self.values.get(value.0).map_or(&[], |value| &value.shape)
    }

    /// A constant's values, row after row; those of a node too if it was computed at once.
    pub fn values_of(&self, value: ValueId) -> Option<&[f32]> {
        self.values.get(value.0)?.constant.as_ref().map(|values| values.as_slice())
    }

    /// The graph, without the nodes that no output needs.
    ///
    /// # Errors
    /// It has no input, or an output is a constant or of another graph.
    pub fn finish(self, outputs: &[ValueId]) -> Result<Graph, GraphError> {
        let input = self.input.ok_or(GraphError::NoInput)?;
        for (index, output) in outputs.iter().enumerate() {
            let value = self.values.get(output.0).ok_or(GraphError::NoSuchValue(output.0))?;
            if value.constant.is_some() {
                return Err(GraphError::ConstantOutput(index));
            }
        }
        let mut graph = Graph { values: self.values, nodes: self.nodes, input, outputs: outputs.to_vec() };
        graph.drop_dead();
        Ok(graph)
    }
}

impl Graph {
    /// Leaves out the nodes that no output needs, and constants that nobody takes.
    pub(super) fn drop_dead(&mut self) {
        let mut needed = vec![false; self.values.len()];
        for output in &self.outputs {
            needed[output.0] = true;
        }
        let mut live = Vec::with_capacity(self.nodes.len());
        for node in std::mem::take(&mut self.nodes).into_iter().rev() {
            if node.outputs.iter().any(|output| needed[output.0]) {
                for input in &node.inputs {
                    needed[input.0] = true;
                }
                live.push(node);
            }
        }
        live.reverse();
        self.nodes = live;
        for (value, needed) in self.values.iter_mut().zip(needed) {
            if !needed && value.constant.is_some() {
                value.constant = Some(Arc::default());
            }
        }
    }
}

/// Whether a tensor of this shape may be held in memory.
fn check(shape: &[usize]) -> Result<(), GraphError> {
    match shape::count(shape) {
        _ if shape.contains(&0) => Err(GraphError::Empty { shape: shape.to_vec() }),
        Some(count) if count <= MOST_VALUES => Ok(()),
        _ => Err(GraphError::TooLarge { shape: shape.to_vec() }),
    }
}
