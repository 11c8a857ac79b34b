//! Layer networks on the CPU: one sample a thread, from the first layer to the last and back.

use std::{fmt, ops::Range, sync::Arc};

use candle_core::{Device, Tensor};
use rayon::ThreadPool;

use super::{
    excitation::Stages,
    token_grid::on_a_grid,
    workers::{Scratch, Workers},
};
use crate::{
    AttentionOfBlock, Batch, Classifier, Features, ModelError, ModelSpec, Rule, Samples, TakeGradient, Target, Winning,
    architectures::{Layers, Refusals, blocks::Blocks},
    device,
    imaging::Size,
    nn::{AttentionSeen, FeatureMap, Layer, Network, Tape, TensorNetwork},
};

/// A layer network hosted on the CPU.
pub(crate) struct CpuNetwork {
    spec: ModelSpec,
    features: Network,
    head: Network,
    blocks: Blocks,
    attended: Attended,
    refusals: Refusals,
    workers: Workers<Tape>,
}

impl fmt::Debug for CpuNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CpuNetwork").field("spec", &self.spec.name).finish_non_exhaustive()
    }
}

/// Where a transformer's blocks are, each from its attention to the next block's; layers of one are stages of their own.
#[derive(Debug, Default, PartialEq)]
struct Attended {
    /// Stages of those before the head.
    features: Vec<Range<usize>>,
    /// The stage of the head after the last block, which the head begins with: from there on it reads tokens. None where
    /// there is no such block.
    reading: Option<usize>,
}

impl Attended {
    fn of(features: &[Layer], head: &[Layer]) -> Self {
        let attends = |layer: &Layer| match layer {
            Layer::Residual(block) => block.branch().iter().any(|layer| matches!(layer, Layer::Attention(_))),
            _ => false,
        };
        let is_block = |layer: &Layer| matches!(layer, Layer::Residual(_));
        let reading = head.iter().position(|layer| !is_block(layer)).unwrap_or(head.len());
        let reads_tokens = head[reading..].iter().any(|layer| matches!(layer, Layer::TokenPool(_)));
        if !reads_tokens || head[..reading].iter().map(attends).ne((0..reading).map(|layer| layer == 0)) {
            return Self::default();
        }
        let mut starts: Vec<usize> = (0..features.len()).filter(|layer| attends(&features[*layer])).collect();
        starts.push(features.len());
        let blocks = starts.windows(2).map(|pair| pair[0]..pair[1]);
        Self { features: blocks.collect(), reading: (reading > 0).then_some(reading) }
    }
}

impl CpuNetwork {
    pub fn new(spec: ModelSpec, layers: Layers, threads: Arc<ThreadPool>) -> Self {
        let refusals = layers.refusals();
        let blocks = layers.blocks;
        let attended = Attended::of(&layers.features, &layers.head);
        let [features, head] = [layers.features, layers.head].map(Network::compile);
        debug_assert!(
            (0..blocks.len()).all(|depth| blocks.end(depth).is_some_and(|end| features.stages_of(end).is_some())),
            "a block ends within a stage"
        );
        Self { spec, features, head, blocks, attended, refusals, workers: Workers::new(threads) }
    }

    /// Runs `work` for every sample, several at a time, and gives the results in order.
    fn each<T: Send>(
        &self,
        samples: &dyn Samples,
        work: impl Fn(usize, FeatureMap, &mut Scratch<Tape>) -> T + Sync,
    ) -> Vec<T> {
        let (channels, Size { width, height }) = (self.spec.channels(), self.spec.size());
        self.workers.each(samples, self.spec.input_len(), |index, scratch| {
            let buffer = scratch.state.pool.take(scratch.planar.len());
            let input = FeatureMap::from_planar(&scratch.planar, channels, height, width, buffer);
            work(index, input, scratch)
        })
    }
}

impl Classifier for CpuNetwork {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        device::describe(&(&Device::Cpu).into(), self.workers.count())
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(self.each(samples, |_, input, scratch| {
            scratch.state.begin(false);
            let features = self.features.forward(input, &mut scratch.state);
            self.head.forward(features, &mut scratch.state).values.to_vec()
        }))
    }

    fn gradients(&self, samples: &dyn Samples, target: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError> {
        self.sent_back(samples, target, Rule::Gradient, take)
    }

    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        self.refusals.of(rule)
    }

    fn winning(&self, planar: &[f32], target: Target, cells: usize, contrasts: bool) -> Result<Winning, ModelError> {
        self.spec.check_target(target)?;
        if let Some(why) = self.refuses(Rule::Excitation) {
            return Err(ModelError::NoRule { why });
        }
        let Size { width, height } = self.spec.size();
        let input = Tensor::from_slice(planar, (1, self.spec.channels(), height, width), &Device::Cpu)?;
        let features = self.features.len();
        let stage = |stage: usize| {
            let layers = match stage.checked_sub(features) {
                None => self.features.stage_described(stage),
                Some(stage) => self.head.stage_described(stage),
            };
            TensorNetwork::new(&layers, &Device::Cpu)
        };
        let stages = Stages { features, count: features + self.head.len(), stage: &stage };
        let mut start = |logits: &Tensor| {
            let (_, derivative) = target.of(self.spec.head, &logits.flatten_all()?.to_vec1::<f32>()?);
            Tensor::from_vec(derivative, logits.dims(), &Device::Cpu)
        };
        Ok(self.workers.threads().install(|| stages.winning(&input, &mut start, cells, contrasts))?)
    }

    fn sent_back(
        &self,
        samples: &dyn Samples,
        target: Target,
        rule: Rule,
        take: TakeGradient<'_>,
    ) -> Result<Vec<f32>, ModelError> {
        self.spec.check_target(target)?;
        if let Some(why) = self.refuses(rule) {
            return Err(ModelError::NoRule { why });
        }
        Ok(self.each(samples, |index, input, Scratch { state: tape, planar }| {
            tape.begin_by(rule, true);
            let features = self.features.forward(input, tape);
            let logits = self.head.forward(features, tape);
            let (value, derivative) = target.of(self.spec.head, &logits.values);
            let derivative = FeatureMap { values: derivative.as_slice().into(), ..logits };
            let gradient = self.head.backward(derivative, tape);
            let gradient = self.features.backward(gradient, tape);
            gradient.write_planar(planar);
            tape.pool.put(gradient.values);
            take(index, planar);
            value
        }))
    }

    fn features_at(&self, depth: usize, planar: &[f32], target: Target) -> Result<Features, ModelError> {
        self.spec.check_target(target)?;
        let end = self.blocks.end(depth).and_then(|layers| self.features.stages_of(layers));
        let cut = end.ok_or(ModelError::NoSuchLayer { depth, layers: self.blocks.len() })?;
        let rest = cut..self.features.stages();
        let expected = self.spec.input_len();
        let sample = Batch::new(planar, expected);
        self.each(&sample, |_, input, Scratch { state: tape, .. }| {
            tape.begin(false);
            let features = self.features.forward_part(0..cut, input, tape);
            let FeatureMap { height, width, channels, .. } = features;
            let activations = features.values.to_vec();
            tape.begin(true);
            // What is read last is read as it always was: its gradient is the head's.
            let features =
                if rest.is_empty() { features } else { self.features.forward_part(rest.clone(), features, tape) };
            let logits = self.head.forward(features, tape);
            let (_, derivative) = target.of(self.spec.head, &logits.values);
            let derivative = FeatureMap { values: derivative.as_slice().into(), ..logits };
            let gradient = self.head.backward(derivative, tape);
            let gradient =
                if rest.is_empty() { gradient } else { self.features.backward_part(rest.clone(), gradient, tape) };
            let features = Features { width, height, channels, activations, gradient: gradient.values.to_vec() };
            on_a_grid(features, self.spec.size())
        })
        .pop()
        .ok_or(ModelError::InputSize { found: planar.len(), expected })
    }

    fn feature_layers(&self) -> Vec<&str> {
        self.blocks.names()
    }

    fn has_attention(&self) -> bool {
        self.attended.reading.is_some()
    }

    fn attention(&self, planar: &[f32], target: Target) -> Result<Vec<AttentionOfBlock>, ModelError> {
        self.spec.check_target(target)?;
        let Attended { features, reading: Some(reading) } = &self.attended else { return Ok(Vec::new()) };
        let reading = *reading..self.head.stages();
        let before = features.first().map_or(self.features.stages(), |first| first.start);
        let last = (&self.head, 0..reading.start);
        let blocks: Vec<(&Network, Range<usize>)> =
            features.iter().map(|stages| (&self.features, stages.clone())).chain([last]).collect();
        let expected = self.spec.input_len();
        self.each(&Batch::new(planar, expected), |_, input, Scratch { state: tape, .. }| {
            tape.begin(false);
            let mut map = self.features.forward_part(0..before, input, tape);
            let mut all = Vec::with_capacity(blocks.len());
            for (network, stages) in &blocks {
                tape.begin(true);
                let out = network.forward_part(stages.clone(), map, tape);
                let FeatureMap { height, width, channels, .. } = out;
                let next = FeatureMap { height, width, channels, values: (*out.values).into() };
                let logits = self.head.forward_part(reading.clone(), out, tape);
                let (_, derivative) = target.of(self.spec.head, &logits.values);
                let derivative = FeatureMap { values: derivative.as_slice().into(), ..logits };
                tape.watched = Some(Vec::new());
                let gradient = self.head.backward_part(reading.clone(), derivative, tape);
                let gradient = network.backward_part(stages.clone(), gradient, tape);
                tape.pool.put(gradient.values);
                let seen = tape.watched.take().and_then(|mut seen| seen.pop());
                all.extend(seen.map(|AttentionSeen { heads, tokens, shares, gradient }| AttentionOfBlock {
                    heads,
                    tokens,
                    shares,
                    gradient,
                }));
                map = next;
            }
            all
        })
        .pop()
        .ok_or(ModelError::InputSize { found: planar.len(), expected })
    }

    fn randomised(&self, depth: usize, seed: u64) -> Result<Option<Box<dyn Classifier>>, ModelError> {
        let [features, head] = [&self.features, &self.head].map(Network::described);
        let layers = Layers { features, head, blocks: self.blocks.clone() }.randomised(depth, seed);
        Ok(Some(Box::new(Self::new(self.spec.clone(), layers, Arc::clone(self.workers.threads())))))
    }

    fn batch_size(&self) -> usize {
        self.workers.batch_size()
    }

    fn concurrency(&self) -> usize {
        self.workers.count()
    }
}
