//! A folder of results: lines that are whole or not there, whatever ends the program.
//!
//! ```text
//! evaluation.json   what it is of
//! results.jsonl     a line a picture and method, appended a picture at a time
//! maps/             a map a picture and method, written before its line
//! ```

use std::{
    collections::{BTreeMap, HashSet},
    fs::{self, File, OpenOptions, TryLockError},
    io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use super::{
    DatasetError, HEAD, Head, Item,
    line::{KeptMap, Line, RANDOM, Seen},
};
use crate::{
    explain::{Finished, Run},
    export::{ExportError, make_folder, write_npy, write_whole},
};

/// The name of the file of lines.
const LINES: &str = "results.jsonl";
/// The folder of the maps.
const MAPS: &str = "maps";

/// A folder that results are being added to. No other process can meanwhile.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    file: File,
    done: HashSet<usize>,
}

impl Results {
    /// Begins in a new folder, or goes on in one where the same evaluation was begun, if it `may_resume`. What a sudden
    /// end left half written is removed, and will be made again.
    ///
    /// # Errors
    /// There are results already and it may not go on with them, they are of something else, another process is
    /// writing there, or the folder cannot be written.
    pub fn open(folder: &Path, head: &Head, may_resume: bool) -> Result<Self, DatasetError> {
        let (path, place) = (folder.join(LINES), || folder.to_owned());
        let is_begun = folder.join(HEAD).symlink_metadata().is_ok();
        if is_begun {
            let there = Head::read(folder)?;
            if !may_resume {
                return Err(DatasetError::Begun { path: place() });
            }
            check_same(folder, &there, head)?;
        } else if path.symlink_metadata().is_ok() {
            return Err(ExportError::Foreign { path }.into());
        }
        make_folder(&folder.join(MAPS))?;
        let failed = |error: std::io::Error| DatasetError::Write { path: path.clone(), reason: error.to_string() };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DatasetError::Busy { path: place() }),
            // Some file systems have no locks.
            Err(TryLockError::Error(_)) => {}
        }
        if !is_begun {
            let text = serde_json::to_string_pretty(head).unwrap_or_default() + "\n";
            write_whole(&folder.join(HEAD), |path| Ok(fs::write(path, text)?))?;
        }
        let (done, length) = whole_pictures(&path, &file, &head.methods)?;
        file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        Ok(Self { folder: place(), file, done })
    }

    /// Whether a picture's results are there.
    pub fn has(&self, index: usize) -> bool {
        self.done.contains(&index)
    }

    /// How many pictures' results are there.
    pub fn count(&self) -> usize {
        self.done.len()
    }

    /// Keeps what came of a picture.
    ///
    /// # Errors
    /// There is no room or right to write; then nothing of the picture counts.
    pub fn keep(
        &mut self,
        index: usize,
        item: &Item,
        label_class: Option<usize>,
        seen: &Seen,
        run: &Run,
    ) -> Result<Vec<Line>, DatasetError> {
        for finished in run.methods.iter().filter(|finished| finished.is_found()) {
            let explanation = &finished.explanation;
            let [file, signed] = map_files(index, finished);
            let maps = [(file, Some(&explanation.saliency)), (signed, explanation.signed.as_ref())];
            for (name, saliency) in maps.into_iter().filter_map(|(name, map)| Some((name, map?))) {
                let shape = [saliency.height, saliency.width];
                write_whole(&self.folder.join(name), |path| write_npy(path, &saliency.values, shape))?;
            }
        }
        let map = |finished: &Finished| {
            let [file, signed] = map_files(index, finished);
            let explanation = &finished.explanation;
            let signed = explanation.signed.is_some().then_some(signed);
            finished.is_found().then(|| KeptMap::of(&explanation.saliency, file, signed))
        };
        let lines = Line::of_run(index, item, label_class, seen, run, map);
        self.append(index, &lines)?;
        Ok(lines)
    }

    /// Keeps that a picture could not be explained.
    ///
    /// # Errors
    /// There is no room or right to write.
    pub fn keep_failure(&mut self, line: &Line) -> Result<(), DatasetError> {
        self.append(line.index, std::slice::from_ref(line))
    }

    /// In one piece, so that a sudden end hardly ever parts it; what it does part is removed when it is opened again.
    fn append(&mut self, index: usize, lines: &[Line]) -> Result<(), DatasetError> {
        let mut text = String::new();
        for line in lines {
            // Numbers that are none are written as null, and nothing else can fail.
            text += &serde_json::to_string(line).unwrap_or_default();
            text.push('\n');
        }
        self.file
            .write_all(text.as_bytes())
            .map_err(|error| DatasetError::Write { path: self.folder.join(LINES), reason: error.to_string() })?;
        self.done.insert(index);
        Ok(())
    }
}

/// Where a method's map of a picture is kept, and the same with signs.
fn map_files(index: usize, finished: &Finished) -> [String; 2] {
    let method = finished.explanation.method.id;
    ["", ".signed"].map(|signed| format!("{MAPS}/{index:06}.{method}{signed}.npy"))
}

fn check_same(folder: &Path, there: &Head, here: &Head) -> Result<(), DatasetError> {
    let shards = [there, here].map(|head| head.shard.map_or_else(|| "all".to_owned(), |shard| shard.to_string()));
    let shard = (shards[0] != shards[1]).then(|| ("shard".to_owned(), shards[0].clone(), shards[1].clone()));
    match there.differs_from(here).or(shard) {
        None => Ok(()),
        Some((what, there, here)) => Err(DatasetError::Other { path: folder.to_owned(), what, there, here }),
    }
}

/// The pictures of which every line is there, and where the last of them ends. What follows is of a sudden end.
fn whole_pictures(path: &Path, file: &File, methods: &[String]) -> Result<(HashSet<usize>, u64), DatasetError> {
    let mut done = HashSet::new();
    let (mut end, mut read) = (0, 0);
    let mut of_picture: Option<(usize, usize)> = None;
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        let length =
            reader.read_until(b'\n', &mut text).map_err(|error| line_error(path, number, &error.to_string()))?;
        if length == 0 || text.last() != Some(&b'\n') {
            break;
        }
        let Ok(line) = serde_json::from_slice::<Line>(&text) else { break };
        read += length as u64;
        let lines = of_picture.filter(|(index, _)| *index == line.index).map_or(0, |(_, lines)| lines);
        let is_method = line.method.as_deref().is_some_and(|method| method != RANDOM);
        let lines = lines + usize::from(is_method);
        of_picture = Some((line.index, lines));
        if line.error.is_some() || lines == methods.len() {
            done.insert(line.index);
            end = read;
        }
    }
    Ok((done, end))
}

fn line_error(path: &Path, number: usize, reason: &str) -> DatasetError {
    DatasetError::Line { path: path.to_owned(), number, reason: reason.to_owned() }
}

/// The lines of a folder, by picture; of pictures that are whole only.
///
/// # Errors
/// They cannot be read, or one in their middle is no line of ours.
pub fn read_lines(folder: &Path, head: &Head) -> Result<Vec<Line>, DatasetError> {
    let path = folder.join(LINES);
    let unread = |error: std::io::Error| line_error(&path, 1, &error.to_string());
    let file = File::open(&path).map_err(unread)?;
    let (done, end) = whole_pictures(&path, &file, &head.methods)?;
    let mut reader = BufReader::new(File::open(&path).map_err(unread)?);
    let (mut lines, mut read) = (Vec::new(), 0);
    let mut text = String::new();
    while read < end {
        text.clear();
        read += reader.read_line(&mut text).map_err(unread)? as u64;
        let line: Line =
            serde_json::from_str(&text).map_err(|error| line_error(&path, lines.len() + 1, &error.to_string()))?;
        if done.contains(&line.index) {
            lines.push(line);
        }
    }
    // The order of a picture's lines is kept.
    lines.sort_by_key(|line| line.index);
    Ok(lines)
}

/// Puts the results of shards together in a new folder: the same as if one process had made them all.
///
/// # Errors
/// They are not of the same evaluation, some are missing or there twice, or a folder cannot be read or written.
pub fn merge(shards: &[PathBuf], folder: &Path) -> Result<(Head, Vec<Line>), DatasetError> {
    let mut lines: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
    let mut whole: Option<Head> = None;
    let mut sources = BTreeMap::new();
    for shard in shards {
        let head = Head::read(shard)?;
        let own = read_lines(shard, &head)?;
        let mut of_shard: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
        for line in own {
            of_shard.entry(line.index).or_default().push(line);
        }
        let twice = of_shard.keys().filter(|index| lines.contains_key(index)).count();
        if twice > 0 {
            let reason = format!("{twice} pictures of {} are in another folder too", shard.display());
            return Err(DatasetError::Shards { reason });
        }
        sources.extend(of_shard.keys().map(|index| (*index, shard)));
        lines.extend(of_shard);
        match &whole {
            None => whole = Some(Head { shard: None, ..head }),
            Some(first) => {
                if let Some((what, here, there)) = first.differs_from(&head) {
                    return Err(DatasetError::Other { path: shard.clone(), what, there, here });
                }
            }
        }
    }
    let Some(head) = whole else {
        return Err(DatasetError::Shards { reason: "there is nothing to merge".to_owned() });
    };
    let missing: Vec<usize> = (0..head.pictures).filter(|index| !lines.contains_key(index)).collect();
    if let Some(first) = missing.first() {
        let reason = format!(
            "{} of {} pictures are missing, the first is number {first}: go on with what is unfinished by --resume, and \
             name every shard's folder",
            missing.len(),
            head.pictures
        );
        return Err(DatasetError::Shards { reason });
    }
    let mut results = Results::open(folder, &head, false)?;
    for (index, lines) in &lines {
        let source = sources[index];
        let maps = lines.iter().filter_map(|line| line.result.as_ref()?.map.as_ref());
        for name in maps.flat_map(|map| [Some(&map.file), map.signed_file.as_ref()]).flatten() {
            // Named by us: never a way out of the folder.
            if !is_map_name(name) {
                continue;
            }
            let (from, to) = (source.join(name), folder.join(name));
            let linked = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()));
            linked.map_err(|error| DatasetError::Write { path: to, reason: error.to_string() })?;
        }
        results.append(*index, lines)?;
    }
    Ok((head, lines.into_values().flatten().collect()))
}

/// The folder that the names of an evaluation's pictures begin in: where it was, or, for a path that was relative, beside
/// the results.
pub fn pictures_of(folder: &Path, head: &Head) -> PathBuf {
    let named = PathBuf::from(&head.dataset);
    let beside = folder.parent().map(|parent| parent.join(&named)).filter(|path| path.exists());
    let source = if named.exists() { named } else { beside.unwrap_or(named) };
    if source.is_dir() { source } else { source.parent().map(Path::to_owned).unwrap_or_default() }
}

/// Whether a name in a line is of a file that [`Results`] writes.
pub fn is_map_name(name: &str) -> bool {
    name.strip_prefix("maps/").is_some_and(|file| !file.contains(['/', '\\', '\0']) && file.ends_with(".npy"))
}
