//! What a plan is made of: operations with their weights packed, for shapes and layouts that are known.

use std::{fmt, sync::Arc};

use super::{
    builder::Constant,
    layout::{Form, Layout},
};
use crate::{
    buffer::{Buffer, BufferPool},
    kernels::derivative::Derivative,
    tape::Tape,
};

/// Values that several steps may take; who has the only handle may change them.
pub(super) type Shared = Arc<Buffer>;

/// An input of a step, as it is before the step says how it wants it.
#[derive(Debug, Clone)]
pub(super) struct Port {
    pub form: Form,
    /// Row after row, for one that does not depend on the graph's input.
    pub constant: Option<Constant>,
}

impl Port {
    /// Whether its gradient is wanted.
    pub fn varies(&self) -> bool {
        self.constant.is_none()
    }

    pub fn shape(&self) -> &[usize] {
        &self.form.shape
    }

    /// Row after row; empty for one that depends on the input.
    pub fn values(&self) -> &[f32] {
        self.constant.as_ref().map_or(&[], |values| values.as_slice())
    }
}

/// An operation for inputs that are known.
pub(super) struct Compiled {
    /// The layout in which it wants each input; none for a constant that it has taken in.
    pub wanted: Vec<Option<Layout>>,
    /// The layout of each result.
    pub outputs: Vec<Layout>,
    pub work: Work,
}

/// What is done.
pub(super) enum Work {
    /// The only result is the first input's values, as they lie.
    Relabel,
    /// Something.
    Step(Box<dyn Step>),
}

impl Compiled {
    /// A step with one result.
    pub fn step(wanted: Vec<Option<Layout>>, output: Layout, step: impl Step + 'static) -> Self {
        Self { wanted, outputs: vec![output], work: Work::Step(Box::new(step)) }
    }
}

/// One operation on one sample.
pub(super) trait Step: fmt::Debug + Send + Sync {
    /// The results, and what backward needs. Inputs that it has taken in are empty.
    fn forward(&self, inputs: Vec<Shared>, context: &mut Context) -> (Vec<Shared>, Record);

    /// Of every input its gradient, in the layout in which the input was wanted; `None` for those that have none. A
    /// result that nobody takes has no gradient; at least one has.
    fn backward(&self, gradients: Vec<Option<Buffer>>, record: Record, context: &mut Context) -> Vec<Option<Buffer>>;
}

/// What all steps of a run share.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub pool: BufferPool,
    /// Whether a backward follows.
    pub recording: bool,
}

impl Context {
    /// The values to change: the handle's own if it is the only one, else a copy.
    pub fn own(&mut self, shared: Shared) -> Buffer {
        Arc::try_unwrap(shared).unwrap_or_else(|shared| self.copy(&shared))
    }

    /// The same values anew.
    pub fn copy(&mut self, values: &[f32]) -> Buffer {
        let mut copy = self.pool.take(values.len());
        copy.copy_from_slice(values);
        copy
    }

    /// So many zeros.
    pub fn zeros(&mut self, len: usize) -> Buffer {
        let mut zeros = self.pool.take(len);
        zeros.fill(0.0);
        zeros
    }

    /// Gives a handle back, and the values if it was the last one.
    pub fn release(&mut self, shared: Shared) {
        if let Ok(values) = Arc::try_unwrap(shared) {
            self.pool.put(values);
        }
    }

    pub fn release_all(&mut self, shared: impl IntoIterator<Item = Shared>) {
        shared.into_iter().for_each(|shared| self.release(shared));
    }

    /// Does something with a tape of its own that has this context's pool.
    pub fn with_tape<T>(&mut self, mut tape: Tape, work: impl FnOnce(&mut Tape) -> T) -> (T, Tape) {
        std::mem::swap(&mut tape.pool, &mut self.pool);
        let result = work(&mut tape);
        std::mem::swap(&mut tape.pool, &mut self.pool);
        (result, tape)
    }

    /// Gives back what a forward has left for a backward that does not come.
    pub fn drop_record(&mut self, record: Record) {
        match record {
            Record::Nothing => {}
            Record::Values(values) => values.into_iter().for_each(|values| self.pool.put(values)),
            Record::Kept(shared) => self.release_all(shared.into_iter().flatten()),
            Record::Tape(tape) => {
                self.with_tape(*tape, |tape| tape.begin(false));
            }
            Record::Derivative(derivative) => {
                self.with_tape(Tape::default(), |tape| tape.recycle_derivative(Some(derivative)));
            }
        }
    }
}

/// What a step's backward needs of its forward.
#[derive(Debug)]
pub(super) enum Record {
    /// Nothing.
    Nothing,
    /// Numbers of its own.
    Values(Vec<Buffer>),
    /// Inputs and results, as far as they are needed.
    Kept(Vec<Option<Shared>>),
    /// What layers have left.
    Tape(Box<Tape>),
    /// The derivative of an activation.
    Derivative(Derivative),
}

impl Record {
    fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Values(_) => "values",
            Self::Kept(_) => "kept tensors",
            Self::Tape(_) => "a tape",
            Self::Derivative(_) => "a derivative",
        }
    }

    /// What [`Record::Values`] has.
    pub fn values<const N: usize>(self) -> [Buffer; N] {
        match self {
            Self::Values(values) => values.try_into().unwrap_or_else(|_| mismatch("other values", "values")),
            other => mismatch("values", other.name()),
        }
    }

    /// What [`Record::Kept`] has.
    pub fn kept<const N: usize>(self) -> [Option<Shared>; N] {
        match self {
            Self::Kept(kept) => kept.try_into().unwrap_or_else(|_| mismatch("other tensors", "kept tensors")),
            other => mismatch("kept tensors", other.name()),
        }
    }

    /// The only tensor of [`Record::Kept`].
    pub fn tensor(self) -> Shared {
        let [kept] = self.kept();
        kept.unwrap_or_else(|| mismatch("a tensor", "none"))
    }

    /// What [`Record::Tape`] has.
    pub fn tape(self) -> Tape {
        match self {
            Self::Tape(tape) => *tape,
            other => mismatch("a tape", other.name()),
        }
    }

    /// What [`Record::Derivative`] has.
    pub fn derivative(self) -> Derivative {
        match self {
            Self::Derivative(derivative) => derivative,
            other => mismatch("a derivative", other.name()),
        }
    }
}

/// Stops the thread: this is not the backward of the forward that was recorded.
#[cold]
pub(super) fn mismatch(wanted: &str, found: &str) -> ! {
    unreachable!("a backward looks for {wanted} of its forward, and finds {found}")
}

/// The gradient of the first of so many inputs; the others have none.
pub(super) fn first_of(inputs: usize, gradient: Buffer) -> Vec<Option<Buffer>> {
    let mut gradients = vec![Some(gradient)];
    gradients.resize_with(inputs, || None);
    gradients
}

/// The gradient of a step's only result.
pub(super) fn only(gradients: Vec<Option<Buffer>>) -> Buffer {
    match <[Option<Buffer>; 1]>::try_from(gradients) {
        Ok([Some(gradient)]) => gradient,
        _ => mismatch("one gradient", "none or several"),
    }
}
