//! Small networks as timm, torchvision and transformers save them, with the libraries' own answers as witness: each is hosted
//! as the same network, or igoscope says that it guessed, or refuses it. `tests/sweep` asks the same of every network.

use std::{collections::BTreeMap, fs, path::Path};

use candle_core::Device;
use igoscope::{
    imaging::Size,
    model::{Architecture, Batch, Classifier, Guesses, Head, Hub, ModelChoice, Said, load_as},
};
use igoscope_test_tools::{le_bytes, made, uniform};
use serde::Deserialize;
use serde_json::Value;

use crate::common::path;

/// The farthest that a probability of the same network may be from the library's, as in `tests/sweep`.
const TOLERANCE: f32 = 0.005;

/// What `tests/fixtures/saved.py` has written of one network.
#[derive(Deserialize)]
struct Saved {
    title: String,
    side: usize,
    gain: f32,
    config: Option<Value>,
    ways: BTreeMap<String, Expected>,
    probabilities: Vec<f32>,
    tensors: BTreeMap<String, Vec<usize>>,
}

/// What igoscope makes of it.
#[derive(Deserialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
enum Expected {
    Same,
    /// It says that it guessed at this; said to be so, it is the same.
    Asked {
        guess: String,
        architecture: Option<String>,
        heads: Option<usize>,
    },
    Refused {
        told: String,
    },
}

impl Saved {
    /// Writes its weights as safetensors, with `prefix` before every name.
    fn write(&self, path: &Path, prefix: &str) {
        let mut header = serde_json::Map::new();
        let mut values = Vec::new();
        for (name, shape) in &self.tensors {
            let from = values.len();
            values.extend(le_bytes(&made(name, shape, self.gain)));
            let described = serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [from, values.len()]});
            header.insert(format!("{prefix}{name}"), described);
        }
        let header = serde_json::to_vec(&header).unwrap();
        fs::write(path, [&(header.len() as u64).to_le_bytes()[..], &header, &values].concat()).unwrap();
    }

    /// Saves it in one of the ways that the libraries have.
    fn save(&self, way: &str, folder: &Path) -> ModelChoice {
        // A file's name would tell what it is.
        let path = folder.join("weights.safetensors");
        match way {
            "alone" => self.write(&path, ""),
            "training" => self.write(&path, "state_dict.module."),
            "folder" => {
                self.write(&folder.join("model.safetensors"), "");
                fs::write(folder.join("config.json"), self.config.as_ref().unwrap().to_string()).unwrap();
                return ModelChoice::File(folder.to_owned());
            }
            other => panic!("nothing is saved “{other}”"),
        }
        ModelChoice::File(path)
    }

    /// The farthest that a probability is from the library's.
    fn distance(&self, classifier: &dyn Classifier) -> f32 {
        let input: Vec<f32> =
            uniform("input", 3 * self.side * self.side, 0).into_iter().map(|value| 2.0 * value).collect();
        let found = Head::Softmax.answers(&classifier.logits(&Batch::new(&input, input.len())).unwrap()[0]);
        assert_eq!(found.len(), self.probabilities.len());
        found.iter().zip(&self.probabilities).map(|(own, theirs)| (own - theirs).abs()).fold(0.0, f32::max)
    }

    fn check(&self, way: &str, expected: &Expected) {
        let folder = tempfile::tempdir().unwrap();
        let choice = self.save(way, folder.path());
        let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
        let host = |said: &Said| load_as(&choice, said, &hub, &Device::Cpu, 0, Some(Size::square(self.side)));
        let title = format!("{} ({way})", self.title);
        match (host(&Said::default()), expected) {
            (Err(why), Expected::Refused { told }) => {
                let why = why.to_string();
                assert!(why.contains(told.as_str()), "{title}: no “{told}” in {why}");
            }
            (Ok(hosted), Expected::Same) => {
                let distance = self.distance(hosted.as_ref());
                assert!(distance < TOLERANCE, "{title} is {distance} off");
            }
            (Ok(hosted), Expected::Asked { guess, architecture, heads }) => {
                let distance = self.distance(hosted.as_ref());
                assert!(distance > TOLERANCE, "{title}: the guess is right");
                let spec = hosted.spec();
                assert!(is_said(&spec.guesses, guess), "{title} is {distance} off, and nothing is said");
                let architecture = architecture.as_deref().map(|name| Architecture::named(name).unwrap());
                assert!(architecture.is_none_or(|is| spec.guesses.twins.contains(&is)), "{title}");
                if architecture.is_some() || heads.is_some() {
                    let said = Said { architecture, heads: *heads, ..Said::default() };
                    let chosen = host(&said).unwrap();
                    let distance = self.distance(chosen.as_ref());
                    assert!(distance < TOLERANCE, "{title} is {distance} off, said to be what it is");
                    assert!(!is_said(&chosen.spec().guesses, guess), "{title}");
                }
            }
            (Ok(hosted), Expected::Refused { .. }) => panic!("{title} is taken for {}", hosted.spec().title),
            (Err(why), _) => panic!("{title} is refused: {why}"),
        }
    }
}

fn is_said(guesses: &Guesses, guess: &str) -> bool {
    match guess {
        "architecture" => guesses.is_of_architecture(),
        "heads" => guesses.heads,
        "settings" => guesses.settings,
        other => panic!("nobody guesses at “{other}”"),
    }
}

#[test]
fn what_libraries_save_is_hosted_as_they_answer_or_asked_about_or_refused() {
    let all: Vec<Saved> =
        serde_json::from_str(&fs::read_to_string(path("tests/fixtures/saved.json")).unwrap()).unwrap();
    let mut verdicts = [0; 3];
    for saved in &all {
        for (way, expected) in &saved.ways {
            saved.check(way, expected);
            verdicts[match expected {
                Expected::Same => 0,
                Expected::Asked { .. } => 1,
                Expected::Refused { .. } => 2,
            }] += 1;
        }
    }
    assert!(verdicts.iter().all(|count| *count > 3), "{verdicts:?}");
}
