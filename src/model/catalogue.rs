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
    /// Share of ImageNet's validation pictures that it classifies rightly, in thousandths of a per cent.
    top1_millipercent: u32,
}

/// Where the top-1 figures come from: measured with these weights at 224 pixels.
pub const TOP1_SOURCE: &str = "torchvision's documentation";

/// torchvision's first weights, as timm keeps them on the hub.
const fn torchvision(name: &'static str, repository: &'static str, top1_millipercent: u32) -> Entry {
    let file = HubFile { repository, file: "model.safetensors", revision: "main" };
    Entry { name, architecture: name, file, licence: "BSD-3-Clause", top1_millipercent }
}

static ENTRIES: [Entry; 21] = [
    torchvision("resnet18", "timm/resnet18.tv_in1k", 69_758),
    torchvision("resnet34", "timm/resnet34.tv_in1k", 73_314),
    torchvision("resnet50", "timm/resnet50.tv_in1k", 76_130),
    torchvision("resnet101", "timm/resnet101.tv_in1k", 77_374),
    torchvision("resnet152", "timm/resnet152.tv_in1k", 78_312),
    torchvision("resnext50_32x4d", "timm/resnext50_32x4d.tv_in1k", 77_618),
    torchvision("resnext101_32x8d", "timm/resnext101_32x8d.tv_in1k", 79_312),
    torchvision("wide_resnet50_2", "timm/wide_resnet50_2.tv_in1k", 78_468),
    torchvision("wide_resnet101_2", "timm/wide_resnet101_2.tv_in1k", 78_848),
    torchvision("vgg11", "timm/vgg11.tv_in1k", 69_020),
    torchvision("vgg13", "timm/vgg13.tv_in1k", 69_928),
    torchvision("vgg16", "timm/vgg16.tv_in1k", 71_592),
    torchvision("vgg19", "timm/vgg19.tv_in1k", 72_376),
    torchvision("vgg11_bn", "timm/vgg11_bn.tv_in1k", 70_370),
    torchvision("vgg13_bn", "timm/vgg13_bn.tv_in1k", 71_586),
    torchvision("vgg16_bn", "timm/vgg16_bn.tv_in1k", 73_360),
    torchvision("vgg19_bn", "timm/vgg19_bn.tv_in1k", 74_218),
    torchvision("densenet121", "timm/densenet121.tv_in1k", 74_434),
    torchvision("densenet161", "timm/densenet161.tv_in1k", 77_138),
    torchvision("densenet169", "timm/densenet169.tv_in1k", 75_600),
    torchvision("densenet201", "timm/densenet201.tv_in1k", 76_896),
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

    /// Share of ImageNet's validation pictures that it classifies rightly, in per cent.
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
            let repository = format!("timm/{}.tv_in1k", entry.name);
            assert_eq!(entry.file.repository, repository);
        }
        // 25.6 million values, and 143.7 million.
        let megabytes = |name| Entry::named(name).map(|entry| entry.approximate_bytes() / 1_000_000);
        assert_eq!((megabytes("resnet50"), megabytes("vgg19")), (Some(102), Some(574)));
    }
}
