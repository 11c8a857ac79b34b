//! Blocks of several ways through the network whose channels are put side by side.

use crate::{
    activation::multiply_derivative,
    feature_map::FeatureMap,
    layer::Layer,
    network::Network,
    tape::{Saved, Tape},
};

/// The channels of the first branch's result, then those of the second's, and so on.
#[derive(Debug, Clone)]
pub struct Concat<Body = Vec<Layer>> {
    /// Each takes the block's input.
    pub(crate) branches: Vec<Body>,
}

impl Concat {
    /// All branches must give maps of the same height and width. An empty one passes the input on as it is.
    pub fn new(branches: Vec<Vec<Layer>>) -> Self {
        assert!(!branches.is_empty(), "a block has a branch");
        Self { branches }
    }

    pub(crate) fn compile(self) -> Concat<Network> {
        Concat { branches: self.branches.into_iter().map(Network::compile).collect() }
    }
}

impl Concat<Network> {
    pub(crate) fn described(&self) -> Concat {
        Concat::new(self.branches.iter().map(Network::described).collect())
    }

    pub(crate) fn forward(&self, mut input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let last = self.branches.len() - 1;
        let mut parts = Vec::with_capacity(self.branches.len());
        for (index, branch) in self.branches.iter().enumerate() {
            let own = if index < last {
                input.copied(&mut tape.pool)
            } else {
                FeatureMap { values: std::mem::take(&mut input.values), ..input }
            };
            parts.push(branch.forward(own, tape));
        }
        let (height, width) = (parts[0].height, parts[0].width);
        let branches: Vec<usize> = parts.iter().map(|part| part.channels).collect();
        let channels = branches.iter().sum();
        let values = tape.pool.take(height * width * channels);
        let mut result = FeatureMap { height, width, channels, values };
        let mut first = 0;
        for part in parts {
            result.set_channels(first, &part);
            first += part.channels;
            tape.pool.put(part.values);
        }
        tape.push(Saved::Branches(branches));
        result
    }

    pub(crate) fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let mut end = gradient.channels;
        let mut parts = Vec::with_capacity(self.branches.len());
        for channels in tape.pop_branches().into_iter().rev() {
            parts.push(gradient.some_channels(end - channels..end, &mut tape.pool));
            end -= channels;
        }
        tape.pool.put(gradient.values);
        // Every branch saw the whole input, so its gradient is the sum of theirs.
        let mut sum: Option<FeatureMap> = None;
        for (branch, part) in self.branches.iter().rev().zip(parts) {
            let own = branch.backward(part, tape);
            sum = Some(match sum {
                None => own,
                Some(mut sum) => {
                    sum.add(&own);
                    tape.pool.put(own.values);
                    sum
                }
            });
        }
        let Some(mut sum) = sum else { unreachable!("a block has a branch") };
        multiply_derivative(&mut sum.values, tape);
        sum
    }
}
