//! What things of other rooms are called on screen.

use std::sync::Arc;

use super::{old::Old, run_state::RunState};
use crate::{
    app::text,
    explain::{Baseline, Family, Nothing},
    imaging::{CropMode, Profiles, Sample},
    model::{Head, Score},
};

/// What a run is called.
pub fn run(run: &RunState) -> String {
    text!("run-title", number = run.id.0)
}

/// What a run is called in the comparison: by its model, where two are compared.
pub fn compared(pair: [&RunState; 2], number: usize) -> String {
    let models = pair.map(|run| run.model.as_ref());
    match (models[0], models[1], models[number]) {
        (Some(one), Some(other), Some(own)) if !Arc::ptr_eq(one, other) => {
            let is_one_name = one.title == other.title;
            if is_one_name { format!("{} ({})", own.title, number + 1) } else { own.title.clone() }
        }
        _ => run(pair[number]),
    }
}

/// A kind of methods on screen.
pub fn family(family: Family) -> String {
    match family {
        Family::Masks => text!("family-masks"),
        Family::Gradients => text!("family-gradients"),
        Family::Activations => text!("family-activations"),
        Family::Answers => text!("family-answers"),
        Family::Attention => text!("family-attention"),
        Family::Loaded => text!("family-loaded"),
    }
}

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
        Score::Output => text!("score-output"),
    }
}

/// What a model's outputs mean, in a few words.
pub fn head(head: Head) -> String {
    match head {
        Head::Softmax => text!("head-softmax"),
        Head::Sigmoid => text!("head-sigmoid"),
        Head::Binary => text!("head-binary"),
        Head::Regression => text!("head-regression"),
    }
}

/// Why a method found nothing, in a part of a sentence.
pub fn nothing(why: Nothing) -> String {
    match why {
        Nothing::Blank => text!("nothing-blank"),
        Nothing::Unsure => text!("nothing-unsure"),
        Nothing::NoClass => text!("nothing-no-class"),
        Nothing::Saturated => text!("nothing-saturated"),
        Nothing::Unmoved => text!("nothing-unmoved"),
        Nothing::NotLowered => text!("nothing-not-lowered"),
        Nothing::Ties => text!("nothing-ties"),
        Nothing::Rounding => text!("nothing-rounding"),
        Nothing::Chance => text!("nothing-chance"),
        Nothing::Refused => text!("nothing-refused"),
    }
}

/// What a picture of which everything is deleted is called, at the beginning of a sentence.
pub fn deleted_picture(baseline: Baseline) -> String {
    match baseline {
        Baseline::Blur => text!("picture-blurred"),
        Baseline::Black => text!("picture-black"),
        Baseline::Grey => text!("picture-grey"),
        Baseline::White => text!("picture-white"),
        Baseline::Noise => text!("picture-noise"),
    }
}

/// That what is on the wall is of an earlier question.
pub fn old(old: Old) -> String {
    match old {
        Old::Previous => text!("tile-previous"),
        Old::Run(run) => text!("tile-earlier", run = text!("run-title", number = run.0)),
    }
}

/// What is done with colour profiles, on screen.
pub fn profiles(profiles: Profiles) -> String {
    match profiles {
        Profiles::Convert => text!("profiles-convert"),
        Profiles::Ignore => text!("profiles-ignore"),
    }
}

/// What a sample shows, in a word or two.
pub fn sample(sample: &Sample) -> String {
    text::get(&format!("sample-{}", sample.name))
}
