//! The model from a file of the user's own, so that it stands in the list of models and can be gone back to.

use std::path::{Path, PathBuf};

use super::State;
use crate::{
    model::{Labels, ModelChoice, ModelSpec},
    worker::HostOptions,
};

/// How many classes are named of a model whose classes are many.
const NAMED: usize = 3;

/// The file of the user's own that was hosted last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnModel {
    /// The file that was chosen: weights, a manifest or a folder.
    pub path: PathBuf,
    /// The model's name on screen.
    pub title: String,
    /// The file of its weights.
    pub weights: PathBuf,
    /// How many bytes that has, once the disk was looked at.
    pub bytes: Option<u64>,
    /// Its classes.
    pub classes: usize,
    /// The names of the first of them.
    pub names: String,
    /// The text file that names them, if one was given.
    pub names_file: Option<PathBuf>,
}

impl OwnModel {
    fn new(path: &Path, spec: &ModelSpec) -> Self {
        let weights = PathBuf::from(&spec.origin);
        Self {
            path: path.to_owned(),
            title: spec.title.clone(),
            weights,
            bytes: None,
            classes: spec.labels.len(),
            names: first_names(&spec.labels),
            names_file: spec.labels.file().map(Path::to_owned),
        }
    }

    /// How to ask for it.
    pub fn choice(&self) -> ModelChoice {
        ModelChoice::File(self.path.clone())
    }
}

/// The names of the first classes, in a list.
pub fn first_names(labels: &Labels) -> String {
    let names: Vec<String> = (0..labels.len().min(NAMED)).map(|id| labels.name(id)).collect();
    let more = if labels.len() > NAMED { ", …" } else { "" };
    names.join(", ") + more
}

impl State {
    /// A model is hosted; remembers it if it is from a file.
    pub(super) fn remember_own(&mut self, choice: &ModelChoice, spec: &ModelSpec) {
        let ModelChoice::File(path) = choice else { return };
        let bytes = self.models.own.as_ref().filter(|own| own.path == *path).and_then(|own| own.bytes);
        self.models.own = Some(OwnModel { bytes, ..OwnModel::new(path, spec) });
    }

    /// Calls the classes of the hosted model as a text file does, or as they came with it if none.
    pub fn name_classes(&mut self, file: Option<PathBuf>) {
        let options = HostOptions { labels: file, ..self.host.clone() };
        self.host_with(options);
    }
}
