//! Functions of one value: x · sigmoid(x), x · min(max(x + 3, 0), 6) / 6, x / 2 · (1 + erf(x / √2)), and others like
//! them, with their factors in any order.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

use super::{Matching, Replacement, is_nearly};
use crate::graph::{
    builder::ValueId,
    op::{Binary, Op, Unary},
};

pub(super) fn fuse(graph: &mut Matching<'_>, index: usize) -> Option<Replacement> {
    let [result] = *graph.node(index).outputs.as_slice() else { return None };
    for (product, outer) in graph.scaled(result) {
        if let Some(x) = six_above_minus_three(graph, product)
            && is_nearly(outer, 1.0 / 6.0)
        {
            let function = Unary::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 };
            return Some(vec![graph.with(index, Op::Unary(function), vec![x])]);
        }
        let Some(factors) = graph.binary(product, Binary::Mul) else { continue };
        for [a, b] in [factors, [factors[1], factors[0]]] {
            for (x, before) in graph.scaled(a) {
                for (other, behind) in graph.scaled(b) {
                    if let Some(function) = function(graph, x, other, outer * before * behind) {
                        return Some(vec![graph.with(index, Op::Unary(function), vec![x])]);
                    }
                }
            }
        }
    }
    None
}

/// The function of x that its product with another value and a number is.
fn function(graph: &Matching<'_>, x: ValueId, other: ValueId, factor: f32) -> Option<Unary> {
    let is_one = is_nearly(factor, 1.0);
    if is_one && graph.unary(other, |function| function == Unary::Sigmoid) == Some(x) {
        return Some(Unary::Silu);
    }
    let is_hard = |function| match function {
        Unary::HardSigmoid { alpha, beta } => is_nearly(alpha, 1.0 / 6.0) && beta == 0.5,
        _ => false,
    };
    if is_one && graph.unary(other, is_hard) == Some(x) {
        return Some(Unary::HardSwish);
    }
    if is_nearly(factor, 1.0 / 6.0) && six_above_minus_three(graph, other) == Some(x) {
        return Some(Unary::HardSwish);
    }
    if let Some(inner) = graph.unary(other, |function| function == Unary::Tanh)
        && is_one
        && graph.unary(inner, |function| function == Unary::Softplus) == Some(x)
    {
        return Some(Unary::Mish);
    }
    let (inner, 1.0) = graph.plus_number(other)? else { return None };
    if !is_nearly(factor, 0.5) {
        return None;
    }
    if let Some(inner) = graph.unary(inner, |function| function == Unary::Erf) {
        let is_root = |(of, factor): &(ValueId, f32)| *of == x && is_nearly(*factor, FRAC_1_SQRT_2);
        return graph.scaled(inner).iter().any(is_root).then_some(Unary::Gelu);
    }
    let inner = graph.unary(inner, |function| function == Unary::Tanh)?;
    let is_cubic = |(sum, factor): &(ValueId, f32)| {
        let terms = graph.binary(*sum, Binary::Add).filter(|_| is_nearly(*factor, FRAC_2_PI.sqrt()));
        let is_cube = |value: ValueId| {
            let share = graph.scaled(value);
            share.iter().any(|(cube, share)| is_nearly(*share, 0.044_715) && is_cube_of(graph, *cube, x))
        };
        terms.is_some_and(|[a, b]| a == x && is_cube(b) || b == x && is_cube(a))
    };
    graph.scaled(inner).iter().any(is_cubic).then_some(Unary::GeluTanh)
}

/// x of `min(max(x + 3, 0), 6)`.
fn six_above_minus_three(graph: &Matching<'_>, value: ValueId) -> Option<ValueId> {
    let sum = graph.unary(value, |function| function == Unary::Clip { low: 0.0, high: 6.0 })?;
    match graph.plus_number(sum)? {
        (x, 3.0) => Some(x),
        _ => None,
    }
}

fn is_cube_of(graph: &Matching<'_>, cube: ValueId, x: ValueId) -> bool {
    let is_square = |value: ValueId| {
        graph.binary(value, Binary::Mul) == Some([x, x])
            || graph.unary(value, |function| function == Unary::Pow(2.0)) == Some(x)
    };
    let power = graph.binary(cube, Binary::Pow).is_some_and(|[a, b]| a == x && graph.number_of(b) == Some(3.0));
    let product =
        graph.binary(cube, Binary::Mul).is_some_and(|[a, b]| a == x && is_square(b) || b == x && is_square(a));
    power || product || graph.unary(cube, |function| function == Unary::Pow(3.0)) == Some(x)
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Binary, Graph, GraphBuilder, Op, Plan, State, Unary, ValueId, fuse,
        tests::{check_fused, scattered},
    };

    /// A graph of one tensor's function.
    struct Written(GraphBuilder);

    impl Written {
        fn number(&mut self, number: f32) -> ValueId {
            self.0.constant(&[], vec![number]).unwrap()
        }

        fn unary(&mut self, function: Unary, x: ValueId) -> ValueId {
            self.0.add("unary", Op::Unary(function), &[x]).unwrap()
        }

        fn binary(&mut self, function: Binary, a: ValueId, b: ValueId) -> ValueId {
            self.0.add("binary", Op::Binary(function), &[a, b]).unwrap()
        }

        fn by(&mut self, function: Binary, a: ValueId, number: f32) -> ValueId {
            let number = self.number(number);
            self.binary(function, a, number)
        }
    }

    fn graph(write: impl FnOnce(&mut Written, ValueId) -> ValueId) -> Graph {
        let mut written = Written(GraphBuilder::default());
        let input = written.0.input(&[1, 2, 3, 3]).unwrap();
        let result = write(&mut written, input);
        written.0.finish(&[result]).unwrap()
    }

    fn is(wanted: Unary, write: impl FnOnce(&mut Written, ValueId) -> ValueId) {
        let graph = graph(write);
        let ops: Vec<Op> = fuse::fused(graph.clone(), &[]).unwrap().nodes().map(|node| node.op.clone()).collect();
        assert_eq!(ops, [Op::Unary(wanted)]);
        check_fused(&graph, &scattered(18, 1));
    }

    #[test]
    fn written_out_functions_are_found() {
        is(Unary::Silu, |w, x| {
            let sigmoid = w.unary(Unary::Sigmoid, x);
            w.binary(Binary::Mul, sigmoid, x)
        });
        is(Unary::Mish, |w, x| {
            let inner = w.unary(Unary::Softplus, x);
            let inner = w.unary(Unary::Tanh, inner);
            w.binary(Binary::Mul, x, inner)
        });
        is(Unary::HardSwish, |w, x| {
            let inner = w.by(Binary::Add, x, 3.0);
            let inner = w.unary(Unary::Clip { low: 0.0, high: 6.0 }, inner);
            let product = w.binary(Binary::Mul, x, inner);
            w.by(Binary::Div, product, 6.0)
        });
        is(Unary::HardSwish, |w, x| {
            let inner = w.by(Binary::Add, x, 3.0);
            let inner = w.unary(Unary::Clip { low: 0.0, high: 6.0 }, inner);
            let inner = w.by(Binary::Div, inner, 6.0);
            w.binary(Binary::Mul, x, inner)
        });
    }

    #[test]
    fn the_gaussian_unit_is_found_with_its_factors_in_any_order() {
        let above = |w: &mut Written, x: ValueId| {
            let inner = w.by(Binary::Div, x, std::f32::consts::SQRT_2);
            let inner = w.unary(Unary::Erf, inner);
            w.by(Binary::Add, inner, 1.0)
        };
        is(Unary::Gelu, |w, x| {
            let above = above(w, x);
            let product = w.binary(Binary::Mul, x, above);
            w.by(Binary::Mul, product, 0.5)
        });
        is(Unary::Gelu, |w, x| {
            let above = above(w, x);
            let half = w.by(Binary::Mul, x, 0.5);
            w.binary(Binary::Mul, half, above)
        });
        is(Unary::Gelu, |w, x| {
            let above = above(w, x);
            let half = w.by(Binary::Mul, above, 0.5);
            w.binary(Binary::Mul, half, x)
        });
        is(Unary::GeluTanh, |w, x| {
            let cube = w.unary(Unary::Pow(3.0), x);
            let cube = w.by(Binary::Mul, cube, 0.044_715);
            let sum = w.binary(Binary::Add, x, cube);
            let inner = w.by(Binary::Mul, sum, 0.797_884_6);
            let inner = w.unary(Unary::Tanh, inner);
            let above = w.by(Binary::Add, inner, 1.0);
            let half = w.by(Binary::Mul, x, 0.5);
            w.binary(Binary::Mul, half, above)
        });
    }

    #[test]
    fn what_only_looks_alike_is_left_as_it_is() {
        let other = graph(|w, x| {
            let sigmoid = w.unary(Unary::Sigmoid, x);
            let other = w.unary(Unary::Neg, x);
            w.binary(Binary::Mul, other, sigmoid)
        });
        assert_eq!(fuse::fused(other, &[]).unwrap().nodes().len(), 3);
        let scaled = graph(|w, x| {
            let sigmoid = w.unary(Unary::Sigmoid, x);
            let product = w.binary(Binary::Mul, x, sigmoid);
            w.by(Binary::Mul, product, 0.5)
        });
        assert_eq!(fuse::fused(scaled, &[]).unwrap().nodes().len(), 2, "half of it is still half of it");
    }

    #[test]
    fn a_value_to_be_read_stays() {
        let mut written = Written(GraphBuilder::default());
        let input = written.0.input(&[4]).unwrap();
        let sigmoid = written.unary(Unary::Sigmoid, input);
        let product = written.binary(Binary::Mul, input, sigmoid);
        let graph = written.0.finish(&[product]).unwrap();
        let plan = Plan::new(&graph, &[sigmoid]).unwrap();
        let mut state = State::default();
        plan.forward_recording(&[1.0, 2.0, -3.0, 4.0], &mut state);
        let gradient = plan.backward_to(sigmoid, &[&[1.0, 1.0, 1.0, 0.5]], &mut state);
        assert_eq!(gradient.unwrap(), [1.0, 2.0, -3.0, 2.0], "and the way through it");
        assert_eq!(fuse::fused(graph.clone(), &[sigmoid]).unwrap().nodes().len(), 2);
        assert_eq!(fuse::fused(graph, &[]).unwrap().nodes().len(), 1);
    }
}
