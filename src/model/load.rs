//! From weights to a hosted model: the network that is part of the program, and weights in a file.

use std::{fs, ops::RangeInclusive, path::Path, sync::Arc};

use candle_core::Device;
use rayon::ThreadPool;

use super::{
    Architecture, Classifier, Labels, ModelError, ModelSpec, architecture::Layers, cpu_network::CpuNetwork,
    layer_network::LayerNetwork, on_device::OnDevice, weights::Weights,
};
use crate::{
    device::{Place, Precision},
    nn::compute_pool,
};

/// Sides of a picture that a network may be asked to see, in pixels: below, there is little to see; above, a thread's
/// activations take gigabytes, and an iteration minutes.
const INPUT_SIDES: RangeInclusive<usize> = 32..=1024;

static WEIGHTS: &[u8] = include_bytes!("../../assets/efficientnet-lite0.safetensors");
static CLASSES: &str = include_str!("../../assets/imagenet-classes.txt");

/// Hosts EfficientNet-Lite0 with its ImageNet weights at a place, such as a device, on `threads` CPU threads or one a
/// core if 0, for pictures of `side` × `side` pixels or of its own size if none.
///
/// # Errors
/// The network does not take that size, the device has no room for the weights, or the operating system gives no
/// threads.
pub fn load_embedded(
    place: impl Into<Place>,
    threads: usize,
    side: Option<usize>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let (spec, layers) = embedded(side)?;
    host(spec, layers, place.into(), threads)
}

/// The embedded network through Candle's tensors on the CPU, in numbers of some precision: the reference of the kernels,
/// and a way to see what a GPU would compute.
///
/// # Errors
/// As [`load_embedded`].
pub fn load_embedded_reference(precision: Precision, side: Option<usize>) -> Result<Box<dyn Classifier>, ModelError> {
    let (spec, layers) = embedded(side)?;
    host_on_tensors(spec, &layers, Place { device: Device::Cpu, precision }, 0)
}

/// Hosts ImageNet weights of a known architecture from a safetensors file, as [`load_embedded`] does.
///
/// # Errors
/// The file cannot be read, or its tensors are not the architecture's; and as [`load_embedded`].
pub fn load_file(
    architecture: Architecture,
    path: &Path,
    place: impl Into<Place>,
    threads: usize,
    side: Option<usize>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let bytes = fs::read(path).map_err(|why| ModelError::Unreadable { path: path.to_owned(), why })?;
    let (spec, layers) = read(architecture, &bytes, path.display().to_string(), side)?;
    drop(bytes);
    host(spec, layers, place.into(), threads)
}

fn embedded(side: Option<usize>) -> Result<(ModelSpec, Layers), ModelError> {
    read(Architecture::EFFICIENTNET_LITE0, WEIGHTS, "embedded".to_owned(), side)
}

/// Puts the tensors of a safetensors file into the layers, for pictures of `side` × `side` pixels or of its own size if
/// none.
fn read(
    architecture: Architecture,
    bytes: &[u8],
    origin: String,
    side: Option<usize>,
) -> Result<(ModelSpec, Layers), ModelError> {
    let (crop, normalisation) = architecture.preprocessing();
    let spec = ModelSpec {
        name: architecture.name().to_owned(),
        title: architecture.title().to_owned(),
        crop,
        normalisation,
        labels: Arc::new(Labels::from_lines(CLASSES)),
        feature_layer: architecture.feature_layer().to_owned(),
        origin,
    };
    let weights = Weights::from_safetensors(&spec.title, bytes)?;
    let layers = architecture.build(&weights, spec.labels.len())?;
    Ok((sized(spec, architecture, &layers, side)?, layers))
}

/// Hosts layers at a place, on `threads` CPU threads or one a core if 0.
pub(super) fn host(
    spec: ModelSpec,
    layers: Layers,
    place: Place,
    threads: usize,
) -> Result<Box<dyn Classifier>, ModelError> {
    if place.device.is_cpu() {
        return Ok(Box::new(CpuNetwork::new(spec, layers, compute_threads(threads)?)));
    }
    host_on_tensors(spec, &layers, place, threads)
}

/// The same, but on Candle's tensors on the CPU, too.
pub(super) fn host_on_tensors(
    spec: ModelSpec,
    layers: &Layers,
    place: Place,
    threads: usize,
) -> Result<Box<dyn Classifier>, ModelError> {
    let threads = if place.device.is_cpu() { Some(compute_threads(threads)?) } else { None };
    Ok(Box::new(OnDevice::new(spec, LayerNetwork::new(layers, &place)?, place, threads)))
}

/// So many CPU threads to compute with, or one a core if 0.
pub(super) fn compute_threads(threads: usize) -> Result<Arc<ThreadPool>, ModelError> {
    compute_pool(threads).map_err(|error| ModelError::Threads(error.to_string()))
}

/// The same model for pictures of another size, if its layers take it.
fn sized(
    spec: ModelSpec,
    architecture: Architecture,
    layers: &Layers,
    side: Option<usize>,
) -> Result<ModelSpec, ModelError> {
    let own = spec.side();
    let Some(side) = side.filter(|side| *side != own) else { return Ok(spec) };
    let refused = |why: String| Err(ModelError::InputSide { model: spec.title.clone(), side, why });
    if !layers.take_any_side() {
        return refused(format!("its last layers are made for {own} × {own}"));
    }
    let (least, largest) = (*INPUT_SIDES.start().max(&(architecture.least_side() as usize)), *INPUT_SIDES.end());
    if !(least..=largest).contains(&side) {
        return refused(format!("choose a side from {least} to {largest}"));
    }
    Ok(ModelSpec { crop: spec.crop.with_side(side as u32), ..spec })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{imaging::CropRule, nn::Layer};

    #[test]
    fn a_network_that_averages_its_features_takes_other_sizes_within_bounds() {
        let hosted = |side| load_embedded(&Device::Cpu, 1, Some(side)).map(|model| model.spec().crop);
        assert_eq!(hosted(299).unwrap(), CropRule { resize: 342, crop: 299 });
        assert_eq!(hosted(224).unwrap(), CropRule { resize: 256, crop: 224 });
        for side in [0, 31, 100_000] {
            let error = hosted(side).unwrap_err().to_string();
            assert!(error.contains(&format!("{side} × {side}")) && error.contains("32 to 1024"), "{error}");
        }
    }

    #[test]
    fn a_network_whose_head_is_made_for_a_size_says_so() {
        let (spec, mut layers) = embedded(None).unwrap();
        layers.head.retain(|layer| !matches!(layer, Layer::GlobalAveragePool));
        let error = sized(spec, Architecture::EFFICIENTNET_LITE0, &layers, Some(299)).unwrap_err().to_string();
        assert!(error.contains("EfficientNet-Lite0") && error.contains("224 × 224"), "{error}");
    }
}
