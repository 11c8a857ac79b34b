//! Graphs of operations on the CPU: one sample a thread, as networks of layers are computed.

use std::{fmt, sync::Arc};

use candle_core::Device;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPool;

use super::{
    maps::{Form, Map},
    workers::{Scratch, Workers},
};
use crate::{
    Batch, Classifier, Features, ModelError, ModelSpec, Rule, Samples, TakeGradient, Target, device,
    nn::graph::{Graph, GraphError, Plan, State},
};

/// Why other rules than the gradient's are refused.
pub(super) const NO_RULE: &str = "its rule is known of layers, and this network has operations that are none";

/// A graph hosted on the CPU: from a picture `[1, channels, height, width]` to one row of numbers.
pub(crate) struct GraphNetwork {
    spec: ModelSpec,
    /// What the plan was made of: its weights are in reach.
    graph: Graph,
    plan: Plan,
    maps: Vec<Map>,
    /// What to say of the device besides what it is.
    remark: Option<String>,
    workers: Workers<State>,
}

impl fmt::Debug for GraphNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GraphNetwork").field("spec", &self.spec.name).finish_non_exhaustive()
    }
}

impl GraphNetwork {
    /// Makes a graph ready, whose `maps` can be read; `remark` is what to say of the device besides what it is, as where
    /// another one was asked for.
    ///
    /// # Errors
    /// A node cannot be computed.
    pub fn new(
        spec: ModelSpec,
        graph: Graph,
        maps: Vec<Map>,
        remark: Option<String>,
        threads: Arc<ThreadPool>,
    ) -> Result<Self, GraphError> {
        Self::on(spec, graph, maps, remark, Workers::new(threads))
    }

    fn on(
        spec: ModelSpec,
        graph: Graph,
        maps: Vec<Map>,
        remark: Option<String>,
        workers: Workers<State>,
    ) -> Result<Self, GraphError> {
        let readable: Vec<_> = maps.iter().map(|map| map.value).collect();
        let plan = Plan::new(&graph, &readable)?;
        let feature_layer = maps.first().map_or_else(String::new, |map| map.name.clone());
        Ok(Self { spec: ModelSpec { feature_layer, ..spec }, graph, plan, maps, remark, workers })
    }

    /// Runs `work` for every sample, several at a time, and gives the results in order.
    fn each<T: Send>(&self, samples: &dyn Samples, work: impl Fn(usize, &mut Scratch<State>) -> T + Sync) -> Vec<T> {
        self.workers.each(samples, self.spec.input_len(), work)
    }
}

/// The first of a graph's outputs.
fn first(outputs: Vec<Vec<f32>>) -> Vec<f32> {
    outputs.into_iter().next().unwrap_or_default()
}

impl Classifier for GraphNetwork {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        let cpu = device::describe(&(&Device::Cpu).into(), self.workers.count());
        self.remark.as_ref().map_or_else(|| cpu.clone(), |remark| format!("{cpu} ({remark})"))
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(self.each(samples, |_, Scratch { state, planar }| first(self.plan.forward(planar, state))))
    }

    fn gradients(&self, samples: &dyn Samples, target: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError> {
        self.spec.check_target(target)?;
        Ok(self.each(samples, |index, Scratch { state, planar }| {
            let logits = first(self.plan.forward_recording(planar, state));
            let (value, derivative) = target.of(self.spec.head, &logits);
            self.plan.backward(&[&derivative], state, planar);
            take(index, planar);
            value
        }))
    }

    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        (rule != Rule::Gradient).then_some(NO_RULE)
    }

    fn features_at(&self, depth: usize, planar: &[f32], target: Target) -> Result<Features, ModelError> {
        self.spec.check_target(target)?;
        let layers = self.maps.len();
        let map = self.maps.get(depth).ok_or(ModelError::NoSuchLayer { depth, layers })?;
        let expected = self.spec.input_len();
        self.each(&Batch::new(planar, expected), |_, Scratch { state, planar }| {
            let logits = first(self.plan.forward_recording(planar, state));
            let activations = self.plan.activations(map.value, state);
            let (_, derivative) = target.of(self.spec.head, &logits);
            let gradient = self.plan.backward_to(map.value, &[&derivative], state);
            activations.zip(gradient)
        })
        .pop()
        .ok_or(ModelError::InputSize { found: planar.len(), expected })?
        .map(|(activations, gradient)| map.features(activations, gradient))
        .ok_or(ModelError::NoSuchLayer { depth, layers })
    }

    fn feature_layers(&self) -> Vec<&str> {
        self.maps.iter().map(|map| map.name.as_str()).collect()
    }

    fn randomised(&self, depth: usize, seed: u64) -> Result<Option<Box<dyn Classifier>>, ModelError> {
        let kept = self.maps.get(depth).map(|map| map.value);
        let graph = self.graph.with_weights_shuffled(kept, &mut ChaCha8Rng::seed_from_u64(seed));
        let workers = Workers::new(Arc::clone(self.workers.threads()));
        let network = Self::on(self.spec.clone(), graph, self.maps.clone(), self.remark.clone(), workers);
        let why =
            |error: GraphError| ModelError::Network { path: self.spec.origin.clone().into(), why: error.to_string() };
        Ok(Some(Box::new(network.map_err(why)?)))
    }

    fn batch_size(&self) -> usize {
        self.workers.batch_size()
    }

    fn concurrency(&self) -> usize {
        self.workers.count()
    }
}

impl Map {
    /// Its values and their gradient, channels last.
    fn features(&self, activations: Vec<f32>, gradient: Vec<f32>) -> Features {
        let Self { size, channels, form, .. } = *self;
        let arranged = |mut values: Vec<f32>| match form {
            Form::ChannelsLast => values,
            Form::Tokens { before } => {
                values.drain(..(before * channels).min(values.len()));
                values
            }
            Form::ChannelsFirst => {
                let mut last = vec![0.0; values.len()];
                for (channel, plane) in values.chunks_exact(size.area().max(1)).enumerate() {
                    for (pixel, value) in plane.iter().enumerate() {
                        last[pixel * channels + channel] = *value;
                    }
                }
                last
            }
        };
        Features {
            width: size.width,
            height: size.height,
            channels,
            activations: arranged(activations),
            gradient: arranged(gradient),
        }
    }
}
