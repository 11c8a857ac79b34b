//! Looks at the disk for the paths that become pictures.

use std::path::PathBuf;

use super::{Jobs, Outcome};
use crate::{
    app::state::recent::Recent,
    imaging::{self, Gathered},
    model::{ModelChoice, weights_in_folder},
    worker::Source,
};

/// Looks which pictures, or which model, `paths` lead to: a path may be of a folder, and only the disk knows.
pub fn gather(paths: Vec<PathBuf>, jobs: &Jobs) {
    jobs.start("gather", move || {
        let (models, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| weights_in_folder(path).is_some());
        let model = models.first().and_then(|folder| weights_in_folder(folder)).map(ModelChoice::File);
        let Gathered { files, mut remarks } = imaging::gather(paths);
        let others = models.iter().skip(1).map(|folder| text!("drop-one-model", file = folder.display().to_string()));
        remarks.extend(others);
        Outcome::Gathered { model, sources: files.into_iter().map(Source::File).collect(), remarks }
    });
}

/// Looks which of the files that were opened last are still there.
pub fn look_for_recent(recent: &Recent, jobs: &Jobs) {
    let paths = recent.paths().to_vec();
    jobs.start("recent", move || Outcome::Missing(paths.into_iter().filter(|path| !path.exists()).collect()));
}
