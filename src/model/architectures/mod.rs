//! The architectures that are layer networks, by name.

pub mod alexnet;
pub mod blocks;
pub mod convnext;
pub mod densenet;
pub mod efficientnet;
pub mod efficientnet_lite;
pub mod mobilenet_v2;
pub mod mobilenet_v3;
pub mod resnet;
pub mod squeezenet;
pub mod tensors;
pub mod vgg;
pub mod vit;

use super::ModelError;
use crate::{
    imaging::{CropRule, Normalisation},
    nn::Layer,
};
use tensors::Tensors;

/// A network cut in two at the layer Grad-CAM reads.
#[derive(Debug)]
pub(crate) struct Layers {
    /// Input → features.
    pub features: Vec<Layer>,
    /// Features → logits.
    pub head: Vec<Layer>,
}

/// ImageNet's mean and standard deviation, as torchvision has them.
pub(crate) const IMAGENET: Normalisation = Normalisation { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/// The shorter side to 256 pixels, and the middle 224 of both.
pub(crate) const CENTRE_224: CropRule = CropRule::new(256, 224);

/// Puts weights for so many classes into the layers.
pub(crate) type Build = fn(&dyn Tensors, usize) -> Result<Layers, ModelError>;

impl Layers {
    /// Whether pictures of any size can be classified: the head averages over all pixels of the features, however many,
    /// or reads tokens, whose places are resampled.
    pub fn take_any_side(&self) -> bool {
        self.head.iter().any(|layer| matches!(layer, Layer::GlobalAveragePool | Layer::TokenPool(_)))
    }
}

/// A network whose layers are known; only its weights are missing.
///
/// Each family has a file of its own, with a table of its members.
#[derive(Debug, Clone, Copy)]
pub struct Architecture {
    /// The name in flags and JSON: torchvision's, if it has one.
    pub(crate) name: &'static str,
    /// The name on screen.
    pub(crate) title: &'static str,
    /// The layer whose features Grad-CAM reads.
    pub(crate) feature_layer: &'static str,
    /// The tensor whose first dimension is the number of classes.
    pub(crate) classifier: &'static str,
    /// The smallest side of an input in pixels of which every layer leaves something.
    pub(crate) least_side: u32,
    /// Heads of its attention, if it has some: its tensors do not tell.
    pub(crate) heads: Option<usize>,
    /// What ImageNet weights were trained to see.
    pub(crate) crop: CropRule,
    /// And with which numbers for its pixels.
    pub(crate) normalisation: Normalisation,
    /// The architecture's own name of a tensor that other programs call otherwise.
    pub(crate) rename: fn(&str) -> Option<String>,
    pub(crate) build: Build,
}

/// The members of every family.
const FAMILIES: [&[Architecture]; 11] = [
    &alexnet::ALL,
    &convnext::ALL,
    &densenet::ALL,
    &efficientnet::ALL,
    &efficientnet_lite::ALL,
    &mobilenet_v2::ALL,
    &mobilenet_v3::ALL,
    &resnet::ALL,
    &squeezenet::ALL,
    &vgg::ALL,
    &vit::ALL,
];

/// How many architectures there are.
const COUNT: usize = {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

impl Architecture {
    /// Every one.
    pub const ALL: [Self; COUNT] = {
        let mut all = [FAMILIES[0][0]; COUNT];
        let (mut count, mut family) = (0, 0);
        while family < FAMILIES.len() {
            let mut member = 0;
            while member < FAMILIES[family].len() {
                all[count] = FAMILIES[family][member];
                count += 1;
                member += 1;
            }
            family += 1;
        }
        all
    };

    /// The network that is part of the program.
    pub const EFFICIENTNET_LITE0: Self = efficientnet_lite::ALL[0];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The name on screen.
    pub fn title(self) -> &'static str {
        self.title
    }

    /// The architecture of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|architecture| architecture.name == name)
    }

    /// The layer whose features Grad-CAM reads.
    pub fn feature_layer(self) -> &'static str {
        self.feature_layer
    }

    /// The tensor whose first dimension is the number of classes.
    pub fn classifier(self) -> &'static str {
        self.classifier
    }

    /// The smallest side of an input in pixels: of a smaller one some layer would leave nothing.
    pub fn least_side(self) -> u32 {
        self.least_side
    }

    /// The name by which the architecture asks for a tensor that torchvision, timm, transformers or a paper's authors
    /// call `name`. Where it asks for one tensor that they keep in parts, `qkv[1].weight` is the second one's.
    pub fn canonical_name(self, name: &str) -> String {
        (self.rename)(name).unwrap_or_else(|| name.to_owned())
    }

    /// What a picture goes through before it is seen.
    pub(crate) fn preprocessing(self) -> (CropRule, Normalisation) {
        (self.crop, self.normalisation)
    }

    /// Puts weights for `classes` classes into the layers.
    pub(crate) fn build(self, weights: &dyn Tensors, classes: usize) -> Result<Layers, ModelError> {
        (self.build)(weights, classes)
    }
}

impl PartialEq for Architecture {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Architecture {}
