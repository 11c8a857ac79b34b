//! Looks at the disk for the paths that become pictures.

use std::path::{Path, PathBuf};

use super::{
    Jobs, Outcome,
    collect::{chosen, collection, is_list, names_pictures, results_of},
};
use crate::{
    app::state::recent::Recent,
    dataset::HEAD,
    export::{Config, RECORD},
    imaging::{self, MAX_MAP_CHANNELS, bands_in, read_grid},
    model::{ModelChoice, weights_in_folder},
    worker::Source,
};

/// The most pictures of a folder that are all opened: more are a table to choose from.
const MOST_OPENED: usize = 24;

/// Looks which pictures, or which model, `paths` lead to: a path may be of a folder, and only the disk knows. Pictures that
/// are opened together are a collection.
pub fn gather(paths: Vec<PathBuf>, jobs: &Jobs) {
    jobs.start_telling("gather", move |tell| {
        let (models, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| weights_in_folder(path).is_some());
        let model = models.first().and_then(|folder| weights_in_folder(folder)).map(ModelChoice::File);
        let (results, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.join(HEAD).is_file());
        if let Some(folder) = results.into_iter().next_back() {
            match results_of(&folder) {
                Ok(results) => tell(results),
                Err(message) => tell(Outcome::Failed(message)),
            }
        }
        let is_record = |path: &PathBuf| path.file_name().is_some_and(|name| name == RECORD);
        let record_of = |path: &PathBuf| {
            let within = path.join(RECORD);
            if is_record(path) { Some(path.clone()) } else { Some(within).filter(|within| within.is_file()) }
        };
        let (records, paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| record_of(path).is_some());
        if let Some(record) = records.iter().rev().find_map(record_of) {
            match Config::read(&record) {
                Ok(config) => tell(Outcome::SavedRun(record, Box::new(config))),
                Err(error) => tell(Outcome::Failed(error.to_string())),
            }
        }
        let (lists, mut paths): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_list(path));
        let mut remarks: Vec<String> =
            lists.iter().skip(1).map(|list| text!("drop-one-list", file = list.display().to_string())).collect();
        if paths.iter().filter(|path| path.exists()).count() > 1 {
            // Whatever folder they are named from.
            paths = paths.into_iter().map(|path| std::path::absolute(&path).unwrap_or(path)).collect();
        }
        let read = match (lists.first(), paths.as_slice()) {
            (Some(list), _) => Some(collection(list)),
            (None, [one]) => one.is_dir().then(|| collection(one)),
            (None, _) => chosen(&paths).map(Ok),
        };
        let mut first = None;
        match read {
            Some(Ok(collection)) => {
                // Of many every picture is known, and only a few are in memory.
                if collection.dataset.items.len() > MOST_OPENED || !lists.is_empty() {
                    paths.retain(|path| collection.dataset.items.iter().all(|item| !item.path.starts_with(path)));
                    first = collection.dataset.items.first().map(|item| item.path.clone());
                }
                tell(Outcome::Collected(Box::new(collection)));
            }
            Some(Err(message)) if !lists.is_empty() => remarks.push(message),
            // A folder's pictures are looked for below, where it is said why there are none.
            Some(Err(_)) | None => {}
        }
        let gathered = imaging::gather(paths);
        let files = gathered.files.into_iter().chain(first);
        remarks.extend(gathered.remarks);
        let others = models.iter().skip(1).map(|folder| text!("drop-one-model", file = folder.display().to_string()));
        remarks.extend(others);
        Outcome::Gathered { model, sources: files.map(Source::File).collect(), remarks }
    });
}

/// Looks which of the files that were opened last are still there.
pub fn look_for_recent(recent: &Recent, jobs: &Jobs) {
    let paths = recent.paths().to_vec();
    jobs.start("recent", move || Outcome::Missing(paths.into_iter().filter(|path| !path.exists()).collect()));
}

/// Reads someone else's map, or opens the array if it is a picture: it has more bands than maps have channels, or other bands
/// than red, green and blue, and as many as the hosted network takes, `channels`, or there is no picture yet that a map could
/// lie over.
pub fn read_array(path: PathBuf, channels: Option<usize>, has_picture: bool, jobs: &Jobs) {
    let is_picture =
        move |bands: usize| bands > MAX_MAP_CHANNELS || bands != 3 && (!has_picture || Some(bands) == channels);
    jobs.start("map", move || {
        if bands_in(&path).is_some_and(is_picture) {
            return Outcome::Gathered { model: None, sources: vec![Source::File(path)], remarks: Vec::new() };
        }
        map_in(&path)
    });
}

fn map_in(path: &Path) -> Outcome {
    match read_grid(path) {
        Ok(grid) => Outcome::MapRead(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), grid),
        Err(why) => Outcome::Failed(text!("map-unreadable", file = path.display().to_string(), why = why)),
    }
}

/// Reads a text that is dropped: a list of pictures, or the names of a model's classes.
pub fn read_text(path: PathBuf, jobs: &Jobs) {
    jobs.start_telling("text", move |tell| {
        if !names_pictures(&path) {
            return Outcome::Named(path);
        }
        let (sources, remarks) = match collection(&path) {
            Ok(collection) => {
                let first = collection.dataset.items.first().map(|item| Source::File(item.path.clone()));
                tell(Outcome::Collected(Box::new(collection)));
                (first.into_iter().collect(), Vec::new())
            }
            Err(message) => (Vec::new(), vec![message]),
        };
        Outcome::Gathered { model: None, sources, remarks }
    });
}
