//! Functions of a file: operations that are made of others, put in place of each call.
//!
//! Exporters write them for parts of a network, such as a layer, and for operations that ONNX has as functions only.

use std::collections::HashMap;

use prost::Message;

use super::{
    error::OnnxError,
    proto::{AttributeProto, FunctionProto, NodeProto},
};

/// The deepest that functions may call each other.
const MAX_DEPTH: usize = 32;

/// The most bytes that nodes of functions take where they are put in place, weights in them counted every time.
const MAX_BYTES: usize = 1 << 30;

/// The most nodes of a network once all functions are in place.
const MAX_NODES: usize = 200_000;

/// The domain, the name and the overload of an operation.
type Key = (String, String, String);

/// Puts the nodes of functions in place of what calls them.
///
/// # Errors
/// A function calls itself, or there would be too many nodes.
pub(super) fn inlined(nodes: Vec<NodeProto>, functions: &[FunctionProto]) -> Result<Vec<NodeProto>, OnnxError> {
    if functions.is_empty() {
        return Ok(nodes);
    }
    let named = |function: &FunctionProto| key(&function.domain, &function.name, &function.overload);
    let table = functions.iter().enumerate().map(|(number, function)| (named(function), number)).collect();
    let mut inliner = Inliner { functions, table, calls: 0, bytes: 0, out: Vec::new() };
    let mut stack = Vec::new();
    for node in nodes {
        inliner.add(node, &mut stack)?;
    }
    Ok(inliner.out)
}

fn key(domain: &Option<String>, name: &Option<String>, overload: &Option<String>) -> Key {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    (text(domain), text(name), text(overload))
}

struct Inliner<'a> {
    functions: &'a [FunctionProto],
    /// The number of the function that does an operation.
    table: HashMap<Key, usize>,
    /// How many calls were put in place: the names of values in each begin with its number.
    calls: usize,
    /// How many bytes the nodes of functions take that were put in place.
    bytes: usize,
    out: Vec<NodeProto>,
}

impl Inliner<'_> {
    fn add(&mut self, node: NodeProto, stack: &mut Vec<usize>) -> Result<(), OnnxError> {
        let number = self.table.get(&key(&node.domain, &node.op_type, &node.overload)).copied();
        let Some((number, function)) = number.and_then(|number| Some((number, self.functions.get(number)?))) else {
            if self.out.len() >= MAX_NODES {
                let limit = format!("{MAX_NODES} nodes");
                return Err(OnnxError::TooLarge { what: "its graph with all functions in place".to_owned(), limit });
            }
            self.out.push(node);
            return Ok(());
        };
        if stack.contains(&number) || stack.len() >= MAX_DEPTH {
            let name = function.name.as_deref().unwrap_or_default();
            return Err(OnnxError::Graph(format!("the function “{name}” calls itself, or others too deep")));
        }
        self.calls += 1;
        if self.calls > MAX_NODES {
            let limit = format!("{MAX_NODES} calls");
            return Err(OnnxError::TooLarge { what: "its graph with all functions in place".to_owned(), limit });
        }
        let prefix = format!("{}#", self.calls);
        let mut names: HashMap<&str, String> = HashMap::new();
        for (number, name) in function.input.iter().enumerate() {
            names.insert(name, node.input.get(number).cloned().unwrap_or_default());
        }
        for (number, name) in function.output.iter().enumerate() {
            if let Some(outer) = node.output.get(number).filter(|outer| !outer.is_empty()) {
                names.insert(name, outer.clone());
            }
        }
        stack.push(number);
        for inner in &function.node {
            self.bytes = self.bytes.saturating_add(inner.encoded_len());
            if self.bytes > MAX_BYTES {
                let limit = format!("{} MB", MAX_BYTES >> 20);
                return Err(OnnxError::TooLarge { what: "its graph with all functions in place".to_owned(), limit });
            }
            let mut inner = inner.clone();
            renamed(&mut inner, &names, &prefix);
            with_attributes(&mut inner, &node.attribute, &function.attribute_proto);
            self.add(inner, stack)?;
        }
        stack.pop();
        Ok(())
    }
}

/// Gives the values of a node in a function the names that they have outside of it.
fn renamed(node: &mut NodeProto, names: &HashMap<&str, String>, prefix: &str) {
    let rename = |name: &mut String| {
        if !name.is_empty() {
            *name = names.get(name.as_str()).cloned().unwrap_or_else(|| format!("{prefix}{name}"));
        }
    };
    node.input.iter_mut().chain(&mut node.output).for_each(rename);
    if let Some(name) = node.name.as_mut().filter(|name| !name.is_empty()) {
        *name = format!("{prefix}{name}");
    }
    for graph in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_deref_mut()) {
        for info in graph.input.iter_mut().chain(&mut graph.output) {
            info.name.iter_mut().for_each(rename);
        }
        graph.initializer.iter_mut().filter_map(|tensor| tensor.name.as_mut()).for_each(rename);
        graph.node.iter_mut().for_each(|node| renamed(node, names, prefix));
    }
}

/// Puts the attributes of the call, or else the function's own, where the nodes of a function refer to them.
fn with_attributes(node: &mut NodeProto, of_call: &[AttributeProto], of_function: &[AttributeProto]) {
    let given = |name: &str| {
        let mut all = of_call.iter().chain(of_function);
        all.find(|attribute| attribute.name.as_deref() == Some(name))
    };
    node.attribute = std::mem::take(&mut node.attribute)
        .into_iter()
        .filter_map(|attribute| match attribute.ref_attr_name.as_deref().filter(|name| !name.is_empty()) {
            None => Some(attribute),
            Some(name) => given(name).map(|given| AttributeProto { name: attribute.name, ..given.clone() }),
        })
        .collect();
    for graph in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_deref_mut()) {
        graph.node.iter_mut().for_each(|node| with_attributes(node, of_call, of_function));
    }
}
