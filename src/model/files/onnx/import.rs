//! From the nodes of a file to a graph: each in its order, with all that is known of shapes computed at once.

use std::collections::{HashMap, HashSet};

use super::{
    call::{Call, Results, Value},
    constant::{TensorReader, described},
    error::{OnnxError, UnknownOperation},
    node::Node,
    ops,
    order::ordered,
    proto::{GraphProto, NodeProto, TensorProto},
};
use crate::nn::graph::{Graph, GraphBuilder, Op, ValueId};

/// The most values that are computed at once, all together: two gigabytes in single precision. They may be twice what the
/// file itself stores, as each of its weights may be normalised, but never more than twice as many as these.
const MAX_FOLDED: usize = if cfg!(fuzzing) { 1 << 22 } else { 1 << 29 };

/// The most values that are read for what is computed at once, all together: some seconds. What is made of many may be few.
const MAX_READ: usize = if cfg!(fuzzing) { 1 << 26 } else { 1 << 32 };

/// The most values that one sample may have on its way through a network, not counting what only takes another shape: four
/// gigabytes in single precision. With that, which now and then is copied, there may be twice as many.
const MAX_ON_THE_WAY: usize = if cfg!(fuzzing) { 1 << 23 } else { 1 << 30 };

/// The most values of a tensor that is read once and kept, as shapes and factors are.
const KEPT: usize = 4096;

/// The operation that chooses one of two graphs.
const IF: &str = "If";

/// What a graph is made of.
pub(super) struct Importer<'a> {
    pub builder: GraphBuilder,
    reader: &'a TensorReader,
    opset: i64,
    initializers: HashMap<&'a str, &'a TensorProto>,
    values: HashMap<&'a str, Value>,
    /// How often each value is still read.
    uses: HashMap<&'a str, usize>,
    folded: usize,
    read: usize,
    /// Tensors of the file that were read.
    stored: HashSet<&'a str>,
    /// How many values they have.
    stored_values: usize,
}

impl<'a> Importer<'a> {
    pub fn new(reader: &'a TensorReader, opset: i64, initializers: &'a [TensorProto]) -> Self {
        let mut importer = Self {
            builder: GraphBuilder::default(),
            reader,
            opset,
            initializers: HashMap::new(),
            values: HashMap::new(),
            uses: HashMap::new(),
            folded: 0,
            read: 0,
            stored: HashSet::new(),
            stored_values: 0,
        };
        importer.know(initializers);
        importer
    }

    fn know(&mut self, initializers: &'a [TensorProto]) {
        let named = initializers.iter().filter_map(|tensor| Some((tensor.name.as_deref()?, tensor)));
        self.initializers.extend(named);
    }

    /// Gives a value its name.
    pub fn bind(&mut self, name: &'a str, value: ValueId) {
        self.values.insert(name, Value::Computed(value));
    }

    /// Makes all that `wanted` needs, and gives it.
    ///
    /// # Errors
    /// An operation is unknown or cannot be computed, or something is missing.
    pub fn make(&mut self, nodes: &'a [NodeProto], wanted: &'a str) -> Result<Value, OnnxError> {
        let made = self.make_all(nodes, &[wanted])?.pop();
        made.ok_or_else(|| OnnxError::Graph(format!("its output “{wanted}” is made by no node")))
    }

    /// The same of several values, each node once.
    fn make_all(&mut self, nodes: &'a [NodeProto], wanted: &[&'a str]) -> Result<Vec<Value>, OnnxError> {
        let order = ordered(nodes, wanted)?;
        let needed: Vec<&NodeProto> = order.iter().map(|&number| &nodes[number]).collect();
        let unknown = unknown(&needed);
        if !unknown.is_empty() {
            return Err(OnnxError::Unknown { operations: unknown });
        }
        count_uses(&needed, &mut self.uses);
        for &name in wanted {
            *self.uses.entry(name).or_default() += 1;
        }
        for node in needed {
            self.run(Node::new(node))?;
        }
        let mut made = Vec::new();
        for &name in wanted {
            let missing = || OnnxError::Graph(format!("its output “{name}” is made by no node"));
            made.push(self.fetch(name)?.ok_or_else(missing)?);
        }
        Ok(made)
    }

    fn run(&mut self, node: Node<'a>) -> Result<(), OnnxError> {
        let mut inputs = Vec::new();
        for name in node.inputs() {
            inputs.push(match name.as_str() {
                "" => None,
                name => Some(self.fetch(name)?.ok_or_else(|| {
                    node.refuses(format!("it reads “{name}”, which is neither made nor stored: the file is damaged"))
                })?),
            });
        }
        for input in inputs.iter().flatten() {
            if let Value::Known(constant) = input {
                self.read = self.read.saturating_add(constant.data.len());
            }
        }
        let results = if node.operation() == IF {
            self.choose(node, &inputs)?
        } else {
            let import = ops::import_of(node.domain(), &bare_name(node)).ok_or_else(|| OnnxError::Unknown {
                operations: vec![UnknownOperation { name: node.operation(), node: node.name().to_owned(), count: 1 }],
            })?;
            let mut call = Call { node, inputs, opset: self.opset, builder: &mut self.builder, reader: self.reader };
            let results: Results = import(&mut call);
            results.map_err(|why| node.refuses(why))?
        };
        for result in &results {
            if let Value::Known(constant) = result {
                self.folded = self.folded.saturating_add(constant.data.len());
            }
        }
        let most_folded = self.stored_values.saturating_mul(2).clamp(MAX_FOLDED, 2 * MAX_FOLDED);
        if self.folded > most_folded || self.read > MAX_READ {
            let limit = format!("{most_folded} values, made of {MAX_READ}");
            return Err(OnnxError::TooLarge {
                what: "what its graph computes before a picture is there".to_owned(),
                limit,
            });
        }
        for (name, result) in node.outputs().iter().zip(results) {
            if self.uses.get(name.as_str()).is_some_and(|uses| *uses > 0) {
                self.values.insert(name, result);
            }
        }
        Ok(())
    }

    /// The branch of a choice that is made before a picture is there.
    fn choose(&mut self, node: Node<'a>, inputs: &[Option<Value>]) -> Result<Vec<Value>, OnnxError> {
        let condition = match inputs.first() {
            Some(Some(Value::Known(constant))) => constant.single(),
            Some(Some(Value::Computed(id))) => self.builder.values_of(*id).and_then(|values| values.first().copied()),
            _ => None,
        };
        let condition = condition.ok_or_else(|| node.refuses("what it does depends on the picture"))?;
        let branch = if condition != 0.0 { "then_branch" } else { "else_branch" };
        let graph: &GraphProto = node.graph(branch).ok_or_else(|| node.refuses(format!("it lacks its {branch}")))?;
        self.know(&graph.initializer);
        let outputs: Vec<&str> = graph.output.iter().map(|info| info.name.as_deref().unwrap_or_default()).collect();
        self.make_all(&graph.node, &outputs)
    }

    /// A value that was made, or is stored.
    fn fetch(&mut self, name: &'a str) -> Result<Option<Value>, OnnxError> {
        let left = self.uses.entry(name).or_default();
        *left = left.saturating_sub(1);
        // What is read for the last time is given away, so that weights are not copied.
        let found = if *left == 0 { self.values.remove(name) } else { self.values.get(name).cloned() };
        if found.is_some() {
            return Ok(found);
        }
        let Some(tensor) = self.initializers.get(name) else { return Ok(None) };
        let constant = self.reader.read(tensor)?;
        if self.stored.insert(name) {
            self.stored_values = self.stored_values.saturating_add(constant.data.len());
        }
        let value = Value::from(constant);
        if described(tensor).is_some_and(|(_, count)| count <= KEPT)
            && self.uses.get(name).is_some_and(|uses| *uses > 0)
        {
            self.values.insert(name, value.clone());
        }
        Ok(Some(value))
    }

    /// The graph of an output.
    pub fn finish(self, output: ValueId) -> Result<Graph, OnnxError> {
        let graph = self.builder.finish(&[output]).map_err(|error| OnnxError::Graph(error.to_string()))?;
        match is_small_enough(&graph) {
            Ok(()) => Ok(graph),
            Err((what, limit)) => Err(OnnxError::TooLarge { what, limit }),
        }
    }
}

/// Whether one picture may be in memory on its way through a graph.
///
/// # Errors
/// What would be too large, and how much there may be.
pub(crate) fn is_small_enough(graph: &Graph) -> Result<(), (String, String)> {
    // A transpose is another order of the axes, and a shape another name for the same values.
    let makes_none = |op: &Op| matches!(op, Op::Reshape { .. } | Op::Transpose { .. });
    let (mut own, mut all) = (0_usize, 0_usize);
    for node in graph.nodes() {
        let values = node.outputs.iter().map(|&value| graph.shape(value).iter().product::<usize>());
        let values = values.fold(0, usize::saturating_add);
        all = all.saturating_add(values);
        own = own.saturating_add(if makes_none(node.op) { 0 } else { values });
    }
    if own <= MAX_ON_THE_WAY && all <= 2 * MAX_ON_THE_WAY {
        return Ok(());
    }
    Err(("one picture on its way through it".to_owned(), format!("{MAX_ON_THE_WAY} values")))
}

/// The name of an operation without its domain.
fn bare_name(node: Node<'_>) -> String {
    let name = node.operation();
    match node.domain() {
        "" => name,
        domain => name.strip_prefix(domain).map_or_else(String::new, |rest| rest.trim_start_matches('.').to_owned()),
    }
}

/// Whether an operation is known.
pub(super) fn is_known(node: Node<'_>) -> bool {
    node.operation() == IF || ops::import_of(node.domain(), &bare_name(node)).is_some()
}

fn unknown(nodes: &[&NodeProto]) -> Vec<UnknownOperation> {
    let mut found: Vec<UnknownOperation> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for node in nodes.iter().map(|node| Node::new(node)).filter(|node| !is_known(*node)) {
        let name = node.operation();
        let place = *places.entry(name.clone()).or_insert(found.len());
        match found.get_mut(place) {
            Some(known) => known.count += 1,
            None => found.push(UnknownOperation { name, node: node.name().to_owned(), count: 1 }),
        }
    }
    found
}

/// Counts how often values are read, in graphs within nodes too.
fn count_uses<'a>(nodes: &[&'a NodeProto], uses: &mut HashMap<&'a str, usize>) {
    for node in nodes {
        for name in &node.input {
            *uses.entry(name).or_default() += 1;
        }
        // What a graph within reads is kept to the end: it may be read by each of its outputs.
        let mut open: Vec<&GraphProto> = node.attribute.iter().filter_map(|attribute| attribute.g.as_deref()).collect();
        while let Some(graph) = open.pop() {
            let outputs = graph.output.iter().filter_map(|output| output.name.as_deref());
            let inner = graph.node.iter().flat_map(|node| node.input.iter().map(String::as_str));
            for name in outputs.chain(inner) {
                *uses.entry(name).or_default() += graph.output.len() + 1;
            }
            let attributes = graph.node.iter().flat_map(|node| &node.attribute);
            open.extend(attributes.filter_map(|attribute| attribute.g.as_deref()));
        }
    }
}
