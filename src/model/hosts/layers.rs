//! Layer networks through Candle's tensors, with the input-only backward of their layers.

use candle_core::{Error, Result, Tensor};

use super::{
    candle::{Derivative, Network},
    excitation::Stages,
};
use crate::{
    Rule, Winning,
    architectures::{Layers, Refusals},
    device::Place,
    nn::{TensorNetwork, TensorTape},
};

/// Layers whose weights are on a device.
#[derive(Debug)]
pub(crate) struct LayerNetwork {
    features: TensorNetwork,
    head: TensorNetwork,
    /// What was copied: its weights are in reach of the CPU.
    layers: Layers,
    refusals: Refusals,
}

impl LayerNetwork {
    /// Copies the weights to `place`.
    pub fn new(layers: Layers, place: &Place) -> Result<Self> {
        let Place { device, precision } = place;
        let [features, head] =
            [&layers.features, &layers.head].map(|half| TensorNetwork::with_precision(half, device, precision.dtype()));
        let refusals = layers.refusals();
        Ok(Self { features: features?, head: head?, layers, refusals })
    }

    /// The gradient with respect to the features.
    fn head_gradient(&self, features: &Tensor, derivative: Derivative<'_>, rule: Rule) -> Result<Tensor> {
        let mut tape = TensorTape::default();
        let logits = self.head.forward(features, Some(&mut tape))?;
        self.head.backward_by(rule, &derivative(&logits)?, &mut tape)
    }
}

impl Network for LayerNetwork {
    fn logits(&self, input: &Tensor) -> Result<Tensor> {
        self.head.forward(&self.features.forward(input, None)?, None)
    }

    fn input_gradient(&self, input: &Tensor, derivative: Derivative<'_>, rule: Rule) -> Result<Tensor> {
        let mut tape = TensorTape::default();
        let features = self.features.forward(input, Some(&mut tape))?;
        self.features.backward_by(rule, &self.head_gradient(&features, derivative, rule)?, &mut tape)
    }

    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        self.refusals.of(rule)
    }

    fn winning(&self, input: &Tensor, start: Derivative<'_>, cells: usize, contrasts: bool) -> Result<Option<Winning>> {
        if self.refuses(Rule::Excitation).is_some() {
            return Ok(None);
        }
        let stage = |stage: usize| Ok(if stage == 0 { self.features.clone() } else { self.head.clone() });
        Stages { features: 1, count: 2, stage: &stage }.winning(input, start, cells, contrasts).map(Some)
    }

    fn features(&self, depth: usize, input: &Tensor, derivative: Derivative<'_>) -> Result<(Tensor, Tensor)> {
        let end =
            self.layers.blocks.end(depth).ok_or_else(|| Error::Msg(format!("there is no block at depth {depth}")))?;
        let (before, after) = (0..end, end..self.features.count());
        let features = self.features.forward_part(before, input, None)?;
        let mut tape = TensorTape::default();
        let last = self.features.forward_part(after.clone(), &features, Some(&mut tape))?;
        let gradient =
            self.features.backward_part(after, &self.head_gradient(&last, derivative, Rule::Gradient)?, &mut tape)?;
        Ok((features, gradient))
    }

    fn feature_layers(&self) -> Option<Vec<&str>> {
        Some(self.layers.blocks.names()).filter(|names| !names.is_empty())
    }

    fn randomised(&self, depth: usize, seed: u64, place: &Place) -> Result<Option<Self>> {
        Self::new(self.layers.clone().randomised(depth, seed), place).map(Some)
    }
}
