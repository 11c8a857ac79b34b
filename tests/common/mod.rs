//! What several tests need: fixtures made with PyTorch (`tests/fixtures/make.py`) and the embedded model.

pub mod dataset;
pub mod driver;
pub mod hub;
pub mod peers;
pub mod pth;
pub mod questions;

use std::{collections::HashMap, path::PathBuf, sync::OnceLock};

use candle_core::{DType, Device, Tensor};
use igoscope::{
    explain::{
        CamParameters, CurveDescentParameters, GreedyRegionsParameters, HsicParameters, IgosParameters,
        IntegratedGradientsParameters, KernelShapParameters, OcclusionParameters, Parameters, RiseParameters,
        SobolParameters,
    },
    imaging::{Crop, Origin, Photo, Region, Size},
    model::{Classifier, Input, load_embedded},
};

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The embedded model on all cores, loaded once.
pub fn model() -> &'static dyn Classifier {
    static MODEL: OnceLock<Box<dyn Classifier>> = OnceLock::new();
    MODEL.get_or_init(|| load_embedded(&Device::Cpu, 0, None).unwrap()).as_ref()
}

/// A tensor PyTorch made, flattened.
pub fn fixture(name: &str) -> Vec<f32> {
    static FIXTURES: OnceLock<HashMap<String, Tensor>> = OnceLock::new();
    let all = FIXTURES.get_or_init(|| {
        candle_core::safetensors::load(path("tests/fixtures/lite0.safetensors"), &Device::Cpu).unwrap()
    });
    let tensor = all.get(name).unwrap_or_else(|| panic!("no fixture {name}"));
    tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// The same for pictures of half the side, a pass of which takes a quarter of the time: for what holds of any.
pub fn small_model() -> &'static dyn Classifier {
    static MODEL: OnceLock<Box<dyn Classifier>> = OnceLock::new();
    MODEL.get_or_init(|| load_embedded(&Device::Cpu, 0, Some(Size::square(112))).unwrap()).as_ref()
}

/// The 224 × 224 pixels that PyTorch saw too.
pub fn input(stem: &str) -> Input {
    input_of(stem, 1)
}

/// Every second of them: what [`small_model`] sees.
pub fn small_input(stem: &str) -> Input {
    input_of(stem, 2)
}

fn input_of(stem: &str, every: u32) -> Input {
    let photo = Photo::open(&path(&format!("tests/fixtures/{stem}.png"))).unwrap();
    let side = photo.image.width();
    let region = Region { x: 0.0, y: 0.0, width: side as f32, height: side as f32 };
    let pixel = |x: u32, y: u32| *photo.image.get_pixel(every * x, every * y);
    let image = image::ImageBuffer::from_fn(side / every, side / every, pixel);
    model().spec().input_from_crop(Crop { image, bands: None, region }).unwrap()
}

pub fn sample(stem: &str) -> Photo {
    let mut photo = Photo::open(&path(&format!("assets/samples/{stem}.jpg"))).unwrap();
    photo.origin = Origin::Sample;
    photo
}

/// `planar[:, 1::4, 2::4]` of `[3, side, side]`, as the fixtures keep large tensors.
pub fn strided(planar: &[f32], side: usize) -> Vec<f32> {
    planar
        .chunks_exact(side * side)
        .flat_map(|plane| {
            (1..side).step_by(4).flat_map(move |y| (2..side).step_by(4).map(move |x| plane[y * side + x]))
        })
        .collect()
}

pub fn norm(values: &[f32]) -> f32 {
    values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt() as f32
}

/// ‖a − b‖ / ‖b‖.
pub fn relative_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let difference: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    norm(&difference) / norm(b)
}

pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Parameters of a run that takes a second or two.
pub fn quick(iterations: usize) -> Parameters {
    let mut parameters = Parameters::default();
    parameters.edit(|igos: &mut IgosParameters| igos.iterations = iterations);
    parameters.edit(|igos: &mut IgosParameters| igos.integration_steps = 4);
    parameters.edit(|igos: &mut IgosParameters| igos.search_points = 2);
    parameters.edit(|igos: &mut IgosParameters| igos.convergence_tolerance = 0.0);
    parameters.edit(|own: &mut CurveDescentParameters| (own.iterations, own.levels) = (2, 3));
    parameters.edit(|own: &mut IntegratedGradientsParameters| own.integration_steps = 4);
    parameters.edit(|own: &mut CamParameters| own.channels = 16);
    parameters.edit(|own: &mut RiseParameters| own.masks = 40);
    parameters.edit(|own: &mut OcclusionParameters| (own.window, own.stride) = (56, 56));
    parameters.edit(|own: &mut SobolParameters| (own.cells, own.designs) = (4, 4));
    parameters.edit(|own: &mut HsicParameters| (own.cells, own.masks) = (4, 40));
    parameters.edit(|own: &mut KernelShapParameters| (own.per_side, own.samples) = (3, 40));
    parameters.edit(|own: &mut GreedyRegionsParameters| own.per_side = 3);
    (parameters.curves.steps, parameters.curves.random_orders) = (6, 1);
    parameters
}

/// The most memory this process has held, in bytes.
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "what tests in a process of their own need")]
pub fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    1024.0 * line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap()
}

/// The embedded network's weights, in single precision.
pub fn tensors() -> &'static HashMap<String, Tensor> {
    static TENSORS: OnceLock<HashMap<String, Tensor>> = OnceLock::new();
    TENSORS.get_or_init(|| {
        let file = path("assets/efficientnet-lite0.safetensors");
        let all = candle_core::safetensors::load(file, &Device::Cpu).unwrap();
        all.into_iter().map(|(name, tensor)| (name, tensor.to_dtype(DType::F32).unwrap())).collect()
    })
}

/// The same with a head for the first ten classes.
pub fn fine_tuned() -> HashMap<String, Tensor> {
    let mut all = tensors().clone();
    for name in ["_fc.weight", "_fc.bias"] {
        let head = all[name].narrow(0, 0, 10).unwrap().contiguous().unwrap();
        all.insert(name.to_owned(), head);
    }
    all
}
