//! What forward leaves for backward: one entry a layer, of the type that the layer's backward takes off again.
//!
//! A layer's entry also has the derivative of its activation. That is the exception: the backward of the layer *after*
//! takes it, and multiplies with it while the gradient is in its registers or in cache.
//!
//! A backward that does not fit the forward before it would make a wrong gradient, which looks like any other. So
//! every entry says what it is, and taking one for another stops the thread.

use super::{
    buffer::{Buffer, BufferPool},
    kernels::derivative::Derivative,
    rule::Rule,
};

/// What a layer's backward needs of its forward.
#[derive(Debug)]
pub(crate) enum Saved {
    /// Of no layer: here a network or a way through a block begins. What lies below it is another's.
    Start,
    /// The gradient needs nothing.
    Nothing,
    /// Height, width and channels of the input.
    Shape([usize; 3]),
    /// Channels of every branch's result.
    Branches(Vec<usize>),
    /// The shape of the input, and one byte a value: which of its window was the largest.
    Winners([usize; 3], Buffer<u8>),
    /// Numbers for the layer's own gradient.
    Values(Buffer),
    /// Two kinds of them.
    Pair([Buffer; 2]),
    /// The shape of the input, and the derivatives within a fused block.
    Fused([usize; 3], [Option<Derivative>; 2]),
}

impl Saved {
    fn name(&self) -> &'static str {
        match self {
            Self::Start => "the start of a network",
            Self::Nothing => "nothing",
            Self::Shape(_) => "a shape",
            Self::Branches(_) => "branches",
            Self::Winners(..) => "a max pool's winners",
            Self::Values(_) => "values",
            Self::Pair(_) => "two kinds of values",
            Self::Fused(..) => "a fused block's derivatives",
        }
    }
}

#[derive(Debug)]
struct Entry {
    saved: Saved,
    /// Of the layer's activation, until the backward of the layer after it takes it.
    derivative: Option<Derivative>,
}

/// The state of one thread: a stack of what forward saved, and a pool of buffers.
///
/// Use one a thread, for one sample after the other.
#[derive(Debug, Default)]
pub struct Tape {
    recording: bool,
    rule: Rule,
    entries: Vec<Entry>,
    /// What backward has seen of attention, the last layer first, if somebody watches it.
    pub watched: Option<Vec<AttentionSeen>>,
    /// Where maps and what is saved get their storage from.
    pub pool: BufferPool,
}

/// What a layer of self-attention did, and where the gradient would have it do otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionSeen {
    /// Heads.
    pub heads: usize,
    /// Tokens.
    pub tokens: usize,
    /// How much of each token every token gathers, after the softmax: `[heads, tokens, tokens]`.
    pub shares: Vec<f32>,
    /// The gradient with respect to them.
    pub gradient: Vec<f32>,
}

impl Tape {
    /// Begins a forward that a backward follows, or (`recording` false) one that saves nothing.
    pub fn begin(&mut self, recording: bool) {
        self.begin_by(Rule::Gradient, recording);
    }

    /// The same, for a backward by another rule than the gradient's; [`Rule::Excitation`] has another pass.
    pub fn begin_by(&mut self, rule: Rule, recording: bool) {
        (self.rule, self.recording) = (rule, recording);
        while let Some(Entry { saved, derivative }) = self.entries.pop() {
            self.recycle(saved);
            self.recycle_derivative(derivative);
        }
    }

    /// Whether a backward follows.
    pub fn is_recording(&self) -> bool {
        self.recording
    }

    /// How the backward that follows goes back.
    pub(crate) fn rule(&self) -> Rule {
        self.rule
    }

    /// Whether backward took off everything that forward left.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Leaves the entry of a layer without an activation.
    pub(crate) fn push(&mut self, saved: Saved) {
        self.push_activated(saved, None);
    }

    /// Leaves the entry of a layer, with its activation's derivative if it has an activation.
    pub(crate) fn push_activated(&mut self, saved: Saved, derivative: Option<Derivative>) {
        if self.recording {
            self.entries.push(Entry { saved, derivative });
        } else {
            self.recycle(saved);
            self.recycle_derivative(derivative);
        }
    }

    /// The last entry, which is that of the layer whose backward runs.
    fn pop(&mut self) -> Saved {
        let Some(Entry { saved, derivative }) = self.entries.pop() else { mismatch("an entry", "no more") };
        assert!(derivative.is_none(), "the derivative of an activation was left out of the gradient");
        saved
    }

    /// What [`Saved::Start`] has left.
    pub(crate) fn pop_start(&mut self) {
        match self.pop() {
            Saved::Start => {}
            other => mismatch(Saved::Start.name(), other.name()),
        }
    }

    /// What [`Saved::Nothing`] has left.
    pub(crate) fn pop_nothing(&mut self) {
        match self.pop() {
            Saved::Nothing => {}
            other => mismatch(Saved::Nothing.name(), other.name()),
        }
    }

    /// What [`Saved::Shape`] has left.
    pub(crate) fn pop_shape(&mut self) -> [usize; 3] {
        match self.pop() {
            Saved::Shape(shape) => shape,
            other => mismatch("a shape", other.name()),
        }
    }

    /// What [`Saved::Branches`] has left.
    pub(crate) fn pop_branches(&mut self) -> Vec<usize> {
        match self.pop() {
            Saved::Branches(channels) => channels,
            other => mismatch("branches", other.name()),
        }
    }

    /// What [`Saved::Winners`] has left.
    pub(crate) fn pop_winners(&mut self) -> ([usize; 3], Buffer<u8>) {
        match self.pop() {
            Saved::Winners(shape, winners) => (shape, winners),
            other => mismatch("a max pool's winners", other.name()),
        }
    }

    /// What [`Saved::Values`] has left.
    pub(crate) fn pop_values(&mut self) -> Buffer {
        match self.pop() {
            Saved::Values(values) => values,
            other => mismatch("values", other.name()),
        }
    }

    /// What [`Saved::Pair`] has left.
    pub(crate) fn pop_pair(&mut self) -> [Buffer; 2] {
        match self.pop() {
            Saved::Pair(pair) => pair,
            other => mismatch("two kinds of values", other.name()),
        }
    }

    /// What [`Saved::Fused`] has left.
    pub(crate) fn pop_fused(&mut self) -> ([usize; 3], [Option<Derivative>; 2]) {
        match self.pop() {
            Saved::Fused(shape, derivatives) => (shape, derivatives),
            other => mismatch("a fused block's derivatives", other.name()),
        }
    }

    /// The derivative of the activation of the layer whose entry is the last one: to be multiplied into the gradient
    /// with respect to that layer's result. `None` if it has no activation, or is of another network.
    pub(crate) fn take_derivative(&mut self) -> Option<Derivative> {
        self.entries.last_mut()?.derivative.take()
    }

    pub(crate) fn recycle_derivative(&mut self, derivative: Option<Derivative>) {
        match derivative {
            None | Some(Derivative::Rectified { bits: None, .. }) => {}
            Some(Derivative::Bits { bits, .. } | Derivative::Rectified { bits: Some(bits), .. }) => {
                self.pool.put_bytes(bits);
            }
            Some(Derivative::Values { values, .. }) => self.pool.put(values),
        }
    }

    fn recycle(&mut self, saved: Saved) {
        match saved {
            Saved::Start | Saved::Nothing | Saved::Shape(_) | Saved::Branches(_) => {}
            Saved::Winners(_, winners) => self.pool.put_bytes(winners),
            Saved::Values(values) => self.pool.put(values),
            Saved::Pair(pair) => pair.into_iter().for_each(|values| self.pool.put(values)),
            Saved::Fused(_, derivatives) => derivatives.into_iter().for_each(|one| self.recycle_derivative(one)),
        }
    }
}

/// Stops the thread: this is not the backward of the forward that was recorded.
#[cold]
fn mismatch(wanted: &str, found: &str) -> ! {
    unreachable!("a backward looks for {wanted} of its forward on the tape, and finds {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Tape {
        let mut tape = Tape::default();
        tape.begin(true);
        tape
    }

    #[test]
    #[should_panic(expected = "looks for a shape of its forward on the tape, and finds values")]
    fn an_entry_is_never_taken_for_another() {
        let mut tape = recording();
        tape.push(Saved::Values(Buffer::default()));
        tape.pop_shape();
    }

    #[test]
    #[should_panic(expected = "finds no more")]
    fn an_entry_that_is_missing_is_no_default() {
        recording().pop_values();
    }

    #[test]
    #[should_panic(expected = "left out of the gradient")]
    fn a_derivative_is_never_left_out() {
        let mut tape = recording();
        let derivative = Derivative::Values { values: Buffer::default(), channels: 1 };
        tape.push_activated(Saved::Nothing, Some(derivative));
        tape.pop_nothing();
    }

    #[test]
    fn a_derivative_is_of_the_last_layer_and_of_no_other_network() {
        let mut tape = recording();
        let derivative = || Some(Derivative::Values { values: Buffer::default(), channels: 1 });
        tape.push_activated(Saved::Nothing, derivative());
        tape.push(Saved::Start);
        assert!(tape.take_derivative().is_none());
        tape.push_activated(Saved::Nothing, derivative());
        assert!(tape.take_derivative().is_some());
    }

    #[test]
    fn without_a_backward_nothing_is_kept() {
        let mut tape = Tape::default();
        tape.begin(false);
        let buffer = tape.pool.take(100);
        let place = buffer.as_ptr();
        tape.push(Saved::Values(buffer));
        assert!(tape.is_empty());
        assert_eq!(tape.pool.take(100).as_ptr(), place, "its storage is used again");
    }
}
