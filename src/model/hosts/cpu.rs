//! Layer networks on the CPU: one sample a thread, from the first layer to the last and back.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use candle_core::{Device, Tensor};
use rayon::{ThreadPool, prelude::*};

use super::{excitation::Stages, token_grid::on_a_grid};
use crate::{
    device,
    model::{
        Batch, Classifier, Features, ModelError, ModelSpec, Rule, Samples, TakeGradient, Target, Winning,
        architectures::{Layers, Refusals},
    },
    nn::{FeatureMap, Network, Tape, TensorNetwork},
};

/// Samples a thread works off between two cancellations. One would do; more even out unequal threads.
const SAMPLES_PER_THREAD: usize = 2;

/// A layer network hosted on the CPU.
pub(crate) struct CpuNetwork {
    spec: ModelSpec,
    features: Network,
    head: Network,
    refusals: Refusals,
    threads: Arc<ThreadPool>,
    scratch: Mutex<Vec<Scratch>>,
}

/// What a thread needs for a sample; kept for the next one.
#[derive(Default)]
struct Scratch {
    tape: Tape,
    planar: Vec<f32>,
}

impl fmt::Debug for CpuNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CpuNetwork").field("spec", &self.spec.name).finish_non_exhaustive()
    }
}

impl CpuNetwork {
    pub fn new(spec: ModelSpec, layers: Layers, threads: Arc<ThreadPool>) -> Self {
        let refusals = layers.refusals();
        let [features, head] = [layers.features, layers.head].map(Network::compile);
        Self { spec, features, head, refusals, threads, scratch: Mutex::default() }
    }

    /// Runs `work` for every sample, several at a time, and gives the results in order.
    fn each<T: Send>(
        &self,
        samples: &dyn Samples,
        work: impl Fn(usize, FeatureMap, &mut Scratch) -> T + Sync,
    ) -> Vec<T> {
        let side = self.spec.side();
        self.threads.install(|| {
            (0..samples.len())
                .into_par_iter()
                .with_max_len(1)
                .map(|index| {
                    let mut scratch = self.lend();
                    scratch.planar.resize(3 * side * side, 0.0);
                    samples.write(index, &mut scratch.planar);
                    let buffer = scratch.tape.pool.take(scratch.planar.len());
                    let input = FeatureMap::from_planar(&scratch.planar, 3, side, side, buffer);
                    let result = work(index, input, &mut scratch);
                    self.take_back(scratch);
                    result
                })
                .collect()
        })
    }

    fn lend(&self) -> Scratch {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn take_back(&self, scratch: Scratch) {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
    }
}

impl Classifier for CpuNetwork {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        device::describe(&(&Device::Cpu).into(), self.threads.current_num_threads())
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(self.each(samples, |_, input, scratch| {
            scratch.tape.begin(false);
            let features = self.features.forward(input, &mut scratch.tape);
            self.head.forward(features, &mut scratch.tape).values.to_vec()
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
        let side = self.spec.side();
        let input = Tensor::from_slice(planar, (1, 3, side, side), &Device::Cpu)?;
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
        Ok(self.threads.install(|| stages.winning(&input, &mut start, cells, contrasts))?)
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
        Ok(self.each(samples, |index, input, Scratch { tape, planar }| {
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

    fn features(&self, planar: &[f32], target: Target) -> Result<Features, ModelError> {
        self.spec.check_target(target)?;
        let expected = 3 * self.spec.side() * self.spec.side();
        let sample = Batch::new(planar, expected);
        self.each(&sample, |_, input, Scratch { tape, .. }| {
            tape.begin(false);
            let features = self.features.forward(input, tape);
            let FeatureMap { height, width, channels, .. } = features;
            let activations = features.values.to_vec();
            tape.begin(true);
            let logits = self.head.forward(features, tape);
            let (_, derivative) = target.of(self.spec.head, &logits.values);
            let derivative = FeatureMap { values: derivative.as_slice().into(), ..logits };
            let gradient = self.head.backward(derivative, tape);
            on_a_grid(Features { width, height, channels, activations, gradient: gradient.values.to_vec() })
        })
        .pop()
        .ok_or(ModelError::InputSize { found: planar.len(), expected })
    }

    fn batch_size(&self) -> usize {
        SAMPLES_PER_THREAD * self.concurrency()
    }

    fn concurrency(&self) -> usize {
        self.threads.current_num_threads()
    }
}
