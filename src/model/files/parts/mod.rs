//! What operations of several formats become alike in a graph.

pub(in crate::files) mod lstm;
pub(in crate::files) mod volume;
