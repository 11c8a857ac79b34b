//! How fast single layers are, on one thread: `cargo bench --bench layers`. An item is a floating-point operation of
//! the layer as it is written down, so Gitem/s are GFLOP/s; minimal filtering may show more than the processor has.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench is no library")]

use std::{cell::RefCell, fmt};

use divan::{Bencher, counter::ItemsCount};
use igoscope::nn::{Activation, Conv2d, DepthwiseConv2d, FeatureMap, Layer, Network, Padding, Tape, flush_denormals};

fn main() {
    divan::main();
}

/// A layer and the map it is for.
#[derive(Clone, Copy)]
struct Shape {
    side: usize,
    inputs: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, inputs, outputs, kernel, stride } = self;
        write!(formatter, "{side}×{side}, {inputs}→{outputs}, {kernel}×{kernel}/{stride}")
    }
}

const fn shape(side: usize, inputs: usize, outputs: usize, kernel: usize, stride: usize) -> Shape {
    Shape { side, inputs, outputs, kernel, stride }
}

/// Pointwise and first convolutions of EfficientNet-Lite0, then convolutions of ResNet-50 and VGG-19.
const DENSE: [Shape; 18] = [
    shape(224, 3, 32, 3, 2),
    shape(112, 32, 16, 1, 1),
    shape(112, 16, 96, 1, 1),
    shape(56, 96, 24, 1, 1),
    shape(56, 24, 144, 1, 1),
    shape(28, 40, 240, 1, 1),
    shape(28, 240, 40, 1, 1),
    shape(14, 112, 672, 1, 1),
    shape(14, 672, 112, 1, 1),
    shape(7, 192, 1152, 1, 1),
    shape(7, 1152, 192, 1, 1),
    shape(224, 3, 64, 7, 2),
    shape(56, 256, 64, 1, 1),
    shape(56, 64, 64, 3, 1),
    shape(28, 128, 128, 3, 1),
    shape(14, 256, 256, 3, 1),
    shape(7, 512, 512, 3, 1),
    shape(28, 512, 512, 3, 1),
];

/// Of EfficientNet-Lite0.
const DEPTHWISE: [Shape; 8] = [
    shape(112, 32, 32, 3, 1),
    shape(112, 96, 96, 3, 2),
    shape(56, 144, 144, 3, 1),
    shape(56, 144, 144, 5, 2),
    shape(28, 240, 240, 5, 1),
    shape(14, 480, 480, 3, 1),
    shape(14, 672, 672, 5, 1),
    shape(7, 1152, 1152, 5, 1),
];

#[divan::bench(args = DENSE, sample_count = 30, sample_size = 1)]
fn dense_forward(bencher: Bencher<'_, '_>, shape: Shape) {
    forward(bencher, &shape, dense(&shape), shape.inputs);
}

#[divan::bench(args = DENSE, sample_count = 30, sample_size = 1)]
fn dense_backward(bencher: Bencher<'_, '_>, shape: Shape) {
    backward(bencher, &shape, dense(&shape), shape.inputs);
}

#[divan::bench(args = DEPTHWISE, sample_count = 30, sample_size = 1)]
fn depthwise_forward(bencher: Bencher<'_, '_>, shape: Shape) {
    forward(bencher, &shape, depthwise(&shape), 1);
}

#[divan::bench(args = DEPTHWISE, sample_count = 30, sample_size = 1)]
fn depthwise_backward(bencher: Bencher<'_, '_>, shape: Shape) {
    backward(bencher, &shape, depthwise(&shape), 1);
}

fn dense(shape: &Shape) -> Layer {
    let Shape { inputs, outputs, kernel, stride, .. } = *shape;
    let filters = values(outputs * inputs * kernel * kernel);
    Layer::Conv2d(Conv2d::new(filters, vec![0.1; outputs], inputs, kernel, stride, Padding::Same, Activation::Relu6))
}

fn depthwise(shape: &Shape) -> Layer {
    let Shape { outputs, kernel, stride, .. } = *shape;
    let filters = values(outputs * kernel * kernel);
    let bias = vec![0.1; outputs];
    Layer::DepthwiseConv2d(DepthwiseConv2d::new(&filters, bias, kernel, stride, Padding::Same, Activation::Relu6))
}

/// Between −1 and 1.
fn values(len: usize) -> Vec<f32> {
    (0..len).map(|index| (index as f32 * 0.7).sin()).collect()
}

fn map(side: usize, channels: usize, tape: &mut Tape) -> FeatureMap {
    let mut values = tape.pool.take(side * side * channels);
    values.fill(0.5);
    FeatureMap { height: side, width: side, channels, values }
}

/// Operations of one pass; every output has a term an input of its group, and tap.
fn operations(shape: &Shape, inputs_of_a_group: usize) -> ItemsCount {
    let out = shape.side.div_ceil(shape.stride);
    ItemsCount::new(2 * out * out * shape.outputs * inputs_of_a_group * shape.kernel * shape.kernel)
}

/// With what backward needs, as in an explanation.
fn forward(bencher: Bencher<'_, '_>, shape: &Shape, layer: Layer, inputs_of_a_group: usize) {
    let network = Network::compile(vec![layer]);
    let tape = RefCell::new(Tape::default());
    flush_denormals();
    bencher
        .counter(operations(shape, inputs_of_a_group))
        .with_inputs(|| {
            let tape = &mut *tape.borrow_mut();
            tape.begin(true);
            map(shape.side, shape.inputs, tape)
        })
        .bench_local_values(|input| {
            let tape = &mut *tape.borrow_mut();
            let result = network.forward(input, tape);
            tape.pool.put(result.values);
        });
}

fn backward(bencher: Bencher<'_, '_>, shape: &Shape, layer: Layer, inputs_of_a_group: usize) {
    let out = shape.side.div_ceil(shape.stride);
    let network = Network::compile(vec![layer]);
    let tape = RefCell::new(Tape::default());
    flush_denormals();
    bencher
        .counter(operations(shape, inputs_of_a_group))
        .with_inputs(|| {
            let tape = &mut *tape.borrow_mut();
            tape.begin(true);
            let input = map(shape.side, shape.inputs, tape);
            let result = network.forward(input, tape);
            tape.pool.put(result.values);
            map(out, shape.outputs, tape)
        })
        .bench_local_values(|gradient| {
            let tape = &mut *tape.borrow_mut();
            let gradient = network.backward(gradient, tape);
            tape.pool.put(gradient.values);
        });
}
