//! Networks that the methods' fixtures are made with (`tests/fixtures/peers.py`): those of the zoo, with weights and inputs
//! that a formula makes.

use std::{collections::HashMap, path::Path};

use candle_core::{DType, Device, Tensor};
use igoscope::{
    imaging::{Crop, Region},
    model::{Architecture, Assembled, Classifier, Input},
};
use image::RgbImage;

use super::{
    made::{made, uniform},
    path,
};

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
    let planar = uniform("input", 3 * side * side, numbers.number("input") as u32).map(|value| 2.0 * value).collect();
    let region = Region { x: 0.0, y: 0.0, width: side as f32, height: side as f32 };
    let crop = Crop { image: RgbImage::new(side as u32, side as u32), region };
    let normalisation = network.spec().normalisation;
    (network, Input { planar, side, crop, normalisation })
}

/// The same, hosted on the CPU.
pub fn hosted(name: &str) -> (Box<dyn Classifier>, Input) {
    let (network, input) = zoo(name);
    (network.host(&Device::Cpu, 0).unwrap(), input)
}
