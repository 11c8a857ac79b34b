//! The model that is part of the program: no download, no path, no network.

use std::sync::Arc;

use candle_core::Device;

use super::{
    Classifier, Labels, ModelError, ModelSpec, cpu_network::CpuNetwork, efficientnet_lite, layer_network::LayerNetwork,
    on_device::OnDevice, weights::Weights,
};
use crate::{
    imaging::{CropRule, Normalisation},
    nn::compute_pool,
};

static WEIGHTS: &[u8] = include_bytes!("../../assets/efficientnet-lite0.safetensors");
static CLASSES: &str = include_str!("../../assets/imagenet-classes.txt");

/// Hosts EfficientNet-Lite0 with its ImageNet weights on `device`, on `threads` CPU threads or one a core if 0.
///
/// # Errors
/// The device has no room for the weights, or the operating system gives no threads.
pub fn load_embedded(device: &Device, threads: usize) -> Result<Box<dyn Classifier>, ModelError> {
    let spec = spec();
    let weights = Weights::from_safetensors(&spec.title, WEIGHTS)?;
    let layers = efficientnet_lite::build(&weights, spec.labels.len())?;
    Ok(match device {
        Device::Cpu => {
            let pool = compute_pool(threads).map_err(|error| ModelError::Threads(error.to_string()))?;
            Box::new(CpuNetwork::new(spec, layers, pool))
        }
        _ => Box::new(OnDevice::new(spec, LayerNetwork::new(&layers, device)?, device.clone())),
    })
}

/// Preprocessing as the weights were trained and evaluated.
fn spec() -> ModelSpec {
    ModelSpec {
        name: "efficientnet-lite0".to_owned(),
        title: "EfficientNet-Lite0".to_owned(),
        crop: CropRule { resize: 256, crop: 224 },
        normalisation: Normalisation { mean: [0.498; 3], std: [0.502; 3] },
        labels: Arc::new(Labels::from_lines(CLASSES)),
        feature_layer: "_conv_head".to_owned(),
        origin: "embedded".to_owned(),
    }
}

/// The same network through Candle's tensors on the CPU: the reference of the kernels.
///
/// # Errors
/// As [`load_embedded`].
pub fn load_embedded_reference() -> Result<Box<dyn Classifier>, ModelError> {
    let spec = spec();
    let weights = Weights::from_safetensors(&spec.title, WEIGHTS)?;
    let layers = efficientnet_lite::build(&weights, spec.labels.len())?;
    Ok(Box::new(OnDevice::new(spec, LayerNetwork::new(&layers, &Device::Cpu)?, Device::Cpu)))
}
