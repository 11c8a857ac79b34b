//! Pictures from the clipboard: pixels, files, or the path of a file as text.

use std::{path::PathBuf, sync::Arc};

use super::{Jobs, Outcome};
use crate::worker::Source;

/// Reads the clipboard.
pub fn paste(jobs: &Jobs) {
    jobs.start("paste", || match read_clipboard() {
        Ok(sources) => Outcome::Pasted(sources),
        Err(message) => Outcome::Failed(message),
    });
}

fn read_clipboard() -> Result<Vec<Source>, String> {
    let mut clipboard =
        arboard::Clipboard::new().map_err(|error| text!("paste-unreadable", why = error.to_string()))?;
    if let Ok(files) = clipboard.get().file_list()
        && !files.is_empty()
    {
        return Ok(files.into_iter().map(Source::File).collect());
    }
    if let Ok(image) = clipboard.get_image() {
        return Ok(vec![Source::Pixels {
            width: image.width,
            height: image.height,
            rgba: Arc::from(image.bytes.into_owned()),
        }]);
    }
    let sources = clipboard.get_text().map(|text| sources_from_text(&text)).unwrap_or_default();
    if sources.is_empty() {
        return Err(text!("paste-no-picture"));
    }
    Ok(sources)
}

/// The files that a text names, one a line, as paths or `file://` addresses. Other lines are left out.
pub fn sources_from_text(text: &str) -> Vec<Source> {
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
        let files = |text| sources_from_text(text);
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
