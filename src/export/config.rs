//! `run.json` read back: everything needed to do the run again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ExportError, record::VERSION};
use crate::{
    device::DeviceChoice,
    explain::{Method, Parameters},
    imaging::{Channels, CropMode, DrawnBands, Normalisation, Profiles, Sample, Size},
    model::{Architecture, Head, Said, Score},
};

/// The most bytes a record may have: 64 MiB, some hundred times that of a run of 1000 iterations.
const MAX_BYTES: u64 = 64 << 20;

/// What a run was asked for with.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The picture: a file, or the name of a sample.
    pub image: PathBuf,
    /// What [`super::pixels_sha256`] was of it.
    pub image_sha256: String,
    /// What was done with colour profiles.
    pub profiles: Profiles,
    /// Name of the model.
    pub model: String,
    /// What the weights were taken for.
    pub said: Said,
    /// Where its weights came from: a file, for weights of the user's own.
    pub weights: Option<PathBuf>,
    /// The checksum of that file.
    pub weights_sha256: Option<String>,
    /// The text file that named the classes, if one was given.
    pub labels: Option<PathBuf>,
    /// The device it ran on.
    pub device: DeviceChoice,
    /// Width and height of what the model saw, in pixels.
    pub input_size: Size,
    /// How the picture was cut.
    pub crop: CropMode,
    /// The bands that were drawn of a picture that has others than red, green and blue.
    pub bands: Option<DrawnBands>,
    /// What was explained of the class.
    pub score: Score,
    /// Number of the class that was explained.
    pub class: usize,
    /// Number of the class it was explained against, if it was.
    pub against: Option<usize>,
    /// The methods, in the order they were run.
    pub methods: Vec<&'static Method>,
    /// The parameters of all methods.
    pub parameters: Parameters,
}

/// The part of a record that says what was asked.
#[derive(Deserialize)]
struct Asked {
    version: u32,
    image: PathBuf,
    image_sha256: String,
    colours: Option<AskedColours>,
    model: String,
    architecture: Option<String>,
    attention_heads: Option<usize>,
    head: Option<Head>,
    state_dict: Option<String>,
    output: Option<String>,
    #[serde(default)]
    normalisation_is_said: bool,
    preprocessing: Option<AskedNormalisation>,
    weights: Option<PathBuf>,
    weights_sha256: Option<String>,
    labels: Option<PathBuf>,
    device: String,
    input_size: Size,
    crop: CropMode,
    bands: Option<DrawnBands>,
    score: Score,
    class: Class,
    against: Option<Class>,
    parameters: Parameters,
    methods: Map<String, Value>,
}

#[derive(Deserialize)]
struct AskedColours {
    profiles: Profiles,
}

#[derive(Deserialize)]
struct AskedNormalisation {
    mean: Channels,
    std: Channels,
}

impl From<AskedNormalisation> for Normalisation {
    fn from(AskedNormalisation { mean, std }: AskedNormalisation) -> Self {
        Self { mean, std }
    }
}

#[derive(Deserialize)]
struct Class {
    id: usize,
}

impl Config {
    /// Reads a `run.json`.
    ///
    /// # Errors
    /// It cannot be read, is not a record of this version, or names a method or parameter that this igoscope lacks.
    pub fn read(path: &Path) -> Result<Self, ExportError> {
        let refused = |reason: String| ExportError::Config { path: path.to_owned(), reason };
        let size = fs::metadata(path).map_err(|error| refused(error.to_string()))?.len();
        if size > MAX_BYTES {
            return Err(refused(format!("it has {} MiB", size >> 20)));
        }
        let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let mut config = Self::parse(&text).map_err(refused)?;
        config.image = found_beside(path, config.image);
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let asked: Asked = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if asked.version != VERSION {
            return Err(format!("it is of version {}, and this igoscope reads {VERSION}", asked.version));
        }
        let method = |name: &String| Method::named(name).ok_or_else(|| format!("there is no method “{name}”"));
        Ok(Self {
            image: asked.image,
            image_sha256: asked.image_sha256,
            // Before that was said, profiles were not looked at.
            profiles: asked.colours.map_or(Profiles::Ignore, |colours| colours.profiles),
            model: asked.model,
            said: Said {
                architecture: asked.architecture.as_deref().and_then(Architecture::named),
                heads: asked.attention_heads,
                // Before that was said, every head was one.
                head: Some(asked.head.unwrap_or_default()),
                state_dict: asked.state_dict,
                normalisation: asked.preprocessing.filter(|_| asked.normalisation_is_said).map(Into::into),
                output: asked.output,
            },
            weights: asked.weights,
            weights_sha256: asked.weights_sha256,
            labels: asked.labels,
            device: device_of(&asked.device),
            input_size: asked.input_size,
            crop: asked.crop,
            bands: asked.bands,
            score: asked.score,
            class: asked.class.id,
            against: asked.against.map(|class| class.id),
            methods: asked.methods.keys().map(method).collect::<Result<_, _>>()?,
            parameters: asked.parameters,
        })
    }
}

/// The device that its description in words begins with; any if that is a card's name.
fn device_of(words: &str) -> DeviceChoice {
    let first = words.split([',', ' ']).next().unwrap_or_default().to_lowercase();
    first.parse().unwrap_or_default()
}

/// A picture that is not where the record says may lie beside the record: results are moved as a whole folder.
fn found_beside(record: &Path, image: PathBuf) -> PathBuf {
    let is_sample = image.to_str().is_some_and(|name| Sample::named(name).is_some());
    if image.exists() || is_sample {
        return image;
    }
    let beside = |name: &Path| record.parent().map(|folder| folder.join(name)).filter(|path| path.is_file());
    beside(&image).or_else(|| beside(Path::new(image.file_name()?))).unwrap_or(image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        explain::{GRAD_CAM, IGOS, IgosParameters},
        imaging::Colours,
    };

    const RECORD: &str = r#"{"version": 1, "image": "a.jpg", "image_sha256": "00", "model": "m", "device": "CPU, 2 threads",
        "input_size": 224, "crop": "1,2,30,40", "score": "logit", "class": {"id": 3}, "against": null, "parameters": {"igos": {"iterations": 4}}, "methods": {"grad-cam": {}, "igos": {}}}"#;

    #[test]
    fn methods_come_in_their_order_and_parameters_left_out_are_the_default() {
        let config = Config::parse(RECORD).unwrap();
        assert_eq!(config.methods, [&GRAD_CAM, &IGOS]);
        assert_eq!(
            (config.class, config.device, config.parameters.get::<IgosParameters>().unwrap().iterations),
            (3, DeviceChoice::Cpu, 4)
        );
        assert_eq!((config.score, config.against), (Score::Logit, None));
        assert_eq!(config.said.head, Some(Head::Softmax), "as it was when nothing was said of it");
        let sigmoid = RECORD.replace("\"device\"", "\"head\": \"sigmoid\", \"head_from\": \"file\", \"device\"");
        assert_eq!(Config::parse(&sigmoid).unwrap().said.head, Some(Head::Sigmoid));
        assert_eq!((config.said.normalisation, config.said.output.as_deref()), (None, None));
        let numbers = "\"preprocessing\": {\"resize\": 4, \"mean\": [0.5, 0.4, 0.3], \"std\": [1, 1, 1]}, \"device\"";
        let taken = RECORD.replace("\"device\"", numbers);
        assert_eq!(Config::parse(&taken).unwrap().said.normalisation, None, "the file said it");
        let said = taken.replace("\"device\"", "\"normalisation_is_said\": true, \"output\": \"b\", \"device\"");
        let said = Config::parse(&said).unwrap().said;
        assert_eq!(
            (said.normalisation.map(|own| own.mean), said.output.as_deref()),
            (Some([0.5, 0.4, 0.3].into()), Some("b"))
        );
        assert_eq!(config.profiles, Profiles::Ignore, "as it was when nothing was said of it");
        assert_eq!(config.crop, "1,2,30,40".parse().unwrap());
        assert_eq!(config.parameters.curves, Parameters::default().curves);
    }

    #[test]
    fn what_was_done_with_colour_profiles_is_read_again() {
        for profiles in Profiles::ALL {
            let colours = Colours { profiles, profile: Some("Display P3".to_owned()), converted: true };
            let colours = serde_json::to_string(&colours).unwrap();
            let record = RECORD.replace("\"model\"", &format!("\"colours\": {colours}, \"model\""));
            assert_eq!(Config::parse(&record).unwrap().profiles, profiles);
            assert!(colours.contains(&format!("\"profiles\":\"{}\"", profiles.name())), "{colours}");
        }
    }

    #[test]
    fn what_this_igoscope_does_not_know_is_named() {
        let refused = |from: &str, to: &str| Config::parse(&RECORD.replace(from, to)).unwrap_err();
        assert!(refused("\"version\": 1", "\"version\": 7").contains("version 7"));
        assert!(refused("grad-cam", "tea leaves").contains("tea leaves"));
        assert!(refused("iterations", "itterations").contains("itterations"));
        assert!(refused("{\"id\": 3}", "{\"id\": -3}").contains("-3"));
    }
}
