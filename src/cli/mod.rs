//! The same work without a window.

mod arguments;
mod evaluate;
mod explain;
mod fetch_bar;
mod figure;
mod methods;
mod models;
mod output;
mod parameter_flags;
mod print;
mod reader;

pub use arguments::{
    Arguments, EvaluateArguments, ExplainArguments, FigureArguments, HostArguments, ModelsArguments, ModelsTask, Task,
};
pub use evaluate::evaluate;
pub use explain::explain;
pub use figure::figure;
pub use methods::{cards, list_methods};
pub use models::models;
pub use output::{ReaderLeft, safe};
pub use parameter_flags::ParameterFlags;
