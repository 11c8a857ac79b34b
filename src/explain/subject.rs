//! What is explained: one input, one class, one model.

use std::sync::{Mutex, PoisonError};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Baseline, Control, ExplainError};
use crate::{
    imaging::{blur_kernel_for, gaussian_blur},
    model::{Batch, Classifier, Input, Rule, Samples, Target},
};

/// Streams of random numbers below this one belong to I-GOS's noise.
const BASELINE_STREAM: u64 = u64::MAX;

/// A question about an input, as a model sees it.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The model.
    pub classifier: &'a dyn Classifier,
    /// What it sees.
    pub input: &'a Input,
    /// The number to explain: a class, in a score, alone or rather than another one.
    pub target: Target,
}

impl Subject<'_> {
    /// The values f_c of the target for all samples, in order, batch by batch.
    pub(crate) fn scores(&self, samples: &dyn Samples, control: &Control) -> Result<Vec<f32>, ExplainError> {
        self.values(samples, self.target, control)
    }

    /// The same, each handed to `each` as soon as its batch is there.
    pub(crate) fn each_score(
        &self,
        samples: &dyn Samples,
        control: &Control,
        each: impl FnMut(f32),
    ) -> Result<(), ExplainError> {
        self.each_value(samples, self.target, control, each)
    }

    /// What curves measure of the target's class, for all samples, in order, whatever the score that is explained: its
    /// probability, or its output where the model has no probabilities.
    pub(crate) fn measures(&self, samples: &dyn Samples, control: &Control) -> Result<Vec<f32>, ExplainError> {
        let score = self.classifier.spec().head.measure();
        self.values(samples, Target { score, class: self.target.class, against: None }, control)
    }

    /// The value f_c of the target, from a sample's logits.
    pub fn value_of(&self, logits: &[f32]) -> f32 {
        self.target.of(self.classifier.spec().head, logits).0
    }

    fn values(&self, samples: &dyn Samples, target: Target, control: &Control) -> Result<Vec<f32>, ExplainError> {
        let mut scores = Vec::with_capacity(samples.len());
        self.each_value(samples, target, control, |score| scores.push(score))?;
        Ok(scores)
    }

    fn each_value(
        &self,
        samples: &dyn Samples,
        target: Target,
        control: &Control,
        mut each: impl FnMut(f32),
    ) -> Result<(), ExplainError> {
        let spec = self.classifier.spec();
        spec.check_target(target)?;
        for batch in Batches::of(samples, self.classifier.batch_size()) {
            control.checkpoint()?;
            for logits in self.classifier.logits(&batch)? {
                let score = target.of(spec.head, &logits).0;
                if !score.is_finite() {
                    return Err(ExplainError::NotANumber { what: "a score" });
                }
                each(score);
            }
        }
        Ok(())
    }

    /// The values f_c of the target for all samples, and of each what `reduce` makes of its gradient,
    /// `[channels, height, width]`.
    pub(crate) fn gradients<T: Send>(
        &self,
        samples: &dyn Samples,
        control: &Control,
        reduce: &(dyn Fn(usize, &[f32]) -> T + Sync),
        mut each: impl FnMut(f32, T),
    ) -> Result<(), ExplainError> {
        let mut first = 0;
        for batch in Batches::of(samples, self.classifier.batch_size()) {
            control.checkpoint()?;
            let reduced = Mutex::new((0..batch.len()).map(|_| None).collect::<Vec<Option<T>>>());
            let scores = self.classifier.gradients(&batch, self.target, &|index, gradient| {
                let value = reduce(first + index, gradient);
                reduced.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(value);
            })?;
            first += scores.len();
            let reduced = reduced.into_inner().unwrap_or_else(PoisonError::into_inner);
            for (score, value) in scores.into_iter().zip(reduced) {
                let Some(value) = value.filter(|_| score.is_finite()) else {
                    return Err(ExplainError::NotANumber { what: "a score" });
                };
                each(score, value);
            }
        }
        Ok(())
    }

    /// The value f_c of the target for the input itself, and its gradient, `[channels, height, width]`.
    pub(crate) fn gradient(&self, control: &Control) -> Result<(f32, Vec<f32>), ExplainError> {
        let input = Batch::new(&self.input.planar, self.input.planar.len());
        let mut found = (0.0, Vec::new());
        let whole = |_: usize, gradient: &[f32]| gradient.to_vec();
        self.gradients(&input, control, &whole, |score, gradient| found = (score, gradient))?;
        Ok(found)
    }

    /// What a rule sends back from the target to the input, `[channels, height, width]`.
    pub(crate) fn sent_back(&self, target: Target, rule: Rule, control: &Control) -> Result<Vec<f32>, ExplainError> {
        control.checkpoint()?;
        let input = Batch::new(&self.input.planar, self.input.planar.len());
        let found = Mutex::new(Vec::new());
        let take = |_: usize, sent: &[f32]| *found.lock().unwrap_or_else(PoisonError::into_inner) = sent.to_vec();
        self.classifier.sent_back(&input, target, rule, &take)?;
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The target's logit, or its output where the model has no logits, whatever score it is in.
    pub(crate) fn raw_target(&self) -> Target {
        self.target.in_score(self.classifier.spec().head.raw_score())
    }

    /// The picture that stands for “nothing to see”: `[channels, height, width]`, normalised.
    pub fn baseline(&self, baseline: Baseline, seed: u64) -> Vec<f32> {
        baseline_of(self.input, baseline, seed)
    }
}

/// The picture that stands for “nothing to see” in the place of an input: `[channels, height, width]`, normalised.
pub(crate) fn baseline_of(input: &Input, baseline: Baseline, seed: u64) -> Vec<f32> {
    let pixels = input.size.area();
    let normalised = |value: f32| -> Vec<f32> {
        let plane = |(mean, std): (f32, f32)| std::iter::repeat_n((value - mean) / std, pixels);
        input.normalisation.pairs().flat_map(plane).collect()
    };
    match baseline {
        Baseline::Blur => blurred(input),
        Baseline::Black => normalised(0.0),
        Baseline::White => normalised(1.0),
        Baseline::Grey => vec![0.0; input.planar.len()],
        Baseline::Noise => {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(BASELINE_STREAM);
            let (black, white) = (normalised(0.0), normalised(1.0));
            black.iter().zip(&white).map(|(low, high)| low + (high - low) * random.random::<f32>()).collect()
        }
    }
}

/// The input with its evidence washed out: `[channels, height, width]`, normalised.
fn blurred(input: &Input) -> Vec<f32> {
    let kernel = blur_kernel_for(input.size.shorter());
    gaussian_blur(&input.planar, input.size, kernel, (kernel - 1) as f32)
}

/// Φ: `planar ← I ⊙ scale·mask + Ĩ ⊙ (1 − scale·mask)`; all but `mask`, which has a value a pixel, are
/// `[channels, height, width]`.
pub(crate) fn compose(image: &[f32], baseline: &[f32], mask: &[f32], scale: f32, planar: &mut [f32]) {
    let pixels = mask.len().max(1);
    let channels = image.chunks_exact(pixels).zip(baseline.chunks_exact(pixels));
    for (planar, (image, baseline)) in planar.chunks_exact_mut(pixels).zip(channels) {
        for (((value, image), baseline), mask) in planar.iter_mut().zip(image).zip(baseline).zip(mask) {
            *value = baseline + (image - baseline) * (scale * mask);
        }
    }
}

/// A picture, what it is replaced with, and the way between them.
#[derive(Debug, Clone)]
pub(crate) struct Scene<'a> {
    /// I: `[channels, height, width]`.
    pub image: &'a [f32],
    /// Ĩ: `[channels, height, width]`.
    pub baseline: Vec<f32>,
    /// Pixels of one channel.
    pub pixels: usize,
}

impl<'a> Scene<'a> {
    pub fn new(subject: &Subject<'a>, baseline: Baseline, seed: u64) -> Self {
        Self {
            image: &subject.input.planar,
            baseline: subject.baseline(baseline, seed),
            pixels: subject.input.size.area(),
        }
    }

    /// Φ: `planar ← I ⊙ scale·mask + Ĩ ⊙ (1 − scale·mask)`; `mask` has a value a pixel.
    pub fn compose(&self, mask: &[f32], scale: f32, planar: &mut [f32]) {
        compose(self.image, &self.baseline, mask, scale, planar);
    }

    /// ∂/∂mask of a score whose input gradient, at Φ, is `gradient`: a value a pixel, for `scale` 1.
    pub fn mask_gradient(&self, gradient: &[f32]) -> Vec<f32> {
        let mut sums = vec![0.0; self.pixels];
        let channels = gradient
            .chunks_exact(self.pixels)
            .zip(self.image.chunks_exact(self.pixels).zip(self.baseline.chunks_exact(self.pixels)));
        for (gradient, (image, baseline)) in channels {
            for (((sum, gradient), image), baseline) in sums.iter_mut().zip(gradient).zip(image).zip(baseline) {
                *sum += gradient * (image - baseline);
            }
        }
        sums
    }
}

/// Some neighbouring samples of many.
struct Batches<'a> {
    samples: &'a dyn Samples,
    first: usize,
    len: usize,
}

impl<'a> Batches<'a> {
    fn of(samples: &'a dyn Samples, size: usize) -> impl Iterator<Item = Self> {
        let (size, total) = (size.max(1), samples.len());
        (0..total).step_by(size).map(move |first| Self { samples, first, len: size.min(total - first) })
    }
}

impl Samples for Batches<'_> {
    fn len(&self) -> usize {
        self.len
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        self.samples.write(self.first + index, planar);
    }
}
