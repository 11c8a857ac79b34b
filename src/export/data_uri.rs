//! Pictures as text, to be written where a file's address is asked for.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use image::{
    ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

/// Of 100: no blocks to be seen, beside a colour map's smooth colours too.
const JPEG_QUALITY: u8 = 92;

/// A picture as the text of a PNG.
pub fn png(picture: &RgbImage) -> String {
    let mut bytes = Vec::new();
    encode(PngEncoder::new(&mut bytes), picture);
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(bytes))
}

/// A picture as the text of a JPEG, some ten times shorter than its PNG.
pub fn jpeg(picture: &RgbImage) -> String {
    let mut bytes = Vec::new();
    encode(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY), picture);
    format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(bytes))
}

fn encode(encoder: impl ImageEncoder, picture: &RgbImage) {
    // An encoder that writes to memory has nothing that could fail.
    let _ = encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8);
}
