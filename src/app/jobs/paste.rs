//! Pictures from the clipboard: pixels, a picture file in any format, files, or the path of a file as text.

use std::sync::Arc;

use super::{Jobs, Outcome};
#[cfg(target_os = "linux")]
use super::{clipboard, offered};
use crate::{
    app::state::sources::{self, Listed},
    worker::Source,
};

/// What another program has put on the clipboard, or what was dropped.
#[derive(Debug, Default, PartialEq)]
pub struct Held {
    /// What of it can be opened.
    pub sources: Vec<Source>,
    /// What of it cannot be opened, and why.
    pub remarks: Vec<String>,
}

impl From<Listed> for Held {
    fn from(Listed { files, remarks }: Listed) -> Self {
        Self { sources: files.into_iter().map(Source::File).collect(), remarks }
    }
}

impl Held {
    /// Tells what cannot be opened, and comes to what can.
    pub fn told(self, tell: &dyn Fn(Outcome)) -> Outcome {
        for remark in self.remarks {
            tell(Outcome::Failed(remark));
        }
        Outcome::Offered(self.sources)
    }
}

/// Reads the clipboard.
pub fn paste(jobs: &Jobs) {
    jobs.start_telling("paste", |tell| match read_clipboard() {
        Ok(held) => held.told(tell),
        Err(message) => Outcome::Failed(message),
    });
}

fn read_clipboard() -> Result<Held, String> {
    #[cfg(target_os = "linux")]
    if let Some(held) = clipboard::of_the_display().and_then(|mut offers| offered::held(offers.as_mut(), "pasted")) {
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
