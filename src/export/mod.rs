//! A finished run as files: pictures, arrays, tables and a record.

pub mod chart;
mod record;
mod write;

pub use chart::Chart;
pub use record::run_json;
pub use write::{Style, folder_name, write_run};

use std::path::PathBuf;

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder could not be made.
    #[error("the folder for the results could not be made ({reason}); choose another one: {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// A file could not be written.
    #[error("a result could not be written ({reason}); check the free space and the permissions: {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
}
