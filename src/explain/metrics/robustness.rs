//! Whether a map stays where the picture hardly changes.

use std::borrow::Cow;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{About, Better, Cost, How, Measuring, Metric, correlation::spearman};
use crate::{ExplainError, Explanation, Saliency, Subject, model::Input};

/// How often the map is made again.
const AGAIN: usize = 3;
/// The largest noise, as a share of white: five of 255 steps.
const RADIUS: f32 = 0.02;
/// How far the picture is moved, as a share of its side.
const SHIFT_BY: f32 = 1.0 / 56.0;

/// How far noise moves the map.
pub(super) const AVG_SENSITIVITY: Metric = Metric {
    id: "avg-sensitivity",
    title: "Avg-Sensitivity",
    about: About::Robustness,
    better: Better::Lower,
    range: "0 and more; 1 is a change as large as the map",
    meaning: "The map is made again for the picture with noise of at most five of 255 steps, three times: the length of its change relative to its own, on average.",
    source: "Chih-Kuan Yeh et al.: On the (In)fidelity and Sensitivity of Explanations, NeurIPS 2019 (arXiv 1901.09392)",
    cost: Cost::Maps(AGAIN),
    how: How::Whole(avg_sensitivity),
};

/// Whether it moves along with the picture.
pub(super) const SHIFT: Metric = Metric {
    id: "shift",
    title: "Shift",
    about: About::Robustness,
    better: Better::Higher,
    range: "−1 to 1; 1 moves along with the picture",
    meaning: "The picture is moved by a 56th of its side and explained again: the correlation of the ranks of both maps, moved back over each other.",
    source: "Equivariance as in Jonathan Crabbé, Mihaela van der Schaar: Evaluating the Robustness of Interpretability Methods through Explanation Invariance and Equivariance, NeurIPS 2023 (arXiv 2304.06715)",
    cost: Cost::Maps(1),
    how: How::Whole(shift),
};

fn avg_sensitivity(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let own = of.cells();
    let length = |values: &[f32]| values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    let whole = length(&own);
    if whole == 0.0 {
        return Ok(None);
    }
    let mut sum = 0.0;
    for number in 0..AGAIN {
        let input = noisy(of.subject.input, of.seed().wrapping_add(number as u64));
        let Some(again) = explained(of, &input)? else { return Ok(None) };
        let change: Vec<f32> = match again.nothing {
            // Nothing is left of it.
            Some(_) => own.clone(),
            None => again.saliency.on_grid(of.grid()).iter().zip(&own).map(|(other, own)| other - own).collect(),
        };
        sum += length(&change) / whole;
    }
    Ok(Some((sum / AGAIN as f64) as f32))
}

fn shift(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    let size = of.size();
    let by = ((size.shorter() as f32 * SHIFT_BY).round() as usize).max(1);
    let Some(again) = explained(of, &moved(of.subject.input, by))? else { return Ok(None) };
    if again.nothing.is_some() {
        return Ok(Some(0.0));
    }
    let drawn = |map: &Saliency| map.drawn_at(size.width, size.height);
    let (own, other) = (drawn(&of.explanation.saliency), drawn(&again.saliency));
    // What both saw: the moved map without what was pushed in, over what was not pushed out.
    let part = |map: &[f32], from: usize| -> Vec<f32> {
        let rows = map.chunks_exact(size.width).skip(from).take(size.height - by);
        rows.flat_map(|row| row[from..from + size.width - by].iter().copied()).collect()
    };
    Ok(spearman(&part(&own, 0), &part(&other, by)))
}

/// The same question about another input.
fn explained(of: &Measuring<'_>, input: &Input) -> Result<Option<Explanation>, ExplainError> {
    of.again(&Subject { input, ..*of.subject })
}

fn noisy(input: &Input, seed: u64) -> Input {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut noisy = input.clone();
    let pixels = input.size.area().max(1);
    for (plane, std) in noisy.planar.chunks_exact_mut(pixels).zip(input.normalisation.std.iter()) {
        let radius = RADIUS / std;
        plane.iter_mut().for_each(|value| *value += random.random_range(-radius..=radius));
    }
    noisy
}

/// The picture moved right and down; what comes in is its own edge.
fn moved(input: &Input, by: usize) -> Input {
    let size = input.size;
    let plane = |plane: &[f32]| -> Cow<'static, [f32]> {
        let at = |place: usize| place.saturating_sub(by);
        (0..size.area())
            .map(|pixel| plane[at(pixel / size.width) * size.width + at(pixel % size.width)])
            .collect::<Vec<_>>()
            .into()
    };
    let planar = input.planar.chunks_exact(size.area()).flat_map(|own| plane(own).into_owned()).collect();
    Input { planar, ..input.clone() }
}
