//! The operations of ONNX, a family a file: each becomes operations of the graph, or is computed at once where all that
//! it needs is known.
//!
//! To add one: a function, and a row in its family's table.

mod convolution;
mod elementwise;
mod indexing;
mod matmul;
mod normalisation;
mod pooling;
mod quantised;
mod recurrent;
mod reduction;
mod resize;
mod shapes;
mod windows;

use super::call::{Call, Results};

/// Makes an operation's results.
pub(super) type Import = fn(&mut Call<'_>) -> Results;

/// An operation's name and what makes its results.
type Row = (&'static str, Import);

const TABLES: [&[Row]; 11] = [
    convolution::TABLE,
    elementwise::TABLE,
    indexing::TABLE,
    matmul::TABLE,
    normalisation::TABLE,
    pooling::TABLE,
    quantised::TABLE,
    recurrent::TABLE,
    reduction::TABLE,
    resize::TABLE,
    shapes::TABLE,
];

/// Domains whose operations are known by their names: ONNX's own, and those of the programs that make files quicker.
const DOMAINS: [&str; 3] = ["", "com.microsoft", "pkg.onnxscript.torch_lib"];

/// What makes the results of an operation, if it is known.
pub(super) fn import_of(domain: &str, name: &str) -> Option<Import> {
    let is_known = DOMAINS.contains(&domain);
    let mut rows = TABLES.iter().flat_map(|table| table.iter()).filter(|_| is_known);
    rows.find(|(known, _)| *known == name).map(|(_, import)| *import)
}
