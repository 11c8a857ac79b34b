//! Files that hold models: weights, manifests, labels, and which architecture they belong to.

#[cfg(fuzzing)]
pub mod fuzzed;
pub mod graph_facts;
mod graph_file;
pub mod graphs;
pub mod labels;
pub mod load;
pub mod manifest;
pub mod onnx;
mod parts;
pub mod pt2;
pub mod raised;
mod recognise;
pub mod renames;
pub mod sha256;
mod state_dicts;
pub mod weights;
