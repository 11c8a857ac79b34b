//! XRAI: the regions of the picture in the order of how much integrated gradients they hold for their size.
//!
//! Source: Kapishnikov, Bolukbasi, Viégas, Terry, *XRAI: Better Attributions Through Regions*, ICCV 2019
//! (arXiv 1906.02825), and the authors' program, <https://github.com/PAIR-code/saliency>. Integrated gradients from black
//! and from white are averaged, of a pixel's three colours the largest counts. The picture is cut into segments at several
//! scales (`segments.rs`), each a little widened. From the segments that are left the one is taken whose pixels that are
//! not yet covered hold most on average, until none is left.

mod segments;

use std::sync::Arc;

pub use segments::{segments, widened};

use super::{IntegratedGradientsParameters, attributions};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Nothing, Parameter, Saliency, Scale, Subject,
    Table, Update, field,
    imaging::{Interpolation, Size},
    method::explains,
    nothing::ROUNDING,
    pixels::{of_pixels, signed_map_of},
    stopwatch::Stopwatch,
};

/// Scales of the segments, as the authors' program has them.
const SCALES: [f64; 6] = [50.0, 100.0, 150.0, 250.0, 500.0, 1200.0];

/// Pixels of a segment at least, pixels that it is widened by, and pixels that it has to add: of a picture of 224 × 224.
const LEAST_PIXELS: f64 = 150.0;
const WIDENED: f64 = 5.0;
const LEAST_NEW: f64 = 50.0;

/// The row of XRAI.
pub static XRAI: Method = Method {
    id: "xrai",
    title: "XRAI",
    color: [117, 112, 179],
    family: Family::Gradients,
    meaning: "Which regions of the picture hold most of what adds to the score, for their size.",
    misleads: "Its regions are those of colour and not of the network: what matters in a part of a region looks as if all of it did.",
    computes: "The picture is cut into regions of alike colours, coarse and fine. Integrated gradients, from black and from white, say how much each pixel adds to the score, and the regions are taken in the order of how much they add for every pixel that no region before has covered.",
    source: "Andrei Kapishnikov, Tolga Bolukbasi, Fernanda Viégas, Michael Terry: XRAI: Better Attributions Through Regions, ICCV 2019 (arXiv 1906.02825)",
    parameters: Table::of::<XraiParameters>("xrai", ROWS),
    ..Method::of::<Xrai>()
};

static ROWS: &[Parameter] = &[Parameter::new(
    "integration_steps",
    "xrai-steps",
    Kind::Whole(|_| 1..=1000, Scale::Log),
    field!(XraiParameters, integration_steps),
    "Samples of each of XRAI's two paths",
)
.unit("points")
.in_captions()];

/// The parameters of XRAI.
#[derive(Debug, Clone, PartialEq)]
pub struct XraiParameters {
    /// Samples of the paths from black and from white, from 1 to 1000 each; midpoints.
    pub integration_steps: usize,
}

impl Default for XraiParameters {
    fn default() -> Self {
        Self { integration_steps: 50 }
    }
}

explains!(Xrai: XraiParameters, |parameters| 2 * parameters.integration_steps, xrai reports);

/// What each pixel's region holds on average, at input size: less the lowest where that is below 0; signed, as it is.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn xrai(
    subject: &Subject<'_>,
    parameters: &XraiParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    let size = subject.input.size;
    XRAI.parameters.check(parameters, size.shorter())?;
    let clock = Stopwatch::start(control);
    let passes = 2 * parameters.integration_steps;
    let mut sum = vec![0.0_f32; subject.input.planar.len()];
    for (number, baseline) in [Baseline::Black, Baseline::White].into_iter().enumerate() {
        let before = number * parameters.integration_steps;
        let path = IntegratedGradientsParameters { integration_steps: parameters.integration_steps, baseline, seed: 0 };
        let own = attributions(subject, &path, control, &mut |update| {
            if let Update::Progress { done, .. } = update {
                report(Update::Progress { iteration: 1, done: before + done, total: passes });
            }
        })?;
        for (sum, value) in sum.iter_mut().zip(own) {
            *sum += value / 2.0;
        }
    }
    let attribution = largest_colour(&sum, size);
    let mut all = Vec::new();
    for scale in SCALES {
        control.checkpoint()?;
        all.push(segments(&subject.input.planar, size, scale, scaled(LEAST_PIXELS, size, 2)));
    }
    let regions: Vec<Vec<usize>> =
        all.iter().flat_map(|labels| widened(labels, size, scaled(WIDENED, size, 1))).collect();
    let gains = ranked(&attribution, &regions, scaled(LEAST_NEW, size, 2));
    let lowest = gains.iter().copied().fold(0.0, f32::min);
    let map = |values: Vec<f32>| Saliency {
        clipped_fraction: 0.0,
        interpolation: Interpolation::Nearest,
        ..of_pixels(values, size)
    };
    let saliency = map(gains.iter().map(|gain| gain - lowest).collect());
    let total: f64 = signed_map_of(&sum, size)?.values.iter().map(|value| f64::from(value.abs())).sum();
    let score = f64::from(subject.gradient(control)?.0.abs());
    let parameters = Arc::new(parameters.clone());
    let explanation = Explanation::of(&XRAI, subject.target, saliency, parameters, clock.seconds());
    let nothing = (total <= ROUNDING * score).then_some(Nothing::Rounding);
    Ok(Explanation { signed: Some(map(gains)), nothing, ..explanation })
}

/// A number of pixels of a picture of 224 × 224 for one of another size; `power` is 1 for a length and 2 for an area.
fn scaled(pixels: f64, size: Size, power: i32) -> usize {
    (pixels * ((size.area() as f64).sqrt() / 224.0).powi(power)).round() as usize
}

/// The largest of each pixel's values, `[channels, height, width]`.
fn largest_colour(values: &[f32], size: Size) -> Vec<f32> {
    let pixels = size.area();
    let colours = |pixel: usize| values.iter().skip(pixel).step_by(pixels.max(1)).copied();
    (0..pixels).map(|pixel| colours(pixel).fold(f32::NEG_INFINITY, f32::max)).collect()
}

/// A value for every pixel: the mean of `attribution` over what its region added when it was taken. Regions, lists of
/// pixels, are taken one after the other, the one first whose pixels that are not yet covered have the highest mean, and
/// the first of several; those that would add less than `least` pixels are dropped. Pixels of none have their own mean.
pub fn ranked(attribution: &[f32], regions: &[Vec<usize>], least: usize) -> Vec<f32> {
    let mut of_pixel = vec![Vec::new(); attribution.len()];
    for (region, pixels) in regions.iter().enumerate() {
        for &pixel in pixels {
            of_pixel[pixel].push(region);
        }
    }
    let sum = |pixels: &Vec<usize>| pixels.iter().map(|pixel| f64::from(attribution[*pixel])).sum::<f64>();
    // Of the pixels that are not yet covered: how many, and what they hold.
    let mut left: Vec<Option<(usize, f64)>> = regions.iter().map(|pixels| Some((pixels.len(), sum(pixels)))).collect();
    let mut values: Vec<Option<f32>> = vec![None; attribution.len()];
    loop {
        for region in &mut left {
            *region = region.filter(|(count, _)| *count >= least.max(1));
        }
        let mut best: Option<(usize, f64)> = None;
        for (region, left) in left.iter().enumerate() {
            let Some((count, sum)) = left else { continue };
            let mean = sum / *count as f64;
            if best.is_none_or(|(_, best)| mean > best) {
                best = Some((region, mean));
            }
        }
        let Some((region, mean)) = best else { break };
        left[region] = None;
        for &pixel in &regions[region] {
            if values[pixel].is_some() {
                continue;
            }
            values[pixel] = Some(mean as f32);
            for &other in &of_pixel[pixel] {
                if let Some((count, sum)) = &mut left[other] {
                    *count -= 1;
                    *sum -= f64::from(attribution[pixel]);
                }
            }
        }
    }
    let others: Vec<f64> =
        values.iter().zip(attribution).filter(|(value, _)| value.is_none()).map(|(_, own)| f64::from(*own)).collect();
    let mean = others.iter().sum::<f64>() / others.len().max(1) as f64;
    values.into_iter().map(|value| value.unwrap_or(mean as f32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_counts_by_what_it_adds_and_not_by_what_it_shares() {
        // The second region is best, then the rest of the first, which alone would come last.
        let attribution = [9.0, 9.0, 1.0, 3.0, 3.0, 0.5];
        let regions = vec![vec![0, 1, 2], vec![0, 1], vec![3, 4]];
        assert_eq!(ranked(&attribution, &regions, 1), [9.0, 9.0, 1.0, 3.0, 3.0, 0.5]);
        // What adds too little is dropped, and its pixels are left over.
        assert_eq!(ranked(&attribution, &regions, 2), [9.0, 9.0, 0.75, 3.0, 3.0, 0.75]);
    }
}
