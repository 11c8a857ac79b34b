//! The same work without a window.

mod arguments;
mod explain;
mod fetch_bar;
mod models;
mod output;
mod parameter_flags;
mod print;

pub use arguments::{Arguments, ExplainArguments, HostArguments, ModelsArguments, ModelsTask, Task};
pub use explain::explain;
pub use models::models;
pub use output::{ReaderLeft, safe};
pub use parameter_flags::ParameterFlags;
