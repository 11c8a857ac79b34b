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

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{ModelError, Rule};
use crate::{
    imaging::{CropRule, Normalisation, Resampling},
    nn::{Layer, shuffle_weights},
};
use blocks::Blocks;
use tensors::Tensors;

/// A network cut in two at the layer Grad-CAM reads unless told otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// Input → features.
    pub features: Vec<Layer>,
    /// Features → logits.
    pub head: Vec<Layer>,
    /// Where else its features can be read.
    pub blocks: Blocks,
}

/// Why rules of going back have nothing to say of a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusals {
    rectified: Option<&'static str>,
    excitation: Option<&'static str>,
}

impl Refusals {
    /// Why a rule has nothing to say.
    pub fn of(self, rule: Rule) -> Option<&'static str> {
        match rule {
            Rule::Gradient => None,
            Rule::Guided | Rule::Deconvolution => self.rectified,
            Rule::Excitation => self.excitation,
        }
    }
}

impl Layers {
    /// The same with the weights of everything after the block at a depth in an order that a seed draws; of everything, if
    /// there is no such block.
    pub fn randomised(mut self, depth: usize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let kept = self.blocks.end(depth).unwrap_or(0);
        shuffle_weights(&mut self.head, &mut random);
        shuffle_weights(&mut self.features[kept..], &mut random);
        self
    }

    /// Why rules of going back have nothing to say of them.
    pub fn refusals(&self) -> Refusals {
        let of = |rule: Rule| rule.refuses(&self.features).or_else(|| rule.refuses(&self.head));
        Refusals { rectified: of(Rule::Guided), excitation: of(Rule::Excitation) }
    }
}

/// ImageNet's mean and standard deviation, as torchvision has them.
pub const IMAGENET: Normalisation = Normalisation::new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

/// The shorter side to 256 pixels, and the middle 224 of both, as timm and the authors of most networks do.
pub(crate) const CENTRE_224: CropRule = CropRule::new(256, 224);

/// The same as torchvision does it.
pub(crate) const BILINEAR_224: CropRule = CropRule { resampling: Resampling::Bilinear, ..CENTRE_224 };

/// From −1 to 1, as networks see pixels that were trained in TensorFlow and JAX.
pub(crate) const HALF: Normalisation = Normalisation::new([0.5; 3], [0.5; 3]);

/// A network that is not hosted, and that no tensor tells from one that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lookalike {
    /// timm's name for it.
    pub name: &'static str,
    /// A tensor that is called so where the two are alike: by other names it is the one that is hosted.
    pub known_by: &'static str,
}

/// What a program's weights were trained to see, where that is not what an architecture's own were.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preset {
    /// A tensor that has this name in that program alone.
    pub known_by: &'static str,
    pub crop: CropRule,
    pub normalisation: Normalisation,
}

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
    /// timm's networks that have the very same tensors, compute otherwise with them, and are not hosted.
    pub(crate) lookalikes: &'static [Lookalike],
    /// What ImageNet weights were trained to see.
    pub(crate) crop: CropRule,
    /// And with which numbers for its pixels.
    pub(crate) normalisation: Normalisation,
    /// The same of other programs' weights, which their names of tensors tell.
    pub(crate) presets: &'static [Preset],
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

    /// Names of the networks that are not hosted and that weights whose tensors are called so may as well be of.
    pub(crate) fn lookalikes(self, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
        self.lookalikes.iter().filter(|other| has(other.known_by)).map(|other| other.name).collect()
    }

    /// What a picture goes through before it is seen, by weights whose tensors are called so.
    pub(crate) fn preprocessing(self, has: impl Fn(&str) -> bool) -> (CropRule, Normalisation) {
        let preset = self.presets.iter().find(|preset| has(preset.known_by));
        preset.map_or((self.crop, self.normalisation), |preset| (preset.crop, preset.normalisation))
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{tensors::Shapes, *};
    use crate::imaging::Size;

    fn layers_of(name: &str) -> Vec<String> {
        let layers = Architecture::named(name).unwrap().build(&Shapes, 10).unwrap();
        layers.blocks.names().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_block_ends_where_the_features_do_and_each_has_a_name_of_its_own() {
        for architecture in Architecture::ALL {
            let Layers { features, blocks, .. } = architecture.build(&Shapes, 10).unwrap();
            let ends: Vec<usize> = (0..blocks.len()).map_while(|depth| blocks.end(depth)).collect();
            assert_eq!(ends[0], features.len(), "{}", architecture.name);
            assert!(ends.len() > 7 && ends.windows(2).all(|pair| pair[0] > pair[1]), "{}: {ends:?}", architecture.name);
            let names = blocks.names();
            assert_eq!(names[0], architecture.feature_layer);
            assert!(names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1), "{names:?}");
        }
    }

    #[test]
    fn blocks_are_called_as_their_programs_call_them() {
        assert_eq!(layers_of("resnet18")[..5], ["layer4", "layer4.0", "layer3", "layer3.0", "layer2"]);
        assert_eq!(layers_of("vgg16")[..5], ["features", "features.29", "features.27", "features.25", "features.23"]);
        assert_eq!(layers_of("vgg11_bn")[..3], ["features", "features.27", "features.24"]);
        assert_eq!(layers_of("efficientnet-lite0")[..3], ["_conv_head", "_blocks.15", "_blocks.14"]);
        assert_eq!(layers_of("efficientnet_b0")[..4], ["features.8", "features.7", "features.6", "features.6.2"]);
        assert_eq!(layers_of("vit_base_patch16_224")[..3], ["blocks.11.norm1", "blocks.9", "blocks.8"]);
        assert_eq!(layers_of("convnext_tiny")[..4], ["stages.3", "stages.3.blocks.1", "stages.3.blocks.0", "stages.2"]);
        assert_eq!(layers_of("densenet121")[..3], ["features.norm5", "features.denseblock4", "features.transition3"]);
        assert_eq!(layers_of("squeezenet1_1")[..3], ["features", "features.11", "features.10"]);
        assert_eq!(layers_of("alexnet")[..3], ["features", "features.11", "features.9"]);
    }

    /// What another program does to a picture before a network sees it.
    #[derive(Deserialize)]
    struct Theirs {
        architecture: String,
        known_by: String,
        resize: u32,
        crop: u32,
        resampling: String,
        squashes: bool,
        mean: [f32; 3],
        std: [f32; 3],
    }

    /// `tests/fixtures/presets.py` has asked torchvision, timm and transformers.
    #[test]
    fn weights_by_a_programs_names_see_what_that_program_shows_them() {
        let all: Vec<Theirs> = serde_json::from_str(include_str!("../../../tests/fixtures/presets.json")).unwrap();
        assert!(all.len() > 40);
        for theirs in all {
            let architecture = Architecture::named(&theirs.architecture).unwrap();
            let (crop, normalisation) = architecture.preprocessing(|name| name == theirs.known_by);
            let resampling = match theirs.resampling.as_str() {
                "bilinear" => Resampling::Bilinear,
                "bicubic" => Resampling::Bicubic,
                other => panic!("{other}"),
            };
            let Theirs { resize, crop: side, squashes, mean, std, .. } = theirs;
            let expected = CropRule { resize, crop: Size::square(side as usize), resampling, squashes };
            assert_eq!((crop, normalisation), (expected, Normalisation::new(mean, std)), "{}", theirs.architecture);
        }
    }
}
