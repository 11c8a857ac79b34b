//! ATen's operators, a family a file: each becomes operations of the graph, which are computed at once where all that they
//! take is known.
//!
//! To add one: a function, and a row in its family's table. Arguments have the names of the operator's schema (PyTorch's
//! `native_functions.yaml`); overloads differ by which are there. An operator whose name ends with `_` is the one without,
//! written to its first tensor.

mod attention;
mod constants;
mod convolution;
mod elementwise;
mod indexing;
mod lengths;
mod normalisation;
mod pooling;
mod products;
mod recurrent;
mod reduction;
mod resize;
mod shapes;

use super::{
    call::{Call, Results},
    program::Node,
};

/// Makes an operator's results.
pub(super) type Import = fn(&mut Call<'_>) -> Results;

/// An operator's name and what makes its results.
type Row = (&'static str, Import);

const TABLES: [&[Row]; 12] = [
    attention::TABLE,
    constants::TABLE,
    convolution::TABLE,
    elementwise::TABLE,
    indexing::TABLE,
    normalisation::TABLE,
    pooling::TABLE,
    products::TABLE,
    recurrent::TABLE,
    reduction::TABLE,
    resize::TABLE,
    shapes::TABLE,
];

/// Operators that check something and make nothing.
const CHECKS: [&str; 6] = [
    "aten._assert_async",
    "aten._assert_scalar",
    "aten._assert_tensor_metadata",
    "aten.sym_constrain_range",
    "aten.sym_constrain_range_for_size",
    "aten._functional_assert_async",
];

/// Operators whose results are views of their first tensor, or may be.
const VIEWS: [&str; 31] = [
    "alias",
    "chunk",
    "contiguous",
    "detach",
    "dropout",
    "expand",
    "expand_as",
    "feature_dropout",
    "flatten",
    "movedim",
    "narrow",
    "numpy_T",
    "permute",
    "reshape",
    "select",
    "slice",
    "split",
    "split_with_sizes",
    "squeeze",
    "swapaxes",
    "t",
    "to",
    "transpose",
    "type_as",
    "unbind",
    "unflatten",
    "unsafe_chunk",
    "unsafe_split",
    "unsqueeze",
    "view",
    "view_as",
];

fn row_of(operator: &str) -> Option<Import> {
    let mut rows = TABLES.iter().flat_map(|table| table.iter());
    rows.find(|(known, _)| *known == operator).map(|(_, import)| *import)
}

/// The operator of ATen that a node does, without the mark of those that write in place, and whether it is one of these;
/// none of what is not ATen's.
pub(super) fn operator(node: &Node) -> Option<(&str, bool)> {
    let name = node.operation().strip_prefix("aten.")?;
    match name.strip_suffix('_') {
        Some(bare) if row_of(name).is_none() && !bare.ends_with('_') => Some((bare, true)),
        _ => Some((name, false)),
    }
}

/// What makes the results of a node, if it is known, and whether they are written to its first tensor.
pub(super) fn import_of(node: &Node) -> Option<(Import, bool)> {
    match operator(node) {
        Some((name, writes)) => lengths::import_of(node.operation()).or_else(|| row_of(name)).map(|row| (row, writes)),
        None => lengths::import_of(node.operation()).map(|import| (import, false)),
    }
}

/// Whether a node is known.
pub(super) fn is_known(node: &Node) -> bool {
    import_of(node).is_some() || CHECKS.contains(&node.operation())
}

/// Whether a node's results are, or may be, views of its first tensor.
pub(super) fn is_view(node: &Node) -> bool {
    operator(node).is_some_and(|(name, writes)| writes || VIEWS.contains(&name))
}
