//! What an evaluation is of: `evaluation.json`. Results of other things do not go together.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Dataset, DatasetError, Shard, Truths};
use crate::{
    explain::{CurveParameters, Method, Metric, Parameters},
    export::folder_name,
    imaging::{Channels, CropMode, CropRule, DrawnBands, Normalisation, PixelRect, Profiles, Resampling, Size},
    model::{Head as ModelHead, ModelSpec, Score},
};

/// The name of the file.
pub const HEAD: &str = "evaluation.json";
/// Version of the layout of the folder. It changes when a reader of the old one would be misled.
pub const VERSION: u32 = 1;

/// Which class of each picture is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Explained {
    /// The one with the highest answer.
    #[default]
    Predicted,
    /// The one that the picture is labelled with; a picture without a label is left out.
    Label,
    /// This one, in every picture.
    Class(usize),
}

/// What an evaluation is of, and how it is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the layout.
    pub version: u32,
    /// The program and its version.
    pub program: String,
    /// The folder or list, as it was named.
    pub dataset: String,
    /// How many pictures there are in all of it.
    pub pictures: usize,
    /// Checksum of the names, labels and classes of all pictures.
    pub pictures_sha256: String,
    /// Whether it is a guess which class is which label.
    pub labels_are_guessed: bool,
    /// The part of them that is evaluated here, if it is one.
    pub shard: Option<Shard>,
    /// Name of the model.
    pub model: String,
    /// Its name on screen.
    pub model_title: String,
    /// Its architecture.
    pub architecture: String,
    /// What of it is a guess, in words.
    pub guesses: Vec<String>,
    /// What its outputs mean.
    pub head: ModelHead,
    /// Where its weights came from.
    pub weights: String,
    /// The checksum of their file.
    pub weights_sha256: Option<String>,
    /// The names of its classes.
    pub classes: Vec<String>,
    /// The device, in words.
    pub device: String,
    /// Width and height of what the model saw, in pixels.
    pub input_size: Size,
    /// How a picture becomes that square.
    pub preprocessing: Preprocessing,
    /// What no checksum says of a network that is a graph from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<OfGraph>,
    /// How it was asked to be cut.
    pub crop: CropMode,
    /// What was done with colour profiles.
    pub profiles: Profiles,
    /// Which bands are drawn of pictures that have others than red, green and blue, if some were chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<DrawnBands>,
    /// The class that is explained.
    pub explained: Explained,
    /// What is explained of it.
    pub score: Score,
    /// The methods, in the order of their lines.
    pub methods: Vec<String>,
    /// What every map is measured by besides, by its id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// Another network that judges as well, if there is one.
    pub judge: Option<String>,
    /// The parameters of all methods and of the curves.
    pub parameters: Value,
}

/// What the same graph from a file can be hosted with otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfGraph {
    /// The mean of pixels from 0 to 1: red, green and blue, or of each band.
    pub mean: Channels,
    /// Their standard deviation.
    pub std: Channels,
    /// The output that is the classes.
    pub output: String,
}

impl OfGraph {
    /// Of a model, if it is one.
    fn of(model: &ModelSpec) -> Option<Self> {
        let Normalisation { mean, std } = model.normalisation;
        model.graph().map(|graph| Self { mean, std, output: graph.output.clone() })
    }
}

/// How a picture becomes what a model sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// Length of the shorter side before the middle is cut, in pixels.
    pub resize: u32,
    /// Width and height of what is cut.
    pub crop: Size,
    /// How pixels are made of others.
    pub interpolation: Resampling,
    /// Whether the picture is squashed instead.
    pub squashes: bool,
}

impl Preprocessing {
    /// Of a rule.
    pub fn of(rule: CropRule) -> Self {
        Self { resize: rule.resize, crop: rule.crop, interpolation: rule.resampling, squashes: rule.squashes }
    }

    /// The rule again.
    pub fn rule(self) -> CropRule {
        CropRule { resize: self.resize, crop: self.crop, resampling: self.interpolation, squashes: self.squashes }
    }
}

/// How an evaluation is asked for, beside the model and the pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The folder or list, as it was named.
    pub dataset: String,
    /// The part that is evaluated, if not all.
    pub shard: Option<Shard>,
    /// How pictures are cut.
    pub crop: CropMode,
    /// What is done with colour profiles.
    pub profiles: Profiles,
    /// Which bands are drawn of pictures that have others than red, green and blue, if some are chosen.
    pub bands: Option<DrawnBands>,
    /// The class that is explained.
    pub explained: Explained,
    /// What is explained of it.
    pub score: Score,
    /// The methods, in order.
    pub methods: Vec<&'static Method>,
    /// What every map is measured by besides.
    pub metrics: Vec<&'static Metric>,
    /// Another network that judges as well.
    pub judge: Option<String>,
    /// The parameters.
    pub parameters: Parameters,
}

impl Head {
    /// The head of an evaluation of `dataset` by `model` on `device`.
    pub fn new(asked: &Asked, dataset: &Dataset, truths: &Truths, model: &ModelSpec, device: &str) -> Self {
        let guesses =
            [model.guess(), model.state_dict_guess(), model.heads_guess(), model.settings_guess(), model.head_guess()];
        Self {
            version: VERSION,
            program: concat!("igoscope ", env!("CARGO_PKG_VERSION")).to_owned(),
            dataset: asked.dataset.clone(),
            pictures: dataset.items.len(),
            pictures_sha256: checksum(dataset, truths),
            labels_are_guessed: truths.is_guess,
            shard: asked.shard,
            model: model.name.clone(),
            model_title: model.title.clone(),
            architecture: model.architecture.clone(),
            guesses: guesses.into_iter().flatten().chain(model.graph_guesses()).collect(),
            head: model.head,
            weights: model.origin.clone(),
            weights_sha256: model.sha256.clone(),
            classes: (0..model.labels.len()).map(|class| model.labels.name(class)).collect(),
            device: device.to_owned(),
            input_size: model.size(),
            preprocessing: Preprocessing::of(model.crop),
            graph: OfGraph::of(model),
            crop: asked.crop,
            profiles: asked.profiles,
            bands: asked.bands,
            explained: asked.explained,
            score: asked.score,
            methods: asked.methods.iter().map(|method| method.id.to_owned()).collect(),
            metrics: asked.metrics.iter().map(|metric| metric.id.to_owned()).collect(),
            judge: asked.judge.clone(),
            // What cannot be written to JSON is not a parameter.
            parameters: serde_json::to_value(&asked.parameters).unwrap_or_default(),
        }
    }

    /// A name for the folder of such results: that of the dataset, and what tells it from other evaluations of it.
    pub fn folder(&self) -> String {
        let text = serde_json::to_string(&self.comparable()).unwrap_or_default();
        let digest = format!("{:x}", Sha256::digest(text));
        format!("{}-{}", folder_name(&self.dataset), &digest[..12])
    }

    /// What has to be the same for results to go together.
    fn comparable(&self) -> Value {
        // A run is the same on any number of threads.
        let device = if self.device.starts_with("CPU") { "CPU" } else { &self.device };
        let device = device.to_owned();
        // No number depends on what is drawn.
        let (dataset, weights) = (String::new(), String::new());
        let head = Self { shard: None, bands: None, dataset, weights, device, ..self.clone() };
        serde_json::to_value(head).unwrap_or_default()
    }

    /// Reads that of a folder.
    ///
    /// # Errors
    /// There is none, or it is not one that this version understands.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let path = folder.join(HEAD);
        let refused = |reason: String| DatasetError::Head { path: path.clone(), reason };
        let text = fs::read_to_string(&path).map_err(|error| refused(error.to_string()))?;
        let head: Self = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
        if head.version != VERSION {
            return Err(refused(format!("it is of version {}, and this igoscope reads {VERSION}", head.version)));
        }
        Ok(head)
    }

    /// The first thing in which another evaluation is of something else, so that its results do not go with these: its
    /// name, and both values. Shards of one evaluation, and runs of it under another path, go together.
    pub fn differs_from(&self, other: &Self) -> Option<(String, String, String)> {
        let (own, others) = (self.comparable(), other.comparable());
        first_difference("", &own, &others)
    }

    /// The same but for the device: what another device made is shown beside what this one makes, and not added to it.
    pub fn differs_but_for_device(&self, other: &Self) -> Option<(String, String, String)> {
        self.differs_from(&Self { device: self.device.clone(), ..other.clone() })
    }

    /// The parameters of the curves, if they can be understood.
    pub fn curves(&self) -> Option<CurveParameters> {
        let parameters: Parameters = serde_json::from_value(self.parameters.clone()).ok()?;
        Some(parameters.curves)
    }

    /// What is explained, in words for “maps of … for”, with the score.
    pub(super) fn explained_words(&self) -> String {
        let class = match self.explained {
            Explained::Predicted => "what the model predicts in each picture".to_owned(),
            Explained::Label => "the class that each picture is labelled with".to_owned(),
            Explained::Class(class) => self.classes.get(class).map_or_else(|| format!("class {class}"), Clone::clone),
        };
        format!("{class} ({})", self.score.name())
    }

    /// The title of a method, or its id where this igoscope has no such method.
    pub fn title(method: &str) -> String {
        Method::named(method).map_or_else(|| method.to_owned(), |method| method.title.to_owned())
    }
}

/// The first place in which two values differ.
fn first_difference(name: &str, own: &Value, other: &Value) -> Option<(String, String, String)> {
    match (own, other) {
        (Value::Object(own), Value::Object(others)) => own.keys().chain(others.keys()).find_map(|key| {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            let of = |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or_default();
            first_difference(&name, &of(own), &of(others))
        }),
        _ if own == other => None,
        _ => {
            let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let words = |value: &Value| {
                let text = match value {
                    Value::Array(values) => values.iter().map(word).collect::<Vec<_>>().join(", "),
                    value => word(value),
                };
                if text.chars().count() > 60 {
                    format!("{}…", text.chars().take(60).collect::<String>())
                } else {
                    text
                }
            };
            Some((name.to_owned(), words(own), words(other)))
        }
    }
}

fn checksum(dataset: &Dataset, truths: &Truths) -> String {
    let mut digest = Sha256::new();
    for (item, class) in dataset.items.iter().zip(&truths.classes) {
        let class = class.map(|class| class.to_string()).unwrap_or_default();
        // No name has a line feed that could be taken for the next one's.
        for part in [item.name.as_str(), item.label.as_deref().unwrap_or_default(), &class] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        // Where nothing is marked it is the sum that it was before boxes were read.
        if let Some(PixelRect { x, y, width, height }) = item.marked {
            [x, y, width, height].iter().for_each(|number| digest.update(number.to_le_bytes()));
        }
    }
    format!("{:x}", digest.finalize())
}
