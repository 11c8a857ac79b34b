//! What things of other rooms are called on screen.

use crate::{
    app::text,
    imaging::{CropMode, Sample},
    model::Score,
};

/// A crop's name on screen.
pub fn crop(mode: CropMode) -> String {
    match mode {
        CropMode::Center => text!("crop-center"),
        CropMode::Squash => text!("crop-squash"),
        CropMode::Letterbox => text!("crop-letterbox"),
        CropMode::Region(_) => text!("crop-part"),
    }
}

/// A score's name on screen.
pub fn score(score: Score) -> String {
    match score {
        Score::Probability => text!("score-probability"),
        Score::Logit => text!("score-logit"),
        Score::LogProbability => text!("score-log-probability"),
    }
}

/// What a sample shows, in a word or two.
pub fn sample(sample: &Sample) -> String {
    text::get(&format!("sample-{}", sample.name))
}
