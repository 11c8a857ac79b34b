//! A network that has forgotten what it learned: its weights in another order.

use rand::{Rng, seq::SliceRandom as _};

use super::{
    graph::{Graph, ValueId},
    layer::Layer,
};

/// Puts the weights of every layer into an order drawn by `random`, each tensor's among themselves: numbers stay as large
/// as they were, and mean nothing. The last layer is drawn first, so that with the same draws more layers are more of the
/// same.
///
/// What is drawn anew in the papers on sanity checks is only drawn in another order here: a network with weights of
/// another size answers with numbers that no activation was made for.
pub fn shuffle_weights(layers: &mut [Layer], random: &mut impl Rng) {
    for layer in layers.iter_mut().rev() {
        match layer {
            Layer::Affine(affine) => shuffle([&mut affine.scale, &mut affine.bias], random),
            Layer::Conv2d(conv) => shuffle([&mut conv.filters, &mut conv.bias], random),
            Layer::DepthwiseConv2d(conv) => {
                conv.weight.shuffle(random);
                conv.bias.shuffle(random);
            }
            Layer::GroupedConv2d(conv) => shuffle([&mut conv.filters, &mut conv.bias], random),
            Layer::Linear(linear) => shuffle([&mut linear.weight, &mut linear.bias], random),
            Layer::LayerNorm(norm) => shuffle([&mut norm.weight, &mut norm.bias], random),
            Layer::Tokens(tokens) => shuffle([&mut tokens.first, &mut tokens.positions], random),
            Layer::Concat(block) => block.branches.iter_mut().rev().for_each(|branch| shuffle_weights(branch, random)),
            Layer::Residual(block) => {
                shuffle_weights(&mut block.branch, random);
                shuffle_weights(&mut block.shortcut, random);
            }
            Layer::SqueezeExcite(block) => shuffle_weights(&mut block.gate, random),
            Layer::AveragePool2d(_)
            | Layer::GlobalAveragePool
            | Layer::MaxPool2d(_)
            | Layer::Gelu
            | Layer::Attention(_)
            | Layer::TokenPool(_) => {}
        }
    }
}

impl Graph {
    /// The same with the weights of all nodes after the one that makes `kept` in another order, or of all nodes if it is
    /// none; as [`shuffle_weights`] does it.
    pub fn with_weights_shuffled(&self, kept: Option<ValueId>, random: &mut impl Rng) -> Self {
        let mut graph = self.clone();
        graph.each_weight_after(kept, &mut |weights| weights.shuffle(random));
        graph
    }
}

fn shuffle(tensors: [&mut Vec<f32>; 2], random: &mut impl Rng) {
    tensors.into_iter().for_each(|tensor| tensor.shuffle(random));
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::Linear;

    fn linear() -> Layer {
        Layer::Linear(Linear::new((0..12).map(|value| value as f32).collect(), vec![1.0, 2.0, 3.0]))
    }

    fn weights(layer: &Layer) -> Vec<f32> {
        let Layer::Linear(linear) = layer else { unreachable!() };
        linear.weight.clone()
    }

    #[test]
    fn numbers_stay_and_places_do_not_and_more_layers_are_more_of_the_same() {
        let (mut one, mut two) = (vec![linear()], vec![linear(), linear()]);
        shuffle_weights(&mut one, &mut ChaCha8Rng::seed_from_u64(1));
        shuffle_weights(&mut two, &mut ChaCha8Rng::seed_from_u64(1));
        assert_ne!(weights(&one[0]), weights(&linear()));
        let mut sorted = weights(&one[0]);
        sorted.sort_by(f32::total_cmp);
        assert_eq!(sorted, weights(&linear()));
        assert_eq!(weights(&two[1]), weights(&one[0]), "the last layer is drawn first");
        assert_ne!(weights(&two[0]), weights(&linear()));
    }
}
