//! The system's dialogs for files and folders, where there are some. macOS wants them shown from the window's thread, and
//! waited for on another; on Linux whether there are any is asked first, as else nothing would happen.

use std::{future::Future, path::PathBuf};

use pollster::block_on;
use rfd::{AsyncFileDialog, FileHandle};

use super::{Jobs, Outcome};
use crate::{
    app::state::{path_field::Asked, sources::NAMES_EXTENSION},
    export::chart::Format,
    imaging::EXTENSIONS,
};

/// The endings of weights and manifests: [`crate::model::is_model_file`].
const MODELS: [&str; 9] = ["onnx", "pt2", "safetensors", "pth", "pt", "bin", "ckpt", "tar", "toml"];

/// Asks for pictures to open, or a model to host.
pub fn pick_pictures(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-open"))
        .add_filter(text!("dialog-pictures"), &in_any_case(&EXTENSIONS))
        .add_filter(text!("dialog-models"), &in_any_case(&MODELS))
        .add_filter(text!("dialog-all-files"), &["*"]);
    show(
        jobs,
        Asked::Pictures,
        || dialog.pick_files(),
        |picked: Option<Vec<FileHandle>>| {
            Outcome::Picked(picked.unwrap_or_default().iter().map(|file| file.path().to_owned()).collect())
        },
    );
}

/// Asks for the weights of a model, or the manifest that describes them.
pub fn pick_model(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-model"))
        .add_filter(text!("dialog-models"), &in_any_case(&MODELS))
        .add_filter(text!("dialog-all-files"), &["*"]);
    show(jobs, Asked::Model, || dialog.pick_file(), |picked| Outcome::ModelFile(path_of(picked)));
}

/// Asks for a text file with the names of classes.
pub fn pick_names(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-names"))
        .add_filter(text!("dialog-texts"), &in_any_case(&[NAMES_EXTENSION]))
        .add_filter(text!("dialog-all-files"), &["*"]);
    show(jobs, Asked::Names, || dialog.pick_file(), |picked| Outcome::NamesFile(path_of(picked)));
}

/// Asks for a folder to save a run in.
pub fn pick_folder(jobs: &Jobs) {
    let dialog = AsyncFileDialog::new().set_title(text!("dialog-save"));
    show(jobs, Asked::RunFolder, || dialog.pick_folder(), |picked| Outcome::Folder(path_of(picked)));
}

/// Asks for a file to write a chart into; its name is `name` unless the user chooses another.
pub fn pick_chart_file(jobs: &Jobs, name: String, format: Format) {
    let dialog = AsyncFileDialog::new()
        .set_title(text!("dialog-chart"))
        .set_file_name(name)
        .add_filter(format.title(), &[format.extension()]);
    show(jobs, Asked::ChartFile, || dialog.save_file(), |picked| Outcome::ChartFile(path_of(picked)));
}

fn path_of(picked: Option<FileHandle>) -> Option<PathBuf> {
    picked.map(|file| file.path().to_owned())
}

/// Shows a dialog and waits for it on a thread; where there can be none, that is what comes of it.
fn show<T: 'static, F: Future<Output = Option<T>> + Send + 'static>(
    jobs: &Jobs,
    asked: Asked,
    dialog: impl FnOnce() -> F + Send + 'static,
    outcome: impl FnOnce(Option<T>) -> Outcome + Send + 'static,
) {
    #[cfg(target_os = "linux")]
    jobs.start("dialog", move || match linux::has_dialogs() {
        true => outcome(block_on(dialog())),
        false => Outcome::NoDialog(asked),
    });
    // A Mac makes its dialogs on the first thread only.
    #[cfg(not(target_os = "linux"))]
    {
        let dialog = dialog();
        jobs.start("dialog", move || match has_dialogs() {
            true => outcome(block_on(dialog)),
            false => Outcome::NoDialog(asked),
        });
    }
}

/// Other systems have them always.
#[cfg(not(target_os = "linux"))]
const fn has_dialogs() -> bool {
    true
}

/// Endings as filters take them so that `.JPG` is shown with `.jpg`: Windows and macOS compare them so by themselves, and
/// others compare letter by letter, with sets of letters in brackets.
fn in_any_case(endings: &[&str]) -> Vec<String> {
    if cfg!(any(windows, target_os = "macos")) {
        return endings.iter().map(|ending| (*ending).to_owned()).collect();
    }
    let letter = |letter: char| match letter.is_ascii_alphabetic() {
        true => format!("[{}{}]", letter.to_ascii_lowercase(), letter.to_ascii_uppercase()),
        false => letter.to_string(),
    };
    endings.iter().map(|ending| ending.chars().map(letter).collect()).collect()
}

/// Who shows dialogs on Linux: the desktop's portal, or else zenity, as rfd has it.
#[cfg(target_os = "linux")]
mod linux {
    use std::{env, path::Path};

    /// Whether somebody does.
    pub fn has_dialogs() -> bool {
        has_program("zenity", &env::var_os("PATH").unwrap_or_default()) || pollster::block_on(has_portal())
    }

    /// Whether a program is in one of the folders of `path`.
    pub fn has_program(name: &str, path: &std::ffi::OsStr) -> bool {
        env::split_paths(path).any(|folder| Path::new(&folder).join(name).is_file())
    }

    /// Whether there is a portal that shows dialogs for files: not every one does.
    async fn has_portal() -> bool {
        let Ok(bus) = zbus::Connection::session().await else { return false };
        let version = bus.call_method(
            Some("org.freedesktop.portal.Desktop"),
            "/org/freedesktop/portal/desktop",
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &("org.freedesktop.portal.FileChooser", "version"),
        );
        version.await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dialog_offers_as_a_model_is_taken_for_one() {
        assert!(MODELS.iter().all(|ending| crate::model::is_model_file(format!("a.pth.{ending}").as_ref())));
        assert!(!EXTENSIONS.iter().any(|ending| crate::model::is_model_file(format!("a.{ending}").as_ref())));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn endings_are_offered_in_capitals_as_well() {
        assert_eq!(in_any_case(&["jpeg", "pt2"]), ["[jJ][pP][eE][gG]", "[pP][tT]2"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_is_looked_for_where_programs_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = std::env::join_paths([std::path::Path::new("/no such folder"), folder.path()]).unwrap();
        assert!(!linux::has_program("zenity", &path));
        std::fs::write(folder.path().join("zenity"), "").unwrap();
        assert!(linux::has_program("zenity", &path));
    }
}
