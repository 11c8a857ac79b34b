//! A method's map as a picture: over the photo or alone, at once to four times the model's resolution, with a caption.

use image::{RgbImage, imageops};

use super::{
    ExportError, Style,
    raster::rasterise,
    svg::{Anchor, Lettering, STRONG, Svg, WEAK},
    typeset,
};
use crate::{
    explain::{Finished, Run, Saliency},
    imaging::{heatmap, overlay},
};

/// Size of a caption's letters, in pixels of a picture that is not enlarged.
const CAPTION_SIZE: f32 = 11.0;
/// Height of a caption's line.
const CAPTION_LINE: f32 = 15.0;
/// Space between a caption and the edges.
const CAPTION_MARGIN: f32 = 6.0;

/// What the model sees, `scale` pixels for each of its own: enlarged, with the photo's own pixels.
pub fn base(run: &Run, scale: u32) -> RgbImage {
    let crop = &run.input.crop;
    let (width, height) = (crop.image.width() * scale, crop.image.height() * scale);
    if scale == 1 {
        return crop.image.clone();
    }
    let photo = &run.photo.image;
    let [x, y, cut_width, cut_height] =
        [crop.region.x, crop.region.y, crop.region.width, crop.region.height].map(f32::round);
    // A crop that reaches beyond the photo has no pixels there but the model's.
    let inside = x >= 0.0
        && y >= 0.0
        && cut_width >= 1.0
        && cut_height >= 1.0
        && x + cut_width <= photo.width() as f32
        && y + cut_height <= photo.height() as f32;
    if inside {
        let cut = imageops::crop_imm(photo, x as u32, y as u32, cut_width as u32, cut_height as u32).to_image();
        imageops::resize(&cut, width, height, imageops::FilterType::CatmullRom)
    } else {
        imageops::resize(&crop.image, width, height, imageops::FilterType::CatmullRom)
    }
}

/// What a method shows: its map over `picture`, or `picture` alone where it found nothing.
pub fn shown(picture: &RgbImage, finished: &Finished, style: Style) -> RgbImage {
    if finished.is_found() { overlaid(picture, &finished.explanation.saliency, style) } else { picture.clone() }
}

/// A map over `picture`.
pub fn overlaid(picture: &RgbImage, saliency: &Saliency, style: Style) -> RgbImage {
    let drawn = saliency.drawn_at(picture.width() as usize, picture.height() as usize);
    overlay(picture, &drawn, style.colormap, style.opacity)
}

/// A map alone, as large as `picture`.
pub fn alone(picture: &RgbImage, saliency: &Saliency, style: Style) -> RgbImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    heatmap(&saliency.drawn_at(width, height), width, height, style.colormap)
}

/// `picture`, enlarged `scale` times already, with a caption below it: the first of `parts` leads.
///
/// # Errors
/// The caption cannot be drawn.
pub fn captioned(picture: &RgbImage, parts: &[String], scale: u32) -> Result<RgbImage, ExportError> {
    let width = picture.width() as f32 / scale as f32;
    let room = width - 2.0 * CAPTION_MARGIN;
    // A part that is wider than the picture is broken between its words.
    let parts: Vec<String> = parts.iter().flat_map(|part| typeset::broken(part, CAPTION_SIZE, room)).collect();
    let lines = typeset::wrapped(&parts, CAPTION_SIZE, room);
    let height = (lines.len() as f32).mul_add(CAPTION_LINE, 2.0 * CAPTION_MARGIN);
    let mut svg = Svg::new([width, height]);
    for (number, line) in lines.iter().enumerate() {
        let baseline = (number as f32 + 0.8).mul_add(CAPTION_LINE, CAPTION_MARGIN);
        let color = if number == 0 { STRONG } else { WEAK };
        let lettering = Lettering { size: CAPTION_SIZE, color, anchor: Anchor::Start };
        svg.text([CAPTION_MARGIN, baseline], lettering, line);
    }
    let caption = rasterise(&svg.finish(), scale)?;
    let mut whole = RgbImage::new(picture.width(), picture.height() + caption.height());
    imageops::replace(&mut whole, picture, 0, 0);
    imageops::replace(&mut whole, &caption, 0, i64::from(picture.height()));
    Ok(whole)
}
