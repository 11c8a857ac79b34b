//! Where an architecture takes its tensors from, and what it makes of them.

use crate::{ModelError, nn::BatchNorm};

/// Named tensors of known shapes: read from a file, or made.
pub(crate) trait Tensors {
    /// The values of a tensor in single precision, if it is there and has this shape.
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError>;

    /// The same of a tensor that a layer multiplies with, most of a network's memory: nothing where there are shapes
    /// only.
    fn factors(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        self.get(name, shape)
    }

    /// Whether there are shapes only: values are zeros that nothing is computed with.
    fn is_shape_only(&self) -> bool {
        false
    }

    /// Heads of the network's attention, if they are others than its kind has.
    fn heads(&self) -> Option<usize> {
        None
    }

    /// Filters, `[out, in, kernel, kernel]`, with the batch normalisation after them folded in, and the bias it makes.
    fn normalised_filters(
        &self,
        name: &str,
        norm: &str,
        shape: [usize; 4],
        epsilon: f64,
    ) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        let mut filters = self.factors(&format!("{name}.weight"), &shape)?;
        let norm = self.batch_norm(norm, shape[0], epsilon)?;
        let bias = if self.is_shape_only() { norm.bias } else { norm.fold(&mut filters, None) };
        Ok((filters, bias))
    }

    /// A batch normalisation of PyTorch's, over `channels`.
    fn batch_norm(&self, name: &str, channels: usize, epsilon: f64) -> Result<BatchNorm, ModelError> {
        Ok(BatchNorm {
            weight: self.get(&format!("{name}.weight"), &[channels])?,
            bias: self.get(&format!("{name}.bias"), &[channels])?,
            mean: self.get(&format!("{name}.running_mean"), &[channels])?,
            variance: self.get(&format!("{name}.running_var"), &[channels])?,
            epsilon,
        })
    }
}

/// Tensors of which nothing is known but their shapes.
#[cfg(test)]
pub(crate) struct Shapes;

#[cfg(test)]
impl Tensors for Shapes {
    fn get(&self, _: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        // Those that layers multiply with are left out by `factors`; these are short.
        Ok(vec![0.0; shape.iter().product()])
    }

    fn is_shape_only(&self) -> bool {
        true
    }

    fn factors(&self, _: &str, _: &[usize]) -> Result<Vec<f32>, ModelError> {
        Ok(Vec::new())
    }
}
