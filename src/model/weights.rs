//! Named tensors from a safetensors file, each checked before it is used.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};

use super::ModelError;
use crate::nn::BatchNorm;

/// The weights of one model.
#[derive(Debug)]
pub(crate) struct Weights {
    model: String,
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    /// Reads the bytes of a safetensors file.
    pub fn from_safetensors(model: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        Ok(Self { model: model.to_owned(), tensors: candle_core::safetensors::load_buffer(bytes, &Device::Cpu)? })
    }

    /// The values of a tensor in single precision, if it is there and has this shape.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| ModelError::MissingTensor { model: self.model.clone(), tensor: name.to_owned() })?;
        if tensor.dims() != shape {
            return Err(ModelError::TensorShape {
                model: self.model.clone(),
                tensor: name.to_owned(),
                found: tensor.dims().to_vec(),
                expected: shape.to_vec(),
            });
        }
        Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
    }

    /// Filters, `[out, in, kernel, kernel]`, with the batch normalisation after them folded in, and the bias it makes.
    pub fn normalised_filters(
        &self,
        name: &str,
        norm: &str,
        shape: [usize; 4],
        epsilon: f64,
    ) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        let mut filters = self.get(&format!("{name}.weight"), &shape)?;
        let bias = self.batch_norm(norm, shape[0], epsilon)?.fold(&mut filters, None);
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
