//! A decoded, upright RGB picture, and the one way from outside bytes to it.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::panic;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage};

use super::band_files::{self, Kind};
use super::bands::{Bands, DrawnBands};
use super::format::format_of;
use super::jpeg;
use super::npy;
use super::photo_error::{PhotoError, one_line, place, place_of};
use super::profile::{self, Colours, Profiles};
use super::tags::{Tags, exif_of_png};
use super::values;

/// The most pixels a picture may have: 100 megapixels, more than any camera a person carries gives, and 300 MB as RGB.
/// Checked from the header, before memory for the pixels is taken.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The most bytes a file may have: 512 MiB, a [`MAX_PIXELS`] picture with 8 bits a channel, without compression and
/// with room to spare.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// The most bytes a decoder may take: 1 GiB, a [`MAX_PIXELS`] picture with four channels of 16 bits and some room
/// for the decoder's own tables.
pub(super) const MAX_DECODER_BYTES: u64 = 1 << 30;

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
/// # use igoscope_imaging::{Photo, PhotoError};
/// let photo = Photo::open(Path::new("holiday/heron.jpg"))?;
/// assert_eq!(photo.name, "heron");
/// println!("{} × {}", photo.width(), photo.height());
/// # Ok::<(), PhotoError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The pixels: at least 1×1, at most [`MAX_PIXELS`]; 8 bits a channel, sRGB. Of bands, some of them, as they are drawn.
    pub image: RgbImage,
    /// Its bands, if it has others than red, green and blue; as wide and as high.
    pub bands: Option<Bands>,
    /// What to call it: the file's name without its extension, or for example "pasted".
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
    /// What its colour profile was, and what became of it.
    pub colours: Colours,
    /// What to know of it before its map is believed, each in one line that ends with the path or name.
    pub warnings: Vec<String>,
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
        Self::open_with(path, Profiles::default())
    }

    /// The same, with another way to treat colour profiles.
    ///
    /// # Errors
    ///
    /// As [`Photo::open`].
    pub fn open_with(path: &Path, profiles: Profiles) -> Result<Self, PhotoError> {
        let bytes = read_file(path)?;
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        Self::decode_with(&bytes, &name, Origin::File(path.to_owned()), profiles)
    }

    /// Decodes the bytes of a picture file and shows it as a person expects:
    /// turned upright by its EXIF orientation, in the colours that its profile means, transparency over white, 16 bits
    /// reduced to 8, palette, grey and CMYK as RGB, and of an animation the first frame.
    ///
    /// The format is told by the content. The extension of an [`Origin::File`] matters only for TGA, which has no
    /// signature.
    ///
    /// # Errors
    ///
    /// [`PhotoError`]: no bytes, no readable format, damaged or cut short, with values that cannot be shown, or over
    /// [`MAX_PIXELS`] or [`MAX_FILE_BYTES`].
    pub fn decode(bytes: &[u8], name: &str, origin: Origin) -> Result<Self, PhotoError> {
        Self::decode_with(bytes, name, origin, Profiles::default())
    }

    /// The same, with another way to treat colour profiles.
    ///
    /// # Errors
    ///
    /// As [`Photo::decode`].
    pub fn decode_with(bytes: &[u8], name: &str, origin: Origin, profiles: Profiles) -> Result<Self, PhotoError> {
        let place = place(name, &origin);
        if bytes.is_empty() {
            return Err(PhotoError::Empty { place });
        }
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(PhotoError::FileTooLarge { bytes: bytes.len() as u64, place });
        }
        let path = if let Origin::File(path) = &origin { Some(path.as_path()) } else { None };
        if bytes.starts_with(npy::SIGNATURE) {
            return Ok(Self::of_bands(band_files::read_array(bytes, &place)?, name, origin));
        }
        let format = format_of(bytes, path).map_err(|found| PhotoError::NotAPicture { found, place: place.clone() })?;
        // The decoders are other people's code, fed here with any bytes at all: a slip in one of them costs this
        // picture, not the window.
        let decoded = panic::catch_unwind(|| decode(bytes, format, profiles, &place));
        let Decoded { upright, bands, colours, warnings } = match decoded {
            Ok(result) => result?,
            Err(_) => {
                return Err(PhotoError::Damaged { reason: String::from("it cannot be decoded"), place });
            }
        };
        let warnings = warnings.into_iter().map(|warning| format!("{warning}: {place}")).collect();
        Ok(Self { image: over_white(upright), bands, name: name.to_owned(), origin, colours, warnings })
    }

    /// A picture of bands that are no colours: at least 1×1, at most [`MAX_PIXELS`].
    pub fn of_bands(bands: Bands, name: &str, origin: Origin) -> Self {
        Self { image: bands.picture(), bands: Some(bands), ..Self::new(RgbImage::default(), name, origin) }
    }

    /// The same with other bands drawn, if some are chosen.
    ///
    /// # Errors
    /// [`PhotoError::Bands`] if it does not have those.
    pub fn drawn_as(mut self, drawn: Option<DrawnBands>) -> Result<Self, PhotoError> {
        let Some(drawn) = drawn else { return Ok(self) };
        let chosen = match &self.bands {
            Some(bands) => bands.drawn_as(drawn),
            None => Err("it is in colour, and there are no bands to choose from".to_owned()),
        };
        let bands = chosen.map_err(|reason| PhotoError::Bands { reason, place: place(&self.name, &self.origin) })?;
        self.image = bands.picture();
        self.bands = Some(bands);
        Ok(self)
    }

    /// How many channels a network can be shown of it: its bands, or red, green and blue.
    pub fn channels(&self) -> usize {
        self.bands.as_ref().map_or(3, Bands::count)
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
        Ok(Self::new(over_white(DynamicImage::ImageRgba8(image)), name, origin))
    }

    /// A picture of pixels in sRGB: at least 1×1, at most [`MAX_PIXELS`].
    pub fn new(image: RgbImage, name: &str, origin: Origin) -> Self {
        Self { image, bands: None, name: name.to_owned(), origin, colours: Colours::default(), warnings: Vec::new() }
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

/// A picture as its file means it, but for its transparent parts.
struct Decoded {
    upright: DynamicImage,
    bands: Option<Bands>,
    colours: Colours,
    /// What to know of it.
    warnings: Vec<String>,
}

impl Decoded {
    /// A picture of bands alone.
    fn of_bands(bands: Bands) -> Self {
        let upright = DynamicImage::ImageRgb8(bands.picture());
        Self { upright, bands: Some(bands), colours: Colours::default(), warnings: Vec::new() }
    }
}

/// Decodes the first picture in `bytes` with all its bands.
fn decode(bytes: &[u8], format: ImageFormat, profiles: Profiles, place: &str) -> Result<Decoded, PhotoError> {
    let in_colour = || decode_upright(bytes, format, profiles, place);
    let tags = Tags::read(bytes).filter(|_| format == ImageFormat::Tiff);
    let Some((tags, kind)) = tags.as_ref().and_then(|tags| Some((tags, band_files::kind_of(tags)?))) else {
        return in_colour();
    };
    let bands = |kind| upright_bands(bytes, tags, kind, place);
    match kind {
        Kind::Others => bands(kind).map(Decoded::of_bands),
        Kind::Colours => match (in_colour(), bands(kind)) {
            (Ok(decoded), Ok(bands)) => Ok(Decoded { bands: Some(bands), ..decoded }),
            (Ok(mut decoded), Err(error)) => {
                let why = without(&error, place);
                decoded.warnings.push(format!("The picture has bands besides its colours that are left out ({why})"));
                Ok(decoded)
            }
            // What cannot be shown as colours may still be bands.
            (Err(error), bands) => bands.map(|bands| Decoded::of_bands(bands.without_colours())).map_err(|_| error),
        },
    }
}

/// Decodes the first picture in `bytes` within the limits, shows its colours in sRGB, and turns it as its metadata ask.
fn decode_upright(bytes: &[u8], format: ImageFormat, profiles: Profiles, place: &str) -> Result<Decoded, PhotoError> {
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
    if let Some(reason) = Some(bytes).filter(|_| format == ImageFormat::Jpeg).and_then(jpeg::lacks) {
        return Err(PhotoError::Damaged { reason: reason.to_owned(), place: place.to_owned() });
    }
    let tiff = Tags::read(bytes).filter(|_| format == ImageFormat::Tiff);
    // The decoder takes their bits for those of floats.
    if tiff.as_ref().is_some_and(Tags::has_long_integers) {
        let found = String::from("a variety that cannot be read (a TIFF of 32-bit integers)");
        return Err(PhotoError::NotAPicture { found, place: place.to_owned() });
    }

    // A picture whose metadata are broken is still a picture: it stays as it is stored.
    let exif = match format {
        ImageFormat::Png => exif_of_png(bytes).map(<[u8]>::to_vec),
        _ => decoder.exif_metadata().ok().flatten(),
    };
    let orientation = tiff
        .as_ref()
        .map_or_else(|| exif.as_deref().and_then(Tags::read).and_then(|tags| tags.orientation()), Tags::orientation);
    let icc = match &tiff {
        Some(tags) => tags.colour_profile().map(<[u8]>::to_vec),
        None => decoder.icc_profile().ok().flatten(),
    };
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    if let Some(found) = values::refused_floats(&picture) {
        return Err(PhotoError::Values { found, place: place.to_owned() });
    }
    let mut warnings = Vec::from_iter(values::narrow_range(&picture));
    if tiff.is_some_and(|tags| tags.is_premultiplied()) {
        values::divide_by_alpha(&mut picture);
    }
    let profile::Converted { mut picture, colours, unused } = profile::convert(picture, icc.as_deref(), profiles);
    warnings.extend(unused);
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(Decoded { upright: picture, bands: None, colours, warnings })
}

/// The bands of a TIFF, turned as its metadata ask.
fn upright_bands(bytes: &[u8], tags: &Tags<'_>, kind: Kind, place: &str) -> Result<Bands, PhotoError> {
    let bands = band_files::read_tiff(bytes, tags, kind, place)?;
    Ok(match tags.orientation() {
        Some(orientation) => bands.turned(orientation),
        None => bands,
    })
}

/// What an error says, without the place at its end.
fn without(error: &PhotoError, place: &str) -> String {
    let message = error.to_string();
    message.strip_suffix(place).map_or(message.as_str(), |rest| rest.trim_end_matches([':', ' '])).to_owned()
}

/// Whether a picture of this size may be decoded.
pub(super) fn check_size(width: u64, height: u64, place: &str) -> Result<(), PhotoError> {
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
