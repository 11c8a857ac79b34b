//! Products of matrices: with constant weights, which are packed for the kernels, and of two tensors.

use super::check_row;
use crate::{
    activation::Activation,
    buffer::Buffer,
    graph::{
        layout::{Form, Layout},
        shape::{self, Shape},
        step::{Compiled, Context, Port, Record, Shared, Step, first_of, mismatch, only},
        walk::Walk,
    },
    kernels::{
        epilogue::Epilogue,
        gemm::Packed,
        im2col::multiply_pixels,
        strided_gemm::{Strided, StridedMut, multiply},
    },
};

pub(super) fn shape(left: &[usize], right: &[usize]) -> Result<Shape, String> {
    let unfit = || format!("the shapes {left:?} and {right:?} cannot be multiplied");
    let (Some((rows, depth)), Some((columns, other))) = (matrix(left, true), matrix(right, false)) else {
        return Err(unfit());
    };
    if depth != other {
        return Err(unfit());
    }
    let batch = |shape: &[usize]| shape[..shape.len().saturating_sub(2)].to_vec();
    let mut shape = shape::broadcast(&batch(left), &batch(right)).map_err(|_| unfit())?;
    shape.extend(rows);
    shape.extend(columns);
    Ok(shape)
}

/// The length that is multiplied away, and the other one if there is one.
fn matrix(shape: &[usize], is_left: bool) -> Option<(Option<usize>, usize)> {
    match *shape {
        [] => None,
        [depth] => Some((None, depth)),
        [.., rows, depth] if is_left => Some((Some(rows), depth)),
        [.., depth, columns] => Some((Some(columns), depth)),
    }
}

/// The shape of `x […, k] · weight [k, n] + bias [n]`, the weight transposed if it is said to be.
pub(super) fn linear_shape(transposed: bool, inputs: &[&[usize]]) -> Result<Shape, String> {
    let unfit = || format!("the shapes {:?} and {:?} cannot be multiplied", inputs[0], inputs[1]);
    let (Some((depth, rows)), &[a, b]) = (inputs[0].split_last(), inputs[1]) else { return Err(unfit()) };
    let [own, columns] = if transposed { [b, a] } else { [a, b] };
    if own != *depth {
        return Err(unfit());
    }
    if let Some(bias) = inputs.get(2) {
        check_row("bias", bias, columns)?;
    }
    Ok(rows.iter().copied().chain([columns]).collect())
}

/// `alpha · x · weight + beta · bias`.
pub(super) fn compile_linear([alpha, beta]: [f32; 2], transposed: bool, ports: &[Port], result: &[usize]) -> Compiled {
    let (weight, columns) = (ports[1].values(), result.last().copied().unwrap_or(1));
    let depth = weight.len() / columns;
    let at = |row: usize, column: usize| {
        alpha * if transposed { weight[column * depth + row] } else { weight[row * columns + column] }
    };
    let bias = ports
        .get(2)
        .map_or_else(|| vec![0.0; columns], |bias| bias.values().iter().map(|value| beta * value).collect());
    packed(ports, depth, columns, at, bias, result)
}

fn packed(
    ports: &[Port],
    depth: usize,
    columns: usize,
    at: impl Fn(usize, usize) -> f32,
    bias: Vec<f32>,
    result: &[usize],
) -> Compiled {
    let left = &ports[0].form;
    // Rows may lie in any order, if each is whole.
    let wanted = left.layout.with_last(&[left.shape.len() - 1], &left.shape);
    let output = Layout::new(wanted.order().to_vec(), result).with_last(&[result.len() - 1], result);
    let step = Linear {
        forward: Packed::new(depth, columns, &at),
        backward: Packed::new(columns, depth, |column, row| at(row, column)),
        bias,
        inputs: ports.len(),
    };
    let mut wanted = vec![Some(wanted)];
    wanted.resize(ports.len(), None);
    Compiled::step(wanted, output, step)
}

pub(super) fn compile(ports: &[Port], result: &[usize]) -> Compiled {
    let (left, right) = (&ports[0], &ports[1]);
    if let (false, &[depth, columns]) = (right.varies(), right.shape())
        && result.len() == left.shape().len()
    {
        let weight = right.values();
        let at = |row: usize, column: usize| weight[row * columns + column];
        return packed(ports, depth, columns, at, vec![0.0; columns], result);
    }
    // One axis is a row or a column.
    let left_shape: Shape = if left.shape().len() == 1 { vec![1, left.shape()[0]] } else { left.shape().to_vec() };
    let right_shape: Shape = if right.shape().len() == 1 { vec![right.shape()[0], 1] } else { right.shape().to_vec() };
    let usable = |port: &Port, shape: &[usize]| -> Layout {
        let same = (port.shape().len() == shape.len()).then(|| port.form.layout.clone());
        let layout = same.unwrap_or_else(|| Layout::plain(shape.len()));
        // A matrix needs one axis whose values lie together.
        let innermost = layout.order().iter().rev().find(|axis| shape[**axis] != 1);
        if innermost.is_none_or(|axis| axis + 2 >= shape.len()) { layout } else { Layout::plain(shape.len()) }
    };
    let layouts = [usable(left, &left_shape), usable(right, &right_shape)];
    let forms = [Form::new(&left_shape, layouts[0].clone()), Form::new(&right_shape, layouts[1].clone())];
    let [rows, depth] = last_two(&left_shape);
    let [_, columns] = last_two(&right_shape);
    let whole: Shape =
        result[..result.len() - result_matrix_axes(left, right)].iter().copied().chain([rows, columns]).collect();
    let batch = &whole[..whole.len() - 2];
    let strides = forms.each_ref().map(|form| {
        let own = form.layout.strides(&form.shape);
        let last = own.len();
        let mut padded = form.shape[..last - 2].to_vec();
        let missing = batch.len() - padded.len();
        padded.splice(0..0, vec![1; missing]);
        let along = |axis: usize| match axis.checked_sub(missing) {
            Some(axis) if form.shape[axis] > 1 => own[axis],
            _ => 0,
        };
        let outer: Vec<usize> = (0..batch.len()).map(along).collect();
        (outer, [own[last - 2], own[last - 1]])
    });
    let step = Product {
        batch: Walk::new(batch, [&strides[0].0, &strides[1].0]),
        size: [rows, depth, columns],
        matrices: [strides[0].1, strides[1].1],
        sizes: [left.form.size(), right.form.size()],
        len: shape::size(result),
        varies: [left.varies(), right.varies()],
    };
    let wanted = [(left, &layouts[0]), (right, &layouts[1])].map(|(port, layout)| {
        Some(if port.shape().len() == layout.order().len() {
            layout.clone()
        } else {
            Layout::plain(port.shape().len())
        })
    });
    Compiled::step(wanted.to_vec(), Layout::plain(result.len()), step)
}

fn last_two(shape: &[usize]) -> [usize; 2] {
    [shape[shape.len() - 2], shape[shape.len() - 1]]
}

/// How many of the result's last axes are a matrix's.
fn result_matrix_axes(left: &Port, right: &Port) -> usize {
    usize::from(left.shape().len() > 1) + usize::from(right.shape().len() > 1)
}

/// With constant weights, and a bias.
struct Linear {
    /// `[in, out]`.
    forward: Packed,
    /// `[out, in]`.
    backward: Packed,
    bias: Vec<f32>,
    /// How many inputs there are, of which all but one were taken in.
    inputs: usize,
}

impl std::fmt::Debug for Linear {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Linear({} → {})", self.forward.depth(), self.forward.columns())
    }
}

impl Step for Linear {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        // The others were taken in.
        let results = inputs.into_iter().take(1).map(|input| {
            let rows = input.len() / self.forward.depth();
            let mut result = context.pool.take(rows * self.bias.len());
            let mut epilogue = Epilogue::forward(Activation::None, &self.bias, None);
            multiply_pixels(&self.forward, &input, &mut result, 0, &mut epilogue, &mut context.pool);
            context.release(input);
            result.into()
        });
        (results.collect(), Record::Nothing)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, _: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let rows = gradient.len() / self.bias.len();
        let mut result = context.pool.take(rows * self.forward.depth());
        let mut epilogue = Epilogue::backward(None);
        multiply_pixels(&self.backward, &gradient, &mut result, 0, &mut epilogue, &mut context.pool);
        context.pool.put(gradient);
        first_of(self.inputs, result)
    }
}

/// Of two tensors, matrix by matrix.
#[derive(Debug)]
struct Product {
    /// Where the matrices of the one and the other begin.
    batch: Walk<2>,
    /// Rows of the left, what is multiplied away, columns of the right.
    size: [usize; 3],
    /// Values from one row to the next, and from one column to the next, of the left and of the right; one of both is 1
    /// unless there is only one row or column.
    matrices: [[usize; 2]; 2],
    /// Values of both.
    sizes: [usize; 2],
    /// Values of the result.
    len: usize,
    varies: [bool; 2],
}

impl Product {
    /// Calls `visit(left, right, result)` for every product: where the matrices begin.
    fn each(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let (mut done, each) = (0, self.size[0] * self.size[2]);
        self.batch.each(|[left, right], len, [along_left, along_right]| {
            for index in 0..len {
                visit(left + index * along_left, right + index * along_right, done);
                done += each;
            }
        });
    }

    /// Whether matrices of an input are in several products.
    fn repeats(&self, input: usize) -> bool {
        let [rows, depth, columns] = self.size;
        let products = self.len / (rows * columns);
        self.sizes[input] < products * depth * if input == 0 { rows } else { columns }
    }

    fn left<'a>(&self, values: &'a [f32], at: usize) -> Strided<'a> {
        let [rows, depth, _] = self.size;
        Strided::new(&values[at..], [rows, depth], self.matrices[0])
    }

    fn right<'a>(&self, values: &'a [f32], at: usize) -> Strided<'a> {
        let [_, depth, columns] = self.size;
        Strided::new(&values[at..], [depth, columns], self.matrices[1])
    }

    /// `target ← left · right` for a target with these strides.
    fn write(
        target: &mut [f32],
        [rows, columns]: [usize; 2],
        [row, column]: [usize; 2],
        left: Strided<'_>,
        right: Strided<'_>,
    ) {
        if column == 1 || columns == 1 {
            multiply(&mut StridedMut::new(target, [rows, columns], row), left, right, 1.0);
        } else {
            // The transpose of the product is the product of the transposes the other way round.
            let mut target = StridedMut::new(target, [columns, rows], column);
            multiply(&mut target, right.transposed(), left.transposed(), 1.0);
        }
    }
}

impl Step for Product {
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record) {
        let [left, right] = super::binary::both(inputs);
        let [rows, _, columns] = self.size;
        let mut result = context.pool.take(self.len);
        self.each(|at_left, at_right, at| {
            let mut product = StridedMut::rows(&mut result[at..at + rows * columns], columns);
            multiply(&mut product, self.left(&left, at_left), self.right(&right, at_right), 1.0);
        });
        let record = if context.recording {
            Record::Kept(vec![Some(left), Some(right)])
        } else {
            context.release_all([left, right]);
            Record::Nothing
        };
        (vec![result.into()], record)
    }

    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>> {
        let gradient = only(gradients);
        let [Some(left), Some(right)] = record.kept() else { mismatch("what was multiplied", "nothing") };
        let [rows, depth, columns] = self.size;
        let of = |at: usize| Strided::rows(&gradient[at..at + rows * columns], columns);
        let mut results = vec![None, None];
        for (input, result) in results.iter_mut().enumerate().filter(|(input, _)| self.varies[*input]) {
            let (size, strides) = ([[rows, depth], [depth, columns]][input], self.matrices[input]);
            let mut target = context.pool.take(self.sizes[input]);
            let product = |target: &mut [f32], strides: [usize; 2], at_left: usize, at_right: usize, at: usize| {
                if input == 0 {
                    Self::write(target, size, strides, of(at), self.right(&right, at_right).transposed());
                } else {
                    Self::write(target, size, strides, self.left(&left, at_left).transposed(), of(at));
                }
            };
            if self.repeats(input) {
                target.fill(0.0);
                let mut one = context.pool.take(size[0] * size[1]);
                self.each(|at_left, at_right, at| {
                    product(&mut one, [size[1], 1], at_left, at_right, at);
                    let to = if input == 0 { at_left } else { at_right };
                    for (row, values) in one.chunks_exact(size[1]).enumerate() {
                        for (column, value) in values.iter().enumerate() {
                            target[to + row * strides[0] + column * strides[1]] += value;
                        }
                    }
                });
                context.pool.put(one);
            } else {
                self.each(|at_left, at_right, at| {
                    let to = if input == 0 { at_left } else { at_right };
                    product(&mut target[to..], strides, at_left, at_right, at);
                });
            }
            *result = Some(target);
        }
        context.pool.put(gradient);
        context.release_all([left, right]);
        results
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{
        Op,
        tests::{check, forward, numbers, refusal},
    };

    #[test]
    fn gradients_of_products_of_any_shapes() {
        for [left, right] in [
            [[3, 4].as_slice(), [4, 2].as_slice()],
            [&[1, 3, 4], &[4, 2]],
            [&[2, 3, 4], &[2, 4, 2]],
            [&[2, 1, 3, 4], &[5, 4, 2]],
            [&[3, 4], &[2, 4, 1]],
            [&[1, 4], &[4, 1]],
            [&[4], &[4, 2]],
            [&[3, 4], &[4]],
            [&[4], &[4]],
            [&[2, 3, 4], &[4]],
            [&[4], &[2, 4, 3]],
            [&[2, 2, 1, 4], &[2, 2, 4, 1]],
        ] {
            check(&Op::MatMul, &[left, right]);
        }
    }

    #[test]
    fn a_product_is_of_rows_and_columns() {
        let result = forward(&Op::MatMul, &[&[2, 2], &[2, 3]], &[vec![1.0, 2.0, 3.0, 4.0], numbers(6)]);
        assert_eq!(result, [6.0, 9.0, 12.0, 12.0, 19.0, 26.0]);
        assert!(refusal(&Op::MatMul, &[&[2, 3], &[2, 3]]).contains("[2, 3] and [2, 3]"));
        assert!(refusal(&Op::MatMul, &[&[2, 3, 4], &[3, 4, 2]]).contains("[2, 3, 4] and [3, 4, 2]"));
        assert!(refusal(&Op::MatMul, &[&[], &[3]]).contains("[] and [3]"));
    }

    #[test]
    fn a_general_product_is_scaled_turned_and_shifted() {
        for transpose_left in [false, true] {
            for transpose_right in [false, true] {
                let op = Op::Gemm { alpha: 0.5, beta: 2.0, transpose_left, transpose_right };
                let left = if transpose_left { [4, 3] } else { [3, 4] };
                let right = if transpose_right { [2, 4] } else { [4, 2] };
                check(&op, &[&left, &right]);
                for bias in [[2].as_slice(), &[3, 1], &[1]] {
                    check(&op, &[&left, &right, bias]);
                }
                refusal(&op, &[&left, &[5, 7]]);
                refusal(&op, &[&left, &right, &[3]]);
                refusal(&op, &[&left, &right, &[2, 3, 2]]);
            }
        }
        let op = Op::Gemm { alpha: 2.0, beta: 0.5, transpose_left: false, transpose_right: true };
        let result = forward(&op, &[&[1, 2], &[2, 2], &[2]], &[vec![1.0, 2.0], numbers(4), vec![2.0, 4.0]]);
        assert_eq!(result, [5.0, 18.0]);
    }
}
