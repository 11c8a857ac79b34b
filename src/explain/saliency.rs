//! What is drawn: a map of importance, whatever the method that made it.

use crate::imaging::{Interpolation, area_average, resample};

/// Importance over the model's input crop, row by row; higher is more important.
#[derive(Debug, Clone, PartialEq)]
pub struct Saliency {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `height × width` values; below 0 only where a map tells what speaks against the class.
    pub values: Vec<f32>,
    /// How the method itself spreads a coarse map over the picture.
    pub interpolation: Interpolation,
    /// Share of the largest values that are drawn at full strength, in `[0, 1)`.
    ///
    /// Gradients have heavy tails: a handful of pixels would otherwise darken the whole map.
    pub clipped_fraction: f32,
    /// The value that is drawn at full strength, for maps whose scale is absolute: one for all iterations of a run.
    pub full: Option<f32>,
}

impl Saliency {
    /// The value drawn at full strength: [`Saliency::full`], or else the largest size left after
    /// [`Saliency::clipped_fraction`] is cut off.
    pub fn scale(&self) -> f32 {
        if let Some(full) = self.full {
            return full;
        }
        let mut sorted: Vec<f32> = self.values.iter().map(|v| v.abs()).filter(|v| v.is_finite()).collect();
        if sorted.is_empty() {
            return 0.0;
        }
        sorted.sort_unstable_by(f32::total_cmp);
        let kept = ((sorted.len() as f32) * (1.0 - self.clipped_fraction)).ceil() as usize;
        sorted[kept.clamp(1, sorted.len()) - 1]
    }

    /// The map as it is drawn: `height × width` values in `[0, 1]`, or `[−1, 1]` for one with values below 0; all 0 when
    /// the map is.
    pub fn normalised(&self) -> Vec<f32> {
        let scale = self.scale();
        if scale <= 0.0 {
            return vec![0.0; self.values.len()];
        }
        self.values.iter().map(|v| (v / scale).clamp(-1.0, 1.0)).collect()
    }

    /// [`Saliency::normalised`], spread over a `width × height` picture the way the method does it.
    pub fn drawn_at(&self, width: usize, height: usize) -> Vec<f32> {
        resample(&self.normalised(), (self.width, self.height), (width, height), self.interpolation)
    }

    /// The value at a place of the picture, `x` and `y` in `[0, 1]` from its top left, as the map is drawn there.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (columns, rows) = (self.between(x, self.width), self.between(y, self.height));
        let value = |row: usize, column: usize| self.values.get(row * self.width + column).copied().unwrap_or_default();
        let row = |row: usize| {
            let (left, right) = (value(row, columns.0), value(row, columns.1));
            left + (right - left) * columns.2
        };
        let (upper, lower) = (row(rows.0), row(rows.1));
        upper + (lower - upper) * rows.2
    }

    /// The two of `cells` along an axis that a place lies between, and the share of the second.
    fn between(&self, place: f32, cells: usize) -> (usize, usize, f32) {
        let last = cells.saturating_sub(1);
        let position = match self.interpolation {
            Interpolation::Nearest => (place * cells as f32).floor(),
            Interpolation::AlignCorners => place * last as f32,
            Interpolation::HalfPixel => place * cells as f32 - 0.5,
        };
        let position = position.clamp(0.0, last as f32);
        let first = position as usize;
        (first, (first + 1).min(last), position - first as f32)
    }

    /// The map on a `side × side` grid, on which methods of different resolution are compared:
    /// a finer map is averaged down, a coarser one spread as the method does it.
    pub fn on_grid(&self, side: usize) -> Vec<f32> {
        let from = (self.width, self.height);
        let to = (side, side);
        if from == to {
            self.values.clone()
        } else if self.width >= side && self.height >= side {
            area_average(&self.values, from, to)
        } else {
            resample(&self.values, from, to, self.interpolation)
        }
    }

    /// How much more important each place is here than in `other`: `height × width` differences of the values
    /// themselves, each map spread as its method does it.
    pub fn minus(&self, other: &Self, width: usize, height: usize) -> Vec<f32> {
        let spread = |map: &Self| resample(&map.values, (map.width, map.height), (width, height), map.interpolation);
        spread(self).into_iter().zip(spread(other)).map(|(one, other)| one - other).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(width: usize, height: usize, values: &[f32]) -> Saliency {
        Saliency {
            width,
            height,
            values: values.to_vec(),
            interpolation: Interpolation::Nearest,
            clipped_fraction: 0.0,
            full: None,
        }
    }

    #[test]
    fn a_difference_is_of_the_values_and_not_of_what_is_drawn() {
        let one = map(2, 1, &[0.5, 0.1]);
        let other = map(1, 1, &[0.2]);
        let difference = one.minus(&other, 4, 1);
        for (found, expected) in difference.iter().zip([0.3, 0.3, -0.1, -0.1]) {
            assert!((found - expected).abs() < 1e-6, "{difference:?}");
        }
        assert!(one.minus(&one, 3, 3).iter().all(|value| *value == 0.0));
    }

    #[test]
    fn a_place_has_the_value_that_is_drawn_there() {
        let (width, height, side) = (5, 4, 400);
        let values: Vec<f32> = (0..width * height).map(|cell| (cell as f32 * 1.7).sin().abs()).collect();
        for interpolation in [Interpolation::Nearest, Interpolation::AlignCorners, Interpolation::HalfPixel] {
            let saliency =
                Saliency { width, height, values: values.clone(), interpolation, clipped_fraction: 0.0, full: None };
            let drawn = saliency.drawn_at(side, side);
            for (x, y) in [(0, 0), (57, 301), (200, 210), (399, 399), (399, 13)] {
                let place = |pixel: usize| (pixel as f32 + 0.5) / side as f32;
                let (value, drawn) = (saliency.at(place(x), place(y)), drawn[y * side + x] * saliency.scale());
                assert!((value - drawn).abs() < 0.01, "{interpolation:?} {x} {y}: {value} is not {drawn}");
            }
        }
    }
}
