//! A folder of results: which files in it are ours, and the writing of them.
//!
//! `run.json` lists the files it was written with. Only those are ever written over; any other file of the same name
//! is somebody's own, and then nothing is written at all.

use std::{
    collections::HashSet,
    error::Error,
    fs, io,
    path::{Component, Path, PathBuf},
};

use serde::Deserialize;

use super::ExportError;

/// The record of a run, and of the files of its folder.
pub const RECORD: &str = "run.json";

/// What a record says about the folder it is in.
#[derive(Deserialize)]
struct Ours {
    program: String,
    files: Vec<String>,
}

/// A folder that may be written to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Files of an earlier run that were not written again yet.
    stale: HashSet<String>,
}

impl Folder {
    /// Makes the folder if need be, and sees that the files `names` can be written without harm to others.
    /// `source` is the picture that was explained: it is never written over.
    ///
    /// # Errors
    /// The folder cannot be made, or one of the files is there and not ours.
    pub fn open(path: &Path, names: &[String], source: &Path) -> Result<Self, ExportError> {
        make(path)?;
        let stale = earlier_files(&path.join(RECORD));
        let source = source.canonicalize().ok();
        for name in names {
            let file = path.join(name);
            let is_source = source.is_some() && file.canonicalize().ok() == source;
            if is_source || (file.symlink_metadata().is_ok() && !stale.contains(name)) {
                return Err(ExportError::Foreign { path: file });
            }
        }
        Ok(Self { path: path.to_owned(), stale })
    }

    /// Writes a file whole or not at all: `fill` writes it under another name first.
    ///
    /// # Errors
    /// `fill` fails, or there is no room or right to write.
    pub fn write(
        &mut self,
        name: &str,
        fill: impl FnOnce(&Path) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), ExportError> {
        let path = self.path.join(name);
        write_whole(&path, fill)?;
        self.stale.remove(name);
        Ok(())
    }

    /// Removes the files of an earlier run that this one did not write again: they would tell of another run than the
    /// rest.
    pub fn finish(self) {
        for name in &self.stale {
            // One that cannot be removed is no reason to call the new results failed.
            let _ = fs::remove_file(self.path.join(name));
        }
    }
}

/// Makes a folder, with those that it is in.
///
/// # Errors
/// The operating system refuses.
pub fn make(path: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(path).map_err(|error| ExportError::Folder { path: path.to_owned(), reason: error.to_string() })
}

/// Writes a file whole or not at all.
///
/// # Errors
/// `fill` fails, or there is no room or right to write.
pub fn write_whole(path: &Path, fill: impl FnOnce(&Path) -> Result<(), Box<dyn Error>>) -> Result<(), ExportError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.part"));
    let written = fill(&partial).and_then(|()| fs::rename(&partial, path).map_err(Into::into));
    written.map_err(|error| {
        let _ = fs::remove_file(&partial);
        let reason = error.to_string().lines().next().unwrap_or("no reason given").to_owned();
        ExportError::File { path: path.to_owned(), reason }
    })
}

/// The files of the run that `record` is of, itself with them; none if it is not ours. Names only, never paths.
fn earlier_files(record: &Path) -> HashSet<String> {
    let read = || -> io::Result<Ours> { Ok(serde_json::from_slice(&fs::read(record)?)?) };
    let Ok(Ours { program, files }) = read() else { return HashSet::new() };
    if !program.starts_with("igoscope ") {
        return HashSet::new();
    }
    let is_a_name = |file: &String| {
        let mut parts = Path::new(file).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) && !file.contains(['/', '\\'])
    };
    files.into_iter().filter(is_a_name).chain([RECORD.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(folder: &mut Folder, name: &str, text: &str) -> Result<(), ExportError> {
        folder.write(name, |path| Ok(fs::write(path, text)?))
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    const NOWHERE: &str = "no such picture";

    #[test]
    fn only_files_that_the_record_lists_are_written_over_and_stale_ones_go() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let mut first = Folder::open(place, &names(&["run.json", "a.png", "b.png"]), Path::new(NOWHERE)).unwrap();
        text(&mut first, "run.json", r#"{"program": "igoscope 9", "files": ["a.png", "b.png", "../c.png"]}"#).unwrap();
        text(&mut first, "a.png", "1").unwrap();
        text(&mut first, "b.png", "1").unwrap();
        first.finish();
        fs::write(place.join("mine.png"), "mine").unwrap();
        let c = place.parent().unwrap().join("c.png");
        assert!(!c.exists());

        let refused = Folder::open(place, &names(&["a.png", "mine.png"]), Path::new(NOWHERE)).unwrap_err();
        assert!(matches!(refused, ExportError::Foreign { path } if path.ends_with("mine.png")));
        let mut second = Folder::open(place, &names(&["run.json", "a.png"]), Path::new(NOWHERE)).unwrap();
        assert!(!second.stale.contains("../c.png"));
        text(&mut second, "run.json", "{}").unwrap();
        text(&mut second, "a.png", "2").unwrap();
        second.finish();
        assert_eq!(fs::read_to_string(place.join("a.png")).unwrap(), "2");
        assert!(!place.join("b.png").exists(), "it told of another run");
        assert_eq!(fs::read_to_string(place.join("mine.png")).unwrap(), "mine");
    }

    #[test]
    fn somebody_elses_record_makes_nothing_ours_and_the_picture_itself_is_never_ours() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let own = |text: &str| fs::write(place.join("run.json"), text).unwrap();
        own(r#"{"program": "jogger 1", "files": ["a.png"]}"#);
        assert!(Folder::open(place, &names(&["run.json"]), Path::new(NOWHERE)).is_err());
        own(r#"{"program": "igoscope 1", "files": ["a.png"]}"#);
        fs::write(place.join("a.png"), "a").unwrap();
        assert!(Folder::open(place, &names(&["a.png"]), Path::new(NOWHERE)).is_ok());
        assert!(Folder::open(place, &names(&["a.png"]), &place.join("a.png")).is_err());
    }

    #[test]
    fn a_file_that_fails_half_way_leaves_nothing_and_the_one_before() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.txt");
        fs::write(&file, "before").unwrap();
        let failed = write_whole(&file, |path| {
            fs::write(path, "half")?;
            Err("the disk is full".into())
        });
        assert!(failed.unwrap_err().to_string().contains("the disk is full"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "before");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }
}
