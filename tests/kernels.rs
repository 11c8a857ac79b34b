//! Every CPU kernel against Candle's tensors, on shapes nobody chose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use candle_core::{Device, Tensor};
use common::norm;
use igoscope::nn::{
    Activation, Conv2d, DepthwiseConv2d, Layer, Linear, Map, Padding, Pass, TensorNetwork, TensorTape, backward,
    forward,
};
use proptest::{prelude::*, test_runner::RngSeed};

/// Values between −1 and 1 that no kernel can guess.
fn values(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|i| (((i * 2_654_435_761 + seed * 40_503) % 10_007) as f32 / 5_003.5) - 1.0).collect()
}

/// Equal up to rounding: to 1e-5 of the length, or of 1 where an activation left next to nothing.
fn agree(found: &[f32], expected: &[f32]) -> bool {
    let difference: Vec<f32> = found.iter().zip(expected).map(|(a, b)| a - b).collect();
    norm(&difference) <= 1e-5 * norm(expected).max(1.0)
}

/// One sample forward and back through both executors; the results must agree.
fn check(layers: &[Layer], channels: usize, height: usize, width: usize) {
    let planar = values(channels * height * width, 1);
    let mut pass = Pass::default();
    pass.begin(true);
    let result = forward(layers, Map::from_planar(&planar, channels, height, width, Vec::new()), &mut pass);
    let mut result_planar = vec![0.0; result.values.len()];
    result.write_planar(&mut result_planar);

    let network = TensorNetwork::new(layers, &Device::Cpu).unwrap();
    let mut tape = TensorTape::default();
    let tensor = Tensor::from_vec(planar.clone(), (1, channels, height, width), &Device::Cpu).unwrap();
    let expected = network.forward(&tensor, Some(&mut tape)).unwrap();
    let shape = expected.dims4().unwrap();
    assert_eq!((1, result.channels, result.height, result.width), shape);
    let expected: Vec<f32> = expected.flatten_all().unwrap().to_vec1().unwrap();
    assert!(agree(&result_planar, &expected), "forward");

    let upstream = values(expected.len(), 2);
    let gradient = Map::from_planar(&upstream, result.channels, result.height, result.width, Vec::new());
    let gradient = backward(layers, gradient, &mut pass);
    let mut gradient_planar = vec![0.0; planar.len()];
    gradient.write_planar(&mut gradient_planar);
    let expected = network.backward(&Tensor::from_vec(upstream, shape, &Device::Cpu).unwrap(), &mut tape).unwrap();
    let expected: Vec<f32> = expected.flatten_all().unwrap().to_vec1().unwrap();
    assert!(agree(&gradient_planar, &expected), "backward");
}

/// The same shapes at every run: a sum within rounding of a kink may fall on either side of it.
fn shapes() -> ProptestConfig {
    ProptestConfig { cases: 128, rng_seed: RngSeed::Fixed(28), failure_persistence: None, ..ProptestConfig::default() }
}

fn padding() -> impl Strategy<Value = Padding> {
    prop_oneof![Just(Padding::Same), (0..3_usize).prop_map(Padding::Symmetric)]
}

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::None), Just(Activation::Relu), Just(Activation::Relu6)]
}

proptest! {
    #![proptest_config(shapes())]

    #[test]
    fn dense_convolution_is_candles(
        (inputs, outputs) in (1..9_usize, 1..20_usize), kernel in 1..6_usize, stride in 1..4_usize,
        padding in padding(), activation in activation(), (height, width) in (5..20_usize, 5..20_usize),
    ) {
        let filters: Vec<f32> = values(outputs * inputs * kernel * kernel, 3).iter().map(|v| 6.0 * v).collect();
        let conv = Conv2d::new(&filters, values(outputs, 4), inputs, kernel, stride, padding, activation);
        check(&[Layer::Conv2d(conv)], inputs, height, width);
    }

    #[test]
    fn depthwise_convolution_is_candles(
        channels in prop_oneof![1..20_usize, 60..90_usize], kernel in 1..6_usize, stride in 1..4_usize,
        padding in padding(), activation in activation(), (height, width) in (5..14_usize, 5..14_usize),
    ) {
        let filters: Vec<f32> = values(channels * kernel * kernel, 5).iter().map(|v| 6.0 * v).collect();
        let conv = DepthwiseConv2d::new(&filters, values(channels, 6), kernel, stride, padding, activation);
        check(&[Layer::DepthwiseConv2d(conv)], channels, height, width);
    }

    #[test]
    fn a_residual_block_with_pool_and_classifier_is_candles(channels in 1..9_usize, side in 3..12_usize) {
        let conv = |seed| {
            let filters = values(channels * channels * 9, seed);
            Layer::Conv2d(Conv2d::new(&filters, values(channels, 8), channels, 3, 1, Padding::Same, Activation::Relu))
        };
        let linear = Linear::new(values(7 * channels, 9), values(7, 10));
        let layers = [Layer::Residual(vec![conv(7), conv(11)]), Layer::GlobalAveragePool, Layer::Linear(linear)];
        check(&layers, channels, side, side + 1);
    }
}

/// Strips of patches end in the middle of a row of a large picture.
#[test]
fn a_convolution_larger_than_one_strip_is_candles() {
    let conv = Conv2d::new(&values(96 * 64 * 9, 12), values(96, 13), 64, 3, 1, Padding::Same, Activation::Relu6);
    check(&[Layer::Conv2d(conv)], 64, 37, 41);
}

#[test]
fn a_pass_is_empty_after_a_backward() {
    let conv = Conv2d::new(&values(4 * 3 * 9, 1), values(4, 2), 3, 3, 2, Padding::Same, Activation::Relu);
    let layers = [Layer::Conv2d(conv)];
    let mut pass = Pass::default();
    for _ in 0..2 {
        pass.begin(true);
        let result = forward(&layers, Map::from_planar(&values(3 * 64, 1), 3, 8, 8, Vec::new()), &mut pass);
        backward(&layers, result, &mut pass);
        assert!(pass.is_empty());
    }
}
