//! Shows a folder in the system's program for files.

use std::path::PathBuf;

use super::{Jobs, Outcome};

/// Shows `folder`; where the system has no program for that, it says so.
pub fn show(folder: PathBuf, jobs: &Jobs) {
    jobs.start("folder", move || match open::that_detached(&folder) {
        Ok(()) => Outcome::Shown,
        Err(error) => {
            let folder = folder.display().to_string();
            Outcome::Failed(text!("toast-not-open", folder = folder, why = error.to_string()))
        }
    });
}
