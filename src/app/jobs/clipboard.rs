//! What Linux's clipboards hold, in whatever form it is offered: arboard takes pictures as PNG only, and lists of files
//! without those whose names are not UTF-8.

use std::{env, io::Read as _};

use wl_clipboard_rs::paste::{self, ClipboardType, MimeType, Seat};

use super::{offered::Offers, x11_selection::Selection};
use crate::imaging::MAX_FILE_BYTES;

/// The clipboard of the display that there is.
pub fn of_the_display() -> Option<Box<dyn Offers>> {
    if env::var_os("WAYLAND_DISPLAY").is_some() && !matches!(forms(), Err(paste::Error::MissingProtocol { .. })) {
        return Some(Box::new(Wayland));
    }
    Some(Box::new(Selection::new(None, "CLIPBOARD").ok()?))
}

/// Wayland's, where its compositor lets a program see it without the keyboard.
struct Wayland;

fn forms() -> Result<Vec<String>, paste::Error> {
    paste::get_mime_types(ClipboardType::Regular, Seat::Unspecified).map(|forms| forms.into_iter().collect())
}

impl Offers for Wayland {
    fn forms(&mut self) -> Option<Vec<String>> {
        forms().ok()
    }

    fn bytes(&mut self, form: &str) -> Option<Vec<u8>> {
        let (pipe, _) =
            paste::get_contents(ClipboardType::Regular, Seat::Unspecified, MimeType::Specific(form)).ok()?;
        let mut bytes = Vec::new();
        pipe.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}
