//! What a program has at its two ends: which input is the picture, which output the classes, and what is done to them there.

use super::{
    archive::BYTE,
    ops,
    program::{Argument, Graph, InputSpec, Node, OutputSpec, Program, Size},
};
use crate::files::onnx::{Axes, ClassesOutput, End, PictureInput, no_picture};

/// The most operators at an end that are looked at.
const MAX_STEPS: usize = 16;

/// The inputs that who calls a program gives, by their names.
pub(super) fn users(program: &Program) -> impl Iterator<Item = &str> {
    program.graph_module.signature.input_specs.iter().filter_map(|spec| match spec {
        InputSpec::User(Argument::Tensor(name)) => Some(name.as_str()),
        _ => None,
    })
}

fn dims(graph: &Graph, name: &str) -> Option<Vec<Option<usize>>> {
    Some(graph.tensor_values.get(name)?.sizes.iter().map(Size::fixed).collect())
}

fn shape_in_words(graph: &Graph, name: &str) -> String {
    let Some(meta) = graph.tensor_values.get(name) else { return "of an unknown shape".to_owned() };
    let words = meta.sizes.iter().map(|size| match size {
        Size::AsInt(size) => size.to_string(),
        Size::AsExpr(expression) => expression.symbol().unwrap_or("open").to_owned(),
    });
    format!("[{}]", words.collect::<Vec<String>>().join(", "))
}

/// The input of a program that is the picture.
///
/// # Errors
/// There is none, or none that a picture of igoscope's can be.
pub(super) fn picture_input(program: &Program) -> Result<PictureInput, String> {
    let graph = &program.graph_module.graph;
    let has_axes = |name: &&str| dims(graph, name).is_some_and(|dims| dims.len() == 4);
    let name = users(program).find(has_axes).ok_or_else(|| {
        let named: Vec<String> =
            users(program).take(4).map(|name| format!("“{name}” {}", shape_in_words(graph, name))).collect();
        no_picture(&named)
    })?;
    let axes: Axes = dims(graph, name).and_then(|dims| dims.try_into().ok()).unwrap_or([None; 4]);
    let is_bytes = graph.tensor_values.get(name).is_some_and(|meta| meta.dtype == BYTE);
    PictureInput::of(name.to_owned(), shape_in_words(graph, name), axes, is_bytes, || is_turned_first(graph, name))
}

/// Whether the first thing that is done to a value is to put its last axis before the pixels.
fn is_turned_first(graph: &Graph, name: &str) -> bool {
    let mut readers = graph.nodes.iter().filter(|node| node.takes().any(|taken| taken == name));
    readers.any(|node| {
        let dims = node.inputs.iter().find(|input| input.name == "dims").map(|input| &input.arg);
        node.operation() == "aten.permute" && matches!(dims, Some(Argument::Ints(dims)) if *dims == [0, 3, 1, 2])
    })
}

/// The output of a program that is taken for the classes, or that is `said` to be them, and what is done to it at the end.
///
/// # Errors
/// There is none, or none of this name.
pub(super) fn classes_output(program: &Program, said: Option<&str>) -> Result<ClassesOutput, String> {
    let GraphEnds { graph, outputs } = GraphEnds::of(program);
    let is_row = |name: &str| dims(graph, name).is_some_and(|dims| dims.len() == 2);
    let (name, others) = ClassesOutput::among(&outputs, said, is_row)?;
    let (value, end) = peeled(&name, &graph.nodes);
    Ok(ClassesOutput { name, others, value, end })
}

/// A program's graph and the names of its outputs, each once.
struct GraphEnds<'a> {
    graph: &'a Graph,
    outputs: Vec<&'a str>,
}

impl<'a> GraphEnds<'a> {
    fn of(program: &'a Program) -> Self {
        let mut outputs: Vec<&str> = Vec::new();
        for spec in &program.graph_module.signature.output_specs {
            if let OutputSpec::User(Argument::Tensor(name)) = spec
                && !outputs.contains(&name.as_str())
            {
                outputs.push(name);
            }
        }
        Self { graph: &program.graph_module.graph, outputs }
    }
}

/// The value before softmax or sigmoid at the end, if there is one; what only shapes or copies it after that is left out
/// as well.
fn peeled(name: &str, nodes: &[Node]) -> (String, End) {
    let mut at = name;
    for _ in 0..MAX_STEPS {
        let Some(node) = nodes.iter().rev().find(|node| node.results().any(|result| result == at)) else { break };
        let Some(before) = node.takes().next() else { break };
        let end = match ops::operator(node).map(|(operator, _)| operator) {
            Some("softmax" | "_softmax" | "_safe_softmax") => End::Softmax,
            Some("log_softmax" | "_log_softmax") => End::LogSoftmax,
            Some("sigmoid") => End::Sigmoid,
            Some(
                "alias" | "clone" | "contiguous" | "dropout" | "flatten" | "reshape" | "squeeze" | "to" | "view"
                | "_to_copy",
            ) => {
                at = before;
                continue;
            }
            _ => break,
        };
        return (before.to_owned(), end);
    }
    (name.to_owned(), End::Plain)
}
