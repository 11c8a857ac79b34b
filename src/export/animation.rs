//! The optimisation as a moving picture: every iteration's mask over the photo, with its number and score below.

use std::error::Error;

use clap::ValueEnum;
use color_quant::NeuQuant;
use image::{Rgb, RgbImage};

use super::{ExportError, Style, tile, words};
use crate::explain::{Explanation, Run};

/// How long a frame is shown, in hundredths of a second: some three iterations a second can be followed.
const FRAME: u16 = 35;
/// How long the last frame is shown before it begins again, in hundredths of a second.
const LAST_FRAME: u16 = 200;
/// Colours of a GIF.
const COLORS: usize = 256;
/// One pixel in so many is used to choose the colours.
const SAMPLED: usize = 37;

/// A format of moving pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Animation {
    /// 256 colours, shown by everything.
    #[default]
    Gif,
    /// Every colour, larger; shown by browsers, and elsewhere as its first frame.
    Apng,
}

impl Animation {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Gif, Self::Apng];

    /// The name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Apng => "APNG",
        }
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Apng => "png",
        }
    }
}

/// A frame for every iteration of `explanation`, in order, all of one size; the one whose mask is the map is marked.
///
/// # Errors
/// A caption cannot be drawn.
pub fn frames(run: &Run, explanation: &Explanation, style: Style, scale: u32) -> Result<Vec<RgbImage>, ExportError> {
    let base = tile::base(run, scale);
    let frames: Result<Vec<RgbImage>, ExportError> = explanation
        .iterations
        .iter()
        .map(|iteration| {
            let frame = tile::overlaid(&base, &iteration.mask.saliency(), style);
            let mut lines = vec![format!("{}, {}", explanation.method.title, words::number(explanation, iteration))];
            lines.extend(words::said_of(iteration));
            lines.extend(words::question(run));
            tile::captioned(&frame, &lines, scale)
        })
        .collect();
    Ok(of_one_size(frames?))
}

/// The frames with white below those that have fewer lines of words than others.
fn of_one_size(frames: Vec<RgbImage>) -> Vec<RgbImage> {
    let height = frames.iter().map(RgbImage::height).max().unwrap_or_default();
    let filled = |frame: RgbImage| {
        if frame.height() == height {
            return frame;
        }
        let mut whole = RgbImage::from_pixel(frame.width(), height, Rgb([u8::MAX; 3]));
        image::imageops::replace(&mut whole, &frame, 0, 0);
        whole
    };
    frames.into_iter().map(filled).collect()
}

/// The frames as the bytes of a file.
///
/// # Errors
/// There are none, they differ in size, or they are too large for the format.
pub fn encode(frames: &[RgbImage], format: Animation) -> Result<Vec<u8>, Box<dyn Error>> {
    match format {
        Animation::Gif => gif(frames),
        Animation::Apng => apng(frames),
    }
}

fn delay(number: usize, frames: &[RgbImage]) -> u16 {
    if number + 1 == frames.len() { LAST_FRAME } else { FRAME }
}

/// All frames share one set of colours, so that nothing flickers where nothing changes.
fn gif(frames: &[RgbImage]) -> Result<Vec<u8>, Box<dyn Error>> {
    let first = frames.first().ok_or("there are no frames")?;
    let (width, height) = (u16::try_from(first.width())?, u16::try_from(first.height())?);
    let sample: Vec<u8> = frames
        .iter()
        .flat_map(|frame| frame.pixels().step_by(SAMPLED))
        .flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2], u8::MAX])
        .collect();
    let colors = NeuQuant::new(1, COLORS, &sample);
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &colors.color_map_rgb())?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    for (number, frame) in frames.iter().enumerate() {
        let indices: Vec<u8> =
            frame.pixels().map(|pixel| colors.index_of(&[pixel.0[0], pixel.0[1], pixel.0[2], u8::MAX]) as u8).collect();
        let delay = delay(number, frames);
        encoder.write_frame(&gif::Frame { width, height, delay, buffer: indices.into(), ..gif::Frame::default() })?;
    }
    drop(encoder);
    Ok(bytes)
}

fn apng(frames: &[RgbImage]) -> Result<Vec<u8>, Box<dyn Error>> {
    let first = frames.first().ok_or("there are no frames")?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, first.width(), first.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(u32::try_from(frames.len())?, 0)?;
    let mut writer = encoder.write_header()?;
    for (number, frame) in frames.iter().enumerate() {
        writer.set_frame_delay(delay(number, frames), 100)?;
        writer.write_image_data(frame)?;
    }
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_with_fewer_words_gets_white_below_it() {
        let frames = of_one_size(vec![RgbImage::new(3, 5), RgbImage::new(3, 7)]);
        assert!(frames.iter().all(|frame| frame.dimensions() == (3, 7)));
        assert_eq!((frames[0].get_pixel(0, 4).0, frames[0].get_pixel(0, 5).0), ([0; 3], [255; 3]));
    }
}
