//! Archives of `torch.export` that nobody would write, as networks. The head of `onnx.rs` says what a find is.
//!
//! ```text
//! mkdir -p fuzz/corpus/pt2
//! cargo +nightly fuzz run pt2 fuzz/corpus/pt2 tests/fixtures/pt2 -- \
//!     -max_len=120000 -rss_limit_mb=2048 -timeout=10 -detect_leaks=0
//! ```

#![no_main]

mod archive;
mod computed;

use igoscope_model::fuzzed::pt2_graph;
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if let Some(graph) = pt2_graph(data.to_vec(), [computed::SIDE; 2]) {
        computed::compute(&graph);
    }
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    archive::changed(data, size, max_size, seed)
});
