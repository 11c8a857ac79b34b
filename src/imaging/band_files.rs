//! Files of pictures that have other bands than red, green and blue: arrays of NumPy's, and TIFFs.

use std::{
    fs::File,
    io::{Cursor, Read},
    path::Path,
};

use tiff::{
    TiffError,
    decoder::{Decoder, DecodingResult, Limits},
};

use super::{
    Size,
    bands::Bands,
    channels::MAX_CHANNELS,
    npy::{Array, Header, in_words},
    photo::{MAX_DECODER_BYTES, check_size},
    photo_error::{PhotoError, one_line},
    tags::Tags,
};

/// Bytes that an array's header has at most, whatever its shape.
const HEAD_BYTES: u64 = 4096;

/// Bytes of a number as it is kept.
const BYTES: u64 = size_of::<f32>() as u64;

/// The bands, width and height of an array of this shape, and whether the bands are its last axis; none if it is no picture.
/// The smaller one of its first and last axis is the bands.
fn layout(sides: &[usize]) -> Option<(usize, Size, bool)> {
    let &[first, second, third] = sides else { return None };
    let is_last = third < first;
    let (count, width, height) = if is_last { (third, second, first) } else { (first, third, second) };
    (2..=MAX_CHANNELS).contains(&count).then_some((count, Size { width, height }, is_last))
}

/// How many bands the array in a file has that is a picture; none if it is no file of such an array.
pub fn bands_in(path: &Path) -> Option<usize> {
    let mut beginning = Vec::new();
    File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut beginning)).ok()?;
    let Header { sides, .. } = Header::read(&beginning).ok()?;
    layout(&sides).map(|(count, ..)| count)
}

/// The picture that an array is.
///
/// # Errors
/// It is none, or too large.
pub(super) fn read_array(bytes: &[u8], place: &str) -> Result<Bands, PhotoError> {
    let refused = |reason: String| PhotoError::Bands { reason, place: place.to_owned() };
    let sides = Header::read(bytes).map_err(refused)?.sides;
    let (count, size, is_last) = layout(&sides).ok_or_else(|| {
        refused(format!(
            "its shape is ({}), of which the shortest end is to be 2 to {MAX_CHANNELS} bands",
            in_words(&sides)
        ))
    })?;
    check(size, count, place)?;
    let Array { values, largest, .. } = Array::read(bytes).map_err(refused)?;
    let values = if is_last { planes(&values, count) } else { values };
    let values = match largest {
        Some(largest) => values.into_iter().map(|value| value / largest).collect(),
        None => values,
    };
    Bands::new(size, values, false).map_err(refused)
}

/// What kind of bands a TIFF has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Red, green and blue, and more.
    Colours,
    /// Others.
    Others,
}

/// The kind of a TIFF's bands, if it has others than those of a usual picture, by its tags.
pub(super) fn kind_of(tags: &Tags<'_>) -> Option<Kind> {
    const BLACK_IS_ZERO: u32 = 1;
    const RGB: u32 = 2;
    const UNSPECIFIED: u32 = 0;
    let (samples, extra) = (tags.samples(), tags.extra_samples());
    let is_alpha = |kind: &u32| *kind != UNSPECIFIED;
    match tags.photometric() {
        Some(RGB) if samples > 3 && extra.first().is_some_and(|kind| !is_alpha(kind)) => Some(Kind::Colours),
        Some(RGB) if samples > 4 => Some(Kind::Colours),
        Some(BLACK_IS_ZERO) if samples == 2 && extra.first().is_some_and(is_alpha) => None,
        Some(BLACK_IS_ZERO) if samples > 1 => Some(Kind::Others),
        _ => None,
    }
}

/// All samples of the first picture of a TIFF as bands, of the kind that its tags say.
///
/// # Errors
/// It is damaged, of a variety that is not read, or too large.
pub(super) fn read_tiff(bytes: &[u8], tags: &Tags<'_>, kind: Kind, place: &str) -> Result<Bands, PhotoError> {
    let refused = |error: TiffError| refusal(error, place);
    // The decoder leaves out what there is besides red, green and blue, unless nothing says that those are colours.
    let renamed = (kind == Kind::Colours).then(|| tags.with_photometric_of_bands());
    let bytes = renamed.as_deref().unwrap_or(bytes);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_DECODER_BYTES as usize;
    limits.intermediate_buffer_size = MAX_DECODER_BYTES as usize;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(refused)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(refused)?;
    let size = Size { width: width as usize, height: height as usize };
    let count = usize::from(decoder.colortype().map_err(refused)?.num_samples());
    check(size, count, place)?;
    let mut result = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut result).map_err(refused)?;
    if result.as_buffer(0).byte_len() < layout.complete_len {
        return Err(PhotoError::TooMuchMemory { place: place.to_owned() });
    }
    let numbers = numbers(result);
    if numbers.len() != count * size.area() {
        let reason = format!("{} numbers for {count} bands of {size} pixels", numbers.len());
        return Err(PhotoError::Damaged { reason, place: place.to_owned() });
    }
    let values = if layout.planes > 1 { numbers } else { planes(&numbers, count) };
    Bands::new(size, values, kind == Kind::Colours)
        .map_err(|reason| PhotoError::Bands { reason, place: place.to_owned() })
}

/// Whether so many bands of a size can be kept.
fn check(size: Size, count: usize, place: &str) -> Result<(), PhotoError> {
    check_size(size.width as u64, size.height as u64, place)?;
    if !(1..=MAX_CHANNELS).contains(&count) {
        let reason = format!("there are {count} of them, and igoscope shows networks 1 to {MAX_CHANNELS}");
        return Err(PhotoError::Bands { reason, place: place.to_owned() });
    }
    if BYTES * count as u64 * size.area() as u64 > MAX_DECODER_BYTES {
        return Err(PhotoError::TooMuchMemory { place: place.to_owned() });
    }
    Ok(())
}

/// What a decoder's refusal means to the person who chose the picture.
fn refusal(error: TiffError, place: &str) -> PhotoError {
    let place = place.to_owned();
    match error {
        TiffError::LimitsExceeded => PhotoError::TooMuchMemory { place },
        TiffError::UnsupportedError(error) => PhotoError::NotAPicture {
            found: format!("a variety that cannot be read ({})", one_line(&error.to_string())),
            place,
        },
        other => PhotoError::Damaged { reason: one_line(&other.to_string()), place },
    }
}

/// Integers as shares of the largest of their kind, floats as they are.
fn numbers(decoded: DecodingResult) -> Vec<f32> {
    fn shares<T: Copy>(values: Vec<T>, number: impl Fn(T) -> f32, largest: T) -> Vec<f32> {
        let largest = number(largest);
        values.into_iter().map(|value| number(value) / largest).collect()
    }
    match decoded {
        DecodingResult::U8(values) => shares(values, f32::from, u8::MAX),
        DecodingResult::U16(values) => shares(values, f32::from, u16::MAX),
        DecodingResult::U32(values) => shares(values, |value| value as f32, u32::MAX),
        DecodingResult::U64(values) => shares(values, |value| value as f32, u64::MAX),
        DecodingResult::I8(values) => shares(values, f32::from, i8::MAX),
        DecodingResult::I16(values) => shares(values, f32::from, i16::MAX),
        DecodingResult::I32(values) => shares(values, |value| value as f32, i32::MAX),
        DecodingResult::I64(values) => shares(values, |value| value as f32, i64::MAX),
        DecodingResult::F16(values) => values.into_iter().map(f32::from).collect(),
        DecodingResult::F32(values) => values,
        DecodingResult::F64(values) => values.into_iter().map(|value| value as f32).collect(),
    }
}

/// Band after band what is pixel after pixel.
fn planes(pixels: &[f32], count: usize) -> Vec<f32> {
    (0..count).flat_map(|band| pixels.iter().skip(band).step_by(count)).copied().collect()
}
