//! `run.json`: what was asked, what came out, and with which parameters.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::verdict;
use crate::{
    explain::{
        Band, BaselineSeen, Curves, Finished, HALVED, Iteration, Judge, MeanAndDeviation, NEARLY_ALL, Named as _,
        Parameters, Prediction, RandomOrders, Run, Spread, Step,
    },
    imaging::{
        Bands, Channels, Colours, CropMode, CropRule, DrawnBands, Normalisation, Photo, Region, Resampling, Size,
    },
    model::{Head, HeadSource, ModelSpec, Score},
};

/// Version of the layout of `run.json`. It changes when a reader of the old one would be misled.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Record<'a> {
    version: u32,
    program: &'a str,
    image: &'a str,
    image_sha256: String,
    /// What its colour profile was, and what became of it.
    colours: &'a Colours,
    model: &'a str,
    architecture: &'a str,
    /// Other architectures that its tensors fit just as well, if nobody said which it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    architecture_may_be: Vec<&'a str>,
    /// Heads of its attention, if it has some, and whether they are those of its kind because nobody said how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    attention_heads: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    attention_heads_are_guessed: bool,
    /// What its outputs mean, and who says so: a file beside the weights, the user, or nobody.
    head: Head,
    head_from: HeadSource,
    /// Whether its activation and ε are those of its kind because nobody said them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    settings_are_guessed: bool,
    /// Which state dict of the file of weights it is, if that has several, which others there are, and whether nobody
    /// chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_dict: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other_state_dicts: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    state_dict_is_guessed: bool,
    /// The output of a graph with several that is the classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
    /// Whether the user said how pixels become the numbers of a graph: the mean and std of `preprocessing`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    normalisation_is_said: bool,
    /// What is a guess of a network that is a graph from a file, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guesses: Vec<String>,
    /// Where the weights come from, and the checksum of the file if they come from one.
    weights: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    weights_sha256: Option<&'a str>,
    /// The text file that names the classes, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a Path>,
    device: &'a str,
    /// Width and height of what the model saw, in pixels.
    input_size: Size,
    /// How a picture becomes what the model was measured with.
    preprocessing: Preprocessing,
    /// The bands that are drawn of a picture that has others than red, green and blue.
    #[serde(skip_serializing_if = "Option::is_none")]
    bands: Option<DrawnBands>,
    crop: CropMode,
    /// What that covers of the picture, in its pixels.
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
    /// What the model makes of the picture that deletion ends with.
    baseline: &'a BaselineSeen,
    /// What orders that know nothing come to, or null if none were judged.
    random: Option<Random>,
    parameters: &'a Parameters,
    methods: Methods<'a>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    files: &'a [String],
}

#[derive(Serialize)]
struct Preprocessing {
    /// Length of the shorter side before the middle is cut, in pixels; none where the picture is squashed.
    resize: Option<u32>,
    interpolation: Resampling,
    /// Of pixels from 0 to 1: red, green and blue, or of each band.
    mean: Channels,
    std: Channels,
}

impl Preprocessing {
    fn of(model: &ModelSpec) -> Self {
        let CropRule { resize, resampling, squashes, .. } = model.crop;
        let Normalisation { mean, std } = model.normalisation;
        Self { resize: (!squashes).then_some(resize), interpolation: resampling, mean, std }
    }
}

/// By name, in the order they were run.
struct Methods<'a>(&'a Run);

impl Serialize for Methods<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let methods = self.0.methods.iter();
        serializer.collect_map(methods.map(|finished| (finished.explanation.method.id, Method::of(self.0, finished))))
    }
}

#[derive(Serialize)]
struct Random {
    /// How many there are.
    orders: usize,
    deletion: Band,
    insertion: Band,
}

impl Random {
    /// None of no orders.
    fn of(random: &RandomOrders) -> Option<Self> {
        let [deletion, insertion] = random.areas()?;
        Some(Self { orders: random.curves.len(), deletion, insertion })
    }
}

#[derive(Serialize)]
struct Method<'a> {
    seconds: f64,
    found: bool,
    /// Why it found nothing, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    /// What to do about it, in words.
    #[serde(rename = "try", skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// What the curves say, if it found something.
    #[serde(flatten)]
    judged: Option<Judged<'a>>,
    /// The iteration whose mask is the map.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_iteration: Option<usize>,
    parameters: Map<String, Value>,
    #[serde(rename = "steps", skip_serializing_if = "Vec::is_empty")]
    iterations: Vec<&'a Iteration>,
}

impl<'a> Method<'a> {
    fn of(run: &Run, finished: &'a Finished) -> Self {
        let explanation = &finished.explanation;
        Self {
            seconds: explanation.seconds,
            found: finished.is_found(),
            why: explanation.nothing.map(|nothing| nothing.name()),
            remedy: verdict::remedy(explanation),
            judged: finished.is_found().then(|| Judged::of(run, finished)),
            kept_iteration: explanation.kept.filter(|_| finished.is_found()),
            parameters: explanation.parameters_json(),
            iterations: explanation.iterations.iter().map(|iteration| &**iteration).collect(),
        }
    }
}

/// What the curves say of a map.
#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    areas: Areas,
    insertion_minus_deletion: f32,
    /// Whether that is more than any random order has, if there were some.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_better_than_random: Option<bool>,
    /// The smallest share of the picture that keeps 90 % of the score alone, or null if only all of it does.
    keeps_90_percent: Option<f32>,
    /// The smallest share whose deletion halves the score, or null if none does.
    halves: Option<f32>,
    /// What second judges say.
    judges: Vec<Second<'a>>,
    /// What was measured besides, by the metric's name: null where it has no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metrics: BTreeMap<&'static str, Option<f32>>,
    /// The parts that a metric is the mean of, for those that have such.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metric_steps: BTreeMap<&'static str, &'a [Step]>,
    /// How far the areas move by chance, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    seeds: Option<Seeds>,
}

#[derive(Serialize)]
struct Seeds {
    /// How many there are.
    runs: usize,
    deletion: MeanAndDeviation,
    insertion: MeanAndDeviation,
}

impl Seeds {
    /// None of fewer than two.
    fn of(spread: &Spread) -> Option<Self> {
        let [deletion, insertion] = spread.deviations()?;
        Some(Self { runs: spread.areas.len(), deletion, insertion })
    }
}

impl<'a> Judged<'a> {
    fn of(run: &Run, finished: &'a Finished) -> Self {
        let curves = &finished.curves;
        let second = finished.second.iter();
        let with_steps = finished.measures.iter().filter(|measure| !measure.steps.is_empty());
        Self {
            areas: Areas::of(curves),
            insertion_minus_deletion: curves.difference(),
            is_better_than_random: (!run.random.curves.is_empty()).then(|| !run.random.do_as_well_as(curves)),
            keeps_90_percent: curves.keeps(NEARLY_ALL),
            halves: curves.loses(HALVED),
            judges: second.map(|second| Second { judge: &second.judge, areas: Areas::of(&second.curves) }).collect(),
            seeds: finished.spread.as_ref().and_then(Seeds::of),
            metrics: finished.measures.iter().map(|measure| (measure.metric.id, measure.value)).collect(),
            metric_steps: with_steps.map(|measure| (measure.metric.id, measure.steps.as_slice())).collect(),
        }
    }
}

#[derive(Serialize)]
struct Second<'a> {
    #[serde(flatten)]
    judge: &'a Judge,
    #[serde(flatten)]
    areas: Areas,
}

#[derive(Serialize)]
struct Areas {
    deletion: f32,
    insertion: f32,
}

impl Areas {
    fn of(curves: &Curves) -> Self {
        Self { deletion: curves.deletion(), insertion: curves.insertion() }
    }
}

/// SHA-256 of a photo's upright pixels, row by row, 3 bytes each: of what was explained, whatever file it came in. Of a
/// picture that is not in colour, of the numbers of its bands, one after the other, 4 bytes each.
pub fn pixels_sha256(photo: &Photo) -> String {
    let Some(bands) = photo.bands.as_ref().filter(|bands| !bands.are_colours()) else {
        return format!("{:x}", Sha256::digest(photo.image.as_raw()));
    };
    let mut digest = Sha256::new();
    for number in bands.values() {
        digest.update(number.to_le_bytes());
    }
    format!("{:x}", digest.finalize())
}

/// The record of a run, as JSON; on one line or indented. `image` is where the picture can be found again, and `files`
/// are those that are written with it.
///
/// # Errors
/// None that a finished run can give: its numbers are finite and its keys are strings.
pub fn run_json(run: &Run, image: &str, files: &[String], indented: bool) -> Result<String, serde_json::Error> {
    let graph = run.model.graph();
    let record = Record {
        version: VERSION,
        program: concat!("igoscope ", env!("CARGO_PKG_VERSION")),
        image,
        image_sha256: pixels_sha256(&run.photo),
        colours: &run.photo.colours,
        model: &run.model.name,
        architecture: &run.model.architecture,
        architecture_may_be: run.model.guesses.others(),
        attention_heads: run.model.heads,
        attention_heads_are_guessed: run.model.guesses.heads,
        head: run.model.head,
        head_from: run.model.head_source,
        settings_are_guessed: run.model.guesses.settings,
        state_dict: run.model.state_dicts.as_ref().map(|dicts| dicts.taken.as_str()),
        other_state_dicts: run.model.state_dicts.as_ref().map_or(&[], |dicts| &dicts.others),
        state_dict_is_guessed: run.model.guesses.state_dict,
        output: graph.filter(|graph| graph.outputs.len() > 1).map(|graph| graph.output.as_str()),
        normalisation_is_said: graph.is_some_and(|graph| graph.said.normalisation.is_some()),
        guesses: run.model.graph_guesses(),
        weights: &run.model.origin,
        weights_sha256: run.model.sha256.as_deref(),
        labels: run.model.labels.file(),
        device: &run.device,
        input_size: run.input.size,
        preprocessing: Preprocessing::of(&run.model),
        bands: run.photo.bands.as_ref().and_then(Bands::drawn),
        crop: run.crop,
        region: run.input.crop.region,
        score: run.score,
        class: &run.class,
        against: run.against.as_ref(),
        curve_score: run.model.head.measure(),
        value: run.value,
        top: &run.top,
        baseline: &run.baseline,
        random: Random::of(&run.random),
        parameters: &run.parameters,
        methods: Methods(run),
        files,
    };
    if indented { serde_json::to_string_pretty(&record) } else { serde_json::to_string(&record) }
}
