//! What tests of operations are made of, and tests of graphs as a whole.

use candle_core::{DType, Device, Tensor};

use super::*;

/// 0, 1, 2, …
pub(super) fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|index| index as f32).collect()
}

/// Different numbers from −2 to 2 in no order, none of them near to a whole one.
pub(super) fn scattered(count: usize, seed: usize) -> Vec<f32> {
    let number = |index: usize| ((index * 37 + seed * 11) % 79) as f32 / 79.0 * 4.0 - 2.0;
    (0..count).map(number).collect()
}

/// How the inputs of an operation lie in memory.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    Plain,
    ChannelsLast,
    Reversed,
}

/// A graph of one operation, and its input: the inputs of the operation one behind the other, but for those that are
/// constants.
struct Single {
    graph: Graph,
    input: Vec<f32>,
}

fn product(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Single {
    fn new(
        op: &Op,
        shapes: &[&[usize]],
        values: &[Vec<f32>],
        is_constant: &dyn Fn(usize) -> bool,
        lie: Lie,
    ) -> Result<Self, GraphError> {
        let mut builder = GraphBuilder::default();
        let varying = (0..shapes.len()).filter(|index| !is_constant(*index));
        let input = builder.input(&[varying.map(|index| product(shapes[index])).sum()])?;
        let (mut all, mut ids) = (Vec::new(), Vec::new());
        for (index, shape) in shapes.iter().enumerate() {
            if is_constant(index) {
                ids.push(builder.constant(shape, values[index].clone())?);
                continue;
            }
            let span = Span { start: all.len(), step: 1, len: product(shape) };
            let part = builder.add("part", Op::Slice(vec![span]), &[input])?;
            // The order of the axes in memory, which are then named anew.
            let rank = shape.len();
            let order: Vec<usize> = match lie {
                Lie::ChannelsLast if rank > 2 => [0].into_iter().chain(2..rank).chain([1]).collect(),
                Lie::Reversed => (0..rank).rev().collect(),
                _ => (0..rank).collect(),
            };
            let dims: Vec<usize> = order.iter().map(|axis| shape[*axis]).collect();
            let part = builder.add("shaped", Op::Reshape { shape: dims.clone() }, &[part])?;
            let axes = (0..rank).map(|axis| order.iter().position(|other| *other == axis).unwrap()).collect();
            ids.push(builder.add("turned", Op::Transpose { axes }, &[part])?);
            all.extend((0..product(shape)).map(|place| {
                let (mut rest, mut places) = (place, vec![0; rank]);
                for (axis, len) in order.iter().zip(&dims).rev() {
                    (places[*axis], rest) = (rest % len, rest / len);
                }
                values[index][(0..rank).fold(0, |from, axis| from * shape[axis] + places[axis])]
            }));
        }
        let results = builder.add_all("tested", op.clone(), &ids)?;
        Ok(Self { graph: builder.finish(&results)?, input: all })
    }
}

fn default_values(shapes: &[&[usize]]) -> Vec<Vec<f32>> {
    shapes.iter().enumerate().map(|(seed, shape)| scattered(product(shape), seed)).collect()
}

/// The first result of an operation, row after row.
pub(super) fn forward(op: &Op, shapes: &[&[usize]], values: &[Vec<f32>]) -> Vec<f32> {
    let is_constant = |index: usize| ops::is_parameter(op, index);
    let single = Single::new(op, shapes, values, &is_constant, Lie::Plain).unwrap();
    let plan = Plan::unfused(&single.graph, &[]).unwrap();
    plan.forward(&single.input, &mut State::default()).swap_remove(0)
}

/// Why an operation cannot be done.
pub(super) fn refusal(op: &Op, shapes: &[&[usize]]) -> String {
    let is_constant = |index: usize| ops::is_parameter(op, index);
    let single = Single::new(op, shapes, &default_values(shapes), &is_constant, Lie::Plain);
    let message = single.err().expect("it is refused").to_string();
    assert!(message.contains("tested"), "the node is named: {message}");
    message
}

/// Holds the gradient of an operation against differences of its results.
pub(super) fn check(op: &Op, shapes: &[&[usize]]) {
    check_at(op, shapes, &default_values(shapes));
}

/// The same at values of the caller's, with each input constant once if it may be.
pub(super) fn check_at(op: &Op, shapes: &[&[usize]], values: &[Vec<f32>]) {
    check_each(op, shapes, values, &|index| ops::is_parameter(op, index));
}

/// The same of an operation whose parameters need not be constant: none of them is, and each is once.
pub(super) fn check_computed(op: &Op, shapes: &[&[usize]]) {
    check_each(op, shapes, &default_values(shapes), &|_| false);
}

fn check_each(op: &Op, shapes: &[&[usize]], values: &[Vec<f32>], is_parameter: &dyn Fn(usize) -> bool) {
    let mut first: Option<Vec<Vec<f32>>> = None;
    for constant in [None].into_iter().chain((0..shapes.len()).map(Some)) {
        let is_constant = |index: usize| is_parameter(index) || Some(index) == constant;
        if constant.is_some_and(is_parameter) || (0..shapes.len()).all(is_constant) {
            continue;
        }
        for lie in [Lie::Plain, Lie::ChannelsLast, Lie::Reversed] {
            let single = Single::new(op, shapes, values, &is_constant, lie).unwrap();
            check_on_tensors(&single.graph, &single.input, &format!("{op:?} {lie:?} {constant:?}"));
            for plan in [Plan::unfused(&single.graph, &[]), Plan::new(&single.graph, &[])] {
                let results = check_gradient(&plan.unwrap(), &single.input, &format!("{op:?} {lie:?} {constant:?}"));
                let first = first.get_or_insert_with(|| results.clone());
                for (one, other) in first.iter().flatten().zip(results.iter().flatten()) {
                    assert!(
                        (one - other).abs() <= 2e-5 * one.abs().max(1.0),
                        "{op:?} {lie:?} {constant:?}: {one} {other}"
                    );
                }
            }
        }
    }
}

/// Holds a graph on tensors against its plan, of two samples at once: the other one is the first from its end.
pub(super) fn check_on_tensors(graph: &Graph, input: &[f32], what: &str) {
    let mut samples = [input.to_vec(), input.to_vec()];
    samples[1].reverse();
    let (plan, mut state) = (Plan::unfused(graph, &[]).unwrap(), State::default());
    // Results, gradients with respect to them and to the input, of every sample.
    let mut wanted: [Vec<Vec<f32>>; 3] = Default::default();
    for sample in &samples {
        let results = plan.forward_recording(sample, &mut state);
        let weights: Vec<Vec<f32>> =
            results.iter().enumerate().map(|(seed, one)| scattered(one.len(), seed + 5)).collect();
        let slices: Vec<&[f32]> = weights.iter().map(Vec::as_slice).collect();
        let mut gradient = vec![f32::NAN; input.len()];
        plan.backward(&slices, &mut state, &mut gradient);
        wanted[0].extend(results);
        wanted[1].extend(weights);
        wanted[2].push(gradient);
    }
    let [results, weights, sent] = wanted;
    for is_fused in [false, true] {
        let (device, dtype) = (&Device::Cpu, DType::F32);
        let made = if is_fused {
            TensorGraph::new(graph, &[], device, dtype)
        } else {
            TensorGraph::of(graph, &[], device, dtype)
        };
        let on_tensors = made.unwrap();
        let batch = Tensor::new(samples.concat(), device).unwrap();
        let mut tape = GraphTape::default();
        let found = on_tensors.forward(&batch, Some(&mut tape)).unwrap();
        let quick = on_tensors.forward(&batch, None).unwrap();
        let outputs = found.len();
        let of_sample = |tensor: &Tensor, sample: usize| {
            tensor.get(sample).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let near = |found: &[f32], wanted: &[f32], share: f32, which: &str| {
            let largest = wanted.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
            for (index, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                let is_near = (found - wanted).abs() <= share * largest || found.is_nan() && wanted.is_nan();
                assert!(is_near, "{what} on tensors: {which} {index} is {found}, not {wanted}");
            }
            assert_eq!(found.len(), wanted.len(), "{what} on tensors: {which}");
        };
        for sample in 0..samples.len() {
            for output in 0..outputs {
                let wanted = &results[sample * outputs + output];
                near(&of_sample(&found[output], sample), wanted, 1e-5, "result");
                near(&of_sample(&quick[output], sample), wanted, 1e-5, "result without a tape");
            }
        }
        let gradients: Vec<Tensor> = (0..outputs)
            .map(|output| {
                let both = [0, 1].map(|sample| weights[sample * outputs + output].as_slice()).concat();
                Tensor::from_vec(both, found[output].shape(), device).unwrap()
            })
            .collect();
        let gradient = on_tensors.backward(&gradients, &mut tape).unwrap();
        for (sample, wanted) in sent.iter().enumerate() {
            near(&of_sample(&gradient, sample), wanted, 1e-4, "gradient");
        }
    }
}

/// Holds a plan's gradient against differences of its results, and gives these.
pub(super) fn check_gradient(plan: &Plan, input: &[f32], what: &str) -> Vec<Vec<f32>> {
    /// To both sides.
    const STEP: f32 = 6e-3;
    let mut state = State::default();
    let results = plan.forward(input, &mut state);
    let weights: Vec<Vec<f32>> = results.iter().enumerate().map(|(seed, one)| scattered(one.len(), seed + 5)).collect();
    let recorded = plan.forward_recording(input, &mut state);
    assert_eq!(results, recorded, "{what}: a forward that is recorded is the same");
    let slices: Vec<&[f32]> = weights.iter().map(Vec::as_slice).collect();
    let mut gradient = vec![f32::NAN; input.len()];
    plan.backward(&slices, &mut state, &mut gradient);
    let mut moved = input.to_vec();
    for (index, found) in gradient.iter().enumerate() {
        let mut along = |step: f32| {
            moved[index] = input[index] + step;
            let results = plan.forward(&moved, &mut state);
            let terms = results.iter().flatten().zip(weights.iter().flatten());
            terms.map(|(result, weight)| f64::from(*result) * f64::from(*weight)).collect::<Vec<f64>>()
        };
        let (above, below) = (along(STEP), along(-STEP));
        moved[index] = input[index];
        let width = f64::from((input[index] + STEP) - (input[index] - STEP));
        let difference: f64 = above.iter().zip(below).map(|(above, below)| above - below).sum();
        let expected = difference / width;
        let near = (f64::from(*found) - expected).abs() <= 4e-3 * expected.abs().max(1.0);
        assert!(near, "{what}: the gradient with respect to value {index} is {found}, not {expected}");
    }
    results
}

/// Holds the plan of an operation, with what was fused or left to layers, against that without.
pub(super) fn check_fused(graph: &Graph, input: &[f32]) {
    let run = |plan: Plan| {
        let mut state = State::default();
        let results = plan.forward_recording(input, &mut state);
        let weights: Vec<Vec<f32>> =
            results.iter().enumerate().map(|(seed, one)| scattered(one.len(), seed + 5)).collect();
        let weights: Vec<&[f32]> = weights.iter().map(Vec::as_slice).collect();
        let mut gradient = vec![f32::NAN; input.len()];
        plan.backward(&weights, &mut state, &mut gradient);
        (results.concat(), gradient)
    };
    let (plain, fused) = (run(Plan::unfused(graph, &[]).unwrap()), run(Plan::new(graph, &[]).unwrap()));
    for (plain, fused) in [(plain.0, fused.0), (plain.1, fused.1)] {
        let largest = plain.iter().fold(1.0_f32, |largest, value| largest.max(value.abs()));
        for (plain, fused) in plain.iter().zip(&fused) {
            assert!((plain - fused).abs() <= 1e-4 * largest, "{plain} {fused}");
        }
    }
}

/// The same for a single operation with its parameters constant.
pub(super) fn check_layers(op: &Op, shapes: &[&[usize]]) {
    let is_constant = |index: usize| ops::is_parameter(op, index);
    let single = Single::new(op, shapes, &default_values(shapes), &is_constant, Lie::Plain).unwrap();
    check_fused(&single.graph, &single.input);
}

/// A small network with a way around, in which most values have several takers.
pub(super) fn network() -> (Graph, [ValueId; 3]) {
    let mut builder = GraphBuilder::default();
    let input = builder.input(&[1, 3, 6, 6]).unwrap();
    let weight = builder.constant(&[4, 3, 3, 3], scattered(108, 1)).unwrap();
    let bias = builder.constant(&[4], scattered(4, 2)).unwrap();
    let conv = Conv { padding: Margins::all(1), ..Conv::default() };
    let sums = builder.add("sums", Op::Conv(conv), &[input, weight, bias]).unwrap();
    let map = builder.add("map", Op::Unary(Unary::Relu), &[sums]).unwrap();
    let weight = builder.constant(&[4, 4, 3, 3], scattered(144, 3)).unwrap();
    let inner = builder.add("inner", Op::Conv(conv), &[map, weight]).unwrap();
    let inner = builder.add("bent", Op::Unary(Unary::Silu), &[inner]).unwrap();
    let block = builder.add("block", Op::Binary(Binary::Add), &[inner, map]).unwrap();
    builder.add("dead", Op::Unary(Unary::Exp), &[block]).unwrap();
    let pooled = Op::Reduce { kind: Reduction::Mean, axes: vec![2, 3], keep: false };
    let pooled = builder.add("pooled", pooled, &[block]).unwrap();
    let weight = builder.constant(&[5, 4], scattered(20, 4)).unwrap();
    let head = Op::Gemm { alpha: 1.0, beta: 1.0, transpose_left: false, transpose_right: true };
    let logits = builder.add("logits", head, &[pooled, weight]).unwrap();
    (builder.finish(&[logits]).unwrap(), [map, block, pooled])
}

#[test]
fn a_network_is_the_same_fused_and_not() {
    let (graph, readable) = network();
    assert_eq!(graph.nodes().len(), 7, "the dead node is left out");
    assert_eq!(graph.parameters(), 108 + 4 + 144 + 20);
    let input = scattered(108, 0);
    check_fused(&graph, &input);
    for readable in [&readable[..0], &readable] {
        check_gradient(&Plan::new(&graph, readable).unwrap(), &input, "a network");
    }
}

#[test]
fn values_on_the_way_are_read_with_their_gradients() {
    let (graph, [map, block, pooled]) = network();
    let plan = Plan::new(&graph, &[map, block, pooled]).unwrap();
    let (input, gradient) = (scattered(108, 0), scattered(5, 9));
    let mut state = State::default();
    plan.forward_recording(&input, &mut state);
    let at_block = plan.activations(block, &state).unwrap();
    let at_pool = plan.activations(pooled, &state).unwrap();
    for (channel, mean) in at_block.chunks_exact(36).zip(at_pool) {
        assert!((channel.iter().sum::<f32>() / 36.0 - mean).abs() < 1e-4, "rows of a channel follow one another");
    }
    let to_pool = plan.backward_to(pooled, &[&gradient], &mut state).unwrap();
    let wanted: Vec<f32> =
        (0..4).map(|row| (0..5).map(|class| scattered(20, 4)[class * 4 + row] * gradient[class]).sum()).collect();
    assert!(to_pool.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-4), "{to_pool:?} {wanted:?}");
    plan.forward_recording(&input, &mut state);
    let to_block = plan.backward_to(block, &[&gradient], &mut state).unwrap();
    assert!(
        to_block
            .chunks_exact(36)
            .zip(&wanted)
            .all(|(channel, all)| channel.iter().all(|one| (one * 36.0 - all).abs() < 1e-3))
    );
    // A value with two takers has the gradients of both.
    plan.forward_recording(&input, &mut state);
    let to_map = plan.backward_to(map, &[&gradient], &mut state).unwrap();
    assert_ne!(to_map, to_block);
    assert_eq!(plan.activations(graph.outputs()[0], &state), None);
}

#[test]
fn a_state_serves_one_sample_after_the_other() {
    let (graph, _) = network();
    let plan = Plan::new(&graph, &[]).unwrap();
    let mut state = State::default();
    let gradient = |input: &[f32], state: &mut State| {
        let logits = plan.forward_recording(input, state);
        let mut gradient = vec![0.0; 108];
        plan.backward(&[&scattered(5, 9)], state, &mut gradient);
        (logits, gradient)
    };
    let first = gradient(&scattered(108, 0), &mut state);
    let other = gradient(&scattered(108, 5), &mut state);
    assert_ne!(first, other);
    plan.forward_recording(&scattered(108, 7), &mut state);
    assert_eq!(gradient(&scattered(108, 0), &mut state), first, "nothing is left of another forward");
    assert_eq!(gradient(&scattered(108, 0), &mut State::default()), first);
}

#[test]
#[should_panic(expected = "a recorded forward")]
fn a_backward_without_its_forward_is_no_gradient() {
    let (graph, _) = network();
    let plan = Plan::new(&graph, &[]).unwrap();
    let mut state = State::default();
    plan.forward(&scattered(108, 0), &mut state);
    plan.backward(&[&[0.0; 5]], &mut state, &mut [0.0; 108]);
}

#[test]
fn a_plan_may_be_run_by_several_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let (graph, _) = network();
    is_shared(&Plan::new(&graph, &[]).unwrap());
    fn is_sent<T: Send>(_: &T) {}
    is_sent(&State::default());
}

#[test]
fn constants_are_computed_while_the_graph_is_built() {
    let mut builder = GraphBuilder::default();
    let input = builder.input(&[2]).unwrap();
    let [a, b] = [1.0, 2.0].map(|value| builder.constant(&[2], vec![value; 2]).unwrap());
    let sum = builder.add("sum", Op::Binary(Binary::Add), &[a, b]).unwrap();
    assert_eq!(builder.values_of(sum), Some([3.0, 3.0].as_slice()));
    let turned = builder.constant(&[2, 3], numbers(6)).unwrap();
    let turned = builder.add("turned", Op::Transpose { axes: vec![1, 0] }, &[turned]).unwrap();
    assert_eq!(builder.values_of(turned), Some([0.0, 3.0, 1.0, 4.0, 2.0, 5.0].as_slice()));
    let weight = builder.constant(&[1, 1, 1, 1], vec![3.0]).unwrap();
    let picture = builder.constant(&[1, 1, 1, 2], vec![1.0, 2.0]).unwrap();
    let conv = builder.add("conv", Op::Conv(Conv::default()), &[picture, weight]).unwrap();
    assert_eq!(builder.values_of(conv), Some([3.0, 6.0].as_slice()));
    let result = builder.add("result", Op::Binary(Binary::Mul), &[input, sum]).unwrap();
    assert_eq!(builder.values_of(result), None);
    let graph = builder.finish(&[result]).unwrap();
    assert_eq!(graph.nodes().len(), 1);
}

#[test]
fn what_is_no_graph_is_refused() {
    let mut builder = GraphBuilder::default();
    assert!(matches!(builder.input(&[1 << 29]), Err(GraphError::TooLarge { .. })));
    assert!(matches!(builder.input(&[usize::MAX, 3]), Err(GraphError::TooLarge { .. })));
    assert!(matches!(builder.input(&[usize::MAX, 0]), Err(GraphError::Empty { .. })));
    assert_eq!(GraphBuilder::default().finish(&[]).unwrap_err(), GraphError::NoInput);
    let input = builder.input(&[1 << 14, 1]).unwrap();
    assert_eq!(builder.input(&[1]).unwrap_err(), GraphError::SecondInput);
    assert!(matches!(builder.constant(&[2, 3], vec![0.0; 5]), Err(GraphError::Constant { found: 5, .. })));
    let add = Op::Binary(Binary::Add);
    assert_eq!(builder.add("odd", add.clone(), &[input, ValueId(99)]).unwrap_err(), GraphError::NoSuchValue(99));
    let message = builder.add("odd", add.clone(), &[input]).unwrap_err().to_string();
    assert_eq!(message, "Add “odd”: it takes 2 inputs and is given 1");
    let message = builder.add("odd", Op::PRelu, &[input, input]).unwrap_err().to_string();
    assert!(message.contains("depends on the graph's input"), "{message}");
    // A product that would be too large, of factors that are not.
    let other = builder.add("other", Op::Reshape { shape: vec![1, 1 << 14] }, &[input]).unwrap();
    let wide = Op::Tile { repeats: vec![1, 1 << 10] };
    let other = builder.add("wide", wide, &[other]).unwrap();
    let message = builder.add("odd", add, &[input, other]).unwrap_err().to_string();
    assert!(message.contains("“odd”") && message.contains("values"), "{message}");
    let split = Op::Split { axis: 0, sizes: vec![1, (1 << 14) - 1] };
    assert!(builder.add("two", split, &[input]).unwrap_err().to_string().contains("2 results"));
    let constant = builder.constant(&[], vec![1.0]).unwrap();
    assert_eq!(builder.finish(&[constant]).unwrap_err(), GraphError::ConstantOutput(0));
}

#[test]
fn constants_are_bounded_together() {
    let mut builder = GraphBuilder::default();
    let one = builder.constant(&[1], vec![1.0]).unwrap();
    builder.folded = (1 << 29) - 3;
    assert!(builder.add("some", Op::Expand { shape: vec![3] }, &[one]).is_ok());
    let more = builder.add("more", Op::Expand { shape: vec![1] }, &[one]);
    assert!(matches!(more, Err(GraphError::TooMuch { .. })), "{more:?}");

    // Few values of many products.
    let mut builder = GraphBuilder::default();
    let row = builder.constant(&[1, 8], vec![1.0; 8]).unwrap();
    let column = builder.constant(&[8, 1], vec![1.0; 8]).unwrap();
    builder.products = (1 << 37) - 8;
    assert!(builder.add("some", Op::MatMul, &[row, column]).is_ok());
    let more = builder.add("more", Op::MatMul, &[row, column]);
    assert!(matches!(more, Err(GraphError::TooMuch { .. })), "{more:?}");

    builder.given = (1 << 30) - 1;
    assert!(builder.constant(&[1], vec![1.0]).is_ok());
    assert_eq!(builder.constant(&[1], vec![1.0]), Err(GraphError::TooManyConstants));
}
