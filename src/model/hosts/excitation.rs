//! Excitation backprop through a hosted network: from its logits back to a map of its features.

use candle_core::{DType, Result, Tensor};

use super::candle::Derivative;
use crate::{
    Winning,
    nn::{TensorNetwork, Weights},
};

/// A network as stages, some of which are one layer and some more.
pub(crate) struct Stages<'a> {
    /// How many make the features.
    pub features: usize,
    /// How many there are.
    pub count: usize,
    /// One of them on tensors. It is asked for twice, so that one at a time need be there.
    pub stage: &'a (dyn Fn(usize) -> Result<TensorNetwork> + Sync),
}

/// What a layer was given on the way forwards.
struct Given {
    stage: usize,
    input: Tensor,
}

impl Stages<'_> {
    /// The winning probabilities at the deepest map among the features that has at least so many `cells` along a side,
    /// summed over channels; `input` is `[1, channels, height, width]`. They begin at `start`, made from the logits:
    /// what is above 0 wins by the weights of the classifier that speak for it, what is below 0 by those against it. If
    /// they contrast, those of the opposite are taken off where the classifier was passed.
    pub fn winning(&self, input: &Tensor, start: Derivative<'_>, cells: usize, contrasts: bool) -> Result<Winning> {
        let mut given: Vec<Given> = Vec::new();
        let mut map = input.clone();
        for stage in 0..self.count {
            for layer in (self.stage)(stage)?.each() {
                let next = layer.forward(&map, None)?;
                given.push(Given { stage, input: map });
                map = next;
            }
        }
        let is_fine = |given: &Given| given.input.dim(2).is_ok_and(|rows| rows >= cells);
        // The input has values below 0, and is no map of features. The head's own input is the features' last map.
        let head = given.iter().position(|given| given.stage >= self.features).unwrap_or(given.len());
        let until = given.iter().take(head + 1).skip(1).rposition(is_fine).map_or(1, |place| place + 1);

        let mut winning = start(&map)?;
        let mut passed_classifier = false;
        let mut place = given.len();
        'back: for stage in (0..self.count).rev() {
            for layer in (self.stage)(stage)?.each().rev() {
                if place == until {
                    break 'back;
                }
                place -= 1;
                let input = &given[place].input;
                let is_classifier = !passed_classifier && layer.has_weights();
                passed_classifier |= is_classifier;
                winning = if is_classifier {
                    let (wins, loses) = (winning.relu()?, winning.neg()?.relu()?);
                    let by = |speaks, contradicts| {
                        layer.winning(input, &wins, speaks)? + layer.winning(input, &loses, contradicts)?
                    };
                    let own = by(Weights::Excitatory, Weights::Inhibitory)?;
                    if contrasts { (own - by(Weights::Inhibitory, Weights::Excitatory)?)? } else { own }
                } else {
                    layer.winning(input, &winning, Weights::Excitatory)?
                };
            }
        }
        let (_, _, height, width) = winning.dims4()?;
        let values = winning.to_dtype(DType::F32)?.sum(1)?.flatten_all()?.to_vec1()?;
        Ok(Winning { width, height, values })
    }
}
