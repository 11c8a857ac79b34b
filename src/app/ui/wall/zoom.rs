//! Which part of what the model sees the tiles show: one for all of them.

use egui::{Pos2, Rect, Vec2, pos2};

use crate::export::Part;

/// How far the tiles can be enlarged: a pixel the model sees is then as large as a finger.
const MAX: f32 = 16.0;

/// The part of what the model sees that the tiles show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zoom {
    /// How much larger it is than where it is whole, 1 at least.
    factor: f32,
    /// What of it is in the middle, `x` and `y` in `[0, 1]`.
    center: Pos2,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { factor: 1.0, center: pos2(0.5, 0.5) }
    }
}

impl Zoom {
    /// Whether the whole square is shown.
    pub fn is_whole(self) -> bool {
        self.factor <= 1.0
    }

    /// How much larger it is than where it is whole.
    pub fn factor(self) -> f32 {
        self.factor
    }

    /// Where what the model sees is on screen, if it is in `whole` when all of it is shown. It may be larger than its tile.
    pub fn placed(self, whole: Rect) -> Rect {
        let size = whole.size() * self.factor;
        Rect::from_center_size(whole.center() + (pos2(0.5, 0.5) - self.center) * size, size)
    }

    /// What of it is shown.
    pub fn part(self) -> Part {
        let square = self.placed(Rect::from_min_size(Pos2::ZERO, Vec2::splat(1.0)));
        let min = (Pos2::ZERO - square.min) / self.factor;
        Part { min: [min.x, min.y], side: 1.0 / self.factor }
    }

    /// Enlarged `by` a factor so that what is at `pointer` stays there.
    pub fn about(self, whole: Rect, pointer: Pos2, by: f32) -> Self {
        let square = self.placed(whole);
        let held = ((pointer - square.min) / square.size()).to_pos2();
        let factor = (self.factor * by).clamp(1.0, MAX);
        Self { factor, center: held - (pointer - whole.center()) / (whole.size() * factor) }.kept_inside()
    }

    /// Moved along with the pointer, by a distance on screen.
    pub fn moved(self, whole: Rect, by: Vec2) -> Self {
        Self { center: self.center - by / (whole.size() * self.factor), ..self }.kept_inside()
    }

    /// The tiles stay full.
    fn kept_inside(self) -> Self {
        let half = 0.5 / self.factor;
        Self { center: self.center.clamp(pos2(half, half), pos2(1.0 - half, 1.0 - half)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Rect = Rect { min: pos2(100.0, 50.0), max: pos2(300.0, 250.0) };

    #[test]
    fn the_part_that_is_shown_is_the_part_of_the_square_that_is_in_its_tile() {
        assert_eq!(Zoom::default().part(), Part::default());
        let zoom = Zoom::default().about(WHOLE, pos2(250.0, 90.0), 4.0);
        let (square, part) = (zoom.placed(WHOLE), zoom.part());
        let min = square.min + Vec2::new(part.min[0], part.min[1]) * square.size();
        assert!((min - WHOLE.min).length() < 1e-3 && (part.side * square.width() - WHOLE.width()).abs() < 1e-3);
    }

    #[test]
    fn all_of_the_square_is_where_its_tile_is() {
        assert_eq!(Zoom::default().placed(WHOLE), WHOLE);
    }

    #[test]
    fn what_is_at_the_pointer_stays_there() {
        let pointer = pos2(150.0, 220.0);
        let at = |zoom: Zoom| {
            let square = zoom.placed(WHOLE);
            ((pointer - square.min) / square.size()).to_pos2()
        };
        let once = Zoom::default().about(WHOLE, pointer, 2.0);
        let twice = once.about(WHOLE, pointer, 1.5);
        for zoom in [once, twice] {
            assert!((at(zoom) - at(Zoom::default())).length() < 1e-5, "{zoom:?}");
        }
        assert_eq!(twice.factor(), 3.0);
    }

    #[test]
    fn the_tile_stays_full_however_far_it_is_moved_and_comes_back_whole() {
        let zoom = Zoom::default().about(WHOLE, WHOLE.center(), 4.0).moved(WHOLE, Vec2::new(1e4, -1e4));
        let square = zoom.placed(WHOLE);
        assert!(square.expand(1e-3).contains_rect(WHOLE), "{square:?}");
        assert!((square.left() - WHOLE.left()).abs() < 1e-3 && (square.bottom() - WHOLE.bottom()).abs() < 1e-3);
        let whole = zoom.about(WHOLE, pos2(110.0, 60.0), 1e-3);
        assert!(whole.is_whole());
        assert_eq!(whole, Zoom::default());
        assert_eq!(zoom.about(WHOLE, WHOLE.center(), 1e6).factor(), MAX);
    }
}
