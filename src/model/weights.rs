//! Named tensors from a safetensors file, each checked before it is used.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};

use super::{ModelError, tensors::Tensors};

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
}

impl Tensors for Weights {
    fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
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
}
