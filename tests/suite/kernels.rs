//! Every CPU kernel against Candle's tensors, on shapes nobody chose.

use candle_core::{Device, Tensor};
use igoscope::{
    model::{Head, Score},
    nn::{
        Activation, Affine, Attention, AveragePool2d, Buffer, Concat, Conv2d, DepthwiseConv2d, FeatureMap,
        GroupedConv2d, Layer, LayerNorm, Linear, MaxPool2d, Network, Padding, Residual, Rule, SqueezeExcite, Tape,
        TensorNetwork, TensorTape, TokenPool, Tokens, compute_pool, without_simd,
    },
};
use proptest::{prelude::*, test_runner::RngSeed};

use crate::common::norm;

/// Values between −1 and 1 that no kernel can guess.
fn values(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|i| (((i * 2_654_435_761 + seed * 40_503) % 10_007) as f32 / 5_003.5) - 1.0).collect()
}

/// Equal up to rounding: to 1e-5 of the length, or of 1 where an activation left next to nothing.
fn agree(found: &[f32], expected: &[f32]) -> bool {
    let difference: Vec<f32> = found.iter().zip(expected).map(|(a, b)| a - b).collect();
    norm(&difference) <= 1e-5 * norm(expected).max(1.0)
}

/// One sample forward and back through our kernels, the upstream gradient given: results and gradient, planar.
fn ours(rule: Rule, network: &Network, input: FeatureMap, upstream: &[f32]) -> ([usize; 3], Vec<f32>, Vec<f32>) {
    let mut tape = Tape::default();
    tape.begin_by(rule, true);
    let input_len = input.values.len();
    let result = network.forward(input, &mut tape);
    let shape = [result.channels, result.height, result.width];
    let mut planar = vec![0.0; result.values.len()];
    result.write_planar(&mut planar);
    let upstream = FeatureMap::from_planar(&upstream[..planar.len()], shape[0], shape[1], shape[2], Buffer::default());
    let gradient = network.backward(upstream, &mut tape);
    assert!(tape.is_empty());
    let mut gradient_planar = vec![0.0; input_len];
    gradient.write_planar(&mut gradient_planar);
    (shape, planar, gradient_planar)
}

/// Two samples forward and back, as one batch through Candle, and each through our kernels on the vector unit at hand
/// and through the same kernels without one; the results must agree.
fn check(layers: &[Layer], channels: usize, height: usize, width: usize) {
    check_by(Rule::Gradient, layers, channels, height, width);
}

/// The same by another rule of going back.
fn check_by(rule: Rule, layers: &[Layer], channels: usize, height: usize, width: usize) {
    let len = channels * height * width;
    let planar = values(2 * len, 1);
    let candles = TensorNetwork::new(layers, &Device::Cpu).unwrap();
    let mut tape = TensorTape::default();
    let tensor = Tensor::from_slice(&planar, (2, channels, height, width), &Device::Cpu).unwrap();
    let result = candles.forward(&tensor, Some(&mut tape)).unwrap();
    let shape = result.dims4().unwrap();
    let upstream = values(result.elem_count(), 2);
    let upstream_tensor = Tensor::from_slice(&upstream, shape, &Device::Cpu).unwrap();
    let gradient = candles.backward_by(rule, &upstream_tensor, &mut tape).unwrap();
    let [result, gradient] = [result, gradient].map(|t| t.flatten_all().unwrap().to_vec1::<f32>().unwrap());

    let network = Network::compile(layers.to_vec());
    let samples = planar.chunks_exact(len).zip(gradient.chunks_exact(len));
    let results = result.chunks_exact(result.len() / 2).zip(upstream.chunks_exact(upstream.len() / 2));
    for ((planar, gradient), (result, upstream)) in samples.zip(results) {
        let input = || FeatureMap::from_planar(planar, channels, height, width, Buffer::default());
        let run = || ours(rule, &network, input(), upstream);
        for (path, (found_shape, found, found_gradient)) in [("vector", run()), ("plain", without_simd(run))] {
            assert_eq!((2, found_shape[0], found_shape[1], found_shape[2]), shape);
            assert!(agree(&found, result), "forward, {path}");
            assert!(agree(&found_gradient, gradient), "backward, {path}");
        }
    }
}

/// The same shapes at every run: a sum within rounding of a kink may fall on either side of it.
fn shapes() -> ProptestConfig {
    shapes_from(28)
}

fn shapes_from(seed: u64) -> ProptestConfig {
    ProptestConfig {
        cases: 128,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn padding() -> impl Strategy<Value = Padding> {
    prop_oneof![Just(Padding::Same), (0..3_usize).prop_map(Padding::Symmetric)]
}

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::None), Just(Activation::Relu), Just(Activation::Relu6)]
}

fn any_activation() -> impl Strategy<Value = Activation> {
    proptest::sample::select(ACTIVATIONS.to_vec())
}

const ACTIVATIONS: [Activation; 7] = [
    Activation::None,
    Activation::Relu,
    Activation::Relu6,
    Activation::Silu,
    Activation::Sigmoid,
    Activation::HardSwish,
    Activation::HardSigmoid,
];

fn average_pool() -> impl Strategy<Value = AveragePool2d> {
    prop_oneof![
        (1..5_usize, 1..4_usize).prop_map(|(kernel, stride)| AveragePool2d::Windows { kernel, stride }),
        (1..9_usize).prop_map(|side| AveragePool2d::Adaptive { side }),
    ]
}

/// A 3 × 3 convolution with a ReLU: a layer before or after another one, whose activation that one has to do with.
fn conv(outputs: usize, inputs: usize, seed: usize) -> Layer {
    let filters: Vec<f32> = values(outputs * inputs * 9, seed).iter().map(|v| 2.0 * v / inputs as f32).collect();
    let bias = values(outputs, seed + 1);
    Layer::Conv2d(Conv2d::new(filters, bias, inputs, 3, 1, Padding::Symmetric(1), Activation::Relu))
}

proptest! {
    #![proptest_config(shapes())]

    #[test]
    fn dense_convolution_is_candles(
        (inputs, outputs) in (1..9_usize, 1..20_usize), kernel in 1..6_usize, stride in 1..4_usize,
        padding in padding(), activation in activation(), (height, width) in (5..20_usize, 5..20_usize),
    ) {
        let filters: Vec<f32> = values(outputs * inputs * kernel * kernel, 3).iter().map(|v| 6.0 * v).collect();
        let conv = Conv2d::new(filters, values(outputs, 4), inputs, kernel, stride, padding, activation);
        check(&[Layer::Conv2d(conv)], inputs, height, width);
    }

    #[test]
    fn dense_convolution_with_full_registers_is_candles(
        (inputs, outputs) in (1..5_usize, 1..5_usize), activation in activation(), same in any::<bool>(),
        (height, width) in (1..20_usize, 1..20_usize),
    ) {
        let (inputs, outputs) = (16 * inputs, 16 * outputs);
        let padding = if same { Padding::Same } else { Padding::Symmetric(1) };
        let filters: Vec<f32> = values(outputs * inputs * 9, 3).iter().map(|v| 6.0 * v / inputs as f32).collect();
        let conv = Conv2d::new(filters, values(outputs, 4), inputs, 3, 1, padding, activation);
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
    fn max_pooling_is_candles_largest_value(
        channels in 1..20_usize, (kernel, stride) in (1..5_usize, 1..4_usize), padding in prop_oneof![
            Just(Padding::Same), Just(Padding::Symmetric(0)), Just(Padding::Symmetric(1)),
            Just(Padding::Ceiling(0)), Just(Padding::Ceiling(1)),
        ], (height, width) in (5..14_usize, 5..14_usize),
    ) {
        // Windows of one pixel would lie wholly on the padding.
        prop_assume!(kernel > 1 || ![Padding::Symmetric(1), Padding::Ceiling(1)].contains(&padding));
        check(&[Layer::MaxPool2d(MaxPool2d::new(kernel, stride, padding))], channels, height, width);
    }

    #[test]
    fn average_pooling_is_candles_products(
        channels in 1..20_usize, pool in average_pool(), (height, width) in (4..14_usize, 4..14_usize),
    ) {
        check(&[conv(channels, 2, 3), Layer::AveragePool2d(pool)], 2, height, width);
    }

    #[test]
    fn a_scale_and_a_shift_are_candles(
        channels in 1..80_usize, activation in activation(), (height, width) in (1..12_usize, 1..12_usize),
    ) {
        let scale = values(channels, 3).iter().map(|value| 9.0 * value).collect();
        let affine = Affine::new(scale, values(channels, 4), activation);
        check(&[conv(channels, 2, 5), Layer::Affine(affine)], 2, height, width);
    }

    #[test]
    fn grouped_convolution_is_candles(
        groups in 2..9_usize, (inputs, outputs) in (1..6_usize, prop_oneof![1..6_usize, 16..20_usize]),
        (kernel, stride) in (1..4_usize, 1..3_usize), padding in padding(), activation in activation(),
        (height, width) in (5..10_usize, 5..10_usize),
    ) {
        let filters: Vec<f32> = values(groups * outputs * inputs * kernel * kernel, 3).iter().map(|v| 6.0 * v).collect();
        let bias = values(groups * outputs, 4);
        let grouped = GroupedConv2d::new(filters, bias, groups, kernel, stride, padding, activation);
        let inputs = groups * inputs;
        check(&[conv(inputs, 3, 7), Layer::GroupedConv2d(grouped), conv(5, groups * outputs, 9)], 3, height, width);
    }

    #[test]
    fn branches_side_by_side_are_candles(
        channels in prop::collection::vec(1..20_usize, 1..4), (height, width) in (2..10_usize, 2..10_usize),
        passed_on in any::<bool>(),
    ) {
        let mut branches: Vec<Vec<Layer>> = channels.iter().map(|count| vec![conv(*count, 6, 2 * count)]).collect();
        let mut outputs = channels.iter().sum();
        if passed_on {
            let within = vec![conv(4, 6, 3), Layer::Concat(Concat::new(vec![Vec::new(), vec![conv(2, 4, 1)]]))];
            branches.splice(0..0, [Vec::new(), within]);
            outputs += 6 + 4 + 2;
        }
        let last = Conv2d::new(values(3 * outputs, 8), values(3, 9), outputs, 1, 1, Padding::Same, Activation::None);
        check(&[conv(6, 2, 7), Layer::Concat(Concat::new(branches)), Layer::Conv2d(last)], 2, height, width);
    }

    #[test]
    fn a_residual_block_with_pool_and_classifier_is_candles(
        channels in 1..9_usize, side in 3..12_usize, stride in 1..3_usize, activation in activation(),
    ) {
        let conv = |outputs: usize, inputs: usize, stride: usize, seed: usize| {
            let filters = values(outputs * inputs * 9, seed);
            let bias = values(outputs, seed + 1);
            Layer::Conv2d(Conv2d::new(filters, bias, inputs, 3, stride, Padding::Symmetric(1), Activation::Relu))
        };
        let plain = vec![conv(channels, channels, 1, 7), conv(channels, channels, 1, 11)];
        let wider = 2 * channels;
        let projected = vec![conv(wider, channels, stride, 13), conv(wider, wider, 1, 15)];
        let layers = [
            Layer::Residual(Residual::new(plain, Vec::new(), activation)),
            Layer::Residual(Residual::new(projected, vec![conv(wider, channels, stride, 17)], activation)),
            Layer::GlobalAveragePool,
            Layer::Linear(Linear::new(values(7 * wider, 9), values(7, 10))),
        ];
        check(&layers, channels, side, side + 1);
    }

    #[test]
    fn attention_and_layer_norm_are_candles_operators(
        (heads, width) in (1..4_usize, 1..20_usize), first in 0..3_usize, side in 1..5_usize, stored in 2..6_usize,
        (height, mean) in (1..6_usize, any::<bool>()),
    ) {
        let channels = heads * width;
        let pointwise = |outputs: usize, inputs: usize, seed: usize| {
            let filters: Vec<f32> = values(outputs * inputs, seed).iter().map(|v| 1.5 * v / (inputs as f32).sqrt()).collect();
            let bias = values(outputs, seed + 1);
            Layer::Conv2d(Conv2d::new(filters, bias, inputs, 1, 1, Padding::Symmetric(0), Activation::None))
        };
        let norm = |seed: usize| {
            Layer::LayerNorm(LayerNorm { weight: values(channels, seed), bias: values(channels, seed + 1), epsilon: 0.1 })
        };
        let attention = vec![
            norm(21), pointwise(3 * channels, channels, 23), Layer::Attention(Attention { heads }),
            pointwise(channels, channels, 25),
        ];
        let perceptron = vec![norm(27), pointwise(2 * channels, channels, 29), Layer::Gelu, pointwise(channels, 2 * channels, 31)];
        let pool = if mean { TokenPool::ClassAndMean { patches: first } } else { TokenPool::Class };
        let layers = [
            pointwise(channels, 5, 33),
            Layer::Tokens(Tokens::new(values(first * channels, 35), values(stored * stored * channels, 37), channels)),
            Layer::Residual(Residual::new(attention, Vec::new(), Activation::None)),
            Layer::Residual(Residual::new(perceptron, Vec::new(), Activation::None)),
            norm(39),
        ];
        check(&layers, 5, height, side);
        check(&[&layers[..], &[Layer::TokenPool(pool)]].concat(), 5, height, side);
    }
}

proptest! {
    #![proptest_config(shapes_from(1))]

    #[test]
    fn convolutions_with_any_activation_before_and_after_a_sum_are_candles(
        channels in 1..40_usize, outputs in 1..20_usize, kernel in 1..6_usize, padding in padding(),
        activations in [any_activation(), any_activation(), any_activation()],
        (height, width) in (5..12_usize, 5..12_usize),
    ) {
        let filters: Vec<f32> = values(channels * kernel * kernel, 5).iter().map(|v| 4.0 * v / kernel as f32).collect();
        let filter =
            DepthwiseConv2d::new(&filters, values(channels, 6), kernel, 1, padding, activations[0]);
        let pointwise = |outputs: usize, inputs: usize, seed: usize, activation: Activation| {
            let filters: Vec<f32> = values(outputs * inputs, seed).iter().map(|v| 2.0 * v / (inputs as f32).sqrt()).collect();
            let bias = values(outputs, seed + 1);
            Layer::Conv2d(Conv2d::new(filters, bias, inputs, 1, 1, Padding::Symmetric(0), activation))
        };
        let branch = vec![pointwise(channels, channels, 7, activations[1])];
        let layers = [
            Layer::DepthwiseConv2d(filter),
            Layer::Residual(Residual::new(branch, Vec::new(), activations[2])),
            pointwise(outputs, channels, 9, activations[1]),
        ];
        prop_assume!(padding.along(height, kernel, 1).1 > 0 && padding.along(width, kernel, 1).1 > 0);
        check(&layers, channels, height, width);
    }

    #[test]
    fn a_depthwise_convolution_between_products_is_candles(
        (inputs, inner, outputs) in (1..20_usize, 1..70_usize, 1..20_usize), ends in 1..4_usize,
        (kernel, stride) in (1..6_usize, 1..4_usize), padding in padding(),
        activations in [any_activation(), any_activation(), any_activation()],
        (height, width) in (5..24_usize, 5..24_usize),
    ) {
        let block = bottleneck(inputs, inner, outputs, kernel, stride, padding, activations);
        // With what comes before, what comes after, or both.
        let (from, to, channels) = [(0, 2, inputs), (1, 3, inner), (0, 3, inputs)][ends - 1];
        check(&block[from..to], channels, height, width);
    }

    #[test]
    fn squeeze_and_excite_is_candles_after_any_activation(
        channels in prop_oneof![1..20_usize, 60..90_usize], squeezed in 1..9_usize, before in any_activation(),
        (inside, gate) in (any_activation(), any_activation()), (height, width) in (1..8_usize, 1..8_usize),
    ) {
        let conv = |outputs: usize, inputs: usize, seed: usize, activation: Activation| {
            let filters: Vec<f32> = values(outputs * inputs, seed).iter().map(|v| 2.0 * v / (inputs as f32).sqrt()).collect();
            let bias = values(outputs, seed + 1);
            Layer::Conv2d(Conv2d::new(filters, bias, inputs, 1, 1, Padding::Symmetric(0), activation))
        };
        let filters: Vec<f32> = values(channels * 9, 19).iter().map(|v| 2.0 * v).collect();
        let filter = DepthwiseConv2d::new(&filters, values(channels, 20), 3, 1, Padding::Symmetric(1), before);
        let layers = [
            Layer::DepthwiseConv2d(filter),
            Layer::SqueezeExcite(SqueezeExcite::new(
                conv(squeezed, channels, 21, inside),
                conv(channels, squeezed, 23, gate),
            )),
            conv(5, channels, 25, Activation::None),
        ];
        check(&layers, channels, height, width);
    }
}

/// A product, a depthwise convolution and another product.
fn bottleneck(
    inputs: usize,
    inner: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: Padding,
    activations: [Activation; 3],
) -> Vec<Layer> {
    let pointwise = |outputs: usize, inputs: usize, seed: usize, activation: Activation| {
        let filters: Vec<f32> =
            values(outputs * inputs, seed).iter().map(|v| 2.0 * v / (inputs as f32).sqrt()).collect();
        let bias = values(outputs, seed + 1);
        Layer::Conv2d(Conv2d::new(filters, bias, inputs, 1, 1, Padding::Symmetric(0), activation))
    };
    let filters: Vec<f32> = values(inner * kernel * kernel, 5).iter().map(|v| 4.0 * v / kernel as f32).collect();
    let filter = DepthwiseConv2d::new(&filters, values(inner, 6), kernel, stride, padding, activations[1]);
    vec![
        pointwise(inner, inputs, 7, activations[0]),
        Layer::DepthwiseConv2d(filter),
        pointwise(outputs, inner, 9, activations[2]),
    ]
}

/// So wide that the map between the products is never there as a whole.
#[test]
fn a_bottleneck_of_many_bands_is_candles() {
    let activations = [Activation::Relu6, Activation::Relu6, Activation::None];
    for (kernel, stride, padding) in [
        (3, 1, Padding::Same),
        (5, 2, Padding::Same),
        (3, 2, Padding::Symmetric(1)),
        (2, 2, Padding::Symmetric(0)),
        (5, 3, Padding::Symmetric(2)),
    ] {
        let block = bottleneck(9, 200, 20, kernel, stride, padding, activations);
        check(&block, 9, 41, 71);
        check(&block[..2], 9, 41, 71);
        check(&block[1..], 200, 41, 71);
    }
}

/// What an activation is, written down in double precision.
fn written_down(activation: Activation, x: f64) -> f64 {
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    match activation {
        Activation::None => x,
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::Silu => x * sigmoid,
        Activation::Sigmoid => sigmoid,
        Activation::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        Activation::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
    }
}

/// From where they are flat to where they are straight, kinks left out, and numbers no curve needs.
#[test]
fn activations_and_their_slopes_are_what_they_are_on_paper() {
    let arguments: Vec<f32> =
        (-1999..2000).map(|i| i as f32 * 0.0101 + 0.003).chain([-1e4, -88.5, -60.0, 60.0, 88.5, 1e4]).collect();
    for activation in ACTIVATIONS {
        let network = Network::compile(vec![Layer::DepthwiseConv2d(DepthwiseConv2d::new(
            &[1.0; 13],
            vec![0.0; 13],
            1,
            1,
            Padding::Symmetric(0),
            activation,
        ))]);
        let width = arguments.len().div_ceil(13);
        let mut planar = arguments.clone();
        planar.resize(13 * width, 0.1);
        let input = || FeatureMap::from_planar(&planar, 13, 1, width, Buffer::default());
        let run = || ours(Rule::Gradient, &network, input(), &vec![1.0; planar.len()]);
        for (_, found, slopes) in [run(), without_simd(run)] {
            for ((x, found), slope) in planar.iter().zip(found).zip(slopes) {
                let at = |x: f64| written_down(activation, x);
                let (x, step) = (f64::from(*x), 1e-5);
                let (value, difference) = (at(x), (at(x + step) - at(x - step)) / (2.0 * step));
                assert!(
                    (f64::from(found) - value).abs() <= 4e-7 * value.abs().max(0.1),
                    "{activation:?}({x}) is {found}"
                );
                assert!((f64::from(slope) - difference).abs() < 1e-6, "{activation:?} has slope {slope} at {x}");
                if activation == Activation::Sigmoid && x.abs() < 80.0 {
                    let truth = at(x) * at(-x);
                    assert!((f64::from(slope) / truth - 1.0).abs() < 1e-6, "flat or not: {slope} at {x}");
                }
            }
        }
    }
}

/// Slopes that lie below a last layer which has none of its own are not the result's.
#[test]
fn a_classifier_right_after_an_activation_is_candles() {
    for activation in ACTIVATIONS {
        let filters: Vec<f32> = values(12 * 5, 27).iter().map(|v| 2.0 * v).collect();
        let hidden = Conv2d::new(filters, values(12, 28), 5, 1, 1, Padding::Symmetric(0), activation);
        let layers = [
            Layer::GlobalAveragePool,
            Layer::Conv2d(hidden),
            Layer::Linear(Linear::new(values(7 * 12, 29), values(7, 30))),
        ];
        check(&layers, 5, 4, 3);
    }
}

/// Damaged weights must show.
#[test]
fn a_nan_stays_one_through_activations_that_are_not_bounded() {
    for activation in [Activation::Relu, Activation::Relu6, Activation::Silu, Activation::HardSwish] {
        let filter = DepthwiseConv2d::new(&[1.0; 3], vec![f32::NAN; 3], 1, 1, Padding::Symmetric(0), activation);
        let layers = [Layer::DepthwiseConv2d(filter)];
        let network = Network::compile(layers.to_vec());
        let run = || {
            ours(Rule::Gradient, &network, FeatureMap::from_planar(&[0.5; 6], 3, 1, 2, Buffer::default()), &[1.0; 6]).1
        };
        assert!([run(), without_simd(run)].concat().iter().all(|value| value.is_nan()), "{activation:?}");
    }
}

/// A tie goes to the first of the largest, as in PyTorch; padding never wins.
#[test]
fn a_pools_gradient_goes_to_the_first_of_the_largest() {
    let network = Network::compile(vec![Layer::MaxPool2d(MaxPool2d::new(2, 2, Padding::Symmetric(1)))]);
    let input =
        FeatureMap { height: 2, width: 3, channels: 1, values: [-1.0, -3.0, -3.0, -2.0, -5.0, -4.0].as_slice().into() };
    let (shape, found, gradient) = ours(Rule::Gradient, &network, input, &[1.0, 10.0, 100.0, 1000.0]);
    assert_eq!(shape, [1, 2, 2]);
    assert_eq!(found, [-1.0, -3.0, -2.0, -4.0]);
    assert_eq!(gradient, [1.0, 10.0, 0.0, 100.0, 0.0, 1000.0]);
}

/// The gradient of a probability next to 1 is full of numbers that processors are slow on.
#[test]
fn a_saturated_score_sends_no_denormals_through_compute_threads() {
    let linear = Linear::new(values(7 * 12, 9), vec![92.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let network = Network::compile(vec![Layer::GlobalAveragePool, Layer::Linear(linear)]);
    let denormals = || {
        let mut tape = Tape::default();
        tape.begin(true);
        let logits =
            network.forward(FeatureMap::from_planar(&values(12 * 9, 1), 12, 3, 3, Buffer::default()), &mut tape);
        let (_, derivative) = Head::Softmax.score(Score::Probability, 0, &logits.values);
        let gradient = network.backward(FeatureMap { values: derivative.as_slice().into(), ..logits }, &mut tape);
        gradient.values.iter().filter(|value| value.is_subnormal()).count()
    };
    assert!(denormals() > 50, "without the flag there are some");
    assert_eq!(compute_pool(1).unwrap().install(denormals), 0);
}

/// Strips of patches end in the middle of a row of a large picture.
#[test]
fn a_convolution_larger_than_one_strip_is_candles() {
    let conv = Conv2d::new(values(96 * 64 * 9, 12), values(96, 13), 64, 3, 1, Padding::Same, Activation::Relu6);
    check(&[Layer::Conv2d(conv)], 64, 37, 41);
}

#[test]
fn a_tape_is_empty_after_a_backward() {
    let conv = Conv2d::new(values(4 * 3 * 9, 1), values(4, 2), 3, 3, 2, Padding::Same, Activation::Relu);
    let network = Network::compile(vec![Layer::Conv2d(conv)]);
    let mut tape = Tape::default();
    for _ in 0..2 {
        tape.begin(true);
        let result =
            network.forward(FeatureMap::from_planar(&values(3 * 64, 1), 3, 8, 8, Buffer::default()), &mut tape);
        network.backward(result, &mut tape);
        assert!(tape.is_empty());
    }
}

/// Layers of every kind that packs or fuses weights, with activations before and after.
fn blocks(activation: Activation) -> Vec<Layer> {
    let filters = |len: usize, seed: usize, inputs: usize| -> Vec<f32> {
        values(len, seed).iter().map(|v| 2.0 * v / inputs as f32).collect()
    };
    let dense = |outputs: usize, inputs: usize, kernel: usize, seed: usize| {
        let filters = filters(outputs * inputs * kernel * kernel, seed, inputs);
        let padding = Padding::Symmetric(kernel / 2);
        Layer::Conv2d(Conv2d::new(filters, values(outputs, seed + 1), inputs, kernel, 1, padding, activation))
    };
    let depthwise = |channels: usize, seed: usize| {
        let filters = values(9 * channels, seed);
        let bias = values(channels, seed + 1);
        Layer::DepthwiseConv2d(DepthwiseConv2d::new(&filters, bias, 3, 2, Padding::Same, activation))
    };
    let grouped =
        GroupedConv2d::new(filters(32 * 8 * 9, 21, 8), values(32, 22), 4, 3, 1, Padding::Symmetric(1), activation);
    vec![
        // Winograd's larger form, twice, and im2col.
        dense(16, 3, 5, 3),
        Layer::Residual(Residual::new(vec![dense(32, 16, 3, 5), dense(16, 32, 3, 7)], Vec::new(), activation)),
        Layer::MaxPool2d(MaxPool2d::new(2, 2, Padding::Symmetric(0))),
        // Fused.
        dense(48, 16, 1, 9),
        depthwise(48, 11),
        dense(32, 48, 1, 13),
        Layer::GroupedConv2d(grouped),
        Layer::Concat(Concat::new(vec![vec![dense(16, 32, 1, 15)], vec![dense(8, 32, 3, 17)]])),
        Layer::Affine(Affine::new(values(24, 18), values(24, 19), activation)),
        Layer::GlobalAveragePool,
        Layer::Linear(Linear::new(values(10 * 24, 20), values(10, 21))),
    ]
}

#[test]
fn what_every_rule_sends_back_is_candles() {
    for activation in [Activation::Relu, Activation::Relu6, Activation::HardSwish] {
        for rule in [Rule::Gradient, Rule::Guided, Rule::Deconvolution] {
            check_by(rule, &blocks(activation), 3, 24, 20);
        }
    }
}

#[test]
fn a_guided_gradient_is_never_below_0_before_a_layer_with_positive_weights() {
    let positive = Conv2d::new(vec![0.5; 9], vec![0.0], 1, 3, 1, Padding::Symmetric(1), Activation::Relu);
    let network = Network::compile(vec![Layer::Conv2d(positive.clone()), Layer::Conv2d(positive)]);
    let input = || FeatureMap::from_planar(&values(64, 1), 1, 8, 8, Buffer::default());
    let gradient = |rule| ours(rule, &network, input(), &values(64, 2)).2;
    assert!(gradient(Rule::Gradient).iter().any(|value| *value < 0.0));
    assert!(gradient(Rule::Guided).iter().all(|value| *value >= 0.0));
    assert!(gradient(Rule::Guided) != gradient(Rule::Deconvolution), "what was at work on the way forwards counts");
}

#[test]
fn packed_layers_can_be_described_again() {
    let network = Network::compile(blocks(Activation::Relu));
    // The smaller form of Winograd's is for many channels.
    let wide = 16 * 17;
    let filters = values(wide * wide * 9, 3);
    let conv = Conv2d::new(filters, values(wide, 4), wide, 3, 1, Padding::Symmetric(1), Activation::None);
    let wide = Network::compile(vec![Layer::Conv2d(conv)]);
    for (network, channels, size) in [(network, 3, 24), (wide, 16 * 17, 4)] {
        let again = Network::compile(network.described());
        let planar = values(channels * size * size, 1);
        let input = || FeatureMap::from_planar(&planar, channels, size, size, Buffer::default());
        let upstream = values(channels * size * size, 2);
        let (shape, result, gradient) = ours(Rule::Gradient, &network, input(), &upstream);
        let (same_shape, same_result, same_gradient) = ours(Rule::Gradient, &again, input(), &upstream);
        assert_eq!(shape, same_shape);
        assert!(agree(&same_result, &result) && agree(&same_gradient, &gradient));
        let stages: Vec<Layer> = (0..network.len()).flat_map(|stage| network.stage_described(stage)).collect();
        assert_eq!(stages.len(), network.described().len());
    }
}
