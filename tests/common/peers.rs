//! Networks that the methods' fixtures are made with (`tests/fixtures/peers.py`): those of the zoo, with weights and inputs
//! that a formula makes.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Mutex,
};

use candle_core::{DType, Device, Tensor};
use igoscope::{
    imaging::{Crop, Region, Size},
    model::{Architecture, Assembled, Classifier, Input, ModelSpec},
};
use igoscope_test_tools::{made, uniform};
use image::RgbImage;

use super::path;

/// Classes of every network of the zoo.
const CLASSES: usize = 10;

/// A file of tensors.
pub struct Numbers(HashMap<String, Tensor>);

impl Numbers {
    pub fn open(file: &str) -> Self {
        Self::at(&path(&format!("tests/fixtures/{file}.safetensors")))
    }

    fn at(path: &Path) -> Self {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu);
        Self(tensors.unwrap_or_else(|why| panic!("{}: {why}", path.display())))
    }

    /// A tensor's values, flattened.
    pub fn get(&self, name: &str) -> Vec<f32> {
        let tensor = self.0.get(name).unwrap_or_else(|| panic!("there is no {name}"));
        tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    /// Its one whole number.
    pub fn number(&self, name: &str) -> usize {
        self.get(name)[0] as usize
    }
}

/// A network of the zoo and its own input.
pub fn zoo(name: &str) -> (Assembled, Input) {
    let numbers = Numbers::at(&path(&format!("tests/fixtures/zoo/{name}.safetensors")));
    let (side, gain) = (numbers.number("side"), numbers.get("gain")[0]);
    let architecture = Architecture::named(name).unwrap();
    let network =
        Assembled::new(architecture, CLASSES, side as u32, |tensor, shape| made(tensor, shape, gain)).unwrap();
    let input = input_of(name, network.spec());
    (network, input)
}

/// The input of a network's fixture.
fn input_of(name: &str, spec: &ModelSpec) -> Input {
    let numbers = Numbers::at(&path(&format!("tests/fixtures/zoo/{name}.safetensors")));
    let side = numbers.number("side");
    let planar = uniform("input", 3 * side * side, numbers.number("input") as u32)
        .into_iter()
        .map(|value| 2.0 * value)
        .collect();
    let region = Region { x: 0.0, y: 0.0, width: side as f32, height: side as f32 };
    let crop = Crop { image: RgbImage::new(side as u32, side as u32), bands: None, region };
    Input { planar, size: Size::square(side), crop, normalisation: spec.normalisation }
}

/// The same, hosted on the CPU, once for all tests.
pub fn hosted(name: &str) -> (&'static dyn Classifier, Input) {
    static HOSTED: Mutex<BTreeMap<String, &'static dyn Classifier>> = Mutex::new(BTreeMap::new());
    let (network, input) = if let Some(known) = HOSTED.lock().unwrap().get(name) {
        (*known, input_of(name, known.spec()))
    } else {
        let (network, input) = zoo(name);
        (&*Box::leak(network.host(&Device::Cpu, 0).unwrap()), input)
    };
    HOSTED.lock().unwrap().insert(name.to_owned(), network);
    (network, input)
}
