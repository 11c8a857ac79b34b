//! A picture with its most important cells deleted or revealed: what deletion and insertion judge, to be looked at.

use std::{
    borrow::Cow,
    cmp::Ordering,
    sync::{Arc, OnceLock},
};

use image::RgbImage;

use super::{CurveParameters, curves::rank};
use crate::{
    Baseline, Saliency,
    imaging::{GridPoint, Size, contours},
    model::Input,
    subject::{baseline_of, compose},
    upsampling::Upsampling,
};

/// Where the line around the most important cells runs: half way between what is kept and what is not.
const EDGE: f32 = 0.5;

/// What happens to the most important cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// They are replaced, and everything else is kept.
    Deletion,
    /// They are kept, and everything else is replaced.
    Insertion,
}

/// How many of `cells` are a `fraction` of them, in `[0, 1]`: to the nearest whole cell.
fn cells_changed(cells: usize, fraction: f32) -> usize {
    // Halves go up; a cast from float saturates, and takes NaN to 0.
    ((f64::from(fraction) * cells as f64 + 0.5) as usize).min(cells)
}

/// The mask that keeps (1) or deletes (0) the first `fraction` of the cells in `order`, and does the opposite with the
/// others.
pub(crate) fn cells_kept(order: &[usize], change: Change, fraction: f32) -> Vec<f32> {
    let (first, others) = if change == Change::Deletion { (0.0, 1.0) } else { (1.0, 0.0) };
    let mut mask = vec![others; order.len()];
    for &cell in &order[..cells_changed(order.len(), fraction)] {
        mask[cell] = first;
    }
    mask
}

/// What a cell of a map has: all of it from one grid, so that a higher value never has a lower rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Its importance.
    pub value: f32,
    /// The share of the cells that are as important at least, in `(0, 1]`: the smaller the more important.
    pub share: f32,
    /// How many other cells are just as important.
    pub tied: usize,
}

/// The cells of a map in the order in which the curves change them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    grid: usize,
    /// What a deleted cell is replaced with, and the seed of that.
    baseline: (Baseline, u64),
    order: Vec<usize>,
    /// Of each cell, its importance.
    importance: Vec<f32>,
}

impl Ranking {
    /// Ranks a map as [`super::judge`] does under these parameters, whose grid must have a side of 1 at least.
    pub fn of(saliency: &Saliency, parameters: &CurveParameters) -> Self {
        let grid = parameters.grid.max(1);
        let importance = saliency.on_grid(grid);
        let order = rank(&importance, parameters.seed);
        Self { grid, baseline: (parameters.baseline, parameters.seed), order, importance }
    }

    /// Side of the grid of cells.
    pub fn grid(&self) -> usize {
        self.grid
    }

    /// The number of the cell nearest to a place, `x` and `y` in `[0, 1]` from the top left of the picture.
    pub fn cell_at(&self, x: f32, y: f32) -> usize {
        let last = (self.grid - 1) as f32;
        // The outer cells' centres are on the picture's edges, as the mask is enlarged.
        let cell = |place: f32| (place.clamp(0.0, 1.0) * last).round() as usize;
        cell(y) * self.grid + cell(x)
    }

    /// What the cell of this number has; none if there is no such cell.
    pub fn reading(&self, cell: usize) -> Option<Reading> {
        let value = *self.importance.get(cell)?;
        let count =
            |is_so: fn(Ordering) -> bool| self.importance.iter().filter(|other| is_so(other.total_cmp(&value))).count();
        let share = count(Ordering::is_ge) as f32 / self.importance.len() as f32;
        Some(Reading { value, share, tied: count(Ordering::is_eq) - 1 })
    }

    /// The lines around the first `fraction` of the cells, `x` and `y` in `[0, 1]` over the picture.
    pub fn outline(&self, fraction: f32) -> Vec<Vec<GridPoint>> {
        let mask = cells_kept(&self.order, Change::Insertion, fraction);
        let last = (self.grid - 1).max(1) as f32;
        let mut lines = contours(&mask, self.grid, self.grid, EDGE);
        for coordinate in lines.iter_mut().flatten().flatten() {
            *coordinate = (*coordinate / last).clamp(0.0, 1.0);
        }
        lines
    }
}

/// An input, from which and its baseline the curves' pictures are composed.
#[derive(Debug)]
pub struct Canvas {
    input: Arc<Input>,
    /// The one baseline that takes some time, made for the first picture: a run nobody looks at so closely does without.
    blurred: OnceLock<Vec<f32>>,
}

impl Canvas {
    /// A canvas for one input.
    pub fn new(input: Arc<Input>) -> Self {
        Self { input, blurred: OnceLock::new() }
    }

    /// Width and height of its pictures.
    pub fn size(&self) -> Size {
        self.input.size
    }

    /// The numbers the model is shown at a `fraction` of a curve, `[channels, height, width]`.
    pub fn planar(&self, ranking: &Ranking, change: Change, fraction: f32) -> Vec<f32> {
        let size = self.input.size;
        let mut mask = vec![0.0; size.area()];
        Upsampling::new(ranking.grid, size).up(&cells_kept(&ranking.order, change, fraction), &mut mask);
        let mut planar = vec![0.0; self.input.planar.len()];
        let (kind, seed) = ranking.baseline;
        let made = || baseline_of(&self.input, kind, seed);
        let baseline = match kind {
            Baseline::Blur => Cow::Borrowed(self.blurred.get_or_init(made)),
            Baseline::Black | Baseline::Grey | Baseline::White | Baseline::Noise => Cow::Owned(made()),
        };
        compose(&self.input.planar, &baseline, &mask, 1.0, &mut planar);
        planar
    }

    /// The same as a picture.
    pub fn picture(&self, ranking: &Ranking, change: Change, fraction: f32) -> RgbImage {
        self.input.image_from(&self.planar(ranking, change, fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::{Crop, Interpolation, Normalisation, Region};

    fn saliency(values: &[f32]) -> Saliency {
        let width = values.len().isqrt();
        let interpolation = Interpolation::AlignCorners;
        Saliency { width, height: width, values: values.to_vec(), interpolation, clipped_fraction: 0.0, full: None }
    }

    fn ranking(values: &[f32]) -> Ranking {
        let grid = values.len().isqrt();
        Ranking::of(&saliency(values), &CurveParameters { grid, ..CurveParameters::default() })
    }

    #[test]
    fn a_fraction_is_the_nearest_whole_number_of_cells() {
        assert_eq!(
            [0.0, 0.02, 0.5, 1.0, 7.0, -1.0, f32::NAN].map(|f| cells_changed(784, f)),
            [0, 16, 392, 784, 784, 0, 0]
        );
    }

    #[test]
    fn what_one_change_keeps_the_other_deletes() {
        let order = [2, 0, 3, 1];
        assert_eq!(cells_kept(&order, Change::Insertion, 0.5), [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(cells_kept(&order, Change::Deletion, 0.5), [0.0, 1.0, 0.0, 1.0]);
        assert_eq!(cells_kept(&order, Change::Deletion, 0.0), [1.0; 4]);
    }

    #[test]
    fn the_share_at_a_place_is_the_rank_of_the_nearest_cell() {
        let ranking = ranking(&[0.0, 3.0, 2.0, 1.0]);
        let shares = [(0.9, 0.1), (0.1, 0.9), (0.9, 0.9), (0.0, 0.0)];
        let shares = shares.map(|(x, y)| ranking.reading(ranking.cell_at(x, y)).unwrap().share);
        assert_eq!(shares, [0.25, 0.5, 0.75, 1.0]);
    }

    #[test]
    fn a_higher_value_never_has_a_lower_rank_and_ties_say_how_many_they_are() {
        let values: Vec<f32> = (0..49).map(|cell| ((cell * 7 % 11) as f32 / 4.0).floor()).collect();
        let side = 7;
        let ranking = ranking(&values);
        let readings: Vec<Reading> = (0..side * side).map(|cell| ranking.reading(cell).unwrap()).collect();
        for (one, value) in readings.iter().zip(&values) {
            assert_eq!(one.value, *value, "rank and value are of one cell");
            for other in &readings {
                assert_eq!(one.value > other.value, one.share < other.share, "{one:?} {other:?}");
            }
            assert_eq!(one.tied + 1, values.iter().filter(|other| *other == value).count());
        }
        assert_eq!(ranking.reading(side * side), None);
    }

    #[test]
    fn the_outline_surrounds_the_most_important_cell_and_stays_in_the_picture() {
        let mut values = [0.0; 25];
        values[12] = 1.0;
        let lines = ranking(&values).outline(0.04);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|[x, y]| ((x - 0.5).abs() + (y - 0.5).abs() - 0.125).abs() < 1e-6));
        let everything = ranking(&values).outline(1.0);
        assert!(everything.iter().flatten().flatten().all(|coordinate| (0.0..=1.0).contains(coordinate)));
        assert!(ranking(&values).outline(0.0).is_empty());
    }

    #[test]
    fn both_ends_of_both_curves_are_the_picture_and_its_baseline() {
        let image = RgbImage::from_fn(8, 8, |x, y| image::Rgb([x as u8 * 30, y as u8 * 30, 99]));
        let normalisation = Normalisation::new([0.5; 3], [0.25; 3]);
        let region = Region { x: 0.0, y: 0.0, width: 8.0, height: 8.0 };
        let planar = normalisation.planar_from_image(&image);
        let crop = Crop { image: image.clone(), bands: None, region };
        let canvas = Canvas::new(Arc::new(Input { planar, size: Size::square(8), crop, normalisation }));
        let ranking = ranking(&[0.1, 0.9, 0.3, 0.2]);
        assert_eq!(canvas.picture(&ranking, Change::Deletion, 0.0), image);
        assert_eq!(canvas.picture(&ranking, Change::Insertion, 1.0), image);
        let blurred = canvas.picture(&ranking, Change::Insertion, 0.0);
        assert_eq!(canvas.picture(&ranking, Change::Deletion, 1.0), blurred);
        assert_ne!(blurred, image);
        let half = canvas.picture(&ranking, Change::Insertion, 0.25);
        assert_eq!(half.get_pixel(7, 0), image.get_pixel(7, 0), "the most important corner is there first");
        assert_eq!(half.get_pixel(0, 7), blurred.get_pixel(0, 7));
    }
}
