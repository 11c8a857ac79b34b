//! The files that were opened last, the newest first.

use std::path::{Path, PathBuf};

/// How many files are remembered: as many as are read at a glance.
const KEPT: usize = 12;

/// The files that were opened last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    /// Their paths, the newest first.
    paths: Vec<PathBuf>,
    /// Those that were not there when it was looked last.
    missing: Vec<PathBuf>,
}

impl Recent {
    /// These files, the newest first; more than are remembered are left out.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { paths: paths.into_iter().take(KEPT).collect(), missing: Vec::new() }
    }

    /// The paths, the newest first.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Whether a path was not there when it was looked last.
    pub fn is_missing(&self, path: &Path) -> bool {
        self.missing.iter().any(|missing| missing == path)
    }

    /// A file was opened.
    pub fn add(&mut self, path: &Path) {
        // The folder that a relative path starts from is another one at the next start.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.paths.retain(|known| *known != path);
        self.missing.retain(|known| *known != path);
        self.paths.insert(0, path);
        self.paths.truncate(KEPT);
    }

    /// These are not there any more.
    pub fn set_missing(&mut self, missing: Vec<PathBuf>) {
        self.missing = missing;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_opened_again_moves_to_the_front() {
        let mut recent = Recent::default();
        for name in ["/a.png", "/b.png", "/a.png"] {
            recent.add(Path::new(name));
        }
        assert_eq!(recent.paths(), [PathBuf::from("/a.png"), "/b.png".into()]);
    }

    #[test]
    fn the_oldest_are_forgotten_and_relative_paths_made_whole() {
        let mut recent = Recent::default();
        for number in 0..=KEPT {
            recent.add(Path::new(&format!("{number}.png")));
        }
        assert_eq!(recent.paths().len(), KEPT);
        assert!(recent.paths().iter().all(|path| path.is_absolute()));
    }
}
