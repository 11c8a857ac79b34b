//! A method's map as a picture: over the photo or alone, at once to four times the model's resolution, with a caption.

use std::sync::Arc;

use image::{Rgb, RgbImage, imageops};

use super::{
    ExportError, Shows, Style,
    raster::rasterise,
    svg::{Anchor, Lettering, STRONG, Stroke, Svg, WEAK},
    typeset,
};
use crate::{
    explain::{Canvas, Finished, Ranking, Run, Saliency},
    imaging::{heatmap, overlay, scaled, scaled_part},
};

/// Size of a caption's letters, in pixels of a picture that is not enlarged.
const CAPTION_SIZE: f32 = 11.0;
/// Height of a caption's line.
const CAPTION_LINE: f32 = 15.0;
/// Space between a caption and the edges.
const CAPTION_MARGIN: f32 = 6.0;
/// The most pixels along a side of the picture that a part of it is cut from.
const MOST_PIXELS: u32 = 2048;
/// Widths of the line around the most important cells and of the dark one below it, in pixels of a picture that is not
/// enlarged.
const CONTOUR: [f32; 2] = [1.6, 3.4];
/// The dark line's colour.
const CONTOUR_EDGE: [u8; 3] = [0x10; 3];
/// Width of the line between the picture and its map, in the same pixels.
const WIPE: f32 = 1.0;

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
        scaled_part(photo, [x, y, cut_width, cut_height].map(|length| length as u32), width, height)
    } else {
        scaled(&crop.image, width, height)
    }
}

/// The picture without a map, `scale` pixels for each of the model's: the part that a style shows.
pub fn plain(run: &Run, style: Style, scale: u32) -> RgbImage {
    style.part.cut(enlarged(run, style, scale), dimensions(run, scale))
}

/// Width and height of a picture with `scale` pixels for each of the model's.
fn dimensions(run: &Run, scale: u32) -> (u32, u32) {
    let (width, height) = run.input.crop.image.dimensions();
    (width * scale, height * scale)
}

/// All that the model sees, large enough for the part of it that a style shows.
fn enlarged(run: &Run, style: Style, scale: u32) -> RgbImage {
    let side = run.input.size.longer().max(1) as u32;
    let wanted = (scale as f32 / style.part.side).ceil() as u32;
    base(run, wanted.min((MOST_PIXELS / side).max(scale)))
}

/// What a method shows in a style, `scale` pixels for each of the model's; the picture alone where it found nothing.
///
/// # Errors
/// Lines cannot be drawn.
pub fn shown(run: &Run, finished: &Finished, style: Style, scale: u32) -> Result<RgbImage, ExportError> {
    if !finished.is_found() {
        return Ok(plain(run, style, scale));
    }
    drawn(run, finished, &style.map_of(&finished.explanation), style, scale)
}

/// The same with a map that is given.
///
/// # Errors
/// Lines cannot be drawn.
pub fn drawn(
    run: &Run,
    finished: &Finished,
    map: &Saliency,
    style: Style,
    scale: u32,
) -> Result<RgbImage, ExportError> {
    let (width, height) = dimensions(run, scale);
    let whole = enlarged(run, style, scale);
    let cut = |picture: RgbImage| style.part.cut(picture, (width, height));
    Ok(match style.shows {
        Shows::Overlay => cut(overlaid(&whole, map, style)),
        Shows::Heatmap => cut(alone(&whole, map, style)),
        Shows::Wipe(line) => {
            let (mut picture, over) = (cut(whole.clone()), cut(overlaid(&whole, map, style)));
            let from = ((line * width as f32).round() as u32).min(width);
            let right = imageops::crop_imm(&over, from, 0, width - from, height).to_image();
            imageops::replace(&mut picture, &right, i64::from(from), 0);
            let line = (WIPE * scale as f32) as u32;
            for x in from.saturating_sub(line)..(from + line).min(width) {
                (0..height).for_each(|y| picture.put_pixel(x, y, Rgb([u8::MAX; 3])));
            }
            picture
        }
        Shows::Contour(share) => {
            let lines = Ranking::of(map, &run.parameters.curves).outline(share);
            contoured(&cut(whole), lines, finished.explanation.method.color, style, scale)?
        }
        Shows::Changed(change, share) => {
            let ranking = Ranking::of(map, &run.parameters.curves);
            let changed = Canvas::new(Arc::clone(&run.input)).picture(&ranking, change, share);
            let (width, height) = whole.dimensions();
            cut(scaled(&changed, width, height))
        }
    })
}

/// `picture` with lines over it, `x` and `y` in `[0, 1]` of all that the model sees.
fn contoured(
    picture: &RgbImage,
    lines: Vec<Vec<[f32; 2]>>,
    color: [u8; 3],
    style: Style,
    scale: u32,
) -> Result<RgbImage, ExportError> {
    let size = [picture.width(), picture.height()].map(|side| side as f32 / scale as f32);
    let mut svg = Svg::new(size);
    svg.picture([0.0; 2], size, "Picture", picture);
    for (color, width) in [(CONTOUR_EDGE, CONTOUR[1]), (color, CONTOUR[0])] {
        for line in &lines {
            let points = line.iter().map(|point| {
                let [x, y] = style.part.place(*point);
                [x * size[0], y * size[1]]
            });
            svg.polyline(points, Stroke { color, width, is_dashed: false });
        }
    }
    rasterise(&svg.finish(), scale)
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
