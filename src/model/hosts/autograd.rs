//! Any network of Candle's modules, through Candle's own autograd: slower than a layer network, and general.
//!
//! The operators' gradients must be right, and Candle 0.11 does not say where they are not: max pooling's is wrong, and
//! candle-nn's layer norm and `softmax_last_dim` silently cut the tape, so that what comes out is a part of the
//! gradient. Hold a network against finite differences before offering it (`tests/suite/tape_networks.rs`).

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{Func, Module};

use super::candle::{Derivative, Network, OnDevice};
use crate::{Classifier, ModelError, ModelSpec, Rule, files::load::compute_threads};

/// Hosts a network of Candle's modules whose weights are on `device`.
///
/// `features` maps `[n, channels, height, width]` to `[n, channels, height, width]`, or to tokens
/// `[n, count, channels]`, of which the last ones are a square grid of patches, row by row. `head` maps those to logits
/// `[n, classes]`. Grad-CAM reads what is between the two. On the CPU it computes on `threads` threads, or one a core
/// if 0.
///
/// # Errors
/// The operating system gives no threads.
pub fn host_modules(
    spec: ModelSpec,
    features: Func<'static>,
    head: Func<'static>,
    device: &Device,
    threads: usize,
) -> std::result::Result<Box<dyn Classifier>, ModelError> {
    let threads = if device.is_cpu() { Some(compute_threads(threads)?) } else { None };
    Ok(Box::new(OnDevice::new(spec, TapeNetwork { features, head }, device.into(), threads)))
}

#[derive(Debug)]
struct TapeNetwork {
    features: Func<'static>,
    head: Func<'static>,
}

impl Network for TapeNetwork {
    fn logits(&self, input: &Tensor) -> Result<Tensor> {
        self.head.forward(&self.features.forward(input)?)
    }

    fn input_gradient(&self, input: &Tensor, derivative: Derivative<'_>, _: Rule) -> Result<Tensor> {
        let input = Var::from_tensor(input)?;
        back(&self.logits(&input)?, derivative, &input)
    }

    fn features(&self, _: usize, input: &Tensor, derivative: Derivative<'_>) -> Result<(Tensor, Tensor)> {
        let features = Var::from_tensor(&self.features.forward(input)?.detach())?;
        let gradient = back(&self.head.forward(&features)?, derivative, &features)?;
        Ok((features.as_detached_tensor(), gradient))
    }
}

/// From the derivative of a score with respect to the logits to its gradient with respect to `source`.
fn back(logits: &Tensor, derivative: Derivative<'_>, source: &Var) -> Result<Tensor> {
    let gradients = (logits * derivative(logits)?)?.sum_all()?.backward()?;
    // Logits that do not depend on it leave none.
    gradients.get(source).map_or_else(|| source.zeros_like(), |gradient| Ok(gradient.clone()))
}
