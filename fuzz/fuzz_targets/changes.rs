//! Changes to a file as a file: fields of its messages, where changed bytes would mostly be no protobuf any more.

use std::collections::BTreeSet;

use libfuzzer_sys::fuzzer_mutate;
use prost::{Message, bytes::Bytes};

use crate::proto::{
    AttributeProto, DimensionProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto, data_type,
};

/// Words of ONNX, by kind.
const DICTIONARY: &str = include_str!("../onnx.dict");

/// Numbers at the edges of what is allowed.
const INTS: [i64; 34] = [
    0,
    1,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    9,
    16,
    31,
    32,
    33,
    64,
    100,
    255,
    1000,
    1024,
    65_536,
    1 << 20,
    1 << 27,
    1 << 31,
    1 << 40,
    1 << 62,
    i64::MAX,
    -1,
    -1,
    -2,
    -3,
    -4,
    -32,
    i64::MIN,
    i64::MIN + 1,
];

/// The same of numbers in single precision.
const FLOATS: [f32; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    3.0,
    1e-5,
    1e-30,
    1e30,
    255.0,
    0.1,
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MAX,
];

const KINDS: [i32; 14] = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16, 8];

/// The bytes of a changed file.
pub fn changed(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance(u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15);
    if chance.one_in(12) {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut model = ModelProto::decode(Bytes::copy_from_slice(&data[..size])).unwrap_or_else(|_| smallest());
    if model.graph.as_ref().is_none_or(|graph| graph.node.is_empty()) {
        model = smallest();
    }
    for _ in 0..=chance.below(4) {
        change(&mut model, &mut chance);
    }
    let encoded = model.encode_to_vec();
    if encoded.len() > max_size || encoded.len() > data.len() {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..encoded.len()].copy_from_slice(&encoded);
    encoded.len()
}

/// Numbers by chance (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    fn of_mut<'a, T>(&mut self, all: &'a mut [T]) -> Option<&'a mut T> {
        let at = self.below(all.len());
        all.get_mut(at)
    }

    fn int(&mut self) -> i64 {
        match self.below(3) {
            0 => self.below(12) as i64 - 3,
            _ => INTS[self.below(INTS.len())],
        }
    }

    /// Such as a shape that fits something has.
    fn small(&mut self) -> i64 {
        [1, 1, 1, 2, 3, 3, 4, 8, 16, 32, 0, -1][self.below(12)]
    }

    fn float(&mut self) -> f32 {
        FLOATS[self.below(FLOATS.len())]
    }

    fn word(&mut self, heading: &str) -> String {
        let words = DICTIONARY.split("\n# ").find_map(|part| part.strip_prefix(heading)).unwrap_or_default();
        let words: Vec<&str> = words.lines().filter(|line| line.starts_with('"')).collect();
        self.of(&words).map_or("", |word| word.trim_matches('"')).to_owned()
    }
}

fn info(name: &str, dims: &[i64]) -> ValueInfoProto {
    let dim = dims.iter().map(|&size| DimensionProto { dim_value: Some(size), dim_param: None }).collect();
    let tensor = TensorTypeProto { elem_type: Some(1), shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}

fn node(operation: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    NodeProto {
        input: owned(inputs),
        output: owned(outputs),
        op_type: Some(operation.to_owned()),
        ..NodeProto::default()
    }
}

/// To begin with.
fn smallest() -> ModelProto {
    let graph = GraphProto {
        node: vec![
            node("Relu", &["x"], &["a"]),
            node("GlobalAveragePool", &["a"], &["b"]),
            node("Flatten", &["b"], &["y"]),
        ],
        input: vec![info("x", &[1, 3, 32, 32])],
        output: vec![info("y", &[1, 3])],
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: Some(8),
        producer_name: Some("f".to_owned()),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: None, version: Some(17) }],
        ..ModelProto::default()
    }
}

fn change(model: &mut ModelProto, chance: &mut Chance) {
    if chance.one_in(40) {
        let version = [7, 9, 10, 11, 12, 13, 17, 18, 21, 23, 6, -1][chance.below(12)];
        model.opset_import = vec![OperatorSetIdProto { domain: None, version: Some(version) }];
        return;
    }
    if chance.one_in(25) {
        into_function(model, chance);
        return;
    }
    if let Some(function) = chance.of_mut(&mut model.functions).filter(|_| chance.one_in(6)) {
        let mut inner = GraphProto { node: std::mem::take(&mut function.node), ..GraphProto::default() };
        change_graph(&mut inner, chance);
        function.node = inner.node;
        return;
    }
    let Some(mut graph) = model.graph.as_mut() else { return };
    // Down into graphs of nodes, sometimes.
    while chance.one_in(3) && graph.node.iter().any(has_graph) {
        let within = graph.node.iter_mut().filter(|node| has_graph(node)).flat_map(|node| &mut node.attribute);
        let mut within: Vec<&mut GraphProto> = within.filter_map(|attribute| attribute.g.as_deref_mut()).collect();
        let at = chance.below(within.len());
        graph = within.swap_remove(at);
    }
    change_graph(graph, chance);
}

fn has_graph(node: &NodeProto) -> bool {
    node.attribute.iter().any(|attribute| attribute.g.is_some())
}

/// Names of values in a graph.
fn names(graph: &GraphProto) -> Vec<String> {
    let of_nodes = graph.node.iter().flat_map(|node| &node.output).cloned();
    let stored = graph.initializer.iter().filter_map(|tensor| tensor.name.clone());
    of_nodes.chain(stored).chain(graph.input.iter().filter_map(|info| info.name.clone())).collect()
}

fn new_name(graph: &GraphProto, chance: &mut Chance) -> String {
    let taken: BTreeSet<String> = names(graph).into_iter().collect();
    loop {
        let name = format!("v{}", chance.below(100_000));
        if !taken.contains(&name) {
            return name;
        }
    }
}

fn change_graph(graph: &mut GraphProto, chance: &mut Chance) {
    match chance.below(24) {
        0..=4 => insert(graph, chance),
        5..=8 => change_attribute(graph, chance),
        9 | 10 => {
            if let Some(node) = chance.of_mut(&mut graph.node) {
                node.op_type = Some(chance.word("operations"));
            }
        }
        11..=13 => change_inputs(graph, chance),
        14..=16 => {
            if let Some(tensor) = chance.of_mut(&mut graph.initializer) {
                change_tensor(tensor, chance);
            }
        }
        17 => remove(graph, chance),
        18 => end_early(graph, chance),
        19 => {
            // A value that was computed is stored from now on.
            let name = chance.of(&names(graph)).cloned().unwrap_or_default();
            let stored = tensor(&name, chance);
            let new = new_name(graph, chance);
            for output in graph.node.iter_mut().flat_map(|node| &mut node.output).filter(|output| **output == name) {
                *output = new.clone();
            }
            graph.initializer.push(stored);
        }
        20 => {
            let infos = if chance.one_in(2) { &mut graph.input } else { &mut graph.output };
            let Some(info) = chance.of_mut(infos) else { return };
            let dims = (0..chance.below(6)).map(|_| chance.small()).collect::<Vec<_>>();
            *info = self::info(info.name.as_deref().unwrap_or_default(), &dims);
        }
        21 => into_choice(graph, chance),
        22 => {
            let Some(node) = chance.of(&graph.node).cloned() else { return };
            let at = chance.below(graph.node.len());
            let new = new_name(graph, chance);
            let output = node.output.iter().enumerate().map(|(at, _)| format!("{new}_{at}")).collect();
            graph.node.insert(at, NodeProto { output, ..node });
        }
        _ => {
            let new = new_name(graph, chance);
            let Some(node) = chance.of_mut(&mut graph.node) else { return };
            match chance.below(3) {
                0 => node.output.push(new),
                1 => drop(node.output.pop()),
                _ => {
                    node.domain =
                        Some(["", "com.microsoft", "other", "pkg.onnxscript.torch_lib"][chance.below(4)].to_owned())
                }
            }
        }
    }
}

/// A node of some operation between a value and what reads it.
fn insert(graph: &mut GraphProto, chance: &mut Chance) {
    let names = names(graph);
    let Some(value) = chance.of(&names).cloned() else { return };
    let new = new_name(graph, chance);
    let readers: Vec<(usize, usize)> = graph
        .node
        .iter()
        .enumerate()
        .flat_map(|(at, node)| {
            let reads = node.input.iter().enumerate().filter(|(_, input)| **input == value);
            reads.map(move |(input, _)| (at, input)).collect::<Vec<_>>()
        })
        .collect();
    for (at, input) in readers {
        if !chance.one_in(4) {
            graph.node[at].input[input] = new.clone();
        }
    }
    let mut added = node(&chance.word("operations"), &[&value], &[&new]);
    for _ in 0..chance.below(4) {
        match chance.below(6) {
            0 => added.input.push(String::new()),
            1 => added.input.push(chance.of(&names).cloned().unwrap_or_default()),
            _ => {
                let name = new_name(graph, chance);
                graph.initializer.push(tensor(&name, chance));
                added.input.push(name);
            }
        }
    }
    if chance.one_in(8) {
        added.input.swap_remove(0);
    }
    for _ in 0..chance.below(3) {
        added.attribute.push(attribute(chance));
    }
    graph.node.push(added);
}

fn remove(graph: &mut GraphProto, chance: &mut Chance) {
    if graph.node.len() < 2 {
        return;
    }
    let gone = graph.node.remove(chance.below(graph.node.len()));
    let (Some(input), Some(output)) = (gone.input.first(), gone.output.first()) else { return };
    for read in graph.node.iter_mut().flat_map(|node| &mut node.input).filter(|read| *read == output) {
        *read = input.clone();
    }
}

/// The classes are the mean of some value, and what stands behind it is left out.
fn end_early(graph: &mut GraphProto, chance: &mut Chance) {
    let Some(last) = chance.of(&graph.node).and_then(|node| node.output.first()).cloned() else { return };
    let output = graph.output.first().and_then(|info| info.name.clone()).unwrap_or_default();
    let mut needed: BTreeSet<String> = [last.clone()].into();
    let mut kept = Vec::new();
    // As often as it takes for nodes that stand in any order; few are needed late.
    for _ in 0..4 {
        for node in std::mem::take(&mut graph.node).into_iter().rev() {
            if node.output.iter().any(|output| needed.contains(output)) {
                needed.extend(node.input.iter().cloned());
                kept.push(node);
            } else {
                graph.node.insert(0, node);
            }
        }
    }
    kept.reverse();
    kept.retain(|node| !node.output.contains(&output));
    graph.node = kept;
    graph.initializer.retain(|tensor| tensor.name.as_ref().is_some_and(|name| needed.contains(name)));
    let pooled = new_name(graph, chance);
    graph.node.push(node("GlobalAveragePool", &[&last], &[&pooled]));
    graph.node.push(node("Flatten", &[&pooled], &[&output]));
}

fn change_inputs(graph: &mut GraphProto, chance: &mut Chance) {
    let names = names(graph);
    let given = chance.of(&names).cloned().unwrap_or_default();
    let stored = new_name(graph, chance);
    let tensor = tensor(&stored, chance);
    let Some(node) = chance.of_mut(&mut graph.node) else { return };
    let at = chance.below(node.input.len());
    match chance.below(6) {
        0 => node.input.push(given),
        1 if !node.input.is_empty() => drop(node.input.remove(at)),
        2 if !node.input.is_empty() => node.input.swap(0, at),
        3 if !node.input.is_empty() => node.input[at] = given,
        4 if !node.input.is_empty() => {
            node.input[at] = stored;
            graph.initializer.push(tensor);
        }
        5 if !node.input.is_empty() => node.input[at] = String::new(),
        _ => {
            node.input.push(stored);
            graph.initializer.push(tensor);
        }
    }
}

fn change_attribute(graph: &mut GraphProto, chance: &mut Chance) {
    let Some(node) = chance.of_mut(&mut graph.node) else { return };
    if node.attribute.is_empty() || chance.one_in(3) {
        node.attribute.push(attribute(chance));
        return;
    }
    let at = chance.below(node.attribute.len());
    let attribute = &mut node.attribute[at];
    match chance.below(8) {
        0 => drop(node.attribute.remove(at)),
        1 => attribute.name = Some(chance.word("attributes")),
        _ if attribute.t.is_some() => {
            if let Some(tensor) = attribute.t.as_deref_mut() {
                change_tensor(tensor, chance);
            }
        }
        _ if !attribute.ints.is_empty() => match chance.below(5) {
            0 => attribute.ints.push(chance.int()),
            1 => drop(attribute.ints.pop()),
            _ => {
                if let Some(int) = chance.of_mut(&mut attribute.ints) {
                    *int = chance.int();
                }
            }
        },
        _ if attribute.i.is_some() => attribute.i = Some(chance.int()),
        _ if attribute.f.is_some() => attribute.f = Some(chance.float()),
        _ if attribute.s.is_some() => attribute.s = Some(chance.word("words").into()),
        _ => {
            let name = attribute.name.take();
            *attribute = AttributeProto { name, ..self::attribute(chance) };
        }
    }
}

fn attribute(chance: &mut Chance) -> AttributeProto {
    let mut made = AttributeProto { name: Some(chance.word("attributes")), ..AttributeProto::default() };
    match chance.below(8) {
        0 | 1 => made.i = Some(chance.int()),
        2 => made.f = Some(chance.float()),
        3 => made.s = Some(chance.word("words").into()),
        4 => made.t = Some(Box::new(tensor("", chance))),
        5 => made.floats = (0..chance.below(6)).map(|_| chance.float()).collect(),
        6 => made.ints = (0..chance.below(9)).map(|_| chance.int()).collect(),
        _ => made.ints = (0..[1, 2, 2, 4, 4, 8][chance.below(6)]).map(|_| chance.small()).collect(),
    }
    made
}

/// A tensor of a few values.
fn tensor(name: &str, chance: &mut Chance) -> TensorProto {
    let name = Some(name.to_owned());
    if chance.one_in(2) {
        // Such as shapes, axes, starts and ends.
        let is_wild = chance.one_in(3);
        let values: Vec<i64> =
            (0..chance.below(7)).map(|_| if is_wild { chance.int() } else { chance.small() }).collect();
        let dims = if values.len() == 1 && chance.one_in(2) { Vec::new() } else { vec![values.len() as i64] };
        return TensorProto {
            name,
            dims,
            data_type: Some(data_type::INT64),
            int64_data: values,
            ..TensorProto::default()
        };
    }
    let dims = match chance.below(4) {
        0 => Vec::new(),
        1 => vec![[1, 3, 3, 8, 16, 32, 0][chance.below(7)]],
        2 => vec![
            [1, 3, 4, 8][chance.below(4)],
            [1, 3, 3, 0][chance.below(4)],
            chance.below(4) as i64,
            chance.below(4) as i64,
        ],
        _ => (0..chance.below(6)).map(|_| chance.small().max(0)).collect(),
    };
    let mut made = TensorProto { name, dims, data_type: Some(data_type::FLOAT), ..TensorProto::default() };
    if chance.one_in(3) {
        made.data_type = chance.of(&KINDS).copied();
    }
    fill(&mut made, chance);
    made
}

/// As many bytes as its shape takes, if these are few.
fn fill(tensor: &mut TensorProto, chance: &mut Chance) {
    let width = match tensor.data_type.unwrap_or_default() {
        data_type::UINT8 | data_type::INT8 | data_type::BOOL => 1,
        data_type::UINT16 | data_type::INT16 | data_type::FLOAT16 | data_type::BFLOAT16 => 2,
        data_type::DOUBLE | data_type::INT64 | data_type::UINT64 => 8,
        _ => 4,
    };
    let count = tensor.dims.iter().try_fold(1_i64, |count, size| count.checked_mul((*size).max(0)));
    let count = usize::try_from(count.unwrap_or(0)).unwrap_or(0).min(16 * 1024);
    tensor.float_data.clear();
    tensor.int64_data.clear();
    tensor.int32_data.clear();
    let raw: Vec<u8> = if tensor.data_type == Some(data_type::FLOAT) {
        let value = chance.float();
        let of = |at: usize| if at % 7 == 3 { value } else { (at % 5) as f32 * 0.25 - 0.5 };
        (0..count).flat_map(|at| of(at).to_le_bytes()).collect()
    } else {
        let value = chance.small();
        (0..count).flat_map(|_| value.to_le_bytes()[..width].to_vec()).collect()
    };
    tensor.raw_data = Some(raw.into());
}

fn change_tensor(tensor: &mut TensorProto, chance: &mut Chance) {
    match chance.below(6) {
        0 => {
            tensor.data_type = chance.of(&KINDS).copied();
            fill(tensor, chance);
        }
        1 | 2 => {
            let wild = chance.one_in(4);
            let size = if wild { chance.int() } else { chance.small() };
            match chance.below(4) {
                0 => tensor.dims.push(size),
                1 => drop(tensor.dims.pop()),
                2 => tensor.dims.reverse(),
                _ => {
                    if let Some(dim) = chance.of_mut(&mut tensor.dims) {
                        *dim = size;
                    }
                }
            }
            if !chance.one_in(5) {
                fill(tensor, chance);
            }
        }
        _ if !tensor.int64_data.is_empty() => {
            let value = chance.int();
            match chance.below(6) {
                0 => tensor.int64_data.push(value),
                1 => drop(tensor.int64_data.pop()),
                _ => {
                    if let Some(own) = chance.of_mut(&mut tensor.int64_data) {
                        *own = value;
                    }
                }
            }
            tensor.dims = vec![tensor.int64_data.len() as i64];
        }
        _ => {
            // One number of its bytes.
            let mut raw = tensor.raw_data.take().unwrap_or_default().to_vec();
            let int = tensor.data_type == Some(data_type::INT64);
            let bytes = if int { chance.int().to_le_bytes().to_vec() } else { chance.float().to_le_bytes().to_vec() };
            let at = chance.below(raw.len() / bytes.len()) * bytes.len();
            if let Some(place) = raw.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(&bytes);
            }
            tensor.raw_data = Some(raw.into());
        }
    }
}

/// A node becomes a function that is called.
fn into_function(model: &mut ModelProto, chance: &mut Chance) {
    let number = model.functions.len();
    let Some(called) = model.graph.as_mut().and_then(|graph| chance.of_mut(&mut graph.node)) else { return };
    let name = if chance.one_in(4) { called.op_type.clone() } else { Some(format!("F{number}")) };
    let function = FunctionProto {
        name: name.clone(),
        input: called.input.clone(),
        output: called.output.clone(),
        node: vec![called.clone()],
        domain: Some("f".to_owned()),
        ..FunctionProto::default()
    };
    *called = NodeProto { op_type: name, domain: Some("f".to_owned()), ..called.clone() };
    model.functions.push(function);
}

/// A node becomes one branch of a choice, or both.
fn into_choice(graph: &mut GraphProto, chance: &mut Chance) {
    let condition = new_name(graph, chance);
    let inner = new_name(graph, chance);
    let Some(node) = chance.of_mut(&mut graph.node) else { return };
    let mut moved = node.clone();
    let outer = moved.output.clone();
    moved.output = outer.iter().enumerate().map(|(at, _)| format!("{inner}_{at}")).collect();
    let branch = GraphProto {
        output: moved.output.iter().map(|name| info(name, &[])).collect(),
        node: vec![moved],
        ..GraphProto::default()
    };
    let attribute = |name: &str| AttributeProto {
        name: Some(name.to_owned()),
        g: Some(Box::new(branch.clone())),
        ..AttributeProto::default()
    };
    *node = NodeProto {
        input: vec![condition.clone()],
        output: outer,
        op_type: Some("If".to_owned()),
        attribute: vec![attribute("then_branch"), attribute("else_branch")],
        ..NodeProto::default()
    };
    let raw = Bytes::copy_from_slice(&[u8::from(chance.one_in(2))]);
    let tensor = TensorProto {
        name: Some(condition),
        data_type: Some(data_type::BOOL),
        raw_data: Some(raw),
        ..TensorProto::default()
    };
    graph.initializer.push(tensor);
}
