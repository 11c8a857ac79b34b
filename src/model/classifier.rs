//! The trait that every hosted model answers to.

use super::{ModelError, ModelSpec, Rule, Target};

/// Inputs that are made when they are needed, so that memory is bounded by threads and not by their number.
pub trait Samples: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Writes sample `index` into `planar`: `[channels, height, width]`, normalised.
    fn write(&self, index: usize, planar: &mut [f32]);

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `[n, channels, height, width]`, normalised, as one slice.
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

/// The features of one input at one layer, and a target's gradient with respect to them.
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

/// The attention of one block of a transformer, and a target's gradient with respect to it, the target being what the
/// network's norm and classifier make of that block's tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionOfBlock {
    /// Heads.
    pub heads: usize,
    /// Tokens; the class token is the first one, and the last ones are patches in the picture's shape,
    /// row by row.
    pub tokens: usize,
    /// How much of each token every token gathers: `[heads, tokens, tokens]`, rows that add up to 1.
    pub shares: Vec<f32>,
    /// `[heads, tokens, tokens]`.
    pub gradient: Vec<f32>,
}

/// The winning probabilities of excitation backprop at a map of a network's features, summed over channels: see
/// [`Rule::Excitation`].
#[derive(Debug, Clone, PartialEq)]
pub struct Winning {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `[height, width]`; below 0 where a contrast is.
    pub values: Vec<f32>,
}

/// Takes the gradient of sample `index`: `[channels, height, width]`. Called from several threads, once a sample.
pub type TakeGradient<'a> = &'a (dyn Fn(usize, &[f32]) + Sync);

/// A hosted model.
///
/// Inputs are `[channels, height, width]`, normalised; every method takes any number of them. A target's classes must
/// be below the number of labels, and two different ones, and its score one that the model's head has: see
/// [`ModelSpec::check_target`].
pub trait Classifier: Send + Sync {
    /// What the model is called, sees and answers.
    fn spec(&self) -> &ModelSpec;

    /// The device it runs on, in words.
    fn device(&self) -> String;

    /// The outputs of every sample before the model's head makes anything of them, `[n, outputs]`: see [`super::Head`].
    ///
    /// # Errors
    /// The device failed.
    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError>;

    /// The target's value for every sample, `[n]`; hands the gradient of each with respect to its input to `take`.
    ///
    /// # Errors
    /// No such target, or the device failed.
    fn gradients(&self, samples: &dyn Samples, target: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError>;

    /// Why a rule of going back has nothing to say of this network, if it has not: what it sends back means nothing then.
    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        (rule != Rule::Gradient).then_some("its rule needs layers of igoscope's own")
    }

    /// As [`Classifier::gradients`], by another rule than the gradient's. [`Rule::Excitation`] has
    /// [`Classifier::winning`] instead.
    ///
    /// # Errors
    /// As for the gradients, or [`ModelError::NoRule`] where the rule is [refused](Classifier::refuses).
    fn sent_back(
        &self,
        samples: &dyn Samples,
        target: Target,
        rule: Rule,
        take: TakeGradient<'_>,
    ) -> Result<Vec<f32>, ModelError> {
        match self.refuses(rule) {
            None => self.gradients(samples, target, take),
            Some(why) => Err(ModelError::NoRule { why }),
        }
    }

    /// The winning probabilities of excitation backprop for one input, `[channels, height, width]`, at the deepest map
    /// of features with at least `cells` cells along a side. They begin at the derivative of the target, which is best
    /// a logit; if they contrast, those of the opposite are taken off.
    ///
    /// # Errors
    /// No such target, [`ModelError::NoRule`] where [`Rule::Excitation`] is [refused](Classifier::refuses), or the device
    /// failed.
    fn winning(&self, planar: &[f32], target: Target, cells: usize, contrasts: bool) -> Result<Winning, ModelError> {
        let _ = (planar, target, cells, contrasts);
        Err(ModelError::NoRule { why: self.refuses(Rule::Excitation).unwrap_or("it has no such pass") })
    }

    /// The features of one input, `[channels, height, width]`, and the target's gradient with respect to them, at the
    /// layer that is called [`ModelSpec::feature_layer`].
    ///
    /// # Errors
    /// No such target, or the device failed.
    fn features(&self, planar: &[f32], target: Target) -> Result<Features, ModelError> {
        self.features_at(0, planar, target)
    }

    /// The same at the layer of a depth, for which [`Classifier::feature_layers`] has a name.
    ///
    /// # Errors
    /// No such layer or target, or the device failed.
    fn features_at(&self, depth: usize, planar: &[f32], target: Target) -> Result<Features, ModelError>;

    /// The names of the layers whose features can be read, by their depth from the end: first the one that Grad-CAM reads
    /// in its paper, then the end of the block before it, and so on. A network of which nothing is known but where its
    /// features end has one.
    fn feature_layers(&self) -> Vec<&str> {
        vec![&self.spec().feature_layer]
    }

    /// Whether the attention of its tokens can be read.
    fn has_attention(&self) -> bool {
        false
    }

    /// The attention of every block for one input, `[channels, height, width]`, the first block first; none of a
    /// network of which [`Classifier::has_attention`] says that it cannot be read.
    ///
    /// # Errors
    /// No such target, or the device failed.
    fn attention(&self, _planar: &[f32], _target: Target) -> Result<Vec<AttentionOfBlock>, ModelError> {
        Ok(Vec::new())
    }

    /// The same network as if it had not learned what is after the layer at a depth, for which
    /// [`Classifier::feature_layers`] has a name: weights there are in an order that `seed` draws. From a depth that has
    /// none, the whole network. None where the weights are out of reach.
    ///
    /// # Errors
    /// The device has no room for it.
    fn randomised(&self, depth: usize, seed: u64) -> Result<Option<Box<dyn Classifier>>, ModelError> {
        let _ = (depth, seed);
        Ok(None)
    }

    /// How many samples make a batch that keeps the device busy and answers a cancellation soon.
    fn batch_size(&self) -> usize;

    /// How many samples take as long as one: what is asked for in smaller numbers leaves a part of the device idle.
    fn concurrency(&self) -> usize;
}
