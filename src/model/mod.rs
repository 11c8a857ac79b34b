//! Hosted models: the trait they answer to, their weights and labels.

mod alexnet;
mod architecture;
mod assembled;
mod classifier;
mod convnext;
mod convolution;
mod cpu_network;
mod densenet;
mod efficientnet_lite;
mod labels;
mod layer_network;
mod load;
mod mobilenet_v2;
mod on_device;
mod renames;
mod resnet;
mod spec;
mod squeezenet;
mod tape_network;
mod tensors;
mod token_grid;
mod vgg;
mod vit;
mod weights;

pub use architecture::Architecture;
pub use assembled::Assembled;
pub use classifier::{Batch, Classifier, Features, Samples, Score, TakeGradient, Target, softmax};
pub use labels::Labels;
pub use load::{load_embedded, load_embedded_reference, load_file};
pub use spec::{Input, ModelSpec};
pub use tape_network::host_modules;

/// Why a model could not be hosted or asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The weights lack a tensor that the architecture has.
    #[error("the weights of {model} have no tensor “{tensor}”: they belong to another architecture, or are incomplete")]
    MissingTensor {
        /// The model.
        model: String,
        /// Name of the tensor.
        tensor: String,
    },
    /// A tensor has another shape than the architecture has.
    #[error(
        "the tensor “{tensor}” of {model} has shape {found:?} where {expected:?} was expected: the weights belong to another architecture"
    )]
    TensorShape {
        /// The model.
        model: String,
        /// Name of the tensor.
        tensor: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape of the architecture.
        expected: Vec<usize>,
    },
    /// A file of weights that cannot be read.
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: std::path::PathBuf,
        /// What the operating system says.
        why: std::io::Error,
    },
    /// A class number past the last class.
    #[error("class {class} does not exist: the model has {classes} classes")]
    NoSuchClass {
        /// The number asked for.
        class: usize,
        /// How many there are.
        classes: usize,
    },
    /// A class that is to be explained rather than itself.
    #[error("class {class} cannot be explained rather than itself: choose another class to compare it with")]
    SameClass {
        /// The number asked for twice.
        class: usize,
    },
    /// A size of input that the model cannot take.
    #[error("{model} cannot take pictures of {side} × {side} pixels: {why}")]
    InputSide {
        /// The model.
        model: String,
        /// The side asked for, in pixels.
        side: usize,
        /// Why not, and what it can take.
        why: String,
    },
    /// An input of another size than the model's.
    #[error("the input has {found} values where the model takes {expected}")]
    InputSize {
        /// Values given.
        found: usize,
        /// Values wanted.
        expected: usize,
    },
    /// The operating system gave no threads.
    #[error("no compute threads could be started: {0}")]
    Threads(String),
    /// A device has too little memory for one sample.
    #[error(
        "the memory of {device} is too small for this model: close what else uses it, choose a smaller model, or another device such as the CPU"
    )]
    DeviceMemory {
        /// The device.
        device: String,
    },
    /// A device failed.
    #[error(
        "{device} failed ({}): try again; if that does not help, choose another device such as the CPU, or start igoscope anew",
        first_line(why)
    )]
    Device {
        /// The device.
        device: String,
        /// What Candle says.
        why: candle_core::Error,
    },
    /// Candle, which reads weights and drives devices, failed.
    #[error("candle could not do it: {}", first_line(.0))]
    Candle(#[from] candle_core::Error),
}

/// Candle appends a backtrace to its messages.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or("no reason given").to_owned()
}
