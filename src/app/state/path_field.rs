//! A path that is typed where the system has no dialog for files.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::sources;

/// What a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Pictures to open, or a model.
    Pictures,
    /// A model's weights, or the manifest that describes them.
    Model,
    /// A text file with the names of classes.
    Names,
    /// A folder to save a run in.
    RunFolder,
    /// A file to write a chart into.
    ChartFile,
}

/// What is typed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathField {
    /// What it is for.
    pub asked: Asked,
    /// What was typed.
    pub text: String,
}

/// The path that a text says: a path, one between quotes, one that begins with `~`, or a `file://` address; none if there
/// is none in it.
pub fn typed_path(text: &str) -> Option<PathBuf> {
    let path = sources::path_of_line(text.trim())?;
    match (path.strip_prefix("~"), env::home_dir()) {
        (Ok(rest), Some(home)) => Some(home.join(rest)),
        _ => Some(path).filter(|path| path.as_path() != Path::new("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_typed_as_one_types_paths() {
        for text in
            ["/a b/c.png", " '/a b/c.png' ", "\"/a b/c.png\"", "file:///a%20b/c.png", "file://localhost/a%20b/c.png"]
        {
            assert_eq!(typed_path(text), Some(PathBuf::from("/a b/c.png")), "{text}");
        }
        assert_eq!(typed_path("results"), Some(PathBuf::from("results")));
        assert_eq!(typed_path("~/a.png"), env::home_dir().map(|home| home.join("a.png")));
        assert_eq!((typed_path(""), typed_path("  \"\" ")), (None, None));
    }
}
