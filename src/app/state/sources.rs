//! What is dropped, pasted or chosen, sorted into pictures and models.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use crate::{
    model::{ModelChoice, is_manifest, is_model_file},
    worker::Source,
};

/// What is to be opened, sorted.
#[derive(Debug, Default, PartialEq)]
pub struct Sorted {
    /// The model to host, if there is one.
    pub model: Option<ModelChoice>,
    /// The pictures, and what only the disk can tell to be some.
    pub pictures: Vec<Source>,
    /// Other models, for which there is no room: one is hosted at a time.
    pub left_out: Vec<PathBuf>,
}

/// Sorts what is to be opened. A manifest wins over weights, as it names them; weights that are called as it is are not
/// left out for it.
pub fn sorted(sources: Vec<Source>) -> Sorted {
    let is_model = |source: &Source| matches!(source, Source::File(path) if is_model_file(path));
    let (models, pictures): (Vec<Source>, Vec<Source>) = sources.into_iter().partition(is_model);
    let paths = models.into_iter().filter_map(|source| if let Source::File(path) = source { Some(path) } else { None });
    let mut paths: Vec<PathBuf> = paths.collect();
    let taken = paths.iter().position(|path| is_manifest(path)).unwrap_or_default();
    let model = (taken < paths.len()).then(|| paths.remove(taken));
    if let Some(manifest) = model.as_ref().filter(|path| is_manifest(path)) {
        paths.retain(|path| path.with_extension("") != manifest.with_extension(""));
    }
    Sorted { model: model.map(ModelChoice::File), pictures, left_out: paths }
}

/// Parts sources into paths that must be looked at first and what can be opened as it is.
pub fn parted(sources: Vec<Source>) -> (Vec<PathBuf>, Vec<Source>) {
    let (mut paths, mut others) = (Vec::new(), Vec::new());
    for source in sources {
        match source {
            Source::File(path) => paths.push(path),
            Source::Sample(_) | Source::Bytes { .. } | Source::Pixels { .. } => others.push(source),
        }
    }
    (paths, others)
}

/// The files that a text names, one a line, as paths or `file://` addresses. Other lines are left out.
pub fn from_text(text: &str) -> Vec<Source> {
    text.lines().filter_map(path_from_line).map(Source::File).collect()
}

fn path_from_line(line: &str) -> Option<PathBuf> {
    let line = line.trim().trim_matches('"');
    let path = match line.strip_prefix("file://") {
        Some(address) => path_of(address, cfg!(windows)),
        None => PathBuf::from(line),
    };
    (path.is_absolute() || path.extension().is_some()).then_some(path)
}

/// The path in what follows `file://`. On Windows it begins with a drive, which the address has a slash before.
fn path_of(address: &str, is_windows: bool) -> PathBuf {
    let path = percent_decode_str(address).decode_utf8_lossy();
    let local = path.strip_prefix('/').filter(|rest| is_windows && rest.as_bytes().get(1) == Some(&b':'));
    PathBuf::from(local.unwrap_or(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_model_is_taken_and_the_others_are_told_but_for_what_belongs_to_it() {
        let files = |names: &[&str]| names.iter().map(|name| Source::File(name.into())).collect::<Vec<_>>();
        let sorted = sorted(files(&["a.png", "birds.pth", "birds.toml", "cats.pth"]));
        assert_eq!(sorted.model, Some(ModelChoice::File("birds.toml".into())));
        assert_eq!((sorted.pictures, sorted.left_out), (files(&["a.png"]), vec![PathBuf::from("cats.pth")]));
    }

    #[test]
    fn a_path_or_an_address_in_text_is_a_file() {
        let files = |text| from_text(text);
        assert_eq!(files("/home/me/heron.jpg\n"), [Source::File("/home/me/heron.jpg".into())]);
        assert_eq!(
            files("file:///home/me/grey%20heron.jpg\r\nfile:///b.png"),
            [Source::File("/home/me/grey heron.jpg".into()), Source::File("/b.png".into())]
        );
        assert_eq!(files("\"heron.jpg\""), [Source::File("heron.jpg".into())]);
        assert_eq!(files("100 % of it"), []);
    }

    #[test]
    fn broken_percent_codes_stay_as_they_are() {
        assert_eq!(path_of("a%2", false), PathBuf::from("a%2"));
        assert_eq!(path_of("100%zz%41", false), PathBuf::from("100%zzA"));
    }

    #[test]
    fn an_address_on_windows_begins_with_a_drive() {
        assert_eq!(path_of("/C:/grey%20heron.png", true), PathBuf::from("C:/grey heron.png"));
        assert_eq!(path_of("/b.png", true), PathBuf::from("/b.png"));
        assert_eq!(path_of("/C:/a.png", false), PathBuf::from("/C:/a.png"), "a folder may be called so elsewhere");
    }
}
