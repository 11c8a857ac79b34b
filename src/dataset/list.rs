//! Which pictures there are, and which class each is said to be: by the folder it is in, or by a list.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::DatasetError;
use crate::imaging::{PixelRect, pictures_in};

/// What a list may call the column with its pictures, that with where the thing is in each, and that with their labels.
const PATH_HEADS: [&str; 7] = ["path", "file", "filename", "file_name", "image", "picture", "image_path"];
const BOX_HEADS: [&str; 2] = ["box", "bbox"];
const LABEL_HEADS: [&str; 8] = ["label", "class", "target", "truth", "category", "label_name", "class_name", "y"];

/// A picture of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called: its path within the dataset, with `/` between folders, whatever the system.
    pub name: String,
    /// The class it is said to be of, as it is written there.
    pub label: Option<String>,
    /// Where the thing is, in the picture's pixels.
    pub marked: Option<PixelRect>,
}

/// What a list says of a picture.
#[derive(Debug, Default)]
struct Row {
    path: String,
    label: Option<String>,
    marked: Option<PixelRect>,
}

/// Pictures in an order that is the same wherever and whenever it is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dataset {
    /// The pictures.
    pub items: Vec<Item>,
    /// Whether labels are the names of folders.
    pub labels_are_folders: bool,
}

impl Dataset {
    /// Reads a folder, with its sub-folders as labels where its pictures lie in some, or a list of pictures.
    ///
    /// A list is a file with a line a picture: `.csv` and `.tsv` have a path and perhaps a label, and perhaps a line
    /// above that calls them so (`path`, `label`, or other usual names), and then perhaps a `box`, `x,y,width,height` in
    /// the picture's pixels; any other text has a path, and a label after a tab, a comma or, if it is a number, a space.
    /// Paths are relative to the list's own folder.
    ///
    /// # Errors
    /// It cannot be read, is no list, or has no picture in it.
    pub fn read(path: &Path) -> Result<Self, DatasetError> {
        let dataset = if path.is_dir() { Self::of_folder(path) } else { Self::of_list(path)? };
        if dataset.items.is_empty() {
            return Err(DatasetError::Empty { path: path.to_owned() });
        }
        Ok(dataset)
    }

    /// The pictures in a folder and in its folders.
    fn of_folder(root: &Path) -> Self {
        let item = |path: PathBuf| {
            let within = path.strip_prefix(root).unwrap_or(&path);
            let label = within.parent().and_then(|parent| parent.iter().next());
            let label = label.map(|folder| folder.to_string_lossy().into_owned());
            Item { name: name_of(within), label, path, marked: None }
        };
        let items: Vec<Item> = pictures_in(root).into_iter().map(item).collect();
        let labels_are_folders = items.iter().any(|item| item.label.is_some());
        Self { items, labels_are_folders }
    }

    fn of_list(list: &Path) -> Result<Self, DatasetError> {
        let refused = |reason: String| DatasetError::List { path: list.to_owned(), reason };
        let bytes = fs::read(list).map_err(|error| refused(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| refused("it is no text in UTF-8".to_owned()))?;
        let text = text.trim_start_matches('\u{feff}');
        let extension = list.extension().unwrap_or_default().to_ascii_lowercase();
        let rows = match extension.to_str() {
            Some("csv") => table(text, separator(text)).map_err(refused)?,
            Some("tsv") => table(text, b'\t').map_err(refused)?,
            _ => text.lines().filter_map(line).collect(),
        };
        let folder = list.parent().unwrap_or_else(|| Path::new(""));
        let item = |Row { path, label, marked }: Row| Item {
            name: name_of(Path::new(&path)),
            path: folder.join(path),
            label: label.filter(|label| !label.is_empty()),
            marked,
        };
        Ok(Self { items: rows.into_iter().map(item).collect(), labels_are_folders: false })
    }

    /// The labels that there are, each once, in order.
    pub fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> = self.items.iter().filter_map(|item| item.label.as_deref()).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

/// A path with `/` between its parts.
fn name_of(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    if path.is_absolute() { path.to_string_lossy().into_owned() } else { parts.join("/") }
}

/// What stands between the columns of a `.csv`: where decimals have commas, spreadsheets write semicolons.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    if first.contains(';') && !first.contains(',') { b';' } else { b',' }
}

/// The rows of a table.
fn table(text: &str, separator: u8) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator).has_headers(false).flexible(true).trim(csv::Trim::All);
    let mut rows = Vec::new();
    let (mut path, mut label, mut place) = (0, Some(1), None);
    for (number, record) in reader.from_reader(text.as_bytes()).records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let column = |heads: &[&str]| record.iter().position(|head| heads.contains(&head.to_lowercase().as_str()));
        if let Some(found) = column(&PATH_HEADS).filter(|_| number == 0) {
            (path, label, place) = (found, column(&LABEL_HEADS), column(&BOX_HEADS));
            continue;
        }
        let Some(file) = record.get(path).filter(|file| !file.is_empty()) else { continue };
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).map(str::to_owned);
        let written = cell(place).filter(|written| !written.is_empty());
        let marked = written.map(|written| rect(&written).ok_or(format!("line {}: no box: {written}", number + 1)));
        rows.push(Row { path: file.to_owned(), label: cell(label), marked: marked.transpose()? });
    }
    Ok(rows)
}

/// A box as it is written: its left, top, width and height, after each other.
fn rect(written: &str) -> Option<PixelRect> {
    let parts = written.split([',', ';', ' ']).filter(|part| !part.is_empty());
    let numbers: Vec<u32> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [x, y, width, height] = numbers.try_into().ok()?;
    (width > 0 && height > 0).then_some(PixelRect { x, y, width, height })
}

/// A line of any other text; none of an empty one or a comment.
fn line(line: &str) -> Option<Row> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let parted = line.split_once('\t').or_else(|| line.rsplit_once(','));
    let numbered = || line.rsplit_once(char::is_whitespace).filter(|(_, label)| label.parse::<usize>().is_ok());
    let (path, label) = match parted.or_else(numbered) {
        Some((path, label)) => (path, Some(label.trim().to_owned())),
        None => (line, None),
    };
    Some(Row { path: path.trim().to_owned(), label, marked: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        folder
    }

    fn listed(dataset: &Dataset) -> Vec<(&str, Option<&str>)> {
        dataset.items.iter().map(|item| (item.name.as_str(), item.label.as_deref())).collect()
    }

    #[test]
    fn folders_in_a_folder_are_labels() {
        let folder = folder(&["z.png", "dog/b.jpg", "cat/a.jpg", "cat/young/c.jpg", "notes.txt"]);
        let dataset = Dataset::read(folder.path()).unwrap();
        let expected =
            [("z.png", None), ("cat/a.jpg", Some("cat")), ("cat/young/c.jpg", Some("cat")), ("dog/b.jpg", Some("dog"))];
        assert_eq!(listed(&dataset), expected);
        assert!(dataset.labels_are_folders);
        assert_eq!(dataset.labels(), ["cat", "dog"]);
        assert!(!Dataset::read(&folder.path().join("cat/young")).unwrap().labels_are_folders);
    }

    #[test]
    fn a_list_has_a_path_and_perhaps_a_label_a_line() {
        let folder = folder(&[]);
        let read = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let dataset = Dataset::read(&path).unwrap();
            assert!(dataset.items.iter().all(|item| item.path.starts_with(folder.path())));
            listed(&dataset).iter().map(|(name, label)| format!("{name}={}", label.unwrap_or("–"))).collect::<Vec<_>>()
        };
        assert_eq!(read("a.csv", "\u{feff}Label,Path\ncat,in/a.jpg\n,b.jpg\n"), ["in/a.jpg=cat", "b.jpg=–"]);
        assert_eq!(read("b.csv", "a.jpg;\"tabby; cat\"\nb.jpg;3\n"), ["a.jpg=tabby; cat", "b.jpg=3"]);
        assert_eq!(read("c.csv", "path\na.jpg\n"), ["a.jpg=–"]);
        assert_eq!(read("d.tsv", "my picture, old.jpg\tcat\n"), ["my picture, old.jpg=cat"]);
        assert_eq!(
            read("val.txt", "# ImageNet\nILSVRC2012_val_1.JPEG 65\n\nmy cat.jpg\nb.jpg,dog\n"),
            ["ILSVRC2012_val_1.JPEG=65", "my cat.jpg=–", "b.jpg=dog"]
        );
    }

    #[test]
    fn a_table_says_where_the_thing_is() {
        let folder = folder(&[]);
        let path = folder.path().join("a.csv");
        fs::write(&path, "path,label,box\na.jpg,cat,\"10,20,30,40\"\nb.jpg,dog,\nc.jpg,cat,1 2 3 4\n").unwrap();
        let marked: Vec<_> = Dataset::read(&path).unwrap().items.iter().map(|item| item.marked).collect();
        let of = |[x, y, width, height]: [u32; 4]| Some(PixelRect { x, y, width, height });
        assert_eq!(marked, [of([10, 20, 30, 40]), None, of([1, 2, 3, 4])]);
        fs::write(&path, "path,box\na.jpg,\"10,20,0,40\"\n").unwrap();
        let refused = Dataset::read(&path).unwrap_err().to_string();
        assert!(refused.contains("line 2") && refused.contains("10,20,0,40"), "{refused}");
    }

    #[test]
    fn what_holds_no_pictures_is_refused_by_its_name() {
        let folder = folder(&["notes.txt"]);
        let refused = |path: &Path| Dataset::read(path).unwrap_err().to_string();
        assert!(refused(folder.path()).contains("no picture"));
        assert!(refused(&folder.path().join("notes.txt")).contains("notes.txt"));
        assert!(refused(&folder.path().join("gone.csv")).contains("gone.csv"));
        let bytes = folder.path().join("bytes.csv");
        fs::write(&bytes, [0xff, 0xfe, 0x00]).unwrap();
        assert!(refused(&bytes).contains("UTF-8"));
    }
}
