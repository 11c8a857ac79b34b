//! Layer networks on a device of Candle's: batch after batch.

use candle_core::{Device, Tensor};

use super::{
    Batch, Classifier, Features, ModelError, ModelSpec, Samples, Score, TakeGradient,
    efficientnet_lite::Layers,
    tensors::{BATCH, batch, batches, derivative, rows},
};
use crate::{
    device,
    nn::{TensorNetwork, TensorTape},
};

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
            let features = self.features.forward(&batch(samples, first, count, &self.spec, &self.device)?, None)?;
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
        self.spec.check_class(class)?;
        let mut all = Vec::with_capacity(samples.len());
        for (first, count) in batches(samples.len()) {
            let (mut tape, mut head_tape) = (TensorTape::default(), TensorTape::default());
            let features =
                self.features.forward(&batch(samples, first, count, &self.spec, &self.device)?, Some(&mut tape))?;
            let logits = self.head.forward(&features, Some(&mut head_tape))?;
            let (scores, derivative) = derivative(&logits, score, class)?;
            let gradient = self.head.backward(&derivative, &mut head_tape)?;
            let gradient = self.features.backward(&gradient, &mut tape)?.flatten_all()?.to_vec1::<f32>()?;
            for (index, gradient) in gradient.chunks_exact(gradient.len() / count).enumerate() {
                take(first + index, gradient);
            }
            all.extend(scores);
        }
        Ok(all)
    }

    fn features(&self, planar: &[f32], class: usize) -> Result<Features, ModelError> {
        self.spec.check_class(class)?;
        let mut tape = TensorTape::default();
        let input = batch(&Batch::new(planar, planar.len()), 0, 1, &self.spec, &self.device)?;
        let features = self.features.forward(&input, None)?;
        let logits = self.head.forward(&features, Some(&mut tape))?;
        let (_, derivative) = derivative(&logits, Score::Logit, class)?;
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
