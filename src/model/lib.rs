//! Hosted models: the trait they answer to, their weights and labels.

mod architectures;
mod catalogue;
mod classifier;
mod files;
mod head;
mod hosts;
mod hub;
mod score;
mod spec;

use igoscope_device as device;
use igoscope_imaging as imaging;
use igoscope_nn as nn;

use crate::imaging::Size;
use std::path::PathBuf;

pub use crate::architectures::{Architecture, IMAGENET};
pub use crate::catalogue::{Entry, TOP1_SOURCE, catalogue};
pub use crate::classifier::{AttentionOfBlock, Batch, Classifier, Features, Samples, TakeGradient, Winning};
#[cfg(fuzzing)]
pub use crate::files::fuzzed;
pub use crate::files::graph_facts::{Fact, GraphFacts, ToRemember, Topic};
pub use crate::files::graphs::{BYTES, PIXELS, SIGNED, inspect, load_graph_reference};
pub use crate::files::labels::{Found, Labels};
pub use crate::files::load::{
    ModelChoice, Said, is_manifest, is_model_file, load, load_as, load_embedded, load_embedded_reference, load_file,
    recognise_file, weights_in_folder,
};
pub use crate::head::{Answer, Head, HeadSource};
pub use crate::hosts::assembled::Assembled;
pub use crate::hosts::autograd::host_modules;
pub use crate::hosts::named::with_class_names;
pub use crate::hub::{Cached, Hub, HubError, HubFile, Progress, Verified, Watch};
pub use crate::nn::Rule;
pub use crate::score::{Score, Target};
pub use crate::spec::{GraphGuess, Guesses, Input, InputError, ModelSpec, Sizes, StateDicts};

/// Why a model could not be hosted or asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The network has no layer of this depth whose features could be read.
    #[error("the network has {layers} layers whose features can be read, and none at depth {depth}")]
    NoSuchLayer {
        /// The depth that was asked for, from the end.
        depth: usize,
        /// How many there are.
        layers: usize,
    },
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
    /// A tensor whose values cannot be used.
    #[error("the tensor “{tensor}” of {model} cannot be used: {why}")]
    BadTensor {
        /// The model.
        model: String,
        /// Name of the tensor.
        tensor: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file of weights that cannot be used.
    #[error("the weights cannot be used: {why}: {}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file of a whole network that cannot be used.
    #[error("the network cannot be used: {why}: {}", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A manifest that cannot be used.
    #[error("the manifest cannot be used: {why}: {}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file of classes' names that cannot be used.
    #[error(
        "the names of the classes cannot be used: {why}; a text file has one name a line, in the order of their \
         numbers: {}",
        path.display()
    )]
    Labels {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A network of the catalogue that was not fetched yet.
    #[error("{name} is not on this computer yet: fetch it with `igoscope models fetch {name}`")]
    NotCached {
        /// Its name.
        name: &'static str,
    },
    /// A file that could not be had from the hub.
    #[error(transparent)]
    Hub(#[from] HubError),
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
    /// A score that the model's head does not have.
    #[error("{model} has no {}: {}; explain its {}", score.name(), head.words(), head.measure().name())]
    NoSuchScore {
        /// The model.
        model: String,
        /// The score asked for.
        score: Score,
        /// What is made of the model's outputs.
        head: Head,
    },
    /// Attention heads that do not share out a network's channels.
    #[error("attention over {channels} channels cannot have {heads} heads: they must divide them")]
    Heads {
        /// Channels of every token.
        channels: usize,
        /// The heads asked for.
        heads: usize,
    },
    /// A rule of going back that has nothing to say of a network.
    #[error("nothing can be sent back through this network so: {why}")]
    NoRule {
        /// Why not.
        why: &'static str,
    },
    /// A size of input that the model cannot take.
    #[error("{model} cannot take pictures of {size} pixels: {why}")]
    NoSuchSize {
        /// The model.
        model: String,
        /// The size asked for.
        size: Size,
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
