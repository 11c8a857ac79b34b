//! What another program offers in several forms: what it has put on the clipboard, or what is dropped.

use super::paste::Held;
use crate::{
    app::state::sources::{self, Listed},
    worker::Source,
};

/// Something that offers what it holds in several forms, by their names as MIME has them.
pub trait Offers {
    /// The names of the forms.
    fn forms(&mut self) -> Option<Vec<String>>;

    /// What it holds, in one of them.
    fn bytes(&mut self, form: &str) -> Option<Vec<u8>>;
}

/// A list of files, by the name that MIME has for it.
const FILES: &str = "text/uri-list";

/// Pictures' formats, by the names that clipboards have for them; what loses nothing first.
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
const TEXTS: [&str; 4] = ["UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING"];

/// The form that [`held`] looks at first, of those that are offered.
pub fn first_form(forms: &[String]) -> Option<&str> {
    let mut known = [FILES].into_iter().chain(PICTURES).chain(TEXTS);
    known.find_map(|known| forms.iter().find(|form| *form == known)).map(String::as_str)
}

/// What is held, in the first form that says something: files, then a picture, which is called `name`, then a text that
/// names files.
pub fn held(offers: &mut dyn Offers, name: &str) -> Option<Held> {
    let forms = offers.forms()?;
    let mut bytes = |wanted: &[&str]| {
        let found = wanted.iter().find(|wanted| forms.iter().any(|form| form == *wanted))?;
        offers.bytes(found)
    };
    if let Some(list) = bytes(&[FILES]) {
        let listed = sources::from_list(&list);
        if listed != Listed::default() {
            return Some(listed.into());
        }
    }
    if let Some(picture) = bytes(&PICTURES).filter(|picture| !picture.is_empty()) {
        let picture = Source::Bytes { name: name.to_owned(), bytes: picture.into() };
        return Some(Held { sources: vec![picture], remarks: Vec::new() });
    }
    let listed = sources::from_list(&bytes(&TEXTS)?);
    (listed != Listed::default()).then(|| listed.into())
}

#[cfg(test)]
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
        held(&mut Made(offers), "pasted").unwrap_or_default().sources
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
        let held = held(&mut Made(&[("UTF8_STRING", b"https://example.org/heron.jpg")]), "pasted").unwrap();
        assert!(held.sources.is_empty() && held.remarks[0].contains("https://example.org/heron.jpg"), "{held:?}");
    }

    #[test]
    fn what_is_known_of_what_is_offered_is_taken_in_the_form_that_says_most() {
        let first = |forms: &[&str]| {
            first_form(&forms.iter().map(|form| (*form).to_owned()).collect::<Vec<_>>()).map(str::to_owned)
        };
        assert_eq!(first(&["text/plain", "image/png", "text/uri-list"]).as_deref(), Some("text/uri-list"));
        assert_eq!(first(&["text/html", "text/plain", "image/jpeg"]).as_deref(), Some("image/jpeg"));
        assert_eq!(first(&["text/plain"]).as_deref(), Some("text/plain"));
        assert_eq!(first(&["application/x-color", "TARGETS"]), None);
    }
}
