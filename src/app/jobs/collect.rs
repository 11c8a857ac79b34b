//! Folders and lists of pictures: read, decoded for the queue, and what comes of them written and read back.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

use super::{Jobs, Outcome};
use crate::{
    app::state::{
        collection::Collection,
        queue::ToKeep,
        walking::{OnDisk, ReadMap},
    },
    dataset::{
        Dataset, DatasetError, Figure, FigureOf, Head, Item, KeptMap, Line, Results, Summary, is_map_name, read_lines,
        write_page, write_tables,
    },
    export::{folder_name, make_folder, read_npy, write_whole},
    imaging::{Photo, Profiles},
};

/// The folder that results are being written into.
#[derive(Debug, Clone, Default)]
pub struct Writing(Arc<Mutex<Option<(PathBuf, Results)>>>);

/// Whether a path is of a list of pictures, by its name.
pub fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|own| ["csv", "tsv"].iter().any(|list| own.eq_ignore_ascii_case(list)))
}

/// Reads a folder or a list.
///
/// # Errors
/// There is no picture in it, or it cannot be read: why, in words.
pub fn collection(path: &Path) -> Result<Collection, String> {
    let dataset = Dataset::read(path).map_err(|error| error.to_string())?;
    let source = path.display().to_string();
    Ok(Collection::new(folder_name(&source), source, dataset))
}

/// Whether a text is a list of pictures, and not of names: its first line leads to a file.
pub fn names_pictures(text: &Path) -> bool {
    let first = Dataset::read(text).ok().and_then(|dataset| dataset.items.into_iter().next());
    first.is_some_and(|item| item.path.is_file())
}

/// Pictures that were opened together, files and those in folders, in the order of their paths; none if there are fewer than
/// two. Labels are folders as where one alone is opened; folders without any in them are labels themselves. They are called
/// by their whole paths, so that results of others, called alike elsewhere, are never taken for theirs; a list of them is
/// kept with the results, by which these open again.
pub fn chosen(paths: &[PathBuf]) -> Option<Collection> {
    let (folders, files): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| path.is_dir());
    let item = |path: PathBuf, label| Item { name: path.display().to_string(), path, label, marked: None };
    let files = files.into_iter().filter(|path| path.is_file());
    let mut items: Vec<Item> = files.map(|path| item(path.clone(), None)).collect();
    let read = |folder: &PathBuf| Some((folder.clone(), Dataset::read(folder).ok()?));
    let read: Vec<(PathBuf, Dataset)> = folders.into_iter().filter_map(read).collect();
    let are_labels = read.len() > 1 && read.iter().all(|(_, dataset)| !dataset.labels_are_folders);
    for (folder, dataset) in read {
        let own = folder.file_name().filter(|_| are_labels).map(|name| name.to_string_lossy().into_owned());
        items.extend(dataset.items.into_iter().map(|Item { path, label, .. }| item(path, label.or(own.clone()))));
    }
    // Of a picture that came twice the one with a label stays.
    items.sort_by(|a, b| a.path.cmp(&b.path).then(b.label.cmp(&a.label)));
    items.dedup_by(|later, first| later.path == first.path);
    let (first, last) = (items.first()?, items.last()?);
    if first.path == last.path {
        return None;
    }
    // In order: what the first and the last have in common all have.
    let parts = first.path.components().zip(last.path.components());
    let common: PathBuf = parts.take_while(|(a, b)| a == b).map(|(part, _)| part).collect();
    let name = folder_name(&common.display().to_string());
    let mut digest = Sha256::new();
    for Item { name, label, .. } in &items {
        digest.update(format!("{name}\n{}\n", label.as_deref().unwrap_or_default()));
    }
    let list = format!("{name}-{}.csv", &format!("{:x}", digest.finalize())[..12]);
    // Which number is which label is not guessed by the order of folders from here and there.
    let dataset = Dataset { items, labels_are_folders: false };
    Some(Collection::of_chosen(name, list, &common, dataset))
}

/// Writes the list of pictures that were opened together, unless it is there.
fn write_list(list: &Path, dataset: &Dataset) -> Result<(), DatasetError> {
    if list.exists() {
        return Ok(());
    }
    make_folder(list.parent().unwrap_or(list))?;
    write_whole(list, |path| {
        let mut rows = csv::Writer::from_path(path)?;
        rows.write_record(["path", "label"])?;
        for item in &dataset.items {
            rows.write_record([item.name.as_str(), item.label.as_deref().unwrap_or_default()])?;
        }
        Ok(rows.flush()?)
    })?;
    Ok(())
}

/// Reads a folder of results, with the pictures that they are of.
///
/// # Errors
/// It cannot be read, or its pictures are not where they were: why, in words.
pub fn results_of(folder: &Path) -> Result<Outcome, String> {
    let head = Head::read(folder).map_err(|error| error.to_string())?;
    let lines = read_lines(folder, &head).map_err(|error| error.to_string())?;
    let named = PathBuf::from(&head.dataset);
    // A path that was relative is looked for beside the results too.
    let beside = folder.parent().map(|parent| parent.join(&named)).filter(|path| path.exists());
    let source = if named.exists() { named } else { beside.unwrap_or(named) };
    Ok(Outcome::Results(Box::new(collection(&source)?), Box::new(head), folder.to_owned(), lines))
}

/// Decodes a picture for the queue.
pub fn decode(index: usize, path: PathBuf, profiles: Profiles, jobs: &Jobs) {
    jobs.start("decode", move || {
        let photo = Photo::open_with(&path, profiles).map(Arc::new).map_err(|error| error.to_string());
        Outcome::Decoded(index, photo)
    });
}

/// Writes what came of a picture of the queue's.
pub fn keep(to_keep: ToKeep, dataset: Arc<Dataset>, writing: &Writing, jobs: &Jobs) {
    let writing = writing.clone();
    jobs.start("keep", move || {
        let index = to_keep.index;
        Outcome::Kept(index, written(to_keep, &dataset, &writing).map_err(|error| error.to_string()))
    });
}

fn written(to_keep: ToKeep, dataset: &Dataset, writing: &Writing) -> Result<Vec<Line>, DatasetError> {
    let ToKeep { head, folder, index, label_class, list, came } = to_keep;
    let mut open = writing.0.lock().unwrap_or_else(PoisonError::into_inner);
    let is_open = open.as_ref().is_some_and(|(own, _)| *own == folder);
    if !is_open {
        // The one before lets its folder go first.
        *open = None;
        if let Some(list) = list {
            write_list(&list, dataset)?;
        }
        *open = Some((folder.clone(), Results::open(&folder, &head, true)?));
    }
    let (Some((_, results)), Some(item)) = (open.as_mut(), dataset.items.get(index)) else { return Ok(Vec::new()) };
    if results.has(index) {
        return Ok(Vec::new());
    }
    match came {
        Ok(came) => {
            let (seen, run) = *came;
            results.keep(index, item, label_class, &seen, &run)
        }
        Err(error) => {
            let line = Line::failed(index, item, label_class, error);
            results.keep_failure(&line)?;
            Ok(vec![line])
        }
    }
}

/// Looks whether such results were made before, in this folder.
pub fn look_for_results(head: Head, folder: PathBuf, jobs: &Jobs) {
    jobs.start("results", move || {
        let found = Head::read(&folder).ok().filter(|own| own.differs_from(&head).is_none());
        let lines = found.as_ref().and_then(|head| read_lines(&folder, head).ok());
        Outcome::FoundResults(found.zip(lines).map(|(head, lines)| (Box::new(head), folder, lines)))
    });
}

/// Reads maps of a picture. One that cannot be read is made again, so nothing is said of it.
pub fn read_maps(index: usize, folder: PathBuf, maps: Vec<OnDisk>, jobs: &Jobs) {
    jobs.start("maps", move || {
        let read = |file: &String, map: &KeptMap| {
            let (values, rows) = read_npy(&is_map_name(file).then(|| folder.join(file))?).ok()?;
            Some(map.saliency(values, rows))
        };
        let read = |OnDisk { method, map, seconds }: &OnDisk| {
            let saliency = read(&map.file, map)?;
            let signed = map.signed_file.as_ref().and_then(|file| read(file, map));
            let is_whole = signed.is_some() == map.signed_file.is_some();
            is_whole.then_some(ReadMap { method, saliency, signed, seconds: *seconds })
        };
        Outcome::Maps(index, maps.iter().filter_map(read).collect())
    });
}

/// Draws pictures with their maps as a figure for print, as PDF, SVG and PNG, into the folder of the results.
pub fn figure(folder: PathBuf, of: FigureOf, dataset: Arc<Dataset>, jobs: &Jobs) {
    jobs.start("figure", move || {
        let made = move || -> Result<PathBuf, DatasetError> {
            let head = Head::read(&folder)?;
            let lines = read_lines(&folder, &head)?;
            // What was chosen for other results may not be among these.
            let methods = of.methods.iter().filter(|method| head.methods.contains(method)).cloned().collect();
            let of = FigureOf { methods, ..of };
            let figure = Figure::of(&folder, &head, &lines, &of, &|name| path_of(&dataset, name))?;
            // A figure that is there stays.
            let free = (1..).map(|number| folder.join(format!("figure-{number}.pdf"))).find(|path| !path.exists());
            let path = free.unwrap_or_else(|| folder.join("figure.pdf"));
            for extension in ["pdf", "svg", "png"] {
                figure.write(&path.with_extension(extension))?;
            }
            Ok(path)
        };
        match made() {
            Ok(path) => Outcome::FigureDrawn(path),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    });
}

/// Where a picture of a dataset is.
fn path_of(dataset: &Dataset, name: &str) -> PathBuf {
    let item = dataset.items.iter().find(|item| item.name == name);
    item.map_or_else(|| PathBuf::from(name), |item| item.path.clone())
}

/// Writes tables and the report of what is finished, into the folder of the results.
pub fn report(folder: PathBuf, dataset: Arc<Dataset>, jobs: &Jobs) {
    jobs.start("report", move || {
        let made = || -> Result<(), DatasetError> {
            let head = Head::read(&folder)?;
            let lines = read_lines(&folder, &head)?;
            let summary = Summary::of(&head, &lines);
            write_tables(&folder, &head, &lines, &summary)?;
            write_page(&folder, &head, &lines, &summary, &|name| path_of(&dataset, name))
        };
        match made() {
            Ok(()) => Outcome::Reported(folder),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    });
}
