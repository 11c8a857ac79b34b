//! Operations that are made of others.

use super::{
    builder::{GraphBuilder, GraphError, ValueId},
    op::Op,
};

pub(super) fn add(
    builder: &mut GraphBuilder,
    name: &str,
    op: Op,
    inputs: &[ValueId],
) -> Result<Vec<ValueId>, GraphError> {
    builder.add_plain(name, op, inputs)
}
