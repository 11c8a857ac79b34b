//! Tests of graphs on tensors. Every test of an operation in `ops` holds them against the plan, too: here are kinks, at
//! which differences of results say nothing, and graphs as a whole.

use candle_core::{DType, Device, Tensor};

use super::*;
use crate::graph::{
    Binary, GraphBuilder, Margins, Plan, Pool, Reduction, State, Unary,
    tests::{check_on_tensors, network, scattered},
};

/// Holds one operation against the plan, of an input of this shape, and constants.
fn check_single(op: Op, shape: &[usize], input: &[f32], constants: &[(&[usize], Vec<f32>)]) {
    let mut builder = GraphBuilder::default();
    let mut inputs = vec![builder.input(shape).unwrap()];
    inputs.extend(constants.iter().map(|(shape, values)| builder.constant(shape, values.clone()).unwrap()));
    let what = format!("{op:?}");
    let result = builder.add("single", op, &inputs).unwrap();
    check_on_tensors(&builder.finish(&[result]).unwrap(), input, &what);
}

#[test]
fn functions_have_the_plans_gradients_at_their_kinks() {
    let kinks = [-6.0, -3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 6.0, 7.0, -0.0, 2.0, -2.0, 4.0];
    for function in [
        Unary::Relu,
        Unary::LeakyRelu(0.1),
        Unary::Clip { low: 0.0, high: 6.0 },
        Unary::Clip { low: 0.0, high: f32::INFINITY },
        Unary::Clip { low: f32::NEG_INFINITY, high: 1.0 },
        Unary::Clip { low: -1.0, high: 0.5 },
        Unary::HardSigmoid { alpha: 0.5, beta: 0.5 },
        Unary::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 },
        Unary::HardSwish,
        Unary::Elu(0.7),
        Unary::Selu { alpha: 1.67, gamma: 1.05 },
        Unary::Celu(0.8),
        Unary::Softsign,
        Unary::ThresholdedRelu(0.5),
        Unary::Abs,
        Unary::Sign,
        Unary::Round,
        Unary::Floor,
        Unary::Ceil,
        Unary::Not,
        Unary::Pow(0.0),
        Unary::Pow(2.0),
        Unary::Pow(3.0),
    ] {
        check_single(Op::Unary(function), &[1, kinks.len()], &kinks, &[]);
    }
    let far = [-100.0, -30.0, -12.0, 0.0, 12.0, 30.0, 100.0];
    for function in [
        Unary::Mish,
        Unary::Softplus,
        Unary::Silu,
        Unary::Gelu,
        Unary::GeluTanh,
        Unary::Sigmoid,
        Unary::Tanh,
        Unary::Erf,
        Unary::Elu(1.0),
    ] {
        check_single(Op::Unary(function), &[1, far.len()], &far, &[]);
    }
}

#[test]
fn equals_share_the_gradient_or_the_first_has_it_as_in_the_plan() {
    let equals = [3.0, 1.0, 3.0, 0.0, 0.0, -2.0, 3.0, 1.0, -2.0, 3.0, 0.0, 3.0, 0.0, 0.0, 1.0, 1.0];
    for kind in [Reduction::Max, Reduction::Min, Reduction::L1, Reduction::L2, Reduction::Product] {
        for axes in [vec![2], vec![3], vec![2, 3]] {
            check_single(Op::Reduce { kind, axes, keep: false }, &[1, 1, 4, 4], &equals, &[]);
        }
    }
    check_single(Op::Reduce { kind: Reduction::L2, axes: vec![1], keep: true }, &[2, 2], &[0.0; 4], &[]);
    for function in [Binary::Min, Binary::Max, Binary::Pow, Binary::Greater, Binary::LessOrEqual, Binary::Equal] {
        check_single(Op::Binary(function), &[1, 16], &equals, &[(&[1], vec![1.0])]);
    }
    // Powers of negative numbers and of 0.
    for powers in [[0.0, 2.0], [3.0, 1.0], [0.0, 1.0]] {
        check_single(Op::Binary(Binary::Pow), &[8, 2], &equals, &[(&[2], powers.to_vec())]);
    }
    for strides in [[2, 2], [2, 1], [1, 1]] {
        let pool = Pool { kernel: [3, 2], strides, dilations: [1; 2], padding: Margins::all(1), ceil: true };
        check_single(Op::MaxPool(pool), &[1, 1, 4, 4], &equals, &[]);
    }
    let single = [(&[1][..], vec![0.5]), (&[1][..], vec![1.0])];
    check_single(Op::Quantize { axis: 0, low: -2.0, high: 6.0 }, &[16], &equals, &single);
    let quarters: Vec<f32> = (0..16).map(|index| index as f32 * 0.25 - 2.0).collect();
    check_single(Op::Quantize { axis: 0, low: -2.0, high: 6.0 }, &[16], &quarters, &single);
}

#[test]
fn values_on_the_way_are_read_with_their_gradients() {
    let (graph, readable) = network();
    let (plan, mut state) = (Plan::new(&graph, &readable).unwrap(), State::default());
    let on_tensors = TensorGraph::new(&graph, &readable, &Device::Cpu, DType::F32).unwrap();
    let (input, sent) = (scattered(108, 0), scattered(5, 9));
    let batch = Tensor::new(input.as_slice(), &Device::Cpu).unwrap();
    let gradient = Tensor::new(sent.as_slice(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
    for value in readable {
        plan.forward_recording(&input, &mut state);
        let activations = plan.activations(value, &state).unwrap();
        let wanted = plan.backward_to(value, &[&sent], &mut state).unwrap();
        let mut tape = GraphTape::default();
        on_tensors.forward(&batch, Some(&mut tape)).unwrap();
        let seen = on_tensors.activations(value, &tape).unwrap();
        let found = on_tensors.backward_to(value, std::slice::from_ref(&gradient), &mut tape).unwrap();
        for (found, wanted) in [(seen, activations), (found, wanted)] {
            let found = found.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert!(found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-4 * b.abs().max(1.0)));
            assert_eq!(found.len(), wanted.len());
        }
    }
    let mut tape = GraphTape::default();
    assert!(on_tensors.activations(graph.outputs()[0], &tape).is_none());
    assert!(on_tensors.backward(&[gradient], &mut tape).is_err(), "no forward came before");
}

#[test]
fn half_precision_is_near() {
    let (graph, _) = network();
    let batch = Tensor::new(scattered(108, 0), &Device::Cpu).unwrap();
    let [exact, half] = [DType::F32, DType::F16].map(|dtype| {
        let on_tensors = TensorGraph::new(&graph, &[], &Device::Cpu, dtype).unwrap();
        let mut tape = GraphTape::default();
        let logits = on_tensors.forward(&batch.to_dtype(dtype).unwrap(), Some(&mut tape)).unwrap().remove(0);
        assert_eq!(logits.dtype(), dtype);
        let sent = Tensor::new(scattered(5, 9), &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
        let gradient = on_tensors.backward(&[sent.unsqueeze(0).unwrap()], &mut tape).unwrap();
        [logits, gradient].map(|one| one.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap())
    });
    for (exact, half) in exact.iter().zip(&half) {
        let largest = exact.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(exact.iter().zip(half).all(|(a, b)| (a - b).abs() <= 1e-2 * largest), "{exact:?} {half:?}");
    }
}

#[test]
fn what_cannot_be_said_on_tensors_is_refused_with_its_node() {
    let mut builder = GraphBuilder::default();
    let input = builder.input(&[1, 1 << 14]).unwrap();
    let sums = builder.add("sums", Op::CumSum { axis: 1, exclusive: false, reverse: false }, &[input]).unwrap();
    let graph = builder.finish(&[sums]).unwrap();
    assert!(Plan::new(&graph, &[]).is_ok());
    let error = TensorGraph::new(&graph, &[], &Device::Cpu, DType::F32).unwrap_err();
    assert!(matches!(error, TensorGraphError::Graph(_)), "a device has not failed: {error:?}");
    assert!(error.to_string().starts_with("CumSum “sums”: "), "{error}");
}
