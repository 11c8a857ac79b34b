//! What is dropped, pasted or chosen, sorted into pictures and models.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use crate::{
    model::{ModelChoice, is_manifest, is_model_file},
    worker::Source,
};

/// The model among what is to be opened, if there is one, and the pictures. A manifest wins over weights, as it names
/// them.
pub fn sorted(sources: Vec<Source>) -> (Option<ModelChoice>, Vec<Source>) {
    let is_model = |source: &Source| matches!(source, Source::File(path) if is_model_file(path));
    let (models, pictures): (Vec<Source>, Vec<Source>) = sources.into_iter().partition(is_model);
    let paths = models.into_iter().filter_map(|source| if let Source::File(path) = source { Some(path) } else { None });
    let model = paths.reduce(|first, other| if is_manifest(&other) { other } else { first });
    (model.map(ModelChoice::File), pictures)
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
