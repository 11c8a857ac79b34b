//! How much room words take, so that they can be broken or cut before they are drawn.

use std::sync::LazyLock;

use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};

/// The font of everything exported: the window's own.
pub const FONT: &[u8] = epaint_default_fonts::UBUNTU_LIGHT;
/// The name of [`FONT`]'s family.
pub const FAMILY: &str = "Ubuntu";
/// What letters that [`FONT`] lacks are taken from, such as the subscripts of λ₁.
pub const SECOND_FONT: &[u8] = epaint_default_fonts::HACK_REGULAR;

/// Width of a letter that no font has, in its size: about a digit's.
const UNKNOWN_WIDTH: f32 = 0.55;

/// The fonts, read once.
static FONTS: LazyLock<Vec<FontRef<'static>>> =
    LazyLock::new(|| [FONT, SECOND_FONT].into_iter().filter_map(|bytes| FontRef::new(bytes).ok()).collect());

/// Width of a line of text in a font of this size, in the same unit. Kerning, which only narrows, is left out.
pub fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|letter| letter_width(letter) * size).sum()
}

/// Width of a letter in a font of size 1.
fn letter_width(letter: char) -> f32 {
    let advance = |font: &FontRef<'static>| {
        let glyph = font.charmap().map(letter)?;
        font.glyph_metrics(Size::new(1.0), LocationRef::default()).advance_width(glyph)
    };
    FONTS.iter().find_map(advance).unwrap_or(UNKNOWN_WIDTH)
}

/// `text`, cut with … where it is wider than `room`.
pub fn fitted(text: &str, size: f32, room: f32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - width("…", size);
    let mut kept: String = text
        .chars()
        .take_while(|&letter| {
            left -= letter_width(letter) * size;
            left >= 0.0
        })
        .collect();
    kept.truncate(kept.trim_end().len());
    kept + "…"
}

/// `parts` in lines of at most `room`, with ` · ` between those of one line. A part wider than the room is cut.
pub fn wrapped(parts: &[String], size: f32, room: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let part = fitted(part, size, room);
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" · ", size) + width(&part, size) <= room => {
                line.push_str(" · ");
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    lines
}

/// A sentence in lines of at most `room`, broken between words. A word wider than the room is cut.
pub fn broken(text: &str, size: f32, room: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let word = fitted(word, size, room);
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(&word, size) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_are_wider_and_twice_the_size_is_twice_as_wide() {
        assert!(width("mmm", 10.0) > 2.0 * width("iii", 10.0));
        assert!((width("λ₁ = 1", 20.0) - 2.0 * width("λ₁ = 1", 10.0)).abs() < 1e-3);
    }

    #[test]
    fn what_is_too_wide_is_cut_to_the_room() {
        let name = "Staffordshire bull terrier";
        assert_eq!(fitted(name, 10.0, 1000.0), name);
        let cut = fitted(name, 10.0, 60.0);
        assert!(cut.ends_with('…') && cut.starts_with("Staff"), "{cut}");
        assert!(width(&cut, 10.0) <= 60.0);
        assert_eq!(fitted(name, 10.0, 0.0), "…");
    }

    #[test]
    fn parts_are_kept_whole_where_they_fit_and_no_line_is_too_wide() {
        let parts = ["iterations 15", "mask size 28", "seed 0"].map(str::to_owned);
        let lines = wrapped(&parts, 10.0, 130.0);
        assert_eq!(lines, ["iterations 15 · mask size 28", "seed 0"]);
        assert_eq!(broken("the model is not sure", 10.0, 70.0), ["the model is", "not sure"]);
        assert!(wrapped(&parts, 10.0, 40.0).iter().all(|line| width(line, 10.0) <= 40.0));
    }
}
