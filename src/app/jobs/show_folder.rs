//! Shows a folder in the system's program for files.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Jobs, Outcome};

/// What shows a folder.
#[derive(Clone)]
pub struct Opener(Arc<Open>);

type Open = dyn Fn(&Path) -> io::Result<()> + Send + Sync;

impl Opener {
    /// This one.
    pub fn new(open: impl Fn(&Path) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(open))
    }
}

/// The system's program.
impl Default for Opener {
    fn default() -> Self {
        Self::new(|folder| open::that_detached(folder))
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Opener")
    }
}

/// Shows `folder`; where the system has no program for that, it says so.
pub fn show(folder: PathBuf, opener: &Opener, jobs: &Jobs) {
    let opener = opener.clone();
    jobs.start("folder", move || match (opener.0)(&folder) {
        Ok(()) => Outcome::Shown,
        Err(error) => {
            let folder = folder.display().to_string();
            Outcome::Failed(text!("toast-not-open", folder = folder, why = error.to_string()))
        }
    });
}
