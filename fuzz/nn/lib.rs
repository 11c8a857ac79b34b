//! igoscope's `nn` and nothing else.

#![allow(dead_code, missing_docs, unexpected_cfgs, reason = "the rest of igoscope uses it")]

#[path = "../../src/nn/mod.rs"]
pub mod nn;
