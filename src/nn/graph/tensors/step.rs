//! What a graph on tensors is made of, and what its operations have in common.

use std::fmt;

use candle_core::{DType, Device, Result, Tensor};

use crate::candle::network::{Saved, place};

/// One operation on a batch.
///
/// Tensors are `[n, the value's shape]`: samples lie along an axis of their own, which is the first, and axes of the graph are
/// one further. What the graph calls a batch, 1 long, stays an axis like any other. So no operation needs to know which of
/// its axes are samples, and a shape that a file has written down with its 1 is right for every number of samples.
/// Constants are of a single sample, which stands for all.
pub(super) trait Step: fmt::Debug + Send + Sync {
    /// The results. What backward needs is left on `saved`. Parameters were taken in, and are not among the inputs.
    fn forward(&self, inputs: &[Tensor], saved: &mut Saved<'_>) -> Result<Vec<Tensor>>;

    /// Of every input its gradient; `None` for those that have none. A result that nobody takes has no gradient; at least
    /// one has.
    fn backward(&self, gradients: &[Option<Tensor>], saved: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>>;
}

/// An operation from one tensor to another.
pub(super) trait Map: fmt::Debug + Send + Sync {
    /// The result. What backward needs is left on `saved`.
    fn forward(&self, x: &Tensor, saved: &mut Saved<'_>) -> Result<Tensor>;

    /// The gradient with respect to the input.
    fn backward(&self, gradient: &Tensor, saved: &mut Vec<Tensor>) -> Result<Tensor>;
}

impl<M: Map> Step for M {
    fn forward(&self, inputs: &[Tensor], saved: &mut Saved<'_>) -> Result<Vec<Tensor>> {
        let [x] = taken(inputs)?;
        Ok(vec![Map::forward(self, x, saved)?])
    }

    fn backward(&self, gradients: &[Option<Tensor>], saved: &mut Vec<Tensor>) -> Result<Vec<Option<Tensor>>> {
        Ok(vec![Some(Map::backward(self, only(gradients)?, saved)?)])
    }
}

/// An input of an operation as it is made ready.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand<'a> {
    /// In the graph, without the samples.
    pub shape: &'a [usize],
    /// Row after row, for one that does not depend on the graph's input.
    pub constant: Option<&'a [f32]>,
}

impl Operand<'_> {
    /// Whether its gradient is wanted.
    pub fn varies(&self) -> bool {
        self.constant.is_none()
    }

    /// Row after row; empty for one that depends on the input.
    pub fn values(&self) -> &[f32] {
        self.constant.unwrap_or_default()
    }
}

/// Why a step was not made.
#[derive(Debug)]
pub(super) enum Unmade {
    /// The operation cannot be said on tensors.
    Refused(String),
    /// The device failed.
    Device(candle_core::Error),
}

/// A step, or what one is made of.
pub(super) type Made<T> = std::result::Result<T, Unmade>;

impl From<candle_core::Error> for Unmade {
    fn from(error: candle_core::Error) -> Self {
        Self::Device(error)
    }
}

/// Where tensors are, and what numbers they have.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub device: Device,
    pub dtype: DType,
}

impl Target {
    /// Values as a tensor there.
    pub fn place(&self, values: &[f32], shape: &[usize]) -> Result<Tensor> {
        place(values, shape, &self.device, self.dtype)
    }

    /// The same in single precision, for what is computed in it.
    pub fn place_single(&self, values: &[f32], shape: &[usize]) -> Result<Tensor> {
        place(values, shape, &self.device, DType::F32)
    }

    /// Places along an axis as a tensor there.
    pub fn places(&self, places: impl IntoIterator<Item = usize>) -> Result<Tensor> {
        let places: Vec<u32> = places.into_iter().map(|place| place as u32).collect();
        Tensor::new(places.as_slice(), &self.device)
    }
}

/// So many inputs, or gradients.
pub(super) fn taken<T, const N: usize>(given: &[T]) -> Result<[&T; N]> {
    let given: Vec<&T> = given.iter().collect();
    let count = given.len();
    given.try_into().map_err(|_| fault(&format!("{count} tensors where {N} are taken")))
}

/// The gradient of a step's only result.
pub(super) fn only(gradients: &[Option<Tensor>]) -> Result<&Tensor> {
    match gradients {
        [Some(gradient)] => Ok(gradient),
        _ => Err(fault("no gradient where one is taken")),
    }
}

/// Steps that do not belong together.
pub(super) fn fault(what: &str) -> candle_core::Error {
    candle_core::Error::Msg(what.to_owned())
}

/// The same values, `[n, shape]`.
pub(super) fn shaped(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    x.reshape([&[x.dim(0)?], shape].concat())
}

/// The same values with as many axes as a result of so many, so that they broadcast to it as the graph's shapes do.
pub(super) fn lifted(x: &Tensor, shape: &[usize], rank: usize) -> Result<Tensor> {
    shaped(x, &[&vec![1; rank - shape.len()], shape].concat())
}

/// The gradient of what was broadcast from `shape`: a sum over the axes along which it was repeated, taken in single
/// precision.
pub(super) fn gathered(gradient: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let missing = gradient.rank() - 1 - shape.len();
    let is_repeated = |axis: &usize| {
        let len = (axis - 1).checked_sub(missing).map_or(1, |axis| shape[axis]);
        len == 1 && gradient.dims()[*axis] > 1
    };
    let axes: Vec<usize> = (1..gradient.rank()).filter(is_repeated).collect();
    if axes.is_empty() {
        return shaped(gradient, shape);
    }
    shaped(&gradient.to_dtype(DType::F32)?.sum_keepdim(axes)?.to_dtype(gradient.dtype())?, shape)
}

/// A comparison's result as numbers.
pub(super) fn mask(holds: Tensor, dtype: DType) -> Result<Tensor> {
    holds.to_dtype(dtype)
}

/// A matrix that every row of values along an axis is multiplied with.
#[derive(Debug)]
pub(super) struct Matrix {
    axis: usize,
    /// `[to, from]`.
    forward: Tensor,
    /// `[from, to]`.
    backward: Tensor,
}

/// Numbers of a matrix at most: 256 MiB.
const MOST_SHARES: usize = 1 << 26;

impl Matrix {
    /// From `from` places along an axis to some others: of each of these, the places that it is a sum of and their shares.
    ///
    /// # Errors
    /// As for [`Matrix::check`]; or the device failed.
    pub fn new(axis: usize, from: usize, to: &[Vec<(usize, f32)>], dtype: DType, device: &Device) -> Made<Self> {
        let rows = to.len();
        let mut shares = vec![0.0; Self::check(from, rows)?];
        for (row, terms) in shares.chunks_exact_mut(from).zip(to) {
            terms.iter().for_each(|(place, share)| row[*place] += share);
        }
        let forward = place(&shares, &[rows, from], device, dtype)?;
        let backward = forward.t()?.contiguous()?;
        Ok(Self { axis, forward, backward })
    }

    /// How many numbers a matrix from so many places to so many has.
    ///
    /// # Errors
    /// They are not to be held in memory.
    pub fn check(from: usize, to: usize) -> Made<usize> {
        let count = from.checked_mul(to).filter(|count| *count <= MOST_SHARES);
        count.ok_or_else(|| Unmade::Refused(format!("on tensors it takes a matrix of {to} × {from} numbers")))
    }

    /// Of every row its product.
    pub fn apply(&self, x: &Tensor) -> Result<Tensor> {
        product(&self.forward, x, self.axis + 1)
    }

    /// The gradient with respect to what it was applied to.
    pub fn transposed(&self, gradient: &Tensor) -> Result<Tensor> {
        product(&self.backward, gradient, self.axis + 1)
    }
}

fn product(matrix: &Tensor, x: &Tensor, axis: usize) -> Result<Tensor> {
    let (to, from) = matrix.dims2()?;
    let mut dims = x.dims().to_vec();
    let (outer, inner): (usize, usize) = (dims[..axis].iter().product(), dims[axis + 1..].iter().product());
    let product = if inner == 1 {
        x.contiguous()?.reshape((outer, from))?.matmul(&matrix.t()?)?
    } else {
        // Read again for every row, not copied.
        matrix.broadcast_as((outer, to, from))?.matmul(&x.contiguous()?.reshape((outer, from, inner))?)?
    };
    dims[axis] = to;
    product.reshape(dims)
}
