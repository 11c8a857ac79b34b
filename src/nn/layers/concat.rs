//! Blocks of several ways through the network whose channels are put side by side.

use crate::nn::activation::mask_gradient;
use crate::nn::{
    feature_map::Map,
    layer::{Layer, backward, forward},
    tape::{Pass, Saved},
};

/// The channels of the first branch's result, then those of the second's, and so on.
#[derive(Debug, Clone)]
pub struct Concat {
    /// Each takes the block's input.
    pub(crate) branches: Vec<Vec<Layer>>,
}

impl Concat {
    /// All branches must give maps of the same height and width. An empty one passes the input on as it is.
    pub fn new(branches: Vec<Vec<Layer>>) -> Self {
        assert!(!branches.is_empty(), "a block has a branch");
        Self { branches }
    }

    pub(crate) fn forward(&self, mut input: Map, pass: &mut Pass) -> Map {
        let last = self.branches.len() - 1;
        let mut parts = Vec::with_capacity(self.branches.len());
        for (index, branch) in self.branches.iter().enumerate() {
            pass.save(Saved::Fence);
            let own = if index < last {
                input.copied(pass)
            } else {
                Map { values: std::mem::take(&mut input.values), ..input }
            };
            parts.push(forward(branch, own, pass));
        }
        let (height, width) = (parts[0].height, parts[0].width);
        let channels = parts.iter().map(|part| part.channels).sum();
        let values = pass.buffer(height * width * channels);
        let mut result = Map { height, width, channels, values };
        let mut first = 0;
        for part in parts {
            result.set_channels(first, &part);
            first += part.channels;
            pass.save(Saved::Shape([height, width, part.channels]));
            pass.give(part.values);
        }
        result
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let mut end = gradient.channels;
        let parts: Vec<Map> = self
            .branches
            .iter()
            .map(|_| {
                let [_, _, channels] = pass.take_shape().unwrap_or([0, 0, end]);
                end -= channels;
                gradient.some_channels(end..end + channels, pass)
            })
            .collect();
        pass.give(gradient.values);
        let mut sum: Option<Map> = None;
        for (branch, part) in self.branches.iter().rev().zip(parts) {
            let own = backward(branch, part, pass);
            pass.take_fence();
            sum = Some(match sum {
                None => own,
                Some(mut sum) => {
                    sum.add(&own);
                    pass.give(own.values);
                    sum
                }
            });
        }
        let mut sum = sum.unwrap_or(Map { height: 0, width: 0, channels: 0, values: pass.buffer(0) });
        mask_gradient(&mut sum.values, pass);
        sum
    }
}
