//! Networks that Candle computes, on any device it knows: batch after batch.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use candle_core::{DType, Result, Tensor};
use rayon::{ThreadPool, prelude::*};

use super::token_grid::on_a_grid;
use crate::{
    Batch, Classifier, Features, Head, ModelError, ModelSpec, Rule, Samples, TakeGradient, Target, Winning,
    device::{self, Place},
    imaging::Size,
};

/// Samples in one batch on a GPU, as long as there is room for them: a whole path of I-GOS at once.
const BATCH: usize = 32;

/// Samples a CPU thread works off between two cancellations.
const SAMPLES_PER_THREAD: usize = 2;

/// The derivative of a score with respect to the logits it is given, in their shape.
pub(crate) type Derivative<'a> = &'a mut dyn FnMut(&Tensor) -> Result<Tensor>;

/// A network that can be cut where its features are read.
///
/// Inputs are `[n, channels, height, width]`, logits `[n, classes, …]`, features `[n, channels, height, width]` or
/// tokens, either `[n, channels, 1, count]` or `[n, count, channels]`, of which the last ones are a square grid of
/// patches, row by row.
pub(crate) trait Network: Send + Sync {
    /// The logits of a batch.
    fn logits(&self, input: &Tensor) -> Result<Tensor>;

    /// The gradient of a score with respect to the input, or what another rule sends back that is not refused.
    fn input_gradient(&self, input: &Tensor, derivative: Derivative<'_>, rule: Rule) -> Result<Tensor>;

    /// Why a rule of going back has nothing to say of it, if it has not.
    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        (rule != Rule::Gradient).then_some("its rule needs layers of igoscope's own")
    }

    /// See [`Stages`](super::excitation::Stages); none for a network that refuses it.
    fn winning(&self, _: &Tensor, _: Derivative<'_>, _cells: usize, _contrasts: bool) -> Result<Option<Winning>> {
        Ok(None)
    }

    /// See [`Classifier::randomised`].
    fn randomised(&self, depth: usize, seed: u64, place: &Place) -> Result<Option<Self>>
    where
        Self: Sized,
    {
        let _ = (depth, seed, place);
        Ok(None)
    }

    /// The features at a depth below [`Network::feature_layers`], and the gradient of a score with respect to them.
    fn features(&self, depth: usize, input: &Tensor, derivative: Derivative<'_>) -> Result<(Tensor, Tensor)>;

    /// The names of the layers whose features can be read, by depth; `None` for a network that has but the one of its
    /// spec.
    fn feature_layers(&self) -> Option<Vec<&str>> {
        None
    }
}

/// A network with its weights on a device.
#[derive(Debug)]
pub(crate) struct OnDevice<N> {
    spec: ModelSpec,
    network: N,
    place: Place,
    /// On the CPU: they take one sample each.
    threads: Option<Arc<ThreadPool>>,
    /// Samples that the device has had room for.
    batch: AtomicUsize,
}

impl<N: Network + 'static> OnDevice<N> {
    /// Hosts a network whose weights are at `place`; on the CPU, it computes on `threads`.
    pub fn new(spec: ModelSpec, network: N, place: Place, threads: Option<Arc<ThreadPool>>) -> Self {
        let batch = threads.as_ref().map_or(BATCH, |threads| SAMPLES_PER_THREAD * threads.current_num_threads());
        Self { spec, network, place, threads, batch: AtomicUsize::new(batch) }
    }

    /// `work` for every batch of some samples, `[count, 3, side, side]`, with the number of its first one. A batch that
    /// the device has no room for is taken in halves.
    fn each<T: Send>(
        &self,
        samples: &dyn Samples,
        work: impl Fn(usize, &Tensor) -> Result<T> + Sync,
    ) -> std::result::Result<Vec<T>, ModelError> {
        if let Some(threads) = &self.threads {
            let one = |index| work(index, &self.input(samples, index, 1)?);
            let all = || (0..samples.len()).into_par_iter().with_max_len(1).map(one).collect::<Result<Vec<_>>>();
            return threads.install(all).map_err(|error| self.failure(error));
        }
        let mut all = Vec::new();
        let mut first = 0;
        while first < samples.len() {
            let batch = self.batch.load(Ordering::Relaxed);
            let count = batch.min(samples.len() - first);
            match self.input(samples, first, count).and_then(|input| work(first, &input)) {
                Ok(result) => {
                    all.push(result);
                    first += count;
                }
                Err(error) if count > 1 && lacks_memory(&error) => {
                    tracing::warn!("no room for {count} samples on the device: {} at a time from now on", count / 2);
                    self.batch.store(count / 2, Ordering::Relaxed);
                }
                Err(error) => return Err(self.failure(error)),
            }
        }
        Ok(all)
    }

    /// Some samples on the device.
    fn input(&self, samples: &dyn Samples, first: usize, count: usize) -> Result<Tensor> {
        let (len, Size { width, height }) = (self.spec.input_len(), self.spec.size());
        let mut planar = vec![0.0; count * len];
        for (index, sample) in planar.chunks_exact_mut(len.max(1)).enumerate() {
            samples.write(first + index, sample);
        }
        let input = Tensor::from_vec(planar, (count, self.spec.channels(), height, width), &self.place.device)?;
        input.to_dtype(self.place.precision.dtype())
    }

    /// What went wrong, in a user's words.
    fn failure(&self, error: candle_core::Error) -> ModelError {
        match &self.threads {
            Some(_) => error.into(),
            None if lacks_memory(&error) => ModelError::DeviceMemory { device: self.device() },
            None => ModelError::Device { device: self.device(), why: error },
        }
    }
}

/// The scores of a batch, and what was done to their derivatives.
///
/// Small numbers would be lost in half precision: what goes backwards is scaled to 1 for every sample, and what comes
/// out is scaled back.
struct Derived {
    target: Target,
    head: Head,
    scores: Vec<f32>,
    scales: Vec<f32>,
}

impl Derived {
    fn of(target: Target, head: Head) -> Self {
        Self { target, head, scores: Vec::new(), scales: Vec::new() }
    }

    /// The scaled derivative of every sample's score with respect to its logits.
    fn derive(&mut self, logits: &Tensor) -> Result<Tensor> {
        let mut derivatives = Vec::with_capacity(logits.elem_count());
        for row in rows(logits)? {
            let (value, derivative) = self.target.of(self.head, &row);
            let largest = derivative.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            let scale = if largest > 0.0 && largest.is_finite() { largest } else { 1.0 };
            derivatives.extend(derivative.iter().map(|value| value / scale));
            self.scores.push(value);
            self.scales.push(scale);
        }
        Tensor::from_vec(derivatives, logits.dims(), logits.device())?.to_dtype(logits.dtype())
    }

    /// The gradient of the scores, in single precision, from what came of their scaled derivatives.
    fn restore(&self, gradient: &Tensor) -> Result<Tensor> {
        let mut shape = vec![1; gradient.rank()];
        shape[0] = self.scales.len();
        let scales = Tensor::from_slice(&self.scales, shape, gradient.device())?;
        gradient.to_dtype(DType::F32)?.broadcast_mul(&scales)
    }
}

/// Whether a device failed because its memory is full. Drivers say so in words only.
fn lacks_memory(error: &candle_core::Error) -> bool {
    let text = error.to_string().to_lowercase();
    ["out of memory", "out_of_memory", "alloc_failed", "failed to allocate", "insufficient memory"]
        .iter()
        .any(|words| text.contains(words))
}

/// `[n, classes, …]` as `n` rows.
fn rows(logits: &Tensor) -> Result<Vec<Vec<f32>>> {
    logits.flatten_from(1)?.to_dtype(DType::F32)?.to_vec2()
}

/// One sample's features as `[height, width, channels]`, in single precision; tokens are one row.
fn channels_last(features: &Tensor) -> Result<Tensor> {
    let features = features.to_dtype(DType::F32)?;
    if let Ok((_, channels, height, width)) = features.dims4() {
        return features.permute((0, 2, 3, 1))?.reshape((height, width, channels));
    }
    features.squeeze(0)?.unsqueeze(0)
}

impl<N: Network + 'static> Classifier for OnDevice<N> {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        device::describe(&self.place, self.threads.as_ref().map_or(0, |threads| threads.current_num_threads()))
    }

    fn logits(&self, samples: &dyn Samples) -> std::result::Result<Vec<Vec<f32>>, ModelError> {
        Ok(self.each(samples, |_, input| rows(&self.network.logits(input)?))?.concat())
    }

    fn gradients(
        &self,
        samples: &dyn Samples,
        target: Target,
        take: TakeGradient<'_>,
    ) -> std::result::Result<Vec<f32>, ModelError> {
        self.sent_back(samples, target, Rule::Gradient, take)
    }

    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        self.network.refuses(rule)
    }

    fn winning(
        &self,
        planar: &[f32],
        target: Target,
        cells: usize,
        contrasts: bool,
    ) -> std::result::Result<Winning, ModelError> {
        self.spec.check_target(target)?;
        let sample = Batch::new(planar, planar.len());
        let winning = self.each(&sample, |_, input| {
            let mut derived = Derived::of(target, self.spec.head);
            self.network.winning(input, &mut |logits| derived.derive(logits), cells, contrasts)
        })?;
        let why = self.refuses(Rule::Excitation).unwrap_or("it has no such pass");
        winning.into_iter().next().flatten().ok_or(ModelError::NoRule { why })
    }

    fn sent_back(
        &self,
        samples: &dyn Samples,
        target: Target,
        rule: Rule,
        take: TakeGradient<'_>,
    ) -> std::result::Result<Vec<f32>, ModelError> {
        self.spec.check_target(target)?;
        if let Some(why) = self.refuses(rule) {
            return Err(ModelError::NoRule { why });
        }
        let scores = self.each(samples, |first, input| {
            let mut derived = Derived::of(target, self.spec.head);
            let gradient = self.network.input_gradient(input, &mut |logits| derived.derive(logits), rule)?;
            let gradients = derived.restore(&gradient)?.flatten_from(1)?.to_vec2::<f32>()?;
            for (index, gradient) in gradients.iter().enumerate() {
                take(first + index, gradient);
            }
            Ok(derived.scores)
        })?;
        Ok(scores.concat())
    }

    fn feature_layers(&self) -> Vec<&str> {
        self.network.feature_layers().unwrap_or_else(|| vec![&self.spec.feature_layer])
    }

    fn features_at(&self, depth: usize, planar: &[f32], target: Target) -> std::result::Result<Features, ModelError> {
        self.spec.check_target(target)?;
        let layers = self.feature_layers().len();
        if depth >= layers {
            return Err(ModelError::NoSuchLayer { depth, layers });
        }
        let expected = self.spec.input_len();
        let mut features = self.each(&Batch::new(planar, expected), |_, input| {
            let mut derived = Derived::of(target, self.spec.head);
            let (activations, gradient) = self.network.features(depth, input, &mut |logits| derived.derive(logits))?;
            let (activations, gradient) = (channels_last(&activations)?, channels_last(&derived.restore(&gradient)?)?);
            let (height, width, channels) = activations.dims3()?;
            let features = Features {
                width,
                height,
                channels,
                activations: activations.flatten_all()?.to_vec1()?,
                gradient: gradient.flatten_all()?.to_vec1()?,
            };
            Ok(on_a_grid(features, self.spec.size()))
        })?;
        features.pop().ok_or(ModelError::InputSize { found: planar.len(), expected })
    }

    fn randomised(&self, depth: usize, seed: u64) -> std::result::Result<Option<Box<dyn Classifier>>, ModelError> {
        let network = self.network.randomised(depth, seed, &self.place).map_err(|error| self.failure(error))?;
        Ok(network.map(|network| -> Box<dyn Classifier> {
            Box::new(Self::new(self.spec.clone(), network, self.place.clone(), self.threads.clone()))
        }))
    }

    fn batch_size(&self) -> usize {
        self.batch.load(Ordering::Relaxed)
    }

    fn concurrency(&self) -> usize {
        self.batch_size()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use candle_core::{Device, Error};

    use super::*;
    use crate::{
        Guesses, HeadSource, Labels, Score, Sizes,
        imaging::{CropRule, Normalisation},
    };

    /// The mean of each channel, on a device with room for some samples.
    struct Means {
        room: usize,
        failure: &'static str,
    }

    impl Network for Means {
        fn logits(&self, input: &Tensor) -> Result<Tensor> {
            if input.dim(0)? > self.room {
                Err(Error::Msg(self.failure.to_owned()))
            } else {
                input.mean_keepdim((2, 3))
            }
        }

        fn input_gradient(&self, input: &Tensor, derivative: Derivative<'_>, _: Rule) -> Result<Tensor> {
            let gradient = derivative(&self.logits(input)?)?;
            (gradient / 4.0)?.broadcast_as(input.shape())?.contiguous()
        }

        fn features(&self, _: usize, input: &Tensor, derivative: Derivative<'_>) -> Result<(Tensor, Tensor)> {
            Ok((input.clone(), self.input_gradient(input, derivative, Rule::Gradient)?))
        }
    }

    fn hosted(room: usize, failure: &'static str) -> OnDevice<Means> {
        let spec = ModelSpec {
            name: "means".to_owned(),
            title: "Means".to_owned(),
            crop: CropRule::new(2, 2),
            sizes: Sizes::only(Size::square(2)),
            normalisation: Normalisation::new([0.5; 3], [0.5; 3]),
            head: Head::Softmax,
            head_source: HeadSource::Default,
            labels: Arc::new(Labels::from_lines("red\ngreen\nblue")),
            feature_layer: "input".to_owned(),
            architecture: "means".to_owned(),
            origin: "none".to_owned(),
            sha256: None,
            heads: None,
            state_dicts: None,
            graph: None,
            guesses: Guesses::default(),
        };
        OnDevice::new(spec, Means { room, failure }, (&Device::Cpu).into(), None)
    }

    #[test]
    fn a_batch_without_room_is_taken_in_halves_and_in_order() {
        let classifier = hosted(5, "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")");
        let planar: Vec<f32> = (0..40 * 12).map(|value| (value / 12) as f32).collect();
        let samples = Batch::new(&planar, 12);
        let logits = classifier.logits(&samples).unwrap();
        assert_eq!(logits.iter().map(|row| row[0] as usize).collect::<Vec<_>>(), (0..40).collect::<Vec<_>>());
        assert_eq!(classifier.batch_size(), 4);
        let taken = Mutex::new(vec![0; 40]);
        let take = |index: usize, gradient: &[f32]| {
            assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0]);
            taken.lock().unwrap()[index] += 1;
        };
        let scores = hosted(5, "out of memory")
            .gradients(&samples, Target::probability(1).in_score(Score::Logit), &take)
            .unwrap();
        assert_eq!(scores, (0..40).map(|value| value as f32).collect::<Vec<_>>());
        assert_eq!(taken.into_inner().unwrap(), [1; 40], "every gradient is taken once");
    }

    #[test]
    fn a_device_that_fails_says_what_to_do() {
        let planar = [0.0; 24];
        let full = hosted(0, "CUBLAS_STATUS_ALLOC_FAILED").logits(&Batch::new(&planar, 12)).unwrap_err();
        assert!(
            matches!(full, ModelError::DeviceMemory { .. }) && full.to_string().contains("smaller model"),
            "{full}"
        );
        let gone = hosted(0, "CUDA_ERROR_ILLEGAL_ADDRESS").logits(&Batch::new(&planar, 12)).unwrap_err();
        assert!(gone.to_string().contains("ILLEGAL_ADDRESS") && gone.to_string().contains("the CPU"), "{gone}");
    }

    #[test]
    fn tiny_derivatives_survive_half_precision() {
        let mut classifier = hosted(1, "");
        classifier.place.precision = device::Precision::F16;
        // A probability next to 1: its derivatives are some 1e-9, and the smallest number of this kind is 6e-8.
        let planar = [[20.0_f32; 4], [0.0; 4], [0.0; 4]].concat();
        let take = |_: usize, gradient: &[f32]| {
            let expected = -(-20.0_f32).exp() / 4.0;
            assert!((gradient[4] / expected - 1.0).abs() < 1e-2, "{} {expected}", gradient[4]);
        };
        classifier.gradients(&Batch::new(&planar, 12), Target::probability(0), &take).unwrap();
    }
}
