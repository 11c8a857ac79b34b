//! Pictures from the clipboard: pixels, files, or the path of a file as text.

use std::sync::Arc;

use super::{Jobs, Outcome};
use crate::{app::state::sources, worker::Source};

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
    let sources = clipboard.get_text().map(|text| sources::from_text(&text)).unwrap_or_default();
    if sources.is_empty() {
        return Err(text!("paste-no-picture"));
    }
    Ok(sources)
}
