//! Values picked along every axis by their places: slices, gathered, repeated and padded tensors.

use candle_core::{Result, Tensor};

use super::step::{Map, Operand, Target, fault, gathered, lifted};
use crate::{
    candle::network::Saved,
    graph::{
        op::{PadMode, Span},
        ops::picked::padded_place,
    },
};

/// The values at some places along an axis.
#[derive(Debug)]
pub(super) struct Picks {
    /// Behind that of the samples.
    axis: usize,
    /// Values along it in the input.
    len: usize,
    which: Which,
}

#[derive(Debug)]
enum Which {
    /// So many from one on.
    Run { start: usize, len: usize },
    /// Those.
    Places(Tensor),
}

/// Picks along an axis of `len` values.
pub(super) fn along(axis: usize, places: &[usize], len: usize, target: &Target) -> Result<Picks> {
    let is_run = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let which = match places.first() {
        Some(&start) if is_run => Which::Run { start, len: places.len() },
        Some(_) => Which::Places(target.places(places.iter().copied())?),
        None => return Err(fault("nothing is picked")),
    };
    Ok(Picks { axis: axis + 1, len, which })
}

impl Picks {
    pub fn pick(&self, x: &Tensor) -> Result<Tensor> {
        match &self.which {
            Which::Run { start, len } => x.narrow(self.axis, *start, *len)?.contiguous(),
            Which::Places(places) => x.contiguous()?.index_select(places, self.axis),
        }
    }

    /// The gradient with respect to what was picked of.
    pub fn put_back(&self, gradient: &Tensor) -> Result<Tensor> {
        match &self.which {
            Which::Run { start, len } => gradient.pad_with_zeros(self.axis, *start, self.len - start - len),
            Which::Places(places) => {
                let mut dims = gradient.dims().to_vec();
                dims[self.axis] = self.len;
                let zeros = Tensor::zeros(dims, gradient.dtype(), gradient.device())?;
                zeros.index_add(places, &gradient.contiguous()?, self.axis)
            }
        }
    }
}

/// Along some axes.
#[derive(Debug)]
pub(super) struct Picked(Vec<Picks>);

impl Picked {
    pub fn slice(spans: &[Span], operand: Operand<'_>, target: &Target) -> Result<Self> {
        Self::of(operand.shape, target, |axis| {
            let Span { start, step, len } = spans[axis];
            (0..len).filter_map(|index| start.checked_add_signed(index as isize * step)).collect()
        })
    }

    pub fn gather(along: usize, indices: &[usize], operand: Operand<'_>, target: &Target) -> Result<Self> {
        Self::of(operand.shape, target, |axis| {
            if axis == along { indices.to_vec() } else { (0..operand.shape[axis]).collect() }
        })
    }

    pub fn tile(operand: Operand<'_>, result: &[usize], target: &Target) -> Result<Self> {
        Self::of(operand.shape, target, |axis| (0..result[axis]).map(|index| index % operand.shape[axis]).collect())
    }

    /// With values of the tensor itself around it.
    pub fn pad(
        before: &[isize],
        mode: PadMode,
        operand: Operand<'_>,
        result: &[usize],
        target: &Target,
    ) -> Result<Self> {
        Self::of(operand.shape, target, |axis| {
            (0..result[axis]).filter_map(|index| padded_place(mode, operand.shape[axis], index, before[axis])).collect()
        })
    }

    fn of(shape: &[usize], target: &Target, places: impl Fn(usize) -> Vec<usize>) -> Result<Self> {
        let mut picks = Vec::new();
        for (axis, len) in shape.iter().enumerate() {
            let places = places(axis);
            if !places.iter().copied().eq(0..*len) {
                picks.push(along(axis, &places, *len, target)?);
            }
        }
        Ok(Self(picks))
    }
}

impl Map for Picked {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        self.0.iter().try_fold(x.clone(), |x, picks| picks.pick(&x))
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        self.0.iter().rev().try_fold(gradient.clone(), |gradient, picks| picks.put_back(&gradient))
    }
}

/// With a number around it.
#[derive(Debug)]
pub(super) struct Surrounded {
    /// One an axis; below 0 they take away.
    before: Vec<isize>,
    after: Vec<isize>,
    number: f32,
}

impl Surrounded {
    pub fn new(before: &[isize], after: &[isize], number: f32) -> Self {
        Self { before: before.to_vec(), after: after.to_vec(), number }
    }

    /// The axes behind that of the samples, and what comes before and after each.
    fn axes(&self) -> impl DoubleEndedIterator<Item = (usize, isize, isize)> {
        let ends = self.before.iter().zip(&self.after).enumerate();
        ends.map(|(axis, (before, after))| (axis + 1, *before, *after)).collect::<Vec<_>>().into_iter()
    }
}

/// With so many more of a number before and after an axis, or so many values less.
pub(super) fn surrounded(x: &Tensor, axis: usize, [before, after]: [isize; 2], number: f32) -> Result<Tensor> {
    let cut = |more: isize| more.min(0).unsigned_abs();
    let kept = x.dim(axis)?.checked_sub(cut(before) + cut(after)).ok_or_else(|| fault("nothing is left"))?;
    let kept = x.narrow(axis, cut(before), kept)?;
    let (before, after) = (before.max(0).unsigned_abs(), after.max(0).unsigned_abs());
    if number == 0.0 {
        return kept.pad_with_zeros(axis, before, after)?.contiguous();
    }
    // None where nothing is around it: a card cannot fill nothing.
    let filled = |len: usize| {
        let mut dims = kept.dims().to_vec();
        dims[axis] = len;
        (len > 0).then(|| Tensor::full(number, dims, x.device())?.to_dtype(x.dtype())).transpose()
    };
    let parts: Vec<Tensor> = filled(before)?.into_iter().chain([kept.clone()]).chain(filled(after)?).collect();
    Tensor::cat(&parts, axis)?.contiguous()
}

impl Map for Surrounded {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        self.axes().try_fold(x.clone(), |x, (axis, before, after)| surrounded(&x, axis, [before, after], self.number))
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        let axes = self.axes().rev();
        axes.into_iter().try_fold(gradient.clone(), |gradient, (axis, before, after)| {
            surrounded(&gradient, axis, [-before, -after], 0.0)
        })
    }
}

/// Broadcast to a shape.
#[derive(Debug)]
pub(super) struct Expanded {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Expanded {
    pub fn new(operand: Operand<'_>, result: &[usize]) -> Self {
        Self { from: operand.shape.to_vec(), to: result.to_vec() }
    }
}

impl Map for Expanded {
    fn forward(&self, x: &Tensor, _: &mut Saved<'_>) -> Result<Tensor> {
        let whole = [&[x.dim(0)?], &*self.to].concat();
        lifted(x, &self.from, self.to.len())?.broadcast_as(whole)?.contiguous()
    }

    fn backward(&self, gradient: &Tensor, _: &mut Vec<Tensor>) -> Result<Tensor> {
        gathered(gradient, &self.from)
    }
}
