//! A drawing in pixels, written in the fonts that are part of the program: the same on every computer.

use std::sync::{Arc, LazyLock};

use image::{Rgb, RgbImage};
use resvg::{
    render,
    tiny_skia::{Color, Pixmap},
    usvg::{Options, Transform, Tree, fontdb::Database},
};

use super::{ExportError, typeset};

/// The fonts, read once.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in [typeset::FONT, typeset::SECOND_FONT] {
        fonts.load_font_data(font.to_vec());
    }
    Arc::new(fonts)
});

/// A drawing, as SVG text, read with the fonts that are part of the program.
///
/// # Errors
/// It is no SVG.
pub fn tree(svg: &str) -> Result<Tree, ExportError> {
    let options = Options { font_family: typeset::FAMILY.to_owned(), fontdb: FONTS.clone(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| ExportError::Drawing { reason: error.to_string() })
}

/// A drawing, as SVG text, as a picture: `scale` pixels for each of its units.
///
/// # Errors
/// It is no SVG, empty, or too large.
pub fn rasterise(svg: &str, scale: u32) -> Result<RgbImage, ExportError> {
    let refused = |reason: String| ExportError::Drawing { reason };
    let tree = tree(svg)?;
    let scale = scale as f32;
    let side = |units: f32| (units * scale).round().max(0.0) as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let pixels = Pixmap::new(width, height);
    let mut pixels = pixels.ok_or_else(|| refused("a figure of such a size cannot be drawn".to_owned()))?;
    pixels.fill(Color::WHITE);
    render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    // On white nothing is transparent.
    Ok(RgbImage::from_fn(width, height, |x, y| {
        let pixel = pixels.pixel(x, y).map_or([255; 3], |pixel| [pixel.red(), pixel.green(), pixel.blue()]);
        Rgb(pixel)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::svg::{Anchor, Lettering, STRONG, Svg};

    fn ink(text: &str) -> usize {
        let mut svg = Svg::new([100.0, 20.0]);
        svg.text([2.0, 15.0], Lettering { size: 12.0, color: STRONG, anchor: Anchor::Start }, text);
        rasterise(&svg.finish(), 2).unwrap().pixels().filter(|pixel| pixel.0[0] < 128).count()
    }

    #[test]
    fn every_letter_that_igoscope_writes_has_a_shape() {
        for letter in ["a", "λ", "₁", "η", "α", "β", "×", "·", "…", "−", "±", "é"] {
            assert!(ink(letter) > 0, "{letter} is blank");
        }
        assert_eq!(ink(""), 0);
    }

    #[test]
    fn a_picture_drawn_at_its_own_size_keeps_its_pixels() {
        let picture = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 30, y as u8 * 30, 7]));
        let mut svg = Svg::new([6.0, 6.0]);
        svg.picture([1.0, 1.0], [4.0, 4.0], "", &picture);
        let drawn = rasterise(&svg.finish(), 2).unwrap();
        assert_eq!(drawn.dimensions(), (12, 12));
        assert_eq!(drawn.get_pixel(0, 0).0, [255; 3]);
        for (x, y, pixel) in picture.enumerate_pixels() {
            let off = drawn.get_pixel(x + 2, y + 2).0.iter().zip(pixel.0).map(|(a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(2), "({x}, {y})");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(rasterise("no picture", 1).is_err());
    }
}
