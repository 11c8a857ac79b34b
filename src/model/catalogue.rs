//! Networks with ImageNet weights that the hub has, ready to be fetched by name.

use super::{
    Architecture,
    hub::{Cached, Hub, HubFile},
};

/// Classes of ImageNet.
const CLASSES: usize = 1000;

/// Bytes of a value in single precision.
const VALUE_BYTES: u64 = 4;

/// A network in the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in flags and JSON.
    pub name: &'static str,
    /// Name of its architecture.
    pub architecture: &'static str,
    /// Where its weights are.
    pub file: HubFile,
    /// Licence of the weights, as SPDX names it.
    pub licence: &'static str,
    /// Top-1 accuracy on ImageNet's validation pictures, in 0.001 %.
    top1_millipercent: u32,
}

/// Where the top-1 figures come from: measured with these weights, in the crop that their architecture has here.
pub const TOP1_SOURCE: &str = "timm's results";

const BSD: &str = "BSD-3-Clause";
const APACHE: &str = "Apache-2.0";

/// Weights that timm keeps on the hub, under the name of their architecture. Repositories, licences and crops are those
/// of timm 1.0's own table of weights, figures those of its `results/results-imagenet.csv`.
const fn entry(name: &'static str, repository: &'static str, licence: &'static str, top1_millipercent: u32) -> Entry {
    let file = HubFile { repository, file: "model.safetensors", revision: "main" };
    Entry { name, architecture: name, file, licence, top1_millipercent }
}

/// torchvision's first weights, and what came after them.
static ENTRIES: [Entry; 38] = [
    entry("resnet18", "timm/resnet18.tv_in1k", BSD, 69_752),
    entry("resnet34", "timm/resnet34.tv_in1k", BSD, 73_298),
    entry("resnet50", "timm/resnet50.tv_in1k", BSD, 76_156),
    entry("resnet101", "timm/resnet101.tv_in1k", BSD, 77_404),
    entry("resnet152", "timm/resnet152.tv_in1k", BSD, 78_330),
    entry("resnext50_32x4d", "timm/resnext50_32x4d.tv_in1k", BSD, 77_632),
    entry("resnext101_32x8d", "timm/resnext101_32x8d.tv_in1k", BSD, 79_308),
    entry("wide_resnet50_2", "timm/wide_resnet50_2.tv_in1k", BSD, 78_486),
    entry("wide_resnet101_2", "timm/wide_resnet101_2.tv_in1k", BSD, 78_862),
    entry("vgg11", "timm/vgg11.tv_in1k", BSD, 69_050),
    entry("vgg13", "timm/vgg13.tv_in1k", BSD, 69_950),
    entry("vgg16", "timm/vgg16.tv_in1k", BSD, 71_594),
    entry("vgg19", "timm/vgg19.tv_in1k", BSD, 72_400),
    entry("vgg11_bn", "timm/vgg11_bn.tv_in1k", BSD, 70_374),
    entry("vgg13_bn", "timm/vgg13_bn.tv_in1k", BSD, 71_560),
    entry("vgg16_bn", "timm/vgg16_bn.tv_in1k", BSD, 73_354),
    entry("vgg19_bn", "timm/vgg19_bn.tv_in1k", BSD, 74_230),
    entry("densenet121", "timm/densenet121.tv_in1k", APACHE, 74_750),
    entry("densenet161", "timm/densenet161.tv_in1k", APACHE, 77_384),
    entry("densenet169", "timm/densenet169.tv_in1k", APACHE, 75_922),
    entry("densenet201", "timm/densenet201.tv_in1k", APACHE, 77_284),
    entry("mobilenetv3_small_100", "timm/mobilenetv3_small_100.lamb_in1k", APACHE, 67_636),
    entry("mobilenetv3_large_100", "timm/mobilenetv3_large_100.ra_in1k", APACHE, 75_784),
    entry("efficientnet_b0", "timm/efficientnet_b0.ra_in1k", APACHE, 77_698),
    entry("tf_efficientnet_b0", "timm/tf_efficientnet_b0.in1k", APACHE, 76_542),
    entry("tf_efficientnet_b1", "timm/tf_efficientnet_b1.in1k", APACHE, 78_546),
    entry("tf_efficientnet_b2", "timm/tf_efficientnet_b2.in1k", APACHE, 79_612),
    entry("tf_efficientnet_b3", "timm/tf_efficientnet_b3.in1k", APACHE, 80_878),
    entry("tf_efficientnet_b4", "timm/tf_efficientnet_b4.in1k", APACHE, 82_598),
    entry("efficientnet-lite1", "timm/tf_efficientnet_lite1.in1k", APACHE, 76_674),
    entry("efficientnet-lite2", "timm/tf_efficientnet_lite2.in1k", APACHE, 77_470),
    entry("vit_tiny_patch16_224", "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k", APACHE, 75_452),
    entry("vit_small_patch16_224", "timm/vit_small_patch16_224.augreg_in21k_ft_in1k", APACHE, 81_402),
    entry("vit_base_patch32_224", "timm/vit_base_patch32_224.augreg_in21k_ft_in1k", APACHE, 80_732),
    entry("vit_base_patch16_224", "timm/vit_base_patch16_224.augreg_in21k_ft_in1k", APACHE, 84_534),
    entry("convnext_tiny", "timm/convnext_tiny.fb_in1k", APACHE, 82_066),
    entry("convnext_small", "timm/convnext_small.fb_in1k", APACHE, 83_144),
    entry("convnext_base", "timm/convnext_base.fb_in1k", APACHE, 83_838),
];

/// Every network of the catalogue.
pub fn catalogue() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter()
}

impl Entry {
    /// The network of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        catalogue().find(|entry| entry.name == name)
    }

    /// The name on screen.
    pub fn title(&self) -> &'static str {
        Architecture::named(self.architecture).map_or(self.name, Architecture::title)
    }

    /// Top-1 accuracy on ImageNet's validation pictures, in per cent.
    pub fn top1(&self) -> f64 {
        f64::from(self.top1_millipercent) / 1000.0
    }

    /// How large the file is about, in bytes: what its architecture's values take in single precision.
    pub fn approximate_bytes(&self) -> u64 {
        let tensors = Architecture::named(self.architecture).map(|architecture| architecture.tensors(CLASSES));
        let values: usize = tensors.iter().flatten().map(|(_, shape)| shape.iter().product::<usize>()).sum();
        VALUE_BYTES * values as u64
    }

    /// The file, if it is in the hub's cache.
    pub fn cached(&self, hub: &Hub) -> Option<Cached> {
        hub.cached(&self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_has_an_architecture_and_the_size_that_its_values_take() {
        for entry in catalogue() {
            assert!(Architecture::named(entry.architecture).is_some(), "{}", entry.name);
            // timm writes the names of the Lite networks otherwise.
            let name = entry.name.replace("efficientnet-lite", "tf_efficientnet_lite");
            let start = format!("timm/{name}.");
            assert!(entry.file.repository.starts_with(&start), "{} is in {}", entry.name, entry.file.repository);
        }
        // 25.6 million values, and 143.7 million.
        let megabytes = |name| Entry::named(name).map(|entry| entry.approximate_bytes() / 1_000_000);
        assert_eq!((megabytes("resnet50"), megabytes("vgg19")), (Some(102), Some(574)));
    }
}
