//! What is dropped, pasted or chosen, sorted into pictures and models.

use std::path::PathBuf;

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
        Some(address) => PathBuf::from(percent_decoded(address)),
        None => PathBuf::from(line),
    };
    (path.is_absolute() || path.extension().is_some()).then_some(path)
}

/// `%20` and the like as the characters they stand for.
fn percent_decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = match tail {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| 16 * high + low),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
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
        assert_eq!(percent_decoded("a%2"), "a%2");
        assert_eq!(percent_decoded("100%zz%41"), "100%zzA");
    }
}
