//! `run.json`: what was asked, what came out, and with which parameters.

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{
    explain::{Finished, Iteration, Parameters, Prediction, Run},
    imaging::{CropMode, Photo, Region},
    model::Score,
};

/// Version of the layout of `run.json`. It changes when a reader of the old one would be misled.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Record<'a> {
    version: u32,
    program: &'a str,
    image: &'a str,
    image_sha256: String,
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
    parameters: &'a Parameters,
    methods: Methods<'a>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    files: &'a [String],
}

/// By name, in the order they were run.
struct Methods<'a>(&'a [Finished]);

impl Serialize for Methods<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|finished| (finished.explanation.method.id, Method::of(finished))))
    }
}

#[derive(Serialize)]
struct Method<'a> {
    seconds: f64,
    deletion: f32,
    insertion: f32,
    parameters: Map<String, Value>,
    #[serde(rename = "steps", skip_serializing_if = "Vec::is_empty")]
    iterations: Vec<&'a Iteration>,
}

impl<'a> Method<'a> {
    fn of(finished: &'a Finished) -> Self {
        Self {
            seconds: finished.explanation.seconds,
            deletion: finished.curves.deletion(),
            insertion: finished.curves.insertion(),
            parameters: finished.explanation.parameters_json(),
            iterations: finished.explanation.iterations.iter().map(|iteration| &**iteration).collect(),
        }
    }
}

/// SHA-256 of a photo's upright pixels, row by row, 3 bytes each: of what was explained, whatever file it came in.
pub fn pixels_sha256(photo: &Photo) -> String {
    format!("{:x}", Sha256::digest(photo.image.as_raw()))
}

/// The record of a run, as JSON; on one line or indented. `image` is where the picture can be found again, and `files`
/// are those that are written with it.
///
/// # Errors
/// None that a finished run can give: its numbers are finite and its keys are strings.
pub fn run_json(run: &Run, image: &str, files: &[String], indented: bool) -> Result<String, serde_json::Error> {
    let record = Record {
        version: VERSION,
        program: concat!("igoscope ", env!("CARGO_PKG_VERSION")),
        image,
        image_sha256: pixels_sha256(&run.photo),
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
        parameters: &run.parameters,
        methods: Methods(&run.methods),
        files,
    };
    if indented { serde_json::to_string_pretty(&record) } else { serde_json::to_string(&record) }
}
