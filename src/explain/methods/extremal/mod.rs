//! Extremal perturbation: the part of the picture, of a given area, that keeps the score highest.
//!
//! Source: Fong, Patrick, Vedaldi, *Understanding Deep Networks via Extremal Perturbations and Smooth Masks*, ICCV 2019
//! (arXiv 1910.08485), and the authors' program, <https://github.com/facebookresearch/TorchRay>. A mask m of smooth pieces
//! (`generator.rs`) is to maximise Φ(m ⊗ x) − λ·‖vecsort(m) − r_a‖², where r_a is 0 for all but the share a of the
//! pixels, and λ grows with every step: the sorted mask is drawn to one that is 1 on the area and 0 elsewhere. What the
//! mask does not keep is blurred, the more the nearer it is to 0; every other picture is seen in a mirror. Φ is the
//! logit, whatever the score, as in the program.

mod generator;
mod row;

use std::sync::Arc;

pub use row::{EXTREMAL, ExtremalGame, ExtremalParameters};

use crate::{
    Baseline, Control, ExplainError, Explanation, Iteration, Mask, Nothing, Subject, Update, Value,
    imaging::{Interpolation, Size, gaussian_blur, resample},
    model::Samples,
    stopwatch::Stopwatch,
    subject::compose,
};
use generator::Generator;
use row::TERMS;

/// Steps that cells are apart in a picture: its side is so many of them.
const STEPS: f64 = 32.0;

/// λ at first, and how much it grows with every step.
const AREA_WEIGHT: f64 = 300.0;
const AREA_GROWTH: f64 = 1.0035;

/// Strengths of what is perturbed, from most to not at all.
const LEVELS: usize = 8;

/// Standard deviation of the strongest blur, in shares of the picture's side: 20 pixels of 224.
const LARGEST_BLUR: f64 = 20.0 / 224.0;

/// Gradient descent's step, and how much of the last direction it keeps.
const STEP_SIZE: f32 = 0.01;
const MOMENTUM: f32 = 0.9;

/// Cells along a side of the masks that are shown.
const SHOWN: usize = 56;

/// The least gain over the perturbed picture, or fall from the whole one, that is a finding: as a share of how far these
/// two are apart.
const LEAST_GAIN: f64 = 0.01;

/// Optimises a mask. Reports every iteration to `report`; the map is the last mask.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn extremal(
    subject: &Subject<'_>,
    parameters: &ExtremalParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    parameters.check(subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let size = subject.input.size;
    let raw = Subject { target: subject.raw_target(), ..*subject };
    let generator = Generator::new(size, (size.shorter() as f64 / STEPS).round() as usize);
    let pyramid = Pyramid::of(subject, parameters);
    let mut cells = vec![1.0_f32; generator.size.area()];
    let mut direction: Vec<f32> = Vec::new();
    let mut area_weight = AREA_WEIGHT;
    let mut iterations: Vec<Arc<Iteration>> = Vec::with_capacity(parameters.iterations);
    for number in 1..=parameters.iterations {
        let started = clock.seconds();
        let generated = generator.generate(&cells);
        let mask = generator.over_picture(&generated);
        let is_mirrored = parameters.mirror && number % 2 == 1;
        let (reward, by_pixel) = pyramid.reward(&raw, &mask, parameters.game, is_mirrored, control)?;
        let (area_price, mut by_outer) = area_price(&generated.outer, parameters.area, area_weight);
        let downhill: Vec<f32> = by_pixel.iter().map(|by| -by).collect();
        generator.add_over_picture(&downhill, &mut by_outer);
        let gradient = generator.by_cells(&generated, &by_outer);
        if gradient.iter().any(|value| !value.is_finite()) {
            return Err(ExplainError::NotANumber { what: "a gradient" });
        }
        report(Update::Progress { iteration: number, done: 1, total: 1 });
        if direction.is_empty() {
            direction.clone_from(&gradient);
        } else {
            for (direction, gradient) in direction.iter_mut().zip(&gradient) {
                *direction = MOMENTUM * *direction + (1.0 - MOMENTUM) * gradient;
            }
        }
        let mut change = 0.0;
        for (cell, direction) in cells.iter_mut().zip(&direction) {
            let moved = (*cell - STEP_SIZE * direction).clamp(0.0, 1.0);
            change += f64::from((moved - *cell).abs());
            *cell = moved;
        }
        area_weight *= AREA_GROWTH;
        let area = mask.iter().map(|kept| f64::from(*kept)).sum::<f64>() / mask.len() as f64;
        let values = [reward, area, area_price, area_price - reward, change / cells.len() as f64];
        let iteration = Arc::new(Iteration {
            number,
            terms: TERMS,
            values: values.map(Value::Real).to_vec(),
            seconds: clock.seconds() - started,
            mask: shown(&mask, size),
        });
        report(Update::Iteration(&iteration));
        iterations.push(iteration);
    }
    let last = iterations.last().map(|last| (last.number, last.mask.saliency(), last.number("reward")));
    let (kept, saliency, reward) = last.unwrap_or_else(|| (1, Mask::ones(1).saliency(), f64::NAN));
    let nothing = pyramid.nothing(&raw, reward, parameters.game, control)?;
    let parameters = Arc::new(parameters.clone());
    let explanation = Explanation::of(&EXTREMAL, subject.target, saliency, parameters, clock.seconds());
    Ok(Explanation { iterations, kept: Some(kept), nothing, ..explanation })
}

/// The mask that deletes what a mask keeps, as coarse as it is shown: what matters is what has to be there.
fn shown(mask: &[f32], size: Size) -> Mask {
    let values = resample(mask, size.pair(), (SHOWN, SHOWN), Interpolation::AlignCorners);
    Mask { size: SHOWN, values: values.into_iter().map(|kept| 1.0 - kept).collect() }
}

/// λ·‖vecsort(m) − r_a‖², the mean over pixels, and its gradient by them.
fn area_price(mask: &[f32], area: f64, weight: f64) -> (f64, Vec<f32>) {
    let count = mask.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| mask[a].total_cmp(&mask[b]));
    let without = (count as f64 * (1.0 - area)) as usize;
    let mut gradient = vec![0.0; count];
    let mut sum = 0.0;
    for (rank, &pixel) in order.iter().enumerate() {
        let difference = f64::from(mask[pixel]) - if rank < without { 0.0 } else { 1.0 };
        sum += difference * difference;
        gradient[pixel] = (2.0 * weight * difference / count as f64) as f32;
    }
    (weight * sum / count as f64, gradient)
}

/// A picture in several strengths of what perturbs it, the first the strongest, the last the picture itself.
struct Pyramid {
    /// Each `[channels, height, width]`.
    levels: Vec<Vec<f32>>,
    size: Size,
}

impl Pyramid {
    fn of(subject: &Subject<'_>, parameters: &ExtremalParameters) -> Self {
        let size = subject.input.size;
        let image = &subject.input.planar;
        let share = |level: usize| level as f64 / (LEVELS - 1) as f64;
        let levels = if parameters.baseline == Baseline::Blur {
            let blurred = |level: usize| {
                let sigma = LARGEST_BLUR * size.shorter() as f64 * (1.0 - share(level));
                let kernel = 2 * (4.0 * sigma).ceil() as usize + 1;
                gaussian_blur(image, size, kernel, sigma as f32)
            };
            (0..LEVELS).map(blurred).collect()
        } else {
            let baseline = subject.baseline(parameters.baseline, parameters.seed);
            let everything = vec![1.0; size.area()];
            let faded = |level: usize| {
                let mut planar = vec![0.0; image.len()];
                compose(image, &baseline, &everything, share(level) as f32, &mut planar);
                planar
            };
            (0..LEVELS).map(faded).collect()
        };
        Self { levels, size }
    }

    /// The two levels that a pixel of a mask lies between, and the share of the second.
    fn between(kept: f32) -> (usize, usize, f32) {
        let place = kept * (LEVELS - 1) as f32;
        let first = (place.floor() as usize).min(LEVELS - 1);
        (first, (first + 1).min(LEVELS - 1), place - first as f32)
    }

    /// What is made large, with a mask over the picture, and its gradient by the mask's pixels.
    fn reward(
        &self,
        subject: &Subject<'_>,
        mask: &[f32],
        game: ExtremalGame,
        is_mirrored: bool,
        control: &Control,
    ) -> Result<(f64, Vec<f32>), ExplainError> {
        let opposite = || mask.iter().map(|kept| 1.0 - kept).collect::<Vec<f32>>();
        // Each with its sign: what the mask keeps is to score high, what it leaves over low.
        let masks = match game {
            ExtremalGame::Preserve => vec![(1.0, mask.to_vec())],
            ExtremalGame::Delete => vec![(-1.0, opposite())],
            ExtremalGame::Both => vec![(1.0, mask.to_vec()), (-1.0, opposite())],
        };
        let samples = Perturbed { pyramid: self, masks: masks.iter().map(|(_, mask)| mask).collect(), is_mirrored };
        let reduce = |index: usize, gradient: &[f32]| self.by_mask(&masks[index].1, gradient, is_mirrored);
        let (mut reward, mut by_pixel, mut index) = (0.0, vec![0.0_f32; mask.len()], 0);
        subject.gradients(&samples, control, &reduce, |score, by_own| {
            let sign = masks[index].0;
            reward += f64::from(sign * score);
            // A mask's opposite moves the other way, which its sign does as well.
            for (sum, by) in by_pixel.iter_mut().zip(by_own) {
                *sum += by;
            }
            index += 1;
        })?;
        Ok((reward, by_pixel))
    }

    /// The gradient by a mask's pixels, from that by the picture's numbers.
    fn by_mask(&self, mask: &[f32], gradient: &[f32], is_mirrored: bool) -> Vec<f32> {
        let pixels = mask.len();
        let mut sums = vec![0.0; pixels];
        for (pixel, (sum, kept)) in sums.iter_mut().zip(mask).enumerate() {
            let (first, second, _) = Self::between(*kept);
            let from = if is_mirrored { mirrored(pixel, self.size.width) } else { pixel };
            for colour in 0..gradient.len() / pixels {
                let place = colour * pixels + pixel;
                let rise = self.levels[second][place] - self.levels[first][place];
                *sum += gradient[colour * pixels + from] * rise * (LEVELS - 1) as f32;
            }
        }
        sums
    }

    /// Why there is no finding, if there is none: what is kept scores no higher than the perturbed picture, or what is
    /// left no lower than the whole one.
    fn nothing(
        &self,
        subject: &Subject<'_>,
        reward: f64,
        game: ExtremalGame,
        control: &Control,
    ) -> Result<Option<Nothing>, ExplainError> {
        let (all, none) = (vec![1.0; self.size.area()], vec![0.0; self.size.area()]);
        let samples = Perturbed { pyramid: self, masks: vec![&all, &none], is_mirrored: false };
        let scores = subject.scores(&samples, control)?;
        let (whole, perturbed) = (f64::from(scores[0]), f64::from(scores[1]));
        let least = LEAST_GAIN * (whole - perturbed).abs();
        Ok(match game {
            ExtremalGame::Preserve => (reward <= perturbed + least).then_some(Nothing::Unmoved),
            ExtremalGame::Delete => (-reward >= whole - least).then_some(Nothing::NotLowered),
            ExtremalGame::Both => (reward <= least).then_some(Nothing::Unmoved),
        })
    }
}

/// The pixel at the other end of the row.
fn mirrored(pixel: usize, width: usize) -> usize {
    pixel / width * width + width - 1 - pixel % width
}

/// A picture perturbed where masks do not keep it, perhaps in a mirror.
struct Perturbed<'a> {
    pyramid: &'a Pyramid,
    masks: Vec<&'a Vec<f32>>,
    is_mirrored: bool,
}

impl Samples for Perturbed<'_> {
    fn len(&self) -> usize {
        self.masks.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let Pyramid { levels, size } = self.pyramid;
        let mask = self.masks[index];
        for (colour, plane) in planar.chunks_exact_mut(mask.len()).enumerate() {
            for (pixel, kept) in mask.iter().enumerate() {
                let (first, second, share) = Pyramid::between(*kept);
                let place = colour * mask.len() + pixel;
                let value = (1.0 - share) * levels[first][place] + share * levels[second][place];
                plane[if self.is_mirrored { mirrored(pixel, size.width) } else { pixel }] = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_costs_nothing_where_it_is_the_one_asked_for_and_its_gradient_is_the_slope() {
        let mut mask = vec![0.0; 20];
        mask[3..7].fill(1.0);
        assert_eq!(area_price(&mask, 0.2, 300.0).0, 0.0);
        // Half as much is asked for: two pixels of twenty are too many.
        assert!((area_price(&mask, 0.1, 300.0).0 - 30.0).abs() < 1e-6);
        let mask: Vec<f32> = (0..20).map(|pixel| 0.5 + 0.4 * (pixel as f32 * 1.7).sin()).collect();
        let (_, gradient) = area_price(&mask, 0.3, 300.0);
        for pixel in 0..mask.len() {
            let price = |by: f32| {
                let mut moved = mask.clone();
                moved[pixel] += by;
                area_price(&moved, 0.3, 300.0).0
            };
            let slope = (price(1e-3) - price(-1e-3)) / 2e-3;
            assert!((slope - f64::from(gradient[pixel])).abs() < 0.05, "{pixel}: {slope} is not {}", gradient[pixel]);
        }
    }
}
