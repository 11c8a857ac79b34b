//! What is dropped, pasted or chosen, sorted into pictures and models.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode;

use crate::{
    imaging::is_array,
    model::{ModelChoice, is_manifest, is_model_file},
    worker::Source,
};

/// The ending of a text file with the names of classes.
pub const NAMES_EXTENSION: &str = "txt";

/// What is to be opened, sorted.
#[derive(Debug, Default, PartialEq)]
pub struct Sorted {
    /// The model to host, if there is one.
    pub model: Option<ModelChoice>,
    /// The text file that names its classes, or those of the hosted one, if there is one.
    pub names: Option<PathBuf>,
    /// The pictures, and what only the disk can tell to be some.
    pub pictures: Vec<Source>,
    /// Arrays: someone else's maps, or pictures of bands.
    pub maps: Vec<PathBuf>,
    /// Other models and other names, for which there is no room: one is hosted at a time.
    pub left_out: Vec<PathBuf>,
}

/// Sorts what is to be opened. A manifest wins over weights, as it names them; weights that are called as it is are not
/// left out for it.
pub fn sorted(sources: Vec<Source>) -> Sorted {
    // First: some programs keep weights in arrays, but none of those are read.
    let is_map = |source: &Source| matches!(source, Source::File(path) if is_array(path));
    let (maps, sources): (Vec<Source>, Vec<Source>) = sources.into_iter().partition(is_map);
    let is_model = |source: &Source| matches!(source, Source::File(path) if is_model_file(path));
    let is_names = |source: &Source| matches!(source, Source::File(path) if is_class_names(path));
    let (models, others): (Vec<Source>, Vec<Source>) = sources.into_iter().partition(is_model);
    let (names, pictures): (Vec<Source>, Vec<Source>) = others.into_iter().partition(is_names);
    let path = |source| if let Source::File(path) = source { Some(path) } else { None };
    let maps = maps.into_iter().filter_map(path).collect();
    let mut names =
        names.into_iter().filter_map(|source| if let Source::File(path) = source { Some(path) } else { None });
    let name_file = names.next();
    let paths = models.into_iter().filter_map(|source| if let Source::File(path) = source { Some(path) } else { None });
    let mut paths: Vec<PathBuf> = paths.collect();
    let taken = paths.iter().position(|path| is_manifest(path)).unwrap_or_default();
    let model = (taken < paths.len()).then(|| paths.remove(taken));
    if let Some(manifest) = model.as_ref().filter(|path| is_manifest(path)) {
        paths.retain(|path| path.with_extension("") != manifest.with_extension(""));
    }
    paths.extend(names);
    Sorted { model: model.map(ModelChoice::File), names: name_file, pictures, maps, left_out: paths }
}

/// Whether a file's name is that of a text, which may name classes.
pub fn is_class_names(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(NAMES_EXTENSION))
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

/// What a list of paths and addresses names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Files of this computer; whether they are there only the disk knows.
    pub files: Vec<PathBuf>,
    /// What is elsewhere, in words for the person who wants it opened.
    pub remarks: Vec<String>,
}

/// The files that a text names, one a line, as paths or addresses. Other lines are left out.
pub fn from_text(text: &str) -> Listed {
    from_list(text.as_bytes())
}

/// The same, for a list of addresses as clipboards have it (`text/uri-list`, RFC 2483): its names need not be UTF-8, and a
/// line that begins with `#` is a comment.
pub fn from_list(list: &[u8]) -> Listed {
    let mut listed = Listed::default();
    for line in list.split(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        match line_of(line.trim_ascii()) {
            Line::File(path) if path.is_absolute() || path.extension().is_some() => listed.files.push(path),
            Line::File(_) | Line::Nothing => {}
            Line::OnTheWeb(address) => listed.remarks.push(text!("link-on-the-web", address = address)),
            Line::Elsewhere(address) => listed.remarks.push(text!("link-elsewhere", address = address)),
        }
    }
    listed
}

/// The file that a line names, if it names one of this computer.
pub fn path_of_line(line: &str) -> Option<PathBuf> {
    if let Line::File(path) = line_of(line.as_bytes().trim_ascii()) { Some(path) } else { None }
}

/// A file that the program was started with: a desktop may give its address.
pub fn given(path: PathBuf) -> PathBuf {
    let address = path.to_str().filter(|text| text.starts_with("file:"));
    address.and_then(path_of_line).unwrap_or(path)
}

/// What a line of a list says.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Nothing, or something that only people read.
    Nothing,
    /// A file of this computer.
    File(PathBuf),
    /// An address of the web, or of another program.
    OnTheWeb(String),
    /// A file of another computer.
    Elsewhere(String),
}

fn line_of(line: &[u8]) -> Line {
    let quoted = |quote: &[u8]| line.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let line = quoted(b"\"").or_else(|| quoted(b"'")).unwrap_or(line);
    if line.is_empty() || line.starts_with(b"#") {
        return Line::Nothing;
    }
    let told = || String::from_utf8_lossy(line).into_owned();
    let Some((scheme, rest)) = scheme_of(line) else { return Line::File(path_from(line.to_vec())) };
    if !scheme.eq_ignore_ascii_case(b"file") {
        return Line::OnTheWeb(told());
    }
    let (host, path) = match rest.strip_prefix(b"//") {
        Some(rest) => rest.split_at(rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len())),
        None => (&[][..], rest),
    };
    if path.is_empty() || !(host.is_empty() || host.eq_ignore_ascii_case(b"localhost")) {
        return Line::Elsewhere(told());
    }
    Line::File(path_of(path, cfg!(windows)))
}

/// The scheme of an address, and what follows its colon: `file`, or any before `//`. A drive of Windows is none.
fn scheme_of(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (scheme, rest) = line.split_at(line.iter().position(|byte| *byte == b':')?);
    let rest = &rest[1..];
    let is_name = scheme.len() > 1 && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    let is_address = rest.starts_with(b"//") || scheme.eq_ignore_ascii_case(b"file") || scheme == b"data";
    (is_name && is_address).then_some((scheme, rest))
}

/// The path in an address. On Windows it begins with a drive, which the address has a slash before.
fn path_of(path: &[u8], is_windows: bool) -> PathBuf {
    let path: Vec<u8> = percent_decode(path).collect();
    let local = path.strip_prefix(b"/").filter(|rest| is_windows && rest.get(1) == Some(&b':')).map(<[u8]>::to_vec);
    path_from(local.unwrap_or(path))
}

/// A path of these bytes, which on Unix may be any.
#[cfg(unix)]
fn path_from(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_from(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
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
    fn an_array_is_a_map_or_a_picture_and_no_model() {
        let sorted = sorted(["a.npy", "b.NPZ", "c.onnx"].map(|name| Source::File(name.into())).into());
        assert_eq!(sorted.maps, [PathBuf::from("a.npy"), "b.NPZ".into()]);
        assert_eq!((sorted.model, sorted.left_out), (Some(ModelChoice::File("c.onnx".into())), Vec::new()));
    }

    #[test]
    fn a_path_or_an_address_in_text_is_a_file() {
        let files = |text| from_text(text).files;
        assert_eq!(files("/home/me/heron.jpg\n"), [PathBuf::from("/home/me/heron.jpg")]);
        assert_eq!(
            files("file:///home/me/grey%20heron.jpg\r\nfile:///b.png"),
            [PathBuf::from("/home/me/grey heron.jpg"), "/b.png".into()]
        );
        for quoted in ["\"heron.jpg\"", "'heron.jpg'", " \"heron.jpg\" \r\n"] {
            assert_eq!(files(quoted), [PathBuf::from("heron.jpg")], "{quoted}");
        }
        assert!(files("100 % of it").is_empty());
    }

    #[test]
    fn a_list_may_have_comments_this_computers_name_and_what_is_elsewhere_which_is_told() {
        let list = b"# two herons\r\nfile://localhost/a.png\r\nFILE:///b.png\r\nfile:/c.png\r\n\r\n\
            file://attic/d.png\r\nhttps://example.org/e.png\r\nsftp://attic/f.png\r\n\0";
        let Listed { files, remarks } = from_list(list);
        assert_eq!(files, [PathBuf::from("/a.png"), "/b.png".into(), "/c.png".into()]);
        let told = ["file://attic/d.png", "https://example.org/e.png", "sftp://attic/f.png"];
        assert_eq!(remarks.len(), told.len());
        assert!(remarks.iter().zip(told).all(|(remark, address)| remark.ends_with(address)), "{remarks:?}");
    }

    #[cfg(unix)]
    #[test]
    fn names_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStrExt as _;
        let Listed { files, .. } = from_list(b"file:///h%E9ron.png\n/h\xe9ron.png");
        assert!(
            files.len() == 2 && files.iter().all(|path| path.as_os_str().as_bytes() == b"/h\xe9ron.png"),
            "{files:?}"
        );
    }

    #[test]
    fn broken_percent_codes_stay_as_they_are() {
        assert_eq!(path_of(b"a%2", false), PathBuf::from("a%2"));
        assert_eq!(path_of(b"100%zz%41", false), PathBuf::from("100%zzA"));
    }

    #[test]
    fn an_address_on_windows_begins_with_a_drive() {
        assert_eq!(path_of(b"/C:/grey%20heron.png", true), PathBuf::from("C:/grey heron.png"));
        assert_eq!(path_of(b"/b.png", true), PathBuf::from("/b.png"));
        assert_eq!(path_of(b"/C:/a.png", false), PathBuf::from("/C:/a.png"), "a folder may be called so elsewhere");
    }
}
