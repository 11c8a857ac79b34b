//! From the nodes of a program to a graph: in their order, and no others than are needed.

use std::collections::{HashMap, HashSet};

use super::{
    alias::Tensors,
    archive::Archive,
    call::{Call, Made},
    error::Pt2Error,
    ops,
    program::{InputSpec, Node},
};
use crate::{
    files::onnx::{UnknownOperation, is_small_enough},
    nn::graph::{Graph, GraphBuilder, ValueId},
};

/// What a graph is made of.
pub(super) struct Importer<'a> {
    pub builder: GraphBuilder,
    archive: &'a Archive,
    /// Names in the archive of what is stored, by their names in the graph.
    stored: HashMap<&'a str, &'a str>,
    tensors: Tensors,
    numbers: HashMap<String, i64>,
    clips: HashMap<ValueId, (ValueId, [f32; 2])>,
}

impl<'a> Importer<'a> {
    pub fn new(archive: &'a Archive) -> Self {
        let inputs = archive.program.graph_module.signature.input_specs.iter();
        let stored = inputs.filter_map(|spec| match spec {
            InputSpec::Stored { name, key } => Some((name.as_str(), key.as_str())),
            _ => None,
        });
        Self {
            builder: GraphBuilder::default(),
            archive,
            stored: stored.collect(),
            tensors: Tensors::default(),
            numbers: HashMap::new(),
            clips: HashMap::new(),
        }
    }

    /// Gives a tensor its name.
    pub fn bind(&mut self, name: &str, value: ValueId) {
        self.tensors.put(name, value);
    }

    /// Makes all that `wanted` needs, and gives it.
    ///
    /// # Errors
    /// An operator is unknown or cannot be computed, or something is missing.
    pub fn make(&mut self, wanted: &str) -> Result<ValueId, Pt2Error> {
        let nodes = &self.archive.program.graph_module.graph.nodes;
        let needed = needed(nodes, wanted);
        let unknown = unknown(&needed);
        if !unknown.is_empty() {
            return Err(Pt2Error::Unknown { operations: unknown });
        }
        for node in needed {
            for name in node.takes() {
                self.fetch(name)?;
            }
            self.run(node)?;
        }
        self.fetch(wanted)?;
        self.tensors.value(&mut self.builder, wanted).map_err(Pt2Error::Graph)
    }

    /// Reads what is stored, if it is that and not read yet.
    fn fetch(&mut self, name: &str) -> Result<(), Pt2Error> {
        let Some(key) = self.stored.get(name).filter(|_| !self.tensors.has(name)) else { return Ok(()) };
        let (shape, values) = self.archive.values(key)?;
        let value = self.builder.constant(&shape, values);
        let refused = |why: String| Pt2Error::Tensor { name: (*key).to_owned(), why };
        self.tensors.put(name, value.map_err(|error| refused(error.to_string()))?);
        Ok(())
    }

    fn run(&mut self, node: &Node) -> Result<(), Pt2Error> {
        let name = node.name();
        let refused = |why: String| Pt2Error::Operation { operation: node.target.clone(), node: name.clone(), why };
        let Some((import, writes)) = ops::import_of(node) else { return Ok(()) };
        let values = &self.archive.program.graph_module.graph.tensor_values;
        let mut call = Call {
            node,
            name: &name,
            builder: &mut self.builder,
            tensors: &mut self.tensors,
            numbers: &self.numbers,
            clips: &mut self.clips,
            types: &|name| values.get(name).map(|meta| meta.dtype),
        };
        let made = import(&mut call).map_err(refused)?;
        if writes {
            return self.write(node, made).map_err(refused);
        }
        for (name, made) in node.results().zip(made) {
            match made {
                Made::Tensor(value) => self.tensors.put(name, value),
                Made::View { value, of, view, may_be_copy } => {
                    self.tensors.put_view(name, value, &of, view, may_be_copy);
                }
                Made::Number(number) => {
                    self.numbers.insert(name.to_owned(), number);
                }
                Made::Nothing => {}
            }
        }
        Ok(())
    }

    /// What an operator in place makes is written to its first tensor, of which its result is a view.
    fn write(&mut self, node: &Node, made: Vec<Made>) -> Result<(), String> {
        let target = node.takes().next().ok_or("it has nothing to write to")?;
        let Some(Made::Tensor(value) | Made::View { value, .. }) = made.into_iter().next() else {
            return Err("it makes nothing to write".to_owned());
        };
        let before = self.tensors.value(&mut self.builder, target)?;
        if before != value {
            self.tensors.write(&mut self.builder, target, value)?;
        }
        if let Some(result) = node.results().next() {
            self.tensors.put_view(result, value, target, super::alias::View::Same, false);
        }
        Ok(())
    }

    /// The graph of an output.
    pub fn finish(self, output: ValueId) -> Result<Graph, Pt2Error> {
        let graph = self.builder.finish(&[output]).map_err(|error| Pt2Error::Graph(error.to_string()))?;
        match is_small_enough(&graph) {
            Ok(()) => Ok(graph),
            Err((what, limit)) => Err(Pt2Error::TooLarge { what, limit }),
        }
    }
}

/// The nodes that a value needs, in the order of the file. One that writes in place is needed by all that has to do with
/// what it writes to.
fn needed<'a>(nodes: &'a [Node], wanted: &str) -> Vec<&'a Node> {
    // Tensors that may be views of each other, by one name for all.
    let mut roots: HashMap<&str, &str> = HashMap::new();
    for node in nodes {
        if ops::is_view(node)
            && let Some(of) = node.takes().next()
        {
            let root = roots.get(of).copied().unwrap_or(of);
            roots.extend(node.results().map(|result| (result, root)));
        }
    }
    let root = |name: &'a str| roots.get(name).copied().unwrap_or(name);
    let mut open: HashSet<&str> = HashSet::from([roots.get(wanted).copied().unwrap_or(wanted)]);
    let mut needed: Vec<&Node> = Vec::new();
    for node in nodes.iter().rev() {
        if node.results().any(|result| open.contains(root(result))) {
            open.extend(node.takes().map(root));
            needed.push(node);
        }
    }
    needed.reverse();
    needed
}

fn unknown(nodes: &[&Node]) -> Vec<UnknownOperation> {
    let mut found: Vec<UnknownOperation> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for node in nodes.iter().filter(|node| !ops::is_known(node)) {
        let place = *places.entry(&node.target).or_insert(found.len());
        match found.get_mut(place) {
            Some(known) => known.count += 1,
            None => found.push(UnknownOperation { name: node.target.clone(), node: node.name(), count: 1 }),
        }
    }
    found
}
