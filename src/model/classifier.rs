//! The trait that every hosted model answers to.

use super::{ModelError, ModelSpec};

/// The number an explanation is about, for one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// The softmax probability, in `[0, 1]`: what I-GOS and integrated gradients explain.
    Probability,
    /// The logit, before softmax: what Grad-CAM explains.
    Logit,
}

impl Score {
    /// The score of `class`, which must be below the number of logits, and its derivative with respect to each.
    pub fn of(self, logits: &[f32], class: usize) -> (f32, Vec<f32>) {
        match self {
            Self::Logit => {
                let mut derivative = vec![0.0; logits.len()];
                derivative[class] = 1.0;
                (logits[class], derivative)
            }
            Self::Probability => {
                let mut derivative = softmax(logits);
                let p = derivative[class];
                for value in &mut derivative {
                    *value *= -p;
                }
                derivative[class] += p;
                (p, derivative)
            }
        }
    }
}

/// Probabilities from logits.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut values: Vec<f32> = logits.iter().map(|l| (l - largest).exp()).collect();
    let sum: f32 = values.iter().sum();
    for value in &mut values {
        *value /= sum;
    }
    values
}

/// Inputs that are made when they are needed, so that memory is bounded by threads and not by their number.
pub trait Samples: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Writes sample `index` into `planar`: `[3, side, side]`, normalised.
    fn write(&self, index: usize, planar: &mut [f32]);

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `[n, 3, side, side]`, normalised, as one slice.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    planar: &'a [f32],
    sample_len: usize,
}

impl<'a> Batch<'a> {
    /// A batch of the samples that lie one after the other in `planar`, each `sample_len` values long.
    pub fn new(planar: &'a [f32], sample_len: usize) -> Self {
        Self { planar, sample_len }
    }
}

impl Samples for Batch<'_> {
    fn len(&self) -> usize {
        self.planar.len() / self.sample_len.max(1)
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        planar.copy_from_slice(&self.planar[index * self.sample_len..(index + 1) * self.sample_len]);
    }
}

/// The features of one input at the layer Grad-CAM reads, and the gradient of a logit with respect to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Columns of the feature map.
    pub width: usize,
    /// Rows of the feature map.
    pub height: usize,
    /// Channels.
    pub channels: usize,
    /// `[height, width, channels]`.
    pub activations: Vec<f32>,
    /// `[height, width, channels]`.
    pub gradient: Vec<f32>,
}

/// Takes the gradient of sample `index`: `[3, side, side]`. Called from several threads, once a sample.
pub type TakeGradient<'a> = &'a (dyn Fn(usize, &[f32]) + Sync);

/// A hosted model.
///
/// Inputs are `[3, side, side]`, normalised; every method takes any number of them. `class` must be below the
/// number of labels; another one is [`ModelError::NoSuchClass`].
pub trait Classifier: Send + Sync {
    /// What the model is called, sees and answers.
    fn spec(&self) -> &ModelSpec;

    /// The device it runs on, in words.
    fn device(&self) -> String;

    /// The logits of every sample, `[n, classes]`.
    ///
    /// # Errors
    /// The device failed.
    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError>;

    /// The score of every sample, `[n]`; hands the gradient of each with respect to its input to `take`.
    ///
    /// # Errors
    /// No such class, or the device failed.
    fn gradients(
        &self,
        samples: &dyn Samples,
        score: Score,
        class: usize,
        take: TakeGradient<'_>,
    ) -> Result<Vec<f32>, ModelError>;

    /// The features of one input, `[3, side, side]`, and the gradient of the logit of `class`.
    ///
    /// # Errors
    /// No such class, or the device failed.
    fn features(&self, planar: &[f32], class: usize) -> Result<Features, ModelError>;

    /// How many samples make a batch that keeps the device busy and answers a cancellation soon.
    fn batch_size(&self) -> usize;
}
