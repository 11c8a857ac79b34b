//! ONNX files that nobody would write, as networks: bytes to a file, to a graph, to a plan, and once there and back through it.
//!
//! What is wrong must be told in an error. A panic, more than 2 GB or more than ten seconds are a find.
//!
//! igoscope itself is no dependency: with its window it is hundreds of crates, and each would be compiled anew with the
//! fuzzer's counters. What reads a file, `model`, and what computes one, `nn`, are crates of their own.
//!
//! ```text
//! cargo install cargo-fuzz --locked
//! mkdir -p fuzz/corpus/onnx                      # what is found goes there
//! cargo +nightly fuzz run onnx fuzz/corpus/onnx tests/fixtures/onnx -- \
//!     -dict=fuzz/onnx.dict -max_len=40000 -rss_limit_mb=2048 -timeout=10 -detect_leaks=0
//! ```
//!
//! Under `cfg(fuzzing)` the most values that a file may ask for are fewer, so that what is allowed fits in memory.

#![no_main]

mod changes;
mod computed;
/// The messages, as `model` keeps its own to itself.
#[allow(dead_code, missing_docs, reason = "the reader uses the rest")]
#[path = "../../src/model/files/onnx/proto.rs"]
mod proto;

use igoscope_model::fuzzed::onnx_graph;
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if let Some(graph) = onnx_graph(data.to_vec(), [computed::SIDE; 2]) {
        computed::compute(&graph);
    }
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    changes::changed(data, size, max_size, seed)
});
