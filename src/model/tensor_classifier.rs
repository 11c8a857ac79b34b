//! Layer networks on a device of Candle's: batch after batch.

use candle_core::{Device, Tensor};

use super::{
    Batch, Classifier, Features, ModelError, ModelSpec, Samples, Score, TakeGradient, efficientnet_lite::Layers,
};
use crate::{
    device,
    nn::{TensorNetwork, TensorTape},
};

/// Samples in one batch: enough to fill a GPU, little enough for a small one's memory.
const BATCH: usize = 10;

/// A layer network hosted on a device of Candle's.
#[derive(Debug)]
pub(crate) struct TensorClassifier {
    spec: ModelSpec,
    features: TensorNetwork,
    head: TensorNetwork,
    device: Device,
}

impl TensorClassifier {
    pub fn new(spec: ModelSpec, layers: &Layers, device: Device) -> Result<Self, ModelError> {
        Ok(Self {
            spec,
            features: TensorNetwork::new(&layers.features, &device)?,
            head: TensorNetwork::new(&layers.head, &device)?,
            device,
        })
    }

    fn sample_len(&self) -> usize {
        3 * self.spec.side() * self.spec.side()
    }

    /// Samples `first..first + count` as `[count, 3, side, side]`.
    fn batch(&self, samples: &dyn Samples, first: usize, count: usize) -> Result<Tensor, ModelError> {
        let mut planar = vec![0.0; count * self.sample_len()];
        for (index, sample) in planar.chunks_exact_mut(self.sample_len()).enumerate() {
            samples.write(first + index, sample);
        }
        let side = self.spec.side();
        Ok(Tensor::from_vec(planar, (count, 3, side, side), &self.device)?)
    }

    fn check_class(&self, class: usize) -> Result<(), ModelError> {
        let classes = self.spec.labels.len();
        if class < classes { Ok(()) } else { Err(ModelError::NoSuchClass { class, classes }) }
    }

    /// The scores, and their derivatives with respect to the logits `[n, classes, 1, 1]`.
    fn derivative(&self, logits: &Tensor, score: Score, class: usize) -> Result<(Vec<f32>, Tensor), ModelError> {
        let rows = rows(logits)?;
        let (scores, derivatives): (Vec<f32>, Vec<Vec<f32>>) = rows.iter().map(|row| score.of(row, class)).unzip();
        Ok((scores, Tensor::from_vec(derivatives.concat(), logits.dims(), &self.device)?))
    }
}

fn rows(logits: &Tensor) -> Result<Vec<Vec<f32>>, ModelError> {
    Ok(logits.flatten_from(1)?.to_vec2()?)
}

/// `(first, count)` of every batch of `len` samples.
fn batches(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(BATCH).map(move |first| (first, BATCH.min(len - first)))
}

impl Classifier for TensorClassifier {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        device::describe(&self.device, 1)
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut all = Vec::with_capacity(samples.len());
        for (first, count) in batches(samples.len()) {
            let features = self.features.forward(&self.batch(samples, first, count)?, None)?;
            all.extend(rows(&self.head.forward(&features, None)?)?);
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
        self.check_class(class)?;
        let mut all = Vec::with_capacity(samples.len());
        for (first, count) in batches(samples.len()) {
            let (mut tape, mut head_tape) = (TensorTape::default(), TensorTape::default());
            let features = self.features.forward(&self.batch(samples, first, count)?, Some(&mut tape))?;
            let logits = self.head.forward(&features, Some(&mut head_tape))?;
            let (scores, derivative) = self.derivative(&logits, score, class)?;
            let gradient = self.head.backward(&derivative, &mut head_tape)?;
            let gradient = self.features.backward(&gradient, &mut tape)?.flatten_all()?.to_vec1::<f32>()?;
            for (index, gradient) in gradient.chunks_exact(self.sample_len()).enumerate() {
                take(first + index, gradient);
            }
            all.extend(scores);
        }
        Ok(all)
    }

    fn features(&self, planar: &[f32], class: usize) -> Result<Features, ModelError> {
        self.check_class(class)?;
        let mut tape = TensorTape::default();
        let input = self.batch(&Batch::new(planar, planar.len()), 0, 1)?;
        let features = self.features.forward(&input, None)?;
        let logits = self.head.forward(&features, Some(&mut tape))?;
        let (_, derivative) = self.derivative(&logits, Score::Logit, class)?;
        let gradient = self.head.backward(&derivative, &mut tape)?;
        let (_, channels, height, width) = features.dims4()?;
        let channels_last = |tensor: &Tensor| -> Result<Vec<f32>, ModelError> {
            Ok(tensor.permute((0, 2, 3, 1))?.flatten_all()?.to_vec1()?)
        };
        Ok(Features {
            width,
            height,
            channels,
            activations: channels_last(&features)?,
            gradient: channels_last(&gradient)?,
        })
    }

    fn batch_size(&self) -> usize {
        BATCH
    }
}
