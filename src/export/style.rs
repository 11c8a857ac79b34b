//! How maps are drawn in files and on the clipboard: as they stand on the wall.

use image::RgbImage;

use super::numbers::share;
use crate::{
    explain::{Change, Explanation, Iteration, Method, Saliency},
    imaging::{Colormap, scaled_part},
};

/// Share of the map in an overlay: map and picture can both be read.
pub const DEFAULT_OPACITY: f32 = 0.5;

/// What a tile shows of a map.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Shows {
    /// Its colours over the picture.
    #[default]
    Overlay,
    /// Its colours alone.
    Heatmap,
    /// The picture up to this share of the width from the left, its colours over the picture from there on.
    Wipe(f32),
    /// A line around this share of the cells, the most important ones.
    Contour(f32),
    /// The picture with this share of the cells, the most important ones, deleted or alone revealed.
    Changed(Change, f32),
}

/// A part of what the model sees, in the same shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Its upper left corner, `x` and `y` in `[0, 1]`.
    pub min: [f32; 2],
    /// Its share of each side, in `(0, 1]`: 1 is all of it.
    pub side: f32,
}

impl Default for Part {
    fn default() -> Self {
        Self { min: [0.0; 2], side: 1.0 }
    }
}

impl Part {
    /// Whether it is all of it.
    pub fn is_whole(self) -> bool {
        self.side >= 1.0
    }

    /// The part of a picture of all that the model sees, so many pixels wide and high.
    pub fn cut(self, picture: RgbImage, (width, height): (u32, u32)) -> RgbImage {
        let whole = picture.dimensions();
        if self.is_whole() && whole == (width, height) {
            return picture;
        }
        let pixels = |share: f32, whole: u32| (share * whole as f32).round() as u32;
        let along = |min: f32, whole: u32| {
            (pixels(min, whole).min(whole.saturating_sub(1)), pixels(self.side, whole).clamp(1, whole))
        };
        let ((x, across), (y, down)) = (along(self.min[0], whole.0), along(self.min[1], whole.1));
        scaled_part(&picture, [x, y, across, down], width, height)
    }

    /// Where a place, `x` and `y` in `[0, 1]` of all of it, is in this part.
    pub fn place(self, [x, y]: [f32; 2]) -> [f32; 2] {
        [(x - self.min[0]) / self.side, (y - self.min[1]) / self.side]
    }
}

/// How maps are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// What is shown of them.
    pub shows: Shows,
    /// Colours of the map.
    pub colormap: Colormap,
    /// Share of the map in the overlay, in `[0, 1]`.
    pub opacity: f32,
    /// The part of what the model sees that is shown.
    pub part: Part,
    /// A method whose iteration of this number, from 1, is shown in the place of its result.
    pub iteration: Option<(&'static Method, usize)>,
}

impl Default for Style {
    fn default() -> Self {
        let (shows, part) = (Shows::default(), Part::default());
        Self { shows, colormap: Colormap::default(), opacity: DEFAULT_OPACITY, part, iteration: None }
    }
}

impl Style {
    /// The same colours, with all that the model sees, the results, and this of the maps.
    pub fn plain(self, shows: Shows) -> Self {
        Self { shows, part: Part::default(), iteration: None, ..self }
    }

    /// Whether a map is drawn in it as in every run's own pictures.
    pub fn is_plain(self, method: &'static Method) -> bool {
        let is_result = self.iteration.is_none_or(|(own, _)| own != method);
        is_result && self.part.is_whole() && matches!(self.shows, Shows::Overlay | Shows::Heatmap)
    }

    /// Whether it shows a map's colours.
    pub fn has_colors(self) -> bool {
        matches!(self.shows, Shows::Overlay | Shows::Heatmap | Shows::Wipe(_))
    }

    /// The iteration of a result that it shows, if it is not the result itself.
    pub fn iteration_of(self, explanation: &Explanation) -> Option<&Iteration> {
        let (_, number) = self.iteration.filter(|(method, _)| *method == explanation.method)?;
        let iteration = explanation.iterations.iter().find(|iteration| iteration.number == number)?;
        (explanation.kept != Some(number)).then_some(&**iteration)
    }

    /// The map that it shows of a result: with its sign where the colours tell it.
    pub fn map_of(self, explanation: &Explanation) -> Saliency {
        match self.iteration_of(explanation) {
            Some(iteration) => iteration.mask.saliency(),
            None => {
                let signed = explanation.signed.as_ref().filter(|_| self.has_colors() && self.colormap.is_signed());
                signed.unwrap_or(&explanation.saliency).clone()
            }
        }
    }

    /// What a picture in it shows, where that is not its map over all of the picture.
    pub fn words(self) -> Vec<String> {
        let shows = match self.shows {
            Shows::Overlay | Shows::Heatmap | Shows::Wipe(_) => None,
            Shows::Contour(part) => Some(format!("line around the most important {}", share(part))),
            Shows::Changed(Change::Insertion, part) => Some(format!("the most important {} alone", share(part))),
            Shows::Changed(Change::Deletion, part) => Some(format!("all but the most important {}", share(part))),
        };
        let part = (!self.part.is_whole()).then(|| format!("a part, enlarged {:.1} times", 1.0 / self.part.side));
        shows.into_iter().chain(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, imageops};

    use super::*;

    #[test]
    fn a_part_has_its_own_pixels_and_says_where_places_are() {
        let picture = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 20, y as u8 * 20, 0]));
        let part = Part { min: [0.5, 0.25], side: 0.25 };
        assert_eq!(part.cut(picture.clone(), (2, 2)), imageops::crop_imm(&picture, 4, 2, 2, 2).to_image());
        assert_eq!(Part::default().cut(picture.clone(), (8, 8)), picture);
        assert_eq!(part.place([0.5, 0.25]), [0.0, 0.0]);
        assert_eq!(part.place([0.75, 0.5]), [1.0, 1.0]);
        let edge = Part { min: [0.99, 0.99], side: 0.01 };
        assert_eq!(edge.cut(picture, (4, 4)).dimensions(), (4, 4), "less than a pixel is one");
    }

    #[test]
    fn what_is_not_the_whole_map_is_said() {
        let part = Part { min: [0.0, 0.0], side: 0.5 };
        let style = Style { shows: Shows::Changed(Change::Insertion, 0.15), part, ..Style::default() };
        assert_eq!(style.words(), ["the most important 15 % alone", "a part, enlarged 2.0 times"]);
        assert!(Style::default().words().is_empty());
        assert!(style.plain(Shows::Overlay).words().is_empty());
    }
}
