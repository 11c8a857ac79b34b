//! The pictures in folders, and in the folders in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The extensions of the formats that [`super::Photo`] reads.
pub const EXTENSIONS: [&str; 16] = [
    "jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "tga", "pnm", "pbm", "pgm", "ppm", "pam", "jfif", "dib",
];

/// The most pictures that are taken from folders at once: more than anyone looks through in a filmstrip.
pub const MAX_FROM_FOLDERS: usize = 200;
/// How many folders deep is looked.
const MAX_DEPTH: usize = 8;
/// The most entries that are looked at, so that a whole disk dropped by mistake is not read to its end.
const MAX_ENTRIES: usize = 100_000;

/// The files that paths lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The files: one for a path that is no folder, whatever it is, and the pictures in each folder by name.
    pub files: Vec<PathBuf>,
    /// What was left out, in words for the person who chose the paths; nothing if nothing was.
    pub remarks: Vec<String>,
}

/// The files that `paths` lead to: a folder gives the pictures in it and in its folders, told by their extensions.
/// Links to folders are not followed, hidden files and folders are left alone, and there are
/// [`MAX_FROM_FOLDERS`] pictures at most.
pub fn gather(paths: impl IntoIterator<Item = PathBuf>) -> Gathered {
    let mut gathered = Gathered::default();
    let mut search = Search { room: MAX_FROM_FOLDERS, entries: MAX_ENTRIES, found: Vec::new() };
    let mut is_cut = false;
    for path in paths {
        if !path.is_dir() {
            gathered.files.push(path);
            continue;
        }
        if let Err(error) = fs::read_dir(&path) {
            gathered.remarks.push(format!("the folder cannot be read ({error}): {}", path.display()));
            continue;
        }
        is_cut |= !search.look_into(&path, MAX_DEPTH);
        if search.found.is_empty() && !is_cut {
            gathered.remarks.push(format!("there is no picture in this folder: {}", path.display()));
        }
        gathered.files.append(&mut search.found);
    }
    if is_cut {
        gathered.remarks.push(format!(
            "there is more in there than can be opened at once: the first {} pictures are",
            MAX_FROM_FOLDERS - search.room
        ));
    }
    gathered
}

/// All pictures in a folder and in its folders, however many: those of each folder by name, then those of its folders.
/// Otherwise as [`gather`].
pub fn pictures_in(folder: &Path) -> Vec<PathBuf> {
    let mut search = Search { room: usize::MAX, entries: usize::MAX, found: Vec::new() };
    search.look_into(folder, MAX_DEPTH);
    search.found
}

/// What may still be looked at and taken.
struct Search {
    room: usize,
    entries: usize,
    found: Vec<PathBuf>,
}

impl Search {
    /// Takes the pictures in `folder`, then those in its folders; says whether it could look at all of it.
    fn look_into(&mut self, folder: &Path, depth: usize) -> bool {
        // A folder within that may not be read is as if it were empty: the others are still of use.
        let Ok(entries) = fs::read_dir(folder) else { return true };
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in entries.flatten() {
            let Some(left) = self.entries.checked_sub(1) else { return false };
            self.entries = left;
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                Ok(_) if is_hidden => {}
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) if is_picture(&entry.path()) => files.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
        files.sort();
        folders.sort();
        for file in files {
            let Some(room) = self.room.checked_sub(1) else { return false };
            self.room = room;
            self.found.push(file);
        }
        folders.iter().all(|folder| depth > 0 && self.look_into(folder, depth - 1))
    }
}

fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|own| EXTENSIONS.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_files(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        folder
    }

    fn names(gathered: &Gathered, folder: &Path) -> Vec<String> {
        let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        gathered.files.iter().map(name).collect()
    }

    #[test]
    fn a_folder_gives_its_pictures_by_name_and_then_those_in_its_folders() {
        let folder = with_files(&["b.JPG", "a.png", "notes.txt", "in/c.webp", "in/deeper/d.gif", ".hidden/e.png"]);
        let gathered = gather([folder.path().to_owned()]);
        assert_eq!(names(&gathered, folder.path()), ["a.png", "b.JPG", "in/c.webp", "in/deeper/d.gif"]);
        assert!(gathered.remarks.is_empty());
    }

    #[test]
    fn a_path_that_is_no_folder_is_passed_on_whatever_it_is() {
        let paths = ["/no/such/file.png", "/no/such/notes.txt"].map(PathBuf::from);
        assert_eq!(gather(paths.clone()).files, paths);
    }

    #[test]
    fn a_folder_without_pictures_says_so() {
        let folder = with_files(&["notes.txt"]);
        let gathered = gather([folder.path().to_owned()]);
        assert!(gathered.files.is_empty());
        assert!(gathered.remarks[0].starts_with("there is no picture in this folder"), "{:?}", gathered.remarks);
    }

    #[test]
    fn too_many_pictures_are_cut_and_it_is_said() {
        let many: Vec<String> = (0..=MAX_FROM_FOLDERS).map(|number| format!("{number:04}.png")).collect();
        let folder = with_files(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let gathered = gather([folder.path().to_owned()]);
        assert_eq!(gathered.files.len(), MAX_FROM_FOLDERS);
        assert_eq!(gathered.remarks.len(), 1);
        assert!(gathered.remarks[0].contains("200"), "{:?}", gathered.remarks);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_are_not_followed() {
        let folder = with_files(&["a.png"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        assert_eq!(names(&gather([folder.path().to_owned()]), folder.path()), ["a.png"]);
    }
}
