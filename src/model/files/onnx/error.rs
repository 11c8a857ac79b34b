//! Why an ONNX file cannot be used.

use std::io;

/// Why an ONNX file cannot be used: what is wrong, with what, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OnnxError {
    /// The operating system cannot read the file.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The bytes are no ONNX file.
    #[error("this is no ONNX file, or a damaged one: {0}")]
    Damaged(String),
    /// Something in the file would take more memory than there is reason for.
    #[error("{what} would take more memory than igoscope gives a network ({limit}): the file is damaged, or too large")]
    TooLarge {
        /// What it is.
        what: String,
        /// The most there may be.
        limit: String,
    },
    /// The parts of the graph do not fit together.
    #[error("its graph cannot be followed: {0}")]
    Graph(String),
    /// It has no picture among its inputs, or not the output that is asked for.
    #[error("{0}")]
    Ends(String),
    /// A tensor's values cannot be had.
    #[error("the tensor “{name}” cannot be used: {why}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// Operations that nothing is known of.
    #[error(
        "igoscope does not compute {}: if the network can be exported without it, as with another `opset_version` or \
         `torch.onnx.export(…, dynamo=False)`, do so; otherwise please report the operation's name",
        named(.operations)
    )]
    Unknown {
        /// Each operation's name, its first node, and how often it is there.
        operations: Vec<UnknownOperation>,
    },
    /// An operation that is known, but not so.
    #[error("the operation {operation} at node “{node}” cannot be computed: {why}")]
    Operation {
        /// Its name.
        operation: String,
        /// The node's name.
        node: String,
        /// What is wrong.
        why: String,
    },
}

/// An operation that nothing is known of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownOperation {
    /// Its name, behind its domain if that is not ONNX's own.
    pub name: String,
    /// The first node that does it.
    pub node: String,
    /// How many nodes do it.
    pub count: usize,
}

/// Operations that a message names at most.
const NAMED: usize = 4;

/// Operations in words.
pub(crate) fn named(operations: &[UnknownOperation]) -> String {
    let mut named: Vec<String> = operations
        .iter()
        .take(NAMED)
        .map(|UnknownOperation { name, node, count }| match count {
            1 => format!("the operation {name} (node “{node}”)"),
            count => format!("the operation {name} (node “{node}” and {} more)", count - 1),
        })
        .collect();
    if operations.len() > NAMED {
        named.push(format!("{} operations more", operations.len() - NAMED));
    }
    named.join(", ")
}
