//! What every host on a device of Candle's needs: samples as batches of tensors, and scores of logits.

use candle_core::{Device, Tensor};

use super::{ModelError, ModelSpec, Samples, Score};

/// Samples in one batch: enough to fill a GPU, little enough for a small one's memory.
pub(super) const BATCH: usize = 10;

/// `(first, count)` of every batch of `len` samples.
pub(super) fn batches(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(BATCH).map(move |first| (first, BATCH.min(len - first)))
}

/// Samples `first..first + count` as `[count, 3, side, side]`.
pub(super) fn batch(
    samples: &dyn Samples,
    first: usize,
    count: usize,
    spec: &ModelSpec,
    device: &Device,
) -> Result<Tensor, ModelError> {
    let side = spec.side();
    let mut planar = vec![0.0; count * 3 * side * side];
    for (index, sample) in planar.chunks_exact_mut(3 * side * side).enumerate() {
        samples.write(first + index, sample);
    }
    Ok(Tensor::from_vec(planar, (count, 3, side, side), device)?)
}

/// `[n, classes, …]` as `n` rows.
pub(super) fn rows(logits: &Tensor) -> Result<Vec<Vec<f32>>, ModelError> {
    Ok(logits.flatten_from(1)?.to_vec2()?)
}

/// The scores of all samples, and their derivatives with respect to `logits`, in its shape.
pub(super) fn derivative(logits: &Tensor, score: Score, class: usize) -> Result<(Vec<f32>, Tensor), ModelError> {
    let rows = rows(logits)?;
    let (scores, derivatives): (Vec<f32>, Vec<Vec<f32>>) = rows.iter().map(|row| score.of(row, class)).unzip();
    Ok((scores, Tensor::from_vec(derivatives.concat(), logits.dims(), logits.device())?))
}
