//! What Hugging Face's transformers and timm save beside weights, read as a manifest: `config.json` and
//! `preprocessor_config.json`.
//!
//! Both programs call the weights [`WEIGHTS`]. A `config.json` that is about something else says nothing.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value;

use super::{Manifest, text, transformers};

/// Its name.
pub(crate) const NAME: &str = "config.json";

/// The names of weights that it may be about.
pub(crate) const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// What transformers' configuration of a classifier ends its class's name with.
const CLASSIFIER: &str = "ForImageClassification";

/// The name that a class without one is given, before its number.
const NAMELESS: &str = "LABEL_";

/// timm's names of networks that are called otherwise here: the same layers with the same constants.
const TIMMS: [(&str, &str); 9] = [
    ("tf_efficientnet_lite0", "efficientnet-lite0"),
    ("tf_efficientnet_lite1", "efficientnet-lite1"),
    ("tf_efficientnet_lite2", "efficientnet-lite2"),
    ("tf_efficientnet_lite3", "efficientnet-lite3"),
    ("tf_efficientnet_lite4", "efficientnet-lite4"),
    ("mobilenetv2_100", "mobilenet_v2"),
    ("deit_tiny_patch16_224", "vit_tiny_patch16_224"),
    ("deit_small_patch16_224", "vit_small_patch16_224"),
    ("deit_base_patch16_224", "vit_base_patch16_224"),
];

/// ConvNeXt's pictures are resized beyond their crop up to this side; larger ones are seen whole.
const CUT_BELOW: u32 = 384;

/// `config.json`, as far as it says what a manifest does.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    /// Transformers' classes.
    architectures: Vec<String>,
    /// Names of the classes, by number.
    id2label: BTreeMap<usize, String>,
    image_size: Option<Size>,
    /// timm's name.
    architecture: Option<String>,
    pretrained_cfg: Option<Pretrained>,
}

/// What timm keeps of a network's training.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pretrained {
    /// Channels, rows, columns.
    input_size: Option<[u32; 3]>,
    crop_pct: Option<f32>,
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
    label_names: Vec<String>,
}

/// `preprocessor_config.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Preprocessor {
    size: Option<Size>,
    crop_size: Option<Size>,
    crop_pct: Option<f32>,
    do_center_crop: Option<bool>,
    do_normalize: Option<bool>,
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
}

/// A side in pixels: a number, or by name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Size {
    Side(u32),
    Shortest { shortest_edge: u32 },
    Both { height: u32, width: u32 },
}

impl Size {
    fn side(self) -> u32 {
        match self {
            Self::Side(side) | Self::Shortest { shortest_edge: side } => side,
            Self::Both { height, width } => height.min(width),
        }
    }
}

/// What the file at `path` says of the weights beside it; nothing, if it is about something else.
pub(crate) fn read(path: &Path) -> Result<Manifest, String> {
    let manifest = Manifest { path: path.to_owned(), ..Manifest::default() };
    let Ok(value) = serde_json::from_str::<Value>(&text(path)?) else { return Ok(manifest) };
    let is_classifier = value["architectures"]
        .as_array()
        .is_some_and(|all| all.iter().filter_map(Value::as_str).any(|name| name.ends_with(CLASSIFIER)));
    if !is_classifier && !value["pretrained_cfg"].is_object() {
        return Ok(manifest);
    }
    if is_classifier {
        transformers::check(&value)?;
    }
    let heads = transformers::heads(&value);
    let config: Config = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if let Some(pretrained) = config.pretrained_cfg {
        return Ok(timms(manifest, config.architecture.as_deref(), pretrained));
    }
    let beside = path.with_file_name("preprocessor_config.json");
    let preprocessor = if beside.is_file() {
        serde_json::from_str(&text(&beside)?)
            .map_err(|error| format!("the preprocessor_config.json beside it: {error}"))?
    } else {
        Preprocessor { size: config.image_size, ..Preprocessor::default() }
    };
    Ok(preprocessed(Manifest { names: names(config.id2label), heads, ..manifest }, preprocessor))
}

/// Names by class, if every class has one.
fn names(by_number: BTreeMap<usize, String>) -> Option<Vec<String>> {
    let is_nameless = |(number, name): (&usize, &String)| name.strip_prefix(NAMELESS) == Some(&number.to_string());
    let are_all = by_number.keys().copied().eq(0..by_number.len());
    (are_all && !by_number.iter().all(is_nameless)).then(|| by_number.into_values().collect())
}

/// timm: the shorter side is resized to the crop's, divided by its share of it.
fn timms(manifest: Manifest, architecture: Option<&str>, pretrained: Pretrained) -> Manifest {
    let Pretrained { input_size, crop_pct, mean, std, label_names } = pretrained;
    let side = input_size.map(|[_, height, width]| height.min(width));
    Manifest {
        architecture: architecture.map(|name| {
            let own = TIMMS.iter().find(|(timms, _)| *timms == name);
            own.map_or(name, |(_, own)| own).to_owned()
        }),
        input_size: side,
        resize: side.zip(crop_pct).map(|(side, share)| beyond(side, share)),
        mean,
        std,
        names: (!label_names.is_empty()).then_some(label_names),
        ..manifest
    }
}

/// Transformers' image processors: cut from what was resized, or resized to what is seen.
fn preprocessed(manifest: Manifest, preprocessor: Preprocessor) -> Manifest {
    let Preprocessor { size, crop_size, crop_pct, do_center_crop, do_normalize, image_mean, image_std } = preprocessor;
    let size = size.map(Size::side);
    let cut = crop_size.filter(|_| do_center_crop.unwrap_or(true)).map(Size::side);
    let (input_size, resize) = match (size, cut, crop_pct) {
        (Some(size), Some(cut), _) => (Some(cut), Some(size)),
        (Some(size), None, Some(share)) if size < CUT_BELOW => (Some(size), Some(beyond(size, share))),
        (size, cut, _) => (size.or(cut), size.or(cut)),
    };
    let as_they_are = (Some([0.0; 3]), Some([1.0; 3]));
    let (mean, std) = if do_normalize == Some(false) { as_they_are } else { (image_mean, image_std) };
    Manifest { input_size, resize, mean, std, ..manifest }
}

/// The side of which `side` is a share, in whole pixels; itself where the share is none.
fn beyond(side: u32, share: f32) -> u32 {
    if share > 0.0 && share <= 1.0 { (f64::from(side) / f64::from(share)) as u32 } else { side }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::Architecture;

    fn read_from(config: &str, preprocessor: Option<&str>) -> Result<Manifest, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        fs::write(&path, config).unwrap();
        if let Some(preprocessor) = preprocessor {
            fs::write(folder.path().join("preprocessor_config.json"), preprocessor).unwrap();
        }
        read(&path)
    }

    fn sides(preprocessor: &str) -> (Option<u32>, Option<u32>) {
        let manifest = read_from(r#"{"architectures": ["XForImageClassification"]}"#, Some(preprocessor)).unwrap();
        (manifest.input_size, manifest.resize)
    }

    #[test]
    fn sides_are_those_that_transformers_processors_make() {
        // Its ViT, ConvNeXt, a larger ConvNeXt, ResNet as timm trained it, and files of older versions.
        for (preprocessor, input_size, resize) in [
            (r#"{"size": {"height": 224, "width": 224}}"#, 224, 224),
            (r#"{"size": {"shortest_edge": 224}, "crop_pct": 0.875}"#, 224, 256),
            (r#"{"size": {"shortest_edge": 384}, "crop_pct": 0.875}"#, 384, 384),
            (r#"{"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}"#, 224, 256),
            (r#"{"size": {"shortest_edge": 256}, "crop_size": 224, "do_center_crop": false}"#, 256, 256),
            (r#"{"size": 224}"#, 224, 224),
        ] {
            assert_eq!(sides(preprocessor), (Some(input_size), Some(resize)), "{preprocessor}");
        }
        assert_eq!(sides("{}"), (None, None));
        let alone = read_from(r#"{"architectures": ["XForImageClassification"], "image_size": 160}"#, None).unwrap();
        assert_eq!(alone.input_size, Some(160));
    }

    #[test]
    fn classes_have_names_if_all_have_and_somebody_gave_them() {
        let names = |names: &str| {
            let config = format!(r#"{{"architectures": ["XForImageClassification"], "id2label": {{{names}}}}}"#);
            read_from(&config, None).unwrap().names
        };
        let eleven: Vec<String> = (0..11).rev().map(|number| format!(r#""{number}": "bird {number}""#)).collect();
        let found = names(&eleven.join(", ")).unwrap();
        assert_eq!((found.len(), found[10].as_str()), (11, "bird 10"));
        assert_eq!(names(r#""0": "LABEL_0", "1": "LABEL_1""#), None);
        assert_eq!(names(r#""0": "cat", "1000000000": "dog""#), None);
    }

    #[test]
    fn timms_file_names_its_network() {
        let config = r#"{"architecture": "mobilenetv3_large_100", "num_classes": 2, "pretrained_cfg": {"crop_pct": 0.875,
            "input_size": [3, 224, 224], "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "label_names": ["a", "b"]}}"#;
        let manifest = read_from(config, None).unwrap();
        assert_eq!(manifest.architecture.as_deref(), Some("mobilenetv3_large_100"));
        assert_eq!((manifest.input_size, manifest.resize), (Some(224), Some(256)));
        assert_eq!((manifest.mean, manifest.std), (Some([0.5; 3]), Some([0.25; 3])));
        assert_eq!(manifest.names.unwrap(), ["a", "b"]);
        let named = |name| read_from(&config.replace("mobilenetv3_large_100", name), None).unwrap();
        assert_eq!(named("tf_efficientnet_lite2").architecture.as_deref(), Some("efficientnet-lite2"));
        // Its tensors are those of ResNet-50, and its answers are not.
        let why = named("resnetblur50").architecture().unwrap_err();
        assert!(why.contains("“resnetblur50”") && why.contains("manifest"), "{why}");
        for (_, own) in TIMMS {
            assert!(Architecture::named(own).is_some(), "{own}");
        }
    }

    #[test]
    fn a_file_about_something_else_says_nothing() {
        for other in ["", "{}", "[1]", "not json", r#"{"architectures": ["BertModel"], "id2label": 3}"#] {
            let manifest = read_from(other, None).unwrap();
            assert_eq!((manifest.names, manifest.input_size, manifest.architecture), (None, None, None), "{other}");
        }
        for wrong in [r#""id2label": ["cat"]"#, r#""image_size": -4"#] {
            let config = format!(r#"{{"architectures": ["XForImageClassification"], {wrong}}}"#);
            read_from(&config, None).unwrap_err();
        }
    }
}
