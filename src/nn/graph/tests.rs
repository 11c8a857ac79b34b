//! What tests of operations are made of, and tests of graphs as a whole.

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
    let is_parameter = |index: usize| ops::is_parameter(op, index);
    let mut first: Option<Vec<Vec<f32>>> = None;
    for constant in [None].into_iter().chain((0..shapes.len()).map(Some)) {
        let is_constant = |index: usize| is_parameter(index) || Some(index) == constant;
        if constant.is_some_and(is_parameter) || (0..shapes.len()).all(is_constant) {
            continue;
        }
        for lie in [Lie::Plain, Lie::ChannelsLast, Lie::Reversed] {
            let single = Single::new(op, shapes, values, &is_constant, lie).unwrap();
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
