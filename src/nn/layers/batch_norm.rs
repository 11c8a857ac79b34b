//! Batch normalisation, folded into the layer before it.

/// The statistics and the affine part of a batch normalisation in evaluation mode, one value a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNorm {
    /// γ.
    pub weight: Vec<f32>,
    /// β.
    pub bias: Vec<f32>,
    /// Mean of the training data.
    pub mean: Vec<f32>,
    /// Variance of the training data.
    pub variance: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f64,
}

impl BatchNorm {
    /// Scales the filters of the convolution before it, `[out, …]`, and gives the bias that replaces it.
    ///
    /// `bias` is the convolution's own, if it has one.
    pub fn fold(&self, filters: &mut [f32], bias: Option<&[f32]>) -> Vec<f32> {
        let channels = self.weight.len();
        let filter_len = filters.len() / channels.max(1);
        (0..channels)
            .map(|channel| {
                let scale = f64::from(self.weight[channel]) / (f64::from(self.variance[channel]) + self.epsilon).sqrt();
                for value in &mut filters[channel * filter_len..(channel + 1) * filter_len] {
                    *value = (f64::from(*value) * scale) as f32;
                }
                let own = bias.map_or(0.0, |bias| f64::from(bias[channel]));
                ((own - f64::from(self.mean[channel])) * scale + f64::from(self.bias[channel])) as f32
            })
            .collect()
    }
}
