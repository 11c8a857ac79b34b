//! A finished run as files: pictures, figures, moving pictures, arrays, tables, a report, and a record to do it again
//! with.
//!
//! ```text
//! Run ─┬─ record ──▶ run.json ──config──▶ the same run again
//!      ├─ tile, animation ──▶ PNG, GIF, APNG
//!      ├─ figure, chart ──▶ SVG ──▶ PNG
//!      └─ report ──▶ one HTML file
//! ```
//!
//! Drawings are SVG first; pictures of them are rendered with the fonts that are part of the program, so that they are
//! the same everywhere. [`write_run`] writes what was asked for, and never over a file that is not igoscope's.

mod animation;
mod areas;
mod axis;
pub mod chart;
mod comparison;
mod config;
mod curves;
mod data_uri;
mod figure;
mod folder;
mod npy;
mod numbers;
mod palette;
mod place;
mod plate;
mod plot;
pub mod random;
mod raster;
mod record;
mod report;
mod style;
mod svg;
mod tile;
mod typeset;
mod vector;
pub mod verdict;
mod words;
mod write;
pub(crate) mod xml;

use std::path::PathBuf;

pub use animation::Animation;
pub use chart::Chart;
pub use comparison::{Compared, comparison};
pub use config::Config;
pub use curves::measure_axis;
pub use data_uri::jpeg as jpeg_uri;
pub use figure::figure;
pub use folder::{RECORD, make as make_folder, write_whole};
pub use npy::{read_npy, write_npy};
pub use numbers::{answer, percent, score, seconds, share, short, value};
pub use palette::on_light;
pub use place::{Place, check as check_folder, folder_name, place};
pub use plate::{Bar, Cell, MM, PNG_SCALE, Plate, Row};
pub use raster::rasterise;
pub use record::{pixels_sha256, run_json};
pub use report::{Section, report_page, report_section, write_report};
pub use style::{DEFAULT_OPACITY, Part, Shows, Style};
pub use tile::overlaid;
pub use vector::{outlined, pdf};
pub use write::{MAX_SCALE, Outputs, tile, write_run};

use crate::explain::Cancelled;

/// Why results could not be written or read back.
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
    /// A file is in the way that igoscope did not write.
    #[error("a file that is not one of igoscope's results is in the way; move it or choose another folder: {}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A drawing could not be made.
    #[error("a figure could not be drawn ({reason}); a smaller scale may do")]
    Drawing {
        /// What was wrong.
        reason: String,
    },
    /// A report could not be made.
    #[error("the report could not be made: {0}")]
    Report(#[from] askama::Error),
    /// A record could not be read back.
    #[error("this is no run.json that can be run again ({reason}): {}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
