//! Someone else's map: an array as NumPy keeps it, or a picture, read into rows of numbers.

use std::{
    fs::File,
    io::{Cursor, Read},
    path::Path,
};

use super::{
    Origin, Photo, Profiles,
    npy::{Array, in_words},
};

/// The most bytes of a file, and of an array in it: 256 MiB.
const MOST_BYTES: u64 = 256 << 20;
/// The most channels of a map that are added up.
pub const MAX_MAP_CHANNELS: usize = 4;
/// The most numbers along a side.
const MOST_SIDE: usize = 16_384;

/// Rows of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `height × width` numbers, row by row; all finite.
    pub values: Vec<f32>,
    /// Whether some are below 0.
    pub is_signed: bool,
}

/// Whether a file's name is that of an array.
pub fn is_array(path: &Path) -> bool {
    let is = |extension: &std::ffi::OsStr| ["npy", "npz"].iter().any(|own| extension.eq_ignore_ascii_case(own));
    path.extension().is_some_and(is)
}

/// Reads a map: a `.npy`, the first array of an `.npz`, or a picture, whose brightness counts. Sides of one are left
/// out; of an array of channels (first or last, up to 4) the sizes are added up, as saliencies of pixels usually are.
///
/// # Errors
/// It cannot be read, or is no such array: what was wrong, in words.
pub fn read_grid(path: &Path) -> Result<Grid, String> {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let bytes = || {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| error.to_string())?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > MOST_BYTES { Err("it has more than 256 MiB".to_owned()) } else { Ok(bytes) }
    };
    match extension.to_str() {
        Some("npy") => npy(&bytes()?),
        Some("npz") => npy(&first_of(&bytes()?)?),
        _ => {
            let photo = Photo::open_with(path, Profiles::Ignore).map_err(|error| error.to_string())?;
            Ok(brightness(&photo))
        }
    }
}

fn brightness(photo: &Photo) -> Grid {
    debug_assert!(!matches!(photo.origin, Origin::Sample));
    let (width, height) = photo.image.dimensions();
    // Luma of Rec. 601.
    let luma = |pixel: &image::Rgb<u8>| {
        let [red, green, blue] = pixel.0.map(f32::from);
        (0.299 * red + 0.587 * green + 0.114 * blue) / 255.0
    };
    let values = photo.image.pixels().map(luma).collect();
    Grid { width: width as usize, height: height as usize, values, is_signed: false }
}

/// The bytes of the first array in an archive, which must not be compressed.
fn first_of(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let refused = |error: zip::result::ZipError| match error {
        zip::result::ZipError::UnsupportedArchive(_) => {
            "its arrays are compressed: save it with numpy.savez, or as .npy".to_owned()
        }
        other => format!("it is no archive of arrays ({other})"),
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
    let names = archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned()));
    let name = names.into_iter().find(|name| name.ends_with(".npy"));
    let name = name.ok_or("there is no array in it")?;
    let member = archive.by_name(&name).map_err(refused)?;
    let mut array = Vec::new();
    member.take(MOST_BYTES + 1).read_to_end(&mut array).map_err(|error| error.to_string())?;
    if array.len() as u64 > MOST_BYTES { Err("its array has more than 256 MiB".to_owned()) } else { Ok(array) }
}

fn npy(bytes: &[u8]) -> Result<Grid, String> {
    let Array { sides, values, .. } = Array::read(bytes)?;
    planar(values, &sides).ok_or_else(|| {
        let shape = in_words(&sides);
        format!(
            "its shape is ({shape}): a map has rows and columns, and perhaps up to {MAX_MAP_CHANNELS} channels, each at most {MOST_SIDE}"
        )
    })
}

/// Rows and columns of an array: without sides of one, and with its channels added up by size.
fn planar(values: Vec<f32>, sides: &[usize]) -> Option<Grid> {
    let sides: Vec<usize> = sides.iter().copied().filter(|side| *side != 1).collect();
    let (height, width, values) = match sides[..] {
        [height, width] => (height, width, values),
        [channels, height, width] if channels <= MAX_MAP_CHANNELS => {
            let plane = height * width;
            let sum = |at: usize| (0..channels).map(|channel| values[channel * plane + at].abs()).sum();
            (height, width, (0..plane).map(sum).collect())
        }
        [height, width, channels] if channels <= MAX_MAP_CHANNELS => (
            height,
            width,
            values.chunks_exact(channels).map(|pixel| pixel.iter().map(|value| value.abs()).sum()).collect(),
        ),
        _ => return None,
    };
    let is_signed = values.iter().any(|value: &f32| *value < 0.0);
    let fits = (2..=MOST_SIDE).contains(&height) && (2..=MOST_SIDE).contains(&width);
    fits.then_some(Grid { width, height, values, is_signed })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As NumPy writes it.
    fn array(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn arrays_of_every_usual_kind_are_rows_and_columns() {
        let plain = npy(&array("<f4", "2, 3", &floats(&[1.0, 2.0, 3.0, 4.0, 5.0, -6.0]))).unwrap();
        assert_eq!((plain.width, plain.height, plain.is_signed), (3, 2, true));
        assert_eq!(plain.values, [1.0, 2.0, 3.0, 4.0, 5.0, -6.0]);
        let doubles: Vec<u8> = [0.5_f64, 0.25, 1.0, 2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(npy(&array("<f8", "1, 2, 2", &doubles)).unwrap().values, [0.5, 0.25, 1.0, 2.0]);
        assert_eq!(npy(&array("|u1", "2, 2, 1", &[0, 1, 2, 255])).unwrap().values, [0.0, 1.0, 2.0, 255.0]);
        let channels = floats(&[1.0, -1.0, 2.0, 0.0, -3.0, 0.5, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
        let first = npy(&array("<f4", "3, 2, 2", &channels)).unwrap();
        assert_eq!(first.values, [4.0, 1.5, 3.0, 2.0], "sizes of the channels are added up");
        let last = npy(&array("<f4", "5, 2, 2", &[channels, floats(&[-2.0; 8])].concat())).unwrap();
        assert_eq!((last.height, last.width), (5, 2), "a first side of more than four is none of channels");
        assert_eq!(last.values[..4], [2.0, 2.0, 3.5, 1.0]);
    }

    #[test]
    fn what_is_no_map_is_refused_with_a_reason() {
        let cases = [
            (array("<f4", "2, 3", &floats(&[0.0; 5])), "5 numbers"),
            (array("<f4", "6,", &floats(&[0.0; 6])), "rows and columns"),
            (array("<c8", "2, 2", &[0; 32]), "<c8"),
            (array("<f4", "2, 2", &floats(&[f32::NAN; 4])), "not finite"),
            (array("<f4", "99999999999, 99999999999", &[]), "0 numbers"),
            (array("<f4", "9, 6, 5", &floats(&[0.0; 270])), "4 channels"),
            (b"not an array".to_vec(), "as NumPy keeps it"),
        ];
        for (bytes, said) in cases {
            let why = npy(&bytes).unwrap_err();
            assert!(why.contains(said), "{why} does not say {said}");
        }
        let whole = array("<f4", "2, 2", &floats(&[1.0; 4]));
        for length in 0..whole.len() {
            assert!(npy(&whole[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn pictures_and_archives_are_maps_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.png");
        image::RgbImage::from_fn(4, 3, |x, _| image::Rgb([(x * 80) as u8; 3])).save(&path).unwrap();
        let grid = read_grid(&path).unwrap();
        assert_eq!((grid.width, grid.height), (4, 3));
        assert!((grid.values[3] - 240.0 / 255.0).abs() < 1e-5 && grid.values[0] == 0.0);
        let path = folder.path().join("maps.npz");
        let tensor = candle_core::Tensor::new(&[[0.0_f32, 1.0], [2.0, 3.0]], &candle_core::Device::Cpu).unwrap();
        candle_core::Tensor::write_npz(&[("map", &tensor)], &path).unwrap();
        assert_eq!(read_grid(&path).unwrap().values, [0.0, 1.0, 2.0, 3.0]);
        std::fs::write(&path, "PK is not enough").unwrap();
        assert!(read_grid(&path).unwrap_err().contains("no archive"));
        assert!(is_array(Path::new("a.NPY")) && is_array(Path::new("b.npz")) && !is_array(Path::new("c.png")));
    }
}
