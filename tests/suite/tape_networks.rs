//! Networks of candle-transformers, hosted through Candle's autograd: seeded weights, checked by finite differences.

use std::sync::{Arc, Mutex};

use candle_core::{D, DType, Device, Module, Tensor};
use candle_nn::{Func, VarBuilder, VarMap, linear};
use candle_transformers::models::{
    efficientnet::{EfficientNet, MBConvConfig},
    vit::{Config, Embeddings, Encoder},
};
use igoscope::{
    explain::{Control, Subject, grad_cam},
    imaging::{Crop, CropRule, Normalisation, Region, Size},
    model::{Batch, Classifier, Guesses, Head, HeadSource, Labels, ModelSpec, Score, Sizes, Target, host_modules},
};

use crate::common::norm;

const SIDE: usize = 32;
const CLASSES: usize = 6;

/// Weights that look random, of a size that keeps activations alive through many layers; norms keep their defaults.
fn seed_weights(map: &VarMap) {
    let mut named: Vec<_> = map.data().lock().unwrap().clone().into_iter().collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    for (seed, (_, weight)) in named.iter().enumerate().filter(|(_, (_, weight))| weight.rank() > 1) {
        let scale = 3.0 / ((weight.elem_count() / weight.dims()[0]) as f32).sqrt();
        let values: Vec<f32> = (0..weight.elem_count())
            .map(|i| scale * (((i * 2_654_435_761 + seed * 40_503) % 10_007) as f32 / 5_003.5 - 1.0))
            .collect();
        weight.set(&Tensor::from_vec(values, weight.shape(), &Device::Cpu).unwrap()).unwrap();
    }
}

fn hosted(features: Func<'static>, head: Func<'static>) -> Box<dyn Classifier> {
    let spec = ModelSpec {
        name: "tiny".to_owned(),
        title: "Tiny".to_owned(),
        crop: CropRule::new(SIDE as u32, SIDE as u32),
        sizes: Sizes::only(Size::square(SIDE)),
        normalisation: Normalisation::new([0.5; 3], [0.5; 3]),
        head: Head::Softmax,
        head_source: HeadSource::Default,
        labels: Arc::new(Labels::from_lines("a\nb\nc\nd\ne\nf\n")),
        feature_layer: "encoder".to_owned(),
        architecture: "tape".to_owned(),
        origin: "seeded".to_owned(),
        sha256: None,
        heads: None,
        state_dicts: None,
        graph: None,
        guesses: Guesses::default(),
    };
    host_modules(spec, features, head, &Device::Cpu, 2).unwrap()
}

/// The first blocks of EfficientNet-B0, with squeeze-and-excite and swish: every operator has a gradient, and the right one.
fn efficientnet() -> Box<dyn Classifier> {
    let map = VarMap::new();
    let weights = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    let network = EfficientNet::new(weights, MBConvConfig::b0().into_iter().take(3).collect(), CLASSES).unwrap();
    seed_weights(&map);
    hosted(Func::new(|input| Ok(input.clone())), Func::new(move |input| network.forward(input)))
}

/// A vision transformer of two blocks on 4 × 4 patches, with a linear head on the mean of its tokens.
fn vision_transformer() -> Box<dyn Classifier> {
    let config = Config {
        hidden_size: 24,
        num_hidden_layers: 2,
        num_attention_heads: 3,
        intermediate_size: 48,
        hidden_act: candle_nn::Activation::Gelu,
        layer_norm_eps: 1e-6,
        image_size: SIDE,
        patch_size: 8,
        num_channels: 3,
        qkv_bias: true,
    };
    let map = VarMap::new();
    let weights = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    let embeddings = Embeddings::new(&config, false, weights.pp("embeddings")).unwrap();
    let encoder = Encoder::new(&config, weights.pp("encoder")).unwrap();
    let classifier = linear(config.hidden_size, CLASSES, weights.pp("classifier")).unwrap();
    seed_weights(&map);
    let features = Func::new(move |input| encoder.forward(&embeddings.forward(input, None, false)?));
    hosted(features, Func::new(move |tokens| classifier.forward(&tokens.mean(D::Minus2)?)))
}

fn planar(seed: usize) -> Vec<f32> {
    (0..3 * SIDE * SIDE).map(|i| ((i * (3 + seed)) as f32 * 0.057).sin()).collect()
}

fn score(classifier: &dyn Classifier, planar: &[f32], target: Target) -> f64 {
    let logits = classifier.logits(&Batch::new(planar, planar.len())).unwrap();
    f64::from(target.of(Head::Softmax, &logits[0]).0)
}

#[test]
fn input_gradients_of_an_efficientnet_are_its_slopes() {
    let classifier = efficientnet();
    let batch: Vec<f32> = [planar(0), planar(1)].concat();
    for target in Head::Softmax
        .scores()
        .iter()
        .flat_map(|&score| [None, Some(5)].map(move |against| Target { score, class: 2, against }))
    {
        let gradients = Mutex::new(vec![Vec::new(); 2]);
        let samples = Batch::new(&batch, batch.len() / 2);
        let scores = classifier
            .gradients(&samples, target, &|index, gradient| gradients.lock().unwrap()[index] = gradient.to_vec())
            .unwrap();
        for (index, gradient) in gradients.into_inner().unwrap().iter().enumerate() {
            let at = planar(index);
            assert!((score(classifier.as_ref(), &at, target) - f64::from(scores[index])).abs() < 1e-5);
            let length = norm(gradient);
            let value = |step: f32| {
                let moved: Vec<f32> = at.iter().zip(gradient).map(|(v, g)| v + step * g / length).collect();
                score(classifier.as_ref(), &moved, target)
            };
            let slope = (value(0.05) - value(-0.05)) / 0.1;
            assert!((slope / f64::from(length) - 1.0).abs() < 0.01, "{target:?}: {slope} {length}");
        }
    }
}

#[test]
fn grad_cam_reads_a_transformers_patches_as_a_grid() {
    let classifier = vision_transformer();
    let region = Region { x: 0.0, y: 0.0, width: SIDE as f32, height: SIDE as f32 };
    let crop = Crop { image: image::RgbImage::new(SIDE as u32, SIDE as u32), bands: None, region };
    let mut input = classifier.spec().input_from_crop(crop).unwrap();
    input.planar = planar(0);
    let subject = Subject { classifier: classifier.as_ref(), input: &input, target: Target::probability(2) };
    let explanation = grad_cam(&subject, &Control::default()).unwrap();
    assert_eq!((explanation.saliency.width, explanation.saliency.height), (4, 4));
    let features = classifier.features(&input.planar, Target { score: Score::Logit, class: 2, against: None }).unwrap();
    assert_eq!((features.width, features.height, features.channels), (4, 4, 24));
    // The head takes the mean of 17 tokens: each one's gradient is the class's weights over 17.
    for pixel in features.gradient.chunks_exact(24) {
        assert_eq!(pixel, &features.gradient[..24]);
    }
}
