//! Any network of Candle's modules, through Candle's own autograd: slower than a layer network, and general.
//!
//! The operators' gradients must be right, and Candle 0.11 does not say where they are not: max pooling's is wrong, and
//! candle-nn's layer norm and `softmax_last_dim` silently cut the tape, so that what comes out is a part of the
//! gradient. Hold a network against finite differences before offering it (`tests/tape_networks.rs`).

use candle_core::{Device, Tensor, Var};
use candle_nn::{Func, Module};

use super::{
    Batch, Classifier, Features, ModelError, ModelSpec, Samples, Score, TakeGradient,
    tensors::{BATCH, batch, batches, derivative, rows},
};
use crate::device;

/// A network of Candle's modules, cut in two where Grad-CAM reads its features.
#[derive(Debug)]
pub struct TapeClassifier {
    spec: ModelSpec,
    features: Func<'static>,
    head: Func<'static>,
    device: Device,
}

impl TapeClassifier {
    /// Hosts a network whose weights are on `device`.
    ///
    /// `features` maps `[n, 3, side, side]` to `[n, channels, height, width]`, or to tokens `[n, count, channels]`, of
    /// which the last ones are a square grid of patches, row by row. `head` maps those to logits `[n, classes]`.
    pub fn new(spec: ModelSpec, features: Func<'static>, head: Func<'static>, device: Device) -> Self {
        Self { spec, features, head, device }
    }

    fn batch(&self, samples: &dyn Samples, first: usize, count: usize) -> Result<Tensor, ModelError> {
        batch(samples, first, count, &self.spec, &self.device)
    }
}

/// The gradient of `Σ logits ⊙ derivative` with respect to `input`.
fn input_gradient(logits: &Tensor, derivative: &Tensor, input: &Var) -> Result<Tensor, ModelError> {
    let gradients = (logits * derivative)?.sum_all()?.backward()?;
    Ok(match gradients.get(input) {
        Some(gradient) => gradient.clone(),
        // The logits do not depend on it.
        None => input.zeros_like()?,
    })
}

/// One sample's features as `[height, width, channels]`.
fn channels_last(features: &Tensor) -> Result<Tensor, ModelError> {
    if let Ok((_, channels, height, width)) = features.dims4() {
        return Ok(features.permute((0, 2, 3, 1))?.reshape((height, width, channels))?);
    }
    let (_, tokens, channels) = features.dims3()?;
    let side = tokens.isqrt();
    let patches = features.narrow(1, tokens - side * side, side * side)?;
    Ok(patches.reshape((side, side, channels))?)
}

impl Classifier for TapeClassifier {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        device::describe(&self.device, rayon::current_num_threads())
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut all = Vec::with_capacity(samples.len());
        for (first, count) in batches(samples.len()) {
            let features = self.features.forward(&self.batch(samples, first, count)?)?;
            all.extend(rows(&self.head.forward(&features)?)?);
        }
        Ok(all)
    }

    fn gradients(
        &self,
        samples: &dyn Samples,
        score: Score,
        class: usize,
        take: TakeGradient<'_>,
    ) -> Result<Vec<f32>, ModelError> {
        self.spec.check_class(class)?;
        let mut all = Vec::with_capacity(samples.len());
        for (first, count) in batches(samples.len()) {
            let input = Var::from_tensor(&self.batch(samples, first, count)?)?;
            let logits = self.head.forward(&self.features.forward(&input)?)?;
            let (scores, derivative) = derivative(&logits, score, class)?;
            let gradient = input_gradient(&logits, &derivative, &input)?.flatten_all()?.to_vec1::<f32>()?;
            for (index, gradient) in gradient.chunks_exact(gradient.len() / count).enumerate() {
                take(first + index, gradient);
            }
            all.extend(scores);
        }
        Ok(all)
    }

    fn features(&self, planar: &[f32], class: usize) -> Result<Features, ModelError> {
        self.spec.check_class(class)?;
        let input = self.batch(&Batch::new(planar, planar.len()), 0, 1)?;
        let features = Var::from_tensor(&self.features.forward(&input)?.detach())?;
        let logits = self.head.forward(&features)?;
        let (_, derivative) = derivative(&logits, Score::Logit, class)?;
        let gradient = channels_last(&input_gradient(&logits, &derivative, &features)?)?;
        let activations = channels_last(&features)?;
        let (height, width, channels) = activations.dims3()?;
        Ok(Features {
            width,
            height,
            channels,
            activations: activations.flatten_all()?.to_vec1()?,
            gradient: gradient.flatten_all()?.to_vec1()?,
        })
    }

    fn batch_size(&self) -> usize {
        BATCH
    }
}
