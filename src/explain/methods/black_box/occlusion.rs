//! Occlusion: how far the score falls when a window of the picture is covered.
//!
//! Source: Zeiler, Fergus, *Visualizing and Understanding Convolutional Networks*, ECCV 2014 (arXiv 1311.2901), with the
//! windows at the picture's border, and the mean where windows overlap, of captum's `Occlusion`.

use std::sync::Arc;

use super::{map_of, masked::Shown, passes_of, rounding};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Otherwise, Parameter, Scale, Subject, Table,
    Update, field, imaging::Interpolation, method::explains, names, stopwatch::Stopwatch,
};

/// Occlusion's row.
pub static OCCLUSION: Method = Method {
    id: "occlusion",
    title: "Occlusion",
    color: [140, 86, 75],
    family: Family::Answers,
    meaning: "How far the score falls when the place is covered, on average over the windows that cover it.",
    misleads: "It sees what one window hides: of two things that are each enough it finds neither, and its grain is the window's.",
    computes: "A window slides over the picture, and each time what is behind it is replaced by mean grey. How much lower the score is then than for the whole picture is written to every place behind the window; where windows overlap, the mean of them counts. Below 0 it rose: what is there speaks against the class.",
    source: "Matthew D. Zeiler, Rob Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014 (arXiv 1311.2901)",
    parameters: Table::of::<OcclusionParameters>("occlusion", ROWS),
    ..Method::of::<Occlusion>()
};

/// The parameters of occlusion.
#[derive(Debug, Clone, PartialEq)]
pub struct OcclusionParameters {
    /// Width and height of the window, in pixels of the input, from 2 to its side.
    pub window: usize,
    /// How far the window moves at a time, in pixels, from 1 to the window's width.
    pub stride: usize,
    /// What is in the window. The paper has grey.
    pub baseline: Baseline,
    /// Seed of the noise baseline.
    pub seed: u64,
}

impl Default for OcclusionParameters {
    fn default() -> Self {
        Self { window: 32, stride: 8, baseline: Baseline::Grey, seed: 0 }
    }
}

/// Pixels along a side of most networks' inputs, for the cost that is told before the network is asked.
const USUAL_SIDE: usize = 224;

static ROWS: &[Parameter] = &[
    Parameter::new(
        "window",
        "occlusion-window",
        Kind::Whole(|side| 2..=side.max(2) as u64, Scale::Log),
        field!(OcclusionParameters, window),
        "Width and height of the window that covers the picture",
    )
    .unit("pixels")
    .in_captions(),
    Parameter::new(
        "stride",
        "occlusion-stride",
        Kind::Whole(|side| 1..=side.max(2) as u64, Scale::Log),
        field!(OcclusionParameters, stride),
        "How far the window moves at a time",
    )
    .unit("pixels")
    .in_captions()
    .at_most("window", Otherwise::Follows),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(OcclusionParameters, baseline),
        "What occlusion covers the picture with",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(OcclusionParameters, seed), "Seed of the noise baseline")
        .value_name("SEED")
        .in_captions()
        .counts_if("baseline", "noise"),
];

explains!(
    Occlusion: OcclusionParameters,
    |parameters| passes_of(1 + places(parameters, USUAL_SIDE).pow(2)),
    occlusion reports
);

/// Places of the window along a side.
fn places(parameters: &OcclusionParameters, side: usize) -> usize {
    let stride = parameters.stride.min(parameters.window).max(1);
    side.saturating_sub(parameters.window).div_ceil(stride) + 1
}

/// f(I) − f(I with a window covered), the mean over the windows that cover a pixel, at input size and signed.
///
/// Windows begin at multiples of the stride; the last ones of a row or column end with the picture.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn occlusion(
    subject: &Subject<'_>,
    parameters: &OcclusionParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    OCCLUSION.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let size = subject.input.size;
    let (window, stride) = (parameters.window, parameters.stride.min(parameters.window));
    let [across, down] = [size.width, size.height].map(|side| places(parameters, side));
    // The whole picture first, then every window, row by row.
    let span = |place: usize, side: usize| place * stride..(place * stride + window).min(side);
    let area = |index: usize| (span(index / across, size.height), span(index % across, size.width));
    let total = 1 + across * down;
    let mut shown = Shown::new(subject, (parameters.baseline, parameters.seed), control, total);
    let cover = |index: usize, mask: &mut [f32]| {
        mask.fill(1.0);
        if let Some(index) = index.checked_sub(1) {
            let (rows, columns) = area(index);
            for row in rows {
                mask[row * size.width..][columns.clone()].fill(0.0);
            }
        }
    };
    let scores = shown.scores(total, cover, report)?;
    let nothing = rounding(&scores);
    let whole = f64::from(scores.first().copied().unwrap_or_default());
    let (mut sums, mut covers) = (vec![0.0_f64; size.area()], vec![0_u32; size.area()]);
    for (index, score) in scores.iter().skip(1).enumerate() {
        let (rows, columns) = area(index);
        for pixel in rows.flat_map(|row| columns.clone().map(move |column| row * size.width + column)) {
            sums[pixel] += whole - f64::from(*score);
            covers[pixel] += 1;
        }
    }
    let values: Vec<f32> =
        sums.iter().zip(&covers).map(|(sum, covers)| (sum / f64::from((*covers).max(1))) as f32).collect();
    let saliency = map_of(size, values, Interpolation::Nearest);
    let own = Arc::new(parameters.clone());
    let explanation = Explanation::of(&OCCLUSION, subject.target, saliency.clone(), own, clock.seconds());
    Ok(Explanation { signed: Some(saliency), nothing, ..explanation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_reach_the_end_of_the_picture() {
        let of = |window, stride| OcclusionParameters { window, stride, ..OcclusionParameters::default() };
        assert_eq!(places(&of(32, 8), 224), 25);
        assert_eq!(places(&of(15, 8), 224), 28, "the last one is cut off");
        assert_eq!(places(&of(224, 8), 224), 1);
        assert_eq!(places(&of(8, 64), 24), 3, "none is left out between two");
    }
}
