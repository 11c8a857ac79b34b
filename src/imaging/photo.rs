//! A decoded, upright RGB picture, and the one way from outside bytes to it.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::panic;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage};

use super::jpeg;
use super::photo_error::{PhotoError, one_line, place, place_of};

/// The most pixels a picture may have: 100 megapixels, more than any camera a person carries gives, and 300 MB as RGB.
/// Checked from the header, before memory for the pixels is taken.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The most bytes a file may have: 512 MiB, a [`MAX_PIXELS`] picture with 8 bits a channel, without compression and
/// with room to spare.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// The most bytes a decoder may take: 1 GiB, a [`MAX_PIXELS`] picture with four channels of 16 bits and some room
/// for the decoder's own tables.
const MAX_DECODER_BYTES: u64 = 1 << 30;

/// Where a [`Photo`] came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file, opened or dropped.
    File(PathBuf),
    /// One of the pictures that come with the program.
    Sample,
    /// The clipboard.
    Clipboard,
}

/// A decoded, upright RGB picture, with where it came from.
///
/// ```no_run
/// # use std::path::Path;
/// # use igoscope::imaging::{Photo, PhotoError};
/// let photo = Photo::open(Path::new("holiday/heron.jpg"))?;
/// assert_eq!(photo.name, "heron");
/// println!("{} × {}", photo.width(), photo.height());
/// # Ok::<(), PhotoError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The pixels: at least 1×1, at most [`MAX_PIXELS`]; 8 bits a channel, sRGB.
    pub image: RgbImage,
    /// What to call it: the file's name without its extension, or for example "pasted".
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Photo {
    /// Opens a picture file, as [`Photo::decode`] does, and names it after the file.
    ///
    /// Only regular files are read: a pipe or a device might never end.
    ///
    /// # Errors
    ///
    /// [`PhotoError`], whose message names the path.
    pub fn open(path: &Path) -> Result<Self, PhotoError> {
        let bytes = read_file(path)?;
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        Self::decode(&bytes, &name, Origin::File(path.to_owned()))
    }

    /// Decodes the bytes of a picture file and shows it as a person expects:
    /// turned upright by its EXIF orientation, transparency over white, 16 bits reduced to 8, palette, grey and CMYK
    /// as RGB, and of an animation the first frame.
    ///
    /// The format is told by the content. The extension of an [`Origin::File`] matters only for TGA, which has no
    /// signature.
    ///
    /// # Errors
    ///
    /// [`PhotoError`]: no bytes, no readable format, damaged or cut short, or over [`MAX_PIXELS`] or
    /// [`MAX_FILE_BYTES`].
    pub fn decode(bytes: &[u8], name: &str, origin: Origin) -> Result<Self, PhotoError> {
        let place = place(name, &origin);
        if bytes.is_empty() {
            return Err(PhotoError::Empty { place });
        }
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(PhotoError::FileTooLarge { bytes: bytes.len() as u64, place });
        }
        let format = format_of(bytes, &origin, &place)?;
        // The decoders are other people's code, fed here with any bytes at all: a slip in one of them costs this
        // picture, not the window.
        let decoded = panic::catch_unwind(|| decode_upright(bytes, format, &place));
        let upright = match decoded {
            Ok(result) => result?,
            Err(_) => {
                return Err(PhotoError::Damaged { reason: String::from("it cannot be decoded"), place });
            }
        };
        Ok(Self { image: over_white(upright), name: name.to_owned(), origin })
    }

    /// Takes pixels that are decoded already, for example from the clipboard; transparency is put over white.
    ///
    /// `rgba` is `[height, width, 4]`, 8 bits a channel, alpha not multiplied in.
    ///
    /// # Errors
    ///
    /// [`PhotoError::Empty`] without pixels, [`PhotoError::TooLarge`] over [`MAX_PIXELS`],
    /// [`PhotoError::Damaged`] if `rgba` is not `4·width·height` long.
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8], name: &str, origin: Origin) -> Result<Self, PhotoError> {
        let place = place(name, &origin);
        let (width_u64, height_u64) = (width as u64, height as u64);
        check_size(width_u64, height_u64, &place)?;
        let pixels = (u32::try_from(width), u32::try_from(height));
        let image = match pixels {
            (Ok(width), Ok(height)) => RgbaImage::from_raw(width, height, rgba.to_vec()),
            _ => {
                return Err(PhotoError::TooLarge { width: width_u64, height: height_u64, place });
            }
        };
        // `from_raw` takes a buffer that is too long as well.
        let Some(image) = image.filter(|_| rgba.len() == 4 * width * height) else {
            let reason = format!("{} bytes for {width} × {height} pixels", rgba.len());
            return Err(PhotoError::Damaged { reason, place });
        };
        Ok(Self { image: over_white(DynamicImage::ImageRgba8(image)), name: name.to_owned(), origin })
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.image.width()
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.image.height()
    }
}

/// The bytes of a regular file of at most [`MAX_FILE_BYTES`].
fn read_file(path: &Path) -> Result<Vec<u8>, PhotoError> {
    let place = || place_of(path);
    let refuse = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => PhotoError::NotFound { place: place() },
        _ => PhotoError::Unreadable { reason: one_line(&error.to_string()), place: place() },
    };
    // Asked before opening: to open a pipe without a writer is to wait for one.
    let metadata = fs::metadata(path).map_err(refuse)?;
    if metadata.is_dir() {
        return Err(PhotoError::IsAFolder { place: place() });
    }
    if !metadata.is_file() {
        return Err(PhotoError::NotAFile { place: place() });
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(PhotoError::FileTooLarge { bytes: metadata.len(), place: place() });
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read: one byte over the limit is enough for `decode` to refuse it.
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)).map_err(refuse)?;
    Ok(bytes)
}

/// The format the content says; for a file without any signature that is called `.tga`, TGA.
fn format_of(bytes: &[u8], origin: &Origin, place: &str) -> Result<ImageFormat, PhotoError> {
    let found = match image::guess_format(bytes) {
        Ok(format) if format.reading_enabled() => return Ok(format),
        Ok(format) => format!("a picture of the format {format:?}"),
        Err(_) if is_called_tga(origin) => return Ok(ImageFormat::Tga),
        Err(_) if is_heic(bytes) => String::from("an HEIC picture"),
        Err(_) => String::from("not a picture"),
    };
    Err(PhotoError::NotAPicture { found, place: place.to_owned() })
}

fn is_called_tga(origin: &Origin) -> bool {
    matches!(origin, Origin::File(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tga")))
}

/// Whether this is what phones make by default and nothing here decodes: an ISO media file of a HEIF brand.
fn is_heic(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 4] = [b"heic", b"heix", b"mif1", b"msf1"];
    bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| BRANDS.contains(&brand))
}

/// Decodes the first picture in `bytes` within the limits and turns it as its metadata asks.
fn decode_upright(bytes: &[u8], format: ImageFormat, place: &str) -> Result<DynamicImage, PhotoError> {
    let refuse = |error| refusal(error, place);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODER_BYTES);

    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height), place)?;
    limits.reserve(decoder.total_bytes()).map_err(refuse)?;
    decoder.set_limits(limits).map_err(refuse)?;
    if format == ImageFormat::Jpeg && !jpeg::reaches_its_end(bytes) {
        return Err(PhotoError::Damaged { reason: String::from("its end is missing"), place: place.to_owned() });
    }

    let orientation = decoder.orientation();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    // A picture whose metadata are broken is still a picture: it stays as it is stored.
    if let Ok(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

fn check_size(width: u64, height: u64, place: &str) -> Result<(), PhotoError> {
    match width.saturating_mul(height) {
        0 => Err(PhotoError::Empty { place: place.to_owned() }),
        1..=MAX_PIXELS => Ok(()),
        _ => Err(PhotoError::TooLarge { width, height, place: place.to_owned() }),
    }
}

/// What a decoder's refusal means to the person who chose the picture.
fn refusal(error: ImageError, place: &str) -> PhotoError {
    let place = place.to_owned();
    match error {
        ImageError::Limits(_) => PhotoError::TooMuchMemory { place },
        ImageError::Unsupported(error) => PhotoError::NotAPicture {
            found: format!("a variety that cannot be read ({})", one_line(&error.to_string())),
            place,
        },
        other => PhotoError::Damaged { reason: one_line(&other.to_string()), place },
    }
}

/// The picture as 8-bit RGB, its transparent parts over white, as on a page.
fn over_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0;
        to.0 = [red, green, blue].map(|colour| over_white_level(colour, alpha));
    }
    rgb
}

/// `alpha·colour + (1 − alpha)·white` in 8 bits, rounded to nearest.
fn over_white_level(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(width: usize, height: usize, rgba: &[u8]) -> Result<Photo, PhotoError> {
        Photo::from_rgba(width, height, rgba, "pasted", Origin::Clipboard)
    }

    #[test]
    fn transparent_becomes_white_and_half_transparent_half_way() {
        let photo = pasted(3, 1, &[10, 20, 30, 0, 10, 20, 30, 255, 0, 100, 255, 128]).unwrap();
        assert_eq!(photo.image.as_raw()[..], [255, 255, 255, 10, 20, 30, 127, 177, 255]);
        assert_eq!((photo.width(), photo.height(), photo.name.as_str()), (3, 1, "pasted"));
    }

    #[test]
    fn pasted_pixels_of_the_wrong_length_are_damaged() {
        for length in [0, 7, 9, 12] {
            let error = pasted(2, 1, &vec![0; length]).unwrap_err();
            assert!(matches!(error, PhotoError::Damaged { .. }), "{error}");
        }
    }

    #[test]
    fn pasted_sizes_that_overflow_are_too_large() {
        for (width, height) in [(usize::MAX, usize::MAX), (usize::MAX, 1), (100_000_001, 1)] {
            let error = pasted(width, height, &[]).unwrap_err();
            assert!(matches!(error, PhotoError::TooLarge { .. }), "{error}");
        }
    }

    #[test]
    fn nothing_pasted_is_empty() {
        assert!(matches!(pasted(0, 5, &[]), Err(PhotoError::Empty { .. })));
    }
}
