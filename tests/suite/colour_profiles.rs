//! Colour profiles: the colours that they mean are LittleCMS's (`tests/fixtures/pictures.py`), in every format and depth,
//! or the numbers are taken as they are; what became of them is in the record, and is done again from it.

use std::{
    fs,
    io::Cursor,
    path::Path,
    process::{Command, Output},
};

use igoscope::imaging::{Colours, Origin, Photo, PhotoError, Profiles};
use image::{
    DynamicImage, GrayImage, ImageEncoder, ImageFormat, RgbImage, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder, tiff::TiffEncoder, webp::WebPEncoder},
};
use serde_json::Value;

use crate::common::path;

/// With the name that each has for itself.
const WIDE: [(&str, &str); 3] =
    [("display-p3", "Display P3"), ("adobe-rgb", "Adobe RGB (1998)"), ("prophoto-rgb", "ProPhoto RGB")];
const FORMATS: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Tiff];
/// How many levels two ways to compute a colour may be apart.
const LEVELS: u8 = 2;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(path("tests/fixtures/pictures").join(name)).unwrap()
}

fn profile(name: &str) -> Vec<u8> {
    fixture(&format!("{name}.icc"))
}

/// A picture of the fixtures as it is stored.
fn picture(name: &str) -> RgbImage {
    image::load_from_memory(&fixture(&format!("{name}.png"))).unwrap().into_rgb8()
}

/// A file with a colour profile.
fn with_profile(picture: &DynamicImage, format: ImageFormat, icc: &[u8]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let (width, height, kind) = (picture.width(), picture.height(), picture.color().into());
    macro_rules! write {
        ($encoder:expr) => {{
            let mut encoder = $encoder;
            encoder.set_icc_profile(icc.to_vec()).unwrap();
            encoder.write_image(picture.as_bytes(), width, height, kind).unwrap();
        }};
    }
    match format {
        ImageFormat::Png => write!(PngEncoder::new(&mut bytes)),
        ImageFormat::Jpeg => write!(JpegEncoder::new_with_quality(&mut bytes, 95)),
        ImageFormat::WebP => write!(WebPEncoder::new_lossless(&mut bytes)),
        _ => write!(TiffEncoder::new(&mut bytes)),
    }
    bytes.into_inner()
}

fn open(bytes: &[u8], profiles: Profiles) -> Photo {
    Photo::decode_with(bytes, "outside", Origin::Clipboard, profiles).unwrap()
}

/// How many levels two pictures are apart at most.
fn apart(one: &RgbImage, other: &RgbImage) -> u8 {
    assert_eq!(one.dimensions(), other.dimensions());
    one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn colours_are_those_that_littlecms_finds() {
    let patches = picture("patches");
    for (name, title) in WIDE {
        let expected = picture(&format!("patches.{name}"));
        assert!(apart(&patches, &expected) > 100, "{name} means other colours");
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
            let photo = open(&with_profile(&patches.clone().into(), format, &profile(name)), Profiles::Convert);
            let apart = apart(&photo.image, &expected);
            assert!(apart <= LEVELS, "{name} in {format:?}: {apart} levels apart");
            let colours = Colours { profiles: Profiles::Convert, profile: Some(title.to_owned()), converted: true };
            assert_eq!((photo.colours, photo.warnings), (colours, vec![]));
        }
    }
}

#[test]
fn sixteen_bits_and_floats_are_converted_before_they_become_eight() {
    let patches = DynamicImage::from(picture("patches"));
    let expected = picture("patches.prophoto-rgb");
    let deep = [
        (ImageFormat::Png, DynamicImage::from(patches.to_rgb16())),
        (ImageFormat::Png, patches.to_rgba16().into()),
        (ImageFormat::Tiff, patches.to_rgb16().into()),
        (ImageFormat::Tiff, patches.to_rgb32f().into()),
        (ImageFormat::Tiff, patches.to_rgba32f().into()),
    ];
    for (format, picture) in deep {
        let photo = open(&with_profile(&picture, format, &profile("prophoto-rgb")), Profiles::Convert);
        let apart = apart(&photo.image, &expected);
        assert!(apart <= LEVELS, "{:?} in {format:?}: {apart} levels apart", picture.color());
    }
}

#[test]
fn every_format_brings_its_profile() {
    let patches = DynamicImage::from(image::imageops::resize(
        &picture("patches"),
        128,
        64,
        image::imageops::FilterType::Triangle,
    ));
    for format in FORMATS {
        let bytes = with_profile(&patches, format, &profile("display-p3"));
        let stored = open(&bytes, Profiles::Ignore);
        assert_eq!(stored.image, image::load_from_memory(&bytes).unwrap().into_rgb8(), "{format:?}");
        let colours = Colours { profiles: Profiles::Ignore, profile: Some("Display P3".to_owned()), converted: false };
        assert_eq!(stored.colours, colours, "{format:?}");
        let again = with_profile(&stored.image.clone().into(), ImageFormat::Png, &profile("display-p3"));
        assert_eq!(open(&bytes, Profiles::Convert).image, open(&again, Profiles::Convert).image, "{format:?}");
        assert_ne!(open(&bytes, Profiles::Convert).image, stored.image, "{format:?}");
    }
}

#[test]
fn srgb_changes_nothing_bit_for_bit() {
    let patches = picture("patches");
    for format in FORMATS {
        let bytes = with_profile(&patches.clone().into(), format, &profile("srgb"));
        let photo = open(&bytes, Profiles::Convert);
        assert_eq!(photo.image, image::load_from_memory(&bytes).unwrap().into_rgb8(), "{format:?}");
        assert_eq!((photo.colours.profile.as_deref(), photo.colours.converted), (Some("sRGB"), false));
    }
    // A profile of somebody else's, of 3 kB with tables of 1024 values.
    let flower = path("assets/samples/flower.jpg");
    let photo = Photo::open(&flower).unwrap();
    assert_eq!(photo.image, image::open(&flower).unwrap().into_rgb8());
    assert_eq!(photo.colours.profile.as_deref(), Some("sRGB IEC61966-2.1"));
}

#[test]
fn greys_have_profiles_too() {
    let ramp = GrayImage::from_fn(32, 8, |x, y| image::Luma([(y * 32 + x) as u8]));
    let photo = open(&with_profile(&ramp.into(), ImageFormat::Png, &profile("grey")), Profiles::Convert);
    assert!(apart(&photo.image, &picture("ramp.grey")) <= LEVELS);
    assert!(photo.colours.converted);
}

#[test]
fn transparency_is_no_colour() {
    let clear = RgbaImage::from_fn(3, 1, |x, _| image::Rgba([255, 0, 0, [0, 128, 255][x as usize]]));
    let photo = open(&with_profile(&clear.into(), ImageFormat::Png, &profile("adobe-rgb")), Profiles::Convert);
    let levels: Vec<[u8; 3]> = photo.image.pixels().map(|pixel| pixel.0).collect();
    assert_eq!(levels, [[255; 3], [255, 127, 127], [255, 0, 0]]);
}

#[test]
fn a_profile_that_cannot_be_used_costs_the_picture_nothing_and_is_said() {
    let patches = picture("patches");
    for icc in [b"no profile at all".to_vec(), profile("grey"), profile("display-p3")[..300].to_vec()] {
        let bytes = with_profile(&patches.clone().into(), ImageFormat::Png, &icc);
        let photo = open(&bytes, Profiles::Convert);
        assert_eq!((&photo.image, photo.colours.converted), (&patches, false));
        let [warning] = &photo.warnings[..] else { panic!("{:?}", photo.warnings) };
        assert!(warning.contains("cannot be used") && warning.ends_with(": outside"), "{warning}");
        assert_eq!(open(&bytes, Profiles::Ignore).warnings, Vec::<String>::new());
    }
}

#[test]
fn no_profile_panics_when_it_is_cut_or_changed() {
    let patches = DynamicImage::from(picture("patches"));
    for (name, _) in WIDE {
        let icc = profile(name);
        for at in 0..icc.len() {
            let mut changed = icc.clone();
            changed[at] = !changed[at];
            for icc in [&changed[..], &icc[..at]] {
                let bytes = with_profile(&patches, ImageFormat::Tiff, icc);
                let opened = Photo::decode(&bytes, "changed", Origin::Sample);
                assert!(opened.is_ok() || matches!(opened, Err(PhotoError::NotAPicture { .. })), "{opened:?}");
            }
        }
    }
}

fn explain(more: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(["explain", "--method", "grad-cam", "--curve-steps", "2", "--random-orders", "1"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn record(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("wide").join("run.json")).unwrap()).unwrap()
}

#[test]
fn the_record_says_what_was_done_and_does_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let large = image::imageops::resize(&picture("patches"), 256, 256, image::imageops::FilterType::Triangle);
    let file = folder.path().join("wide.png");
    fs::write(&file, with_profile(&large.into(), ImageFormat::Png, &profile("adobe-rgb"))).unwrap();
    let file = file.to_str().unwrap();
    let mut sums = Vec::new();
    for (name, flags, converted) in [("converted", &[][..], true), ("ignored", &["--profiles", "ignore"], false)] {
        let out = folder.path().join(name);
        let output = explain(&[&[file, "--out", out.to_str().unwrap()], flags].concat());
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.contains("colours converted from “Adobe RGB (1998)” to sRGB"), converted, "{said}");
        let first = record(&out);
        let wanted = serde_json::json!({
            "profiles": if converted { "convert" } else { "ignore" },
            "profile": "Adobe RGB (1998)",
            "converted": converted,
        });
        assert_eq!(first["colours"], wanted);
        let again = folder.path().join(format!("{name} again"));
        explain(&["--config", out.join("wide/run.json").to_str().unwrap(), "--out", again.to_str().unwrap()]);
        assert_eq!(record(&again)["colours"], wanted);
        assert_eq!(record(&again)["image_sha256"], first["image_sha256"]);
        sums.push(first["image_sha256"].clone());
    }
    assert_ne!(sums[0], sums[1]);
}

#[test]
fn a_warning_is_said_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wide.png");
    fs::write(&file, with_profile(&picture("patches").into(), ImageFormat::Png, b"no profile")).unwrap();
    let output = explain(&[file.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("igoscope: The picture's colour profile cannot be used"), "{said}");
}
