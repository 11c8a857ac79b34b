//! The same values in another shape: reshaped or transposed, both of which are nothing to do where the layout allows.

use crate::graph::{
    layout::Layout,
    shape::{self, Shape},
    step::{Compiled, Port, Work},
};

pub(super) fn reshape_shape(to: &[usize], from: &[usize]) -> Result<Shape, String> {
    if shape::count(to) == shape::count(from) {
        return Ok(to.to_vec());
    }
    Err(format!("the shape {from:?} has not as many values as {to:?}"))
}

pub(super) fn compile_reshape(port: &Port, to: &[usize]) -> Compiled {
    let (wanted, output) = match port.form.layout.reshaped(port.shape(), to) {
        Some(output) => (port.form.layout.clone(), output),
        None => (Layout::plain(port.shape().len()), Layout::plain(to.len())),
    };
    Compiled { wanted: vec![Some(wanted)], outputs: vec![output], work: Work::Relabel }
}

pub(super) fn transpose_shape(axes: &[usize], from: &[usize]) -> Result<Shape, String> {
    let mut sorted = axes.to_vec();
    sorted.sort_unstable();
    if sorted.iter().copied().eq(0..from.len()) {
        return Ok(axes.iter().map(|axis| from[*axis]).collect());
    }
    Err(format!("{axes:?} are not the axes of the shape {from:?}"))
}

pub(super) fn compile_transpose(axes: &[usize], port: &Port, to: &[usize]) -> Compiled {
    let wanted = port.form.layout.clone();
    let output = wanted.transposed(axes, to);
    Compiled { wanted: vec![Some(wanted)], outputs: vec![output], work: Work::Relabel }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn a_transpose_names_axes_anew() {
        let op = Op::Transpose { axes: vec![2, 0, 1] };
        let result = forward(&op, &[&[2, 1, 3]], &[numbers(6)]);
        assert_eq!(result, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        check(&op, &[&[2, 4, 3]]);
        check(&Op::Transpose { axes: vec![0, 2, 3, 1] }, &[&[1, 4, 3, 2]]);
        check(&Op::Reshape { shape: vec![6, 4] }, &[&[2, 4, 3]]);
    }

    #[test]
    fn what_has_not_as_many_values_is_refused() {
        assert!(refusal(&Op::Reshape { shape: vec![5] }, &[&[2, 3]]).contains("[2, 3]"));
        assert!(refusal(&Op::Reshape { shape: vec![usize::MAX, 4] }, &[&[2, 3]]).contains("[2, 3]"));
        assert!(refusal(&Op::Transpose { axes: vec![0, 0] }, &[&[2, 3]]).contains("[0, 0]"));
        assert!(refusal(&Op::Transpose { axes: vec![0] }, &[&[2, 3]]).contains("[2, 3]"));
    }
}
