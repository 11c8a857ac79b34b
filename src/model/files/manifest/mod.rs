//! A small file beside weights that tells what they do not: architecture, input, normalisation, labels.
//!
//! ```toml
//! architecture = "resnet50"       # recognised from the tensors if left out
//! heads = 6                       # of its attention, if others than its kind has
//! state_dict = "model_ema"        # the one of several in the file
//! weights = "birds.pth"           # the file of the same name beside it if left out
//! title = "Ten birds"
//! input_size = 224                # pixels the model sees: a square's side, or width and height, "128x256"
//! resize = 256                    # what the shorter side is resized to before
//! interpolation = "bilinear"      # or bicubic, lanczos
//! squash = true                   # both sides are resized to input_size, and nothing is cut
//! mean = [0.485, 0.456, 0.406]    # of pixels in [0, 1]: red, green, blue, or of each band
//! std = [0.229, 0.224, 0.225]
//! labels = "birds.txt"            # one name a line
//! head = "sigmoid"                # what the outputs mean: softmax, sigmoid, binary or regression
//! output = "logits"               # the one of an ONNX file's several that is the classes
//! ```
//!
//! What transformers and timm save beside weights is read as one (`config_json.rs`).

mod config_json;
mod said;
mod transformers;

pub(crate) use config_json::timms_names;
pub(crate) use said::{quoted, say};

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    Architecture, Head, Labels, ModelSpec,
    imaging::{Channels, Normalisation, Resampling, Size},
};

/// The extensions of files that hold weights, as [`super::TensorFile`] reads them, or a whole network, as [`super::graphs`]
/// does.
pub(crate) const WEIGHTS_EXTENSIONS: [&str; 8] = ["safetensors", "pth", "pt", "bin", "ckpt", "pth.tar", "onnx", "pt2"];

/// Extensions of files that hold models in other ways: what each is, and what to do, is said when it is opened.
pub(crate) const OTHER_EXTENSIONS: [&str; 9] = ["tar", "pkl", "pickle", "npz", "npy", "ptl", "h5", "keras", "gguf"];

/// The extension of a manifest.
pub(crate) const EXTENSION: &str = "toml";

/// The most bytes of a manifest, and of a file of labels.
const MAX_BYTES: u64 = 4 << 20;

/// Sizes of an input in pixels: smaller ones show nothing, larger ones take memory for hours of work.
const SIDES: std::ops::RangeInclusive<usize> = 16..=2048;

/// What a manifest says. Paths are relative to its folder.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    architecture: Option<String>,
    weights: Option<PathBuf>,
    title: Option<String>,
    input_size: Option<Size>,
    resize: Option<u32>,
    interpolation: Option<Resampling>,
    squash: Option<bool>,
    mean: Option<Channels>,
    std: Option<Channels>,
    labels: Option<PathBuf>,
    /// The classes' names themselves.
    #[serde(skip)]
    names: Option<Vec<String>>,
    /// Heads of the network's attention.
    heads: Option<usize>,
    /// What its outputs mean.
    head: Option<Head>,
    /// The name of the state dict in the file of weights.
    state_dict: Option<String>,
    /// The output of an ONNX file that is the classes.
    output: Option<String>,
    #[serde(skip)]
    path: PathBuf,
}

impl Manifest {
    /// Reads and checks a manifest. Errors say what is wrong, and what to do.
    pub fn read(path: &Path) -> Result<Self, String> {
        let manifest = if path.file_name().is_some_and(|name| name == config_json::NAME) {
            config_json::read(path)?
        } else {
            let manifest: Self =
                toml::from_str(&text(path)?).map_err(|error| error.to_string().trim().replace('\n', " "))?;
            Self { path: path.to_owned(), ..manifest }
        };
        manifest.architecture()?;
        manifest.checked()
    }

    fn checked(self) -> Result<Self, String> {
        let sides = self.input_size.map(|Size { width, height }| [width, height]);
        for side in sides.into_iter().flatten().chain(self.resize.map(|side| side as usize)) {
            if !SIDES.contains(&side) {
                return Err(format!("a side of {side} pixels is not from {} to {}", SIDES.start(), SIDES.end()));
            }
        }
        let numbers = self.mean.iter().chain(&self.std).flat_map(|numbers| numbers.iter());
        if let Some(number) = numbers.into_iter().find(|number| !number.is_finite()) {
            return Err(format!("mean and std cannot be {number}"));
        }
        match self.std.iter().flat_map(|numbers| numbers.iter()).find(|std| **std <= 0.0) {
            Some(std) => Err(format!("std is {std}, but pixels are divided by it: it must be above 0")),
            None => Ok(self),
        }
    }

    /// Reads what a program saved with a whole network, which says itself what its layers are.
    pub fn read_of_whole(path: &Path) -> Result<Self, String> {
        config_json::read_of_whole(path)?.checked()
    }

    /// What a program saved beside a whole network, if there is something.
    pub fn of_savers_beside(network: &Path) -> Option<PathBuf> {
        Some(network.with_file_name(config_json::NAME)).filter(|path| path.is_file())
    }

    /// The manifest beside a file of weights, if there is one: the same name with another extension, or what the program
    /// that saved the weights says of them.
    pub fn beside(weights: &Path) -> Option<PathBuf> {
        let own = Self::own_beside(weights);
        let is_savers = weights.file_name().is_some_and(|name| config_json::WEIGHTS.iter().any(|saved| name == *saved));
        let savers = is_savers.then(|| weights.with_file_name(config_json::NAME));
        [Some(own), savers].into_iter().flatten().find(|path| path.is_file())
    }

    /// Where igoscope writes what a user says of a network: what [`Manifest::beside`] finds first.
    pub fn own_beside(network: &Path) -> PathBuf {
        network.with_file_name(stem(network)).with_added_extension(EXTENSION)
    }

    /// The weights in a folder that a program saved with what it says of them, if it is such a folder.
    pub fn weights_in(folder: &Path) -> Option<PathBuf> {
        let has_config = folder.join(config_json::NAME).is_file();
        let names = config_json::WEIGHTS.into_iter().chain([config_json::NETWORK]);
        let mut known = names.filter(|_| has_config).map(|name| folder.join(name));
        known.find(|path| path.is_file())
    }

    /// The file of weights that it describes.
    pub fn weights(&self) -> Result<PathBuf, String> {
        if let Some(weights) = &self.weights {
            return Ok(self.beside_it(weights));
        }
        let candidates = WEIGHTS_EXTENSIONS.map(|extension| self.path.with_extension(extension));
        candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
            format!(
                "it names no weights, and there are none beside it: say `weights = \"….{}\"`",
                WEIGHTS_EXTENSIONS[1]
            )
        })
    }

    /// The architecture that it names.
    pub fn architecture(&self) -> Result<Option<Architecture>, String> {
        let Some(name) = &self.architecture else { return Ok(None) };
        let found = Architecture::named(name);
        found.map(Some).ok_or_else(|| {
            let all: Vec<&str> = Architecture::ALL.iter().map(|architecture| architecture.name()).collect();
            let all = all.join(", ");
            if self.is_savers() {
                format!(
                    "it names “{name}”, which is none of the architectures that igoscope knows, and tensors that look \
                     alike may be another network's; if it is one of them all the same, say which in a manifest with \
                     the weights' name: {all}"
                )
            } else {
                format!("no architecture is called “{name}”: there are {all}")
            }
        })
    }

    /// Heads of the network's attention that it names.
    pub fn heads(&self) -> Option<usize> {
        self.heads
    }

    /// What the network's outputs mean, if it says so.
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Width and height of the pictures that the network sees, if it says so.
    pub fn input_size(&self) -> Option<Size> {
        self.input_size
    }

    /// Whether it says how pixels become the network's numbers.
    pub fn is_about_colours(&self) -> bool {
        self.mean.is_some() || self.std.is_some()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state dict in the file of weights that it names.
    pub fn state_dict(&self) -> Option<&str> {
        self.state_dict.as_deref()
    }

    /// The output of an ONNX file that it says is the classes.
    pub fn output(&self) -> Option<&str> {
        self.output.as_deref()
    }

    /// Changes in `spec`, a model with its own head and as many classes as that has, what it says otherwise.
    pub fn apply(&self, spec: &mut ModelSpec) -> Result<(), String> {
        let classes = spec.labels.len();
        if let Some(title) = &self.title {
            spec.title.clone_from(title);
        }
        if let Some(size) = self.input_size {
            // The same margin as before, unless another is asked for.
            spec.crop.resize_for(size);
        }
        if let Some(resize) = self.resize {
            let cut = spec.crop.crop.shorter();
            if (resize as usize) < cut {
                return Err(format!("resize is {resize}, less than the {cut} pixels that are cut"));
            }
            spec.crop.resize = resize;
        }
        if let Some(resampling) = self.interpolation {
            spec.crop.resampling = resampling;
        }
        if let Some(squashes) = self.squash {
            spec.crop.squashes = squashes;
        }
        let own = spec.normalisation;
        let said = Normalisation { mean: self.mean.unwrap_or(own.mean), std: self.std.unwrap_or(own.std) };
        spec.normalisation = said.for_channels(own.channels())?;
        if let Some(labels) = &self.labels {
            let path = self.beside_it(labels);
            let in_words = |why| format!("its labels cannot be used ({why}): {}", path.display());
            let labels = Labels::from_lines(&text(&path).map_err(in_words)?).for_head(spec.head);
            if labels.len() != classes {
                let why = format!("there are {} of them, and the weights have {classes} classes", labels.len());
                return Err(in_words(why));
            }
            spec.labels = labels.into();
        } else if let Some(names) = &self.names {
            let labels = Labels::from_names(names).for_head(spec.head);
            if labels.len() == classes {
                spec.labels = labels.into();
            }
        }
        Ok(())
    }

    /// What to call the model with these weights: by its file, or by its folder where all files are called alike.
    pub fn name_of(&self, weights: &Path) -> String {
        let folder = weights.parent().and_then(Path::file_name).filter(|_| self.is_savers());
        folder.map_or_else(|| stem(weights), OsStr::to_os_string).to_string_lossy().into_owned()
    }

    /// Whether it is what a program saved with the weights.
    pub fn is_savers(&self) -> bool {
        self.path.ends_with(config_json::NAME)
    }

    fn beside_it(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// The name of a file of weights without its extension, which has two parts in `birds.pth.tar`.
fn stem(weights: &Path) -> OsString {
    let stem = weights.file_stem().unwrap_or(weights.as_os_str());
    let is_tar = weights.extension().is_some_and(|last| last.eq_ignore_ascii_case("tar"));
    let inner = Path::new(stem).file_stem().filter(|_| is_tar);
    inner.unwrap_or(stem).to_owned()
}

/// A small file of text.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {} MB", MAX_BYTES >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())
}
