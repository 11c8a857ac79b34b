//! What a graph has at its two ends: which input is the picture, which output the classes, and what is done to them there.

use std::collections::BTreeSet;

use super::{
    node::Node,
    proto::{GraphProto, NodeProto, ValueInfoProto, data_type},
};
use crate::imaging::MAX_CHANNELS;

/// Names of outputs that are a classifier's, the surest first.
const OUTPUT_NAMES: [&str; 8] =
    ["logits", "output", "output0", "probabilities", "probs", "scores", "predictions", "classes"];

/// The most operations at an end that are looked at.
const MAX_STEPS: usize = 16;

/// Sizes of the four axes of what may be a picture; none for those that are open.
pub(crate) type Axes = [Option<usize>; 4];

/// The one input that is a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PictureInput {
    /// Its name.
    pub name: String,
    /// Its shape, in words.
    pub shape: String,
    /// Whether the channels are the last axis (NHWC), rather than the second (NCHW).
    pub channels_last: bool,
    /// Colours, 3 or 1 of a grey picture, or bands of others.
    pub channels: usize,
    /// Width and height, if one of them is fixed.
    pub size: Option<[usize; 2]>,
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
        no_picture(&named)
    })?;
    let name = info.name.clone().unwrap_or_default();
    let axes = dims(info).and_then(|dims| dims.try_into().ok()).unwrap_or([None; 4]);
    let kind = info.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref()?.elem_type);
    let is_bytes = kind == Some(data_type::UINT8);
    let is_turned_first = || is_turned_first(&name, nodes);
    PictureInput::of(name.clone(), shape_in_words(info), axes, is_bytes, is_turned_first)
}

/// That none of a network's inputs is a picture: each in words, with its shape.
pub(crate) fn no_picture(inputs: &[String]) -> String {
    if inputs.is_empty() {
        return "it has no input".to_owned();
    }
    format!(
        "none of its inputs is a picture, which has 4 axes: it has {}; export it with an example input of \
         [1, 3, height, width]",
        inputs.join(", ")
    )
}

impl PictureInput {
    /// Channels of the pictures that igoscope shows it: grey is made of red, green and blue.
    pub(crate) fn shown_channels(&self) -> usize {
        if self.channels == 1 { 3 } else { self.channels }
    }

    /// Why an operation cannot be computed, with what may be the reason: that the network was exported for several pictures.
    pub(crate) fn or_of_its_batch(&self, why: String) -> String {
        match self.batch {
            Some(batch @ 2..) => format!(
                "{why}; it was exported for {batch} pictures at once, and igoscope shows one: export it with an example \
                 input of [1, …] or with a dynamic batch"
            ),
            _ => why,
        }
    }

    /// The input of this name, whose shape is known in words and as sizes, those that are open as none. Where nothing tells
    /// which axis the channels are, `is_turned_first` says whether the last one is put before the pixels.
    ///
    /// # Errors
    /// It is no picture of igoscope's.
    pub(crate) fn of(
        name: String,
        shape: String,
        axes: Axes,
        is_bytes: bool,
        is_turned_first: impl Fn() -> bool,
    ) -> Result<Self, String> {
        let is_colours = |size: Option<usize>| matches!(size, Some(1 | 3));
        let is_bands = |size: Option<usize>| size.is_some_and(|size| size <= MAX_CHANNELS);
        let channels_last = match (axes[1], axes[3]) {
            (first, last) if is_colours(first) != is_colours(last) => is_colours(last),
            (Some(3), _) => false,
            (_, Some(3)) => true,
            (first, last) if is_bands(first) != is_bands(last) => is_bands(last),
            (Some(first), Some(last)) if is_bands(Some(last)) => last < first,
            (Some(_), Some(_)) => false,
            _ => is_turned_first(),
        };
        let (channels, sides) =
            if channels_last { (axes[3], [axes[1], axes[2]]) } else { (axes[1], [axes[2], axes[3]]) };
        let channels = channels.unwrap_or(3);
        if channels > MAX_CHANNELS {
            return Err(format!(
                "its input “{name}” {shape} has {channels} channels, and igoscope shows a network pictures of at most \
                 {MAX_CHANNELS}"
            ));
        }
        let size = match sides {
            [Some(rows), Some(columns)] => Some([columns, rows]),
            [Some(side), None] | [None, Some(side)] => Some([side; 2]),
            [None, None] => None,
        };
        Ok(Self { name, shape, channels_last, channels, size, batch: axes[0], is_bytes })
    }
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
    let names: Vec<&str> = outputs.iter().filter_map(|info| info.name.as_deref()).collect();
    let is_row = |name: &str| {
        let info = outputs.iter().find(|info| info.name.as_deref() == Some(name));
        info.and_then(|info| dims(info)).is_some_and(|dims| dims.len() == 2)
    };
    let (name, others) = ClassesOutput::among(&names, said, is_row)?;
    let (value, end) = peeled(&name, nodes);
    Ok(ClassesOutput { name, others, value, end })
}

impl ClassesOutput {
    /// Which of these outputs is the classes, and the others: the one that is `said`, the only one, one by a usual name, or
    /// the first that is a row.
    ///
    /// # Errors
    /// There is none, or none of the name that is said.
    pub(crate) fn among(
        names: &[&str],
        said: Option<&str>,
        is_row: impl Fn(&str) -> bool,
    ) -> Result<(String, Vec<String>), String> {
        let usual = || OUTPUT_NAMES.iter().find_map(|known| names.iter().find(|name| name.eq_ignore_ascii_case(known)));
        let name = match (said, names) {
            (_, []) => return Err("it has no output".to_owned()),
            (Some(said), _) => *names.iter().find(|name| **name == said).ok_or_else(|| {
                let all: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
                format!("it has no output “{said}”: there is {}", all.join(", "))
            })?,
            (None, [only]) => only,
            (None, [first, ..]) => usual().or_else(|| names.iter().find(|name| is_row(name))).unwrap_or(first),
        };
        let others = names.iter().filter(|other| **other != name).map(|other| (*other).to_owned()).collect();
        Ok((name.to_owned(), others))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn input(axes: [usize; 3], is_turned_first: bool) -> Result<PictureInput, String> {
        let [first, second, third] = axes.map(|size| Some(size).filter(|size| *size > 0));
        let axes = [Some(1), first, second, third];
        PictureInput::of("x".to_owned(), "[…]".to_owned(), axes, false, || is_turned_first)
    }

    #[test]
    fn channels_are_colours_or_the_shorter_end() {
        for (axes, is_turned_first, channels, is_last) in [
            ([3, 64, 64], false, 3, false),
            ([64, 64, 3], false, 3, true),
            ([4, 64, 64], false, 4, false),
            ([64, 64, 4], false, 4, true),
            ([3, 64, 4], false, 3, false),
            ([4, 64, 3], false, 3, true),
            ([1, 64, 2], false, 1, false),
            ([12, 64, 8], false, 8, true),
            ([8, 64, 12], false, 8, false),
            ([16, 16, 16], false, 16, false),
            ([4, 0, 0], true, 4, false),
            ([0, 0, 4], false, 4, true),
            ([0, 0, 0], true, 3, true),
            ([0, 0, 0], false, 3, false),
        ] {
            let found = input(axes, is_turned_first).unwrap();
            assert_eq!((found.channels, found.channels_last), (channels, is_last), "{axes:?}");
            assert_eq!(found.shown_channels(), if channels == 1 { 3 } else { channels });
        }
        assert!(input([17, 64, 64], false).unwrap_err().contains("17 channels"));
    }
}
