//! The system's dialogs for files and folders. They are shown from the window's thread, as macOS wants it, and waited
//! for on another.

use std::path::PathBuf;

use pollster::block_on;
use rfd::{AsyncFileDialog, FileHandle};

use super::{Jobs, Outcome};
use crate::{
    export::{Chart, chart::Format},
    imaging::EXTENSIONS,
};

/// The endings of weights and manifests: [`crate::model::is_model_file`].
const MODELS: [&str; 7] = ["safetensors", "pth", "pt", "bin", "ckpt", "tar", "toml"];

/// Asks for pictures to open, or a model to host.
pub fn pick_pictures(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-open"))
        .add_filter(text!("dialog-pictures"), &EXTENSIONS)
        .add_filter(text!("dialog-models"), &MODELS)
        .add_filter(text!("dialog-all-files"), &["*"])
        .pick_files();
    jobs.start("open dialog", move || {
        let picked: Vec<FileHandle> = block_on(dialog).unwrap_or_default();
        Outcome::Picked(picked.iter().map(|file| file.path().to_owned()).collect())
    });
}

/// Asks for the weights of a model, or the manifest that describes them.
pub fn pick_model(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-model"))
        .add_filter(text!("dialog-models"), &MODELS)
        .add_filter(text!("dialog-all-files"), &["*"])
        .pick_file();
    jobs.start("model dialog", move || Outcome::ModelFile(block_on(dialog).map(|file| file.path().to_owned())));
}

/// Asks for a folder to save a run in.
pub fn pick_folder(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new().set_title(text!("dialog-save")).pick_folder();
    jobs.start("save dialog", move || {
        let picked: Option<PathBuf> = block_on(dialog).map(|folder| folder.path().to_owned());
        Outcome::Folder(picked)
    });
}

/// Asks for a file to write a chart into; its name is `name` unless the user chooses another.
pub fn pick_chart_file(jobs: &Jobs, name: String, chart: Chart, format: Format) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-chart"))
        .set_file_name(name)
        .add_filter(format.title(), &[format.extension()])
        .save_file();
    jobs.start("chart dialog", move || {
        let picked: Option<PathBuf> = block_on(dialog).map(|file| file.path().to_owned());
        Outcome::ChartFile(Box::new((chart, format)), picked)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dialog_offers_as_a_model_is_taken_for_one() {
        assert!(MODELS.iter().all(|ending| crate::model::is_model_file(format!("a.{ending}").as_ref())));
        assert!(!EXTENSIONS.iter().any(|ending| crate::model::is_model_file(format!("a.{ending}").as_ref())));
    }
}
