//! Graphs of operations through Candle's tensors: batches on a GPU.

use candle_core::{Error, Result, Tensor};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{
    candle::{Derivative, Network},
    graph::NO_RULE,
    maps::{Form, Map},
};
use crate::{
    Rule,
    device::Place,
    imaging::Size,
    nn::graph::{Graph, GraphTape, TensorGraph, TensorGraphError},
};

/// A graph whose weights are on a device: from pictures `[n, channels, height, width]` to rows of numbers.
#[derive(Debug)]
pub(crate) struct TensorGraphNetwork {
    on_device: TensorGraph,
    /// What was copied: its weights are in reach of the CPU.
    graph: Graph,
    maps: Vec<Map>,
}

impl TensorGraphNetwork {
    /// Copies the weights of a graph, whose `maps` can be read, to `place`.
    ///
    /// # Errors
    /// An operation cannot be said on tensors, or the device failed.
    pub fn new(graph: Graph, maps: Vec<Map>, place: &Place) -> std::result::Result<Self, TensorGraphError> {
        let readable: Vec<_> = maps.iter().map(|map| map.value).collect();
        let on_device = TensorGraph::new(&graph, &readable, &place.device, place.precision.dtype())?;
        Ok(Self { on_device, graph, maps })
    }

    /// The logits, and what a backward needs.
    fn recorded(&self, input: &Tensor) -> Result<(Tensor, GraphTape)> {
        let mut tape = GraphTape::default();
        Ok((first(self.on_device.forward(input, Some(&mut tape))?)?, tape))
    }
}

/// The first of a graph's outputs.
fn first(outputs: Vec<Tensor>) -> Result<Tensor> {
    outputs.into_iter().next().ok_or_else(|| Error::Msg("a graph without outputs".to_owned()))
}

impl Network for TensorGraphNetwork {
    fn logits(&self, input: &Tensor) -> Result<Tensor> {
        first(self.on_device.forward(input, None)?)
    }

    fn input_gradient(&self, input: &Tensor, derivative: Derivative<'_>, _: Rule) -> Result<Tensor> {
        let (logits, mut tape) = self.recorded(input)?;
        self.on_device.backward(&[derivative(&logits)?], &mut tape)
    }

    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        (rule != Rule::Gradient).then_some(NO_RULE)
    }

    fn features(&self, depth: usize, input: &Tensor, derivative: Derivative<'_>) -> Result<(Tensor, Tensor)> {
        let lacks = || Error::Msg(format!("there is no map at depth {depth}"));
        let map = self.maps.get(depth).ok_or_else(lacks)?;
        let (logits, mut tape) = self.recorded(input)?;
        let features = self.on_device.activations(map.value, &tape).ok_or_else(lacks)?;
        let gradient = self.on_device.backward_to(map.value, &[derivative(&logits)?], &mut tape)?;
        Ok((map.channels_first(&features)?, map.channels_first(&gradient)?))
    }

    fn feature_layers(&self) -> Option<Vec<&str>> {
        Some(self.maps.iter().map(|map| map.name.as_str()).collect())
    }

    fn randomised(&self, depth: usize, seed: u64, place: &Place) -> Result<Option<Self>> {
        let kept = self.maps.get(depth).map(|map| map.value);
        let graph = self.graph.with_weights_shuffled(kept, &mut ChaCha8Rng::seed_from_u64(seed));
        match Self::new(graph, self.maps.clone(), place) {
            Ok(network) => Ok(Some(network)),
            Err(TensorGraphError::Device(error)) => Err(error),
            Err(error @ TensorGraphError::Graph(_)) => Err(Error::wrap(error)),
        }
    }
}

impl Map {
    /// Its values, or their gradient, as `[n, channels, height, width]`.
    fn channels_first(&self, values: &Tensor) -> Result<Tensor> {
        let Self { size: Size { width, height }, channels, form, .. } = *self;
        let samples = values.dim(0)?;
        let before = match form {
            Form::ChannelsFirst => return values.reshape((samples, channels, height, width)),
            Form::ChannelsLast => 0,
            Form::Tokens { before } => before,
        };
        let tokens = values.reshape((samples, before + height * width, channels))?.narrow(1, before, height * width)?;
        tokens.contiguous()?.reshape((samples, height, width, channels))?.permute((0, 3, 1, 2))?.contiguous()
    }
}
