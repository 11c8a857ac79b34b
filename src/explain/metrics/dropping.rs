//! What the network answers for the picture times its map.

use super::{About, Better, Cost, How, Measuring, Metric};
use crate::{
    ExplainError,
    model::{Batch, Score},
};

const SOURCE: &str = "Aditya Chattopadhyay et al.: Grad-CAM++: Generalized Gradient-based Visual Explanations for Deep Convolutional Networks, WACV 2018 (arXiv 1710.11063)";

/// The share of the answer that is lost.
pub(super) const AVERAGE_DROP: Metric = Metric {
    id: "average-drop",
    title: "Average drop",
    about: About::Faithfulness,
    better: Better::Lower,
    range: "0 to 1",
    meaning: "The share of the class's probability that is lost where every pixel is multiplied with its importance (0 to 1, in the network's numbers); 0 where it grows.",
    source: SOURCE,
    cost: Cost::Forward(2),
    how: How::Whole(drop),
};

/// Whether the answer grows.
pub(super) const AVERAGE_INCREASE: Metric = Metric {
    id: "average-increase",
    title: "Average increase",
    about: About::Faithfulness,
    better: Better::Higher,
    range: "0 or 1; over pictures, the share of those",
    meaning: "Whether the class's probability grows where every pixel is multiplied with its importance.",
    source: SOURCE,
    cost: Cost::Forward(2),
    how: How::Whole(increase),
};

fn drop(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(answers(of)?.map(|[whole, times_map]| ((whole - times_map) / whole).max(0.0)))
}

fn increase(of: &Measuring<'_>) -> Result<Option<f32>, ExplainError> {
    Ok(answers(of)?.map(|[whole, times_map]| f32::from(times_map > whole)))
}

/// The class's probability for the picture, and for the picture times its map; none where there are no probabilities.
fn answers(of: &Measuring<'_>) -> Result<Option<[f32; 2]>, ExplainError> {
    if of.subject.classifier.spec().head.measure() != Score::Probability {
        return Ok(None);
    }
    let (size, picture) = (of.size(), &of.subject.input.planar);
    let drawn = of.explanation.saliency.drawn_at(size.width, size.height);
    let mut both = picture.clone();
    let channels = picture.chunks_exact(size.area());
    both.extend(channels.flat_map(|plane| plane.iter().zip(&drawn).map(|(value, share)| value * share.max(0.0))));
    let answers = of.subject.measures(&Batch::new(&both, picture.len()), of.control)?;
    let [whole, times_map] = answers[..] else { return Ok(None) };
    Ok((whole > 0.0).then_some([whole, times_map]))
}
