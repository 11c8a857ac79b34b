//! Blocks with a way around them.

use crate::{
    activation::{Activation, multiply_derivative},
    feature_map::FeatureMap,
    layer::Layer,
    network::Network,
    tape::{Saved, Tape},
};

/// `activation(branch(x) + shortcut(x))`.
#[derive(Debug, Clone)]
pub struct Residual<Body = Vec<Layer>> {
    /// The layers that the block is about.
    pub(crate) branch: Body,
    /// The way around them: nothing, or a projection where they change the shape.
    pub(crate) shortcut: Body,
    /// What follows the sum.
    pub(crate) activation: Activation,
}

impl Residual {
    /// Both ways must give a map of the same shape. An empty `shortcut` passes the input on as it is.
    pub fn new(branch: Vec<Layer>, shortcut: Vec<Layer>, activation: Activation) -> Self {
        Self { branch, shortcut, activation }
    }

    /// The layers whose result is added to what the block is given.
    pub fn branch(&self) -> &[Layer] {
        &self.branch
    }

    pub(crate) fn compile(self) -> Residual<Network> {
        let Self { branch, shortcut, activation } = self;
        Residual { branch: Network::compile(branch), shortcut: Network::compile(shortcut), activation }
    }
}

impl Residual<Network> {
    pub(crate) fn described(&self) -> Residual {
        Residual::new(self.branch.described(), self.shortcut.described(), self.activation)
    }

    pub(crate) fn forward(&self, input: FeatureMap, tape: &mut Tape) -> FeatureMap {
        let shortcut = self.shortcut.forward(input.copied(&mut tape.pool), tape);
        let mut result = self.branch.forward(input, tape);
        result.add(&shortcut);
        let derivative = self.activation.apply(&mut result, tape);
        tape.push_activated(Saved::Nothing, derivative);
        tape.pool.put(shortcut.values);
        result
    }

    pub(crate) fn backward(&self, gradient: FeatureMap, tape: &mut Tape) -> FeatureMap {
        tape.pop_nothing();
        let around = gradient.copied(&mut tape.pool);
        let mut result = self.branch.backward(gradient, tape);
        let around = self.shortcut.backward(around, tape);
        result.add(&around);
        tape.pool.put(around.values);
        multiply_derivative(&mut result.values, tape);
        result
    }
}
