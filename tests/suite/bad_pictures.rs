//! Pictures as they come from outside: odd, huge, cut short or no pictures at all. None may panic, hang or take
//! memory without bound; the readable ones must look as a person expects.

use std::fs::{self, File};
use std::io::Cursor;
use std::path::PathBuf;

use igoscope::imaging::{MAX_FILE_BYTES, Origin, Photo, PhotoError};
use image::codecs::gif::GifEncoder;
use image::{
    DynamicImage, Frame, GrayAlphaImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::common;

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255; 3];

const FORMATS: [ImageFormat; 8] = [
    ImageFormat::Bmp,
    ImageFormat::Gif,
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::Pnm,
    ImageFormat::Tga,
    ImageFormat::Tiff,
    ImageFormat::WebP,
];

/// 32×32 in quarters of red, green, blue and grey, as four inverted inks; saved by Pillow as Photoshop would.
const CMYK_JPEG: &[u8] = &[
    0xFF, 0xD8, 0xFF, 0xEE, 0x00, 0x0E, 0x41, 0x64, 0x6F, 0x62, 0x65, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF,
    0xDB, 0x00, 0x43, 0x00, 0x10, 0x0B, 0x0C, 0x0E, 0x0C, 0x0A, 0x10, 0x0E, 0x0D, 0x0E, 0x12, 0x11, 0x10, 0x13, 0x18,
    0x28, 0x1A, 0x18, 0x16, 0x16, 0x18, 0x31, 0x23, 0x25, 0x1D, 0x28, 0x3A, 0x33, 0x3D, 0x3C, 0x39, 0x33, 0x38, 0x37,
    0x40, 0x48, 0x5C, 0x4E, 0x40, 0x44, 0x57, 0x45, 0x37, 0x38, 0x50, 0x6D, 0x51, 0x57, 0x5F, 0x62, 0x67, 0x68, 0x67,
    0x3E, 0x4D, 0x71, 0x79, 0x70, 0x64, 0x78, 0x5C, 0x65, 0x67, 0x63, 0xFF, 0xC0, 0x00, 0x14, 0x08, 0x00, 0x20, 0x00,
    0x20, 0x04, 0x43, 0x11, 0x00, 0x4D, 0x11, 0x00, 0x59, 0x11, 0x00, 0x4B, 0x11, 0x00, 0xFF, 0xC4, 0x00, 0x16, 0x00,
    0x01, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x07,
    0xFF, 0xC4, 0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xFF, 0xDA, 0x00, 0x0E, 0x04, 0x43, 0x00, 0x4D, 0x00, 0x59, 0x00, 0x4B, 0x00, 0x00, 0x3F, 0x00,
    0xD0, 0x19, 0xFB, 0x3F, 0x68, 0x00, 0x09, 0xFD, 0x40, 0x00, 0x02, 0x80, 0x4F, 0xE0, 0x00, 0x9F, 0xD4, 0x00, 0x00,
    0x09, 0xFD, 0x40, 0x00, 0x0A, 0x01, 0x40, 0x0C, 0xF8, 0x01, 0x3F, 0xA7, 0xF1, 0xA0, 0x80, 0x28, 0x05, 0x00, 0x33,
    0xE0, 0x07, 0xFF, 0xD9,
];

/// 2×2 with a palette of red, green and a transparent third, saved by Pillow: red, green; transparent, red.
const PALETTE_PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x02, 0x02, 0x03, 0x00, 0x00, 0x00, 0x0F, 0xD8, 0xE5, 0xB7, 0x00, 0x00, 0x00, 0x09, 0x50,
    0x4C, 0x54, 0x45, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0x2D, 0x4A, 0xCD, 0x8A, 0x00, 0x00, 0x00,
    0x03, 0x74, 0x52, 0x4E, 0x53, 0xFF, 0xFF, 0x00, 0xD7, 0xCA, 0x0D, 0x41, 0x00, 0x00, 0x00, 0x0C, 0x49, 0x44, 0x41,
    0x54, 0x78, 0xDA, 0x63, 0x10, 0x60, 0x2A, 0x00, 0x00, 0x00, 0xA8, 0x00, 0x83, 0x0B, 0xE6, 0x44, 0x13, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

fn decode(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::decode(bytes, "outside", Origin::Clipboard)
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Left half red, right half blue.
fn two_halves(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { RED } else { BLUE })).into()
}

/// Colours everywhere, so that every byte of a file counts.
fn busy(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 37 + y * 11) as u8, (x * y * 7) as u8, (x * 5 + y * y * 3) as u8])
    })
    .into()
}

/// A new folder with one file in it.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn is_about(pixel: &Rgb<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 12)
}

/// The check sum of a PNG chunk (CRC-32, reflected).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

/// A correct PNG whose header then claims another size.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&busy(2, 2), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// A correct JPEG whose frame header then claims another size.
fn jpeg_claiming(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = encoded(&busy(8, 8), ImageFormat::Jpeg);
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// `jpeg` with an EXIF segment that gives the orientation (1 to 8).
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

// What cannot be opened.

#[test]
fn a_missing_file_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("none.png"), PathBuf::new()] {
        assert!(matches!(Photo::open(&path), Err(PhotoError::NotFound { .. })), "{path:?}");
    }
}

#[test]
fn a_path_through_a_file_is_not_found() {
    let (_folder, path) = file("a.png", b"x");
    assert!(matches!(
        Photo::open(&path.join("b.png")),
        Err(PhotoError::NotFound { .. } | PhotoError::Unreadable { .. })
    ));
}

#[test]
fn a_folder_is_told_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let error = Photo::open(folder.path()).unwrap_err();
    assert!(matches!(error, PhotoError::IsAFolder { .. }), "{error}");
    assert!(error.to_string().ends_with(&*folder.path().to_string_lossy()), "{error}");
}

#[cfg(unix)]
#[test]
fn an_endless_device_and_a_silent_pipe_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.png");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe, PathBuf::from("/dev/zero")] {
        assert!(matches!(Photo::open(&path), Err(PhotoError::NotAFile { .. })), "{path:?}");
    }
}

#[test]
fn an_empty_file_is_empty() {
    let (_folder, path) = file("empty.png", b"");
    assert!(matches!(Photo::open(&path), Err(PhotoError::Empty { .. })));
}

#[test]
fn text_called_jpg_is_not_a_picture_and_the_formats_are_named() {
    let (_folder, path) = file("letter.jpg", b"Dear Sir or Madam,\nplease find attached");
    let error = Photo::open(&path).unwrap_err();
    assert!(matches!(error, PhotoError::NotAPicture { .. }), "{error}");
    assert!(error.to_string().starts_with("This is not a picture. Convert it to one of BMP, GIF, JPEG"), "{error}");
}

#[test]
fn formats_known_but_not_read_are_named() {
    for (bytes, name) in [
        (&b"\0\0\0\x20ftypavif\0\0\0\0"[..], "an AVIF picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "an HEIC picture"),
        (b"II+\0\x08\0\0\0", "a BigTIFF picture"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xFF\x0A\xFA\x1F", "a JPEG XL picture"),
        (b"8BPS\0\x01\0\0", "a Photoshop picture (PSD)"),
        (b"<?xml version=\"1.0\"?>\n<svg/>", "a drawing (SVG)"),
        (b"%PDF-1.7", "a PDF document"),
        (b"qoif\0\0\0\x01", "a picture of the format Qoi"),
    ] {
        let error = decode(bytes).unwrap_err();
        assert!(matches!(error, PhotoError::NotAPicture { .. }), "{error}");
        assert!(error.to_string().starts_with(&format!("This is {name}. Convert it to one of BMP")), "{error}");
    }
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let (_folder, path) = file("long.png", b"");
    // A hole: the length without the bytes.
    File::options().write(true).open(&path).unwrap().set_len(2 * MAX_FILE_BYTES).unwrap();
    assert!(matches!(Photo::open(&path), Err(PhotoError::FileTooLarge { bytes, .. }) if bytes == 2 * MAX_FILE_BYTES));
}

#[test]
fn a_header_of_too_many_pixels_is_refused_by_its_numbers() {
    for bytes in [png_claiming(20_000, 20_000), jpeg_claiming(20_000, 20_000)] {
        let error = decode(&bytes).unwrap_err();
        assert!(matches!(error, PhotoError::TooLarge { width: 20_000, height: 20_000, .. }), "{error}");
    }
    assert!(matches!(decode(&png_claiming(10_001, 10_000)), Err(PhotoError::TooLarge { .. })));
    assert!(matches!(decode(&png_claiming(10_000, 10_000)), Err(PhotoError::Damaged { .. })));
    assert!(matches!(decode(b"P6 70000 70000 255\n"), Err(PhotoError::TooLarge { .. })));
}

#[test]
fn a_jpeg_cut_anywhere_is_damaged() {
    let bytes = encoded(&busy(33, 21), ImageFormat::Jpeg);
    decode(&bytes).unwrap();
    for cut in 3..bytes.len() {
        let error = decode(&bytes[..cut]).expect_err("cut short");
        assert!(matches!(error, PhotoError::Damaged { .. }), "cut at {cut}: {error}");
    }
}

/// JPEGs as programs write them: `tests/fixtures/pictures.py`.
fn jpegs() -> Vec<(String, Vec<u8>)> {
    let folder = common::path("tests/fixtures/pictures");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jpg"));
    assert_eq!(files.len(), 9);
    files.into_iter().map(|file| (file.display().to_string(), fs::read(file).unwrap())).collect()
}

/// Where the data of each scan begin and end.
fn scans(jpeg: &[u8]) -> Vec<(usize, usize)> {
    let is_marker = |at: usize| jpeg[at] == 0xFF && !matches!(jpeg[at + 1], 0 | 0xD0..=0xD7 | 0xFF);
    let heads = (0..jpeg.len() - 1).filter(|&at| jpeg[at..at + 2] == [0xFF, 0xDA]);
    heads
        .map(|head| {
            let start = head + 2 + usize::from(u16::from_be_bytes([jpeg[head + 2], jpeg[head + 3]]));
            (start, (start..jpeg.len() - 1).find(|&at| is_marker(at)).unwrap())
        })
        .collect()
}

#[test]
fn a_jpeg_whose_end_is_missing_is_damaged_though_an_end_marker_was_put_on() {
    for (name, bytes) in jpegs() {
        decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let middle = [&bytes[..bytes.len() / 2], &[0xFF, 0xD9]].concat();
        assert!(matches!(decode(&middle), Err(PhotoError::Damaged { .. })), "{name} cut in the middle");
        for (start, end) in scans(&bytes) {
            // The last bits are of the last block, whose loss nobody sees.
            let last = end.saturating_sub(100);
            for cut in (start..last).filter(|&cut| bytes[cut - 1] != 0xFF) {
                // What follows a scan stays: it lacks a part and is no shorter picture.
                let short = [&bytes[..cut], &bytes[end..]].concat();
                let error = decode(&short).err();
                assert!(matches!(error, Some(PhotoError::Damaged { .. })), "{name} without {cut} to {end}: {error:?}");
            }
        }
    }
}

#[test]
fn a_jpeg_without_one_of_its_colours_is_damaged() {
    // Baseline, with its luminance only: the scan names one component of three.
    let bytes = encoded(&busy(33, 21), ImageFormat::Jpeg);
    let head = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let one = [&bytes[..head], &[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0], &[0; 400], &[0xFF, 0xD9]].concat();
    let error = decode(&one).unwrap_err();
    assert!(error.to_string().contains("a part of it is missing"), "{error}");
}

#[test]
fn a_png_cut_before_its_last_pixel_is_damaged() {
    // After the pixels stand their check sums (8 bytes) and the end chunk (12), whose lack costs nothing.
    let bytes = encoded(&busy(33, 21), ImageFormat::Png);
    decode(&bytes).unwrap();
    for cut in 8..bytes.len() - 20 {
        let error = decode(&bytes[..cut]).expect_err("cut short");
        assert!(matches!(error, PhotoError::Damaged { .. }), "cut at {cut}: {error}");
    }
}

#[test]
fn no_format_panics_when_cut_anywhere() {
    for format in FORMATS {
        let bytes = encoded(&busy(19, 11), format);
        for cut in 0..bytes.len() {
            let path = PathBuf::from("cut.tga");
            let _ = Photo::decode(&bytes[..cut], "cut", Origin::File(path));
        }
    }
}

// What can be opened, and how it must look.

#[test]
fn every_format_opens_whatever_it_is_called() {
    for format in FORMATS {
        // TGA has no signature: there the name is all there is.
        let name = if format == ImageFormat::Tga { "red blue.TGA" } else { "red blue.docx" };
        let (_folder, path) = file(name, &encoded(&two_halves(32, 16), format));
        let photo = Photo::open(&path).unwrap();
        assert_eq!((photo.width(), photo.height()), (32, 16), "{format:?}");
        assert_eq!((photo.name.as_str(), photo.origin), ("red blue", Origin::File(path)));
        assert!(is_about(photo.image.get_pixel(2, 8), RED), "{format:?}");
        assert!(is_about(photo.image.get_pixel(29, 8), BLUE), "{format:?}");
    }
}

#[test]
fn a_single_pixel_is_a_picture() {
    for format in FORMATS {
        let origin = Origin::File(PathBuf::from("dot.tga"));
        let photo = Photo::decode(&encoded(&two_halves(1, 1), format), "dot", origin).unwrap();
        assert_eq!((photo.width(), photo.height()), (1, 1), "{format:?}");
    }
}

#[test]
fn inks_are_shown_as_the_colours_they_print() {
    let photo = decode(CMYK_JPEG).unwrap();
    for (x, y, colour) in [(8, 8, RED), (24, 8, GREEN), (8, 24, BLUE), (24, 24, [127; 3])] {
        let pixel = photo.image.get_pixel(x, y);
        assert!(is_about(pixel, colour), "{pixel:?} is not {colour:?}");
    }
}

#[test]
fn sixteen_bits_become_the_nearest_eight() {
    let deep = ImageBuffer::from_pixel(1, 1, Rgb([0_u16, 0x8080, 0xFFFF]));
    let photo = decode(&encoded(&DynamicImage::ImageRgb16(deep), ImageFormat::Png)).unwrap();
    assert_eq!(photo.image.get_pixel(0, 0).0, [0, 0x80, 0xFF]);
    let grey = ImageBuffer::from_pixel(1, 1, Luma([0x4040_u16]));
    let photo = decode(&encoded(&DynamicImage::ImageLuma16(grey), ImageFormat::Png)).unwrap();
    assert_eq!(photo.image.get_pixel(0, 0).0, [0x40; 3]);
}

#[test]
fn a_palette_is_looked_up_and_its_transparent_colour_is_white() {
    let photo = decode(PALETTE_PNG).unwrap();
    let colours: Vec<[u8; 3]> = photo.image.pixels().map(|pixel| pixel.0).collect();
    assert_eq!(colours, [RED, GREEN, WHITE, RED]);
}

#[test]
fn transparency_is_put_over_white() {
    let rgba = RgbaImage::from_fn(3, 1, |x, _| Rgba([0, 0, 0, [0, 128, 255][x as usize]]));
    let grey = GrayAlphaImage::from_fn(3, 1, |x, _| LumaA([0, [0, 128, 255][x as usize]]));
    for picture in [DynamicImage::from(rgba), DynamicImage::from(grey)] {
        let photo = decode(&encoded(&picture, ImageFormat::Png)).unwrap();
        let levels: Vec<[u8; 3]> = photo.image.pixels().map(|pixel| pixel.0).collect();
        assert_eq!(levels, [WHITE, [127; 3], [0; 3]]);
    }
}

#[test]
fn a_photo_taken_with_the_camera_turned_stands_upright() {
    let jpeg = encoded(&two_halves(32, 16), ImageFormat::Jpeg);
    // Orientation 6: to be turned a quarter to the right, so left becomes top. 8: to the left. 3: upside down.
    for (orientation, size, at_red, at_blue) in [
        (1, (32, 16), (2, 8), (29, 8)),
        (3, (32, 16), (29, 8), (2, 8)),
        (6, (16, 32), (8, 2), (8, 29)),
        (8, (16, 32), (8, 29), (8, 2)),
    ] {
        let photo = decode(&with_orientation(&jpeg, orientation)).unwrap();
        assert_eq!(photo.image.dimensions(), size, "orientation {orientation}");
        assert!(is_about(photo.image.get_pixel(at_red.0, at_red.1), RED), "orientation {orientation}");
        assert!(is_about(photo.image.get_pixel(at_blue.0, at_blue.1), BLUE), "orientation {orientation}");
    }
}

/// A directory that gives the orientation as a number of 32 bits.
const LONG_ORIENTATION: &[u8] = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x06\0\0\0\0";

#[test]
fn an_orientation_is_read_however_long_its_number_is() {
    let jpeg = encoded(&two_halves(32, 16), ImageFormat::Jpeg);
    let exif = [b"Exif\0\0", LONG_ORIENTATION].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let turned = [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat();
    assert_eq!(decode(&turned).unwrap().image.dimensions(), (16, 32));
}

#[test]
fn a_png_is_turned_as_its_metadata_say_whether_they_stand_before_its_pixels_or_behind() {
    let png = encoded(&two_halves(32, 16), ImageFormat::Png);
    let body = [b"eXIf", LONG_ORIENTATION].concat();
    let length = u32::try_from(LONG_ORIENTATION.len()).unwrap().to_be_bytes();
    let chunk = [&length[..], &body, &crc(&body).to_be_bytes()].concat();
    let behind_header = 8 + 25;
    let before_end = png.len() - 12;
    for at in [behind_header, before_end] {
        let photo = decode(&[&png[..at], &chunk, &png[at..]].concat()).unwrap();
        assert_eq!(photo.image.dimensions(), (16, 32), "at {at}");
        assert!(is_about(photo.image.get_pixel(8, 2), RED), "at {at}");
    }
}

/// A TIFF of one row without compression: its channels in bits, their bytes, and further tags of one number each.
fn tiff(width: u32, bits: &[u16], pixels: &[u8], tags: &[(u16, u16)]) -> Vec<u8> {
    let mut entries: Vec<(u16, u16, u32, u32)> = vec![
        (256, 4, 1, width),
        (257, 4, 1, 1),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (277, 3, 1, bits.len() as u32),
        (278, 4, 1, 1),
        (279, 4, 1, pixels.len() as u32),
    ];
    entries.extend(tags.iter().map(|&(tag, number)| (tag, 3, 1, u32::from(number))));
    let after = 8 + 2 + 12 * (entries.len() as u32 + 2) + 4;
    entries.push((258, 3, bits.len() as u32, after));
    entries.push((273, 4, 1, after + 2 * bits.len() as u32));
    entries.sort();
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bits.iter().for_each(|bits| bytes.extend(bits.to_le_bytes()));
    bytes.extend(pixels);
    bytes
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;

#[test]
fn alpha_that_is_multiplied_in_already_is_not_multiplied_in_again() {
    let premultiplied = [60, 0, 128, 128, 0, 0, 0, 0, 9, 8, 7, 255];
    let photo = decode(&tiff(3, &[8; 4], &premultiplied, &[(EXTRA_SAMPLES, 1)])).unwrap();
    assert_eq!(photo.image.as_raw()[..], [187, 127, 255, 255, 255, 255, 9, 8, 7]);
    // The same in 16 bits and in floats.
    let deep: Vec<u8> = premultiplied.iter().flat_map(|&level| (u16::from(level) * 257).to_le_bytes()).collect();
    let photo = decode(&tiff(3, &[16; 4], &deep, &[(EXTRA_SAMPLES, 1)])).unwrap();
    assert!(photo.image.as_raw().iter().zip([187, 127, 255]).all(|(a, b)| a.abs_diff(b) <= 1), "{:?}", photo.image);
    let shares = floats(&premultiplied.map(|level| f32::from(level) / 255.0));
    let photo = decode(&tiff(3, &[32; 4], &shares, &[(EXTRA_SAMPLES, 1), (SAMPLE_FORMAT, 3)])).unwrap();
    assert!(photo.image.as_raw().iter().zip([187, 127, 255]).all(|(a, b)| a.abs_diff(b) <= 1), "{:?}", photo.image);
    // Alpha beside the colours is still multiplied in here.
    let photo = decode(&tiff(3, &[8; 4], &premultiplied, &[(EXTRA_SAMPLES, 2)])).unwrap();
    assert_eq!(photo.image.as_raw()[..3], [157, 127, 191]);
}

#[test]
fn floats_that_are_no_colours_are_refused_with_what_they_are() {
    let open = |values: &[f32]| decode(&tiff(1, &[32; 3], &floats(values), &[(SAMPLE_FORMAT, 3)]));
    assert_eq!(open(&[0.0, 0.5, 1.0]).unwrap().image.as_raw()[..], [0, 128, 255]);
    // Rounding is no reason.
    assert_eq!(open(&[-1e-6, 0.5, 1.000_1]).unwrap().image.as_raw()[..], [0, 128, 255]);
    for (values, found) in [
        ([0.0, 0.5, 255.0], "from 0 to 255"),
        ([0.0, 0.5, 1.5], "from 0 to 1.5"),
        ([-0.25, 0.5, 1.0], "from -0.25 to 1"),
        ([0.0, f32::NAN, 1.0], "NaN"),
        ([0.0, f32::INFINITY, 1.0], "infinity"),
    ] {
        let error = open(&values).unwrap_err();
        assert!(matches!(error, PhotoError::Values { .. }), "{error}");
        assert!(error.to_string().contains(found), "{error}");
    }
}

#[test]
fn integers_of_32_bits_are_not_taken_for_floats() {
    let pixels = floats(&[0.0, 0.5, 1.0]);
    for tags in [&[][..], &[(SAMPLE_FORMAT, 1)]] {
        let error = decode(&tiff(1, &[32; 3], &pixels, tags)).unwrap_err();
        assert!(matches!(error, PhotoError::NotAPicture { .. }), "{error}");
    }
}

#[test]
fn twelve_bits_in_sixteen_are_warned_of() {
    let picture = |most: u16| {
        let ramp = ImageBuffer::from_fn(8, 1, |x, _| Luma([most / 7 * x as u16]));
        decode(&encoded(&DynamicImage::ImageLuma16(ramp), ImageFormat::Png)).unwrap()
    };
    let [warning] = &picture(4095).warnings[..] else { panic!("no warning") };
    assert!(warning.contains("from 0 to 4095 of 65535") && warning.ends_with(": outside"), "{warning}");
    for most in [5000, 65535] {
        assert_eq!(picture(most).warnings, Vec::<String>::new());
    }
    // Transparent or not says nothing of the colours.
    let clear = ImageBuffer::from_fn(2, 1, |x, _| Rgba([0, 4000, 7, 65535 * x as u16]));
    let photo = decode(&encoded(&DynamicImage::ImageRgba16(clear), ImageFormat::Png)).unwrap();
    assert_eq!(photo.warnings.len(), 1);
}

#[test]
fn an_orientation_that_does_not_exist_leaves_the_photo_as_it_is() {
    let photo = decode(&with_orientation(&encoded(&two_halves(32, 16), ImageFormat::Jpeg), 77)).unwrap();
    assert_eq!(photo.image.dimensions(), (32, 16));
}

#[test]
fn an_animation_shows_its_first_frame() {
    let mut bytes = Vec::new();
    let frames =
        [RED, BLUE].map(|[red, green, blue]| Frame::new(RgbaImage::from_pixel(4, 3, Rgba([red, green, blue, 255]))));
    GifEncoder::new(&mut bytes).encode_frames(frames).unwrap();
    let photo = decode(&bytes).unwrap();
    assert_eq!(photo.image, RgbImage::from_pixel(4, 3, Rgb(RED)));
}

proptest! {
    #[test]
    fn a_jpeg_with_some_bytes_changed_is_decoded_or_refused(
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let (_, mut bytes) = which.get(&jpegs()).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = decode(&bytes);
    }

    #[test]
    fn any_bytes_at_all_are_decoded_or_refused(
        signature in prop::sample::select(vec![
            &b""[..], b"\x89PNG\r\n\x1a\n", b"\xFF\xD8\xFF", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", b"MM\0*", b"II*\0", b"BM",
            b"P1 ", b"P3 ", b"P6 ", b"P7\n",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
        called_tga: bool,
    ) {
        let origin = if called_tga { Origin::File(PathBuf::from("any.tga")) } else { Origin::Sample };
        let _ = Photo::decode(&[signature, &rest].concat(), "any", origin);
    }

    #[test]
    fn a_picture_with_some_bytes_changed_is_decoded_or_refused(
        format in prop::sample::select(FORMATS.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = encoded(&busy(9, 7), format);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = Photo::decode(&bytes, "changed", Origin::File(PathBuf::from("changed.tga")));
    }
}
