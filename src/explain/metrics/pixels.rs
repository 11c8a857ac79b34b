//! Deletion and insertion pixel by pixel, as RISE has them: whatever the grid of the curves.

use super::{About, Better, Cost, How, Measuring, Metric};
use crate::{Baseline, CurveParameters, ExplainError, judge};

/// Steps of each curve: a step is as many pixels as a row of RISE's inputs has.
const STEPS: usize = 224;

const SOURCE: &str = "Vitali Petsiuk, Abir Das, Kate Saenko: RISE: Randomized Input Sampling for Explanation of Black-box Models, BMVC 2018 (arXiv 1806.07421)";

/// Area under insertion, from the blurred picture.
pub(super) const PIXEL_INSERTION: Metric = Metric {
    id: "pixel-insertion",
    title: "Insertion, pixels",
    about: About::Faithfulness,
    better: Better::Higher,
    range: "0 to 1",
    meaning: "The area under the class's probability while the most important pixels are put into the blurred picture, in 224 steps.",
    source: SOURCE,
    cost: Cost::Forward(2 * STEPS),
    how: How::Whole(insertion),
};

/// Area under deletion, to mean grey.
pub(super) const PIXEL_DELETION: Metric = Metric {
    id: "pixel-deletion",
    title: "Deletion, pixels",
    about: About::Faithfulness,
    better: Better::Lower,
    range: "0 to 1",
    meaning: "The area under the class's probability while the most important pixels are replaced with the network's mean grey, in 224 steps.",
    source: SOURCE,
    cost: Cost::Forward(2 * STEPS),
    how: How::Whole(deletion),
};

/// One less the other.
pub(super) const PIXEL_DIFFERENCE: Metric = Metric {
    id: "pixel-difference",
    title: "Insertion − deletion, pixels",
    about: About::Faithfulness,
    better: Better::Higher,
    range: "−1 to 1",
    meaning: "Insertion less deletion, both pixel by pixel.",
    source: SOURCE,
    cost: Cost::Forward(4 * STEPS),
    how: How::Whole(difference),
};

fn insertion(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(Some(curves(of, Baseline::Blur)?.insertion()))
}

fn deletion(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(Some(curves(of, Baseline::Grey)?.deletion()))
}

fn difference(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(insertion(of)?.zip(deletion(of)?).map(|(insertion, deletion)| insertion - deletion))
}

fn curves(of: &Measuring<'_>, baseline: Baseline) -> Result<crate::Curves, ExplainError> {
    let curves = &of.parameters.curves;
    let parameters = CurveParameters { grid: of.size().shorter(), steps: STEPS, baseline, ..curves.clone() };
    judge(of.subject, &of.explanation.saliency, &parameters, of.control, &mut |_| {})
}
