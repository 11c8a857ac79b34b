//! The same work without a window.

mod arguments;
mod explain;

pub use arguments::{Arguments, ExplainArguments, HostArguments, Task};
pub use explain::explain;
