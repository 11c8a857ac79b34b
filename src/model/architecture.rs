//! The architectures that are layer networks, by name.

use super::{ModelError, efficientnet_lite, resnet, vgg, weights::Weights};
use crate::{
    imaging::{CropRule, Normalisation},
    nn::Layer,
};

/// A network cut in two at the layer Grad-CAM reads.
pub(crate) struct Layers {
    /// Input → features.
    pub features: Vec<Layer>,
    /// Features → logits.
    pub head: Vec<Layer>,
}

/// A network whose layers are known; only its weights are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// EfficientNet-Lite0, tensors named as in `efficientnet-lite-pytorch`.
    EfficientNetLite0,
    /// ResNet-50, tensors named as in torchvision.
    ResNet50,
    /// VGG-19 without batch normalisation, tensors named as in torchvision.
    Vgg19,
}

impl Architecture {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::EfficientNetLite0, Self::ResNet50, Self::Vgg19];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::EfficientNetLite0 => "efficientnet-lite0",
            Self::ResNet50 => "resnet50",
            Self::Vgg19 => "vgg19",
        }
    }

    /// The name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::EfficientNetLite0 => "EfficientNet-Lite0",
            Self::ResNet50 => "ResNet-50",
            Self::Vgg19 => "VGG-19",
        }
    }

    /// The architecture of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|architecture| architecture.name() == name)
    }

    /// The layer whose features Grad-CAM reads.
    pub(crate) fn feature_layer(self) -> &'static str {
        match self {
            Self::EfficientNetLite0 => "_conv_head",
            Self::ResNet50 => "layer4",
            Self::Vgg19 => "features",
        }
    }

    /// What a picture goes through before it is seen.
    pub(crate) fn preprocessing(self) -> (CropRule, Normalisation) {
        let normalisation = match self {
            Self::EfficientNetLite0 => Normalisation { mean: [0.498; 3], std: [0.502; 3] },
            // ImageNet's, as torchvision has them.
            Self::ResNet50 | Self::Vgg19 => Normalisation { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
        };
        (CropRule { resize: 256, crop: 224 }, normalisation)
    }

    /// Puts weights for `classes` classes into the layers.
    pub(crate) fn build(self, weights: &Weights, classes: usize) -> Result<Layers, ModelError> {
        match self {
            Self::EfficientNetLite0 => efficientnet_lite::build(weights, classes),
            Self::ResNet50 => resnet::build(weights, [3, 4, 6, 3], classes),
            Self::Vgg19 => vgg::build(weights, [2, 2, 4, 4, 4], classes),
        }
    }
}
