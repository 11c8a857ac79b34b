//! What the window opens with, and the paths that become pictures.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Jobs, Outcome};
use crate::{
    imaging::{self, Gathered},
    model::{ModelChoice, weights_in_folder},
    worker::Source,
};

/// The sample that a window opens with: the one that the model is surest of.
pub const FIRST_SAMPLE: &str = "coffee";

/// What a window opens with if no picture is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnStart {
    /// A sample, which is explained at once.
    #[default]
    Sample,
    /// The picture that was opened last.
    Last,
    /// No picture.
    Nothing,
}

impl OnStart {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Sample, Self::Last, Self::Nothing];

    /// The name on screen.
    pub fn title(self) -> String {
        match self {
            Self::Sample => text!("start-sample"),
            Self::Last => text!("start-last"),
            Self::Nothing => text!("start-nothing"),
        }
    }
}

/// Looks which pictures, or which model, `paths` lead to: a path may be of a folder, and only the disk knows.
pub fn gather(paths: Vec<PathBuf>, jobs: &Jobs) {
    jobs.start("gather", move || {
        let (models, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| weights_in_folder(path).is_some());
        let model = models.iter().find_map(|folder| weights_in_folder(folder)).map(ModelChoice::File);
        let Gathered { files, remarks } = imaging::gather(paths);
        Outcome::Gathered { model, sources: files.into_iter().map(Source::File).collect(), remarks }
    });
}

/// Parts sources into paths that must be looked at first and what can be opened as it is.
pub fn parted(sources: Vec<Source>) -> (Vec<PathBuf>, Vec<Source>) {
    let (mut paths, mut others) = (Vec::new(), Vec::new());
    for source in sources {
        match source {
            Source::File(path) => paths.push(path),
            Source::Sample(_) | Source::Bytes { .. } | Source::Pixels { .. } => others.push(source),
        }
    }
    (paths, others)
}
