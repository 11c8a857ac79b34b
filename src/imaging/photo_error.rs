//! Why a file or a pasted picture did not become a [`Photo`](super::Photo), in words for the person who chose it.

use std::path::Path;

use super::photo::{MAX_FILE_BYTES, MAX_PIXELS, Origin};

const MEGA: u64 = 1_000_000;
const MEBI: u64 = 1 << 20;

/// Why a picture could not be opened.
///
/// Each message is one line: what was wrong, what the person can do, and last the `place`: the file's path, or the
/// name of a picture that has none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoError {
    /// Nothing has this path.
    #[error("There is no such file. Check its name and whether it was moved: {place}")]
    NotFound {
        /// The path.
        place: String,
    },

    /// The path leads to a folder.
    #[error("This is a folder. Choose a picture inside it: {place}")]
    IsAFolder {
        /// The path.
        place: String,
    },

    /// The path leads to a device, a pipe or a socket, whose reading might never end.
    #[error("This is a device or a pipe. Choose a picture stored as a file: {place}")]
    NotAFile {
        /// The path.
        place: String,
    },

    /// The file exists and cannot be read.
    #[error("The file cannot be read ({reason}). Check that you may read it: {place}")]
    Unreadable {
        /// What the operating system said.
        reason: String,
        /// The path.
        place: String,
    },

    /// There are no bytes, or the picture has no pixels.
    #[error("The picture is empty. Choose another, or save it again: {place}")]
    Empty {
        /// The path or name.
        place: String,
    },

    /// The bytes are of no format that can be read, or of a variety of one that cannot.
    #[error("This is {found}. Convert it to one of BMP, GIF, JPEG, PNG, PNM, TGA, TIFF or WebP: {place}")]
    NotAPicture {
        /// What it seems to be, as the sentence needs it: "an AVIF picture".
        found: String,
        /// The path or name.
        place: String,
    },

    /// The format is known, the content is cut short or contradicts itself.
    #[error("The picture is damaged or cut short ({reason}). Get a new copy of it: {place}")]
    Damaged {
        /// What the decoder said.
        reason: String,
        /// The path or name.
        place: String,
    },

    /// The values cannot be shown: floats that are no numbers, or beyond black and white.
    #[error("The picture's values are {found}. Scale them to 0 to 1, or save it with 8 bits a channel: {place}")]
    Values {
        /// What they are, as the sentence needs it.
        found: String,
        /// The path or name.
        place: String,
    },

    /// Its bands cannot be shown to a network, or drawn.
    #[error("The picture's bands cannot be used ({reason}). Choose others, or save others: {place}")]
    Bands {
        /// Why, in words.
        reason: String,
        /// The path or name.
        place: String,
    },

    /// The picture has more than [`MAX_PIXELS`] pixels.
    #[error(
        "The picture has {width} × {height} pixels, more than {} megapixels. Make it smaller: {place}",
        MAX_PIXELS / MEGA
    )]
    TooLarge {
        /// Width in pixels, as its header says.
        width: u64,
        /// Height in pixels, as its header says.
        height: u64,
        /// The path or name.
        place: String,
    },

    /// The file is longer than [`MAX_FILE_BYTES`].
    #[error(
        "The file has {} MiB, more than {} MiB. Save the picture smaller: {place}",
        bytes.div_ceil(MEBI),
        MAX_FILE_BYTES / MEBI
    )]
    FileTooLarge {
        /// Length of the file in bytes.
        bytes: u64,
        /// The path or name.
        place: String,
    },

    /// Few enough pixels, and still more memory to decode than a picture may take.
    #[error("The picture takes too much memory to decode. Save it with 8 bits a channel: {place}")]
    TooMuchMemory {
        /// The path or name.
        place: String,
    },
}

/// What a message calls a picture: its path if it has one, else its name.
pub(super) fn place(name: &str, origin: &Origin) -> String {
    match origin {
        Origin::File(path) => place_of(path),
        Origin::Sample | Origin::Clipboard => one_line(name),
    }
}

/// A path as a message shows it.
pub(super) fn place_of(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// `text` without line breaks and other control characters, which file names and decoders' messages may contain.
pub(super) fn one_line(text: &str) -> String {
    text.trim().replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_and_end_with_the_path() {
        let place = place_of(Path::new("/home/ann/a\nb.png"));
        let errors = [
            PhotoError::NotFound { place: place.clone() },
            PhotoError::IsAFolder { place: place.clone() },
            PhotoError::NotAFile { place: place.clone() },
            PhotoError::Unreadable { reason: "permission denied".into(), place: place.clone() },
            PhotoError::Empty { place: place.clone() },
            PhotoError::NotAPicture { found: "an AVIF picture".into(), place: place.clone() },
            PhotoError::Damaged { reason: "no end".into(), place: place.clone() },
            PhotoError::Values { found: "not all numbers (NaN or infinity)".into(), place: place.clone() },
            PhotoError::TooLarge { width: 20_000, height: 20_000, place: place.clone() },
            PhotoError::FileTooLarge { bytes: MAX_FILE_BYTES + 1, place: place.clone() },
            PhotoError::TooMuchMemory { place: place.clone() },
            PhotoError::Bands { reason: "there are 20 of them".into(), place: place.clone() },
        ];
        for error in errors {
            let message = error.to_string();
            assert!(message.ends_with(": /home/ann/a b.png"), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn limits_are_told_in_megapixels_and_mebibytes() {
        let place = String::from("x.png");
        let pixels = PhotoError::TooLarge { width: 20_000, height: 10_000, place: place.clone() };
        assert!(pixels.to_string().contains("20000 × 10000 pixels, more than 100 megapixels"), "{pixels}");
        let bytes = PhotoError::FileTooLarge { bytes: MAX_FILE_BYTES + 1, place };
        assert!(bytes.to_string().contains("513 MiB, more than 512 MiB"), "{bytes}");
    }
}
