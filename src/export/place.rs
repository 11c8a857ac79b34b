//! Where the results of a run go in a folder of results, so that those of another run are not lost without a word.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::IgnoredAny};

use super::{ExportError, folder, pixels_sha256};
use crate::explain::{Method, Run};

/// A folder for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub path: PathBuf,
    /// Titles of the methods whose results of an earlier run there are replaced by none.
    pub replaced: Vec<String>,
}

/// What a record in a folder is of.
#[derive(Deserialize)]
struct Earlier {
    program: String,
    image_sha256: String,
    methods: BTreeMap<String, IgnoredAny>,
}

impl Earlier {
    /// The record of a folder, if it has one that is ours.
    fn in_folder(folder: &Path) -> Option<Self> {
        let record: Self = serde_json::from_slice(&fs::read(folder.join(folder::RECORD)).ok()?).ok()?;
        record.program.starts_with("igoscope ").then_some(record)
    }
}

/// The folder in `out` that is called like the run's picture, or with a number behind that where it is taken: by results of
/// another picture of the same name, or because `is_taken` says so.
pub fn place(out: &Path, run: &Run, is_taken: impl Fn(&Path) -> bool) -> Place {
    let name = folder_name(&run.image);
    let numbered = (2..).map(|number| out.join(format!("{name}-{number}")));
    let mut checksum = None;
    for path in [out.join(&name)].into_iter().chain(numbered) {
        if is_taken(&path) {
            continue;
        }
        let Some(earlier) = Earlier::in_folder(&path) else { return Place { path, replaced: Vec::new() } };
        if earlier.image_sha256 != *checksum.get_or_insert_with(|| pixels_sha256(&run.photo)) {
            continue;
        }
        let is_made_again = |id: &str| run.methods.iter().any(|finished| finished.explanation.method.id == id);
        let lost = earlier.methods.into_keys().filter(|id| !is_made_again(id));
        let title = |id: String| Method::named(&id).map_or(id, |method| method.title.to_owned());
        return Place { path, replaced: lost.map(title).collect() };
    }
    Place { path: out.join(name), replaced: Vec::new() }
}

/// The name of the folder for an image's results: its file name without its extension, and never one that leads elsewhere.
pub fn folder_name(image: &str) -> String {
    let stem = Path::new(image).file_stem().unwrap_or_default().to_string_lossy();
    let name: String = stem.chars().map(|letter| if letter.is_control() { '_' } else { letter }).collect();
    let leads_elsewhere = name.chars().all(|letter| letter == '.') || name.contains(['/', '\\']);
    if leads_elsewhere { "picture".to_owned() } else { name }
}

/// Makes the folder for results, and sees that something can be written there, before anything is computed.
///
/// # Errors
/// It cannot be made or written to.
pub fn check(out: &Path) -> Result<(), ExportError> {
    folder::make(out)?;
    let probe = out.join(".igoscope.part");
    folder::write_whole(&probe, |path| Ok(fs::write(path, "")?))?;
    // One that is left behind does no harm.
    let _ = fs::remove_file(probe);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_called_like_the_picture_and_lies_where_results_go() {
        for (image, name) in [
            ("a/heron.jpg", "heron"),
            ("heron.tar.png", "heron.tar"),
            (".hidden", ".hidden"),
            ("...jpg", "picture"),
            ("....jpg", "picture"),
            ("..", "picture"),
            ("", "picture"),
            ("a\nb.png", "a_b"),
        ] {
            assert_eq!(folder_name(image), name, "{image:?}");
        }
    }
}
