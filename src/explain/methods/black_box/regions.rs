//! The picture in regions: the parts that some methods hide and show as a whole.

use super::slic::superpixels;
use crate::{
    Named, Saliency, choice,
    imaging::{Interpolation, Size},
    model::Input,
};

/// What regions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegionKind {
    /// Equal rectangles, in the picture's shape.
    Grid,
    /// Superpixels: pieces of about one colour, about as large.
    #[default]
    Superpixels,
}

impl Named for RegionKind {
    const ALL: &'static [Self] = &[Self::Grid, Self::Superpixels];

    fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Superpixels => "superpixels",
        }
    }
}

choice!(RegionKind);

/// A picture in regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// The region of each pixel, row by row, by its number from 0.
    labels: Vec<usize>,
    /// How many there are.
    count: usize,
}

impl Regions {
    /// Regions of a kind: `per_side²` rectangles, or about as many superpixels.
    pub fn of(input: &Input, kind: RegionKind, per_side: usize) -> Self {
        let per_side = per_side.clamp(1, input.size.shorter().max(1));
        Self::from_labels(match kind {
            RegionKind::Grid => super::sobol::cell_of_pixel(per_side, input.size),
            RegionKind::Superpixels => superpixels(input, per_side),
        })
    }

    /// Regions by the label of each pixel, row by row. They are numbered in the order in which they are met.
    pub fn from_labels(labels: Vec<usize>) -> Self {
        let mut numbers = std::collections::HashMap::new();
        let labels: Vec<usize> = labels
            .into_iter()
            .map(|label| {
                let next = numbers.len();
                *numbers.entry(label).or_insert(next)
            })
            .collect();
        Self { labels, count: numbers.len() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none: of a picture without pixels.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The region of each pixel, row by row.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// A mask that keeps the regions for which `keeps` says so.
    pub(super) fn write_mask(&self, keeps: impl Fn(usize) -> bool, mask: &mut [f32]) {
        let kept: Vec<f32> = (0..self.count).map(|region| f32::from(u8::from(keeps(region)))).collect();
        for (pixel, label) in mask.iter_mut().zip(&self.labels) {
            *pixel = kept[*label];
        }
    }

    /// The map with a value for each region, a value a pixel.
    pub(super) fn map(&self, values: &[f64], size: Size) -> Saliency {
        let values = self.labels.iter().map(|label| values[*label] as f32).collect();
        super::map_of(size, values, Interpolation::Nearest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_numbered_as_they_are_met() {
        let regions = Regions::from_labels(vec![7, 7, 3, 9, 3]);
        assert_eq!((regions.labels(), regions.len()), (&[0, 0, 1, 2, 1][..], 3));
        let mut mask = [9.0; 5];
        regions.write_mask(|region| region == 1, &mut mask);
        assert_eq!(mask, [0.0, 0.0, 1.0, 0.0, 1.0]);
    }
}
