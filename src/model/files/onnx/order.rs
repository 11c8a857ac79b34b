//! Operations in an order in which each has what it needs, and no others than are needed.

use std::collections::{BTreeSet, HashMap};

use super::{error::OnnxError, node::Node, proto::NodeProto};

/// The nodes that `wanted` values need, by their numbers, each after those that it needs; among these, as they stand in the file.
///
/// # Errors
/// A value is made twice, or needs itself.
pub(super) fn ordered(nodes: &[NodeProto], wanted: &[&str]) -> Result<Vec<usize>, OnnxError> {
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (number, node) in nodes.iter().enumerate() {
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            if makers.insert(output, number).is_some() {
                return Err(OnnxError::Graph(format!("the value “{output}” is made by two nodes")));
            }
        }
    }
    let needs: Vec<Vec<usize>> = nodes.iter().map(|node| needs(node, &makers)).collect();

    let mut is_needed = vec![false; nodes.len()];
    let mut open: Vec<usize> = wanted.iter().filter_map(|name| makers.get(name).copied()).collect();
    while let Some(number) = open.pop() {
        if !std::mem::replace(&mut is_needed[number], true) {
            open.extend(&needs[number]);
        }
    }

    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (number, needs) in needs.iter().enumerate().filter(|(number, _)| is_needed[*number]) {
        for &need in needs {
            readers[need].push(number);
        }
    }
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|&n| is_needed[n] && waiting[n] == 0).collect();
    let mut order = Vec::new();
    while let Some(number) = ready.pop_first() {
        order.push(number);
        for &reader in &readers[number] {
            waiting[reader] -= 1;
            if waiting[reader] == 0 {
                ready.insert(reader);
            }
        }
    }
    match (0..nodes.len()).find(|&number| is_needed[number] && waiting[number] > 0) {
        None => Ok(order),
        Some(number) => {
            let node = Node::new(&nodes[number]);
            Err(OnnxError::Graph(format!(
                "what the node “{}” ({}) reads depends on what it makes: the graph has a circle, and the file is damaged",
                node.name(),
                node.operation()
            )))
        }
    }
}

/// The nodes that one needs, each once, with what graphs inside of it read.
fn needs(node: &NodeProto, makers: &HashMap<&str, usize>) -> Vec<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        found.extend(node.input.iter().filter_map(|name| makers.get(name.as_str()).copied()));
        for graph in node.attribute.iter().filter_map(|attribute| attribute.g.as_deref()) {
            found.extend(graph.output.iter().filter_map(|output| makers.get(output.name.as_deref()?).copied()));
            open.extend(&graph.node);
        }
    }
    found.into_iter().collect()
}
