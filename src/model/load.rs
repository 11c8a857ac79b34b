//! From weights to a hosted model: the network that is part of the program, and weights in a file.

use std::{fs, path::Path, sync::Arc};

use candle_core::Device;

use super::{
    Architecture, Classifier, Labels, ModelError, ModelSpec, architecture::Layers, cpu_network::CpuNetwork,
    layer_network::LayerNetwork, on_device::OnDevice, weights::Weights,
};
use crate::nn::compute_pool;

static WEIGHTS: &[u8] = include_bytes!("../../assets/efficientnet-lite0.safetensors");
static CLASSES: &str = include_str!("../../assets/imagenet-classes.txt");

/// Hosts EfficientNet-Lite0 with its ImageNet weights on `device`, on `threads` CPU threads or one a core if 0.
///
/// # Errors
/// The device has no room for the weights, or the operating system gives no threads.
pub fn load_embedded(device: &Device, threads: usize) -> Result<Box<dyn Classifier>, ModelError> {
    let (spec, layers) = embedded()?;
    host(spec, layers, device, threads)
}

/// The embedded network through Candle's tensors on the CPU: the reference of the kernels.
///
/// # Errors
/// As [`load_embedded`].
pub fn load_embedded_reference() -> Result<Box<dyn Classifier>, ModelError> {
    let (spec, layers) = embedded()?;
    Ok(Box::new(OnDevice::new(spec, LayerNetwork::new(&layers, &Device::Cpu)?, Device::Cpu)))
}

/// Hosts ImageNet weights of a known architecture from a safetensors file, as [`load_embedded`] does.
///
/// # Errors
/// The file cannot be read, or its tensors are not the architecture's; and as [`load_embedded`].
pub fn load_file(
    architecture: Architecture,
    path: &Path,
    device: &Device,
    threads: usize,
) -> Result<Box<dyn Classifier>, ModelError> {
    let bytes = fs::read(path).map_err(|why| ModelError::Unreadable { path: path.to_owned(), why })?;
    let (spec, layers) = read(architecture, &bytes, path.display().to_string())?;
    drop(bytes);
    host(spec, layers, device, threads)
}

fn embedded() -> Result<(ModelSpec, Layers), ModelError> {
    read(Architecture::EFFICIENTNET_LITE0, WEIGHTS, "embedded".to_owned())
}

/// Puts the tensors of a safetensors file into the layers.
fn read(architecture: Architecture, bytes: &[u8], origin: String) -> Result<(ModelSpec, Layers), ModelError> {
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
    Ok((spec, layers))
}

/// Hosts layers on `device`, on `threads` CPU threads or one a core if 0.
pub(super) fn host(
    spec: ModelSpec,
    layers: Layers,
    device: &Device,
    threads: usize,
) -> Result<Box<dyn Classifier>, ModelError> {
    Ok(match device {
        Device::Cpu => {
            let pool = compute_pool(threads).map_err(|error| ModelError::Threads(error.to_string()))?;
            Box::new(CpuNetwork::new(spec, layers, pool))
        }
        _ => Box::new(OnDevice::new(spec, LayerNetwork::new(&layers, device)?, device.clone())),
    })
}
