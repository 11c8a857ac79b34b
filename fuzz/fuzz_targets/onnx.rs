//! Files that nobody would write, as networks: bytes to a file, to a graph, to a plan, and once there and back through it.
//!
//! What is wrong must be told in an error. A panic, more than 2 GB or more than ten seconds are a find.
//!
//! igoscope itself is no dependency: with its window it is hundreds of crates, and each would be compiled anew with the
//! fuzzer's counters. What computes a file, `nn`, is a crate of its own; the folder that reads one is taken in as it is.
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
#![allow(dead_code, unused, missing_docs, unexpected_cfgs, reason = "the rest of igoscope uses it")]

#[path = "../../src/model/files/onnx/mod.rs"]
mod onnx;

mod changes;
/// The messages once more, as `onnx` keeps its own to itself.
#[path = "../../src/model/files/onnx/proto.rs"]
mod proto;

use std::sync::Once;

use igoscope_imaging as imaging;
use igoscope_nn as nn;
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};
use nn::{
    FeatureMap, Layer, Network, Tape,
    graph::{Graph, Op, Plan, State},
};
use onnx::OnnxFile;

/// Side of the pictures.
const SIDE: usize = 32;

/// The most values of a graph that is computed.
const MOST_VALUES: usize = 300_000;

/// The most products of a graph that is computed.
const MOST_PRODUCTS: usize = 3_000_000;

fuzz_target!(|data: &[u8]| -> Corpus {
    static DENORMALS: Once = Once::new();
    DENORMALS.call_once(nn::flush_denormals);
    let Ok(file) = OnnxFile::from_bytes(data.to_vec(), None) else { return Corpus::Keep };
    // What is shown of a file before it is hosted.
    let _ = (
        file.said(),
        file.title(),
        file.producer(),
        file.parameters(),
        file.operations(),
        file.input(),
        file.output(None),
    );
    let Ok(output) = file.output(None) else { return Corpus::Keep };
    let Ok(imported) = file.import([SIDE; 2], &output) else { return Corpus::Keep };
    let readable = imported.graph.nodes().next().map(|node| node.outputs.to_vec()).unwrap_or_default();
    let Ok(plan) = Plan::new(&imported.graph, &readable) else { return Corpus::Keep };
    let Ok(raised) = imported.graph.raised(&readable) else { return Corpus::Keep };
    if is_small(&imported.graph) {
        there_and_back(&plan);
        if let Some(raised) = raised {
            through_layers(raised.layers, plan.input_shape());
        }
    }
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    changes::changed(data, size, max_size, seed)
});

fn there_and_back(plan: &Plan) {
    let len = plan.input_shape().iter().product();
    let input: Vec<f32> = (0..len).map(|value: usize| (value * 7919 % 1009) as f32 / 504.0 - 1.0).collect();
    let mut state = State::default();
    let plain = plan.forward(&input, &mut state);
    let outputs = plan.forward_recording(&input, &mut state);
    assert_eq!(plain.iter().map(Vec::len).collect::<Vec<_>>(), outputs.iter().map(Vec::len).collect::<Vec<_>>());
    let gradients: Vec<Vec<f32>> = outputs.iter().map(|output| vec![1.0; output.len()]).collect();
    let gradients: Vec<&[f32]> = gradients.iter().map(Vec::as_slice).collect();
    let mut result = vec![0.0; input.len()];
    plan.backward(&gradients, &mut state, &mut result);
}

fn through_layers(layers: Vec<Layer>, shape: &[usize]) {
    let &[_, channels, height, width] = shape else { return };
    let (network, mut tape) = (Network::compile(layers), Tape::default());
    tape.begin(true);
    let picture = vec![0.5; channels * height * width];
    let map = FeatureMap::from_planar(&picture, channels, height, width, Default::default());
    let result = network.forward(map, &mut tape);
    let gradient = network.backward(result, &mut tape);
    assert_eq!(gradient.values.len(), picture.len());
}

/// Whether it is computed in a moment.
fn is_small(graph: &Graph) -> bool {
    let (mut values, mut products) = (0_usize, 0_usize);
    for node in graph.nodes() {
        let size = |at: usize| node.inputs.get(at).map_or(1, |input| graph.shape(*input).iter().product::<usize>());
        let made: usize = node.outputs.iter().map(|output| graph.shape(*output).iter().product::<usize>()).sum();
        let each = match node.op {
            Op::Conv(_) => size(1) / node.inputs.get(1).map_or(1, |weight| graph.shape(*weight)[0]),
            Op::ConvTranspose(_) => size(1),
            Op::MatMul | Op::Gemm { .. } => {
                node.inputs.first().and_then(|left| graph.shape(*left).last().copied()).unwrap_or(1)
            }
            Op::MaxPool(pool) | Op::AveragePool { pool, .. } => pool.kernel[0].saturating_mul(pool.kernel[1]),
            Op::Lrn { size, .. } => *size,
            _ => 1,
        };
        values =
            values.saturating_add(made).saturating_add(node.inputs.iter().enumerate().map(|(at, _)| size(at)).sum());
        products = products.saturating_add(made.saturating_mul(each));
    }
    values < MOST_VALUES && products < MOST_PRODUCTS
}
