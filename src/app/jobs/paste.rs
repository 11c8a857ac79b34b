//! Pictures from the clipboard: pixels, a picture file in any format, files, or the path of a file as text.

use std::sync::Arc;

#[cfg(target_os = "linux")]
use super::clipboard::{self, Offers};
use super::{Jobs, Outcome};
use crate::{
    app::state::sources::{self, Listed},
    worker::Source,
};

/// What a clipboard holds.
#[derive(Debug, Default, PartialEq)]
struct Held {
    sources: Vec<Source>,
    /// What of it cannot be opened, and why.
    remarks: Vec<String>,
}

impl From<Listed> for Held {
    fn from(Listed { files, remarks }: Listed) -> Self {
        Self { sources: files.into_iter().map(Source::File).collect(), remarks }
    }
}

/// Reads the clipboard.
pub fn paste(jobs: &Jobs) {
    jobs.start_telling("paste", |tell| match read_clipboard() {
        Ok(Held { sources, remarks }) => {
            for remark in remarks {
                tell(Outcome::Failed(remark));
            }
            Outcome::Pasted(sources)
        }
        Err(message) => Outcome::Failed(message),
    });
}

fn read_clipboard() -> Result<Held, String> {
    #[cfg(target_os = "linux")]
    if let Some(held) = clipboard::of_the_display().and_then(|mut offers| held(offers.as_mut())) {
        return Ok(held);
    }
    let mut clipboard =
        arboard::Clipboard::new().map_err(|error| text!("paste-unreadable", why = error.to_string()))?;
    if let Ok(files) = clipboard.get().file_list()
        && !files.is_empty()
    {
        return Ok(Held { sources: files.into_iter().map(Source::File).collect(), remarks: Vec::new() });
    }
    if let Ok(image) = clipboard.get_image() {
        let rgba = Arc::from(image.bytes.into_owned());
        let pixels = Source::Pixels { width: image.width, height: image.height, rgba };
        return Ok(Held { sources: vec![pixels], remarks: Vec::new() });
    }
    let listed = clipboard.get_text().map(|text| sources::from_text(&text)).unwrap_or_default();
    if listed == Listed::default() {
        return Err(text!("paste-no-picture"));
    }
    Ok(listed.into())
}

/// Pictures' formats, by the names that clipboards have for them; what loses nothing first.
#[cfg(target_os = "linux")]
const PICTURES: [&str; 12] = [
    "image/png",
    "image/tiff",
    "image/bmp",
    "image/x-bmp",
    "image/x-MS-bmp",
    "image/webp",
    "image/jpeg",
    "image/jpg",
    "image/gif",
    "image/x-portable-anymap",
    "image/x-portable-pixmap",
    "image/x-tga",
];

/// Texts, by the names that clipboards have for them.
#[cfg(target_os = "linux")]
const TEXTS: [&str; 4] = ["UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING"];

/// What is held, in the first form that says something: files, then a picture, then a text that names files.
#[cfg(target_os = "linux")]
fn held(offers: &mut dyn Offers) -> Option<Held> {
    let forms = offers.forms()?;
    let mut bytes = |wanted: &[&str]| {
        let found = wanted.iter().find(|wanted| forms.iter().any(|form| form == *wanted))?;
        offers.bytes(found)
    };
    if let Some(list) = bytes(&["text/uri-list"]) {
        let listed = sources::from_list(&list);
        if listed != Listed::default() {
            return Some(listed.into());
        }
    }
    if let Some(picture) = bytes(&PICTURES).filter(|picture| !picture.is_empty()) {
        let picture = Source::Bytes { name: "pasted".to_owned(), bytes: picture.into() };
        return Some(Held { sources: vec![picture], remarks: Vec::new() });
    }
    let listed = sources::from_list(&bytes(&TEXTS)?);
    (listed != Listed::default()).then(|| listed.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Forms with what is held in each.
    struct Made(&'static [(&'static str, &'static [u8])]);

    impl Offers for Made {
        fn forms(&mut self) -> Option<Vec<String>> {
            Some(self.0.iter().map(|(form, _)| (*form).to_owned()).collect())
        }

        fn bytes(&mut self, form: &str) -> Option<Vec<u8>> {
            self.0.iter().find(|(own, _)| *own == form).map(|(_, bytes)| bytes.to_vec())
        }
    }

    fn sources_of(offers: &'static [(&'static str, &'static [u8])]) -> Vec<Source> {
        held(&mut Made(offers)).unwrap_or_default().sources
    }

    #[test]
    fn a_clipboard_with_a_picture_in_any_format_or_a_quoted_path_holds_a_picture() {
        let picture = |bytes: &'static [u8]| vec![Source::Bytes { name: "pasted".to_owned(), bytes: bytes.into() }];
        assert_eq!(sources_of(&[("TARGETS", b""), ("image/jpeg", b"\xff\xd8")]), picture(b"\xff\xd8"));
        assert_eq!(sources_of(&[("image/bmp", b"BM"), ("text/html", b"<img>")]), picture(b"BM"));
        assert_eq!(sources_of(&[("image/jpeg", b"\xff\xd8"), ("image/png", b"\x89PNG")]), picture(b"\x89PNG"));
        let heron = [Source::File("/home/me/grey heron.jpg".into())];
        assert_eq!(sources_of(&[("UTF8_STRING", b"'/home/me/grey heron.jpg'\n")]), heron);
        assert_eq!(
            sources_of(&[("image/png", b"x"), ("text/uri-list", b"file:///home/me/grey%20heron.jpg\r\n")]),
            heron
        );
        assert_eq!(sources_of(&[("text/plain", b"a letter")]), []);
        let held = held(&mut Made(&[("UTF8_STRING", b"https://example.org/heron.jpg")])).unwrap();
        assert!(held.sources.is_empty() && held.remarks[0].contains("https://example.org/heron.jpg"), "{held:?}");
    }
}
