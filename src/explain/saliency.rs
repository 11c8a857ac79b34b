//! What is drawn: a map of importance, whatever the method that made it.

use crate::imaging::{Interpolation, area_average, resample};

/// Importance over the model's input crop, row by row; higher is more important.
#[derive(Debug, Clone, PartialEq)]
pub struct Saliency {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `height × width` values, not negative for any method here.
    pub values: Vec<f32>,
    /// How the method itself spreads a coarse map over the picture.
    pub interpolation: Interpolation,
    /// Share of the largest values that are drawn at full strength, in `[0, 1)`.
    ///
    /// Gradients have heavy tails: a handful of pixels would otherwise darken the whole map.
    pub clipped_fraction: f32,
}

impl Saliency {
    /// The value drawn at full strength: the largest one left after [`Saliency::clipped_fraction`] is cut off.
    pub fn scale(&self) -> f32 {
        let mut sorted: Vec<f32> = self.values.iter().copied().filter(|v| v.is_finite()).collect();
        if sorted.is_empty() {
            return 0.0;
        }
        sorted.sort_unstable_by(f32::total_cmp);
        let kept = ((sorted.len() as f32) * (1.0 - self.clipped_fraction)).ceil() as usize;
        sorted[kept.clamp(1, sorted.len()) - 1].max(0.0)
    }

    /// The map as it is drawn: `height × width` values in `[0, 1]`, all 0 when the map is.
    pub fn normalised(&self) -> Vec<f32> {
        let scale = self.scale();
        if scale <= 0.0 {
            return vec![0.0; self.values.len()];
        }
        self.values.iter().map(|v| (v / scale).clamp(0.0, 1.0)).collect()
    }

    /// [`Saliency::normalised`], spread over a `width × height` picture the way the method does it.
    pub fn drawn_at(&self, width: usize, height: usize) -> Vec<f32> {
        resample(&self.normalised(), (self.width, self.height), (width, height), self.interpolation)
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
}
