//! A graph as a network: its plan, and its layers if it has some, once there and back.

use igoscope_nn::{
    self as nn, FeatureMap, Layer, Network, Tape,
    graph::{Graph, Op, Plan, State},
};

/// Side of the pictures.
pub const SIDE: usize = 32;

/// The most values of a graph that is computed.
const MOST_VALUES: usize = 300_000;

/// The most products of a graph that is computed.
const MOST_PRODUCTS: usize = 3_000_000;

pub fn compute(graph: &Graph) {
    static DENORMALS: std::sync::Once = std::sync::Once::new();
    DENORMALS.call_once(nn::flush_denormals);
    let readable = graph.nodes().next().map(|node| node.outputs.to_vec()).unwrap_or_default();
    let Ok(plan) = Plan::new(graph, &readable) else { return };
    let Ok(raised) = graph.raised(&readable) else { return };
    if is_small(graph) {
        there_and_back(&plan);
        if let Some(raised) = raised {
            through_layers(raised.layers, plan.input_shape());
        }
    }
}

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
