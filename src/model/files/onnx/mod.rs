//! Networks as ONNX files: read without trust, and made graphs of.
//!
//! ```text
//! bytes ─scan─▶ ModelProto ─functions─▶ nodes ─order─▶ import: a node at a time, ops/ ─▶ nn::graph::Graph
//!                  └─ends─▶ which input is the picture, which output the classes, softmax or sigmoid
//!                  └─said─▶ names of classes, size, normalisation
//! ```
//!
//! `ops/` has the operations, a family a file; `fold.rs` the arithmetic of shapes that exporters leave in a file.

mod begins;
mod call;
mod constant;
mod einsum;
mod ends;
mod error;
mod fold;
mod functions;
mod import;
mod node;
mod ops;
mod order;
mod proto;
mod said;
mod scan;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read,
    path::Path,
};

use prost::{Message, bytes::Bytes};

pub(crate) use self::{
    begins::{Understood, understood},
    einsum::Sums,
    ends::{Axes, ClassesOutput, End, PictureInput, no_picture},
    error::{OnnxError, UnknownOperation, named},
    import::is_small_enough,
    said::Said as SaidInside,
};
use self::{
    call::Value,
    constant::{TensorReader, described},
    import::{Importer, is_known},
    node::Node,
    proto::{GraphProto, ModelProto, NodeProto},
};
use crate::nn::graph::{Conv, Graph, GraphBuilder, GraphError, Op, ValueId};

/// The most bytes of a file: a protobuf cannot have more than 2 GiB.
const MAX_BYTES: u64 = 1 << 31;

/// Versions of ONNX's operations that are read; older ones mean other things by some of the same names.
const LEAST_OPSET: i64 = 7;

/// How much of each colour is in grey (Rec. 601, as Pillow has it).
const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// What a file says of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationCount {
    /// Its name.
    pub name: String,
    /// How many nodes do it.
    pub count: usize,
    /// Whether it is known.
    pub is_known: bool,
}

impl OperationCount {
    /// Counts operations, of each of which is said whether it is known; the most frequent ones come first.
    pub(crate) fn of(all: impl Iterator<Item = (String, bool)>) -> Vec<Self> {
        let mut counts: BTreeMap<String, (usize, bool)> = BTreeMap::new();
        for (name, is_known) in all {
            counts.entry(name).or_insert((0, is_known)).0 += 1;
        }
        let counted = counts.into_iter().map(|(name, (count, is_known))| Self { name, count, is_known });
        let mut counted: Vec<Self> = counted.collect();
        counted.sort_by_key(|operation| std::cmp::Reverse(operation.count));
        counted
    }
}

/// An ONNX file, whose weights are still where they are stored.
#[derive(Debug)]
pub(crate) struct OnnxFile {
    model: ModelProto,
    /// The graph's, with functions in place.
    nodes: Vec<NodeProto>,
    reader: TensorReader,
    opset: i64,
}

/// A network of a file as a graph: from a picture `[1, channels, height, width]` to `[1, outputs]`.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The graph.
    pub graph: Graph,
    /// Numbers that it answers with.
    pub outputs: usize,
    /// What its first operations do to a picture.
    pub first: Option<Understood>,
}

impl OnnxFile {
    /// Whether a file's first bytes are those of an ONNX file: as a protobuf, the tag of its version, a small number, and
    /// the tag of what comes next (producer, its version, domain, model's version, description, graph, operators).
    pub fn is_one(head: &[u8]) -> bool {
        matches!(head, [0x08, 1..=0x7f, 0x12 | 0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42, ..])
    }

    /// Reads a file, but not what is beside it.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or larger than there is reason for.
    pub fn open(path: &Path) -> Result<Self, OnnxError> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        if len > MAX_BYTES {
            let limit = format!("{} GB", MAX_BYTES >> 30);
            return Err(OnnxError::TooLarge { what: "the file".to_owned(), limit });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or_default());
        file.take(MAX_BYTES).read_to_end(&mut bytes)?;
        Self::from_bytes(bytes, Some(path))
    }

    /// The same of bytes, which may be those of a file.
    ///
    /// # Errors
    /// As [`OnnxFile::open`].
    pub fn from_bytes(bytes: Vec<u8>, path: Option<&Path>) -> Result<Self, OnnxError> {
        scan::check(&bytes)?;
        let mut model = ModelProto::decode(Bytes::from(bytes)).map_err(|why| OnnxError::Damaged(why.to_string()))?;
        let graph = model.graph.as_mut().ok_or_else(|| OnnxError::Damaged("it has no graph".to_owned()))?;
        if let Some(sparse) = graph.sparse_initializer.first() {
            let name = sparse.values.as_ref().and_then(|values| values.name.clone()).unwrap_or_default();
            let why = "it is stored as a sparse one, which igoscope does not read: export it dense".to_owned();
            return Err(OnnxError::Tensor { name, why });
        }
        let nodes = functions::inlined(std::mem::take(&mut graph.node), &model.functions)?;
        let own = model.opset_import.iter().find(|set| matches!(set.domain.as_deref(), None | Some("" | "ai.onnx")));
        let opset = own.and_then(|set| set.version).unwrap_or(1);
        if opset < LEAST_OPSET {
            return Err(OnnxError::Graph(format!(
                "it uses version {opset} of ONNX's operations, and igoscope reads version {LEAST_OPSET} and later: \
                 `onnx.version_converter.convert_version(model, 17)` makes a newer file of it"
            )));
        }
        Ok(Self { model, nodes, reader: TensorReader::beside(path), opset })
    }

    fn graph(&self) -> Result<&GraphProto, OnnxError> {
        self.model.graph.as_ref().ok_or_else(|| OnnxError::Damaged("it has no graph".to_owned()))
    }

    /// The input that is a picture.
    ///
    /// # Errors
    /// There is none.
    pub fn input(&self) -> Result<PictureInput, OnnxError> {
        ends::picture_input(self.graph()?, &self.nodes).map_err(OnnxError::Ends)
    }

    /// The output that is the classes: the one of this name, if it is said.
    ///
    /// # Errors
    /// There is none.
    pub fn output(&self, said: Option<&str>) -> Result<ClassesOutput, OnnxError> {
        ends::classes_output(self.graph()?, &self.nodes, said).map_err(OnnxError::Ends)
    }

    /// What the program that wrote the file says of it, by keys.
    pub fn metadata(&self) -> BTreeMap<&str, &str> {
        let entries = self.model.metadata_props.iter();
        entries.filter_map(|entry| Some((entry.key.as_deref()?, entry.value.as_deref()?))).collect()
    }

    /// What its metadata says of the network.
    pub fn said(&self) -> SaidInside {
        said::said(&self.metadata())
    }

    /// The name that its graph has, if it is one that says something.
    pub fn title(&self) -> Option<&str> {
        const OF_EXPORTERS: [&str; 7] =
            ["main_graph", "main", "torch_jit", "torch-jit-export", "graph", "tf2onnx", "Model from PaddlePaddle."];
        let name = self.model.graph.as_ref()?.name.as_deref()?.trim();
        let says_something = !name.is_empty() && name.len() <= 60 && !OF_EXPORTERS.contains(&name);
        says_something.then_some(name)
    }

    /// The program that wrote it, with its version, if it says so.
    pub fn producer(&self) -> Option<String> {
        let name = self.model.producer_name.as_deref().filter(|name| !name.is_empty())?;
        let version = self.model.producer_version.as_deref().unwrap_or_default();
        Some(format!("{name} {version}").trim().to_owned())
    }

    /// The version of ONNX's operations that it uses.
    pub fn opset(&self) -> i64 {
        self.opset
    }

    /// How many nodes it has, with functions in place.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// How many values are stored in it and beside it.
    pub fn parameters(&self) -> usize {
        let initializers = self.model.graph.iter().flat_map(|graph| &graph.initializer);
        let constants =
            self.nodes.iter().flat_map(|node| &node.attribute).filter_map(|attribute| attribute.t.as_deref());
        initializers.chain(constants).filter_map(described).map(|(_, count)| count).sum()
    }

    /// Its operations, the most frequent ones first.
    pub fn operations(&self) -> Vec<OperationCount> {
        OperationCount::of(self.nodes.iter().map(Node::new).map(|node| (node.operation(), is_known(node))))
    }

    /// The network as a graph to one of its outputs, for pictures of so many columns and rows.
    ///
    /// # Errors
    /// An operation is unknown or cannot be computed, something does not fit, or what it answers is not a number a class.
    pub fn import(&self, size: [usize; 2], output: &ClassesOutput) -> Result<Imported, OnnxError> {
        let input = self.input()?;
        let (graph, outputs) = self.built(size, &input, output).map_err(|error| match error {
            OnnxError::Operation { operation, node, why } => {
                OnnxError::Operation { operation, node, why: input.or_of_its_batch(why) }
            }
            error => error,
        })?;
        let first = understood(&graph);
        Ok(Imported { graph, outputs, first })
    }

    fn built(
        &self,
        size: [usize; 2],
        input: &PictureInput,
        output: &ClassesOutput,
    ) -> Result<(Graph, usize), OnnxError> {
        let graph = self.graph()?;
        let mut importer = Importer::new(&self.reader, self.opset, &graph.initializer);
        let picture = as_picture(&mut importer.builder, size, input).map_err(OnnxError::Graph)?;
        importer.bind(&input.name, picture);
        self.check_other_inputs(input, output)?;
        let Value::Computed(classes) = importer.make(&self.nodes, &output.value)? else {
            return Err(OnnxError::Graph(format!("its output “{}” does not depend on the picture", output.name)));
        };
        let (classes, outputs) = as_row(&mut importer.builder, classes, &output.name).map_err(OnnxError::Graph)?;
        Ok((importer.finish(classes)?, outputs))
    }

    /// What a graph asks for besides the picture cannot be given.
    fn check_other_inputs(&self, input: &PictureInput, output: &ClassesOutput) -> Result<(), OnnxError> {
        let graph = self.graph()?;
        let stored: BTreeSet<&str> = graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
        let names = graph.input.iter().filter_map(|info| info.name.as_deref());
        let others: Vec<&str> = names.filter(|name| *name != input.name && !stored.contains(name)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let order = order::ordered(&self.nodes, &[&output.value])?;
        let read = order.iter().filter_map(|&at| self.nodes.get(at)).flat_map(|node| &node.input);
        let read: BTreeSet<&str> = read.map(String::as_str).collect();
        match others.iter().find(|name| read.contains(**name)) {
            None => Ok(()),
            Some(name) => Err(OnnxError::Graph(format!(
                "besides the picture “{}” it asks for “{name}”, which igoscope has nothing to give for: export the network \
                 with the picture as its only input",
                input.name
            ))),
        }
    }
}

/// The input of a graph, `[1, channels, height, width]`, as the network takes it; its size is width and height.
///
/// # Errors
/// There is one already, or it would be too large.
pub(crate) fn as_picture(
    builder: &mut GraphBuilder,
    [width, height]: [usize; 2],
    input: &PictureInput,
) -> Result<ValueId, String> {
    let refused = |why: GraphError| why.to_string();
    let mut picture = builder.input(&[1, input.shown_channels(), height, width]).map_err(refused)?;
    if input.channels == 1 {
        let weight = builder.constant(&[1, 3, 1, 1], GREY.to_vec()).map_err(refused)?;
        picture = builder.add("grey", Op::Conv(Conv::default()), &[picture, weight]).map_err(refused)?;
    }
    if input.channels_last {
        let turned = Op::Transpose { axes: vec![0, 2, 3, 1] };
        picture = builder.add("channels last", turned, &[picture]).map_err(refused)?;
    }
    Ok(picture)
}

/// The numbers of the classes, which the output of this name is, as one row.
///
/// # Errors
/// It is more than a row.
pub(crate) fn as_row(builder: &mut GraphBuilder, value: ValueId, output: &str) -> Result<(ValueId, usize), String> {
    let shape = builder.shape(value).to_vec();
    let outputs: usize = shape.iter().product();
    if shape.iter().filter(|size| **size > 1).count() > 1 || outputs == 0 {
        return Err(format!(
            "its output “{output}” has the shape {shape:?}: igoscope explains classifiers, which answer with one number a \
             class"
        ));
    }
    if shape == [1, outputs] {
        return Ok((value, outputs));
    }
    let row = builder.add("classes", Op::Reshape { shape: vec![1, outputs] }, &[value]);
    Ok((row.map_err(|why| why.to_string())?, outputs))
}
