//! Questions whose answers other programs have stored: a network, its picture and its class.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use igoscope::{
    explain::{Saliency, Subject},
    imaging::{Crop, Region, Size, area_average},
    model::{Architecture, Assembled, Classifier, Input, Target},
};
use igoscope_test_tools::{made, uniform};
use image::RgbImage;

use super::{fixture, input, model, path, relative_difference};

/// The tensors of a file of fixtures, flattened.
pub fn tensors(file: &str) -> HashMap<String, Vec<f32>> {
    let all = candle_core::safetensors::load(path(&format!("tests/fixtures/{file}.safetensors")), &Device::Cpu);
    let flat = |tensor: Tensor| tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1();
    all.unwrap().into_iter().map(|(name, tensor)| (name, flat(tensor).unwrap())).collect()
}

/// A network with its picture and its class.
pub struct Question {
    pub name: &'static str,
    pub classifier: &'static dyn Classifier,
    pub input: Input,
    pub class: usize,
}

impl Question {
    /// The embedded network and a quiet crop.
    pub fn of_crop(name: &'static str) -> Self {
        let class = fixture(&format!("{name}.class"))[0] as usize;
        Self { name, classifier: model(), input: input(name), class }
    }

    /// A network of `tests/fixtures/zoo`, with made weights and a made input.
    pub fn of_zoo(name: &'static str) -> Self {
        let known = tensors(&format!("zoo/{name}"));
        let number = |name: &str| known[name][0] as usize;
        let (side, seed) = (number("side"), number("input") as u32);
        let classifier = assembled(name).host(&Device::Cpu, 0).unwrap();
        let planar = uniform("input", 3 * side * side, seed).into_iter().map(|value| 2.0 * value).collect();
        let image = RgbImage::new(side as u32, side as u32);
        let region = Region { x: 0.0, y: 0.0, width: side as f32, height: side as f32 };
        let normalisation = classifier.spec().normalisation;
        let input =
            Input { planar, size: Size::square(side), crop: Crop { image, bands: None, region }, normalisation };
        Self { name, classifier: Box::leak(classifier), input, class: number("class") }
    }

    pub fn subject(&self) -> Subject<'_> {
        Subject { classifier: self.classifier, input: &self.input, target: Target::probability(self.class) }
    }

    /// Whether a map, averaged over squares, is what another program has found.
    pub fn check(&self, what: &str, map: &Saliency, expected: &[f32], tolerance: f32) {
        let side = expected.len().isqrt();
        let found = area_average(&map.values, (map.width, map.height), (side, side));
        let difference = relative_difference(&found, expected);
        println!("{} {what}: {difference:.2e}", self.name);
        assert!(difference < tolerance, "{}, {what}: {difference}", self.name);
    }
}

/// A network of `tests/fixtures/zoo` with made weights, not hosted yet.
pub fn assembled(name: &str) -> Assembled {
    let known = tensors(&format!("zoo/{name}"));
    let (side, gain) = (known["side"][0] as u32, known["gain"][0]);
    let architecture = Architecture::named(name).unwrap();
    Assembled::new(architecture, 10, side, |name, shape| made(name, shape, gain)).unwrap()
}
