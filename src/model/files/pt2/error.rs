//! Why a program of `torch.export` cannot be used.

use crate::files::{onnx::UnknownOperation, weights::error::WeightsError};

/// Why a program cannot be used: what is wrong, with what, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Pt2Error {
    /// The archive around the program.
    #[error(transparent)]
    Archive(#[from] WeightsError),
    /// The archive has no program that is read.
    #[error("{0}")]
    Foreign(&'static str),
    /// The description of the program.
    #[error("its program cannot be read: {0}")]
    Damaged(String),
    /// Something in the file would take more memory than there is reason for.
    #[error("{what} would take more memory than igoscope gives a network ({limit}): the file is damaged, or too large")]
    TooLarge {
        /// What it is.
        what: String,
        /// The most there may be.
        limit: String,
    },
    /// The parts of the program do not fit together.
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
    /// Operators that nothing is known of.
    #[error(
        "igoscope does not compute {}: in Python, `{DECOMPOSED}` leaves fewer operators, and `{TO_ONNX}` makes an ONNX file \
         of the network; if neither is read, please report the operator's name",
        crate::files::onnx::named(.operations)
    )]
    Unknown {
        /// Each operator's name, its first node, and how often it is there.
        operations: Vec<UnknownOperation>,
    },
    /// An operator that is known, but not so.
    #[error("the operator {operation} at node “{node}” cannot be computed: {why}")]
    Operation {
        /// Its name.
        operation: String,
        /// The node's name.
        node: String,
        /// What is wrong.
        why: String,
    },
}

/// What writes a program of PyTorch's core operators only.
const DECOMPOSED: &str = r#"torch.export.save(torch.export.load("…").run_decompositions(), "network.pt2")"#;

/// What makes an ONNX file of a program.
const TO_ONNX: &str = r#"torch.onnx.export(torch.export.load("…"), f="network.onnx")"#;
