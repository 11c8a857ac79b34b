//! Pictures by the folder: which there are and what they are labelled with, what came of each, and what that comes to.
//!
//! ```text
//! folder, list ──list──▶ Dataset ──truth──▶ classes ─┐
//!                            Run, one a picture ─────┴─line──▶ results.jsonl ──summary──▶ tables, page
//! ```
//!
//! `results.jsonl` is all there is: it grows by a picture at a time, and what summarises it reads nothing else.

mod arrow_file;
mod figure;
mod head;
mod line;
mod list;
mod page;
mod results;
mod shard;
mod statistics;
mod summary;
mod tables;
mod truth;

use std::path::PathBuf;

pub use figure::{Figure, FigureOf, MapScale, PrintWidth};
pub use head::{Asked, Explained, HEAD, Head, Preprocessing};
pub use line::{Areas, KeptMap, Line, Outcome, RANDOM, Seen};
pub use list::{Dataset, Item};
pub use page::write_page;
pub use results::{Results, is_map_name, merge, pictures_of, read_lines};
pub use shard::Shard;
pub use statistics::{Interval, bootstrap_mean, holm, wilcoxon};
pub use summary::{Mean, Paired, Quantity, Summary};
pub use tables::{markdown, write_tables};
pub use truth::Truths;

use crate::export::ExportError;

/// Why pictures or results could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A list that cannot be read.
    #[error("the list of pictures cannot be read ({reason}): {}", path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// Nothing to evaluate.
    #[error("there is no picture in it: {}", path.display())]
    Empty {
        /// The folder or list.
        path: PathBuf,
    },
    /// A folder without an evaluation.
    #[error("there is no evaluation there ({reason}): {}", path.display())]
    Head {
        /// Its `evaluation.json`.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// A folder with an evaluation that was not to be there.
    #[error("there is an evaluation there already: go on with it with --resume, or choose another folder: {}", path.display())]
    Begun {
        /// The folder.
        path: PathBuf,
    },
    /// Results of something else.
    #[error("the results there are of something else: {what} is {there} and not {here}; choose another folder: {}", path.display())]
    Other {
        /// The folder.
        path: PathBuf,
        /// What differs.
        what: String,
        /// What it is there.
        there: String,
        /// What it is here.
        here: String,
    },
    /// Two processes in one folder.
    #[error("another igoscope is writing there: {}", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Lines that cannot be read.
    #[error("line {number} of the results cannot be read ({reason}): {}", path.display())]
    Line {
        /// `results.jsonl`.
        path: PathBuf,
        /// Its number, from 1.
        number: usize,
        /// What was wrong.
        reason: String,
    },
    /// Shards that do not make a whole.
    #[error("{reason}")]
    Shards {
        /// What is missing or there twice.
        reason: String,
    },
    /// A figure that cannot be made.
    #[error("the figure cannot be made: {reason}")]
    Figure {
        /// What was wrong.
        reason: String,
    },
    /// Results that could not be written.
    #[error("results could not be written ({reason}); check the free space and the permissions: {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// Files of results.
    #[error(transparent)]
    Export(#[from] ExportError),
}
