//! The fully connected layer.

use super::{
    map::Map,
    matmul::{Matrix, matmul},
    pass::Pass,
};

/// A fully connected layer over the values of a map, taken as one row.
#[derive(Debug, Clone)]
pub struct Linear {
    /// `[out, in]`, as PyTorch keeps it.
    pub(crate) weight: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
}

impl Linear {
    /// `weight` is `[out, in]`, `bias` is `[out]`.
    pub fn new(weight: Vec<f32>, bias: Vec<f32>) -> Self {
        assert!(!bias.is_empty() && weight.len().is_multiple_of(bias.len()), "weight is [out, in]");
        Self { weight, bias }
    }

    /// Length of the row it takes.
    pub(crate) fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let outputs = self.bias.len();
        let mut values = pass.buffer(outputs);
        let weight = Matrix::new(&self.weight, outputs, self.inputs());
        matmul(&mut values, Matrix::new(&input.values, 1, self.inputs()), weight.transposed());
        for (value, bias) in values.iter_mut().zip(&self.bias) {
            *value += bias;
        }
        pass.give(input.values);
        Map { height: 1, width: 1, channels: outputs, values }
    }

    pub(crate) fn backward(&self, gradient: Map, pass: &mut Pass) -> Map {
        let mut values = pass.buffer(self.inputs());
        let weight = Matrix::new(&self.weight, self.bias.len(), self.inputs());
        matmul(&mut values, Matrix::new(&gradient.values, 1, self.bias.len()), weight);
        pass.give(gradient.values);
        Map { height: 1, width: 1, channels: self.inputs(), values }
    }
}
