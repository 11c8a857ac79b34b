//! `run.json`: what was asked, what came out, and with which parameters.

use serde::Serialize;
use serde_json::Value;

use crate::{
    explain::{Finished, Prediction, Run, Step},
    imaging::{CropMode, Region},
    model::Score,
};

/// Version of the layout of `run.json`. It changes when a reader of the old one would be misled.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Record<'a> {
    version: u32,
    image: &'a str,
    model: &'a str,
    architecture: &'a str,
    /// Where the weights come from, and the checksum of the file if they come from one.
    weights: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    weights_sha256: Option<&'a str>,
    device: &'a str,
    /// Side of the square the model saw, in pixels.
    input_size: usize,
    crop: CropMode,
    /// What the square covers of the picture, in its pixels.
    region: Region,
    score: Score,
    class: &'a Prediction,
    /// The class it was explained rather than, or null.
    against: Option<&'a Prediction>,
    /// What deletion and insertion measure, whatever the score.
    curve_score: Score,
    /// What was explained, for the whole picture.
    value: f32,
    top: &'a [Prediction],
    methods: Methods<'a>,
}

/// By name, in the order they were run.
struct Methods<'a>(&'a [Finished]);

impl Serialize for Methods<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|finished| (finished.explanation.method.name(), Method::of(finished))))
    }
}

#[derive(Serialize)]
struct Method<'a> {
    seconds: f64,
    deletion: f32,
    insertion: f32,
    parameters: &'a Value,
    #[serde(skip_serializing_if = "<[Step]>::is_empty")]
    steps: &'a [Step],
}

impl<'a> Method<'a> {
    fn of(finished: &'a Finished) -> Self {
        Self {
            seconds: finished.explanation.seconds,
            deletion: finished.curves.deletion(),
            insertion: finished.curves.insertion(),
            parameters: &finished.explanation.parameters,
            steps: &finished.explanation.steps,
        }
    }
}

/// The record of a run, as JSON; on one line or indented.
///
/// # Errors
/// None that a finished run can give: its numbers are finite and its keys are strings.
pub fn run_json(run: &Run, indented: bool) -> Result<String, serde_json::Error> {
    let record = Record {
        version: VERSION,
        image: &run.image,
        model: &run.model.name,
        architecture: &run.model.architecture,
        weights: &run.model.origin,
        weights_sha256: run.model.sha256.as_deref(),
        device: &run.device,
        input_size: run.input.side,
        crop: run.crop,
        region: run.input.crop.region,
        score: run.score,
        class: &run.class,
        against: run.against.as_ref(),
        curve_score: Score::Probability,
        value: run.value,
        top: &run.top,
        methods: Methods(&run.methods),
    };
    if indented { serde_json::to_string_pretty(&record) } else { serde_json::to_string(&record) }
}
