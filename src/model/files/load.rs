//! From weights to a hosted model, whichever of the four places they come from.
//!
//! ```text
//! embedded ────────────────────────────┐
//! catalogue ─hub─▶ file in the cache ──┤
//! file ────────────────────────────────┼─▶ TensorFile ─recognise─▶ Architecture, classes ─▶ ModelSpec, Layers ─▶ Classifier
//! manifest ─▶ file, what it says ──────┘
//! ```

use std::{
    iter,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::Arc,
};

use candle_core::Device;
use rayon::ThreadPool;

use super::{
    graph_file::GraphFile,
    graphs,
    manifest::{self, Manifest},
    recognise::{Recognised, recognise},
    sha256,
    weights::{TensorFile, Weights},
};
use crate::{
    Architecture, Classifier, Head, HeadSource, Labels, ModelError, ModelSpec,
    architectures::Layers,
    catalogue::Entry,
    device::{Place, Precision},
    hosts::{candle::OnDevice, cpu::CpuNetwork, layers::LayerNetwork},
    hub::Hub,
    imaging::{Normalisation, Size},
    nn::compute_pool,
    spec::{Guesses, Sizes},
};

/// Sides of a picture that a network may be asked to see, in pixels: below, there is little to see; above, a thread's
/// activations take gigabytes, and an iteration minutes.
const INPUT_SIDES: RangeInclusive<usize> = 32..=1024;

static WEIGHTS: &[u8] = include_bytes!("../../../assets/efficientnet-lite0.safetensors");
static CLASSES: &str = include_str!("../../../assets/imagenet-classes.txt");

/// The architecture of the embedded weights.
const EMBEDDED: Architecture = Architecture::EFFICIENTNET_LITE0;

/// Which model to host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelChoice {
    /// The one that is part of the program.
    #[default]
    Embedded,
    /// One of the catalogue, from the hub's cache.
    Catalogue(&'static Entry),
    /// Weights in a file, the manifest that describes them, or the folder that a program saved both in.
    File(PathBuf),
}

impl ModelChoice {
    /// The model that is part of the program, or the one of the catalogue that has this name.
    pub fn named(name: &str) -> Option<Self> {
        if name == EMBEDDED.name() {
            return Some(Self::Embedded);
        }
        Entry::named(name).map(Self::Catalogue)
    }

    /// The one of the catalogue, if it is one.
    pub fn entry(&self) -> Option<&'static Entry> {
        match self {
            Self::Catalogue(entry) => Some(entry),
            Self::Embedded | Self::File(_) => None,
        }
    }

    /// Whether it is a file of the user's own.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Its name in flags; a file has none.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Embedded => EMBEDDED.name(),
            Self::Catalogue(entry) => entry.name,
            Self::File(_) => "",
        }
    }

    /// What to call it in a message.
    pub fn title(&self) -> String {
        match self {
            Self::Embedded => EMBEDDED.title().to_owned(),
            Self::Catalogue(entry) => entry.title().to_owned(),
            Self::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        }
    }
}

/// Whether a file's name is that of weights, of a manifest, or of a model that only words can be had for: what it is, and
/// what to do.
pub fn is_model_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let known = manifest::WEIGHTS_EXTENSIONS.into_iter().chain(manifest::OTHER_EXTENSIONS).chain([manifest::EXTENSION]);
    known.into_iter().any(|known| name.strip_suffix(known).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')))
}

/// The weights in a folder as transformers and timm save them, if it is such a folder. Asks the disk.
pub fn weights_in_folder(folder: &Path) -> Option<PathBuf> {
    Manifest::weights_in(folder)
}

/// Whether a file's name is that of a manifest.
pub fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(manifest::EXTENSION))
}

/// Hosts a model at a place, such as a device, on `threads` CPU threads or one a core if 0, for pictures of a size or of its
/// own if none. One of the catalogue must be in `hub`'s cache.
///
/// # Errors
/// The weights are not there, cannot be used, or belong to no architecture that igoscope knows; a manifest is wrong; the
/// network does not take that size; the device has no room; or the operating system gives no threads.
pub fn load(
    choice: &ModelChoice,
    hub: &Hub,
    place: impl Into<Place>,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    load_as(choice, &Said::default(), hub, place, threads, size)
}

/// What a user says of the weights in a file, whatever stands beside it says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// The architecture, if not as it is recognised.
    pub architecture: Option<Architecture>,
    /// Heads of its attention, if not as many as its kind has.
    pub heads: Option<usize>,
    /// What its outputs mean, if not what a file beside it or their number says.
    pub head: Option<Head>,
    /// The name of the state dict in the file, if not the one that is taken first.
    pub state_dict: Option<String>,
    /// How pixels become the numbers of an ONNX file's network, if not as what stands beside it or in it says.
    pub normalisation: Option<Normalisation>,
    /// The output of an ONNX file's network that is the classes, if not the one that is taken.
    pub output: Option<String>,
}

/// The same, of a file of which something is said.
///
/// # Errors
/// As [`load`].
pub fn load_as(
    choice: &ModelChoice,
    said: &Said,
    hub: &Hub,
    place: impl Into<Place>,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    match choice {
        ModelChoice::Embedded => load_embedded(place, threads, size),
        ModelChoice::Catalogue(entry) => load_entry(entry, hub, place.into(), threads, size),
        ModelChoice::File(path) => load_path(path, said, place.into(), threads, size),
    }
}

/// Hosts EfficientNet-Lite0 with its ImageNet weights at a place, such as a device, on `threads` CPU threads or one a
/// core if 0, for pictures of a size or of its own if none.
///
/// # Errors
/// The network does not take that size, the device has no room for the weights, or the operating system gives no
/// threads.
pub fn load_embedded(
    place: impl Into<Place>,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let (spec, layers) = embedded(size)?;
    host(spec, layers, place.into(), threads)
}

/// The embedded network through Candle's tensors on the CPU, in numbers of some precision: the reference of the kernels,
/// and a way to see what a GPU would compute.
///
/// # Errors
/// As [`load_embedded`].
pub fn load_embedded_reference(precision: Precision, size: Option<Size>) -> Result<Box<dyn Classifier>, ModelError> {
    let (spec, layers) = embedded(size)?;
    host_on_tensors(spec, layers, Place { device: Device::Cpu, precision }, 0)
}

/// Hosts weights of a known architecture from a file, as [`load`] does without a manifest.
///
/// # Errors
/// The file cannot be read, or its tensors are not the architecture's; and as [`load_embedded`].
pub fn load_file(
    architecture: Architecture,
    path: &Path,
    place: impl Into<Place>,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let file = opened(path)?;
    let found =
        recognise(&file, Some(architecture), None).map_err(|why| ModelError::Weights { path: path.to_owned(), why })?;
    let spec = spec(&found, architecture.name(), path.display().to_string());
    host_found(spec, &found, &file, place.into(), threads, size)
}

/// The architecture of the weights in a file, and the number of their outputs: a class each, but for a single one.
///
/// # Errors
/// The file cannot be read, or belongs to no architecture that igoscope knows.
pub fn recognise_file(path: &Path) -> Result<(Architecture, usize), ModelError> {
    let found =
        recognise(&opened(path)?, None, None).map_err(|why| ModelError::Weights { path: path.to_owned(), why })?;
    Ok((found.architecture, found.outputs))
}

fn embedded(size: Option<Size>) -> Result<(ModelSpec, Layers), ModelError> {
    let unusable = |why| ModelError::Weights { path: "embedded".into(), why };
    let file = TensorFile::from_bytes(WEIGHTS).map_err(|why| unusable(why.to_string()))?;
    let found = recognise(&file, Some(EMBEDDED), None).map_err(unusable)?;
    let layers = layers(&found, &file, None)?;
    let spec = spec(&found, EMBEDDED.name(), "embedded".to_owned());
    Ok((sized(spec, found.architecture, &layers, size)?, layers))
}

fn load_entry(
    entry: &'static Entry,
    hub: &Hub,
    place: Place,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let cached = entry.cached(hub).ok_or(ModelError::NotCached { name: entry.name })?;
    let file = opened(&cached.path)?;
    let architecture = Architecture::named(entry.architecture);
    let found =
        recognise(&file, architecture, None).map_err(|why| ModelError::Weights { path: cached.path.clone(), why })?;
    let spec = ModelSpec { sha256: cached.sha256, ..spec(&found, entry.name, entry.file.repository.to_owned()) };
    host_found(spec, &found, &file, place, threads, size)
}

/// Weights in a file, with the manifest beside them if there is one; the manifest itself, or the folder of both.
fn load_path(
    path: &Path,
    said: &Said,
    place: Place,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let in_folder = weights_in_folder(path);
    let path = in_folder.as_deref().unwrap_or(path);
    let is_manifest = is_manifest(path);
    let manifest_path = if is_manifest { Some(path.to_owned()) } else { Manifest::beside(path) };
    let in_manifest = |why| ModelError::Manifest { path: manifest_path.clone().unwrap_or_default(), why };
    let manifest = manifest_path.as_deref().map(Manifest::read).transpose().map_err(in_manifest)?.unwrap_or_default();
    let weights = if is_manifest { manifest.weights().map_err(in_manifest)? } else { path.to_owned() };
    if GraphFile::is_one(&weights) {
        return graphs::host(&weights, &manifest, said, &place, threads, size);
    }
    if said.normalisation.is_some() || said.output.is_some() {
        let why = "neither mean and std nor an output can be said of weights as of a whole network; `mean` and `std` in a \
                   manifest beside them say how pictures are normalised";
        return Err(ModelError::Weights { path: weights, why: why.to_owned() });
    }
    if manifest.output().is_some() {
        return Err(in_manifest("`output` is of whole networks: weights have one output".to_owned()));
    }
    let wanted = match said.architecture {
        Some(architecture) => Some(architecture),
        None => manifest.architecture().map_err(in_manifest)?,
    };

    let file = opened(&weights)?;
    let unusable = |why| ModelError::Weights { path: weights.clone(), why };
    let state_dict = said.state_dict.as_deref().or(manifest.state_dict());
    let mut found = recognise(&file, wanted, state_dict).map_err(unusable)?;
    let mut guesses = Guesses::default();
    if wanted.is_none() {
        match named_by(&weights, &found).map_err(unusable)? {
            Some(named) if named == found.architecture => {}
            Some(named) => found = recognise(&file, Some(named), state_dict).map_err(unusable)?,
            None => {
                guesses.twins.clone_from(&found.twins);
                guesses.lookalikes.clone_from(&found.lookalikes);
                guesses.heads = true;
                guesses.settings = found.are_transformers && !manifest.is_savers();
            }
        }
    }
    guesses.state_dict = state_dict.is_none() && found.state_dicts.is_some();
    let heads = said.heads.or(manifest.heads());
    guesses.heads &= heads.is_none() && found.architecture.heads.is_some();
    let name = manifest.name_of(path);
    let mut spec = spec(&found, &name, weights.display().to_string());
    spec.title = format!("{name} ({})", spec.title);
    spec.guesses = guesses;
    spec.heads = spec.heads.and(heads).or(spec.heads);
    if let Some(head) = said.head {
        (spec.head, spec.head_source) = (head.for_outputs(found.outputs).map_err(unusable)?, HeadSource::User);
    } else if let Some(head) = manifest.head() {
        (spec.head, spec.head_source) = (head.for_outputs(found.outputs).map_err(in_manifest)?, HeadSource::File);
    }
    spec.labels = Arc::new(labels(spec.head, found.outputs));
    manifest.apply(&mut spec).map_err(in_manifest)?;
    let checksum = sha256::of_file(&weights).map_err(|error| unusable(error.to_string()))?;
    spec.sha256 = Some(checksum);
    let least = found.architecture.least_side();
    if spec.side() < least as usize {
        return Err(in_manifest(format!(
            "input_size is {}, less than the {least} pixels that {} needs",
            spec.crop.crop.written(),
            found.architecture.title()
        )));
    }
    host_found(spec, &found, &file, place, threads, size)
}

/// The architecture that a file's own name names, among those that its weights fit.
///
/// # Errors
/// It names a network that has the same tensors and is not hosted.
fn named_by(weights: &Path, found: &Recognised) -> Result<Option<Architecture>, String> {
    let stem = weights.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let own = found.architecture;
    let fitting = [own].into_iter().chain(found.twins.iter().copied());
    let names = |one: Architecture| iter::once(one.name()).chain(manifest::timms_names(one));
    let fitting = fitting.flat_map(|one| names(one).map(move |name| (name, Some(one))));
    let all = fitting.chain(found.lookalikes.iter().map(|name| (*name, None)));
    let named = all.filter(|(name, _)| has_word(&stem, name)).max_by_key(|(name, _)| name.len());
    match named {
        Some((name, None)) => Err(format!(
            "by its name it is {name}, which has the tensors of {title} and answers otherwise; if it is {title} all the \
             same, say so (--architecture {own})",
            title = own.title(),
            own = own.name(),
        )),
        Some((_, architecture)) => Ok(architecture),
        None => Ok(None),
    }
}

/// Whether a text has a name in it that is no part of a longer word.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let is_inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        !is_inside(text[..at].chars().next_back()) && !is_inside(text[at + name.len()..].chars().next())
    })
}

fn opened(path: &Path) -> Result<TensorFile, ModelError> {
    TensorFile::open(path).map_err(|why| ModelError::Weights { path: path.to_owned(), why: why.to_string() })
}

/// What is known of weights without a manifest.
fn spec(found: &Recognised, name: &str, origin: String) -> ModelSpec {
    let Recognised { architecture, outputs, crop, normalisation, .. } = found;
    let (head, head_source) = Head::unsaid(*outputs);
    ModelSpec {
        name: name.to_owned(),
        title: architecture.title().to_owned(),
        crop: *crop,
        sizes: Sizes::only(crop.crop),
        normalisation: *normalisation,
        head,
        head_source,
        labels: Arc::new(labels(head, *outputs)),
        feature_layer: architecture.feature_layer().to_owned(),
        architecture: architecture.name().to_owned(),
        origin,
        sha256: None,
        heads: architecture.heads,
        state_dicts: found.state_dicts.clone(),
        graph: None,
        guesses: Guesses::default(),
    }
}

/// The names of classes that nobody names: ImageNet's, if there are as many, or numbers.
pub(crate) fn labels(head: Head, outputs: usize) -> Labels {
    match head {
        Head::Regression => Labels::of_outputs(outputs),
        Head::Softmax | Head::Sigmoid | Head::Binary => {
            let (imagenet, classes) = (Labels::from_lines(CLASSES), head.classes(outputs));
            if imagenet.len() == classes { imagenet } else { Labels::numbered(classes) }
        }
    }
}

/// Puts the tensors of a file into the layers, one after the other.
fn layers(found: &Recognised, file: &TensorFile, heads: Option<usize>) -> Result<Layers, ModelError> {
    let weights = Weights::new(found.architecture, file, &found.prefix).with_heads(heads);
    found.architecture.build(&weights, found.outputs)
}

/// Hosts weights that were recognised, for pictures of a size or of the model's own if none.
fn host_found(
    spec: ModelSpec,
    found: &Recognised,
    file: &TensorFile,
    place: Place,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let layers = layers(found, file, spec.heads)?;
    host(sized(spec, found.architecture, &layers, size)?, layers, place, threads)
}

/// Hosts layers at a place, on `threads` CPU threads or one a core if 0.
pub(crate) fn host(
    spec: ModelSpec,
    layers: Layers,
    place: Place,
    threads: usize,
) -> Result<Box<dyn Classifier>, ModelError> {
    if place.device.is_cpu() {
        return Ok(Box::new(CpuNetwork::new(spec, layers, compute_threads(threads)?)));
    }
    host_on_tensors(spec, layers, place, threads)
}

/// The same, but on Candle's tensors on the CPU, too.
pub(crate) fn host_on_tensors(
    spec: ModelSpec,
    layers: Layers,
    place: Place,
    threads: usize,
) -> Result<Box<dyn Classifier>, ModelError> {
    let threads = if place.device.is_cpu() { Some(compute_threads(threads)?) } else { None };
    Ok(Box::new(OnDevice::new(spec, LayerNetwork::new(layers, &place)?, place, threads)))
}

/// So many CPU threads to compute with, or one a core if 0.
pub(crate) fn compute_threads(threads: usize) -> Result<Arc<ThreadPool>, ModelError> {
    compute_pool(threads).map_err(|error| ModelError::Threads(error.to_string()))
}

/// The same model, with the sides that its layers take, for pictures of one of them.
fn sized(
    spec: ModelSpec,
    architecture: Architecture,
    layers: &Layers,
    size: Option<Size>,
) -> Result<ModelSpec, ModelError> {
    let least = *INPUT_SIDES.start().max(&(architecture.least_side() as usize));
    let others = layers.take_any_side().then_some(least..=*INPUT_SIDES.end());
    let spec = ModelSpec { sizes: Sizes { own: spec.size(), others }, ..spec };
    let Some(size) = size.filter(|size| *size != spec.sizes.own) else { return Ok(spec) };
    match spec.sizes.refusal(size) {
        Some(why) => Err(ModelError::NoSuchSize { model: spec.title, size, why }),
        None => Ok(ModelSpec { crop: spec.crop.with_size(size), ..spec }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{imaging::CropRule, nn::Layer};

    #[test]
    fn a_network_that_averages_its_features_takes_other_sizes_within_bounds() {
        let hosted = |side| load_embedded(&Device::Cpu, 1, Some(Size::square(side))).map(|model| model.spec().crop);
        assert_eq!(hosted(299).unwrap(), CropRule::new(342, 299));
        assert_eq!(hosted(224).unwrap(), CropRule::new(256, 224));
        for side in [0, 31, 100_000] {
            let error = hosted(side).unwrap_err().to_string();
            assert!(error.contains(&format!("{side} × {side}")) && error.contains("32 to 1024"), "{error}");
        }
    }

    #[test]
    fn a_network_whose_head_is_made_for_a_size_says_so() {
        let (spec, mut layers) = embedded(None).unwrap();
        layers.head.retain(|layer| !matches!(layer, Layer::GlobalAveragePool));
        let error =
            sized(spec, Architecture::EFFICIENTNET_LITE0, &layers, Some(Size::square(299))).unwrap_err().to_string();
        assert!(error.contains("EfficientNet-Lite0") && error.contains("224 × 224"), "{error}");
    }
}
