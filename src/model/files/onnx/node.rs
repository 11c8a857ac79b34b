//! One operation of a file, and what it is set to.

use super::{
    constant::{Constant, TensorReader},
    error::OnnxError,
    proto::{AttributeProto, GraphProto, NodeProto, TensorProto},
};

/// An operation with its attributes. Words about it are made of its name, or of what comes out of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    proto: &'a NodeProto,
}

impl<'a> Node<'a> {
    pub fn new(proto: &'a NodeProto) -> Self {
        Self { proto }
    }

    /// The name of what it does, behind its domain if that is not ONNX's own.
    pub fn operation(self) -> String {
        let name = self.proto.op_type.as_deref().unwrap_or_default();
        match self.domain() {
            "" => name.to_owned(),
            domain => format!("{domain}.{name}"),
        }
    }

    /// Whose operation it is: nothing of ONNX's own.
    pub fn domain(self) -> &'a str {
        match self.proto.domain.as_deref().unwrap_or_default() {
            "ai.onnx" => "",
            domain => domain,
        }
    }

    /// What to call it.
    pub fn name(self) -> &'a str {
        let first = || self.proto.output.first().map_or("", String::as_str);
        self.proto.name.as_deref().filter(|name| !name.is_empty()).unwrap_or_else(first)
    }

    pub fn inputs(self) -> &'a [String] {
        &self.proto.input
    }

    pub fn outputs(self) -> &'a [String] {
        &self.proto.output
    }

    /// An error about it.
    pub fn refuses(self, why: impl Into<String>) -> OnnxError {
        OnnxError::Operation { operation: self.operation(), node: self.name().to_owned(), why: why.into() }
    }

    fn attribute(self, name: &str) -> Option<&'a AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name))
    }

    pub fn has(self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// A whole number.
    pub fn int(self, name: &str) -> Option<i64> {
        self.attribute(name)?.i
    }

    /// Whether a switch is on; it is off where it is not set.
    pub fn is_on(self, name: &str) -> bool {
        self.int(name).is_some_and(|value| value != 0)
    }

    /// A number.
    pub fn float(self, name: &str, unset: f32) -> f32 {
        self.attribute(name).and_then(|attribute| attribute.f).unwrap_or(unset)
    }

    /// Whole numbers; an empty list is stored as one that is not set.
    pub fn ints(self, name: &str) -> Option<&'a [i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    /// Numbers.
    pub fn floats(self, name: &str) -> Option<&'a [f32]> {
        self.attribute(name).map(|attribute| attribute.floats.as_slice())
    }

    /// A word.
    pub fn text(self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.attribute(name)?.s.as_deref()?).ok()
    }

    /// Words; none if one of them is not text.
    pub fn texts(self, name: &str) -> Option<Vec<&'a str>> {
        self.attribute(name)?.strings.iter().map(|word| std::str::from_utf8(word).ok()).collect()
    }

    /// A tensor.
    pub fn tensor(self, name: &str) -> Option<&'a TensorProto> {
        self.attribute(name)?.t.as_deref()
    }

    /// The values of a tensor.
    pub fn constant(self, name: &str, reader: &TensorReader) -> Option<Result<Constant, OnnxError>> {
        self.tensor(name).map(|tensor| reader.read(tensor))
    }

    /// A graph.
    pub fn graph(self, name: &str) -> Option<&'a GraphProto> {
        self.attribute(name)?.g.as_deref()
    }
}
