//! What Hugging Face's transformers and timm save beside weights, read as a manifest: `config.json` and
//! `preprocessor_config.json`.
//!
//! Both programs call the weights [`WEIGHTS`]. A `config.json` that is about something else says nothing.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value;

use super::{Manifest, text, transformers};
use crate::{
    Architecture,
    imaging::{Channels, Resampling, Size},
};

/// Its name.
pub(crate) const NAME: &str = "config.json";

/// The names of weights that it may be about.
pub(crate) const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// What a whole network beside it is called, as Optimum saves it.
pub(crate) const NETWORK: &str = "model.onnx";

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

/// What a network of timm's may be made with without another answer: shapes tell it, or only training sees it.
const HARMLESS_ARGUMENTS: [&str; 6] =
    ["attn_drop_rate", "drop_path_rate", "drop_rate", "in_chans", "num_classes", "proj_drop_rate"];

/// timm's key for what makes one pixel of the features, or one token.
const GLOBAL_POOL: &str = "global_pool";

/// What timm calls an architecture, where that is not its name here.
pub(crate) fn timms_names(architecture: Architecture) -> impl Iterator<Item = &'static str> {
    TIMMS.iter().filter(move |(_, own)| *own == architecture.name()).map(|(timms, _)| *timms)
}

/// White in a picture's file.
const WHITE: f64 = 255.0;

/// ConvNeXt's pictures are resized beyond their crop up to this side; larger ones are seen whole.
const CUT_BELOW: usize = 384;

/// `config.json`, as far as it says what a manifest does.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    /// Transformers' classes.
    architectures: Vec<String>,
    /// Names of the classes, by number.
    id2label: BTreeMap<usize, String>,
    image_size: Option<Edges>,
    /// timm's name.
    architecture: Option<String>,
    /// What timm's network was made with otherwise than its name says.
    model_args: serde_json::Map<String, Value>,
    /// How timm's network makes one pixel of its features, or one token.
    global_pool: Option<Value>,
    pretrained_cfg: Option<Pretrained>,
}

/// What timm keeps of a network's training.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pretrained {
    /// Channels, rows, columns.
    input_size: Option<[u32; 3]>,
    crop_pct: Option<f32>,
    crop_mode: Option<String>,
    interpolation: Option<String>,
    mean: Option<Channels>,
    std: Option<Channels>,
    label_names: Vec<String>,
}

/// `preprocessor_config.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Preprocessor {
    size: Option<Edges>,
    crop_size: Option<Edges>,
    crop_pct: Option<f32>,
    do_center_crop: Option<bool>,
    do_normalize: Option<bool>,
    do_resize: Option<bool>,
    do_rescale: Option<bool>,
    rescale_factor: Option<f64>,
    /// Pillow's number of a filter.
    resample: Option<u8>,
    #[serde(alias = "feature_extractor_type")]
    image_processor_type: Option<String>,
    image_mean: Option<Channels>,
    image_std: Option<Channels>,
}

/// A number for red, green and blue, if it is said.
type Colours = Option<Channels>;

/// A size in pixels as transformers write it: a number, or by name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Edges {
    Side(u32),
    Shortest { shortest_edge: u32 },
    Both { height: u32, width: u32 },
}

impl Edges {
    /// Whether both sides are to be this long, whatever the picture's shape. A number meant that to the first processor,
    /// ViT's, and the shorter side to all others.
    fn squashes(self, is_vits: bool) -> bool {
        match self {
            Self::Side(_) => is_vits,
            Self::Shortest { .. } => false,
            Self::Both { .. } => true,
        }
    }

    /// Width and height.
    fn size(self) -> Size {
        let size = |width: u32, height: u32| Size { width: width as usize, height: height as usize };
        match self {
            Self::Both { height, width } => size(width, height),
            Self::Side(side) | Self::Shortest { shortest_edge: side } => size(side, side),
        }
    }
}

/// What the file at `path` says of the weights beside it; nothing, if it is about something else.
pub(crate) fn read(path: &Path) -> Result<Manifest, String> {
    read_for(path, false)
}

/// The same of a whole network, whose layers it does not need to describe.
pub(crate) fn read_of_whole(path: &Path) -> Result<Manifest, String> {
    let manifest = read_for(path, true)?;
    Ok(Manifest { architecture: None, heads: None, ..manifest })
}

fn read_for(path: &Path, is_whole: bool) -> Result<Manifest, String> {
    let manifest = Manifest { path: path.to_owned(), ..Manifest::default() };
    let Ok(value) = serde_json::from_str::<Value>(&text(path)?) else { return Ok(manifest) };
    let is_classifier = value["architectures"]
        .as_array()
        .is_some_and(|all| all.iter().filter_map(Value::as_str).any(|name| name.ends_with(CLASSIFIER)));
    if !is_classifier && !value["pretrained_cfg"].is_object() {
        return Ok(manifest);
    }
    if is_classifier && !is_whole {
        transformers::check(&value)?;
    }
    let heads = transformers::heads(&value);
    let head = if is_classifier { transformers::head(&value)? } else { None };
    let config: Config = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if let Some(pretrained) = config.pretrained_cfg {
        let architecture = config.architecture.as_deref().unwrap_or_default();
        let pool = config.global_pool.iter().map(|value| (GLOBAL_POOL, value));
        let mut arguments = config.model_args.iter().map(|(key, value)| (key.as_str(), value)).chain(pool);
        if let Some((key, value)) =
            arguments.find(|(key, value)| !is_whole && changes_answers(key, value, architecture, &pretrained))
        {
            return Err(format!("its network was made with {key} = {value}, which igoscope does not know"));
        }
        return timms(manifest, config.architecture.as_deref(), pretrained);
    }
    let beside = path.with_file_name("preprocessor_config.json");
    let preprocessor = if beside.is_file() {
        serde_json::from_str(&text(&beside)?)
            .map_err(|error| format!("the preprocessor_config.json beside it: {error}"))?
    } else {
        Preprocessor { size: config.image_size, ..Preprocessor::default() }
    };
    preprocessed(Manifest { names: names(config.id2label), heads, head, ..manifest }, preprocessor)
}

/// Whether a network of timm's that was made with this argument answers otherwise than one that was made without. timm
/// writes what is usual as well.
fn changes_answers(key: &str, value: &Value, architecture: &str, pretrained: &Pretrained) -> bool {
    match key {
        GLOBAL_POOL => {
            let is_vit = ["vit_", "deit_"].into_iter().any(|kind| architecture.starts_with(kind));
            *value != if is_vit { "token" } else { "avg" }
        }
        "img_size" => {
            let [_, height, width] = pretrained.input_size.unwrap_or_default();
            let sides = value.as_array().map_or_else(|| vec![value, value], |both| both.iter().collect());
            !matches!(sides[..], [own_height, own_width] if *own_height == height && *own_width == width)
        }
        other => !HARMLESS_ARGUMENTS.contains(&other),
    }
}

/// Names by class, if every class has one.
fn names(by_number: BTreeMap<usize, String>) -> Option<Vec<String>> {
    let is_nameless = |(number, name): (&usize, &String)| name.strip_prefix(NAMELESS) == Some(&number.to_string());
    let are_all = by_number.keys().copied().eq(0..by_number.len());
    (are_all && !by_number.iter().all(is_nameless)).then(|| by_number.into_values().collect())
}

/// timm: the shorter side is resized to the crop's, divided by its share of it; or both are, without a crop.
fn timms(manifest: Manifest, architecture: Option<&str>, pretrained: Pretrained) -> Result<Manifest, String> {
    let Pretrained { input_size, crop_pct, crop_mode, interpolation, mean, std, label_names } = pretrained;
    let squashes = match crop_mode.as_deref() {
        None | Some("center") => false,
        Some("squash") if crop_pct.is_none_or(|share| share == 1.0) => true,
        Some(other) => {
            return Err(format!(
                "its crop_mode is {other} (with crop_pct {}), which igoscope does not know",
                crop_pct.unwrap_or(1.0)
            ));
        }
    };
    let size = input_size.map(|[_, height, width]| Size { width: width as usize, height: height as usize });
    if let Some(size) = size.filter(|size| !size.is_square() && !squashes) {
        return Err(format!(
            "its pictures are resized to more than {size} in their own shape and then cut, which igoscope knows of \
             squares only: crop_mode has to be squash"
        ));
    }
    let side = size.map(|size| size.shorter() as u32);
    let interpolation = interpolation
        .map(|name| Resampling::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| no_filter(&name)));
    Ok(Manifest {
        architecture: architecture.map(|name| {
            let own = TIMMS.iter().find(|(timms, _)| *timms == name);
            own.map_or(name, |(_, own)| own).to_owned()
        }),
        input_size: size,
        resize: side.zip(crop_pct).map(|(side, share)| beyond(side, share)),
        interpolation: interpolation.transpose()?,
        squash: Some(squashes),
        mean,
        std,
        names: (!label_names.is_empty()).then_some(label_names),
        ..manifest
    })
}

fn no_filter(name: &str) -> String {
    format!("its pictures are resized by the filter {name}, and igoscope has bilinear, bicubic and lanczos")
}

/// Transformers' image processors: cut from what was resized, or resized to what is seen.
fn preprocessed(manifest: Manifest, preprocessor: Preprocessor) -> Result<Manifest, String> {
    let Preprocessor { size, crop_size, crop_pct, do_center_crop, do_resize, resample, .. } = preprocessor;
    if do_resize == Some(false) {
        return Err(
            "its pictures are not resized (do_resize), and igoscope shows a network pictures of one size".to_owned()
        );
    }
    let is_vits = preprocessor.image_processor_type.as_ref().is_some_and(|name| name.starts_with("ViT"));
    let squashed = size.is_some_and(|size| size.squashes(is_vits));
    let size = size.map(Edges::size);
    let cut = crop_size.filter(|_| do_center_crop.unwrap_or(true)).map(Edges::size);
    let (input_size, resize, squash) = match (size, cut, crop_pct) {
        (Some(size), Some(cut), _) if squashed && cut != size => {
            return Err(format!(
                "its pictures are squashed to {size} pixels and then cut to {cut}, which igoscope does not know"
            ));
        }
        (Some(size), Some(cut), _) => (Some(cut), Some(size), squashed),
        (Some(size), None, Some(share)) if size.is_square() && size.width < CUT_BELOW => {
            (Some(size), Some(Size::square(beyond(size.width as u32, share) as usize)), false)
        }
        (Some(size), None, Some(_)) => (Some(size), Some(size), true),
        (size, cut, _) => (size.or(cut), size.or(cut), squashed),
    };
    let resize = resize.map(|size| size.shorter() as u32);
    let interpolation = match resample {
        None => None,
        Some(1) => Some(Resampling::Lanczos),
        Some(2) => Some(Resampling::Bilinear),
        Some(3) => Some(Resampling::Bicubic),
        Some(other) => return Err(no_filter(&format!("of Pillow's number {other}"))),
    };
    let (mean, std) = normalised(&preprocessor)?;
    Ok(Manifest { input_size, resize, interpolation, squash: Some(squash), mean, std, ..manifest })
}

/// Mean and standard deviation of pixels from 0 to 1, whatever numbers the processor makes of them.
fn normalised(preprocessor: &Preprocessor) -> Result<(Colours, Colours), String> {
    let Preprocessor { do_normalize, do_rescale, rescale_factor, image_mean, image_std, .. } = preprocessor;
    let as_they_are: (Colours, Colours) = (Some([0.0; 3].into()), Some([1.0; 3].into()));
    let (mean, std) = if *do_normalize == Some(false) { as_they_are } else { (*image_mean, *image_std) };
    let factor = if *do_rescale == Some(false) { 1.0 } else { rescale_factor.unwrap_or(1.0 / WHITE) };
    let white = (factor * WHITE) as f32;
    if (white - 1.0).abs() < 1e-5 {
        return Ok((mean, std));
    }
    if !(white.is_finite() && white > 0.0) || mean.is_none() || std.is_none() {
        return Err(format!("its pixels are multiplied by {factor}, without a mean and std that go with that"));
    }
    let scaled = |numbers: Colours| numbers.map(|numbers| numbers.map(|number| number / white));
    Ok((scaled(mean), scaled(std)))
}

/// The side of which `side` is a share, in whole pixels; itself where the share is none.
fn beyond(side: u32, share: f32) -> u32 {
    if share > 0.0 && share <= 1.0 { (f64::from(side) / f64::from(share)) as u32 } else { side }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Architecture;

    fn read_from(config: &str, preprocessor: Option<&str>) -> Result<Manifest, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        fs::write(&path, config).unwrap();
        if let Some(preprocessor) = preprocessor {
            fs::write(folder.path().join("preprocessor_config.json"), preprocessor).unwrap();
        }
        read(&path)
    }

    fn sides(preprocessor: &str) -> (Option<Size>, Option<u32>) {
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
            assert_eq!(sides(preprocessor), (Some(Size::square(input_size)), Some(resize)), "{preprocessor}");
        }
        assert_eq!(sides("{}"), (None, None));
        let squashed = |preprocessor: &str| {
            read_from(r#"{"architectures": ["XForImageClassification"]}"#, Some(preprocessor)).map(|read| read.squash)
        };
        for (preprocessor, squash) in [
            (r#"{"size": {"height": 224, "width": 224}}"#, true),
            (r#"{"size": 224, "image_processor_type": "ViTImageProcessor"}"#, true),
            (r#"{"size": 224, "feature_extractor_type": "ConvNextFeatureExtractor", "crop_pct": 0.875}"#, false),
            (r#"{"size": {"shortest_edge": 384}, "crop_pct": 0.875}"#, true),
            (r#"{"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}"#, false),
        ] {
            assert_eq!(squashed(preprocessor), Ok(Some(squash)), "{preprocessor}");
        }
        let (size, resize) = sides(r#"{"size": {"height": 256, "width": 128}}"#);
        assert_eq!((size, resize), (Some(Size { width: 128, height: 256 }), Some(128)));
        for refused in [
            r#"{"size": {"height": 256, "width": 256}, "crop_size": 224}"#,
            r#"{"size": 224, "do_resize": false}"#,
            r#"{"size": 224, "resample": 0}"#,
            r#"{"size": 224, "do_rescale": false}"#,
        ] {
            squashed(refused).unwrap_err();
        }
        let alone = read_from(r#"{"architectures": ["XForImageClassification"], "image_size": 160}"#, None).unwrap();
        assert_eq!(alone.input_size, Some(Size::square(160)));
    }

    #[test]
    fn filters_and_factors_are_those_of_the_processor() {
        let read = |preprocessor: &str| {
            read_from(r#"{"architectures": ["XForImageClassification"]}"#, Some(preprocessor)).unwrap()
        };
        assert_eq!(read(r#"{"resample": 2}"#).interpolation, Some(Resampling::Bilinear));
        assert_eq!(read("{}").interpolation, None);
        // (255 p − 127.5) / 51 = (p − 0.5) / 0.2
        let numbers = r#""image_mean": [127.5, 127.5, 127.5], "image_std": [51.0, 51.0, 51.0]"#;
        let manifest = read(&format!(r#"{{"do_rescale": false, {numbers}}}"#));
        assert_eq!((manifest.mean, manifest.std), (Some([0.5; 3].into()), Some([0.2; 3].into())));
        let usual = read(
            r#"{"rescale_factor": 0.00392156862745098, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.2, 0.2, 0.2]}"#,
        );
        assert_eq!((usual.mean, usual.std), (Some([0.5; 3].into()), Some([0.2; 3].into())));
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
        assert_eq!((manifest.input_size, manifest.resize), (Some(Size::square(224)), Some(256)));
        assert_eq!((manifest.mean, manifest.std), (Some([0.5; 3].into()), Some([0.25; 3].into())));
        assert_eq!(manifest.names.unwrap(), ["a", "b"]);
        let named = |name| read_from(&config.replace("mobilenetv3_large_100", name), None).unwrap();
        assert_eq!(named("tf_efficientnet_lite2").architecture.as_deref(), Some("efficientnet-lite2"));
        let said = |more: &str| read_from(&config.replace(r#""crop_pct": 0.875,"#, more), None);
        assert_eq!(said(r#""interpolation": "bilinear","#).unwrap().interpolation, Some(Resampling::Bilinear));
        assert_eq!(said(r#""crop_pct": 1.0, "crop_mode": "squash","#).unwrap().squash, Some(true));
        for refused in [
            r#""crop_mode": "border","#,
            r#""crop_mode": "squash", "crop_pct": 0.9,"#,
            r#""interpolation": "nearest","#,
        ] {
            said(refused).unwrap_err();
        }
        let made = |args: &str| read_from(&config.replace(r#""num_classes": 2,"#, args), None);
        made(r#""model_args": {},"#).unwrap();
        made(r#""model_args": {"num_classes": 1000, "drop_path_rate": 0.1},"#).unwrap();
        assert!(made(r#""model_args": {"act_layer": "silu"},"#).unwrap_err().contains("act_layer"));
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
