//! Files that hold models: weights, manifests, labels, and which architecture they belong to.

pub mod graph_facts;
pub mod graphs;
pub mod labels;
pub mod load;
pub mod manifest;
pub mod onnx;
pub mod raised;
mod recognise;
pub mod renames;
pub mod sha256;
mod state_dicts;
pub mod weights;
