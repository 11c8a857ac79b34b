//! Products of matrices.

use candle_core::{Result, Tensor};

use super::step::{Map, Operand, Step, Target, fault, gathered, lifted, only, shaped, taken};
use crate::candle::network::{Saved, save, take};

/// Of two tensors, either of which may be constant.
#[derive(Debug)]
pub(super) struct Product {
    /// Of the graph, without the samples: a single axis has become a row on the left, a column on the right.
    shapes: [Vec<usize>; 2],
    /// As they were.
    given: [Vec<usize>; 2],
    varies: [bool; 2],
    /// Axes of the product of matrices.
    rank: usize,
    /// Of the result as the graph has it.
    result: Vec<usize>,
    /// Of the product of matrices.
    whole: Vec<usize>,
}

impl Product {
    pub fn new(operands: &[Operand<'_>], result: &[usize]) -> Self {
        let given = [0, 1].map(|input| operands[input].shape.to_vec());
        let shapes = [0, 1].map(|input| match *given[input] {
            [len] if input == 0 => vec![1, len],
            [len] => vec![len, 1],
            ref shape => shape.to_vec(),
        });
        let rank = shapes[0].len().max(shapes[1].len());
        let mut whole = result.to_vec();
        if given[0].len() == 1 {
            whole.insert(whole.len() - usize::from(given[1].len() > 1), 1);
        }
        if given[1].len() == 1 {
            whole.push(1);
        }
        let varies = [0, 1].map(|input| operands[input].varies());
        Self { shapes, given, varies, rank, result: result.to_vec(), whole }
    }

    fn operand(&self, input: usize, x: &Tensor) -> Result<Tensor> {
        lifted(&x.contiguous()?, &self.shapes[input], self.rank)
    }
}

/// A product of matrices whose other axes are broadcast. Of a single matrix on the right, it is one product.
fn multiply(left: &Tensor, right: &Tensor) -> Result<Tensor> {
    let rank = right.rank();
    let ([rows, depth], columns) = ([left.dim(rank - 2)?, left.dim(rank - 1)?], right.dim(rank - 1)?);
    let mut dims = left.dims().to_vec();
    dims[rank - 1] = columns;
    if right.elem_count() == depth * columns {
        let flat = left.contiguous()?.reshape((left.elem_count() / depth, depth))?;
        return flat.matmul(&right.reshape((depth, columns))?)?.reshape(dims);
    }
    for (len, other) in dims.iter_mut().zip(right.dims()).take(rank - 2) {
        *len = (*len).max(*other);
    }
    // One axis of matrices: Candle multiplies no more than two.
    let matrices = dims[..rank - 2].iter().product::<usize>();
    let flat = |x: &Tensor, size: [usize; 2]| {
        let whole = x.broadcast_as([&dims[..rank - 2], &size[..]].concat())?;
        whole.contiguous()?.reshape((matrices, size[0], size[1]))
    };
    flat(left, [rows, depth])?.matmul(&flat(right, [depth, columns])?)?.reshape(dims)
}

impl Step for Product {
    fn forward(&self, inputs: &[Tensor], saved: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let [left, right] = taken(inputs)?;
        let (left, right) = (self.operand(0, left)?, self.operand(1, right)?);
        let product = multiply(&left, &right)?;
        save(saved, || Ok(left))?;
        save(saved, || Ok(right))?;
        Ok(vec![shaped(&product, &self.result)?])
    }

    fn backward(&self, gradients: &[Option<Tensor>], saved: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        let (right, left) = (take(saved)?, take(saved)?);
        let gradient = shaped(&only(gradients)?.contiguous()?, &self.whole)?;
        let turned = |x: &Tensor| x.transpose(self.rank - 1, self.rank)?.contiguous();
        let to = |input: usize, sent: Tensor| {
            // Matrices that were in several products have the gradients of all.
            shaped(&gathered(&sent, &self.shapes[input])?, &self.given[input])
        };
        let [of_left, of_right] = self.varies;
        let of_left = of_left.then(|| to(0, multiply(&gradient, &turned(&right)?)?)).transpose()?;
        let of_right = of_right.then(|| to(1, multiply(&turned(&left)?, &gradient)?)).transpose()?;
        Ok(vec![of_left, of_right])
    }
}

/// With constant weights and a bias.
#[derive(Debug)]
pub(super) struct Linear {
    /// `[inputs, outputs]`.
    forward: Tensor,
    /// `[outputs, inputs]`.
    backward: Tensor,
    /// `[1, outputs]`.
    bias: Option<Tensor>,
}

impl Linear {
    pub fn new(
        [alpha, beta]: [f32; 2],
        transpose_right: bool,
        operands: &[Operand<'_>],
        target: &Target,
    ) -> Result<Self> {
        let scaled = |values: &[f32], factor: f32| -> Vec<f32> { values.iter().map(|value| value * factor).collect() };
        let given = target.place(&scaled(operands[1].values(), alpha), operands[1].shape)?;
        let turned = given.t()?.contiguous()?;
        let (forward, backward) = if transpose_right { (turned, given) } else { (given, turned) };
        let bias = operands.get(2).map(|bias| target.place(&scaled(bias.values(), beta), &[1, bias.values().len()]));
        Ok(Self { forward, backward, bias: bias.transpose()? })
    }
}

/// The last axis, multiplied with a matrix.
fn last(x: &Tensor, matrix: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (depth, columns) = matrix.dims2()?;
    let mut dims = x.dims().to_vec();
    let rows = x.elem_count().checked_div(depth).ok_or_else(|| fault("a matrix without rows"))?;
    if let Some(len) = dims.last_mut() {
        *len = columns;
    }
    let product = x.contiguous()?.reshape((rows, depth))?.matmul(matrix)?;
    match bias {
        Some(bias) => product.broadcast_add(bias)?.reshape(dims),
        None => product.reshape(dims),
    }
}

impl Map for Linear {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        last(x, &self.forward, self.bias.as_ref())
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        last(gradient, &self.backward, None)
    }
}
