//! An architecture with weights that somebody makes: networks to try and to test without a file.

use std::sync::Arc;

use candle_core::Device;

use crate::{
    Architecture, Classifier, Guesses, Head, HeadSource, Labels, ModelError, ModelSpec, Sizes,
    architectures::{Layers, tensors::Tensors},
    device::Place,
    files::load::{host, host_on_tensors},
    imaging::{CropRule, Size},
};

/// A network with its weights in place, not hosted yet.
#[derive(Debug)]
pub struct Assembled {
    spec: ModelSpec,
    layers: Layers,
}

/// Makes the values of a tensor from its name and shape.
struct Made<F>(F);

impl Assembled {
    /// Asks `tensor` for the values of every tensor of an architecture by name and shape, for `classes` classes of a softmax and
    /// square inputs of `side` pixels.
    ///
    /// # Errors
    /// A tensor has another length than its shape.
    pub fn new(
        architecture: Architecture,
        classes: usize,
        side: u32,
        tensor: impl Fn(&str, &[usize]) -> Vec<f32>,
    ) -> Result<Self, ModelError> {
        let (_, normalisation) = architecture.preprocessing(|_| false);
        let spec = ModelSpec {
            name: architecture.name().to_owned(),
            title: architecture.title().to_owned(),
            crop: CropRule::new(side, side),
            sizes: Sizes::only(Size::square(side as usize)),
            normalisation,
            head: Head::Softmax,
            head_source: HeadSource::Default,
            labels: Arc::new(Labels::numbered(classes)),
            feature_layer: architecture.feature_layer().to_owned(),
            architecture: architecture.name().to_owned(),
            origin: "made".to_owned(),
            sha256: None,
            heads: None,
            state_dicts: None,
            graph: None,
            guesses: Guesses::default(),
        };
        let layers = architecture.build(&Made(tensor), classes)?;
        Ok(Self { spec, layers })
    }

    /// What is known of it besides its layers.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The same network, whose outputs mean something else. Classes are numbered.
    ///
    /// # Errors
    /// A network with so many outputs cannot have that head.
    pub fn with_head(self, head: Head) -> Result<Self, String> {
        let outputs = self.spec.head.outputs(self.spec.labels.len());
        let head = head.for_outputs(outputs)?;
        let labels = Arc::new(Labels::numbered(head.classes(outputs)));
        Ok(Self { spec: ModelSpec { head, head_source: HeadSource::User, labels, ..self.spec }, ..self })
    }

    /// Hosts it at a place, such as a device, on `threads` CPU threads or one a core if 0.
    ///
    /// # Errors
    /// The device has no room for the weights, or the operating system gives no threads.
    pub fn host(self, place: impl Into<Place>, threads: usize) -> Result<Box<dyn Classifier>, ModelError> {
        host(self.spec, self.layers, place.into(), threads)
    }

    /// Hosts a copy of it on Candle's tensors on the CPU: the reference of the kernels.
    ///
    /// # Errors
    /// Candle could not copy the weights.
    pub fn reference(&self) -> Result<Box<dyn Classifier>, ModelError> {
        host_on_tensors(self.spec.clone(), self.layers.clone(), (&Device::Cpu).into(), 0)
    }
}

impl<F: Fn(&str, &[usize]) -> Vec<f32>> Tensors for Made<F> {
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let values = (self.0)(name, shape);
        if values.len() == shape.iter().product::<usize>() {
            return Ok(values);
        }
        Err(ModelError::TensorShape {
            model: "the network".to_owned(),
            tensor: name.to_owned(),
            found: vec![values.len()],
            expected: shape.to_vec(),
        })
    }
}
