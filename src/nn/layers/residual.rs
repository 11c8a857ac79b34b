//! Blocks with a way around them.

use crate::nn::activation::{Activation, mask_gradient};
use crate::nn::{
    feature_map::Map,
    layer::{Layer, backward, forward},
    tape::{Pass, Saved},
};

/// `activation(branch(x) + shortcut(x))`.
#[derive(Debug, Clone)]
pub struct Residual {
    /// The layers that the block is about.
    pub(crate) branch: Vec<Layer>,
    /// The way around them: nothing, or a projection where they change the shape.
    pub(crate) shortcut: Vec<Layer>,
    /// What follows the sum.
    pub(crate) activation: Activation,
}

impl Residual {
    /// Both ways must give a map of the same shape. An empty `shortcut` passes the input on as it is.
    pub fn new(branch: Vec<Layer>, shortcut: Vec<Layer>, activation: Activation) -> Self {
        Self { branch, shortcut, activation }
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        pass.save(Saved::Fence);
        let shortcut = forward(&self.shortcut, input.copied(pass), pass);
        pass.save(Saved::Fence);
        let mut result = forward(&self.branch, input, pass);
        pass.save(Saved::Fence);
        result.add(&shortcut);
        self.activation.apply_to_sum(&mut result, pass);
        pass.give(shortcut.values);
        result
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        pass.take_fence();
        let around = gradient.copied(pass);
        let mut result = backward(&self.branch, gradient, pass);
        pass.take_fence();
        let around = backward(&self.shortcut, around, pass);
        pass.take_fence();
        result.add(&around);
        pass.give(around.values);
        mask_gradient(&mut result.values, pass);
        result
    }
}
