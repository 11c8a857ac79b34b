//! Networks that Candle computes, on any device it knows: batch after batch.

use candle_core::{Device, Result, Tensor};

use super::{Batch, Classifier, Features, ModelError, ModelSpec, Samples, TakeGradient, Target};
use crate::device;

/// Samples in one batch: enough to fill a GPU, little enough for a small one's memory.
const BATCH: usize = 10;

/// The derivative of a score with respect to the logits it is given, in their shape.
pub(super) type Derivative<'a> = &'a mut dyn FnMut(&Tensor) -> Result<Tensor>;

/// A network in two halves, cut where Grad-CAM reads its features.
///
/// Inputs are `[n, 3, side, side]`, logits `[n, classes, …]`, features `[n, channels, height, width]` or tokens
/// `[n, count, channels]`, of which the last ones are a square grid of patches, row by row.
pub(super) trait Network: Send + Sync {
    /// The logits of a batch.
    fn logits(&self, input: &Tensor) -> Result<Tensor>;

    /// The gradient of a score with respect to the input.
    fn input_gradient(&self, input: &Tensor, derivative: Derivative<'_>) -> Result<Tensor>;

    /// The features, and the gradient of a score with respect to them.
    fn features(&self, input: &Tensor, derivative: Derivative<'_>) -> Result<(Tensor, Tensor)>;
}

/// A network with its weights on a device.
#[derive(Debug)]
pub(super) struct OnDevice<N> {
    spec: ModelSpec,
    network: N,
    device: Device,
}

impl<N: Network> OnDevice<N> {
    pub fn new(spec: ModelSpec, network: N, device: Device) -> Self {
        Self { spec, network, device }
    }

    /// Every batch of some samples as `[count, 3, side, side]`, with the number of its first one.
    fn batches(&self, samples: &dyn Samples) -> impl Iterator<Item = Result<(usize, Tensor)>> {
        let (side, len) = (self.spec.side(), samples.len());
        (0..len).step_by(BATCH).map(move |first| {
            let count = BATCH.min(len - first);
            let mut planar = vec![0.0; count * 3 * side * side];
            for (index, sample) in planar.chunks_exact_mut(3 * side * side).enumerate() {
                samples.write(first + index, sample);
            }
            Ok((first, Tensor::from_vec(planar, (count, 3, side, side), &self.device)?))
        })
    }
}

/// `[n, classes, …]` as `n` rows.
fn rows(logits: &Tensor) -> Result<Vec<Vec<f32>>> {
    logits.flatten_from(1)?.to_vec2()
}

/// The scores of all rows are added to `scores`; gives their derivatives.
fn derive(logits: &Tensor, target: Target, scores: &mut Vec<f32>) -> Result<Tensor> {
    let (values, derivatives): (Vec<f32>, Vec<Vec<f32>>) = rows(logits)?.iter().map(|row| target.of(row)).unzip();
    scores.extend(values);
    Tensor::from_vec(derivatives.concat(), logits.dims(), logits.device())
}

/// One sample's features as `[height, width, channels]`.
fn channels_last(features: &Tensor) -> Result<Tensor> {
    if let Ok((_, channels, height, width)) = features.dims4() {
        return features.permute((0, 2, 3, 1))?.reshape((height, width, channels));
    }
    let (_, tokens, channels) = features.dims3()?;
    let side = tokens.isqrt();
    features.narrow(1, tokens - side * side, side * side)?.reshape((side, side, channels))
}

impl<N: Network> Classifier for OnDevice<N> {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        device::describe(&self.device, rayon::current_num_threads())
    }

    fn logits(&self, samples: &dyn Samples) -> std::result::Result<Vec<Vec<f32>>, ModelError> {
        let mut all = Vec::with_capacity(samples.len());
        for batch in self.batches(samples) {
            let (_, input) = batch?;
            all.extend(rows(&self.network.logits(&input)?)?);
        }
        Ok(all)
    }

    fn gradients(
        &self,
        samples: &dyn Samples,
        target: Target,
        take: TakeGradient<'_>,
    ) -> std::result::Result<Vec<f32>, ModelError> {
        self.spec.check_target(target)?;
        let mut scores = Vec::with_capacity(samples.len());
        for batch in self.batches(samples) {
            let (first, input) = batch?;
            let mut derivative = |logits: &Tensor| derive(logits, target, &mut scores);
            let gradients = self.network.input_gradient(&input, &mut derivative)?.flatten_from(1)?.to_vec2::<f32>()?;
            for (index, gradient) in gradients.iter().enumerate() {
                take(first + index, gradient);
            }
        }
        Ok(scores)
    }

    fn features(&self, planar: &[f32], target: Target) -> std::result::Result<Features, ModelError> {
        self.spec.check_target(target)?;
        let expected = 3 * self.spec.side() * self.spec.side();
        let sample = Batch::new(planar, expected);
        let (_, input) =
            self.batches(&sample).next().ok_or(ModelError::InputSize { found: planar.len(), expected })??;
        let mut derivative = |logits: &Tensor| derive(logits, target, &mut Vec::new());
        let (activations, gradient) = self.network.features(&input, &mut derivative)?;
        let (activations, gradient) = (channels_last(&activations)?, channels_last(&gradient)?);
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
