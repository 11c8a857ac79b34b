//! Windows as columns of a matrix (im2col), back (col2im), and convolutions whose filters depend on the picture.
//!
//! What takes a window's values out of a map is a convolution whose filters have a single 1 each; what adds them up again
//! is its transpose. So they have its gradients.

use super::super::{
    builder::{GraphBuilder, GraphError, ValueId},
    op::{Binary, Conv, ConvTranspose, Op, Patches},
    ops::conv,
};

/// Numbers of the filters that take windows apart at most: 64 MiB.
const MOST_ONES: usize = 1 << 24;

/// `x [n, c, h, w]` → `[n, c · taps, windows]`.
pub(super) fn im2col(
    builder: &mut GraphBuilder,
    name: &str,
    patches: Patches,
    inputs: &[ValueId],
) -> Result<ValueId, GraphError> {
    let op = Op::Im2col(patches);
    let refuse = |problem| refused(name, &op, problem);
    let [x] = *inputs else { return refuse(format!("it takes 1 input and is given {}", inputs.len())) };
    let [n, c, _, _] = *builder.shape(x) else { return refuse(no_map(builder, x)) };
    let weight = match ones(builder, c, patches.kernel)? {
        Ok(weight) => weight,
        Err(problem) => return refuse(problem),
    };
    let columns = builder.add(name, Op::Conv(patches.conv(c)), &[x, weight])?;
    let [_, rows, down, across] = *builder.shape(columns) else { return refuse(no_map(builder, columns)) };
    builder.add(name, Op::Reshape { shape: vec![n, rows, down * across] }, &[columns])
}

/// `x [n, c · taps, windows]` → `[n, c, h, w]`, in which every value is the sum of those of the windows over it.
pub(super) fn col2im(
    builder: &mut GraphBuilder,
    name: &str,
    patches: Patches,
    size: [usize; 2],
    inputs: &[ValueId],
) -> Result<ValueId, GraphError> {
    let op = Op::Col2im { patches, size };
    let refuse = |problem| refused(name, &op, problem);
    let [x] = *inputs else { return refuse(format!("it takes 1 input and is given {}", inputs.len())) };
    let [n, rows, count] = *builder.shape(x) else {
        return refuse(format!(
            "its input has the shape {:?} where [n, c · taps, windows] is wanted",
            builder.shape(x)
        ));
    };
    let taps = patches.kernel[0].checked_mul(patches.kernel[1]).filter(|taps| *taps > 0);
    let Some(taps) = taps.filter(|taps| rows.is_multiple_of(*taps)) else {
        return refuse(format!("{rows} rows are not those of windows of {:?}", patches.kernel));
    };
    let c = rows / taps;
    let conv = patches.conv(c);
    let windows = match conv::windows(size, patches.kernel, &conv) {
        Ok([down, across]) if down.checked_mul(across) == Some(count) => [down, across],
        _ => return refuse(format!("{count} windows of {patches:?} are not on a map of {size:?}")),
    };
    let weight = match ones(builder, c, patches.kernel)? {
        Ok(weight) => weight,
        Err(problem) => return refuse(problem),
    };
    let maps = builder.add(name, Op::Reshape { shape: vec![n, rows, windows[0], windows[1]] }, &[x])?;
    // What the last windows leave over.
    let output_padding = [0, 1].map(|axis| {
        let [before, after] = patches.padding.pairs()[axis];
        let window = (patches.kernel[axis] - 1) * patches.dilations[axis] + 1;
        (size[axis] + before + after) - ((windows[axis] - 1) * patches.strides[axis] + window)
    });
    builder.add(name, Op::ConvTranspose(ConvTranspose { conv, output_padding }), &[maps, weight])
}

/// A convolution whose filters are computed: of every group its product with the windows as columns.
pub(super) fn computed_filters(
    builder: &mut GraphBuilder,
    name: &str,
    conv: Conv,
    inputs: &[ValueId],
) -> Result<ValueId, GraphError> {
    let op = Op::Conv(conv);
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| builder.shape(*input)).collect();
    let result = match conv::shape(&conv, &shapes) {
        Ok(result) => result,
        Err(problem) => return refused(name, &op, problem),
    };
    let (&[n, channels, _, _], &[outputs, own, rows, columns], [x, weight, bias @ ..]) = (shapes[0], shapes[1], inputs)
    else {
        return refused(name, &op, format!("its inputs have the shapes {shapes:?}"));
    };
    let Conv { groups, strides, dilations, padding } = conv;
    if let ([bias], Some(_)) = (bias, builder.values_of(*weight)) {
        let sums = builder.add(name, op, &[*x, *weight])?;
        return with_bias(builder, name, sums, *bias, outputs);
    }
    let (Some(taps), Some(windows)) = (rows.checked_mul(columns), result[2].checked_mul(result[3])) else {
        return refused(name, &op, format!("its result would have the shape {result:?}"));
    };
    let is_pixelwise = taps == 1 && strides == [1; 2] && padding.pairs() == [[0; 2]; 2];
    let patches = match is_pixelwise {
        true => *x,
        false => {
            let patches = Patches { kernel: [rows, columns], strides, dilations, padding };
            builder.add(name, Op::Im2col(patches), &[*x])?
        }
    };
    let each = channels / groups * taps;
    let patches = builder.add(name, Op::Reshape { shape: vec![n, groups, each, windows] }, &[patches])?;
    let shape = vec![1, groups, outputs / groups, own * taps];
    let filters = builder.add(name, Op::Reshape { shape }, &[*weight])?;
    let sums = builder.add(name, Op::MatMul, &[filters, patches])?;
    let sums = builder.add(name, Op::Reshape { shape: result }, &[sums])?;
    match bias {
        [bias, ..] => with_bias(builder, name, sums, *bias, outputs),
        [] => Ok(sums),
    }
}

/// A map with a number more for every channel.
fn with_bias(
    builder: &mut GraphBuilder,
    name: &str,
    map: ValueId,
    bias: ValueId,
    channels: usize,
) -> Result<ValueId, GraphError> {
    let bias = builder.add(name, Op::Reshape { shape: vec![1, channels, 1, 1] }, &[bias])?;
    builder.add(name, Op::Binary(Binary::Add), &[map, bias])
}

/// `[c · taps, 1, kernel h, kernel w]`: of every channel and tap a filter that is 1 there; or why there is none.
fn ones(
    builder: &mut GraphBuilder,
    channels: usize,
    [rows, columns]: [usize; 2],
) -> Result<Result<ValueId, String>, GraphError> {
    let taps = rows.checked_mul(columns);
    let count = taps.and_then(|taps| taps.checked_mul(taps)?.checked_mul(channels));
    let (Some(taps), Some(count)) = (taps, count.filter(|count| (1..=MOST_ONES).contains(count))) else {
        return Ok(Err(format!("its windows of {rows} × {columns} on {channels} channels are too large or none")));
    };
    let mut values = vec![0.0; count];
    for (filter, values) in values.chunks_exact_mut(taps).enumerate() {
        values[filter % taps] = 1.0;
    }
    builder.fixed(&[channels * taps, 1, rows, columns], values).map(Ok)
}

fn no_map(builder: &GraphBuilder, value: ValueId) -> String {
    format!("its input has the shape {:?} where [n, c, h, w] is wanted", builder.shape(value))
}

fn refused<T>(name: &str, op: &Op, problem: String) -> Result<T, GraphError> {
    Err(GraphError::Node { node: name.to_owned(), operation: op.name(), problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{
        Margins,
        tests::{check, check_computed, forward, numbers, refusal},
    };

    fn patches(kernel: [usize; 2]) -> Patches {
        Patches { kernel, strides: [1; 2], dilations: [1; 2], padding: Margins::default() }
    }

    #[test]
    fn windows_are_columns() {
        // torch.nn.functional.unfold of two channels of 2 × 3, kernel (2, 2).
        let result = forward(&Op::Im2col(patches([2, 2])), &[&[1, 2, 2, 3]], &[numbers(12)]);
        let rows = [0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11];
        assert_eq!(result, rows.map(|value| value as f32));
    }

    #[test]
    fn columns_are_added_up_where_windows_lie_over_one_another() {
        let op = Op::Col2im { patches: patches([2, 2]), size: [2, 3] };
        let result = forward(&op, &[&[1, 4, 2]], &[numbers(8)]);
        assert_eq!(result, [0.0, 1.0 + 2.0, 3.0, 4.0, 5.0 + 6.0, 7.0]);
    }

    #[test]
    fn gradients_of_columns() {
        let odd = Patches {
            kernel: [3, 2],
            strides: [2, 1],
            dilations: [1, 2],
            padding: Margins { top: 1, left: 0, bottom: 0, right: 2 },
        };
        check(&Op::Im2col(odd), &[&[1, 2, 5, 4]]);
        // Rows 3 + 2 of a padded 7 + 1 = 8: the last is in no window.
        let op = Op::Col2im { patches: odd, size: [7, 3] };
        check(&op, &[&[1, 12, 9]]);
        assert_eq!(forward(&op, &[&[1, 12, 9]], &[numbers(108)]).len(), 2 * 7 * 3);
        check(&Op::Col2im { patches: odd, size: [6, 3] }, &[&[2, 6, 9]]);
    }

    #[test]
    fn filters_may_depend_on_the_picture() {
        let padded = Conv { padding: Margins { top: 1, left: 1, bottom: 0, right: 1 }, ..Conv::default() };
        for (conv, weight) in [
            (Conv::default(), [3, 4, 1, 1]),
            (Conv { strides: [2, 1], ..Conv::default() }, [3, 4, 1, 1]),
            (padded, [3, 4, 2, 3]),
            (Conv { groups: 2, dilations: [1, 2], ..padded }, [4, 2, 2, 2]),
            (Conv { groups: 4, ..padded }, [4, 1, 3, 3]),
        ] {
            // Held against the same with constant filters, and against differences.
            check_computed(&Op::Conv(conv), &[&[1, 4, 4, 3], &weight, &[weight[0]]]);
            check_computed(&Op::Conv(conv), &[&[2, 4, 3, 3], &weight]);
        }
        // Of constant filters with a bias that is none, which are one convolution.
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[1, 2, 3, 3]).unwrap();
        let weight = builder.constant(&[2, 2, 1, 1], numbers(4)).unwrap();
        let bias = Op::Reduce { kind: crate::graph::Reduction::Mean, axes: vec![0, 2, 3], keep: false };
        let bias = builder.add("bias", bias, &[input]).unwrap();
        let sums = builder.add("sums", Op::Conv(Conv::default()), &[input, weight, bias]).unwrap();
        let names: Vec<&str> = builder.finish(&[sums]).unwrap().nodes().map(|node| node.op.name()).collect();
        assert_eq!(names, ["ReduceMean", "Conv", "Reshape", "Add"]);
    }

    #[test]
    fn what_takes_windows_out_was_not_learned() {
        let mut builder = GraphBuilder::default();
        let input = builder.input(&[1, 2, 4, 4]).unwrap();
        let columns = builder.add("columns", Op::Im2col(patches([2, 2])), &[input]).unwrap();
        let weight = builder.constant(&[3, 8], numbers(24)).unwrap();
        let sums = builder.add("sums", Op::MatMul, &[weight, columns]).unwrap();
        let mut graph = builder.finish(&[sums]).unwrap();
        assert_eq!(graph.parameters(), 24);
        let mut changed = Vec::new();
        graph.each_weight_after(None, &mut |weight| changed.push(weight.len()));
        assert_eq!(changed, [24]);
    }

    #[test]
    fn columns_that_are_none_are_refused() {
        assert!(refusal(&Op::Im2col(patches([2, 2])), &[&[2, 2, 3]]).contains("[2, 2, 3]"));
        assert!(refusal(&Op::Im2col(patches([9, 9])), &[&[1, 2, 3, 3]]).contains("do not fit"));
        for kernel in [[0, 1], [usize::MAX, 2], [1 << 20, 1 << 20]] {
            refusal(&Op::Im2col(patches(kernel)), &[&[1, 2, 3, 3]]);
            refusal(&Op::Col2im { patches: patches(kernel), size: [3, 3] }, &[&[1, 4, 4]]);
        }
        let still = Patches { strides: [0, 1], ..patches([2, 2]) };
        refusal(&Op::Im2col(still), &[&[1, 2, 3, 3]]);
        let far = Patches { padding: Margins::all(usize::MAX), ..patches([2, 2]) };
        refusal(&Op::Im2col(far), &[&[1, 2, 3, 3]]);
        for patches in [still, far, Patches { dilations: [0, 1], ..patches([2, 2]) }] {
            refusal(&Op::Col2im { patches, size: [3, 3] }, &[&[1, 8, 4]]);
        }
        assert!(refusal(&Op::Col2im { patches: patches([2, 2]), size: [3, 3] }, &[&[1, 8, 5]]).contains("5 windows"));
        assert!(refusal(&Op::Col2im { patches: patches([2, 2]), size: [3, 3] }, &[&[1, 7, 4]]).contains("7 rows"));
        refusal(&Op::Col2im { patches: patches([2, 2]), size: [usize::MAX; 2] }, &[&[1, 8, 4]]);
    }
}
