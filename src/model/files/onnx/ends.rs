//! What a graph has at its two ends: which input is the picture, which output the classes, and what is done to them there.

use std::collections::BTreeSet;

use super::{
    node::Node,
    proto::{GraphProto, NodeProto, ValueInfoProto, data_type},
};

/// Names of outputs that are a classifier's, the surest first.
const OUTPUT_NAMES: [&str; 8] =
    ["logits", "output", "output0", "probabilities", "probs", "scores", "predictions", "classes"];

/// The most operations at an end that are looked at.
const MAX_STEPS: usize = 16;

/// The one input that is a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PictureInput {
    /// Its name.
    pub name: String,
    /// Its shape, in words.
    pub shape: String,
    /// Whether the channels are the last axis (NHWC), rather than the second (NCHW).
    pub channels_last: bool,
    /// Colours: 3, or 1 of a grey picture.
    pub channels: usize,
    /// Width and height, if they are fixed.
    pub side: Option<usize>,
    /// Pictures that it takes at once, if that is fixed.
    pub batch: Option<usize>,
    /// Whether it takes bytes, from 0 to 255.
    pub is_bytes: bool,
}

/// What is made of the classes' numbers at the end of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing, or nothing that is known.
    Plain,
    /// Softmax.
    Softmax,
    /// Its logarithm.
    LogSoftmax,
    /// σ of each.
    Sigmoid,
}

/// The output of a graph that is taken for the classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassesOutput {
    /// Its name.
    pub name: String,
    /// The names of the others.
    pub others: Vec<String>,
    /// The value that is taken: before what is done to it at the end.
    pub value: String,
    /// What is done to it at the end.
    pub end: End,
}

/// The sizes of a value's shape, if it says it; none for those that are open.
fn dims(info: &ValueInfoProto) -> Option<Vec<Option<usize>>> {
    let shape = info.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    let size = |value: Option<i64>| value.and_then(|value| usize::try_from(value).ok()).filter(|size| *size > 0);
    Some(shape.dim.iter().map(|dim| size(dim.dim_value)).collect())
}

/// A shape in words: “[?, 3, 224, 224]”.
pub(super) fn shape_in_words(info: &ValueInfoProto) -> String {
    let Some(shape) = info.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref()?.shape.as_ref()) else {
        return "of an unknown shape".to_owned();
    };
    let words: Vec<String> = shape
        .dim
        .iter()
        .map(|dim| match (dim.dim_value, dim.dim_param.as_deref()) {
            (Some(value), _) => value.to_string(),
            (None, Some(name)) if !name.is_empty() => name.chars().take(32).collect(),
            _ => "?".to_owned(),
        })
        .collect();
    format!("[{}]", words.join(", "))
}

/// The input of a graph that is the picture.
///
/// # Errors
/// There is none, or none that a picture of igoscope's can be.
pub(super) fn picture_input(graph: &GraphProto, nodes: &[NodeProto]) -> Result<PictureInput, String> {
    let stored: BTreeSet<&str> = graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
    let inputs = || graph.input.iter().filter(|info| info.name.as_deref().is_some_and(|name| !stored.contains(name)));
    let has_axes = |info: &&ValueInfoProto| dims(info).is_none_or(|dims| dims.len() == 4);
    let info = inputs().find(has_axes).ok_or_else(|| {
        let named: Vec<String> = inputs()
            .take(4)
            .map(|info| format!("“{}” {}", info.name.as_deref().unwrap_or_default(), shape_in_words(info)))
            .collect();
        match named[..] {
            [] => "it has no input".to_owned(),
            _ => format!(
                "none of its inputs is a picture, which has 4 axes: it has {}; export it with an example input of \
                 [1, 3, height, width]",
                named.join(", ")
            ),
        }
    })?;
    let name = info.name.clone().unwrap_or_default();
    let dims = dims(info).unwrap_or_else(|| vec![None; 4]);
    let shape = shape_in_words(info);
    let is_colours = |size: Option<usize>| matches!(size, Some(1 | 3));
    let channels_last = match (dims[1], dims[3]) {
        (first, last) if is_colours(first) != is_colours(last) => is_colours(last),
        (Some(3), _) => false,
        (_, Some(3)) => true,
        (Some(_), Some(_)) => false,
        _ => is_turned_first(&name, nodes),
    };
    let (channels, sides) = if channels_last { (dims[3], [dims[1], dims[2]]) } else { (dims[1], [dims[2], dims[3]]) };
    let channels = channels.unwrap_or(3);
    if channels != 1 && channels != 3 {
        return Err(format!(
            "its input “{name}” {shape} has {channels} channels, and igoscope shows a network pictures of 3 colours, or \
             of 1 grey"
        ));
    }
    let side = match sides {
        [Some(rows), Some(columns)] if rows != columns => {
            return Err(format!(
                "its input “{name}” {shape} is not square, and igoscope shows a network squares: export it for one"
            ));
        }
        [Some(side), _] | [_, Some(side)] => Some(side),
        [None, None] => None,
    };
    let kind = info.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref()?.elem_type);
    let is_bytes = kind == Some(data_type::UINT8);
    Ok(PictureInput { name, shape, channels_last, channels, side, batch: dims[0], is_bytes })
}

/// Whether the first thing that is done to a value is to put its last axis before the pixels.
fn is_turned_first(name: &str, nodes: &[NodeProto]) -> bool {
    let mut readers = nodes.iter().filter(|node| node.input.iter().any(|input| input == name)).map(Node::new);
    readers.any(|node| node.operation() == "Transpose" && node.ints("perm") == Some(&[0, 3, 1, 2]))
}

/// The output of a graph that is taken for the classes, or that is `said` to be them, and what is done to it at the end.
///
/// # Errors
/// There is none, or none of this name.
pub(super) fn classes_output(
    graph: &GraphProto,
    nodes: &[NodeProto],
    said: Option<&str>,
) -> Result<ClassesOutput, String> {
    let outputs: Vec<&ValueInfoProto> = graph.output.iter().filter(|info| info.name.is_some()).collect();
    let named = |info: &&ValueInfoProto| info.name.clone().unwrap_or_default();
    let by_name = OUTPUT_NAMES.iter().find_map(|known| {
        outputs.iter().find(|info| info.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(known)))
    });
    let is_row = |info: &&&ValueInfoProto| dims(info).is_some_and(|dims| dims.len() == 2);
    let by_said = |said: &str| {
        let found = outputs.iter().copied().find(|info| info.name.as_deref() == Some(said));
        let all = || outputs.iter().map(|info| format!("“{}”", named(info))).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| format!("it has no output “{said}”: there is {}", all()))
    };
    let taken = match outputs[..] {
        [] => return Err("it has no output".to_owned()),
        _ if said.is_some() => by_said(said.unwrap_or_default())?,
        [only] => only,
        _ => by_name.or_else(|| outputs.iter().find(is_row)).copied().unwrap_or(outputs[0]),
    };
    let name = named(&taken);
    let others = outputs.iter().map(named).filter(|other| *other != name).collect();
    let (value, end) = peeled(&name, nodes);
    Ok(ClassesOutput { name, others, value, end })
}

/// The value before softmax or sigmoid at the end, if there is one; what only shapes or copies it after that is left out
/// as well.
fn peeled(name: &str, nodes: &[NodeProto]) -> (String, End) {
    let mut at = name;
    for _ in 0..MAX_STEPS {
        let Some(node) = nodes.iter().map(Node::new).find(|node| node.outputs().iter().any(|output| output == at))
        else {
            break;
        };
        let Some(before) = node.inputs().first().filter(|before| !before.is_empty()) else { break };
        let end = match node.operation().as_str() {
            "Softmax" => End::Softmax,
            "LogSoftmax" => End::LogSoftmax,
            "Sigmoid" => End::Sigmoid,
            "Identity" | "Dropout" | "Cast" | "Flatten" | "Reshape" | "Squeeze" | "ArgMax" => {
                at = before;
                continue;
            }
            _ => break,
        };
        return (before.clone(), end);
    }
    (name.to_owned(), End::Plain)
}
