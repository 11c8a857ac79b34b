//! A graph from a file as the layers that architectures are made of, if they can say it.

use crate::{
    architectures::{Layers, blocks::Blocks},
    hosts::maps::Map,
    nn::{
        Layer,
        graph::{Graph, GraphError, Raised},
    },
};

/// The layers of a graph, cut at the deepest of its maps that lies between two of them; none if layers cannot say the
/// graph, or have no map to read.
///
/// # Errors
/// A node cannot be fused.
pub(super) fn layers(graph: &Graph, maps: &[Map]) -> Result<Option<Layers>, GraphError> {
    let readable: Vec<_> = maps.iter().map(|map| map.value).collect();
    let Some(Raised { layers: mut features, ends }) = graph.raised(&readable)? else { return Ok(None) };
    let end = |map: &Map| ends.iter().find(|(value, _)| *value == map.value).map(|(_, end)| *end);
    let mut named: Vec<(usize, &str)> = maps.iter().filter_map(|map| Some((end(map)?, map.name.as_str()))).collect();
    named.sort_unstable();
    let mut blocks = Blocks::default();
    for (end, name) in &named {
        blocks.end_of(&features[..*end], *name);
    }
    let Some((deepest, _)) = named.last() else { return Ok(None) };
    let head: Vec<Layer> = features.split_off(*deepest);
    Ok(Some(Layers { features, head, blocks }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Architecture, architectures::tensors::Shapes, files::onnx::OnnxFile, hosts::maps::maps};

    fn imported(path: &Path, side: usize) -> Graph {
        let file = OnnxFile::open(path).unwrap();
        file.import([side; 2], &file.output(None).unwrap()).unwrap().graph
    }

    /// Files as the usual programs export these networks, with all weights alike.
    #[test]
    fn an_exported_network_is_the_one_that_is_built_in() {
        for (file, name) in [
            ("efficientnet_lite0", "efficientnet-lite0"),
            ("resnet50", "resnet50"),
            ("resnext50_32x4d", "resnext50_32x4d"),
            ("mobilenet_v2", "mobilenet_v2"),
            ("mobilenet_v3_large", "mobilenet_v3_large"),
            ("efficientnet_b0", "efficientnet_b0"),
            ("squeezenet1_1", "squeezenet1_1"),
            ("convnext_tiny", "convnext_tiny"),
        ] {
            let path =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/fixtures/onnx_structures/{file}.onnx"));
            let graph = imported(&path, 224);
            let raised =
                layers(&graph, &maps(&graph)).unwrap().unwrap_or_else(|| panic!("{name} is no list of layers"));
            let built = Architecture::named(name).unwrap().build(&Shapes, 1000).unwrap();
            let [raised, built] = [raised, built].map(|Layers { features, head, .. }| {
                features.iter().chain(&head).map(Layer::outline).collect::<Vec<_>>()
            });
            for (index, (raised, built)) in raised.iter().zip(&built).enumerate() {
                assert_eq!(raised, built, "layer {index} of {name}");
            }
            assert_eq!(raised.len(), built.len(), "{name}");
        }
    }

    #[test]
    fn no_activation_stands_alone_where_a_layer_has_room_for_it() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/onnx/plain.onnx");
        let graph = imported(&path, 32);
        let Layers { features, head, blocks } = layers(&graph, &maps(&graph)).unwrap().unwrap();
        let is_alone = |layer: &Layer| layer.outline().starts_with("affine") && !layer.outline().ends_with("None");
        assert!(!features.iter().chain(&head).any(is_alone));
        assert_eq!(blocks.end(0), Some(features.len()));
    }
}
