//! The cache on disk: contents by checksum, and names that lead to them.
//!
//! ```text
//! models--OWNER--NAME/refs/REVISION                 the commit that a branch was at
//! models--OWNER--NAME/snapshots/COMMIT/FILE    ──▶  models--OWNER--NAME/blobs/ETAG
//! models--OWNER--NAME/blobs/ETAG.incomplete         what has come of a download
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{Hub, HubError, HubFile};
use crate::files::sha256;

/// What a download is called until it is complete.
const INCOMPLETE: &str = "incomplete";

/// A file in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// Where other programs find it too.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 as the hub announced it, or as it came where nothing else was announced to call it by.
    pub sha256: Option<String>,
}

/// What came of looking at a file's content again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It is what came from the hub.
    Intact,
    /// It is not.
    Damaged,
    /// Its checksum is not known.
    Unknown,
}

impl Hub {
    /// The file, if it is in the cache.
    pub fn cached(&self, file: &HubFile) -> Option<Cached> {
        let folder = self.folder(file);
        let commit = fs::read_to_string(folder.join("refs").join(file.revision));
        let commit = commit.map_or_else(|_| file.revision.to_owned(), |commit| commit.trim().to_owned());
        let path = folder.join("snapshots").join(is_plain(&commit).then_some(commit)?).join(file.file);
        let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let blob = fs::canonicalize(&path).ok()?;
        let etag = blob.file_name().map(|name| name.to_string_lossy().into_owned());
        Some(Cached { path, bytes: metadata.len(), sha256: etag.filter(|etag| is_sha256(etag)) })
    }

    /// Bytes of an unfinished download of the repository's, if there is one.
    pub fn unfinished(&self, file: &HubFile) -> Option<u64> {
        let entries = fs::read_dir(self.folder(file).join("blobs")).ok()?;
        let parts = entries.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == INCOMPLETE));
        parts.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).max()
    }

    /// Reads a cached file again, and compares its checksum with the one that it came with.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn verify(&self, cached: &Cached) -> Result<Verified, HubError> {
        let Some(expected) = &cached.sha256 else { return Ok(Verified::Unknown) };
        let found = sha256::of_file(&cached.path).map_err(|why| HubError::disk(&cached.path, &why))?;
        Ok(if found == *expected { Verified::Intact } else { Verified::Damaged })
    }

    /// Removes a file, and what an unfinished download left; gives the number of bytes that are free again. Other files
    /// of the repository stay.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn remove(&self, file: &HubFile) -> Result<u64, HubError> {
        let folder = self.folder(file);
        let mut freed = 0;
        let mut doomed: Vec<PathBuf> = Vec::new();
        for snapshot in entries(&folder.join("snapshots")) {
            let link = snapshot.join(file.file);
            if link.symlink_metadata().is_ok() {
                doomed.extend(fs::canonicalize(&link).ok());
                doomed.push(link);
            }
        }
        doomed.extend(
            entries(&folder.join("blobs")).into_iter().filter(|path| path.extension().is_some_and(|e| e == INCOMPLETE)),
        );
        for path in doomed {
            // Two snapshots may share a blob, which then is gone at the second time.
            let Ok(metadata) = path.symlink_metadata() else { continue };
            fs::remove_file(&path).map_err(|why| HubError::disk(&path, &why))?;
            freed += if metadata.is_file() { metadata.len() } else { 0 };
        }
        remove_if_empty(&folder);
        Ok(freed)
    }

    /// The repository's folder.
    pub(crate) fn folder(&self, file: &HubFile) -> PathBuf {
        self.cache.join(format!("models--{}", file.repository.replace('/', "--")))
    }
}

/// A download's place in the cache.
#[derive(Debug)]
pub(crate) struct Slot {
    folder: PathBuf,
    etag: String,
    /// Whether that is the content's name, and not a stand-in while it comes.
    is_named: bool,
    commit: String,
    lock: PathBuf,
}

impl Slot {
    /// The place of a content that the hub calls `etag`, as of `commit`. Without an etag it is to be called by its
    /// checksum, once that is known.
    pub fn new(hub: &Hub, file: &HubFile, etag: Option<&str>, commit: &str) -> Result<Self, HubError> {
        let is_named = etag.is_some();
        let etag = etag.map_or_else(|| stand_in(file), str::to_owned);
        // Both become names of files.
        for (name, what) in [(etag.as_str(), "etag"), (commit, "commit")] {
            if !is_plain(name) {
                return Err(HubError::Answer { why: format!("{what} {name:?} is no name") });
            }
        }
        let folder = hub.folder(file);
        let locks = hub.cache.join(".locks").join(folder.file_name().unwrap_or_default());
        for folder in [&folder.join("blobs"), &locks] {
            fs::create_dir_all(folder).map_err(|why| HubError::disk(folder, &why))?;
        }
        let lock = locks.join(format!("{etag}.lock"));
        Ok(Self { folder, etag, is_named, commit: commit.to_owned(), lock })
    }

    /// The content.
    pub fn blob(&self) -> PathBuf {
        self.folder.join("blobs").join(&self.etag)
    }

    /// The content while it comes.
    pub fn incomplete(&self) -> PathBuf {
        self.folder.join("blobs").join(format!("{}.{INCOMPLETE}", self.etag))
    }

    /// Keeps other programs from fetching the same while the file lives.
    pub fn lock(&self) -> Result<fs::File, HubError> {
        let file = fs::File::create(&self.lock).map_err(|why| HubError::disk(&self.lock, &why))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(HubError::Busy),
            // A file system without locks.
            Err(fs::TryLockError::Error(_)) => Ok(file),
        }
    }

    /// Whether the hub said what the content is called.
    pub fn is_named(&self) -> bool {
        self.is_named
    }

    /// Calls the content by its SHA-256, unless it has a name.
    pub fn name(&mut self, sha256: String) {
        if !self.is_named {
            (self.etag, self.is_named) = (sha256, true);
        }
    }

    /// The SHA-256 that the content must have, if the hub told.
    pub fn sha256(&self) -> Option<&str> {
        Some(self.etag.as_str()).filter(|etag| is_sha256(etag))
    }

    /// Gives the content its names.
    pub fn publish(&self, file: &HubFile) -> Result<(), HubError> {
        let link = self.folder.join("snapshots").join(&self.commit).join(file.file);
        let up = "../".repeat(2 + file.file.matches('/').count());
        let target = PathBuf::from(format!("{up}blobs/{}", self.etag));
        let make = || -> io::Result<()> {
            let parent = link.parent().unwrap_or(&self.folder);
            fs::create_dir_all(parent)?;
            if link.symlink_metadata().is_ok() {
                fs::remove_file(&link)?;
            }
            symlink(&target, &link).or_else(|_| fs::hard_link(self.blob(), &link)).or_else(|_| {
                // A file system without links.
                fs::copy(self.blob(), &link).map(|_| ())
            })?;
            let refs = self.folder.join("refs");
            fs::create_dir_all(&refs)?;
            fs::write(refs.join(file.revision), &self.commit)
        };
        make().map_err(|why| HubError::disk(&link, &why))
    }
}

/// What a content is called whose name is not known yet. No checksum is called so.
fn stand_in(file: &HubFile) -> String {
    format!("unnamed-{:x}", Sha256::digest(format!("{}/{}", file.revision, file.file)))
}

/// The SHA-256 of what has come so far, to be gone on with.
pub(crate) fn hash_so_far(file: &mut fs::File) -> io::Result<Sha256> {
    let mut hash = Sha256::new();
    sha256::feed(file, &mut hash)?;
    Ok(hash)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}

#[cfg(not(any(unix, windows)))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

/// Removes a repository's folder if nothing but names of commits is left of it.
fn remove_if_empty(folder: &Path) {
    for snapshot in entries(&folder.join("snapshots")) {
        // One that still has files stays, and so does what follows.
        let _ = fs::remove_dir(snapshot);
    }
    let emptied = ["snapshots", "blobs"].map(|part| fs::remove_dir(folder.join(part)).is_ok());
    if emptied == [true, true] {
        let _ = fs::remove_dir_all(folder);
    }
}

/// Whether a name from outside can be the name of a file, and nothing else.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 128 && name.chars().all(plain) && !name.starts_with('.')
}

fn is_sha256(name: &str) -> bool {
    name.len() == 64 && name.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}
